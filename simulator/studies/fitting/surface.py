"""What an export would show as a function of the parameters, and how far that is from what the real one shows.

The numbers' expectation is taken to be a quadratic of the parameters, fitted to the sets that were run (a response
surface: Box and Wilson 1951), and what is left over to be normal (a synthetic likelihood: Wood 2010). Its covariance is
that of sets whose numbers are like the export's, each predicted without itself; so it holds the luck of a run and what
the quadratic misses.
"""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]

_RIDGE = 1e-4
#: Sets for each coefficient from which on products of two parameters are taken.
_SETS_EACH = 4
#: Sets whose numbers are most like the export's, from which what is left over is measured: a share, and least for each
#: number.
_NEAR, _NEAR_EACH = 0.2, 8


class Surface:
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
        held = np.eye(features.shape[1]) * _RIDGE * len(points)
        held[0, 0] = 0.0
        inverse = np.linalg.inv(features.T @ features + held)
        slopes = inverse @ (features.T @ numbers)
        self._constant, self._linear = slopes[0], slopes[1 : 1 + size].T
        bent = np.zeros((numbers.shape[1], size, size))
        bent[:, first, second] += slopes[1 + size :].T / 2
        bent[:, second, first] += slopes[1 + size :].T / 2
        self._bent = bent
        self._expected = features @ slopes
        own = np.einsum("ij,jk,ik->i", features, inverse, features, optimize=True)
        self._left_over = (numbers - self._expected) / (1.0 - np.minimum(own, 0.9))[:, None]
        self._scale = numbers.std(axis=0)

    def seen(self, observed: Rows) -> "Distance":
        """The distance from an export."""
        observed = observed[self._telling]
        away = (((self._expected - observed) / self._scale) ** 2).sum(axis=1)
        near = np.argsort(away, kind="stable")[: max(_NEAR_EACH * len(observed), round(_NEAR * len(away)))]
        middle = self._left_over[near].mean(axis=0)
        spread = np.cov(self._left_over[near].T).reshape(len(observed), len(observed))
        weight = np.linalg.inv(spread + np.diag(1e-6 * self._scale**2))
        return Distance(self, observed - middle, weight)

    def _centred(self, points: Rows) -> Rows:
        return 2.0 * (points - self.low) / (self.high - self.low) - 1.0


class Distance:
    """Squared distance of the expected numbers from an export's, in units of what is left over."""

    def __init__(self, surface: Surface, observed: Rows, weight: Rows) -> None:
        self.surface, self._observed, self._weight = surface, observed, weight
        size = surface.dimensions
        self._flat = surface._bent.reshape(-1, size)
        self._numbers = len(observed)

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
