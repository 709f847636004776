"""A buyer's office hours: against a clock that ticks minute by minute, and compiled against Python."""

import datetime
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.model import calendar
from simulator.model.calendar import in_office, own_opening
from simulator.model.numerics import DAY_US, HOUR_US, MINUTE_US
from tests.model.cases import STANDARD_ERRORS, assert_compiled_equals_python, functions_of, grid, uniforms

LEAST, MOST = 2.0**-53, 1 - 2.0**-53
inside = st.floats(LEAST, MOST)
MONDAY = datetime.datetime(2024, 1, 1)
#: Hours of the day at which an office opens, and how many it stays open; all within one day.
OFFICES = [(9, 8), (0, 24), (0, 5), (16, 8), (11, 1)]


def is_open(minute: int, opens: int, hours: int) -> bool:
    """Whether a minute is one of office hours, asked of Python's own calendar."""
    now = MONDAY + datetime.timedelta(minutes=minute)
    return now.isoweekday() <= 5 and opens <= now.hour < opens + hours


@pytest.mark.parametrize(("opens", "hours"), OFFICES)
def test_equals_a_clock_that_ticks_by_the_minute(opens: int, hours: int) -> None:
    """Two weeks. Who waits comes in the next office hours, when u / share of them have passed."""
    choose, share, upcoming = random.Random(5), 0.8, 0
    for minute in range(0, 14 * 24 * 60, 7):
        u = choose.random()
        upcoming = max(upcoming, minute)
        while not is_open(upcoming, opens, hours):
            upcoming += 1
        found = in_office(minute * MINUTE_US, u, share, opens * HOUR_US, hours * HOUR_US)
        if upcoming == minute or u >= share:
            assert found == minute * MINUTE_US
        else:
            assert abs(found - (upcoming * MINUTE_US + u / share * hours * HOUR_US)) <= 1


offices = st.tuples(st.integers(0, DAY_US - 1), st.integers(1, DAY_US)).map(lambda o: (o[0], min(o[1], DAY_US - o[0])))
instants = st.integers(0, 36_500 * DAY_US)


@given(instants, inside, st.floats(2.0**-53, 1), offices)
def test_nobody_acts_earlier_and_who_waits_acts_in_office_hours(
    t: int, u: float, share: float, office: tuple[int, int]
) -> None:
    opens, window = office
    at = in_office(t, u, share, opens, window)
    assert t <= at < t + 4 * DAY_US
    if at != t:
        assert at // DAY_US % 7 < 5 and 0 <= at % DAY_US - opens < window
        assert in_office(at, u, share, opens, window) == at, "it waits once"
    if u >= share:
        assert at == t


def test_so_many_wait_and_come_evenly_over_the_day() -> None:
    """Of those who would act on a Saturday: 80% come on Monday."""
    saturday, monday = 5 * DAY_US + 12 * HOUR_US, 7 * DAY_US + 9 * HOUR_US
    at = np.array([in_office(saturday, u, 0.8, 9 * HOUR_US, 8 * HOUR_US) for u in uniforms(40_000, seed=31)])
    waits = at != saturday
    assert abs(waits.mean() - 0.8) < STANDARD_ERRORS * (0.8 * 0.2 / at.size) ** 0.5
    assert stats.kstest((at[waits] - monday) / (8 * HOUR_US), "uniform").pvalue > 1e-6


def test_days_open_evenly_around_the_markets_hour() -> None:
    opens = np.array([own_opening(u, 9 * HOUR_US, 2 * HOUR_US) for u in uniforms(40_000, seed=32)])
    assert stats.kstest(opens / HOUR_US, "uniform", args=(7, 4)).pvalue > 1e-6
    assert own_opening(0.5, 9 * HOUR_US, 2 * HOUR_US) == own_opening(LEAST, 9 * HOUR_US, 0) == 9 * HOUR_US
    assert own_opening(0.25, 9 * HOUR_US, 3) == 9 * HOUR_US - 1, "rounded, a half up"


def test_compiled_equals_python() -> None:
    us = [LEAST, 0.3, 0.8, MOST, *uniforms(20, seed=33)]
    assert_compiled_equals_python(own_opening, grid(us, [0, 9 * HOUR_US], [0, 2 * HOUR_US, 4 * HOUR_US]))
    times = [0, 4 * DAY_US + 17 * HOUR_US, 5 * DAY_US, 6 * DAY_US + 1, 40 * DAY_US + 10 * HOUR_US]
    offices = grid(times, us, [0.01, 0.8, 1.0], [0, 9 * HOUR_US], [MINUTE_US, 8 * HOUR_US])
    assert_compiled_equals_python(in_office, offices)


def test_every_function_of_time_is_compared() -> None:
    compared = {"work_before", "next_working", "instant_of_work", "after_work", "own_opening", "in_office"}
    assert functions_of(calendar) == compared
