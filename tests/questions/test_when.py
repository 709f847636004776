"""Maps and rules of gaps that are known functions of the assumptions."""

from types import SimpleNamespace

import numpy as np
import pytest

from simulator.questions.registry import refuse as refuse_any
from simulator.questions.when import work as when
from simulator.questions.when.rule import find_rule
from simulator.questions.when.tell import QUESTION, rule_in_words
from simulator.questions.when.work import chart, crossings, refuse
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free
from tests.questions.known_gaps import CLASHES, DOUBT, HEAT, TRUST, asking, known, never, unit_ranges, with_twin
from tests.results.fake_journeys import fake_simulate

pytestmark = pytest.mark.usefixtures("ready_summaries")

NET = BY_KEY["net"]
FREE = unit_ranges(trust=TRUST, doubt=DOUBT, clashes=CLASHES)


def product(scenario, replication):
    """1,000,000 (x y - 0.2)."""
    return 1e6 * (scenario.market.trust.initial * scenario.market.trust.contradiction_cost - 0.2)


def cornered(scenario, replication):
    """Below 0 where trust is at most 0.4 and clashes are at least 0.5."""
    clashes = scenario.organisations["integrated"].consistency.contradiction_chance
    return -1000.0 if scenario.market.trust.initial <= 0.4 and clashes >= 0.5 else 1000.0


def asked(**settings):
    scenario = asking("when", FREE)
    settings = {"x": Free(TRUST, 0, 1), "y": Free(DOUBT, 0, 1), "points": 5, "hypercube": 0, "held_out": 60,
                "rule_replications": 2, **settings}  # fmt: skip
    for key, value in settings.items():
        setattr(scenario.study.when, key, value)
    return scenario


# --- the map ----------------------------------------------------------------------------------------------------------


def test_the_map_is_the_response():
    found = chart(asked(), simulate=known(product))
    table = found.map_table()
    assert list(found.map.space.names) == ["trust", "doubt"] and len(table) == 25
    assert table["gap"].to_numpy() == pytest.approx(1e6 * (table["trust"] * table["doubt"] - 0.2).to_numpy(), abs=0.02)
    assert list(table["trust"][:5]) == [0, 0.25, 0.5, 0.75, 1] and set(table["doubt"][:5]) == {0.0}
    assert found.explained is None and len(QUESTION.conclusion(found)) == 1


def test_break_even_is_where_the_response_is_0():
    [one] = chart(asked(points=4), simulate=known(product)).map.break_even(NET)
    assert one.value == pytest.approx(0.4, abs=1e-6), "x y = 0.2 at y = 0.5; linear in x, so that lines find it"
    assert one.interval == pytest.approx((0.4, 0.4), abs=1e-6)


def test_the_interval_of_break_even_is_the_jackknifes():
    shifted = known(lambda s, n: product(s, n) + 1e5 * (n - 0.5))  # replications break even at 0.5 and 0.3
    [one] = chart(asked(), simulate=shifted).map.break_even(NET)
    assert one.value == pytest.approx(0.4, abs=1e-6) and sorted(one.left_out) == pytest.approx([0.3, 0.5], abs=1e-6)


def test_the_present_place_is_on_the_map():
    scenario = asked(x=Free(HEAT, 0.1, 7, log=True))
    found = chart(scenario, simulate=known(product))
    assert found.map.present.values == {"half_life_days": 1.0, "doubt": 0.5} and 1.0 in found.map.xs
    assert list(found.map.xs) == sorted(found.map.xs) and len(found.map.xs) == 6


def test_a_twin_breaks_even_everywhere():
    found = chart(with_twin(asked(points=2)), simulate=fake_simulate)
    assert (found.map_table()[["gap", "ci_low", "ci_high"]] == 0).all(axis=None) and found.map.break_even(NET) == []
    assert "it keeps its sign whatever the trust" in QUESTION.conclusion(found)[0]


def test_crossings():
    xs = np.array([0.0, 1.0, 3.0])
    assert crossings(xs, np.array([-1.0, 1.0, -3.0])) == pytest.approx([0.5, 1.5])
    assert crossings(xs, np.array([1.0, 2.0, 0.5])) == [] == crossings(xs, np.array([0.0, 0.0, 0.0]))
    assert crossings(xs, np.array([1.0, np.nan, -1.0])) == []
    assert crossings(xs, np.array([1.0, 0.0, -1.0])) == [1.0] and crossings(xs, np.array([1.0, 0.0, 1.0])) == []
    assert crossings(np.arange(4.0), np.array([-1.0, 0.0, 0.0, 2.0])) == [1.5]


def test_more_metrics_have_a_map_each():
    found = chart(asked(metrics=["net", "cost_per_won"], points=2), simulate=known(product))
    assert list(found.map_table()["metric"][:2]) == ["net", "cost_per_won"]


# --- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_box_is_found_again():
    found = chart(asked(points=2, hypercube=200, density=0.95), simulate=known(cornered))
    rule = found.explained.rule
    trust, clashes = rule.restrictions
    assert found.explained.losing and (trust.name, clashes.name) == ("trust", "clashes"), "and doubt is let alone"
    assert trust.high == pytest.approx(0.4, abs=0.05) and trust.low is None
    assert clashes.low == pytest.approx(0.5, abs=0.05) and clashes.high is None
    for density, coverage in zip(rule.density, rule.coverage, strict=True):
        assert density.value >= 0.8 and coverage.value >= 0.8
    assert rule.base[1].value == pytest.approx(0.2, abs=0.05) and rule.support[0].count == 200
    assert trust.quasi_p_high < 1e-6 and np.isnan(trust.quasi_p_low)
    said = QUESTION.conclusion(found)[1]
    assert said.endswith("The scenario as it stands is one of the other cases."), "trust is 0.5"
    assert said.startswith("Relay race wins more where trust is at most 0.") and "clashes is at least 0." in said


