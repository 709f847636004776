"""One run of one organisation, reduced to what the metrics need: sums, and ordered durations for quantiles.

Straight from the arrays that a run leaves: the tables of `simulator.results.frames` take ten times as long to make.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lowering import Setup
from simulator.engines.report import EngineReport
from simulator.engines.review import OWN_WORK
from simulator.model.words import ROLES, Outcome, Role, Stage, StageGroup
from simulator.results.cohort import (
    NO_CHANNELS,
    NO_MONTHS,
    ChannelTotals,
    Cohort,
    MonthTotals,
    channel_totals,
    month_totals,
)
from simulator.results.survival import order
from simulator.scenario.scenario import Scenario, payroll_usd_per_year

if TYPE_CHECKING:
    import pandas as pd

HOUR = 3_600_000_000
DAY = 24 * HOUR
WEEK = 7 * DAY

#: Code of an observation that ended as the sample asks (won, or contacted).
HIT = int(Outcome.WON)

ROLE_NAMES = tuple(role.name.lower() for role in Role)


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
    sums : counts, usd and hours, by the names that `simulator.results.metrics` uses.
    samples : ``cycle`` (everyone in the cohort, arrival to end), ``sales_cycle`` (its opportunities, from then to
        end), ``response`` (its inquiries that a person reached, inquiry to first contact).
    channels : what each channel cost and brought.
    weekly_revenue : usd that all customers of the run paid, by the week of their decision from the run's start on.
    months : what became of those who arrived in each month.
    """

    organisation: str
    replication: int
    sums: Mapping[str, float]
    samples: Mapping[str, Sample]
    channels: ChannelTotals = NO_CHANNELS
    weekly_revenue: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    months: MonthTotals = NO_MONTHS


def summarise(result: Result, scenario: Scenario, organisation: str, replication: int) -> Summary:
    """Reduce one run; only buyers of the cohort count, except for people's hours (the whole run)."""
    setup, report = result.setup, result.report
    cohort = Cohort(setup, report)
    channels = channel_totals(scenario, setup, report, cohort)
    inquiry_at, contact_at, opportunity_at, codes = (
        cohort.inquiry_at, cohort["first_contact_at"], cohort["opportunity_at"], cohort["outcome"],
    )  # fmt: skip
    inquired, opportunity, won, still_open = (
        inquiry_at >= 0, opportunity_at >= 0, codes == Outcome.WON, codes == Outcome.OPEN,
    )  # fmt: skip
    mql, sal, sql = (inquired & (cohort[name] >= 0) for name in ("mql_at", "sal_at", "sql_at"))
    contacted = inquired & (contact_at >= 0)
    forecast = opportunity & (cohort["stage_at"][:, Stage.MAKING_SELECTION] >= 0)
    met_rep = (won | (codes == Outcome.LOST)) & (cohort["first_rep_at"] >= 0)
    paid, price = cohort["paid_cents"][won], cohort["value_cents"][won]

    ended = np.where(still_open, setup.rules.horizon_us, cohort["ended_at"])
    response = np.maximum((contact_at - inquiry_at)[contacted], 0)
    samples = {
        "cycle": sample(ended - cohort["arrived_at"], codes),
        "sales_cycle": sample((ended - opportunity_at)[opportunity], codes[opportunity]),
        "response": sample(response, np.full(len(response), HIT, dtype=np.int8)),
    }
    sums: dict[str, float] = {
        "replications": 1,
        "events": int(report.events),
        "buyers": len(report.history),
        "cohort": len(cohort),
        "inquiries": count(inquired),
        "mqls": count(mql),
        "sals": count(sal),
        "sqls": count(sql),
        "accepted_mqls": count(mql & sal),
        "inquiry_opportunities": count(inquired & opportunity),
        "opportunities": count(opportunity),
        "forecast": count(forecast),
        "won": len(paid),
        "won_inquiries": count(inquired & won),
        "won_opportunities": count(opportunity & won),
        "won_forecast": count(forecast & won),
        "open": count(still_open),
        "contacted": len(response),
        "never_contacted": count(inquired) - len(response),
        "within_1_hour": count(response <= HOUR),
        "within_24_hours": count(response <= DAY),
        "cleared_before_person": float(cohort["cleared_before_person"][met_rep].sum()),
        "cleared_total": float(cohort["cleared_total"][met_rep].sum()),
        **_costs(scenario, organisation, channels),
        "revenue": int(paid.sum()) / 100,
        "discounts": int((price - paid).sum()) / 100,
        "self_served": count(won & (cohort["self_served"] != 0)),
        "assigned": count(cohort["owned_at"] >= 0),
        **_by_stage_group(cohort),
        **_hours(setup, report),
        "assets": len(report.assets),
        "assets_unused": count(report.assets["uses"] == 0),
        "own_pieces": int(report.own_pieces),
        "search_hours": report.search_us / HOUR,
    }
    sums["net"] = sums["revenue"] - sums["cost"]
    revenue, months = _weekly_revenue(setup, report), month_totals(setup, cohort)
    return Summary(organisation, replication, sums, samples, channels, revenue, months)


def _weekly_revenue(setup: Setup, report: EngineReport) -> NDArray[np.float64]:
    """What customers of the whole run paid, by week."""
    history, weeks = report.history, -(-int(setup.rules.horizon_us) // WEEK)
    won = np.flatnonzero(history["outcome"] == Outcome.WON)
    paid = np.bincount(history["ended_at"][won] // WEEK, history["paid_cents"][won] / 100.0, minlength=weeks)
    return np.asarray(paid, dtype=np.float64)


def _costs(scenario: Scenario, organisation: str, channels: ChannelTotals) -> dict[str, float]:
    """Costs of the cohort's period, usd."""
    years = scenario.run.cohort_days / 365
    economics = scenario.economics
    costs = {
        "payroll": payroll_usd_per_year(scenario.organisations[organisation]) * years,
        "spend": float(channels.spend_usd.sum()),
        "overhead": (economics.content_usd_per_year + economics.tools_usd_per_year) * years,
    }
    return {**costs, "cost": sum(costs.values())}


def _by_stage_group(cohort: Cohort) -> dict[str, float]:
    """Touches, and those with a person, in each pair of stages."""
    touches, by_people = (cohort[kind].sum(axis=0) for kind in ("touches_in", "person_touches_in"))
    sums = {}
    for group in StageGroup:
        sums[f"touches_in_{group.name.lower()}"] = float(touches[group])
        sums[f"person_touches_in_{group.name.lower()}"] = float(by_people[group])
    return sums


def _hours(setup: Setup, report: EngineReport) -> dict[str, float]:
    """Hours paid and worked by each role over the whole run; own work is worked."""
    hours = report.hours[setup.person_team * ROLES + setup.person_role]
    paid, worked = hours.sum(axis=1) / HOUR, (report.people["worked_us"] + hours[:, OWN_WORK]) / HOUR
    sums = {}
    for kind, each in (("paid", paid), ("worked", worked)):
        for role, name in enumerate(ROLE_NAMES):
            sums[f"{kind}_{name}"] = float(each[setup.person_role == role].sum())
    return sums


def sample(durations: NDArray[np.int64], codes: NDArray[np.int8]) -> Sample:
    """Durations and how they ended, put in order."""
    taken = order(durations, codes)
    return Sample(durations[taken], codes[taken])


def count(mask: NDArray[np.bool_]) -> int:
    """How many are true."""
    return int(np.count_nonzero(mask))
