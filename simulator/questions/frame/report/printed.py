"""What a study prints, kept instead of shown: the same tables and sentences for a page as for a terminal."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text

from simulator.questions.frame.terminal import PLAIN_WIDTH

#: As wide as a digit: lines numbers up where figures are as wide as each other.
FIGURE_SPACE = "\u2007"

#: Blanks that line up the parts of a cell.
_PAD = re.compile(r"(?:^|(?<=[\[±])) +|(?<= ) +")

#: Headings, notes and what must be known to read a table, by the style that they are printed in.
_KINDS = {"bold underline": "heading", "bold": "strong", "yellow": "note", "dim": "caption"}

#: Styles of the terminal, and classes of the page.
_CLASSES = {"green": "better", "red": "worse", "bold": "strong", "dim": "dim", "yellow": "note"}


@dataclass(frozen=True)
class Passage:
    """A text of its own: a ``heading``, a ``note``, a ``caption``, or plain or ``strong`` text."""

    text: str
    kind: str


#: Text and classes of each piece of a cell.
Cell = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """A row: its cells, and classes of the whole."""

    cells: tuple[Cell, ...]
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


Block = Passage | Grid


def heard(show: Callable[[Console], None]) -> list[Block]:
    """What ``show`` prints to a console that is as wide as one that is no terminal."""
    console = _Listening()
    show(console)
    return list(console.blocks())


class _Listening(Console):
    def __init__(self) -> None:
        super().__init__(file=io.StringIO(), width=PLAIN_WIDTH)
        self._said: list[Any] = []

    def print(self, *objects: Any, **_: Any) -> None:
        self._said += objects

    def blocks(self) -> Iterator[Block]:
        for one in self._said:
            if isinstance(one, Table):
                yield _grid(one)
            elif text := str(one.plain if isinstance(one, Text) else one).strip():
                yield Passage(text, _KINDS.get(str(one.style), "") if isinstance(one, Text) else "")


def _grid(table: Table) -> Grid:
    groups: list[tuple[str, list[Line]]] = [("", [])]
    cells = [[_text(cell) for cell in column.cells] for column in table.columns]
    for row, texts in zip(table.rows, zip(*cells, strict=True), strict=True):
        filled = [text for text in texts if text.plain.strip()]
        if filled == [texts[0]] and "underline" in str(texts[0].style):
            groups.append((texts[0].plain, []))
        elif filled:
            line = tuple(_pieces(text, column) for text, column in zip(texts, table.columns, strict=True))
            groups[-1][1].append(Line(line, _classes(row.style)))
    return Grid(
        tuple(_text(column.header).plain.strip() for column in table.columns),
        tuple(column.justify == "right" for column in table.columns),
        tuple(not column.no_wrap for column in table.columns),
        tuple((name, tuple(lines)) for name, lines in groups if lines),
    )


def _text(cell: Any) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))


def _pieces(text: Text, column: Column) -> Cell:
    """A cell cut where its style changes."""
    plain = _PAD.sub(lambda pad: FIGURE_SPACE * len(pad[0]), text.plain)
    cuts = sorted({0, len(plain), *(end for span in text.spans for end in (span.start, span.end))})
    found = []
    for start, end in pairwise(cuts):
        styles = [column.style, text.style, *(span.style for span in text.spans if span.start <= start < span.end)]
        found.append((plain[start:end], " ".join(dict.fromkeys(filter(None, map(_classes, styles))))))
    return tuple(found)


def _classes(style: str | Style | None) -> str:
    return " ".join(_CLASSES[word] for word in str(style or "").split() if word in _CLASSES)
