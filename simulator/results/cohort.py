"""What metrics read of a finished run: the buyers that count, a column at a time; its people and its costs.

Straight from the arrays that a run leaves: the tables of `simulator.results.frames` take ten times as long to make.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lowering import Setup, spend_usd_per_year
from simulator.engines.report import EngineReport
from simulator.engines.review import OWN_WORK
from simulator.model.numerics import DAY_US, HOUR_US
from simulator.model.sizes import MAX_GROUP
from simulator.model.words import ROLES, Outcome, Stage
from simulator.scenario.scenario import Scenario, payroll_usd_per_year

Mask = NDArray[np.bool_]
Microseconds = NDArray[np.int64]


class Cohort:
    """Histories of the buyers who arrived in the cohort's period, read as those of a run are.

    ``cohort["ended_at"]`` is a column, ``cohort["touches_in", 0]`` one of a matrix, taken when it is first asked for:
    most sums need few of them.

    Attributes
    ----------
    setup, report : of the run.
    chosen : bool[buyers that arrived], who belongs to it.
    channel : int64[buyers of the cohort], position in ``Arrivals.channels``.
    inquiry_at : int64[buyers of the cohort], since when each counts as an inquiry, microseconds, -1 never; every lead
        of a replayed export is one.
    inquired, mql, sal, sql, opportunity, contacted, forecast, won, lost, still_open, met_rep : bool[buyers of the
        cohort]. ``mql``, ``sal``, ``sql`` and ``contacted`` are inquiries; ``forecast`` are opportunities that reached
        making the selection; ``met_rep`` are won and lost journeys in which a rep was met.
    project_at : int64[buyers of the cohort], when each one's project began, microseconds, -1 never; ``has_had_project``
        are those; ``dormant`` have none at the end of follow-up, or one that pauses; ``asked`` are inquiries who asked
        for a person.
    answer_hours : float64[asked], our working hours from the first request until someone turned to it; infinite never.
    end : int64[buyers of the cohort], microseconds, when each journey ended; of open ones the end of follow-up.
    response : int64[contacted], microseconds from the inquiry to the first contact by a person.
    """

    def __init__(self, setup: Setup, report: EngineReport) -> None:
        rules, arrived_at = setup.rules, report.history["arrived_at"]
        self.setup, self.report = setup, report
        self.chosen: Mask = (arrived_at >= rules.warm_up_us) & (arrived_at < rules.cohort_end_us)
        self._rows = np.flatnonzero(self.chosen)
        self._history = report.history
        self._columns: dict[str | tuple[str, int], Any] = {}
        self.channel: NDArray[np.int64] = setup.arrivals.channel[report.rows[self._rows]]
        self.inquiry_at: NDArray[np.int64] = known_since(setup, self["inquiry_at"], self["arrived_at"])

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, name: str | tuple[str, int]) -> Any:
        if name not in self._columns:
            self._columns[name] = self._history[name][self._rows]
        return self._columns[name]

    @cached_property
    def inquired(self) -> Mask:
        return self.inquiry_at >= 0

    @cached_property
    def mql(self) -> Mask:
        return self.inquired & (self["mql_at"] >= 0)

    @cached_property
    def sal(self) -> Mask:
        return self.inquired & (self["sal_at"] >= 0)

    @cached_property
    def sql(self) -> Mask:
        return self.inquired & (self["sql_at"] >= 0)

    @cached_property
    def opportunity(self) -> Mask:
        return np.asarray(self["opportunity_at"] >= 0)

    @cached_property
    def contacted(self) -> Mask:
        return self.inquired & (self["first_contact_at"] >= 0)

    @cached_property
    def project_at(self) -> Microseconds:
        return np.where(self["came_dormant"] != 0, self["project_at"], self["arrived_at"])

    @cached_property
    def has_had_project(self) -> Mask:
        return np.asarray(self.project_at >= 0)

    @cached_property
    def dormant(self) -> Mask:
        return self.still_open & (self["project"] == 0)

    @cached_property
    def asked(self) -> Mask:
        return self.inquired & (self["requested_at"] >= 0)

    @cached_property
    def answer_hours(self) -> NDArray[np.float64]:
        rules, days = self.setup.rules, int(self.setup.rules.days)
        team = np.asarray(rules.team_of_segment)[self["segment"]]
        opens, window = np.asarray(rules.day_starts)[team], int(rules.workday_us)
        worked = [_work_before(self[moment], opens, window, days) for moment in ("requested_at", "answered_at")]
        return np.where(self["answered_at"] >= 0, (worked[1] - worked[0]) / HOUR_US, np.inf)[self.asked]

    @cached_property
    def forecast(self) -> Mask:
        return self.opportunity & (self["stage_at", Stage.MAKING_SELECTION] >= 0)

    @cached_property
    def won(self) -> Mask:
        return np.asarray(self["outcome"] == Outcome.WON)

    @cached_property
    def lost(self) -> Mask:
        return np.asarray(self["outcome"] == Outcome.LOST)

    @cached_property
    def still_open(self) -> Mask:
        return np.asarray(self["outcome"] == Outcome.OPEN)

    @cached_property
    def met_rep(self) -> Mask:
        return (self.won | self.lost) & (self["first_rep_at"] >= 0)

    @cached_property
    def end(self) -> Microseconds:
        return np.where(self.still_open, self.setup.rules.horizon_us, self["ended_at"])

    @cached_property
    def response(self) -> Microseconds:
        return np.maximum((self["first_contact_at"] - self.inquiry_at)[self.contacted], 0)


class FinishedRun(Cohort):
    """A cohort, and what else a metric reads of its run.

    Attributes
    ----------
    scenario, organisation : whose prices and pay count.
    channels : what each channel cost and brought.
    paid_hours, worked_hours, own_work_hours : float64[people] over the whole run; own work is worked.
    payroll, spend, overhead : usd over the cohort's period; overhead is content and tools.
    """

    def __init__(self, setup: Setup, report: EngineReport, scenario: Scenario, organisation: str) -> None:
        super().__init__(setup, report)
        self.scenario, self.organisation = scenario, organisation

    @cached_property
    def channels(self) -> "ChannelTotals":
        return channel_totals(self.scenario, self.setup, self.report, self)

    @cached_property
    def _hours_us(self) -> NDArray[np.int64]:
        """Hours of each person by what they are for: people x kinds, microseconds."""
        return np.asarray(self.report.hours[self.setup.person_team * ROLES + self.setup.person_role])

    @cached_property
    def paid_hours(self) -> NDArray[np.float64]:
        return np.asarray(self._hours_us.sum(axis=1) / HOUR_US)

    @cached_property
    def worked_hours(self) -> NDArray[np.float64]:
        return np.asarray((self.report.people["worked_us"] + self._hours_us[:, OWN_WORK]) / HOUR_US)

    @cached_property
    def own_work_hours(self) -> NDArray[np.float64]:
        return np.asarray(self._hours_us[:, OWN_WORK] / HOUR_US)

    @property
    def _years(self) -> float:
        return self.scenario.run.cohort_days / 365

    @property
    def payroll(self) -> float:
        return payroll_usd_per_year(self.scenario.organisations[self.organisation]) * self._years

    @property
    def spend(self) -> float:
        return float(self.channels.spend_usd.sum())

    @property
    def overhead(self) -> float:
        economics = self.scenario.economics
        return (economics.content_usd_per_year + economics.tools_usd_per_year) * self._years


def _work_before(at: Microseconds, opens: Microseconds, window: int, days: int) -> Microseconds:
    """Working microseconds before instants, as ``calendar.work_before`` counts them."""
    week, of_week = np.divmod(at, 7 * DAY_US)
    day, of_day = np.divmod(of_week, DAY_US)
    return np.asarray((week * days + np.minimum(day, days)) * window
                      + np.where(day < days, np.clip(of_day - opens, 0, window), 0))  # fmt: skip


def count(mask: Mask) -> int:
    """How many are true."""
    return int(np.count_nonzero(mask))


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

    def by_month(of: Mask) -> NDArray[np.int64]:
        return np.bincount(month[of], minlength=len(months))

    return MonthTotals(
        names=tuple(str(one) for one in months),
        buyers=np.bincount(month, minlength=len(months)),
        inquiries=by_month(cohort.inquired),
        opportunities=by_month(cohort.inquired & cohort.opportunity),
        won=by_month(cohort.inquired & cohort.won),
    )


@dataclass(frozen=True)
class GroupTotals:
    """What became of the cohort's buyers with projects, by the size of their buying group, from 1 member on."""

    projects: NDArray[np.int64]
    opportunities: NDArray[np.int64]
    forecast: NDArray[np.int64]
    won: NDArray[np.int64]


