"""What a task does to a buyer, worked out by hand: talks about one worry, calls, answers, support, meetings."""

import pytest

from simulator.model import serving, talking
from simulator.model.content import cell_of
from simulator.model.numerics import DAY_US, HOUR_US, NEVER, normal
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
)
from tests.model.lives import FORM, KEY, NOW, SEGMENT, Buyer, Luck, rules

P = 7  # the person
CELL = cell_of(0, SEGMENT, FORM)


# --- a task is done ---------------------------------------------------------------------------------------------------


def served(buyer: Buyer, role: int = Role.SDR, **changes: object) -> int:
    return int(serving.served(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, P, role, NOW))


def talks(luck: Luck, n: int = 0, stage: int = 0, checks: float = 0.5) -> Luck:
    """The draws of a talk."""
    luck(Decision.TALK_CHECKS, checks, stage, n)
    return luck(Decision.TALK_USEFULNESS, 0.5, stage, n)


def test_a_talk(luck: Luck) -> None:
    """An SDR: 0.5 x 0.8 of power; half of a talk hangs on the piece, which matches 0.9; believed 0.6."""
    buyer = Buyer(task_no=3, piece=0.9, piece_topic=0, began_at=NOW - 5, cleared_total=0.4, heard=1, touched_at=0)
    talks(luck, 2)
    talking.talk(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, P, Role.SDR, NOW, Activity.CONVERSATION)
    taken = 0.8 * 0.4 * (1 - 0.5 * 0.1) * 0.6
    assert buyer.uncertainty[0] == pytest.approx(0.8 - taken)
    assert buyer.cleared_before_person == 0.4 and buyer.cleared_total == pytest.approx(0.4 + taken)
    assert buyer.t.moments == {FIRST_CONTACT_AT: NOW - 5} and buyer.t.tally == {HEARD + CELL: 1}
    assert buyer.touches[TOUCH_PERSON + Role.SDR] == 1 and buyer.engagement == 1 and buyer.heard == 0b011
    assert (buyer.heat_no, buyer.touched_at) == (1, NOW) and buyer.t.rows == [(NOW, Activity.CONVERSATION, P, 0)]


@pytest.mark.parametrize("by_role", [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]])
def test_only_before_the_first_talk_with_anybody(luck: Luck, by_role: list[int]) -> None:
    touches = [9, 9, 9, 9, *by_role]
    buyer = Buyer(task_no=1, touches=touches, cleared_total=0.4, cleared_before_person=0.1)
    talks(luck)
    talking.talk(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, P, Role.REP, NOW, Activity.MEETING)
    assert buyer.cleared_before_person == 0.1


@pytest.mark.parametrize("topic", [0, 5])
def test_a_piece_serves_the_topic_it_was_made_for(luck: Luck, topic: int) -> None:
    """Otherwise the talk has a generic one. A rep's own piece speaks past the rest of the group."""
    buyer = Buyer(members=2, task_no=1, piece=0.9, piece_topic=topic, piece_is_own=1)
    buyer.g |= {"doubt": [0.5, 0.5], "worry": [topic, 3]}
    talks(luck, checks=0.4)
    talking.talk(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, P, Role.REP, NOW, Activity.MEETING)
    effect = 0.5 * 0.6 * (1 - 0.5 * (0.1 if topic == 0 else 0.75)) * 0.64  # who checks trusts a little more
    assert buyer.uncertainty[0] == pytest.approx(0.8 * (1 - effect))
    assert buyer.g["doubt"] == pytest.approx([0.5, 0.6])


@pytest.mark.parametrize("state", [{"project": 0}, {"chosen": 1}])
def test_a_talk_with_who_has_no_project_or_has_chosen(luck: Luck, state: dict[str, int]) -> None:
    """It is a touch and a sign of interest, and we hear the question; no worry is cleared."""
    buyer = Buyer(task_no=1, piece_is_own=1, members=2, uncertainty=[0.3, *[0.8] * 7], **state)
    buyer.g |= {"doubt": [0.5, 0.5], "worry": [1, 1]}
    luck(Decision.TALK_CHECKS, 0.5)
    talking.talk(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, P, Role.REP, NOW, Activity.MEETING)
    assert buyer.uncertainty == [0.3, *[0.8] * 7] and buyer.stage == 0 and buyer.g["doubt"] == [0.5, 0.5]
    assert buyer.touches[TOUCH_PERSON + Role.REP] == buyer.engagement == buyer.heat_no == 1
    assert buyer.t.tally == {HEARD + CELL: 1} and buyer.t.rows == [(NOW, Activity.MEETING, P, 0)]


