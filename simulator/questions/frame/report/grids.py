"""Blocks as a page sets them: passages, and tables as grids whose cells are texts with classes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.questions.frame.blocks import Block, Cell, Passage, Style, Table
from simulator.questions.frame.terminal import PLAIN_WIDTH, parts

#: As wide as a digit: lines numbers up where figures are as wide as each other.
FIGURE_SPACE = "\u2007"

#: Blanks that line up the parts of a cell.
_PAD = re.compile(r"(?:^|(?<=[\[±])) +|(?<= ) +")

#: Text and classes of each piece of a cell.
Pieces = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """A row: its cells, and classes of the whole."""

    cells: tuple[Pieces, ...]
    classes: str = ""


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes
    ----------
    heads : of each column; a line break stands where the terminal has one.
    right : whether a column is set to the right.
    wraps : whether a column's text may be broken.
    groups : heading ("" without one) and rows of each part.
    """

    heads: tuple[str, ...]
    right: tuple[bool, ...]
    wraps: tuple[bool, ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]

    @property
    def has_intervals(self) -> bool:
        """Whether its numbers say how sure they are."""
        return any(mark in text for _, lines in self.groups for line in lines for cell in line.cells
                   for text, _ in cell for mark in "±[")  # fmt: skip

    def __len__(self) -> int:
        return sum(len(lines) for _, lines in self.groups)


def set_blocks(blocks: Iterable[Block]) -> Iterator[Passage | Grid]:
    """Blocks as a page has them; tables in as many parts as a terminal shows that is none."""
    for block in blocks:
        if isinstance(block, Table):
            yield from map(_grid, parts(block, PLAIN_WIDTH))
        elif block.text.strip():
            yield replace(block, text=block.text.strip())


def _grid(table: Table) -> Grid:
    groups: list[tuple[str, list[Line]]] = [("", [])]
    for number, cells in enumerate(zip(*(column.padded() for column in table.columns), strict=True)):
        if number in table.groups:
            groups.append((table.groups[number], []))
        pieces = tuple(_pieces(cell, column.style) for cell, column in zip(cells, table.columns, strict=True))
        groups[-1][1].append(Line(pieces, table.styles[number] if table.styles else ""))
    return Grid(
        tuple(column.head.strip() for column in table.columns),
        tuple(column.right for column in table.columns),
        tuple(column.wraps for column in table.columns),
        tuple((name, tuple(lines)) for name, lines in groups if lines),
    )


def _pieces(cell: Cell, column: Style) -> Pieces:
    plain = _PAD.sub(lambda pad: FIGURE_SPACE * len(pad[0]), "".join(piece.text for piece in cell.pieces))
    made, at = [], 0
    for piece in cell.pieces:
        looks = dict.fromkeys(f"{column} {cell.style} {piece.style}".split())
        made.append((plain[at : at + len(piece.text)], " ".join(looks)))
        at += len(piece.text)
    return tuple(made)
