"""How narrow intervals are, beside an independent library's rule, and how many replications a comparison takes."""

import numpy as np
import pytest
from sim_tools.output_analysis import confidence_interval_method

from simulator.questions.compare.precision import LEAST_SHARE, how_precise
from simulator.questions.compare.work import compare, refuse
from simulator.results.estimate import Estimate, estimates
from simulator.results.metrics import BY_KEY, METRICS
from simulator.scenario.schema import ScenarioError
from tests.results.fake_journeys import fake_scenario, fake_simulate


def precise(precision, first=4, most=60):
    scenario = fake_scenario(replications=first)
    scenario.study.compare.precision, scenario.study.compare.most_replications = precision, most
    return scenario


def flat():
    """Estimates of all metrics that never vary."""
    return {metric.key: Estimate(1.0, np.ones(5)) for metric in METRICS}


def test_the_width_of_a_mean_is_that_of_sim_tools():
    """Of wins, the mean over replications, both have Student's interval; its share of the mean, for 3 to 12 of them."""
    found = compare(fake_scenario("only", replications=12), simulate=fake_simulate)
    summaries = found.summaries["only"]
    wins = [summary.sums["won"] for summary in summaries]
    _, table = confidence_interval_method(wins, desired_precision=0.001, min_rep=3, decimal_places=12)
    for count in range(3, 13):
        one = estimates(summaries[:count], [BY_KEY["wins"]])["wins"]
        reached = how_precise({"only": {**flat(), "wins": one}}, count, 0.05)
        assert reached.metric.key == "wins"
        assert reached.width == pytest.approx(float(table["% deviation"].iloc[count - 1]), rel=1e-9)


def test_replications_are_added_until_every_interval_is_as_narrow():
    scenario = precise(0.3)
    found = compare(scenario, simulate=fake_simulate)
    assert found.reached is not None and found.reached.met and 4 < found.replications < 60
    assert found.scenario.run.replications == 4, "what was asked for is kept, so that it can be repeated"
    for name, own in found.found.items():
        for metric in (one for one in METRICS if one.headline):
            least = LEAST_SHARE if metric.unit == "share" else 0.0
            one = own[metric.key]
            if np.isfinite(one.interval[1]):
                assert one.interval[1] - one.value <= 0.3 * max(abs(one.value), least) * (1 + 1e-12)
            base = found.found["relay_race"][metric.key]
            apart = one - base
            if name != "relay_race" and np.isfinite(apart.interval[1]):
                assert apart.interval[1] - apart.value <= 0.3 * max(abs(base.value), least) * (1 + 1e-12)


def test_replications_that_come_later_change_nothing_of_those_before():
    all_at_once = compare(fake_scenario(replications=compare(precise(0.3), simulate=fake_simulate).replications),
                          simulate=fake_simulate)  # fmt: skip
    step_by_step = compare(precise(0.3), simulate=fake_simulate)
    assert step_by_step.metrics.equals(all_at_once.metrics)
    assert step_by_step.differences.equals(all_at_once.differences)


def test_what_cannot_be_met_within_the_budget_says_what_was_reached():
    reached = compare(precise(0.001, most=9), simulate=fake_simulate).reached
    assert not reached.met and reached.replications == 9 and reached.width > 0.001
    assert reached.needed == pytest.approx(9 * (reached.width / 0.001) ** 2, abs=1)


def test_the_next_batch_is_what_it_takes_within_bounds():
    for width, expected in ((0.051, 111), (0.06, 144), (0.5, 400)):
        one = Estimate(1.0, np.ones(5))
        reached = how_precise({"only": {**flat(), "wins": one}}, 100, 0.05)
        assert reached.width == 0.0
        assert type(reached)(0.05, width, BY_KEY["wins"], "only", "", 100).next_replications() == pytest.approx(
            expected, abs=1
        )


def test_a_precision_needs_replications_to_begin_with():
    with pytest.raises(
        ScenarioError, match=r"^run\.replications must be at least 2 for study=compare with a precision"
    ):
        refuse(precise(0.1, first=1))
    with pytest.raises(ScenarioError, match=r"^study\.compare\.most_replications must be at least run\.replications 8"):
        refuse(precise(0.1, first=8, most=7))
