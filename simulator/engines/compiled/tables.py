"""The compiled engine's arrays: a record per buyer under way, per node, person and queue, allocated before the run.

A buyer lives in a *slot* from its arrival to the end of its journey; then the slot is free for the next one. Thus
memory and caches hold those who are under way, not everybody who will ever come.
"""

from typing import NamedTuple

import numpy as np

from simulator.engines.compiled.pages import untouched
from simulator.engines.history import TIMED, words_for
from simulator.engines.lowering import Setup
from simulator.engines.report import ASSET_DTYPE, LOAD_DTYPE, LOG_DTYPE, TOUCHES, empty_people, empty_queues
from simulator.engines.review import TIMES
from simulator.engines.tally import SHIFT, TALLY
from simulator.model.sizes import MAX_GROUP
from simulator.model.words import NOBODY, ROLES, TOPICS, StageGroup

#: A buyer's own state; the names are those of the reference engine's ``Account``. Records are five lines of 64 bytes:
#: three that a step of research needs, two for what people do. ``row`` is the position in ``Arrivals``, ``number`` that
#: among those who came, from 1 on; 0 is a slot whose buyer has not come yet. ``wish`` is the chance to want a person in
#: the present stage, -1 for those who never do; ``view_error`` is marketing's, NaN until drawn.
STATE_DTYPE = np.dtype(
    [
        ("step_at", "i8"),
        ("duty_at", "i8"),
        ("give_up_at", "i8"),
        ("actor", "i8"),
        ("wish", "f8"),
        ("step_no", "i4"),
        ("anonymous_left", "i4"),
        ("engagement", "i4"),
        ("pass_no", "i4"),
        ("stage", "i1"),
        ("status", "i1"),
        ("outcome", "i1"),
        ("attention", "i1"),
        ("duty", "i1"),
        ("segment", "i1"),
        ("form", "i1"),
        ("heard", "i1"),
        ("uncertainty", "f8", (TOPICS,)),
        ("complexity", "f8"),
        ("fit", "f8"),
        ("verification", "f8"),
        ("trust", "f8"),
        ("rival_strength", "f8"),
        ("rival_progress", "f8"),
        ("view_error", "f8"),
        ("mail_no", "i4"),
        ("rival_found_out", "i1"),
        ("hand_raised", "i1"),
        ("has_met_rep", "i1"),
        ("channel", "i1"),
        ("cold_at", "i8"),
        ("fatigue", "f8"),
        ("fatigue_at", "i8"),
        ("patience_us", "i8"),
        ("preference", "f8"),
        ("row", "i4"),
        ("number", "i4"),
        ("heat_no", "i4"),
        ("task_no", "i4"),
        ("owner", "i4"),
        ("attempts", "i2"),
        ("silent", "i2"),
        ("joined_at", "i8"),
        ("began_at", "i8"),
        ("known", "f8"),
        ("told", "f8"),
        ("piece", "f8"),
        ("queue", "i4"),
        ("next", "i4"),
        ("previous", "i4"),
        ("team", "i1"),
        ("lane", "i1"),
        ("last_role", "i1"),
        ("task", "i1"),
        ("task_result", "i1"),
        ("task_stage", "i1"),
        ("piece_topic", "i1"),
        ("piece_is_own", "i1"),
    ],
    align=True,
)

#: What is counted of a journey while it lasts, by the names of ``HISTORY_DTYPE``: two lines of 64 bytes, of which a
#: step of research needs the first. ``been`` has a bit for each of ``MOMENTS`` that was; ``times`` says when it was.
LIFE_DTYPE = np.dtype(
    [
        ("touches", "i4", (len(TOUCHES),)),
        ("touches_in", "i4", (len(StageGroup),)),
        ("person_touches_in", "i4", (len(StageGroup),)),
        ("members", "i1"),
        ("self_served", "i1"),
        ("been", "u2"),
        ("cleared_total", "f8"),
        ("value_cents", "i8"),
        ("paid_cents", "i8"),
        ("cleared_before_person", "f8"),
        ("asked_again", "f8"),
        ("contradictions", "i4"),
        ("handoffs", "i4"),
        ("recycled", "i4"),
        ("calls", "i4"),
        ("reviews", "i4"),
        ("votes", "i4"),
        ("own_pieces", "i4"),
        ("discounted", "i1"),
    ],
    align=True,
)

#: What the history has of a buyer's state at the end.
LAST_DTYPE = np.dtype(
    [(name, STATE_DTYPE[name]) for name in ("trust", "segment", "stage", "status", "outcome")], align=True
)

#: The members of a buyer's group: two lines of 64 bytes.
GROUP_DTYPE = np.dtype(
    [("doubt", "f8", (MAX_GROUP,)), ("worry", "i1", (MAX_GROUP,)), ("likes_person", "i1", (MAX_GROUP,)), ("", "i8")],
    align=True,
)

#: Pending events: the review, then people, then buyers' slots. ``order`` is the kind of event and the actor, a
#: person's number or a buyer's row; ``place`` is the position in the heap of the current bucket, or one of those below.
NODE_DTYPE = np.dtype([("at", "i8"), ("order", "i8"), ("next", "i4"), ("previous", "i4"), ("place", "i4")], align=True)
ACTOR_BITS = 32
ACTOR_MASK = (1 << ACTOR_BITS) - 1
IN_BUCKET, UNPLANNED = -1, -2
#: Where nodes stand; buyers' come after those of people.
REVIEW_NODE, NODE_OF_PEOPLE = 0, 1

