"""Files that people pass on to each other: read within limits, refused where they would do more than set values.

What a scenario, an organisation, a mapping or a saved ``config.yaml`` may say is values of keys, and which values a
sweep takes. It chooses no code to run, no folder to write to, and reads nothing of this machine's environment.
"""

import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from omegaconf._utils import get_yaml_loader  # numbers and duplicate keys as OmegaConf.load has them

from simulator.scenario.schema import ScenarioError

#: Bytes of a file of settings; the largest that the simulator writes has a tenth.
MOST_BYTES = 1 << 18
#: Values and keys that a file of settings may have once what it repeats by ``*`` stands everywhere.
MOST_NODES = 30_000
#: Bytes of an export.
MOST_EXPORTED = 1 << 31

#: All that a file may say of Hydra.
_HYDRA = "of Hydra a file may set hydra.mode and hydra.sweeper.params only"
_CODE = "_target_"
_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\$\{")
_PLAIN_REFERENCE = re.compile(r"\s*[\w.\[\]-]+\s*\}")


def refuse_irregular(file: Path, what: str, most_bytes: int = MOST_EXPORTED) -> None:
    """Refuse, before it is opened, what is no plain file (a folder, a pipe, a device), or is too large.

    ``what`` names it in the message. A file that is not there is left to whoever opens it.

    Raises
    ------
    ScenarioError
        One line.
    """
    try:
        about = file.stat()
    except (OSError, ValueError):
        return
    if not stat.S_ISREG(about.st_mode):
        kind = "a folder" if stat.S_ISDIR(about.st_mode) else "a device or a pipe"
        raise ScenarioError(f"{what} must name a file, got {str(file)!r}: {kind}")
    if about.st_size > most_bytes:
        raise ScenarioError(
            f"{what} must name a file of at most {most_bytes:,} bytes, got {str(file)!r}: {about.st_size:,}"
        )


def read_settings(file: Path) -> Any:
    """What a YAML file holds, as plain mappings, lists and values.

    Raises
    ------
    ScenarioError
        If it is no plain file, too large, no UTF-8 text, or has too many values once its aliases are followed.
    yaml.YAMLError, OSError
        If it is no YAML, or cannot be read.
    """
    refuse_irregular(file, "a scenario, a building block or --repeat", MOST_BYTES)
    try:
        with file.open(encoding="utf-8-sig") as stream:
            loader = get_yaml_loader()(stream)
            node = loader.get_single_node()
    except UnicodeDecodeError as fault:
        raise ScenarioError(f"{file} must be UTF-8 text") from fault
    if node is None:
        return {}
    if (size := _expanded(node, {})) > MOST_NODES:
        raise ScenarioError(
            f"{file} must have at most {MOST_NODES:,} keys and values once its aliases (*name) are followed, "
            f"got {size:,}"
        )
    return loader.construct_document(node)


def _expanded(node: yaml.Node, sizes: dict[int, int]) -> int:
    """How many nodes there are if each alias stands for a copy; ``sizes`` has those that are known, by identity."""
    if sizes.get(id(node)) == 0:
        raise RecursionError("an alias holds itself")
    if id(node) not in sizes:
        sizes[id(node)] = 0  # until it is known
        below = node.value if isinstance(node, yaml.CollectionNode) else ()
        pairs = (part for one in below for part in (one if isinstance(one, tuple) else (one,)))
        sizes[id(node)] = min(1 + sum(_expanded(part, sizes) for part in pairs), 10**12)
    return sizes[id(node)]


def refuse_more_than_values(settings: Any, file: Path, package: str = "") -> None:
    """Refuse settings of a file that would do more than set values.

    Parameters
    ----------
    settings : what the file holds.
    package : where Hydra would mount it.

    Raises
    ------
    ScenarioError
        One line naming the file and the key.
    """
    if "hydra" in package.split("."):
        raise ScenarioError(f"{file} must not be mounted at {package}: {_HYDRA}")
    for path, value in _leaves(settings):
        if _CODE in path:
            raise ScenarioError(f"{file} must not choose code to run, got the key {path}")
        if isinstance(value, str):
            _refuse_references(value, path, file)
    if not isinstance(settings, dict) or "hydra" not in settings:
        return
    for path, _ in _leaves(settings["hydra"], "hydra"):
        if path != "hydra.mode" and path != "hydra.sweeper.params" and not path.startswith("hydra.sweeper.params."):
            raise ScenarioError(f"{file} must not set {path}: {_HYDRA}")
        moved = path.removeprefix("hydra.sweeper.params.").lstrip("+~")
        if path.startswith("hydra.sweeper.params.") and re.match(r"hydra\b", moved):
            raise ScenarioError(f"{file} must not sweep over {moved}: {_HYDRA}")


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted path and value of everything that holds nothing below it, or is empty."""
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        yield from _leaves(value, f"{path}.{key}" if path else str(key))
    if not below:
        yield path, node


def _refuse_references(text: str, path: str, file: Path) -> None:
    """Refuse what a text refers to, unless it is one other setting: not the environment, and not a chain that grows."""
    found = [reference.end() for reference in _REFERENCE.finditer(text)]
    if len(found) > 1:
        raise ScenarioError(f"{file} must refer to one other setting in a text at most, got {len(found)} for {path}")
    if found and not _PLAIN_REFERENCE.match(text, found[0]):
        short = text if len(text) <= 80 else f"{text[:80]}..."
        raise ScenarioError(f"{file} must refer to other settings only, as in ${{run.seed}}, got {short!r} for {path}")
