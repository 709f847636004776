"""Estimates in sentences and cells: a number, its interval and its unit, rounded alike."""

import math
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.cells import width
from simulator.questions.frame.numbers import NOTHING, Scale, scale_for
from simulator.results.estimate import Estimate

#: Ends of an interval.
Interval = tuple[float, float]


def scale_of(unit: str, found: Iterable[Estimate]) -> Scale:
    """One scale for estimates that stand beside each other."""
    known = list(found)
    ends = [end for one in known for end in one.interval if math.isfinite(end) and end and _excludes_0(one.interval)]
    scale = scale_for(unit, [one.value for one in known], [one.interval[1] - one.value for one in known])
    return scale.telling_from_0(ends)


def _excludes_0(interval: Interval) -> bool:
    return interval[0] > 0 or interval[1] < 0


def stated(scale: Scale, value: float, interval: Interval, *, apart: bool = False, sign: bool | None = None) -> str:
    """A number with its unit and its interval: 4.8% [4.1, 5.5], +0.6 points [+0.2, +1.0].

    ``apart`` says that it is a difference: shares are then told in points, and everything has a sign unless ``sign``
    says otherwise.
    """
    if not math.isfinite(value):
        return "unknown"
    signed = apart if sign is None else sign
    unit = "points" if apart and scale.unit == "%" else scale.unit
    text = scale.text(value, sign=signed) + ("%" if unit == "%" else f" {unit}".rstrip())
    return f"{text} {_bracketed(scale, interval, signed)}".rstrip()


def _bracketed(scale: Scale, interval: Interval, sign: bool) -> str:
    low, high = interval
    return f"[{scale.text(low, sign=sign)}, {scale.text(high, sign=sign)}]" if math.isfinite(low) else ""


def cell(scale: Scale, one: Estimate, *, sign: bool = False, style: str = "") -> Text:
    """An estimate with its interval, for a table whose heading has the unit."""
    if not math.isfinite(one.value):
        return Text(NOTHING, style="dim")
    text = Text(scale.text(one.value, sign=sign), style=style)
    return text.append(f" {_bracketed(scale, one.interval, sign)}".rstrip(), style="dim")


def print_table(console: Console, heads: Sequence[str], rows: Sequence[Sequence[str | Text]]) -> None:
    """A plain table, the first column to the left and all others to the right; in several if it is too wide."""
    columns = list(range(1, len(heads)))
    while columns:
        taken = len(columns)
        while width(made := _table(heads, rows, columns[:taken]), console) > console.width and taken > 1:
            taken -= 1
        console.print(made)
        console.print()
        columns = columns[taken:]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str | Text]], columns: Sequence[int]) -> Table:
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place in (0, *columns):
        made.add_column(heads[place], justify="right" if place else "left", no_wrap=True, vertical="bottom")
    for row in rows:
        made.add_row(*(row[place] for place in (0, *columns)))
    return made


def heading(console: Console, text: str) -> None:
    """A line above a table."""
    console.print(Text(text, style="bold underline"))


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
