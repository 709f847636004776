"""From YAML and overrides to a checked scenario, and back to YAML that repeats it.

Everything that is wrong with what a user wrote becomes a ``ScenarioError`` of one line.
"""

import copy
import dataclasses
import gc
import itertools
import math
import pickle
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from hydra import initialize_config_dir
from hydra._internal.callbacks import Callbacks
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override, RangeSweep
from hydra.core.plugins import Plugins
from hydra.core.utils import run_job
from hydra.types import HydraContext, RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf._utils import get_omega_conf_dumper  # writes text so that OmegaConf reads it back as text

from simulator.scenario.checked import Checked, check
from simulator.scenario.composition_cache import compose_kept
from simulator.scenario.config_sources import CONF, SCENARIOS, located, option_names, use_folder
from simulator.scenario.files import by_name
from simulator.scenario.given_files import read_settings, refuse_more_than_values
from simulator.scenario.paths import GROUPS, Names, names_in
from simulator.scenario.refusals import FAULTS, refusal, suggests_names
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.sweeps.settings import LAUNCHERS

#: A sweep of more jobs than this has each value of each key checked once before it starts, not each combination.
MOST_JOBS_CHECKED = 64
#: Jobs of a sweep.
MOST_JOBS = 1_000_000

#: Hydra composes one thing at a time in a process.
_COMPOSING = threading.RLock()

#: Where the classes are that Hydra's plugins name.
_PLUGINS = ("hydra._internal.core_plugins.", "hydra_plugins.")
_NAME_OF_CHOICE = "${hydra:runtime.choices.scenario}"


def load_scenario(
    name: str | Path = "baseline", overrides: Sequence[str] = (), config_dir: str | Path | None = None
) -> Scenario:
    """A scenario by its name or file, with overrides as on the command line, checked.

    It may be changed: whatever it is handed to checks it again.

    Parameters
    ----------
    name : a shipped scenario, or one in ``config_dir``, or the path of a scenario's file.
    overrides : ``key=value`` each; a ``scenario=`` among them wins over ``name``.
    config_dir : folder with a user's own ``scenario/*.yaml`` and ``organisation/*.yaml``.

    Raises
    ------
    ScenarioError
        One line saying what is wrong.
    """
    return copy.deepcopy(load_checked(name, overrides, config_dir))


def load_checked(
    name: str | Path = "baseline", overrides: Sequence[str] = (), config_dir: str | Path | None = None
) -> Checked:
    """As `load_scenario`, for whom it stays as it is."""
    return to_scenario(composed(*by_name([f"scenario={name}", *overrides], config_dir)))


def composed(overrides: Sequence[str], config_dir: str | Path | None = None) -> DictConfig:
    """All settings, unchecked beyond their types, with Hydra's own below ``hydra``."""
    with _hydra(config_dir) as folder, _refusing(overrides, folder):
        return _compose(overrides, folder)


def to_scenario(cfg: DictConfig) -> Checked:
    """Composed settings as a checked scenario."""
    settings: DictConfig = pickle.loads(pickle.dumps(cfg))  # a third of the time of a deep copy
    with open_dict(settings):
        settings.pop("hydra", None)
    try:
        scenario = OmegaConf.to_object(settings)
    except FAULTS as fault:
        raise refusal(fault, names=_names(settings)) from fault
    assert isinstance(scenario, Scenario)
    scenario.market.leads.path = located(scenario.market.leads.path)
    scenario.crm.leads, scenario.crm.deals = located(scenario.crm.leads), located(scenario.crm.deals)
    return check(scenario)


