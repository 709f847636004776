"""The end of a quarter: when reps follow up, and what a discount does. Quarters have 13 weeks, from instant 0 on."""

import math

from simulator.model.compiling import compiled
from simulator.model.numerics import DAY_US

QUARTER_US = 91 * DAY_US


@compiled
def is_near_end(now, window_us):
    """Whether the instant lies in the last ``window_us`` of its quarter."""
    return now % QUARTER_US >= QUARTER_US - window_us


@compiled
def next_quarter(now):
    """The instant at which the next quarter begins."""
    return (now // QUARTER_US + 1) * QUARTER_US


@compiled
def hurried(now, wait_us, window_us, intensity):
    """When a wait ends that passes ``intensity`` times as fast near quarter ends; the instant, rounded once."""
    left = float(wait_us)
    while True:
        of_quarter = now % QUARTER_US
        if of_quarter < QUARTER_US - window_us:
            until, pace = QUARTER_US - window_us - of_quarter, 1.0
        else:
            until, pace = QUARTER_US - of_quarter, intensity
        if left <= until * pace:
            return now + int(math.floor(left / pace + 0.5))
        left -= until * pace
        now += until


@compiled
def discounted(value_cents, discount):
    """What is paid after a price cut, in whole cents."""
    return value_cents - int(math.floor(value_cents * discount + 0.5))


@compiled
def next_deadline(now):
    """Noon of the last weekday of the quarter, the next one after ``now``."""
    at = now // QUARTER_US * QUARTER_US + QUARTER_US - 2 * DAY_US - DAY_US // 2
    return at if at > now else at + QUARTER_US


@compiled
def readiness(uncertainty, clear_level):
    """How ready a buyer is to sign whose greatest worry is so uncertain: 1 if it is clear, 0 if nothing is known."""
    if uncertainty <= clear_level:
        return 1.0
    return 1.0 - (uncertainty - clear_level) / (1.0 - clear_level)
