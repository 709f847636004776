"""What a buyer hears and learns, how it moves on and chooses, worked out by hand."""

import math

import pytest

from simulator.model import choosing, journey
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


#: One contradiction of two that leave 37% of the half that all of them cost.
LEFT = 1 - 0.5 * (1 - math.exp(-0.5))

# --- hearing and learning ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "role", "u", "checks", "trust", "contradictions"),
    [
        (0b000, Role.SDR, 0.1, True, 0.64, 0),  # nobody spoke before
        (0b010, Role.SDR, 0.1, True, 0.64, 0),  # only itself did
        (0b001, Role.SDR, 0.39, True, 0.6 * LEFT, 1),
        (0b001, Role.SDR, 0.40, True, 0.64, 0),
        (0b001, Role.SDR, 0.39, False, 0.60, 0),
        (0b110, Role.MARKETER, 0.1, True, 0.6 * LEFT, 1),
    ],
)
def test_hearing(luck: Luck, heard: int, role: int, u: float, checks: bool, trust: float, contradictions: int) -> None:
    buyer = Buyer(heard=heard)
    if checks and heard & ~(1 << role):
        luck(Decision.CONTRADICTS, u, stage=2, occurrence=3)
    journey.hear(buyer.b, buyer.h, rules(), KEY, role, checks, Decision.CONTRADICTS, 2, 3)
    assert buyer.trust == pytest.approx(trust) and buyer.contradictions == contradictions
    assert buyer.heard == heard | 1 << role


def test_contradictions_cost_ever_less(luck: Luck) -> None:
    luck(Decision.CONTRADICTS, 0.5)
    buyer, lost = Buyer(), [0.6]
    for _ in range(3):
        buyer.b["heard"] = 0b001
        journey.hear(buyer.b, buyer.h, rules(contradiction_chance=1.0), KEY, Role.SDR, True, Decision.CONTRADICTS, 0, 0)
        lost.append(buyer.trust)
    assert lost == pytest.approx([0.6 * (1 - 0.5 * (1 - math.exp(-n / 2))) for n in range(4)])
    assert buyer.contradictions == 3


def test_what_is_learned() -> None:
    """Half of the power, 0.8 useful, half believed; of what is about us three quarters convince."""
    buyer = Buyer(members=4)
    buyer.g["doubt"] = [0.5] * 12
    journey.learn(buyer.b, buyer.h, rules(), 4, 0.5, 0.5, 0.8, 0.5)
    effect = 0.5 * 0.8 * 0.5 * 0.75
    assert buyer.uncertainty[4] == pytest.approx(0.8 * (1 - effect))
    assert buyer.cleared_total == pytest.approx(0.8 * effect) and buyer.g["doubt"] == [0.5] * 12


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
    buyer = Buyer(status=LeadStatus.NURTURE, mail_no=2, stage=1, heard=0b010, touched_at=0)
    luck(Decision.MAIL_OPENED, 0.2499, occurrence=2)(Decision.MAIL_CHECKS, 0.49, occurrence=2)
    luck(Decision.MAIL_CONTRADICTS, 0.9, occurrence=2)(Decision.MAIL_USEFULNESS, 0.5, occurrence=2)
    luck(Decision.MARKETING_VIEW, 0.5)
    mail(buyer)
    assert buyer.trust == pytest.approx(0.64)
    assert buyer.uncertainty[1] == pytest.approx(0.8 * (1 - 0.64 * 0.25 * 0.5 * 0.64))
    assert (buyer.mail_no, buyer.engagement, buyer.touches[TOUCH_MAIL], buyer.heard) == (3, 1, 1, 0b011)
    assert (buyer.duty, buyer.duty_at) == (Duty.NURTURE, NOW + 7 * DAY_US)
    assert (buyer.heat_no, buyer.touched_at) == (1, NOW)
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
    luck(Decision.MAIL_OPENED, 0.1)(Decision.MAIL_CHECKS, 0.5)
    luck(Decision.MAIL_USEFULNESS, 0.5)(Decision.MARKETING_VIEW, 0.5)(Decision.PICKUP, 0.5)
    mail(buyer)
    assert (buyer.status, buyer.duty) == (LeadStatus.MQL, Duty.ROUTE) and buyer.trust == 0.6