def test_a_refused_lead_is_given_up(luck: Luck) -> None:
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.REFUSED, status=LeadStatus.MQL)
    luck(Decision.RECYCLING, 0.1)
    assert served(buyer) == NOTHING and buyer.status == LeadStatus.NURTURE
    assert buyer.t.rows[0] == (NOW, Activity.REFUSED, P, -1) and SAL_AT not in buyer.t.moments


@pytest.mark.parametrize(("attempts", "u", "again"), [(1, 0.29, True), (1, 0.3, False), (2, None, False)])
def test_a_call_that_nobody_takes_is_tried_again(luck: Luck, attempts: int, u: float | None, again: bool) -> None:
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.UNANSWERED, attempts=attempts, task_no=1)
    if u is not None:
        luck(Decision.CALLED_AGAIN, u)
    if not again:
        luck(Decision.RECYCLING, 0.9)
    assert served(buyer) == NOTHING
    assert (buyer.duty, buyer.duty_at) == ((Duty.ROUTE, NOW + 3 * DAY_US) if again else (Duty.NONE, NEVER))
    assert buyer.t.activities == [Activity.SAL, Activity.CALL_UNANSWERED] + [Activity.DROPPED] * (not again)
    assert buyer.wish_lost == 0.0


@pytest.mark.parametrize(("u", "qualified"), [(0.6, True), (0.4, False)])
def test_a_conversation_qualifies_or_not(luck: Luck, u: float, qualified: bool) -> None:
    """Who asked and is let go after a talk wants a person less from now on; and a rival goes on."""
    assert normal(0.6) > 0
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.MQL, hand_raised=1)
    buyer.t.moments[SAL_AT] = 0
    talks(luck)(Decision.QUALIFICATION, u)
    if not qualified:
        luck(Decision.RECYCLING, 0.9)
    assert served(buyer) == (SEEK_OWNER if qualified else NOTHING)
    last = Activity.SQL if qualified else Activity.DROPPED
    assert buyer.t.activities == [Activity.CONVERSATION, last]
    assert (SQL_AT in buyer.t.moments) == qualified
    assert buyer.wish_lost == (0.0 if qualified else 0.75) and buyer.rival_progress == (0.0 if qualified else 0.08)


def test_a_conversation_without_a_project_is_in_vain(luck: Luck) -> None:
    buyer = Buyer(task=Task.QUALIFY, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.MQL, project=0)
    luck(Decision.TALK_CHECKS, 0.5)(Decision.RECYCLING, 0.1)
    assert served(buyer) == NOTHING and (buyer.status, buyer.duty) == (LeadStatus.NURTURE, Duty.NURTURE)


@pytest.mark.parametrize("task", [Task.QUALIFY, Task.ANSWER, Task.MEET])
def test_a_talk_that_ends_the_journey_ends_all(luck: Luck, task: int) -> None:
    """The rival was clear already, and the buyer commits to a solution."""
    buyer = Buyer(task=task, task_result=TaskResult.TALKED, task_no=1, stage=3, task_stage=3, rival_progress=1.0)
    talks(luck, stage=3)
    if task == Task.MEET:
        luck(Decision.OFFER_TIME, 0.5)(Decision.SUPPORTS, 0.1, 3)
    assert served(buyer, Role.SDR) == NOTHING and buyer.outcome == Outcome.LOST
    assert buyer.duty == Duty.NONE and buyer.t.activities[-1] == Activity.LOST


