"""What people know of the other function's work, and what a reorganisation costs."""

from simulator.model.compiling import compiled
from simulator.model.numerics import exp, left_of


@compiled
def knowledge_after(knowledge, elapsed_days, half_life_days, trained_days, days_to_learn):
    """Knowledge of the other side's work, 0 to 1: it decays with a half-life, and training closes the gap."""
    kept = knowledge * left_of(elapsed_days, half_life_days)
    return 1.0 - (1.0 - kept) * exp(-trained_days / days_to_learn)


@compiled
def effort_factor(elapsed_us, dip, dip_us):
    """How much longer work takes after a reorganisation: 1 / (1 - dip); the dip falls to 0 in a straight line."""
    if dip_us <= 0 or elapsed_us >= dip_us:
        return 1.0
    return 1.0 / (1.0 - dip * (1.0 - elapsed_us / dip_us))
