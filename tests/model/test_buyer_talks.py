"""What a talk is worth, and how long offers and signatures take: formulas written anew, distributions, laws."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.model import buyer
from simulator.model.numerics import DAY_US
from tests.model.cases import STANDARD_ERRORS, uniforms

LEAST, MOST = 2.0**-53, 1 - 2.0**-53
inside = st.floats(LEAST, MOST)
share = st.floats(0, 1)


# --- talks ------------------------------------------------------------------------------------------------------------


def test_a_talks_use_at_known_points() -> None:
    """Skill, piece, luck, what is believed, what convinces."""
    assert buyer.talk_use(0.5, 0.7, 0.9, 0.5, 0.8, 0.4, 0.4) == pytest.approx(0.7 * 0.9 * 1.0 * 0.7 * 0.8)
    assert buyer.talk_use(0.25, 0.7, 0.9, 0.5, 0.8, 0.4, 0.4) == pytest.approx(0.7 * 0.9 * 0.8 * 0.7 * 0.8)
    assert buyer.talk_use(0.5, 1.0, 1.0, 0.0, 1.0, 0.4, 0.3) == pytest.approx(0.3), "what needs no trust"
    assert buyer.talk_use(0.5, 1.0, 1.0, 1.0, 1.0, 0.4, 0.3) == pytest.approx(1.0)
    assert buyer.talk_use(0.9, 2.0, 1.0, 1.0, 1.0, 0.0, 0.3) == 2.0, "no spread, no luck"


def test_a_talks_use_is_uniform_around_its_mean() -> None:
    drawn = np.array([buyer.talk_use(u, 0.7, 0.9, 0.5, 0.8, 0.4, 0.4) for u in uniforms(40_000, seed=23)])
    mean = 0.7 * 0.9 * 0.7 * 0.8
    assert stats.kstest(drawn, "uniform", args=(0.6 * mean, 0.8 * mean)).pvalue > 1e-6
    assert abs(drawn.mean() - mean) < STANDARD_ERRORS * 0.8 * mean / math.sqrt(12 * drawn.size)


@given(inside, st.floats(0, 3), share, share, share, share, share, share)
def test_more_of_anything_is_never_of_less_use(
    u: float, skill: float, relevance: float, trust: float, convincing: float, spread: float, floor: float, less: float
) -> None:
    use = buyer.talk_use(u, skill, relevance, trust, convincing, spread, floor)
    assert 0.0 <= use <= 2 * skill * (1 + 1e-12)
    slack = use * (1 + 1e-12)
    assert buyer.talk_use(u, skill * less, relevance, trust, convincing, spread, floor) <= slack
    assert buyer.talk_use(u, skill, relevance * less, trust, convincing, spread, floor) <= slack
    assert buyer.talk_use(u, skill, relevance, trust * less, convincing, spread, floor) <= slack
    assert buyer.talk_use(u, skill, relevance, trust, convincing * less, spread, floor) <= slack


def test_a_worry_falls_by_a_share_of_itself_each_minute() -> None:
    """As a naive walk of a talk of an hour, in steps of a second."""
    left = 0.8
    for second in range(3600):
        if second % 600 == 0:
            assert buyer.uncertainty_after_talk(0.8, second / 60, 0.7, 1.8) == pytest.approx(left, rel=1e-3)
        left -= left * 1.8 * 0.7 / 3600
    assert buyer.uncertainty_after_talk(0.8, 60.0, 0.7, 1.8) == pytest.approx(0.8 * math.exp(-1.26))


@given(st.floats(0.01, 1), st.floats(0.001, 0.99), st.floats(0.001, 3), st.floats(0.01, 20), share)
def test_after_so_many_minutes_a_worry_is_clear(
    uncertainty: float, of_it: float, use: float, gain: float, part: float
) -> None:
    level = uncertainty * of_it
    minutes = buyer.minutes_to_clear(uncertainty, level, use, gain)
    assert minutes > 0 and buyer.uncertainty_after_talk(uncertainty, minutes, use, gain) == pytest.approx(level)
    before = buyer.uncertainty_after_talk(uncertainty, part * minutes, use, gain)
    assert level * (1 - 1e-9) <= before <= uncertainty
    rest = buyer.uncertainty_after_talk(before, (1 - part) * minutes, use, gain)
    assert rest == pytest.approx(level), "two talks do as much as one of their length"


def test_what_takes_for_ever() -> None:
    assert buyer.minutes_to_clear(0.8, 0.0, 0.7, 1.8) == math.inf, "nothing is ever clear"
    assert buyer.minutes_to_clear(0.8, 0.3, 0.0, 1.8) == math.inf, "a talk of no use"
    assert buyer.uncertainty_after_talk(0.8, 1e6, 0.0, 1.8) == 0.8


def test_finding_out_takes_half_of_a_talk_at_most() -> None:
    assert buyer.useful_minutes(42.0, 1.0, 20.0) == 42.0 and buyer.useful_minutes(42.0, 0.0, 20.0) == 22.0
    assert buyer.useful_minutes(42.0, 0.75, 20.0) == 37.0 and buyer.useful_minutes(30.0, 0.0, 20.0) == 15.0
    assert buyer.useful_minutes(30.0, 0.25, 20.0) == 15.0 and buyer.useful_minutes(0.0, 0.0, 20.0) == 0.0


# --- offers and signatures --------------------------------------------------------------------------------------------


def closing(u: float, complexity: float = 0.5, value: float = 15_000.0, median: float = 4.0, by: float = 0.5) -> int:
    return int(buyer.closing_us(u, median, 0.7, complexity, value, 0.35, 1.65, by, 15_000.0))


def test_closing_takes_log_normal_times() -> None:
    """Of a middling purchase of the usual value just the median."""
    drawn = np.array([closing(u) for u in uniforms(40_000, seed=24)])
    assert stats.kstest(np.log(drawn / (4 * DAY_US)), "norm", args=(0, 0.7)).pvalue > 1e-6
    assert closing(0.5) == 4 * DAY_US
    assert closing(0.9) == pytest.approx(4 * DAY_US * math.exp(0.7 * NormalDist().inv_cdf(0.9)))


@pytest.mark.parametrize("complexity", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("value", [150.0, 15_000.0, 60_000.0])
def test_complex_and_large_purchases_take_longer(complexity: float, value: float) -> None:
    expected = 4 * (0.35 + 1.3 * complexity) * math.sqrt(value / 15_000)
    assert closing(0.5, complexity, value) == pytest.approx(expected * DAY_US)
    assert closing(0.5, complexity, value, by=0.0) == pytest.approx(4 * (0.35 + 1.3 * complexity) * DAY_US)


def test_where_nothing_takes_time_nothing_does() -> None:
    assert closing(MOST, median=0.0) == 0 and closing(0.5, value=0.0) == 0


@pytest.mark.parametrize(
    ("complexity", "cents", "at_once"),
    [(0.3, 1_500_000, True), (0.31, 1_500_000, False), (0.3, 1_500_001, False), (0.0, 0, True), (1.0, 10**12, False)],
)
def test_what_closes_at_once(complexity: float, cents: int, at_once: bool) -> None:
    assert buyer.closes_at_once(complexity, cents, 0.3, 15_000.0) is at_once
