"""The buyer's decisions: distributions, directions, limits, and compiled against Python."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.model import buyer
from simulator.model.numerics import DAY_US, HOUR_US, MINUTE_US, NEVER
from simulator.model.sizes import NO_LIMIT_USD
from simulator.model.words import FIRST_TOPIC, STAGE_TOPICS, STAGES, TOPICS, Role, Source, Stage, Topic
from tests.model.cases import STANDARD_ERRORS, assert_compiled_equals_python, functions_of, grid, uniforms

LEAST, MOST = 2.0**-53, 1 - 2.0**-53
inside = st.floats(LEAST, MOST)
share = st.floats(0, 1)

US = [LEAST, 0.5, MOST, *uniforms(40, seed=1)]
SHARES = [0.0, 1.0, 0.25, *uniforms(12, seed=2)]
REALS = [-20.0, -1.0, 0.0, 0.7, 20.0]
THRESHOLDS = [np.array([0.2, 0.2, 0.7, 1.0, 1.0]), np.array([1.0, 1.0])]
UNCERTAINTIES = [np.array(uniforms(TOPICS, seed)) for seed in range(10)] + [np.full(TOPICS, 0.25), np.zeros(TOPICS)]
BOOLEANS = [False, True]
PACES = [1e-6, 0.3, 1.0, 40.0]
TIMES = [0, 1, 20 * MINUTE_US, 8 * HOUR_US, 36_500 * DAY_US]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "segment_of": grid(US, THRESHOLDS),
    "between": grid(US, SHARES, SHARES),
    "deal_value_cents": grid(US, [1.0, 30_000.0, 1e9], [0.0, 0.5, 3.0]),
    "true_fit": grid(US, REALS, REALS, [0.0, 1.0, 10.0]),
    "patience_us": grid(US, [0.0, 45.0, 3650.0], [0.0, 0.5, 3.0], PACES),
    "pace": grid(US, [0.0, 0.5, 1.2, 3.0]),
    "scaled_us": grid([0.0, 1e-9, 4.25, 36_500.0], PACES),
    "project_us": grid([0, 1, 275 * DAY_US], [0, 1, 150 * DAY_US]),
    "is_rep_free": grid(US, SHARES, SHARES),
    "geometric": grid(US, [-1.0, 0.0, 1e-9, 0.1, 2.0, 1000.0]),
    "comes_ready": grid(US, SHARES),
    "initial_uncertainty": grid(US, BOOLEANS, SHARES[:6], SHARES[:6]),
    "rival_strength": grid(US, SHARES, SHARES, [0, 1, 3, 100]),
    "worst_topic": grid(UNCERTAINTIES, range(STAGES)),
    "is_clear": grid(UNCERTAINTIES, range(STAGES), SHARES),
    "first_topic": grid(range(STAGES + 1)),
    "preference_for_person": grid(SHARES, range(STAGES), REALS, REALS, REALS, REALS),
    "needs_rep": grid(SHARES, [0, 100, 600_000, 600_001, 10**15], SHARES, [0.0, 6000.0, NO_LIMIT_USD]),
    "source_of": grid(US, SHARES, SHARES, SHARES, SHARES),
    "content_power": grid(SHARES, SHARES, SHARES),
    "usefulness": grid(US, SHARES, SHARES),
    "fit_of_claims": grid(range(TOPICS), SHARES, SHARES),
    "effect": grid(SHARES, SHARES, SHARES, SHARES),
    "has_heard_others": grid(range(8), range(3)),
    "trust_after_confirmation": grid(SHARES, SHARES),
    "trust_after_contradiction": grid(SHARES, [0, 1, 7, 5000], SHARES, [0.01, 0.1, 2.0, 1000.0]),
    "_left_by": grid([0, 1, 7, 5000], SHARES, [0.01, 0.1, 2.0, 1000.0]),
    "step_gap_us": grid(US, [0.0, 1e-12, 1e-4, 3.0, 365.0, 1e9]),
    "is_worn_out": grid(*[[0, buyer.MOST_DECISIONS - 1, buyer.MOST_DECISIONS]] * 5),
    "asks_when_stuck": grid(SHARES, [0.0, 0.5, 40.0]),
    "rival_answered": grid(SHARES, [*TIMES, NEVER], [0.01, 8.0, 10_000.0]),
    "remembers": grid(US, TIMES, [0.1, 120.0, 36_500.0]),
    "rival_advance": grid(US, SHARES),
    "rival_wins_early": grid([0.0, 0.999, 1.0, 1.7], range(STAGES)),
    "win_probability": grid(
        SHARES, SHARES, SHARES, SHARES, [0.0, 0.5, 3.0], SHARES, [0.0, 0.3, 5.0], [0.0, 6.0, 100.0]
    ),
    "talk_use": grid(US, [0.0, 0.7, 3.0], SHARES, SHARES, SHARES, SHARES, SHARES),
    "minutes_to_clear": grid([0.3, 0.8, 1.0], [0.0, 0.25, 0.3], [0.0, 1e-9, 0.7, 3.0], [0.1, 1.8, 20.0]),
    "uncertainty_after_talk": grid(SHARES, [0.0, 30.0, 10_000.0], [0.0, 0.7, 3.0], [0.1, 1.8, 20.0]),
    "useful_minutes": grid([0.0, 30.0, 42.0], SHARES, [0.0, 20.0, 10_000.0]),
    "closing_us": grid(
        US,
        [0.0, 2.6, 365.0],
        [0.0, 0.7, 3.0],
        SHARES,
        [0.0, 99.5, 1e13],
        [0.0, 0.35],
        [0.0, 1.65, 10.0],
        [0.0, 0.15, 1.0],
        [1.0, 15_000.0, 1e9],
    ),
    "closes_at_once": grid(SHARES, [0, 1_500_000, 1_500_001], SHARES, [1.0, 15_000.0]),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(buyer, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(buyer)


def mean_within(drawn: list[float], expected: float) -> bool:
    """Whether a sample's mean lies within the stated number of its own standard errors."""
    values = np.asarray(drawn, dtype=float)
    return bool(abs(values.mean() - expected) <= STANDARD_ERRORS * values.std(ddof=1) / math.sqrt(values.size))


