"""The distance from an export beside that of the world that made the numbers, where it is known."""

import numpy as np
import pytest

from simulator.fit.response_surface import Distance, ResponseSurface
from tests.fit.made_up import World, points_of

WORLD = World(
    slopes=np.array([[2.0, 1.0, 0.0], [-1.0, 2.0, 0.0], [0.5, 0.0, 3.0]]),
    covariance=np.array([[0.04, 0.02, 0.0], [0.02, 0.05, -0.01], [0.0, -0.01, 0.02]]),
    constant=np.array([1.0, -2.0, 0.3]),
)
UNIT = (np.zeros(3), np.ones(3))


def test_the_distance_is_that_of_the_normal_distribution_that_made_the_numbers() -> None:
    points = points_of(6000, 3, seed=1)
    truth = np.array([[0.4, 0.6, 0.5]])
    observed = WORLD.run(truth, seed=2)[0]
    distance = ResponseSurface(points, WORLD.run(points, seed=3), *UNIT).seen(observed)
    asked = points_of(200, 3, seed=4)
    away = observed - WORLD.expected(asked)
    exact = np.einsum("pi,ij,pj->p", away, np.linalg.inv(WORLD.covariance), away)
    # 1200 sets tell the covariance to sqrt(2 / 1200) = 4%, and the middle to 3% of a standard deviation
    assert distance(asked)[0] == pytest.approx(exact, rel=0.12, abs=0.5)


def test_curvature_and_products_are_known_where_there_are_sets_enough_and_are_luck_where_not() -> None:
    def bent(points: np.ndarray, seed: int) -> np.ndarray:
        noise = np.random.default_rng(seed).normal(scale=0.05, size=(len(points), 2))
        return np.column_stack([4 * points[:, 0] * points[:, 1], (2 * points[:, 2] - 1) ** 2]) + noise

    asked = points_of(100, 3, seed=5)
    observed = bent(np.array([[0.5, 0.5, 0.5]]), seed=6)[0]
    many, few = (
        ResponseSurface(one, bent(one, seed=7), *UNIT).seen(observed)
        for one in (points_of(4000, 3, 8), points_of(29, 3, 9))
    )
    product, square = 4 * asked[:, 0] * asked[:, 1], (2 * asked[:, 2] - 1) ** 2
    exact = ((product - observed[0]) ** 2 + (square - observed[1]) ** 2) / 0.05**2
    assert many(asked)[0] == pytest.approx(exact, rel=0.15, abs=2)
    # 30 sets are 3 for each coefficient of 3 parameters: below, a square is still found, a product is left over
    by_square = np.array([[0.5, 0.5, place] for place in (0.5, 1.0)])
    by_product = np.array([[0.0, 1.0, 0.5], [0.5, 0.5, 0.5]])  # the same but for the product, 0 and 1
    few_square, few_product = np.diff(few(by_square)[0])[0], np.abs(np.diff(few(by_product)[0]))[0]
    assert few_square > 60 and few_product < 6 and many(by_product)[0][0] > 300
    enough = ResponseSurface(points_of(30, 3, 9), bent(points_of(30, 3, 9), seed=7), *UNIT).seen(observed)
    assert np.abs(np.diff(enough(by_product)[0]))[0] > 100


@pytest.mark.parametrize(("low", "high"), [UNIT, (np.array([0.2, 0.1, 0.5]), np.array([0.7, 0.4, 0.9]))])
def test_the_gradient_is_that_of_small_steps(low: np.ndarray, high: np.ndarray) -> None:
    points = low + points_of(500, 3, seed=1) * (high - low)
    numbers = np.column_stack([WORLD.run(points, seed=2), np.exp(points[:, 0] * points[:, 1]) + points[:, 2] ** 2])
    distance = ResponseSurface(points, numbers, low, high).seen(numbers[7])
    asked, step = low + points_of(20, 3, seed=3) * (high - low), 1e-5
    slope = distance(asked)[1]
    for place in range(3):
        more, less = asked.copy(), asked.copy()
        more[:, place] += step
        less[:, place] -= step
        found = (distance(more)[0] - distance(less)[0]) / (2 * step)
        assert slope[:, place] == pytest.approx(found, rel=1e-5, abs=1e-3)


def test_a_number_that_never_differs_tells_nothing() -> None:
    points = points_of(500, 3, seed=1)
    numbers = WORLD.run(points, seed=2)
    constant = np.insert(numbers, 1, 0.7, axis=1)
    observed = numbers[3]
    without = ResponseSurface(points, numbers, *UNIT).seen(observed)
    beside = ResponseSurface(points, constant, *UNIT).seen(np.insert(observed, 1, 0.9))
    assert np.array_equal(without(points[:50])[0], beside(points[:50])[0])


def test_what_is_left_over_is_of_sets_that_look_like_the_export() -> None:
    """Noise that grows along the parameter: near the export it is small, and weighs as that."""
    points = points_of(8000, 1, seed=1)
    luck = np.random.default_rng(2).normal(size=len(points))
    numbers = (points[:, 0] + 0.2 * points[:, 0] * luck)[:, None]
    one = np.array([[0.1], [0.2]])
    near = ResponseSurface(points, numbers, np.zeros(1), np.ones(1)).seen(np.array([0.1]))
    far = ResponseSurface(points, numbers, np.zeros(1), np.ones(1)).seen(np.array([0.9]))
    # standard deviations of about 0.02 and 0.18; a tenth of the range is 0.1
    assert np.diff(near(one)[0])[0] > 10 > 3 > -np.diff(far(one + 0.7)[0])[0] > 0.1


def test_what_is_left_over_of_a_set_is_what_the_others_do_not_predict() -> None:
    """Beside surfaces that are fitted anew without each of the sets."""
    points = points_of(60, 3, seed=1)
    numbers = WORLD.run(points, seed=2)
    found = ResponseSurface(points, numbers, *UNIT)._left_over
    for one in range(0, 60, 7):
        others = np.arange(60) != one
        surface = ResponseSurface(points[others], numbers[others], *UNIT)
        for place in range(3):
            far = np.zeros((3, 3))
            far[place, place] = 1.0  # of one number alone: its squared distance from -1000
            predicted = np.sqrt(Distance(surface, np.full(3, -1000.0), far)(points[[one]])[0][0]) - 1000
            assert found[one, place] == pytest.approx(numbers[one, place] - predicted, abs=2e-3)
