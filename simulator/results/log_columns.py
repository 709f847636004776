"""Rows of the event log as the columns of a row group, made in one pass."""

import numpy as np

from simulator.model.compiling import kernel
from simulator.model.randomness import INDEX_BITS


class Columns:
    """Columns of up to so many rows of one run's log, filled from the first row on.

    Attributes
    ----------
    filled, cases : rows, and different buyers among them.
    at : int64[rows], microseconds since 1970.
    case : int32[rows], the buyer: numbers from 0 on, as they come.
    who : uint32[rows], for each number of a buyer its place in ``Arrivals.who``.
    resource : int32[rows], 0 for the buyer itself, then our people from 1 on.
    activity, stage, channel, topic : int8[rows]; -1 is no topic.

    Parameters
    ----------
    rows : how many there is room for.
    who : of all buyers of the run, as in ``Arrivals``.
    start_us : the start of the run, microseconds since 1970.
    """

    def __init__(self, rows: int, who: np.ndarray, start_us: int) -> None:
        self._who_of, self._start_us = who, start_us
        self._case_of = np.full(len(who), -1, np.int32)
        self.filled = self.cases = 0
        self.at = np.empty(rows, np.int64)
        self.case, self.resource = np.empty(rows, np.int32), np.empty(rows, np.int32)
        self.who = np.empty(rows, np.uint32)
        self.activity, self.stage = np.empty(rows, np.int8), np.empty(rows, np.int8)
        self.channel, self.topic = np.empty(rows, np.int8), np.empty(rows, np.int8)

    def room(self) -> int:
        """How many more rows there is room for."""
        return len(self.at) - self.filled

    def add(self, log: np.ndarray) -> None:
        """Fill in rows of ``LOG_DTYPE``, of which there are no more than ``room()``."""
        self.cases = int(
            fill(
                log, self._who_of, self._case_of, self._start_us, self.filled, self.cases, self.at, self.case, self.who,
                self.resource, self.activity, self.stage, self.channel, self.topic,
            )
        )  # fmt: skip
        self.filled += len(log)

    def empty(self) -> None:
        """Begin again, with the numbers of cases too."""
        self.filled = self.cases = 0
        self._case_of.fill(-1)


@kernel
def fill(log, who_of, case_of, start_us, first, cases, at, case, who, resource, activity, stage, channel, topic):
    """Write rows of the log to columns from row ``first`` on; the number of cases so far, ``cases`` before."""
    for i in range(log.shape[0]):
        row, place = log[i], first + i
        buyer = row["buyer"]
        if case_of[buyer] < 0:
            case_of[buyer] = cases
            who[cases] = who_of[buyer]
            cases += 1
        at[place] = start_us + row["at"]
        case[place] = case_of[buyer]
        resource[place] = row["person"] + 1
        activity[place] = row["activity"]
        stage[place] = row["stage"]
        channel[place] = who[case_of[buyer]] >> INDEX_BITS
        topic[place] = row["topic"]
    return cases
