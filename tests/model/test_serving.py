"""What our people do for a buyer, worked out by hand: the line it joins, each task and its minutes."""

import math

import pytest

from simulator.model import serving
from simulator.model.buyer import MOST_DECISIONS
from simulator.model.content import CELLS, cell_of
from simulator.model.numerics import DAY_US, MINUTE_US, NEVER, logistic
from simulator.model.records import (
    OPPORTUNITY_AT,
    QUEUED_AT,
    TAKEN_AT,
)
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


WISH = logistic(-1.0 + 2.0 * 0.4 + 1.0)  # with the bonus of who proposes a meeting


@pytest.mark.parametrize(
    ("state", "u", "expected", "result"),
    [
        ({"cold_at": NOW, "asked": 1}, None, 3, TaskResult.UNANSWERED),
        ({"asked": 1}, None, 60 + 16 + 60, TaskResult.TALKED),
        ({}, WISH - 1e-9, 60 + 16 + 60, TaskResult.TALKED),
        ({}, WISH + 1e-9, 4, TaskResult.DECLINED),
        ({}, WISH, 4, TaskResult.DECLINED),
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
    library = {"found_asset": [0] * CELLS, "match_found": [match] * CELLS}
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
