import math

import numpy as np
import pandas as pd
import pytest

from simulator.questions.compare.work import compare
from simulator.results.estimate import DIFFERENCE_COLUMNS, METRIC_COLUMNS, estimates
from simulator.results.metrics import METRICS
from simulator.scenario.schema import ScenarioError
from tests.results import naive
from tests.results.fake_journeys import fake_scenario, fake_simulate


def value(table, organisation, metric, column):
    return table.set_index(["organisation", "metric"]).loc[(organisation, metric), column]


def test_the_tidy_tables():
    found = compare(fake_scenario("relay_race", "aligned", "integrated"), simulate=fake_simulate)
    assert list(found.metrics.columns) == list(METRIC_COLUMNS)
    assert list(found.differences.columns) == list(DIFFERENCE_COLUMNS)
    assert len(found.metrics) == 3 * len(METRICS) and len(found.differences) == 2 * len(METRICS)
    assert set(found.differences["organisation"]) == {"aligned", "integrated"}
    assert set(found.differences["baseline"]) == {found.baseline} == {"relay_race"}
    assert set(found.metrics["replications"]) == {4} and set(found.metrics["scenario"]) == {"fake"}
    finite = found.metrics.dropna()
    assert (finite["ci_low"] <= finite["estimate"]).all() and (finite["estimate"] <= finite["ci_high"]).all()


def test_differences_are_paired():
    found = compare(fake_scenario(replications=6), simulate=fake_simulate)
    pairs = list(zip(*(found.summaries[name] for name in found.organisations), strict=True))
    for key in ("win_rate_opportunities", "cycle_time_median", "cost_per_won"):

        def difference(parts, key=key):
            baseline, other = (estimates([pair[i] for pair in parts])[key].value for i in (0, 1))
            return other - baseline

        expected = naive.jackknife(pairs, difference)
        columns = ("difference", "ci_low", "ci_high")
        assert [value(found.differences, "integrated", key, c) for c in columns] == pytest.approx(expected)
    values = [[estimates([s])["wins"].value for s in found.summaries[name]] for name in found.organisations]
    ratio = (np.var(values[0]) + np.var(values[1])) / np.var(np.subtract(*values))
    assert value(found.differences, "integrated", "wins", "variance_ratio") == pytest.approx(ratio)


def test_an_organisation_that_changes_nothing():
    scenario = fake_scenario("relay_race", "twin")
    found = compare(scenario, simulate=lambda s, _, **how: fake_simulate(s, "relay_race", **how))
    apart = found.differences
    assert (apart.dropna()[["difference", "ci_low", "ci_high"]] == 0).all(axis=None)
    assert value(apart, "twin", "win_rate_inquiries", "variance_ratio") == math.inf
    assert math.isnan(value(apart, "twin", "response_within_1_hour", "ci_low")) is False


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_do_not_change_a_digit(threads):
    tables = [
        [table.to_csv() for table in (found.metrics, found.differences)]
        for found in (compare(fake_scenario(threads=t), simulate=fake_simulate) for t in (1, threads))
    ]
    assert tables[0] == tables[1]


def test_what_is_given_replaces_what_the_scenario_says():
    scenario, asked = fake_scenario("a", "b", "c"), []

    def simulate(one, organisation, **how):
        asked.append((organisation, how["seed"], how["replication"], how["engine"], how["record"]))
        return fake_simulate(one, organisation, **how)

    kept, told = [], []
    found = compare(scenario, replications=2, seed=7, organisations=["c", "a"], engine="reference",
                    progress=lambda done, total: told.append((done, total)), simulate=simulate,
                    keep=lambda result: kept.append(result.journeys["organisation"].iloc[0]))  # fmt: skip
    expected = [(name, 7, r, "reference", "journeys") for r in (0, 1) for name in ("c", "a")]
    assert sorted(asked) == sorted(expected)
    assert kept == ["c", "a", "c", "a"] and told == [(done, 4) for done in range(5)]
    assert found.organisations == ("c", "a") and found.scenario.run.seed == 7
    assert scenario.run.replications == 4 and scenario.compare.organisations == []


def test_one_replication_and_one_organisation():
    found = compare(fake_scenario("only"), replications=1, simulate=fake_simulate)
    assert found.differences.empty and list(found.differences.columns) == list(DIFFERENCE_COLUMNS)
    assert found.metrics[["ci_low", "ci_high"]].isna().all(axis=None)


def never(*_, **__):
    raise AssertionError("nothing may run")


def test_unequal_payrolls_are_refused_before_anything_runs():
    scenario = fake_scenario()
    scenario.organisations["integrated"].roles.rep.headcount += 1
    with pytest.raises(ScenarioError, match=r"compare\.equal_payroll must be false"):
        compare(scenario, simulate=never)
    scenario.compare.equal_payroll = False
    payrolls = compare(scenario, replications=1, simulate=fake_simulate).payrolls()
    assert payrolls["integrated"] - payrolls["relay_race"] == 190_000


@pytest.mark.parametrize("given", [{"replications": 0}, {"engine": "steam"}, {"organisations": ["nobody"]}])
def test_what_cannot_run_is_refused_before_anything_runs(given):
    with pytest.raises(ScenarioError):
        compare(fake_scenario(), simulate=never, **given)


def test_leads_are_read_before_anything_runs(tmp_path):
    scenario = fake_scenario(warm_up_days=0, cohort_days=2)
    scenario.market.leads.path = str(tmp_path / "none.csv")
    with pytest.raises(ScenarioError, match=r"market\.leads\.path"):
        compare(scenario, simulate=never)
    (tmp_path / "none.csv").write_text("created,channel\n2025-01-06,search\n2025-01-10,search\n")
    assert "fall outside the cohort" in compare(scenario, simulate=fake_simulate).note


def test_an_error_in_a_run_comes_through():
    def broken(scenario, organisation, **how):
        if how["replication"] == 2:
            raise ZeroDivisionError("in the engine")
        return fake_simulate(scenario, organisation, **how)

    with pytest.raises(ZeroDivisionError, match="in the engine"):
        compare(fake_scenario(threads=2), simulate=broken)


def test_summaries_are_small():
    found = compare(fake_scenario(), simulate=fake_simulate)
    for summaries in found.summaries.values():
        for summary in summaries:
            assert summary.channels.names == tuple(found.scenario.market.channels)
            assert not any(
                isinstance(part, pd.DataFrame) for part in [*vars(summary).values(), *vars(summary.channels).values()]
            )
            assert sum(sample.durations.nbytes for sample in summary.samples.values()) < 20_000
