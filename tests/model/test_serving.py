"""What our people do for a buyer, worked out by hand: lines, tasks and their minutes, talks, follow-ups, discounts."""

import math

import pytest

from simulator.model import serving
from simulator.model.buyer import MOST_DECISIONS
from simulator.model.content import CELLS, cell_of
from simulator.model.numerics import DAY_US, MINUTE_US, NEVER, normal
from simulator.model.quarter import QUARTER_US
from simulator.model.records import (
    FIRST_CONTACT_AT,
    FIRST_REP_AT,
    MQL_AT,
    OPPORTUNITY_AT,
    QUEUED_AT,
    SAL_AT,
    SQL_AT,
    TAKEN_AT,
    TOUCH_PERSON,
)
from simulator.model.tally import HEARD, OWN_PIECES, PIPELINE_CENTS, SEARCH_US, USES
from simulator.model.words import (
    NOBODY,
    NOTHING,
    RELEASE_OWNER,
    SEEK_OWNER,
    Activity,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Task,
    TaskResult,
    Topic,
)
from tests.model.lives import FORM, KEY, NOW, SEGMENT, Buyer, Luck, rules

P = 7  # the person
CELL = cell_of(0, SEGMENT, FORM)


# --- what we owe ------------------------------------------------------------------------------------------------------


def on_duty(buyer: Buyer, **changes: object) -> int:
    return int(serving.on_duty(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW))


@pytest.mark.parametrize(
    ("state", "line", "task", "asked"),
    [
        ({"duty": Duty.ROUTE, "status": LeadStatus.MQL}, 4, Task.QUALIFY, False),  # the SDRs of team 1
        ({"duty": Duty.REQUEST, "status": LeadStatus.MQL}, 4, Task.QUALIFY, True),
        ({"duty": Duty.REQUEST, "status": LeadStatus.OWNED, "owner": 5}, 6 + 5, Task.MEET, True),
        ({"duty": Duty.REQUEST, "status": LeadStatus.INQUIRY, "stage": 2}, 3, Task.ANSWER, True),
        ({"duty": Duty.FOLLOW_UP, "status": LeadStatus.OWNED, "owner": 5}, 6 + 5, Task.MEET, False),
    ],
)
def test_the_line_that_a_buyer_joins(state: dict[str, int], line: int, task: int, asked: bool) -> None:
    """Two teams: pools 0 to 5, then each person's own line."""
    buyer = Buyer(team=1, duty_at=NOW, **state)
    access = [NOBODY, NOBODY, Role.MARKETER, NOBODY, NOBODY, NOBODY]
    assert on_duty(buyer, access=access) == line
    assert (buyer.task, buyer.asked, buyer.duty, buyer.duty_at) == (task, asked, Duty.NONE, NEVER)
    assert buyer.t.moments == ({QUEUED_AT: NOW} if task == Task.QUALIFY else {})


@pytest.mark.parametrize("u", [0.49, 0.5])
def test_marketing_takes_its_share_of_open_deals(luck: Luck, u: float) -> None:
    buyer = Buyer(team=1, duty=Duty.FOLLOW_UP, status=LeadStatus.OWNED, owner=2, stage=3, task_no=4)
    buyer.t.moments[OPPORTUNITY_AT] = 0
    luck(Decision.SUPPORTS, u, stage=3, occurrence=4)
    assert on_duty(buyer) == (3 if u < 0.5 else 6 + 2)
    assert buyer.task == (Task.SUPPORT if u < 0.5 else Task.MEET) and not buyer.asked


def test_a_mail_a_release_and_nothing(luck: Luck) -> None:
    luck(Decision.MAIL_OPENED, 0.9)
    buyer = Buyer(duty=Duty.NURTURE, status=LeadStatus.INQUIRY)
    assert on_duty(buyer) == NOTHING and buyer.t.activities == [Activity.MAIL_UNOPENED]
    assert on_duty(Buyer(duty=Duty.RELEASE, outcome=Outcome.WON, task_no=MOST_DECISIONS)) == RELEASE_OWNER
    assert on_duty(Buyer()) == NOTHING


