"""Scores beside scipy's distributions, loops and a prediction that is known to be true."""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from simulator.fit.holdout import Holdout, holdouts
from simulator.fit.scoring_rules import ends, scored
from tests.fit.made_up import rows_of, stream_for

WEEKS = 5


@cache
def holdout() -> Holdout:
    (found,) = holdouts(
        stream_for(rows_of(900, seed=3, channels=("fair", "mail", "web"))), [1, 2], ["2024-04-30"], WEEKS, 21
    )
    return found


def rows(within: np.ndarray, ever: np.ndarray | None = None, curve: np.ndarray | float = 0.1) -> np.ndarray:
    """Draws as rows: int[draws, weeks, groups]."""
    one, draws = holdout(), len(within)
    flat = [within.reshape(draws, -1), (within if ever is None else ever).reshape(draws, -1)]
    return np.hstack([*flat, np.broadcast_to(curve, (draws, len(one.ages)))]).astype(float)


def split(weekly: np.ndarray, seed: int = 0) -> np.ndarray:
    """Weekly counts over the three groups."""
    rng = np.random.default_rng(seed)
    first = rng.binomial(weekly, 0.3)
    second = rng.binomial(weekly - first, 0.5)
    return np.stack([first, second, weekly - first - second], axis=-1)


def truth() -> tuple[np.ndarray, np.ndarray]:
    one = holdout()
    row = one.row(one.stream.event_times)
    return one.within(row), one.ever(row)


def score_of(weekly: np.ndarray) -> float:
    found = scored(holdout(), holdout().stream.event_times, {"mine": rows(split(weekly))}, seed=1)
    return found["mine"].log_score


def test_scattered_draws_are_scored_as_a_negative_binomial_of_their_moments() -> None:
    weekly = np.random.default_rng(1).negative_binomial(3, 0.3, size=(4000, WEEKS))
    expected = 0.0
    for week in range(WEEKS):
        mean, variance = weekly[:, week].mean(), weekly[:, week].var()
        assert variance > 2 * mean
        chance = mean / variance
        expected += stats.nbinom(mean * chance / (1 - chance), chance).logpmf(truth()[0][week].sum()) / WEEKS
    assert score_of(weekly) == pytest.approx(expected, abs=1e-9)
    exact = stats.nbinom(3, 0.3).logpmf(truth()[0].sum(axis=1)).mean()
    assert score_of(weekly) == pytest.approx(exact, abs=0.05), "and so as what they were drawn from"


def test_draws_that_scatter_less_than_by_chance_are_scored_as_a_binomial() -> None:
    weekly = np.random.default_rng(1).binomial(16, 0.5, size=(4000, WEEKS))
    exact = stats.binom(16, 0.5).logpmf(truth()[0].sum(axis=1)).mean()
    assert score_of(weekly) == pytest.approx(exact, abs=0.1)
    expected = 0.0
    for week in range(WEEKS):
        mean, variance = weekly[:, week].mean(), weekly[:, week].var()
        trials = np.ceil(mean / (1 - variance / mean))
        assert trials in (15, 16, 17)
        expected += stats.binom(trials, mean / trials).logpmf(truth()[0][week].sum()) / WEEKS
    assert score_of(weekly) == pytest.approx(expected, abs=1e-9)


def test_draws_that_scatter_by_chance_are_scored_as_a_poisson() -> None:
    weekly = np.random.default_rng(2).poisson(9, size=(20_000, WEEKS))
    assert score_of(weekly) == pytest.approx(stats.poisson(9).logpmf(truth()[0].sum(axis=1)).mean(), abs=0.03)


def test_the_score_of_all_wins_is_the_same_rule() -> None:
    rng = np.random.default_rng(3)
    within, ever = rng.poisson(9, size=(5000, WEEKS)), rng.negative_binomial(8, 0.4, size=(5000, WEEKS))
    found = scored(holdout(), holdout().stream.event_times, {"mine": rows(split(within), split(ever))}, seed=1)["mine"]
    exact = stats.nbinom(8, 0.4).logpmf(truth()[1].sum(axis=1)).mean()
    assert found.log_score_ever == pytest.approx(exact, abs=0.05) and found.log_score_ever != found.log_score


