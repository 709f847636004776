"""The terminal: how blocks are printed, how far a run is, and what it says besides its answer."""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from simulator.questions.frame.blocks import Block, Cell, Column, Passage, Table
from simulator.questions.frame.manifest import REPORT
from simulator.scenario.scenario import Scenario

#: Width of a table that does not go to a terminal.
PLAIN_WIDTH = 140

#: How a terminal shows the looks of cells, and the kinds of passages.
_STYLES = {"better": "green", "worse": "red", "strong": "bold", "dim": "dim", "note": "yellow"}
_KINDS = {"heading": "bold underline", "strong": "bold", "note": "yellow", "caption": "dim", "": ""}


def console(stream: Any) -> Console:
    """A console as wide as its terminal; wide enough for the whole table where there is none."""
    found = Console(file=stream)
    return found if found.is_terminal or os.environ.get("COLUMNS") else Console(file=stream, width=PLAIN_WIDTH)


# --- blocks -----------------------------------------------------------------------------------------------------------


def show(blocks: Iterable[Block], out: Console) -> None:
    """Print blocks, tables in as many parts as the console's width makes necessary."""
    for block in blocks:
        if isinstance(block, Passage):
            out.print(Text("\n" * block.apart + block.text, style=_KINDS[block.kind]))
            continue
        for part in parts(block, out.width):
            out.print(_rich(part))
            if part.spaced:
                out.print()


def parts(table: Table, width: int) -> list[Table]:
    """As few tables as fit a width, columns in order; columns that are joined stay together as long as they fit."""
    if not table.fixed:
        return [table]
    fixed, columns = list(table.columns[: table.fixed]), list(table.columns[table.fixed :])
    units: list[list[Column]] = []
    for column in columns:
        if column.joined and units:
            units[-1].append(column)
        else:
            units.append([column])

    def made(columns: Iterable[Column]) -> Table:
        return replace(table, columns=[*fixed, *columns])

    def fits(columns: Iterable[Column]) -> bool:
        return _width(made(columns)) <= width

    found = []
    while units:
        taken = _most(units, lambda some: fits(column for unit in some for column in unit))
        if taken == 1 and not fits(units[0]):
            first = units[0]
            while first:
                some = _most(first, fits)
                found.append(made(first[:some]))
                first = first[some:]
        else:
            found.append(made(column for unit in units[:taken] for column in unit))
        units = units[taken:]
    return found


def _most(items: Sequence[Any], fits: Any) -> int:
    """How many of the first items fit together; one at least."""
    taken = len(items)
    while taken > 1 and not fits(items[:taken]):
        taken -= 1
    return taken


def _width(table: Table) -> int:
    """Characters that a table takes where it has all the room it wants."""
    wide = Console(file=sys.stderr, width=10_000)
    return Measurement.get(wide, wide.options, _rich(table)).maximum


def _rich(table: Table) -> RichTable:
    made = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=table.headed)
    for column in table.columns:
        made.add_column(Text(column.head), justify="right" if column.right else "left", no_wrap=not column.wraps,
                        vertical="bottom" if table.foot else "top", style=_style(column.style))  # fmt: skip
    rows = zip(*(column.padded() for column in table.columns), strict=True)
    for number, cells in enumerate(rows):
        if number in table.groups:
            made.add_row(Text(table.groups[number], style=_KINDS["heading"]))
        made.add_row(*map(_text, cells), style=_style(table.styles[number]) if table.styles else None)
    return made


def _text(cell: Cell) -> Text:
    text = Text(style=_style(cell.style))
    for piece in cell.pieces:
        text.append(piece.text, style=_style(piece.style) or None)
    return text


def _style(look: str) -> str:
    return " ".join(_STYLES[word] for word in look.split())


# --- what is said besides ---------------------------------------------------------------------------------------------


def say_if_compiling(scenario: Scenario) -> None:
    """A line before the silence in which kernels compile."""
    if scenario.run.engine != "compiled":
        return
    from simulator.model.compiling import kernel_is_cached  # brings numba, which a refused scenario need not wait for

    if not kernel_is_cached():
        console(sys.stderr).print("compiling the engine, once: about 20 seconds", highlight=False)


def say_conclusion(sentences: Sequence[str]) -> None:
    """The answer in plain words, below the tables."""
    console(sys.stdout).print(Text("\n" + " ".join(sentences), style="bold"))


def say_where(folder: Path) -> None:
    """The last lines: the folder, and the page in it."""
    out, shown = console(sys.stdout), as_typed(folder)
    out.print(Text(f"\nResults are in {shown}"), soft_wrap=True)
    if (folder / REPORT).is_file():
        out.print(Text(f"Report: {shown / REPORT}"), soft_wrap=True)


def as_typed(folder: Path) -> Path:
    """A folder as the user would type it from here."""
    absolute = folder.absolute()
    return absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute
