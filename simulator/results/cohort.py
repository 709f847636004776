"""The buyers that count, a column at a time, straight from a run's histories; and what each channel brought of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lowering import Setup, spend_usd_per_year
from simulator.engines.report import EngineReport
from simulator.model.numerics import DAY_US
from simulator.model.words import Outcome
from simulator.scenario.scenario import Scenario


class Cohort:
    """Histories of the buyers who arrived in the cohort's period, read as those of a run are.

    ``cohort["ended_at"]`` is a column, taken when it is first asked for: most sums need few of them.

    Attributes
    ----------
    chosen : bool[buyers that arrived], who belongs to it.
    channel : int64[buyers of the cohort], position in ``Arrivals.channels``.
    inquiry_at : int64[buyers of the cohort], since when each counts as an inquiry, microseconds, -1 never; every lead
        of a replayed export is one.
    """

    def __init__(self, setup: Setup, report: EngineReport) -> None:
        rules, arrived_at = setup.rules, report.history["arrived_at"]
        self.chosen: NDArray[np.bool_] = (arrived_at >= rules.warm_up_us) & (arrived_at < rules.cohort_end_us)
        self._rows = np.flatnonzero(self.chosen)
        self._history = report.history
        self._columns: dict[str, Any] = {}
        self.channel: NDArray[np.int64] = setup.arrivals.channel[report.rows[self._rows]]
        self.inquiry_at: NDArray[np.int64] = known_since(setup, self["inquiry_at"], self["arrived_at"])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str) -> Any:
        if name not in self._columns:
            self._columns[name] = self._history[name][self._rows]
        return self._columns[name]


def known_since(setup: Setup, inquiry_at: NDArray[np.int64], arrived_at: NDArray[np.int64]) -> NDArray[np.int64]:
    """When buyers became inquiries, microseconds, -1 never: a replayed lead is one when it comes."""
    return np.where(inquiry_at < 0, arrived_at, inquiry_at) if setup.rules.enter_as > 0 else inquiry_at


@dataclass(frozen=True)
class ChannelTotals:
    """What each channel cost and brought, over the cohort; arrays have a number for each channel.

    Attributes
    ----------
    names : of the channels.
    spend_usd : its budget over time; a replayed channel costs what its leads cost, nothing if the market does not
        name it.
    pipeline_usd : value of opportunities before discounts.
    revenue_usd : what its customers paid.
    """

    names: tuple[str, ...]
    spend_usd: NDArray[np.float64]
    buyers: NDArray[np.int64]
    inquiries: NDArray[np.int64]
    mqls: NDArray[np.int64]
    opportunities: NDArray[np.int64]
    pipeline_usd: NDArray[np.float64]
    won: NDArray[np.int64]
    revenue_usd: NDArray[np.float64]


@dataclass(frozen=True)
class MonthTotals:
    """What became of those who arrived in each calendar month of the cohort's period, by the end of follow-up.

    Attributes
    ----------
    names : of the months, 2025-05; the first and the last may be cut.
    buyers, inquiries, opportunities : how many came, inquired, and became an opportunity after inquiring.
    won : inquiries that were won.
    """

    names: tuple[str, ...]
    buyers: NDArray[np.int64]
    inquiries: NDArray[np.int64]
    opportunities: NDArray[np.int64]
    won: NDArray[np.int64]


#: Of a summary that knows of no months.
NO_MONTHS = MonthTotals((), *(np.zeros(0, np.int64),) * 4)


def month_totals(setup: Setup, cohort: Cohort) -> MonthTotals:
    """Totals of each month of a run; ``cohort`` is the run's."""
    start = np.datetime64(setup.arrivals.first_day, "us")
    begin, end = (start + np.timedelta64(int(at), "us") for at in (setup.rules.warm_up_us, setup.rules.cohort_end_us))
    months = np.arange(begin.astype("datetime64[M]"), (end - np.timedelta64(1, "us")).astype("datetime64[M]") + 1)
    first = (months.astype("datetime64[us]") - start).astype(np.int64)
    month = np.searchsorted(first, cohort["arrived_at"], side="right") - 1
    inquired = cohort.inquiry_at >= 0

    def count(of: Any) -> NDArray[np.int64]:
        return np.bincount(month[of], minlength=len(months))

    return MonthTotals(
        names=tuple(str(one) for one in months),
        buyers=np.bincount(month, minlength=len(months)),
        inquiries=count(inquired),
        opportunities=count(inquired & (cohort["opportunity_at"] >= 0)),
        won=count(inquired & (cohort["outcome"] == Outcome.WON)),
    )


#: Of a summary that knows of no channels.
NO_CHANNELS = ChannelTotals((), *(np.zeros(0),) * 8)  # type: ignore[arg-type]


def channel_totals(scenario: Scenario, setup: Setup, report: EngineReport, cohort: Cohort) -> ChannelTotals:
    """Totals of each channel of a run; ``cohort`` is the run's."""
    names = setup.arrivals.channels
    opened, won = cohort["opportunity_at"] >= 0, cohort["outcome"] == Outcome.WON
    buyers = np.bincount(cohort.channel, minlength=len(names))

    def count(of: NDArray[np.bool_]) -> Any:
        return np.bincount(cohort.channel[of], minlength=len(names))

    def usd(of: NDArray[np.bool_], cents: str) -> Any:
        return np.bincount(cohort.channel[of], cohort[cents][of] / 100.0, minlength=len(names))

    return ChannelTotals(
        names=tuple(names),
        spend_usd=_spend(scenario, setup, report, buyers),
        buyers=buyers,
        inquiries=count(cohort.inquiry_at >= 0),
        mqls=count(cohort["mql_at"] >= 0),
        opportunities=count(opened),
        pipeline_usd=usd(opened, "value_cents"),
        won=count(won),
        revenue_usd=usd(won, "paid_cents"),
    )


def _spend(scenario: Scenario, setup: Setup, report: EngineReport, buyers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Spend of each channel in the cohort's period: its budget over time, or what the leads of an export cost."""
    rules, market = setup.rules, scenario.market
    if market.leads.path:
        channels = market.channels
        costs = [channels[c].cost_per_inquiry_usd if c in channels else 0.0 for c in setup.arrivals.channels]
        return buyers * np.array(costs)
    start, end = int(rules.warm_up_us), int(rules.cohort_end_us)
    edges = np.clip(np.concatenate([[0], report.reviews[:, 0], [rules.horizon_us]]), start, end)
    years = np.diff(edges) / DAY_US / 365.0
    return np.asarray(years @ report.spend * np.array(list(spend_usd_per_year(market).values())))
