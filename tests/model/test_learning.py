"""Learning the other side's work, and the dip after a reorganisation; compiled against Python."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import learning
from simulator.model.numerics import DAY_US
from tests.model.cases import assert_compiled_equals_python, functions_of, grid, uniforms

share = st.floats(0, 1)
SHARES = [0.0, 1.0, 0.25, *uniforms(8, seed=1)]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "knowledge_after": grid(SHARES, [0.0, 28.0, 30.5, 3650.0], [1.0, 180.0, 36_500.0], [0.0, 0.5, 10.0], [0.1, 5.0]),
    "effort_factor": grid([0, 1, 45 * DAY_US, 90 * DAY_US, 1 << 60], [0.0, 0.15, 0.9], [0, 1, 90 * DAY_US]),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(learning, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(learning)


def test_half_is_forgotten_in_a_half_life() -> None:
    for halves in (0.0, 1.0, 2.0, 0.5):
        kept = learning.knowledge_after(0.8, 180.0 * halves, 180.0, 0.0, 5.0)
        assert kept == pytest.approx(0.8 * 0.5**halves, rel=1e-14)


def test_two_thirds_are_known_after_days_to_learn() -> None:
    """63%: 1 - 1/e; and what was known before stays known."""
    assert learning.knowledge_after(0.0, 0.0, 180.0, 5.0, 5.0) == pytest.approx(1 - math.exp(-1))
    assert learning.knowledge_after(0.5, 0.0, 180.0, 5.0, 5.0) == pytest.approx(1 - 0.5 * math.exp(-1))
    assert learning.knowledge_after(0.0, 0.0, 180.0, 10.0, 5.0) == pytest.approx(1 - math.exp(-2))


def test_training_saturates_and_repeats_as_one() -> None:
    assert learning.knowledge_after(0.0, 0.0, 180.0, 1000.0, 5.0) == 1.0
    knowledge = 0.0
    for _ in range(4):
        knowledge = learning.knowledge_after(knowledge, 0.0, 180.0, 1.5, 5.0)
    assert knowledge == pytest.approx(learning.knowledge_after(0.0, 0.0, 180.0, 6.0, 5.0), rel=1e-14)


def test_regular_training_settles_where_it_makes_up_for_what_is_forgotten() -> None:
    """The fixed point of k -> 1 - (1 - k/2) / e is (1 - 1/e) / (1 - 1/(2e))."""
    knowledge = 0.0
    for _ in range(200):
        knowledge = learning.knowledge_after(knowledge, 365.0, 365.0, 5.0, 5.0)
    assert knowledge == pytest.approx((1 - math.exp(-1)) / (1 - math.exp(-1) / 2), rel=1e-12)


@given(share, st.floats(0, 3650), st.floats(1, 36_500), st.floats(0, 10), st.floats(0.1, 100), st.floats(0, 5))
def test_knowledge_is_a_share_and_grows_with_training(
    before: float, elapsed: float, half_life: float, days: float, to_learn: float, more: float
) -> None:
    after = learning.knowledge_after(before, elapsed, half_life, days, to_learn)
    assert 0.0 <= after <= 1.0
    assert learning.knowledge_after(before, elapsed, half_life, days + more, to_learn) >= after
    assert learning.knowledge_after(before, elapsed + more, half_life, days, to_learn) <= after
    assert learning.knowledge_after(before, elapsed, half_life, 0.0, to_learn) <= before * (1 + 2.0**-52) + 2.0**-53


def test_work_takes_longer_after_a_reorganisation_and_less_so_with_time() -> None:
    dip = 90 * DAY_US
    assert learning.effort_factor(0, 0.2, dip) == pytest.approx(1.25), "a fifth less productive"
    assert learning.effort_factor(45 * DAY_US, 0.2, dip) == pytest.approx(1 / 0.9), "half of the way back"
    assert learning.effort_factor(dip, 0.2, dip) == learning.effort_factor(10 * dip, 0.2, dip) == 1.0
    assert learning.effort_factor(0, 0.0, dip) == 1.0
    assert learning.effort_factor(0, 0.2, 0) == 1.0, "no time, no dip"


@given(st.floats(0, 0.9), st.integers(1, 1 << 50), share, share)
def test_productivity_recovers_in_a_straight_line(dip: float, dip_us: int, a: float, b: float) -> None:
    early, late = sorted((int(a * dip_us), int(b * dip_us)))
    first, second = (learning.effort_factor(at, dip, dip_us) for at in (early, late))
    assert 1.0 <= second <= first <= 10.0 + 1e-9
    if early < dip_us:
        assert 1.0 - 1.0 / first == pytest.approx(dip * (1.0 - early / dip_us), abs=1e-12)
