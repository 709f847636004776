"""Buyers without a project, worked out by hand: how they come, rest, think of us, pause, go on, and end elsewhere."""

import math

import pytest

from simulator.model import journey
from simulator.model.birth import NEVER_WISHES
from simulator.model.content import cell_of
from simulator.model.numerics import DAY_US, HOUR_US, NEVER
from simulator.model.records import ENDED_AT, PROJECT_AT, TOUCH_OURS
from simulator.model.tally import LEADS, READS
from simulator.model.words import (
    NOBODY,
    STAGES,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Topic,
)
from tests.model.lives import FORM, KEY, NOW, SEGMENT, Buyer, Luck, rules

SDRS = [Role.SDR] * STAGES
LATER = NOW + 20 * DAY_US


def research(buyer: Buyer, now: int = NOW, **changes: object) -> None:
    journey.research(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, now)


def dormant(**state: object) -> Buyer:
    """Who waits for a project, with 30 days of patience for it."""
    given = {"project": 0, "give_up_at": 30 * DAY_US, "turns_at": LATER, "step_at": LATER, "came_dormant": 1}
    return Buyer(**{**given, **state})


# --- it comes ---------------------------------------------------------------------------------------------------------


def comes(luck: Luck, reads: float = 0.9, begins: float = math.exp(-2.0)) -> Luck:
    luck(Decision.READS_WITHOUT_PROJECT, reads)
    return luck(Decision.PROJECT_BEGINS, begins)


@pytest.mark.parametrize(("u", "pieces"), [(0.9, 1), (0.61, 1), (0.59, 2), (0.37, 2), (0.35, 3), (1e-9, 41)])
def test_who_comes_without_a_project_reads_a_little_and_leaves_its_name(luck: Luck, u: float, pieces: int) -> None:
    """Of those who read a piece three in five read one more; and it will have a project in twenty days."""
    comes(luck, u)(Decision.MARKETING_VIEW, 0.5)(Decision.ASKS_WITHOUT_PROJECT, 0.2)
    buyer = dormant(turns_at=NEVER, step_at=NEVER, channel=1)
    research(buyer, score_threshold=9.0)
    assert buyer.t.activities == [Activity.INQUIRY] + [Activity.READ_OURS] * pieces
    assert buyer.t.rows[-1] == (NOW, Activity.READ_OURS, NOBODY, Topic.WHY_CHANGE)
    assert buyer.t.tally == {LEADS + 1: 1, READS + cell_of(0, SEGMENT, FORM): pieces}
    assert buyer.touches[TOUCH_OURS] == buyer.engagement == pieces and buyer.heard == 1 << Role.MARKETER
    assert (buyer.status, buyer.duty, buyer.duty_at) == (LeadStatus.INQUIRY, Duty.NURTURE, NOW + 7 * DAY_US)
    assert buyer.uncertainty == [0.8] * 8 and buyer.heat_no == 2, "it has no worries to clear"
    assert buyer.step_at == buyer.turns_at and abs(buyer.turns_at - LATER) <= 1
    assert buyer.give_up_at == 30 * DAY_US and buyer.step_no == 0


@pytest.mark.parametrize("mean", [0.3, 1.5, 4.0])
def test_so_many_pieces_beyond_the_first_on_average(luck: Luck, mean: float) -> None:
    """Over evenly spaced numbers, which miss at most half of one of those who read k and more, for each k."""
    comes(luck)
    n, read = 1000, 0
    for i in range(n):
        luck(Decision.READS_WITHOUT_PROJECT, (i + 0.5) / n)
        buyer = dormant(turns_at=NEVER, step_at=NEVER, status=LeadStatus.MQL, wish=NEVER_WISHES)
        research(buyer, pieces_mean=mean)
        read += buyer.touches[TOUCH_OURS]
    most = math.log(2 * n) / math.log1p(1 / mean)  # pieces that half of one would read; the mean of more is the rest
    assert abs(read / n - 1 - mean) <= (most + 1 + mean) / (2 * n)


def test_it_may_be_passed_on(luck: Luck) -> None:
    comes(luck)(Decision.MARKETING_VIEW, 0.5)(Decision.PICKUP, 0.5)(Decision.ASKS_WITHOUT_PROJECT, 0.2)
    buyer = dormant(turns_at=NEVER, step_at=NEVER)
    research(buyer, score_threshold=0.5)
    assert (buyer.status, buyer.duty) == (LeadStatus.MQL, Duty.ROUTE)


def test_it_may_ask_for_a_person_and_is_not_scored(luck: Luck) -> None:
    comes(luck)(Decision.ASKS_WITHOUT_PROJECT, 0.19)(Decision.REQUEST_DELAY, 0.5)(Decision.REQUEST_PATIENCE, 0.5)
    buyer = dormant(turns_at=NEVER, step_at=NEVER)
    research(buyer, access=SDRS, request_patience_days=3.0, score_threshold=0.0)
    assert (buyer.status, buyer.duty, buyer.request) == (LeadStatus.INQUIRY, Duty.REQUEST, 1)
    assert buyer.step_at == buyer.request_until == NOW + 3 * DAY_US, "its next step is to give the wish up"


