"""Reach: calls that come a stated time after the buyer's one sign of interest.

Every buyer is a lead at its first step, and does nothing more. It is called once, after the routing time, by so many
people that nobody waits; whether the call finds it hangs on two clocks alone.
"""

from simulator.questions.limits.assumptions import Assumed, assumed, departures, plain_segments, waiting
from simulator.questions.limits.finding import Finding, Row, estimated_share, verdict
from simulator.questions.limits.runs import Progress, cohort_of, column, each_run, mean
from simulator.questions.limits.theory import two_clocks
from simulator.run import simulate
from simulator.scenario.checked import Checked

REACHED = "leads that the call reaches"


def reached(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """Of the cohort's leads that were called, how many there were, and the share that was reached."""
    result = simulate(scenario, organisation, replication=replication)
    cohort = cohort_of(result)
    called = cohort[cohort["taken_at"] >= 0]
    return {
        "leads": float(len(called)),
        "waited": float((result.report.queues["wait_ms"] > 0).sum()),
        REACHED: mean(called["first_contact_at"] >= 0),
    }


def reach_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """The share of leads that a call reaches after a stated time."""
    runs_by_name = each_run(scenario, reached, progress)
    reach = scenario.lived.market.reach
    rows: list[Row] = []
    clauses: list[str] = []
    notes: list[str] = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        hours = scenario.lived.organisations[name].handoff.routing_hours
        theory = two_clocks(
            hours, reach.desk_chance, reach.desk_half_life_hours, reach.lead_chance, 24.0 * reach.half_life_days
        )
        rows.append(estimated_share(name, REACHED, theory, column(runs, REACHED), column(runs, "leads")))
        clauses.append(f"{name} (after {hours:.3g} h) {theory:.1%}")
        notes += departures(_assumed_of(scenario, name))
        notes += waiting(column(runs, "waited").sum(), name)
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
