"""A summary from a run's arrays, against the one that is read from its tables: the same to the last bit."""

from functools import cache

import numpy as np
import pytest

import simulator as sim
from simulator.results.summary import Summary, summarise
from simulator.scenario.scenario import Scenario
from tests.results import naive_summary

SHORT = ("run.warm_up_days=30", "run.cohort_days=100", "run.follow_up_days=60", "market.inquiries_per_year=600",
         "market.journey.prior_knowledge=0.8")  # fmt: skip

#: Scenario and overrides, by what they are there for.
CASES = {
    "the whole model": ("baseline", (*SHORT, "market.inquiries_per_year=5000")),
    "core journey": ("core_journey", SHORT),
    "replayed leads": ("replay", ("run.cohort_days=60", "run.follow_up_days=45")),
    "replayed as MQLs": ("replay", ("run.cohort_days=60", "run.follow_up_days=45", "market.leads.enter_as=mql")),
    "weeks that do not fit": ("baseline", (*SHORT, "run.follow_up_days=61", "mechanisms.budget=false")),
    "a change on the way": ("transition", (*SHORT, "organisations.changing.reorganisation.day=70")),
    "more than people can do": ("overload", SHORT),
    "many, quickly": ("transactional", (*SHORT, "organisations.integrated.quarter_end.window_days=60")),
    "nobody at all": ("baseline", (*SHORT, "market.inquiries_per_year=0")),
    "nobody in the cohort's period": ("baseline", ("run.warm_up_days=60", "run.cohort_days=1", "run.follow_up_days=1",
                                                   "market.inquiries_per_year=90")),
}  # fmt: skip


def same(one, other) -> bool:
    """Of one type, and equal in every bit; numbers of Python and of NumPy are the same here."""
    one, other = np.asarray(one), np.asarray(other)
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def assert_the_same(found: Summary, expected: Summary) -> None:
    """Every total and sample that the oracle knows; each metric's own oracle stands in `test_metrics.py`."""
    assert {name: one for name, one in expected.sums.items() if not same(one, found.sums[name])} == {}
    for name, one in expected.samples.items():
        assert same(one.durations, found.samples[name].durations) and same(one.codes, found.samples[name].codes)
    assert same(found.weekly_revenue, expected.weekly_revenue)


@cache
def simulated(case: str, organisation: str, engine: str = "compiled") -> sim.Result:
    return sim.simulate(scenario_of(case), organisation, seed=5, engine=engine)


@cache
def scenario_of(case: str) -> Scenario:
    return sim.load_scenario(CASES[case][0], list(CASES[case][1]))


#: Docking holds the engines together; what is read of their reports needs a few runs of the slower one.
BY_REFERENCE = ("the whole model", "replayed leads", "nobody at all")


@pytest.mark.parametrize(
    ("case", "engine"),
    [*((case, "compiled") for case in CASES), *((case, "reference") for case in BY_REFERENCE)],
)
def test_the_same_as_from_the_tables(case: str, engine: str) -> None:
    scenario = scenario_of(case)
    for name in scenario.compared()[-1 if engine == "reference" else 0 :]:
        result = simulated(case, name, engine)
        found = summarise(result, scenario, name, 0)
        assert_the_same(found, naive_summary.summary(result, scenario, name, 0))
        table = naive_summary.channels(result, scenario)
        for column in table:
            assert list(getattr(found.channels, column)) == table[column].tolist(), column
        assert same(float(found.channels.spend_usd.sum()), found.sums["spend"])
        frame = result.channels
        assert frame["channel"].astype(str).tolist() == list(found.channels.names)
        assert all(same(frame[column].to_numpy(), getattr(found.channels, column)) for column in frame.columns[3:])


def test_the_cases_have_what_is_summed() -> None:
    def sums(case: str) -> dict[str, float]:
        scenario = scenario_of(case)
        name = scenario.compared()[-1]
        return dict(summarise(simulated(case, name), scenario, name, 0).sums)

    quick = sums("many, quickly")
    whole, nobody, few = sums("the whole model"), sums("nobody at all"), sums("nobody in the cohort's period")
    assert whole["won_forecast"] > 5 and whole["open"] > 0
    assert quick["discounts"] > 0 and quick["self_served"] > 0
    assert nobody["buyers"] == few["cohort"] == 0 < few["buyers"]
