"""Variates by inverse CDF and the rounding of durations: against other libraries, and at the ends of their ranges."""

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from simulator.model.numerics import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    NEVER,
    exponential,
    left_of,
    logistic,
    microseconds,
    microseconds_of_minutes,
    normal,
)
from tests.model.cases import STANDARD_ERRORS, assert_compiled_equals_python, uniforms

#: The least and the greatest number the generator gives, and numbers on both sides of the seams of ``normal``.
ENDS = [2.0**-53, 3 * 2.0**-53, 0.5 - 2.0**-53, 0.5 + 2.0**-53, 1 - 3 * 2.0**-53, 1 - 2.0**-53]
SEAMS = [edge + step for edge in (0.075, 0.925, math.exp(-25), 1 - math.exp(-25)) for step in (-1e-12, 0.0, 1e-12)]

inside = st.floats(2.0**-53, 1 - 2.0**-53)


def test_compiled_equals_python() -> None:
    us = [*ENDS, *SEAMS, *uniforms(2000, seed=1)]
    assert_compiled_equals_python(normal, [(u,) for u in us])
    assert_compiled_equals_python(exponential, [(u, mean) for u in us for mean in (0.0, 1e-9, 3.0, 1e12)])
    xs = [0.0, -0.0, 1.0, -1.0, 36.9, -36.9, 709.8, -709.8, -745.2, 1e300, -1e300, math.inf, -math.inf]
    assert_compiled_equals_python(logistic, [(x,) for x in [*xs, *(40 * u - 20 for u in us)]])
    days = [0.0, 1e-12, 5.787037037037037e-12, 36_500.0, 36_500.1, math.inf, *(1000 * u for u in us)]
    assert_compiled_equals_python(microseconds, [(day,) for day in days])
    assert_compiled_equals_python(microseconds_of_minutes, [(1440 * day,) for day in days])


# --- normal -----------------------------------------------------------------------------------------------------------


def test_normal_equals_the_inverse_cdf_of_other_libraries() -> None:
    """Wichura promises a relative error of 1e-16; the other libraries and rounding are allowed a few units."""
    us = [*ENDS, *SEAMS, *uniforms(20_000, seed=2), *np.geomspace(2.0**-53, 0.5, 2000, endpoint=False).tolist()]
    ours = np.array([normal(u) for u in us])
    np.testing.assert_allclose(ours, [statistics.NormalDist().inv_cdf(u) for u in us], rtol=2e-15, atol=1e-16)
    np.testing.assert_allclose(ours, special.ndtri(us), rtol=2e-14, atol=1e-16)


@pytest.mark.parametrize(
    ("u", "z"),
    [(0.25, -0.674489750196081743202227), (0.001, -3.090232306167813541540399), (1e-16, -8.222082216130435549)],
)
def test_normal_at_the_check_values(u: float, z: float) -> None:
    """Quantiles to more digits than a float has; 0.25 and 0.001 are the check values of AS 241's own description."""
    assert normal(u) == pytest.approx(z, rel=4e-16)


def test_normal_is_bounded_by_the_generator() -> None:
    assert normal(2.0**-53) == pytest.approx(-8.2095361516013856, rel=1e-15)
    assert normal(1 - 2.0**-53) == -normal(2.0**-53)
    assert normal(0.5) == 0.0


@given(inside)
def test_normal_is_odd_and_inverts_the_cdf(u: float) -> None:
    if 1 - (1 - u) == u:
        assert normal(1 - u) == -normal(u)
    assert special.ndtr(normal(u)) == pytest.approx(u, rel=1e-13)


@given(inside, inside)
def test_normal_rises(u: float, v: float) -> None:
    low, high = sorted((u, v))
    assert normal(low) <= normal(high) or normal(low) == pytest.approx(normal(high), rel=1e-15)


def test_normal_is_standard_normal() -> None:
    drawn = np.array([normal(u) for u in uniforms(100_000, seed=3)])
    n = drawn.size
    assert abs(drawn.mean()) < STANDARD_ERRORS / math.sqrt(n)
    assert abs(drawn.var() - 1) < STANDARD_ERRORS * math.sqrt(2 / n)
    assert stats.kstest(drawn, "norm").pvalue > 1e-6


