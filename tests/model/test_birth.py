"""Who a buyer is at its arrival, worked out by hand."""

import math

import pytest

from simulator.model.birth import NEVER_WISHES, born, set_wish
from simulator.model.numerics import DAY_US, NEVER
from simulator.model.words import NOBODY, TOPICS, Decision
from tests.model.lives import BASE, KEY, NOW, Buyer, Luck, rules

FIXED = {
    Decision.SEGMENT: 0.8, Decision.COMPLEXITY: 0.5, Decision.DEAL_VALUE: 0.7, Decision.FIT: 0.3,
    Decision.PATIENCE: 0.2, Decision.VERIFICATION: 0.25, Decision.PREFERENCE: 0.5, Decision.REP_FREE: 0.9,
    Decision.ANONYMITY: 0.2, Decision.READY: 0.5, Decision.RIVAL_STRENGTH: 0.25, Decision.FORMAT: 0.6,
}  # fmt: skip


def announce(luck: Luck, **changed: float) -> None:
    for decision, u in FIXED.items():
        luck(decision, changed.get(decision.name, u))
    for topic in range(TOPICS):
        luck(Decision.KNOWLEDGE, topic / 10, occurrence=topic)


def new(**changes: object) -> Buyer:
    buyer = Buyer()
    for record in (buyer.b, buyer.h):
        for name, value in record.items():
            record[name] = [0] * len(value) if isinstance(value, list) else 0
    born(buyer.b, buyer.h, buyer.g, rules(**changes), KEY, NOW, BASE, 1)
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
    assert buyer.duty_at == buyer.step_at == buyer.cold_at == NEVER and math.isnan(buyer.view_error)
    assert buyer.members == 1 and buyer.g["doubt"] == [0.0] * 12


def test_who_comes_ready_knows_most(luck: Luck) -> None:
    announce(luck, READY=0.2)
    assert new(group_complex=1).uncertainty == pytest.approx([0.25 * (1 - topic / 10) for topic in range(TOPICS)])


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


def test_each_member_has_its_own_worry_doubt_and_liking(luck: Luck) -> None:
    announce(luck)
    for member in range(3):  # 1 + (5 - 1) x 0.6 = 3.4 people
        luck(Decision.MEMBER_WORRY, (0.1, 0.5, 0.9)[member], member=member)
        luck(Decision.MEMBER_DOUBT, (0.0, 0.5, 0.75)[member], member=member)
        luck(Decision.MEMBER_FORM, (0.4, 0.5, 0.6)[member], member=member)
    buyer = new()
    assert buyer.members == 3 and buyer.g["worry"][:4] == [0, 4, 7, 0]
    assert buyer.g["doubt"][:4] == pytest.approx([0.2, 0.4, 0.5, 0.0])
    assert buyer.g["likes_person"][:3] == [True, False, False]
