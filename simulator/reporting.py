"""From a scenario to a folder of results and a printed table: what ``make run`` does."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console

from simulator.composing import dump_yaml
from simulator.domain.scenario import Scenario
from simulator.faces.figures import figures
from simulator.faces.limit_table import print_limit
from simulator.faces.progress import progress
from simulator.faces.style import save
from simulator.faces.table import PLAIN_WIDTH, print_comparison
from simulator.results.folder import Folder
from simulator.results.summary import Result
from simulator.studies.compare import Comparison, Simulate, check_leads, compare, resolved
from simulator.studies.limits.finding import Finding

#: Libraries whose versions a result may depend on.
LIBRARIES = (
    "mesa", "numba", "llvmlite", "numpy", "pandas", "pyarrow", "scipy", "simpy", "hydra-core", "matplotlib", "optuna",
)  # fmt: skip

#: What every run leaves; ``touches.parquet`` and the figures come on top.
FILES = ("metrics.csv", "comparisons.csv", "journeys.parquet", "config.yaml", "manifest.json")

#: What a limit leaves.
LIMIT_FILES = ("limit.csv", "config.yaml", "manifest.json")

_COUNTS = ("events", "buyers", "cohort", "inquiries", "opportunities", "won")


def run_and_report(scenario: Scenario, folder: Path, *, simulate: Simulate | None = None) -> Comparison | Finding:
    """Compare the scenario's organisations, write everything to ``folder``, print the table.

    A scenario that names a limit is answered by theory beside simulation instead.

    The folder gets all its files at the end, or, after an error or Ctrl-C, none; files that exist are not overwritten.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario, its leads or its payrolls are refused, or when the folder
        cannot be written.
    """
    if scenario.limit:
        return run_and_report_limit(scenario, folder)
    folder = Path(folder)
    resolved(scenario)
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with Folder(folder) as results:
        results.refuse_existing(FILES)
        keep = _keeper(results, scenario.run.record == "touches")
        if scenario.run.engine == "compiled" and simulate is None:
            _say_if_compiling(_console(sys.stderr))
        with progress(_console(sys.stderr), scenario.name) as tell:
            comparison = compare(scenario, progress=tell, simulate=simulate, keep=keep)
        results.csv("metrics.csv", comparison.metrics)
        results.csv("comparisons.csv", comparison.differences)
        for name, figure in figures(comparison).items():
            with results.writing(f"figures/{name}.svg") as svg, results.writing(f"figures/{name}.png") as png:
                save(figure, svg, png)
        results.text("config.yaml", dump_yaml(comparison.scenario))
        about = manifest(comparison, started, time.monotonic() - clock)
        results.text("manifest.json", json.dumps(about, indent=2) + "\n")
    console = _console(sys.stdout)
    print_comparison(comparison, console)
    console.print(f"\nResults are in {_shown(folder)}", highlight=False, soft_wrap=True)
    return comparison


def run_and_report_limit(scenario: Scenario, folder: Path) -> Finding:
    """Set theory beside simulation, write ``limit.csv`` and what repeats it to ``folder``, print the table.

    Raises
    ------
    ScenarioError
        One line, when the scenario or its leads are refused, or when the folder cannot be written.
    """
    from simulator.studies.limits.registry import limit  # compiles: only when it is needed

    folder = Path(folder)
    scenario = resolved(scenario)
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with Folder(folder) as results:
        results.refuse_existing(LIMIT_FILES)
        with progress(_console(sys.stderr), scenario.name) as tell:
            finding = limit(scenario, tell)
        results.csv("limit.csv", finding.table())
        results.text("config.yaml", dump_yaml(scenario))
        about = repeating(scenario, started, time.monotonic() - clock) | {"agrees": finding.agrees}
        results.text("manifest.json", json.dumps(about, indent=2) + "\n")
    console = _console(sys.stdout)
    print_limit(finding, console)
    console.print(f"\nResults are in {_shown(folder)}", highlight=False, soft_wrap=True)
    return finding


def repeating(scenario: Scenario, started: datetime, seconds: float) -> dict[str, Any]:
    """What repeats a run."""
    return {
        "scenario": scenario.name,
        "version": _version("buyer-journeys"),
        "seed": scenario.run.seed,
        "replications": scenario.run.replications,
        "engine": scenario.run.engine,
        "started": started.isoformat(timespec="seconds"),
        "duration_seconds": round(seconds, 3),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
    }


def manifest(comparison: Comparison, started: datetime, seconds: float) -> dict[str, Any]:
    """What repeats the run, and how large it was."""
    return repeating(comparison.scenario, started, seconds) | {
        "payroll_usd_per_year": comparison.payrolls(),
        "counts": {
            name: {what: round(comparison.total(name, what)) for what in _COUNTS} for name in comparison.organisations
        },
    }


def _keeper(results: Folder, touches: bool) -> Callable[[Result], None]:
    """Streams every run's rows to Parquet, so that memory holds a few runs only."""
    journeys = results.table("journeys.parquet")
    interactions = results.table("touches.parquet") if touches else None

    def keep(result: Result) -> None:
        journeys.append(result.journeys)
        if interactions is not None and result.touches is not None:
            interactions.append(result.touches)

    return keep


def _say_if_compiling(console: Console) -> None:
    """A line before half a minute of silence."""
    from simulator.compiling import kernel_is_cached  # brings numba, which a refused scenario need not wait for

    if not kernel_is_cached():
        console.print("compiling the engine, once: about half a minute", highlight=False)


def _console(stream: Any) -> Console:
    """A console as wide as its terminal; wide enough for the whole table where there is none."""
    console = Console(file=stream)
    return console if console.is_terminal or os.environ.get("COLUMNS") else Console(file=stream, width=PLAIN_WIDTH)


def _shown(folder: Path) -> str:
    """The folder as the user would type it from here."""
    absolute = folder.absolute()
    return str(absolute.relative_to(Path.cwd())) if absolute.is_relative_to(Path.cwd()) else str(absolute)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
