"""The lives of buyers as recorded events, and where two lives of the same buyer part.

Everything is vectorised over the event log: a baseline's replication has half a million rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import NOBODY
from simulator.results.summary import Result

#: What two events must share to be the same; a person counts by its role, not by who it is.
COMPARED = ("at", "activity", "stage", "topic", "role")

#: An event as it is compared.
EVENT_DTYPE = np.dtype([("at", "i8"), ("activity", "i1"), ("stage", "i1"), ("topic", "i1"), ("role", "i1")])

#: Place of the event at which lives part that never do.
NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Lives:
    """Who came in one run, and what happened to each.

    Attributes
    ----------
    buyers : int64[n], the ids of those who came, ascending.
    first : int64[n + 1], where the events of each buyer begin in ``events``.
    events : EVENT_DTYPE[rows], by buyer, then in the order in which they happened; microseconds of the run.
    """

    buyers: NDArray[np.int64]
    first: NDArray[np.int64]
    events: np.ndarray

    @staticmethod
    def of(result: Result, kept: NDArray[np.bool_]) -> "Lives":
        """The lives of one run with recorded touches; ``kept`` says which rows of its journeys."""
        log, rows = result.report.log, result.report.rows[kept]
        assert log is not None  # touches are recorded
        came = np.asarray(result.journeys["buyer"], np.int64)[kept]
        buyer_of = np.full(len(result.setup.arrivals.at_us), -1, np.int64)
        buyer_of[rows] = came
        buyer = buyer_of[log["buyer"]]
        log, buyer = log[buyer >= 0], buyer[buyer >= 0]
        order = np.argsort(buyer, kind="stable")  # rows of a buyer stay in the order of the log
        log, buyer, came = log[order], buyer[order], np.sort(came)
        events = np.zeros(len(log), EVENT_DTYPE)
        for name in ("at", "activity", "stage", "topic"):
            events[name] = log[name]
        roles = np.append(np.asarray(result.setup.person_role, np.int64), NOBODY)  # the last one, by -1, is nobody
        events["role"] = roles[log["person"]]
        return Lives(came, np.append(np.searchsorted(buyer, came), len(buyer)), events)

    def has(self, buyers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each of these buyers came."""
        place = np.minimum(np.searchsorted(self.buyers, buyers), max(0, len(self.buyers) - 1))
        return self.buyers[place] == buyers if len(self.buyers) else np.zeros(len(buyers), bool)

    def spans(self, buyers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the events of each of these buyers begin, and how many there are; none of those who did not come."""
        place = np.searchsorted(self.buyers, buyers)
        here = self.has(buyers)
        begin = self.first[np.where(here, place, 0)]
        return begin, np.where(here, self.first[np.where(here, place + 1, 0)] - begin, 0)

    def life(self, buyer: int) -> np.ndarray:
        """The events of one buyer, in order."""
        begin, count = self.spans(np.array([buyer]))
        return self.events[begin[0] : begin[0] + count[0]]

    def at_place(self, buyers: NDArray[np.int64], place: NDArray[np.int64]) -> tuple[np.ndarray, NDArray[np.bool_]]:
        """The event of each of these buyers at a place in its life; and whether there is one."""
        begin, count = self.spans(buyers)
        there = place < count
        found = np.zeros(len(buyers), EVENT_DTYPE)
        found[there] = self.events[(begin + np.where(there, place, 0))[there]]
        return found, there

    def only(self, buyers: NDArray[np.int64]) -> "Lives":
        """Those of these buyers who came."""
        kept = self.buyers[np.isin(self.buyers, buyers)]
        begin, count = self.spans(kept)
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        rows = np.repeat(begin - first[:-1], count) + np.arange(first[-1])
        return Lives(kept, first, self.events[rows])


def parting(one: Lives, other: Lives, buyers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place, from 0 on, of the first event at which two lives of each buyer differ; ``NEVER`` if none does.

    Lives of which one goes on where the other has ended part at its next event. Who came in one run only has lives that
    part at once, and who came in neither has lives that never part.
    """
    (begin, count), (other_begin, other_count) = one.spans(buyers), other.spans(buyers)
    common = np.minimum(count, other_count)
    ends = np.cumsum(common)
    who = np.repeat(np.arange(len(buyers)), common)
    place = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - common, common)
    left, right = one.events[begin[who] + place], other.events[other_begin[who] + place]
    differs = np.zeros(len(who), bool)
    for name in COMPARED:
        differs |= left[name] != right[name]
    found = np.where(count == other_count, NEVER, common)
    found[one.has(buyers) != other.has(buyers)] = 0
    parted, at = np.unique(who[differs], return_index=True)  # the first row of each
    found[parted] = place[differs][at]
    return found
