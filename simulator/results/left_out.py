"""The cumulative incidence of a pooled sample without one part of it, for each part in turn.

Leaving out a part changes who is at risk everywhere, so that estimating again takes parts x observations. But the mass
of a hit grows only at the censored observations before it (`survival`). So hits between two of those have one mass,
whoever is left out, and it is enough to know how many they are then, and how many are at risk after each censored one.
All parts together take observations + parts x censored observations that a hit follows. The numbers are those of
`survival.quantiles` and `survival.incidence_at`, up to rounding.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.results.survival import CENSORED, reaching

Integers = NDArray[np.integer]
Floats = NDArray[np.float64]


class LeftOut:
    """An ordered sample whose parts can be left out.

    Parameters
    ----------
    ordered, codes : durations and how they ended, ordered by `survival.order`.
    part : number of the part that each belongs to, from 0; a short integer type is sorted faster.
    parts : how many parts there are; some may be empty.
    event : the code of interest.
    """

    def __init__(self, ordered: Integers, codes: Integers, part: Integers, parts: int, event: int) -> None:
        self._ordered, self._part, self._parts = ordered, part, parts
        self._hits = np.flatnonzero(codes == event)
        self._censored = np.flatnonzero(codes[: self._hits[-1] if len(self._hits) else 0] == CENSORED)

    def quantiles(self, levels: ArrayLike) -> Floats:
        """`survival.quantiles` without each part: parts x levels."""
        levels = np.atleast_1d(np.asarray(levels, dtype=np.float64))
        found = np.full((self._parts, len(levels)), np.nan)
        for one, (mass, hits, own) in enumerate(self._without_each(np.empty(0, dtype=np.intp))):
            if hits.any():
                rank = reaching(mass, hits, levels)
                rank += np.searchsorted(own - np.arange(len(own)), rank, side="right")  # the part's own counted again
                found[one] = self._ordered[self._hits[rank]]
        return found

    def incidence_at(self, grid: Integers) -> Floats:
        """`survival.incidence_at` without each part: parts x times of the grid."""
        upto = np.searchsorted(self._ordered[self._hits], grid, side="right")
        last = np.searchsorted(self._groups(upto), upto, side="left")
        found = np.empty((self._parts, len(grid)))
        for one, (mass, hits, _) in enumerate(self._without_each(upto)):
            found[one] = np.append(0.0, np.cumsum(mass * hits))[last]
        return found

    def _groups(self, cuts: Integers) -> Integers:
        """Rank of the first hit of each group: after a censored observation, and at the cuts."""
        gap = np.searchsorted(self._censored, self._hits)
        starts = np.append(np.flatnonzero(np.diff(gap, prepend=-1)), cuts)
        return np.unique(starts[starts < len(self._hits)])

    def _without_each(self, cuts: Integers) -> Iterator[tuple[Floats, Integers, Integers]]:
        """For each part left out: of each group the mass of a hit and the number of hits; ranks of the part's hits."""
        first = self._groups(cuts)
        size = np.diff(np.append(first, len(self._hits)))
        group = np.repeat(np.arange(len(first)), size)
        gap = np.searchsorted(self._censored, self._hits[first])
        after = len(self._ordered) - 1.0 - self._censored
        everyone = _by_part(np.arange(len(self._part)), self._part, self._parts)
        hits = _by_part(np.arange(len(self._hits)), self._part[self._hits], self._parts)
        censored = _by_part(np.arange(len(self._censored)), self._part[self._censored], self._parts)
        growth = np.empty(len(self._censored) + 1)
        for places, own, gone in zip(everyone, hits, censored, strict=True):
            before = np.searchsorted(self._censored, places, side="right")
            own_after = np.repeat(np.arange(len(places), -1, -1), np.diff(before, prepend=0, append=len(after)))
            at_risk = np.maximum(after - own_after, 1.0)  # nobody left: no hit to come, and no division by 0
            growth[0] = 1.0 / max(1, len(self._ordered) - len(places))
            np.divide(1.0, at_risk, out=growth[1:])
            growth[1:] += 1.0
            growth[gone + 1] = 1.0
            mass = np.cumprod(growth)[gap].astype(np.float64)
            yield mass, size - np.bincount(group[own], minlength=len(first)), own


def _by_part(values: Integers, part: Integers, parts: int) -> list[Integers]:
    """The values of each part, in their order."""
    bounds = np.cumsum(np.bincount(part, minlength=parts))[:-1]
    return np.split(values[np.argsort(part, kind="stable")], bounds)
