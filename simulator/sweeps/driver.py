"""From a plan to its results: run what is missing, say how far it is, gather all jobs at the end."""

import contextlib
import copy
import fcntl
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from simulator.questions.frame.differing import leaves
from simulator.questions.frame.manifest import MISSING, REPORT, Incomplete
from simulator.questions.frame.progress import progress
from simulator.questions.frame.question import Parts
from simulator.questions.frame.terminal import console, say_if_compiling, say_where
from simulator.results.folder import Folder, writing
from simulator.scenario.composing import composed, dump_yaml, to_scenario
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.sweeps.backends import run_in_tasks, threads_here
from simulator.sweeps.gather import JOBS, TABLE, jobs_table, write_table
from simulator.sweeps.journal import FAILED, JOURNAL, entries, missing
from simulator.sweeps.plan import PLAN_FILE, Plan, digest
from simulator.sweeps.report import print_all, report_sweep
from simulator.sweeps.settings import LAUNCHERS
from simulator.sweeps.work import is_plain, run_jobs

#: The settings that all jobs have, as they were when the sweep began.
SETTINGS_FILE = "config.yaml"
_LOCK = ".lock"
#: Seconds between two looks at how far tasks in other processes are.
_LOOK_SECONDS = 1.0
#: Failures that are told one by one.
_TOLD = 5


def settings_of(fixed: Sequence[str], how: Sequence[str], config_dir: str) -> Scenario:
    """The scenario that all jobs of a sweep start from; what ``how`` says of Hydra is for its launchers."""
    own = [one for one in how if not one.lstrip("+~").startswith("hydra")]
    return to_scenario(composed([*fixed, *own], config_dir or None))


def model_digest(settings: str) -> str:
    """A name for settings and the model that they are run in."""
    from simulator.model.compiling import sources_digest  # brings numba, which a refused sweep need not wait for

    return digest(settings, sources_digest())


