import numpy as np
import pytest
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight

from simulator.results.survival import cumulative_incidence, incidence_at, masses, order, quantiles
from tests.results import naive

WON, LOST = 1, 2


def ordered(durations, codes):
    durations, codes = np.asarray(durations), np.asarray(codes)
    taken = order(durations, codes)
    return durations[taken], codes[taken]


def sample(seed, n=60, ties=True):
    rng = np.random.default_rng(seed)
    durations = rng.integers(1, 25, n) if ties else rng.permutation(1000)[:n]
    return durations, rng.integers(0, 4, n)


def test_by_hand():
    # 6 at risk; 1 won, 2 lost, 3 won and censored (censoring after), 5 lost, 6 won
    times, incidence = cumulative_incidence([1, 2, 3, 3, 5, 6], [1, 2, 1, 0, 2, 1], WON)
    assert times.tolist() == [1, 2, 3, 5, 6]
    # 1/6; S = 4/6 before 3, 4 at risk: + 1/6; S = 1/2 before 5, 2 at risk, lost: S = 1/4; at 6: + 1/4
    assert incidence == pytest.approx([1 / 6, 1 / 6, 2 / 6, 2 / 6, 2 / 6 + 1 / 4])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ties", [True, False])
def test_against_the_textbook(seed, ties):
    durations, codes = sample(seed, ties=ties)
    for event in (1, 2, 3):
        times, incidence = cumulative_incidence(durations, codes, event)
        expected = naive.aalen_johansen(durations.tolist(), codes.tolist(), event)
        assert times.tolist() == list(expected)
        assert incidence == pytest.approx(list(expected.values()), abs=1e-12)
        levels = [0.1, 0.25, 0.5, 0.75, 1.0]
        found = quantiles(*ordered(durations, codes), event, levels)
        assert found.tolist() == [naive.quantile(durations.tolist(), codes.tolist(), event, q) for q in levels]


@pytest.mark.parametrize("seed", range(6))
def test_against_an_independent_library(seed):
    """statsmodels' cumulative incidence with competing risks, ties included."""
    durations, codes = sample(seed, n=200)
    independent = CumIncidenceRight(durations.astype(float), codes)
    for event in (1, 2, 3):
        times, incidence = cumulative_incidence(durations, codes, event)
        expected = np.interp(times, independent.times, independent.cinc[event - 1])
        assert incidence == pytest.approx(expected, abs=1e-12)


def test_without_censoring_it_is_the_plain_share():
    durations, codes = sample(3)
    codes = np.where(codes == 0, 3, codes)
    times, incidence = cumulative_incidence(durations, codes, WON)
    assert incidence == pytest.approx([np.mean((durations <= t) & (codes == WON)) for t in times])
    median = quantiles(*ordered(durations, codes), WON, 0.5)
    assert median == np.quantile(durations[codes == WON], 0.5, method="inverted_cdf")


def test_one_risk_is_kaplan_meier():
    durations, codes = sample(4)
    codes = np.minimum(codes, 1)
    times, incidence = cumulative_incidence(durations, codes, WON)
    censored = stats.CensoredData(uncensored=durations[codes == 1], right=durations[codes == 0])
    expected = stats.ecdf(censored).sf.evaluate(times)
    assert 1 - incidence == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_incidences_and_survival_add_up_to_one(seed):
    durations, codes = sample(seed)
    total = sum(cumulative_incidence(durations, codes, event)[1] for event in (1, 2, 3))
    _, any_end = cumulative_incidence(durations, np.minimum(codes, 1), 1)
    assert total == pytest.approx(any_end)


def test_on_a_grid_and_in_any_order():
    durations, codes = sample(5)
    times, incidence = cumulative_incidence(durations, codes, LOST)
    shuffled = np.random.default_rng(0).permutation(len(durations))
    again = cumulative_incidence(durations[shuffled], codes[shuffled], LOST)[1]
    assert again.tolist() == incidence.tolist()
    assert incidence_at(*ordered(durations, codes), LOST, times) == pytest.approx(incidence)
    assert incidence_at(*ordered(durations, codes), LOST, np.array([0]))[0] == 0


def test_nothing_to_estimate_from():
    empty = np.array([], dtype=np.int64)
    assert len(masses(empty, WON)) == 0
    assert np.isnan(quantiles(empty, empty, WON, [0.5])).all()
    assert np.isnan(quantiles(np.array([3, 4]), np.array([0, 2]), WON, [0.5])).all()
    assert [len(part) for part in cumulative_incidence([], [], WON)] == [0, 0]


def test_rounding_moves_no_median_of_a_large_sample():
    # an even number of hits: the median is the lower of the two in the middle, wherever a long sum would end up
    for n in (236_496, 400_000, 1_000_000):
        durations = np.arange(n) * 7
        assert quantiles(durations, np.ones(n, dtype=np.int8), WON, 0.5) == durations[n // 2 - 1]
