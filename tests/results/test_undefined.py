"""What has no value is NaN and nothing worse: no buyer, one buyer, what never varies, and what is infinite."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from simulator.model.words import Outcome
from simulator.results.channels import channels_table
from simulator.results.cohort import Cohort
from simulator.results.curves import cycle_curve, response_curve
from simulator.results.estimate import (
    Estimate,
    Pooled,
    differences_table,
    estimates,
    half_widths,
    metrics_table,
    of_sums,
    ratio_of_sums,
    ratios_of_sums,
    variance_ratio,
)
from simulator.results.load import load_table, period_load
from simulator.results.metric import Quantile
from simulator.results.metrics import METRICS
from simulator.results.months import months_table
from simulator.results.replications import replications_table
from simulator.results.roc import Scored, area, curve
from simulator.results.summary import summarise
from tests.results.fake_journeys import changed, fake_scenario, fake_simulate

SCENARIO = fake_scenario(follow_up_days=60)
SCENARIO.market.inquiries_per_year = 120.0


@pytest.fixture(autouse=True)
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def runs_with(buyers, replications, constant=False):
    """Runs of each organisation with so many buyers in the cohort; constant: the same run in each replication."""
    found = {}
    for name in SCENARIO.organisations:
        for replication in range(replications):
            result = fake_simulate(SCENARIO, name, replication=0 if constant else replication)
            if buyers is not None:
                history, cohort = result.report.history, Cohort(result.setup, result.report).chosen
                won = (history["outcome"] == Outcome.WON) & (history["opportunity_at"] >= 0)
                others = np.flatnonzero(~cohort)
                result = changed(result, np.append(others, np.flatnonzero(cohort & won)[:buyers]))
            found.setdefault(name, []).append(replace(result, replication=replication))
    return found


def every_table(runs):
    """All tables and curves that are made of summaries."""
    summaries = {
        name: [summarise(one, SCENARIO, name, one.replication) for one in results] for name, results in runs.items()
    }
    found = {name: estimates(own) for name, own in summaries.items()}
    count = len(next(iter(runs.values())))
    return {
        "metrics": metrics_table("made up", found, count),
        "differences": differences_table("made up", found),
        "replications": replications_table("made up", summaries),
        "channels": channels_table("made up", summaries),
        "months": months_table("made up", summaries),
        "load": load_table("made up", {name: [period_load(one) for one in own] for name, own in runs.items()}),
        "cycle": cycle_curve(summaries),
        "response": response_curve(summaries),
    }


@pytest.mark.parametrize("replications", [1, 2, 3])
@pytest.mark.parametrize("buyers", [0, 1, None])
def test_every_table_of_no_buyer_one_buyer_and_some(buyers, replications):
    tables = every_table(runs_with(buyers, replications))
    metrics = tables["metrics"].set_index(["organisation", "metric"])
    assert len(metrics) == 2 * len(METRICS)
    wins = metrics.xs("wins", level="metric")["estimate"]
    assert (wins == buyers).all() if buyers is not None else (wins > 1).all()
    won = metrics.xs("win_rate_inquiries", level="metric")["estimate"]
    assert won.isna().all() if buyers == 0 else (won > 0).all()
    times = [metric.key for metric in METRICS if isinstance(metric.estimator, Quantile) and metric.unit == "days"]
    assert metrics["estimate"].loc[(slice(None), times)].isna().all() == (buyers == 0)
    if replications == 1:
        for name in ("metrics", "channels", "months", "load"):
            assert tables[name][["ci_low", "ci_high"]].isna().all(axis=None), name
        assert tables["differences"][["ci_low", "ci_high", "variance_ratio"]].isna().all(axis=None)
    elif buyers == 1:  # the estimate of two runs without one of them is that of the other
        assert metrics.xs("wins", level="metric")["ci_low"].tolist() == [1.0, 1.0]


def test_what_never_varies_has_an_interval_of_no_width():
    tables = every_table(runs_with(None, 3, constant=True))
    metrics = tables["metrics"]
    assert np.allclose(metrics["ci_low"], metrics["estimate"], rtol=1e-12) and metrics["estimate"].notna().all()
    assert np.allclose(metrics["ci_high"], metrics["estimate"], rtol=1e-12)
    assert tables["differences"]["variance_ratio"].isna().all()


def test_one_run_that_has_a_denominator():
    # without the first replication there is nothing to divide by: the estimate stands, its interval does not
    found = ratio_of_sums(np.array([3.0, 0.0, 0.0]), np.array([6.0, 0.0, 0.0]))
    assert found.value == 0.5 and np.isnan(found.left_out[0]) and np.isnan(found.interval).all()
    assert np.isnan((found - found).interval).all() and np.isnan(variance_ratio(found, found))


@pytest.mark.parametrize("top, bottom, value", [(np.inf, 1.0, np.inf), (-np.inf, 1.0, -np.inf), (1.0, np.inf, 0.0),
                                                (np.inf, np.inf, np.nan), (np.nan, 1.0, np.nan)])  # fmt: skip
def test_infinite_sums(top, bottom, value):
    tops, bottoms = np.array([top, 1.0, 2.0]), np.array([bottom, 2.0, 2.0])
    found, plain = ratios_of_sums(np.array([tops, [1.0, 2.0, 3.0]]), np.array([bottoms, [2.0, 2.0, 2.0]]))
    assert found.value == pytest.approx(value, nan_ok=True)
    assert np.isnan(found.interval).all()
    for apart in (found - found, found - plain, plain - found):
        assert np.isnan(apart.interval).all()
    assert np.isnan(variance_ratio(found, plain)) and np.isnan(variance_ratio(plain, found))
    assert np.isfinite(plain.interval).all() and plain.value == 1.0  # its neighbour is what it was
    again = of_sums(lambda one, other: one / other, tops, bottoms)
    assert again.value == pytest.approx(value, nan_ok=True) and np.isnan(again.interval).all()


def test_half_widths_of_what_is_undefined_are_undefined():
    left_out = np.array([[np.inf, np.nan, 1.0, 1.0], [np.inf, 1.0, 1.0, 3.0], [1.0, 2.0, 1.0, 2.0]])
    half = half_widths(left_out)
    assert np.isnan(half[:2]).all() and half[2] == 0 < half[3]
    assert np.isnan(half_widths(np.zeros((1, 2)))).all() and np.isnan(half_widths(np.zeros((0, 2)))).all()
    assert np.isnan(Estimate(np.nan, np.empty(0)).interval).all()


def test_quantiles_and_incidences_of_nobody_and_of_one():
    nobody, one = (runs_with(buyers, 2)["integrated"] for buyers in (0, 1))
    for runs, value in ((nobody, np.nan), (one, 1.0)):
        pooled = Pooled([summarise(result, SCENARIO, "integrated", r) for r, result in enumerate(runs)], "cycle")
        share, half = pooled.incidence(np.array([0, 10**15]))
        assert share[0] == half[0] == 0 and (np.isnan(value) or share[1] == value)
        assert all(np.isnan(each.value) == np.isnan(value) for each in pooled.quantiles([0.25, 0.5]))


def test_scores_without_good_or_bad_ones():
    for good in (np.zeros(2, bool), np.ones(2, bool)):
        scored = [Scored(np.array([0.1, 0.9]), good), Scored(np.array([0.5, 0.5]), good)]
        assert np.isnan(area(scored).value) and np.isnan(area(scored).interval).all()
        for point in curve(scored):
            assert np.isnan(point.true_positive.value) != np.isnan(point.false_positive.value)
