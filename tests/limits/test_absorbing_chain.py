"""Absorbing chain: ends and times from the fundamental matrix. Error bound: what chance exceeds once in
10,000 (over replications, by Student's t), and a stated share of the theory's value."""

import dataclasses
import math

import numpy as np
import pytest

from simulator.questions.limits.chain import LOST, NO_DECISION, WON, _rival_behind, chain, chances
from simulator.scenario.checked import check
from tests.limits.points import assert_agrees, found, rejects, shipped

SHORTER = ("run.cohort_days=60", "run.follow_up_days=150", "market.journey.step_days=1")
TIMES = ("mean time to the end", "mean time to won")
ALL = ("won", "lost", "no decision", *TIMES, "mean squared time")

POINTS = {
    "as shipped": (),
    "distracted": ("market.journey.distraction_chance=0.08",),
    "nothing known before": ("market.journey.prior_knowledge=0", "market.rivals.gain=0.5"),
    "much known before": ("market.journey.prior_knowledge=1", "market.journey.clear_level=0.6"),
    "one look may do": ("market.rivals.gain=1", "market.rivals.content_share=0.1"),
    "slow rivals": ("market.rivals.gain=0.05", "market.rivals.content_share=1", "market.journey.third_party_share=0"),
    "even odds": ("market.rivals.choice_sharpness=0", "market.journey.distraction_chance=0"),
}


#: The others take their time.
_DAILY = ("as shipped", "distracted", "slow rivals")


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=[] if point in _DAILY else pytest.mark.long) for point in POINTS]
)
def test_ends_and_times_are_those_of_theory(point):
    assert_agrees(found("absorbing_chain", *SHORTER, *POINTS[point]), 0.04, ALL)


@pytest.mark.long
def test_without_rivals():
    finding = found("absorbing_chain", *SHORTER, "mechanisms.rivals=false")
    assert_agrees(finding, 0.04, ("won", "no decision", *TIMES))
    lost = finding.row("nobody_called", "lost")
    assert (lost.theory, lost.simulated) == (0, 0)


def test_without_rivals_by_hand():
    """Eight topics, each cleared with chance p a step or left: a negative binomial, but for the step at arrival."""
    scenario = shipped("absorbing_chain", "mechanisms.rivals=false", "market.journey.prior_knowledge=0")
    c = chances(check(scenario))
    p, d = c.ours, c.distracted
    clears, stays = (1 - d) * p, (1 - d) * (1 - p)
    assert p == pytest.approx(0.75)
    theory = chain(c)
    assert theory.probability(WON) == pytest.approx((clears / (1 - stays)) ** 8)
    assert theory.mean_time_to(WON) == pytest.approx(c.step_days * (8 / (1 - stays) - 1))
    assert theory.probability(WON) + theory.probability(NO_DECISION) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "mutation",
    [{"distracted": 0.02}, {"ours": 0.63}, {"rival": 0.17}, {"known": 0.3}, {"choose_us": 0.75}, {"rival_gain": 0.3}],
    ids=str,
)
def test_other_chances_are_rejected(mutation):
    finding = found("absorbing_chain", *SHORTER)
    c = chances(check(finding.scenario))
    other = chain(dataclasses.replace(c, **mutation))
    assert rejects(finding.row("nobody_called", "won"), other.probability(WON))


def test_other_gaps_are_rejected():
    finding = found("absorbing_chain", *SHORTER)
    other = chain(dataclasses.replace(chances(check(finding.scenario)), step_days=1.04))
    assert rejects(finding.row("nobody_called", "mean time to the end"), other.mean_time())
    assert rejects(finding.row("nobody_called", "mean time to won"), other.mean_time_to(WON))
    assert rejects(finding.row("nobody_called", "mean squared time"), other.second_moment())


def test_the_chain_is_whole():
    for point in POINTS.values():
        theory = chain(chances(check(shipped("absorbing_chain", *SHORTER, *point))))
        assert theory.start.sum() + sum(theory.at_once.values()) == pytest.approx(1.0)
        assert theory.moves.sum(axis=1) + sum(theory.ends.values()) == pytest.approx(0.0, abs=1e-12)
        assert sum(theory.probability(end) for end in (WON, LOST, NO_DECISION)) == pytest.approx(1.0)
        assert theory.second_moment() > theory.mean_time() ** 2


def test_a_rival_comes_closer_by_uniform_steps():
    """Irwin and Hall's distribution: by hand, and by drawing."""
    assert [_rival_behind(n, 0.5) for n in range(5)] == pytest.approx([1 / math.factorial(n) for n in range(5)])
    assert [_rival_behind(n, 1.0) for n in (1, 2, 3)] == pytest.approx([1 / 2, 1 / 8, 1 / 48])
    sums = np.random.default_rng(1).uniform(0, 2 * 0.07, (200_000, 9)).cumsum(axis=1)
    assert [_rival_behind(n, 0.07) for n in range(1, 10)] == pytest.approx((sums < 1).mean(axis=0), abs=0.005)
    assert _rival_behind(200, 0.01) < 1e-20 and _rival_behind(100, 0.01) == pytest.approx(0.5)


@pytest.mark.long  # docking holds both engines together in every run of the suite
def test_on_the_reference_engine():
    finding = found(
        "absorbing_chain", "run.engine=reference", "run.cohort_days=40", "run.follow_up_days=25",
        "market.inquiries_per_year=1500", "market.journey.distraction_chance=0.03", "market.journey.step_days=0.5",
    )  # fmt: skip
    assert_agrees(finding, 0.1, ("won", "lost", *TIMES))
    other = chain(dataclasses.replace(chances(check(finding.scenario)), distracted=0.01))
    assert rejects(finding.row("nobody_called", "won"), other.probability(WON))


def test_what_leaves_the_limit_is_said_and_seen():
    changes = ("market.trust.third_party=0.5", "organisations.nobody_called.nurture.open_rate=0.5")
    finding = found("absorbing_chain", *SHORTER, *changes)
    assert not finding.agrees and "DISAGREE" in finding.sentence
    assert len(finding.notes) == 2 and "market.trust.third_party is 0.5" in finding.notes[0]
    short = found("absorbing_chain", "run.replications=2", "run.cohort_days=30", "run.follow_up_days=9")
    assert any("are open at the end" in note for note in short.notes)