def test_a_buyer_who_is_worn_out_ends() -> None:
    buyer = Buyer(duty=Duty.ROUTE, mail_no=MOST_DECISIONS)
    assert on_duty(buyer) == NOTHING and buyer.outcome == Outcome.NO_DECISION


# --- being taken up ---------------------------------------------------------------------------------------------------


def minutes(buyer: Buyer, role: int = Role.SDR, **changes: object) -> float:
    us = serving.taken_up(buyer.t, buyer.b, buyer.h, rules(**changes), KEY, role, NOW)
    return float(us / MINUTE_US)


def takes(luck: Luck, n: int = 0) -> Luck:
    return luck(Decision.SERVICE_TIME, 0.5, occurrence=n)


@pytest.mark.parametrize("cold", [False, True])
def test_a_first_look_and_a_call(luck: Luck, cold: bool) -> None:
    """An SDR brings what can be found at once: nothing here, so a generic piece. Nothing is known: all must be told."""
    buyer = Buyer(task=Task.QUALIFY, view_error=2.0, cold_at=NOW if cold else NOW + 1, task_no=3, give_up_at=NOW + 5)
    takes(luck, 3)(Decision.SALES_VIEW, 0.5)
    assert minutes(buyer) == (5 + 3 if cold else 5 + 30 + 16)
    assert buyer.task_result == (TaskResult.UNANSWERED if cold else TaskResult.TALKED)
    assert (buyer.attempts, buyer.calls, buyer.task_no, buyer.task_stage) == (1, 1, 4, 0)
    assert buyer.t.moments == {TAKEN_AT: NOW} and buyer.t.tally == {}
    assert buyer.handoffs == 0 and buyer.last_role == (NOBODY if cold else Role.SDR)
    assert buyer.piece == (0.0 if cold else 0.25) and buyer.give_up_at == NOW + 5


def test_a_refused_lead_costs_the_look(luck: Luck) -> None:
    buyer = Buyer(task=Task.QUALIFY, view_error=0.0)
    takes(luck)(Decision.SALES_VIEW, 0.5)
    assert minutes(buyer) == 5 and buyer.task_result == TaskResult.REFUSED and (buyer.attempts, buyer.calls) == (0, 0)


def test_a_second_attempt_is_not_looked_at_again(luck: Luck) -> None:
    buyer = Buyer(task=Task.QUALIFY, attempts=1, cold_at=NOW, stage=2)
    luck(Decision.SERVICE_TIME, 0.5, stage=2)
    assert minutes(buyer) == 3 and buyer.attempts == 2 and buyer.task_stage == 2


@pytest.mark.parametrize(("cold", "expected"), [(False, 20 + 16), (True, 3)])
def test_an_answer(luck: Luck, cold: bool, expected: float) -> None:
    takes(luck)
    buyer = Buyer(task=Task.ANSWER, cold_at=NOW if cold else NEVER)
    assert minutes(buyer, Role.MARKETER) == expected
    assert buyer.task_result == (TaskResult.UNANSWERED if cold else TaskResult.TALKED)
    assert buyer.piece == (0.0 if cold else 0.5) and buyer.calls == 0


def test_support_is_sent(luck: Luck) -> None:
    takes(luck)
    buyer = Buyer(task=Task.SUPPORT, cold_at=NOW)
    assert minutes(buyer, Role.MARKETER) == 40 and buyer.task_result == TaskResult.SENT


WISH = 1 / (1 + math.exp(-(-1.0 + 2.0 * 0.4 + 1.0)))  # with the bonus of who proposes a meeting


@pytest.mark.parametrize(
    ("state", "u", "expected", "result"),
    [
        ({"cold_at": NOW, "asked": 1}, None, 3, TaskResult.UNANSWERED),
        ({"asked": 1}, None, 60 + 16 + 60, TaskResult.TALKED),
        ({}, WISH - 1e-9, 60 + 16 + 60, TaskResult.TALKED),
        ({}, WISH + 1e-9, 4, TaskResult.DECLINED),
        ({"wish": -1.0}, None, 4, TaskResult.DECLINED),
    ],
)
def test_a_meeting(luck: Luck, state: dict[str, float], u: float | None, expected: float, result: int) -> None:
    """A rep who finds nothing looks for ten minutes and makes a piece in fifty."""
    takes(luck)
    if u is not None:
        luck(Decision.RECEPTIVE, u)
    buyer = Buyer(task=Task.MEET, **state)
    assert minutes(buyer, Role.REP) == expected and buyer.task_result == result
    assert buyer.fatigue == (u is not None), "who is asked remembers the message"


