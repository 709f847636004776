"""Tables as a simulation hands them over, made up: seeded, paired between organisations, and quick."""

import datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from simulator.domain.market import Channel, Segment
from simulator.domain.organisation import Organisation
from simulator.domain.scenario import Scenario
from simulator.engines.report import LOG_DTYPE

EPOCH = np.datetime64("2025-01-06T00:00:00", "us")
DAY = 86_400_000_000
STAGES = ("loosening_status_quo", "committing_to_change", "exploring_solutions", "committing_to_solution",
          "justifying_decision", "making_selection")  # fmt: skip
TOUCHES = ("ours", "third_party", "rival", "mail", "marketer", "sdr", "rep")


def fake_scenario(*names: str, **run: Any) -> Scenario:
    """A scenario with two channels, and as many organisations as names."""
    scenario = Scenario(name="fake")
    scenario.market.channels = {
        "search": Channel(share=0.7, cost_per_inquiry_usd=310.0),
        "referral": Channel(share=0.3, cost_per_inquiry_usd=50.0),
    }
    scenario.market.segments = {"mid": Segment()}
    scenario.market.inquiries_per_year = 400.0
    scenario.organisations = {name: Organisation() for name in names or ("relay_race", "integrated")}
    for key, value in {"replications": 4, "cohort_days": 365, **run}.items():
        setattr(scenario.run, key, value)
    return scenario


