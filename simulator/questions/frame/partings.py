"""Where the two lives of each buyer part, what happens there in either, and through what."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import ROLES, Activity, Role, Stage, Topic
from simulator.questions.frame.event_words import ARRIVED, EACH_NEEDED, NEVER_COMES, NO_SINGLE, NOTHING
from simulator.questions.frame.player.lives import NEVER, Lives, parting
from simulator.results.summary import DAY

if TYPE_CHECKING:
    import pandas as pd

GAINED, LOST = "gained", "lost"

_ACTIVITIES = np.array([activity.name.lower() for activity in Activity])
_STAGES = np.array([stage.name.lower() for stage in Stage])
_TOPICS = np.array([*(topic.name.lower() for topic in Topic), ""])
_ROLES = np.array([*(role.name.lower() for role in Role), ""])


def partings(
    replication: int,
    pairs: "pd.DataFrame",
    lives: Mapping[str, Lives],
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
    place = parting(base, other, buyers)
    parted = place < NEVER
    table = pairs.drop(columns=["inquired_baseline", "inquired_challenger"])
    table.insert(0, "replication", replication)
    table["flip"] = np.select(
        [pairs["won_by"] == "only_challenger", pairs["won_by"] == "only_baseline"], [GAINED, LOST], ""
    )
    table["parted"], table["place"] = parted, np.where(parted, place, -1)
    _describe(table, pairs, base, other, buyers, np.where(parted, place, 0), parted)

    agrees = _each(parts, len(buyers), lambda part: parting(base, lives[part], buyers) > place)
    table["at_work"] = _joined(agrees & parted, parts)
    count = agrees.sum(axis=0)
    one = np.array([*parts, ""])[agrees.argmax(axis=0)] if parts else np.full(len(buyers), "")
    table["mechanism"] = np.select([~parted, count == 1, count > 1], ["", one, EACH_NEEDED], NO_SINGLE)
    reached = parting(lives["crowd_baseline"], base, buyers) >= place
    together = parting(lives["crowd_baseline"], lives["crowd_challenger"], buyers) > place
    table["waiting"] = parted & reached & together
    outcome = pairs["won_baseline"].to_numpy(bool)
    undone = _each(parts, len(buyers), lambda part: np.isin(buyers, won[part]) == outcome)
    table["undone_by"] = _joined(undone & (table["flip"] != "").to_numpy(), parts)
    return table


def _describe(
    table: "pd.DataFrame",
    pairs: "pd.DataFrame",
    base: Lives,
    other: Lives,
    buyers: NDArray[np.int64],
    place: NDArray[np.int64],
    parted: NDArray[np.bool_],
) -> None:
    """Add what happens where lives part: what comes first, and what the other life has at this very instant."""
    (left, in_base), (right, in_other) = base.at_place(buyers, place), other.at_place(buyers, place)
    left_at, right_at = np.where(in_base, left["at"], NEVER), np.where(in_other, right["at"], NEVER)
    instant = np.minimum(left_at, right_at)
    happens = parted & (instant < NEVER)
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
    found = np.zeros((len(parts), count), bool)
    for row, part in zip(found, parts, strict=True):
        row[:] = mask(part)
    return found


def _joined(mask: NDArray[np.bool_], names: Sequence[str]) -> NDArray[np.str_]:
    """The names of the rows that are true, for each column."""
    found = np.full(mask.shape[1], "", dtype=object)
    for name, row in zip(names, mask, strict=True):
        found[row] = [f"{before}+{name}".lstrip("+") for before in found[row]]
    return found.astype(str)


def kinds(table: "pd.DataFrame") -> "pd.DataFrame":
    """How many buyers part how: one row per stage, pair of events, mechanism and need of waiting, commonest first.

    ``gained`` and ``lost`` count those of them that flipped.
    """
    rows = table[table["parted"]]
    keys = ["stage", "after", "event_baseline", "event_challenger", "mechanism", "waiting"]
    flags = rows.assign(gained=rows["flip"] == GAINED, lost=rows["flip"] == LOST, buyers=1)
    counted = flags.groupby(keys, observed=True)[["buyers", "gained", "lost"]].sum().reset_index()
    counted["share"] = counted["buyers"] / max(1, len(rows))
    return counted.sort_values(["buyers", *keys], ascending=[False, *[True] * len(keys)], ignore_index=True)
