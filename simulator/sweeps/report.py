"""What a sweep says at its end: a figure and a few lines over all jobs, and the answers of jobs that left folders."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from simulator.questions.frame.manifest import what_repeats
from simulator.questions.frame.numbers import listed
from simulator.questions.frame.question import Parts, draw
from simulator.questions.frame.report.answer import Answer, leave_report
from simulator.questions.frame.terminal import console, show
from simulator.questions.frame.typed_settings import command
from simulator.results.folder import Folder
from simulator.scenario.checked import Checked
from simulator.sweeps.gather import TABLE, axis_values
from simulator.sweeps.plan import Plan
from simulator.sweeps.tell import METRIC, blocks, sentence

if TYPE_CHECKING:
    import pandas as pd


def report_sweep(plan: Plan, scenario: Checked, table: Path, results: Folder, parts: Parts) -> None:
    """The figure and the page over all jobs; ``scenario`` has the settings that they share."""
    rows = _rows(table)
    if rows.empty:
        return
    from simulator.sweeps.figure import figures  # brings matplotlib: the jobs need not wait for it

    runs = f"{rows['replications'].min():,}" + (
        "" if rows["replications"].nunique() == 1 else f" to {rows['replications'].max():,}"
    )
    note = (
        f"{scenario.name}: {rows['job'].nunique():,} jobs of n = {runs} replications, the same buyers in every "
        "organisation;\n95% intervals over replications."
    )
    axes = {key: axis_values(values) for key, values in plan.axes.items()}
    drawn = draw(parts.make("figures", lambda: figures(axes, rows, note)) or {}, results, parts)
    config = (results.path / "config.yaml").read_text(encoding="utf-8")  # it is there since the sweep began
    typed = [f"{key}={','.join(values)}" for key, values in plan.axes.items()]
    where = ["--config-dir", plan.config_dir] if plan.config_dir else []
    parts.make("report", lambda: leave_report(Answer(
        scenario, "sweep", [sentence(axes, rows)], blocks(axes, rows), drawn,
        what_repeats(scenario) | {"replications": int(rows["replications"].min())}, config, metrics=[METRIC.key],
        question=f"What do {listed(list(axes))} do to the {METRIC.label}?",
        repeat=command([*where, "--multirun", *plan.fixed, *typed]),
    ), results))  # fmt: skip


def print_all(plan: Plan, folder: Path) -> None:
    """The table and the sentence over all jobs; the conclusions of those that left folders."""
    out = console(sys.stdout)
    show(blocks({key: axis_values(values) for key, values in plan.axes.items()}, _rows(folder / TABLE)), out)
    for job in range(plan.jobs):
        text = folder / str(job) / "conclusion.txt"
        if text.is_file():
            out.print(Text(f"\n{plan.said(job)}", style="bold"))
            out.print(Text(" ".join(text.read_text(encoding="utf-8").split("\n")).strip()))


def _rows(table: Path) -> "pd.DataFrame":
    """The rows of the metric that a sweep is summed up by."""
    import pyarrow.parquet as pq

    return pq.read_table(table, filters=[("metric", "=", METRIC.key)]).to_pandas()
