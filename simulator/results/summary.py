"""One run of one organisation, reduced to what the metrics need: totals, and ordered durations for quantiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lowering import Setup
from simulator.engines.report import EngineReport
from simulator.model.numerics import DAY_US, HOUR_US
from simulator.model.words import Outcome, Role
from simulator.results.cohort import (
    NO_CHANNELS,
    NO_GROUPS,
    NO_MONTHS,
    ChannelTotals,
    FinishedRun,
    GroupTotals,
    MonthTotals,
    group_totals,
    month_totals,
)
from simulator.results.metric import Durations, Total
from simulator.results.metrics import METRICS, OTHER_TOTALS, durations_of, totals_of
from simulator.results.survival import order
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

HOUR, DAY = HOUR_US, DAY_US
WEEK = 7 * DAY

ROLE_NAMES = tuple(role.name.lower() for role in Role)

_TOTALS = (*totals_of(METRICS), *OTHER_TOTALS)
_DURATIONS = durations_of(METRICS)


class Result(Protocol):
    """What a simulation hands over; `simulator.run.simulate` makes it."""

    @property
    def organisation(self) -> str: ...

    @property
    def replication(self) -> int: ...

    @property
    def setup(self) -> Setup: ...

    @property
    def report(self) -> EngineReport: ...

    @property
    def journeys(self) -> "pd.DataFrame": ...

    @property
    def assets(self) -> "pd.DataFrame": ...


@dataclass(frozen=True)
class Sample:
    """Durations in microseconds with the code of their end (0 censored), in the order of `survival.order`."""

    durations: NDArray[np.int64]
    codes: NDArray[np.int8]


@dataclass(frozen=True)
class Summary:
    """One organisation in one replication.

    Attributes
    ----------
    sums, samples : the totals and the durations of `simulator.results.metrics` by their names; counts, usd and hours.
    channels : what each channel cost and brought.
    weekly_revenue : usd that all customers of the run paid, by the week of their decision from the run's start on.
    months : what became of those who arrived in each month.
    groups : what became of projects by the size of the buying group.
    """

    organisation: str
    replication: int
    sums: Mapping[str, float]
    samples: Mapping[str, Sample]
    channels: ChannelTotals = NO_CHANNELS
    weekly_revenue: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    months: MonthTotals = NO_MONTHS
    groups: GroupTotals = NO_GROUPS


def summarise(result: Result, scenario: Scenario, organisation: str, replication: int) -> Summary:
    """Reduce one run; only buyers of the cohort count, except for people's hours and content (the whole run)."""
    run = FinishedRun(result.setup, result.report, scenario, organisation)
    sums, samples = reduced(run, _TOTALS, _DURATIONS)
    return Summary(organisation, replication, sums, samples, run.channels, _weekly_revenue(result.setup, result.report),
                   month_totals(result.setup, run), group_totals(run))  # fmt: skip


def reduced(
    run: FinishedRun, totals: Sequence[Total], durations: Sequence[Durations]
) -> tuple[dict[str, float], dict[str, Sample]]:
    """Totals and ordered samples of one run, by name."""
    return {total.name: total.of(run) for total in totals}, {each.name: sample(*each.of(run)) for each in durations}


def _weekly_revenue(setup: Setup, report: EngineReport) -> NDArray[np.float64]:
    """What customers of the whole run paid, by week."""
    history, weeks = report.history, -(-int(setup.rules.horizon_us) // WEEK)
    won = np.flatnonzero(history["outcome"] == Outcome.WON)
    paid = np.bincount(history["ended_at"][won] // WEEK, history["paid_cents"][won] / 100.0, minlength=weeks)
    return np.asarray(paid, dtype=np.float64)


def sample(durations: NDArray[np.int64], codes: NDArray[np.int8]) -> Sample:
    """Durations and how they ended, put in order."""
    taken = order(durations, codes)
    return Sample(durations[taken], codes[taken])
