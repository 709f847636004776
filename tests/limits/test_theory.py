"""The formulas by themselves: known values, and each against a second way to compute it."""

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from simulator.questions.limits.theory import (  # fmt: skip
    AbsorbingChain,
    agreement,
    bass_peak,
    bass_share,
    bass_share_as_counted,
    erlang_a,
    erlang_b,
    erlang_c,
    erlang_c_wait,
    little,
    relaxation_time,
    share_in_window,
)


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


def test_bass_as_textbooks_have_it():
    """p = 0.03, q = 0.38: the peak after 6.19 years, at F = (1 - p/q) / 2, where (p + q)^2 / 4q adopt a year."""
    p, q = 0.03, 0.38
    assert bass_peak(p, q) == pytest.approx(math.log(q / p) / (p + q)) == pytest.approx(6.19, abs=0.005)
    for t in (0.0, 1.0, 6.19, 20.0):
        e = math.exp(-(p + q) * t)
        assert bass_share(t, p, q) == pytest.approx((1 - e) / (1 + q / p * e))
    peak = bass_peak(p, q)
    assert bass_share(peak, p, q) == pytest.approx(0.5 * (1 - p / q))
    slope = (bass_share(peak + 1e-4, p, q) - bass_share(peak - 1e-4, p, q)) / 2e-4
    assert slope == pytest.approx((p + q) ** 2 / (4 * q))


@pytest.mark.parametrize(
    ("p", "q", "at_start"), [(0.03, 0.38, 0.0), (0.03, 0.38, 0.05), (0.2, 0.1, 0.0), (0.0, 1.0, 0.01)]
)
def test_bass_against_its_differential_equation(p, q, at_start):
    def flow(t, y):
        return [(p + q * y[0]) * (1 - y[0])]

    times = np.linspace(0, 20, 9)
    solved = solve_ivp(flow, (0, 20), [at_start], t_eval=times, rtol=1e-10, atol=1e-13).y[0]
    assert [bass_share(t, p, q, at_start) for t in times] == pytest.approx(solved, rel=1e-7)
    peak = bass_peak(p, q, at_start)
    if q > p:
        assert bass_share(peak, p, q, at_start) == pytest.approx(0.5 * (1 - p / q))
    else:
        assert peak < 0


def test_bass_without_imitation_or_without_a_beginning():
    assert bass_share(3.0, 0.2, 0.0) == pytest.approx(1 - math.exp(-0.6)) and bass_peak(0.2, 0.0) == -math.inf
    assert bass_share(3.0, 0.0, 0.5) == 0.0 and bass_peak(0.0, 0.5) == math.inf


def test_bass_counted_now_and_then():
    """Each piece by its own equation; ever more counts lead to the curve, in proportion to the time between them."""
    p, q, at_start, every = 0.1, 0.9, 0.02, 0.75
    share, counted = at_start, 0.0
    for _ in range(8):
        piece = solve_ivp(lambda t, y, heard=counted: [(p + q * heard) * (1 - y[0])], (0, every), [share], rtol=1e-10)
        share = counted = piece.y[0, -1]
    assert bass_share_as_counted(8 * every, p, q, at_start, every) == pytest.approx(share, rel=1e-6)
    curve = bass_share(6.0, p, q, at_start)
    gaps = [curve - bass_share_as_counted(6.0, p, q, at_start, every) for every in (0.4, 0.2, 0.1, 0.001)]
    assert gaps[0] > gaps[1] > gaps[2] > 0 and gaps[1] / gaps[2] == pytest.approx(2, rel=0.1) and gaps[3] < 4e-4


@pytest.mark.parametrize("members", [1, 2, 3, 4, 7, 8])
@pytest.mark.parametrize("yes", [0.0, 0.3, 0.7, 1.0])
def test_agreement_by_all_ways_to_vote(members, yes):
    agreed = dict.fromkeys(("unanimous", "majority", "champion"), 0.0)
    for votes in itertools.product((True, False), repeat=members):
        chance = math.prod(yes if vote else 1 - yes for vote in votes)
        agreed["unanimous"] += chance * all(votes)
        agreed["majority"] += chance * (votes.count(True) > votes.count(False))
        agreed["champion"] += chance * (votes[0] and votes[-1])
    for rule, chance in agreed.items():
        assert agreement(rule, members, yes) == pytest.approx(chance)


def test_agreement_by_hand():
    assert agreement("majority", 3, 0.7) == pytest.approx(0.7**3 + 3 * 0.7**2 * 0.3)
    assert agreement("majority", 101, 0.6) > 0.97  # a large majority is nearly sure (Condorcet)
    assert agreement("unanimous", 8, 0.7) == pytest.approx(0.05764801)


def test_share_in_a_window():
    assert share_in_window(91, 7, 3) == pytest.approx(0.2)
    assert share_in_window(91, 7, 1) == pytest.approx(1 / 13)
    assert (share_in_window(91, 0, 5, 0.01), share_in_window(91, 91, 5, 0.01)) == (0, pytest.approx(1))
    assert share_in_window(91, 7, 3, 1e-9) == pytest.approx(0.2, rel=1e-6)


@pytest.mark.parametrize(("window", "intensity", "rate"), [(7, 3, 0.001), (21, 3, 0.02), (1, 20, 0.005), (30, 1, 0.1)])
@pytest.mark.parametrize("cycles", [1, 5])
def test_share_in_a_window_against_its_differential_equation(window, intensity, rate, cycles):
    """The stock left, and what closed in windows, from the start of the first cycle; piece by piece."""
    left, within = 1.0, 0.0
    for _ in range(cycles):
        for days, times in ((91 - window, 0), (window, intensity)):
            pace = rate * (times or 1)
            end = solve_ivp(lambda t, y, r=pace: [-r * y[0], r * y[0]], (0, days), [left, 0], rtol=1e-10, atol=1e-14)
            left = end.y[0, -1]
            within += end.y[1, -1] if times else 0.0
    assert share_in_window(91, window, intensity, rate) == pytest.approx(within / (1 - left), rel=1e-6)
