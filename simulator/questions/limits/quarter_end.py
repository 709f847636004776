"""Quarter's end: accounts that close at a low rate, and reps who follow up more often near the end.

All accounts that count are in the last stage, and one talk makes them buy; but a rep's proposal to meet is accepted
with a small chance only, the same each time. Closing is then memoryless on the clock of follow-ups, which runs faster
in the last days of a quarter.
"""

import math

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lowering import draw_arrivals
from simulator.model.numerics import DAY_US
from simulator.model.quarter import QUARTER_US
from simulator.model.words import LeadStatus, Outcome, Stage
from simulator.questions.limits.assumptions import Assumed, assumed, departures, plain_segments, waiting
from simulator.questions.limits.finding import Finding, Row, estimated, verdict
from simulator.questions.limits.runs import Progress, column, each_run
from simulator.questions.limits.theory import share_in_window
from simulator.run import simulate
from simulator.scenario.checked import Checked
from simulator.scenario.schema import ScenarioError

QUARTER_DAYS = QUARTER_US // DAY_US

SHARE, STOCK_SHARE, RATIO = (
    "closed in the window",
    "closed there, at a constant stock",
    "closing rate, window over rest",
)


def quarters(scenario: Checked) -> tuple[int, int]:
    """The whole quarters of the cohort's time: their first instant and their last.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    run = scenario.run
    first = math.ceil(run.warm_up_days / QUARTER_DAYS)
    last = (run.warm_up_days + run.cohort_days) // QUARTER_DAYS
    if last <= first:
        raise ScenarioError(
            f"run.cohort_days must hold a whole quarter of {QUARTER_DAYS} days, counted from the start of the run, "
            f"got {run.cohort_days} after {run.warm_up_days} days of warm-up"
        )
    return first * QUARTER_US, last * QUARTER_US


def follow_up_chance(scenario: Checked, name: str) -> float:
    """Chance that an account of the last stage agrees to a meeting, and so closes, each time the rep proposes one."""
    preference, sales = scenario.market.preference, scenario.organisations[name].sales
    return 1.0 / (1.0 + math.exp(-(preference.base + preference.by_stage + sales.receptive_bonus)))


def daily_rate(scenario: Checked, name: str) -> float:
    """Rate at which an open account of the last stage closes outside of the window; per day."""
    return -math.log1p(-follow_up_chance(scenario, name)) / scenario.organisations[name].sales.follow_up_days


def closings(scenario: Checked, name: str, replication: int) -> dict[str, float]:
    """When the accounts that were open in the last stage closed in one run."""
    first, last = quarters(scenario)
    window = round(scenario.organisations[name].quarter_end.window_days * DAY_US)
    came = draw_arrivals(scenario.lived, scenario.run.seed, replication).before(first)
    report = simulate(scenario, name, replication=replication, arrivals=came).report
    history = report.history
    entered, ended = history["stage_at"][:, Stage.MAKING_SELECTION], history["ended_at"]
    stock = history[(entered >= 0) & (entered < first) & ((ended < 0) | (ended >= first))]
    ended = stock["ended_at"]
    closed = ended[(stock["outcome"] == Outcome.WON) & (ended < last)]
    until = np.where((ended >= 0) & (ended < last), ended, last)
    within = float((_in_window(until, window) - _in_window(np.array([first]), window)).sum())
    outside = float((until - first).sum()) - within
    near = int((closed % QUARTER_US >= QUARTER_US - window).sum())
    ratio = math.nan
    if min(within, outside, len(closed) - near) > 0:
        ratio = near / within / ((len(closed) - near) / outside)
    share = window / QUARTER_US
    return {
        "accounts": float(len(stock)),
        "closed": float(len(closed)),
        "given_up": float(np.isin(stock["status"], (LeadStatus.NURTURE, LeadStatus.DROPPED)).sum()),
        "waited": float((report.queues["wait_ms"] > 0).sum()),
        SHARE: near / len(closed) if len(closed) else math.nan,
        STOCK_SHARE: ratio * share / (ratio * share + 1.0 - share),
        RATIO: ratio,
    }


def _in_window(at: NDArray[np.int64], window: int) -> NDArray[np.int64]:
    """How much of the time before each instant lies in windows."""
    into = np.maximum(at % QUARTER_US - (QUARTER_US - window), 0)
    return np.asarray(at // QUARTER_US * window + into)


def quarter_end_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """The share of closings in the last days of quarters."""
    quarters(scenario)
    runs_by_name = each_run(scenario, closings, progress)
    rows: list[Row] = []
    clauses: list[str] = []
    notes = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        quarter = scenario.organisations[name].quarter_end
        days, times, rate = quarter.window_days, quarter.intensity, daily_rate(scenario, name)
        closed = column(runs, "closed").sum()
        theory = (
            (SHARE, "share", share_in_window(QUARTER_DAYS, days, times, rate), 3.0 / max(1.0, closed)),
            (STOCK_SHARE, "share", share_in_window(QUARTER_DAYS, days, times), 0.0),
            (RATIO, "times", times, 0.0),
        )
        for what, unit, value, resolution in theory:
            values = column(runs, what)
            if not np.isnan(values).any():
                rows.append(estimated(name, what, unit, value, values, resolution))
        notes += departures(_assumed_of(scenario, name))
        notes += _seen(name, runs, 0.0 < days < QUARTER_DAYS)
        clauses.append(f"{name} (m = {times:g}, d = {days:g}) {theory[1][2]:.4f}")
    sentence = f"m d / (m d + {QUARTER_DAYS} - d) is {', '.join(clauses)}; {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _seen(name: str, runs: list[dict[str, float]], both: bool) -> list[str]:
    """What the runs themselves show to be otherwise than the formula assumes; ``both``: with a window and a rest."""
    notes: list[str] = []
    if not column(runs, "closed").all() or (both and np.isnan(column(runs, RATIO)).any()):
        notes.append(
            f"in some replications nothing of {name} closed in the window, or nothing outside of it, which leaves no "
            "rate to compare: it takes more accounts or more quarters"
        )
    notes += waiting(column(runs, "waited").sum(), name)
    if given_up := column(runs, "given_up").sum():
        notes.append(
            f"{given_up:,.0f} accounts of {name} were given up: organisations.{name}.sales.silent_follow_ups is too low"
        )
    return notes


def _assumed(scenario: Checked) -> Assumed:
    """What the formula assumes of the market."""
    lived = scenario.lived
    return {
        **assumed(lived, "mechanisms", quarter_end=True),
        **assumed(lived, "market", **{"rivals.count": 0, "group.size_simple": 1, "attention.fatigue_per_message": 0.0,
                                      "trust.initial": 1.0, "preference.spread": 0.0}),
        **assumed(lived, "market.journey", prior_knowledge=0.0, ready_share=0.0, content_gain=0.0, person_gain=1.0,
                  usefulness_spread=0.0, fit_drag=0.0, distraction_chance=0.0, self_serve_max_complexity=1.0),
        **plain_segments(scenario, rep_free_share=0.0),
    }  # fmt: skip


def _assumed_of(scenario: Checked, name: str) -> Assumed:
    """The same of an organisation: in the window reps come more often, and do nothing else."""
    return assumed(
        scenario.lived, f"organisations.{name}",
        **{"quarter_end.discount": 0.0, "support.share": 0.0, "content.piece_share": 0.0, "roles.rep.skill": 1.0,
           "consistency.contradiction_chance": 0.0},
    )  # fmt: skip
