"""Limits without chance: null, worlds and conservation. Every count must be equal."""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from simulator.engines.history import History
from simulator.engines.lowering import Arrivals, draw_arrivals, who
from simulator.engines.report import LOG_DTYPE, EngineReport
from simulator.model.numerics import DAY_US
from simulator.model.randomness import lead_identity
from simulator.model.words import Activity, Outcome, Role
from simulator.questions.limits.assumptions import waiting
from simulator.questions.limits.finding import Finding, Row, exact, verdict
from simulator.questions.limits.little import RELEASES
from simulator.questions.limits.runs import Progress, each_run
from simulator.run import Result, simulate
from simulator.scenario.checked import Checked
from simulator.scenario.organisation import Organisation

_ENDINGS = {Activity.WON: Outcome.WON, Activity.LOST: Outcome.LOST,
            Activity.NO_DECISION: Outcome.NO_DECISION,
            Activity.ELSEWHERE: Outcome.ELSEWHERE}  # fmt: skip

#: Rounding of meetings and own work to whole microseconds a day, in hours of one person a year, at most.
_HOURS_BOUND = 1e-6

#: By what a buyer is known whom no export holds.
_ONE_MORE = "one more buyer"


# --- null -------------------------------------------------------------------------------------------------------------


def null_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """Every mechanism off: the organisations are one and the same, buyer by buyer and event by event."""
    runs_by_name = each_run(scenario, _recorded, progress)
    names = list(runs_by_name)
    rows: list[Row] = []
    for name in names[1:]:
        pairs = list(zip(runs_by_name[names[0]], runs_by_name[name], strict=True))
        buyers = sum(changed_journeys(a.report.history, b.report.history) for a, b in pairs)
        events = sum(_changed_rows(a.report.log, b.report.log) for a, b in pairs)
        rows.append(exact(name, f"journeys that differ from {names[0]}'s", "buyers", 0, buyers))
        rows.append(exact(name, f"events that differ from {names[0]}'s", "events", 0, events))
    total = sum(len(result.report.history) for result in runs_by_name[names[0]])
    on = [field.name for field in dataclasses.fields(scenario.mechanisms) if getattr(scenario.mechanisms, field.name)]
    notes = (f"mechanisms switched on: {', '.join(on)}; the limit has all of them off",) if on else ()
    sentence = f"{total:,} buyers in each of {len(names)} organisations without mechanisms: {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence, notes)


def changed_journeys(one: History, other: History) -> int:
    """Buyers of whom any recorded number differs; those that only one of the two has count too."""
    both = min(len(one), len(other))
    return int((~one[:both].equals(other[:both])).sum()) + abs(len(one) - len(other))


def _changed_rows(one: NDArray[np.void] | None, other: NDArray[np.void] | None) -> int:
    """Rows of the event log that differ, whoever served."""
    assert one is not None and other is not None
    both = min(len(one), len(other))
    differ = np.zeros(both, bool)
    for name in LOG_DTYPE.names or ():
        if name != "person":
            differ |= one[name][:both] != other[name][:both]
    return int(differ.sum()) + abs(len(one) - len(other))


def _recorded(scenario: Checked, name: str, replication: int) -> Result:
    return simulate(scenario, name, replication=replication, record="touches")


# --- worlds -----------------------------------------------------------------------------------------------------------


def with_one_more(arrivals: Arrivals, channel: int, at_us: int) -> tuple[Arrivals, int]:
    """The same stream with one more buyer, the last of its channel by index, and the row it takes."""
    index = int((arrivals.channel == channel).sum())
    row = int(np.searchsorted(arrivals.at_us, at_us, side="right"))
    return dataclasses.replace(
        arrivals,
        at_us=np.insert(arrivals.at_us, row, at_us),
        who=np.insert(arrivals.who, row, who(channel, index)),
        ids=[*arrivals.ids[:row], _ONE_MORE, *arrivals.ids[row:]] if arrivals.ids else [],
        leads=np.insert(arrivals.leads, row, lead_identity(_ONE_MORE)) if len(arrivals.leads) else arrivals.leads,
    ), row


