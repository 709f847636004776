"""The library: what is asked, what a brief names, how pieces match and age; compiled against Python."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator.model import content
from simulator.model.numerics import DAY_US
from simulator.model.sizes import MAX_SEGMENTS
from simulator.model.words import FORMATS, TOPICS
from tests.model.cases import assert_compiled_equals_python, functions_of, grid, uniforms

share = st.floats(0, 1)
LEAST, MOST = 2.0**-53, 1 - 2.0**-53
US = [LEAST, 0.5, MOST, *uniforms(40, seed=1)]
SHARES = [0.0, 1.0, 0.25, *uniforms(8, seed=2)]
BITS = [0.0, 0.5, 1.0, 2.0, 3.0, 3.3, 10.0]
HEARD = [np.array(counts, np.int64) for counts in ([3, 0, 5, 0, 2], [0, 0, 1, 0, 0], [7, 1, 1, 0, 0])]

CASES: dict[str, list[tuple[Any, ...]]] = {
    "cell_of": grid(range(TOPICS), range(MAX_SEGMENTS), range(FORMATS)),
    "one_of": grid(US, [1, 3, 4, 8, 16]),
    "guessed_topic": grid(US, [1.0, 2.0, 10.0]),
    "bits_for": grid(range(1, 17)),
    "hit_chance": grid(BITS, range(1, 17)),
    "drawn_cell": [(u, heard, int(heard.sum())) for u in US for heard in HEARD],
    "freshness": grid([0, 1, 30 * DAY_US, 720 * DAY_US + 5, 40_000 * DAY_US], [1.0, 720.0, 36_500.0]),
    "match": grid(SHARES, [False, True], [False, True], SHARES, SHARES),
    "talk_relevance": grid(SHARES, SHARES),
}


@pytest.mark.parametrize("name", CASES)
def test_compiled_equals_python(name: str) -> None:
    assert_compiled_equals_python(getattr(content, name), CASES[name])


def test_every_function_is_compared() -> None:
    assert set(CASES) == functions_of(content)


# --- Questions --------------------------------------------------------------------------------------------------------


def test_every_question_has_a_cell_of_its_own() -> None:
    """And it can be read back, as a brief does."""
    questions = list(itertools.product(range(TOPICS), range(MAX_SEGMENTS), range(FORMATS)))
    cells = [content.cell_of(*question) for question in questions]
    assert sorted(cells) == list(range(content.CELLS))
    for cell, question in zip(cells, questions, strict=True):
        assert (cell // (MAX_SEGMENTS * FORMATS), cell // FORMATS % MAX_SEGMENTS, cell % FORMATS) == question


def test_questions_are_drawn_as_often_as_they_were_heard() -> None:
    """Against NumPy: the first cell whose cumulative count exceeds the number drawn."""
    draw = np.random.Generator(np.random.PCG64(3))
    for _ in range(20):
        heard = draw.integers(0, 4, 40)
        heard[draw.integers(0, 40)] += 1
        total = int(heard.sum())
        for u in [LEAST, MOST, *uniforms(50, seed=4)]:
            expected = int(np.searchsorted(np.cumsum(heard), int(u * total), side="right"))
            assert content.drawn_cell(u, heard, total) == expected and heard[expected] > 0


def test_guesses_are_spread_evenly() -> None:
    for options in (3, 8):
        counts = np.bincount([content.one_of(u, options) for u in uniforms(30_000, seed=5)], minlength=options)
        assert counts.size == options and stats.chisquare(counts).pvalue > 1e-6
    assert content.one_of(MOST, 16) == 15 and content.one_of(LEAST, 16) == 0


# --- Briefs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [1, 2, 3, 4, 8, 16])
def test_each_bit_halves_the_candidates(options: int) -> None:
    """By enumeration: the brief decides with chance h, else each option is guessed alike; right in 2^bits of n."""
    for bits in (0.0, 0.5, 1.0, 1.585, 2.0, 3.0, 4.0, 10.0):
        hit = content.hit_chance(bits, options)
        assert 0.0 <= hit <= 1.0
        briefed = 0
        right = sum((hit if option == briefed else 0.0) + (1.0 - hit) / options for option in [briefed])
        others = sum((1.0 - hit) / options for option in range(options) if option != briefed)
        assert right + others == pytest.approx(1.0)
        assert right == pytest.approx(min(1.0, 2.0**bits / options), rel=1e-12)


def test_the_bits_that_name_an_option_are_enough_for_it() -> None:
    for options in range(1, 17):
        assert content.bits_for(options) == pytest.approx(math.log2(options))
        assert content.hit_chance(content.bits_for(options), options) == pytest.approx(1.0)
    assert content.bits_for(TOPICS) + content.bits_for(MAX_SEGMENTS) + content.bits_for(FORMATS) < 10.0, "so 10 do"


# --- Pieces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("halves", [0, 1, 2, 5])
def test_half_of_the_match_is_gone_after_a_half_life(halves: int) -> None:
    assert content.freshness(halves * 300 * DAY_US, 300.0) == pytest.approx(0.5**halves, rel=1e-14)


def test_match_at_known_points() -> None:
    assert content.match(0.8, True, True, 0.3, 0.2) == 0.8
    assert content.match(0.8, False, True, 0.3, 0.2) == pytest.approx(0.8 * 0.7)
    assert content.match(0.8, True, False, 0.3, 0.2) == pytest.approx(0.8 * 0.8)
    assert content.match(0.8, False, False, 0.3, 0.2) == pytest.approx(0.8 * 0.7 * 0.8)
    assert content.match(0.8, False, True, 1.0, 0.2) == 0.0


@given(share, share, share, st.booleans(), st.booleans())
def test_a_piece_for_others_never_matches_better(
    value: float, segment: float, form: float, same_segment: bool, same_form: bool
) -> None:
    found = content.match(value, same_segment, same_form, segment, form)
    assert 0.0 <= found <= content.match(value, True, True, segment, form) == value
    assert content.match(value, same_segment, same_form, 0.0, 0.0) == value


def test_a_talk_hangs_on_its_piece_as_far_as_stated() -> None:
    assert content.talk_relevance(0.3, 1.0) == 1.0
    assert content.talk_relevance(0.3, 0.0) == pytest.approx(0.7)
    assert content.talk_relevance(0.3, 0.5) == pytest.approx(0.85)
    assert content.talk_relevance(0.0, 0.0) == 1.0


@given(share, share, share)
def test_a_better_piece_makes_no_worse_talk(hangs: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert 0.0 <= content.talk_relevance(hangs, low) <= content.talk_relevance(hangs, high) <= 1.0


@pytest.mark.parametrize("lean", [1.0, 2.0, 3.7])
def test_guessed_topics_lean_to_the_early_stages(lean: float) -> None:
    drawn = np.bincount([content.guessed_topic(u, lean) for u in uniforms(20_000, seed=9)], minlength=TOPICS)
    expected = 20_000 * np.diff((np.arange(TOPICS + 1) / TOPICS) ** (1.0 / lean))
    assert stats.chisquare(drawn, expected).pvalue > 1e-6
    assert content.guessed_topic(MOST, lean) == TOPICS - 1 and content.guessed_topic(LEAST, lean) == 0
    assert content.guessed_topic(MOST, 1e-9) == TOPICS - 1  # where the power rounds to 1
