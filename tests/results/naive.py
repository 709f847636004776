"""Slow, obvious oracles for the estimates."""

import math

from scipy import stats


def aalen_johansen(durations, codes, event):
    """{time: incidence}, by the textbook: at each time S(t-) d(t) / n(t)."""
    incidence, survival, found = 0.0, 1.0, {}
    for time in sorted(set(durations)):
        at_risk = sum(d >= time for d in durations)
        now = [c for d, c in zip(durations, codes, strict=True) if d == time]
        ends, hits = sum(c != 0 for c in now), now.count(event)
        incidence += survival * hits / at_risk
        survival *= 1 - ends / at_risk
        found[time] = incidence
    return found


def quantile(durations, codes, event, level):
    """First time at which the incidence reaches its share; NaN when nobody ended so."""
    found = aalen_johansen(durations, codes, event)
    end = list(found.values())[-1] if found else 0.0
    return next((t for t, share in found.items() if end > 0 and share >= level * end - 1e-12), math.nan)


def jackknife(parts, estimate):
    """Estimate and 95% interval, leaving out one part at a time."""
    count = len(parts)
    value = estimate(parts)
    without = [estimate(parts[:i] + parts[i + 1 :]) for i in range(count)]
    mean = sum(without) / count
    error = math.sqrt((count - 1) / count * sum((one - mean) ** 2 for one in without))
    half = stats.t.ppf(0.975, count - 1) * error
    return value, value - half, value + half
