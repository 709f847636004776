"""From an engine's report to the tables a researcher reads: journeys, touches, people and queues."""

from typing import Any

import numpy as np
import pandas as pd

from simulator.behaviour.numerics import DAY_US, HOUR_US
from simulator.domain.organisation import Organisation
from simulator.domain.scenario import Scenario
from simulator.domain.words import ROLES, Activity, Outcome, Role, Stage, Topic
from simulator.engines.report import MOMENTS, TOUCHES, EngineReport
from simulator.lowering import Setup, coordination_us_per_day, pay_usd_per_hour
from simulator.randomness import MEMBER_BITS

#: Columns of the event log, by the names of the XES standard (IEEE 1849), so that process-mining tools need no mapping.
CASE, ACTIVITY, TIMESTAMP, RESOURCE = "case:concept:name", "concept:name", "time:timestamp", "org:resource"

_REPORTED_MOMENTS = tuple(moment for moment in MOMENTS if moment not in ("queued_at", "taken_at"))


def journeys_frame(
    scenario: Scenario, organisation: str, replication: int, setup: Setup, report: EngineReport
) -> pd.DataFrame:
    """One row per buyer that arrived, in the order of arrival.

    Times are ``datetime64[us]`` (NaT: did not happen), money is in usd, work in microseconds.
    """
    history, arrivals, rules = report.history, setup.arrivals, setup.rules
    n = len(history)
    columns: dict[str, Any] = {
        "replication": np.full(n, replication, np.int32),
        "organisation": _named(np.zeros(n, np.int8), [organisation]),
        "buyer": arrivals.actor[:n] >> MEMBER_BITS,
        "channel": _named(arrivals.channel[:n], arrivals.channels),
        "segment": _named(history["segment"], setup.segments),
        "in_cohort": (history["arrived_at"] >= rules.warm_up_us) & (history["arrived_at"] < rules.cohort_end_us),
        "complexity": history["complexity"],
        "fit": history["fit"],
        "deal_value_usd": history["value_cents"] / 100.0,
        "arrived_at": _instants(history["arrived_at"], setup),
    }
    for moment in _REPORTED_MOMENTS:
        columns[moment] = _instants(history[moment], setup)
    for stage in Stage:
        columns[f"{stage.name.lower()}_at"] = _instants(history["stage_at"][:, stage], setup)
    outcomes = [outcome.name.lower() for outcome in Outcome]
    columns["outcome"] = _named(history["outcome"], outcomes)
    columns["self_served"] = history["self_served"].astype(bool)
    for position, kind in enumerate(TOUCHES):
        columns[f"touches_{kind}"] = history["touches"][:, position]
    columns["cleared_before_person"] = history["cleared_before_person"]
    columns["cleared_total"] = history["cleared_total"]
    for name in ("handoffs", "contradictions", "recycled", "calls"):
        columns[name] = history[name].astype(np.int16)
    columns["asked_again"] = history["asked_again"]
    for role in Role:
        columns[f"work_{role.name.lower()}_us"] = history["work_us"][:, role]
    columns["cost_usd"] = _direct_cost(scenario, organisation, setup, report)
    columns["value_usd"] = np.where(history["outcome"] == Outcome.WON, history["value_cents"], 0) / 100.0
    if arrivals.ids:
        columns["lead_id"] = arrivals.ids[:n]
    return pd.DataFrame(columns)


def _named(codes: Any, names: list[str]) -> Any:
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))


def _instants(microseconds: np.ndarray, setup: Setup) -> np.ndarray:
    start = np.datetime64(setup.arrivals.first_day, "us")
    instants = start + microseconds.astype("timedelta64[us]")
    instants[microseconds < 0] = np.datetime64("NaT")
    return instants


def _direct_cost(scenario: Scenario, organisation: str, setup: Setup, report: EngineReport) -> np.ndarray:
    """Spend on the buyer's channel, and the time that people spent on it at their pay."""
    channels = scenario.market.channels
    spend = np.array([channels[c].cost_per_inquiry_usd if c in channels else 0.0 for c in setup.arrivals.channels])
    per_hour = pay_usd_per_hour(scenario.organisations[organisation])
    work = (report.history["work_us"] / HOUR_US) @ np.array(per_hour)
    return spend[setup.arrivals.channel[: len(report.history)]] + work


