"""The formulas by themselves: known values, and each against a second way to compute it."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from simulator.studies.theory import (
    AbsorbingChain,
    erlang_a,
    erlang_b,
    erlang_c,
    erlang_c_wait,
    little,
    relaxation_time,
)  # fmt: skip


def test_pooling_at_load_0_8():
    assert erlang_c_wait(0.8, 1.0, 1) == pytest.approx(4.0)
    assert erlang_c_wait(1.6, 1.0, 2) == pytest.approx(16 / 9)  # 1.78


@pytest.mark.parametrize(("servers", "offered", "waits"), [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9)])
def test_erlang_c_at_values_computed_by_hand(servers, offered, waits):
    assert erlang_c(servers, offered) == pytest.approx(waits, rel=1e-14)


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.3), (4, 3.1), (30, 24.0), (200, 190.0)])
def test_erlang_b_and_c_by_their_sums(servers, offered):
    logs = np.array([n * math.log(offered) - math.lgamma(n + 1) for n in range(servers + 1)])
    terms = np.exp(logs - logs.max())
    assert erlang_b(servers, offered) == pytest.approx(terms[-1] / terms.sum(), rel=1e-10)
    last = terms[-1] * servers / (servers - offered)
    assert erlang_c(servers, offered) == pytest.approx(last / (terms[:-1].sum() + last), rel=1e-10)


def test_an_overloaded_queue_has_no_mean_wait():
    assert erlang_c(2, 2.0) == 1.0 and erlang_c_wait(2.0, 1.0, 2) == math.inf
    assert relaxation_time(2.0, 1.0, 2) == math.inf
    assert relaxation_time(0.81, 1.0, 1) == pytest.approx(100.0)


@pytest.mark.parametrize(("servers", "load", "leaving"), [(1, 0.5, 1.0), (2, 0.9, 0.1), (5, 2.0, 0.3), (40, 1.1, 0.02)])
def test_erlang_a_two_ways(servers, load, leaving):
    """The share never served, from the numbers in the system and from the virtual wait; Little for all arrivals."""
    arrivals = load * servers
    found = erlang_a(arrivals, 1.0, servers, leaving)
    waits = np.linspace(0.0, 400.0 / leaving**0.5 + 200.0, 2_000_001)
    logs = arrivals * -np.expm1(-leaving * waits) / leaving - servers * waits
    top = logs.max()
    density = np.exp(logs - top)
    stays = np.exp(-leaving * waits)
    step = waits[1]
    integral = np.trapezoid(density, dx=step)
    # P(n <= c - 1), relative to P(c - 1), is 1 / erlang_b(c - 1, a) by the birth-death balance below c
    below = 1.0 / erlang_b(servers - 1, arrivals) if servers > 1 else 1.0
    scale = 1.0 / (below * math.exp(-top) + arrivals * integral)
    served = scale * (below * math.exp(-top) + arrivals * np.trapezoid(density * stays, dx=step))
    assert found.never_served == pytest.approx(1.0 - served, rel=1e-6)
    assert found.immediate == pytest.approx(scale * below * math.exp(-top), rel=1e-6)
    wait = scale * arrivals * np.trapezoid(density * stays * waits, dx=step) / served
    assert found.served_wait == pytest.approx(wait, rel=1e-6)
    assert found.mean_waiting == pytest.approx(arrivals * found.never_served / leaving)


def test_erlang_a_without_cooling_is_erlang_c():
    found = erlang_a(1.6, 1.0, 2, 1e-7)
    assert found.served_wait == pytest.approx(16 / 9, rel=1e-4)
    assert found.immediate == pytest.approx(1 - erlang_c(2, 1.6), rel=1e-5)


def test_erlang_a_serves_one_over_the_load_when_overloaded():
    gaps = [erlang_a(load * 5, 1.0, 5, 0.1).never_served - (1 - 1 / load) for load in (1.0, 1.5, 2.0, 4.0, 8.0)]
    assert min(gaps) > -1e-12 and gaps[0] > gaps[1] > 1e-4 and max(gaps[2:]) < 1e-8


def test_little():
    """M/M/c has lambda W_q waiting: the sum over its states."""
    chances = 0.2 * 0.8 ** np.arange(2_000)
    assert little(0.8, erlang_c_wait(0.8, 1.0, 1)) == pytest.approx(float(np.arange(-1, 1_999).clip(0) @ chances))


def test_an_absorbing_chain_of_one_state_is_exponential():
    chain = AbsorbingChain(np.array([1.0]), {}, np.array([[-0.5]]), {"won": np.array([0.2]), "lost": np.array([0.3])})
    assert chain.probability("won") == pytest.approx(0.4)
    assert chain.mean_time() == chain.mean_time_to("won") == pytest.approx(2.0)
    assert chain.second_moment() == pytest.approx(8.0)


def test_an_absorbing_chain_against_its_differential_equation():
    rng = np.random.default_rng(3)
    moves, won, lost = rng.uniform(0, 1, (4, 4)), rng.uniform(0, 1, 4), rng.uniform(0, 1, 4)
    np.fill_diagonal(moves, 0.0)
    np.fill_diagonal(moves, -(moves.sum(axis=1) + won + lost))
    start = np.array([0.5, 0.2, 0.1, 0.1])
    chain = AbsorbingChain(start, {"won": 0.04, "lost": 0.06}, moves, {"won": won, "lost": lost})

    # state: chances; then the integrals of P(alive), t P(alive), won flow, t won flow
    def flow(t, y):
        p = y[:4]
        return [*(p @ moves), p.sum(), t * p.sum(), p @ won, t * (p @ won)]

    end = solve_ivp(flow, (0, 80), [*start, 0, 0, 0, 0], rtol=1e-10, atol=1e-13).y[:, -1]
    assert chain.mean_time() == pytest.approx(end[4], rel=1e-7)
    assert chain.second_moment() == pytest.approx(2 * end[5], rel=1e-7)
    assert chain.probability("won") == pytest.approx(0.04 + end[6], rel=1e-7)
    assert chain.mean_time_to("won") == pytest.approx(end[7] / (0.04 + end[6]), rel=1e-7)
    assert chain.probability("won") + chain.probability("lost") == pytest.approx(1.0)
