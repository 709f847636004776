"""Guesses: what is taken, what is refused, and who was nearest."""

import numpy as np
import pytest

from simulator.results.estimate import Estimate
from simulator.scenario.schema import ScenarioError
from simulator.workshop.rounds import Lead
from simulator.workshop.session import Guess, checked, ranked

NAMES = ("relay_race", "integrated")


def leading(points: float, spread: float) -> Lead:
    """The integrated team leads by so many points."""
    around = points + spread * np.linspace(-1, 1, 10)
    return Lead("integrated", "relay_race", Estimate(points / 100, around / 100))


def test_a_guess_is_taken_as_it_was_sent() -> None:
    assert checked(NAMES, " Ada ", "integrated", "1.25") == Guess("Ada", "integrated", 1.25)
    assert checked(NAMES, "", "", None) == Guess("", "", 0.0)
    assert checked(NAMES, "<b>Bo</b>\x00\n", "relay_race", 0) == Guess("<b>Bo</b>", "relay_race", 0.0)


@pytest.mark.parametrize(
    ("name", "first", "points"),
    [
        ("Ada", "nobody", 1), ("Ada", None, 1), (None, "integrated", 1), ("Ada", "integrated", ""),
        ("Ada", "integrated", "much"), ("Ada", "integrated", "nan"), ("Ada", "integrated", "inf"),
        ("Ada", "integrated", -0.1), ("Ada", "integrated", 51), ("Ada", "integrated", True),
        ("Ada", "integrated", None), ("A" * 41, "integrated", 1), ("Ada", "integrated", "1" * 5000),
        (["Ada"], "integrated", 1), ("Ada", {"first": 1}, 1),
    ],
)  # fmt: skip
def test_what_is_no_guess_is_refused_in_one_line(name: object, first: object, points: object) -> None:
    with pytest.raises(ScenarioError) as refused:
        checked(NAMES, name, first, points)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 120


def test_the_nearest_is_who_named_the_winner_and_was_least_off() -> None:
    lead = leading(0.6, 0.01)
    near, far = Guess("near", "integrated", 0.5), Guess("far", "integrated", 3)
    wrong, level = Guess("wrong", "relay_race", 0.1), Guess("level", "", 0)
    assert [guess.distance(lead) for guess in (near, far, wrong, level)] == pytest.approx([0.1, 2.4, 0.7, 0.6])
    assert [guess.name for guess in ranked([wrong, far, level, near], lead)] == ["near", "far", "level", "wrong"]


def test_where_nobody_leads_for_sure_those_who_saw_no_difference_are_right() -> None:
    lead = leading(0.1, 5.0)
    assert not lead.sure
    assert Guess("", "", 0).is_right(lead) and not Guess("", "integrated", 0.1).is_right(lead)
