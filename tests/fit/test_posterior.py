"""Likely sets beside the normal posterior of a linear world, where it is known."""

import numpy as np
import pytest
from scipy.stats import truncnorm

from simulator.fit.posterior import Posterior, posterior
from simulator.fit.response_surface import ResponseSurface
from tests.fit.made_up import World, points_of

#: Two parameters that are told, two of which only the sum is, and one on which nothing depends.
WORLD = World(
    slopes=np.array([[2.0, 1.0, 0, 0, 0], [0.5, 2.0, 0, 0, 0], [0, 0, 1.5, 1.5, 0]]),
    covariance=np.array([[0.02, 0.002, 0.0], [0.002, 0.02, 0.004], [0.0, 0.004, 0.006]]),
    constant=np.array([0.5, 0.0, -1.0]),
)
UNIT = np.zeros(2), np.ones(2)
TRUTH = np.array([[0.45, 0.55, 0.35, 0.45, 0.8]])


@pytest.fixture(scope="module")
def likely() -> tuple[np.ndarray, Posterior]:
    points = points_of(6000, 5, seed=1)
    observed = WORLD.run(TRUTH, seed=5)[0]
    surface = ResponseSurface(points, WORLD.run(points, seed=3), np.zeros(5), np.ones(5))
    return observed, posterior(surface.seen(observed), seed=4, sets=4000)


def test_what_is_told_is_told_as_the_normal_posterior_tells_it(likely: tuple[np.ndarray, Posterior]) -> None:
    observed, found = likely
    # the sum is one more parameter, which has the slope of both
    world = World(WORLD.slopes[:, :3], WORLD.covariance, WORLD.constant)
    mean, covariance = world.normal(observed, [0, 1, 2])
    deviations = np.sqrt(np.diag(covariance))
    assert (deviations < 0.1).all()
    drawn = np.column_stack([found.points[:, :2], found.points[:, 2] + found.points[:, 3]])
    # Luck of 4,000 draws, and of the 1200 sets that tell the noise: below a tenth of a standard deviation
    assert (np.abs(drawn.mean(axis=0) - mean) < 0.12 * deviations).all()
    assert drawn.std(axis=0) == pytest.approx(deviations, rel=0.08)
    exact = covariance / np.outer(deviations, deviations)
    assert np.corrcoef(drawn.T) == pytest.approx(exact, abs=0.08)
    assert found.correlations()[0, 1] == pytest.approx(exact[0, 1], abs=0.08) and exact[0, 1] < -0.3
    low, middle, high = found.interval(0, 0.9)
    assert (low, high) == pytest.approx((mean[0] - 1.645 * deviations[0], mean[0] + 1.645 * deviations[0]), abs=0.02)
    assert middle == pytest.approx(mean[0], abs=0.01)
    ends = found.intervals(0.9)
    assert (ends[0][0], ends[1][0]) == (low, high)


def test_what_is_not_told_keeps_its_prior(likely: tuple[np.ndarray, Posterior]) -> None:
    levels = np.array([0.025, 0.25, 0.5, 0.75, 0.975])
    assert np.quantile(likely[1].points[:, 4], levels) == pytest.approx(levels, abs=0.04)
    assert np.abs(likely[1].correlations()[4, :4]).max() < 0.08


def test_of_a_sum_its_parts_move_against_each_other(likely: tuple[np.ndarray, Posterior]) -> None:
    one, other = likely[1].points[:, 2], likely[1].points[:, 3]
    total = one + other
    # given a sum below 1 each part is even over all of it
    variance = np.mean(total**2) / 12 + np.var(total / 2)
    assert one.var() == pytest.approx(variance, rel=0.1) and other.var() == pytest.approx(variance, rel=0.1)
    exact = (total.var() - 2 * variance) / (2 * variance)
    assert likely[1].correlations()[2, 3] == pytest.approx(exact, abs=0.03) and exact < -0.9


def test_steps_are_mostly_taken_and_the_likelihood_is_turned_on_little_by_little(
    likely: tuple[np.ndarray, Posterior],
) -> None:
    assert 0.6 < likely[1].taken < 0.98 and 3 <= likely[1].turns < 30


@pytest.mark.parametrize(("observed", "low", "high"), [(0.0, 0.0, 1.0), (-0.3, 0.0, 1.0), (3.2, 0.25, 1.0),
                                                       (1.2, 0.3, 0.5)])  # fmt: skip
def test_a_truth_at_the_edge_or_beyond_stays_inside_as_a_truncated_normal(
    observed: float, low: float, high: float
) -> None:
    world = World(np.array([[3.0]]), np.array([[0.09]]), np.zeros(1))
    ends = np.array([low]), np.array([high])
    points = low + points_of(4000, 1, seed=1) * (high - low)
    distance = ResponseSurface(points, world.run(points, seed=2), *ends).seen(np.array([observed]))
    found = posterior(distance, seed=3, sets=4000).points[:, 0]
    assert low < found.min() and found.max() < high
    mean, deviation = observed / 3, 0.1
    exact = truncnorm((low - mean) / deviation, (high - mean) / deviation, mean, deviation)
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    assert np.quantile(found, levels) == pytest.approx(exact.ppf(levels), abs=0.12 * exact.std())


