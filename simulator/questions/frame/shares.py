"""A share of points with its interval, also where points come in blocks that resemble one another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.results.estimate import CONFIDENCE


@dataclass(frozen=True)
class Share:
    """A share and its 95% interval; NaN of nothing.

    Attributes
    ----------
    count : points that it is a share of.
    """

    value: float
    low: float
    high: float
    count: int


def share(hits: NDArray[np.bool_], block: int = 1) -> Share:
    """The share of ``hits``, bool[points], of which each ``block`` in a row belong together.

    The interval is Clopper and Pearson's (1934), for blocks with the effective sample size of Korn and Graubard (1998):
    as many independent points as have the variance that is seen between blocks, never more than there are, and no more
    than blocks where all are alike.
    """
    count = len(hits)
    if not count:
        return Share(float("nan"), float("nan"), float("nan"), 0)
    value = float(hits.mean())
    return Share(value, *_interval(value, _effective(hits, block)), count)


def _effective(hits: NDArray[np.bool_], block: int) -> float:
    from scipy.special import stdtrit  # the t quantile; `scipy.stats` takes seconds to import and calls the same

    count, blocks, value = len(hits), len(hits) // block, float(hits.mean())
    if block == 1:
        return count
    between = float(hits.reshape(blocks, block).mean(axis=1).var(ddof=1)) / blocks
    if between == 0:
        return blocks
    tail = (1 + CONFIDENCE) / 2
    wider = (stdtrit(count - 1, tail) / stdtrit(blocks - 1, tail)) ** 2
    return min(float(count), value * (1 - value) / between * wider)


def _interval(value: float, count: float) -> tuple[float, float]:
    from scipy.special import betaincinv

    hits, tail = value * count, (1 - CONFIDENCE) / 2
    low = 0.0 if hits <= 0 else float(betaincinv(hits, count - hits + 1, tail))
    high = 1.0 if hits >= count else float(betaincinv(hits + 1, count - hits, 1 - tail))
    return low, high
