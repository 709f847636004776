"""What an export shows of its leads, as numbers: the same of real leads and of simulated ones.

Whatever hides something from the export hides it here too: wins before recording began, and everything after the day it
was made. So left truncation and censoring need no formula: the simulated leads are looked at through the same window.

A number is a share as an angle (Anscombe 1948), whose luck does not depend on the share: of leads won, by channel and
by the month a lead came in; of those won, how many had been won by a certain age; and the same of losses, of first
contacts and of stages, where the export knows them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.fit.event_times import STAGES, EventTimes, Times
from simulator.results.summary import DAY

#: Least leads in a month of its own, and least cases of an event from which ages are told.
_MONTH_LEADS, _CASES = 30, 20
#: Shares of the cases by whose ages a distribution of ages is told.
_LEVELS_OF_WINS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_LEVELS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Statistic:
    """One number: ``kind`` says of what, ``of`` whose (a channel, a month, an age)."""

    kind: str
    of: str


class ObservedStatistics:
    """What is seen of a stream of leads on one day.

    Parameters
    ----------
    arrived, channel : int64[leads], the stream; ``months`` its leads' months of arrival, as text.
    own : channels that have a number of their own, as positions; the others share one.
    since : wins and losses before this instant are not recorded.
    until : the day of the export; whoever came later is not seen at all.
    observed : the real leads, whose ages fix the ages that are asked for.

    Attributes
    ----------
    numbers : what each number says.
    observed : float64[numbers], of the real leads.
    luck : float64[numbers], the variance that luck gives a number of so many cases.
    """

    def __init__(
        self,
        arrived: Times,
        channel: NDArray[np.int64],
        names: Sequence[str],
        months: NDArray[Any],
        own: Sequence[int],
        since: int,
        until: int,
        observed: EventTimes,
    ) -> None:
        self.since, self.until = since, until
        self._arrived = arrived
        self._here = arrived < until
        self._recorded = self._here & (arrived >= since)
        self._groups = [
            *(_Group("won", name, mine) for name, mine in _channels(channel, names, own, self._here)),
            *(_Group("won", month, mine) for month, mine in _months(months, self._here)),
        ]
        self._ages: list[tuple[str, str, float]] = []
        for what, levels in self._events(observed, _LEVELS_OF_WINS):
            self._ages += [(what, f"{age:.3g} days", age * DAY) for age in self._asked(observed, what, levels)]
        self._shares = [what for what, _ in self._events(observed, ()) if what != "won"]
        self.numbers = (
            *(Statistic(group.kind, group.of) for group in self._groups),
            *(Statistic(f"{what} by", of) for what, of, _ in self._ages),
            *(Statistic(what, "all leads") for what in self._shares),
        )
        self.observed = self(observed)
        sizes = [group.size for group in self._groups]
        sizes += [len(self._aged(observed, what)) for what, _, _ in self._ages]
        sizes += [int(np.count_nonzero(self._here))] * len(self._shares)
        self.luck = 1.0 / (np.array(sizes) + 0.5)

    def __call__(self, event_times: EventTimes) -> NDArray[np.float64]:
        """float64[numbers] of some fates of these leads."""
        won = self._seen(event_times, "won")
        angles = [_angle(np.count_nonzero(won[group.mine]), group.size) for group in self._groups]
        ages: dict[str, NDArray[np.int64]] = {}
        for what, _, age in self._ages:
            if what not in ages:
                ages[what] = self._aged(event_times, what)
            angles.append(_angle(np.searchsorted(ages[what], age, side="right"), len(ages[what])))
        for what in self._shares:
            angles.append(_angle(np.count_nonzero(self._seen(event_times, what)), np.count_nonzero(self._here)))
        return np.array(angles)

    def _events(self, observed: EventTimes, levels: Sequence[float]) -> Iterator[tuple[str, Sequence[float]]]:
        """Kinds of events that the export knows, and the shares by which their ages are told."""
        yield "won", levels
        for what in ("lost", "contact", *STAGES):
            if what in observed.entered or what in ("lost", "contact"):
                if np.count_nonzero(self._seen(observed, what)) >= _CASES:
                    yield what, _LEVELS

    def _asked(self, observed: EventTimes, what: str, levels: Sequence[float]) -> list[float]:
        """Ages in days, with two or three digits, by which so many of the real cases had happened."""
        ages = self._aged(observed, what)
        if len(ages) < _CASES:
            return []
        rounded = {float(f"{age:.2g}") for age in np.quantile(ages, levels) / DAY}
        return sorted(age for age in rounded if age > 0.0)

    def _at(self, event_times: EventTimes, what: str) -> Times:
        at: Times = event_times.entered[what] if what in STAGES else getattr(event_times, what)
        return at

    def _seen(self, event_times: EventTimes, what: str) -> NDArray[np.bool_]:
        """Leads of whom the export shows that it happened."""
        at = self._at(event_times, what)
        first = self.since if what in ("won", "lost") else 0
        seen: NDArray[np.bool_] = self._here & (at >= first) & (at < self.until)
        return seen

    def _aged(self, event_times: EventTimes, what: str) -> NDArray[np.int64]:
        """How old leads were when it happened, in order; only of leads that came while it was recorded."""
        mine = self._seen(event_times, what) & self._recorded
        return np.sort(np.maximum(self._at(event_times, what)[mine] - self._arrived[mine], 0))


@dataclass(frozen=True)
class _Group:
    kind: str
    of: str
    mine: NDArray[np.bool_]

    @property
    def size(self) -> int:
        return int(np.count_nonzero(self.mine))


def _angle(cases: Any, of: Any) -> float:
    """A share as an angle, with a standard deviation of about 1 / sqrt(of); between 0 and pi."""
    return 2.0 * math.asin(math.sqrt((cases + 0.375) / (of + 0.75)))


def share(angle: float) -> float:
    """The share of an angle."""
    return math.sin(min(max(angle, 0.0), math.pi) / 2.0) ** 2


def _channels(
    channel: NDArray[np.int64], names: Sequence[str], own: Sequence[int], here: NDArray[np.bool_]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    for position in own:
        yield names[position], here & (channel == position)
    rest = here & ~np.isin(channel, own)
    if rest.any():
        yield "other channels", rest


def _months(months: NDArray[Any], here: NDArray[np.bool_]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Months of arrival; one with few leads goes with the following one, the last one with the one before."""
    gathered: list[tuple[str, NDArray[np.bool_]]] = []
    open_mask, size = np.zeros(len(months), bool), 0
    for month in np.unique(months[here]):
        mine = here & (months == month)
        open_mask, size = open_mask | mine, size + int(np.count_nonzero(mine))
        if size >= _MONTH_LEADS:
            gathered.append((f"leads of {month}", open_mask))
            open_mask, size = np.zeros(len(months), bool), 0
    if size and gathered:
        name, last = gathered.pop()
        gathered.append((name, last | open_mask))
    elif size:
        gathered.append(("all leads", open_mask))
    yield from gathered
