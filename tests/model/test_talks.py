"""What a task does to a buyer, worked out by hand: talks, answers, support, meetings, follow-ups, discounts."""

import pytest

from simulator.model import serving
from simulator.model.content import cell_of
from simulator.model.numerics import DAY_US, NEVER, normal
from simulator.model.quarter import QUARTER_US
from simulator.model.records import (
    FIRST_CONTACT_AT,
    FIRST_REP_AT,
    MQL_AT,
    OPPORTUNITY_AT,
    SAL_AT,
    SQL_AT,
    TOUCH_PERSON,
)
from simulator.model.tally import HEARD, PIPELINE_CENTS
from simulator.model.words import (
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


# --- a task is done ---------------------------------------------------------------------------------------------------


def served(buyer: Buyer, role: int = Role.SDR, **changes: object) -> int:
    return int(serving.served(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, P, role, NOW))


def talks(luck: Luck, n: int = 0, stage: int = 0, cools: bool = True, checks: float = 0.5) -> Luck:
    """The draws of a talk."""
    if cools:
        luck(Decision.COOLING, 0.5)
    luck(Decision.TALK_CHECKS, checks, stage, n)
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


@pytest.mark.parametrize("by_role", [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]])
def test_only_before_the_first_talk_with_anybody(luck: Luck, by_role: list[int]) -> None:
    touches = [9, 9, 9, 9, *by_role]
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
    luck(Decision.TALK_CHECKS, 0.5, 3)(Decision.TALK_USEFULNESS, 0.5, 3)
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
