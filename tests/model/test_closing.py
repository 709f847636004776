"""Offers, signatures, deadlines and follow-ups, worked out by hand."""

import math
from statistics import NormalDist
from typing import Any

import pytest

from simulator.model import choosing, journey, serving
from simulator.model.numerics import DAY_US, HOUR_US, NEVER
from simulator.model.quarter import QUARTER_US
from simulator.model.records import ENDED_AT
from simulator.model.tally import PLEASED, REVENUE_CENTS
from simulator.model.words import (
    NOBODY,
    NOTHING,
    TOPICS,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Stage,
    Topic,
)
from tests.model.lives import KEY, NOW, Buyer, Luck, rules

TERMS = Stage.MAKING_SELECTION
#: A buyer of complexity 0.4 and 10 usd, where 40 are usual, for whom things take 0.9 x sqrt(1/4) of their median.
FACTOR = 0.9 * 0.5
#: Noon of the last Friday of the first quarter: day 88 of 91.
DEADLINE = 88 * DAY_US + 12 * HOUR_US


def owned(**state: Any) -> Buyer:
    given = {"status": LeadStatus.OWNED, "owner": 3, "stage": TERMS, "uncertainty": [0.3] * TOPICS, "offer_at": NOW}
    return Buyer(**{**given, **state})


# --- the choice, and the signature ------------------------------------------------------------------------------------


def choose(buyer: Buyer, **changes: object) -> None:
    choosing.choose(buyer.t, buyer.b, buyer.h, rules(**changes), KEY, NOW)


@pytest.mark.parametrize("u", [0.5, 0.9])
def test_who_chooses_us_signs_when_papers_are_through(luck: Luck, u: float) -> None:
    """Log-normal around two days; nothing is won before."""
    luck(Decision.SELECTION, 0.01)(Decision.SIGNING_TIME, u)
    buyer = owned(step_at=NOW + 4, request=1)
    choose(buyer)
    assert (buyer.chosen, buyer.request, buyer.step_at, buyer.outcome) == (1, 0, NEVER, Outcome.OPEN)
    days = 2 * FACTOR * math.exp(0.5 * NormalDist().inv_cdf(u))
    assert buyer.signs_at == pytest.approx(NOW + days * DAY_US)
    assert (buyer.duty, buyer.duty_at) == (Duty.SIGN, buyer.signs_at)
    assert buyer.t.rows == [(NOW, Activity.CHOSE_US, NOBODY, -1)] and buyer.t.moments == {} and buyer.t.tally == {}


def test_it_signs_mostly_in_its_office_hours(luck: Luck) -> None:
    """Nine tenths of a day later it is evening; it signs in the middle of the next day, a Friday."""
    luck(Decision.SELECTION, 0.01)(Decision.SIGNING_TIME, 0.5)(Decision.OFFICE_HOURS, 0.4, TERMS, 6)
    buyer = owned(office_opens_us=9 * HOUR_US, step_no=6)
    choose(buyer, office_share=0.8)
    assert abs(buyer.signs_at - (NOW + DAY_US + 13 * HOUR_US)) <= 1


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ({"status": LeadStatus.INQUIRY}, {}),  # it serves itself
        ({"complexity": 0.3}, {}),  # simple and cheap
        ({}, {"sign_days": 0.0}),
    ],
)
def test_who_signs_at_once(luck: Luck, state: dict[str, object], changes: dict[str, float]) -> None:
    luck(Decision.SELECTION, 0.01)(Decision.IS_PLEASED, 0.5)
    if changes:
        luck(Decision.SIGNING_TIME, 0.5)
    buyer = owned(**state)
    choose(buyer, **changes)
    assert buyer.outcome == Outcome.WON and buyer.t.moments == {ENDED_AT: NOW} and buyer.t.activities == [Activity.WON]
    assert buyer.t.tally == {REVENUE_CENTS: 1_000, PLEASED: 1}


