"""What an export tells without a model: how many leads come a week through each channel, and what customers pay."""

from dataclasses import dataclass

import numpy as np

from simulator.fit.lead_stream import LeadStream
from simulator.results.summary import WEEK

#: Half the width of a 95% interval, in standard errors.
_Z = 1.96
#: Wins with a value from which on deal values are told.
_VALUES = 10


@dataclass(frozen=True)
class DirectEstimate:
    """One number with its 95% interval, and what it rests on."""

    name: str
    of: str
    value: float
    low: float
    high: float
    unit: str
    n: int


def arrivals(stream: LeadStream) -> list[DirectEstimate]:
    """Leads a week, of all and of each channel, over the whole weeks of the export.

    The interval takes in that weeks differ more than by chance: the variance of the weekly counts over their mean
    (quasi-Poisson; McCullagh and Nelder 1989).
    """
    week = stream.arrivals.at_us // WEEK
    first, last = int(week[0]), int(week[-1])
    estimates = []
    for place, name in enumerate(("all channels", *stream.arrivals.channels)):
        mine = week if place == 0 else week[stream.arrivals.channel == place - 1]
        counts = np.bincount(mine - first, minlength=last - first + 1).astype(float)
        if len(counts) > 2:
            counts = counts[1:-1]  # the first and the last week are seldom whole
        mean = float(counts.mean())
        spread = max(1.0, float(counts.var(ddof=1)) / mean) if len(counts) > 1 and mean > 0 else 1.0
        error = _Z * float(np.sqrt(spread * mean / len(counts)))
        estimates.append(
            DirectEstimate("leads a week", name, mean, max(0.0, mean - error), mean + error, "leads", int(counts.sum()))
        )
    return estimates


def values(paid_usd: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> DirectEstimate | None:
    """Median of what customers pay, usd, with the interval of the median of a log-normal; None if few are known."""
    known = paid_usd[np.isfinite(paid_usd) & (paid_usd > 0)]
    if len(known) < _VALUES:
        return None
    logs = np.log(known)
    error = _Z * 1.2533 * float(logs.std(ddof=1)) / np.sqrt(len(logs))
    middle = float(np.median(logs))
    low, high = np.exp(middle - error), np.exp(middle + error)
    return DirectEstimate(
        "deal value, median", "wins", float(np.exp(middle)), float(low), float(high), "usd", len(known)
    )
