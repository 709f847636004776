"""Which parameter sets an export leaves likely: approximate Bayesian computation with regression.

Each simulated set has its numbers (`sight`). Three steps, on quantiles of the prior carried to the whole line by the
logit, so that nothing leaves a range:

1. a ridge regression of the parameters on the numbers and their squares says what the numbers tell about each parameter;
   those expectations stand for the numbers (Fearnhead and Prangle 2012);
2. the sets whose expectations lie nearest to those of the observed numbers are kept (Pritchard et al. 1999), weighed by
   Epanechnikov's kernel;
3. what a local linear regression explains of their differences is taken out (Beaumont, Zhang and Balding 2002).

What the numbers do not tell keeps the width of its prior: nothing is asked of the user to know that.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

#: Share of the sets that are kept, and their least number.
_KEPT, _LEAST_KEPT = 0.2, 100
#: Penalties of the regressions, per set; numbers further out than so many standard deviations say no more.
_RIDGE, _LOCAL_RIDGE, _FAR = 1e-3, 1e-3, 4.0
_EDGE = 1e-6


@dataclass(frozen=True)
class Posterior:
    """Likely parameter sets.

    Attributes
    ----------
    points : float64[sets, parameters] in the unit cube of the prior.
    weights : float64[sets], adding up to 1.
    """

    points: Rows
    weights: Rows

    def interval(self, position: int, level: float = 0.9) -> tuple[float, float, float]:
        """Low end, median and high end of the central interval of one parameter, as quantiles of its prior."""
        tail = (1.0 - level) / 2
        low, middle, high = weighted_quantiles(self.points[:, position], self.weights, [tail, 0.5, 1.0 - tail])
        return float(low), float(middle), float(high)

    def box(self, level: float, margin: float) -> tuple[Rows, Rows]:
        """Ends of a box around what is likely: central intervals, widened by a share of the range."""
        ends = np.array([self.interval(position, level) for position in range(self.points.shape[1])])
        return np.clip(ends[:, 0] - margin, 0.0, 1.0), np.clip(ends[:, 2] + margin, 0.0, 1.0)

    def drawn(self, sets: int, seed: int) -> Rows:
        """float64[sets, parameters]: sets drawn by their weights, systematically (Kitagawa 1996)."""
        rng = np.random.default_rng(seed)
        places = (np.arange(sets) + rng.random()) / sets
        chosen = np.searchsorted(np.cumsum(self.weights), places * (1 - 1e-12))
        return np.clip(self.points[rng.permutation(chosen)], _EDGE, 1 - _EDGE)

    def correlations(self) -> Rows:
        """Of the parameters with each other."""
        spread = np.cov(self.points.T, aweights=self.weights)
        scale = np.sqrt(np.clip(np.diag(spread), 1e-12, None))
        return np.asarray(spread / np.outer(scale, scale))


def posterior(points: Rows, numbers: Rows, observed: Rows) -> Posterior:
    """Likely sets after ``observed``.

    Parameters
    ----------
    points : float64[sets, parameters], drawn evenly from the unit cube or a box in it.
    numbers : float64[sets, numbers], of a run of each.
    observed : float64[numbers].
    """
    spread = numbers.std(axis=0)
    telling = spread > 1e-9
    middle, spread = numbers[:, telling].mean(axis=0), spread[telling]
    told = np.clip((numbers[:, telling] - middle) / spread, -_FAR, _FAR)
    at = np.clip((observed[telling] - middle) / spread, -_FAR, _FAR)
    line = _logit(points)
    features, there = _features(told), _features(at[None])
    slopes = _ridge(features, line, np.ones(len(line)), _RIDGE)
    expected, wanted = features @ slopes, (there @ slopes)[0]
    away = (((expected - wanted) / (line - expected).std(axis=0)) ** 2).sum(axis=1)
    keep = min(len(points), max(_LEAST_KEPT, round(_KEPT * len(points))))
    nearest = np.argsort(away, kind="stable")[:keep]
    weights = 1.0 - away[nearest] / (away[nearest[-1]] * (1 + 1e-9) + 1e-300)
    differences = expected[nearest] - wanted
    local = np.hstack([np.ones((keep, 1)), differences])
    slopes = _ridge(local, line[nearest], weights, _LOCAL_RIDGE)
    adjusted = line[nearest] - differences @ slopes[1:]
    return Posterior(1.0 / (1.0 + np.exp(-adjusted)), weights / weights.sum())


def weighted_quantiles(values: Rows, weights: Rows, levels: list[float]) -> Rows:
    """Quantiles of weighted values, interpolated between the middles of their weights."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order])
    return np.interp(levels, (upto - weights[order] / 2) / upto[-1], values[order])


def _features(told: Rows) -> Rows:
    return np.hstack([np.ones((len(told), 1)), told, told**2])


def _ridge(features: Rows, targets: Rows, weights: Rows, penalty: float) -> Rows:
    """Coefficients of a weighted ridge regression; the constant is not penalised."""
    held = np.eye(features.shape[1]) * penalty * weights.sum()
    held[0, 0] = 0.0
    weighed = features * weights[:, None]
    return np.asarray(np.linalg.solve(features.T @ weighed + held, weighed.T @ targets))


def _logit(points: Rows) -> Rows:
    inside = np.clip(points, _EDGE, 1.0 - _EDGE)
    return np.log(inside) - np.log1p(-inside)
