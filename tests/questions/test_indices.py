"""Indices beside functions whose indices are known, and beside SALib."""

import numpy as np
import pytest
from scipy.stats import binomtest

from simulator.questions.frame.shares import share
from simulator.questions.sensitivity.indices import (
    effects,
    morris_design,
    morris_indices,
    share_of_luck,
    sobol_design,
    sobol_indices,
)


def ishigami(units, a=7.0, b=0.1):
    x = (2 * units - 1) * np.pi
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def no_luck(response):
    return np.stack([response] * 3)


def test_sobol_indices_of_ishigamis_function():
    units = sobol_design(4, 1024, seed=3)
    found = sobol_indices(4, ishigami(units), no_luck(ishigami(units)), 300, seed=1)
    # Ishigami and Homma 1990, a = 7, b = 0.1; the fourth parameter does nothing
    assert found.first == pytest.approx([0.3139, 0.4424, 0.0, 0.0], abs=0.02)
    assert found.total == pytest.approx([0.5576, 0.4424, 0.2437, 0.0], abs=0.02)
    for value, half, true in ((found.first, found.first_half, [0.3139, 0.4424, 0, 0]),
                              (found.total, found.total_half, [0.5576, 0.4424, 0.2437, 0])):  # fmt: skip
        assert (np.abs(value - true) <= half + 1e-9).all(), "the intervals hold the truth"
    assert found.total[3] == 0 and (found.first_luck < 1e-9).all() and (found.total_luck < 1e-9).all()


def test_sobol_indices_of_a_sum_and_a_product():
    units = sobol_design(3, 512, seed=1)
    found = sobol_indices(3, 3 * units[:, 0] + units[:, 1], np.zeros((0, 0)), 200, seed=0)
    assert found.first == pytest.approx([0.9, 0.1, 0], abs=0.01), "variances 9/12 and 1/12"
    product = (units[:, 0] - 0.5) * (units[:, 1] - 0.5)
    found = sobol_indices(3, product, np.zeros((0, 0)), 200, seed=0)
    assert found.first == pytest.approx([0, 0, 0], abs=0.05) and found.total == pytest.approx([1, 1, 0], abs=0.05)


def test_effects_of_a_linear_response_are_its_slopes():
    units = morris_design(4, 10, 4, seed=2)
    response = units @ [2.0, -3.0, 0.5, 0.0]
    found = morris_indices(units, response, no_luck(response), 4, 200, seed=0)
    assert found.mu == pytest.approx([2, -3, 0.5, 0]) and found.mu_star == pytest.approx([2, 3, 0.5, 0])
    assert found.sigma == pytest.approx(np.zeros(4), abs=1e-9) and found.luck == pytest.approx(np.zeros(4), abs=1e-9)
    assert found.mu_star[3] == 0


def test_sigma_sees_an_interaction():
    units = morris_design(3, 400, 4, seed=5)
    response = units[:, 0] * units[:, 1]
    found = morris_indices(units, response, no_luck(response), 4, 200, seed=0)
    # the effect of one is where the other stands: on 0, 1/3, 2/3 or 1, with mean 1/2 and variance 5/36
    assert found.mu_star == pytest.approx([0.5, 0.5, 0], abs=0.05)
    assert found.sigma == pytest.approx([np.sqrt(5) / 6, np.sqrt(5) / 6, 0], abs=0.03)


def test_effects_are_salibs():
    units = morris_design(3, 50, 6, seed=8)
    response = ishigami(units)
    found = morris_indices(units, response, no_luck(response), 6, 100, seed=0)
    own = effects(units, response)
    assert own.mean(axis=0) == pytest.approx(found.mu) and np.abs(own).mean(axis=0) == pytest.approx(found.mu_star)
    assert own.std(axis=0, ddof=1) == pytest.approx(found.sigma)
    assert effects(units, np.stack([response, 2 * response])) == pytest.approx(np.stack([own, 2 * own]))


def replicated(true, noise):
    """A mean over replications, and the means without each; noise is float[replications, points]."""
    runs = true + noise
    return runs.mean(axis=0), (runs.sum(axis=0) - runs) / (len(runs) - 1)


def test_luck_that_all_points_share_counts_for_nothing():
    rng = np.random.default_rng(1)
    true = rng.normal(size=2000)
    shared, own = rng.normal(scale=3, size=(5, 1)), rng.normal(scale=1.5, size=(5, 2000))
    assert share_of_luck(*replicated(true, shared + 0 * own)) == pytest.approx(0, abs=1e-12)
    variance = 1.5**2 / 5  # of a mean over 5 replications, beside 1 of what is true
    assert share_of_luck(*replicated(true, shared + own)) == pytest.approx(variance / (1 + variance), abs=0.02)
    assert np.isnan(share_of_luck(np.zeros(9), np.zeros((4, 9))))


def test_the_effect_of_luck_is_what_noise_alone_shows():
    rng = np.random.default_rng(2)
    units = morris_design(5, 200, 4, seed=1)
    response, left_out = replicated(np.zeros(len(units)), rng.normal(size=(6, len(units))))
    found = morris_indices(units, response, left_out, 4, 100, seed=0)
    assert found.luck == pytest.approx(found.mu_star, rel=0.15)


def test_no_variance_and_no_estimate_are_not_taken_apart():
    for response in (np.zeros(20), np.full(20, np.nan)):
        assert np.isnan(sobol_indices(3, response, np.stack([response] * 2), 100, seed=0).first).all()
    units = morris_design(3, 4, 4, seed=0)
    assert (morris_indices(units, np.zeros(16), np.zeros((2, 16)), 4, 100, seed=0).mu_star == 0).all()


# --- shares -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hits", "count"), [(0, 20), (7, 20), (20, 20)])
def test_a_share_of_independent_points_is_clopper_and_pearsons(hits, count):
    found = share(np.arange(count) < hits)
    exact = binomtest(hits, count).proportion_ci(0.95, method="exact")
    assert (found.value, found.low, found.high) == pytest.approx((hits / count, exact.low, exact.high))


def test_points_of_a_block_count_once_if_they_are_all_alike():
    blocks = np.array([True] * 12 + [False] * 28)
    found, once = share(np.repeat(blocks, 10), block=10), share(blocks)
    assert found.value == once.value
    assert (found.low, found.high) == pytest.approx((once.low, once.high), abs=0.02)
    everywhere = share(np.ones(400, dtype=bool), block=10)
    assert everywhere.low == pytest.approx(share(np.ones(40, dtype=bool)).low), "no more than blocks"
    mixed = share(np.tile([True, False], 200), block=10)
    assert mixed.low == pytest.approx(share(np.arange(40) < 20).low), "blocks that are all alike"


def test_a_share_of_nothing():
    assert np.isnan(share(np.zeros(0, dtype=bool)).value)
