"""The event log leaves the kernel in windows of time, so that memory holds few of them whatever the number of buyers.

Buyers run ahead of each other, so rows come out of order; but nobody runs ahead of the window's end. Once all is done
that happens before it, its rows are handed on, to be put in order while the kernel goes on.
"""

from collections.abc import Callable

import numpy as np

from simulator.engines.compiled.tables import Tables
from simulator.engines.report import LOG_DTYPE
from simulator.model.numerics import NEVER
from simulator.model.tally import BUCKET, LOG_ROWS, SHIFT, WINDOW_END, WINDOW_OVER

#: Rows of the kernel's own log, few enough for the processor's cache; when it is full, they are added to the window.
LOG_ROWS_AT_ONCE = 1 << 15
#: Most rows that one event can write.
ROWS_PER_EVENT = 16
#: About as many rows a window shall have: few enough to be sorted in the processor's cache.
_ROWS_PER_WINDOW = 1 << 18


class LogWindows:
    """The log of one run; ``sink`` gets it window by window, may keep the rows, and puts each window in order."""

    def __init__(self, tables: Tables, sink: Callable[[np.ndarray], None]) -> None:
        # As bytes: NumPy copies records field by field, which takes ten times as long.
        self._log, self._tally, self._sink = tables.log.view(np.uint8), tables.tally, sink
        self._buckets = max(1, len(tables.buckets) // 256)
        self._new_window(0)

    def make_room(self) -> None:
        """Empty the kernel's log if it is full; at the end of the window hand on its rows, and begin the next."""
        if not len(self._log):
            return
        if self._tally[WINDOW_OVER]:
            self._gather()
            rows = self._hand_on()
            self._buckets = max(1, min(4 * self._buckets, self._buckets * _ROWS_PER_WINDOW // max(1, rows)))
            self._new_window(int(self._tally[BUCKET]) + 1)
        elif (self._tally[LOG_ROWS] + ROWS_PER_EVENT) * LOG_DTYPE.itemsize > len(self._log):
            self._gather()

    def close(self) -> None:
        """Hand on what is left."""
        if len(self._log):
            self._gather()
            self._hand_on()

    def _new_window(self, bucket: int) -> None:
        end = bucket + self._buckets << int(self._tally[SHIFT])
        self._tally[WINDOW_END] = end if len(self._log) else NEVER
        self._tally[WINDOW_OVER] = 0
        # Memory that nobody writes to costs nothing, so there is room for twice what is expected.
        self._window = np.empty(2 * _ROWS_PER_WINDOW * LOG_DTYPE.itemsize if len(self._log) else 0, np.uint8)
        self._filled = 0

    def _gather(self) -> None:
        more = int(self._tally[LOG_ROWS]) * LOG_DTYPE.itemsize
        if self._filled + more > len(self._window):
            longer = np.empty(2 * len(self._window) + more, np.uint8)
            longer[: self._filled] = self._window[: self._filled]
            self._window = longer
        self._window[self._filled : self._filled + more] = self._log[:more]
        self._filled += more
        self._tally[LOG_ROWS] = 0

    def _hand_on(self) -> int:
        rows = self._window[: self._filled].view(LOG_DTYPE)
        self._sink(rows)
        return len(rows)
