"""Values of single replications beside pandas on each replication's journeys."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

import simulator as sim
from simulator.results.metrics import METRICS
from simulator.results.replications import replications_table
from simulator.results.summary import Summary, summarise
from tests.results.fake_journeys import fake_scenario, fake_simulate

KEPT: dict[tuple[str, int], sim.Result] = {}


@pytest.fixture(scope="module")
def summaries() -> Mapping[str, Sequence[Summary]]:
    scenario = fake_scenario(replications=5, follow_up_days=600)
    found: dict[str, list[Summary]] = {name: [] for name in scenario.organisations}
    for name in found:
        for replication in range(5):
            KEPT[name, replication] = result = fake_simulate(scenario, name, replication=replication)
            found[name].append(summarise(result, scenario, name, replication))
    return found


def test_values_are_those_of_each_replications_journeys(summaries: Mapping[str, Sequence[Summary]]) -> None:
    table = replications_table("made up", summaries)
    assert len(table) == 2 * 5 * len(METRICS) and not table.duplicated(["organisation", "metric", "replication"]).any()
    value = table.set_index(["organisation", "metric", "replication"])["value"].sort_index()
    for (name, replication), result in KEPT.items():
        cohort = result.journeys[result.journeys["in_cohort"]]
        inquired, won = cohort[cohort["inquiry_at"].notna()], cohort[cohort["outcome"] == "won"]
        assert value[name, "wins", replication] == len(won)
        assert value[name, "win_rate_inquiries", replication] == pytest.approx((inquired["outcome"] == "won").mean())
        assert value[name, "revenue", replication] == pytest.approx(won["value_usd"].sum())
        reached = inquired[inquired["first_contact_at"].notna()]
        hours = (reached["first_contact_at"] - reached["inquiry_at"]).dt.total_seconds().clip(lower=0) / 3600
        assert value[name, "response_median", replication] == pytest.approx(
            np.quantile(hours, 0.5, method="inverted_cdf")
        )
        assert (cohort["outcome"] != "open").all()  # without censoring the median is that of those who bought
        days = (won["ended_at"] - won["arrived_at"]).dt.total_seconds() / 86_400
        expected = np.quantile(days, 0.5, method="inverted_cdf")
        assert value[name, "cycle_time_median", replication] == pytest.approx(expected)


def test_a_mean_per_replication_is_the_mean_of_the_values(summaries: Mapping[str, Sequence[Summary]]) -> None:
    from simulator.results.estimate import estimates

    table = replications_table("made up", summaries).groupby(["organisation", "metric"])["value"].mean()
    for name, runs in summaries.items():
        found = estimates(runs)
        for key in ("wins", "revenue", "net", "total_cost"):
            assert table[name, key] == pytest.approx(found[key].value)


def test_what_has_no_value_is_missing(summaries: Mapping[str, Sequence[Summary]]) -> None:
    name, runs = next(iter(summaries.items()))
    sums = {**runs[0].sums, "won": 0, "contacted": 0}
    nobody = {key: type(one)(one.durations[:0], one.codes[:0]) for key, one in runs[0].samples.items()}
    table = replications_table("made up", {name: [Summary(name, 0, sums, nobody), runs[1]]})
    value = table.set_index(["metric", "replication"])["value"]
    for key in ("cost_per_won", "cycle_time_median", "response_median", "response_within_1_hour", "self_served"):
        assert np.isnan(value[key, 0]) and np.isfinite(value[key, 1]), key
    assert value["wins", 0] == 0
