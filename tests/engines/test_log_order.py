"""The order of the event log, against sorting by two keys."""

import time

import numpy as np
import pytest

from simulator.engines.report import LOG_DTYPE, sorted_log


def log(instants: np.ndarray, buyers: np.ndarray) -> np.ndarray:
    rows = np.zeros(len(instants), LOG_DTYPE)
    rows["at"], rows["buyer"] = instants, buyers
    rows["person"] = np.arange(len(rows)) // 3  # which tells rows of one buyer at one instant apart
    rows["activity"], rows["stage"], rows["topic"] = np.arange(len(rows)) % 29, np.arange(len(rows)) % 6, -1
    return rows


def by_two_keys(rows: np.ndarray) -> np.ndarray:
    return rows[np.lexsort((rows["buyer"], rows["at"]))]


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return len(one) == len(other) and all((one[name] == other[name]).all() for name in LOG_DTYPE.names)


@pytest.mark.parametrize("number", [0, 1, 2, 31, 32, 33, 64, 65, 1000, 4097])
@pytest.mark.parametrize("instants", [1, 2, 40, 10**15])
@pytest.mark.parametrize("buyers", [1, 7, 10**6])
def test_it_is_that_of_sorting_by_instant_then_buyer(number: int, instants: int, buyers: int) -> None:
    rng = np.random.default_rng([number, instants, buyers])
    rows = log(rng.integers(0, instants, number), rng.integers(0, buyers, number))
    before = rows.copy()
    assert same(sorted_log(rows), by_two_keys(rows)) and same(rows, before)


@pytest.mark.parametrize("seed", range(30))
def test_a_crowd_among_strays(seed: int) -> None:
    """Most rows in one bucket, the others over a year."""
    rng = np.random.default_rng(seed)
    at = np.where(rng.uniform(size=3000) < 0.9, 10**12 + rng.integers(0, 50, 3000), rng.integers(0, 3 * 10**13, 3000))
    rows = log(at, rng.integers(0, 200, 3000))
    assert same(sorted_log(rows), by_two_keys(rows))


def test_a_million_rows_at_one_instant_in_the_worst_order() -> None:
    rows = log(np.full(1_000_000, 10**12), np.arange(1_000_000)[::-1])
    sorted_log(rows[:100])  # compiled
    since = time.monotonic()
    assert same(sorted_log(rows), rows[::-1])
    assert time.monotonic() - since < 60  # inserting one by one would take hours