def share_within(drawn: list[bool], expected: float) -> bool:
    error = math.sqrt(expected * (1 - expected) / len(drawn))
    return abs(float(np.mean(drawn)) - expected) <= STANDARD_ERRORS * error


# --- Who a buyer is ---------------------------------------------------------------------------------------------------


def test_segments_come_by_their_shares() -> None:
    shares = np.array([0.2, 0.0, 0.5, 0.3])
    bounds = np.append(np.cumsum(shares[:-1]), [1.0, 1.0, 1.0])
    drawn = np.array([buyer.segment_of(u, bounds) for u in uniforms(50_000, seed=3)])
    counts = np.bincount(drawn, minlength=4)
    assert counts[1] == 0, "a share of 0 never comes"
    assert counts.size == 4, "and the padding neither"
    assert stats.chisquare(counts[[0, 2, 3]], drawn.size * shares[[0, 2, 3]]).pvalue > 1e-6


@pytest.mark.parametrize(
    ("u", "segment"), [(LEAST, 0), (0.2 - 1e-9, 0), (0.2, 2), (0.7 - 1e-9, 2), (0.7, 3), (MOST, 3)]
)
def test_segment_at_its_bounds(u: float, segment: int) -> None:
    assert buyer.segment_of(u, np.array([0.2, 0.2, 0.7, 1.0, 1.0])) == segment


@given(inside, share, share)
def test_between_stays_between(u: float, a: float, b: float) -> None:
    """A rounding error of the sum apart; at 1, the greatest share, there is none."""
    low, high = sorted((a, b))
    assert low <= buyer.between(u, low, high) <= high * (1 + 2.0**-52)
    assert buyer.between(u, low, 1.0) <= 1.0


def test_deal_value_has_its_median_and_spread() -> None:
    cents = np.array([buyer.deal_value_cents(u, 30_000.0, 0.5) for u in uniforms(50_000, seed=4)], dtype=float)
    logs = np.log(cents / 3_000_000)
    assert share_within((cents < 3_000_000).tolist(), 0.5)
    assert mean_within(logs.tolist(), 0.0)
    assert abs(logs.std() - 0.5) < STANDARD_ERRORS * 0.5 / math.sqrt(2 * logs.size)
    assert stats.kstest(logs, "norm", args=(0, 0.5)).pvalue > 1e-6


def test_deal_value_at_known_points() -> None:
    assert buyer.deal_value_cents(0.5, 123.45, 1.0) == 12_345
    assert buyer.deal_value_cents(0.9, 123.45, 0.0) == 12_345, "no spread, no difference"
    assert buyer.deal_value_cents(LEAST, 1.0, 3.0) == 0, "the smallest deals can round to nothing"
    assert buyer.deal_value_cents(MOST, 1e9, 3.0) == 10**15, "and the greatest are cut off"


