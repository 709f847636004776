"""The journeys that a run leaves, a column for each field; columns to which nothing happened take no memory."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from simulator.engines.report import HISTORY_DTYPE, MOMENTS

#: What a field says of a buyer to whom it did not happen: moments -1, everything else 0.
_NEVER = dict.fromkeys((*MOMENTS, "stage_at"), -1)


def _cells() -> Iterator[tuple[str, int | None, np.dtype[Any]]]:
    """Every scalar column: its field, its position in a field of several, its type."""
    for name in HISTORY_DTYPE.names or ():
        kind, shape = HISTORY_DTYPE[name].base, HISTORY_DTYPE[name].shape
        for position in range(shape[0]) if shape else (None,):
            yield name, position, kind


#: (field, position) of every column, with its type.
_COLUMNS = {(name, position): kind for name, position, kind in _cells()}


class History:
    """A row per buyer that came, in the order of arrival; reads like an array of ``HISTORY_DTYPE``.

    ``history["ended_at"]`` is a column, ``history["touches"]`` a matrix, ``history["arrived_at"]`` when the first stage
    began; a mask, a slice or positions give the history of some of the buyers.
    """

    names = HISTORY_DTYPE.names or ()

    def __init__(self, columns: dict[tuple[str, int | None], np.ndarray], length: int) -> None:
        self._columns = columns
        self._length = length

    @classmethod
    def of(cls, rows: np.ndarray) -> "History":
        """From an array of ``HISTORY_DTYPE``."""
        lot = Journeys(len(rows))
        lot.add(np.arange(len(rows)), rows)
        return lot.history(len(rows))

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            if key == "arrived_at":
                return self._column("stage_at", 0)
            if HISTORY_DTYPE[key].shape:
                return np.stack([self._column(key, k) for k in range(HISTORY_DTYPE[key].shape[0])], axis=1)
            return self._column(key, None)
        columns = {name: column[key] for name, column in self._columns.items()}
        return History(columns, len(np.empty(self._length, np.int8)[key]))

    def _column(self, name: str, position: int | None) -> np.ndarray:
        column = self._columns.get((name, position))
        if column is None:
            return np.broadcast_to(_COLUMNS[name, position].type(_NEVER.get(name, 0)), self._length)
        return column

    def changed(self, name: str, row: int, value: Any) -> "History":
        """The same with another value in one place."""
        column = self._column(name, None).copy()
        column[row] = value
        return History({**self._columns, (name, None): column}, self._length)

    def equals(self, other: "History") -> np.ndarray:
        """For each row whether it is the same in both, which must be of one length."""
        same = np.ones(self._length, bool)
        for name, position in _COLUMNS:
            same &= self._column(name, position) == other._column(name, position)
        return same


class Journeys:
    """Gathers journeys in any order, lot by lot."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._columns: dict[tuple[str, int | None], np.ndarray] = {}

    def add(self, numbers: np.ndarray, rows: np.ndarray) -> None:
        """Journeys of ``HISTORY_DTYPE`` of the buyers with these numbers."""
        for (name, position), kind in _COLUMNS.items():
            values = rows[name] if position is None else rows[name][:, position]
            column = self._columns.get((name, position))
            if column is None:
                never = _NEVER.get(name, 0)
                if (values == never).all():
                    continue
                column = np.zeros(self._most, kind) if never == 0 else np.full(self._most, never, kind)
                self._columns[name, position] = column
            column[numbers] = values

    def history(self, length: int) -> History:
        """All of them, numbered from 0."""
        return History({name: column[:length] for name, column in self._columns.items()}, length)