def test_a_box_has_whole_ends_where_only_whole_numbers_are_tried():
    """Cases are where at least 3 of 0 to 5 rivals meet little trust; what lies between two whole numbers is no end."""
    draws = np.random.default_rng(5)
    points = [{"rivals": float(draws.integers(0, 6)), "trust": float(draws.random())} for _ in range(400)]
    cases = np.array([at["rivals"] >= 3 and at["trust"] < 0.5 for at in points])
    space = SimpleNamespace(parameters=(SimpleNamespace(name="rivals", whole=True),
                                        SimpleNamespace(name="trust", whole=False)))  # fmt: skip
    rule = find_rule(space, (points[:200], cases[:200]), (points[200:], cases[200:]), 0.9)
    rivals, trust = rule.restrictions
    assert (rivals.low, rivals.high) == (3.0, None) and trust.high == pytest.approx(0.5, abs=0.05)
    assert rule.density[1].value > 0.9


def test_density_and_coverage_are_counted_on_fresh_points():
    found = chart(asked(points=2, hypercube=100), simulate=known(cornered))
    one, table = found.explained, found.points_table()
    fresh = table[table["design"] == "held out"]
    inside, lost = fresh["in_box"].astype(bool), fresh["gap"] < 0
    assert one.rule.density[1].value == pytest.approx((inside & lost).sum() / inside.sum())
    assert one.rule.coverage[1].value == pytest.approx((inside & lost).sum() / lost.sum())
    assert one.rule.support[1].value == pytest.approx(inside.mean()) and len(fresh) == 60
    old = table[table["design"] == "found from"]
    assert set(zip(old["trust"], old["doubt"], strict=True)).isdisjoint(
        zip(fresh["trust"], fresh["doubt"], strict=True)
    )
    assert one.cases == (old["gap"] < 0).sum()
    rows = found.rule_table()
    assert list(rows["name"]) == ["trust", "clashes"] and rows["density_held_out"][0] == one.rule.density[1].value


def test_the_rarer_outcome_is_explained():
    found = chart(asked(points=2, hypercube=100), simulate=known(lambda s, n: -cornered(s, n)))
    assert not found.explained.losing and QUESTION.conclusion(found)[1].startswith(
        "Integrated wins more where trust is at most"
    )


def test_luck_makes_no_rule():
    def tossed(scenario, replication):  # by digits of the values that say nothing about where they lie
        return 1000.0 if int(scenario.market.trust.initial * 1e4) % 7 else -1000.0

    found = chart(asked(points=2, hypercube=100), simulate=known(tossed))
    assert found.explained.cases >= 10
    said = QUESTION.conclusion(found)[1]
    assert "there is no rule" in said or "(which may be chance)" in said


def test_too_few_cases_make_no_rule():
    found = chart(asked(points=2, hypercube=40), simulate=known(lambda *_: 1000.0))
    assert found.explained.rule is None and found.rule_table().empty
    assert rule_in_words(found, found.explained) == (
        "Relay race is better on the revenue less cost at 0 of 40 points spread over the ranges of 3 assumptions: too "
        "few for a rule, which takes 10."
    )
    assert found.points_table()["in_box"].isna().all()


def test_progress_counts_both_parts_as_one():
    told = []
    found = chart(
        asked(points=2, hypercube=20), lambda done, total: told.append((done, total)), simulate=known(product)
    )
    assert told == [(done, found.runs) for done in range(found.runs + 1)]


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_the_shipped_map_and_rule_fit_the_shipped_scenarios():
    for name in ("baseline", "transactional", "enterprise"):
        scenario = load_scenario(name, ["study=when", "study.when.hypercube=20", "study.when.held_out=10"])
        refuse_any(scenario)
        assert scenario.study.when.free == {} and len(scenario.study.sensitivity.free) > 8


def test_a_rule_without_ema_workbench_is_refused(monkeypatch):
    monkeypatch.setattr(when, "is_installed", lambda: False)
    with pytest.raises(ScenarioError, match=r"study\.when\.hypercube must be 0 without ema-workbench.* got 40"):
        refuse(check(asked(hypercube=40)))
    refuse(check(asked(hypercube=0)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"x": Free()}, "study.when.x.path must be a key below market, organisations or economics, got ''"),
        ({"y": Free(TRUST, 0, 1)}, "study.when.y.path must not set market.trust.initial, which x sets"),
        ({"hypercube": 5}, "study.when.hypercube must be 0 or at least 20, to find a rule, got 5"),
        (
            {"metrics": ["journey_before_rep"]},
            "study.when.metrics must name metrics of which more or less is better, got",
        ),
        (
            {"x": Free("market.trust.verification_low", 0, 1)},
            "study.when at verification_low 1, doubt 0: market.trust.",
        ),
        ({"free": unit_ranges(a="market.trust.verification_low"), "hypercube": 20}, "study.when.free at a "),
        ({"free": {}, "hypercube": 20}, "study.sensitivity.free must name at least one assumption to move, got none"),
    ],
)
def test_what_cannot_be_mapped_is_refused(settings, message):
    scenario = asked(**settings)
    for how in (lambda one: refuse(check(one)), lambda one: chart(one, simulate=never)):
        with pytest.raises(ScenarioError) as refused:
            how(scenario)
        assert str(refused.value).startswith(message) and "\n" not in str(refused.value)