def test_true_fit_is_logit_normal_and_shifted() -> None:
    us = uniforms(50_000, seed=5)
    fits = np.array([buyer.true_fit(u, -0.3, 0.8, 1.2) for u in us])
    assert ((fits > 0) & (fits < 1)).all()
    assert stats.kstest(np.log(fits / (1 - fits)), "norm", args=(0.5, 1.2)).pvalue > 1e-6
    assert all(buyer.true_fit(u, -0.3, 0.9, 1.2) > fit for u, fit in zip(us[:100], fits, strict=False))


def test_patience_has_its_median() -> None:
    drawn = [buyer.patience_us(u, 45.0, 0.5, 1.0) for u in uniforms(50_000, seed=6)]
    assert share_within([patience < 45 * DAY_US for patience in drawn], 0.5)
    logs = np.log(np.array(drawn) / (45.0 * DAY_US))
    assert stats.kstest(logs, "norm", args=(0, 0.5)).pvalue > 1e-6
    assert buyer.patience_us(MOST, 3650.0, 3.0, 1.0) == 36_500 * DAY_US
    assert buyer.patience_us(0.3, 0.0, 0.5, 1.0) == 0
    for pace in (0.25, 4.0):
        assert buyer.patience_us(0.3, 45.0, 0.5, pace) == pytest.approx(pace * buyer.patience_us(0.3, 45.0, 0.5, 1.0))


@pytest.mark.parametrize(("complexity", "expected"), [(0.0, 0.33), (0.5, 0.165), (1.0, 0.0)])
def test_rep_free_buyers_become_fewer_with_complexity(complexity: float, expected: float) -> None:
    assert share_within([buyer.is_rep_free(u, 0.33, complexity) for u in uniforms(30_000, seed=7)], expected)


@pytest.mark.parametrize("mean", [0.1, 1.2, 2.0, 50.0])
def test_counts_of_pieces_are_geometric(mean: float) -> None:
    """Mean as asked, and the chance of k is (1 - p) p^k with p = mean / (1 + mean)."""
    drawn = [buyer.geometric(u, mean) for u in uniforms(50_000, seed=8)]
    assert mean_within(drawn, mean)
    p = mean / (1 + mean)
    for k in (0, 1, 2, 5):
        assert share_within([count == k for count in drawn], (1 - p) * p**k)


def test_counts_of_pieces_at_the_ends() -> None:
    assert [buyer.geometric(u, 0.0) for u in US] == [0] * len(US)
    assert buyer.geometric(MOST, 1000.0) == 0
    assert 30_000 < buyer.geometric(LEAST, 1000.0) < 40_000
    assert buyer.geometric(LEAST, 1e9) == 1_000_000


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_best_of_the_rivals(count: int) -> None:
    """The greatest of n uniforms has the distribution ((x - low) / (high - low))^n."""
    drawn = np.array([buyer.rival_strength(u, 0.2, 0.8, count) for u in uniforms(30_000, seed=9)])
    assert stats.kstest(drawn, lambda x: np.clip((x - 0.2) / 0.6, 0, 1) ** count).pvalue > 1e-6
    assert mean_within(drawn.tolist(), 0.2 + 0.6 * count / (count + 1))


def test_without_rivals_there_is_no_strength() -> None:
    assert [buyer.rival_strength(u, 0.2, 0.8, 0) for u in US] == [0.0] * len(US)


@given(inside, st.integers(1, 99))
def test_one_more_rival_is_never_weaker(u: float, count: int) -> None:
    assert buyer.rival_strength(u, 0.2, 0.8, count + 1) >= buyer.rival_strength(u, 0.2, 0.8, count)


# --- A step of research -----------------------------------------------------------------------------------------------

uncertainties = st.lists(share, min_size=TOPICS, max_size=TOPICS).map(lambda values: np.array(values, dtype=float))


@given(uncertainties, st.sampled_from(Stage))
def test_worst_topic_is_the_first_greatest_of_its_stage(uncertainty: np.ndarray, stage: Stage) -> None:
    topics = STAGE_TOPICS[stage]
    expected = max(topics, key=lambda topic: (uncertainty[topic], -topic))
    assert buyer.worst_topic(uncertainty, int(stage)) == expected


@given(uncertainties, st.sampled_from(Stage), share)
def test_a_stage_is_clear_when_all_its_topics_are(uncertainty: np.ndarray, stage: Stage, level: float) -> None:
    expected = all(uncertainty[topic] <= level for topic in STAGE_TOPICS[stage])
    assert buyer.is_clear(uncertainty, int(stage), level) == expected
    if expected:
        assert uncertainty[buyer.worst_topic(uncertainty, int(stage))] <= level


