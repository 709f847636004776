"""Cumulative incidence with competing risks (Aalen-Johansen), on ordered durations and event codes.

Code 0 is censored; every other code is a way to end. The probability mass that the estimator puts on one ordered
observation is S(t-) / n(t), where S is the Kaplan-Meier survival of all ends together and n counts who is still at
risk. Taken one observation at a time (ends before censorings at the same instant) this needs no grouping of ties:
d tied ends multiply S by (n - 1)/n (n - 2)/(n - 1) ... = (n - d)/n, and each adds S(t-)/n.

An end leaves S/n as it is: S takes the factor (n - 1)/n, and n becomes n - 1. So the mass is 1/N at first, and grows
only at a censored observation, by n/(n - 1): that one hands its share on to those after it (Efron 1967).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

CENSORED = 0

#: Slack when a cumulative sum is compared with a share of its own end, so that rounding moves no quantile.
_SLACK = 1e-12


def order(durations: ArrayLike, codes: ArrayLike) -> NDArray[np.intp]:
    """Order in which observations are taken: by duration, ends before censorings at the same instant."""
    return np.lexsort((np.asarray(codes) == CENSORED, np.asarray(durations)))


def masses(codes: NDArray[np.integer], event: int) -> NDArray[np.float64]:
    """Probability mass of ``event`` on each observation; ``codes`` must be ordered by `order`."""
    at_risk = np.arange(len(codes), 0, -1, dtype=np.float64)
    growth = np.where(codes[:-1] == CENSORED, at_risk[:-1] / at_risk[1:], 1.0)
    return np.where(codes == event, np.cumprod(np.append(1.0 / at_risk[:1], growth)), 0.0)


def cumulative_incidence(
    durations: ArrayLike, codes: ArrayLike, event: int
) -> tuple[NDArray[np.generic], NDArray[np.float64]]:
    """Aalen-Johansen estimate of P(T <= t, ended by ``event``).

    Parameters
    ----------
    durations : times to the end or to censoring, any order.
    codes : how each ended; 0 is censored.
    event : the code of interest.

    Returns
    -------
    times : the distinct durations, ascending.
    incidence : the estimate at each of them.
    """
    durations, codes = np.asarray(durations), np.asarray(codes)
    taken = order(durations, codes)
    ordered = durations[taken]
    last_of_time = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))[: len(ordered)]
    return ordered[last_of_time], np.cumsum(masses(codes[taken], event))[last_of_time]


def quantiles(
    ordered: NDArray[np.integer], codes: NDArray[np.integer], event: int, levels: ArrayLike
) -> NDArray[np.float64]:
    """Times by which the incidence of ``event`` reaches each share of its value at the end of follow-up.

    The level 0.5 is thus the median time among those who end this way within follow-up, with open journeys counted
    as censored; without censoring it is the plain (inverted-CDF) median of those who did. NaN when nobody did.
    """
    levels = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    hits = np.flatnonzero(codes == event)
    if not len(hits):
        return np.full(len(levels), np.nan)
    mass = masses(codes, event)[hits]
    first = np.flatnonzero(np.diff(mass, prepend=0.0))
    return ordered[hits[reaching(mass[first], np.diff(np.append(first, len(hits))), levels)]].astype(np.float64)


def reaching(mass: NDArray[np.float64], times: NDArray[np.integer], levels: NDArray[np.float64]) -> NDArray[np.intp]:
    """Ranks of the hits at which the incidence reaches each share of its end.

    ``times`` hits of the same ``mass`` each come after one another. They are multiplied, not added one by one, as the
    rounding of a long sum would move a quantile that falls between two hits.

    Parameters
    ----------
    mass, times : ... x groups of hits; at least one hit in each row.
    levels : shares.

    Returns
    -------
    ranks : ... x shares.
    """
    upto, incidence = np.cumsum(times, axis=-1), np.cumsum(mass * times, axis=-1)
    target = np.maximum(levels * incidence[..., -1:] * (1.0 - _SLACK), np.nextafter(0.0, 1.0))
    at = np.count_nonzero(incidence[..., None, :] < target[..., None], axis=-1)
    upto, incidence, mass, times = (np.take_along_axis(each, at, axis=-1) for each in (upto, incidence, mass, times))
    missing = np.ceil((target - (incidence - mass * times)) / mass)
    return np.asarray(upto - times + np.clip(missing, 1, times).astype(np.intp) - 1)


def incidence_at(
    ordered: NDArray[np.integer], codes: NDArray[np.integer], event: int, grid: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The estimate at each time of ``grid``; 0 before the first end."""
    hits = np.flatnonzero(codes == event)
    incidence = np.concatenate(([0.0], np.cumsum(masses(codes, event)[hits])))
    return incidence[np.searchsorted(ordered[hits], grid, side="right")]
