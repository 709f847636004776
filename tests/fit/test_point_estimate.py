"""The search for one set, on a function whose best point is known."""

import numpy as np
import pytest

from simulator.fit.point_estimate import distance, search

GOAL = np.array([0.3, 0.6, 0.45])
BOX = (np.array([0.1, 0.2, 0.3]), np.array([0.9, 0.8, 0.7]))
CHANCE = np.array([0.05, 0.1, 0.05, 0.2])


def numbers(point: np.ndarray) -> np.ndarray:
    return np.array([point[0], 2 * point[1], point[2] - point[0], point.sum()])


def test_the_distance_is_about_one_where_nothing_but_luck_is_left() -> None:
    rng = np.random.default_rng(1)
    found = []
    for _ in range(3000):
        observed, runs = rng.normal(scale=CHANCE), rng.normal(scale=CHANCE, size=(4, 4))
        found.append(distance(runs.mean(axis=0), observed, CHANCE, 4))
    assert np.mean(found) == pytest.approx(1, abs=4 * np.sqrt(2 / 4 / 3000))
    hand = ((0.1 / 0.05) ** 2 + (0.3 / 0.1) ** 2) / 1.25 / 2
    assert distance(np.array([0.1, 1.3]), np.array([0.0, 1.0]), np.array([0.05, 0.1]), 4) == pytest.approx(hand)


def found_by(seed: int, trials: int = 120, luck: float = 0.0):
    asked: list[tuple[int, np.ndarray]] = []

    def run(point: np.ndarray, number: int) -> np.ndarray:
        asked.append((number, point))
        noise = np.random.default_rng(9).normal(scale=CHANCE * luck, size=(4, 4))  # common to all sets
        return numbers(point) + noise - noise.mean(axis=0)

    likely = BOX[0] + np.random.default_rng(2).random((60, 3)) * (BOX[1] - BOX[0])
    return search(run, likely, BOX, numbers(GOAL), CHANCE, trials, 4, seed), asked, likely


def test_the_search_finds_the_best_set_and_the_same_with_the_same_seed() -> None:
    found, asked, likely = found_by(3, luck=1.0)
    assert found.distance < 0.5, "half of what luck alone leaves"
    assert np.abs(found.point - GOAL).max() < 0.08
    assert [number for number, _ in asked] == list(range(120)) and len(found.tried) == 120
    points = np.array([point for _, point in asked])
    assert points[:48] == pytest.approx(likely[:48], abs=1e-12), "four tenths of the trials are likely sets"
    assert (points >= BOX[0]).all() and (points <= BOX[1]).all()
    exact = [np.mean((numbers(point) - numbers(GOAL)) ** 2 / CHANCE**2) / 1.25 for point in points]
    assert found.tried == pytest.approx(np.array(exact)) and found.distance == min(found.tried)
    assert np.array_equal(found.point, points[np.argmin(exact)])
    assert found.numbers == pytest.approx(numbers(found.point))
    assert np.min(exact[48:]) < np.min(exact[:48]) / 2, "better than the likely ones"
    again, _, _ = found_by(3, luck=1.0)
    assert np.array_equal(again.tried, found.tried) and not np.array_equal(found_by(4)[0].tried, found.tried)


def test_sets_that_cannot_be_run_are_passed_over() -> None:
    def run(point: np.ndarray, number: int) -> np.ndarray:
        return np.full((2, 4), np.nan) if point[0] < 0.4 else np.stack([numbers(point)] * 2)

    likely = BOX[0] + np.random.default_rng(2).random((20, 3)) * (BOX[1] - BOX[0])
    found = search(run, likely, BOX, numbers(GOAL), CHANCE, 40, 2, 1)
    assert found.point[0] >= 0.4 and np.isinf(found.tried).any() and np.isfinite(found.distance)


def test_a_box_without_width_and_likely_sets_outside_it() -> None:
    low, high = np.array([0.1, 0.5, 0.3]), np.array([0.9, 0.5, 0.7])
    seen = []

    def run(point: np.ndarray, number: int) -> np.ndarray:
        seen.append(point)
        return numbers(point)[None]

    found = search(run, np.array([[0.0, 0.9, 1.0]]), (low, high), numbers(GOAL), CHANCE, 5, 1, 1)
    assert np.array(seen)[:, 1] == pytest.approx(np.full(5, 0.5), abs=1e-8)
    assert seen[0] == pytest.approx([0.1, 0.5, 0.7]) and np.isfinite(found.distance)
