"""A buyer's own steps, worked out by hand: a step, what it asks on the way, reading."""

import math

import pytest

from simulator.model import journey
from simulator.model.buyer import MOST_DECISIONS
from simulator.model.content import cell_of
from simulator.model.numerics import DAY_US, HOUR_US, NEVER
from simulator.model.records import ENDED_AT, TOUCH_OURS, TOUCH_RIVAL, TOUCH_THIRD_PARTY
from simulator.model.tally import LEADS, READS
from simulator.model.words import (
    NOBODY,
    STAGES,
    TOPICS,
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


def research(buyer: Buyer, **changes: object) -> None:
    journey.research(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW)


def read(buyer: Buyer, stage: int = 0, n: int = 0, **changes: object) -> None:
    journey.read(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW, stage, n)


def reads(luck: Luck, source: float, n: int = 0, checks: float = 0.5, use: float = 0.5) -> None:
    """The draws of a reading; trust 0.6 makes ours 0.55 of 1.05, third parties 0.25, rivals 0.25."""
    luck(Decision.SOURCE, source, occurrence=n)(Decision.USEFULNESS, use, occurrence=n)
    if source < 0.8 / 1.05:
        luck(Decision.CHECKS, checks, occurrence=n)


# --- a step -----------------------------------------------------------------------------------------------------------


def test_a_step_reads_and_plans_the_next(luck: Luck) -> None:
    buyer = Buyer(step_no=3)
    luck(Decision.DISTRACTION, 0.1, occurrence=3)(Decision.RIVAL_ENTERS, 0.2, occurrence=3)
    luck(Decision.WANTS_PERSON, 0.5, occurrence=3)(Decision.STEP_GAP, math.exp(-1.5), occurrence=3)
    reads(luck, source=0.99, n=3)
    research(buyer)
    assert buyer.step_no == 4 and buyer.step_at == NOW + 3 * DAY_US  # 1.5 times the mean of two days
    assert buyer.t.activities == [Activity.READ_RIVAL] and buyer.outcome == Outcome.OPEN


def test_the_next_step_is_not_after_the_end_of_patience(luck: Luck) -> None:
    buyer = Buyer(give_up_at=NOW + DAY_US)
    luck(Decision.DISTRACTION, 0.5)(Decision.RIVAL_ENTERS, 0.5)(Decision.WANTS_PERSON, 0.5)
    luck(Decision.STEP_GAP, math.exp(-1.5))
    reads(luck, source=0.99)
    research(buyer)
    assert buyer.step_at == NOW + DAY_US


@pytest.mark.parametrize(("state", "at"), [({"turns_at": NOW + 2}, 2), ({"request": 1, "request_until": NOW + 3}, 3)])
def test_nor_after_anything_else_that_ends(luck: Luck, state: dict[str, int], at: int) -> None:
    """The project pauses, or patience with a request ends; one that was answered no longer counts."""
    buyer = Buyer(**state)
    luck(Decision.STEP_GAP, 0.5, stage=2, occurrence=7)
    journey.plan_step(buyer.b, rules(), KEY, NOW, 2, 7)
    assert buyer.step_at == NOW + at
    buyer = Buyer(request_until=NOW + 3)
    journey.plan_step(buyer.b, rules(), KEY, NOW, 2, 7)
    assert buyer.step_at == NOW + round(-2 * math.log(0.5) * DAY_US)


def test_a_step_comes_at_the_buyers_pace_and_never_before_now(luck: Luck) -> None:
    luck(Decision.STEP_GAP, math.exp(-1.5))
    buyer = Buyer(pace=1.5)
    journey.plan_step(buyer.b, rules(), KEY, NOW, 0, 0)
    assert buyer.step_at == NOW + 4.5 * DAY_US
    buyer = Buyer(give_up_at=NOW - 5)
    journey.plan_step(buyer.b, rules(), KEY, NOW, 0, 0)
    assert buyer.step_at == NOW


@pytest.mark.parametrize(("u", "at"), [(0.2, 10 + 0.25 * 8), (0.6, 10 + 0.75 * 8), (0.8, 0), (0.9, 0)])
def test_a_step_mostly_waits_for_office_hours(luck: Luck, u: float, at: float) -> None:
    """The tenth day is a Thursday; its own hours open at ten. Eight of ten steps at midnight wait for them."""
    luck(Decision.STEP_GAP, 0.5, 3, 6)(Decision.OFFICE_HOURS, u, 3, 6)
    buyer = Buyer(give_up_at=NOW, office_opens_us=10 * HOUR_US)
    journey.plan_step(buyer.b, rules(office_share=0.8), KEY, NOW, 3, 6)
    assert abs(buyer.step_at - (NOW + at * HOUR_US)) <= 1


@pytest.mark.parametrize("state", [{"give_up_at": NOW}, {"step_no": MOST_DECISIONS}, {"task_no": MOST_DECISIONS}])
def test_patience_and_numbers_come_to_an_end(luck: Luck, state: dict[str, int]) -> None:
    buyer = Buyer(**state)
    research(buyer)
    assert buyer.outcome == Outcome.NO_DECISION and buyer.step_at == NEVER
    assert buyer.t.rows == [(NOW, Activity.NO_DECISION, NOBODY, -1)] and buyer.t.moments == {ENDED_AT: NOW}


@pytest.mark.parametrize(("stage", "u"), [(0, 0.0999), (2, 0.2999)])
def test_a_distraction_ends_it(luck: Luck, stage: int, u: float) -> None:
    """Three times as often in the third stage."""
    buyer = Buyer(stage=stage)
    luck(Decision.DISTRACTION, u, stage)
    research(buyer, distraction_factor=[1.0, 0.5, 3.0, 0.5, 0.5, 0.5])
    assert buyer.outcome == Outcome.NO_DECISION and buyer.step_no == 1


@pytest.mark.parametrize(("u", "strength"), [(0.9, 0.74), (0.3, 0.4)])
def test_a_better_rival_counts_and_was_not_found_out(luck: Luck, u: float, strength: float) -> None:
    buyer = Buyer(rival_found_out=1)
    luck(Decision.DISTRACTION, 0.5)(Decision.RIVAL_ENTERS, 0.19)(Decision.NEW_RIVAL, u)(Decision.WANTS_PERSON, 0.5)
    luck(Decision.STEP_GAP, 0.5)
    reads(luck, source=0.99)
    research(buyer, rivals=1)
    assert buyer.rival_strength == pytest.approx(strength) and buyer.rival_found_out == (strength == 0.4)


def test_nothing_is_drawn_that_cannot_happen(luck: Luck) -> None:
    buyer = Buyer()
    luck(Decision.WANTS_PERSON, 0.5)(Decision.STEP_GAP, 0.5)
    reads(luck, source=0.99)
    research(buyer, rival_entry_chance=0.0, distraction_chance=0.0)
    assert buyer.rival_strength == 0.4


def test_a_rival_enters_more_often_in_longer_steps(luck: Luck) -> None:
    buyer = Buyer(pace=2.0)
    luck(Decision.DISTRACTION, 0.5)(Decision.WANTS_PERSON, 0.5)(Decision.STEP_GAP, 0.5)
    luck(Decision.RIVAL_ENTERS, 0.39)(Decision.NEW_RIVAL, 0.9)
    reads(luck, source=0.99)
    research(buyer)
    assert buyer.rival_strength == pytest.approx(0.74)


@pytest.mark.parametrize(("reads_on", "reads_too"), [(1, True), (0, False)])
def test_who_asks_reads_in_the_same_step_or_not(luck: Luck, reads_on: int, reads_too: bool) -> None:
    """It is not scored in that step."""
    buyer = Buyer(status=LeadStatus.INQUIRY, engagement=9)
    luck(Decision.DISTRACTION, 0.5)(Decision.RIVAL_ENTERS, 0.5)(Decision.WANTS_PERSON, 0.49)(Decision.STEP_GAP, 0.5)
    luck(Decision.REQUEST_DELAY, 0.5)
    if reads_too:
        reads(luck, source=0.99)
    research(buyer, reads_on=reads_on, access=[Role.SDR] * STAGES)
    assert buyer.t.activities == [Activity.HAND_RAISE] + [Activity.READ_RIVAL] * reads_too
    assert buyer.status == LeadStatus.INQUIRY and buyer.duty == Duty.REQUEST


def test_who_is_told_that_nobody_answers_reads(luck: Luck) -> None:
    buyer = Buyer(status=LeadStatus.INQUIRY)
    luck(Decision.DISTRACTION, 0.5)(Decision.RIVAL_ENTERS, 0.5)(Decision.WANTS_PERSON, 0.49)(Decision.STEP_GAP, 0.5)
    luck(Decision.REQUEST_TAKEN, 0.5)
    reads(luck, source=0.99)
    research(buyer, reads_on=0, requests_taken=0.0)
    assert buyer.t.activities == [Activity.HAND_RAISE, Activity.READ_RIVAL]


def test_who_has_chosen_takes_no_more_steps(luck: Luck) -> None:
    """It chooses, and signs in two days, at a factor of 0.9, and half of that for a quarter of the usual value."""
    buyer = Buyer(status=LeadStatus.OWNED, owner=3, stage=5, uncertainty=[0.3] * TOPICS)
    luck(Decision.DISTRACTION, 0.5, 5)(Decision.RIVAL_ENTERS, 0.5, 5)(Decision.WANTS_PERSON, 0.5, 5)
    luck(Decision.SOURCE, 0.99, 5)(Decision.USEFULNESS, 0.5, 5)(Decision.SELECTION, 0.01)(Decision.SIGNING_TIME, 0.5)
    research(buyer)
    assert buyer.chosen == 1 and buyer.step_at == NEVER and buyer.signs_at == NOW + round(2 * 0.9 * 0.5 * DAY_US)


def test_a_step_that_passes_the_lead(luck: Luck) -> None:
    """After reading ours, marketing looks at the score; who waits in a line leaves it."""
    buyer = Buyer(status=LeadStatus.INQUIRY, engagement=3, attention=Attention.QUEUED)
    luck(Decision.DISTRACTION, 0.5)(Decision.RIVAL_ENTERS, 0.5)(Decision.STEP_GAP, 0.5)
    luck(Decision.MARKETING_VIEW, 0.5)(Decision.PICKUP, 0.5)
    reads(luck, source=0.1)
    research(buyer)
    assert buyer.status == LeadStatus.MQL and journey.leaves_line(buyer.b)


@pytest.mark.parametrize(
    ("state", "leaves"),
    [
        ({"attention": Attention.QUEUED}, False),
        ({"attention": Attention.QUEUED, "outcome": Outcome.LOST}, True),
        ({"attention": Attention.QUEUED, "duty": Duty.ROUTE}, True),
        ({"attention": Attention.SERVED, "outcome": Outcome.LOST}, False),
        ({"attention": Attention.QUEUED, "asked": 1, "request": 1}, False),
        ({"attention": Attention.QUEUED, "asked": 1, "request": 0}, True),
        ({"attention": Attention.QUEUED, "asked": 0, "request": 0}, False),
        ({"attention": Attention.SERVED, "asked": 1, "request": 0}, False),
        ({"duty": Duty.NURTURE}, False),
    ],
)
def test_who_leaves_a_line(state: dict[str, int], leaves: bool) -> None:
    assert journey.leaves_line(Buyer(**state).b) == leaves


# --- reading ----------------------------------------------------------------------------------------------------------


def test_reading_ours(luck: Luck) -> None:
    """0.8 x (1 - 0.5 x 0.4) = 0.64 of power, useful 0.25, believed 0.6: 0.096 of the worry goes."""
    buyer = Buyer(anonymous_left=1, touched_at=0)
    reads(luck, source=0.55 / 1.05 - 1e-9)
    read(buyer)
    assert buyer.uncertainty == pytest.approx([0.8 * (1 - 0.64 * 0.25 * 0.6), *[0.8] * 7])
    assert buyer.cleared_total == pytest.approx(0.8 * 0.64 * 0.25 * 0.6)
    assert buyer.touches[TOUCH_OURS] == sum(buyer.touches) == 1 and buyer.touches_in == [1, 0, 0]
    assert buyer.engagement == 1 and buyer.heard == 1 << Role.MARKETER and buyer.trust == 0.6
    assert (buyer.heat_no, buyer.touched_at) == (1, NOW)
    assert buyer.t.tally == {READS + cell_of(0, SEGMENT, FORM): 1} and buyer.anonymous_left == 0
    assert buyer.t.rows == [(NOW, Activity.READ_OURS, NOBODY, Topic.WHY_CHANGE)]
    assert buyer.person_touches_in == [0, 0, 0]


def test_after_so_many_readings_a_buyer_makes_itself_known(luck: Luck) -> None:
    buyer = Buyer(anonymous_left=0, channel=2)
    reads(luck, source=0.1)
    read(buyer)
    assert buyer.status == LeadStatus.INQUIRY and buyer.t.tally[LEADS + 2] == 1
    assert buyer.t.activities == [Activity.READ_OURS, Activity.INQUIRY]


def test_who_is_known_is_not_counted_down(luck: Luck) -> None:
    buyer = Buyer(anonymous_left=0, status=LeadStatus.MQL)
    reads(luck, source=0.1)
    read(buyer)
    assert buyer.anonymous_left == 0 and buyer.status == LeadStatus.MQL


@pytest.mark.parametrize(("use", "useful"), [(0.3, 0.25), (0.54, 0.35), (0.6 - 1e-12, 0.375), (0.6, 0.0), (0.9, 0.0)])
def test_some_pieces_are_of_no_use_at_a_stage(luck: Luck, use: float, useful: float) -> None:
    """Four in ten here; the luck of the others is as even as where all are of use."""
    buyer = Buyer()
    reads(luck, source=0.1, use=use)
    read(buyer, useful_share=[0.6, *[0.0] * 5])
    assert buyer.uncertainty == pytest.approx([0.8 * (1 - 0.64 * useful * 0.6), *[0.8] * 7])
    assert buyer.touches[TOUCH_OURS] == buyer.engagement == 1, "it has read it all the same"


def test_what_is_of_no_use_to_the_buyer_brings_a_rival_ahead(luck: Luck) -> None:
    buyer = Buyer()
    reads(luck, source=0.99, use=0.75)
    read(buyer, useful_share=[0.6, *[1.0] * 5])
    assert buyer.rival_progress == pytest.approx(2 * 0.1 * 0.75) and buyer.uncertainty == [0.8] * TOPICS


@pytest.mark.parametrize("checks", [0.4, 0.5])
def test_reading_a_third_party(luck: Luck, checks: float) -> None:
    buyer = Buyer()
    reads(luck, source=0.55 / 1.05 + 1e-9, checks=checks)
    luck(Decision.MEETS_REVIEW, 0.3)
    read(buyer)
    assert buyer.uncertainty[0] == pytest.approx(0.8 * (1 - 0.64 * 0.4 * 0.8))
    assert buyer.rival_found_out == (checks < 0.5) and buyer.touches[TOUCH_THIRD_PARTY] == 1
    assert buyer.engagement == 0 and buyer.heard == 0 and buyer.heat_no == 0, "we do not see it"
    assert buyer.t.rows == [(NOW, Activity.READ_THIRD_PARTY, NOBODY, Topic.WHY_CHANGE)]


@pytest.mark.parametrize("good", [True, False])
def test_reading_a_customers_review(luck: Luck, good: bool) -> None:
    """A good one speaks of everything; what is about us only as far as we fit: half of the drag here."""
    buyer = Buyer()
    reads(luck, source=0.6)
    luck(Decision.MEETS_REVIEW, 0.29)(Decision.REVIEW_IS_GOOD, 0.59 if good else 0.6)
    read(buyer)
    fits = [1.0, 1.0, 1.0, *[0.75] * 5]
    left = [0.8 * (1 - 0.25 * 0.8 * fit) for fit in fits]
    assert buyer.uncertainty == pytest.approx(left if good else [0.8] * TOPICS)
    assert buyer.trust == pytest.approx(0.68 if good else 0.48) and buyer.reviews == 1
    assert buyer.t.activities == [Activity.READ_REVIEW]


def test_without_customers_nobody_looks_for_reviews(luck: Luck) -> None:
    reads(luck, source=0.6)
    read(Buyer(), review_chance=0.0)


@pytest.mark.parametrize(("stage", "topic"), [(0, 0), (3, 3)])
def test_reading_a_rival(luck: Luck, stage: int, topic: int) -> None:
    """It brings the rival ahead, and clears what is not about us."""
    buyer = Buyer(stage=stage, rival_progress=0.25)
    luck(Decision.SOURCE, 0.8, stage)(Decision.USEFULNESS, 0.75, stage)
    read(buyer, stage=stage)
    assert buyer.rival_progress == pytest.approx(0.25 + 2 * 0.1 * 0.75)
    useful = 0.4 * (1 + 0.5 * 0.5)
    assert buyer.uncertainty[topic] == pytest.approx(0.8 if stage else 0.8 * (1 - 0.64 * useful * 0.5))
    assert buyer.touches[TOUCH_RIVAL] == 1 and buyer.touches_in == [int(not stage), int(stage > 0), 0]
    assert buyer.t.rows == [(NOW, Activity.READ_RIVAL, NOBODY, topic)]
