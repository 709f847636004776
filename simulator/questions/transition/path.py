"""The path of what a change has brought so far: its bands, its lowest point, and when it has paid for itself.

A path is float64[replications, points] of usd, cumulative, one row per replication: what the organisation that changes
earned since the change, less what it would have earned without it. Replications are independent, points are not.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.numbers import Span
from simulator.results.estimate import CONFIDENCE, half_widths

#: Resamples of replications (Efron 1979), draws of the greatest deviation, and the seed of both.
RESAMPLES, _DRAWS, _SEED = 2000, 20_000, 1

#: Resamples that are made together.
_AT_ONCE = 20

Paths = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """The mean path, and half the width of its 95% bands.

    Attributes
    ----------
    pointwise : covers the true value of one given day.
    simultaneous : covers the whole true path at once.
    """

    mean: NDArray[np.float64]
    pointwise: NDArray[np.float64]
    simultaneous: NDArray[np.float64]


def cumulative(weekly: Paths) -> Paths:
    """Running sums along weeks, from 0 on: one point more than weeks."""
    return np.concatenate([np.zeros((len(weekly), 1)), np.cumsum(weekly, axis=1)], axis=1)


def pointwise(paths: Paths) -> NDArray[np.float64]:
    """Half width at each point: the jackknife's, which for a mean is Student's."""
    count = len(paths)
    left_out = (paths.sum(axis=0) - paths) / (count - 1) if count > 1 else paths[:0]
    return half_widths(left_out)


def band(paths: Paths) -> Band:
    """The mean and both bands.

    The simultaneous one is the sup-t band (Montiel Olea and Plagborg-Moller 2019): the pointwise standard errors times
    the 95% quantile of the greatest standardised deviation along the path. Its distribution is simulated with the
    correlations of the replications and Student's t with one degree of freedom less than there are replications, so
    that for a path of one point it is the pointwise interval.
    """
    from scipy.special import stdtrit

    count, half = len(paths), pointwise(paths)
    if count < 2:
        return Band(paths.mean(axis=0), half, half)
    spread = paths.std(axis=0, ddof=1)
    moves = spread > 1e-12 * np.abs(paths).max(initial=0.0)
    wider = 1.0
    if moves.any():
        standard = (paths - paths.mean(axis=0))[:, moves] / spread[moves] / math.sqrt(count - 1)
        rng = np.random.default_rng(_SEED)
        greatest = np.empty(_DRAWS)
        for first in range(0, _DRAWS, RESAMPLES):  # in parts: memory stays small
            normal = rng.standard_normal((RESAMPLES, count)) @ standard
            chi = np.sqrt(rng.chisquare(count - 1, RESAMPLES) / (count - 1))
            greatest[first : first + RESAMPLES] = np.abs(normal).max(axis=1) / chi
        wider = max(1.0, float(np.quantile(greatest, CONFIDENCE)) / float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)))
    return Band(paths.mean(axis=0), half, wider * half)


def resampled(paths: Paths) -> Paths:
    """Mean paths of bootstrap resamples of the replications: float64[RESAMPLES, points]; needs two of them."""
    count = len(paths)
    rng = np.random.default_rng(_SEED)
    parts = [rng.integers(count, size=(_AT_ONCE, count)) for _ in range(RESAMPLES // _AT_ONCE)]  # memory stays small
    return np.concatenate([paths[draws].mean(axis=1) for draws in parts])


def payback(days: NDArray[np.float64], path: NDArray[np.float64]) -> float:
    """Days from which on a path is never below 0 again; infinite if it is at the end, 0 if it never was."""
    below = np.flatnonzero(path < 0.0)
    if len(below) == 0:
        return 0.0
    after = below[-1] + 1
    return float(days[after]) if after < len(days) else math.inf


def percentiles(values: NDArray[np.float64]) -> tuple[float, float]:
    """95% percentile interval of resamples (Efron 1979), of values that may be infinite."""
    ordered = np.sort(values)
    tail, last = (1 - CONFIDENCE) / 2, len(ordered) - 1
    return float(ordered[int(tail * len(ordered))]), float(ordered[min(int((1 - tail) * len(ordered)), last)])


def payback_of(days: NDArray[np.float64], paths: Paths) -> Span:
    """The payback of the mean path; a date moves in steps, so that its interval is that of resamples."""
    value = payback(days, paths.mean(axis=0))
    if len(paths) < 2:
        return Span(value, math.nan, math.nan)
    return Span(value, *percentiles(np.array([payback(days, path) for path in resampled(paths)])))


def dip_of(days: NDArray[np.float64], paths: Paths) -> tuple[Span, Span]:
    """Depth (usd, 0 or less) and day of the lowest point of the mean path; it starts from 0.

    The least of many uncertain points lies lower than the truth's, and a path that only wanders has a dip too: `band`
    says whether it is more than that. The interval of the depth is the pointwise one at this day, which held the truth
    in 92 to 99% of made-up cases with deep dips or none, and in 83% of those with dips that drown in noise; intervals
    of resamples did worse. That of the day is of resamples.
    """
    mean = paths.mean(axis=0)
    at = int(mean.argmin())
    half = float(pointwise(paths)[at])
    depth = Span(float(mean[at]), float(mean[at]) - half, min(0.0, float(mean[at]) + half))
    day = float(max(days[at], 0.0))
    if len(paths) < 2:
        return Span(depth.value, math.nan, math.nan), Span(day, math.nan, math.nan)
    return depth, Span(day, *percentiles(np.maximum(days[resampled(paths).argmin(axis=1)], 0.0)))


def at_day(days: NDArray[np.float64], paths: Paths, day: float) -> Span:
    """The mean path at a day, between points in a straight line; NaN beyond its end."""
    if day > days[-1]:
        return Span(math.nan, math.nan, math.nan)
    return mean_of(np.array([np.interp(day, days, path) for path in paths]))


def mean_of(values: NDArray[np.float64]) -> Span:
    """The mean of one value per replication, with Student's interval."""
    mean, half = float(values.mean()), float(pointwise(values[:, None])[0])
    return Span(mean, mean - half, mean + half)


def share_of(hits: int, count: int) -> Span:
    """A share of replications, with Wilson's interval (1927)."""
    from scipy.stats import binomtest

    ends = binomtest(hits, count).proportion_ci(CONFIDENCE, method="wilson")
    return Span(hits / count, float(ends.low), float(ends.high))