def test_two_valleys_are_both_likely() -> None:
    """A square tells no sign: both sides are as likely, and each is as wide as its own density says."""
    points = points_of(4000, 1, seed=1)
    numbers = (2 * points - 1) ** 2 + np.random.default_rng(2).normal(scale=0.1, size=points.shape)
    distance = ResponseSurface(points, numbers, np.zeros(1), np.ones(1)).seen(np.array([0.25]))
    found = posterior(distance, seed=3, sets=4000).points[:, 0]
    assert np.mean(found < 0.5) == pytest.approx(0.5, abs=0.1)
    # by hand: the density is exp(-away / 2) on an even grid
    grid = np.linspace(0.0005, 0.9995, 1000)
    weight = np.exp(-0.5 * (((2 * grid - 1) ** 2 - 0.25) / 0.1) ** 2)
    exact = np.cumsum(weight / weight.sum())
    upper = np.sort(np.maximum(found, 1 - found))
    half = (exact[grid > 0.5] - 0.5) * 2
    assert np.quantile(upper, [0.1, 0.5, 0.9]) == pytest.approx(
        np.interp([0.1, 0.5, 0.9], half, grid[grid > 0.5]), abs=0.012
    )


def test_sets_gather_in_the_deeper_of_two_valleys() -> None:
    """However many begin near the other one: its share is that of its density, by hand."""
    points = points_of(4000, 2, seed=1)
    valley = (2 * points[:, 0] - 1) ** 2 + 0.12 * points[
        :, 0
    ]  # the left one meets 0.25 + 0.03, the right one not quite
    numbers = np.column_stack([valley, points[:, 0]]) + np.random.default_rng(2).normal(
        scale=[0.1, 0.3], size=(4000, 2)
    )
    found = posterior(ResponseSurface(points, numbers, *UNIT).seen(np.array([0.28, 0.25])), seed=3, sets=4000).points[
        :, 0
    ]
    grid = np.linspace(0.0005, 0.9995, 1000)
    weight = np.exp(-0.5 * ((((2 * grid - 1) ** 2 + 0.12 * grid - 0.28) / 0.1) ** 2 + ((grid - 0.25) / 0.3) ** 2))
    exact = weight[grid > 0.5].sum() / weight.sum()
    assert 0.1 < exact < 0.3 and np.mean(found > 0.5) == pytest.approx(exact, abs=0.04)


def test_a_likelihood_far_from_the_prior_is_found() -> None:
    """Twelve parameters told to a fiftieth of their range: a part in 50 ** 12 of the prior."""
    rng = np.random.default_rng(1)
    points, truth = points_of(3000, 12, seed=1), rng.random(12) * 0.8 + 0.1
    surface = ResponseSurface(points, points + rng.normal(scale=0.02, size=points.shape), np.zeros(12), np.ones(12))
    found = posterior(surface.seen(truth), seed=3).points
    assert np.abs(found.mean(axis=0) - truth).max() < 0.005 and found.std(axis=0) == pytest.approx(0.02, rel=0.25)


def test_what_is_missed_widens_what_is_likely() -> None:
    """Two numbers that contradict each other: the best is 200 off, their luck explains 2; all is 10 times as wide."""
    points = points_of(3000, 2, seed=1)
    numbers = points[:, :1] + np.random.default_rng(2).normal(scale=0.01, size=(3000, 2))
    surface = ResponseSurface(points, numbers, *UNIT)
    met, missed = (posterior(surface.seen(np.array([0.5 - gap, 0.5 + gap])), seed=3, sets=2000)
                   for gap in (0.0, 0.1))  # fmt: skip
    assert met.tempering == 1.0 and missed.tempering == pytest.approx(2 / 200, rel=0.1)
    wide, narrow = missed.points[:, 0].std(), met.points[:, 0].std()
    assert narrow == pytest.approx(0.01 / np.sqrt(2), rel=0.1) and wide == pytest.approx(10 * narrow, rel=0.15)


def test_draws_are_some_of_the_sets_and_the_same_for_the_same_seed() -> None:
    sets = Posterior(points_of(50, 2, seed=1), 1.0, 1, 1.0)
    drawn = sets.drawn(20, seed=3)
    assert len({tuple(one) for one in drawn}) == 20, "each at most once"
    assert {tuple(one) for one in drawn} <= {tuple(one) for one in sets.points}
    assert np.array_equal(drawn, sets.drawn(20, seed=3)) and not np.array_equal(drawn, sets.drawn(20, seed=4))
    assert sets.drawn(70, seed=1).shape == (70, 2)