#: Sizes of records, and of a line of the processor's cache.
STATE_BYTES, LIFE_BYTES, NODE_BYTES = STATE_DTYPE.itemsize, LIFE_DTYPE.itemsize, NODE_DTYPE.itemsize
GROUP_BYTES = GROUP_DTYPE.itemsize
LINE_BYTES = 64

#: Waiting lines: two lanes, who asked before whom we call on; lanes are doubly linked through the buyers' records.
LINE_DTYPE = np.dtype([("first", "i4", (2,)), ("last", "i4", (2,))], align=True)

#: About as many instants of the queue are told apart for each buyer.
_BUCKETS_PER_BUYER = 2
#: Journeys that are over are handed on in lots of this many.
_DONE = 1 << 12


class Tables(NamedTuple):
    """Everything the kernel reads and writes; all arrays are modified in place.

    The log has no rows when touches are not recorded. ``free_people``,
    ``free_words`` and ``ranks`` belong to ``crowd``. ``state``,
    ``life``, ``free`` and, unless all buyers decide alone, ``group`` have a row per slot; ``free`` lists the slots
    that are free again. There is a slot for every buyer, but a free one is taken before one that nobody was ever in,
    which takes no memory. ``done``, ``last`` and ``done_number`` are the journeys that are over and were not handed on
    yet. The module ``times`` says what stands in ``times``.
    """

    arrival_at: np.ndarray
    arrival_who: np.ndarray
    state: np.ndarray
    life: np.ndarray
    group: np.ndarray
    free: np.ndarray
    nodes: np.ndarray
    heap: np.ndarray
    buckets: np.ndarray
    unborn: np.ndarray
    unlived: np.ndarray
    done: np.ndarray
    last: np.ndarray
    done_number: np.ndarray
    rows: np.ndarray
    times: np.ndarray
    people: np.ndarray
    person_role: np.ndarray
    person_team: np.ndarray
    person_line: np.ndarray
    free_people: np.ndarray
    free_words: np.ndarray
    ranks: np.ndarray
    queues: np.ndarray
    lines: np.ndarray
    reviews: np.ndarray
    load: np.ndarray
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
    in_groups = max(rules.group_simple, rules.group_complex) > 1
    nodes = untouched(NODE_OF_PEOPLE + people + buyers, NODE_DTYPE, large_pages=True)
    nodes["order"][NODE_OF_PEOPLE : NODE_OF_PEOPLE + people] = np.arange(people)
    nodes["place"][: NODE_OF_PEOPLE + people] = UNPLANNED
    lines = np.zeros(pools + people, LINE_DTYPE)
    lines["first"] = lines["last"] = -1
    horizon_us = int(rules.horizon_us)
    words = words_for(horizon_us)
    tally = np.zeros(TALLY, np.int64)
    tally[SHIFT] = max(0, (horizon_us // max(1 << 10, min(1 << 24, _BUCKETS_PER_BUYER * buyers))).bit_length())
    return Tables(
        arrival_at=arrivals.at_us,
        arrival_who=arrivals.who,
        state=untouched(buyers, STATE_DTYPE, large_pages=True),
        life=untouched(buyers, LIFE_DTYPE, large_pages=True),
        group=untouched(buyers if in_groups else 1, GROUP_DTYPE, large_pages=True),
        free=untouched(buyers, np.int32),
        nodes=nodes,
        heap=untouched(len(nodes), np.int32),
        buckets=np.full((horizon_us >> int(tally[SHIFT])) + 1, -1, np.int32),
        unborn=_unborn(),
        unlived=np.zeros(1, LIFE_DTYPE),
        done=np.zeros(_DONE, LIFE_DTYPE),
        last=np.zeros(_DONE, LAST_DTYPE),
        done_number=np.zeros(_DONE, np.int32),
        rows=untouched(buyers, np.int32),
        times=untouched(len(TIMED) * buyers * words, np.uint16).reshape(-1, words),
        people=empty_people(people),
        person_role=setup.person_role,
        person_team=setup.person_team,
        person_line=np.full(people, NOBODY, np.int64),
        free_people=np.zeros((people >> 5) + 1, np.int64),
        free_words=np.zeros((people >> 10) + 1, np.int64),
        ranks=np.zeros(people, np.int64),
        queues=empty_queues(pools + people),
        lines=lines,
        reviews=np.zeros((int(rules.horizon_us // rules.review_us) + 1, pools + 4), np.int64),
        load=np.zeros((int(rules.horizon_us // rules.review_us) + 2, pools), LOAD_DTYPE),
        spend=np.ones((int(rules.horizon_us // rules.review_us) + 2, int(rules.channels)), np.float64),
        assets=np.zeros(setup.most_assets, ASSET_DTYPE),
        hours=np.zeros((pools, TIMES), np.int64),
        log=np.zeros(log_rows, LOG_DTYPE),
        tally=tally,
    )


def _unborn() -> np.ndarray:
    """The state of a buyer before anything is known of it."""
    state = np.zeros(1, STATE_DTYPE)
    state["view_error"] = np.nan
    return state
