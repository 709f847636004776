"""How complex a purchase is and how well we fit it: fixed at arrival by the buyer's own luck, so nobody need keep it.

The kernel draws it when a buyer comes; the history draws it again for whoever asks, to the last bit.
"""

import numpy as np

from simulator.engines.lowering import Setup
from simulator.model.birth import complexity_of, fit_of, segment_of
from simulator.model.compiling import kernel
from simulator.model.randomness import INDEX_BITS, MEMBER_BITS


@kernel
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
