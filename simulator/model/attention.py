"""Whether a message of ours is noticed and read, and how it tires the buyer."""

from simulator.model.compiling import compiled
from simulator.model.numerics import DAY_US, exp, left_of


@compiled
def noticed_share(messages_per_day, half_noticed):
    """Share of our messages that are noticed among those of others: one half at ``half_noticed`` messages a day."""
    return half_noticed / (half_noticed + messages_per_day)


@compiled
def fatigue_after(fatigue, elapsed_us, recovery_days):
    """What is left of the messages that a buyer remembers; half is gone after ``recovery_days``."""
    return fatigue * left_of(elapsed_us / DAY_US, recovery_days)


@compiled
def welcome(fatigue, per_message):
    """How welcome the next message is: each remembered one makes it less so by the share ``per_message``."""
    return exp(-per_message * fatigue)
