"""Paths beside ones whose truth is known: bands, dips and paybacks."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.questions.transition.path import (
    at_day,
    band,
    cumulative,
    dip_of,
    mean_of,
    payback,
    payback_of,
    pointwise,
    share_of,
)

DAYS = np.arange(0.0, 71.0, 7.0)


def walks(rng, replications, truth, spread):
    """Paths around a truth, each step with luck of its own."""
    steps = rng.normal(0.0, spread, (replications, len(truth)))
    steps[:, 0] = 0.0
    return truth + np.cumsum(steps, axis=1)


def test_running_sums_begin_at_0():
    assert cumulative(np.array([[1.0, -3.0, 5.0]])).tolist() == [[0.0, 1.0, -2.0, 3.0]]


def test_the_pointwise_band_is_students():
    paths = np.random.default_rng(1).normal(5.0, 2.0, (12, 3))
    for column, half in zip(paths.T, pointwise(paths), strict=True):
        ends = stats.t.interval(0.95, 11, column.mean(), stats.sem(column))
        assert half == pytest.approx((ends[1] - ends[0]) / 2)


def test_the_simultaneous_band_of_one_point_is_the_pointwise_one_and_of_many_is_wider():
    rng = np.random.default_rng(2)
    one = rng.normal(size=(20, 1))
    alike = band(np.repeat(one, 30, axis=1))  # the same at every point: nothing more to cover
    assert alike.simultaneous == pytest.approx(alike.pointwise, rel=0.03)
    apart = band(rng.normal(size=(20, 30)))
    assert (apart.simultaneous > 1.3 * apart.pointwise).all()


@pytest.mark.long
def test_the_simultaneous_band_covers_whole_paths_as_often_as_it_says():
    rng, truth = np.random.default_rng(3), np.linspace(0.0, 40.0, 40)
    whole = single = 0
    for _ in range(200):
        found = band(walks(rng, 20, truth, 3.0))
        off = np.abs(found.mean - truth)
        whole += bool((off <= found.simultaneous + 1e-12).all())
        single += bool((off <= found.pointwise + 1e-12).all())
    assert 0.90 <= whole / 200 <= 0.995  # 95% within two and a half standard errors of 200 trials, and a bit more
    assert single / 200 < 0.88  # which is why there is another one


def test_what_never_moves_has_no_width():
    found = band(np.tile([0.0, -5.0, 3.0], (6, 1)))
    assert found.pointwise.tolist() == found.simultaneous.tolist() == [0.0, 0.0, 0.0]
    alone = band(np.array([[0.0, 1.0]]))
    assert alone.mean.tolist() == [0.0, 1.0] and np.isnan(alone.simultaneous).all()


@pytest.mark.parametrize(
    "path, day",
    [
        ([0, -1, -2, 1, 2], 21.0),
        ([0, -1, 3, -1, 2], 28.0),  # for good, not for the first time
        ([0, 1, 2, 3, 4], 0.0),
        ([0, -1, 0, 0, 0], 14.0),
        ([0, 1, 2, 1, -1], math.inf),
    ],
)
def test_payback_is_for_good(path, day):
    assert payback(DAYS[:5], np.array(path, float)) == day


def test_the_interval_of_a_payback_is_that_of_resamples_enumerated():
    early, late = [0.0, -1.0, 2.0, 2.0, 2.0], [0.0, -1.0, -1.0, -1.0, 3.0]
    found = payback_of(DAYS[:5], np.array([early, late]))
    assert found.value == 14.0  # means: -1, 0.5, ...
    assert (found.low, found.high) == (14.0, 28.0)  # a quarter of the resamples hold one of them twice
    never = payback_of(DAYS[:5], np.array([early, [0.0, -9.0, -9.0, -9.0, -9.0]]))
    assert math.isinf(never.value) and (never.low, never.high) == (14.0, math.inf)
    assert math.isnan(payback_of(DAYS[:5], np.array([early])).low)


def test_a_dip_of_known_depth_and_day():
    path = np.array([0.0, -10.0, -30.0, -20.0, 5.0])
    depth, day = dip_of(DAYS[:5], np.array([path, path + [0, 0, 4, 0, 0], path - [0, 0, 4, 0, 0]]))
    assert (depth.value, day.value, day.low, day.high) == (-30.0, 14.0, 14.0, 14.0)
    half = stats.t.ppf(0.975, 2) * 4 / math.sqrt(3)
    assert (depth.low, depth.high) == (pytest.approx(-30 - half), pytest.approx(-30 + half))
    none, _ = dip_of(DAYS[:3], np.array([[0.0, 1.0, 2.0], [0.0, 2.0, 3.0]]))
    assert none.value == 0.0 and none.high == 0.0


def test_the_depth_of_a_dip_is_found_as_often_as_its_docstring_says():
    rng = np.random.default_rng(4)
    at = np.arange(60.0)
    truth = np.where(at < 20, -5 * at, -100 + 6 * (at - 20))
    held = 0
    for _ in range(100):
        depth, _ = dip_of(at, walks(rng, 20, truth, 20.0))
        held += depth.low <= truth.min() <= depth.high
    assert held >= 88  # 95% less three standard errors of 100 trials


def test_a_value_between_two_points_and_beyond_the_end():
    paths = np.array([[0.0, 7.0, 7.0], [0.0, 21.0, 7.0]])
    half_way = at_day(DAYS[:3], paths, 3.5)
    assert half_way.value == 7.0 and half_way.low < 7.0 < half_way.high
    assert math.isnan(at_day(DAYS[:3], paths, 14.1).value) and at_day(DAYS[:3], paths, 14.0).value == 7.0


def test_means_and_shares():
    values = np.array([1.0, 2.0, 6.0])
    found, ends = mean_of(values), stats.t.interval(0.95, 2, 3.0, stats.sem(values))
    assert (found.value, found.low, found.high) == (3.0, pytest.approx(ends[0]), pytest.approx(ends[1]))
    z = stats.norm.ppf(0.975)
    centre, half = (0.8 + z * z / 20) / (1 + z * z / 10), z * math.sqrt(0.016 + z * z / 400) / (1 + z * z / 10)
    share = share_of(8, 10)
    assert (share.value, share.low, share.high) == (0.8, pytest.approx(centre - half), pytest.approx(centre + half))
