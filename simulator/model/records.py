"""What a buyer is made of, once: the fields of its records, for both engines.

Handlers take a buyer as three records and read them by name: ``b`` (``BUYER``, what it is and where it stands), ``h``
(``LIFE``, what is counted of its journey) and ``g`` (``GROUP``, the members of its buying group). The compiled engine
keeps them as records of arrays, the reference engine as dictionaries of Python numbers. A field more is a line here.
"""

from typing import Any

import numpy as np

from simulator.model.sizes import MAX_GROUP
from simulator.model.words import TOPICS, StageGroup

#: Kinds of touches counted per buyer, in order.
TOUCHES = ("ours", "third_party", "rival", "mail", "marketer", "sdr", "rep")
TOUCH_OURS, TOUCH_THIRD_PARTY, TOUCH_RIVAL, TOUCH_MAIL, TOUCH_PERSON = 0, 1, 2, 3, 4

#: Moments of a journey that are remembered once, the first time.
MOMENTS = (
    "inquiry_at", "mql_at", "sal_at", "sql_at", "owned_at", "released_at", "opportunity_at", "first_contact_at",
    "first_rep_at", "ended_at", "queued_at", "taken_at", "project_at", "requested_at", "answered_at",
)  # fmt: skip
(
    INQUIRY_AT, MQL_AT, SAL_AT, SQL_AT, OWNED_AT, RELEASED_AT, OPPORTUNITY_AT, FIRST_CONTACT_AT, FIRST_REP_AT, ENDED_AT,
    QUEUED_AT, TAKEN_AT, PROJECT_AT, REQUESTED_AT, ANSWERED_AT,
) = range(len(MOMENTS))  # fmt: skip

#: A buyer's own state. What a step of research needs comes first, up to ``task_no``: three lines of the processor's
#: cache, and of the fourth the counts that end a journey. ``wish`` is the chance to want a person in the present stage,
#: -1 for those who never do; ``view_error`` is marketing's, NaN until drawn; ``heard`` has a bit for each role;
#: ``asked`` is whether the buyer asked for the task. ``project`` is whether it has one that goes on, and ``turns_at``
#: when that changes; without one, ``give_up_at`` is the patience that is left. ``pace`` is a factor on times,
#: ``request`` whether one is open, ``wish_lost`` what is off the logit of asking for good, ``minutes`` those of a talk
#: that are of use, ``rival_answered`` the share of what a rival can win by answering first, ``chosen`` whether the
#: buyer chose us and has not signed.
BUYER: list[Any] = [
    ("step_at", "i8"),
    ("duty_at", "i8"),
    ("give_up_at", "i8"),
    ("turns_at", "i8"),
    ("base", "i8"),
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
    ("project", "i1"),
    ("request", "i1"),
    ("chosen", "i1"),
    ("pace", "f8"),
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
    ("channel", "i1"),
    ("heat_no", "i4"),
    ("touched_at", "i8"),
    ("task_no", "i4"),
    ("office_opens_us", "i8"),
    ("next_vote_at", "i8"),
    ("asked_at", "i8"),
    ("request_until", "i8"),
    ("offer_at", "i8"),
    ("signs_at", "i8"),
    ("follow_up_at", "i8"),
    ("fatigue", "f8"),
    ("fatigue_at", "i8"),
    ("patience_us", "i8"),
    ("wish_lost", "f8"),
    ("rival_answered", "f8"),
    ("minutes", "f8"),
    ("pause_no", "i4"),
    ("request_no", "i4"),
    ("preference", "f8"),
    ("owner", "i4"),
    ("attempts", "i2"),
    ("silent", "i2"),
    ("team", "i1"),
    ("has_met_owner", "i1"),
    ("asked", "i1"),
    ("last_role", "i1"),
    ("task", "i1"),
    ("task_result", "i1"),
    ("task_stage", "i1"),
    ("piece_topic", "i1"),
    ("piece_is_own", "i1"),
    ("began_at", "i8"),
    ("known", "f8"),
    ("told", "f8"),
    ("piece", "f8"),
]

#: What is counted of a journey; all of it is reported. A step of research needs the fields up to ``cleared_total``.
LIFE: list[Any] = [
    ("touches", "i4", (len(TOUCHES),)),
    ("touches_in", "i4", (len(StageGroup),)),
    ("person_touches_in", "i4", (len(StageGroup),)),
    ("members", "i1"),
    ("came_dormant", "i1"),
    ("self_served", "i1"),
    ("cleared_total", "f8"),
    ("value_cents", "i8"),
    ("paid_cents", "i8"),
    ("cleared_before_person", "f8"),
    ("asked_again", "f8"),
    ("contradictions", "i4"),
    ("handoffs", "i4"),
    ("recycled", "i4"),
    ("calls", "i4"),
    ("worked", "i4"),
    ("talk_minutes", "f8"),
    ("reviews", "i4"),
    ("votes", "i4"),
    ("own_pieces", "i4"),
    ("discounted", "i1"),
    ("offered", "i1"),
    ("deadlines", "i1"),
]

#: The members of a buyer's group, the champion first, and their doubt but for what the champion passes on; of a buyer
#: who decides alone nothing is kept.
GROUP: list[Any] = [("doubt", "f8", (MAX_GROUP,)), ("worry", "i1", (MAX_GROUP,))]

#: Fields of a buyer's state that are reported as they are at the end; the first two never change.
LAST = ("complexity", "fit", "trust", "segment", "stage", "status", "outcome", "project")


def in_python(fields: list[Any]) -> dict[str, Any]:
    """A record of these fields as a dictionary: Python numbers, lists where a field has several, all of them 0."""
    record = np.zeros(1, np.dtype(fields))[0]
    return {name: record[name].tolist() for name in record.dtype.names}
