"""What a run leaves, made up: seeded, paired between organisations, and quick. Its tables are the real ones."""

from dataclasses import replace
from typing import Any

import numpy as np

from simulator.engines.history import HISTORY_DTYPE, History
from simulator.engines.lowering import Arrivals, Setup, lower, who
from simulator.engines.report import ASSET_DTYPE, LOAD_DTYPE, LOG_DTYPE, EngineReport, empty_people, empty_queues
from simulator.engines.review import COORDINATION, FOR_BUYERS, OWN_WORK
from simulator.model.records import TOUCHES
from simulator.model.words import ROLES, Outcome
from simulator.run import Result
from simulator.scenario.checked import check
from simulator.scenario.market import Channel, Segment
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import Scenario

DAY = 86_400_000_000
HOUR = DAY // 24
STAGES = 6
GROUPS = 3


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
) -> Result:
    """The same buyers for every organisation; the later it stands in the scenario, the quicker and the luckier."""
    seed = scenario.run.seed if seed is None else seed
    rng = np.random.default_rng([seed, replication])
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
    outcome = np.select([wins, luck["how"] < 0.6], [Outcome.WON, Outcome.LOST], Outcome.NO_DECISION)
    outcome = np.where(ended > horizon, Outcome.OPEN, outcome)
    won = outcome == Outcome.WON

    journeys = np.zeros(n, HISTORY_DTYPE)
    channel = np.where(rng.uniform(size=n) < 0.7, 0, 1)
    journeys["complexity"], journeys["fit"] = rng.uniform(size=n), rng.uniform(size=n)
    journeys["value_cents"] = np.rint(np.exp(rng.normal(10.3, 0.5, size=n)) * 100)
    for stage in range(STAGES):
        journeys["stage_at"][:, stage] = _times(arrived + (ended - arrived) * stage / STAGES, horizon)
    journeys["stage_at"][~won & (luck["how"] <= 0.7), -1] = -1
    requested = np.where(luck["how"] < 0.4, inquiry + 0.5, np.nan)
    answered = np.where(luck["end"] < 0.7, requested + spans["contact"], np.nan)
    journeys["project_at"] = -1
    journeys["project"], journeys["members"] = 1, 1 + np.arange(n) % 8
    times = {"requested_at": requested, "answered_at": answered, "inquiry_at": inquiry,
             "mql_at": mql, "sal_at": sal, "sql_at": sql, "opportunity_at": opportunity,
             "first_contact_at": contact, "first_rep_at": opportunity, "owned_at": sql, "ended_at": ended}  # fmt: skip
    for name, days in times.items():
        journeys[name] = _times(days, horizon)
    for name in ("released_at", "queued_at", "taken_at"):
        journeys[name] = -1
    journeys["outcome"] = outcome
    journeys["self_served"] = won & np.isnan(opportunity)
    journeys["touches"] = rng.poisson(2, size=(n, len(TOUCHES)))
    journeys["cleared_total"] = rng.uniform(2, 6, size=n)
    journeys["cleared_before_person"] = journeys["cleared_total"] * rng.beta(6, 4, size=n)
    for name in ("handoffs", "contradictions", "recycled", "calls"):
        journeys[name] = rng.poisson(1, size=n)
    journeys["touches_in"] = rng.poisson(4, size=(n, GROUPS))
    journeys["person_touches_in"] = rng.binomial(journeys["touches_in"], 0.2)
    journeys["worked"] = journeys["calls"]
    journeys["talk_minutes"] = 30.0 * journeys["person_touches_in"].sum(axis=1)
    journeys["discounted"] = rng.uniform(size=n) < 0.1
    journeys["asked_again"] = rng.uniform(size=n)
    journeys["work_us"] = rng.integers(0, DAY // 4, size=(n, ROLES))
    journeys["paid_cents"] = np.rint(np.where(journeys["discounted"] > 0, 0.9, 1.0) * journeys["value_cents"])
    channels = list(scenario.market.channels)
    arrivals = Arrivals(journeys["stage_at"][:, 0].copy(), who(channel, np.arange(n)), channels)
    setup = lower(scenario, organisation, seed, replication, arrivals)
    if sink is not None:
        log = np.zeros(n, LOG_DTYPE)
        log["at"], log["buyer"], log["person"], log["topic"] = journeys["stage_at"][:, 0], np.arange(n), -1, -1
        sink(setup, log)
    report = _report(journeys, setup, horizon, rng, rank)
    return Result(check(scenario), organisation, seed, replication, setup, report)


def _report(journeys: np.ndarray, setup: Setup, horizon: float, rng: np.random.Generator, rank: int) -> EngineReport:
    """What is left beside the journeys: people busy at random, one review of the spend, a library."""
    n, people, pools = len(journeys), len(setup.person_role), len(setup.teams) * ROLES
    paid_us = round(horizon / 7 * 40 * HOUR)
    hours = np.zeros((pools, 4), np.int64)
    hours[:, COORDINATION], hours[:, OWN_WORK] = paid_us // 20, paid_us // 10
    hours[:, FOR_BUYERS] = paid_us - hours.sum(axis=1)
    busy = empty_people(people)
    busy["worked_us"] = paid_us * rng.uniform(0.3, 0.8, size=people)
    reviews = np.zeros((1, pools + 4), np.int64)
    reviews[0, 0] = round(horizon * DAY / 2)
    load = np.zeros((2, pools), LOAD_DTYPE)
    load["hours_us"][:] = hours // 2, hours
    load["line_ms"] = np.cumsum(rng.uniform(0, 10, (2, pools)) * horizon * DAY / 2000, axis=0)
    pool = setup.person_team * ROLES + setup.person_role
    load["worked_us"][1] = np.bincount(pool, busy["worked_us"], minlength=pools)
    load["worked_us"][0] = load["worked_us"][1] * rng.uniform(0.3, 0.7, pools)
    assets = np.zeros(30, ASSET_DTYPE)
    assets["uses"] = rng.poisson(0.5 + rank, size=30)
    return EngineReport(
        rows=np.arange(n, dtype=np.int32),
        history=History.of(journeys),
        people=busy,
        queues=empty_queues(pools + people),
        reviews=reviews,
        load=load,
        spend=np.stack([np.ones(len(setup.arrivals.channels)), rng.uniform(0.5, 1.5, len(setup.arrivals.channels))]),
        assets=assets,
        hours=hours,
        own_pieces=int(rng.poisson(20)),
        search_us=int(rng.integers(1, 40)) * HOUR,
        log=None,
        events=40 * n + rank,
    )


def changed(result: Result, order: Any = slice(None), **columns: Any) -> Result:
    """The same run with its buyers in another order, and with other values in some columns of their journeys."""
    history = result.report.history
    journeys = np.zeros(len(history), HISTORY_DTYPE)
    for name in history.names:
        journeys[name] = columns.get(name, history[name])
    report = replace(result.report, rows=result.report.rows[order], history=History.of(journeys[order]))
    return replace(result, report=report)


def _times(days: np.ndarray, horizon: float) -> np.ndarray:
    """Days since the start as microseconds, rounded once; -1 for what never came, or only after the end."""
    return np.where(days <= horizon, np.rint(np.nan_to_num(days) * DAY), -1).astype(np.int64)