def test_work_takes_longer_after_a_reorganisation_and_varies(luck: Luck) -> None:
    luck(Decision.SERVICE_TIME, math.exp(-2.0))
    assert minutes(Buyer(task=Task.SUPPORT), effort_factor=1.5, effort_spread=0.25) == pytest.approx(60 * (0.75 + 0.5))


@pytest.mark.parametrize(
    ("last", "known", "told", "left", "again", "handoffs"),
    [(NOBODY, 0.0, 0.0, 0.0, 0.0, 0), (Role.REP, 1.0, 1.0, 1.0, 0.0, 0), (Role.SDR, 1.0, 1.0, 0.5, 0.5, 1)],
)
def test_handing_over(last: int, known: float, told: float, left: float, again: float, handoffs: int) -> None:
    """Half of the context is kept; what is told again costs two days of patience for all of it."""
    buyer = Buyer(last_role=last, known=known, told=told)
    assert serving.hand_over(buyer.b, buyer.h, rules(), Role.REP) == pytest.approx(16 * (1 - left))
    assert buyer.asked_again == again and buyer.handoffs == handoffs
    assert buyer.give_up_at == NOW + 30 * DAY_US - round(2 * DAY_US * again)
    assert (buyer.last_role, buyer.known, buyer.told) == (Role.REP, 1.0, 1.0)


@pytest.mark.parametrize(
    ("role", "match", "piece", "expected", "own"),
    [
        (Role.MARKETER, 0.9, 0.5, 0.0, 0),
        (Role.SDR, 0.6, 0.6, 0.0, 0),
        (Role.SDR, 0.59, 0.25, 0.0, 0),
        (Role.REP, 0.6, 0.6, 10.0, 0),
        (Role.REP, 0.59, 0.9, 60.0, 1),
    ],
)
def test_the_piece_for_a_talk(role: int, match: float, piece: float, expected: float, own: int) -> None:
    buyer = Buyer(piece_is_own=1, piece_topic=6)
    library = {"found_asset": [3] * CELLS, "match_found": [match] * CELLS}
    assert serving.bring_piece(buyer.t, buyer.b, buyer.h, rules(**library), role) == expected
    assert (buyer.piece, buyer.piece_is_own, buyer.piece_topic, buyer.own_pieces) == (piece, own, 0, own)
    counted = {USES + CELL: 1} if role != Role.MARKETER and match >= 0.6 else {}
    counted |= {SEARCH_US: 10 * MINUTE_US} if role == Role.REP else {}
    assert buyer.t.tally == counted | ({OWN_PIECES: 1} if own else {})


def test_an_asset_that_cannot_be_found_is_of_no_use() -> None:
    buyer = Buyer()
    library = {"found_asset": [-1] * CELLS, "match_found": [0.9] * CELLS}
    serving.bring_piece(buyer.t, buyer.b, buyer.h, rules(**library), Role.SDR)
    assert buyer.piece == 0.25 and buyer.t.tally == {}


# --- a task is done ---------------------------------------------------------------------------------------------------


def served(buyer: Buyer, role: int = Role.SDR, **changes: object) -> int:
    return int(serving.served(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, P, role, NOW))


def talks(luck: Luck, n: int = 0, stage: int = 0, cools: bool = True, checks: float = 0.9) -> Luck:
    """The draws of a talk."""
    if cools:
        luck(Decision.COOLING, 0.5)
    luck(Decision.TALK_CHECKS, checks, stage, n)(Decision.TALK_CONTRADICTS, 0.1, stage, n)
    return luck(Decision.TALK_USEFULNESS, 0.5, stage, n)


