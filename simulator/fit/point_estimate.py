"""One parameter set to go on with: the one whose leads look most like the export's.

The distance of a set is the mean over the numbers of the squared difference between the mean of its runs and the
export's number, in units of the standard deviation that chance alone gives such a mean: about 1 where nothing but luck
is left. Every set has the same luck in its runs (common random numbers), so the distance is smooth in the seed: sets
differ by what they say. The search is a tree-structured Parzen estimator (Bergstra et al. 2011; optuna, Akiba et al.
2019) in the box that the likely sets leave, and begins with some of those.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.trial import TrialState

from simulator.fit.parzen import parzen_study
from simulator.fit.response_surface import Rows

#: Share of the trials that are likely sets.
_LIKELY = 0.4


@dataclass(frozen=True)
class PointEstimate:
    """The set that was chosen.

    Attributes
    ----------
    point : float64[parameters] in the unit cube.
    distance : of it, and ``tried`` of every trial in order.
    numbers : float64[numbers], means of its runs.
    """

    point: Rows
    distance: float
    tried: Rows
    numbers: Rows


def distance(numbers: Rows, observed: Rows, chance: Rows, runs: int) -> float:
    """How far the mean numbers of ``runs`` runs are from the observed ones; ``chance``: std. deviation of one run."""
    return float(np.mean((numbers - observed) ** 2 / (chance**2 * (1.0 + 1.0 / runs))))


def search(
    run: Callable[[Rows, int], Rows],
    likely: Rows,
    box: tuple[Rows, Rows],
    observed: Rows,
    chance: Rows,
    trials: int,
    runs: int,
    seed: int,
) -> PointEstimate:
    """The best of ``trials`` sets.

    Parameters
    ----------
    run : gives float64[runs, numbers] of a point, for the trial of a number.
    likely : float64[sets, parameters], tried first.
    box : where others are looked for.
    """
    first = min(len(likely), max(1, round(_LIKELY * trials)))
    study = parzen_study(first, seed)
    low, high = box
    ranges: dict[str, BaseDistribution] = {
        str(place): FloatDistribution(float(low[place]), float(max(high[place], low[place] + 1e-9)))
        for place in range(len(low))
    }
    points, means, distances = [], [], []
    for number in range(trials):
        if number < first:
            inside = np.clip(likely[number], low, high)
            study.enqueue_trial({str(place): float(value) for place, value in enumerate(inside)})
        proposal = study.ask(ranges)
        point = np.array([proposal.params[str(place)] for place in range(len(low))])
        numbers = run(point, number)
        mean = numbers.mean(axis=0)
        away = distance(mean, observed, chance, runs) if np.isfinite(mean).all() else np.inf
        if np.isfinite(away):
            study.tell(proposal, away)
        else:
            study.tell(proposal, state=TrialState.PRUNED)
        points.append(point)
        means.append(mean)
        distances.append(away)
    chosen = int(np.argmin(distances))
    return PointEstimate(points[chosen], distances[chosen], np.array(distances), means[chosen])
