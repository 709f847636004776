"""What an export would show as a function of the parameters, and how far that is from what the real one shows.

The numbers' expectation is taken to be a quadratic of the parameters, fitted to the sets that were run (a response
surface: Box and Wilson 1951), and what is left over to be normal (a synthetic likelihood: Wood 2010). Its covariance is
that of sets whose numbers are like the export's, each predicted without itself; so it holds the luck of a run and what
the quadratic misses.
"""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

#: Penalties of slopes, per set; of squares and products the one is taken that predicts sets best that it has not seen.
_RIDGE, _BENT_RIDGES = 1e-4, (1e-4, 3e-3, 3e-2, 0.3, 3.0)
#: Sets for each coefficient from which on products of two parameters are taken.
_SETS_EACH = 3
#: Sets whose numbers are most like the export's, from which what is left over is measured: a share, and least for each
#: number.
_NEAR, _NEAR_EACH = 0.2, 8


class ResponseSurface:
    """Expected numbers as a quadratic of the parameters.

    Where there are too few sets for products of two parameters, only their squares are taken.

    Parameters
    ----------
    points : float64[sets, parameters] in a box.
    numbers : float64[sets, numbers], of a run of each.
    low, high : float64[parameters], the box; coordinates are taken in it.
    """

    def __init__(self, points: Rows, numbers: Rows, low: Rows, high: Rows) -> None:
        self.low, self.high = low, high
        self._telling = numbers.std(axis=0) > 1e-9
        numbers = numbers[:, self._telling]
        self.dimensions = size = points.shape[1]
        first, second = np.triu_indices(size)
        if len(points) < _SETS_EACH * (1 + size + len(first)):
            first = second = np.arange(size)
        centred = self._centred(points)
        features = np.hstack([np.ones((len(points), 1)), centred, centred[:, first] * centred[:, second]])
        slopes, self._expected, self._left_over = _regressed(features, numbers, 1 + size)
        self._constant, self._linear = slopes[0], slopes[1 : 1 + size].T
        bent = np.zeros((numbers.shape[1], size, size))
        bent[:, first, second] += slopes[1 + size :].T / 2
        bent[:, second, first] += slopes[1 + size :].T / 2
        self._bent = bent
        self._scale = numbers.std(axis=0)

    def seen(self, observed: Rows, luck: Rows | float = 0.0) -> "Distance":
        """The distance from an export.

        ``luck`` is the least variance of each number: where simulated leads are never won their numbers do not vary,
        but the export's do.
        """
        least = np.broadcast_to(np.asarray(luck, np.float64), observed.shape)[self._telling]
        observed = observed[self._telling]
        away = (((self._expected - observed) / self._scale) ** 2).sum(axis=1)
        near = np.argsort(away, kind="stable")[: max(_NEAR_EACH * len(observed), round(_NEAR * len(away)))]
        middle = self._left_over[near].mean(axis=0)
        spread = np.cov(self._left_over[near].T).reshape(len(observed), len(observed))
        spread += np.diag(np.maximum(0.0, least - np.diag(spread)))
        # an inverse of an estimated covariance is too great on average, by this factor (Hartlap, Simon, Schneider 2007)
        sure = max(0.1, (len(near) - len(observed) - 2) / (len(near) - 1))
        weight = sure * np.asarray(np.linalg.inv(spread + np.diag(1e-6 * self._scale**2)), np.float64)
        return Distance(self, observed - middle, weight)

    def _centred(self, points: Rows) -> Rows:
        return 2.0 * (points - self.low) / (self.high - self.low) - 1.0


def _regressed(features: Rows, numbers: Rows, plain: int) -> tuple[Rows, Rows, Rows]:
    """Slopes of a ridge regression; each number expected of each set; what is left over of a set predicted without
    itself.

    The constant is not penalised, the other ``plain`` features little; of the rest each number has the penalty under
    which what is left over is least (leaving one out; Golub, Heath and Wahba 1979).
    """
    best = np.full(numbers.shape[1], np.inf)
    slopes, expected = np.empty((features.shape[1], numbers.shape[1])), np.empty_like(numbers)
    left_over = np.empty_like(numbers)
    square, toward = features.T @ features, features.T @ numbers
    for ridge in _BENT_RIDGES:
        held = np.full(features.shape[1], ridge * len(features))
        held[0], held[1:plain] = 0.0, _RIDGE * len(features)
        inverse = np.linalg.inv(square + np.diag(held))
        own = np.einsum("ij,ij->i", features @ inverse, features)
        fitted = inverse @ toward
        seen = features @ fitted
        without = (numbers - seen) / (1.0 - np.minimum(own, 0.9))[:, None]
        size = (without**2).sum(axis=0)
        better = size < best
        best[better] = size[better]
        slopes[:, better], expected[:, better], left_over[:, better] = (
            fitted[:, better],
            seen[:, better],
            without[:, better],
        )
    return slopes, expected, left_over


class Distance:
    """Squared distance of the expected numbers from an export's, in units of what is left over."""

    def __init__(self, surface: ResponseSurface, observed: Rows, weight: Rows) -> None:
        self.surface, self._observed, self._weight = surface, observed, weight
        size = surface.dimensions
        self._flat = surface._bent.reshape(-1, size)
        self.numbers = self._numbers = len(observed)

    def __call__(self, points: Rows) -> tuple[Rows, Rows]:
        """float64[points], and float64[points, parameters], its gradient; points of the unit cube."""
        surface, size = self.surface, self.surface.dimensions
        centred = surface._centred(points)
        bent = (centred @ self._flat.T).reshape(-1, self._numbers, size)
        away = surface._constant + centred @ surface._linear.T + np.einsum("pki,pi->pk", bent, centred)
        away -= self._observed
        pull = away @ self._weight
        slope = pull @ surface._linear + 2.0 * np.einsum("pk,pki->pi", pull, bent)
        return np.einsum("pk,pk->p", away, pull), 4.0 * slope / (surface.high - surface.low)