def test_a_talk(luck: Luck) -> None:
    """An SDR: 0.5 x 0.8 of power; half of a talk hangs on the piece, which matches 0.9; believed 0.6."""
    buyer = Buyer(task_no=3, piece=0.9, piece_topic=0, began_at=NOW - 5, cleared_total=0.4, heard=1, stage=0)
    talks(luck, 2)
    serving.talk(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, P, Role.SDR, NOW, Activity.CONVERSATION)
    taken = 0.8 * 0.4 * (1 - 0.5 * 0.1) * 0.6
    assert buyer.uncertainty[0] == pytest.approx(0.8 - taken)
    assert buyer.cleared_before_person == 0.4 and buyer.cleared_total == pytest.approx(0.4 + taken)
    assert buyer.t.moments == {FIRST_CONTACT_AT: NOW - 5} and buyer.t.tally == {HEARD + CELL: 1}
    assert buyer.touches[TOUCH_PERSON + Role.SDR] == 1 and buyer.engagement == 1 and buyer.heard == 0b011
    assert buyer.cold_at == NOW + 3 * DAY_US and buyer.t.rows == [(NOW, Activity.CONVERSATION, P, 0)]


@pytest.mark.parametrize("touched", range(3))
def test_only_before_the_first_talk_with_anybody(luck: Luck, touched: int) -> None:
    touches = [9, 9, 9, 9, 0, 0, 0]
    touches[TOUCH_PERSON + touched] = 1
    buyer = Buyer(task_no=1, touches=touches, cleared_total=0.4, cleared_before_person=0.1)
    talks(luck)
    serving.talk(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, P, Role.REP, NOW, Activity.MEETING)
    assert buyer.cleared_before_person == 0.1


@pytest.mark.parametrize("topic", [0, 5])
def test_a_piece_serves_the_topic_it_was_made_for(luck: Luck, topic: int) -> None:
    """Otherwise the talk has a generic one. A rep's own piece speaks past the rest of the group."""
    buyer = Buyer(members=2, task_no=1, piece=0.9, piece_topic=topic, piece_is_own=1)
    buyer.g |= {"doubt": [0.5, 0.5], "worry": [0, 1], "likes_person": [1, 1]}
    talks(luck, checks=0.4)
    serving.talk(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, P, Role.REP, NOW, Activity.MEETING)
    effect = 0.5 * 0.6 * (1 - 0.5 * (0.1 if topic == 0 else 0.75)) * 0.64  # who checks trusts a little more
    assert buyer.uncertainty[0] == pytest.approx(0.8 * (1 - effect))
    doubt = 0.5 * (1 - effect / 2)
    assert buyer.g["doubt"] == pytest.approx([0.5 * (1 - effect), doubt + 0.2 * (1 - doubt) if topic == 0 else doubt])


def test_a_refused_lead_is_given_up(luck: Luck) -> None:
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.REFUSED, status=LeadStatus.MQL)
    luck(Decision.RECYCLING, 0.1)
    assert served(buyer) == NOTHING and buyer.status == LeadStatus.NURTURE
    assert buyer.t.rows[0] == (NOW, Activity.REFUSED, P, -1) and SAL_AT not in buyer.t.moments


@pytest.mark.parametrize(("attempts", "again"), [(1, True), (2, False)])
def test_a_call_that_nobody_takes_is_tried_again(luck: Luck, attempts: int, again: bool) -> None:
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.UNANSWERED, attempts=attempts)
    if not again:
        luck(Decision.RECYCLING, 0.9)
    assert served(buyer) == NOTHING
    assert (buyer.duty, buyer.duty_at) == ((Duty.ROUTE, NOW + 3 * DAY_US) if again else (Duty.NONE, NEVER))
    assert buyer.t.activities == [Activity.SAL, Activity.CALL_UNANSWERED] + [Activity.DROPPED] * (not again)


