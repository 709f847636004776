"""Shapley values beside their definition, known games, and organisations put together by hand."""

import copy
import itertools
import math
from functools import cache

import numpy as np
import pytest

from simulator.questions.attribution.tell import attribution_table
from simulator.questions.attribution.work import attribute, refuse
from simulator.questions.compare.work import compare
from simulator.questions.frame.coalitions import (
    REST,
    between,
    draw_orders,
    every_coalition,
    keys_apart,
    on_the_way,
    players,
    sampled_shapley,
    shapley,
)
from simulator.questions.frame.differing import differing
from simulator.results.estimate import estimates
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.paths import value_at
from simulator.scenario.schema import ScenarioError
from tests.editing import set_at

SHORT = ["study=attribution", "run.replications=3", "run.warm_up_days=10", "run.cohort_days=40",
         "run.follow_up_days=80", "market.inquiries_per_year=2000", "market.journey.step_days=2",
         "compare.organisations=[relay_race,integrated]"]  # fmt: skip
METRICS = ("inquiry_to_opportunity", "total_cost", "wins")
ASKED = ("access", "consistency")


@cache
def loaded():
    return load_scenario("baseline", SHORT)


def scenario(mechanisms=ASKED, **asked):
    one = copy.deepcopy(loaded())
    one.study.attribution.metrics, one.study.attribution.mechanisms = list(METRICS), list(mechanisms)
    for key, value in asked.items():
        setattr(one.study.attribution, key, value)
    return one


@cache
def found():
    return attribute(scenario())


def never(*_, **__):
    raise AssertionError("nothing may run")


def by_definition(values, count):
    """What each player adds on joining, averaged over all orders, one after the other."""
    total = np.zeros(count)
    for order in itertools.permutations(range(count)):
        coalition = 0
        for player in order:
            total[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return total / math.factorial(count)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6])
def test_shapley_values_are_those_of_the_definition(count):
    values = np.random.default_rng(count).normal(size=(1 << count, 3))
    expected = np.array([by_definition(column, count) for column in values.T]).T
    np.testing.assert_allclose(shapley(values, count), expected, atol=1e-12)


def test_shapley_values_of_a_game_of_gloves():
    """One left glove, two right ones; a pair is worth 1 (Shapley and Shubik 1969): 4/6, 1/6, 1/6."""
    values = np.array([float(c & 1 and c & 0b110 != 0) for c in range(8)])[:, None]
    np.testing.assert_allclose(shapley(values, 3)[:, 0], [4 / 6, 1 / 6, 1 / 6], atol=1e-15)


def test_drawn_orders_come_to_the_exact_values_and_always_add_up():
    count = 6
    generator = np.random.default_rng(7)
    values = {c: generator.normal(size=2) for c in every_coalition(count)}
    exact = shapley(np.array([values[c] for c in range(1 << count)]), count)
    drawn, variance = sampled_shapley(values, draw_orders(count, 4000, seed=3))
    gap = values[(1 << count) - 1] - values[0]
    np.testing.assert_allclose(drawn.sum(axis=0), gap, atol=1e-12)
    errors = (drawn[:, 0] - exact[:, 0]) / np.sqrt(variance)
    assert np.abs(errors).max() < 4  # six standard normals: beyond 4 once in 2,600 times


def test_the_interval_of_drawn_orders_covers_the_exact_value_as_often_as_it_says():
    """400 draws of 40 orders: standardised errors have a variance of 1 +- 4 sqrt(2/400), a little more for Student."""
    count, draws = 4, 400
    generator = np.random.default_rng(11)
    values = {c: generator.normal(size=1) for c in every_coalition(count)}
    exact = shapley(np.array([values[c] for c in range(1 << count)]), count)[0, 0]
    errors = []
    for seed in range(draws):
        drawn, variance = sampled_shapley(values, draw_orders(count, 40, seed))
        errors.append((drawn[0, 0] - exact) / math.sqrt(variance[0]))
    assert 0.75 < np.var(errors) < 1.45


def test_orders_come_in_pairs_backwards():
    orders = draw_orders(5, 11, seed=1)
    assert len(orders) == 10
    assert all(one == other[::-1] for one, other in zip(orders[::2], orders[1::2], strict=True))
    assert list(on_the_way((2, 0, 1))) == [0, 0b100, 0b101, 0b111]


# --- organisations in between -----------------------------------------------------------------------------------------


def test_nobody_is_the_baseline_and_everybody_the_challenger():
    one = scenario()
    own = players(check(one), "relay_race", "integrated", ASKED)
    assert own == ["access", "consistency", REST]
    nobody, everybody = (between(check(one), "relay_race", "integrated", joined, own) for joined in ([], own))
    assert not list(differing(nobody.organisations["integrated"], one.organisations["relay_race"]))
    assert not list(differing(everybody.organisations["integrated"], one.organisations["integrated"]))


@pytest.mark.parametrize("joined", [("access",), (REST,), ("consistency", REST), ("access", "consistency")])
def test_each_key_comes_from_whoever_joined(joined):
    one = scenario()
    own = players(check(one), "relay_race", "integrated", ASKED)
    mixed = between(check(one), "relay_race", "integrated", joined, own).organisations["integrated"]
    for key in keys_apart(check(one), "relay_race", "integrated"):
        owner = next((name for name in ASKED if key in ORGANISATION_NEUTRAL[name]), REST)
        giver = one.organisations["integrated" if owner in joined else "relay_race"]
        assert value_at(mixed, key) == value_at(giver, key), key


