"""Our people's decisions: distributions, directions, limits, and compiled against Python."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import people
from simulator.model.numerics import DAY_US, HOUR_US, MINUTE_US, normal
from tests.model.cases import STANDARD_ERRORS, assert_compiled_equals_python, functions_of, grid, uniforms

LEAST, MOST = 2.0**-53, 1 - 2.0**-53
inside = st.floats(LEAST, MOST)
share = st.floats(0, 1)

US = [LEAST, 0.5, MOST, *uniforms(40, seed=1)]
SHARES = [0.0, 1.0, 0.25, *uniforms(12, seed=2)]
ERRORS = [-8.2, -1.0, 0.0, 0.7, 8.2]
MINUTES = [0.0, 1e-9, 12.5, 480.0, 1e9]
#: Open deals of four reps, and whether each is busy, as ranks.
RANKS = [
    np.array([people.rank(d, b, rep) for rep, (d, b) in enumerate(zip(deals, busy, strict=True))], np.int64)
    for deals in ([3, 1, 1, 2], [5, 5, 5, 5], [0, 9, 0, 9], [9, 8, 7, 0])
    for busy in ([0, 0, 0, 0], [1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1])
]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "shared_error": grid(ERRORS, ERRORS, SHARES),
    "judged_fit": grid(SHARES, ERRORS, [0.0, 0.2, 10.0]),
    "lead_score": grid(ERRORS, [0, 1, 40], [0.0, 0.03, 100.0], [0.0, 0.5]),
    "waiting_minutes": grid(US, MINUTES, MINUTES, MINUTES),
    "request_minutes": grid(US, [-1.0, 0.0, 90.0, 1e9], [0.0, 1.0, 6.0], MINUTES),
    "reach_chance": grid(
        [0, 1, 15 * MINUTE_US, 8 * DAY_US, 40_000 * DAY_US], SHARES, [0.001, 0.25, 5.0], SHARES, [1e-4, 8.0, 36_500.0]
    ),
    "context_after_handoff": grid(SHARES, SHARES, range(-1, 3), range(3)),
    "asked_again": grid(SHARES, SHARES),
    "service_us": grid(US, MINUTES, SHARES),
    "rank": grid([0, 1, 7, 100_000], [0, 1], [0, 1, 4000]),
    "least_loaded": grid(RANKS, range(4), range(5), [0, 1, 2, 5, 20]),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(people, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(people)


# --- Judging a lead ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agreement", [0.0, 0.3, 0.8, 1.0])
def test_both_functions_err_equally_and_agree_as_asked(agreement: float) -> None:
    """Sales' error is standard normal whatever the agreement, so agreement is no hidden gain in accuracy."""
    n = 50_000
    marketing = np.array([normal(u) for u in uniforms(n, seed=3)])
    own = np.array([normal(u) for u in uniforms(n, seed=4)])
    sales = np.array([people.shared_error(a, b, agreement) for a, b in zip(marketing, own, strict=True)])
    assert abs(sales.mean()) < STANDARD_ERRORS / math.sqrt(n)
    assert abs(sales.var() - 1) < STANDARD_ERRORS * math.sqrt(2 / n)
    correlation = float(np.corrcoef(marketing, sales)[0, 1])
    assert abs(correlation - agreement) <= STANDARD_ERRORS * (1 - agreement**2) / math.sqrt(n) + 1e-12


def test_full_agreement_is_one_error() -> None:
    for a in ERRORS:
        for b in ERRORS:
            assert people.shared_error(a, b, 1.0) == a
            assert people.shared_error(a, b, 0.0) == b


def test_a_judgement_is_the_fit_and_an_error() -> None:
    assert people.judged_fit(0.4, 1.5, 0.2) == pytest.approx(0.7)
    assert people.judged_fit(0.4, 1.5, 0.0) == 0.4


