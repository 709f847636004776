"""Profiles beside the parabolas of a linear world, where they are known."""

import numpy as np
import pytest

from simulator.fit.profile_likelihood import FLAT, Profile, profiles
from simulator.fit.response_surface import Distance, ResponseSurface
from tests.fit.made_up import World, points_of

#: Two parameters that are told, two of which only the sum is, and one on which nothing depends.
WORLD = World(
    slopes=np.array([[2.0, 1.0, 0, 0, 0], [0.5, 2.0, 0, 0, 0], [0, 0, 1.5, 1.5, 0]]),
    covariance=np.array([[0.04, 0.01, 0.0], [0.01, 0.04, 0.0], [0.0, 0.0, 0.02]]),
    constant=np.array([0.5, 0.0, -1.0]),
)


def exactly(world: World, observed: np.ndarray) -> Distance:
    """The distance of a world whose numbers have no luck, with the weight that its luck would have."""
    size = world.slopes.shape[1]
    points = points_of(2000, size, seed=1)
    surface = ResponseSurface(points, world.expected(points), np.zeros(size), np.ones(size))
    return Distance(surface, observed, np.linalg.inv(world.covariance))


def test_the_deviance_is_a_parabola_as_wide_as_the_others_following_make_it() -> None:
    observed = WORLD.expected(np.array([[0.48, 0.53, 0.5, 0.5, 0.2]]))[0]
    found = profiles(exactly(WORLD, observed), points_of(4, 5, seed=2))
    mean, covariance = World(WORLD.slopes[:, :2], WORLD.covariance, WORLD.constant + [0, 0, 1.5]).normal(
        observed, [0, 1]
    )
    for place, other in ((0, 1), (1, 0)):
        grid = found[place].points
        follows = mean[other] + covariance[0, 1] / covariance[place, place] * (grid - mean[place])
        inside = (follows > 0.02) & (follows < 0.98)
        assert inside.sum() >= 8
        exact = (grid - mean[place]) ** 2 / covariance[place, place]
        assert found[place].deviance[inside] == pytest.approx(exact[inside], rel=0.01, abs=0.02)
        alone = (grid - mean[place]) ** 2 * np.linalg.inv(covariance)[place, place]
        assert (found[place].deviance[[0, -1]] < 0.8 * alone[[0, -1]]).all(), "others follow"
        low, high = found[place].interval()
        serves = grid[exact <= FLAT]
        assert (low, high) == (serves[0], serves[-1]) and not found[place].flat


def test_what_is_not_told_is_flat_and_what_is_told_is_not() -> None:
    observed = WORLD.expected(np.array([[0.48, 0.53, 0.5, 0.5, 0.2]]))[0]
    found = profiles(exactly(WORLD, observed), points_of(4, 5, seed=2))
    assert [one.flat for one in found] == [False, False, True, True, True]
    assert found[4].deviance == pytest.approx(np.zeros(11), abs=0.01)
    # a sum of 1 can be met from every value of either part
    assert found[2].deviance == pytest.approx(np.zeros(11), abs=0.01) and found[2].interval() == (1 / 22, 21 / 22)
    # a sum of 0.4 cannot: beyond 0.4 the other stands at 0, and what is missing counts
    less = profiles(exactly(WORLD, WORLD.expected(np.array([[0.48, 0.53, 0.2, 0.2, 0.2]]))[0]), points_of(4, 5, seed=2))
    missing = np.maximum(less[2].points - 0.4, 0)
    assert less[2].deviance == pytest.approx((1.5 * missing) ** 2 / 0.02, rel=0.02, abs=0.02)


def test_a_parameter_told_more_closely_than_the_grid_has_the_point_next_to_it() -> None:
    world = World(np.array([[100.0]]), np.array([[0.01]]), np.zeros(1))
    (found,) = profiles(exactly(world, np.array([53.0])), points_of(4, 1, seed=1))
    assert not found.flat
    assert found.interval() == (0.5, 0.5), "0.53 lies between 0.5 and 0.59"


def test_deviance_counts_from_the_best_that_can_be_met() -> None:
    """Two numbers that no value of one parameter meets together."""
    world = World(np.array([[1.0], [1.0]]), np.diag([0.04, 0.04]), np.zeros(2))
    (found,) = profiles(exactly(world, np.array([0.0, 1.0])), points_of(4, 1, seed=1))
    scale = 2 / (0.5 / 0.04)  # the best is further off than the luck of two numbers explains
    exact = scale * (found.points**2 + (found.points - 1) ** 2 - 0.5) / 0.04
    assert found.deviance == pytest.approx(exact, rel=0.01, abs=0.02) and found.deviance.min() < 0.02


def test_flat_is_what_stays_below_the_point_of_a_chi_square() -> None:
    from scipy.stats import chi2

    assert chi2.ppf(0.9, 1) == pytest.approx(FLAT, abs=1e-4)
    points = np.array([0.1, 0.5, 0.9])
    assert Profile(points, np.array([2.7, 0, 1])).flat and not Profile(points, np.array([2.8, 0, 1])).flat


def test_the_least_of_two_valleys_is_found() -> None:
    """A square with a slope in it: from the starts on one side only the shallow valley is seen."""
    points = points_of(3000, 1, seed=1)
    at = 2 * points[:, 0] - 1
    surface = ResponseSurface(points, np.column_stack([at**2, at]), np.zeros(1), np.ones(1))
    distance = Distance(surface, np.array([0.49, 0.7]), np.diag([1 / 0.05**2, 1 / 2.0**2]))
    (found,) = profiles(distance, np.array([[0.1], [0.2], [0.9]]))
    side = (-2 * 0.7) ** 2 / 2.0**2  # deviance at the mirrored value
    grid = 2 * found.points - 1
    exact = (grid**2 - 0.49) ** 2 / 0.05**2 + (grid - 0.7) ** 2 / 2.0**2
    assert found.deviance == pytest.approx(exact, rel=0.02, abs=0.1) and side < FLAT
