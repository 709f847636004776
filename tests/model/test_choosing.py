"""What a buyer hears and learns, how it moves on and chooses, worked out by hand."""

import math

import pytest

from simulator.model import journey
from simulator.model.numerics import DAY_US, NEVER
from simulator.model.records import ENDED_AT, TOUCH_MAIL
from simulator.model.tally import DISAPPOINTED, PLEASED, REVENUE_CENTS
from simulator.model.words import (
    NOBODY,
    TOPICS,
    Activity,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Stage,
    Topic,
)
from tests.model.lives import KEY, NOW, Buyer, Luck, rules

TERMS = Stage.MAKING_SELECTION


# --- hearing and learning ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "role", "u", "checks", "trust", "contradictions"),
    [
        (0b000, Role.SDR, 0.1, True, 0.64, 0),  # nobody spoke before
        (0b010, Role.SDR, 0.1, True, 0.64, 0),  # only itself did
        (0b001, Role.SDR, 0.39, True, 0.30, 1),
        (0b001, Role.SDR, 0.40, True, 0.64, 0),
        (0b001, Role.SDR, 0.39, False, 0.60, 0),
        (0b110, Role.MARKETER, 0.1, True, 0.30, 1),
    ],
)
def test_hearing(luck: Luck, heard: int, role: int, u: float, checks: bool, trust: float, contradictions: int) -> None:
    buyer = Buyer(heard=heard)
    if checks and heard & ~(1 << role):
        luck(Decision.CONTRADICTS, u, stage=2, occurrence=3)
    journey.hear(buyer.b, buyer.h, rules(), KEY, role, checks, Decision.CONTRADICTS, 2, 3)
    assert buyer.trust == pytest.approx(trust) and buyer.contradictions == contradictions
    assert buyer.heard == heard | 1 << role


def test_what_a_group_learns() -> None:
    """Each member's doubt falls by the effect, half of it beside its own worry, half if it likes the other form."""
    buyer = Buyer(members=4)
    buyer.g |= {"doubt": [0.8, 0.8, 0.8, 0.8, 0.8], "worry": [4, 4, 1, 1, 4], "likes_person": [1, 0, 1, 0, 1]}
    journey.learn(buyer.b, buyer.h, buyer.g, rules(), 4, 0.5, 0.5, 0.8, 0.5, True)
    effect = 0.5 * 0.8 * 0.5 * 0.75
    shares = (1, 1 / 2, 1 / 2, 1 / 4, 0)
    assert buyer.g["doubt"] == pytest.approx([0.8 * (1 - effect * share) for share in shares])
    assert buyer.uncertainty[4] == pytest.approx(0.8 * (1 - effect))
    assert buyer.cleared_total == pytest.approx(0.8 * effect)


def test_who_decides_alone_has_no_group_to_convince() -> None:
    buyer = Buyer(members=1)
    buyer.g["doubt"] = [0.5] * 12
    journey.learn(buyer.b, buyer.h, buyer.g, rules(), 4, 0.5, 0.5, 0.8, 0.5, True)
    assert buyer.g["doubt"] == [0.5] * 12


@pytest.mark.parametrize("members", [1, 3])
def test_a_tailored_piece_speaks_past_the_others(members: int) -> None:
    buyer = Buyer(members=members)
    buyer.g |= {"doubt": [0.5, 0.5, 0.5, 0.5], "worry": [2, 4, 2, 2]}
    journey.tailored(buyer.h, buyer.g, rules(), 4)
    assert buyer.g["doubt"] == pytest.approx([0.6, 0.5, 0.6, 0.5] if members == 3 else [0.5] * 4)


# --- mails ------------------------------------------------------------------------------------------------------------


def mail(buyer: Buyer, **changes: object) -> None:
    journey.mail(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW)