def begin(plan: Plan, scenario: Scenario, folder: Path) -> None:
    """Leave in the folder of a new sweep what resumes it."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS_FILE).write_text(comparable(scenario), encoding="utf-8")
        partial = folder / f".{PLAN_FILE}.partial"
        partial.write_text(plan.text(), encoding="utf-8")
        partial.replace(folder / PLAN_FILE)  # last: a folder with a plan is one that can be resumed


def comparable(scenario: Scenario) -> str:
    """A scenario as YAML, without what says how jobs run."""
    plain = copy.copy(scenario)
    plain.run, plain.sweep = copy.copy(scenario.run), type(scenario.sweep)(folders=scenario.sweep.folders)
    plain.run.threads = 0
    return dump_yaml(plain)


def refuse_changed(plan: Plan, scenario: Scenario, folder: Path) -> None:
    """Refuse to resume a sweep whose settings or model are not what they were.

    Raises
    ------
    ScenarioError
        Naming the first setting that differs.
    """
    now = comparable(scenario)
    if model_digest(now) == plan.settings:
        return
    with writing(folder):
        before = (folder / SETTINGS_FILE).read_text(encoding="utf-8")
    for one, other in zip(_settings(before), _settings(now), strict=False):
        if one != other:
            raise ScenarioError(
                f"--resume needs the settings that the sweep was begun with: {one[0]} was {one[1]}, is {other[1]}"
                if one[0] == other[0]
                else f"--resume needs the settings that the sweep was begun with: there was {one[0]}, is {other[0]}"
            )
    raise ScenarioError(
        "--resume needs the model that the sweep was begun with: its code has changed since, so that old and new jobs "
        "could not be compared; begin a new sweep"
    )


def run_sweep(plan: Plan, scenario: Scenario, folder: Path, how: Sequence[str]) -> int:
    """Run the jobs that are missing, gather all, print what they found; return how many are not done, its page too.

    Parameters
    ----------
    scenario : the settings that all jobs have.
    how : settings of a launcher.

    Raises
    ------
    ScenarioError
        When another process runs the same sweep, when a backend is not installed, or when the folder cannot be
        written; what is finished is kept.
    """
    with _alone(folder):
        if _is_complete(folder):
            print_all(plan, folder)
            say_where(folder)
            return 0
        jobs = missing(plan.jobs, entries(folder).values())
        say_if_compiling(scenario)
        with _told_what_is_kept(plan, folder):
            _run(plan, jobs, scenario, folder, how)
        return _finish(plan, scenario, folder)


def _run(plan: Plan, jobs: Sequence[int], scenario: Scenario, folder: Path, how: Sequence[str]) -> None:
    if not jobs:
        return
    before, what = plan.jobs - len(jobs), f"{scenario.name}, sweep"
    with contextlib.ExitStack() as stack:
        if is_plain(scenario):
            tell = stack.enter_context(progress(console(sys.stderr), what, "jobs"))
            tell(before, plan.jobs)
        else:

            def tell(done: int, total: int, note: str = "") -> None:
                """Jobs that print have their own progress."""

        if scenario.sweep.backend in LAUNCHERS:
            stack.enter_context(_looking(folder, lambda done: tell(done, plan.jobs)))
            # A worker has one core, unless jobs are said to take more.
            run_in_tasks(plan, jobs, folder, scenario.sweep, how, scenario.run.threads or 1)
        else:
            over = iter(range(before + 1, plan.jobs + 1))
            side_by_side, within = threads_here(scenario)
            run_jobs(plan, jobs, folder, side_by_side, within, lambda _: tell(next(over), plan.jobs))


def _finish(plan: Plan, scenario: Scenario, folder: Path) -> int:
    """The table, figures and words over all jobs."""
    known = entries(folder)
    failed = [entry for entry in known.values() if entry.status == FAILED]
    undone = missing(plan.jobs, known.values())  # also those of a worker that died without a word
    for file in (*map(folder.joinpath, (TABLE, JOBS, REPORT, "manifest.json")), *folder.glob("figures/sweep*")):
        file.unlink(missing_ok=True)  # of a sweep that was finished with failures before
    parts = Parts()
    with Folder(folder) as results:
        write_table(plan, known, folder, results)
        results.csv(JOBS, jobs_table(plan, known))
        results.keep()  # whatever becomes of the figure and of the page
        report_sweep(plan, scenario, folder / TABLE, results, parts)
        about = {"jobs": plan.jobs, "undone": len(undone), "failed": len(failed), "backend": scenario.sweep.backend,
                 "axes": {key: list(values) for key, values in plan.axes.items()},
                 **({MISSING: parts.failed} if parts.failed else {})}  # fmt: skip
        results.text("manifest.json", json.dumps(about, indent=2) + "\n")
    if not undone:
        shutil.rmtree(folder / JOURNAL)  # all that it held is in the table
    print_all(plan, folder)
    for entry in failed[:_TOLD]:
        console(sys.stderr).print(f"{plan.said(entry.job)}: failed: {entry.message}", highlight=False, soft_wrap=True)
    if undone:
        lost = len(undone) - len(failed)
        never = f", {lost} were never finished" if lost else ""
        console(sys.stderr).print(
            f"{len(failed)} of {plan.jobs} jobs failed{never} (jobs.csv has all); --resume {folder} runs them again",
            highlight=False, soft_wrap=True,
        )  # fmt: skip
    say_where(folder)
    if parts.failed:
        console(sys.stderr).print(f"error: {Incomplete(folder, None, parts.failed)}", highlight=False, soft_wrap=True)
    return len(undone) + len(parts.failed)


def _is_complete(folder: Path) -> bool:
    """Whether all jobs are done and gathered."""
    about = folder / "manifest.json"
    return about.is_file() and not json.loads(about.read_text(encoding="utf-8"))["undone"]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else may run the same sweep meanwhile."""
    with writing(folder):
        lock = (folder / _LOCK).open("w")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise ScenarioError(f"{folder} is being run by another process") from fault
        try:
            yield
        finally:
            (folder / _LOCK).unlink(missing_ok=True)


@contextlib.contextmanager
def _told_what_is_kept(plan: Plan, folder: Path) -> Iterator[None]:
    """Whatever ends a sweep early, say what is kept and how to go on."""
    try:
        yield
    except BaseException:
        done = plan.jobs - len(missing(plan.jobs, entries(folder).values()))
        print(f"{done} of {plan.jobs} jobs are done and kept; go on with --resume {folder}", file=sys.stderr)
        raise


@contextlib.contextmanager
def _looking(folder: Path, tell: Callable[[int], None]) -> Iterator[None]:
    """Say from time to time how many jobs other processes have finished."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK_SECONDS):
            tell(len(entries(folder)))

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    try:
        yield
    finally:
        over.set()
        looker.join()


def _settings(text: str) -> list[tuple[str, Any]]:
    """Dotted key and value of each setting of a YAML text."""
    return list(leaves(yaml.safe_load(text)))
