"""From an engine's report to the tables a researcher reads: journeys, touches, people and queues."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from simulator.engines.lowering import Setup, pay_usd_per_hour
from simulator.engines.report import EngineReport
from simulator.engines.review import COORDINATION, FOR_BUYERS, OWN_WORK, TRAINING
from simulator.model.numerics import DAY_US, HOUR_US, MILLISECOND_US
from simulator.model.records import MOMENTS, TOUCHES
from simulator.model.words import ROLES, STAGE_OF_TOPIC, Activity, Format, Outcome, Role, Stage, StageGroup, Topic
from simulator.results.cohort import Cohort, channel_totals
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import Scenario

#: Columns of the event log, by the names of the XES standard (IEEE 1849), so that process-mining tools need no mapping.
CASE, ACTIVITY, TIMESTAMP, RESOURCE = "case:concept:name", "concept:name", "time:timestamp", "org:resource"

_REPORTED_MOMENTS = tuple(moment for moment in MOMENTS if moment not in ("queued_at", "taken_at"))


def journeys_frame(
    scenario: Scenario, organisation: str, replication: int, setup: Setup, report: EngineReport
) -> pd.DataFrame:
    """One row per buyer that arrived, in the order of arrival.

    Times are ``datetime64[us]`` (NaT: did not happen), money is in usd, work in microseconds.
    """
    history, arrivals = report.history, setup.arrivals
    n = len(history)
    columns: dict[str, Any] = {
        "replication": np.full(n, replication, np.int32),
        "organisation": named(np.zeros(n, np.int8), [organisation]),
        "buyer": arrivals.who[report.rows].astype(np.int64),
        "channel": named(arrivals.channel[report.rows], arrivals.channels),
        "segment": named(history["segment"], setup.segments),
        "in_cohort": Cohort(setup, report).chosen,
        "complexity": history["complexity"],
        "group_size": history["members"],
        "fit": history["fit"],
        "deal_value_usd": history["value_cents"] / 100.0,
        "arrived_at": instants(history["arrived_at"], setup),
    }
    for moment in _REPORTED_MOMENTS:
        columns[moment] = instants(history[moment], setup)
    for stage in Stage:
        columns[f"{stage.name.lower()}_at"] = instants(history["stage_at", stage], setup)
    columns["came_dormant"] = history["came_dormant"].astype(bool)
    columns["has_project"] = history["project"].astype(bool)
    outcomes = [outcome.name.lower() for outcome in Outcome]
    columns["outcome"] = named(history["outcome"], outcomes)
    columns["self_served"] = history["self_served"].astype(bool)
    for position, kind in enumerate(TOUCHES):
        columns[f"touches_{kind}"] = history["touches", position]
    for group in StageGroup:
        columns[f"touches_in_{group.name.lower()}"] = history["touches_in", group]
        columns[f"person_touches_in_{group.name.lower()}"] = history["person_touches_in", group]
    columns["cleared_before_person"] = history["cleared_before_person"]
    columns["cleared_total"] = history["cleared_total"]
    for name in ("handoffs", "contradictions", "recycled", "calls", "worked", "reviews", "votes", "own_pieces",
                 "deadlines"):  # fmt: skip
        columns[name] = history[name]
    columns["talk_minutes"] = history["talk_minutes"]
    columns["asked_again"] = history["asked_again"]
    for role in Role:
        columns[f"work_{role.name.lower()}_us"] = history["work_us", role]
    columns["cost_usd"] = _direct_cost(scenario, organisation, setup, report)
    columns["discounted"] = history["discounted"].astype(bool)
    columns["value_usd"] = np.where(history["outcome"] == Outcome.WON, history["paid_cents"], 0) / 100.0
    if arrivals.ids:
        columns["lead_id"] = [arrivals.ids[row] for row in report.rows]
    return pd.DataFrame(columns)


def named(codes: Any, names: Sequence[str]) -> Any:
    """A column of names from numbers, -1 none."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names)))


def instants(microseconds: np.ndarray, setup: Setup) -> np.ndarray:
    """``datetime64[us]`` from microseconds since the start of the run, NaT below 0."""
    start = np.datetime64(setup.arrivals.first_day, "us")
    instants = start + microseconds.astype("timedelta64[us]")
    instants[microseconds < 0] = np.datetime64("NaT")
    return instants


def _direct_cost(scenario: Scenario, organisation: str, setup: Setup, report: EngineReport) -> np.ndarray:
    """What its channel cost per buyer when it came, and the time that people spent on it at their pay."""
    channels, names = scenario.market.channels, setup.arrivals.channels
    cost = np.array([channels[c].cost_per_inquiry_usd if c in channels else 0.0 for c in names])
    channel = setup.arrivals.channel[report.rows]
    period = np.searchsorted(report.reviews[:, 0], report.history["arrived_at"], side="right")
    multiple, elasticity = report.spend[period, channel], setup.rules.elasticity[channel]
    per_hour = pay_usd_per_hour(scenario.organisations[organisation])
    work = (report.history["work_us"] / HOUR_US) @ np.array(per_hour)
    return cost[channel] * multiple ** (1.0 - elasticity) + work