def test_impossible_and_certain_predictions_have_scores_that_are_numbers() -> None:
    for weekly in (np.zeros((50, WEEKS), int), np.full((50, WEEKS), 400), np.full((50, WEEKS), 7)):
        assert np.isfinite(score := score_of(weekly)) and score <= 0


def test_the_truth_beats_what_is_off_and_less_so_what_is_less_off() -> None:
    rng = np.random.default_rng(4)
    seen = truth()[0].sum(axis=1)
    predicted = {
        name: rows(split(rng.poisson(factor * seen + 0.3, size=(2000, WEEKS))))
        for name, factor in (("true", 1.0), ("off", 1.5), ("far off", 3.0))
    }
    found = scored(holdout(), holdout().stream.event_times, predicted, seed=1)
    assert found["true"].log_score > found["off"].log_score > found["far off"].log_score
    for name, one in found.items():
        assert list(one.ahead_of) == [other for other in predicted if other != name]
        for other, (better, low, high) in one.ahead_of.items():
            assert better == pytest.approx(one.log_score - found[other].log_score, abs=1e-12)
            assert low < better < high
            back = found[other].ahead_of[name]
            assert (better, low, high) == pytest.approx((-back[0], -back[2], -back[1]))
    assert found["true"].ahead_of["far off"][1] > 0


def test_the_interval_of_a_difference_is_that_of_leads_drawn_again() -> None:
    """Beside leads that are drawn again one by one."""
    one, rng = holdout(), np.random.default_rng(5)
    predicted = {name: rows(split(rng.poisson(mean, size=(40_000, WEEKS)))) for name, mean in (("a", 8), ("b", 11))}
    _, low, high = scored(one, one.stream.event_times, predicted, seed=1)["a"].ahead_of["b"]
    event_times, arrived = one.stream.event_times, one.stream.arrivals.at_us
    counts = np.arange(100)
    gain = stats.poisson(8).logpmf(counts) - stats.poisson(11).logpmf(counts)
    hits = [
        event_times.won[leads] - arrived[leads] <= one.horizon for leads in (one.week == week for week in range(WEEKS))
    ]
    drawn = [sum(gain[rng.choice(week, len(week)).sum()] for week in hits) / WEEKS for _ in range(2000)]
    expected = np.quantile(drawn, [0.025, 0.975])
    # an end of 1000 resamples is known to 2% of the width, and the moments of 40,000 draws to 1%
    assert [low, high] == pytest.approx(list(expected), abs=0.08 * np.ptp(expected))


def test_the_distance_of_curves_is_the_greatest_gap() -> None:
    one = holdout()
    real = one.curve(one.row(one.stream.event_times))
    rng = np.random.default_rng(6)
    curves = np.sort(rng.random((40, len(one.ages))), axis=1) * 0.4
    found = scored(one, one.stream.event_times, {"mine": rows(np.zeros((40, WEEKS, 3)), curve=curves)}, seed=1)["mine"]
    gaps = [abs(sum(curve[place] for curve in curves) / 40 - real[place]) for place in range(len(one.ages))]
    assert found.distance == pytest.approx(max(gaps)) and max(gaps) > 0.02
    exact = scored(one, one.stream.event_times, {"mine": rows(np.zeros((40, WEEKS, 3)), curve=real)}, seed=1)["mine"]
    assert exact.distance == pytest.approx(0, abs=1e-12)


def test_the_share_of_intervals_that_held_is_counted() -> None:
    one, rng = holdout(), np.random.default_rng(7)
    within = rng.poisson(
        truth()[0] + rng.choice([-2, 0, 0, 3], size=(WEEKS, 3)).clip(-truth()[0]), size=(300, WEEKS, 3)
    )
    found = scored(one, one.stream.event_times, {"mine": rows(within)}, seed=1)["mine"]
    held = some = 0
    for week in range(WEEKS):
        for group in range(3):
            if one.leads[week, group]:
                low, high = np.quantile(within[:, week, group], [0.05, 0.95])
                some += 1
                held += low <= truth()[0][week, group] <= high
    assert found.held == held / some and 0.3 < found.held < 1
    low, high = ends(np.arange(101.0)[:, None], 0.8)
    assert (low[0], high[0]) == pytest.approx((10, 90))
