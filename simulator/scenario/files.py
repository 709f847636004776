"""A scenario named by its file: ``scenario=DIR/mine.yaml`` is ``--config-dir DIR scenario=mine``."""

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from simulator.scenario.config_sources import SCENARIOS, home_of, option_file, option_names
from simulator.scenario.given_files import read_settings
from simulator.scenario.schema import ScenarioError

_KEY, _CRM = "scenario=", "crm="
_ENDINGS = (".yaml", ".yml")
#: How a path begins that cannot be a name.
_PATHS = ("~", "/", "./", "../")
#: A scenario's folder of results has its name.
_NAME = re.compile(r"[\w-]+")
#: What Hydra reads as text without quotes; the words in the second have a meaning of their own.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]*")
_WORDS = ("null", "true", "false", "inf", "nan")


def by_name(overrides: Sequence[str], config_dir: str | Path | None = None) -> tuple[list[str], str | Path | None]:
    """Overrides with a scenario's name where its file was named, and the folder in which that name is found.

    Only the last ``scenario=`` is kept, as it wins. Of several values, to sweep over, each may be a file. All are read
    here, not by Hydra's grammar: a path may hold spaces, ``=`` and commas. Where no scenario is named, the mapping of
    an export may name one (``crm.scenario``).

    Parameters
    ----------
    overrides : ``key=value`` each; a file is relative to the working folder, ``~`` is the home folder.
    config_dir : a user's own folder, in which files must then lie.

    Raises
    ------
    ScenarioError
        When there is no such file, when its name cannot be a scenario's, or when files lie in different folders.
    """
    places = [at for at, override in enumerate(overrides) if override.startswith(_KEY)]
    if not places:
        return [*_of_export(overrides, config_dir), *overrides], config_dir
    typed = overrides[places[-1]].removeprefix(_KEY)
    single = typed != _bare(typed) or os.path.isfile(_expanded(typed))
    names = []
    for value in [typed] if single else typed.split(","):
        name, path = value, _bare(value.strip())
        if _is_path(path, config_dir):
            name, config_dir = _found(path, config_dir)
            name = name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else f"'{name}'"
        names.append(name)
    named = {places[-1]: _KEY + ",".join(names)}
    return [named.get(at, one) for at, one in enumerate(overrides) if at not in places[:-1]], config_dir


def _of_export(overrides: Sequence[str], config_dir: str | Path | None) -> list[str]:
    """The scenario that the chosen mapping of an export goes with, as it would be typed."""
    chosen = [override.removeprefix(_CRM) for override in overrides if override.startswith(_CRM)]
    file = option_file("crm", chosen[-1], Path(config_dir) if config_dir else None) if chosen else None
    if file is None:
        return []
    try:
        mapping = read_settings(file)
    except (yaml.YAMLError, ScenarioError, OSError):
        return []  # whoever composes refuses it, and says where
    name = mapping.get("scenario") if isinstance(mapping, dict) else None
    return [f"{_KEY}{name}"] if isinstance(name, str) and name else []


def _bare(value: str) -> str:
    """A value without the quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def _expanded(path: str) -> Path:
    return Path(os.path.expanduser(path))  # the method of paths raises where there is no such home


def _is_path(value: str, config_dir: str | Path | None) -> bool:
    """Whether a value is a file's path: names may have a / in them too, as in limits/null."""
    if value.lower().endswith(_ENDINGS) or value.startswith(_PATHS):
        return True
    folder = Path(config_dir) if config_dir else None
    on_disk = os.path.exists(value) or os.path.exists(f"{value}.yaml")
    return on_disk and option_file("scenario", value, folder) is None


def _found(path: str, config_dir: str | Path | None) -> tuple[str, str | Path | None]:
    """The name of the scenario in a file, and the folder in which that is its name."""
    file = _expanded(path)
    if os.path.isdir(file):
        raise ScenarioError(f"scenario must name a file, got the folder {path!r}")
    if not os.path.isfile(file):
        raise ScenarioError(f"scenario must name a file that is there, got {path!r}{_meant(path, config_dir)}")
    if file.suffix != ".yaml":
        raise ScenarioError(f"a scenario's file must end in .yaml, got {path!r}")
    if not _NAME.fullmatch(file.stem):
        raise ScenarioError(f"a scenario's file must have a name of letters, digits, _ and -, got {path!r}")
    file = file.parent.resolve() / file.name
    if file.is_relative_to(SCENARIOS):
        name, folder = file.relative_to(SCENARIOS).with_suffix("").as_posix(), config_dir
    else:
        name, folder = file.stem, config_dir or home_of(file)
    read = option_file("scenario", name, Path(folder) if folder else None)
    if read is not None and read.samefile(file):
        return name, folder
    if config_dir:
        raise ScenarioError(
            f"scenario must name a file of the folder that is used already (--config-dir, or another file's), "
            f"{config_dir}, got {path!r}"
        )
    raise ScenarioError(f"scenario must name a file that no other hides, got {path!r}: {read} is read before it")


def _meant(path: str, config_dir: str | Path | None) -> str:
    """What could have been meant by a file that is not there."""
    beside = _expanded(path).parent
    files = sorted(file.name for file in beside.glob("*.yaml")) if os.path.isdir(beside) else []
    if close := difflib.get_close_matches(Path(path).name, files, n=1):
        return f": did you mean {Path(path).with_name(close[0])}?"
    names = option_names("scenario", Path(config_dir) if config_dir else None)
    if close := difflib.get_close_matches(str(Path(path).with_suffix("")), names, n=1):
        return f": did you mean scenario={close[0]}?"
    return ""
