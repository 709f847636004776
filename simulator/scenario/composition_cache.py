"""What Hydra makes of files and of the choices among them, kept until one of the files changes.

Hydra takes a third of a second to compose settings, nearly all of it for files and types that are the same each time.
So what the choices make (``scenario=``, ``study=``, ``market=``) is kept, and the values typed besides are set on a
copy, by Hydra's own functions: some milliseconds.
"""

import os
import pickle
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from hydra import compose
from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from omegaconf import DictConfig, OmegaConf

from simulator.scenario.config_sources import CONF, EXPORTS, SCENARIOS, places_of

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
    key = (*choices, folder and folder.absolute(), *_stamps(folder))
    if key in _kept:
        cfg: DictConfig = pickle.loads(_kept[key])
    else:
        cfg = compose("config", overrides=choices, return_hydra_config=True)
        if not any(OmegaConf.select(cfg, export) for export in EXPORTS):  # whether an export is there may change
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


def _stamps(folder: Path | None) -> Iterator[tuple[str, int, int]]:
    """Path, time of change and size of every file that may be chosen."""
    for place in (CONF, SCENARIOS, *places_of(folder)):
        for root, _, names in os.walk(place):
            for name in names:
                if name.endswith(".yaml"):
                    with suppress(OSError):  # it went meanwhile
                        about = os.stat(path := os.path.join(root, name))
                        yield path, about.st_mtime_ns, about.st_size
            if place == folder:
                break  # of a user's folder itself only the files that lie in it