def test_every_topic_belongs_to_one_stage() -> None:
    assert [topic for topics in STAGE_TOPICS for topic in topics] == list(Topic)
    assert (*[topics[0] for topics in STAGE_TOPICS], TOPICS) == FIRST_TOPIC
    assert tuple(buyer.first_topic(stage) for stage in range(STAGES + 1)) == FIRST_TOPIC


def test_preference_for_a_person() -> None:
    assert buyer.preference_for_person(0.0, 0, 0.0, -3.0, 2.0, 2.0) == -3.0
    assert buyer.preference_for_person(1.0, 5, 0.0, -3.0, 2.0, 2.0) == 1.0
    assert buyer.preference_for_person(0.5, 0, 0.7, -3.0, 2.0, 2.0) == pytest.approx(-1.3)
    by_stage = [buyer.preference_for_person(0.5, stage, 0.0, -3.0, 2.0, 2.0) for stage in range(STAGES)]
    assert np.diff(by_stage) == pytest.approx(0.4)


def test_sources_come_by_their_weights() -> None:
    drawn = np.array([buyer.source_of(u, 0.55, 0.45, 0.4, 0.25) for u in uniforms(50_000, seed=10)])
    weights = np.array([0.45 * 1.05, 0.4, 0.25])
    counts = np.bincount(drawn, minlength=3)
    assert stats.chisquare(counts, drawn.size * weights / weights.sum()).pvalue > 1e-6


@given(inside, share, st.tuples(share, share, share).filter(lambda shares: sum(shares) > 1e-300))
def test_a_source_without_weight_is_never_read(u: float, trust: float, shares: tuple[float, float, float]) -> None:
    """Also at the ends of the unit interval, where rounding could let a number through."""
    for at in (u, LEAST, MOST):
        assert shares[buyer.source_of(at, trust, *shares)] > 0


