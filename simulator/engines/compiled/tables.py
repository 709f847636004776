"""The compiled engine's arrays: one record per buyer, node, person and queue, all allocated before the run."""

from typing import NamedTuple

import numpy as np

from simulator.domain.sizes import MAX_GROUP
from simulator.domain.words import NOBODY, ROLES, TOPICS
from simulator.engines.report import ASSET_DTYPE, HISTORY_DTYPE, LOG_DTYPE, empty_people, empty_queues
from simulator.engines.review import TIMES
from simulator.engines.tally import SHIFT, TALLY
from simulator.lowering import Setup

#: A buyer's own state; the names are those of the reference engine's ``Account``.
STATE_DTYPE = np.dtype(
    [
        ("step_at", "i8"),
        ("duty_at", "i8"),
        ("give_up_at", "i8"),
        ("cold_at", "i8"),
        ("actor", "i8"),
        ("patience_us", "i8"),
        ("joined_at", "i8"),
        ("began_at", "i8"),
        ("fatigue_at", "i8"),
        ("uncertainty", "f8", (TOPICS,)),
        ("complexity", "f8"),
        ("fit", "f8"),
        ("verification", "f8"),
        ("preference", "f8"),
        ("trust", "f8"),
        ("rival_strength", "f8"),
        ("rival_progress", "f8"),
        ("known", "f8"),
        ("told", "f8"),
        ("fatigue", "f8"),
        ("piece", "f8"),
        ("doubt", "f8", (MAX_GROUP,)),
        ("row", "i4"),
        ("step_no", "i4"),
        ("task_no", "i4"),
        ("pass_no", "i4"),
        ("heat_no", "i4"),
        ("mail_no", "i4"),
        ("engagement", "i4"),
        ("anonymous_left", "i4"),
        ("owner", "i4"),
        ("queue", "i4"),
        ("next", "i4"),
        ("previous", "i4"),
        ("attempts", "i2"),
        ("silent", "i2"),
        ("segment", "i1"),
        ("channel", "i1"),
        ("team", "i1"),
        ("stage", "i1"),
        ("status", "i1"),
        ("outcome", "i1"),
        ("heard", "i1"),
        ("last_role", "i1"),
        ("attention", "i1"),
        ("duty", "i1"),
        ("task", "i1"),
        ("task_result", "i1"),
        ("task_stage", "i1"),
        ("lane", "i1"),
        ("asked", "i1"),
        ("hand_raised", "i1"),
        ("has_met_rep", "i1"),
        ("rep_free", "i1"),
        ("rival_found_out", "i1"),
        ("born", "i1"),
        ("form", "i1"),
        ("piece_topic", "i1"),
        ("piece_is_own", "i1"),
        ("members", "i1"),
        ("worry", "i1", (MAX_GROUP,)),
        ("likes_person", "i1", (MAX_GROUP,)),
    ],
    align=True,
)

#: Pending events: buyers first, then people, then the review. ``place`` is the position in the heap of the current
#: bucket, or one of the two below.
NODE_DTYPE = np.dtype([("at", "i8"), ("next", "i4"), ("previous", "i4"), ("place", "i4"), ("kind", "i4")], align=True)
IN_BUCKET, UNPLANNED = -1, -2

#: Waiting lines: two lanes, who asked before whom we call on; lanes are doubly linked through the buyers' records.
LINE_DTYPE = np.dtype([("first", "i4", (2,)), ("last", "i4", (2,))], align=True)


class Tables(NamedTuple):
    """Everything the kernel reads and writes; all arrays are modified in place.

    The log has no rows when touches are not recorded. ``idle`` is 1 for each person who serves nobody.
    """

    arrival_at: np.ndarray
    arrival_actor: np.ndarray
    arrival_channel: np.ndarray
    state: np.ndarray
    history: np.ndarray
    people: np.ndarray
    person_role: np.ndarray
    person_team: np.ndarray
    person_line: np.ndarray
    idle: np.ndarray
    open_deals: np.ndarray
    queues: np.ndarray
    lines: np.ndarray
    nodes: np.ndarray
    buckets: np.ndarray
    heap: np.ndarray
    reviews: np.ndarray
    spend: np.ndarray
    assets: np.ndarray
    hours: np.ndarray
    log: np.ndarray
    tally: np.ndarray


def allocate(setup: Setup, log_rows: int) -> Tables:
    """Tables for one run."""
    rules, arrivals = setup.rules, setup.arrivals
    buyers, people = len(arrivals.at_us), len(setup.person_role)
    pools = int(rules.teams) * ROLES
    nodes = np.zeros(buyers + people + 1, NODE_DTYPE)
    nodes["place"] = UNPLANNED
    lines = np.zeros(pools + people, LINE_DTYPE)
    lines["first"] = lines["last"] = -1
    buckets = 1 << max(10, min(24, (4 * buyers).bit_length()))
    tally = np.zeros(TALLY, np.int64)
    tally[SHIFT] = max(0, (int(rules.horizon_us) // buckets).bit_length())
    return Tables(
        arrival_at=arrivals.at_us,
        arrival_actor=arrivals.actor,
        arrival_channel=arrivals.channel,
        state=np.zeros(buyers, STATE_DTYPE),
        history=np.zeros(buyers, HISTORY_DTYPE),
        people=empty_people(people),
        person_role=setup.person_role,
        person_team=setup.person_team,
        person_line=np.full(people, NOBODY, np.int64),
        idle=np.ones(people, np.int64),
        open_deals=np.zeros(people, np.int64),
        queues=empty_queues(pools + people),
        lines=lines,
        nodes=nodes,
        buckets=np.full(buckets, -1, np.int32),
        heap=np.zeros(len(nodes), np.int32),
        reviews=np.zeros((int(rules.horizon_us // rules.review_us) + 1, pools + 4), np.int64),
        spend=np.ones((int(rules.horizon_us // rules.review_us) + 2, int(rules.channels)), np.float64),
        assets=np.zeros(setup.most_assets, ASSET_DTYPE),
        hours=np.zeros((pools, TIMES), np.int64),
        log=np.zeros(log_rows, LOG_DTYPE),
        tally=tally,
    )
