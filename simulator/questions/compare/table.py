"""The table that a run ends with: estimates of every organisation, and paired differences to the baseline."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.questions.compare.work import Comparison
from simulator.questions.frame.cells import MARK, Parts, difference_cell, difference_parts, lined_up, width
from simulator.questions.frame.numbers import NOTHING, amounts, began, count, pay_in_words, scale_for, times, words
from simulator.results.metrics import GROUPS, METRICS, Metric

if TYPE_CHECKING:
    import pandas as pd

#: Heading of a column, and its cells.
_Column = tuple[str, list[Text]]


@dataclass(frozen=True)
class Line:
    """One metric, formatted; the parts of its cells are padded later.

    Attributes
    ----------
    unit : of all its numbers; "%" stands for percentage points where they are differences.
    estimates : of each organisation, value and half width of the interval.
    differences : to the baseline, of each other organisation.
    """

    metric: Metric
    unit: str
    estimates: list[tuple[str, str]]
    differences: list[Parts]


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the table with its caption, in one piece if the console is wide enough, else stacked."""
    for part in rendered(comparison, console):
        console.print(part)


def rendered(comparison: Comparison, console: Console) -> list[RenderableType]:
    """The tables and the caption as rich renderables that fit the console."""
    title = Text(f"{comparison.scenario.name}: {comparison.scenario.question}".removesuffix(": "), style="bold")
    metrics = [metric for metric in METRICS if metric.headline]
    return [title, *(part for table in tables(comparison, metrics, console) for part in (table, Text())),
            caption(comparison)]  # fmt: skip


def tables(comparison: Comparison, metrics: Sequence[Metric], console: Console) -> list[Table]:
    """Estimates and differences of some metrics, in as few tables as fit the console."""
    lines = [line_of(metric, comparison) for metric in metrics]
    estimates = lined_up([line.estimates for line in lines], _estimate)
    differences = lined_up([line.differences for line in lines], difference_cell)
    heads = [words(name) for name in comparison.organisations]
    apart = [f"{name}\n- {heads[0]}" for name in heads[1:]]
    left, right = list(zip(heads, estimates, strict=True)), list(zip(apart, differences, strict=True))
    fitting = _fitting(lines, left + right, console)
    return fitting if len(fitting) == 1 else _fitting(lines, left, console) + _fitting(lines, right, console)


def caption(comparison: Comparison) -> Text:
    """What the reader must know to read the table."""
    scenario, baseline = comparison.scenario, comparison.baseline
    runs = comparison.replications
    buyers, inquiries = (comparison.total(baseline, name) / runs for name in ("cohort", "inquiries"))
    plural = "s" if runs > 1 else ""
    said = [
        f"{runs:,} replication{plural} (seed {scenario.run.seed}) of a cohort of {scenario.run.cohort_days:,} days: "
        f"{count(buyers)} buyers and {count(inquiries)} inquiries in {words(comparison.baseline)}, followed for "
        f"{scenario.run.follow_up_days:,} days more.",
        pay_and_spend(comparison),
    ]
    if runs > 1:
        said.append(
            f"± and [ ]: 95% intervals over replications. {MARK} marks a difference whose interval excludes 0; one row "
            "in 20 does so by chance. Differences of % are percentage points."
        )
        said += _pairing(comparison)
    else:
        said.append("One replication has no intervals (-): set run.replications to 2 or more.")
    if comparison.note:
        said.append(began(comparison.note) + ".")
    if comparison.scenario.provenance:
        said.append(comparison.scenario.provenance)
    said.append(f"{sum(not metric.headline for metric in METRICS)} more metrics are in metrics.csv.")
    return Text("\n".join(said), style="dim")


def pay_and_spend(comparison: Comparison) -> str:
    """What all arms have alike, or not: payroll and channel spend."""
    spends = {name: comparison.total(name, "spend") / comparison.replications for name in comparison.organisations}
    return f"{pay_in_words(comparison.payrolls())}; channel spend on the cohort: {amounts(spends)}."


def _pairing(comparison: Comparison) -> list[str]:
    table = comparison.differences
    ratios = table[(table["metric"] == METRICS[0].key) & table["variance_ratio"].map(math.isfinite)]
    if ratios.empty:
        return []
    listed = ", ".join(f"{words(str(r.organisation))} {times(_number(r.variance_ratio))}" for r in ratios.itertuples())
    return [f"Who comes to several organisations is the same buyer in each; without that, the {METRICS[0].label} would "
            f"need this many times the replications for the same interval: {listed}."]  # fmt: skip


def line_of(metric: Metric, comparison: Comparison) -> Line:
    """A metric as the table has it: one scale for its estimates and differences."""
    estimates, differences = _rows(comparison.metrics, metric), _rows(comparison.differences, metric)
    values = [_number(row.estimate) for row in estimates]
    widths = [(_number(row.ci_high) - _number(row.ci_low)) / 2 for row in estimates + differences]
    ends = [(_number(row.ci_low), _number(row.ci_high)) for row in differences]
    marked = [low if low > 0 else high for low, high in ends if low > 0 or high < 0]
    scale = scale_for(metric.unit, values, widths).telling_from_0(marked)
    return Line(
        metric,
        scale.unit,
        [(scale.text(v), scale.text(w)) for v, w in zip(values, widths[: len(values)], strict=True)],
        [
            difference_parts(metric, scale, *map(_number, (row.difference, row.ci_low, row.ci_high)))
            for row in differences
        ],
    )


def _rows(table: "pd.DataFrame", metric: Metric) -> list[Any]:
    return list(table[table["metric"] == metric.key].itertuples())


def _number(value: object) -> float:
    return float(value)  # type: ignore[arg-type]  # a cell of a numeric column


def _estimate(parts: tuple[str, str], widths: list[int]) -> Text:
    value, half = parts
    text = Text(f"{value:>{widths[0]}} ")
    return text.append(half if half == NOTHING else f"±{half:>{widths[1]}}", style="dim")


def _fitting(lines: list[Line], columns: list[_Column], console: Console) -> list[Table]:
    """As few tables as fit the console's width, columns in order; one column to a table at least."""
    tables: list[Table] = []
    while columns:
        taken = len(columns)
        while taken > 1 and width(_table(lines, columns[:taken]), console) > console.width:
            taken -= 1
        tables.append(_table(lines, columns[:taken]))
        columns = columns[taken:]
    return tables


def _table(lines: list[Line], columns: list[_Column]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("", "", *(head for head, _ in columns)):
        table.add_column(head, no_wrap=True)
    for group in GROUPS:
        inside = [i for i, line in enumerate(lines) if line.metric.group == group]
        if inside:
            table.add_row(Text(group, style="bold underline"))
        for i in inside:
            cells = [cells[i] for _, cells in columns]
            table.add_row(lines[i].metric.label, Text(lines[i].unit, style="dim"), *cells)
    return table
