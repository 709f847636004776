"""Cells of the printed tables: differences with their intervals, aligned, marked and coloured."""

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.numbers import NOTHING, Scale
from simulator.results.metrics import Metric

#: Stands behind a difference whose interval excludes 0.
MARK = "*"

#: A difference, the ends of its interval, and a style; without a style the interval holds 0.
Parts = tuple[str, str, str, str]


def verdict(metric: Metric, low: float, high: float) -> str:
    """``better`` or ``worse`` where the interval excludes 0, ``apart`` if neither is better; "" where it holds 0."""
    if not (low > 0 or high < 0):
        return ""
    if not metric.better:
        return "apart"
    return "better" if (low > 0) == (metric.better == "higher") else "worse"


def difference_parts(metric: Metric, scale: Scale, value: float, low: float, high: float) -> Parts:
    """The texts of a difference, to be padded later."""
    style = {"better": "green", "worse": "red", "apart": "bold", "": ""}[verdict(metric, low, high)]
    return scale.text(value, sign=True), scale.text(low, sign=True), scale.text(high, sign=True), style


def difference_cell(parts: Parts, widths: list[int]) -> Text:
    """A difference with its interval and its mark."""
    value, low, high, style = parts
    text = Text(f"{value:>{widths[0]}} ", style=style)
    text.append(low if low == NOTHING else f"[{low:>{widths[1]}}, {high:>{widths[2]}}]", style="dim")
    return text.append(f" {MARK if style else ' '}", style=style)


def lined_up(rows: list[list[Any]], cell: Callable[[Any, list[int]], Text]) -> list[list[Text]]:
    """The cells of each column, their parts padded so that they line up."""
    return [
        [cell(parts, [max(map(len, part)) for part in zip(*column, strict=True)]) for parts in column]
        for column in zip(*rows, strict=True)
    ]


def width(table: Table, console: Console) -> int:
    """Characters that a table takes where it has all the room it wants."""
    return Measurement.get(console, console.options.update(width=10_000), table).maximum
