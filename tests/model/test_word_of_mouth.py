"""Word of mouth: who is pleased, who meets a review, what it does, and compiled against Python."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.model import word_of_mouth as talking
from tests.model.cases import STANDARD_ERRORS, assert_compiled_equals_python, functions_of, grid, uniforms

share = st.floats(0, 1)
US = [2.0**-53, 0.5, 1 - 2.0**-53, *uniforms(40, seed=1)]
SHARES = [0.0, 1.0, 0.25, *uniforms(8, seed=2)]
COUNTS = [0.0, 1.0, 60.5, 2000.0, 1e9]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "is_pleased": grid(US, SHARES, [-10.0, 0.0, 0.4, 10.0], [0.0, 0.15, 10.0]),
    "review_chance": grid(SHARES, SHARES, COUNTS, COUNTS[1:]),
    "good_share": grid(COUNTS, COUNTS, SHARES),
    "trust_after_review": grid(SHARES, [False, True], SHARES),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(talking, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(talking)


@pytest.mark.parametrize("fit", [0.2, 0.4, 0.55])
def test_who_fits_is_pleased_more_often(fit: float) -> None:
    """The chance is that of a normal error above what is missing to ``pleased_fit``."""
    pleased = [talking.is_pleased(u, fit, 0.4, 0.15) for u in uniforms(30_000, seed=3)]
    expected = float(stats.norm.cdf((fit - 0.4) / 0.15))
    error = math.sqrt(expected * (1 - expected) / len(pleased))
    assert abs(np.mean(pleased) - expected) < STANDARD_ERRORS * error


def test_without_noise_fit_alone_decides() -> None:
    assert talking.is_pleased(0.01, 0.4, 0.4, 0.0) and not talking.is_pleased(0.99, 0.39, 0.4, 0.0)


def test_reviews_spread_with_customers() -> None:
    assert talking.review_chance(0.1, 0.6, 0.0, 100.0) == 0.1, "analysts and press"
    assert talking.review_chance(0.1, 0.6, 50.0, 100.0) == pytest.approx(0.4)
    assert talking.review_chance(0.1, 0.6, 100.0, 100.0) == talking.review_chance(0.1, 0.6, 900.0, 100.0)
    assert talking.review_chance(0.1, 0.6, 900.0, 100.0) == pytest.approx(0.7)
    assert talking.review_chance(0.9, 0.6, 100.0, 100.0) == 1.0
    assert talking.review_chance(0.0, 0.0, 1e9, 1.0) == 0.0


@given(share, share, st.floats(0, 1e9), st.floats(0, 1e9), st.floats(1, 1e9))
def test_more_customers_never_mean_fewer_reviews(p: float, q: float, a: float, b: float, needed: float) -> None:
    few, many = sorted((a, b))
    assert 0.0 <= talking.review_chance(p, q, few, needed) <= talking.review_chance(p, q, many, needed) <= 1.0


@given(st.floats(0, 1e9), st.floats(0, 1e9), share)
def test_the_share_of_good_reviews(good: float, bad: float, before: float) -> None:
    found = talking.good_share(good, bad, before)
    assert 0.0 <= found <= 1.0
    if good + bad > 0:
        assert found == good / (good + bad) and talking.good_share(good, bad, 1.0 - before) == found
    else:
        assert found == before


@given(share, share)
def test_a_review_moves_trust_to_its_side(trust: float, pull: float) -> None:
    good, bad = (talking.trust_after_review(trust, kind, pull) for kind in (True, False))
    assert 0.0 <= bad <= trust <= good <= 1.0
    assert talking.trust_after_review(trust, True, 0.0) == trust == talking.trust_after_review(trust, False, 0.0)
    assert talking.trust_after_review(trust, False, 1.0) == 0.0
    assert talking.trust_after_review(trust, True, 1.0) == pytest.approx(1.0, rel=1e-15)


def test_a_review_at_known_points() -> None:
    assert talking.trust_after_review(0.5, True, 0.2) == pytest.approx(0.6)
    assert talking.trust_after_review(0.5, False, 0.2) == pytest.approx(0.4)
