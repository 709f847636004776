"""The buyer's decisions about pace, requests, memory and trust: formulas written anew, distributions, laws."""

import math
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.model import buyer
from simulator.model.numerics import DAY_US, HOUR_US, NEVER
from simulator.model.sizes import NO_LIMIT_USD
from tests.model.cases import STANDARD_ERRORS, uniforms

LEAST, MOST = 2.0**-53, 1 - 2.0**-53
inside = st.floats(LEAST, MOST)
share = st.floats(0, 1)
times = st.integers(0, 36_500 * DAY_US)


# --- pace -------------------------------------------------------------------------------------------------------------


def test_paces_are_log_normal_with_median_one() -> None:
    logs = np.log([buyer.pace(u, 1.2) for u in uniforms(50_000, seed=21)])
    assert stats.kstest(logs, "norm", args=(0, 1.2)).pvalue > 1e-6
    assert buyer.pace(0.5, 1.2) == 1.0 and buyer.pace(LEAST, 0.0) == 1.0
    assert buyer.pace(0.9, 0.7) == pytest.approx(math.exp(0.7 * NormalDist().inv_cdf(0.9)))


def test_a_time_at_a_pace_is_rounded_once() -> None:
    assert buyer.scaled_us(4.25, 2.0) == 8.5 * DAY_US and buyer.scaled_us(0.0, 9.0) == 0
    assert buyer.scaled_us(1.0 / 3, 1.0) == round(DAY_US / 3) and buyer.scaled_us(1e6, 1.0) == 36_500 * DAY_US


@given(times, times)
def test_a_project_lasts_until_the_first_of_its_ends(patience: int, distraction: int) -> None:
    assert buyer.project_us(patience, distraction) == sorted((patience, distraction))[0]


# --- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("complexity", "value_cents", "limit_usd", "needs"),
    [
        (0.3, 10**12, NO_LIMIT_USD, False),
        (0.31, 0, NO_LIMIT_USD, True),
        (0.0, 600_000, 6000.0, False),  # just as dear as may be
        (0.0, 600_001, 6000.0, True),
        (0.0, 1, 0.0, True),
        (0.0, 0, 0.0, False),
        (0.9, 600_001, 6000.0, True),
        (0.0, 10**15, NO_LIMIT_USD, False),
    ],
)
def test_who_needs_a_rep(complexity: float, value_cents: int, limit_usd: float, needs: bool) -> None:
    assert buyer.needs_rep(complexity, value_cents, 0.3, limit_usd) is needs


@given(share, st.floats(0, 30), st.floats(0, 3))
def test_refusals_cost_the_stuck_too(chance: float, lost: float, more: float) -> None:
    assert buyer.asks_when_stuck(chance, lost) == pytest.approx(chance / math.e**lost)
    assert buyer.asks_when_stuck(chance, lost + more) <= buyer.asks_when_stuck(chance, lost)
    assert buyer.asks_when_stuck(chance, 0.0) == chance


def test_a_rival_answers_by_and_by() -> None:
    """As a naive walk in steps of a minute: of what is still to come 1 / 480 comes in each of eight hours' minutes."""
    left, walked = 1.0, [0.0]
    for _ in range(3 * 480):
        left -= left * -math.expm1(-1 / 480)
        walked.append(1.0 - left)
    for before in (0, 1, 8):
        for hours in (0, 1, 8, 16):
            found = buyer.rival_answered(walked[60 * before], hours * HOUR_US, 8.0)
            assert found == pytest.approx(walked[60 * (before + hours)], abs=1e-12), "it walks on from where it was"
    assert buyer.rival_answered(0.0, NEVER, 10_000.0) == 1.0, "after a request in vain it has all"


@given(st.lists(times, max_size=9), st.floats(0.01, 10_000))
def test_all_waits_together_bring_a_rival_so_much(waits: list[int], hours: float) -> None:
    """However they are split: what the sum of them brings at once."""
    answered = [0.0]
    for waited in waits:
        answered.append(buyer.rival_answered(answered[-1], waited, hours))
    assert answered[-1] == pytest.approx(1 - math.exp(-sum(waits) / HOUR_US / hours), abs=1e-12)
    assert all(before - 2.0**-52 <= after <= 1.0 for before, after in pairwise(answered))  # but for rounding


@given(times, st.floats(0.01, 10_000))
def test_a_rival_that_has_all_wins_nothing_more(waited: int, hours: float) -> None:
    assert buyer.rival_answered(1.0, waited, hours) == 1.0


# --- memory -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [0, 30, 120, 360])
def test_so_many_still_think_of_us(days: int) -> None:
    us = uniforms(40_000, seed=22)
    found = np.mean([buyer.remembers(u, days * DAY_US, 120.0) for u in us])
    expected = 1 / math.e ** (days / 120)
    assert abs(found - expected) <= STANDARD_ERRORS * math.sqrt(expected * (1 - expected) / len(us))


@given(inside, times, times, st.floats(0.1, 36_500))
def test_who_has_forgotten_does_not_remember_later(u: float, since: int, more: int, memory: float) -> None:
    assert buyer.remembers(u, since, memory) or not buyer.remembers(u, since + more, memory)
    assert buyer.remembers(u, 0, memory) and not buyer.remembers(1.0, 0, memory)


# --- trust ------------------------------------------------------------------------------------------------------------


@given(share, share)
def test_a_claim_that_holds_wins_a_share_of_what_is_missing(trust: float, gain: float) -> None:
    won = buyer.trust_after_confirmation(trust, gain)
    assert trust <= won <= 1.0 and won == pytest.approx(1 - (1 - trust) * (1 - gain))


@given(share, share, st.floats(0.01, 1000), st.integers(1, 60))
def test_contradictions_cost_so_much_and_no_more(trust: float, cost: float, for_most: float, n: int) -> None:
    """n of them leave 1 - cost (1 - exp(-n / for_most)), and each costs a smaller share than the one before."""
    left, costs = trust, []
    for noticed in range(n):
        after = buyer.trust_after_contradiction(left, noticed, cost, for_most)
        # But for rounding: below 2e-308 a product is wrong by up to 2.5e-324, and is divided by 1e-16 at least.
        assert 0.0 <= after <= left * (1 + 2.0**-51) + 1e-307
        costs.append(1 - after / left if left > 1e-300 else 0.0)
        left = after
    assert left == pytest.approx(trust * (1 - cost * (1 - math.exp(-n / for_most))), rel=1e-9, abs=1e-9)
    assert left >= trust * (1 - cost) - 1e-12
    if cost < 0.99:
        assert all(later <= earlier + 1e-9 for earlier, later in pairwise(costs))


def test_where_they_cost_all_trust_it_is_gone_after_a_few() -> None:
    """Four at a tenth of one leave 4e-18 by the formula, which is nothing beside 1; a fifth changes nothing."""
    trust = 0.9
    for noticed in range(50):
        trust = buyer.trust_after_contradiction(trust, noticed, 1.0, 0.1)
    assert trust == 0.0 and buyer.trust_after_contradiction(0.5, 9, 1.0, 0.1) == 0.0


def test_other_touches_win_it_back_between() -> None:
    """One contradiction costs the same share of what there is, whatever it was before."""
    share_left = [buyer.trust_after_contradiction(trust, 3, 0.5, 2.0) / trust for trust in (0.1, 0.5, 1.0)]
    assert share_left == pytest.approx([share_left[0]] * 3)
    assert share_left[0] == pytest.approx((1 - 0.5 * (1 - math.exp(-2.0))) / (1 - 0.5 * (1 - math.exp(-1.5))))
