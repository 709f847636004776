"""Erlang C and Erlang A: leads that do nothing but wait for a caller.

Each buyer becomes an inquiry and is passed on at its first step, waits in its team's line of SDRs, is called once and
dropped. What the model lets a lead wait is then a queue with Poisson arrivals and exponential service.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from simulator.model.numerics import HOUR_US
from simulator.questions.limits.assumptions import Assumed, assumed, departures, too_short
from simulator.questions.limits.finding import Finding, Row, estimated, estimated_share, verdict
from simulator.questions.limits.runs import Progress, cohort_of, column, each_run, mean
from simulator.questions.limits.theory import erlang_a, erlang_c, erlang_c_wait, relaxation_time
from simulator.run import simulate
from simulator.scenario.checked import Checked

_DAY_HOURS = 24.0
_YEAR_HOURS = 365.0 * _DAY_HOURS

#: The share never served, above what the callers cannot serve however well they are used.
ABOVE = "never served, above 1 - 1/load"

#: A run should forget how it began e-fold this often before anyone is counted.
_FORGETTING = 5.0


@dataclass(frozen=True)
class Line:
    """One line of leads before the SDRs of a team, in hours."""

    servers: int
    arrival_rate: float
    service_rate: float
    cooling_rate: float

    @property
    def load(self) -> float:
        """rho: arrivals over what the servers can do."""
        return self.arrival_rate / (self.servers * self.service_rate)


def lines(scenario: Checked, organisation: str) -> list[Line]:
    """The lines that an organisation's leads wait in: one a team, each with its share of the market."""
    chosen, market = scenario.organisations[organisation], scenario.market
    total = sum(segment.share for segment in market.segments.values())
    teams = [(team.sdrs, team.segments) for team in chosen.teams.values()]
    return [
        Line(
            servers,
            market.inquiries_per_year / _YEAR_HOURS * sum(market.segments[name].share for name in segments) / total,
            60.0 / chosen.effort.qualify_minutes,
            math.log(2.0) / (_DAY_HOURS * market.reach.half_life_days),
        )
        for servers, segments in teams or [(chosen.roles.sdr.headcount, list(market.segments))]
    ]


def waits(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """What the cohort's leads went through in one run; hours."""
    cohort = cohort_of(simulate(scenario, organisation, replication=replication), since="queued_at")
    reached = cohort[cohort["taken_at"] >= 0]
    wait = (reached["taken_at"] - reached["queued_at"]) / HOUR_US
    served = reached["first_contact_at"] >= 0
    return {
        "leads": float(len(cohort)),
        "not_reached": float(len(cohort) - len(reached)),
        "waited": mean(wait > 0.0),
        "wait": mean(wait),
        "never_served": 1.0 - float(served.sum()) / max(1, len(reached)),
        "served_wait": mean(wait[served]),
    }


def erlang_c_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """M/M/c: how many must wait and how long, and what pooling lines does."""
    runs_by_name = each_run(scenario, waits, progress)
    rows: list[Row] = []
    clauses: list[str] = []
    for name, runs in runs_by_name.items():
        queue = lines(scenario, name)
        wait_theory = _over_leads(queue, [erlang_c_wait(q.arrival_rate, q.service_rate, q.servers) for q in queue])
        waited_theory = _over_leads(queue, [erlang_c(q.servers, q.arrival_rate / q.service_rate) for q in queue])
        rows += [
            estimated_share(name, "leads that must wait", waited_theory, column(runs, "waited"), column(runs, "leads")),
            estimated(name, "mean wait of those served", "hours", wait_theory, column(runs, "wait")),
        ]
        served_by = f"{len(queue)} lines of {queue[0].servers}" if len(queue) > 1 else f"one line of {queue[0].servers}"
        clauses.append(f"{name} ({served_by}, load {max(q.load for q in queue):.2f}) {rows[-1].simulated:.2f} h")
    sentence = f"Mean wait of a lead that was served: {', '.join(clauses)}; {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence, _queue_notes(scenario, runs_by_name))


def erlang_a_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """M/M/c+M: leads cool while they wait; overloaded, the share never served is 1 - 1/load."""
    runs_by_name = each_run(scenario, waits, progress)
    rows: list[Row] = []
    clauses: list[str] = []
    for name, runs in runs_by_name.items():
        queue = lines(scenario, name)
        theory = [erlang_a(q.arrival_rate, q.service_rate, q.servers, q.cooling_rate) for q in queue]
        never = _over_leads(queue, [t.never_served for t in theory])
        served = [t.served_wait * (1.0 - t.never_served) for t in theory]
        beyond = _over_leads(queue, [max(0.0, 1.0 - 1.0 / q.load) for q in queue])
        leads, unserved = column(runs, "leads"), column(runs, "never_served")
        wait_theory = _over_leads(queue, served) / (1.0 - never)
        rows += [
            estimated_share(name, "never served", never, unserved, leads),
            estimated_share(name, ABOVE, max(0.0, never - beyond), unserved - beyond, leads),
            estimated(name, "mean wait of those served", "hours", wait_theory, column(runs, "served_wait")),
        ]
        load = sum(q.load * q.servers for q in queue) / sum(q.servers for q in queue)
        clauses.append(f"{name} (load {load:.2f}) {rows[-2].simulated:+.4f}")
    sentence = f"Never served, above 1 - 1/load (0 below load 1): {', '.join(clauses)}; {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence, _queue_notes(scenario, runs_by_name))


def _over_leads(queue: list[Line], values: list[float]) -> float:
    """The mean over leads: each line counts as often as leads join it."""
    total = sum(line.arrival_rate for line in queue)
    return sum(
        line.arrival_rate / total * value for line, value in zip(queue, values, strict=True) if line.arrival_rate
    )


def _queue_notes(scenario: Checked, runs_by_name: Mapping[str, list[dict[str, float]]]) -> tuple[str, ...]:
    """Where a run leaves what the formulas assume, or is too short for them."""
    notes: list[str] = []
    cools = scenario.limit == "erlang_a"
    for name, runs in runs_by_name.items():
        notes += departures(_assumed(scenario, name, cools))
        slowest = max(
            relaxation_time(q.arrival_rate, q.service_rate, q.servers) if not cools else 1.0 / q.cooling_rate
            for q in lines(scenario, name)
        )
        needed = _FORGETTING * slowest / _DAY_HOURS
        if needed > scenario.run.warm_up_days:
            notes.append(
                f"{name} needs {math.ceil(needed):,} days to forget that it began empty: run.warm_up_days is "
                f"{scenario.run.warm_up_days:,}, so its waits come out too short"
                if math.isfinite(needed)
                else f"{name} is overloaded: its line grows for ever, and there is no mean wait"
            )
        notes += too_short(column(runs, "not_reached").sum(), f"leads of {name} still wait at the end and are left out")
    return tuple(notes)


def _assumed(scenario: Checked, name: str, cools: bool) -> Assumed:
    """What the formulas assume of an organisation."""
    unanswered = 0.0 if cools else scenario.organisations[name].effort.qualify_minutes
    return assumed(
        scenario, f"organisations.{name}",
        **{"calendar.always_on": True, "roles.sdr.own_work_share": 0.0, "effort.spread": 1.0,
           "effort.review_minutes": 0.0, "effort.discovery_minutes": 0.0, "effort.unanswered_minutes": unanswered,
           "sales.attempts": 1, "recycling.share": 0.0, "handoff.routing_hours": 0.0, "handoff.pickup_hours": 0.0,
           "coordination.hours_per_teammate_week": 0.0},
    )  # fmt: skip
