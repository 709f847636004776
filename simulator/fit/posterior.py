"""Which parameter sets an export leaves likely.

The likelihood is that of `response_surface`, the prior is even over its box. Sets are drawn by sequential Monte Carlo
(Del Moral, Doucet and Jasra 2006): many sets begin evenly in the box, and the likelihood is turned on little by
little; each time sets that it likes less give way to copies of others, and all are moved by Hamiltonian steps (Duane
et al. 1987; Neal 2011). So they gather where the export is met best, though it be met in several places. Coordinates
reach over the whole line, so that nothing leaves a range; what the numbers do not tell keeps the width of its prior.

Where no set meets the export as closely as luck and the surface's own error explain, the likelihood is turned on only
so far that the best one would (Birge 1932): what the model misses must not look like knowledge.
"""

from dataclasses import dataclass

import numpy as np

from simulator.fit.response_surface import Distance, Rows

#: Sets that are moved together.
SETS = 400
#: Hamiltonian steps after each turn and after the last one, and moves of a step.
_STEPS, _LAST_STEPS, _MOVES = 4, 40, 6
#: The likelihood is turned on as far as so large a share of the sets would be left (effective sample size).
_LEFT = 0.5
#: Length of a move at first; shares of steps taken that make it longer or shorter.
_LENGTH, _OFTEN, _SELDOM = 0.3, 0.9, 0.65
#: Turns after which the likelihood is turned on whatever is left.
_MOST_TURNS = 200
_EDGE = 1e-9


@dataclass(frozen=True)
class Posterior:
    """Likely parameter sets, all as likely.

    Attributes
    ----------
    points : float64[sets, parameters] in the unit cube of the prior.
    tempering : how far the likelihood was turned on: 1, or less where no set meets the export.
    turns : how often the likelihood was turned on further.
    taken : share of the last Hamiltonian steps that were taken.
    """

    points: Rows
    tempering: float
    turns: int
    taken: float

    def interval(self, position: int, level: float = 0.9) -> tuple[float, float, float]:
        """Low end, median and high end of the central interval of one parameter, as quantiles of its prior."""
        tail = (1.0 - level) / 2
        low, middle, high = np.quantile(self.points[:, position], [tail, 0.5, 1.0 - tail])
        return float(low), float(middle), float(high)

    def intervals(self, level: float = 0.9) -> tuple[Rows, Rows]:
        """Ends of the intervals of all parameters."""
        tail = (1.0 - level) / 2
        low, high = np.quantile(self.points, [tail, 1.0 - tail], axis=0)
        return low, high

    def drawn(self, sets: int, seed: int) -> Rows:
        """float64[sets, parameters]: some of the sets, each as likely."""
        rng = np.random.default_rng(seed)
        return self.points[rng.choice(len(self.points), sets, replace=sets > len(self.points))]

    def correlations(self) -> Rows:
        """Of the parameters with each other."""
        return np.asarray(np.corrcoef(self.points.T)).reshape(self.points.shape[1], -1)


