"""Assumptions that a study moves, as people read them."""

from simulator.questions.frame.gaps import Space
from simulator.questions.frame.numbers import Scale, scale_for, words
from simulator.questions.frame.shares import Share
from simulator.results.estimate import Estimate
from simulator.results.metrics import Metric
from simulator.scenario.free import FreeParameter, unit


def apart(space: Space) -> str:
    """The gap's name."""
    return f"{words(space.organisations[1])} - {words(space.organisations[0])}"


def label(space: Space, name: str) -> str:
    """An assumption's name, with the organisations that it speaks of."""
    baseline, challenger = (words(one) for one in space.organisations)
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


def share_in_words(one: Share) -> str:
    """A share in percent with its interval."""
    return f"{percent(one.value)} [{percent(one.low)}, {percent(one.high)}]" if one.count else "none"


def percent(share: float) -> str:
    """A share in whole percent; what rounds to nothing has no sign."""
    return f"{round(100 * share) or 0}%"


def gap_in_words(metric: Metric, gap: Estimate) -> str:
    """A gap with its interval and its unit."""
    low, high = gap.interval
    scale = scale_for(metric.unit, [gap.value], [high - gap.value])
    ends = f" [{scale.text(low, sign=True)}, {scale.text(high, sign=True)}]"
    return f"{scale.text(gap.value, sign=True)}{unit_in_words(scale)}{ends}"


def unit_in_words(scale: Scale) -> str:
    """The unit behind a difference, with its blank."""
    return f" {'points' if scale.unit == '%' else scale.unit}".rstrip()
