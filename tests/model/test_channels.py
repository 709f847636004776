"""Channels: what spend brings and where it moves, against a water level found by bisection; compiled against Python."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.model import channels
from tests.model.cases import assert_compiled_equals_python, functions_of, grid

MULTIPLES = [0.0, 1e-9, 0.5, 1.0, 1.7, 3.0, 100.0]
ELASTICITIES = [0.05, 0.5, 1.0]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "volume": grid(MULTIPLES, ELASTICITIES),
    "admitted_share": grid(MULTIPLES, ELASTICITIES),
    "admitted_share_of_growth": grid(MULTIPLES, ELASTICITIES, [1.0, 3.0, 100.0]),
    "remembered": grid([0.0, 0.1, 12.0], [0.0, 0.8, 1.0], [0.0, 3.0, 1e12]),
}
IN_PLACE = {"credit", "steer"}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(channels, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) | IN_PLACE == functions_of(channels)


# --- What spend brings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("elasticity", [0.05, 0.24, 0.5, 1.0])
def test_both_streams_together_bring_the_volume(elasticity: float) -> None:
    """The first stream has 1, the further one growth^elasticity - 1 in full: thinned they add up to multiple^e."""
    growth = 3.0
    for multiple in np.linspace(0.0, growth, 31):
        first = channels.admitted_share(multiple, elasticity)
        further = channels.admitted_share_of_growth(multiple, elasticity, growth)
        assert 0.0 <= first <= 1.0 and 0.0 <= further <= 1.0
        assert first + further * (growth**elasticity - 1.0) == pytest.approx(multiple**elasticity, abs=1e-12)
        if multiple <= 1.0:
            assert further == 0.0
        else:
            assert first == 1.0


def test_spend_at_its_ends() -> None:
    assert channels.admitted_share(0.0, 0.5) == 0.0
    assert channels.admitted_share(0.25, 0.5) == pytest.approx(0.5), "a quarter of the spend, half of the buyers"
    assert channels.admitted_share_of_growth(3.0, 0.5, 3.0) == 1.0
    assert channels.admitted_share_of_growth(9.0, 0.5, 3.0) == 1.0
    assert channels.admitted_share_of_growth(2.0, 0.5, 1.0) == 0.0, "no growth, no further stream"


def test_a_signal_is_remembered_as_stated() -> None:
    signal = 0.0
    for new in (10.0, 0.0, 4.0):
        signal = channels.remembered(signal, 0.5, new)
    assert signal == 10.0 * 0.25 + 4.0
    assert channels.remembered(7.0, 0.0, 3.0) == 3.0 and channels.remembered(7.0, 1.0, 3.0) == 10.0


# --- Who gets the credit ----------------------------------------------------------------------------------------------

numbers = st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from([0.0, 1.0, 50.0, 2e5])), min_size=1, max_size=8)


def _both(function: Any, *columns: Any) -> list[Any]:
    """The arguments after the compiled function and after Python changed copies of them, and what each returned."""
    after = []
    for one in (function, getattr(function, "py_func", function)):
        copies = [column.copy() if isinstance(column, np.ndarray) else column for column in columns]
        returned = one(*copies)
        after.append((copies[0].tobytes(), returned, copies[0]))
    assert after[0][:2] == after[1][:2]
    return [after[0][2], after[0][1]]


@given(numbers, st.floats(0, 100))
def test_credit_is_a_share_of_the_result(rows: list[tuple[float, float]], weight: float) -> None:
    results, spend = (np.array(column) for column in zip(*rows, strict=True))
    credits, given_out = _both(channels.credit, np.zeros(len(rows)), results, spend, weight, len(rows))
    paid = spend > 0
    total = results[paid].sum()
    if total <= 0 or weight <= 0:
        assert given_out == 0.0 and (credits == 0).all()
        return
    assert given_out == weight and credits.sum() == pytest.approx(weight)
    assert credits[paid] == pytest.approx(weight * (results[paid] / total))
    assert (credits[~paid] == 0).all(), "a free channel has no budget to move"


def test_credits_add_up_over_signals() -> None:
    credits, spend = np.zeros(2), np.ones(2)
    weights = channels.credit(credits, np.array([1.0, 3.0]), spend, 1.0, 2)
    weights += channels.credit(credits, np.array([8.0, 2.0]), spend, 2.0, 2)
    weights += channels.credit(credits, np.zeros(2), spend, 5.0, 2)
    assert weights == 3.0 and credits == pytest.approx([0.25 + 1.6, 0.75 + 0.4])


# --- Where the money goes ---------------------------------------------------------------------------------------------


def _level(wanted: np.ndarray, most: np.ndarray, total: float) -> np.ndarray:
    """Spend by hand: everybody's wish times one level, cut off at the most, so that the total is spent.

    If all who wish for something are full, the rest goes to the others in proportion to their most.
    """
    wishing = wanted > 0
    if most[wishing].sum() < total * (1 - 1e-12):
        rest = np.where(wishing, 0.0, most)
        return np.where(wishing, most, rest * (total - most[wishing].sum()) / rest.sum())
    low, high = 0.0, 1e12
    for _ in range(400):
        level = (low + high) / 2
        low, high = (level, high) if np.minimum(most, level * wanted).sum() < total else (low, level)
    return np.minimum(most, high * wanted)


budgets = st.lists(
    st.tuples(st.floats(0.01, 1), st.sampled_from([0.0, 1.0, 30.0, 250.0]), st.integers(0, 40)), min_size=1, max_size=8
)


def _steered(rows: list[tuple[float, float, int]], shift: float, growth: float) -> tuple[np.ndarray, ...]:
    """Multiples before and after, spend and credits; what is spent at first is what there is at the start."""
    before, spend, results = (np.array(column, float) for column in zip(*rows, strict=True))
    assume(spend.sum() > 0)
    before[spend > 0] *= spend.sum() / (before * spend).sum()
    assume((before <= growth).all())
    credits = np.zeros(len(rows))
    weights = channels.credit(credits, results, spend, 2.0, len(rows))
    assume(weights > 0)
    after, _ = _both(channels.steer, before, spend, credits, weights, shift, growth, len(rows))
    return before, after, spend, credits / weights


@given(budgets, st.one_of(st.floats(0, 0.99), st.just(1.0)), st.floats(1, 6))
def test_moving_spend_against_a_water_level(rows: list[tuple[float, float, int]], shift: float, growth: float) -> None:
    before, after, spend, credits = _steered(rows, shift, growth)
    total = (before * spend).sum()
    assert (after * spend).sum() == pytest.approx(total, rel=1e-9)
    assert (after[spend > 0] <= growth * (1 + 1e-9)).all() and (after >= 0).all()
    assert (after[spend == 0] == before[spend == 0]).all()
    wanted = (1 - shift) * before * spend + shift * total * credits
    assert after * spend == pytest.approx(_level(wanted, growth * spend, total), rel=1e-6, abs=1e-6 * total)


@given(budgets, st.floats(1, 6))
def test_no_shift_moves_nothing(rows: list[tuple[float, float, int]], growth: float) -> None:
    before, after, _, _ = _steered(rows, 0.0, growth)
    assert (before == after).all()


@given(budgets)
def test_a_full_shift_without_a_limit_follows_the_credits(rows: list[tuple[float, float, int]]) -> None:
    before, after, spend, credits = _steered(rows, 1.0, 1e9)
    assert after * spend == pytest.approx((before * spend).sum() * credits)


def test_what_a_full_channel_cannot_take_goes_to_the_others() -> None:
    """One has all the credit but room for 2 only: the other two keep the rest in proportion, a free one nothing."""
    spend, credits = np.array([100.0, 100.0, 200.0, 0.0]), np.array([1.0, 0.0, 0.0, 0.0])
    multiple = np.ones(4)
    channels.steer(multiple, spend, credits, 1.0, 0.9, 2.0, 4)
    assert multiple == pytest.approx([2.0, 2 / 3, 2 / 3, 1.0])


def test_no_spend_is_lost_when_everything_moves_to_a_full_channel() -> None:
    spend, credits = np.array([100.0, 100.0, 200.0]), np.array([1.0, 0.0, 0.0])
    multiple = np.ones(3)
    channels.steer(multiple, spend, credits, 1.0, 1.0, 2.0, 3)
    assert multiple == pytest.approx([2.0, 2 / 3, 2 / 3])