# --- exponential ------------------------------------------------------------------------------------------------------


def test_exponential_has_its_mean_and_its_distribution() -> None:
    drawn = np.array([exponential(u, 3.0) for u in uniforms(100_000, seed=4)])
    assert abs(drawn.mean() - 3.0) < STANDARD_ERRORS * 3.0 / math.sqrt(drawn.size)
    assert stats.kstest(drawn, "expon", args=(0, 3.0)).pvalue > 1e-6


@given(inside, st.floats(0, 1e12))
def test_exponential_is_finite_and_never_negative(u: float, mean: float) -> None:
    assert 0.0 <= exponential(u, mean) <= 36.8 * mean


def test_exponential_at_known_points() -> None:
    assert exponential(math.exp(-1.0), 5.0) == pytest.approx(5.0, rel=1e-15)
    assert exponential(0.5, 1.0) == pytest.approx(math.log(2), rel=1e-15)
    assert exponential(0.3, 0.0) == 0.0


# --- logistic ---------------------------------------------------------------------------------------------------------


@given(st.floats(-1e300, 1e300))
def test_logistic_equals_another_librarys(x: float) -> None:
    assert 0.0 <= logistic(x) <= 1.0
    assert logistic(x) == pytest.approx(special.expit(x), rel=1e-14, abs=1e-310)
    assert logistic(x) + logistic(-x) == pytest.approx(1.0, rel=1e-15)


def test_logistic_at_known_points() -> None:
    assert logistic(0.0) == 0.5
    assert logistic(math.log(3.0)) == pytest.approx(0.75, rel=1e-15)
    assert (logistic(-math.inf), logistic(math.inf)) == (0.0, 1.0)
    assert logistic(-700.0) > 0.0


# --- durations --------------------------------------------------------------------------------------------------------


def test_units_of_time() -> None:
    assert (MINUTE_US, HOUR_US, DAY_US) == (60 * 10**6, 3600 * 10**6, 86_400 * 10**6)
    assert NEVER > 1000 * 36_500 * DAY_US
    assert NEVER + NEVER - 1 < 2**63, "adding a duration to NEVER does not overflow"


@given(st.floats(0, 36_500))
def test_a_duration_is_rounded_to_the_nearest_microsecond(days: float) -> None:
    """Within half a microsecond, and the two roundings of a float product and sum (2**-52 each)."""
    exact = Fraction(days) * DAY_US
    assert abs(microseconds(days) - exact) <= Fraction(1, 2) + exact * Fraction(1, 2**51)


@given(st.floats(0, 52_560_000))
def test_minutes_are_rounded_likewise(minutes: float) -> None:
    exact = Fraction(minutes) * MINUTE_US
    assert abs(microseconds_of_minutes(minutes) - exact) <= Fraction(1, 2) + exact * Fraction(1, 2**51)


def test_durations_at_known_points() -> None:
    assert microseconds(0.0) == 0
    assert microseconds(1.0) == DAY_US
    assert microseconds(0.4 / DAY_US) == 0
    assert microseconds(0.5 / DAY_US) == 1, "half a microsecond is rounded up"
    assert microseconds_of_minutes(1.5) == 90 * 10**6


@pytest.mark.parametrize("longer", [36_500.0, 36_500.1, 1e300, math.inf])
def test_a_duration_lasts_a_century_at_most(longer: float) -> None:
    assert microseconds(longer) == 36_500 * DAY_US == microseconds_of_minutes(1440.0 * longer)
    assert type(microseconds(longer)) is int


def test_half_is_left_after_each_half_life() -> None:
    assert_compiled_equals_python(left_of, [(elapsed, 5.0) for elapsed in (0.0, 0.1, 5.0, 700.0)])
    for halvings in (0.0, 0.5, 1.0, 3.0):
        assert left_of(halvings * 7.0, 7.0) == pytest.approx(0.5**halvings, rel=1e-14)
