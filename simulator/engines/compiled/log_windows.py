"""The event log leaves the kernel in windows of time, so that memory holds one window whatever the number of buyers.

Buyers run ahead of each other, so rows come out of order; but nobody runs ahead of the window's end. Once all is done
that happens before it, its rows are put in order and handed on.
"""

from collections.abc import Callable

import numpy as np

from simulator.behaviour.numerics import NEVER
from simulator.engines.compiled.tables import Tables
from simulator.engines.report import sorted_log
from simulator.engines.tally import BUCKET, LOG_ROWS, SHIFT, WINDOW_END, WINDOW_OVER

#: Rows of the kernel's own log; when it is full, its rows wait outside for the end of the window.
LOG_ROWS_AT_ONCE = 1 << 16
#: Most rows that one event can write.
ROWS_PER_EVENT = 16
#: About as many rows a window shall have: few enough to be sorted in the processor's cache.
_ROWS_PER_WINDOW = 1 << 18


class LogWindows:
    """The log of one run; ``sink`` gets its rows by (instant, buyer)."""

    def __init__(self, tables: Tables, sink: Callable[[np.ndarray], None]) -> None:
        self._log, self._tally, self._sink = tables.log, tables.tally, sink
        self._recorded = len(tables.log) > 0
        self._waiting: list[np.ndarray] = []
        self._buckets = max(1, len(tables.buckets) // 256)
        self._begin(0)

    def make_room(self) -> None:
        """Empty the kernel's log; at the end of the window hand on its rows, and begin the next."""
        if not self._recorded:
            return
        self._waiting.append(self._log[: self._tally[LOG_ROWS]].copy())
        self._tally[LOG_ROWS] = 0
        if self._tally[WINDOW_OVER]:
            rows = self._hand_on()
            self._buckets = max(1, min(4 * self._buckets, self._buckets * _ROWS_PER_WINDOW // max(1, rows)))
            self._begin(int(self._tally[BUCKET]) + 1)

    def close(self) -> None:
        """Hand on what is left."""
        if self._recorded:
            self._waiting.append(self._log[: self._tally[LOG_ROWS]])
            self._hand_on()

    def _begin(self, bucket: int) -> None:
        end = bucket + self._buckets << int(self._tally[SHIFT])
        self._tally[WINDOW_END] = end if self._recorded else NEVER
        self._tally[WINDOW_OVER] = 0

    def _hand_on(self) -> int:
        rows = np.concatenate(self._waiting)
        self._waiting = []
        self._sink(sorted_log(rows))
        return len(rows)
