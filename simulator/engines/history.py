"""The journeys that a run leaves, a column for each field.

A million journeys would fill 320 MB as records. As columns they take about a third: many fields say the same of every
buyer, whole numbers are mostly small, and a time fits 48 bits. A column is only made when two buyers differ, in the
smallest type that holds what was counted; whoever reads it gets the type of ``HISTORY_DTYPE``.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from simulator.model.records import BUYER, LAST, LIFE, MOMENTS
from simulator.model.words import ROLES, STAGES

#: What is recorded of a journey; ``stage_at`` of the first stage is the arrival.
HISTORY_DTYPE = np.dtype(
    [
        *LIFE,
        *[field for field in BUYER if field[0] in LAST],
        *[(moment, "i8") for moment in MOMENTS],
        ("stage_at", "i8", (STAGES,)),
        ("work_us", "i8", (ROLES,)),
    ],
    align=True,
)

Cell = tuple[str, int | None]

#: What a field says of a buyer to whom it did not happen: moments -1, everything else 0.
_NEVER = dict.fromkeys((*MOMENTS, "stage_at"), -1)
#: A column that is mostly equal to another: it is only made when it differs.
_LIKE: dict[Cell, Cell] = {("paid_cents", None): ("value_cents", None)}
_ARRIVAL: Cell = ("stage_at", 0)

#: The times of a journey but for the arrival: moments, and how long each role worked for the buyer.
TIMED: tuple[Cell, ...] = (
    *((moment, None) for moment in MOMENTS),
    *(("stage_at", stage) for stage in range(1, STAGES)),
    *(("work_us", role) for role in range(ROLES)),
)
#: Fields that are fixed at arrival by luck alone, so that they can be drawn again; and what draws them.
DRAWN = ("complexity", "fit")
Drawn = Callable[[str, np.ndarray], np.ndarray]
#: The compiled engine writes a time as words of so many bits, lowest first, and a moment one later than it was:
#: nothing written is "never", and takes no memory if nothing is written of anybody.
WORD_BITS = 16


def words_for(horizon_us: int) -> int:
    """Words that hold every time of a run up to this instant: three, or four if it is longer than eight years."""
    return 3 if horizon_us < 1 << (3 * WORD_BITS) else 4


def _of_words(words: np.ndarray) -> np.ndarray:
    """int64[n] from uint16[n, words]."""
    times = words[:, 0].astype(np.int64)
    for position in range(1, words.shape[1]):
        times |= words[:, position].astype(np.int64) << (WORD_BITS * position)
    return times


def _cells() -> Iterator[tuple[Cell, np.dtype[Any]]]:
    """Every scalar column: its field and its position in a field of several; its type."""
    for name in HISTORY_DTYPE.names or ():
        kind, shape = HISTORY_DTYPE[name].base, HISTORY_DTYPE[name].shape
        for position in range(shape[0]) if shape else (None,):
            yield (name, position), kind


_COLUMNS = dict(_cells())


class History:
    """A row per buyer that came, in the order of arrival; reads like an array of ``HISTORY_DTYPE``.

    ``history["ended_at"]`` is a column, ``history["touches"]`` a matrix, ``history["touches", 2]`` a column of it, and
    ``history["arrived_at"]`` when the first stage began; a mask, a slice or positions give the history of some buyers.

    Parameters
    ----------
    columns : what happened, of one length, by field and position; a column of two dimensions is a time in words.
    usual : what is the same of every buyer, by field and position.
    at_us, rows : when the buyers of a stream arrive, and which of them these are: int64[n], int32[buyers].
    drawn : gives a field of ``DRAWN`` of the buyers at some rows, if no column has it.
    """

    names = HISTORY_DTYPE.names or ()

    def __init__(
        self,
        columns: dict[Cell, np.ndarray],
        usual: dict[Cell, Any],
        at_us: np.ndarray,
        rows: np.ndarray,
        drawn: Drawn | None = None,
    ) -> None:
        self._columns, self._usual = columns, usual
        self._at_us, self._rows, self._drawn = at_us, rows, drawn

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
        if isinstance(key, tuple):
            return self._column(key)
        some = {name: column[key] for name, column in self._columns.items()}
        return History(some, self._usual, self._at_us, self._rows[key], self._drawn)

    def _column(self, cell: Cell) -> np.ndarray:
        if cell == _ARRIVAL and cell not in self._columns:
            return self._at_us[self._rows]
        if cell not in self._columns and cell in _LIKE:
            cell = _LIKE[cell]
        column = self._columns.get(cell)
        if column is None and self._drawn is not None and cell[0] in DRAWN:
            return self._drawn(cell[0], self._rows)
        if column is None:
            return np.broadcast_to(_COLUMNS[cell].type(self._usual.get(cell, _NEVER.get(cell[0], 0))), len(self))
        if column.ndim == 2:
            return _of_words(column) + _NEVER.get(cell[0], 0)
        return column.astype(_COLUMNS[cell], copy=False)

    def changed(self, name: str, row: int, value: Any) -> "History":
        """The same with another value in one place."""
        column = self._column((name, None)).copy()
        column[row] = value
        columns = {**self._columns, (name, None): column}
        return History(columns, self._usual, self._at_us, self._rows, self._drawn)

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
    times : uint16[len(TIMED) * most, words], times that are written elsewhere; without them they come with the lots.
    """

    def __init__(self, most: int, times: np.ndarray | None = None) -> None:
        self._most, self._times = most, times
        self._columns: dict[Cell, np.ndarray] = {}
        self._usual: dict[Cell, Any] = {}

    def add(self, numbers: np.ndarray, *journeys: np.ndarray) -> None:
        """A lot of the buyers with these numbers, counted from 0; each array has some of the fields of the history."""
        if not len(numbers):
            return
        fields = {name: lot[name] for lot in journeys for name in lot.dtype.names or ()}
        for cell, kind in _COLUMNS.items():
            name, position = cell
            if name not in fields or cell == _ARRIVAL:
                continue
            values = fields[name] if position is None else fields[name][:, position]
            if cell not in self._columns:
                usual = fields[_LIKE[cell][0]] if cell in _LIKE else self._usual.setdefault(cell, values[0])
                if (values == usual).all():
                    continue
                self._columns[cell] = self._fresh(cell)
            column = self._columns[cell]
            if column.dtype != kind:
                needed = np.promote_types(column.dtype, _smallest(kind, values))
                if column.dtype != needed:
                    column = self._columns[cell] = column.astype(needed)
            column[numbers] = values

    def _fresh(self, cell: Cell) -> np.ndarray:
        """A column that says the usual of everybody."""
        like = _LIKE.get(cell, cell)
        if like in self._columns:
            return self._columns[like].astype(_COLUMNS[cell])
        usual = self._usual[like]
        kind = _smallest(_COLUMNS[cell], np.array([usual]))
        return np.full(self._most, usual, kind) if usual else np.zeros(self._most, kind)

    def history(self, at_us: np.ndarray, rows: np.ndarray, drawn: Drawn | None = None) -> History:
        """All of them, who are these of a stream of buyers."""
        columns = {cell: column[: len(rows)] for cell, column in self._columns.items()}
        if self._times is not None:
            for kind, cell in enumerate(TIMED):
                times = self._times[kind * self._most :][: len(rows)]
                if times.any():
                    columns[cell] = times
        return History(columns, self._usual, at_us, rows, drawn)


def _smallest(kind: np.dtype[Any], values: np.ndarray) -> np.dtype[Any]:
    """The smallest type that holds whole numbers, none of them below 0; else the field's own type."""
    if kind.kind != "i" or values.min() < 0:
        return kind
    smallest = np.min_scalar_type(values.max())
    return smallest if smallest.itemsize < kind.itemsize else kind
