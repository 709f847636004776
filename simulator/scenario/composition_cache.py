"""What Hydra makes of files and of the choices among them, kept until one of the files changes.

Hydra takes a third of a second to compose settings, nearly all of it for files and types that are the same each time.
So what the choices make (``scenario=``, ``study=``, ``market=``) is kept, and the values typed besides are set on a
copy, by Hydra's own functions: some milliseconds.
"""

import os
import pickle
from collections.abc import Hashable, Sequence
from contextlib import suppress
from pathlib import Path

from hydra import compose
from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from omegaconf import DictConfig, OmegaConf

from simulator.scenario.config_sources import CONF, EXPORTS, SCENARIOS, places_of
from simulator.scenario.file_version import FileVersion

#: Compositions that are kept, 0.1 MB each.
_MOST_KEPT = 64
#: Hydra's own keys that name a folder and change nothing else.
_FOLDERS = ("hydra.run.", "hydra.sweep.")

_kept: dict[Hashable, bytes] = {}


def compose_kept(overrides: Sequence[str], folder: Path | None) -> DictConfig:
    """What ``hydra.compose`` makes of overrides, Hydra's own settings included, inside an initialised Hydra.

    ``folder`` is a user's own, which is on Hydra's search path.
    """
    parsed = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader()).parse_overrides(
        list(overrides)
    )
    if not all(map(_is_choice_or_value, parsed)):
        return compose("config", overrides=list(overrides), return_hydra_config=True)
    values = [override for override in parsed if _sets_a_value(override)]
    choices = [str(override.input_line) for override in parsed if not _sets_a_value(override)]
    files = _files(folder)
    key = None if files is None else (*choices, folder and folder.absolute(), *files)
    if key in _kept:
        cfg: DictConfig = pickle.loads(_kept[key])
    else:
        cfg = compose("config", overrides=choices, return_hydra_config=True)
        # whether an export is there may change
        if key is not None and not any(OmegaConf.select(cfg, export) for export in EXPORTS):
            while len(_kept) >= _MOST_KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[key] = pickle.dumps(cfg)
    _set(cfg, values, parsed)
    return cfg


def _is_choice_or_value(override: Override) -> bool:
    """Whether an override is one of those that nearly all are: a plain choice of a file, or the value of a key."""
    if override.is_sweep_override():
        return False
    if _sets_a_value(override):
        return True
    plain = override.type == OverrideType.CHANGE and not override.key_or_group.startswith("hydra.")
    return plain and "${" not in str(override.input_line)  # which may mean another file each time


def _sets_a_value(override: Override) -> bool:
    key = override.key_or_group
    return "." in key and override.package is None and (not key.startswith("hydra.") or key.startswith(_FOLDERS))


def _set(cfg: DictConfig, values: Sequence[Override], all_typed: Sequence[Override]) -> None:
    """Set values on what the choices made, and what Hydra keeps of what was typed; modified in place."""
    ConfigLoaderImpl._apply_overrides_to_config(list(values), cfg)
    cfg.hydra.runtime.cwd = os.getcwd()
    cfg.hydra.overrides.hydra = [override.input_line for override in all_typed if override.is_hydra_override()]
    ours = [override for override in all_typed if not override.is_hydra_override()]
    cfg.hydra.overrides.task = [override.input_line for override in ours]
    how = cfg.hydra.job.config.override_dirname
    cfg.hydra.job.override_dirname = get_overrides_dirname(
        overrides=ours, kv_sep=how.kv_sep, item_sep=how.item_sep, exclude_keys=how.exclude_keys
    )


def _files(folder: Path | None) -> list[FileVersion] | None:
    """Versions of all files that may be chosen; None if a change of one could go unnoticed."""
    found = []
    for place in (CONF, SCENARIOS, *places_of(folder)):
        for root, below, names in os.walk(place):
            if place == folder:
                below.clear()  # of a user's folder itself only the files that lie in it
            if any(os.path.islink(os.path.join(root, name)) for name in below):
                return None  # a walk does not look behind a link
            with suppress(OSError):  # a file went meanwhile
                found += [FileVersion.of(Path(root, name)) for name in names if name.endswith(".yaml")]
    return found if all(version.settled for version in found) else None