def test_a_score_adds_view_engagement_and_bonus() -> None:
    assert people.lead_score(0.4, 5, 0.03, 0.5) == pytest.approx(1.05)
    assert people.lead_score(0.4, 0, 0.03, 0.0) == 0.4
    assert people.lead_score(0.4, 6, 0.03, 0.0) > people.lead_score(0.4, 5, 0.03, 0.0)


# --- Handing over -----------------------------------------------------------------------------------------------------


def test_waiting_has_its_mean_and_ends_at_the_sla() -> None:
    """Routing, and an exponential cut off at the SLA: its mean is pickup * (1 - exp(-sla / pickup))."""
    drawn = np.array([people.waiting_minutes(u, 30.0, 120.0, 240.0) for u in uniforms(50_000, seed=5)])
    expected = 30.0 + 120.0 * (1 - math.exp(-2.0))
    assert abs(drawn.mean() - expected) < STANDARD_ERRORS * drawn.std() / math.sqrt(drawn.size)
    assert drawn.min() >= 30.0 and drawn.max() == 270.0
    late = math.exp(-2.0)
    assert abs((drawn == 270.0).mean() - late) < STANDARD_ERRORS * math.sqrt(late * (1 - late) / drawn.size)


@given(inside, st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_waiting_lies_between_routing_and_routing_and_sla(u: float, routing: float, pickup: float, sla: float) -> None:
    assert routing <= people.waiting_minutes(u, routing, pickup, sla) <= routing + sla
    assert people.waiting_minutes(u, routing, 0.0, sla) == routing
    assert people.waiting_minutes(u, routing, pickup, 0.0) == routing


def test_requests_wait_log_normal_times_and_end_at_the_sla() -> None:
    """Half of them less than the median; a log-normal share as long as the SLA."""
    drawn = np.array([people.request_minutes(u, 90.0, 1.5, 600.0) for u in uniforms(50_000, seed=7)])
    late = 1 - NormalDist().cdf(math.log(600 / 90) / 1.5)
    for found, expected in (((drawn < 90).mean(), 0.5), ((drawn == 600).mean(), late)):
        assert abs(found - expected) < STANDARD_ERRORS * math.sqrt(expected * (1 - expected) / drawn.size)
    assert drawn.max() == 600 and people.request_minutes(0.8, 90.0, 1.5, 1e9) == pytest.approx(
        90 * math.exp(1.5 * NormalDist().inv_cdf(0.8))
    )


@given(inside, st.floats(0, 1e6), st.floats(0, 6), st.floats(0, 1e6))
def test_no_request_waits_longer_than_the_sla(u: float, median: float, sigma: float, sla: float) -> None:
    assert 0.0 <= people.request_minutes(u, median, sigma, sla) <= sla
    assert people.request_minutes(u, 0.0, sigma, sla) == 0.0
    assert people.request_minutes(u, median, 0.0, sla) == pytest.approx(min(median, sla))


# --- Reaching ---------------------------------------------------------------------------------------------------------


def test_calls_find_who_is_at_the_desk_or_still_engaged() -> None:
    """Against two urns: who has left the desk by now, and who of those is engaged no more; both halve."""
    draw = np.random.Generator(np.random.PCG64(8))
    n = 200_000
    at_desk, engaged = draw.random(n) < 0.75, draw.random(n) < 0.1
    leaves_hours = draw.exponential(0.25 / math.log(2), n)
    cools_days = draw.exponential(8 / math.log(2), n)
    for hours in (0.0, 0.1, 1.0, 24.0, 24.0 * 20):
        found = ((at_desk & (leaves_hours > hours)) | (engaged & (24 * cools_days > hours))).mean()
        chance = people.reach_chance(round(hours * HOUR_US), 0.75, 0.25, 0.1, 8.0)
        assert abs(found - chance) < STANDARD_ERRORS * math.sqrt(chance * (1 - chance) / n)


def test_reach_at_known_points() -> None:
    assert people.reach_chance(0, 0.75, 0.25, 0.5, 8.0) == pytest.approx(0.875)
    assert people.reach_chance(15 * MINUTE_US, 0.75, 0.25, 0.0, 8.0) == pytest.approx(0.375)
    assert people.reach_chance(8 * DAY_US, 0.0, 0.25, 0.5, 8.0) == pytest.approx(0.25)
    assert people.reach_chance(0, 0.0, 0.25, 1.0, 8.0) == 1.0


@given(st.integers(0, 100 * DAY_US), st.integers(0, 100 * DAY_US), share, share, share)
def test_nobody_is_reached_more_easily_later(since: int, more: int, desk: float, engaged: float, less: float) -> None:
    chance = people.reach_chance(since, desk, 0.25, engaged, 8.0)
    assert 0.0 <= people.reach_chance(since + more, desk, 0.25, engaged, 8.0) <= chance + 1e-12 <= 1.0 + 1e-12
    assert people.reach_chance(since, desk * less, 0.25, engaged, 8.0) <= chance + 1e-12
    assert people.reach_chance(since, desk, 0.25, engaged * less, 8.0) <= chance + 1e-12


@given(share, share)
def test_context_survives_a_handoff_as_far_as_it_is_kept(known: float, kept: float) -> None:
    assert people.context_after_handoff(known, kept, 1, 1) == known
    assert people.context_after_handoff(known, kept, 0, 1) == known * kept <= known
    assert people.context_after_handoff(known, 1.0, 0, 2) == known
    assert people.context_after_handoff(known, 0.0, 0, 2) == 0.0


@given(share, share)
def test_only_what_was_told_and_forgotten_is_asked_again(told: float, known: float) -> None:
    again = people.asked_again(told, known)
    assert 0.0 <= again <= told
    assert (again == 0.0) == (known >= told)
    assert people.asked_again(told, 0.0) == told


# --- Working ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0])
def test_service_has_its_mean_and_its_spread(spread: float) -> None:
    """A fixed part and an exponential one: the standard deviation is ``spread`` times the mean."""
    n = 50_000
    drawn = np.array([people.service_us(u, 45.0, spread) / MINUTE_US for u in uniforms(n, seed=6)])
    deviation = 45.0 * spread
    assert abs(drawn.mean() - 45.0) <= STANDARD_ERRORS * deviation / math.sqrt(n) + 1e-12
    # The variance of the variance of an exponential: its kurtosis is 9, hence 8 / n.
    assert abs(drawn.var() - deviation**2) <= STANDARD_ERRORS * deviation**2 * math.sqrt(8 / n) + 1e-12
    assert drawn.min() >= 45.0 * (1 - spread)


@given(inside, st.floats(0, 1e9), share)
def test_service_never_takes_less_than_its_fixed_part(u: float, mean: float, spread: float) -> None:
    century = 36_500 * 1440 * MINUTE_US
    assert min(mean * (1 - spread) * MINUTE_US - 1, century) <= people.service_us(u, mean, spread) <= century
    assert people.service_us(u, 0.0, spread) == 0


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=1, max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(0, 8),
)
def test_the_least_loaded_rep(reps: list[tuple[int, int]], first: int, last: int, limit: int) -> None:
    last = min(last, len(reps))
    free = [(reps[rep][0], -reps[rep][1], rep) for rep in range(first, last) if reps[rep][0] < limit]
    ranks = np.array([people.rank(deals, 1 - idle, rep) for rep, (deals, idle) in enumerate(reps)], np.int64)
    assert people.least_loaded(ranks, first, last, limit) == (min(free)[2] if free else -1)


@pytest.mark.parametrize("person", [0, 1])
def test_a_rep_at_the_limit_gets_no_deal(person: int) -> None:
    for deals, chosen in ((2, person), (3, -1), (4, -1)):
        ranks = [people.rank(9, 1, 0), people.rank(9, 1, 1)]
        ranks[person] = people.rank(deals, 0, person)
        assert people.least_loaded(ranks, 0, 2, 3) == chosen
