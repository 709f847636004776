"""Working time: how much of it has passed at an instant, and when an amount of it is done. All exact integers.

A calendar is three numbers: ``opens`` (microseconds after midnight at which work starts; meetings come before),
``window`` (microseconds of work a day) and ``days`` (working days a week, from Monday on; instant 0 is a Monday).
"""

import math

from simulator.model.compiling import compiled
from simulator.model.numerics import DAY_US

WEEK_US = 7 * DAY_US


@compiled
def work_before(t, opens, window, days):
    """Working microseconds in [0, t)."""
    week = t // WEEK_US
    day = (t - week * WEEK_US) // DAY_US
    if day >= days:
        return (week + 1) * days * window
    of_day = t - week * WEEK_US - day * DAY_US - opens
    return week * days * window + day * window + min(max(of_day, 0), window)


@compiled
def instant_of_work(work, opens, window, days):
    """The instant at which ``work`` > 0 working microseconds since instant 0 are done."""
    week = (work - 1) // (days * window)
    of_week = work - week * days * window
    day = (of_week - 1) // window
    return week * WEEK_US + day * DAY_US + opens + of_week - day * window


@compiled
def after_work(t, duration, opens, window, days):
    """When a task of ``duration`` working microseconds is done that is taken up at ``t``."""
    if duration <= 0:
        return t
    return instant_of_work(work_before(t, opens, window, days) + duration, opens, window, days)


@compiled
def next_working(t, opens, window, days):
    """``t`` itself within working time, else the next opening."""
    return instant_of_work(work_before(t, opens, window, days) + 1, opens, window, days) - 1


@compiled
def own_opening(u, opens, spread):
    """OFFICE_OPENS: when a buyer's day opens, microseconds after midnight; uniform around the market's."""
    return int(math.floor(opens + (2.0 * u - 1.0) * spread + 0.5))


@compiled
def in_office(t, u, share, opens, window):
    """OFFICE_HOURS: when a buyer acts who would act at ``t``: then, or at some time of its next office hours.

    With chance ``share`` it waits for them if they are not now; u / share is then the part of the day that has passed.
    """
    day = t // DAY_US
    of_day = t - day * DAY_US - opens
    weekday = day % 7
    if weekday < 5 and 0 <= of_day < window:
        return t
    if u >= share:
        return t
    if weekday >= 5:
        day += 7 - weekday
    elif of_day >= window:
        day += 3 if weekday == 4 else 1
    return day * DAY_US + opens + int(math.floor(window * (u / share)))