@pytest.mark.parametrize(("u", "qualified"), [(0.6, True), (0.4, False)])
def test_a_conversation_qualifies_or_not(luck: Luck, u: float, qualified: bool) -> None:
    assert normal(0.6) > 0
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.MQL)
    buyer.t.moments[SAL_AT] = 0
    talks(luck)(Decision.QUALIFICATION, u)
    if not qualified:
        luck(Decision.RECYCLING, 0.9)
    assert served(buyer) == (SEEK_OWNER if qualified else NOTHING)
    last = Activity.SQL if qualified else Activity.DROPPED
    assert buyer.t.activities == [Activity.CONVERSATION, last]
    assert (SQL_AT in buyer.t.moments) == qualified


@pytest.mark.parametrize("task", [Task.QUALIFY, Task.ANSWER, Task.MEET])
def test_a_talk_that_ends_the_journey_ends_all(luck: Luck, task: int) -> None:
    """The rival was clear already, and the buyer commits to a solution."""
    buyer = Buyer(task=task, task_result=TaskResult.TALKED, task_no=1, stage=3, task_stage=3, rival_progress=1.0)
    talks(luck, stage=3)
    assert served(buyer, Role.SDR) == NOTHING and buyer.outcome == Outcome.LOST
    assert buyer.duty == Duty.NONE and buyer.t.activities[-1] == Activity.LOST


@pytest.mark.parametrize("u", [0.6, 0.4])
def test_an_sdr_qualifies_as_it_answers(luck: Luck, u: float) -> None:
    buyer = Buyer(task=Task.ANSWER, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.INQUIRY)
    talks(luck)(Decision.QUALIFICATION, u)
    if u < 0.5:
        luck(Decision.RECYCLING, 0.1)
    assert served(buyer, Role.SDR) == (SEEK_OWNER if u > 0.5 else NOTHING)
    assert buyer.t.activities == [Activity.ANSWER, Activity.SQL if u > 0.5 else Activity.RECYCLED]
    assert (MQL_AT in buyer.t.moments) == (SAL_AT in buyer.t.moments) == (u > 0.5)


@pytest.mark.parametrize(
    ("state", "role", "status", "duty"),
    [
        ({"task_result": TaskResult.TALKED, "status": LeadStatus.INQUIRY}, Role.MARKETER, 1, Duty.NURTURE),
        ({"task_result": TaskResult.TALKED, "status": LeadStatus.NURTURE}, Role.MARKETER, 5, Duty.NURTURE),
        ({"task_result": TaskResult.TALKED, "status": LeadStatus.DROPPED}, Role.MARKETER, 6, Duty.NONE),
        ({"task_result": TaskResult.UNANSWERED, "status": LeadStatus.INQUIRY}, Role.SDR, 1, Duty.NURTURE),
    ],
)
def test_whoever_else_answers_leaves_the_lead(
    luck: Luck, state: dict[str, int], role: int, status: int, duty: int
) -> None:
    buyer = Buyer(task=Task.ANSWER, task_no=1, **state)
    if buyer.task_result == TaskResult.TALKED:
        talks(luck)
    if buyer.status != LeadStatus.DROPPED:
        luck(Decision.MARKETING_VIEW, 0.5)
    assert served(buyer, role) == NOTHING and (buyer.status, buyer.duty) == (status, duty)
    assert buyer.duty_at == (NOW + 7 * DAY_US if duty else NEVER)
    first = Activity.ANSWER if buyer.task_result == TaskResult.TALKED else Activity.CALL_UNANSWERED
    assert buyer.t.rows[0][:3] == (NOW, first, P) and len(buyer.t.rows) == 1


def test_an_answer_may_bring_a_lead_over_the_threshold(luck: Luck) -> None:
    buyer = Buyer(task=Task.ANSWER, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.INQUIRY, engagement=9)
    talks(luck)(Decision.MARKETING_VIEW, 0.5)(Decision.PICKUP, 0.5)
    assert served(buyer, Role.MARKETER) == NOTHING
    assert (buyer.status, buyer.duty) == (LeadStatus.MQL, Duty.ROUTE)


def test_at_the_last_stage_an_answer_passes_the_lead_on(luck: Luck) -> None:
    buyer = Buyer(task=Task.ANSWER, task_result=TaskResult.UNANSWERED, stage=5, status=LeadStatus.INQUIRY)
    luck(Decision.PICKUP, 0.5)
    assert served(buyer) == NOTHING and (buyer.status, buyer.duty) == (LeadStatus.MQL, Duty.ROUTE)


