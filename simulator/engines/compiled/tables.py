"""The compiled engine's arrays: a record per buyer under way, per node, person and queue, allocated before the run.

A buyer lives in a *slot* from its arrival to the end of its journey; then the slot is free for the next one. Thus
memory and caches hold those who are under way, not everybody who will ever come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engines.compiled.pages import untouched
from simulator.engines.history import TIMED, words_for
from simulator.engines.lowering import Setup
from simulator.engines.report import (
    ASSET_DTYPE,
    LOAD_DTYPE,
    LOG_DTYPE,
    PEOPLE_DTYPE,
    QUEUE_DTYPE,
    empty_people,
    empty_queues,
)
from simulator.engines.review import TIMES
from simulator.model.records import BUYER, GROUP, LAST, LIFE
from simulator.model.tally import SHIFT, TALLY
from simulator.model.words import NOBODY, ROLES

#: A line of the processor's cache, in bytes.
LINE_BYTES = 64


def whole_lines(fields: list[Any]) -> np.dtype[Any]:
    """A record that fills whole lines of the cache: one that straddles lines costs a wait for memory at each event."""
    size = np.dtype(fields, align=True).itemsize
    missing = -size % LINE_BYTES
    return np.dtype([*fields, ("unused", "i1", (missing,))] if missing else fields, align=True)


#: What this engine keeps of a buyer beside its own state: ``row`` is the position in ``Arrivals``, ``number`` that
#: among those who came, from 1 on, 0 in a slot whose buyer has not come yet; ``been`` has a bit for each of ``MOMENTS``
#: that was, and ``times`` says when; the rest is the buyer's place in a waiting line.
_KEPT: list[Any] = [
    ("joined_at", "i8"),
    ("row", "i4"),
    ("number", "i4"),
    ("queue", "i4"),
    ("next", "i4"),
    ("previous", "i4"),
    ("been", "u2"),
    ("lane", "i1"),
]
STATE_DTYPE = whole_lines([*BUYER, *_KEPT])
LIFE_DTYPE = whole_lines(LIFE)
GROUP_DTYPE = whole_lines(GROUP)

#: What the history has of a buyer's state at the end; the rest is drawn again.
LAST_DTYPE = np.dtype([(name, STATE_DTYPE[name]) for name in LAST[2:]], align=True)

#: Pending events: the review, then people, then buyers' slots. ``order`` is the kind of event and the actor, a
#: person's number or a buyer's row; ``place`` is the position in the heap of the current bucket, or one of those below.
NODE_DTYPE = np.dtype([("at", "i8"), ("order", "i8"), ("next", "i4"), ("previous", "i4"), ("place", "i4")], align=True)
ACTOR_BITS = 32
ACTOR_MASK = (1 << ACTOR_BITS) - 1
IN_BUCKET, UNPLANNED = -1, -2
#: Where nodes stand; buyers' come after those of people.
REVIEW_NODE, NODE_OF_PEOPLE = 0, 1

#: Waiting lines: two lanes, who asked before whom we call on; lanes are doubly linked through the buyers' records.
LINE_DTYPE = np.dtype([("first", "i4", (2,)), ("last", "i4", (2,))], align=True)

#: Sizes of records, and how many lines of a buyer's records a step of research needs.
STATE_BYTES, LIFE_BYTES, NODE_BYTES = STATE_DTYPE.itemsize, LIFE_DTYPE.itemsize, NODE_DTYPE.itemsize
GROUP_BYTES = GROUP_DTYPE.itemsize


def _lines_up_to(dtype: np.dtype[Any], field: str) -> int:
    assert dtype.fields is not None
    kind, offset = dtype.fields[field][:2]
    return -(-(offset + kind.itemsize) // LINE_BYTES)


STEP_STATE_LINES, STEP_LIFE_LINES = _lines_up_to(STATE_DTYPE, "task_no"), _lines_up_to(LIFE_DTYPE, "cleared_total")

#: About as many instants of the queue are told apart for each buyer.
_BUCKETS_PER_BUYER = 2
#: Journeys that are over are handed on in lots of this many.
_DONE = 1 << 12


class Sizes:
    """How many of each thing a run has."""

    def __init__(self, setup: Setup, log_rows: int) -> None:
        rules = setup.rules
        self.setup, self.log_rows = setup, log_rows
        self.buyers, self.people = len(setup.arrivals.at_us), len(setup.person_role)
        self.groups = self.buyers if max(rules.group_simple, rules.group_complex) > 1 else 1
        self.nodes = NODE_OF_PEOPLE + self.people + self.buyers
        self.pools, self.channels = int(rules.teams) * ROLES, int(rules.channels)
        self.queues = self.pools + self.people
        horizon_us = int(rules.horizon_us)
        self.reviews, self.words = int(horizon_us // rules.review_us), words_for(horizon_us)
        buckets = max(1 << 10, min(1 << 24, _BUCKETS_PER_BUYER * self.buyers))
        self.shift = max(0, (horizon_us // buckets).bit_length())
        self.buckets = (horizon_us >> self.shift) + 1


@dataclass(frozen=True)
class Table:
    """One table: the type of its rows, its number of dimensions, and how it is made for a run."""

    dtype: Any
    axes: int
    made: Callable[[Sizes], np.ndarray]


def _zeros(dtype: Any, *size: Callable[[Sizes], int]) -> Table:
    """Zeros, of so many rows (and columns)."""
    return Table(dtype, len(size), lambda s: np.zeros([length(s) for length in size], dtype))


def _pages(dtype: Any, length: Callable[[Sizes], int], large: bool = False) -> Table:
    """Rows that take memory only where they are written."""
    return Table(dtype, 1, lambda s: untouched(length(s), dtype, large_pages=large))


def _nodes(sizes: Sizes) -> np.ndarray:
    nodes = untouched(sizes.nodes, NODE_DTYPE, large_pages=True)
    nodes["order"][NODE_OF_PEOPLE : NODE_OF_PEOPLE + sizes.people] = np.arange(sizes.people)
    nodes["place"][: NODE_OF_PEOPLE + sizes.people] = UNPLANNED
    return nodes


def _lines(sizes: Sizes) -> np.ndarray:
    lines = np.zeros(sizes.queues, LINE_DTYPE)
    lines["first"] = lines["last"] = -1
    return lines


def _times(sizes: Sizes) -> np.ndarray:
    return untouched(len(TIMED) * sizes.buyers * sizes.words, np.uint16).reshape(-1, sizes.words)


def _tally(sizes: Sizes) -> np.ndarray:
    tally = np.zeros(TALLY, np.int64)
    tally[SHIFT] = sizes.shift
    return tally


#: Everything the kernel reads and writes, all of it modified in place. A table more is a line here. ``state``,
#: ``life``, ``free`` and, unless all buyers decide alone, ``groups`` have a row per slot; ``free`` lists the slots that
#: are free again. There is a slot for every buyer, but a free one is taken before one that nobody was ever in, which
#: takes no memory. ``done``, ``last`` and ``done_number`` are the journeys that are over and were not handed on yet.
#: The module ``free_people`` says what ``free_people``, ``free_words`` and ``ranks`` hold, ``ports`` what stands in
#: ``times``. The log has no rows when touches are not recorded.
TABLES = {
    "arrival_at": Table(np.int64, 1, lambda s: s.setup.arrivals.at_us),
    "arrival_who": Table(np.uint32, 1, lambda s: s.setup.arrivals.who),
    "arrival_lead": Table(np.int64, 1, lambda s: s.setup.arrivals.leads),
    "state": _pages(STATE_DTYPE, lambda s: s.buyers, large=True),
    "life": _pages(LIFE_DTYPE, lambda s: s.buyers, large=True),
    "groups": _pages(GROUP_DTYPE, lambda s: s.groups, large=True),
    "free": _pages(np.int32, lambda s: s.buyers),
    "nodes": Table(NODE_DTYPE, 1, _nodes),
    "heap": _pages(np.int32, lambda s: s.nodes),
    "buckets": Table(np.int32, 1, lambda s: np.full(s.buckets, -1, np.int32)),
    "unborn": _zeros(STATE_DTYPE, lambda s: 1),
    "unlived": _zeros(LIFE_DTYPE, lambda s: 1),
    "done": _zeros(LIFE_DTYPE, lambda s: _DONE),
    "last": _zeros(LAST_DTYPE, lambda s: _DONE),
    "done_number": _zeros(np.int32, lambda s: _DONE),
    "rows": _pages(np.int32, lambda s: s.buyers),
    "times": Table(np.uint16, 2, _times),
    "people": Table(PEOPLE_DTYPE, 1, lambda s: empty_people(s.people)),
    "person_role": Table(np.int64, 1, lambda s: s.setup.person_role),
    "person_team": Table(np.int64, 1, lambda s: s.setup.person_team),
    "person_line": Table(np.int64, 1, lambda s: np.full(s.people, NOBODY, np.int64)),
    "free_people": _zeros(np.int64, lambda s: (s.people >> 5) + 1),
    "free_words": _zeros(np.int64, lambda s: (s.people >> 10) + 1),
    "ranks": _zeros(np.int64, lambda s: s.people),
    "queues": Table(QUEUE_DTYPE, 1, lambda s: empty_queues(s.queues)),
    "lines": Table(LINE_DTYPE, 1, _lines),
    "reviews": _zeros(np.int64, lambda s: s.reviews + 1, lambda s: s.pools + 4),
    "load": _zeros(LOAD_DTYPE, lambda s: s.reviews + 2, lambda s: s.pools),
    "spend": Table(np.float64, 2, lambda s: np.ones((s.reviews + 2, s.channels))),
    "assets": _zeros(ASSET_DTYPE, lambda s: s.setup.most_assets),
    "hours": _zeros(np.int64, lambda s: s.pools, lambda s: TIMES),
    "log": _zeros(LOG_DTYPE, lambda s: s.log_rows),
    "tally": Table(np.int64, 1, _tally),
}


class Tables:
    """The arrays of one run by their names in ``TABLES``."""

    def __init__(self, **arrays: np.ndarray) -> None:
        vars(self).update(arrays)

    def __getattr__(self, name: str) -> np.ndarray:
        raise AttributeError(f"no table {name}")


def allocate(setup: Setup, log_rows: int) -> Tables:
    """Tables for one run."""
    sizes = Sizes(setup, log_rows)
    return Tables(**{name: table.made(sizes) for name, table in TABLES.items()})
