"""Profiles: how well the numbers of an export can be met as one parameter moves and all others follow.

Along a profile the others are set as well as can be (Venzon and Moolgavkar 1988), on the surface of all of the prior.
Where the deviance stays below the 90% point of a chi square with one degree of freedom over the whole range, the export
cannot tell the parameter: the profile is flat. Where nothing meets the export, deviances are scaled as in `posterior`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.fit.response_surface import Distance, Rows

#: The 90% point of a chi square with one degree of freedom.
FLAT = 2.7055


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
        """Ends of the values that serve, to the points next to them; the best point if all that serves lies between."""
        serving = np.flatnonzero(self.deviance <= max(FLAT, float(self.deviance.min())))
        return float(self.points[serving[0]]), float(self.points[serving[-1]])


def profiles(distance: Distance, starts: Rows, grid: int = 11) -> Sequence[Profile]:
    """The profile of each parameter.

    Parameters
    ----------
    distance : from the export, on a surface of all of the prior.
    starts : float64[sets, parameters], likely sets, from which searches begin.
    grid : values of a parameter that are tried.
    """
    best = min((_least(distance, start, None, 0.0) for start in starts), key=lambda candidate: candidate[0])
    values = (np.arange(grid) + 0.5) / grid
    curves = []
    for position in range(distance.surface.dimensions):
        deviances = np.empty(grid)
        middle = int(np.argmin(np.abs(values - best[1][position])))
        for order in (range(middle, grid), range(middle - 1, -1, -1)):
            start = best[1]
            for place in order:
                deviances[place], start = _least(distance, start, position, values[place])
        curves.append(deviances)
    least = min(best[0], min(float(curve.min()) for curve in curves))
    scale = min(1.0, distance.numbers / max(least, 1e-9))
    return [Profile(values, scale * (curve - least)) for curve in curves]


def _least(distance: Distance, start: Rows, held: int | None, value: float) -> tuple[float, Rows]:
    """The least deviance from a start on, with one parameter held at a value."""
    from scipy.optimize import minimize

    bounds = [(0.0, 1.0)] * distance.surface.dimensions
    begin = np.clip(start, 0.0, 1.0)
    if held is not None:
        bounds[held], begin[held] = (value, value), value

    def at(point: Rows) -> tuple[float, Rows]:
        away, slope = distance(point[None])
        return float(away[0]), slope[0]

    minimum = minimize(at, begin, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 100})
    return float(minimum.fun), np.asarray(minimum.x)
