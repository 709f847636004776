"""What an engine reports, the same from either: a history per buyer, people, queues, reviews and the event log.

Times are int64 microseconds since the start of the run, -1 for "did not happen".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engines.history import History
from simulator.engines.log_order import ordered
from simulator.engines.review import TIMES

#: ``task_us`` is the work in the present task; ``left_us`` what was left of it at the last review, or at the end.
PEOPLE_DTYPE = np.dtype(
    [
        ("worked_us", "i8"),
        ("deal_area_ms", "i8"),
        ("deals_changed_ms", "i8"),
        ("started_at", "i8"),
        ("finish_at", "i8"),
        ("task_us", "i8"),
        ("left_us", "i8"),
        ("serving", "i4"),
        ("open_deals", "i4"),
    ],
    align=True,
)

#: ``wait_ms`` is the wait of those who were served, ``area_ms`` the length over time, both in buyer milliseconds: in
#: microseconds 64 bits end at 292,000 buyer-years. An instant counts as the whole milliseconds before it.
QUEUE_DTYPE = np.dtype(
    [
        ("joined", "i8"),
        ("served", "i8"),
        ("left", "i8"),
        ("wait_ms", "i8"),
        ("area_ms", "i8"),
        ("changed_ms", "i8"),
        ("length", "i8"),
    ],
    align=True,
)

#: What a pool (team, role) has had to do since the start of the run. ``line_ms`` is the length over time of the line in
#: front of it, for reps of the wait for an owner, ``named_ms`` that of its people's own lines together, both in buyer
#: milliseconds. ``worked_us`` is the time that its people have spent on buyers, unfinished tasks included, ``hours_us``
#: the paid time of one of them by kind, as in ``hours``.
LOAD_DTYPE = np.dtype(
    [("line_ms", "i8"), ("named_ms", "i8"), ("worked_us", "i8"), ("hours_us", "i8", (TIMES,))], align=True
)

#: Assets of the library: what each is about, how good it is, and how often buyers read and reps used it. An asset made
#: before the run has a negative ``made_at``. Which assets reps can find is drawn anew at each review; ``findable`` says
#: it for the last one.
ASSET_DTYPE = np.dtype(
    [
        ("quality", "f8"),
        ("made_at", "i8"),
        ("uses", "i8"),
        ("reads", "i8"),
        ("topic", "i4"),
        ("segment", "i4"),
        ("form", "i4"),
        ("findable", "i4"),
    ],
    align=True,
)

LOG_DTYPE = np.dtype(
    [("at", "i8"), ("buyer", "i4"), ("person", "i4"), ("activity", "i1"), ("stage", "i1"), ("topic", "i1")], align=True
)


@dataclass
class EngineReport:
    """Everything one run of an engine leaves.

    Attributes
    ----------
    rows : int32[buyers that arrived], the position of each in ``Arrivals``; spend may keep some away.
    history : a row per buyer that arrived, in that order, with the fields of HISTORY_DTYPE.
    people : PEOPLE_DTYPE[people].
    queues : QUEUE_DTYPE[3 * teams + people]: pools by (team, role), where the reps' pool is the wait for an owner,
        then each person's own queue.
    reviews : int64[reviews, 3 * teams + 4]: instant, waiting per pool, waiting for a named rep, busy
        people, open deals.
    load : LOAD_DTYPE[reviews + 1, 3 * teams]: what each pool has had to do up to each review, and up to the end.
    spend : float64[reviews + 1, channels]: spend on each channel as a multiple of its first, from the start on and
        from each review on.
    assets : ASSET_DTYPE[assets].
    hours : int64[3 * teams, 4]: paid microseconds of one person of each pool: coordination, training, own work, for
        buyers.
    own_pieces, search_us : pieces that reps made for want of an asset, and their working time spent looking.
    log : LOG_DTYPE[rows] sorted by (instant, position in ``Arrivals``), or None if touches are not recorded.
    events : decision steps of buyers and people.
    """

    rows: np.ndarray
    history: History
    people: np.ndarray
    queues: np.ndarray
    reviews: np.ndarray
    load: np.ndarray
    spend: np.ndarray
    assets: np.ndarray
    hours: np.ndarray
    own_pieces: int
    search_us: int
    log: np.ndarray | None
    events: int


def sorted_log(log: np.ndarray) -> np.ndarray:
    """Rows by (instant, buyer); rows of one buyer at one instant stay in the order in which they happened."""
    return ordered(log)


def in_chunks(log: np.ndarray, rows: int) -> Iterator[np.ndarray]:
    """A log in parts of at most so many rows, in its order."""
    for first in range(0, len(log), rows):
        yield log[first : first + rows]


def empty_queues(count: int) -> np.ndarray:
    """Queues that nobody has joined."""
    return np.zeros(count, QUEUE_DTYPE)


def empty_people(count: int) -> np.ndarray:
    """People who serve nobody."""
    people = np.zeros(count, PEOPLE_DTYPE)
    people["serving"] = -1
    return people


def differences(a: EngineReport, b: EngineReport) -> list[str]:
    """Where two reports differ, in words; empty if they agree bit for bit. For tests and self-checks."""
    found: list[str] = []
    for number in ("events", "own_pieces", "search_us"):
        if getattr(a, number) != getattr(b, number):
            found.append(f"{number}: {getattr(a, number)} against {getattr(b, number)}")
    for table in ("rows", "history", "people", "queues", "reviews", "load", "spend", "assets", "hours", "log"):
        one, other = getattr(a, table), getattr(b, table)
        if one is None or other is None:
            continue
        if len(one) != len(other):
            found.append(f"{table}: {len(one)} rows against {len(other)}")
            continue
        for name in columns_of(table, one):
            found += _column_differences(f"{table}.{name}", one[name] if name else one, other[name] if name else other)
    return found


def columns_of(table: str, rows: Any) -> tuple[str, ...]:
    """Names of a table's columns; one empty name if it has none."""
    return (rows.names if table == "history" else rows.dtype.names) or ("",)


def _column_differences(where: str, one: Any, other: Any) -> list[str]:
    same = (one == other) | ((one != one) & (other != other))
    if np.all(same):
        return []
    row = tuple(np.argwhere(~same)[0])
    return [f"{where}[{', '.join(map(str, row))}]: {one[row]} against {other[row]} ({np.sum(~same)} differ)"]