@pytest.mark.parametrize("role", [Role.MARKETER, Role.SDR])
def test_whoever_answers_hands_over_who_fits_and_has_a_project(luck: Luck, role: int) -> None:
    """Warm, to a rep: the lead is an MQL and a SAL with the answer, and waits for an owner."""
    buyer = Buyer(task=Task.ANSWER, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.INQUIRY, asked=1)
    talks(luck)(Decision.QUALIFICATION, 0.6)
    assert served(buyer, role) == SEEK_OWNER
    assert buyer.t.activities == [Activity.ANSWER, Activity.SQL] and buyer.wish_lost == 0.0
    assert [buyer.t.moments[moment] for moment in (MQL_AT, SAL_AT, SQL_AT)] == [NOW] * 3
    assert (buyer.status, buyer.duty, buyer.asked) == (LeadStatus.SQL, Duty.NONE, 0)


@pytest.mark.parametrize(("state", "u"), [({}, 0.4), ({"project": 0}, None)])
def test_an_sdr_lets_the_others_go(luck: Luck, state: dict[str, int], u: float | None) -> None:
    buyer = Buyer(
        task=Task.ANSWER, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.INQUIRY, hand_raised=1, **state
    )
    luck(Decision.TALK_CHECKS, 0.5)(Decision.RECYCLING, 0.1)
    if u is not None:
        luck(Decision.QUALIFICATION, u)(Decision.TALK_USEFULNESS, 0.5)
    assert served(buyer, Role.SDR) == NOTHING
    assert buyer.t.activities == [Activity.ANSWER, Activity.RECYCLED] and buyer.status == LeadStatus.NURTURE
    assert buyer.wish_lost == 0.75 and buyer.rival_progress == pytest.approx(0.08)
    assert not {MQL_AT, SAL_AT} & set(buyer.t.moments)


@pytest.mark.parametrize("u", [0.2, 0.4])
def test_an_sdr_who_does_not_reach_the_buyer_calls_again_or_gives_up(luck: Luck, u: float) -> None:
    buyer = Buyer(task=Task.ANSWER, task_result=TaskResult.UNANSWERED, task_no=1, status=LeadStatus.INQUIRY, attempts=1)
    luck(Decision.CALLED_AGAIN, u)
    if u > 0.3:
        luck(Decision.RECYCLING, 0.9)
    assert served(buyer, Role.SDR) == NOTHING
    if u < 0.3:
        assert (buyer.status, buyer.duty, buyer.duty_at) == (LeadStatus.MQL, Duty.ROUTE, NOW + 3 * DAY_US)
        assert buyer.t.moments == {MQL_AT: NOW}
    else:
        assert (buyer.status, buyer.duty) == (LeadStatus.DROPPED, Duty.NONE)
    assert buyer.wish_lost == 0.0, "it was not refused"


@pytest.mark.parametrize(
    ("state", "u"),
    [
        ({"task_result": TaskResult.TALKED, "status": LeadStatus.INQUIRY}, 0.4),
        ({"task_result": TaskResult.TALKED, "status": LeadStatus.NURTURE, "project": 0}, None),
        ({"task_result": TaskResult.UNANSWERED, "status": LeadStatus.INQUIRY, "engagement": 1}, None),
    ],
)
def test_a_marketer_leaves_the_lead_where_it_stood(luck: Luck, state: dict[str, int], u: float | None) -> None:
    buyer = Buyer(task=Task.ANSWER, task_no=1, **state)
    if buyer.task_result == TaskResult.TALKED:
        luck(Decision.TALK_CHECKS, 0.5)
    if u is not None:
        luck(Decision.QUALIFICATION, u)(Decision.TALK_USEFULNESS, 0.5)
    luck(Decision.MARKETING_VIEW, 0.5)
    assert served(buyer, Role.MARKETER) == NOTHING
    assert (buyer.status, buyer.duty, buyer.duty_at) == (state["status"], Duty.NURTURE, NOW + 7 * DAY_US)
    first = Activity.ANSWER if buyer.task_result == TaskResult.TALKED else Activity.CALL_UNANSWERED
    assert buyer.t.rows[0][:3] == (NOW, first, P) and len(buyer.t.rows) == 1 and buyer.wish_lost == 0.0


