"""Where Hydra finds scenarios: the shipped ones, and those in a user's own folder.

In a user's folder ``DIR`` a scenario is ``DIR/scenario/mine.yaml`` (or ``DIR/scenarios/mine.yaml``, ``DIR/mine.yaml``),
an organisation ``DIR/organisation/pods.yaml``. Neither needs a ``# @package`` header: a scenario is mounted at the top,
an organisation at ``organisations.<its file's name>``. A user's file wins over a shipped one of the same name.
A file whose name begins with _ is a part that others begin with, and is no choice by itself.
An export that a file names lies in the working folder, or beside the file.
"""

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from simulator.scenario.given_files import read_settings, refuse_more_than_values
from simulator.scenario.paths import GROUPS
from simulator.scenario.schema import ScenarioError

_PACKAGE = Path(__file__).resolve().parents[1]
#: The folder that holds conf/ and scenarios/: the package of an installed wheel, else the checkout.
ROOT = _PACKAGE if (_PACKAGE / "conf").is_dir() else _PACKAGE.parent
CONF = ROOT / "conf"
SCENARIOS = ROOT / "scenarios"

SCHEME = "journeys"
#: Groups a folder can hold, and where each is looked for below it.
_PLACES = {"scenario": ("scenario", "scenarios", "")}

#: Keys that name an export.
EXPORTS = ("market.leads.path", "crm.leads", "crm.deals")

_NOT_HYDRA = "how Hydra runs is chosen on the command line, not in a file"

_folders: list[Path] = []


class JourneySource(ConfigSource):
    """A folder with scenarios and building blocks."""

    def __init__(self, provider: str, path: str) -> None:
        super().__init__(provider, path)
        self.folder = Path(self.path)

    @staticmethod
    def scheme() -> str:
        """Start of this source's addresses."""
        return SCHEME

    def available(self) -> bool:
        """Whether the folder exists."""
        return self.folder.is_dir()

    def _candidates(self, config_path: str) -> list[Path]:
        group, _, rest = config_path.partition("/")
        places = _PLACES.get(group, (group,)) if group in GROUPS else ()
        return [self.folder / place / rest for place in places]

    def _file(self, config_path: str) -> Path | None:
        name = config_path.removesuffix(".yaml")
        if "/" not in name:
            return None
        return next(
            (file for path in self._candidates(name) if (file := path.with_name(f"{path.name}.yaml")).is_file()), None
        )

    def _group(self, config_path: str) -> list[Path]:
        places = [path for path in self._candidates(config_path) if path.is_dir()]
        return [path for path in places if path != self.folder]

    def is_config(self, config_path: str) -> bool:
        """Whether there is a file of this name."""
        return self._file(config_path) is not None

    def is_group(self, config_path: str) -> bool:
        """Whether there is a folder of this name."""
        return config_path == "" or bool(self._group(config_path))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Names below a group, without their ending."""
        if config_path == "":
            found = {group for group in GROUPS if self._group(group)}
            return sorted(found) if results_filter != ObjectType.CONFIG else []
        names: set[str] = set()
        for folder in self._group(config_path):
            for path in folder.iterdir():
                if path.suffix == ".yaml" and results_filter != ObjectType.GROUP:
                    names.add(path.stem)
                elif path.is_dir() and results_filter != ObjectType.CONFIG and any(path.glob("*.yaml")):
                    names.add(path.name)
        return sorted(name for name in names if not name.startswith("_"))

    def load_config(self, config_path: str) -> ConfigResult:
        """Read a file; without a header it is mounted where its group belongs."""
        file = self._file(config_path)
        if file is None:
            raise ConfigLoadError(f"Config not found : {config_path}")
        settings = read_settings(file)
        if not isinstance(settings, dict):
            raise ScenarioError(f"{file} must hold keys with values, one `key: value` a line")
        header = self._get_header_dict(file.read_text(encoding="utf-8-sig"))
        if header["package"] is None:
            header["package"] = _mounted_at(config_path.removesuffix(".yaml"))
        refuse_more_than_values(settings, file, str(header["package"]))
        _refuse_malformed(settings, config_path)
        config = OmegaConf.create(settings)
        for key, path in _exports_beside(settings, str(header["package"]), (file.parent, self.folder)):
            OmegaConf.update(config, key, path.replace("${", "\\${"))  # a folder's name refers to no setting
        return ConfigResult(provider=self.provider, path=f"{SCHEME}://{self.path}", config=config, header=header)


class JourneySearchPath(SearchPathPlugin):
    """Puts the shipped scenarios, and a user's folder before them, on Hydra's search path."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Called by Hydra before it composes."""
        search_path.append("shipped scenarios", f"{SCHEME}://{ROOT}")
        for folder in _folders:
            search_path.prepend("user", f"{SCHEME}://{folder}", anchor="main")


