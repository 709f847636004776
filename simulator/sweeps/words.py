"""What a sweep says at its end: a table of its jobs, and where the organisations part most."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.cells import MARK, difference_cell, difference_parts, lined_up
from simulator.questions.frame.numbers import Scale, scale_for, words
from simulator.results.metrics import METRICS, Metric

if TYPE_CHECKING:
    import pandas as pd

#: What a sweep is summed up by; all other metrics are in its table.
METRIC: Metric = METRICS[0]
#: Jobs that are printed.
_SHOWN = 24
_DIFFERENCE = ("difference", "difference_ci_low", "difference_ci_high")


def print_sweep(axes: Mapping[str, Sequence[Any]], rows: "pd.DataFrame", console: Console) -> None:
    """The jobs with their estimates and differences; the first and the last few if they are many.

    Parameters
    ----------
    axes : key -> values of each axis.
    rows : of one metric: a row per job and organisation, with the axes as columns.
    """
    jobs = list(dict.fromkeys(rows["job"]))
    names = list(dict.fromkeys(rows["organisation"]))
    if not jobs:
        return
    shown = jobs if len(jobs) <= _SHOWN else [*jobs[: _SHOWN // 2], *jobs[-_SHOWN // 2 :]]
    scale = scale_of(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    unit = f", {scale.unit}" if scale.unit else ""
    for head in ("job", *axes, *(f"{words(name)}{unit}" for name in names),
                 *(f"{words(name)}\n- {words(names[0])}" for name in names[1:])):  # fmt: skip
        table.add_column(head, no_wrap=True)
    at = {(row.job, row.organisation): row for row in rows.itertuples()}
    lines = [
        [difference_parts(METRIC, scale, *(_number(getattr(at[job, name], part)) for part in _DIFFERENCE))
         for name in names[1:]]
        for job in shown
    ]  # fmt: skip
    differences = lined_up(lines, difference_cell) if len(names) > 1 else []
    for place, job in enumerate(shown):
        if len(shown) < len(jobs) and place == _SHOWN // 2:
            table.add_row("...")
        own = rows[rows["job"] == job].iloc[0]
        table.add_row(str(job), *(_value(own[key]) for key in axes),
                      *(scale.text(_number(at[job, name].estimate)) for name in names),
                      *(column[place] for column in differences))  # fmt: skip
    console.print(Text(f"\n{METRIC.label} of {len(jobs):,} jobs", style="bold underline"))
    console.print(table)
    console.print(Text(f"\n{sentence(axes, rows)}", style="bold"))
    said = "All metrics of all jobs are in sweep.parquet; what became of each job is in jobs.csv."
    if len(names) > 1:
        said = (
            f"[ ]: 95% intervals. {MARK} marks a difference whose interval excludes 0; one in 20 does so by chance. "
            f"Differences of % are percentage points.\n{said}"
        )
    console.print(Text(said, style="dim"))


def scale_of(rows: "pd.DataFrame") -> Scale:
    """One scale for all jobs."""
    halves = (rows["ci_high"] - rows["ci_low"]) / 2
    return scale_for(METRIC.unit, [float(value) for value in rows["estimate"]], [float(half) for half in halves])


def sentence(axes: Mapping[str, Sequence[Any]], rows: "pd.DataFrame") -> str:
    """In how many jobs who is ahead for sure, and where the gap is widest."""
    names = list(dict.fromkeys(rows["organisation"]))
    jobs = rows["job"].nunique()
    if len(names) < 2:
        return f"{words(names[0])} was run alone in {jobs:,} jobs: there is nothing to compare it with."
    said = []
    scale = scale_of(rows)
    for name in names[1:]:
        own = rows[rows["organisation"] == name]
        ahead, behind = int((own["difference_ci_low"] > 0).sum()), int((own["difference_ci_high"] < 0).sum())
        ends = own[own["difference"].map(math.isfinite)].sort_values("difference")
        widest = "" if ends.empty else (
            f", from {_gap(scale, ends.iloc[0])} at {_at(axes, ends.iloc[0])} to {_gap(scale, ends.iloc[-1])} at "
            f"{_at(axes, ends.iloc[-1])}"
        )  # fmt: skip
        said.append(
            f"The {METRIC.label} of {words(name)} is above that of {words(names[0])} for sure in {ahead:,} of {jobs:,} "
            f"jobs and below it in {behind:,}{widest}."
        )
    return " ".join(said)


def _gap(scale: Scale, row: "pd.Series[Any]") -> str:
    unit = " points" if scale.unit == "%" else f" {scale.unit}".rstrip()
    low, high = float(row["difference_ci_low"]), float(row["difference_ci_high"])
    ends = f" [{scale.text(low, sign=True)}, {scale.text(high, sign=True)}]" if math.isfinite(low) else ""
    return f"{scale.text(float(row['difference']), sign=True)}{unit}{ends}"


def _at(axes: Mapping[str, Sequence[Any]], row: "pd.Series[Any]") -> str:
    return ", ".join(f"{key.rpartition('.')[2]} {_value(row[key])}" for key in axes) or f"job {row['job']}"


def _number(value: Any) -> float:
    return float(value)


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