@given(inside, share, share)
def test_trust_draws_buyers_to_us(u: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    if buyer.source_of(u, low, 0.45, 0.4, 0.25) == Source.US:
        assert buyer.source_of(u, high, 0.45, 0.4, 0.25) == Source.US


def test_content_loses_power_with_complexity() -> None:
    assert buyer.content_power(0.55, 0.6, 0.0) == 0.55
    assert buyer.content_power(0.55, 0.6, 1.0) == pytest.approx(0.22)
    assert buyer.content_power(0.55, 0.0, 1.0) == 0.55


@pytest.mark.parametrize(("mean", "spread"), [(0.5, 1.0), (0.3, 0.5), (0.8, 0.25)])
def test_usefulness_keeps_its_mean_where_it_is_not_cut_off(mean: float, spread: float) -> None:
    drawn = [buyer.usefulness(u, mean, spread) for u in uniforms(30_000, seed=11)]
    assert mean_within(drawn, mean)
    assert max(drawn) <= mean * (1 + spread) and min(drawn) >= mean * (1 - spread)


@given(inside, share, share)
def test_usefulness_is_a_share(u: float, mean: float, spread: float) -> None:
    assert 0.0 <= buyer.usefulness(u, mean, spread) <= 1.0
    assert buyer.usefulness(u, mean, 0.0) == mean


def test_claims_convince_as_far_as_they_fit() -> None:
    for topic in Topic:
        about_us = topic >= Topic.INTEGRATION
        assert buyer.fit_of_claims(int(topic), 1.0, 0.6) == 1.0
        assert buyer.fit_of_claims(int(topic), 0.0, 0.6) == pytest.approx(0.4 if about_us else 1.0)
        assert buyer.fit_of_claims(int(topic), 0.0, 0.0) == 1.0


@given(share, share, share, share)
def test_learning(power: float, useful: float, believed: float, convincing: float) -> None:
    """A touch takes away a share, never more than all; any touch that has more of something takes no less."""
    effect = buyer.effect(power, useful, believed, convincing)
    assert 0.0 <= effect <= 1.0
    assert buyer.effect(min(1.0, power * 1.1), useful, believed, convincing) >= effect
    assert buyer.effect(power, min(1.0, useful * 1.1), believed, convincing) >= effect
    assert buyer.effect(power, useful, min(1.0, believed * 1.1), convincing) >= effect
    assert buyer.effect(power, useful, believed, min(1.0, convincing * 1.1)) >= effect


def test_learning_at_known_points() -> None:
    assert buyer.effect(0.5, 1.0, 0.5, 1.0) == pytest.approx(0.25)
    assert buyer.effect(2.0, 1.0, 1.0, 1.0) == 1.0, "power above 1 cannot make uncertainty negative"
    for nothing in range(4):
        factors = [1.0] * 4
        factors[nothing] = 0.0
        assert buyer.effect(*factors) == 0.0


def test_who_was_heard_before() -> None:
    for role in Role:
        own = 1 << role
        assert not buyer.has_heard_others(0, int(role))
        assert not buyer.has_heard_others(own, int(role))
        for other in set(Role) - {role}:
            assert buyer.has_heard_others(1 << other, int(role))
            assert buyer.has_heard_others(own | 1 << other, int(role))


def test_steps_have_their_mean_gap() -> None:
    drawn = [buyer.step_gap_us(u, 3.0) / DAY_US for u in uniforms(50_000, seed=12)]
    assert mean_within(drawn, 3.0)
    assert stats.kstest(drawn, "expon", args=(0, 3.0)).pvalue > 1e-6


@given(inside, st.floats(0, 1e12))
def test_time_goes_on_at_every_step(u: float, mean: float) -> None:
    assert 1 <= buyer.step_gap_us(u, mean) <= 36_500 * DAY_US


# --- Rivals and the choice --------------------------------------------------------------------------------------------


def test_rivals_advance_by_their_mean_gain() -> None:
    drawn = [buyer.rival_advance(u, 0.1) for u in uniforms(30_000, seed=14)]
    assert mean_within(drawn, 0.1)
    assert min(drawn) > 0 and max(drawn) < 0.2


def test_a_rival_wins_early_only_once_the_buyer_commits_to_a_solution() -> None:
    for stage in Stage:
        assert buyer.rival_wins_early(1.0, int(stage)) == (stage >= Stage.COMMITTING_TO_SOLUTION)
        assert not buyer.rival_wins_early(0.999, int(stage))


sharpness = st.floats(0, 100)


@given(share, share, share, share, st.floats(0, 2), share, st.floats(0, 5), sharpness, share)
def test_the_better_offer_is_chosen_more_often(
    fit: float,
    trust: float,
    weight: float,
    strength: float,
    progress: float,
    ahead: float,
    inflation: float,
    sharp: float,
    step: float,
) -> None:
    def chance(**changed: float) -> float:
        known = {
            "fit": fit,
            "trust": trust,
            "strength": strength,
            "progress": progress,
            "ahead": ahead,
            "inflation": inflation,
        } | changed
        fits, trusts, strong, came, began, looks = known.values()
        return buyer.win_probability(fits, trusts, weight, strong, came, began, looks, sharp)

    base = chance()
    assert 0.0 <= base <= 1.0
    slack = 1e-12
    assert chance(fit=min(1.0, fit + step)) >= base - slack
    assert chance(trust=min(1.0, trust + step)) >= base - slack
    assert chance(strength=min(1.0, strength + step)) <= base + slack
    assert chance(progress=progress + step) <= base + slack
    assert chance(ahead=ahead + step) <= base + slack
    assert chance(inflation=inflation + step) <= base + slack
    assert chance(inflation=0.0) >= base - slack, "a rival that was found out looks no better than it is"


def test_the_choice_at_known_points() -> None:
    def chance(fit: float, trust: float, weight: float, strength: float, came: float, *more: float) -> float:
        return float(buyer.win_probability(fit, trust, weight, strength, came, *more))

    assert chance(0.6, 0.4, 0.5, 0.5, 1.0, 0.0, 0.0, 6.0) == pytest.approx(0.5)
    assert chance(0.9, 0.1, 0.0, 0.2, 1.0, 0.0, 0.0, 6.0) == pytest.approx(1 / (1 + math.exp(-4.2)))
    assert chance(0.9, 0.1, 1.0, 0.2, 1.0, 0.0, 0.0, 6.0) == pytest.approx(1 / (1 + math.exp(0.6)))
    assert chance(0.9, 0.9, 0.5, 0.1, 1.0, 0.0, 0.0, 0.0) == 0.5, "no sharpness: a coin"
    assert chance(0.8, 0.8, 0.5, 0.5, 1.0, 0.0, 0.6, 6.0) == pytest.approx(0.5)
    assert chance(0.5, 0.5, 0.5, 0.8, 0.1, 0.4, 0.0, 4.0) == pytest.approx(1 / (1 + math.exp(-0.4))), "half of 0.8"
    far = [chance(0.5, 0.5, 0.5, 0.9, came, 0.0, 5.0, 6.0) for came in (1.0, 1.5, 9.0)]
    assert far == [far[0]] * 3, "a rival's offer counts once at most"
    assert far == [chance(0.5, 0.5, 0.5, 0.9, came, 0.6, 5.0, 6.0) for came in (1.0, 0.5, 0.4)], "head start and all"
    assert far[0] == pytest.approx(1 / (1 + math.exp(3.0))), "and looks no better than the best there can be"