def fake_simulate(
    scenario: Scenario,
    organisation: str,
    seed: int | None = None,
    replication: int = 0,
    engine: str | None = None,
    record: str | None = None,
    sink: Any = None,
) -> Any:
    """The same buyers for every organisation; the later it stands in the scenario, the quicker and the luckier."""
    rng = np.random.default_rng([scenario.run.seed if seed is None else seed, replication])
    run, rank = scenario.run, list(scenario.organisations).index(organisation)
    horizon = float(run.warm_up_days + run.cohort_days + run.follow_up_days)
    n = int(rng.poisson(scenario.market.inquiries_per_year * horizon / 365))
    arrived = np.sort(rng.uniform(0, horizon, n))
    luck = {name: rng.uniform(size=n) for name in ("inquiry", "mql", "contact", "sal", "sql", "opp", "end", "how")}
    spans = {name: rng.exponential(size=n) for name in ("inquiry", "contact", "sale", "cycle")}
    world = arrived + spans["cycle"] * 60 + 15

    inquiry = np.where(luck["inquiry"] < 0.7, arrived + spans["inquiry"] * 6, np.nan)
    mql = np.where(luck["mql"] < 0.62, inquiry + 0.005, np.nan)
    contact = np.where(luck["contact"] < 0.45 + 0.12 * rank, mql + spans["contact"] ** 2 * (1.7 - 0.6 * rank), np.nan)
    sal = np.where(luck["sal"] < 0.9, contact, np.nan)
    sql = np.where(luck["sql"] < 0.7, sal + 1, np.nan)
    opportunity = np.where(luck["opp"] < 0.8, sql + 3, np.nan)
    ended = np.where(np.isnan(opportunity), world, opportunity + 10 + spans["sale"] * (75 - 12 * rank))
    can_win = ~np.isnan(opportunity) | ((luck["end"] < 0.03) & ~np.isnan(inquiry))
    wins = can_win & (luck["how"] < 0.24 + 0.05 * rank)
    outcome = np.select([wins, luck["how"] < 0.6], ["won", "lost"], "no_decision")
    outcome = np.where(ended > horizon, "open", outcome)

    journeys = pd.DataFrame({"replication": np.full(n, replication, dtype=np.int32)})
    journeys["organisation"] = pd.Categorical([organisation] * n, categories=list(scenario.organisations))
    journeys["buyer"] = np.arange(n, dtype=np.int64)
    channel = np.where(rng.uniform(size=n) < 0.7, "search", "referral")
    journeys["channel"] = pd.Categorical(channel, categories=["search", "referral", "unknown"])
    journeys["segment"] = pd.Categorical(["mid"] * n)
    journeys["in_cohort"] = (arrived >= run.warm_up_days) & (arrived < run.warm_up_days + run.cohort_days)
    journeys["complexity"], journeys["fit"] = rng.uniform(size=n), rng.uniform(size=n)
    journeys["deal_value_usd"] = np.round(np.exp(rng.normal(10.3, 0.5, size=n)), 2)
    stage = {f"{name}_at": arrived + (ended - arrived) * i / 6 for i, name in enumerate(STAGES)}
    selected = np.where((outcome == "won") | (luck["how"] > 0.7), stage["making_selection_at"], np.nan)
    times = {"arrived_at": arrived, "inquiry_at": inquiry, "mql_at": mql, "sal_at": sal, "sql_at": sql,
             "opportunity_at": opportunity, **stage, "making_selection_at": selected, "first_contact_at": contact,
             "first_rep_at": opportunity, "owned_at": sql,
             "ended_at": np.where(outcome == "open", np.nan, ended)}  # fmt: skip
    for name, days in times.items():
        journeys[name] = _times(np.where(days > horizon, np.nan, days))
    journeys["outcome"] = pd.Categorical(outcome, categories=["open", "won", "lost", "no_decision"])
    journeys["self_served"] = (outcome == "won") & np.isnan(opportunity)
    for name in TOUCHES:
        journeys[f"touches_{name}"] = rng.poisson(2, size=n).astype(np.int32)
    journeys["cleared_total"] = rng.uniform(2, 6, size=n)
    journeys["cleared_before_person"] = journeys["cleared_total"] * rng.beta(6, 4, size=n)
    for name in ("handoffs", "contradictions", "recycled", "calls"):
        journeys[name] = rng.poisson(1, size=n).astype(np.int32)
    for group in ("education", "solution", "selection"):
        journeys[f"touches_in_{group}"] = rng.poisson(4, size=n).astype(np.int32)
        journeys[f"person_touches_in_{group}"] = rng.binomial(journeys[f"touches_in_{group}"], 0.2).astype(np.int32)
    journeys["discounted"] = rng.uniform(size=n) < 0.1
    journeys["asked_again"] = rng.uniform(size=n)
    for role in ("marketer", "sdr", "rep"):
        journeys[f"work_{role}_us"] = rng.integers(0, DAY // 4, size=n)
    journeys["cost_usd"] = rng.uniform(50, 500, size=n)
    paid = np.where(journeys["discounted"], 0.9, 1.0) * journeys["deal_value_usd"]
    journeys["value_usd"] = np.where(outcome == "won", np.round(paid, 2), 0.0)
    setup = SimpleNamespace(arrivals=_arrivals(n), person_role=np.zeros(0, np.int64))
    if sink is not None:
        log = np.zeros(n, LOG_DTYPE)
        log["at"], log["buyer"], log["person"], log["topic"] = np.rint(arrived * DAY), np.arange(n), -1, -1
        sink(setup, log)
    return SimpleNamespace(
        organisation=organisation,
        replication=replication,
        setup=setup,
        journeys=journeys,
        people=_people(scenario, organisation, replication, horizon, rng),
        queues=pd.DataFrame(columns=["replication", "organisation", "queue", "joined", "served", "left"]),
        channels=_channels(scenario, organisation, replication, journeys),
        assets=pd.DataFrame({"asset": np.arange(30), "uses": rng.poisson(0.5 + rank, size=30)}),
        report=SimpleNamespace(own_pieces=int(rng.poisson(20)), search_us=int(rng.integers(1, 40)) * 3_600_000_000),
        events=40 * n + rank,
        end_at=pd.Timestamp(EPOCH + np.timedelta64(int(horizon) * DAY, "us")),
    )


def _arrivals(n: int) -> Any:
    """What the event log is read with."""
    return SimpleNamespace(
        who=np.arange(n, dtype=np.uint32),
        channels=["search"],
        first_day=datetime.date(2025, 1, 6),
    )


def _channels(scenario: Scenario, name: str, replication: int, journeys: pd.DataFrame) -> pd.DataFrame:
    cohort = journeys[journeys["in_cohort"]]
    rows = []
    for channel, about in scenario.market.channels.items():
        mine = cohort[cohort["channel"] == channel]
        opened, won = mine[mine["opportunity_at"].notna()], mine[mine["outcome"] == "won"]
        rows.append({
            "replication": replication, "organisation": name, "channel": channel,
            "spend_usd": about.cost_per_inquiry_usd * len(mine), "buyers": len(mine),
            "inquiries": mine["inquiry_at"].notna().sum(), "mqls": mine["mql_at"].notna().sum(),
            "opportunities": len(opened), "pipeline_usd": opened["deal_value_usd"].sum(), "won": len(won),
            "revenue_usd": won["value_usd"].sum(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _people(scenario: Scenario, name: str, replication: int, horizon: float, rng: np.random.Generator) -> pd.DataFrame:
    roles = scenario.organisations[name].roles
    paid = horizon / 7 * 40
    rows = [
        (replication, name, person, role, paid, paid * rng.uniform(0.4, 0.9), paid * 0.05)
        for role in ("marketer", "sdr", "rep")
        for person in range(getattr(roles, role).headcount)
    ]
    columns = ["replication", "organisation", "person", "role", "paid_hours", "worked_hours", "coordination_hours"]
    people = pd.DataFrame(rows, columns=columns)
    people["idle_hours"] = people["paid_hours"] - people["worked_hours"] - people["coordination_hours"]
    return people


def _times(days: np.ndarray) -> pd.Series:
    """Days since the start as moments, rounded once; NaN is a moment that never came."""
    known = ~np.isnan(days)
    moments = np.full(len(days), np.datetime64("NaT", "us"))
    moments[known] = EPOCH + np.rint(days[known] * DAY).astype(np.int64).astype("timedelta64[us]")
    return pd.Series(moments)