def test_an_answer_may_bring_a_lead_over_the_threshold(luck: Luck) -> None:
    buyer = Buyer(task=Task.ANSWER, task_result=TaskResult.TALKED, task_no=1, status=LeadStatus.INQUIRY, engagement=9)
    talks(luck)(Decision.QUALIFICATION, 0.4)(Decision.MARKETING_VIEW, 0.5)(Decision.PICKUP, 0.5)
    assert served(buyer, Role.MARKETER) == NOTHING
    assert (buyer.status, buyer.duty) == (LeadStatus.MQL, Duty.ROUTE)


def supported(**state: object) -> Buyer:
    given = {"members": 3, "task": Task.SUPPORT, "task_no": 3, "task_stage": 1, "heard": 0b100,
             "status": LeadStatus.OWNED, "owner": P, "follow_up_at": NOW + 5}  # fmt: skip
    buyer = Buyer(**{**given, **state})
    buyer.g |= {"doubt": [0.5, 0.5, 0.4], "worry": [0, 1, 2]}
    return buyer


@pytest.mark.parametrize(("follow_up_at", "at"), [(NOW + 5, NOW + 5), (NOW - 5, NOW)])
def test_support_is_a_touch_more_and_replaces_none(luck: Luck, follow_up_at: int, at: int) -> None:
    """The others of the group doubt a fifth less; it speaks with marketing's voice, and the champion learns nothing."""
    buyer = supported(follow_up_at=follow_up_at)
    luck(Decision.TALK_CHECKS, 0.4, 1, 2)(Decision.TALK_CONTRADICTS, 0.3, 1, 2)
    assert served(buyer, Role.MARKETER) == NOTHING
    assert buyer.g["doubt"] == pytest.approx([0.5, 0.4, 0.32]) and buyer.uncertainty == [0.8] * 8
    assert buyer.touches[TOUCH_PERSON + Role.MARKETER] == 1 and buyer.heard == 0b101 and buyer.contradictions == 1
    assert (buyer.duty, buyer.duty_at) == (Duty.FOLLOW_UP, at)
    assert buyer.t.rows == [(NOW, Activity.SUPPORT, P, -1)] and buyer.engagement == buyer.heat_no == 0


def test_support_of_one_who_decides_alone(luck: Luck) -> None:
    luck(Decision.TALK_CHECKS, 0.5, 1, 2)
    buyer = supported(members=1)
    assert served(buyer, Role.MARKETER) == NOTHING and buyer.g["doubt"] == [0.5, 0.5, 0.4]


def test_support_leaves_a_signature_as_it_is(luck: Luck) -> None:
    """The buyer chose us while the piece was made."""
    luck(Decision.TALK_CHECKS, 0.5, 1, 2)
    buyer = supported(chosen=1, duty=Duty.SIGN, duty_at=NOW + 99)
    assert served(buyer, Role.MARKETER) == NOTHING and (buyer.duty, buyer.duty_at) == (Duty.SIGN, NOW + 99)


# --- meetings ---------------------------------------------------------------------------------------------------------


def meets(**state: object) -> Buyer:
    given = {"task": Task.MEET, "task_result": TaskResult.TALKED, "task_no": 1, "status": LeadStatus.OWNED,
             "owner": P, "channel": 2, "silent": 1}  # fmt: skip
    return Buyer(**{**given, **state})


@pytest.mark.parametrize(("complexity", "days"), [(0.4, 4 * 0.9 * 0.5), (0.3, 0.0)])
def test_the_first_meeting_opens_the_deal(luck: Luck, complexity: float, days: float) -> None:
    """An offer comes in four days at a factor of 0.9, and half for a quarter of the usual value; or there and then."""
    buyer = meets(stage=5, task_stage=5, complexity=complexity)
    talks(luck, stage=5)(Decision.SUPPORTS, 0.5, 5)
    if days:
        luck(Decision.OFFER_TIME, 0.5)
    assert served(buyer, Role.REP) == NOTHING
    assert buyer.t.moments == {FIRST_REP_AT: NOW, OPPORTUNITY_AT: NOW, FIRST_CONTACT_AT: 0}
    assert buyer.t.tally[PIPELINE_CENTS + 2] == 1_000 and buyer.offer_at == pytest.approx(NOW + days * DAY_US)
    assert (buyer.silent, buyer.has_met_owner, buyer.follow_up_at) == (0, 1, NOW + 6 * DAY_US)
    assert (buyer.duty, buyer.duty_at) == (Duty.FOLLOW_UP, NOW + 6 * DAY_US)
    assert buyer.t.activities == [Activity.OPPORTUNITY, Activity.MEETING]