def test_support(luck: Luck) -> None:
    """0.64 of power, useful 0.9, believed 0.6 (0.54 after the check): it speaks with marketing's voice."""
    buyer = Buyer(members=2, task=Task.SUPPORT, task_no=3, task_stage=1, heard=0b100, status=LeadStatus.OWNED)
    buyer.g |= {"doubt": [0.5, 0.5], "worry": [0, 1], "likes_person": [0, 0]}
    luck(Decision.TALK_CHECKS, 0.4, 1, 2)(Decision.TALK_CONTRADICTS, 0.3, 1, 2)(Decision.TALK_USEFULNESS, 0.5, 1, 2)
    assert served(buyer, Role.MARKETER) == NOTHING
    effect = 0.64 * 0.9 * 0.3
    assert buyer.uncertainty[0] == pytest.approx(0.8 * (1 - effect)) and buyer.contradictions == 1
    doubt = 0.5 * (1 - effect / 2)
    assert buyer.g["doubt"] == pytest.approx([0.5 * (1 - effect), doubt + 0.2 * (1 - doubt)])
    assert buyer.touches[TOUCH_PERSON + Role.MARKETER] == 1 and buyer.heard == 0b101
    assert (buyer.duty, buyer.duty_at) == (Duty.FOLLOW_UP, NOW + 6 * DAY_US)
    assert buyer.t.rows == [(NOW, Activity.SUPPORT, P, 0)] and buyer.engagement == 0


def test_support_that_ends_the_journey_owes_nothing_more(luck: Luck) -> None:
    buyer = Buyer(task=Task.SUPPORT, task_no=1, stage=3, task_stage=3, rival_progress=1.0, status=LeadStatus.NURTURE)
    luck(Decision.TALK_CHECKS, 0.9, 3)(Decision.TALK_CONTRADICTS, 0.3, 3)(Decision.TALK_USEFULNESS, 0.5, 3)
    assert served(buyer, Role.MARKETER) == NOTHING and buyer.duty == Duty.NONE


# --- meetings ---------------------------------------------------------------------------------------------------------


def meets(**state: object) -> Buyer:
    given = {"task": Task.MEET, "task_result": TaskResult.TALKED, "task_no": 1, "status": LeadStatus.OWNED,
             "owner": P, "channel": 2, "silent": 1, "cold_at": NOW + 5}  # fmt: skip
    return Buyer(**{**given, **state})


def test_the_first_meeting_opens_the_deal(luck: Luck) -> None:
    buyer = meets(stage=5, task_stage=5)
    talks(luck, stage=5, cools=False)
    assert served(buyer, Role.REP) == NOTHING
    assert buyer.t.moments == {FIRST_REP_AT: NOW, OPPORTUNITY_AT: NOW, FIRST_CONTACT_AT: 0}
    assert buyer.t.tally[PIPELINE_CENTS + 2] == 1_000 and buyer.has_met_rep == 0
    assert (buyer.silent, buyer.cold_at, buyer.duty, buyer.duty_at) == (0, NEVER, Duty.FOLLOW_UP, NOW + 6 * DAY_US)
    assert buyer.t.activities == [Activity.OPPORTUNITY, Activity.MEETING]


@pytest.mark.parametrize(
    ("stage", "opened", "closes"), [(5, NOW - 5 * DAY_US, 1), (5, NOW - 5 * DAY_US + 1, 0), (4, 0, 0)]
)
def test_an_offer_takes_its_time(luck: Luck, stage: int, opened: int, closes: int) -> None:
    buyer = meets(stage=stage, task_stage=stage)
    buyer.t.moments |= {OPPORTUNITY_AT: opened, FIRST_REP_AT: 3}
    talks(luck, stage=stage, cools=False)
    served(buyer, Role.REP)
    assert (
        buyer.has_met_rep == closes and buyer.t.activities == [Activity.MEETING] and buyer.t.moments[FIRST_REP_AT] == 3
    )