def load_config_file(path: str | Path) -> Checked:
    """The scenario that a run saved in its ``config.yaml``."""
    file = Path(path)
    try:
        saved = read_settings(file)
        if not isinstance(saved, dict):
            raise ScenarioError(f"{path} must hold settings, one `key: value` a line")
        refuse_more_than_values(saved, file)
        settings = OmegaConf.merge(OmegaConf.structured(Scenario), saved)
        assert isinstance(settings, DictConfig)
    except OSError as fault:
        raise ScenarioError(f"cannot read {path}: {fault.strerror or fault}") from fault
    except FAULTS as fault:
        said = str(refusal(fault))
        raise ScenarioError(said if str(file) in said else f"{said} (in {path})") from fault
    return to_scenario(settings)


def dump_yaml(scenario: Scenario) -> str:
    """Every setting of a scenario as YAML; ``load_config_file`` reads it back to the last digit."""
    settings = dataclasses.asdict(scenario)
    leads = settings["market"]["leads"]
    if leads["path"] and Path(leads["path"]).is_relative_to(SCENARIOS):
        leads["path"] = Path(leads["path"]).relative_to(SCENARIOS).as_posix()
    text: str = yaml.dump(_escaped(settings), Dumper=get_omega_conf_dumper(), allow_unicode=True, sort_keys=False)
    return text


@dataclasses.dataclass(frozen=True)
class Planned:
    """Where a run or a sweep will put its results, and what it is made of.

    Attributes
    ----------
    folder : for its results.
    single : the settings of a run; of a sweep, those that all jobs have.
    axes : key -> what is typed for each value; None for a single run.
    fixed : the other overrides.
    is_ours : whether the grid is ours to run; somebody else's sweeper has plans of its own.
    """

    folder: Path
    single: DictConfig
    axes: dict[str, list[str]] | None
    fixed: list[str]
    is_ours: bool
    config_dir: str | Path | None

    def of_all_jobs(self) -> list[str]:
        """Overrides that all jobs have."""
        return [*self.fixed, *_launcher(self.fixed)]

    def jobs(self) -> list[list[str]]:
        """Overrides of each job; when they are more than ``MOST_JOBS_CHECKED``, of enough to meet each value once."""
        return _telling_jobs([[f"{key}={value}" for value in values] for key, values in (self.axes or {}).items()])

    def settings(self) -> Iterator[DictConfig]:
        """Settings of these jobs, each composed as a whole."""
        if self.axes is None:
            yield self.single
            return
        for job in self.jobs():
            yield composed([*self.of_all_jobs(), *job], self.config_dir)


def planned(overrides: Sequence[str], config_dir: str | Path | None = None, *, multirun: bool = False) -> Planned:
    """What a command line asks for: one run, or a sweep, which ``multirun`` or the scenario itself may want."""
    with _hydra(config_dir) as folder, _refusing(overrides, folder):
        parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
        single = [str(o.input_line) for o in parser.parse_overrides(list(overrides)) if not o.is_sweep_override()]
        single += _launcher(single)
        cfg = _compose(single, folder)
        if not multirun and cfg.hydra.mode != RunMode.MULTIRUN:
            if len(single) < len(overrides):
                cfg = _compose(overrides, folder)  # refuses to sweep
            return Planned(Path(cfg.hydra.run.dir), cfg, None, single, True, config_dir)
        carried = [f"{key}={value}" for key, value in (cfg.hydra.sweeper.get("params") or {}).items()]
        axes, fixed = _axes(parser, [*carried, *overrides])
        basic = str(cfg.hydra.sweeper.get("_target_", "")).endswith(".BasicSweeper")
        by_hand = any(override.startswith("hydra/launcher=") for override in overrides)
    return Planned(Path(cfg.hydra.sweep.dir), cfg, axes, fixed, basic and not by_hand, config_dir)


def _launcher(overrides: Sequence[str]) -> list[str]:
    """The launcher of the backend that is asked for, so that its own settings are known."""
    backend = next((one.partition("=")[2] for one in reversed(overrides) if one.startswith("sweep.backend=")), "")
    asked = any(one.lstrip("+").startswith("hydra.launcher.") for one in overrides)
    return [f"hydra/launcher={LAUNCHERS[backend][0]}"] if asked and backend in LAUNCHERS else []


