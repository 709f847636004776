"""Cohorts by month beside counting in the journeys' table."""

import numpy as np
import pytest

import simulator as sim
from simulator.results.months import MEASURES, months_table
from simulator.results.summary import summarise
from simulator.scenario.composing import load_scenario
from tests.results.fake_journeys import fake_scenario, fake_simulate


@pytest.mark.parametrize("scenario", ["baseline", "replay"])
def test_months_are_those_of_the_journeys(scenario):
    short = [] if scenario == "replay" else ["run.warm_up_days=20", "run.cohort_days=100", "run.follow_up_days=60"]
    chosen = load_scenario(scenario, [*short, "run.replications=2"])
    organisation = chosen.compared()[0]
    result = sim.simulate(chosen, organisation)
    months = summarise(result, chosen, organisation, 0).months
    journeys = result.journeys[result.journeys["in_cohort"]]
    inquired = journeys["inquiry_at"].notna() | (scenario == "replay")
    month = journeys["arrived_at"].dt.strftime("%Y-%m")
    for name, own in (("buyers", month), ("inquiries", month[inquired]),
                      ("won", month[inquired & (journeys["outcome"] == "won")]),
                      ("opportunities", month[inquired & journeys["opportunity_at"].notna()])):  # fmt: skip
        counts = own.value_counts()
        assert dict(zip(months.names, getattr(months, name).tolist(), strict=True)) == {
            one: counts.get(one, 0) for one in months.names
        }
    assert months.buyers.sum() == len(journeys) and list(months.names) == sorted(set(months.names))


def test_the_table_adds_up_and_pairs():
    scenario = fake_scenario(replications=5)
    summaries = {
        name: [summarise(fake_simulate(scenario, name, replication=i), scenario, name, i) for i in range(5)]
        for name in scenario.organisations
    }
    table = months_table("made up", summaries)
    assert len(table) == 2 * len(MEASURES) * table["month"].nunique()
    one = table.set_index(["organisation", "measure", "month"])
    wins = one.loc["integrated", "wins"]["estimate"].sum()
    assert wins == pytest.approx(np.mean([summary.sums["won_inquiries"] for summary in summaries["integrated"]]))
    rates = one["estimate"].unstack("organisation").loc["win_rate_inquiries"]
    apart = one.loc["integrated", "win_rate_inquiries"]["difference"]
    assert np.allclose(apart, rates["integrated"] - rates["relay_race"], equal_nan=True)
    assert one.loc["relay_race"]["difference"].isna().all()
    finite = table.dropna()
    assert (finite["difference_ci_low"] <= finite["difference"]).all()