def test_an_opened_mail(luck: Luck) -> None:
    buyer = Buyer(status=LeadStatus.NURTURE, mail_no=2, stage=1, heard=0b010)
    luck(Decision.MAIL_OPENED, 0.2499, occurrence=2)(Decision.COOLING, 0.5)(Decision.MAIL_CHECKS, 0.49, occurrence=2)
    luck(Decision.MAIL_CONTRADICTS, 0.9, occurrence=2)(Decision.MAIL_USEFULNESS, 0.5, occurrence=2)
    luck(Decision.MARKETING_VIEW, 0.5)
    mail(buyer)
    assert buyer.trust == pytest.approx(0.64)
    assert buyer.uncertainty[1] == pytest.approx(0.8 * (1 - 0.64 * 0.25 * 0.5 * 0.64))
    assert (buyer.mail_no, buyer.engagement, buyer.touches[TOUCH_MAIL], buyer.heard) == (3, 1, 1, 0b011)
    assert (buyer.duty, buyer.duty_at, buyer.cold_at) == (Duty.NURTURE, NOW + 7 * DAY_US, NOW + 3 * DAY_US)
    assert buyer.t.rows == [(NOW, Activity.MAIL_OPENED, NOBODY, Topic.WHY_NOW)]


@pytest.mark.parametrize("status", [LeadStatus.INQUIRY, LeadStatus.DROPPED])
def test_an_unopened_mail(luck: Luck, status: int) -> None:
    buyer = Buyer(status=status)
    luck(Decision.MAIL_OPENED, 0.25)
    mail(buyer)
    assert buyer.t.rows == [(NOW, Activity.MAIL_UNOPENED, NOBODY, -1)] and buyer.mail_no == 1
    assert buyer.duty == (Duty.NURTURE if status == LeadStatus.INQUIRY else Duty.NONE)


def test_an_opened_mail_may_pass_the_lead(luck: Luck) -> None:
    buyer = Buyer(status=LeadStatus.INQUIRY, engagement=3)
    luck(Decision.MAIL_OPENED, 0.1)(Decision.COOLING, 0.5)(Decision.MAIL_CHECKS, 0.5)
    luck(Decision.MAIL_USEFULNESS, 0.5)(Decision.MARKETING_VIEW, 0.5)(Decision.PICKUP, 0.5)
    mail(buyer)
    assert (buyer.status, buyer.duty) == (LeadStatus.MQL, Duty.ROUTE) and buyer.trust == 0.6


def test_messages_tire() -> None:
    buyer = Buyer(fatigue=2.0, fatigue_at=NOW - 5 * DAY_US)
    assert journey.bothered(buyer.b, rules(fatigue_per_message=0.7), NOW) == pytest.approx(math.exp(-0.7))
    assert buyer.fatigue == pytest.approx(2.0) and buyer.fatigue_at == NOW  # half was left, and one came


# --- moving on and choosing -------------------------------------------------------------------------------------------


def advance(buyer: Buyer, **changes: object) -> None:
    journey.advance(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW)


def test_clear_stages_are_left_behind() -> None:
    buyer = Buyer(uncertainty=[0.3, 0.3, 0.31, *[0.8] * 5], step_no=7, give_up_at=NOW + 1)
    advance(buyer)
    assert buyer.stage == 2 and buyer.step_no == 0 and buyer.t.entered == {1: NOW, 2: NOW}
    assert buyer.give_up_at == NOW + 30 * DAY_US and buyer.t.activities == [Activity.STAGE_ENTERED] * 2
    assert buyer.wish == pytest.approx(1 / (1 + math.exp(-(-1.0 + 2.0 * 0.4 + 1.5 * 2 / 5))))


@pytest.mark.parametrize(("stage", "progress", "lost"), [(3, 1.0, True), (3, 0.99, False), (2, 1.5, False)])
def test_a_rival_may_be_clear_first(stage: int, progress: float, lost: bool) -> None:
    buyer = Buyer(stage=stage, rival_progress=progress)
    advance(buyer)
    assert (buyer.outcome == Outcome.LOST) == lost and buyer.t.activities == [Activity.LOST] * lost


@pytest.mark.parametrize(("u", "outcome"), [(0.59, Outcome.WON), (0.61, Outcome.LOST)])
def test_the_choice(luck: Luck, u: float, outcome: int) -> None:
    """Ours 0.55; theirs 0.4 x 1.5 x 0.75 = 0.45; the logit of four times 0.1 is 0.599."""
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, rival_progress=0.75, channel=1, paid_cents=900)
    luck(Decision.SELECTION, u)
    if outcome == Outcome.WON:
        luck(Decision.IS_PLEASED, 0.5)
    advance(buyer)
    assert buyer.outcome == outcome and buyer.t.moments == {ENDED_AT: NOW}
    if outcome == Outcome.WON:
        assert buyer.self_served and buyer.t.tally == {REVENUE_CENTS + 1: 900, PLEASED: 1}


