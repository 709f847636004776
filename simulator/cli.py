"""The command line: compose, check, run, say in one line what is wrong; heavy libraries wait until a run begins."""

import argparse
import contextlib
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from simulator.scenario.checked import Checked
    from simulator.scenario.composing import Planned
    from simulator.sweeps.plan import Plan

_NO_ROOM = (errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
FAILED, REFUSED, INTERRUPTED = 1, 2, 130

#: Signals that end a run as Ctrl-C does: `kill`, a batch system's time limit; a closed terminal.
_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

_PROGRAM = "buyer-journeys"
#: The word that asks for the page in place of a run.
_WORKSHOP = "workshop"
_STAMP = "%Y-%m-%d_%H-%M-%S-%f"


class _JobRefused(BaseException):
    """A refusal on its way out of a job: Hydra would print lines of its own about an ``Exception``."""


class _SomeFailed(BaseException):
    """Jobs of a sweep failed, and were told of; or, as it says, a part of an answer."""


class _Ended(BaseException):
    """A signal that ends the program, on its way out as Ctrl-C's is."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code.

    0 done, 1 jobs of a sweep or a part of an answer failed, 2 refused, 128 + the number of a signal that ended it.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that has no ± is no reason to fail
    try:
        with _ending_tidily():
            _dispatch(arguments)
    except (ScenarioError, _JobRefused) as refused:
        return _fail(f"error: {refused}", REFUSED)
    except _SomeFailed as failed:
        return _fail(f"error: {failed}", FAILED) if failed.args else FAILED
    except (KeyboardInterrupt, _Ended) as ended:
        how, code = ("terminated", 128 + ended.args[0]) if isinstance(ended, _Ended) else ("interrupted", INTERRUPTED)
        left = "; ".join(getattr(ended, "__notes__", ())) or "the run under way left no results"
        return _fail(f"{how}: {left}", code)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


@contextlib.contextmanager
def _ending_tidily() -> Iterator[None]:
    """Let signals that would end the program at once unwind it instead, so that nothing half-written stays."""

    def end(number: int, _: object) -> None:
        for one in caught:
            signal.signal(one, signal.SIG_IGN)  # a second one must not interrupt the tidying
        raise _Ended(number)

    here = threading.current_thread() is threading.main_thread()  # elsewhere nobody may catch signals
    caught = [one for one in _ENDING if here and signal.getsignal(one) == signal.SIG_DFL]
    for one in caught:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in caught:
            signal.signal(one, signal.SIG_DFL)


def _fail(line: str, code: int) -> int:
    sys.stdout.flush()
    print(" ".join(line.split("\n")), file=sys.stderr)
    return code


def _dispatch(arguments: list[str]) -> None:
    if "--version" in arguments:
        print(f"{_PROGRAM} {_version()}")
        return
    options = _parser().parse_intermixed_args(arguments)
    if options.help or options.keys is not None:
        from simulator.scenario.help import help_text, keys_text

        print(help_text(options.config_dir) if options.help else keys_text(options.keys))
        return
    from simulator.scenario.files import by_name

    options.overrides, options.config_dir = by_name(options.overrides, options.config_dir)
    if options.overrides[:1] == [_WORKSHOP]:
        _workshop(options)
        return
    if options.experimental_rerun:
        raise ScenarioError("--experimental-rerun is not used: say --repeat FOLDER")
    if options.shell_completion and not options.overrides:
        raise ScenarioError("--shell-completion must say what to do, as in --shell-completion install=bash")
    if options.config_name or options.config_path:
        raise ScenarioError("--config-name and --config-path are not used: write a scenario, and say --config-dir DIR")
    if options.repeat is not None:
        _repeat(options)
    elif options.resume is not None:
        _resume(options)
    else:
        shows = [options.cfg, options.info, options.hydra_help, options.shell_completion]
        if sum(map(bool, [*shows, options.multirun])) > 1 or (options.resolve and not options.cfg):
            raise ScenarioError(
                "--multirun, --cfg, --info and --shell-completion exclude each other; --resolve needs --cfg"
            )
        if not any(shows):
            planned = _refuse_early(options)
            if isinstance(planned, tuple):
                _run_composed(*planned)
                return
            if planned:
                _sweep(planned, options)
                return
        _hand_to_hydra(options)


def _parser() -> argparse.ArgumentParser:
    from hydra._internal.utils import get_args_parser  # the flags of every Hydra application, as Hydra reads them

    parser: argparse.ArgumentParser = get_args_parser()
    parser.add_argument("--keys", nargs="?", const="")
    parser.add_argument("--repeat", metavar="FOLDER")
    parser.add_argument("--resume", metavar="FOLDER")

    def refuse(message: str) -> NoReturn:
        raise ScenarioError(f"{message} (see --help)")

    parser.error = refuse  # type: ignore[method-assign]
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(_PROGRAM)
    except PackageNotFoundError:
        return "(not installed)"


# --- before anything runs ---------------------------------------------------------------------------------------------


def _refuse_early(options: argparse.Namespace) -> "Planned | tuple[DictConfig, Checked] | None":
    """Refuse what is wrong anywhere in a run or a sweep before a folder is made for it; return what is to run.

    That is a sweep, or the settings of a single run and the scenario they make; None for a sweep that somebody else's
    sweeper plans.
    """
    from simulator.scenario.composing import planned
    from simulator.sweeps.points import refuse_jobs

    found = planned(options.overrides, options.config_dir, multirun=options.multirun)
    last, left = refuse_jobs(found, _check)
    _refuse_used(found.folder)
    if left:
        print(left, file=sys.stderr)
    if found.axes is None and last:
        return found.single, last
    return found if found.is_ours else None


def _check(scenario: "Checked") -> None:
    """Refuse what only a look at the payrolls, at the export and at the study can tell."""
    from simulator.questions.registry import refuse
    from simulator.scenario.scenario import check_equal_payroll

    check_equal_payroll(scenario, scenario.compared())
    leads = scenario.market.leads
    if leads.path:
        from simulator.leads.replay import check_leads_against_run, read_leads

        check_leads_against_run(read_leads(leads.path, leads), scenario.run)
    refuse(scenario)


def _refuse_used(folder: Path) -> None:
    """Refuse a folder that holds something, or that cannot be made."""
    missing: list[Path] = []
    try:  # the only sure way to know; a run that is refused later must leave nothing, so it is undone
        if folder.is_dir():
            if any(folder.iterdir()):
                raise ScenarioError(f"{folder} holds results, and nothing is overwritten: name a new folder")
        elif folder.exists():
            raise ScenarioError(f"{folder} must be a folder for results, got a file")
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".written").touch()
        (folder / ".written").unlink()
    except OSError as fault:
        raise ScenarioError(f"cannot write {folder}: {fault.strerror or fault}") from fault
    finally:
        for parent in missing:
            with contextlib.suppress(OSError):
                parent.rmdir()


# --- running ----------------------------------------------------------------------------------------------------------


def _run_composed(cfg: "DictConfig", scenario: "Checked") -> None:
    """A single run, as Hydra does it, but with settings that are composed and checked already: that takes a while."""
    from simulator.scenario.composing import run_composed

    with _refusing_in_one_line():
        run_composed(cfg, lambda _: _job(scenario))


def _sweep(found: "Planned", options: argparse.Namespace) -> None:
    """Run a new sweep."""
    from simulator.sweeps.driver import begin, comparable, model_digest, settings_of
    from simulator.sweeps.plan import Plan, told_apart

    assert found.axes is not None
    how, fixed = told_apart(found.fixed)
    config_dir = str(Path(options.config_dir).absolute()) if options.config_dir else ""
    scenario = settings_of(fixed, how, config_dir)
    plan = Plan(found.axes, fixed, config_dir, model_digest(comparable(scenario)))
    folder = found.folder.absolute()
    begin(plan, scenario, folder)
    _run_sweep(plan, scenario, folder, how)


def _resume(options: argparse.Namespace) -> None:
    """Go on with a sweep or a calibration that ended early; run a sweep's failed jobs again."""
    from simulator.questions.frame.unfinished import unfinished
    from simulator.scenario.composing import axes_of
    from simulator.sweeps.driver import refuse_changed, settings_of
    from simulator.sweeps.plan import Plan, refuse_other, told_apart

    folder = Path(options.resume).absolute()
    if begun := unfinished(folder, options.overrides):
        return _run(begun, folder)
    plan = Plan.read(folder)
    if options.config_dir and str(Path(options.config_dir).absolute()) != plan.config_dir:
        raise ScenarioError(
            f"--resume goes on with the settings of the sweep: --config-dir was {plan.config_dir or 'not given'}, got "
            f"{options.config_dir}"
        )
    how, other = told_apart(options.overrides)
    if other:
        refuse_other(plan, *axes_of(other, plan.config_dir or None))
    scenario = settings_of(plan.fixed, how, plan.config_dir)
    refuse_changed(plan, scenario, folder)
    _run_sweep(plan, scenario, folder, how)


def _workshop(options: argparse.Namespace) -> None:
    """Serve the workshop's page until interrupted."""
    from simulator.scenario.composing import load_checked

    if options.multirun or options.cfg or options.info or options.shell_completion:
        raise ScenarioError("workshop takes settings only: leave --multirun, --cfg and the like out")
    scenario = load_checked(_WORKSHOP, options.overrides[1:], options.config_dir)
    _check(scenario)
    from simulator.workshop.server import serve  # brings the web server, which nothing else needs

    try:
        folder = ["--config-dir", str(options.config_dir)] if options.config_dir else []
        serve(scenario, folder + options.overrides[1:])
    except (KeyboardInterrupt, _Ended):
        print("the workshop has ended; rooms are not kept")


def _run_sweep(plan: "Plan", scenario: "Checked", folder: Path, how: list[str]) -> None:
    from simulator.sweeps.driver import run_sweep

    launcher = [one for one in how if one.lstrip("+").startswith("hydra.launcher.")]
    with _refusing_in_one_line(), _saying_what_no_system_lets_us(folder):
        failed = run_sweep(plan, scenario, folder, launcher)
    if failed:
        raise _SomeFailed


def _hand_to_hydra(options: argparse.Namespace) -> None:
    """A sweep, or what Hydra shows."""
    import hydra

    from simulator.scenario.composing import composed, ready_for_hydra, to_scenario
    from simulator.scenario.config_sources import CONF

    if options.cfg or options.info:
        composed(options.overrides, options.config_dir)  # refuses in one line what Hydra would not
    ready_for_hydra(options.config_dir)
    options.config_dir = None  # is read as ours; Hydra would take any of its own settings from there
    given = {one.option_strings[0]: vars(options).get(one.dest) for one in _parser()._actions if one.option_strings}
    flags = [part for flag, value in given.items() if value for part in (flag, value) if part is not True]
    os.environ["HYDRA_FULL_ERROR"] = "1"  # raise, do not print and exit
    before, sys.argv = sys.argv, [_PROGRAM, *flags, *options.overrides]
    application = hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
    try:
        with _refusing_in_one_line():
            application(lambda cfg: _job(to_scenario(cfg)))()
    finally:
        sys.argv = before


@contextlib.contextmanager
def _refusing_in_one_line() -> Iterator[None]:
    """Turn what Hydra raises about settings into a refusal."""
    import yaml
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from simulator.scenario.refusals import refusal

    try:
        yield
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as fault:
        raise refusal(fault) from fault


def _job(scenario: "Checked") -> None:
    """One run, alone or in a sweep, in the folder that Hydra made for it."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    at = HydraConfig.get()
    if at.mode == RunMode.MULTIRUN:
        print(f"job {at.job.num}: {' '.join(at.overrides.task) or 'nothing overridden'}", flush=True)
    try:
        _run(scenario, Path(at.runtime.output_dir))
    except ScenarioError as refused:
        raise _JobRefused(str(refused)) from refused


def _run(scenario: "Checked", folder: Path) -> None:
    from simulator.questions.registry import Incomplete, run_and_report

    with _tidied(folder):
        try:
            run_and_report(scenario, folder)  # leaves the config.yaml that --repeat reads
        except Incomplete as incomplete:
            raise _SomeFailed(str(incomplete)) from incomplete


@contextlib.contextmanager
def _tidied(folder: Path) -> Iterator[None]:
    """Remove the folder of a run that left nothing in it; say in one line what the system would not let us do."""
    try:
        with _saying_what_no_system_lets_us(folder):
            yield
    except BaseException:
        with contextlib.suppress(OSError):
            folder.rmdir()
        raise


@contextlib.contextmanager
def _saying_what_no_system_lets_us(folder: Path) -> Iterator[None]:
    """Turn a full disk and a missing permission into a refusal."""
    try:
        yield
    except OSError as fault:
        if fault.errno not in _NO_ROOM:
            raise
        raise ScenarioError(f"cannot write {folder}: {fault.strerror}") from fault


def _repeat(options: argparse.Namespace) -> None:
    """Run again what a folder's ``config.yaml`` says, in a new folder."""
    from simulator.scenario.composing import load_config_file

    if options.overrides or options.multirun:
        raise ScenarioError("--repeat runs a folder's config.yaml as it is: leave the overrides out")
    source = Path(options.repeat)
    config = source / "config.yaml" if source.is_dir() else source
    if not config.is_file():
        raise ScenarioError(f"--repeat must name the folder of a run, with its config.yaml, got {options.repeat!r}")
    scenario = load_config_file(config)
    folder = Path("outputs", scenario.name, datetime.now().strftime(_STAMP)).absolute()
    _check(scenario)
    _refuse_used(folder)
    _run(scenario, folder)