def test_without_anything_else_there_is_no_player_for_it():
    one = scenario()
    for key in keys_apart(check(one), "relay_race", "integrated"):
        if key not in (*ORGANISATION_NEUTRAL["access"], *ORGANISATION_NEUTRAL["speed"]):
            set_at(one.organisations["integrated"], key, value_at(one.organisations["relay_race"], key))
    assert players(check(one), "relay_race", "integrated", []) == ["access", "speed"]
    assert players(check(one), "relay_race", "integrated", ["speed"]) == ["speed", REST]


# --- the study --------------------------------------------------------------------------------------------------------


def test_parts_add_up_to_the_gap_and_the_gap_is_that_of_a_comparison():
    compared = compare(scenario())
    differences = compared.differences.set_index(["organisation", "metric"])["difference"]
    for metric in found().metrics:
        total = math.fsum(part.value for part in found().parts_of(metric))
        gap = found().gap(metric).value
        assert total == pytest.approx(gap, abs=1e-9 * max(1.0, abs(gap)))
        assert gap == pytest.approx(differences["integrated", metric.key], abs=1e-12)


def test_parts_are_those_of_organisations_put_together_by_hand():
    """Every coalition as a scenario of its own, run by itself; the definition on the metrics of these."""
    own = list(found().players)
    values = np.zeros((8, 1))
    for coalition in range(8):
        one = scenario()
        for place, name in enumerate(own):
            keys = ORGANISATION_NEUTRAL.get(name) or [
                key for key in keys_apart(check(one), "relay_race", "integrated")
                if not any(key in ORGANISATION_NEUTRAL[asked] for asked in ASKED)
            ]  # fmt: skip
            if not coalition >> place & 1:
                for key in keys:
                    set_at(one.organisations["integrated"], key, value_at(one.organisations["relay_race"], key))
        summaries = compare(one, organisations=["integrated"]).summaries["integrated"]
        values[coalition] = estimates(summaries, [BY_KEY["wins"]])["wins"].value
    expected = dict(zip(own, by_definition(values[:, 0], 3), strict=True))
    for part in found().parts_of(BY_KEY["wins"]):
        assert part.value == pytest.approx(expected[part.player], abs=1e-9)


def test_a_switched_off_mechanism_is_no_player_and_said_to_be_the_same_in_both():
    one = scenario()
    one.mechanisms.access = False
    attributed = attribute(one)
    assert attributed.players == ("consistency", REST)
    assert attributed.notes == ("the same in both, so without a part: access",)


def test_drawn_orders_of_three_players_that_pass_everywhere_give_the_exact_parts():
    """With all orders drawn equally often the mean is exact; 3 players have 6, and 64 of them come close."""
    drawn = attribute(scenario(method="sampled", orders=64))
    assert not drawn.exact and drawn.coalitions == found().coalitions
    for exact in found().parts:
        part = next(p for p in drawn.parts if (p.player, p.metric) == (exact.player, exact.metric))
        assert part.low <= exact.value <= part.high or part.value == pytest.approx(exact.value)


def test_the_table_is_tidy():
    table = attribution_table(found())
    assert len(table) == 3 * len(METRICS)
    assert set(table["player"]) == {"access", "consistency", REST}
    wins = table[table["metric"] == "wins"]
    assert wins["share_of_gap"].sum() == pytest.approx(1.0)
    assert (wins["ci_low"] <= wins["value"]).all() and (wins["value"] <= wins["ci_high"]).all()


def test_ten_mechanisms_are_sampled_unless_told_otherwise():
    one = scenario(mechanisms=())
    with pytest.raises(ScenarioError, match=r"^study\.attribution\.method=exact takes at most 8 mechanisms, got 12, "
                       r"which are 4,096 organisations to run"):  # fmt: skip
        refuse(check(scenario(mechanisms=(), method="exact")))
    refuse(check(one))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"metrics": ["winz"]}, "study.attribution.metrics must name metrics, got 'winz': did you mean wins?"),
        ({"mechanisms": ["acess"]}, "study.attribution.mechanisms must name mechanisms, got 'acess': did you mean "),
        ({"mechanisms": ["rivals"]}, "study.attribution.mechanisms must name mechanisms of organisations (access, "),
        ({"challenger": "aligned"}, "study.attribution.challenger must name compared organisations, got 'aligned'"),
        (
            {"challenger": "relay_race"},
            "study.attribution.challenger must name compared organisations, got 'relay_race'",
        ),
    ],
)
def test_wrong_questions_are_refused(asked, message):
    one = scenario()
    for key, value in asked.items():
        setattr(one.study.attribution, key, value)
    with pytest.raises(ScenarioError) as refused:
        attribute(one, simulate=never)
    assert str(refused.value).startswith(message) and "\n" not in str(refused.value)


def test_equal_organisations_are_refused():
    one = scenario()
    one.organisations["integrated"] = copy.deepcopy(one.organisations["relay_race"])
    with pytest.raises(ScenarioError, match="must differ from relay_race in something, got 'integrated'"):
        attribute(one, simulate=never)


def test_an_organisation_in_between_that_cannot_be_is_refused_by_name():
    """Marketers answer buyers with access, and only what else differs brings marketers."""
    one = scenario()
    relay, team = one.organisations["relay_race"], one.organisations["integrated"]
    pay = relay.roles.marketer.headcount * relay.roles.marketer.pay_usd_per_year
    relay.roles.marketer.headcount = 0
    relay.roles.rep.pay_usd_per_year += pay / relay.roles.rep.headcount
    assert team.roles.marketer.headcount > 0
    with pytest.raises(ScenarioError, match="integrated with only its access, as in relay_race otherwise: "
                       r"organisations\.integrated\.roles\.marketer\.headcount must be at least 1"):  # fmt: skip
        attribute(one, simulate=never)
