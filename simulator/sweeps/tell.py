"""What a sweep tells at its end: a table of its jobs, and where the organisations part most."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.questions.frame.blocks import MARK, Block, Column, Passage, Table, caption, difference, heading
from simulator.questions.frame.numbers import Scale, Span, scale_for, told, words
from simulator.results.metric import Metric
from simulator.results.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

#: What a sweep is summed up by; all other metrics are in its table.
METRIC: Metric = METRICS[0]
#: Jobs that are printed.
_SHOWN = 24


def blocks(axes: Mapping[str, Sequence[Any]], rows: "pd.DataFrame") -> list[Block]:
    """The jobs with their estimates and differences; the first and the last few if they are many.

    Parameters
    ----------
    axes : key -> values of each axis.
    rows : of one metric: a row per job and organisation, with the axes as columns.
    """
    jobs = list(dict.fromkeys(rows["job"]))
    if not jobs:
        return []
    names = list(dict.fromkeys(rows["organisation"]))
    said = "All metrics of all jobs are in sweep.parquet; what became of each job is in jobs.csv."
    if len(names) > 1:
        said = (
            f"[ ]: 95% intervals. {MARK} marks a difference whose interval excludes 0; one in 20 does so by chance. "
            f"Differences of % are percentage points.\n{said}"
        )
    return [
        heading(f"{METRIC.label} of {len(jobs):,} jobs"),
        _jobs(axes, rows, jobs, names),
        Passage(sentence(axes, rows), "strong", apart=True),
        caption(said),
    ]


def _jobs(axes: Mapping[str, Sequence[Any]], rows: "pd.DataFrame", jobs: list[Any], names: list[str]) -> Table:
    shown = jobs if len(jobs) <= _SHOWN else [*jobs[: _SHOWN // 2], *jobs[-_SHOWN // 2 :]]
    scale = scale_of(rows)
    at = {(row["job"], row["organisation"]): row for row in rows.to_dict("records")}
    of = {job: rows[rows["job"] == job].iloc[0] for job in shown}
    columns = [
        Column("job", list(map(str, shown))),
        *(Column(key, [_value(of[job][key]) for job in shown]) for key in axes),
        *(Column(scale.headed(words(name)), [scale.text(float(at[job, name]["estimate"])) for job in shown])
          for name in names),
        *(Column(f"{words(name)}\n- {words(names[0])}",
                 [difference(METRIC, scale, _gap(at[job, name])) for job in shown])
          for name in names[1:]),
    ]  # fmt: skip
    if len(shown) == len(jobs):
        return Table(columns)
    half = _SHOWN // 2
    return Table([Column(column.head, [*column.cells[:half], "" if place else "...", *column.cells[half:]])
                  for place, column in enumerate(columns)])  # fmt: skip


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
        known = own[own["difference"].map(math.isfinite)].sort_values("difference").to_dict("records")
        ends = [f"{told(scale, _gap(row), apart=True)} at {_at(axes, row)}" for row in (*known[:1], *known[-1:])]
        widest = f", from {ends[0]} to {ends[1]}" if ends else ""
        said.append(
            f"The {METRIC.label} of {words(name)} is above that of {words(names[0])} for sure in {ahead:,} of {jobs:,} "
            f"jobs and below it in {behind:,}{widest}."
        )
    return " ".join(said)


def _gap(row: Mapping[Any, Any]) -> Span:
    return Span(*(float(row[name]) for name in ("difference", "difference_ci_low", "difference_ci_high")))


def _at(axes: Mapping[str, Sequence[Any]], row: Mapping[Any, Any]) -> str:
    return ", ".join(f"{key.rpartition('.')[2]} {_value(row[key])}" for key in axes) or f"job {row['job']}"


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
