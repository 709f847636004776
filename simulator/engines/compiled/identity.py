"""How complex a purchase is and how well we fit it: fixed at arrival by the buyer's own luck, so nobody need keep it.

The kernel draws it when a buyer comes; the history draws it again for whoever asks, to the last bit.
"""

import numpy as np

from simulator.engines.compiled.memory import arrival_lead_of, arrival_who_of
from simulator.engines.lowering import Setup
from simulator.model.birth import complexity_of, fit_of, segment_of
from simulator.model.compiling import compiled, kernel
from simulator.model.randomness import INDEX_BITS, base_of_account, drawn_identity


@compiled
def identity_of(t, rules, row):
    """Whose luck the buyer at a row of the arrivals has: the export's lead, or a drawn buyer."""
    return identity_in(rules, arrival_who_of(t), arrival_lead_of(t), row)


@compiled
def identity_in(rules, who, leads, row):
    """The same, from the arrivals themselves."""
    if leads.shape[0] > 0:
        return int(leads[row])
    buyer = int(who[row])
    return drawn_identity(rules.channel_tag[buyer >> INDEX_BITS], buyer)


@kernel
def draw(rules, key, who, leads, rows, is_fit, found):
    """Fit or complexity of the buyers at these rows of the arrivals."""
    for k in range(rows.shape[0]):
        base = base_of_account(key, identity_in(rules, who, leads, rows[k]))
        if is_fit:
            found[k] = fit_of(rules, key, base, int(who[rows[k]]) >> INDEX_BITS)
        else:
            found[k] = complexity_of(rules, key, base, segment_of(rules, key, base))


class Drawn:
    """``fit`` or ``complexity`` of some buyers of a run."""

    def __init__(self, setup: Setup) -> None:
        self._rules, self._key, self._arrivals = setup.fresh_rules(), setup.key, setup.arrivals

    def __call__(self, name: str, rows: np.ndarray) -> np.ndarray:
        """float64 of the buyers at these rows of the arrivals."""
        found, arrivals = np.empty(len(rows)), self._arrivals
        positions = np.ascontiguousarray(rows, np.int32)
        draw(self._rules, self._key, arrivals.who, arrivals.leads, positions, name == "fit", found)
        return found