def axes_of(overrides: Sequence[str], config_dir: str | Path | None = None) -> tuple[dict[str, list[str]], list[str]]:
    """The axes among overrides, key -> what is typed for each value, and the others."""
    with _hydra(config_dir) as folder, _refusing(overrides, folder):
        return _axes(OverridesParser.create(config_loader=GlobalHydra.instance().config_loader()), overrides)


def _axes(parser: OverridesParser, overrides: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    axes: dict[str, list[str]] = {}
    fixed: dict[str, str] = {}
    jobs = 1.0
    for override in parser.parse_overrides(list(overrides)):
        key = override.get_key_element()
        axes.pop(key, None)
        fixed.pop(key, None)
        if override.is_discrete_sweep():
            jobs *= _count(override)
            if jobs > MOST_JOBS:
                raise ScenarioError(f"a sweep must have at most {MOST_JOBS:,} jobs, got {override.input_line}")
            axes[key] = [str(value) for value in override.sweep_string_iterator()]
            if not axes[key]:
                raise ScenarioError(f"{override.input_line} gives no value to sweep over")
        elif override.is_sweep_override():
            raise ScenarioError(f"{override.input_line} must be a list of values to sweep over, as in {key}=1,2,3")
        else:
            fixed[key] = str(override.input_line)
    return axes, list(fixed.values())


def _count(override: Override) -> float:
    """How many values an override sweeps over, without making them."""
    values = override.value()
    if isinstance(values, RangeSweep):
        assert values.start is not None and values.stop is not None
        if values.step == 0:
            raise ScenarioError(f"{override.input_line} must have a step other than 0")
        return max(0.0, math.ceil(min((values.stop - values.start) / values.step, 1e300)))
    return len(values.list) if isinstance(values, ChoiceSweep) else 1.0


def value_of(override: str) -> Any:
    """The value of a plain ``key=value``, read as Hydra reads it."""
    return OverridesParser.create().parse_override(override).value()


def _telling_jobs(axes: list[list[str]]) -> list[list[str]]:
    if math.prod(len(values) for values in axes) <= MOST_JOBS_CHECKED:
        return [list(job) for job in itertools.product(*axes)]
    first = [values[0] for values in axes]
    others = [[*first[:at], value, *first[at + 1 :]] for at, values in enumerate(axes) for value in values[1:]]
    return [first, *others]


def run_composed(cfg: DictConfig, job: Callable[[DictConfig], None]) -> None:
    """Run a job on settings composed with Hydra's own, as a Hydra application does that composes them itself.

    Hydra's application composes two times more, once to learn whether it is a sweep: 0.4 s before anything runs.
    """
    cfg.hydra.mode = RunMode.RUN
    callbacks = Callbacks(cfg)
    callbacks.on_run_start(config=cfg, config_name=cfg.hydra.job.config_name)
    # Only sweeps ask for the loader.
    context = HydraContext(config_loader=None, callbacks=callbacks)  # type: ignore[arg-type]
    done = run_job(job, cfg, "hydra.run.dir", None, context)
    callbacks.on_run_end(config=cfg, config_name=cfg.hydra.job.config_name, job_return=done)
    _ = done.return_value  # raises what the job raised


def launched(
    task: Callable[[DictConfig], None],
    overrides: Sequence[str],
    config_dir: str | Path | None,
    jobs: Sequence[Sequence[str]],
) -> None:
    """Hand jobs to the launcher of Hydra that the overrides name, and wait for all.

    Parameters
    ----------
    task : runs one job on its settings, in whatever process the launcher chooses; a function of a module.
    overrides : Hydra's own settings; the launcher gives them to every job.
    jobs : the other overrides of each job.

    Raises
    ------
    ScenarioError
        When settings are refused, or the launcher is not there.
    """  # fmt: skip
    with _hydra(config_dir) as folder, _refusing(overrides, folder):
        cfg = _compose([*jobs[0], *overrides], folder)
        context = HydraContext(config_loader=GlobalHydra.instance().config_loader(), callbacks=Callbacks(cfg))
        launcher = Plugins.instance().instantiate_launcher(hydra_context=context, task_function=task, config=cfg)
        for done in launcher.launch(jobs, initial_job_idx=0):
            _ = done.return_value  # raises what the task raised


def sweep_folder() -> Path:
    """Where the sweep of the job that runs in this process puts its results."""
    return Path(HydraConfig.get().sweep.dir)


def ready_for_hydra(config_dir: str | Path | None) -> None:
    """Let a Hydra application in this process find the schema, our scenarios and a user's."""
    if "schema.yaml" not in ConfigStore.instance().repo:  # Hydra takes a copy each time it composes
        ConfigStore.instance().store(name="schema", node=Scenario)
    folder = None if config_dir is None else Path(config_dir).absolute()
    if folder is not None and not folder.is_dir():
        raise ScenarioError(f"--config-dir must name a folder, got {str(config_dir)!r}")
    use_folder(folder)


@contextmanager
def _hydra(config_dir: str | Path | None) -> Iterator[Path | None]:
    """Hydra over our folders, also inside a running Hydra application; afterwards all is as before."""
    with _COMPOSING:
        ready_for_hydra(config_dir)
        running = GlobalHydra.instance().hydra
        GlobalHydra.instance().clear()
        try:
            with initialize_config_dir(str(CONF), job_name="buyer-journeys", version_base="1.3"):
                yield None if config_dir is None else Path(config_dir)
        finally:
            GlobalHydra.instance().hydra = running


def _compose(overrides: Sequence[str], folder: Path | None) -> DictConfig:
    try:
        with _no_collector():
            cfg = compose_kept(overrides, folder)
    except TypeError as fault:  # Hydra's own, when a name in a list is null
        raise ScenarioError("a list of building blocks must hold names, as in organisation=[a,b]") from fault
    _refuse_code(OmegaConf.to_container(cfg.hydra, resolve=False))
    chosen = cfg.hydra.runtime.choices.get("scenario")
    if not isinstance(chosen, str):
        raise ScenarioError(f"scenario must name one scenario: {', '.join(option_names('scenario', folder))}")
    if OmegaConf.to_container(OmegaConf.masked_copy(cfg, "name")) == {"name": _NAME_OF_CHOICE}:
        cfg.name = chosen
    return cfg


def _refuse_code(node: Any, path: str = "hydra") -> None:
    """Refuse classes and functions that are none of Hydra's own plugins, wherever they were chosen."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if key == "_target_" and not str(value).startswith(_PLUGINS):
            raise ScenarioError(f"{path}._target_ must be one of Hydra's own plugins, got {value!r}")
        _refuse_code(value, f"{path}.{key}")


@contextmanager
def _no_collector() -> Iterator[None]:
    """Without Python's search for garbage: what is composed is hundreds of thousands of objects, and little of it is.

    The search took a fifth of the time to compose.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _refusing(overrides: Sequence[str], folder: Path | None) -> Iterator[None]:
    """Turn what composing raises into a refusal of one line."""
    try:
        yield
    except FAULTS as fault:
        names: Names = {}
        if suggests_names(fault):  # those that are there without the overrides of keys
            with suppress(*FAULTS):
                names = _names(_compose([o for o in overrides if re.match(r"[\w/@]+=", o) and "." not in o], folder))
        raise refusal(fault, names=names, options={group: option_names(group, folder) for group in GROUPS}) from fault


def _names(cfg: DictConfig) -> Names:
    return names_in(Scenario, lambda path: OmegaConf.select(cfg, path))


def _escaped(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _escaped(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_escaped(value) for value in node]
    return node.replace("${", "\\${") if isinstance(node, str) else node
