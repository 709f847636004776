"""Reach: calls that come a stated time after the buyer's one sign of interest.

Every buyer is a lead at its first step, and does nothing more. It is called once, after the routing time, by so many
people that nobody waits; whether the call finds it hangs on two clocks alone.
"""

import math

from simulator.model.numerics import DAY_US
from simulator.questions.limits.finding import (
    Assumed,
    Finding,
    Progress,
    Row,
    assumed,
    column,
    departures,
    each_run,
    estimated,
    plain_segments,
    verdict,
)  # fmt: skip
from simulator.questions.limits.theory import two_clocks
from simulator.run import simulate
from simulator.scenario.checked import Checked

REACHED = "leads that the call reaches"


def reached(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """Of the cohort's leads that were called, how many there were, and the share that was reached."""
    report = simulate(scenario, organisation, replication=replication).report
    history, run = report.history, scenario.run
    first, last = run.warm_up_days * DAY_US, (run.warm_up_days + run.cohort_days) * DAY_US
    cohort = history[(history["arrived_at"] >= first) & (history["arrived_at"] < last) & (history["taken_at"] >= 0)]
    return {
        "leads": float(len(cohort)),
        "waited": float((report.queues["wait_ms"] > 0).sum()),
        REACHED: float((cohort["first_contact_at"] >= 0).mean()) if len(cohort) else math.nan,
    }


def reach_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """The share of leads that a call reaches after a stated time."""
    runs_by_name = each_run(scenario, lambda name, replication: reached(scenario, name, replication), progress)
    reach = scenario.lived.market.reach
    rows: list[Row] = []
    clauses: list[str] = []
    notes: list[str] = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        hours = scenario.lived.organisations[name].handoff.routing_hours
        theory = two_clocks(
            hours, reach.desk_chance, reach.desk_half_life_hours, reach.lead_chance, 24.0 * reach.half_life_days
        )
        leads = column(runs, "leads").sum()
        rows.append(estimated(name, REACHED, "share", theory, column(runs, REACHED), 3.0 / max(1.0, leads)))
        clauses.append(f"{name} (after {hours:.3g} h) {theory:.1%}")
        notes += departures(_assumed_of(scenario, name))
        if waited := column(runs, "waited").sum():
            notes.append(f"in {waited:,.0f} lines of {name} a lead waited for a person: capacity is not unbound")
    sentence = f"A call reaches {', '.join(clauses)} of the leads; {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _assumed(scenario: Checked) -> Assumed:
    """What the formula assumes of the market."""
    lived = scenario.lived
    return {
        **assumed(lived, "mechanisms", reach=True, projects=False),
        **assumed(lived, "market.journey", anonymous_touches_mean=0.0, content_gain=0.0, person_gain=0.0,
                  distraction_chance=0.0),
        **plain_segments(scenario, rep_free_share=1.0),
    }  # fmt: skip


def _assumed_of(scenario: Checked, name: str) -> Assumed:
    """The same of an organisation: its routing time is the time of the clock, and it calls every lead once."""
    return assumed(scenario.lived, f"organisations.{name}",
                   **{"calendar.always_on": True, "handoff.pickup_hours": 0.0, "sales.attempts": 1,
                      "scoring.threshold": -100.0, "sales.accept_threshold": -100.0})  # fmt: skip