def test_a_simple_but_dear_purchase_takes_its_time(luck: Luck) -> None:
    luck(Decision.SELECTION, 0.01)(Decision.SIGNING_TIME, 0.5)
    buyer = owned(complexity=0.0, value_cents=16_000)  # four times what is usual
    choose(buyer)
    assert buyer.signs_at == pytest.approx(NOW + 2 * 0.5 * 2.0 * DAY_US)


def test_the_signature_wins(luck: Luck) -> None:
    luck(Decision.IS_PLEASED, 0.5)
    buyer = owned(chosen=1, duty=Duty.SIGN, duty_at=NOW, channel=1)
    assert serving.on_duty(buyer.t, buyer.b, buyer.h, buyer.g, rules(), KEY, NOW) == NOTHING
    assert (buyer.outcome, buyer.duty, buyer.duty_at) == (Outcome.WON, Duty.RELEASE, NOW)
    assert buyer.t.tally == {REVENUE_CENTS + 1: 1_000, PLEASED: 1} and not buyer.self_served


def test_who_chooses_while_it_waits_for_its_rep_leaves_the_line(luck: Luck) -> None:
    luck(Decision.SELECTION, 0.01)(Decision.SIGNING_TIME, 0.5)
    buyer = owned(attention=Attention.QUEUED)
    choose(buyer)
    assert journey.leaves_line(buyer.b)


# --- what is owed next ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "changes", "at", "duty"),
    [
        ({}, {}, DEADLINE + 5, Duty.FOLLOW_UP),  # no deadlines
        ({}, {"deadline_share": 0.1}, DEADLINE + 5, Duty.DEADLINE),
        ({}, {"deadline_share": 0.1}, DEADLINE, Duty.FOLLOW_UP),  # it comes first
        ({"offer_at": DEADLINE}, {"deadline_share": 0.1}, DEADLINE + 5, Duty.DEADLINE),
        ({"offer_at": DEADLINE + 1}, {"deadline_share": 0.1}, DEADLINE + 5, Duty.FOLLOW_UP),  # no offer is out
        ({}, {"signing_pull": 0.1}, DEADLINE + 5, Duty.FOLLOW_UP),
        ({"chosen": 1}, {"signing_pull": 0.1}, DEADLINE + 5, Duty.DEADLINE),
        ({"chosen": 1}, {"signing_pull": 0.1}, DEADLINE, Duty.SIGN),
        ({"chosen": 1}, {"deadline_share": 0.1}, DEADLINE + 5, Duty.SIGN),
    ],
)
def test_a_quarters_end_may_come_first(state: dict[str, int], changes: dict[str, float], at: int, duty: int) -> None:
    buyer = owned(**state)
    choosing.plan_closing(buyer.b, rules(**changes), NOW, at)
    assert (buyer.duty, buyer.duty_at) == (duty, DEADLINE if duty == Duty.DEADLINE else at)


# --- a quarter's end --------------------------------------------------------------------------------------------------

DEADLINES = {"deadline_share": 0.25, "signing_pull": 0.25}
NEXT = DEADLINE + QUARTER_US
LIKED = 0.55 - 0.4 * 1.5 * 0.75  # ours less theirs; the logit is four times this


