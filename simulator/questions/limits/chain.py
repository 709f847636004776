"""Absorbing chain: buyers whom nobody serves, with constant chances at every step of their research.

One fully useful piece of ours clears a topic for certain, a third party's and a rival's clear nothing. What is left of
the model is a Markov chain over the stage, its topics that are not clear, and how often the buyer read a rival.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simulator.model.numerics import DAY_US
from simulator.model.words import STAGE_TOPICS, STAGES, Outcome, Stage
from simulator.questions.limits.assumptions import Assumed, assumed, departures, too_short
from simulator.questions.limits.finding import Finding, Row, estimated, estimated_share, verdict
from simulator.questions.limits.runs import Progress, cohort_of, column, each_run, mean
from simulator.questions.limits.theory import AbsorbingChain
from simulator.run import simulate
from simulator.scenario.checked import Checked

_FIRST_STAGE_OF_CHOICE = int(Stage.COMMITTING_TO_SOLUTION)

#: Rival touches after which a rival is not yet clear with less than this chance are the last ones followed.
_NEGLIGIBLE = 1e-14

WON, LOST, NO_DECISION = "won", "lost", "no_decision"

#: A transient state: stage, topics in it that are not clear, rival touches so far.
State = tuple[int, int, int]


@dataclass(frozen=True)
class Chances:
    """What happens at one step of research, and at the choice."""

    distracted: float
    ours: float
    rival: float
    known: float
    choose_us: float
    rival_gain: float
    step_days: float


def chances(scenario: Checked) -> Chances:
    """The constant chances that a scenario gives to a buyer whose trust never changes."""
    market = scenario.lived.market
    journey, trust, rivals = market.journey, market.trust, market.rivals
    ours = journey.our_content_share * (0.5 + trust.initial)
    theirs = rivals.content_share if rivals.count else 0.0
    total = ours + journey.third_party_share + theirs
    known = 0.0
    if journey.prior_knowledge > 0.0:
        known = max(0.0, 1.0 - (1.0 - journey.clear_level) / journey.prior_knowledge)
    offer = rivals.choice_sharpness * trust.initial
    return Chances(
        distracted=journey.distraction_chance,
        ours=ours / total,
        rival=theirs / total,
        known=known,
        choose_us=1.0 / (1.0 + math.exp(-offer)) if rivals.count else 1.0,
        rival_gain=rivals.gain,
        step_days=journey.step_days,
    )


def chain(c: Chances) -> AbsorbingChain:
    """The chain after the first step, which a buyer takes at its arrival; time in days."""
    ahead = [_rival_behind(n, c.rival_gain) for n in range(_touches_followed(c) + 1)]
    states = [
        (stage, unclear, n)
        for stage in range(STAGES)
        for unclear in range(1, len(STAGE_TOPICS[stage]) + 1)
        for n in range(len(ahead))
    ]
    number = {state: i for i, state in enumerate(states)}
    moves = np.zeros((len(states), len(states)))
    ends = {end: np.zeros(len(states)) for end in (WON, LOST, NO_DECISION)}
    for state, i in number.items():
        for target, chance in _step(state, c, ahead):
            if isinstance(target, str):
                ends[target][i] += chance
            else:
                moves[i, number[target]] += chance
    start, at_once = np.zeros(len(states)), dict.fromkeys(ends, 0.0)
    for target, chance in _first_step(c, ahead):
        if isinstance(target, str):
            at_once[target] += chance
        else:
            start[number[target]] += chance
    generator = (moves - np.eye(len(states))) / c.step_days
    return AbsorbingChain(start, at_once, generator, {end: rate / c.step_days for end, rate in ends.items()})


def _rival_behind(touches: int, gain: float) -> float:
    """Chance that a rival is not yet clear after so many touches: that as many uniforms up to 2 gain add to below 1.

    The distribution of Irwin (1927) and Hall (1927), in exact fractions as its terms nearly cancel.
    """
    if gain <= 0.0 or touches == 0:
        return 1.0
    x = 1 / (2 * Fraction(gain))
    terms = ((-1) ** k * math.comb(touches, k) * (x - k) ** touches for k in range(min(touches, math.floor(x)) + 1))
    return float(sum(terms, Fraction(0)) / math.factorial(touches))


def _touches_followed(c: Chances) -> int:
    """Rival touches that can matter; beyond them the rival is clear for certain."""
    if c.rival_gain <= 0.0 or c.rival <= 0.0:
        return 0
    touches = 1
    while _rival_behind(touches, c.rival_gain) > _NEGLIGIBLE:
        touches += 1
    return touches


def _step(state: State, c: Chances, ahead: list[float]) -> Iterator[tuple[State | str, float]]:
    """Where one step of research leads, with which chance."""
    stage, unclear, n = state
    goes_on = 1.0 - c.distracted
    yield NO_DECISION, c.distracted
    if unclear > 1:
        yield (stage, unclear - 1, n), goes_on * c.ours
    else:
        for target, chance in _enter(stage + 1, n, stage >= _FIRST_STAGE_OF_CHOICE, c, ahead):
            yield target, goes_on * c.ours * chance
    yield from ((target, goes_on * c.rival * chance) for target, chance in _after_rival(state, ahead))
    yield state, goes_on * max(0.0, 1.0 - c.ours - c.rival)


def _after_rival(state: State, ahead: list[float]) -> Iterator[tuple[State | str, float]]:
    """A rival's piece: it comes closer, and once the buyer chooses among solutions it may be clear."""
    stage, unclear, n = state
    more = min(n + 1, len(ahead) - 1)
    if stage < _FIRST_STAGE_OF_CHOICE:
        yield (stage, unclear, more), 1.0
    else:
        behind = ahead[more] / ahead[n] if ahead[n] > 0.0 else 0.0
        yield (stage, unclear, more), behind
        yield LOST, 1.0 - behind


