"""Leads that a fit has not seen, and what became of them: wins by week and channel, and how old leads were when won."""

import datetime
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.fit.event_times import EventTimes, event_times_of_run
from simulator.fit.lead_stream import LeadStream
from simulator.fit.response_surface import Rows
from simulator.leads.moments import moment_of
from simulator.results.crm_export import NEVER
from simulator.results.summary import DAY, WEEK
from simulator.scenario.schema import ScenarioError

#: Least leads that are predicted.
_LEAST_LEADS = 20
#: Least horizon, and that where no win of a lead tells one.
_LEAST_DAYS, _USUAL_DAYS = 7, 30
#: Ages at which the curve of wins is told.
_AGES = 200


@dataclass(frozen=True)
class Holdout:
    """Leads after a cutoff.

    Attributes
    ----------
    cutoff : the instant until which the fit knows what happened; ``day`` is the last day before it.
    week, group : int64[leads of the stream], the week after the cutoff, from 0, -1 for leads that are not predicted;
        the channel, as a position in ``groups``.
    leads : int64[weeks, groups], how many are predicted.
    starts : the first day of each week.
    ages : float64[ages], microseconds; up to the age that every predicted lead had reached at the export.
    horizon : microseconds from a lead within which wins count.
    """

    stream: LeadStream
    cutoff: int
    day: datetime.date
    week: NDArray[np.int64]
    group: NDArray[np.int64]
    groups: tuple[str, ...]
    leads: NDArray[np.int64]
    starts: tuple[datetime.date, ...]
    ages: Rows
    horizon: int

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return 2 * self.leads.size + len(self.ages)

    def row(self, event_times: EventTimes) -> Rows:
        """float64[width] of fates known until the export: wins within the horizon, wins until the export, the curve."""
        mine = self.week >= 0
        arrived, won = self.stream.arrivals.at_us[mine], event_times.won[mine]
        seen = (won < self.stream.until) & (won >= self.stream.since)
        age = np.where(seen, np.maximum(won - arrived, 0), NEVER)
        cell = self.week[mine] * len(self.groups) + self.group[mine]
        within, ever = (
            np.bincount(cell[chosen], minlength=self.leads.size) for chosen in (age <= self.horizon, seen)
        )  # fmt: skip
        curve = np.searchsorted(np.sort(age), self.ages, side="right") / max(1, int(mine.sum()))
        return np.concatenate([within, ever, curve]).astype(np.float64)

    def look(self, result: Any) -> Rows:
        """The same of a run."""
        return self.row(event_times_of_run(result, self.stream.until))

    def within(self, rows: Rows) -> Rows:
        """float64[..., weeks, groups]: wins within the horizon."""
        return rows[..., : self.leads.size].reshape(*rows.shape[:-1], *self.leads.shape)

    def ever(self, rows: Rows) -> Rows:
        """float64[..., weeks, groups]: wins until the export."""
        return rows[..., self.leads.size : 2 * self.leads.size].reshape(*rows.shape[:-1], *self.leads.shape)

    def curve(self, rows: Rows) -> Rows:
        """float64[..., ages]: share of the leads won by each age."""
        return rows[..., 2 * self.leads.size :]


def usual_days(stream: LeadStream) -> int:
    """Whole days within which three quarters of the recorded wins had happened, a week at least."""
    won, arrived = stream.event_times.won, stream.arrivals.at_us
    mine = (won < stream.until) & (won >= stream.since) & (arrived >= stream.since)
    ages = np.maximum(won[mine] - arrived[mine], 0)
    return max(_LEAST_DAYS, math.ceil(np.quantile(ages, 0.75) / DAY)) if len(ages) else _USUAL_DAYS


def holdouts(stream: LeadStream, own: list[int], cutoffs: list[str], weeks: int, horizon_days: int) -> list[Holdout]:
    """The leads after each cutoff.

    Raises
    ------
    ScenarioError
        When a cutoff leaves too few leads to predict, or no recorded win to fit to.
    """
    if weeks == 0:
        return []
    if cutoffs:
        evenings = [moment_of(f"study.fit.cutoffs[{place}]", text) for place, text in enumerate(cutoffs)]
        instants = [stream.instant(evening) // DAY * DAY + DAY for evening in evenings]
    else:
        last = min(int(stream.arrivals.at_us[-1]) + 1, stream.until - horizon_days * DAY)
        instants = [-(-last // DAY) * DAY - weeks * WEEK]
        cutoffs = [f"{stream.day(instants[0] - 1):%Y-%m-%d}"]
    return [
        _holdout(stream, own, text, instant, weeks, horizon_days * DAY)
        for text, instant in zip(cutoffs, instants, strict=True)
    ]


def _holdout(stream: LeadStream, own: list[int], text: str, cutoff: int, weeks: int, horizon: int) -> Holdout:
    arrived = stream.arrivals.at_us
    week = (arrived - cutoff) // WEEK
    mine = (arrived >= cutoff) & (week < weeks) & (arrived < stream.until - horizon)
    if np.count_nonzero(mine) < _LEAST_LEADS:
        raise ScenarioError(
            f"study.fit.cutoffs must leave at least {_LEAST_LEADS} leads in the {weeks} weeks after them, each known "
            f"for study.fit.horizon_days={horizon // DAY}, got {np.count_nonzero(mine)} after {text!r}; "
            "study.fit.weeks=0 leaves the check out"
        )
    won = stream.event_times.won
    if not ((won >= stream.since) & (won < cutoff)).any():
        raise ScenarioError(f"study.fit.cutoffs must leave a win before them to fit to, got none before {text!r}")
    names = stream.arrivals.channels
    place_of = {position: place for place, position in enumerate(own)}
    group = np.array([place_of.get(int(channel), len(own)) for channel in stream.arrivals.channel])
    groups = (*(names[position] for position in own), "other channels")
    week = np.where(mine, week, -1)
    counts = np.bincount(week[mine] * len(groups) + group[mine], minlength=weeks * len(groups))
    reached = int(stream.until - arrived[mine].max())
    return Holdout(
        stream, cutoff, stream.day(cutoff - 1), week, group, groups, counts.reshape(weeks, len(groups)),
        tuple(stream.day(cutoff + place * WEEK) for place in range(weeks)),
        np.linspace(0.0, reached, _AGES + 1)[1:], horizon,
    )  # fmt: skip
