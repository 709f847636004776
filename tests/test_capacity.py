"""A run that would not fit into memory is refused in one line before it takes any."""

import pytest

import simulator as sim
from simulator import capacity
from simulator.scenario.schema import ScenarioError


def test_too_many_buyers_are_refused_before_anything_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "free_bytes", lambda: 4_000_000_000)
    monkeypatch.setattr("simulator.engines.lowering.setup.draw_arrivals", lambda *_: pytest.fail("drawn"))
    scenario = sim.load_scenario("core_journey", ["market.inquiries_per_year=1e7"])
    with pytest.raises(ScenarioError) as refusal:
        sim.simulate(scenario, "one_pool")
    message = str(refusal.value)
    assert "22,465,753 in a run" in message and "9.7 GB of 4.0 GB" in message and "run.follow_up_days" in message
    assert "\n" not in message


def test_threads_take_memory_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    overrides = ["market.inquiries_per_year=1e6", "run.threads=2", "run.replications=2"]
    scenario = sim.load_scenario("core_journey", overrides)
    monkeypatch.setattr(capacity, "free_bytes", lambda: 5_000_000_000)
    with pytest.raises(ScenarioError, match=r"run\.threads=1, or fewer inquiries"):
        sim.compare(scenario)
    capacity.check_fits(scenario, capacity.TABLES_BYTES, at_a_time=1)


def test_what_fits_is_not_refused_and_neither_is_what_nobody_can_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = sim.load_scenario("core_journey", ["market.inquiries_per_year=1e9"])
    monkeypatch.setattr(capacity, "free_bytes", lambda: None)
    capacity.check_fits(scenario, capacity.RUN_BYTES)
    monkeypatch.undo()
    assert (capacity.free_bytes() or 0) > 1_000_000
    capacity.check_fits(sim.load_scenario("baseline"), capacity.TABLES_BYTES, at_a_time=8)
