"""What a buyer knows when it comes: the usual buyer, and who comes ready."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.model import buyer
from tests.model.cases import STANDARD_ERRORS, uniforms

inside = st.floats(2.0**-53, 1 - 2.0**-53)
share = st.floats(0, 1)


@given(inside, share, share)
def test_initial_uncertainty_lies_between_the_prior_and_everything(u: float, prior: float, ready: float) -> None:
    assert 1 - prior <= buyer.initial_uncertainty(u, False, prior, ready) <= 1.0


@given(inside, share, share)
def test_who_comes_ready_knows_at_least_so_much(u: float, prior: float, ready: float) -> None:
    assert 0.0 <= buyer.initial_uncertainty(u, True, prior, ready) <= 1 - ready


def test_knowledge_is_uniform_within_its_range() -> None:
    """Means of uniform numbers, by hand: half of the prior, and halfway between ``ready_knowledge`` and all."""
    u = np.array(uniforms(20_000, seed=9))
    for ready, mean in ((False, 1 - 0.4 / 2), (True, (1 - 0.6) / 2)):
        found = np.array([buyer.initial_uncertainty(one, ready, 0.4, 0.6) for one in u])
        assert abs(found.mean() - mean) < STANDARD_ERRORS * 0.4 / math.sqrt(12 * len(u))


def test_so_many_come_ready() -> None:
    u = uniforms(20_000, seed=10)
    share_ready = np.mean([buyer.comes_ready(one, 0.3) for one in u])
    assert abs(share_ready - 0.3) < STANDARD_ERRORS * math.sqrt(0.3 * 0.7 / len(u))
