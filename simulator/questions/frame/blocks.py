"""What a study tells, block by block: texts and tables, the same for the terminal and for a page.

A table is made of columns, and a column says once what its head is and how its cells are made. A cell is text in
pieces, some of which line up: pieces of one slot are padded to the widest of them in their column. Nothing here knows
how a block is shown: `simulator.questions.frame.terminal` prints blocks, `simulator.questions.frame.report.grids` sets
them on a page.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from simulator.questions.frame.numbers import NOTHING, Scale, WithInterval, bracketed
from simulator.results.metric import Metric

#: Stands behind a difference whose interval excludes 0.
MARK = "*"

#: Looks of cells, rows and pieces, in words that may stand beside each other: ``better``, ``worse``, ``strong``,
#: ``dim`` and ``note``.
Style = str


@dataclass(frozen=True)
class Passage:
    """A text of its own.

    Attributes
    ----------
    kind : a heading, a note, a caption (what must be known to read a table), strong or plain text.
    apart : whether an empty line stands before it on a terminal.
    """

    text: str
    kind: Literal["heading", "strong", "note", "caption", ""] = ""
    apart: bool = False


def heading(text: str, *, apart: bool = True) -> Passage:
    """A line above a table."""
    return Passage(text, "heading", apart)


def note(text: str) -> Passage:
    """What a reader must know besides; a clause without its full stop."""
    return Passage(f"Note: {text}.", "note")


def caption(*lines: str, apart: bool = False) -> Passage:
    """What a reader must know to read the tables."""
    return Passage("\n".join(lines), "caption", apart)


@dataclass(frozen=True)
class Piece:
    """A part of a cell; ``slot`` numbers those that line up in a column, -1 is none of them."""

    text: str
    style: Style = ""
    slot: int = -1


@dataclass(frozen=True)
class Cell:
    """Pieces in a row, with the look of all of them."""

    pieces: tuple[Piece, ...]
    style: Style = ""

    def padded(self, widths: Mapping[int, int]) -> "Cell":
        """The same with blanks before pieces that line up; neighbours of one look are one piece."""
        pieces: list[Piece] = []
        for piece in self.pieces:
            said = piece.text.rjust(widths.get(piece.slot, 0))
            if said and pieces and pieces[-1].style == piece.style:
                pieces[-1] = Piece(pieces[-1].text + said, piece.style)
            elif said:
                pieces.append(Piece(said, piece.style))
        return Cell(tuple(pieces), self.style)


def text(said: object, style: Style = "") -> Cell:
    """A cell of one piece."""
    return Cell((Piece(str(said)),), style)


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    head : above it; a line break stands where it is broken.
    cells : one a row; a plain text is a cell of one piece.
    right : whether it is set to the right.
    wraps : whether its text may be broken.
    joined : whether it stays in one table with the column before it as long as there is room.
    """

    head: str
    cells: Sequence[Cell | str] = ()
    right: bool = False
    wraps: bool = False
    style: Style = ""
    joined: bool = False

    def padded(self) -> list[Cell]:
        """Its cells with their pieces lined up."""
        cells = [cell if isinstance(cell, Cell) else text(cell) for cell in self.cells]
        widths: dict[int, int] = {}
        for piece in (piece for cell in cells for piece in cell.pieces if piece.slot >= 0):
            widths[piece.slot] = max(widths.get(piece.slot, 0), len(piece.text))
        return [cell.padded(widths) for cell in cells]


@dataclass(frozen=True)
class Table:
    """Columns of cells.

    Attributes
    ----------
    styles : looks of the rows; none where all are plain.
    groups : headings above rows, by the number of the row.
    fixed : columns that stand in every part of a table that is too wide for one; 0 never parts it.
    foot : whether heads of one line stand beside the last line of longer ones.
    spaced : whether an empty line follows on a terminal.
    headed : whether the heads are shown.
    """

    columns: Sequence[Column]
    styles: Sequence[Style] = ()
    groups: Mapping[int, str] = field(default_factory=dict)
    fixed: int = 0
    foot: bool = False
    spaced: bool = False
    headed: bool = True


#: What a study tells.
Block = Passage | Table


def listing(first: Column, *others: Column) -> Table:
    """A plain table, the first column to the left and all others to the right; in several if it is too wide."""
    right = (Column(column.head, column.cells, True, joined=column.joined) for column in others)
    return Table([first, *right], fixed=1, foot=True, spaced=True)


def filled(columns: Sequence[Column], rows: Iterable[Sequence[Cell | str]]) -> list[Column]:
    """Columns with the cells of rows, for a table whose rows are of different kinds."""
    known = list(rows)
    return [replace(column, cells=[row[place] for row in known]) for place, column in enumerate(columns)]


# --- cells ------------------------------------------------------------------------------------------------------------


def verdict(metric: Metric, low: float, high: float) -> str:
    """``better`` or ``worse`` where the interval excludes 0, ``apart`` if neither is better; "" where it holds 0."""
    if not (low > 0 or high < 0):
        return ""
    if not metric.better:
        return "apart"
    return "better" if (low > 0) == (metric.better == "higher") else "worse"


def estimate(scale: Scale, one: WithInterval, *, sign: bool = False, style: Style = "") -> Cell:
    """An estimate with its interval, for a column whose head has the unit: 4.8 [4.1, 5.5]."""
    if not math.isfinite(one.value):
        return text(NOTHING, "dim")
    ends = f" {bracketed(scale, one.interval, sign)}".rstrip()
    return Cell((Piece(scale.text(one.value, sign)), Piece(ends, "dim")), style)


def half_width(scale: Scale, estimate: WithInterval) -> Cell:
    """An estimate and the half width of its interval, lined up: 4.8 ±0.7."""
    low, high = estimate.interval
    half = scale.text((high - low) / 2)
    known = (Piece("±", "dim"), Piece(half, "dim", 1)) if half != NOTHING else (Piece(half, "dim"),)
    return Cell((Piece(scale.text(estimate.value), slot=0), Piece(" "), *known))


def difference(metric: Metric, scale: Scale, gap: WithInterval) -> Cell:
    """A difference with its interval, lined up; marked and coloured where the interval excludes 0."""
    kind = verdict(metric, *gap.interval)
    low, high = (scale.text(end, sign=True) for end in gap.interval)
    ends = (
        (Piece(low, "dim"),) if low == NOTHING
        else (Piece("[", "dim"), Piece(low, "dim", 1), Piece(", ", "dim"), Piece(high, "dim", 2), Piece("]", "dim"))
    )  # fmt: skip
    pieces = (Piece(scale.text(gap.value, sign=True), slot=0), Piece(" "), *ends, Piece(f" {MARK if kind else ' '}"))
    return Cell(pieces, "strong" if kind == "apart" else kind)


def marked(metric: Metric, scale: Scale, gap: WithInterval) -> Cell:
    """A difference as `difference` has it, for a column that is set to the right."""
    kind = verdict(metric, *gap.interval)
    cell = estimate(scale, gap, sign=True, style=kind if kind != "apart" else "")
    return Cell((*cell.pieces, Piece(f" {MARK if kind else ' '}")), cell.style)
