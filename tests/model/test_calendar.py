"""Working time: against a clock that ticks minute by minute, against sums over days, and by its own laws."""

import datetime
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from simulator.model.calendar import WEEK_US, after_work, instant_of_work, next_working, work_before
from simulator.model.numerics import DAY_US, HOUR_US, MINUTE_US
from tests.model.cases import assert_compiled_equals_python

OFFICE = (9 * HOUR_US, 8 * HOUR_US, 5)
ALWAYS_ON = (0, DAY_US, 7)
CALENDARS = {
    "office": OFFICE,
    "always on": ALWAYS_ON,
    "around the clock on weekdays": (0, DAY_US, 5),
    "late shift until midnight": (16 * HOUR_US, 8 * HOUR_US, 6),
    "early shift from midnight": (0, 6 * HOUR_US, 5),
    "Mondays": (8 * HOUR_US + 30 * MINUTE_US, 3 * HOUR_US, 1),
    "an hour a day": (12 * HOUR_US, HOUR_US, 7),
    "a microsecond a day": (DAY_US - 1, 1, 3),
}
MONDAY = datetime.datetime(2024, 1, 1)
CENTURY = 36_500 * DAY_US

#: Calendars with at least five minutes a day: a task of a century's work then ends within int64 (see the last test).
LEAST = 5 * MINUTE_US
calendars = st.one_of(
    st.sampled_from([calendar for calendar in CALENDARS.values() if calendar[1] >= LEAST]),
    st.tuples(st.integers(0, DAY_US - LEAST), st.integers(LEAST, DAY_US), st.integers(1, 7)).map(
        lambda c: (c[0], min(c[1], DAY_US - c[0]), c[2])
    ),
)
#: Any instant, and often one near a boundary of some calendar.
instants = st.one_of(
    st.integers(0, CENTURY),
    st.builds(
        lambda day, hour, step: max(0, day * DAY_US + hour * HOUR_US + step),
        st.integers(0, 60),
        st.sampled_from([0, 8, 9, 16, 17, 24]),
        st.integers(-2, 2),
    ),
)
durations = st.one_of(st.integers(0, 3), st.integers(0, 40 * HOUR_US), st.integers(0, CENTURY // 2))


def works_at(minute: int, opens: int, window: int, days: int) -> bool:
    """Whether a minute is a working minute, asked of Python's own calendar."""
    now = MONDAY + datetime.timedelta(minutes=minute)
    of_day = (now.hour * 60 + now.minute) * MINUTE_US
    return now.isoweekday() <= days and opens <= of_day < opens + window


def days_before(t: int, opens: int, window: int, days: int) -> int:
    """Working microseconds before ``t``, day by day."""
    total = 0
    for day in range(t // DAY_US + 1):
        if day % 7 < days:
            total += min(max(t - (day * DAY_US + opens), 0), window)
    return total


def test_instant_0_is_a_monday() -> None:
    assert MONDAY.isoweekday() == 1
    assert WEEK_US == 7 * DAY_US


@pytest.mark.parametrize("calendar", [c for name, c in CALENDARS.items() if name != "a microsecond a day"])
def test_equals_a_clock_that_ticks_by_the_minute(calendar: tuple[int, int, int]) -> None:
    """Three weeks: the work before every minute, the next working minute, and the end of tasks of random length."""
    minutes = 3 * 7 * 24 * 60
    working = [works_at(minute, *calendar) for minute in range(2 * minutes)]
    passed = [0]
    for works in working:
        passed.append(passed[-1] + works)
    ends = [minute + 1 for minute, works in enumerate(working) if works]
    choose = random.Random(5)
    upcoming = 0
    for minute in range(minutes):
        t = minute * MINUTE_US
        assert work_before(t, *calendar) == passed[minute] * MINUTE_US
        upcoming = max(upcoming, minute)
        while not working[upcoming]:
            upcoming += 1
        if minute % 7 == 0:
            assert next_working(t, *calendar) == upcoming * MINUTE_US
            task = choose.randrange(1, passed[-1] - passed[minutes])
            assert after_work(t, task * MINUTE_US, *calendar) == ends[passed[minute] + task - 1] * MINUTE_US


@given(st.integers(0, 60 * DAY_US), calendars)
def test_equals_a_sum_over_days(t: int, calendar: tuple[int, int, int]) -> None:
    assert work_before(t, *calendar) == days_before(t, *calendar)


@given(instants, durations, calendars)
def test_exactly_the_work_passes(t: int, duration: int, calendar: tuple[int, int, int]) -> None:
    """Between taking up a task and its end lies its duration, and a microsecond earlier it was not done."""
    end = after_work(t, duration, *calendar)
    assert work_before(end, *calendar) - work_before(t, *calendar) == duration
    if duration > 0:
        assert end >= t + duration
        assert work_before(end - 1, *calendar) - work_before(t, *calendar) == duration - 1
    else:
        assert end == t


@given(st.integers(1, CENTURY), calendars)
def test_instant_of_work_inverts_work_before(work: int, calendar: tuple[int, int, int]) -> None:
    """The earliest instant at which so much work is done, and it lies at the end of a working microsecond."""
    t = instant_of_work(work, *calendar)
    assert work_before(t, *calendar) == work
    assert work_before(t - 1, *calendar) == work - 1


@given(instants, calendars)
def test_next_working(t: int, calendar: tuple[int, int, int]) -> None:
    opening = next_working(t, *calendar)
    assert opening >= t
    assert work_before(opening, *calendar) == work_before(t, *calendar), "no work is skipped"
    assert work_before(opening + 1, *calendar) == work_before(opening, *calendar) + 1, "work goes on there"
    assert next_working(opening, *calendar) == opening
    assert after_work(opening, 1, *calendar) == opening + 1


@given(instants, durations, durations, calendars)
def test_tasks_one_after_the_other_take_as_long_as_both_at_once(
    t: int, first: int, second: int, calendar: tuple[int, int, int]
) -> None:
    assume(first > 0 and second > 0)
    at_once = after_work(t, first + second, *calendar)
    assert after_work(after_work(t, first, *calendar), second, *calendar) == at_once


@given(instants, instants, durations, calendars)
def test_whoever_starts_later_is_never_done_earlier(
    s: int, t: int, duration: int, calendar: tuple[int, int, int]
) -> None:
    early, late = sorted((s, t))
    assert after_work(early, duration, *calendar) <= after_work(late, duration, *calendar)
    assert work_before(early, *calendar) <= work_before(late, *calendar)


@given(instants, durations, calendars, st.integers(1, 500))
def test_every_week_is_alike(t: int, duration: int, calendar: tuple[int, int, int], weeks: int) -> None:
    _, window, days = calendar
    later = t + weeks * WEEK_US
    assert after_work(later, duration, *calendar) == after_work(t, duration, *calendar) + weeks * WEEK_US
    assert work_before(later, *calendar) == work_before(t, *calendar) + weeks * days * window


@given(instants, durations)
def test_always_on_is_the_wall_clock(t: int, duration: int) -> None:
    assert work_before(t, *ALWAYS_ON) == t
    assert after_work(t, duration, *ALWAYS_ON) == t + duration
    assert next_working(t, *ALWAYS_ON) == t


def at(day: int, hour: float) -> int:
    return day * DAY_US + round(hour * HOUR_US)


@pytest.mark.parametrize(
    ("t", "duration", "end"),
    [
        (at(0, 0), at(0, 1), at(0, 10)),  # before opening
        (at(0, 9), at(0, 8), at(0, 17)),  # a whole day ends with it
        (at(0, 9), at(0, 8) + 1, at(1, 9) + 1),  # and one microsecond more on the next morning
        (at(0, 17), at(0, 1), at(1, 10)),  # at closing
        (at(0, 17) - 1, 1, at(0, 17)),  # the last microsecond
        (at(0, 17) - 1, 2, at(1, 9) + 1),
        (at(4, 16), at(0, 2), at(7, 10)),  # over the weekend
        (at(5, 12), at(0, 1), at(7, 10)),  # taken up on Saturday
        (at(6, 23), at(0, 8), at(7, 17)),  # on Sunday
        (at(0, 9), at(0, 40), at(4, 17)),  # a whole week
        (at(0, 9), at(0, 40) + 1, at(7, 9) + 1),
        (at(5, 12), 0, at(5, 12)),  # nothing to do
        (at(2, 12), -5, at(2, 12)),  # less than nothing
    ],
)
def test_office_hours(t: int, duration: int, end: int) -> None:
    assert after_work(t, duration, *OFFICE) == end


@pytest.mark.parametrize(
    ("t", "opening"),
    [
        (at(0, 0), at(0, 9)),
        (at(0, 9), at(0, 9)),
        (at(0, 12), at(0, 12)),
        (at(0, 17) - 1, at(0, 17) - 1),
        (at(0, 17), at(1, 9)),
        (at(4, 17), at(7, 9)),
        (at(6, 12), at(7, 9)),
    ],
)
def test_openings(t: int, opening: int) -> None:
    assert next_working(t, *OFFICE) == opening


@pytest.mark.parametrize("calendar", [*CALENDARS.values(), (0, LEAST, 1)])
def test_a_century_is_counted_exactly(calendar: tuple[int, int, int]) -> None:
    work = work_before(CENTURY, *calendar)
    assert work == days_before(CENTURY, *calendar)
    assert work_before(instant_of_work(work, *calendar), *calendar) == work


def test_a_century_of_work_ends_within_int64() -> None:
    """Taken up after a century, in the shortest calendar above: Python's integers, which never wrap, say the same."""
    end = after_work(CENTURY, CENTURY, 0, LEAST, 1)
    weeks, rest = divmod(work_before(CENTURY, 0, LEAST, 1) + CENTURY - 1, LEAST)
    assert end == weeks * WEEK_US + rest + 1 < 2**63


def test_compiled_equals_python() -> None:
    choose = random.Random(6)
    cases = []
    for calendar in CALENDARS.values():
        longest = CENTURY if calendar[1] >= LEAST else 1000
        for _ in range(300):
            t = choose.choice([choose.randrange(CENTURY), at(choose.randrange(60), choose.choice((0, 9, 17)))])
            cases.append((t, choose.choice([0, 1, choose.randrange(1, longest)]), *calendar))
    assert_compiled_equals_python(after_work, cases)
    for function in (work_before, next_working):
        assert_compiled_equals_python(function, [(t, *calendar) for t, _, *calendar in cases])
    assert_compiled_equals_python(instant_of_work, [(work + 1, *calendar) for _, work, *calendar in cases])
