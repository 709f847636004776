"""Histories as columns: against the records they are made of, in any lots and any order."""

import numpy as np
import pytest

import simulator as sim
from simulator.engines.compiled.pages import untouched
from simulator.engines.compiled.tables import (
    GROUP_DTYPE,
    LIFE_DTYPE,
    LINE_BYTES,
    NODE_DTYPE,
    STATE_DTYPE,
    STEP_LIFE_LINES,
    STEP_STATE_LINES,
)
from simulator.engines.history import HISTORY_DTYPE, TIMED, WORD_BITS, History, Journeys, words_for
from simulator.model.records import MOMENTS
from tests.engines.arms import NAME, arm


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
    assert not history._columns  # the same of everybody
    rows["touches"][::2, 0] = 200
    assert sum(column.nbytes for column in gathered(rows, 2)._columns.values()) == 1000  # one byte each
    assert (gathered(rows, 2)["touches"] == rows["touches"]).all()


def test_what_is_the_same_of_everybody_and_then_is_not() -> None:
    """Values that begin constant, also those that are like another column's."""
    rows = np.zeros(30, HISTORY_DTYPE)
    rows["members"], rows["fit"], rows["value_cents"] = 1, 0.5, 70_000
    rows["paid_cents"] = rows["value_cents"]
    rows["members"][20:], rows["fit"][25], rows["paid_cents"][29] = 7, 0.25, 1
    for last in (10, 21, 30):
        found = Journeys(30)
        for first in range(0, last, 10):
            lot = np.arange(first, min(first + 10, last))
            found.add(lot, rows[lot])
        history = found.history(np.zeros(30, np.int64), np.arange(last))
        for name in ("members", "fit", "value_cents", "paid_cents"):
            assert (history[name] == rows[name][:last]).all(), (name, last)


@pytest.mark.parametrize("horizon_us", [1 << 40, (1 << 48) - 1, 1 << 48, 1 << 60])
def test_times_in_words_say_what_was_written(horizon_us: int) -> None:
    rng, buyers, words = np.random.default_rng(4), 50, words_for(horizon_us)
    said = rng.integers(-1, horizon_us, (len(TIMED), buyers), endpoint=True)
    said[:, 0], said[:, 1] = -1, horizon_us - 1
    said[TIMED.index(("work_us", 0)) :] = np.maximum(said[TIMED.index(("work_us", 0)) :], 0)
    times = np.zeros((len(TIMED) * buyers, words), np.uint16)
    for kind, (name, _) in enumerate(TIMED):
        later = said[kind] + (name != "work_us")
        for word in range(words):
            times[kind * buyers : (kind + 1) * buyers, word] = (later >> (WORD_BITS * word)) & 0xFFFF
    history = Journeys(buyers, times).history(np.zeros(buyers, np.int64), np.arange(buyers))
    for kind, (name, position) in enumerate(TIMED):
        column = history[name] if position is None else history[name][:, position]
        assert (column == said[kind]).all(), name
    assert (history[3:7]["ended_at"] == said[TIMED.index(("ended_at", None)), 3:7]).all()


def test_pages_that_nobody_touched_take_no_memory() -> None:
    rows = untouched(1 << 26, np.int64, large_pages=True)  # half a gigabyte
    assert rows.ctypes.data % LINE_BYTES == 0 and rows[5] == 0
    rows[5] = 7
    assert rows[5] == 7 and len(rows) == 1 << 26 and len(untouched(0, NODE_DTYPE)) == 0


def test_one_change_is_seen_in_its_row() -> None:
    history = gathered(journeys(20, seed=3), 2)
    other = history.changed("calls", 4, 12_345)
    assert (~history.equals(other)).nonzero()[0].tolist() == [4]


def test_records_are_whole_lines_of_the_cache() -> None:
    """A record that straddles lines costs a wait for memory at each event."""
    for dtype in (STATE_DTYPE, LIFE_DTYPE, GROUP_DTYPE):
        assert dtype.itemsize % LINE_BYTES == 0
    assert (STEP_STATE_LINES, STEP_LIFE_LINES) == (4, 1)  # what a step of research touches, and asks memory for


def test_what_is_fixed_at_arrival_can_be_drawn_again() -> None:
    """The same of some buyers as of all; a column that was changed comes first. Docking compares with what was kept."""
    history = sim.simulate(arm({"run.cohort_days": 30}), NAME, seed=7).report.history
    for name in ("fit", "complexity"):
        everybody = history[name]
        assert len(set(everybody)) == len(history) and (history[::-3][name] == everybody[::-3]).all()
        assert history.changed(name, 2, 0.5)[name][2] == 0.5
