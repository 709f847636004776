"""Teams that a payroll allows, spread over pods; points that nothing beats."""

import copy
import itertools

import numpy as np
import pytest

from simulator.questions.mix.candidates import (
    Headcount,
    affordable,
    by_spread,
    dominates,
    fronts,
    headcount_of,
    headcount_settings,
    nearest,
    pay_usd_per_year,
    spread,
)
from simulator.scenario.organisation import Organisation, Team
from tests.editing import set_at
from tests.results.fake_journeys import fake_scenario

PAYROLL = 1_209_000.0


def brute_force(payroll, tolerance, least=1, pay=(95_000, 82_000, 190_000)):
    """Every team within the tolerance, by trying all."""
    counts = itertools.product(range(15), range(least, 17), range(least, 9))
    near = [team for team in counts if abs(np.dot(team, pay) - payroll) <= tolerance * payroll]
    return {team for team in near if team[0] == 0 or team[0] >= least}


@pytest.mark.parametrize("tolerance", [0.0, 0.01, 0.03, 0.07])
def test_teams_are_those_of_trying_all(tolerance):
    found = set(affordable(Organisation(), PAYROLL, tolerance).values())
    assert found == brute_force(PAYROLL, tolerance) and Headcount(3, 2, 4) in found


def test_reps_take_what_is_left_to_the_nearest_one():
    wide = affordable(Organisation(), PAYROLL, 0.2)
    for (marketers, sdrs), team in wide.items():
        rest = PAYROLL - 95_000 * marketers - 82_000 * sdrs
        assert team.reps == max(1, int(rest / 190_000 + 0.5)) and team[:2] == (marketers, sdrs)
    assert {team[:2] for team in brute_force(PAYROLL, 0.2)} == set(wide)


def test_each_pod_needs_somebody_of_each_role():
    own = Organisation(teams={"a": Team(["x"], 2, 1, 2), "b": Team(["y"], 1, 1, 2)})
    assert set(affordable(own, PAYROLL, 0.03).values()) == brute_force(PAYROLL, 0.03, least=2)


def test_no_team_meets_a_payroll_that_pays_nobody():
    assert affordable(Organisation(), 100_000.0, 0.03) == {}


@pytest.mark.parametrize(
    ("people", "present", "expected"),
    [
        (6, [4, 2], [4, 2]), (3, [4, 2], [2, 1]), (5, [4, 2], [3, 2]), (7, [5, 1], [6, 1]), (2, [5, 1], [1, 1]),
        (4, [10, 1, 1], [2, 1, 1]), (3, [0, 0], [2, 1]), (0, [3, 2], [0, 0]), (5, [], []),
    ],
)  # fmt: skip
def test_people_are_spread_in_proportion(people, present, expected):
    assert spread(people, present) == expected


@pytest.mark.parametrize("people", range(2, 40))
def test_spreading_keeps_everybody_and_leaves_no_pod_empty(people):
    for present in ([7, 3], [1, 1], [20, 1]):
        parts = spread(people, present)
        assert sum(parts) == people and min(parts) >= 1


def child(node, key):
    return node[key] if isinstance(node, dict) else getattr(node, key)


def test_people_and_pods_are_set_together():
    scenario = fake_scenario("pods")
    scenario.organisations["pods"].teams = {"a": Team(["mid"], 2, 1, 3), "b": Team([], 1, 1, 1)}
    changed = copy.deepcopy(scenario)
    for path, value in headcount_settings(scenario, "pods", Headcount(6, 4, 8)).items():
        set_at(changed, path, value)
    changed = changed.organisations["pods"]
    assert headcount_of(changed) == (6, 4, 8) and pay_usd_per_year(changed.roles, Headcount(6, 4, 8)) == 2_418_000
    assert [(one.marketers, one.sdrs, one.reps) for one in changed.teams.values()] == [(4, 2, 6), (2, 2, 2)]
    assert headcount_of(scenario.organisations["pods"]) == (3, 2, 4)


def test_the_nearest_team_moves_the_least_pay():
    roles = Organisation().roles
    teams = {(1, 1): Headcount(1, 1, 9), (3, 5): Headcount(3, 5, 2)}
    assert nearest(teams, roles, 2, 2) == (1, 1, 9) and nearest(teams, roles, 3, 4) == (3, 5, 2)


def test_fronts_against_the_definition():
    points = np.random.default_rng(4).normal(size=(60, 3))
    found = fronts(points)
    assert sorted(itertools.chain(*found)) == list(range(60))
    for front, beaten in itertools.pairwise(found):
        assert not any(dominates(points[i], points[j]) for i in front for j in front)
        assert all(any(dominates(points[i], points[j]) for i in front) for j in beaten)


def test_equal_points_share_a_front():
    assert fronts(np.array([[1.0, 1.0], [1.0, 1.0], [2.0, 1.0]])) == [[0, 1], [2]]


def test_ends_come_first_then_the_loneliest():
    points = np.array([[0.0, 10.0], [1.0, 9.0], [1.1, 8.9], [6.0, 4.0], [10.0, 0.0]])
    assert by_spread(points, [0, 1, 2, 3, 4]) == [0, 4, 3, 2, 1]
