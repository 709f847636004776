"""Attention: what is noticed, what tires, what is forgotten, and compiled against Python."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import attention
from simulator.model.numerics import DAY_US
from tests.model.cases import assert_compiled_equals_python, functions_of, grid, uniforms

REALS = [0.0, 0.3, 1.0, 7.5, 1000.0, *uniforms(8, seed=1)]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "noticed_share": grid([0.0, 1.0, 267.0, 3000.0, 1e5], [1.0, 1000.0, 1e5]),
    "fatigue_after": grid(REALS, [0, 1, DAY_US, 14 * DAY_US + 7, 40_000 * DAY_US], [0.1, 14.0, 3650.0]),
    "welcome": grid(REALS, [0.0, 0.1, 1.0, 5.0]),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(attention, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(attention)


def test_half_is_noticed_at_half_noticed() -> None:
    assert attention.noticed_share(0.0, 400.0) == 1.0, "nobody else writes"
    assert attention.noticed_share(400.0, 400.0) == 0.5
    assert attention.noticed_share(1200.0, 400.0) == 0.25


@given(st.floats(0, 1e5), st.floats(1, 1e5), st.floats(1.001, 10))
def test_the_more_others_write_the_less_of_ours_is_noticed(others: float, half: float, more: float) -> None:
    assert 0.0 < attention.noticed_share(others, half) <= 1.0
    assert attention.noticed_share(others * more + 1.0, half) < attention.noticed_share(others, half)


@pytest.mark.parametrize("halves", [0, 1, 2, 3])
def test_half_of_the_fatigue_is_gone_after_a_half_life(halves: int) -> None:
    left = attention.fatigue_after(3.0, halves * 14 * DAY_US, 14.0)
    assert left == pytest.approx(3.0 * 0.5**halves, rel=1e-14)


def test_regular_messages_tire_up_to_a_level() -> None:
    """One message every half-life, remembered in full at first: 1 + 1/2 + 1/4 + ... = 2 just after the last."""
    fatigue = 0.0
    for _ in range(60):
        fatigue = attention.fatigue_after(fatigue, 7 * DAY_US, 7.0) + 1.0
    assert fatigue == pytest.approx(2.0, rel=1e-14)


@given(st.floats(0, 100), st.floats(0, 5), st.floats(0, 10))
def test_messages_are_the_less_welcome_the_more_are_remembered(fatigue: float, share: float, more: float) -> None:
    welcome = attention.welcome(fatigue, share)
    assert 0.0 <= welcome <= 1.0
    assert attention.welcome(fatigue + more, share) <= welcome
    assert attention.welcome(fatigue, 0.0) == attention.welcome(0.0, share) == 1.0


def test_each_remembered_message_takes_the_same_share() -> None:
    assert attention.welcome(1.0, 0.1) == pytest.approx(math.exp(-0.1))
    ratios = [attention.welcome(n + 1.0, 0.3) / attention.welcome(float(n), 0.3) for n in range(5)]
    assert ratios == pytest.approx([math.exp(-0.3)] * 5)