def test_who_has_no_project_reads_a_mail_without_a_worry_to_clear(luck: Luck) -> None:
    """Not even where everything is clear already does it move on."""
    buyer = Buyer(status=LeadStatus.NURTURE, project=0, uncertainty=[0.3] * TOPICS)
    luck(Decision.MAIL_OPENED, 0.1)(Decision.MAIL_CHECKS, 0.5)(Decision.MAIL_USEFULNESS, 0.5)
    luck(Decision.MARKETING_VIEW, 0.5)
    mail(buyer)
    assert buyer.uncertainty == [0.3] * TOPICS and buyer.stage == 0 and buyer.engagement == 1
    assert buyer.t.activities == [Activity.MAIL_OPENED] and buyer.duty == Duty.NURTURE


def test_a_mail_that_ends_the_journey_is_the_last(luck: Luck) -> None:
    buyer = Buyer(status=LeadStatus.NURTURE, stage=3, rival_progress=1.0)
    luck(Decision.MAIL_OPENED, 0.1)(Decision.MAIL_CHECKS, 0.5)(Decision.MAIL_USEFULNESS, 0.5)
    mail(buyer)
    assert buyer.outcome == Outcome.LOST and (buyer.duty, buyer.duty_at) == (Duty.NONE, NEVER)


def test_messages_tire() -> None:
    buyer = Buyer(fatigue=2.0, fatigue_at=NOW - 5 * DAY_US)
    assert journey.bothered(buyer.b, rules(fatigue_per_message=0.7), NOW) == pytest.approx(math.exp(-0.7))
    assert buyer.fatigue == pytest.approx(2.0) and buyer.fatigue_at == NOW  # half was left, and one came


# --- moving on and choosing -------------------------------------------------------------------------------------------


def advance(buyer: Buyer, **changes: object) -> None:
    choosing.advance(buyer.t, buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW)


@pytest.mark.parametrize("patience_from", [0, 1])
def test_clear_stages_are_left_behind(patience_from: int) -> None:
    """Patience goes on, or begins anew with each stage."""
    buyer = Buyer(uncertainty=[0.3, 0.3, 0.31, *[0.8] * 5], step_no=7, give_up_at=NOW + 1)
    advance(buyer, patience_from=patience_from)
    assert buyer.stage == 2 and buyer.step_no == 0 and buyer.t.entered == {1: NOW, 2: NOW}
    assert buyer.give_up_at == NOW + (30 * DAY_US if patience_from else 1)
    assert buyer.t.activities == [Activity.STAGE_ENTERED] * 2
    assert buyer.wish == pytest.approx(1 / (1 + math.exp(-(-1.0 + 2.0 * 0.4 + 1.5 * 2 / 5))))


@pytest.mark.parametrize(("stage", "progress", "lost"), [(3, 1.0, True), (3, 0.99, False), (2, 1.5, False)])
def test_a_rival_may_be_clear_first(stage: int, progress: float, lost: bool) -> None:
    buyer = Buyer(stage=stage, rival_progress=progress)
    advance(buyer)
    assert (buyer.outcome == Outcome.LOST) == lost and buyer.t.activities == [Activity.LOST] * lost


@pytest.mark.parametrize(("u", "outcome"), [(0.59, Outcome.WON), (0.61, Outcome.LOST)])
def test_the_choice(luck: Luck, u: float, outcome: int) -> None:
    """Ours 0.55; theirs 0.4 x 1.5 x (0.25 + 0.5) = 0.45; the logit of four times 0.1 is 0.599."""
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, rival_progress=0.5, channel=1, paid_cents=900)
    luck(Decision.SELECTION, u)
    if outcome == Outcome.WON:
        luck(Decision.IS_PLEASED, 0.5)
    advance(buyer, rivals=1)
    assert buyer.outcome == outcome and buyer.t.moments == {ENDED_AT: NOW}
    if outcome == Outcome.WON:
        assert buyer.self_served and buyer.t.tally == {REVENUE_CENTS + 1: 900, PLEASED: 1}


@pytest.mark.parametrize(("u", "lost"), [(0.5 - 1e-9, False), (0.5, True)])
def test_a_choice_without_any_sharpness_is_a_coin(luck: Luck, u: float, lost: bool) -> None:
    luck(Decision.SELECTION, u)
    if not lost:
        luck(Decision.IS_PLEASED, 0.5)
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS)
    advance(buyer, choice_sharpness=0.0)
    assert buyer.outcome == (Outcome.LOST if lost else Outcome.WON)


