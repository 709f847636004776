"""Leaving out each part at once, against leaving it out and estimating again."""

import numpy as np
import pytest

from simulator.results.jackknife import LeftOut
from simulator.results.survival import incidence_at, order, quantiles
from tests.results import naive

WON = 1
LEVELS = [0.01, 0.25, 0.5, 0.75, 0.99, 1.0]

#: Share of each code (0 is censored), and up to which whole number durations are drawn: a small one makes ties.
SAMPLES = {
    "no censoring": ([0.0, 0.3, 0.5, 0.2], 10_000),
    "no censoring, ties": ([0.0, 0.3, 0.5, 0.2], 12),
    "censoring": ([0.4, 0.3, 0.2, 0.1], 10_000),
    "censoring, ties": ([0.4, 0.3, 0.2, 0.1], 12),
    "nearly all censored": ([0.95, 0.02, 0.03, 0.0], 40),
    "nearly all won": ([0.02, 0.98, 0.0, 0.0], 40),
    "one instant": ([0.5, 0.3, 0.2, 0.0], 1),
}


def pooled(durations, codes, part):
    taken = order(durations, codes)
    return durations[taken], codes[taken], part[taken]


def drawn(shares, largest, seed, parts=7):
    """A sample whose parts are of unequal size, the third of them empty."""
    rng = np.random.default_rng(seed)
    part = rng.choice(np.delete(np.arange(parts), 2), size=rng.integers(20, 400))
    durations = rng.integers(1, largest + 1, len(part))
    return pooled(durations, rng.choice(4, len(part), p=shares).astype(np.int8), part)


def again(ordered, codes, part, parts, estimate):
    """The plain way: leave out, and estimate from the rest."""
    return np.array([estimate(ordered[part != one], codes[part != one]) for one in range(parts)])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("sample", list(SAMPLES))
def test_the_same_as_estimating_again(sample, seed):
    ordered, codes, part = drawn(*SAMPLES[sample], seed)
    left_out = LeftOut(ordered, codes, part, 7, WON)
    expected = again(ordered, codes, part, 7, lambda d, c: quantiles(d, c, WON, LEVELS))
    np.testing.assert_array_equal(left_out.quantiles(LEVELS), expected)
    grid = np.array([0, *np.unique(ordered)[::3], ordered[-1], ordered[-1] + 5])
    expected = again(ordered, codes, part, 7, lambda d, c: incidence_at(d, c, WON, grid))
    np.testing.assert_allclose(left_out.incidence_at(grid), expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("sample", list(SAMPLES))
def test_how_many_are_taken_at_once_does_not_change_a_bit(sample, monkeypatch):
    found = []
    for at_once in (1, 50, 1 << 18):
        monkeypatch.setattr("simulator.results.jackknife._AT_ONCE", at_once)
        left_out = LeftOut(*drawn(*SAMPLES[sample], seed=2), 7, WON)
        found.append((left_out.quantiles(LEVELS).tobytes(), left_out.incidence_at(np.arange(30)).tobytes()))
    assert len(set(found)) == 1


@pytest.mark.parametrize("sample", ["no censoring, ties", "censoring, ties"])
def test_the_same_as_the_textbook(sample):
    ordered, codes, part = drawn(*SAMPLES[sample], seed=1)
    expected = again(ordered, codes, part, 7, lambda d, c: [naive.quantile(d.tolist(), c.tolist(), WON, 0.5)])
    np.testing.assert_array_equal(LeftOut(ordered, codes, part, 7, WON).quantiles(0.5), expected)


def test_what_only_one_part_has_is_gone_without_it():
    # the first part holds both wins, and the second ends with a censored observation that hands on to nobody
    ordered, codes, part = pooled(np.array([3, 5, 4, 6]), np.array([1, 1, 0, 0], dtype=np.int8), np.array([0, 0, 1, 1]))
    left_out = LeftOut(ordered, codes, part, 2, WON)
    assert np.isnan(left_out.quantiles([0.5])[0]).all() and left_out.quantiles([0.5])[1] == 3
    assert left_out.incidence_at(np.array([2, 3, 6])).tolist() == [[0, 0, 0], [0, 0.5, 1]]


def test_nothing_to_estimate_from():
    none = np.array([], dtype=np.int64)
    left_out = LeftOut(none, none.astype(np.int8), none, 3, WON)
    assert np.isnan(left_out.quantiles([0.5])).all() and (left_out.incidence_at(np.array([0, 9])) == 0).all()
