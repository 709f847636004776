"""Who a buyer is at its arrival, worked out by hand."""

import math
from statistics import NormalDist

import pytest

from simulator.model.birth import NEVER_WISHES, born, set_wish
from simulator.model.numerics import DAY_US, HOUR_US, NEVER
from simulator.model.words import NOBODY, TOPICS, Decision
from tests.model.lives import BASE, KEY, NOW, Buyer, Luck, rules

FIXED = {
    Decision.SEGMENT: 0.8, Decision.COMPLEXITY: 0.5, Decision.DEAL_VALUE: 0.7, Decision.FIT: 0.3,
    Decision.PATIENCE: 0.2, Decision.VERIFICATION: 0.25, Decision.PREFERENCE: 0.5, Decision.REP_FREE: 0.9,
    Decision.ANONYMITY: 0.2, Decision.READY: 0.5, Decision.RIVAL_STRENGTH: 0.25, Decision.FORMAT: 0.6,
    Decision.PACE: 0.9,
}  # fmt: skip


def announce(luck: Luck, **changed: float) -> None:
    for decision, u in FIXED.items():
        luck(decision, changed.get(decision.name, u))
    for topic in range(TOPICS):
        luck(Decision.KNOWLEDGE, topic / 10, occurrence=topic)


def new(channel: int = 1, **changes: object) -> Buyer:
    buyer = Buyer()
    for record in (buyer.b, buyer.h):
        for name, value in record.items():
            record[name] = [0] * len(value) if isinstance(value, list) else 0
    born(buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW, BASE, channel)
    return buyer


def test_everything_that_is_fixed_at_arrival(luck: Luck) -> None:
    announce(luck)
    buyer = new(group_complex=1)
    assert (buyer.base, buyer.channel, buyer.segment, buyer.team, buyer.form) == (BASE, 1, 2, 1, 2)
    assert buyer.complexity == pytest.approx(0.6)  # halfway between 0.4 and 0.8
    assert buyer.fit == pytest.approx(1 / (1 + math.exp(-0.5)))  # the channel's shift
    assert buyer.value_cents == buyer.paid_cents == 3_000
    assert buyer.patience_us == 30 * DAY_US and buyer.give_up_at == NOW + 30 * DAY_US
    assert buyer.verification == pytest.approx(0.3) and buyer.preference == 0.0
    assert buyer.wish == pytest.approx(1 / (1 + math.exp(-(-1.0 + 2.0 * 0.6))))
    assert buyer.anonymous_left == 2  # ln 0.2 / ln 0.5 = 2.3
    assert buyer.uncertainty == pytest.approx([1 - 0.5 * topic / 10 for topic in range(TOPICS)])
    assert buyer.rival_strength == pytest.approx(0.2 + 0.6 * 0.5)  # the best of two: sqrt 0.25
    assert buyer.trust == 0.6 and (buyer.last_role, buyer.owner) == (NOBODY, NOBODY)
    assert buyer.duty_at == buyer.step_at == buyer.offer_at == buyer.signs_at == buyer.turns_at == NEVER
    assert math.isnan(buyer.view_error) and buyer.touched_at == NOW, "it comes to us"
    assert buyer.members == 1 and buyer.g["doubt"] == [0.0] * 12
    assert (buyer.project, buyer.came_dormant, buyer.pace, buyer.office_opens_us) == (1, 0, 1.0, 0)


def test_who_comes_ready_knows_most(luck: Luck) -> None:
    announce(luck, READY=0.2)
    assert new(group_complex=1).uncertainty == pytest.approx([0.25 * (1 - topic / 10) for topic in range(TOPICS)])


def test_what_everybody_knows_is_clear_from_the_start(luck: Luck) -> None:
    announce(luck)
    known = [1, 0, 0, 0, 0, 1, 0, 0]
    expected = [0.0 if known[topic] else 1 - 0.5 * topic / 10 for topic in range(TOPICS)]
    assert new(group_complex=1, is_known=known).uncertainty == pytest.approx(expected)


def test_who_wants_no_rep_never_wishes_for_one(luck: Luck) -> None:
    announce(luck, REP_FREE=0.19)  # below 0.5 x (1 - 0.6)
    buyer = new(group_complex=1)
    assert buyer.wish == NEVER_WISHES
    set_wish(buyer.b, rules())
    assert buyer.wish == NEVER_WISHES


