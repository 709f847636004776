"""The journeys that a run leaves, a column for each field.

A million journeys would fill 320 MB as records. As columns they take less than half: to most fields of most journeys
nothing ever happens, and whole numbers are mostly small. A column is only made when something happens to it, in the
smallest type that holds what was counted; whoever reads it gets the type of ``HISTORY_DTYPE``.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from simulator.engines.report import HISTORY_DTYPE, MOMENTS

Cell = tuple[str, int | None]

#: What a field says of a buyer to whom it did not happen: moments -1, everything else 0.
_NEVER = dict.fromkeys((*MOMENTS, "stage_at"), -1)
#: A column that is mostly equal to another: it is only made when it differs.
_LIKE: dict[Cell, Cell] = {("paid_cents", None): ("value_cents", None)}
_ARRIVAL: Cell = ("stage_at", 0)


def _cells() -> Iterator[tuple[Cell, np.dtype[Any]]]:
    """Every scalar column: its field and its position in a field of several; its type."""
    for name in HISTORY_DTYPE.names or ():
        kind, shape = HISTORY_DTYPE[name].base, HISTORY_DTYPE[name].shape
        for position in range(shape[0]) if shape else (None,):
            yield (name, position), kind


_COLUMNS = dict(_cells())


class History:
    """A row per buyer that came, in the order of arrival; reads like an array of ``HISTORY_DTYPE``.

    ``history["ended_at"]`` is a column, ``history["touches"]`` a matrix, ``history["arrived_at"]`` when the first stage
    began; a mask, a slice or positions give the history of some of the buyers.

    Parameters
    ----------
    columns : what happened, of one length, by field and position.
    at_us, rows : when the buyers of a stream arrive, and which of them these are: int64[n], int32[buyers].
    """

    names = HISTORY_DTYPE.names or ()

    def __init__(self, columns: dict[Cell, np.ndarray], at_us: np.ndarray, rows: np.ndarray) -> None:
        self._columns = columns
        self._at_us, self._rows = at_us, rows

    @classmethod
    def of(cls, journeys: np.ndarray) -> "History":
        """From an array of ``HISTORY_DTYPE``."""
        everybody = np.arange(len(journeys))
        gathered = Journeys(len(journeys))
        gathered.add(everybody, journeys)
        return gathered.history(journeys["stage_at"][:, 0], everybody)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            if key == "arrived_at":
                return self._column(_ARRIVAL)
            if HISTORY_DTYPE[key].shape:
                return np.stack([self._column((key, k)) for k in range(HISTORY_DTYPE[key].shape[0])], axis=1)
            return self._column((key, None))
        return History({name: column[key] for name, column in self._columns.items()}, self._at_us, self._rows[key])

    def _column(self, cell: Cell) -> np.ndarray:
        if cell == _ARRIVAL and cell not in self._columns:
            return self._at_us[self._rows]
        if cell not in self._columns and cell in _LIKE:
            cell = _LIKE[cell]
        column = self._columns.get(cell)
        if column is None:
            return np.broadcast_to(_COLUMNS[cell].type(_NEVER.get(cell[0], 0)), len(self))
        return column.astype(_COLUMNS[cell], copy=False)

    def changed(self, name: str, row: int, value: Any) -> "History":
        """The same with another value in one place."""
        column = self._column((name, None)).copy()
        column[row] = value
        return History({**self._columns, (name, None): column}, self._at_us, self._rows)

    def equals(self, other: "History") -> np.ndarray:
        """For each row whether it is the same in both, which must be of one length."""
        same = np.ones(len(self), bool)
        for cell in _COLUMNS:
            same &= self._column(cell) == other._column(cell)
        return same


class Journeys:
    """Gathers journeys in any order, lot by lot.

    Parameters
    ----------
    most : how many there can be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._columns: dict[Cell, np.ndarray] = {}

    def add(self, numbers: np.ndarray, journeys: np.ndarray) -> None:
        """Journeys of ``HISTORY_DTYPE`` of the buyers with these numbers, counted from 0."""
        for cell, kind in _COLUMNS.items():
            if cell == _ARRIVAL:
                continue
            name, position = cell
            values = journeys[name] if position is None else journeys[name][:, position]
            never = _NEVER.get(name, 0)
            if cell not in self._columns:
                usual = journeys[_LIKE[cell][0]] if cell in _LIKE else never
                if (values == usual).all():
                    continue
                self._columns[cell] = self._fresh(cell, never)
            column = self._columns[cell]
            if column.dtype != kind and len(values):
                needed = np.promote_types(column.dtype, np.min_scalar_type(values.max()))
                if column.dtype != needed:
                    column = self._columns[cell] = column.astype(needed)
            column[numbers] = values

    def _fresh(self, cell: Cell, never: int) -> np.ndarray:
        """A column to which nothing has happened yet."""
        if cell in _LIKE and _LIKE[cell] in self._columns:
            return self._columns[_LIKE[cell]].astype(_COLUMNS[cell])
        kind = _COLUMNS[cell]
        if never == 0:
            return np.zeros(self._most, np.uint8 if kind.kind == "i" else kind)
        return np.full(self._most, never, kind)

    def history(self, at_us: np.ndarray, rows: np.ndarray) -> History:
        """All of them, who are these of a stream of buyers."""
        return History({cell: column[: len(rows)] for cell, column in self._columns.items()}, at_us, rows)