def _refuse_malformed(settings: Any, config_path: str) -> None:
    """Refuse a defaults list that Hydra would not explain in a user's words, or not at all."""
    place = f"(in {config_path.removesuffix('.yaml')}.yaml)"
    entries = settings.get("defaults", [])
    if not isinstance(entries, list):
        raise ScenarioError(
            f"defaults must be a list, one `- override /group: name` a line, got {_as_yaml(entries)} {place}"
        )
    for entry in entries:
        if wrong := _wrong_entry(entry):
            raise ScenarioError(f"defaults must not hold {_as_yaml(entry)}: {wrong} {place}")


def _wrong_entry(entry: Any) -> str:
    """What is wrong with one entry of a defaults list; "" if nothing that can be told from it alone."""
    if isinstance(entry, str):
        blank_or_spaced = len(entry.split()) != 1 or entry == "override"
        if _of_hydra(entry):
            return _NOT_HYDRA
        return "an entry is the name of a file, or `override /group: name` with a colon" if blank_or_spaced else ""
    if not isinstance(entry, dict) or len(entry) != 1:
        return "an entry is a name or one `override /group: name`, and each begins with a dash of its own"
    [(key, value)] = entry.items()
    names = value if isinstance(value, list) else [] if value is None else [value]
    if not isinstance(key, str) or not all(isinstance(name, str) for name in names):
        return "group and name are text, as in `override /market: enterprise` or `override /organisation: [a, b]`"
    *keywords, target = key.split() or [""]
    group, _, package = target.removeprefix("/").partition("@")
    if _of_hydra(target):
        return _NOT_HYDRA
    known, absolute = group.partition("/")[0] in GROUPS, target.startswith("/")
    if not known and (keywords or absolute or target.startswith("+")):
        close = difflib.get_close_matches(group, GROUPS, n=1)
        return f"there is no group {group!r}" + (f", did you mean {close[0]}?" if close else f" ({', '.join(GROUPS)})")
    if known and not (absolute and ("override" in keywords or package)):
        return f"write `{'' if package else 'override '}/{target.removeprefix('/')}: {_as_yaml(value)}`"
    return ""


def _of_hydra(target: str) -> bool:
    """Whether an entry takes a part of Hydra's, or is put there."""
    group, _, package = target.removeprefix("/").partition("@")
    return group.partition("/")[0] == "hydra" or "hydra" in re.split(r"[.:]", package)


def _as_yaml(value: Any) -> str:
    """A value as it stands in a file, in one line."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), sort_keys=False)
    return text.removesuffix("...\n").strip()


def _mounted_at(name: str) -> str:
    group, _, rest = name.partition("/")
    return {
        "scenario": "_global_",
        "organisation": f"organisations.{rest.rpartition('/')[2]}",
        "leads": "market.leads",
    }.get(group, group)


def _exports_beside(settings: Any, package: str, folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Keys and absolute paths of the exports that are found only beside the file whose settings name them."""
    for export in EXPORTS:
        key = export if package == "_global_" else export.removeprefix(f"{package}.")
        path = settings
        for part in key.split("."):
            path = path.get(part) if isinstance(path, dict) else None
        if isinstance(path, str) and located(path) == path != (beside := located(path, folders)):
            yield key, beside


def located(path: str, folders: Sequence[Path] = ()) -> str:
    """An export's absolute path: relative to the working folder, else among the shipped scenarios, else in folders."""
    if not path:
        return path
    for base in (Path.cwd(), SCENARIOS, *folders):
        if os.path.exists(found := base / os.path.expanduser(path)):
            return str(found.absolute())
    return path


def home_of(file: Path) -> Path:
    """The folder in which a user's scenario is found, with what lies beside it, by the name of its file."""
    return file.parent.parent if file.parent.name in filter(None, _PLACES["scenario"]) else file.parent


def places_of(folder: Path | None) -> list[Path]:
    """The folders in which a user's scenarios and building blocks are looked for; the folder itself is one."""
    return [] if folder is None else [folder / place for group in GROUPS for place in _PLACES.get(group, (group,))]


def use_folder(folder: Path | None) -> None:
    """Let Hydra find our scenarios, and those in ``folder``, from now on."""
    _folders[:] = [] if folder is None else [folder]
    for plugin in (JourneySource, JourneySearchPath):
        Plugins.instance().register(plugin)


def option_names(group: str, folder: Path | None = None) -> list[str]:
    """Names of a group's building blocks, shipped and in ``folder``, also those in subfolders."""
    shipped = SCENARIOS if group == "scenario" else CONF / group
    own = [folder / place for place in _PLACES.get(group, (group,)) if place] if folder else []
    names = [
        path.relative_to(place).with_suffix("").as_posix() for place in (shipped, *own) for path in _yaml_below(place)
    ]
    return list(dict.fromkeys(names))


def _yaml_below(folder: Path) -> list[Path]:
    whole = [path for path in folder.rglob("*.yaml") if not path.name.startswith("_")]
    return sorted(whole, key=lambda path: (len(path.parts), path))


def option_file(group: str, name: str, folder: Path | None = None) -> Path | None:
    """The file of a building block; a user's own before a shipped one."""
    own = [folder / place for place in _PLACES.get(group, (group,))] if folder else []
    places = (*own, SCENARIOS if group == "scenario" else CONF / group)
    return next((file for place in places if (file := place / f"{name}.yaml").is_file()), None)
