"""From a checked scenario to arrays: rules (numbers), arrivals (the stream of buyers) and people.

The only bridge between the words of the domain and arrays. Both engines get the same ``Setup``.
"""

from simulator.engines.lowering.arrivals import FIRST_DAY, Arrivals, draw_arrivals, who
from simulator.engines.lowering.people import coordination_us_per_day, pay_usd_per_hour
from simulator.engines.lowering.rules import RULES_DTYPE, spend_usd_per_year
from simulator.engines.lowering.setup import Lowered, Setup, lower, lower_organisation, reorganise

__all__ = [
    "FIRST_DAY",
    "RULES_DTYPE",
    "Arrivals",
    "Lowered",
    "Setup",
    "coordination_us_per_day",
    "draw_arrivals",
    "lower",
    "lower_organisation",
    "pay_usd_per_hour",
    "reorganise",
    "spend_usd_per_year",
    "who",
]