def test_a_rival_that_was_found_out_is_seen_as_it_is(luck: Luck) -> None:
    """Theirs 0.4 x 0.75 = 0.3: 0.731."""
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, rival_progress=0.75, rival_found_out=1, fit=0.4999)
    luck(Decision.SELECTION, 0.72)(Decision.IS_PLEASED, 0.5)
    advance(buyer)
    assert buyer.outcome == Outcome.WON and buyer.t.tally[DISAPPOINTED] == 1


def test_without_rivals_every_choice_is_won(luck: Luck) -> None:
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, fit=0.0, trust=0.0, rival_progress=1.0, rival_strength=1.0)
    luck.given.clear()
    luck(Decision.IS_PLEASED, 0.5)
    advance(buyer, rivals=0)
    assert buyer.outcome == Outcome.WON


def test_a_complex_purchase_waits_for_its_rep(luck: Luck) -> None:
    state = {"stage": TERMS, "uncertainty": [0.3] * TOPICS, "complexity": 0.51}
    buyer = Buyer(**state)
    advance(buyer)
    assert buyer.outcome == Outcome.OPEN and not buyer.t.rows
    luck(Decision.SELECTION, 0.99)
    buyer = Buyer(**state, has_met_rep=1, rival_progress=0.5)
    advance(buyer)
    assert buyer.outcome == Outcome.LOST


@pytest.mark.parametrize(("votes", "agrees"), [((0.2, 0.6, 0.6), True), ((0.2, 0.6, 0.4), False)])
def test_a_group_votes(luck: Luck, votes: tuple[float, ...], agrees: bool) -> None:
    """A majority; who draws less than its doubt says no."""
    buyer = Buyer(members=3, stage=TERMS, uncertainty=[0.3] * TOPICS, rival_progress=0.75)
    buyer.g["doubt"] = [0.5, 0.5, 0.5, 0.0]
    for member, u in enumerate(votes):
        luck(Decision.VOTE, u, member=member)
    if agrees:
        luck(Decision.SELECTION, 0.9)
    advance(buyer)
    assert buyer.votes == 1 and (buyer.outcome == Outcome.LOST) == agrees
    if not agrees:
        assert buyer.uncertainty[Topic.TERMS] == pytest.approx(0.3 + 0.5 * 0.7)
        assert buyer.t.rows == [(NOW, Activity.GROUP_DISAGREED, NOBODY, Topic.TERMS)]


@pytest.mark.parametrize(("votes", "agrees"), [((0.6, 0.2, 0.6), True), ((0.4, 0.6, 0.6), False), ((0.6, 0.6, 0.4), False)])  # fmt: skip  # noqa: E501
def test_a_champion_and_a_veto(luck: Luck, votes: tuple[float, ...], agrees: bool) -> None:
    buyer = Buyer(members=3)
    buyer.g["doubt"] = [0.5, 0.5, 0.5]
    for member, u in enumerate(votes):
        luck(Decision.VOTE, u, member=member)
    assert journey.group_agrees(buyer.b, buyer.h, buyer.g, rules(group_rule=2), KEY) == agrees


@pytest.mark.parametrize("status", [LeadStatus.OWNED, LeadStatus.NURTURE])
def test_a_won_deal(luck: Luck, status: int) -> None:
    buyer = Buyer(status=status, duty=Duty.NURTURE, duty_at=NOW + 5, step_at=NOW + 6)
    luck(Decision.IS_PLEASED, 0.5)
    journey.conclude(buyer.t, buyer.b, buyer.h, rules(), KEY, NOW, Outcome.WON)
    owned = status == LeadStatus.OWNED
    assert (buyer.duty, buyer.duty_at) == ((Duty.RELEASE, NOW) if owned else (Duty.NONE, NEVER))
    assert buyer.self_served == (not owned) and buyer.step_at == NEVER
    assert buyer.t.rows == [(NOW, Activity.WON, NOBODY, -1)]


def test_touches_are_counted_by_kind_and_stage() -> None:
    buyer = Buyer(stage=5)
    for kind in (TOUCH_MAIL, 4, 6):
        journey.touched(buyer.b, buyer.h, kind)
    assert buyer.touches == [0, 0, 0, 1, 1, 0, 1]
    assert buyer.touches_in == [0, 0, 3] and buyer.person_touches_in == [0, 0, 2]
