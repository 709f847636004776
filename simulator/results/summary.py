"""One run of one organisation, reduced to what the metrics need: sums, and ordered durations for quantiles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.domain.scenario import Scenario, payroll_usd_per_year
from simulator.domain.words import Outcome, Role, StageGroup
from simulator.results.survival import order

if TYPE_CHECKING:
    import pandas as pd

HOUR = 3_600_000_000
DAY = 24 * HOUR

#: Code of an observation that ended as the sample asks (won, or contacted).
HIT = int(Outcome.WON)

#: Names of the outcomes in the journeys' table.
OUTCOMES = {outcome.name.lower(): int(outcome) for outcome in Outcome}
ROLE_NAMES = tuple(role.name.lower() for role in Role)


class Result(Protocol):
    """What a simulation hands over; `simulator.run.simulate` makes it."""

    organisation: str
    replication: int
    setup: Any
    journeys: "pd.DataFrame"
    people: "pd.DataFrame"
    queues: "pd.DataFrame"
    channels: "pd.DataFrame"
    assets: "pd.DataFrame"
    report: Any
    events: int
    end_at: Any


@dataclass(frozen=True)
class Sample:
    """Durations in microseconds with the code of their end (0 censored), in the order of `survival.order`."""

    durations: NDArray[np.int64]
    codes: NDArray[np.int8]


def _no_channels() -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame()


@dataclass(frozen=True)
class Summary:
    """One organisation in one replication.

    Attributes
    ----------
    sums : counts, usd and hours, by the names that `simulator.results.metrics` uses.
    samples : ``cycle`` (everyone in the cohort, arrival to end), ``sales_cycle`` (its opportunities, from then to
        end), ``response`` (its inquiries that a person reached, inquiry to first contact).
    channels : one row per channel, as ``Result.channels``.
    weekly_revenue : usd that all customers of the run paid, by the week of their decision from the run's start on.
    """

    organisation: str
    replication: int
    sums: Mapping[str, float]
    samples: Mapping[str, Sample]
    channels: "pd.DataFrame" = field(default_factory=_no_channels)
    weekly_revenue: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def summarise(result: Result, scenario: Scenario, organisation: str, replication: int) -> Summary:
    """Reduce the tables of one run; only buyers of the cohort count, except for people's hours (the whole run)."""
    import pandas as pd  # the first run begins without it

    journeys = result.journeys
    cohort = journeys[journeys["in_cohort"].to_numpy(dtype=bool)]
    inquired, inquiry_at = inquiries_of(cohort, scenario)
    happened = {name: cohort[f"{name}_at"].notna().to_numpy() for name in ("mql", "sal", "sql", "opportunity")}
    contacted = inquired & cohort["first_contact_at"].notna().to_numpy()
    forecast = happened["opportunity"] & cohort["making_selection_at"].notna().to_numpy()
    codes: NDArray[np.int8] = np.asarray(cohort["outcome"].astype("object").map(OUTCOMES), dtype=np.int8)
    won = codes == Outcome.WON
    met_rep = ((codes == Outcome.WON) | (codes == Outcome.LOST)) & cohort["first_rep_at"].notna().to_numpy()

    ended = cohort["ended_at"].fillna(pd.Timestamp(result.end_at)).to_numpy(dtype="datetime64[us]")
    ended = np.where(codes == Outcome.OPEN, np.datetime64(pd.Timestamp(result.end_at), "us"), ended)
    response = np.maximum(_microseconds(inquiry_at, cohort["first_contact_at"])[contacted], 0)
    samples = {
        "cycle": _sample(_microseconds(cohort["arrived_at"], ended), codes),
        "sales_cycle": _sample(
            _microseconds(cohort["opportunity_at"], ended)[happened["opportunity"]], codes[happened["opportunity"]]
        ),
        "response": _sample(response, np.full(len(response), HIT, dtype=np.int8)),
    }
    sums: dict[str, float] = {
        "replications": 1,
        "events": int(result.events),
        "buyers": len(journeys),
        "cohort": len(cohort),
        "inquiries": _count(inquired),
        **{f"{name}s": _count(inquired & mask) for name, mask in happened.items() if name != "opportunity"},
        "accepted_mqls": _count(inquired & happened["mql"] & happened["sal"]),
        "inquiry_opportunities": _count(inquired & happened["opportunity"]),
        "opportunities": _count(happened["opportunity"]),
        "forecast": _count(forecast),
        "won": _count(won),
        "won_inquiries": _count(inquired & won),
        "won_opportunities": _count(happened["opportunity"] & won),
        "won_forecast": _count(forecast & won),
        "open": _count(codes == Outcome.OPEN),
        "contacted": _count(contacted),
        "never_contacted": _count(inquired & ~contacted),
        "within_1_hour": _count(response <= HOUR),
        "within_24_hours": _count(response <= DAY),
        "cleared_before_person": float(cohort["cleared_before_person"].to_numpy(dtype=np.float64)[met_rep].sum()),
        "cleared_total": float(cohort["cleared_total"].to_numpy(dtype=np.float64)[met_rep].sum()),
        **_costs(result, scenario, organisation),
        "revenue": _usd(cohort["value_usd"].to_numpy(dtype=np.float64)[won]),
        "discounts": _usd((cohort["deal_value_usd"] - cohort["value_usd"]).to_numpy(dtype=np.float64)[won]),
        "self_served": _count(won & cohort["self_served"].to_numpy(dtype=bool)),
        "assigned": _count(cohort["owned_at"].notna().to_numpy()),
        **_by_stage_group(cohort),
        **_hours(result.people),
        "assets": len(result.assets),
        "assets_unused": _count((result.assets["uses"] == 0).to_numpy()),
        "own_pieces": int(result.report.own_pieces),
        "search_hours": result.report.search_us / HOUR,
    }
    sums["net"] = sums["revenue"] - sums["cost"]
    return Summary(organisation, replication, sums, samples, result.channels, _weekly_revenue(result, scenario))