def test_a_rival_that_was_found_out_is_seen_as_it_is(luck: Luck) -> None:
    """Theirs 0.4 x 0.75 = 0.3: 0.731."""
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, rival_progress=0.5, rival_found_out=1, fit=0.4999)
    luck(Decision.SELECTION, 0.72)(Decision.IS_PLEASED, 0.5)
    advance(buyer)
    assert buyer.outcome == Outcome.WON and buyer.t.tally[DISAPPOINTED] == 1


def test_without_rivals_every_choice_is_won(luck: Luck) -> None:
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, fit=0.0, trust=0.0, rival_progress=1.0, rival_strength=1.0)
    luck.given.clear()
    luck(Decision.IS_PLEASED, 0.5)
    advance(buyer, rivals=0)
    assert buyer.outcome == Outcome.WON


@pytest.mark.parametrize(
    ("state", "limits", "decides"),
    [
        ({"complexity": 0.51}, {}, False),
        ({"complexity": 0.51, "offer_at": NOW + 1}, {}, False),
        ({"complexity": 0.51, "offer_at": NOW}, {}, True),
        ({"complexity": 0.5}, {}, True),
        ({"value_cents": 1001}, {"self_serve_max_value_usd": 10.0}, False),
        ({"value_cents": 1000}, {"self_serve_max_value_usd": 10.0}, True),
    ],
)
def test_who_needs_a_rep_waits_for_its_offer(
    luck: Luck, state: dict[str, object], limits: dict[str, float], decides: bool
) -> None:
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, **state)
    if decides:
        luck(Decision.SELECTION, 0.99)
    advance(buyer, **limits)
    assert (buyer.outcome == Outcome.LOST) == decides == bool(buyer.t.rows)


def test_a_rival_is_clear_first_while_the_offer_is_awaited() -> None:
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, complexity=0.9, rival_progress=1.0)
    advance(buyer)
    assert buyer.outcome == Outcome.LOST


def test_who_has_chosen_moves_no_more() -> None:
    buyer = Buyer(stage=TERMS, uncertainty=[0.3] * TOPICS, chosen=1, rival_progress=1.0)
    advance(buyer)
    assert buyer.outcome == Outcome.OPEN and not buyer.t.rows


#: Doubts of 1/2 before what the champion passed on; all worry about terms, of which 0.3 is left.
DOUBTS = (0.5 * 0.3, 0.5 * 0.09, 0.5 * 0.09)


def group(**state: object) -> Buyer:
    buyer = Buyer(**{"members": 3, "stage": TERMS, "uncertainty": [0.3] * TOPICS, "rival_progress": 0.5, **state})
    buyer.g |= {"doubt": [0.5, 0.5, 0.5, 0.0], "worry": [7, 7, 7, 0]}
    return buyer


def votes(luck: Luck, *yes: bool) -> Luck:
    """Each member draws a little more than its doubt, or a little less."""
    for member, agrees in enumerate(yes):
        luck(Decision.VOTE, DOUBTS[member] + (1e-9 if agrees else -1e-9), member=member)
    return luck


@pytest.mark.parametrize("yes", [(False, True, True), (False, True, False)])
def test_a_group_votes(luck: Luck, yes: tuple[bool, ...]) -> None:
    """By majority here. The champion doubts as far as it is uncertain itself, the others by the square of that."""
    agrees, buyer = sum(yes) > 1, group()
    votes(luck, *yes)
    if agrees:
        luck(Decision.SELECTION, 0.9)
    advance(buyer)
    assert buyer.votes == 1 and (buyer.outcome == Outcome.LOST) == agrees
    if not agrees:
        assert buyer.uncertainty[Topic.TERMS] == pytest.approx(0.3 + 0.5 * 0.7)
        assert buyer.t.rows == [(NOW, Activity.GROUP_DISAGREED, NOBODY, Topic.TERMS)]
        assert buyer.next_vote_at == NOW + 5 * DAY_US