def posterior(distance: Distance, seed: int, sets: int = SETS) -> Posterior:
    """Likely sets.

    Parameters
    ----------
    distance : from the export.
    sets : how many.
    """
    rng = np.random.default_rng(seed)
    cloud = _Particles(distance, sets, rng)
    turns = 0
    while cloud.tempering < cloud.goal() and turns <= _MOST_TURNS:
        turns += 1
        cloud.turn_on(last=turns == _MOST_TURNS)
        for _ in range(_STEPS):
            cloud.step()
    taken = [cloud.step() for _ in range(_LAST_STEPS)]
    low, width = distance.surface.low, distance.surface.high - distance.surface.low
    inside = 1.0 / (1.0 + np.exp(-cloud.at))
    points = low + np.clip(inside, _EDGE, 1.0 - _EDGE) * width
    return Posterior(points, cloud.tempering, turns, float(np.mean(taken[_LAST_STEPS // 2 :])))


class _Particles:
    """Sets that are moved together.

    Attributes
    ----------
    at : float64[sets, parameters] on the whole line.
    tempering : how far the likelihood is turned on, from 0 to 1.
    """

    def __init__(self, distance: Distance, sets: int, rng: np.random.Generator) -> None:
        self._distance, self._rng, self._length = distance, rng, _LENGTH
        even = rng.random((sets, distance.surface.dimensions))
        self.at = np.log(even) - np.log1p(-even)
        self.tempering = 0.0
        self._away, self._prior, self._pull, self._draw = self._density(self.at)

    def goal(self) -> float:
        """How far the likelihood may be turned on: so far that luck explains how far off the best set is."""
        return min(1.0, self._distance.numbers / max(float(self._away.min()), 1e-9))

    def turn_on(self, last: bool = False) -> None:
        """Turn the likelihood on further, as far as enough sets are left; sets that it does not like give way."""
        low, high = 0.0, self.goal() - self.tempering
        if not last and self._left(high) < _LEFT:
            for _ in range(40):
                middle = (low + high) / 2
                low, high = (middle, high) if self._left(middle) >= _LEFT else (low, middle)
            high = max(low, 1e-12)
        weights = self._weights(high)
        places = (np.arange(len(self.at)) + self._rng.random()) / len(self.at)
        chosen = np.minimum(np.searchsorted(np.cumsum(weights), places), len(self.at) - 1)
        self.at, self._away, self._prior = self.at[chosen], self._away[chosen], self._prior[chosen]
        self._pull, self._draw = self._pull[chosen], self._draw[chosen]
        self.tempering = min(1.0, self.tempering + high)

    def step(self) -> float:
        """One Hamiltonian step of every set; the share that was taken."""
        scale = np.maximum(self.at.std(axis=0), 0.05)  # long steps along what is not told
        length = self._length * self._rng.uniform(0.7, 1.2) * scale
        speed = self._rng.normal(size=self.at.shape)
        before = self._log(self._away, self._prior) - 0.5 * (speed**2).sum(axis=1)
        at, away, prior, pull, draw = self.at, self._away, self._prior, self._pull, self._draw
        speed = speed + 0.5 * length * self._slope(pull, draw)
        for move in range(_MOVES):
            at = at + length * speed
            away, prior, pull, draw = self._density(at)
            speed = speed + (length if move < _MOVES - 1 else 0.5 * length) * self._slope(pull, draw)
        gained = self._log(away, prior) - 0.5 * (speed**2).sum(axis=1) - before
        takes = np.log(self._rng.random(len(at))) < gained
        whole = takes[:, None]
        self.at, self._away, self._prior = (
            np.where(whole, at, self.at), np.where(takes, away, self._away), np.where(takes, prior, self._prior),
        )  # fmt: skip
        self._pull, self._draw = np.where(whole, pull, self._pull), np.where(whole, draw, self._draw)
        taken = float(takes.mean())
        self._length *= 1.1 if taken > _OFTEN else 0.85 if taken < _SELDOM else 1.0
        return taken

    def _weights(self, more: float) -> Rows:
        log = -0.5 * more * (self._away - self._away.min())
        weights = np.exp(log)
        return np.asarray(weights / weights.sum())

    def _left(self, more: float) -> float:
        """Effective share of the sets if the likelihood is turned on by so much more."""
        return float(1.0 / (self._weights(more) ** 2).sum() / len(self.at))

    def _log(self, away: Rows, prior: Rows) -> Rows:
        return -0.5 * self.tempering * away + prior

    def _slope(self, pull: Rows, draw: Rows) -> Rows:
        return -0.5 * self.tempering * pull + draw

    def _density(self, at: Rows) -> tuple[Rows, Rows, Rows, Rows]:
        """Distance, log density of the prior on the whole line, and the gradients of both."""
        at = np.clip(at, -30.0, 30.0)
        inside = 1.0 / (1.0 + np.exp(-at))
        surface = self._distance.surface
        width = surface.high - surface.low
        away, slope = self._distance(surface.low + inside * width)
        stretch = inside * (1.0 - inside)
        return away, np.log(stretch).sum(axis=1), slope * width * stretch, 1.0 - 2.0 * inside
