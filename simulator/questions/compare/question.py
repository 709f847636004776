"""Organisations on the same buyers: tables, figures and what repeats them."""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from simulator.questions.compare.table import pay_and_spend, print_comparison, tables
from simulator.questions.compare.words import COST, DAYS, WINS, conclusion, sureness
from simulator.questions.compare.work import Comparison, compare
from simulator.questions.frame.manifest import FILES, repeating
from simulator.questions.frame.progress import progress
from simulator.questions.frame.question import conclude, draw
from simulator.questions.frame.report.leaving import Answer, leave
from simulator.questions.frame.runs import Simulate, check_leads, in_turn, resolved
from simulator.questions.frame.terminal import console, say_conclusion, say_if_compiling, say_where
from simulator.questions.transition.work import Path as Change
from simulator.questions.transition.work import in_words, path_table, paths
from simulator.results.channels import channels_table
from simulator.results.folder import Folder
from simulator.results.load import PeriodLoad, load_table, period_load
from simulator.results.metrics import BY_KEY, METRICS
from simulator.results.months import months_table
from simulator.results.replications import replications_table
from simulator.results.summary import Result
from simulator.scenario.composing import dump_yaml
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulator.questions.compare.crm_export import CrmExport
    from simulator.questions.compare.recording import Recorder
    from simulator.questions.frame.report.pictures import Drawn

_COUNTS = ("events", "buyers", "cohort", "inquiries", "opportunities", "won")


def run_and_report_comparison(scenario: Scenario, folder: Path, *, simulate: Simulate | None = None) -> Comparison:
    """Compare the scenario's organisations, write everything to ``folder``, print the table.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario, its leads or its payrolls are refused, or when the folder
        cannot be written.
    """
    scenario = resolved(scenario)
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with Folder(folder) as results:
        results.refuse_existing(FILES)
        if simulate is None:
            say_if_compiling(scenario)
        exported = None
        if scenario.run.export == "crm":
            exported = _exporter(results, scenario, simulate)
            simulate = exported.simulate
        if scenario.run.record == "touches":
            simulate = _recorder(results, scenario, simulate).simulate
        loads: dict[str, list[PeriodLoad]] = {}
        keep = _keeper(results, loads, exported)
        with progress(console(sys.stderr), scenario.name) as tell:
            comparison = compare(scenario, progress=tell, simulate=simulate, keep=keep)
        results.csv("metrics.csv", comparison.metrics)
        results.csv("comparisons.csv", comparison.differences)
        name, summaries = comparison.scenario.name, comparison.summaries
        results.csv("replications.csv", replications_table(name, summaries))
        results.csv("channels.csv", channels_table(name, summaries))
        results.csv("cohorts.csv", months_table(name, summaries))
        results.csv("load.csv", load := load_table(name, loads))
        changes = paths(comparison)
        if changes:
            results.csv("transition.csv", path_table(comparison))
        drawn = _draw(comparison, load, results)
        said = conclusion(comparison)
        conclude(results, said)
        about = manifest(comparison, started, time.monotonic() - clock)
        leave(Answer(
            comparison.scenario, "compare", said, lambda out: _show(comparison, changes, out), drawn, about,
            dump_yaml(comparison.scenario), comparison.organisations,
            metrics=[metric.key for metric in METRICS if metric.headline],
            headline=lambda out: _headline(comparison, out), sure=sureness(comparison),
            alike=pay_and_spend(comparison), lives=simulate is None,
        ), results)  # fmt: skip
    _show(comparison, changes, console(sys.stdout))
    say_conclusion(said)
    say_where(folder)
    return comparison


def _draw(comparison: Comparison, load: "pd.DataFrame", results: Folder) -> "list[Drawn]":
    from simulator.questions.compare.figures import figures  # brings matplotlib, which the runs need not wait for

    drawn = draw(figures(comparison, load), results)
    return sorted(drawn, key=lambda one: one.name != "cycle_time")  # who buys, and when, stands first


def _show(comparison: Comparison, changes: Sequence[Change], out: Console) -> None:
    print_comparison(comparison, out)
    for path in changes:
        out.print(in_words(path), highlight=False)


def _headline(comparison: Comparison, out: Console) -> None:
    """What the conclusion is about, in a few rows."""
    for table in tables(comparison, [BY_KEY[key] for key in (WINS, DAYS, COST)], out):
        out.print(table)


def manifest(comparison: Comparison, started: datetime, seconds: float) -> dict[str, Any]:
    """What repeats the run, and how large it was."""
    return repeating(comparison.scenario, started, seconds) | {
        "study": "compare",
        "conclusion": conclusion(comparison),
        "replications": comparison.replications,
        "payroll_usd_per_year": comparison.payrolls(),
        "counts": {
            name: {what: round(comparison.total(name, what)) for what in _COUNTS} for name in comparison.organisations
        },
    }


def _recorder(results: Folder, scenario: Scenario, simulate: Simulate | None) -> "Recorder":
    """What writes ``touches.parquet``."""
    from simulator.questions.compare.recording import Recorder  # brings numba: only when it is needed

    turns = in_turn(scenario.compared())
    return results.written("touches.parquet", lambda path, final: Recorder(path, final, turns, simulate))


def _exporter(results: Folder, scenario: Scenario, simulate: Simulate | None) -> "CrmExport":
    """What writes the folder ``crm``."""
    from simulator.questions.compare.crm_export import CrmExport  # brings numba: only when it is needed

    return CrmExport(results, scenario.compared(), simulate)


def _keeper(
    results: Folder, loads: dict[str, list[PeriodLoad]], exported: "CrmExport | None"
) -> Callable[[Result], None]:
    """Streams every run's rows to Parquet, so that memory holds a few runs only; keeps the load of each."""
    journeys, assets = results.table("journeys.parquet"), results.table("assets.parquet")

    def keep(result: Result) -> None:
        journeys.append(result.journeys)
        assets.append(result.assets)
        loads.setdefault(result.organisation, []).append(period_load(result))
        if exported is not None:
            exported.keep(result)

    return keep