def touches_frame(organisation: str, replication: int, setup: Setup, report: EngineReport) -> pd.DataFrame | None:
    """The event log, one row per event of a journey, by instant; None if touches were not recorded.

    Case, activity and resource are text, not categories: process-mining tools ask for that.
    """
    log = report.log
    if log is None:
        return None
    n, arrivals = len(log), setup.arrivals
    buyers = arrivals.who
    cases = [f"{organisation}/{replication}/{buyer}" for buyer in buyers]
    stages = [stage.name.lower() for stage in Stage]
    topics = [topic.name.lower() for topic in Topic]
    return pd.DataFrame(
        {
            CASE: named(log["buyer"], cases).astype(str),
            ACTIVITY: named(log["activity"], [a.name.lower() for a in Activity]).astype(str),
            TIMESTAMP: instants(log["at"], setup),
            RESOURCE: named(log["person"] + 1, resources(setup)).astype(str),
            "organisation": named(np.zeros(n, np.int8), [organisation]),
            "replication": np.full(n, replication, np.int32),
            "stage": named(log["stage"], stages),
            "channel": named(arrivals.channel[log["buyer"]], arrivals.channels),
            "topic": named(log["topic"], topics),
        }
    )


def resources(setup: Setup) -> list[str]:
    """Who can act in the event log: the buyer, then our people by number."""
    return ["buyer", *(f"{Role(role).name.lower()} {number}" for number, role in enumerate(setup.person_role))]


def people_frame(name: str, replication: int, setup: Setup, report: EngineReport) -> pd.DataFrame:
    """Hours of each person over the whole run: paid = worked + idle + coordination + training; own work is worked."""
    rules, rows = setup.rules, []
    for number, (role, team) in enumerate(zip(setup.person_role, setup.person_team, strict=True)):
        hours = report.hours[team * ROLES + role]
        worked = int(report.people["worked_us"][number])
        rows.append({
            "replication": replication,
            "organisation": name,
            "person": number,
            "role": Role(role).name.lower(),
            "team": setup.teams[team],
            "paid_hours": hours.sum() / HOUR_US,
            "worked_hours": (worked + hours[OWN_WORK]) / HOUR_US,
            "own_work_hours": hours[OWN_WORK] / HOUR_US,
            "coordination_hours": hours[COORDINATION] / HOUR_US,
            "training_hours": hours[TRAINING] / HOUR_US,
            "idle_hours": (hours[FOR_BUYERS] - worked) / HOUR_US,
            "mean_open_deals": report.people["deal_area_ms"][number] / (rules.horizon_us / MILLISECOND_US),
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
    hour_ms = HOUR_US / MILLISECOND_US
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_wait = np.where(queues["served"] > 0, queues["wait_ms"] / queues["served"] / hour_ms, np.nan)
    return pd.DataFrame(
        {
            "replication": replication,
            "organisation": name,
            "queue": names,
            "joined": queues["joined"],
            "served": queues["served"],
            "left": queues["left"],
            "mean_length": queues["area_ms"] / (horizon / MILLISECOND_US),
            "mean_wait_hours": mean_wait,
        }
    )


def channels_frame(
    scenario: Scenario, organisation: str, replication: int, setup: Setup, report: EngineReport
) -> pd.DataFrame:
    """One row per channel, over the cohort: the columns of ``ChannelTotals``."""
    totals = dict(vars(channel_totals(scenario, setup, report, Cohort(setup, report))))
    names = list(totals.pop("names"))
    return pd.DataFrame(
        {
            "replication": np.full(len(names), replication, np.int32),
            "organisation": named(np.zeros(len(names), np.int8), [organisation]),
            "channel": named(np.arange(len(names)), names),
            **totals,
        }
    )


def assets_frame(
    organisation: Organisation, name: str, replication: int, setup: Setup, report: EngineReport
) -> pd.DataFrame:
    """One row per asset of the library: what it is about, what it cost, and how often it was used and read.

    ``findable`` is whether reps can find it since the last review.

    ``uses`` are those by SDRs and reps, ``reads`` those by buyers on their own. ``cost_usd`` is marketers' time at
    their pay; assets from before the run have it too.
    """
    assets = report.assets
    n = len(assets)
    stages = np.array(STAGE_OF_TOPIC)[assets["topic"]]
    cost = organisation.content.hours_per_asset * pay_usd_per_hour(organisation)[Role.MARKETER]
    return pd.DataFrame(
        {
            "replication": np.full(n, replication, np.int32),
            "organisation": named(np.zeros(n, np.int8), [name]),
            "asset": np.arange(n),
            "topic": named(assets["topic"], [topic.name.lower() for topic in Topic]),
            "stage": named(stages, [stage.name.lower() for stage in Stage]),
            "segment": named(assets["segment"], setup.segments),
            "format": named(assets["form"], [form.name.lower() for form in Format]),
            "quality": assets["quality"],
            "made_day": assets["made_at"] / DAY_US,
            "findable": assets["findable"].astype(bool),
            "uses": assets["uses"],
            "reads": assets["reads"],
            "cost_usd": np.full(n, cost),
        }
    )
