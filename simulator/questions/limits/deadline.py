"""Deadline: open offers on the last weekday of one quarter, to buyers whom nothing changes.

Every buyer meets a rep at once and has an offer, and what it is uncertain about stays so. So the one day decides: with
the deadline it signs if its luck lies below its readiness times the chance of us, else it may be lost.
"""

import math

from simulator.model.numerics import DAY_US
from simulator.model.quarter import QUARTER_US
from simulator.model.words import Outcome
from simulator.questions.limits.assumptions import Assumed, assumed, departures, plain_segments
from simulator.questions.limits.finding import Finding, Row, estimated_share, exact, verdict
from simulator.questions.limits.runs import Progress, column, each_run, mean
from simulator.run import simulate
from simulator.scenario.checked import Checked

WON, LOST, OTHER = "signed at the deadline", "lost at the deadline", "ended on another day"


def chances(scenario: Checked, name: str) -> tuple[float, float]:
    """Chance to sign, and to be lost, of an open offer on that day.

    Readiness is 1 - (u - c) / (1 - c) with u uniform between 1 - k and 1: its mean is k / (2 (1 - c)).
    """
    market, quarter = scenario.lived.market, scenario.lived.organisations[name].quarter_end
    journey, rivals = market.journey, market.rivals
    ready = journey.prior_knowledge / (2.0 * (1.0 - journey.clear_level))
    us = 1.0 / (1.0 + math.exp(-rivals.choice_sharpness * market.trust.initial)) if rivals.count else 1.0
    signs = ready * us
    return quarter.deadline_share * signs, quarter.deadline_share * (1.0 - signs) * quarter.deadline_loss


def on_the_day(scenario: Checked, name: str, replication: int) -> dict[str, float]:
    """What became of the accounts that were open on the eve of the day, in one run."""
    history = simulate(scenario, name, replication=replication).report.history
    day = QUARTER_US - 3 * DAY_US
    met, ended = history["opportunity_at"], history["ended_at"]
    stock = history[(history["owned_at"] >= 0) & (met >= 0) & (met < day) & ((ended < 0) | (ended >= day))]
    on_day = (stock["ended_at"] >= day) & (stock["ended_at"] < day + DAY_US)
    return {
        "accounts": float(len(stock)),
        WON: mean(on_day & (stock["outcome"] == Outcome.WON)),
        LOST: mean(on_day & (stock["outcome"] == Outcome.LOST)),
        OTHER: float(((stock["outcome"] != Outcome.OPEN) & ~on_day).sum()),
    }


def deadline_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """The shares of open offers that a deadline wins and loses."""
    runs_by_name = each_run(scenario, on_the_day, progress)
    rows: list[Row] = []
    clauses: list[str] = []
    notes: list[str] = list(departures(_assumed(scenario)))
    if scenario.horizon_days() * DAY_US > 2 * QUARTER_US - 3 * DAY_US:
        notes.append(
            "run.cohort_days and the other times reach a second quarter's end: theory does not describe this run"
        )
    for name, runs in runs_by_name.items():
        accounts = column(runs, "accounts")
        signed, lost = chances(scenario, name)
        rows += [
            estimated_share(name, WON, signed, column(runs, WON), accounts),
            estimated_share(name, LOST, lost, column(runs, LOST), accounts),
            exact(name, OTHER, "accounts", 0, column(runs, OTHER).sum()),
        ]
        clauses.append(f"{name} wins {signed:.1%} and loses {lost:.1%}")
        notes += departures(_assumed_of(scenario, name))
    sentence = f"Of the offers that are open on the eve of the day {', '.join(clauses)}; {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _assumed(scenario: Checked) -> Assumed:
    """What the formula assumes of the market."""
    lived = scenario.lived
    least = 1.0 - lived.market.journey.prior_knowledge
    return {
        **assumed(lived, "mechanisms", quarter_end=True, projects=False, talks=False, closing=False),
        **assumed(lived, "market", **{"group.size_simple": 1, "rivals.strength_high": 0.0, "rivals.trust_weight": 1.0,
                                      "rivals.content_share": 0.0, "rivals.entries_per_year": 0.0,
                                      "trust.verification_high": 0.0}),
        **assumed(lived, "market.journey", content_gain=0.0, person_gain=0.0, distraction_chance=0.0, ready_share=0.0),
        **({} if least > lived.market.journey.clear_level
           else assumed(lived, "market.journey", prior_knowledge="less than 1 - clear_level")),
        **plain_segments(scenario, rep_free_share=0.0),
    }  # fmt: skip


def _assumed_of(scenario: Checked, name: str) -> Assumed:
    """The same of an organisation: it qualifies everybody, and does nothing else near a quarter's end."""
    return assumed(scenario.lived, f"organisations.{name}",
                   **{"sales.accept_threshold": -100.0, "sales.qualify_threshold": -100.0, "quarter_end.discount": 0.0,
                      "quarter_end.window_days": 0.0})  # fmt: skip
