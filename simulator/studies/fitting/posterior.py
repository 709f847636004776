"""Which parameter sets an export leaves likely.

The likelihood is that of `surface`, the prior is even over its box. Sets are drawn by Hamiltonian Monte Carlo (Duane et
al. 1987; Neal 2011), many chains side by side, on coordinates that reach over the whole line, so that nothing leaves a
range. What the numbers do not tell keeps the width of its prior.
"""

from dataclasses import dataclass

import numpy as np

from simulator.studies.fitting.surface import Distance, Rows

#: Chains, steps of each that are kept and thrown away before, moves of a step, and how often it is tried to go on.
_CHAINS, _STEPS, _BEFORE, _MOVES, _TRIES = 40, 150, 120, 8, 3
#: Length of a move at first; what shares of steps are taken that make it longer or shorter.
_LENGTH, _OFTEN, _SELDOM = 0.15, 0.95, 0.8
#: Chains agree when the spread of all is no greater than this times that of each (Gelman and Rubin 1992).
AGREE = 1.05
_EDGE = 1e-9


@dataclass(frozen=True)
class Posterior:
    """Likely parameter sets, all as likely.

    Attributes
    ----------
    points : float64[sets, parameters] in the unit cube of the prior.
    agree : greatest ratio of the spread of all chains to that of each, over parameters; near 1 they agree.
    """

    points: Rows
    agree: float

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
        return np.asarray(np.corrcoef(self.points.T))


def posterior(distance: Distance, starts: Rows, seed: int, steps: int = _STEPS) -> Posterior:
    """Likely sets.

    Parameters
    ----------
    distance : from the export.
    starts : float64[sets, parameters] in the box, from which chains begin, again and again.
    steps : of each chain that are kept.
    """
    rng = np.random.default_rng(seed)
    low, width = distance.surface.low, distance.surface.high - distance.surface.low
    begin = np.clip((starts[np.arange(_CHAINS) % len(starts)] - low) / width, 0.02, 0.98)
    chains = _Chains(distance, np.log(begin / (1.0 - begin)), rng)
    chains.go(_BEFORE, adapt=True)
    kept = chains.go(steps)
    agree = _agree(kept)
    for _ in range(_TRIES):
        if agree <= AGREE:
            break
        kept = chains.go(2 * len(kept))
        agree = _agree(kept)
    inside = 1.0 / (1.0 + np.exp(-kept.reshape(-1, kept.shape[-1])))
    return Posterior(low + np.clip(inside, _EDGE, 1.0 - _EDGE) * width, agree)


class _Chains:
    """Chains of Hamiltonian Monte Carlo, moved together."""

    def __init__(self, distance: Distance, at: Rows, rng: np.random.Generator) -> None:
        self._distance, self._at, self._rng, self._length = distance, at, rng, _LENGTH
        self._log, self._slope = self._density(at)

    def go(self, steps: int, adapt: bool = False) -> Rows:
        """float64[steps, chains, parameters], where they were after each step."""
        found = np.empty((steps, *self._at.shape))
        for step in range(steps):
            taken = self._step()
            found[step] = self._at
            if adapt:
                self._length *= 1.1 if taken > _OFTEN else 0.8 if taken < _SELDOM else 1.0
        return found

    def _step(self) -> float:
        length = self._length * self._rng.uniform(0.7, 1.2)
        speed = self._rng.normal(size=self._at.shape)
        before = self._log - 0.5 * (speed**2).sum(axis=1)
        at, slope, log = self._at, self._slope, self._log
        speed = speed + 0.5 * length * slope
        for move in range(_MOVES):
            at = at + length * speed
            log, slope = self._density(at)
            speed = speed + (length if move < _MOVES - 1 else 0.5 * length) * slope
        gained = log - 0.5 * (speed**2).sum(axis=1) - before
        takes = np.log(self._rng.random(len(at))) < gained
        self._at = np.where(takes[:, None], at, self._at)
        self._slope = np.where(takes[:, None], slope, self._slope)
        self._log = np.where(takes, log, self._log)
        return float(takes.mean())

    def _density(self, at: Rows) -> tuple[Rows, Rows]:
        """Log density on the whole line, and its gradient."""
        at = np.clip(at, -30.0, 30.0)
        inside = 1.0 / (1.0 + np.exp(-at))
        surface = self._distance.surface
        width = surface.high - surface.low
        away, slope = self._distance(surface.low + inside * width)
        stretch = inside * (1.0 - inside)
        log = -0.5 * away + np.log(stretch).sum(axis=1)
        return log, -0.5 * slope * width * stretch + (1.0 - 2.0 * inside)


def _agree(kept: Rows) -> float:
    """The ratio of Gelman and Rubin (1992), each chain cut in two, greatest over parameters."""
    half = len(kept) // 2
    parts = np.concatenate([kept[:half], kept[half : 2 * half]], axis=1)
    within = parts.var(axis=0, ddof=1).mean(axis=0)
    between = parts.mean(axis=0).var(axis=0, ddof=1)
    return float(np.sqrt((half - 1) / half + between / np.maximum(within, 1e-12)).max())