@pytest.mark.parametrize("result", [TaskResult.DECLINED, TaskResult.UNANSWERED])
@pytest.mark.parametrize("silent", [0, 1])
def test_too_many_tries_in_a_row(luck: Luck, result: int, silent: int) -> None:
    buyer = meets(task_result=result, silent=silent)
    if silent:
        luck(Decision.RECYCLING, 0.1)
    assert served(buyer, Role.REP) == (RELEASE_OWNER if silent else NOTHING)
    assert buyer.silent == silent + 1 and buyer.status == (LeadStatus.NURTURE if silent else LeadStatus.OWNED)
    assert buyer.duty == (Duty.NURTURE if silent else Duty.FOLLOW_UP)
    first = Activity.MEETING_DECLINED if result == TaskResult.DECLINED else Activity.CALL_UNANSWERED
    assert buyer.t.rows[0] == (NOW, first, P, -1) and buyer.cold_at == (NOW if silent else NOW + 5)


NEAR = QUARTER_US - 3 * DAY_US  # in a window of ten days


@pytest.mark.parametrize(
    ("now", "stage", "u", "at"),
    [
        (NEAR, 4, None, NEAR + 3 * DAY_US),  # six days pass in three
        (NEAR, 5, None, NEAR + 3 * DAY_US),
        (NEAR - 5 * DAY_US, 3, 0.49, QUARTER_US),  # six days on is near the end still: put off
        (NEAR - 5 * DAY_US, 3, 0.5, NEAR + DAY_US),
        (NEAR, 3, None, NEAR + 6 * DAY_US),  # after the end
        (DAY_US, 3, None, 7 * DAY_US),
    ],
)
def test_follow_ups_near_the_end_of_a_quarter(luck: Luck, now: int, stage: int, u: float | None, at: int) -> None:
    buyer = Buyer(stage=stage, task_no=6)
    if u is not None:
        luck(Decision.PUT_OFF, u, stage, 6)
    assert serving.next_follow_up(buyer.b, rules(quarter_window_us=10 * DAY_US), KEY, now) == at


def test_without_a_window_a_follow_up_comes_in_its_time() -> None:
    assert serving.next_follow_up(Buyer(stage=5).b, rules(), KEY, NEAR) == NEAR + 6 * DAY_US


QUARTER = {"quarter_window_us": 10 * DAY_US, "discount": 0.25}


def discount(buyer: Buyer, now: int = NEAR, **changes: object) -> bool:
    serving.offer_discount(buyer.t, buyer.b, buyer.h, rules(**{**QUARTER, **changes}), P, now)
    return bool(buyer.t.rows)


def test_a_discount() -> None:
    """It calms price and terms by half, and makes the buyer wonder."""
    buyer = Buyer(stage=4)
    assert discount(buyer) and buyer.t.rows == [(NEAR, Activity.DISCOUNT_OFFERED, P, -1)]
    assert (buyer.paid_cents, buyer.value_cents, buyer.discounted) == (750, 1_000, 1)
    assert buyer.trust == pytest.approx(0.54)
    left = [0.4 if topic in (Topic.PRICE, Topic.TERMS) else 0.8 for topic in range(8)]
    assert buyer.uncertainty == pytest.approx(left) and buyer.cleared_total == pytest.approx(0.8)


def test_when_there_is_no_discount() -> None:
    assert not discount(Buyer(stage=3)) and not discount(Buyer(stage=5, discounted=1))
    assert not discount(Buyer(stage=5), now=DAY_US) and not discount(Buyer(stage=5), discount=0.0)
    assert discount(Buyer(stage=5))


def test_a_meeting_near_the_end_offers_it(luck: Luck) -> None:
    buyer = meets(stage=4, task_stage=4)
    talks(luck, stage=4, cools=False)
    serving.served(buyer.t, buyer.b, buyer.h, buyer.g, rules(**QUARTER), KEY, P, Role.REP, NEAR)
    assert buyer.t.activities == [Activity.OPPORTUNITY, Activity.DISCOUNT_OFFERED, Activity.MEETING]