def test_later_meetings_open_nothing_and_keep_the_offer(luck: Luck) -> None:
    buyer = meets(offer_at=NOW + 77)
    buyer.t.moments |= {OPPORTUNITY_AT: 4, FIRST_REP_AT: 3}
    talks(luck)(Decision.SUPPORTS, 0.5)
    served(buyer, Role.REP)
    assert buyer.t.activities == [Activity.MEETING] and buyer.t.moments[FIRST_REP_AT] == 3
    assert buyer.offer_at == NOW + 77 and PIPELINE_CENTS + 2 not in buyer.t.tally


def test_an_offer_that_is_out_gets_a_deadline_if_one_comes_first(luck: Luck) -> None:
    """Noon of the last weekday, day 88, before a follow-up on day 92."""
    now = 86 * DAY_US
    buyer = meets(offer_at=NOW)
    talks(luck)(Decision.SUPPORTS, 0.5)
    serving.served(buyer.t, buyer.b, buyer.h, buyer.g, rules(deadline_share=0.1), KEY, P, Role.REP, now)
    assert (buyer.duty, buyer.duty_at) == (Duty.DEADLINE, 88 * DAY_US + 12 * HOUR_US)
    assert buyer.follow_up_at == 92 * DAY_US


@pytest.mark.parametrize(("u", "supports"), [(0.49, True), (0.5, False)])
def test_after_some_meetings_a_marketer_makes_a_piece_for_the_group(luck: Luck, u: float, supports: bool) -> None:
    buyer = meets(task_no=4, stage=1, task_stage=1, offer_at=NOW)
    talks(luck, 3, 1)(Decision.SUPPORTS, u, 1, 3)
    assert served(buyer, Role.REP) == NOTHING and buyer.follow_up_at == NOW + 6 * DAY_US
    assert buyer.duty == (Duty.SUPPORT if supports else Duty.FOLLOW_UP)
    assert buyer.duty_at == (NOW if supports else NOW + 6 * DAY_US)


def test_members_attend_a_meeting_by_chance(luck: Luck) -> None:
    """Each but the champion with chance 1/2; who does doubts a quarter less."""
    buyer = meets(members=4, task_no=4, task_stage=2)
    buyer.g["doubt"] = [0.8, 0.8, 0.8, 0.4, 0.8]
    for member, u in ((1, 0.49), (2, 0.5), (3, 0.1)):
        luck(Decision.ATTENDS, u, 2, 3, member)
    serving.attended(buyer.b, buyer.h, buyer.g, rules(), KEY)
    assert buyer.g["doubt"] == pytest.approx([0.8, 0.6, 0.8, 0.3, 0.8])


@pytest.mark.parametrize(("u", "left"), [(0.49, 0.6), (0.5, 0.8)])
def test_the_other_one_of_two_may_attend(luck: Luck, u: float, left: float) -> None:
    buyer = meets(members=2, offer_at=NOW)
    buyer.g["doubt"] = [0.8, 0.8]
    talks(luck)(Decision.SUPPORTS, 0.5)(Decision.ATTENDS, u, member=1)
    assert served(buyer, Role.REP) == NOTHING and buyer.g["doubt"] == pytest.approx([0.8, left])


def test_nobody_else_attends_where_one_decides_alone(luck: Luck) -> None:
    serving.attended(meets().b, meets().h, meets().g, rules(), KEY)


