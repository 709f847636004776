"""What our people do for a buyer, worked out by hand: the line it joins, each task and its minutes."""

import math

import pytest

from simulator.model import lead, serving, talking
from simulator.model.buyer import MOST_DECISIONS
from simulator.model.content import CELLS, cell_of
from simulator.model.numerics import HOUR_US, MINUTE_US, NEVER, logistic
from simulator.model.records import ANSWERED_AT, QUEUED_AT, TAKEN_AT
from simulator.model.tally import OWN_PIECES, SEARCH_US, USES
from simulator.model.words import (
    NOBODY,
    NOTHING,
    RELEASE_OWNER,
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
        ({"duty": Duty.REQUEST, "status": LeadStatus.NURTURE, "stage": 1}, 4, Task.ANSWER, True),  # nobody may there
        ({"duty": Duty.SUPPORT, "status": LeadStatus.OWNED, "owner": 5}, 3, Task.SUPPORT, False),
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


#: An hour ago the buyer showed interest; a call finds it with this chance, or this one if it asked.
AN_HOUR_AGO = NOW - HOUR_US
FOUND = 0.6 * 0.5 + (1 - 0.6 * 0.5) * 0.2 * 0.5 ** (1 / 72)


@pytest.mark.parametrize("reached", [True, False])
def test_a_first_look_and_a_call(luck: Luck, reached: bool) -> None:
    """An SDR brings what can be found at once: nothing here, so a generic piece. Half of the talk finds things out."""
    buyer = Buyer(task=Task.QUALIFY, view_error=2.0, touched_at=AN_HOUR_AGO, task_no=3, give_up_at=NOW + 5)
    takes(luck, 3)(Decision.SALES_VIEW, 0.5)(Decision.REACHED, FOUND + (-1e-9 if reached else 1e-9), occurrence=3)
    assert minutes(buyer) == (5 + 30 if reached else 5 + 3)
    assert buyer.task_result == (TaskResult.TALKED if reached else TaskResult.UNANSWERED)
    assert (buyer.attempts, buyer.calls, buyer.worked, buyer.task_no, buyer.task_stage) == (1, 1, 1, 4, 0)
    assert buyer.t.moments == {TAKEN_AT: NOW} and buyer.t.tally == {}
    assert buyer.handoffs == 0 and buyer.last_role == (Role.SDR if reached else NOBODY)
    assert buyer.piece == (0.25 if reached else 0.0) and buyer.give_up_at == NOW + 5
    assert buyer.talk_minutes == (30 if reached else 0) and buyer.minutes == (15 if reached else 30)


def test_a_refused_lead_costs_the_look(luck: Luck) -> None:
    buyer = Buyer(task=Task.QUALIFY, view_error=0.0)
    takes(luck)(Decision.SALES_VIEW, 0.5)
    assert minutes(buyer) == 5 and buyer.task_result == TaskResult.REFUSED and (buyer.attempts, buyer.calls) == (0, 0)


def test_a_second_attempt_is_not_looked_at_again(luck: Luck) -> None:
    buyer = Buyer(task=Task.QUALIFY, attempts=1, touched_at=AN_HOUR_AGO, stage=2)
    luck(Decision.SERVICE_TIME, 0.5, stage=2)(Decision.REACHED, 0.99, stage=2)
    assert minutes(buyer) == 3 and buyer.attempts == 2 and buyer.task_stage == 2 and buyer.worked == 0


@pytest.mark.parametrize(("reached", "expected"), [(True, 20), (False, 3)])
def test_an_answer(luck: Luck, reached: bool, expected: float) -> None:
    """It is not looked at as a lead, and is reached or not as any; the request is no longer open."""
    takes(luck)(Decision.REACHED, 0.01 if reached else 0.99)
    buyer = Buyer(task=Task.ANSWER, asked=1, request=1, request_no=1, asked_at=NOW, touched_at=AN_HOUR_AGO)
    assert minutes(buyer, Role.MARKETER) == expected
    assert buyer.task_result == (TaskResult.TALKED if reached else TaskResult.UNANSWERED)
    assert buyer.piece == (0.5 if reached else 0.0) and (buyer.calls, buyer.worked) == (1, 1)
    assert buyer.request == 0 and buyer.t.moments == {ANSWERED_AT: NOW}


@pytest.mark.parametrize("no", [0, 2])
def test_the_time_to_an_answer_is_that_of_the_first_request(luck: Luck, no: int) -> None:
    """A later one is answered too, but not reported; nor is a meeting that the buyer did not ask for."""
    takes(luck)
    buyer = Buyer(task=Task.MEET, asked=no > 0, request=no > 0, request_no=no, asked_at=NOW)
    minutes(buyer, Role.REP)
    assert buyer.request == 0 and buyer.t.moments == {} and buyer.task_result == TaskResult.TALKED


def test_support_is_sent(luck: Luck) -> None:
    takes(luck)
    buyer = Buyer(task=Task.SUPPORT, request=1)
    assert minutes(buyer, Role.MARKETER) == 40 and buyer.task_result == TaskResult.SENT
    assert buyer.request == 1 and buyer.talk_minutes == 0, "no talk, and no answer"


WISH = logistic(-1.0 + 2.0 * 0.4 + 1.0)  # with the bonus of who proposes a meeting
LESS = logistic(-1.0 + 2.0 * 0.4 + 1.0 - 0.5)


@pytest.mark.parametrize(
    ("state", "u", "result"),
    [
        ({"asked": 1, "wish": -1.0}, None, TaskResult.TALKED),
        ({"has_met_owner": 0, "wish": -1.0}, None, TaskResult.TALKED),  # they have an appointment
        ({}, WISH - 1e-9, TaskResult.TALKED),
        ({}, WISH + 1e-9, TaskResult.DECLINED),
        ({}, WISH, TaskResult.DECLINED),
        ({"wish_lost": 0.5}, LESS - 1e-9, TaskResult.TALKED),
        ({"wish_lost": 0.5}, LESS + 1e-9, TaskResult.DECLINED),
        ({"wish": -1.0}, None, TaskResult.DECLINED),
        ({"project": 0}, None, TaskResult.DECLINED),
    ],
)
def test_a_meeting(luck: Luck, state: dict[str, float], u: float | None, result: int) -> None:
    """It is prepared; a rep who finds nothing looks for ten minutes and makes a piece in fifty."""
    takes(luck)
    if u is not None:
        luck(Decision.RECEPTIVE, u)
    buyer = Buyer(**{"task": Task.MEET, "has_met_owner": 1, **state})
    assert minutes(buyer, Role.REP) == (60 + 25 + 60 if result == TaskResult.TALKED else 4)
    assert buyer.task_result == result and buyer.calls == 0
    assert buyer.fatigue == (u is not None), "who is asked remembers the message"
    assert (buyer.talk_minutes, buyer.minutes) == ((60, 44) if result == TaskResult.TALKED else (0, 0))


@pytest.mark.parametrize(
    ("stage", "topic", "offered", "expected"),
    [(3, Topic.INTEGRATION, 0, 0), (4, Topic.PRICE, 0, 45), (5, Topic.TERMS, 0, 45), (4, Topic.PRICE, 1, 0)],
)
def test_an_offer_is_worked_on_once(luck: Luck, stage: int, topic: int, offered: int, expected: float) -> None:
    """Before the rep makes a piece of its own for the greatest worry."""
    luck(Decision.SERVICE_TIME, 0.5, stage)
    buyer = Buyer(task=Task.MEET, stage=stage, offered=offered, owner=P)
    assert minutes(buyer, Role.REP) == 60 + 25 + 60 + expected
    assert buyer.offered == (offered or expected > 0)
    assert buyer.t.rows == [(NOW, Activity.OFFER, P, -1)] * (expected > 0) + [(NOW, Activity.OWN_PIECE, P, topic)]


def test_a_second_owner_works_on_the_offer_anew(luck: Luck) -> None:
    """The first meets the buyer twice, and gives it up; the second knows neither it nor the first one's offer."""
    found = {"found_asset": [0] * CELLS, "match_found": [0.9] * CELLS}  # nobody makes a piece of its own
    buyer, took = Buyer(stage=4), []
    for n, owner in enumerate((3, 3, 4, 4)):
        if n == 2:
            luck(Decision.RECYCLING, 0.1)
            lead.give_up_lead(buyer.t, buyer.b, buyer.h, rules(), KEY, NOW)
        if n % 2 == 0:
            lead.gets_owner(buyer.t, buyer.b, owner, NOW)
        luck(Decision.SERVICE_TIME, 0.5, 4, n)
        buyer.b |= {"task": Task.MEET, "asked": 1}
        took.append(minutes(buyer, Role.REP, **found))
    assert took == [60 + 25 + 10 + more for more in (45, 0, 45, 0)]
    offers = [row for row in buyer.t.rows if row[1] == Activity.OFFER]
    assert offers == [(NOW, Activity.OFFER, 3, -1), (NOW, Activity.OFFER, 4, -1)]


def test_work_takes_longer_after_a_reorganisation_and_varies(luck: Luck) -> None:
    luck(Decision.SERVICE_TIME, math.exp(-2.0))
    assert minutes(Buyer(task=Task.SUPPORT), effort_factor=1.5, effort_spread=0.25) == pytest.approx(60 * (0.75 + 0.5))


@pytest.mark.parametrize(
    ("last", "known", "told", "left", "again", "handoffs"),
    [(NOBODY, 0.0, 0.0, 0.0, 0.0, 0), (Role.REP, 1.0, 1.0, 1.0, 0.0, 0), (Role.SDR, 1.0, 1.0, 0.5, 0.5, 1)],
)
def test_handing_over(last: int, known: float, told: float, left: float, again: float, handoffs: int) -> None:
    """Half of the context is kept. What is told again costs minutes of the talk, and of the wish for another."""
    buyer = Buyer(last_role=last, known=known, told=told, minutes=60.0)
    talking.hand_over(buyer.b, buyer.h, rules(), Role.REP)
    assert buyer.minutes == pytest.approx(60 - 16 * (1 - left))
    assert buyer.asked_again == again and buyer.handoffs == handoffs and buyer.wish_lost == pytest.approx(0.4 * again)
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
    """A rep's own piece stands in the log with the rep, and the topic that worries the buyer most."""
    buyer = Buyer(piece_is_own=1, piece_topic=6, owner=P)
    library = {"found_asset": [0] * CELLS, "match_found": [match] * CELLS}
    assert talking.bring_piece(buyer.t, buyer.b, buyer.h, rules(**library), role, NOW + 3) == expected
    assert buyer.t.rows == [(NOW + 3, Activity.OWN_PIECE, P, Topic.WHY_CHANGE)] * own
    assert (buyer.piece, buyer.piece_is_own, buyer.piece_topic, buyer.own_pieces) == (piece, own, 0, own)
    counted = {USES + CELL: 1} if role != Role.MARKETER and match >= 0.6 else {}
    counted |= {SEARCH_US: 10 * MINUTE_US} if role == Role.REP else {}
    assert buyer.t.tally == counted | ({OWN_PIECES: 1} if own else {})


def test_an_own_piece_is_for_the_greatest_worry_of_the_stage() -> None:
    buyer = Buyer(stage=4, uncertainty=[0.9] * 5 + [0.4, 0.5, 0.9], owner=P)
    talking.bring_piece(buyer.t, buyer.b, buyer.h, rules(), Role.REP, NOW)
    assert buyer.t.rows == [(NOW, Activity.OWN_PIECE, P, Topic.RISK)] and buyer.piece_topic == Topic.RISK


def test_an_asset_that_cannot_be_found_is_of_no_use() -> None:
    buyer = Buyer()
    library = {"found_asset": [-1] * CELLS, "match_found": [0.9] * CELLS}
    talking.bring_piece(buyer.t, buyer.b, buyer.h, rules(**library), Role.SDR, NOW)
    assert buyer.piece == 0.25 and buyer.t.tally == {}
