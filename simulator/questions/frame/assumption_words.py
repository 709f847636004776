"""Assumptions that a study moves, and the gap that they move, as people read them."""

import math

from simulator.questions.frame.gaps import Space
from simulator.questions.frame.numbers import UNKNOWN, gap_name, scale_for, told, words
from simulator.questions.frame.shares import Share
from simulator.results.estimate import Estimate
from simulator.results.metric import Metric
from simulator.scenario.free import FreeParameter, unit


def apart(space: Space) -> str:
    """The gap's name."""
    return gap_name(space.organisations[1], space.organisations[0])


def label(space: Space, name: str) -> str:
    """An assumption's name, with the organisations that it speaks of."""
    baseline, challenger = map(words, space.organisations)
    return words(name).replace("challenger", challenger).replace("baseline", baseline)


def label_size(text: str, size: float = 10.5, fits: int = 36) -> float:
    """Points of type in which a label fits beside a figure."""
    return min(size, size * fits / max(1, len(text)))


def value_in_words(space: Space, parameter: FreeParameter, value: float) -> str:
    """A value with its unit: 0.25 hours/week; a factor reads 0.5 times today's."""
    number = f"{value:.2g}" if abs(value) < 1 else f"{value:.3g}"
    return f"{number} {'times today’s' if parameter.factor else unit(space.scenario, parameter)}".rstrip()


def range_in_words(space: Space, parameter: FreeParameter) -> str:
    """The range, and where the scenario stands in it."""
    low, high = f"{parameter.low:.3g}", value_in_words(space, parameter, parameter.high)
    now = "" if parameter.factor else f" (now {parameter.default:.3g})"
    return f"{low} to {high}{now}"


def share_in_words(share: Share) -> str:
    """A share in percent with its interval."""
    return f"{percent(share.value)} [{percent(share.low)}, {percent(share.high)}]" if share.count else "none"


def percent(share: float) -> str:
    """A share in whole percent; what rounds to nothing has no sign."""
    return f"{round(100 * share) or 0}%" if math.isfinite(share) else UNKNOWN


def gap_in_words(metric: Metric, gap: Estimate) -> str:
    """A gap with its interval and its unit."""
    return told(scale_for(metric.unit, [gap.value], [gap.interval[1] - gap.value]), gap, apart=True)
