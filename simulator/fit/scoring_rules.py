"""How good a prediction was: the log score of weekly wins, the distance of the curves, and whether intervals held.

Predictions are draws of what might be seen. The log score of a count is the log of the probability that a distribution
with the draws' mean and variance gives it (negative binomial, or binomial where the variance is below the mean); higher
is better (Good 1952; Gneiting and Raftery 2007). It is the same rule for every model. Intervals are of leads drawn
again within their week.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.fit.event_times import EventTimes
from simulator.fit.holdout import Holdout
from simulator.fit.response_surface import Rows
from simulator.results.crm_export import NEVER

#: Central share of the draws that an interval of prediction takes in, and of the resamples that a score's does.
LEVEL = 0.9
_RESAMPLES = 1000


@dataclass(frozen=True)
class HoldoutScores:
    """One model's predictions of the leads after one cutoff.

    Attributes
    ----------
    rows : float64[draws, width], as `Holdout.row` makes them.
    log_score : of wins within the horizon, a week's mean.
    log_score_ever : the same of wins until the export.
    distance : greatest distance of the expected curve from the real one, a share (Kolmogorov and Smirnov).
    held : share of the weeks and channels with leads whose real number of wins lay in the interval.
    ahead_of : model -> by how much this log score is better than the other's, with its interval; positive: better.
    """

    rows: Rows
    log_score: float
    log_score_ever: float
    distance: float
    held: float
    ahead_of: Mapping[str, tuple[float, float, float]]


def scored(holdout: Holdout, real: EventTimes, predicted: Mapping[str, Rows], seed: int) -> dict[str, HoldoutScores]:
    """Each model's scores, all on the same leads."""
    truth = holdout.row(real)
    again = _resampled(holdout, real, seed)
    weekly = {name: _Weekly(holdout.within(rows).sum(axis=-1)) for name, rows in predicted.items()}
    means = {name: float(model.scores(holdout.within(truth).sum(axis=-1)).mean()) for name, model in weekly.items()}
    resampled = {name: model.scores(again).mean(axis=1) for name, model in weekly.items()}
    scores = {}
    for name, rows in predicted.items():
        ever = _Weekly(holdout.ever(rows).sum(axis=-1)).scores(holdout.ever(truth).sum(axis=-1))
        curve = np.abs(holdout.curve(rows).mean(axis=0) - holdout.curve(truth)).max()
        better = {
            other: (means[name] - means[other], *_interval(resampled[name] - resampled[other]))
            for other in predicted
            if other != name
        }
        scores[name] = HoldoutScores(
            rows, means[name], float(ever.mean()), float(curve), _held(holdout, rows, truth), better
        )
    return scores


def ends(rows: Rows, level: float = LEVEL) -> tuple[Rows, Rows]:
    """Ends of the central interval of draws, along the first axis."""
    tail = (1.0 - level) / 2
    return np.quantile(rows, tail, axis=0), np.quantile(rows, 1.0 - tail, axis=0)


class _Weekly:
    """The distribution of each week's wins."""

    def __init__(self, counts: Rows) -> None:
        self._mean = np.maximum(counts.mean(axis=0), 0.05)
        self._variance = np.maximum(counts.var(axis=0), 0.05)

    def scores(self, seen: Any) -> Rows:
        """Log probability of counts, float64[..., weeks]."""
        from scipy import stats

        mean, variance = self._mean, self._variance
        wide = variance > mean * 1.001
        excess = np.where(wide, variance - mean, mean)
        size, chance = mean**2 / excess, mean / np.where(wide, variance, 2 * mean)
        negative = stats.nbinom.logpmf(seen, size, chance)
        share = np.clip(1.0 - variance / mean, 1e-3, 0.999)
        trials = np.maximum(np.ceil(mean / share), np.max(seen, initial=1.0))
        narrow = stats.binom.logpmf(seen, trials, np.clip(mean / trials, 1e-9, 1 - 1e-9))
        return np.asarray(np.where(wide, negative, narrow))


def _held(holdout: Holdout, rows: Rows, truth: Rows) -> float:
    low, high = ends(holdout.within(rows))
    seen, some = holdout.within(truth), holdout.leads > 0
    return float(((low <= seen) & (seen <= high))[some].mean())


def _resampled(holdout: Holdout, real: EventTimes, seed: int) -> NDArray[np.int64]:
    """int64[resamples, weeks]: wins within the horizon of leads drawn again within their week."""
    rng = np.random.default_rng(seed)
    won, arrived = real.won, holdout.stream.arrivals.at_us
    hit = (
        (won < NEVER)
        & (won >= holdout.stream.since)
        & (won < holdout.stream.until)
        & (won - arrived <= holdout.horizon)
    )
    weeks = holdout.leads.shape[0]
    leads = holdout.leads.sum(axis=1)
    wins = np.bincount(holdout.week[(holdout.week >= 0) & hit], minlength=weeks)
    # drawing n leads again with replacement is a binomial number of wins
    return np.asarray(rng.binomial(leads, wins / np.maximum(leads, 1), size=(_RESAMPLES, weeks)))


def _interval(values: Rows) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
