"""Stages that a buyer passes or is lost in: a chain with chances of its own at each stage.

At each step a buyer is distracted, or reads a piece of ours, which clears its topic for certain or is of no use. Topics
that it knows all about when it comes take no step.
"""

import numpy as np

from simulator.model.numerics import DAY_US
from simulator.model.words import STAGE_TOPICS, Outcome, Stage
from simulator.questions.limits.assumptions import Assumed, assumed, departures, plain_segments, too_short
from simulator.questions.limits.finding import Finding, Row, estimated, estimated_share, verdict
from simulator.questions.limits.runs import Progress, cohort_of, column, each_run, mean
from simulator.questions.limits.theory import AbsorbingChain
from simulator.run import simulate
from simulator.scenario.checked import Checked

WON, LOST = "won", "lost on the way"
DAYS, DAYS_TO_WON = "mean time", "mean time to won"


def chances(scenario: Checked) -> list[tuple[Stage, float, float]]:
    """(stage, chance to advance, chance to be lost) at a step, of each stage that a buyer has still to clear.

    A stage of two topics is passed in two of these.
    """
    journey = scenario.lived.market.journey
    found = []
    for stage in Stage:
        lost = journey.distraction_chance * journey.distraction_by_stage[stage]
        advance = (1.0 - lost) * journey.useful_share_by_stage[stage]
        open_topics = [topic for topic in STAGE_TOPICS[stage] if topic.name.lower() not in journey.known_topics]
        found += [(stage, advance, lost) for _ in open_topics]
    return found


def chain(scenario: Checked) -> AbsorbingChain:
    """The chain from the first step on; time in days, a step takes ``step_days`` on average, the first one too."""
    steps, days = chances(scenario), scenario.lived.market.journey.step_days
    n = len(steps)
    moves, won, lost = np.zeros((n, n)), np.zeros(n), np.zeros(n)
    for i, (_, advance, loss) in enumerate(steps):
        moves[i, i] = -(advance + loss) / days
        lost[i] = loss / days
        if i + 1 < n:
            moves[i, i + 1] = advance / days
        else:
            won[i] = advance / days
    start = np.zeros(n)
    start[0] = 1.0
    return AbsorbingChain(start, {}, moves, {WON: won, LOST: lost})


def ends(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """How the cohort's journeys ended in one run, and when; days, that of the first step included."""
    cohort = cohort_of(simulate(scenario, organisation, replication=replication))
    ended = cohort[cohort["ended_at"] >= 0]
    days = (ended["ended_at"] - ended["arrived_at"]) / DAY_US + scenario.lived.market.journey.step_days
    won = ended["outcome"] == Outcome.WON
    return {
        "buyers": float(len(cohort)),
        "open": float(len(cohort) - len(ended)),
        WON: mean(won),
        LOST: mean(ended["outcome"] == Outcome.NO_DECISION),
        DAYS: mean(days),
        DAYS_TO_WON: mean(days[won]),
        **{entry(stage): mean(ended["stage_at", stage] >= 0) for stage in Stage},
    }


def entry(stage: Stage) -> str:
    """The name of a row."""
    return f"enter {stage.name.lower().replace('_', ' ')}"


def stage_chain_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """Shares and times of a chain with chances by stage."""
    theory, steps = chain(scenario), chances(scenario)
    runs_by_name = each_run(scenario, ends, progress)
    rows: list[Row] = []
    notes: list[str] = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        buyers = column(runs, "buyers")
        passed, last = 1.0, steps[0][0]
        for stage, advance, lost in steps:
            if stage != last:
                rows.append(estimated_share(name, entry(stage), passed, column(runs, entry(stage)), buyers))
            passed, last = passed * advance / (advance + lost), stage
        rows += [
            *(estimated_share(name, end, theory.probability(end), column(runs, end), buyers) for end in (WON, LOST)),
            estimated(name, DAYS, "days", theory.mean_time(), column(runs, DAYS)),
            estimated(name, DAYS_TO_WON, "days", theory.mean_time_to(WON), column(runs, DAYS_TO_WON)),
        ]
        notes += too_short(column(runs, "open").sum(), f"journeys of {name} are open at the end, left out")
    said = ", ".join(f"{advance:.3g} and {lost:.3g}" for _, advance, lost in steps)
    sentence = (
        f"With chances to advance and to be lost of {said} at a step, {theory.probability(WON):.4%} are won after a "
        f"mean of {theory.mean_time_to(WON):.4g} days, and a journey takes {theory.mean_time():.4g}; {verdict(rows)}."
    )
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _assumed(scenario: Checked) -> Assumed:
    """What the chain assumes of the market."""
    lived = scenario.lived
    return {
        **assumed(lived, "market", **{"rivals.count": 0, "group.size_simple": 1, "trust.initial": 1.0,
                                      "trust.verification_high": 0.0}),
        **assumed(lived, "market.journey", content_gain=1.0, ready_share=0.0, prior_knowledge=0.0, complexity_drag=0.0,
                  fit_drag=0.0, usefulness_spread=0.0, third_party_share=0.0, self_serve_max_complexity=1.0),
        **plain_segments(scenario, rep_free_share=1.0),
    }  # fmt: skip