def test_each_doubts_by_its_own_worry(luck: Luck) -> None:
    buyer = group(uncertainty=[0.1, 0.2, *[0.3] * 6])
    buyer.g |= {"worry": [1, 0, 1]}
    for member, doubt in enumerate((0.5 * 0.2, 0.5 * 0.01, 0.5 * 0.04)):
        luck(Decision.VOTE, doubt + 1e-9, member=member)
    assert choosing.group_agrees(buyer.b, buyer.h, buyer.g, rules(group_rule=0), KEY)
    luck(Decision.VOTE, 0.5 * 0.04 - 1e-9, member=2)
    assert not choosing.group_agrees(buyer.b, buyer.h, buyer.g, rules(group_rule=0), KEY) and buyer.votes == 2


@pytest.mark.parametrize(("at", "votes_now"), [(NOW + 1, False), (NOW, True)])
def test_a_group_votes_again_after_a_time(luck: Luck, at: int, votes_now: bool) -> None:
    buyer = group(next_vote_at=at, votes=1)
    if votes_now:
        votes(luck, True, True, True)(Decision.SELECTION, 0.99)
    advance(buyer)
    assert (buyer.votes == 2) == votes_now == (buyer.outcome == Outcome.LOST)


@pytest.mark.parametrize(("before", "ends"), [(1, False), (2, True)])
def test_after_so_many_votes_there_is_no_decision(luck: Luck, before: int, ends: bool) -> None:
    buyer = group(votes=before)
    votes(luck, False, False, True)
    advance(buyer)
    assert (buyer.outcome == Outcome.NO_DECISION) == ends and buyer.votes == before + 1
    assert buyer.t.activities == [Activity.GROUP_DISAGREED] + [Activity.NO_DECISION] * ends
    if ends:
        assert buyer.uncertainty[Topic.TERMS] == 0.3 and buyer.next_vote_at == 0


@pytest.mark.parametrize(
    ("yes", "agrees"), [((True, False, True), True), ((False, True, True), False), ((True, True, False), False)]
)
def test_a_champion_and_a_veto(luck: Luck, yes: tuple[bool, ...], agrees: bool) -> None:
    buyer = group()
    votes(luck, *yes)
    assert choosing.group_agrees(buyer.b, buyer.h, buyer.g, rules(group_rule=2), KEY) == agrees


@pytest.mark.parametrize("status", [LeadStatus.OWNED, LeadStatus.NURTURE])
def test_a_won_deal(luck: Luck, status: int) -> None:
    buyer = Buyer(status=status, duty=Duty.NURTURE, duty_at=NOW + 5, step_at=NOW + 6, request=1)
    luck(Decision.IS_PLEASED, 0.5)
    choosing.conclude(buyer.t, buyer.b, buyer.h, rules(), KEY, NOW, Outcome.WON)
    owned = status == LeadStatus.OWNED
    assert (buyer.duty, buyer.duty_at) == ((Duty.RELEASE, NOW) if owned else (Duty.NONE, NEVER))
    assert buyer.self_served == (not owned) and (buyer.step_at, buyer.request) == (NEVER, 0)
    assert buyer.t.rows == [(NOW, Activity.WON, NOBODY, -1)]


@pytest.mark.parametrize(("outcome", "activity"), [
    (Outcome.LOST, Activity.LOST), (Outcome.NO_DECISION, Activity.NO_DECISION),
    (Outcome.ELSEWHERE, Activity.ELSEWHERE)])  # fmt: skip
def test_other_ends(outcome: int, activity: int) -> None:
    buyer = Buyer(step_at=NOW + 6, request=1)
    choosing.conclude(buyer.t, buyer.b, buyer.h, rules(), KEY, NOW, outcome)
    assert buyer.t.rows == [(NOW, activity, NOBODY, -1)] and buyer.outcome == outcome and buyer.t.tally == {}
    assert (buyer.step_at, buyer.request) == (NEVER, 0) and buyer.t.moments == {ENDED_AT: NOW}


def test_touches_are_counted_by_kind_and_stage() -> None:
    buyer = Buyer(stage=5)
    for kind in (TOUCH_MAIL, 4, 6):
        journey.touched(buyer.b, buyer.h, kind)
    assert buyer.touches == [0, 0, 0, 1, 1, 0, 1]
    assert buyer.touches_in == [0, 0, 3] and buyer.person_touches_in == [0, 0, 2]