def _weekly_revenue(result: Result, scenario: Scenario) -> NDArray[np.float64]:
    """What customers of the whole run paid, by week."""
    import pandas as pd

    won = result.journeys[result.journeys["outcome"].astype("object") == "won"]
    horizon = scenario.horizon_days()
    start = pd.Timestamp(result.end_at) - pd.Timedelta(days=horizon)
    week = ((won["ended_at"] - start) // pd.Timedelta(weeks=1)).to_numpy(dtype=np.int64)
    paid = np.bincount(week, won["value_usd"].to_numpy(dtype=np.float64), minlength=-(-horizon // 7))
    return np.asarray(paid, dtype=np.float64)


def inquiries_of(cohort: "pd.DataFrame", scenario: Scenario) -> "tuple[NDArray[np.bool_], pd.Series]":
    """Who counts as an inquiry, and since when; every lead of a replayed export is one."""
    inquiry_at = cohort["inquiry_at"]
    if scenario.market.leads.path:
        inquiry_at = inquiry_at.fillna(cohort["arrived_at"])
    return inquiry_at.notna().to_numpy(), inquiry_at


def _costs(result: Result, scenario: Scenario, organisation: str) -> dict[str, float]:
    """Costs of the cohort's period, usd."""
    years = scenario.run.cohort_days / 365
    economics = scenario.economics
    costs = {
        "payroll": payroll_usd_per_year(scenario.organisations[organisation]) * years,
        "spend": float(result.channels["spend_usd"].sum()),
        "overhead": (economics.content_usd_per_year + economics.tools_usd_per_year) * years,
    }
    return {**costs, "cost": sum(costs.values())}


def _by_stage_group(cohort: "pd.DataFrame") -> dict[str, float]:
    """Touches, and those with a person, in each pair of stages."""
    kinds = [f"{kind}_in_{group.name.lower()}" for group in StageGroup for kind in ("touches", "person_touches")]
    return {kind: float(cohort[kind].sum()) for kind in kinds}


def _hours(people: "pd.DataFrame") -> dict[str, float]:
    """Hours paid and worked by each role over the whole run."""
    hours = dict.fromkeys((f"{kind}_{role}" for kind in ("paid", "worked") for role in ROLE_NAMES), 0.0)
    for role, table in people.groupby("role", observed=True):
        name = str(role) if isinstance(role, str) else ROLE_NAMES[int(str(role))]
        hours[f"paid_{name}"] = float(table["paid_hours"].sum())
        hours[f"worked_{name}"] = float(table["worked_hours"].sum())
    return hours


def _sample(durations: NDArray[np.int64], codes: NDArray[np.int8]) -> Sample:
    taken = order(durations, codes)
    return Sample(durations[taken], codes[taken])


def _microseconds(start: "pd.Series", end: "pd.Series | NDArray[np.datetime64]") -> NDArray[np.int64]:
    """Durations; meaningless where either time is missing."""
    since, until = (np.asarray(times, dtype="datetime64[us]") for times in (start, end))
    return (until - since).astype(np.int64)


def _count(mask: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask))


def _usd(amounts: NDArray[np.float64]) -> float:
    """A sum of money that does not depend on order: whole cents."""
    return int(np.rint(amounts * 100).astype(np.int64).sum()) / 100
