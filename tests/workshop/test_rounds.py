"""Rounds: the same as a comparison to the last digit, though only what changed is run."""

import threading
from typing import Any

import pytest

from simulator.questions.compare.work import compare
from simulator.run import simulate
from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.scenario import Scenario
from simulator.workshop.levers import moved, sliders
from simulator.workshop.rounds import Rounds, lead

SMALL = ["run.replications=3", "run.cohort_days=40", "run.warm_up_days=20", "run.follow_up_days=60"]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("workshop", SMALL)


class Counted:
    """Simulates, and counts how often whom."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, scenario: Scenario, organisation: str, **given: Any) -> Any:
        with self._lock:
            self.names.append(organisation)
        return simulate(scenario, organisation, **given)


def test_a_round_equals_a_comparison_to_the_last_digit_and_runs_only_what_changed(scenario: Scenario) -> None:
    counted, levers = Counted(), sliders(scenario)
    rounds = Rounds(counted)
    assert rounds.compared(scenario).metrics.equals(compare(scenario).metrics)
    assert sorted(counted.names) == ["integrated"] * 3 + ["relay_race"] * 3

    counted.names.clear()
    slow = moved(check(scenario), levers, {"coordination/integrated": 5})
    now, told = rounds.compared(slow), compare(slow)
    assert now.metrics.equals(told.metrics) and now.differences.equals(told.differences)
    assert counted.names == ["integrated"] * 3

    counted.names.clear()
    fewer = moved(check(scenario), levers, {"reps": 0})
    assert rounds.compared(fewer).metrics.equals(compare(fewer).metrics)
    assert sorted(counted.names) == ["integrated"] * 3 + ["relay_race"] * 3

    counted.names.clear()
    three = load_scenario("workshop", [*SMALL, "compare.organisations=[relay_race,aligned,integrated]"])
    assert rounds.compared(three).differences.equals(compare(three).differences)
    assert counted.names == ["aligned"] * 3
    other = load_scenario("workshop", [*SMALL, "run.seed=2"])
    assert not rounds.compared(other).metrics.equals(rounds.compared(scenario).metrics)


def test_a_round_that_nobody_wants_any_more_ends_at_its_next_run(scenario: Scenario) -> None:
    counted = Counted()
    told: list[int] = []

    def enough(done: int, total: int) -> None:
        told.append(done)
        if done >= 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        Rounds(counted).compared(scenario, enough)
    assert told == [0, 1] and len(counted.names) < 6


def test_who_leads_is_the_largest_win_rate_and_its_paired_difference(scenario: Scenario) -> None:
    comparison = compare(scenario, organisations=["relay_race", "aligned", "integrated"])
    rates = {name: comparison.found[name]["win_rate_inquiries"].value for name in comparison.organisations}
    order = sorted(rates, key=lambda name: -rates[name])
    found = lead(comparison)
    assert [found.first, found.second] == order[:2]
    assert found.ahead.value == pytest.approx(rates[order[0]] - rates[order[1]])
    low, high = found.ahead.interval
    assert found.sure == (low > 0) and low <= found.ahead.value <= high
