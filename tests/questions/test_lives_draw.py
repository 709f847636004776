"""Who is drawn when single lives are told: by whom one asks for and by the seed, whatever becomes of anybody."""

from collections import Counter

import numpy as np
import pytest

import simulator as sim
from simulator.model.words import Outcome
from simulator.questions.lives.work import draw_order, lives, refuse
from simulator.scenario.checked import check
from simulator.scenario.schema import ScenarioError
from tests.questions.drawn_lives import SHORT, found, ids, journeys, scenario


def test_the_order_of_the_draw_follows_from_the_seed_and_from_who_they_are():
    buyers = np.arange(1000, 1400)
    order = buyers[draw_order(3, buyers)].tolist()
    assert sorted(order) == buyers.tolist() and order != buyers.tolist()
    fewer = np.random.default_rng(0).permutation(buyers)[:150]
    assert fewer[draw_order(3, fewer)].tolist() == [buyer for buyer in order if buyer in set(fewer.tolist())]
    assert buyers[draw_order(4, buyers)].tolist() != order


def test_everybody_comes_first_as_often_as_anybody_else():
    some = np.arange(20)
    firsts = Counter(int(draw_order(seed, some)[0]) for seed in range(4000))
    assert len(firsts) == 20
    assert (
        sum((count - 200) ** 2 / 200 for count in firsts.values()) < 43.8
    )  # chi-square, 19 degrees, one in a thousand


def test_the_same_buyers_are_drawn_in_every_organisation_and_in_another_world():
    """Budgets bring other buyers, so they stay as they are."""
    everybody = ("study.lives.drawn_from=all", "mechanisms.budget=false")
    first = found(*everybody)
    for changed in (
        "study.lives.organisation=integrated",
        "study.lives.organisation=aligned",
        "market.journey.distraction_chance=0.5",
        "market.rivals.gain=0.9",
        "organisations.relay_race.handoff.sla_hours=1",
    ):
        other = found(*everybody, changed)
        assert ids(other) == ids(first)
        assert any(mine.events.tolist() != theirs.events.tolist() for mine, theirs in zip(
            other.lives, first.lives, strict=True))  # fmt: skip


def test_inquiries_keep_their_order_whatever_becomes_of_them():
    one, other = (
        found("study.lives.buyers=200", f"study.lives.organisation={name}") for name in ("relay_race", "integrated")
    )
    both = set(ids(one)) & set(ids(other))
    assert len(both) > 50 and one.population < 200
    assert [buyer for buyer in ids(one) if buyer in both] == [buyer for buyer in ids(other) if buyer in both]


def outcome_is(name):
    return lambda table: table["outcome"] == name


@pytest.mark.parametrize(
    "drawn_from, who",
    [
        ("all", lambda table: table["arrived_at"].notna()),
        ("inquiries", lambda table: table["inquiry_at"].notna()),
        ("opportunities", lambda table: table["opportunity_at"].notna()),
        *((outcome.name.lower(), outcome_is(outcome.name.lower())) for outcome in Outcome),
    ],
)
def test_they_are_drawn_from_whom_one_asks_for(drawn_from, who):
    result = found(f"study.lives.drawn_from={drawn_from}", "study.lives.buyers=12")
    pool = set(journeys().index[who(journeys())])
    assert result.population == len(pool) and len(set(ids(result))) == min(12, len(pool))
    assert set(ids(result)) <= pool


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed, why",
    [
        ("study.lives.buyers=0", r"study.lives.buyers must lie in \[1, 200\], got 0"),
        ("study.lives.buyers=ten", "study.lives.buyers must be a whole number, got 'ten'"),
        ("study.lives.drawn_from=winners", "study.lives.drawn_from must be one of inquiries, all, .*, got 'winners'"),
        ("study.lives.organisation=relay_rase", "study.lives.organisation must name organisations, got 'relay_rase': "
                                                "did you mean relay_race"),
    ],
)  # fmt: skip
def test_wrong_values_are_refused_in_one_line(typed, why):
    with pytest.raises(ScenarioError, match=why) as refused:
        refuse(check(sim.load_scenario("baseline", [*SHORT, typed])))
    assert "\n" not in str(refused.value)


def test_an_organisation_that_is_not_compared_may_be_lived_in():
    one = scenario("compare.organisations=[relay_race]", "study.lives.organisation=integrated")
    assert lives(one).organisation == "integrated" and found().organisation == "relay_race"
