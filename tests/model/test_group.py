"""The buying group: sizes, doubts and votes, and compiled against Python."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.model import group
from simulator.model.words import TOPICS, GroupRule
from tests.model.cases import assert_compiled_equals_python, functions_of, grid, uniforms

share = st.floats(0, 1)
topic = st.integers(0, TOPICS - 1)
US = [2.0**-53, 0.5, 1 - 2.0**-53, *uniforms(40, seed=1)]
SHARES = [0.0, 1.0, 0.25, *uniforms(8, seed=2)]
BOOLEANS = [False, True]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "group_size": grid(SHARES, [1, 2, 12], [1, 8, 12]),
    "worry_of": grid(US),
    "doubt_of": grid(SHARES, SHARES, [0.0, 0.5, 1.0, 2.0, 5.0]),
    "doubt_after": grid(SHARES, SHARES),
    "doubt_after_tailoring": grid(SHARES, range(TOPICS), range(TOPICS), SHARES),
    "votes_yes": grid(US, SHARES),
    "agrees": grid(range(3), range(13), range(1, 13), BOOLEANS, BOOLEANS),
    "fallen_back": grid(SHARES, SHARES, SHARES),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(group, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(group)


# --- Who belongs to it ------------------------------------------------------------------------------------------------


def test_who_draws_its_very_doubt_says_yes() -> None:
    assert group.votes_yes(0.5, 0.5) and not group.votes_yes(0.4999, 0.5)


def test_the_more_complex_the_more_people() -> None:
    assert [group.group_size(c / 6, 2, 8) for c in range(7)] == [2, 3, 4, 5, 6, 7, 8]
    assert group.group_size(0.5, 1, 2) == 2 and group.group_size(0.49, 1, 2) == 1, "rounded, a half up"
    assert [group.group_size(c / 4, 1, 1) for c in range(5)] == [1] * 5
    assert group.group_size(1.0, 8, 2) == 2


@given(share, st.integers(1, 12), st.integers(1, 12))
def test_a_group_is_as_large_as_its_ends_allow(complexity: float, simple: int, complex_: int) -> None:
    assert min(simple, complex_) <= group.group_size(complexity, simple, complex_) <= max(simple, complex_)


def test_worries_are_spread_evenly() -> None:
    counts = np.bincount([group.worry_of(u) for u in uniforms(40_000, seed=3)], minlength=TOPICS)
    assert counts.size == TOPICS and stats.chisquare(counts).pvalue > 1e-6
    assert group.worry_of(2.0**-53) == 0 and group.worry_of(1 - 2.0**-53) == TOPICS - 1


# --- Doubts -----------------------------------------------------------------------------------------------------------


def test_what_the_champion_learns_is_passed_on() -> None:
    """As much as its worry falls, twice as much (a square), half (a root), or nothing of it."""
    for passed_on, left in ((1.0, 0.25), (2.0, 0.0625), (0.5, 0.5), (0.0, 1.0)):
        assert group.doubt_of(0.8, 0.25, passed_on) == pytest.approx(0.8 * left)
        assert group.doubt_of(0.8, 1.0, passed_on) == pytest.approx(0.8), "who learned nothing passes nothing on"
    assert group.doubt_of(0.8, 0.0, 2.0) == 0.0 and group.doubt_of(0.8, 0.0, 0.0) == 0.8


@given(share, share, share, st.floats(0, 5), st.floats(0, 5))
def test_the_less_uncertain_the_champion_the_less_a_member_doubts(
    doubt: float, a: float, b: float, passed_on: float, more: float
) -> None:
    less, worse = sorted((a, b))
    found = group.doubt_of(doubt, worse, passed_on)
    assert 0.0 <= found <= doubt * (1 + 1e-15)
    assert group.doubt_of(doubt, less, passed_on) <= found * (1 + 1e-12)
    assert group.doubt_of(doubt, worse, passed_on + more) <= found * (1 + 1e-12)


@given(share, share, share)
def test_a_meeting_takes_a_share_of_a_doubt(doubt: float, effect: float, less: float) -> None:
    after = group.doubt_after(doubt, effect)
    assert 0.0 <= after <= doubt == group.doubt_after(doubt, 0.0)
    assert group.doubt_after(doubt, effect * less) >= after >= group.doubt_after(doubt * less, effect)
    assert group.doubt_after(doubt, 1.0) == 0.0 and group.doubt_after(0.8, 0.25) == pytest.approx(0.6)


@given(share, topic, topic, share, share)
def test_tailoring_to_one_raises_the_doubts_of_others(
    doubt: float, made_for: int, worry: int, split: float, less: float
) -> None:
    after = group.doubt_after_tailoring(doubt, made_for, worry, split)
    if made_for == worry:
        assert after == doubt
    else:
        assert doubt <= after <= 1.0
        assert group.doubt_after_tailoring(doubt, made_for, worry, split * less) <= after
        assert group.doubt_after_tailoring(doubt * less, made_for, worry, split) <= after * (1 + 2.0**-52)
    assert group.doubt_after_tailoring(doubt, made_for, worry, 0.0) == doubt


def test_tailoring_at_known_points() -> None:
    assert group.doubt_after_tailoring(0.6, 1, 2, 0.25) == pytest.approx(0.7)
    assert group.doubt_after_tailoring(0.6, 1, 2, 1.0) == pytest.approx(1.0)


@given(share, share, share)
def test_a_group_that_disagrees_falls_back_and_never_forward(uncertain: float, level: float, setback: float) -> None:
    after = group.fallen_back(uncertain, level, setback)
    assert uncertain <= after <= max(uncertain, 1.0) and after >= level
    assert group.fallen_back(uncertain, level, 0.0) == max(uncertain, level)
    assert group.fallen_back(0.0, level, 1.0) == pytest.approx(1.0, rel=1e-15)


# --- Votes ------------------------------------------------------------------------------------------------------------


def test_a_member_agrees_with_chance_one_minus_doubt() -> None:
    us = uniforms(30_000, seed=4)
    for doubt in (0.1, 0.5, 0.8):
        agreed = np.mean([group.votes_yes(u, doubt) for u in us])
        assert abs(agreed - (1 - doubt)) < 5 * (doubt * (1 - doubt) / len(us)) ** 0.5
    assert all(group.votes_yes(u, 0.0) for u in US) and not any(group.votes_yes(u, 1.0) for u in US)


@given(st.floats(2.0**-53, 1 - 2.0**-53), share, share)
def test_who_agrees_would_agree_with_less_doubt(u: float, a: float, b: float) -> None:
    less, more = sorted((a, b))
    assert group.votes_yes(u, less) or not group.votes_yes(u, more)


def _by_hand(rule: GroupRule, votes: tuple[bool, ...]) -> bool:
    against = [member for member, vote in enumerate(votes) if not vote]
    if rule == GroupRule.UNANIMOUS:
        return against == []
    if rule == GroupRule.MAJORITY:
        return len(against) < len(votes) - len(against)
    return 0 not in against and len(votes) - 1 not in against


@pytest.mark.parametrize("rule", GroupRule)
def test_agreement_over_all_votes(rule: GroupRule) -> None:
    for members in range(1, 9):
        for votes in itertools.product(BOOLEANS, repeat=members):
            found = group.agrees(int(rule), sum(votes), members, votes[0], votes[-1])
            assert bool(found) == _by_hand(rule, votes), votes


def test_all_rules_are_one_for_a_group_of_one_and_unanimity_is_the_hardest() -> None:
    for rule in GroupRule:
        assert group.agrees(int(rule), 1, 1, True, True) and not group.agrees(int(rule), 0, 1, False, False)
    for votes in itertools.product(BOOLEANS, repeat=5):
        found = {rule: group.agrees(int(rule), sum(votes), 5, votes[0], votes[-1]) for rule in GroupRule}
        assert not found[GroupRule.UNANIMOUS] or all(found.values())
