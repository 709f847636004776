"""The end of a quarter against a clock that counts quarters and a naive integral of pace; compiled against Python."""

import datetime
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import quarter
from simulator.model.numerics import DAY_US, HOUR_US
from tests.model.cases import assert_compiled_equals_python, functions_of, grid

QUARTER_DAYS = 13 * 7
QUARTER_US = QUARTER_DAYS * DAY_US
INSTANTS = [0, 1, 81 * DAY_US, QUARTER_US - 1, QUARTER_US, 90 * DAY_US + 5, 800 * DAY_US + 123_457, 36_500 * DAY_US]
WINDOWS = [0, 1, 10 * DAY_US, QUARTER_US - 1, QUARTER_US]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "is_near_end": grid(INSTANTS, WINDOWS),
    "next_quarter": grid(INSTANTS),
    "hurried": grid(INSTANTS, [0, 1, 7 * DAY_US, 200 * DAY_US + 1], WINDOWS, [1.0, 1.37, 3.0, 20.0]),
    "next_deadline": grid(INSTANTS),
    "readiness": grid([0.0, 0.25, 0.3, 0.7, 1.0], [0.0, 0.25, 0.3, 0.9999, 1.0]),
    "discounted": grid([0, 1, 99, 1_234_567, 10**15], [0.0, 0.005, 0.07, 0.5, 0.9]),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(quarter, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(quarter)


# --- When -------------------------------------------------------------------------------------------------------------


def test_quarters_on_the_calendar() -> None:
    """Day by day over nine quarters."""
    begins = [number * QUARTER_DAYS for number in range(1, 10)]
    for day in range(9 * QUARTER_DAYS):
        following = min(begin for begin in begins if begin > day)
        for now in (day * DAY_US, day * DAY_US + 1, day * DAY_US + DAY_US - 1):
            assert quarter.next_quarter(now) == following * DAY_US
            for window in (0, 1, 10, QUARTER_DAYS):
                assert quarter.is_near_end(now, window * DAY_US) == (following - day <= window)


def test_deadlines_on_the_calendar() -> None:
    """Hour by hour over nine quarters: noon of the last day of each that is none of a weekend, the next one."""
    first_day = datetime.date(2024, 1, 1)
    noons = []
    for number in range(1, 11):
        day = number * QUARTER_DAYS - 1
        while (first_day + datetime.timedelta(days=day)).isoweekday() > 5:
            day -= 1
        noons.append(day * DAY_US + 12 * HOUR_US)
    for hour in range(9 * QUARTER_DAYS * 24):
        for now in (hour * HOUR_US, hour * HOUR_US + 1, hour * HOUR_US + HOUR_US - 1):
            assert quarter.next_deadline(now) == min(noon for noon in noons if noon > now)


def test_how_ready_a_buyer_is() -> None:
    """1 where the greatest worry is clear, 0 where nothing is known, a straight line between."""
    line = [quarter.readiness(0.3 + 0.7 * part, 0.3) for part in (0.0, 0.25, 0.5, 1.0)]
    assert line == pytest.approx([1.0, 0.75, 0.5, 0.0]) and line[0] == 1.0
    assert quarter.readiness(0.1, 0.3) == quarter.readiness(0.0, 0.0) == quarter.readiness(1.0, 1.0) == 1.0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_nobody_is_readier_with_a_greater_worry(a: float, b: float, level: float) -> None:
    less, more = sorted((a, b))
    assert 0.0 <= quarter.readiness(more, level) <= quarter.readiness(less, level) <= 1.0


instants = st.integers(0, 40_000 * DAY_US)
waits = st.integers(0, 400 * DAY_US)
windows = st.integers(0, QUARTER_US)
intensities = st.floats(1, 20)


def _passed(hours: int, window_hours: int, intensity: float, start: int) -> np.ndarray:
    """What has passed of a wait after each hour from ``start``: the pace, hour by hour, added up."""
    of_quarter = (start + np.arange(hours)) % (QUARTER_DAYS * 24)
    pace = np.where(of_quarter >= QUARTER_DAYS * 24 - window_hours, intensity, 1.0)
    return np.concatenate([[0.0], np.cumsum(pace)])


@pytest.mark.parametrize("intensity", [2.0, 3.5, 20.0])
@pytest.mark.parametrize("window_days", [1, 10, 91])
def test_hurried_against_a_naive_integral(window_days: int, intensity: float) -> None:
    """The wait ends where the integral of the pace reaches it; all in whole hours, so the integral is exact."""
    draw = np.random.Generator(np.random.PCG64(5))
    for start, wait in zip(draw.integers(0, 3000, 60), draw.integers(1, 24 * 300, 60), strict=True):
        passed = _passed(int(wait) + 1, 24 * window_days, intensity, int(start))
        whole = int(np.searchsorted(passed, wait, side="right")) - 1
        into = 0.0 if passed[whole] == wait else (wait - passed[whole]) / (passed[whole + 1] - passed[whole])
        found = quarter.hurried(int(start) * HOUR_US, int(wait) * HOUR_US, window_days * DAY_US, intensity)
        assert abs(found - round((int(start) + whole + into) * HOUR_US)) <= 1


def test_a_wait_over_several_quarters() -> None:
    """Each quarter has 81 days at pace 1 and 10 at pace 3: 111 days of a wait pass in 91."""
    found = quarter.hurried(0, 3 * 111 * DAY_US, 10 * DAY_US, 3.0)
    assert found == 3 * QUARTER_US
    assert quarter.hurried(0, (3 * 111 + 81 + 6) * DAY_US, 10 * DAY_US, 3.0) == 3 * QUARTER_US + 83 * DAY_US


@given(instants, waits, windows, intensities)
def test_without_a_window_or_a_hurry_it_is_a_plain_wait(now: int, wait: int, window: int, intensity: float) -> None:
    assert quarter.hurried(now, wait, 0, intensity) == quarter.hurried(now, wait, window, 1.0) == now + wait


@given(instants, waits, waits, windows, intensities)
def test_hurried_keeps_order_and_bounds(now: int, wait: int, more: int, window: int, intensity: float) -> None:
    end = quarter.hurried(now, wait, window, intensity)
    assert quarter.hurried(now, wait + more, window, intensity) >= end
    assert quarter.hurried(now + more, wait, window, intensity) >= end - 1, "who begins later ends no earlier"
    least = Fraction(wait) / Fraction(intensity)
    assert now + least - 1 <= end <= now + wait
    assert quarter.hurried(now, wait, QUARTER_US, intensity) <= end
    assert quarter.hurried(now, wait, window, 20.0) <= end


# --- How much ---------------------------------------------------------------------------------------------------------


def test_discounts_are_whole_cents() -> None:
    assert quarter.discounted(10_000, 0.07) == 9_300
    assert quarter.discounted(1, 0.5) == 0 and quarter.discounted(3, 0.5) == 1, "half a cent goes to the buyer"
    assert quarter.discounted(12_345, 0.0) == 12_345


@given(st.integers(0, 10**15), st.floats(0, 0.9), st.floats(0, 1))
def test_nobody_pays_more_or_less_than_nothing(value: int, discount: float, less: float) -> None:
    paid = quarter.discounted(value, discount)
    assert 0 <= paid <= value
    assert abs(value - paid - value * Fraction(discount)) <= Fraction(1, 2) + Fraction(value, 2**52)
    assert quarter.discounted(value, discount * less) >= paid
