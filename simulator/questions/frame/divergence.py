"""Where the recorded events of the same buyer in two organisations diverge, what happens there in either, and why.

Everything is vectorised over the event log: a baseline's replication has half a million rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import NOBODY, ROLES, Activity, Role, Stage, Topic
from simulator.results.summary import DAY, Result

if TYPE_CHECKING:
    import pandas as pd

#: What two events must share to be the same; a person counts by its role, not by who it is.
COMPARED = ("at", "activity", "stage", "topic", "role")

#: An event as it is compared.
EVENT_DTYPE = np.dtype([("at", "i8"), ("activity", "i1"), ("stage", "i1"), ("topic", "i1"), ("role", "i1")])

#: Place of the event at which lives part that never do.
NO_DIVERGENCE = int(np.iinfo(np.int64).max)


#: A parting that would not be there without any one of several parts; and one that no single part's absence undoes.
EACH_NEEDED, NO_SINGLE = "each_of_several", "no_single_one"

#: What stands in place of an activity: nothing happens at this instant; the buyer does not come at all.
NOTHING, NEVER_COMES, ARRIVED = "nothing_then", "never_comes", "arrived"

GAINED, LOST = "gained", "lost"

_ACTIVITIES = np.array([activity.name.lower() for activity in Activity])
_STAGES = np.array([stage.name.lower() for stage in Stage])
_TOPICS = np.array([*(topic.name.lower() for topic in Topic), ""])
_ROLES = np.array([*(role.name.lower() for role in Role), ""])


@dataclass(frozen=True)
class Histories:
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
    def of(result: Result, kept: NDArray[np.bool_]) -> "Histories":
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
        return Histories(came, np.append(np.searchsorted(buyer, came), len(buyer)), events)

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

    def of_buyer(self, buyer: int) -> np.ndarray:
        """The events of one buyer, in order."""
        begin, count = self.spans(np.array([buyer]))
        return self.events[begin[0] : begin[0] + count[0]]

    def at_place(self, buyers: NDArray[np.int64], place: NDArray[np.int64]) -> tuple[np.ndarray, NDArray[np.bool_]]:
        """The event of each of these buyers at a place in its life; and whether there is one."""
        begin, count = self.spans(buyers)
        there = place < count
        events = np.zeros(len(buyers), EVENT_DTYPE)
        events[there] = self.events[(begin + np.where(there, place, 0))[there]]
        return events, there

    def only(self, buyers: NDArray[np.int64]) -> "Histories":
        """Those of these buyers who came."""
        kept = self.buyers[np.isin(self.buyers, buyers)]
        begin, count = self.spans(kept)
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        rows = np.repeat(begin - first[:-1], count) + np.arange(first[-1])
        return Histories(kept, first, self.events[rows])


def divergence_place(one: Histories, other: Histories, buyers: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place, from 0 on, of the first event at which two lives of each buyer differ; ``NO_DIVERGENCE`` if none does.

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
    places = np.where(count == other_count, NO_DIVERGENCE, common)
    places[one.has(buyers) != other.has(buyers)] = 0
    parted, at = np.unique(who[differs], return_index=True)  # the first row of each
    places[parted] = place[differs][at]
    return places


def divergences(
    replication: int,
    pairs: "pd.DataFrame",
    lives: Mapping[str, Histories],
    won: Mapping[str, NDArray[np.int64]],
    parts: Sequence[str],
) -> "pd.DataFrame":
    """One row per buyer of one replication.

    Parameters
    ----------
    pairs : both outcomes, as ``twins.paired`` has them.
    lives : of the ``baseline``, the ``challenger``, both with a crowd of people (``crowd_baseline``,
        ``crowd_challenger``), and the challenger with each part taken back, by its name.
    won : ids of the buyers that are won with each part taken back.
    parts : their names.

    Returns
    -------
    table : the columns of ``pairs``, and: ``flip`` (gained, lost, or empty); ``parted``; ``place`` of the event at
        which lives part, from 0 on (-1: never); ``parted_day``, since arrival; ``stage``; ``after``, the last thing
        that both lives share (arrived, if there is none); what happens at this instant in either life (``event_*``,
        ``role_*``, ``topic_*``); ``at_work``, the parts without which lives would not part there, joined by +;
        ``mechanism``, the one if it is one; ``waiting``, whether lives would not part there if nobody waited for a
        busy person; ``undone_by``, the parts whose taking back alone undoes a flip.
    """
    buyers = pairs["buyer"].to_numpy(np.int64)
    base, other = lives["baseline"], lives["challenger"]
    place = divergence_place(base, other, buyers)
    parted = place < NO_DIVERGENCE
    table = pairs.drop(columns=["inquired_baseline", "inquired_challenger"])
    table.insert(0, "replication", replication)
    table["flip"] = np.select(
        [pairs["won_by"] == "only_challenger", pairs["won_by"] == "only_baseline"], [GAINED, LOST], ""
    )
    table["parted"], table["place"] = parted, np.where(parted, place, -1)
    _describe(table, pairs, base, other, buyers, np.where(parted, place, 0), parted)

    agrees = _each(parts, len(buyers), lambda part: divergence_place(base, lives[part], buyers) > place)
    table["at_work"] = _joined(agrees & parted, parts)
    count = agrees.sum(axis=0)
    single = np.array([*parts, ""])[agrees.argmax(axis=0)] if parts else np.full(len(buyers), "")
    table["mechanism"] = np.select([~parted, count == 1, count > 1], ["", single, EACH_NEEDED], NO_SINGLE)
    reached = divergence_place(lives["crowd_baseline"], base, buyers) >= place
    together = divergence_place(lives["crowd_baseline"], lives["crowd_challenger"], buyers) > place
    table["waiting"] = parted & reached & together
    outcome = pairs["won_baseline"].to_numpy(bool)
    undone = _each(parts, len(buyers), lambda part: np.isin(buyers, won[part]) == outcome)
    table["undone_by"] = _joined(undone & (table["flip"] != "").to_numpy(), parts)
    return table


def _describe(
    table: "pd.DataFrame",
    pairs: "pd.DataFrame",
    base: Histories,
    other: Histories,
    buyers: NDArray[np.int64],
    place: NDArray[np.int64],
    parted: NDArray[np.bool_],
) -> None:
    """Add what happens where lives part: what comes first, and what the other life has at this very instant."""
    (left, in_base), (right, in_other) = base.at_place(buyers, place), other.at_place(buyers, place)
    left_at, right_at = np.where(in_base, left["at"], NO_DIVERGENCE), np.where(in_other, right["at"], NO_DIVERGENCE)
    instant = np.minimum(left_at, right_at)
    happens = parted & (instant < NO_DIVERGENCE)
    arrived = pairs["arrived_us"].to_numpy(np.int64)
    first = np.where(left_at <= right_at, left["stage"], right["stage"])
    came = pairs["came"].to_numpy(str)
    table["parted_day"] = np.where(happens, (np.where(happens, instant, arrived) - arrived) / DAY, np.nan)
    table.loc[parted & ~happens, "parted_day"] = 0.0  # who came to one only and did nothing there
    table["stage"] = np.where(parted, _STAGES[np.where(happens, first, 0)], "")
    last, shared = base.at_place(buyers, np.maximum(place - 1, 0))
    table["after"] = np.select([~parted, shared & (place > 0)], ["", _ACTIVITIES[last["activity"]]], ARRIVED)
    for arm, event, at in (("baseline", left, left_at), ("challenger", right, right_at)):
        now = happens & (at == instant)
        absent = parted & (came != "both") & (came != arm)
        name = np.select([~parted, absent, now], ["", NEVER_COMES, _ACTIVITIES[event["activity"]]], NOTHING)
        table[f"event_{arm}"] = name
        table[f"role_{arm}"] = np.where(now, _ROLES[np.where(event["role"] < 0, ROLES, event["role"])], "")
        table[f"topic_{arm}"] = np.where(now, _TOPICS[np.where(event["topic"] < 0, -1, event["topic"])], "")


def _each(parts: Sequence[str], count: int, mask: Callable[[str], NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """bool[parts, buyers], also where there are no parts."""
    rows = np.zeros((len(parts), count), bool)
    for row, part in zip(rows, parts, strict=True):
        row[:] = mask(part)
    return rows


def _joined(mask: NDArray[np.bool_], names: Sequence[str]) -> NDArray[np.str_]:
    """The names of the rows that are true, for each column."""
    joined = np.full(mask.shape[1], "", dtype=object)
    for name, row in zip(names, mask, strict=True):
        joined[row] = [f"{before}+{name}".lstrip("+") for before in joined[row]]
    return joined.astype(str)


def divergence_kinds(table: "pd.DataFrame") -> "pd.DataFrame":
    """How many buyers part how: one row per stage, pair of events, mechanism and need of waiting, commonest first.

    ``gained`` and ``lost`` count those of them that flipped.
    """
    rows = table[table["parted"]]
    keys = ["stage", "after", "event_baseline", "event_challenger", "mechanism", "waiting"]
    flags = rows.assign(gained=rows["flip"] == GAINED, lost=rows["flip"] == LOST, buyers=1)
    counted = flags.groupby(keys, observed=True)[["buyers", "gained", "lost"]].sum().reset_index()
    counted["share"] = counted["buyers"] / max(1, len(rows))
    return counted.sort_values(["buyers", *keys], ascending=[False, *[True] * len(keys)], ignore_index=True)
