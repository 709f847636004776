"""How complex a purchase is and how well we fit it: fixed at arrival by the buyer's own luck, so nobody need keep it.

The kernel draws it when a buyer comes; the history draws it again for whoever asks, to the last bit.
"""

import numpy as np

from simulator.engines.lowering import Setup
from simulator.model import buyer as buying
from simulator.model.compiling import compiled
from simulator.model.randomness import INDEX_BITS, MEMBER_BITS, uniform
from simulator.model.words import Decision


@compiled
def segment_of(rules, key, actor):
    """Position of the buyer's segment."""
    return buying.segment_of(uniform(key, actor, 0, Decision.SEGMENT, 0), rules.segment_cumulative)


@compiled
def complexity_of(rules, key, actor, segment):
    """From 0 to 1."""
    u = uniform(key, actor, 0, Decision.COMPLEXITY, 0)
    return buying.between(u, rules.complexity_low[segment], rules.complexity_high[segment])


@compiled
def fit_of(rules, key, actor, channel):
    """From 0 to 1."""
    u = uniform(key, actor, 0, Decision.FIT, 0)
    return buying.true_fit(u, rules.fit_mean_logit, rules.fit_shift[channel], rules.fit_spread[channel])


@compiled
def draw(rules, key, who, rows, is_fit, found):
    """Fit or complexity of the buyers at these rows of the arrivals."""
    for k in range(rows.shape[0]):
        buyer = int(who[rows[k]])
        actor = buyer << MEMBER_BITS
        if is_fit:
            found[k] = fit_of(rules, key, actor, buyer >> INDEX_BITS)
        else:
            found[k] = complexity_of(rules, key, actor, segment_of(rules, key, actor))


class Drawn:
    """``fit`` or ``complexity`` of some buyers of a run."""

    def __init__(self, setup: Setup) -> None:
        self._rules, self._key, self._who = setup.fresh_rules(), setup.key, setup.arrivals.who

    def __call__(self, name: str, rows: np.ndarray) -> np.ndarray:
        """float64 of the buyers at these rows of the arrivals."""
        found = np.empty(len(rows))
        draw(self._rules, self._key, self._who, np.ascontiguousarray(rows, np.int32), name == "fit", found)
        return found