def worlds_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """One more buyer, capacity unbound: it changes no journey but its own."""
    runs_by_name = each_run(scenario, _worlds_apart, progress)
    rows: list[Row] = []
    buyers = 0
    for name, runs in runs_by_name.items():
        rows.append(exact(name, "journeys that one more buyer changes", "buyers", 0, sum(run[0] for run in runs)))
        rows.append(exact(name, "journeys that it adds", "buyers", len(runs), sum(run[1] for run in runs)))
        buyers += sum(run[2] for run in runs)
    sentence = f"One more buyer among {buyers:,}, {sum(map(len, runs_by_name.values()))} times: {verdict(rows)}."
    notes = [note for name, runs in runs_by_name.items() for note in waiting(sum(run[3] for run in runs), name)]
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _worlds_apart(scenario: Checked, name: str, replication: int) -> tuple[int, int, int, int]:
    """Journeys that one more buyer changes and adds, buyers there were, and lines in which anyone waited."""
    arrivals = draw_arrivals(scenario.lived, scenario.run.seed, replication)
    channel = replication % len(arrivals.channels)
    day = scenario.run.warm_up_days + scenario.run.cohort_days // 2
    more, row = with_one_more(arrivals, channel, day * DAY_US + 10 * DAY_US // 24 + replication)
    before = simulate(scenario, name, replication=replication, arrivals=arrivals).report
    after = simulate(scenario, name, replication=replication, arrivals=more).report
    others = after.history[np.arange(len(after.history)) != row]
    waited = int((before.queues["wait_ms"] > 0).sum() + (after.queues["wait_ms"] > 0).sum())
    added = len(after.history) - len(before.history)
    return changed_journeys(before.history, others), added, len(before.history), waited


# --- conservation -----------------------------------------------------------------------------------------------------


def conservation_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """Nobody appears or vanishes, and every paid hour is accounted for."""
    runs_by_name = each_run(scenario, conserved, progress)
    rows: list[Row] = []
    instants = 0
    for name, runs in runs_by_name.items():
        instants += sum(int(run.pop("instants")) for run in runs)
        for quantity in runs[0]:
            unit, bound = ("hours", _HOURS_BOUND) if quantity.startswith("hours") else ("", 0.0)
            rows.append(exact(name, quantity, unit, 0, max(run[quantity] for run in runs), bound))
    sentence = f"Buyers and hours balance at each of {instants:,} instants: {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence)


def conserved(scenario: Checked, name: str, replication: int) -> dict[str, float]:
    """The largest imbalances of one run; all must be 0."""
    result = _recorded(scenario, name, replication)
    report, chosen = result.report, scenario.organisations[name]
    log, history = report.log, report.history
    assert log is not None
    came = result.setup.arrivals.at_us[report.rows]
    instants = np.unique(np.concatenate([log["at"], came]))
    arrived = _until(came, instants)
    ended = {kind: _until(log["at"][log["activity"] == kind], instants) for kind in _ENDINGS}
    over = history["ended_at"][history["ended_at"] >= 0]
    still = _until(history["arrived_at"], instants) - _until(over, instants)
    last = np.full(len(result.setup.arrivals.at_us), -1, np.int64)
    np.maximum.at(last, log["buyer"], log["at"])
    last = last[report.rows]
    late = (history["ended_at"] >= 0) & (last > history["ended_at"])
    return {
        "instants": len(instants),
        "arrived - ended in any way - open": int(np.abs(arrived - sum(ended.values()) - still).max()),
        "endings in the log that the journeys do not have": _endings_apart(log, report),
        "buyers to whom something happens after the end": int(late.sum()),
        "open deals in reviews, less those in the log": _deals_apart(log, report.reviews),
        "hours paid - worked - idle - coordination - training": _hours_apart(result, chosen),
        "people with negative idle time": int((result.people["idle_hours"] < 0).sum()),
        "microseconds worked that no buyer received": _work_apart(result),
    }


def _until(instants: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the instants have come, at each of the others."""
    return np.searchsorted(np.sort(instants), at, side="right").astype(np.int64)


def _endings_apart(log: NDArray[np.void], report: EngineReport) -> int:
    """Endings that the log has and the journeys have not, or the other way round."""
    logged = [
        (int(row["buyer"]), int(_ENDINGS[Activity(row["activity"])]), int(row["at"]))
        for row in log[np.isin(log["activity"], list(_ENDINGS))]
    ]
    history = report.history
    over = np.flatnonzero(history["outcome"] != Outcome.OPEN)
    lived = {(int(report.rows[i]), int(history["outcome"][i]), int(history["ended_at"][i])) for i in over}
    return len(lived.symmetric_difference(logged)) + len(logged) - len(set(logged))


def _deals_apart(log: NDArray[np.void], reviews: NDArray[np.int64]) -> int:
    """Largest difference, over reviews, of open deals between the snapshot and what the log adds up to.

    A review comes first among the events of its instant.
    """
    owned: set[int] = set()
    changes: list[tuple[int, int]] = []
    for row in log[np.isin(log["activity"], [Activity.OWNER_ASSIGNED, *RELEASES])]:
        buyer, before = int(row["buyer"]), len(owned)
        if row["activity"] == Activity.OWNER_ASSIGNED:
            owned.add(buyer)
        else:
            owned.discard(buyer)
        changes.append((int(row["at"]), len(owned) - before))
    at, change = np.array(changes, np.int64).reshape(-1, 2).T
    count = np.concatenate([[0], np.cumsum(change)])[np.searchsorted(at, reviews[:, 0], side="left")]
    return int(np.abs(count - reviews[:, -1]).max(initial=0))


def _hours_apart(result: Result, chosen: Organisation) -> float:
    """Largest imbalance of a person's paid hours, which come from the calendar alone."""
    people, calendar = result.people, chosen.calendar
    days = range(result.scenario.horizon_days())
    open_days = sum(calendar.always_on or day % 7 < 5 for day in days)
    paid = open_days * (24.0 if calendar.always_on else calendar.closes_hour - calendar.opens_hour)
    spent = people[["worked_hours", "idle_hours", "coordination_hours", "training_hours"]].sum(axis=1)
    return float(np.maximum((paid - spent).abs(), (paid - people["paid_hours"]).abs()).max())


def _work_apart(result: Result) -> int:
    """Work of all people in a role, but for tasks under way at the end, less work that buyers received from it."""
    report, setup = result.report, result.setup
    under_way = np.where(report.people["serving"] >= 0, report.people["task_us"] - report.people["left_us"], 0)
    done = report.people["worked_us"] - under_way
    received = report.history["work_us"]
    return sum(abs(int(done[setup.person_role == role].sum()) - int(received[:, role].sum())) for role in Role)