def touches_frame(organisation: str, replication: int, setup: Setup, report: EngineReport) -> pd.DataFrame | None:
    """The event log, one row per event of a journey, by instant; None if touches were not recorded.

    Case, activity and resource are text, not categories: process-mining tools ask for that.
    """
    log = report.log
    if log is None:
        return None
    n, arrivals = len(log), setup.arrivals
    buyers = arrivals.actor[: len(report.history)] >> MEMBER_BITS
    cases = [f"{organisation}/{replication}/{buyer}" for buyer in buyers]
    people = [f"{Role(role).name.lower()} {number}" for number, role in enumerate(setup.person_role)]
    stages = [stage.name.lower() for stage in Stage]
    topics = [topic.name.lower() for topic in Topic]
    return pd.DataFrame(
        {
            CASE: _named(log["buyer"], cases).astype(str),
            ACTIVITY: _named(log["activity"], [a.name.lower() for a in Activity]).astype(str),
            TIMESTAMP: _instants(log["at"], setup),
            RESOURCE: _named(log["person"] + 1, ["buyer", *people]).astype(str),
            "organisation": _named(np.zeros(n, np.int8), [organisation]),
            "replication": np.full(n, replication, np.int32),
            "stage": _named(log["stage"], stages),
            "channel": _named(arrivals.channel[log["buyer"]], arrivals.channels),
            "topic": _named(log["topic"], topics),
        }
    )


def people_frame(
    organisation: Organisation, name: str, replication: int, setup: Setup, report: EngineReport
) -> pd.DataFrame:
    """Hours of each person over the whole run: paid = worked + idle + coordination; own work is worked."""
    rules, rows = setup.rules, []
    days = rules.horizon_us // DAY_US
    workdays = sum(1 for day in range(days) if day % 7 < rules.days)
    sizes = np.bincount(setup.person_team, minlength=len(setup.teams))
    for number, (role, team) in enumerate(zip(setup.person_role, setup.person_team, strict=True)):
        coordination = workdays * coordination_us_per_day(organisation, int(sizes[team]))
        pool = team * ROLES + role
        for_buyers = workdays * int(rules.window[pool])
        own_work = workdays * int(rules.day_window[team]) - for_buyers
        worked = int(report.people["worked_us"][number])
        rows.append({
            "replication": replication,
            "organisation": name,
            "person": number,
            "role": Role(role).name.lower(),
            "team": setup.teams[team],
            "paid_hours": (for_buyers + own_work + coordination) / HOUR_US,
            "worked_hours": (worked + own_work) / HOUR_US,
                "own_work_hours": own_work / HOUR_US,
            "coordination_hours": coordination / HOUR_US,
            "idle_hours": (for_buyers - worked) / HOUR_US,
            "mean_open_deals": report.people["deal_area_ms"][number] * 1000 / rules.horizon_us,
        })  # fmt: skip
    return pd.DataFrame(rows)


def queues_frame(name: str, replication: int, setup: Setup, report: EngineReport) -> pd.DataFrame:
    """Every waiting line: pools by team and role (the reps' pool is the wait for an owner), then each person's own.

    The mean wait is that of those who were served.
    """
    names = [f"{team} {role}" for team in setup.teams for role in ("marketers", "sdrs", "owner")]
    names += [f"{Role(role).name.lower()} {number}" for number, role in enumerate(setup.person_role)]
    queues, horizon = report.queues, float(setup.rules.horizon_us)
    assert len(names) == len(queues) == len(setup.teams) * ROLES + len(setup.person_role)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_wait = np.where(queues["served"] > 0, queues["wait_us"] / queues["served"] / HOUR_US, np.nan)
    return pd.DataFrame(
        {
            "replication": replication,
            "organisation": name,
            "queue": names,
            "joined": queues["joined"],
            "served": queues["served"],
            "left": queues["left"],
            "mean_length": queues["area_ms"] * 1000 / horizon,
            "mean_wait_hours": mean_wait,
        }
    )