def test_who_wants_no_rep_does_not_ask(luck: Luck) -> None:
    comes(luck)(Decision.MARKETING_VIEW, 0.5)
    research(dormant(turns_at=NEVER, step_at=NEVER, wish=NEVER_WISHES), score_threshold=9.0)


def test_a_replayed_lead_is_known_already(luck: Luck) -> None:
    comes(luck)(Decision.ASKS_WITHOUT_PROJECT, 0.2)
    buyer = dormant(turns_at=NEVER, step_at=NEVER, status=LeadStatus.MQL, duty=Duty.ROUTE, duty_at=NOW + 5)
    research(buyer)
    assert buyer.t.activities == [Activity.READ_OURS] and (buyer.duty, buyer.duty_at) == (Duty.ROUTE, NOW + 5)


def test_a_project_begins_mostly_in_office_hours(luck: Luck) -> None:
    """The thirtieth day is a Wednesday; half of its eight hours from nine have passed. The number is no step's."""
    comes(luck)(Decision.MARKETING_VIEW, 0.5)(Decision.ASKS_WITHOUT_PROJECT, 0.9)
    luck(Decision.OFFICE_HOURS, 0.4, stage=6)
    buyer = dormant(turns_at=NEVER, step_at=NEVER, office_opens_us=9 * HOUR_US)
    research(buyer, score_threshold=9.0, office_share=0.8)
    assert abs(buyer.turns_at - (LATER + 13 * HOUR_US)) <= 1


# --- it rests ---------------------------------------------------------------------------------------------------------


def test_who_rests_only_gives_a_request_up(luck: Luck) -> None:
    buyer = dormant(request=1, request_until=NOW, status=LeadStatus.INQUIRY, attention=Attention.QUEUED, asked=1)
    research(buyer)
    assert buyer.t.activities == [Activity.WISH_GIVEN_UP] and buyer.step_at == LATER and buyer.project == 0
    assert journey.leaves_line(buyer.b) and buyer.step_no == 0


@pytest.mark.parametrize(("state", "at"), [
    ({}, LATER), ({"request": 1, "request_until": NOW + 9}, NOW + 9), ({"request": 1, "request_until": NEVER}, LATER),
    ({"request": 1, "request_until": NOW - 9}, NOW), ({"request_until": NOW + 9}, LATER)])  # fmt: skip
def test_when_who_rests_moves_again(state: dict[str, int], at: int) -> None:
    buyer = dormant(**state)
    journey.rest(buyer.b, NOW)
    assert buyer.step_at == at


# --- its project begins, or goes on -----------------------------------------------------------------------------------

REMEMBERED = math.exp(-25 / 50)  # 25 days after the last touch


@pytest.mark.parametrize("found", [None, 0.24])
def test_a_project_begins(luck: Luck, found: float | None) -> None:
    """It thinks of us, or looks us up: its patience begins to run, and it shows interest again."""
    luck(Decision.REMEMBERS_US, REMEMBERED + (1e-9 if found else -1e-9))(Decision.MARKETING_VIEW, 0.5)
    luck(Decision.STEP_GAP, math.exp(-1.5))
    if found:
        luck(Decision.LOOKS_US_UP, found)
    buyer = dormant(touched_at=LATER - 25 * DAY_US, status=LeadStatus.INQUIRY, duty=Duty.NURTURE, duty_at=LATER + 5)
    research(buyer, LATER, score_threshold=9.0)
    assert buyer.project == 1 and buyer.give_up_at == LATER + 30 * DAY_US and buyer.turns_at == NEVER
    assert buyer.t.rows == [(LATER, Activity.PROJECT_BEGAN, NOBODY, -1)] and buyer.t.moments == {PROJECT_AT: LATER}
    assert (buyer.heat_no, buyer.touched_at, buyer.engagement) == (1, LATER, 1)
    assert buyer.step_at == LATER + 3 * DAY_US and buyer.step_no == 1, "the gap's number is used"
    assert (buyer.duty, buyer.duty_at) == (Duty.NURTURE, LATER + 5)


def test_or_ends_elsewhere(luck: Luck) -> None:
    luck(Decision.REMEMBERS_US, REMEMBERED + 1e-9)(Decision.LOOKS_US_UP, 0.25)
    buyer = dormant(touched_at=LATER - 25 * DAY_US, status=LeadStatus.INQUIRY, duty=Duty.NURTURE, duty_at=LATER + 5)
    research(buyer, LATER)
    assert buyer.outcome == Outcome.ELSEWHERE and buyer.t.rows == [(LATER, Activity.ELSEWHERE, NOBODY, -1)]
    assert (buyer.duty, buyer.duty_at, buyer.step_at) == (Duty.NONE, NEVER, NEVER)
    assert buyer.t.moments == {PROJECT_AT: LATER, ENDED_AT: LATER}


