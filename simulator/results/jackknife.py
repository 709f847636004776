"""The cumulative incidence of a pooled sample without one part of it, for each part in turn.

Leaving out a part changes who is at risk everywhere, so that estimating again takes parts x observations. But the mass
of a hit grows only at the censored observations before it (`survival`). So hits between two of those have one mass,
whoever is left out, and it is enough to know how many they are then, and how many are at risk after each censored one.
All parts together take observations + parts x censored observations that a hit follows; they are taken some at a time,
as a matrix. The numbers are those of `survival.quantiles` and `survival.incidence_at`, up to rounding.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.results.survival import CENSORED, reaching

Integers = NDArray[np.integer]
Floats = NDArray[np.float64]

#: Numbers in a matrix of parts that are taken together.
_AT_ONCE = 1 << 18


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
        #: How many censored observations come up to each one, itself included.
        self._gap = np.repeat(np.arange(len(self._censored) + 1), np.diff(self._censored, prepend=0, append=len(part)))

    def quantiles(self, levels: ArrayLike) -> Floats:
        """`survival.quantiles` without each part: parts x levels."""
        levels = np.atleast_1d(np.asarray(levels, dtype=np.float64))
        found = np.full((self._parts, len(levels)), np.nan)
        if not len(self._hits):
            return found
        own = _ByPart(np.arange(len(self._hits)), self._part[self._hits], self._parts)
        # hits of others before each own one, in one ascending line: those of a part lie above those of parts before it
        apart = len(self._hits) + 1
        others = own.values - np.arange(len(own.values)) + np.repeat(own.first[:-1] + own.parts * apart, own.sizes)
        for some, mass, hits in self._without_each(np.empty(0, dtype=np.intp)):
            left = hits.any(axis=1)
            part = own.parts[some][left, None]
            rank = reaching(mass[left], hits[left], levels)
            rank += np.searchsorted(others, rank + part * apart, side="right") - own.first[part]  # own counted again
            found[some][left] = self._ordered[self._hits[rank]]
        return found

    def incidence_at(self, grid: Integers) -> Floats:
        """`survival.incidence_at` without each part: parts x times of the grid."""
        upto = np.searchsorted(self._ordered[self._hits], grid, side="right")
        last = np.searchsorted(self._groups(upto), upto, side="left")
        found = np.empty((self._parts, len(grid)))
        for some, mass, hits in self._without_each(upto):
            found[some] = np.pad(np.cumsum(mass * hits, axis=1), ((0, 0), (1, 0)))[:, last]
        return found

    def _groups(self, cuts: Integers) -> Integers:
        """Rank of the first hit of each group: after a censored observation, and at the cuts."""
        starts = np.append(np.flatnonzero(np.diff(self._gap[self._hits], prepend=-1)), cuts)
        return np.unique(starts[starts < len(self._hits)])

    def _without_each(self, cuts: Integers) -> Iterator[tuple[slice, Floats, Integers]]:
        """Some parts, and without each the mass of a hit and the number of hits in every group: parts x groups."""
        first = self._groups(cuts)
        size = np.diff(first, append=len(self._hits))
        gap, censored = self._gap[self._hits[first]], len(self._censored)
        after = len(self._ordered) - 1.0 - self._censored
        everyone = _ByPart(self._gap, self._part, self._parts)
        own = _ByPart(np.repeat(np.arange(len(first)), size), self._part[self._hits], self._parts)
        gone = _ByPart(np.arange(censored), self._part[self._censored], self._parts)
        together = max(1, _AT_ONCE // (censored + len(first) + 1))
        for start in range(0, self._parts, together):
            some = slice(start, min(start + together, self._parts))
            own_after = everyone.counts(some, censored + 1)[:, :0:-1].cumsum(axis=1)[:, ::-1]
            at_risk = np.maximum(after - own_after, 1.0)  # nobody left: no hit to come, and no division by 0
            growth = np.empty((len(at_risk), censored + 1))
            growth[:, 0] = 1.0 / np.maximum(1, len(self._ordered) - everyone.sizes[some])
            growth[:, 1:] = np.where(gone.counts(some, censored) > 0, 1.0, 1.0 / at_risk + 1.0)
            mass = np.cumprod(growth, axis=1, dtype=np.float64)
            yield some, mass[:, gap], size - own.counts(some, len(first))


class _ByPart:
    """Values of each part, in their order: those of a part follow those of the part before it.

    Attributes
    ----------
    values : of all parts.
    sizes : how many each part has.
    first : position of the first of each part, and the end of the last.
    parts : their numbers.
    """

    def __init__(self, values: Integers, part: Integers, parts: int) -> None:
        self.values = values[np.argsort(part, kind="stable")]
        self.sizes = np.bincount(part, minlength=parts)
        self.first = np.append(0, np.cumsum(self.sizes))
        self.parts = np.arange(parts)

    def counts(self, some: slice, width: int) -> Integers:
        """How often each of some parts has each value below ``width``: parts x width."""
        sizes = self.sizes[some]
        values = self.values[self.first[some.start] : self.first[some.stop]]
        row = np.repeat(np.arange(len(sizes)), sizes)
        return np.bincount(row * width + values, minlength=len(sizes) * width).reshape(len(sizes), width)