def test_a_wish_follows_complexity_stage_and_taste() -> None:
    buyer = Buyer(stage=5, preference=0.25, complexity=0.5)
    set_wish(buyer.b, rules())
    assert buyer.wish == pytest.approx(1 / (1 + math.exp(-(-1.0 + 1.0 + 1.5 + 0.25))))


def test_refusals_have_cost_the_wish() -> None:
    buyer = Buyer(stage=5, preference=0.25, complexity=0.5, wish_lost=0.75)
    set_wish(buyer.b, rules())
    assert buyer.wish == pytest.approx(1 / (1 + math.exp(-1.0)))


def test_each_member_has_its_own_worry_and_doubt(luck: Luck) -> None:
    announce(luck)
    for member in range(3):  # 1 + (5 - 1) x 0.6 = 3.4 people
        luck(Decision.MEMBER_WORRY, (0.1, 0.5, 0.9)[member], member=member)
        luck(Decision.MEMBER_DOUBT, (0.0, 0.5, 0.75)[member], member=member)
    buyer = new()
    assert buyer.members == 3 and buyer.g["worry"][:4] == [0, 4, 7, 0]
    assert buyer.g["doubt"][:4] == pytest.approx([0.2, 0.4, 0.5, 0.0])


def test_a_pace_stretches_patience(luck: Luck) -> None:
    announce(luck)
    buyer = new(group_complex=1, pace_spread=0.5)
    pace = math.exp(0.5 * NormalDist().inv_cdf(0.9))
    assert buyer.pace == pytest.approx(pace) and buyer.patience_us == pytest.approx(30 * DAY_US * pace)


@pytest.mark.parametrize(("u", "days"), [(math.exp(-0.5), 2 * 12.0), (math.exp(-2.0), 2 * 30.0)])
def test_a_project_lasts_until_patience_or_something_else_ends_it(luck: Luck, u: float, days: float) -> None:
    """Half of a mean of 24 days, or the patience of 30; both at a pace of two."""
    announce(luck, PACE=NormalDist().cdf(math.log(2.0)))
    luck(Decision.DISTRACTED_AFTER, u)
    buyer = new(group_complex=1, pace_spread=1.0, distraction_days=24.0)
    assert buyer.patience_us == pytest.approx(days * DAY_US) and buyer.give_up_at == NOW + buyer.patience_us


@pytest.mark.parametrize("u", [0.25, 0.5, 0.875])
def test_a_buyer_has_a_working_day_of_its_own(luck: Luck, u: float) -> None:
    announce(luck)
    luck(Decision.OFFICE_OPENS, u)
    assert new(group_complex=1, office_share=0.5).office_opens_us == (9 + (2 * u - 1) * 2) * HOUR_US


@pytest.mark.parametrize(("channel", "u", "has"), [(1, 0.39, True), (1, 0.4, False), (0, 0.2, False), (0, 0.19, True)])
def test_who_has_a_project_when_it_comes(luck: Luck, channel: int, u: float, has: bool) -> None:
    """The market's share times the channel's factor: 0.4 or 0.2. Who has none keeps its patience for when it has."""
    announce(luck)
    luck(Decision.HAS_PROJECT, u)
    buyer = new(channel, group_complex=1, project_share=0.4)
    assert (buyer.project, buyer.came_dormant) == ((1, 0) if has else (0, 1))
    assert buyer.give_up_at == 30 * DAY_US + (NOW if has else 0) and buyer.turns_at == NEVER


def test_where_all_have_projects_the_channel_does_not_matter(luck: Luck) -> None:
    announce(luck)
    assert new(0, group_complex=1, project_share=1.0).project == 1


def test_a_project_will_pause(luck: Luck) -> None:
    """Five times a year: after a mean of 73 days, at a pace of two."""
    announce(luck, PACE=NormalDist().cdf(math.log(2.0)))
    luck(Decision.PROJECT_PAUSES, math.exp(-0.25))
    buyer = new(group_complex=1, pace_spread=1.0, pauses_per_year=5.0)
    assert buyer.turns_at == pytest.approx(NOW + 0.25 * 73 * 2 * DAY_US)


def test_who_has_no_project_has_none_to_pause(luck: Luck) -> None:
    announce(luck)
    luck(Decision.HAS_PROJECT, 0.9)
    assert new(group_complex=1, project_share=0.4, pauses_per_year=5.0).turns_at == NEVER