def test_a_dropped_lead_that_comes_back_is_nurtured_again(luck: Luck) -> None:
    luck(Decision.REMEMBERS_US, 0.5)(Decision.MARKETING_VIEW, 0.5)(Decision.STEP_GAP, 0.5)
    buyer = dormant(touched_at=LATER, status=LeadStatus.DROPPED)
    research(buyer, LATER, score_threshold=9.0)
    assert (buyer.status, buyer.duty, buyer.duty_at) == (LeadStatus.INQUIRY, Duty.NURTURE, LATER + 7 * DAY_US)


def test_whose_project_begins_may_be_passed_on(luck: Luck) -> None:
    luck(Decision.REMEMBERS_US, 0.5)(Decision.MARKETING_VIEW, 0.5)(Decision.STEP_GAP, 0.5)(Decision.PICKUP, 0.5)
    buyer = dormant(touched_at=LATER, status=LeadStatus.INQUIRY, engagement=3)
    research(buyer, LATER)  # 0.5 + 0.05 x 4
    assert (buyer.status, buyer.duty) == (LeadStatus.MQL, Duty.ROUTE)


def test_it_will_pause_again(luck: Luck) -> None:
    luck(Decision.REMEMBERS_US, 0.5, occurrence=2)(Decision.STEP_GAP, 0.5, stage=3, occurrence=4)
    luck(Decision.PROJECT_PAUSES, math.exp(-0.25), occurrence=2)
    buyer = dormant(touched_at=LATER, pause_no=2, stage=3, step_no=4, came_dormant=0, pace=2.0)
    research(buyer, LATER, pauses_per_year=5.0)
    assert buyer.turns_at == pytest.approx(LATER + 0.25 * 73 * 2 * DAY_US) and buyer.t.moments == {}


# --- it pauses --------------------------------------------------------------------------------------------------------


def test_a_project_pauses_and_keeps_what_is_left_of_its_patience(luck: Luck) -> None:
    """30 days are left; it goes on after one and a half times the mean of 20 days, at a pace of two."""
    luck(Decision.PROJECT_RESUMES, math.exp(-1.5), occurrence=3)
    buyer = Buyer(turns_at=NOW, pause_no=3, pace=2.0, step_no=8)
    research(buyer)
    assert buyer.project == 0 and buyer.give_up_at == 30 * DAY_US and (buyer.pause_no, buyer.step_no) == (4, 8)
    assert buyer.step_at == buyer.turns_at and abs(buyer.turns_at - (NOW + 60 * DAY_US)) <= 1
    assert buyer.t.rows == [(NOW, Activity.PROJECT_PAUSED, NOBODY, -1)]


def test_patience_left_is_the_same_after_many_pauses(luck: Luck) -> None:
    """Only the days with a project count: three of ten days here, between pauses of twenty."""
    for n in range(3):
        luck(Decision.PROJECT_RESUMES, math.exp(-1.0), occurrence=n)(Decision.REMEMBERS_US, 1e-9, occurrence=n + 1)
        luck(Decision.STEP_GAP, 0.5, occurrence=n)
    buyer, now = Buyer(came_dormant=0), NOW
    for _ in range(3):
        now += 10 * DAY_US - 1
        buyer.b["turns_at"] = now
        research(buyer, now)
        now = buyer.turns_at
        research(buyer, now)
        assert buyer.project == 1
    assert buyer.give_up_at - now == 3


def test_an_end_comes_before_a_pause(luck: Luck) -> None:
    buyer = Buyer(turns_at=NOW, give_up_at=NOW)
    research(buyer)
    assert buyer.outcome == Outcome.NO_DECISION


def test_a_pause_before_a_step(luck: Luck) -> None:
    luck(Decision.PROJECT_RESUMES, 0.5)
    buyer = Buyer(turns_at=NOW - 1, request=1, request_until=NOW + 5, status=LeadStatus.INQUIRY)
    research(buyer)
    assert buyer.project == 0 and buyer.request == 1 and buyer.step_at == NOW + 5


def test_a_project_goes_on_mostly_in_office_hours(luck: Luck) -> None:
    luck(Decision.PROJECT_RESUMES, math.exp(-1.0))(Decision.OFFICE_HOURS, 0.4, stage=6, occurrence=1)
    buyer = Buyer(turns_at=NOW, office_opens_us=9 * HOUR_US)
    research(buyer, office_share=0.8)
    assert abs(buyer.turns_at - (LATER + 13 * HOUR_US)) <= 1
