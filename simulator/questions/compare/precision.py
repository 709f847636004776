"""How narrow the intervals of a comparison are, and how many replications would make them as narrow as asked.

An interval shrinks with the square root of the replications, so that the widest one says about how many it takes (Law
2015, section 9.4). Asking after each batch whether it is enough makes stopping a little too early likelier than not,
which a batch that is never smaller than a tenth keeps small.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulator.results.estimate import Estimate
from simulator.results.metric import Metric
from simulator.results.metrics import METRICS

#: Shares below this are asked to be as precise as this one: 5% of one percentage point, say, but never less.
LEAST_SHARE = 0.01
#: The next batch makes the replications at least so many times, and at most so many times, what they are.
_LEAST_GROWTH, _MOST_GROWTH = 1.1, 4.0


@dataclass(frozen=True)
class Reached:
    """The widest interval, as it was asked for.

    Attributes
    ----------
    metric, organisation, baseline : whose interval it is; ``baseline`` is "" unless it is one of a difference.
    width : to either side, as a share of the estimate.
    """

    asked: float
    width: float
    metric: Metric
    organisation: str
    baseline: str
    replications: int

    @property
    def met(self) -> bool:
        """Whether every headline interval is as narrow as asked."""
        return self.width <= self.asked

    @property
    def needed(self) -> int:
        """About how many replications it takes."""
        return math.ceil(self.replications * (self.width / self.asked) ** 2)

    def next_replications(self) -> int:
        """How many replications to have after the next batch."""
        low, high = (math.ceil(self.replications * growth) for growth in (_LEAST_GROWTH, _MOST_GROWTH))
        return min(max(self.needed, low), high)


def how_precise(found: Mapping[str, Mapping[str, Estimate]], replications: int, asked: float) -> Reached:
    """The widest headline interval of all organisations and of their differences to the first.

    What cannot be estimated (nobody was won, say) has no interval, and none is asked for.
    """
    widest = max(_widths(found), key=lambda one: one[0], default=(0.0, METRICS[0], "", ""))
    return Reached(asked, *widest, replications)


def _widths(found: Mapping[str, Mapping[str, Estimate]]) -> Iterator[tuple[float, Metric, str, str]]:
    baseline = next(iter(found))
    for metric in (one for one in METRICS if one.headline):
        least = LEAST_SHARE if metric.unit == "share" else 0.0
        for name, estimates in found.items():
            own = estimates[metric.key]
            yield from _width(own, max(abs(own.value), least), metric, name, "")
            if name != baseline:
                other = found[baseline][metric.key]
                yield from _width(own - other, max(abs(other.value), least), metric, name, baseline)


def _width(
    one: Estimate, of: float, metric: Metric, organisation: str, baseline: str
) -> Iterator[tuple[float, Metric, str, str]]:
    half = one.interval[1] - one.value
    if math.isfinite(half) and of > 0:
        yield half / of, metric, organisation, baseline