def _enter(stage: int, n: int, compared: bool, c: Chances, ahead: list[float]) -> Iterator[tuple[State | str, float]]:
    """A stage is entered; what the buyer knew at arrival may clear it at once. After the last one it chooses.

    ``compared`` tells that the rival was not clear when it was last looked at, before this step.
    """
    if stage == STAGES:
        yield WON, c.choose_us
        yield LOST, 1.0 - c.choose_us
        return
    topics = len(STAGE_TOPICS[stage])
    for unclear in range(1, topics + 1):
        here = math.comb(topics, unclear) * (1.0 - c.known) ** unclear * c.known ** (topics - unclear)
        behind = ahead[n] if stage >= _FIRST_STAGE_OF_CHOICE and not compared else 1.0
        yield (stage, unclear, n), here * behind
        yield LOST, here * (1.0 - behind)
    for target, chance in _enter(stage + 1, n, compared, c, ahead):
        yield target, c.known**topics * chance


def _first_step(c: Chances, ahead: list[float]) -> Iterator[tuple[State | str, float]]:
    """The step at arrival: a topic known before is read about once more, whoever wrote it."""
    yield from ((target, (1.0 - c.known) * chance) for target, chance in _step((0, 1, 0), c, ahead))
    yield NO_DECISION, c.known * c.distracted
    reads = c.known * (1.0 - c.distracted)
    for n, share in ((min(1, len(ahead) - 1), c.rival), (0, 1.0 - c.rival)):
        yield from ((target, reads * share * chance) for target, chance in _enter(1, n, False, c, ahead))


# --- beside simulation ------------------------------------------------------------------------------------------------


def ends(scenario: Checked, organisation: str, replication: int) -> dict[str, float]:
    """How the cohort's journeys ended in one run, and when; days."""
    cohort = cohort_of(simulate(scenario, organisation, replication=replication))
    ended = cohort[cohort["ended_at"] >= 0]
    days = (ended["ended_at"] - ended["arrived_at"]) / DAY_US
    won = ended["outcome"] == Outcome.WON
    buyers = max(1, len(ended))
    return {
        "buyers": float(len(cohort)),
        "open": float(len(cohort) - len(ended)),
        WON: won.sum() / buyers,
        LOST: (ended["outcome"] == Outcome.LOST).sum() / buyers,
        NO_DECISION: (ended["outcome"] == Outcome.NO_DECISION).sum() / buyers,
        "days": mean(days),
        "squared_days": mean(days**2),
        "days_to_won": mean(days[won]),
    }


def absorbing_chain_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """Win probability and mean times from the fundamental matrix."""
    theory = chain(chances(scenario))
    runs_by_name = each_run(scenario, ends, progress)
    rows: list[Row] = []
    notes: list[str] = list(departures(_assumed(scenario)))
    for name, runs in runs_by_name.items():
        buyers = column(runs, "buyers")
        rows += [
            *(
                estimated_share(name, end.replace("_", " "), theory.probability(end), column(runs, end), buyers)
                for end in (WON, LOST, NO_DECISION)
            ),
            estimated(name, "mean time to the end", "days", theory.mean_time(), column(runs, "days")),
            estimated(name, "mean squared time", "days^2", theory.second_moment(), column(runs, "squared_days")),
            estimated(name, "mean time to won", "days", theory.mean_time_to(WON), column(runs, "days_to_won")),
        ]
        notes += too_short(column(runs, "open").sum(), f"journeys of {name} are open at the end, left out")
        notes += departures(_assumed_of(scenario, name))
    win, days = rows[0], rows[5]
    sentence = (
        f"Won: {win.simulated:.1%} where the fundamental matrix says {win.theory:.1%}, after a mean of "
        f"{days.simulated:.2f} days where it says {days.theory:.2f}; {verdict(rows)}."
    )
    return Finding(scenario, tuple(rows), sentence, tuple(notes))


def _assumed(scenario: Checked) -> Assumed:
    """What the chain assumes of the market."""
    lived = scenario.lived
    rivals: Assumed = assumed(lived, "market.rivals", strength_high=0.0, trust_weight=1.0)
    simple = {
        f"{name}.{key}": value
        for name in lived.market.segments
        for key, value in (("rep_free_share", 1.0), ("complexity_high", 0.0))
    }
    return {
        **assumed(lived, "market.journey", content_gain=1.0, ready_share=0.0, complexity_drag=0.0, fit_drag=0.0,
                  usefulness_spread=0.0, self_serve_max_complexity=1.0),
        **assumed(lived, "market.trust", initial=1.0, third_party=0.0, rival=0.0, verification_high=0.0),
        **(rivals if lived.market.rivals.count else {}),
        **assumed(lived, "market.segments", **simple),
    }  # fmt: skip


def _assumed_of(scenario: Checked, name: str) -> Assumed:
    """The same of an organisation: perfect content, no mails, no calls."""
    return assumed(scenario, f"organisations.{name}",
                   **{"content.relevance": 1.0, "nurture.open_rate": 0.0, "scoring.threshold": 100.0})  # fmt: skip
