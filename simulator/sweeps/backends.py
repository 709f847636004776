"""Where the jobs of a sweep run: in this process, or in tasks that one of Hydra's launchers hands out.

A task is a list of jobs. It is composed as any Hydra job is, in the process that runs it, from the settings that all
jobs have and its own number; what it runs, and where it keeps what it finds, stand in the folder of the sweep, which
all processes must see.
"""

import json
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.questions.frame.runs import threads_of
from simulator.scenario.composing import launched, sweep_folder
from simulator.scenario.run import Run
from simulator.scenario.schema import ScenarioError
from simulator.sweeps.plan import Plan, tasks
from simulator.sweeps.settings import LAUNCHERS, Sweep
from simulator.sweeps.work import is_plain, run_jobs

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from simulator.scenario.scenario import Scenario

#: The jobs of each task, in the folder of the sweep while it runs.
TASKS_FILE = "tasks.json"
#: Tasks for each worker, unless told otherwise: more share the work evenly, fewer start up less often.
_TASKS_PER_WORKER = 8


def run_in_tasks(plan: Plan, jobs: Sequence[int], folder: Path, sweep: Sweep, how: Sequence[str], within: int) -> None:
    """Run jobs in tasks of a launcher; returns when all are over.

    Parameters
    ----------
    how : settings of the launcher itself, as ``hydra.launcher.partition=long``.
    within : threads of each job.

    Raises
    ------
    ScenarioError
        If the launcher is not installed, or a task could not be run at all.
    """
    launcher, extra, plugin = LAUNCHERS[sweep.backend]
    if not find_spec(f"hydra_plugins.{plugin}"):
        raise ScenarioError(
            f"sweep.backend={sweep.backend} needs the extra {extra}, which is not installed: "
            f"pip install 'buyer-journeys[{extra}]'"
        )
    workers = sweep.workers or threads_of(Run())
    size = sweep.jobs_per_task or max(1, math.ceil(len(jobs) / (workers * _TASKS_PER_WORKER)))
    parts = list(tasks(jobs, size))
    own = [f"hydra/launcher={launcher}", f"hydra.sweep.dir={_quoted(folder)}", "hydra.sweep.subdir=."]
    own += _ray_there_already() if _joins_a_cluster(how) else _workers(sweep.backend, workers)
    (folder / TASKS_FILE).write_text(json.dumps(parts))
    try:
        launched(run_task, [*own, *how], plan.config_dir or None,
                 [[*plan.fixed, f"run.threads={within}", f"sweep.task={n}"] for n in range(len(parts))])  # fmt: skip
    finally:
        (folder / TASKS_FILE).unlink(missing_ok=True)


def run_task(cfg: "DictConfig") -> None:
    """What a worker does: run the jobs of its task, one after the other."""
    folder = sweep_folder()
    parts: list[list[int]] = json.loads((folder / TASKS_FILE).read_text())
    run_jobs(Plan.read(folder), parts[int(cfg.sweep.task)], folder, 1, int(cfg.run.threads))


def threads_here(scenario: "Scenario") -> tuple[int, int]:
    """How many jobs run side by side in this process, and how many threads each has for its replications."""
    if scenario.sweep.backend == "serial" or not is_plain(scenario):
        return 1, scenario.run.threads
    return scenario.sweep.workers or threads_of(scenario.run), 1


def _quoted(path: Path) -> str:
    """A path as the value of an override, whatever is in it."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"


def _workers(backend: str, workers: int) -> list[str]:
    """How a launcher is told how many workers there are; what a user says himself comes later, and wins."""
    return {
        "joblib": [f"hydra.launcher.n_jobs={workers}"],
        "ray": [f"+hydra.launcher.ray.init.num_cpus={workers}"],
        "slurm": [f"hydra.launcher.array_parallelism={workers}"],
    }.get(backend, [])


def _joins_a_cluster(how: Sequence[str]) -> bool:
    """Whether the workers are there already, as many as they are."""
    return any(one.lstrip("+").startswith("hydra.launcher.ray.init.address=") for one in how)


def _ray_there_already() -> list[str]:
    """The launcher would ask for memory of its own, which only who starts a cluster may."""
    return ["+hydra.launcher.ray.init.object_store_memory=null"]
