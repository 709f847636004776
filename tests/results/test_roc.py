"""ROC and AUC beside a count of all pairs and a closed form."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.results.roc import Scored, area, curve, passing, shares
from tests.results import naive


def made(replications, rng, ties=False):
    found = []
    for _ in range(replications):
        count = int(rng.integers(30, 60))
        good = rng.random(count) < 0.3
        scores = rng.normal(size=count) + 0.8 * good
        found.append(Scored(np.round(scores, 1) if ties else scores, good))
    return found


def by_pairs(parts):
    """Share of (good, bad) pairs in which the good one is above, ties half: every pair looked at."""
    good = [score for one in parts for score in one.scores[one.good]]
    bad = [score for one in parts for score in one.scores[~one.good]]
    return sum((g > b) + 0.5 * (g == b) for g in good for b in bad) / (len(good) * len(bad))


@pytest.mark.parametrize("ties", [False, True])
def test_the_area_counts_every_pair_and_its_interval_leaves_out_replications(ties):
    parts = made(5, np.random.default_rng(1), ties)
    found = area(parts)
    assert (found.value, *found.interval) == pytest.approx(naive.jackknife(parts, by_pairs), abs=1e-12)


@pytest.mark.parametrize("noise", [0.2, 1.0])
def test_the_area_of_normal_scores(noise):
    # Good ones score N(1, 0.5^2 + noise^2), others N(0, the same): AUC = Phi(1 / sqrt(2 (0.25 + noise^2))).
    rng = np.random.default_rng(7)
    parts = []
    for _ in range(20):
        good = rng.random(2000) < 0.4
        parts.append(Scored(good + rng.normal(0, 0.5, 2000) + rng.normal(0, noise, 2000), good))
    found = area(parts)
    theory = stats.norm.cdf(1 / math.sqrt(2 * (0.25 + noise**2)))
    low, high = found.interval
    assert low < theory < high and high - low < 0.02
    assert found.value == pytest.approx(stats.mannwhitneyu(
        np.concatenate([one.scores[one.good] for one in parts]),
        np.concatenate([one.scores[~one.good] for one in parts])).statistic / _pairs(parts))  # fmt: skip


def _pairs(parts):
    return sum(one.good.sum() for one in parts) * sum((~one.good).sum() for one in parts)


def test_intervals_cover_as_often_as_they_say():
    rng, theory = np.random.default_rng(3), stats.norm.cdf(1 / math.sqrt(2))
    hits = 0
    for _ in range(200):
        parts = []
        for _ in range(10):
            good = rng.random(100) < 0.5
            parts.append(Scored(good + rng.normal(size=100), good))
        low, high = area(parts).interval
        hits += low < theory < high
    assert hits >= stats.binom.ppf(0.001, 200, 0.95)


def test_the_curve_goes_up_from_nobody_to_everybody_and_holds_the_area():
    parts = made(6, np.random.default_rng(2))
    points = curve(parts)
    true, false = ([getattr(one, f"{side}_positive").value for one in points] for side in ("true", "false"))
    assert (true[0], false[0], true[-1], false[-1]) == (0, 0, 1, 1)
    assert (np.diff(true) >= 0).all() and (np.diff(false) >= 0).all()
    assert np.trapezoid(true, false) == pytest.approx(area(parts).value, abs=0.01)


def test_who_passes_is_counted():
    parts = made(4, np.random.default_rng(5))
    point = passing(parts, 0.5)
    good, bad = (np.concatenate([one.scores[one.good == side] for one in parts]) for side in (True, False))
    assert point.true_positive.value == (good >= 0.5).mean() and point.false_positive.value == (bad >= 0.5).mean()
    assert shares(parts, [one.scores >= 0.5 for one in parts])[0].interval == point.true_positive.interval


def test_without_good_ones_there_is_no_area():
    parts = [Scored(np.arange(3.0), np.zeros(3, bool))] * 2
    assert math.isnan(area(parts).value) and math.isnan(passing(parts, 1.0).true_positive.value)
    everybody = [Scored(np.arange(3.0), np.ones(3, bool))] * 2
    assert math.isnan(area(everybody).value) and curve(everybody) == []
