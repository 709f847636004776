"""Profiles: how well the numbers of an export can be met as one parameter moves and all others follow.

The numbers' expectation is taken to be a quadratic of the parameters, fitted to the sets that were run (a response
surface: Box and Wilson 1951), and what is left over to be normal (a synthetic likelihood: Wood 2010). Along a profile the
others are set as well as can be (Venzon and Moolgavkar 1988). Where the deviance stays below the 90% point of a chi
square with one degree of freedom over the whole range, the export cannot tell the parameter: the profile is flat.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.studies.fitting.posterior import Rows

#: The 90% point of a chi square with one degree of freedom.
FLAT = 2.7055
#: Sets from which what is left over is measured: those nearest to the export, this share of all.
_NEAR = 0.25
_RIDGE = 1e-4
_STARTS = 2


@dataclass(frozen=True)
class Profile:
    """Deviance along one parameter.

    Attributes
    ----------
    points : quantiles of its prior.
    deviance : above the least of all profiles, at each point.
    """

    points: Rows
    deviance: Rows

    @property
    def flat(self) -> bool:
        """Whether any value serves."""
        return bool(self.deviance.max() <= FLAT)

    def interval(self) -> tuple[float, float]:
        """Ends of the values that serve, to the points next to them."""
        serving = np.flatnonzero(self.deviance <= FLAT)
        return float(self.points[serving[0]]), float(self.points[serving[-1]])


class Surface:
    """Expected numbers as a quadratic of the parameters, and their distance from an export's."""

    def __init__(self, points: Rows, numbers: Rows, observed: Rows) -> None:
        telling = numbers.std(axis=0) > 1e-9
        numbers, self._observed = numbers[:, telling], observed[telling]
        self._pairs = np.triu_indices(points.shape[1])
        features = self._features(points)
        held = np.eye(features.shape[1]) * _RIDGE * len(points)
        held[0, 0] = 0.0
        self._slopes = np.linalg.solve(features.T @ features + held, features.T @ numbers)
        left_over = numbers - features @ self._slopes
        scale = numbers.std(axis=0)
        away = (((features @ self._slopes - self._observed) / scale) ** 2).sum(axis=1)
        near = np.argsort(away, kind="stable")[: max(4 * len(self._observed), round(_NEAR * len(points)))]
        spread = np.cov(left_over[near].T) + left_over[near].mean(axis=0)[:, None] * left_over[near].mean(axis=0)
        self._weight = np.linalg.inv(spread + np.diag(1e-6 * scale**2))
        self.dimensions = points.shape[1]

    def deviance(self, point: Rows) -> tuple[float, Rows]:
        """Squared distance of the expected numbers from the observed ones, and its gradient."""
        away = self._features(point[None])[0] @ self._slopes - self._observed
        pull = 2.0 * (self._weight @ away)
        return float(away @ self._weight @ away), self._gradient(point) @ (self._slopes @ pull)

    def _features(self, points: Rows) -> Rows:
        centred = 2.0 * points - 1.0
        first, second = self._pairs
        return np.hstack([np.ones((len(points), 1)), centred, centred[:, first] * centred[:, second]])

    def _gradient(self, point: Rows) -> Rows:
        """d features / d point: float64[parameters, features]."""
        size, centred = len(point), 2.0 * point - 1.0
        first, second = self._pairs
        found = np.zeros((size, 1 + size + len(first)))
        found[np.arange(size), 1 + np.arange(size)] = 2.0
        products = 1 + size + np.arange(len(first))
        np.add.at(found, (first, products), 2.0 * centred[second])
        np.add.at(found, (second, products), 2.0 * centred[first])
        return found


def profiles(points: Rows, numbers: Rows, observed: Rows, starts: Rows, grid: int = 11) -> Sequence[Profile]:
    """The profile of each parameter.

    Parameters
    ----------
    points, numbers, observed : as `posterior` takes them; sets from all of the prior among them.
    starts : float64[sets, parameters], likely sets, from which searches begin.
    grid : values of a parameter that are tried.
    """
    surface = Surface(points, numbers, observed)
    best = min((_least(surface, start, None, 0.0) for start in starts), key=lambda one: one[0])
    values: NDArray[np.float64] = (np.arange(grid) + 0.5) / grid
    found = []
    for position in range(surface.dimensions):
        deviances = np.empty(grid)
        middle = int(np.argmin(np.abs(values - best[1][position])))
        for order in (range(middle, grid), range(middle - 1, -1, -1)):
            start = best[1]
            for place in order:
                begin = [start, *starts[:_STARTS]]
                deviances[place], start = min(
                    (_least(surface, one, position, values[place]) for one in begin), key=lambda one: one[0]
                )
        found.append(deviances)
    least = min(best[0], min(float(one.min()) for one in found))
    return [Profile(values, one - least) for one in found]


def _least(surface: Surface, start: Rows, held: int | None, value: float) -> tuple[float, Rows]:
    """The least deviance from a start on, with one parameter held at a value."""
    from scipy.optimize import minimize

    bounds = [(0.0, 1.0)] * surface.dimensions
    begin = np.clip(start, 0.0, 1.0)
    if held is not None:
        bounds[held], begin[held] = (value, value), value
    found = minimize(surface.deviance, begin, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 60})
    return float(found.fun), np.asarray(found.x)
