"""Histories as columns: against the records they are made of, in any lots and any order."""

import numpy as np
import pytest

from simulator.engines.compiled.tables import GROUP_DTYPE, LINE_BYTES, STATE_DTYPE
from simulator.engines.history import History, Journeys
from simulator.engines.report import HISTORY_DTYPE, MOMENTS


def journeys(count: int, seed: int) -> np.ndarray:
    """Records with something in every kind of field: counts that outgrow a byte, moments that did not happen."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(count, HISTORY_DTYPE)
    for moment in MOMENTS[:6]:
        rows[moment] = np.where(rng.random(count) < 0.5, rng.integers(0, 1 << 50, count), -1)
    for moment in MOMENTS[6:]:
        rows[moment] = -1
    rows["stage_at"] = -1
    rows["stage_at"][:, 0] = np.sort(rng.integers(0, 1 << 50, count))
    rows["touches"] = rng.integers(0, 200, (count, 7)) * rng.integers(0, 2, (count, 7))
    rows["touches"][count // 2, 1] = 70_000
    rows["calls"][-1] = 300
    rows["value_cents"] = rng.integers(0, 1 << 40, count)
    rows["paid_cents"] = rows["value_cents"]
    rows["paid_cents"][count // 3] -= 1
    rows["fit"] = rng.random(count)
    rows["outcome"] = rng.integers(0, 4, count)
    return rows


def gathered(rows: np.ndarray, lots: int) -> History:
    """The same journeys handed on in lots, in any order."""
    order = np.random.default_rng(lots).permutation(len(rows))
    found = Journeys(len(rows) + 5)
    for numbers in np.array_split(order, lots):
        found.add(numbers, rows[numbers])
    return found.history(rows["stage_at"][:, 0], np.arange(len(rows)))


@pytest.mark.parametrize("lots", [1, 2, 7, 100])
def test_columns_say_what_records_said(lots: int) -> None:
    rows = journeys(100, seed=1)
    history = gathered(rows, lots)
    assert len(history) == 100
    for name in HISTORY_DTYPE.names or ():
        assert history[name].dtype == HISTORY_DTYPE[name].base and (history[name] == rows[name]).all(), name
    assert (history["arrived_at"] == rows["stage_at"][:, 0]).all()
    assert history.equals(History.of(rows)).all()


def test_a_part_of_the_buyers() -> None:
    rows = journeys(60, seed=2)
    won = rows["outcome"] == 1
    some = gathered(rows, 3)[won]
    assert len(some) == won.sum() and (some["touches"] == rows["touches"][won]).all()
    assert (some["arrived_at"] == rows["stage_at"][won, 0]).all() and (some["taken_at"] == -1).all()
    assert len(gathered(rows, 3)[:-3]) == 57


def test_what_never_happened_takes_no_memory_and_what_is_small_little() -> None:
    rows = np.zeros(1000, HISTORY_DTYPE)
    for moment in MOMENTS:
        rows[moment] = -1
    rows["stage_at"] = -1
    rows["touches"][:, 0] = 3
    history = gathered(rows, 2)
    assert sum(column.nbytes for column in history._columns.values()) == 1000  # one byte each


def test_one_change_is_seen_in_its_row() -> None:
    history = gathered(journeys(20, seed=3), 2)
    other = history.changed("calls", 4, 12_345)
    assert (~history.equals(other)).nonzero()[0].tolist() == [4]


def test_records_are_whole_lines_of_the_cache() -> None:
    """A record that straddles lines costs a wait for memory at each event."""
    for dtype in (STATE_DTYPE, HISTORY_DTYPE, GROUP_DTYPE):
        assert dtype.itemsize % LINE_BYTES == 0
    hot = STATE_DTYPE.fields["cold_at"][1]  # what a step needs stands before it
    assert hot == 3 * LINE_BYTES and HISTORY_DTYPE.fields["stage_at"][1] == LINE_BYTES
