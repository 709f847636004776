"""How well a score tells good from bad: the ROC curve and the area below it, with jackknife intervals.

The area is the chance that a good one scores higher than a bad one, ties counted half (Hanley and McNeil 1982), over
all pairs of all replications. Buyers of a replication share queues, so that DeLong's interval (1988), which takes them
to be independent, does not apply: intervals come from leaving out one replication at a time, as everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.results.estimate import Estimate, ratio_of_sums

#: Points of a curve: cuts that so many equal parts of the bad ones lie between.
_PARTS = 50


@dataclass(frozen=True)
class Scored:
    """Scores of one replication, and which of them belong to good ones: float64[n], bool[n]."""

    scores: NDArray[np.float64]
    good: NDArray[np.bool_]


@dataclass(frozen=True)
class Point:
    """Passing everybody from a score on: shares of the good ones and of the bad ones who pass."""

    score: float
    true_positive: Estimate
    false_positive: Estimate


def area(replications: Sequence[Scored]) -> Estimate:
    """Area under the ROC curve; NaN where good or bad ones are missing.

    Pairs are counted once, for each replication those of its good ones with all bad ones, of its bad ones with all good
    ones, and those within it, so that leaving it out is a subtraction (n log n in all).
    """
    good = [one.scores[one.good] for one in replications]
    bad = [one.scores[~one.good] for one in replications]
    all_good, all_bad = np.sort(np.concatenate(good)), np.sort(np.concatenate(bad))
    of_good = np.array([_pairs(one, all_bad) for one in good], dtype=np.float64)
    of_bad = np.array([2 * len(one) * len(all_good) - _pairs(one, all_good) for one in bad], dtype=np.float64)
    within = np.array([_pairs(g, np.sort(b)) for g, b in zip(good, bad, strict=True)], dtype=np.float64)
    goods, bads = np.array([len(one) for one in good]), np.array([len(one) for one in bad])
    with np.errstate(divide="ignore", invalid="ignore"):
        value = of_good.sum() / (2.0 * goods.sum() * bads.sum())
        left = (of_good.sum() - of_good - of_bad + within) / (2.0 * (goods.sum() - goods) * (bads.sum() - bads))
    return Estimate(float(value), left if len(replications) > 1 else np.empty(0))


def _pairs(scores: NDArray[np.float64], others: NDArray[np.float64]) -> int:
    """Twice the pairs in which a score is above one of the others, which are in order; a tie counts one."""
    return int(np.searchsorted(others, scores, "left").sum() + np.searchsorted(others, scores, "right").sum())


def curve(replications: Sequence[Scored]) -> list[Point]:
    """The ROC curve from the highest score to the lowest, at cuts that divide the bad ones evenly."""
    bad = np.concatenate([one.scores[~one.good] for one in replications])
    if not len(bad):
        return []
    cuts = np.unique(np.quantile(bad, np.linspace(0.0, 1.0, _PARTS + 1)))[::-1]
    return [passing(replications, float(cut)) for cut in (np.inf, *cuts, -np.inf)]


def passing(replications: Sequence[Scored], cut: float) -> Point:
    """Who passes if everybody with at least this score does."""
    return Point(cut, *shares(replications, [one.scores >= cut for one in replications]))


def shares(replications: Sequence[Scored], passed: Sequence[NDArray[np.bool_]]) -> tuple[Estimate, Estimate]:
    """Shares of the good ones and of the bad ones who passed."""
    sides = []
    for side in (True, False):
        counted = [(np.count_nonzero(one.good == side), np.count_nonzero(through & (one.good == side)))
                   for one, through in zip(replications, passed, strict=True)]  # fmt: skip
        bottoms, tops = np.array(counted, dtype=np.float64).T
        sides.append(ratio_of_sums(tops, bottoms))
    return sides[0], sides[1]