#: Of a summary that knows of no groups.
NO_GROUPS = GroupTotals(*(np.zeros(MAX_GROUP, np.int64),) * 4)


def group_totals(cohort: Cohort) -> GroupTotals:
    """Totals of each size of group of a run; ``cohort`` is the run's."""

    def by_size(of: Mask) -> NDArray[np.int64]:
        return np.bincount(cohort["members"][of] - 1, minlength=MAX_GROUP)

    had = cohort.has_had_project
    return GroupTotals(
        by_size(had), by_size(had & cohort.opportunity), by_size(had & cohort.forecast), by_size(had & cohort.won)
    )


#: Of a summary that knows of no channels.
NO_CHANNELS = ChannelTotals((), *(np.zeros(0),) * 8)  # type: ignore[arg-type]


def channel_totals(scenario: Scenario, setup: Setup, report: EngineReport, cohort: Cohort) -> ChannelTotals:
    """Totals of each channel of a run; ``cohort`` is the run's."""
    names = setup.arrivals.channels
    buyers = np.bincount(cohort.channel, minlength=len(names))

    def by_channel(of: Mask) -> Any:
        return np.bincount(cohort.channel[of], minlength=len(names))

    def usd(of: Mask, cents: str) -> Any:
        return np.bincount(cohort.channel[of], cohort[cents][of] / 100.0, minlength=len(names))

    return ChannelTotals(
        names=tuple(names),
        spend_usd=_spend(scenario, setup, report, buyers),
        buyers=buyers,
        inquiries=by_channel(cohort.inquired),
        mqls=by_channel(cohort["mql_at"] >= 0),
        opportunities=by_channel(cohort.opportunity),
        pipeline_usd=usd(cohort.opportunity, "value_cents"),
        won=by_channel(cohort.won),
        revenue_usd=usd(cohort.won, "paid_cents"),
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