@pytest.mark.parametrize("silent", [0, 1])
def test_too_many_tries_in_a_row(luck: Luck, silent: int) -> None:
    buyer = meets(task_result=TaskResult.DECLINED, silent=silent, offer_at=NOW - 3)
    if silent:
        luck(Decision.RECYCLING, 0.1)
    assert served(buyer, Role.REP) == (RELEASE_OWNER if silent else NOTHING)
    assert buyer.silent == silent + 1 and buyer.status == (LeadStatus.NURTURE if silent else LeadStatus.OWNED)
    owed = (Duty.NURTURE, NOW + 7 * DAY_US) if silent else (Duty.FOLLOW_UP, NOW + 6 * DAY_US)
    assert (buyer.duty, buyer.duty_at) == owed
    assert buyer.t.rows[0] == (NOW, Activity.MEETING_DECLINED, P, -1) and buyer.has_met_owner == 0
    assert buyer.offer_at == (NEVER if silent else NOW - 3), "another owner makes another offer"


@pytest.mark.parametrize("result", [TaskResult.TALKED, TaskResult.DECLINED])
def test_who_chose_us_meanwhile_only_has_to_sign(luck: Luck, result: int) -> None:
    """Even after too many tries in vain."""
    buyer = meets(task_result=result, chosen=1, duty=Duty.SIGN, duty_at=NOW + 99, silent=9, offer_at=NOW)
    if result == TaskResult.TALKED:
        luck(Decision.TALK_CHECKS, 0.5)(Decision.SUPPORTS, 0.1)
    assert served(buyer, Role.REP) == NOTHING and buyer.status == LeadStatus.OWNED
    assert (buyer.duty, buyer.duty_at, buyer.outcome) == (Duty.SIGN, NOW + 99, Outcome.OPEN)


def test_who_chooses_us_in_a_meeting_signs_later(luck: Luck) -> None:
    """The talk clears the terms; the offer was out."""
    buyer = meets(stage=5, task_stage=5, uncertainty=[0.3] * 8, offer_at=NOW)
    talks(luck, stage=5)(Decision.SUPPORTS, 0.1, 5)(Decision.SELECTION, 0.01)(Decision.SIGNING_TIME, 0.5)
    assert served(buyer, Role.REP) == NOTHING
    assert buyer.chosen == 1 and (buyer.duty, buyer.duty_at) == (Duty.SIGN, NOW + 2 * 0.9 * 0.5 * DAY_US)


def test_a_simple_purchase_is_offered_and_signed_in_the_first_talk(luck: Luck) -> None:
    buyer = meets(stage=5, task_stage=5, uncertainty=[0.3] * 8, complexity=0.3)
    talks(luck, stage=5)(Decision.SUPPORTS, 0.1, 5)(Decision.SELECTION, 0.01)(Decision.IS_PLEASED, 0.5)
    assert served(buyer, Role.REP, self_serve_max_complexity=0.1) == NOTHING
    assert buyer.outcome == Outcome.WON and (buyer.duty, buyer.duty_at) == (Duty.RELEASE, NOW)


def test_a_meeting_near_a_quarters_end_offers_a_discount(luck: Luck) -> None:
    near = QUARTER_US - 3 * DAY_US
    buyer = meets(stage=4, task_stage=4, offer_at=NOW)
    talks(luck, stage=4)(Decision.SUPPORTS, 0.5, 4)
    changed = rules(quarter_window_us=10 * DAY_US, discount=0.25)
    serving.served(buyer.t, buyer.b, buyer.h, buyer.g, changed, KEY, P, Role.REP, near)
    assert buyer.t.activities == [Activity.OPPORTUNITY, Activity.DISCOUNT_OFFERED, Activity.MEETING]


def test_but_none_to_who_has_chosen_us(luck: Luck) -> None:
    """The meeting was arranged before; nothing is left to say to it about money."""
    near = QUARTER_US - 3 * DAY_US
    buyer = meets(stage=5, task_stage=5, offer_at=NOW, chosen=1, duty=Duty.SIGN, duty_at=near + 9)
    luck(Decision.TALK_CHECKS, 0.5, 5)(Decision.SUPPORTS, 0.5, 5)
    changed = rules(quarter_window_us=10 * DAY_US, discount=0.25)
    serving.served(buyer.t, buyer.b, buyer.h, buyer.g, changed, KEY, P, Role.REP, near)
    assert buyer.t.activities == [Activity.OPPORTUNITY, Activity.MEETING]
    assert buyer.paid_cents == 1_000 and (buyer.duty, buyer.duty_at) == (Duty.SIGN, near + 9)
