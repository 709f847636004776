"""Sensitivity indices of a response over the unit cube: designs and estimators are SALib's.

Elementary effects (Morris 1991; Campolongo, Cariboni and Saltelli 2007): a walk moves one parameter after the other by
a fixed step; an effect is what the response changes by, per whole range of the parameter. Their mean is ``mu``, that of
their sizes ``mu_star``, and their standard deviation ``sigma`` shows curvature and interactions.

Sobol indices (Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola 2010): ``first`` is the share of the response's
variance that a parameter makes alone, ``total`` also counts what it makes together with others.

A response comes from replications, each left out once (float[replications, points]), from which it is told how much of
what is seen is luck.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.results.estimate import CONFIDENCE, half_widths

Array = NDArray[np.float64]

#: Mean size of a normal number of standard deviation 1.
_MEAN_SIZE = float(np.sqrt(2 / np.pi))


@dataclass(frozen=True)
class Morris:
    """Elementary effects, float64[parameters] each, in units of the response.

    Attributes
    ----------
    mu, mu_half : mean effect, and half of its 95% interval (Student's t over walks).
    mu_star, mu_star_half : mean size of an effect, and half of its 95% bootstrap interval (SALib).
    sigma : standard deviation of the effects.
    luck : the ``mu_star`` that luck alone would make.
    """

    mu: Array
    mu_half: Array
    mu_star: Array
    mu_star_half: Array
    sigma: Array
    luck: Array


@dataclass(frozen=True)
class Sobol:
    """Shares of variance, float64[parameters] each.

    Attributes
    ----------
    first_half, total_half : half of the 95% bootstrap intervals over the design (SALib).
    first_luck, total_luck : half of the 95% jackknife intervals over replications.
    """

    first: Array
    first_half: Array
    total: Array
    total_half: Array
    first_luck: Array
    total_luck: Array


def morris_design(parameters: int, trajectories: int, levels: int, seed: int) -> Array:
    """Float64[trajectories * (parameters + 1), parameters] in [0, 1]: walks, one after the other."""
    from SALib.sample import morris

    design = morris.sample(_problem(parameters), trajectories, num_levels=levels, seed=seed)
    return np.asarray(design, dtype=np.float64)


def sobol_design(parameters: int, points: int, seed: int) -> Array:
    """Float64[points * (parameters + 2), parameters] in (0, 1): a scrambled Sobol sequence, crossed."""
    from SALib.sample import sobol

    design = sobol.sample(_problem(parameters), points, calc_second_order=False, seed=seed)
    return np.asarray(design, dtype=np.float64)


def morris_indices(units: Array, response: Array, left_out: Array, levels: int, resamples: int, seed: int) -> Morris:
    """Elementary effects of a response, float64[points], on its design."""
    from SALib.analyze import morris
    from scipy.special import stdtrit

    parameters = units.shape[1]
    walks = len(units) // (parameters + 1)
    analysis = morris.analyze(
        _problem(parameters), units, response, num_levels=levels, num_resamples=resamples, conf_level=CONFIDENCE,
        seed=seed + 1,
    )  # fmt: skip
    mu, sigma = _array(analysis["mu"]), _array(analysis["sigma"])
    half = stdtrit(walks - 1, (1 + CONFIDENCE) / 2) * sigma / np.sqrt(walks)
    spread = np.sqrt((len(left_out) - 1) * effects(units, left_out).var(axis=0))
    luck = _MEAN_SIZE * spread.mean(axis=0)
    return Morris(mu, half, _array(analysis["mu_star"]), _array(analysis["mu_star_conf"]), sigma, luck)


def effects(units: Array, responses: Array) -> Array:
    """Elementary effects, float64[..., walks, parameters], of responses, float64[..., points]."""
    parameters = units.shape[1]
    steps = np.diff(units.reshape(-1, parameters + 1, parameters), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, moved[..., None], axis=2)[..., 0]
    changes = np.diff(responses.reshape(*responses.shape[:-1], -1, parameters + 1), axis=-1) / size
    order = np.broadcast_to(np.argsort(moved, axis=1), changes.shape)
    return np.take_along_axis(changes, order, axis=-1)


def sobol_indices(parameters: int, response: Array, left_out: Array, resamples: int, seed: int) -> Sobol:
    """Shares of the variance of a response, float64[points]; NaN where it has none."""
    indices = _shares(parameters, response, resamples, seed)
    by_luck = [_shares(parameters, values, 2, seed) for values in left_out]
    luck = {key: half_widths(np.array([values[key] for values in by_luck])) for key in ("S1", "ST")}
    return Sobol(indices["S1"], indices["S1_conf"], indices["ST"], indices["ST_conf"], luck["S1"], luck["ST"])


def share_of_luck(response: Array, left_out: Array) -> float:
    """The share of the response's variance over the design that is luck of the replications.

    All points have the same luck: what it does to all of them alike moves the whole response and counts for nothing.
    The rest is its jackknife variance, averaged over points; NaN where the response does not vary.
    """
    varies = float(response.var())
    own = left_out - left_out.mean(axis=1, keepdims=True)
    return float((len(left_out) - 1) * own.var(axis=0).mean()) / varies if varies > 0 else float("nan")


def _shares(parameters: int, response: Array, resamples: int, seed: int) -> dict[str, Array]:
    from SALib.analyze import sobol

    keys = ("S1", "S1_conf", "ST", "ST_conf")
    if not np.isfinite(response).all() or np.ptp(response) == 0:
        return {key: np.full(parameters, np.nan) for key in keys}
    analysis = sobol.analyze(
        _problem(parameters), response, calc_second_order=False, num_resamples=resamples, conf_level=CONFIDENCE,
        seed=seed + 1,  # SALib takes 0 for none
    )  # fmt: skip
    return {key: _array(analysis[key]) for key in keys}


def _problem(parameters: int) -> dict[str, Any]:
    names = [f"x{number}" for number in range(parameters)]
    return {"num_vars": parameters, "names": names, "bounds": [[0.0, 1.0]] * parameters}


def _array(values: Any) -> Array:
    return np.asarray(np.ma.filled(values, np.nan), dtype=np.float64)
