"""Our people's decisions: distributions, directions, limits, and compiled against Python."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import people
from simulator.model.numerics import MINUTE_US, normal
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
