"""The one table of the figures: on screen, as CSV, and in a page."""

import csv
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.figure import Row
from benchmarks.sizes import Sizes

WIDTH = 120
COLUMNS = ("figure", "goal", "measured", "spread", "", "floor, and what stands behind")
CSV_COLUMNS = (
    "figure", "sentence", "goal", "limit", "at_least", "unit", "measured", "low", "high", "runs", "verdict", "beside",
    "reason", "seconds", "buyers_asked", "quick", "processor", "system", "libraries",
)  # fmt: skip
HOW = (
    "Medians; spread: the least and the most of n runs. CPU seconds of this process on one core, contestants in turns, "
    "Python's garbage collector off while the clock runs; on the wall and on all cores: threads, recording, crm, "
    "help, first_event, cold_compile. Drawing the arrivals is timed for mesa, simpy, numpy and recording, and is done "
    "before elsewhere."
)
OTHER_SIZES = "The sizes are not those that the goals are about: they were asked for."
NO_REASON = "the reason is not found yet."
_STYLES = {"met": "green", "missed": "red", "failed": "red"}
BEGIN, END = "<!-- figures: begin, made by `make bench-page` -->", "<!-- figures: end -->"


def shown(value: float, unit: str) -> str:
    """A value as one reads it: three digits are enough."""
    digits = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return f"{digits} {unit}" if unit == "s" else digits


def cells(row: Row) -> tuple[str, ...]:
    """The words of one line, in the order of ``COLUMNS``."""
    figure, found = row.figure, row.measured
    name = f"{figure.name}: {figure.sentence}"
    if found is None:
        return name, figure.goal, row.verdict, "", "", row.why
    spread = f"n = {found.runs}"
    if found.low < found.high:
        spread = f"{shown(found.low, '')} to {shown(found.high, '')}, {spread}"
    return name, figure.goal, shown(found.value, figure.unit), spread, row.verdict, _behind(row)


def _behind(row: Row) -> str:
    beside = row.measured.beside if row.measured else ""
    return f"{beside}. Missed: {_reason(row)}" if row.verdict == "missed" else beside


def _reason(row: Row) -> str:
    """Why a goal is missed or a value is missing; a miss whose reason nobody has found yet says so."""
    if row.verdict == "missed":
        found = row.measured.reason if row.measured else ""
        return found or row.figure.reason or NO_REASON
    return row.why


def show(rows: Sequence[Row], machine: Mapping[str, str], sizes: Sizes, console: Console | None = None) -> None:
    """Print it, as wide as the terminal."""
    console = console or Console(width=None if sys.stdout.isatty() else WIDTH)
    below = [HOW, *([OTHER_SIZES] if sizes.buyers or sizes.quick else []), *machine.values()]
    table = Table(title="What a simulation costs", title_justify="left", show_lines=True,
                  caption="\n".join(below), caption_justify="left")  # fmt: skip
    for name, width in zip(COLUMNS, (32, 12, 8, 13, 6, None), strict=True):
        table.add_column(name, width=width, justify="right" if name == "measured" else "left")
    for row in rows:
        style = _STYLES.get(row.verdict, "")
        name, goal, value, spread, verdict, *rest = cells(row)
        table.add_row(name, goal, Text(value, style), spread, Text(verdict, style), *rest)
    console.print(table)


def to_csv(rows: Sequence[Row], machine: Mapping[str, str], sizes: Sizes, folder: Path) -> Path:
    """Keep it, in a new file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"figures_{datetime.now():%Y-%m-%d_%H-%M-%S-%f}.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, CSV_COLUMNS)
        writer.writeheader()
        for row in rows:
            figure, found = row.figure, row.measured
            writer.writerow(
                {
                    "figure": figure.name, "sentence": figure.sentence, "goal": figure.goal,
                    "limit": "" if figure.limit is None else figure.limit, "at_least": figure.least,
                    "unit": figure.unit, "verdict": row.verdict, "seconds": f"{row.seconds:.1f}",
                    "buyers_asked": sizes.buyers or "", "quick": sizes.quick,
                    "reason": _reason(row),
                    **({"measured": found.value, "low": found.low, "high": found.high, "runs": found.runs,
                        "beside": found.beside} if found else {}),
                    **machine,
                }
            )  # fmt: skip
    return file


def markdown(rows: Sequence[Row], machine: Mapping[str, str], minutes: float) -> str:
    """It as a table of a page, with the machine below."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"| {' | '.join('---' for _ in COLUMNS)} |"]
    for row in rows:
        name, *rest = cells(row)
        short, _, sentence = name.partition(": ")
        words = [f"`{short}`: {sentence}", *rest]
        lines.append(f"| {' | '.join(word.replace('|', '/') for word in words)} |")
    lines += ["", f"*All of it took {minutes:.1f} minutes. {'; '.join(machine.values())}.*"]
    return "\n".join(lines)


def into_page(page: Path, table: str) -> None:
    """Put a table into the place that a page has for it.

    Raises
    ------
    ValueError
        If the page has no such place, or more than one.
    """
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"{page} must have the lines {BEGIN} and {END} once each")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(f"{head}{BEGIN}\n\n{table}\n\n{END}{tail}", encoding="utf-8")