def on_deadline(luck: Luck, buyer: Buyer, u: float, now: int = DEADLINE, **changes: object) -> None:
    """The first quarter has number 0."""
    luck(Decision.DEADLINE_SET, u, occurrence=now // QUARTER_US)
    buyer.b |= {"duty": Duty.DEADLINE, "duty_at": now}
    assert serving.on_duty(buyer.t, buyer.b, buyer.h, buyer.g, rules(**{**DEADLINES, **changes}), KEY, now) == NOTHING


def test_a_signature_is_brought_forward(luck: Luck) -> None:
    luck(Decision.IS_PLEASED, 0.5)
    buyer = owned(chosen=1, signs_at=DEADLINE + 9 * DAY_US)
    on_deadline(luck, buyer, 0.249)
    assert buyer.outcome == Outcome.WON and (buyer.duty, buyer.duty_at) == (Duty.RELEASE, DEADLINE)
    assert buyer.deadlines == 0 and buyer.t.activities == [Activity.WON]


@pytest.mark.parametrize(("signs_at", "duty", "at"), [
    (DEADLINE + 9, Duty.SIGN, DEADLINE + 9), (NEXT + 9, Duty.DEADLINE, NEXT)])  # fmt: skip
def test_or_comes_in_its_time(luck: Luck, signs_at: int, duty: int, at: int) -> None:
    buyer = owned(chosen=1, signs_at=signs_at)
    on_deadline(luck, buyer, 0.25)
    assert buyer.outcome == Outcome.OPEN and (buyer.duty, buyer.duty_at) == (duty, at) and not buyer.t.rows


@pytest.mark.parametrize(("stage", "u"), [(TERMS, 0.25), (Stage.COMMITTING_TO_SOLUTION, 0.1)])
@pytest.mark.parametrize(("follow_up_at", "at"), [(DEADLINE + 9, DEADLINE + 9), (DEADLINE - 9, DEADLINE)])
def test_an_offer_without_a_deadline_goes_on(luck: Luck, stage: int, u: float, follow_up_at: int, at: int) -> None:
    buyer = owned(stage=stage, follow_up_at=follow_up_at)
    on_deadline(luck, buyer, u)
    assert (buyer.duty, buyer.duty_at, buyer.deadlines) == (Duty.FOLLOW_UP, at, 0) and not buyer.t.rows


@pytest.mark.parametrize(
    ("stage", "price", "terms", "ready"),
    [
        (Stage.JUSTIFYING_DECISION, 0.3, 0.3, 1.0),
        (Stage.JUSTIFYING_DECISION, 0.3, 0.65, 0.5),  # 0.35 of the 0.7 between clear and unknown
        (Stage.JUSTIFYING_DECISION, 0.65, 0.3, 0.5),
        (TERMS, 0.99, 0.51, 0.7),  # the price was left behind
    ],
)
def test_who_is_ready_signs(luck: Luck, stage: int, price: float, terms: float, ready: float) -> None:
    """If it would choose us: the chance is the choice's, times how far it is with its greatest worry."""
    uncertainty = [0.9] * 5 + [price, 0.2, terms] if stage == TERMS else [0.9] * 4 + [0.9, price, 0.2, terms]
    chance = ready / (1 + math.exp(-4 * LIKED))
    for signs in (True, False):
        buyer = owned(stage=stage, uncertainty=list(uncertainty), rival_progress=0.5, follow_up_at=DEADLINE + 9)
        luck(Decision.SELECTION, chance + (-1e-9 if signs else 1e-9))
        luck(Decision.IS_PLEASED, 0.5) if signs else luck(Decision.DEADLINE_LOSES, 0.4)
        on_deadline(luck, buyer, 0.249, rivals=1)
        assert buyer.deadlines == 1 and buyer.t.rows[0] == (DEADLINE, Activity.DEADLINE, NOBODY, -1)
        assert buyer.outcome == (Outcome.WON if signs else Outcome.OPEN) and buyer.chosen == 0
        if not signs:
            assert (buyer.duty, buyer.duty_at) == (Duty.FOLLOW_UP, DEADLINE + 9)


@pytest.mark.parametrize("now", [DEADLINE, NEXT])
def test_others_are_lost_or_not(luck: Luck, now: int) -> None:
    luck(Decision.SELECTION, 0.99)(Decision.DEADLINE_LOSES, 0.39, occurrence=now // QUARTER_US)
    buyer = owned()
    on_deadline(luck, buyer, 0.1, now)
    assert buyer.outcome == Outcome.LOST and buyer.t.activities == [Activity.DEADLINE, Activity.LOST]


@pytest.mark.parametrize(("uncertainty", "signs"), [(0.25, True), (0.5, False), (0.75, False)])
def test_without_rivals_only_readiness_counts(luck: Luck, uncertainty: float, signs: bool) -> None:
    luck(Decision.SELECTION, 0.5)
    luck(Decision.IS_PLEASED, 0.5) if signs else luck(Decision.DEADLINE_LOSES, 0.9)
    buyer = owned(uncertainty=[uncertainty] * TOPICS, fit=0.6, rival_strength=1.0, rival_progress=1.0)
    on_deadline(luck, buyer, 0.1, rivals=0, clear_level=0.0)
    assert (buyer.outcome == Outcome.WON) == signs


def test_who_knows_nothing_or_has_no_project_is_not_ready(luck: Luck) -> None:
    luck(Decision.SELECTION, 1e-9)(Decision.DEADLINE_LOSES, 0.9)
    for buyer in (owned(uncertainty=[1.0] * TOPICS), owned(project=0, give_up_at=5, turns_at=NEXT)):
        on_deadline(luck, buyer, 0.1, rivals=0)
        assert buyer.outcome == Outcome.OPEN


def pair(**state: Any) -> Buyer:
    """Two who worry about terms, and doubt by half."""
    buyer = owned(members=2, follow_up_at=DEADLINE + 9, **state)
    buyer.g |= {"doubt": [0.5, 0.5], "worry": [Topic.TERMS, Topic.TERMS]}
    return buyer


def votes(luck: Luck, agrees: bool, terms: float = 0.3) -> Luck:
    """The champion agrees; the other, to whom it passed on what it learned, a little more or less than it doubts."""
    luck(Decision.SELECTION, 0.01)(Decision.VOTE, 0.5)
    return luck(Decision.VOTE, 0.5 * terms**2 + (1e-9 if agrees else -1e-9), member=1)


@pytest.mark.parametrize("before", [0, 2])
def test_its_group_has_to_agree(luck: Luck, before: int) -> None:
    """Even at the last of its three votes, from the instant on at which it may vote again."""
    votes(luck, True)(Decision.IS_PLEASED, 0.5)
    buyer = pair(votes=before, next_vote_at=DEADLINE)
    on_deadline(luck, buyer, 0.1)
    assert buyer.votes == before + 1 and buyer.outcome == Outcome.WON
    assert buyer.t.activities == [Activity.DEADLINE, Activity.WON]


@pytest.mark.parametrize(("terms", "left"), [(0.3, 0.65), (0.5, 0.65), (0.8, 0.8)])
@pytest.mark.parametrize("lost", [False, True])
def test_a_vote_in_vain_at_a_deadline_counts_as_any(luck: Luck, terms: float, left: float, lost: bool) -> None:
    """Terms fall back to halfway from clear to unknown, and the next vote is in five days; the deal may be lost."""
    votes(luck, False, terms)(Decision.DEADLINE_LOSES, 0.39 if lost else 0.4)
    buyer = pair(uncertainty=[0.3] * 7 + [terms], votes=1)
    on_deadline(luck, buyer, 0.1)
    assert buyer.t.rows[:2] == [
        (DEADLINE, Activity.DEADLINE, NOBODY, -1),
        (DEADLINE, Activity.GROUP_DISAGREED, NOBODY, Topic.TERMS),
    ]
    assert buyer.uncertainty == pytest.approx([0.3] * 7 + [left]) and buyer.votes == 2
    assert buyer.next_vote_at == DEADLINE + 5 * DAY_US and buyer.outcome == (Outcome.LOST if lost else Outcome.OPEN)
    assert (buyer.duty, buyer.duty_at) == ((Duty.RELEASE, DEADLINE) if lost else (Duty.FOLLOW_UP, DEADLINE + 9))


def test_a_group_that_has_voted_too_often_at_deadlines_decides_nothing(luck: Luck) -> None:
    """And the deal cannot be lost as well."""
    votes(luck, False)
    buyer = pair(votes=2)
    on_deadline(luck, buyer, 0.1)
    assert (buyer.outcome, buyer.votes, buyer.next_vote_at) == (Outcome.NO_DECISION, 3, 0)
    assert buyer.uncertainty == [0.3] * TOPICS and (buyer.duty, buyer.duty_at) == (Duty.RELEASE, DEADLINE)
    assert buyer.t.activities == [Activity.DEADLINE, Activity.GROUP_DISAGREED, Activity.NO_DECISION]


@pytest.mark.parametrize(("u", "outcome"), [(0.39, Outcome.LOST), (0.4, Outcome.OPEN)])
def test_a_group_that_may_not_vote_yet_cannot_sign(luck: Luck, u: float, outcome: int) -> None:
    """Nobody votes, not even where all would agree; who decides alone has no vote to wait for."""
    luck(Decision.SELECTION, 1e-9)(Decision.DEADLINE_LOSES, u)
    buyer = pair(votes=1, next_vote_at=DEADLINE + 1)
    on_deadline(luck, buyer, 0.1, rivals=0)
    assert (buyer.votes, buyer.next_vote_at, buyer.outcome) == (1, DEADLINE + 1, outcome)
    assert buyer.uncertainty == [0.3] * TOPICS and Activity.GROUP_DISAGREED not in buyer.t.activities
    luck(Decision.IS_PLEASED, 0.5)
    alone = owned(next_vote_at=DEADLINE + 1)
    on_deadline(luck, alone, 0.1, rivals=0)
    assert alone.outcome == Outcome.WON


@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_vote_leaves_the_same_wherever_it_takes_place(luck: Luck, before: int) -> None:
    """At a deadline, or at a step of the buyer's own."""
    votes(luck, False)
    if before < 2:  # who has voted too often is not lost as well
        luck(Decision.DEADLINE_LOSES, 0.9)
    there, own = pair(votes=before), pair(votes=before)
    on_deadline(luck, there, 0.1)
    choosing.advance(own.t, own.b, own.h, own.g, rules(), KEY, DEADLINE)
    assert there.t.rows[1:] == own.t.rows and there.h == {**own.h, "deadlines": 1}
    for name in ("outcome", "uncertainty", "next_vote_at", "step_at", "chosen"):
        assert there.b[name] == own.b[name]


def test_a_group_is_not_asked_if_the_champion_would_not_choose_us(luck: Luck) -> None:
    luck(Decision.SELECTION, 0.99)(Decision.DEADLINE_LOSES, 0.9)
    buyer = owned(members=2)
    on_deadline(luck, buyer, 0.1)
    assert buyer.votes == 0


# --- follow-ups -------------------------------------------------------------------------------------------------------

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


@pytest.mark.parametrize(("pace", "days"), [(1.0, 6), (4.0, 12), (0.25, 3)])
def test_a_rep_follows_up_sooner_who_moves_fast(pace: float, days: int) -> None:
    assert serving.next_follow_up(Buyer(stage=5, pace=pace).b, rules(), KEY, NEAR) == NEAR + days * DAY_US


# --- discounts --------------------------------------------------------------------------------------------------------

QUARTER = {"quarter_window_us": 10 * DAY_US, "discount": 0.25}


def discount(buyer: Buyer, now: int = NEAR, **changes: object) -> bool:
    serving.offer_discount(buyer.t, buyer.b, buyer.h, rules(**{**QUARTER, **changes}), 7, now)
    return bool(buyer.t.rows)


def test_a_discount() -> None:
    """It calms price and terms by half, and makes the buyer wonder."""
    buyer = Buyer(stage=4)
    assert discount(buyer) and buyer.t.rows == [(NEAR, Activity.DISCOUNT_OFFERED, 7, -1)]
    assert (buyer.paid_cents, buyer.value_cents, buyer.discounted) == (750, 1_000, 1)
    assert buyer.trust == pytest.approx(0.54)
    left = [0.4 if topic in (Topic.PRICE, Topic.TERMS) else 0.8 for topic in range(8)]
    assert buyer.uncertainty == pytest.approx(left) and buyer.cleared_total == pytest.approx(0.8)


def test_when_there_is_no_discount() -> None:
    assert not discount(Buyer(stage=3)) and not discount(Buyer(stage=5, discounted=1))
    assert not discount(Buyer(stage=5), now=DAY_US) and not discount(Buyer(stage=5), discount=0.0)
    assert discount(Buyer(stage=5))


def test_who_has_chosen_us_pays_what_it_chose_for() -> None:
    buyer = owned(chosen=1, signs_at=NEAR + DAY_US)
    assert not discount(buyer) and (buyer.paid_cents, buyer.trust, buyer.discounted) == (1_000, 0.6, 0)
    assert buyer.uncertainty == [0.3] * TOPICS
