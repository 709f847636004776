"""Parts of what sets organisations apart, taken back, and people enough that nobody waits."""

import copy
import dataclasses

import pytest

import simulator as sim
from simulator.questions.frame.arms import without_description
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.differing import differing
from simulator.questions.frame.without_mechanism import never_waiting, parts_of, taken_back
from simulator.scenario.checked import check
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.schema import ScenarioError

BASE = sim.load_scenario("baseline")


def test_parts_are_the_mechanisms_in_which_organisations_differ():
    parts = {part.name: part.values for part in parts_of(check(BASE), "relay_race", "integrated")}
    assert REST not in parts and "quarter_end" not in parts and "tilt" not in parts
    assert list(parts) == [name for name in ORGANISATION_NEUTRAL if name in parts]
    assert parts["context"] == {"handoff.context_kept": (0.4, 0.9)}
    assert set(parts["budget"]) == {"budget.leads_weight", "budget.revenue_weight"}
    assert parts_of(check(BASE), "integrated", "integrated") == []


def test_a_mechanism_that_is_off_is_no_part():
    scenario = copy.deepcopy(BASE)
    scenario.mechanisms.context = False
    assert "context" not in {part.name for part in parts_of(check(scenario), "relay_race", "integrated")}


def test_all_else_is_one_part_and_taking_everything_back_makes_them_the_same():
    scenario = copy.deepcopy(BASE)
    scenario.organisations["integrated"].sales.attempts = 5
    scenario.organisations["integrated"].roles.sdr.headcount = 3
    parts = parts_of(check(scenario), "relay_race", "integrated")
    assert parts[-1].name == REST and parts[-1].values == {"roles.sdr.headcount": (2, 3), "sales.attempts": (3, 5)}
    only = taken_back(check(scenario), "relay_race", "integrated", parts[-1]).organisations["integrated"]
    assert not list(differing(only, BASE.organisations["integrated"]))
    for part in parts:
        scenario = taken_back(check(scenario), "relay_race", "integrated", part)
    one, other = (without_description(scenario.organisations[name]) for name in ("relay_race", "integrated"))
    assert one == other
    assert BASE.organisations["integrated"].sales.attempts == 3


def test_what_an_organisation_cannot_be_without_is_refused():
    scenario = copy.deepcopy(BASE)
    scenario.organisations["integrated"].roles.marketer.headcount = 0
    for name in ("relay_race", "aligned", "integrated"):
        scenario.organisations[name].access.education = "nobody"
        scenario.organisations[name].support.share = 0.0
        scenario.organisations[name].access.selection = "sdr"
    scenario.organisations["relay_race"].access.education = "marketer"
    (part,) = [part for part in parts_of(check(scenario), "relay_race", "integrated") if part.name == "access"]
    with pytest.raises(
        ScenarioError, match=r"study=twins, access of integrated taken back: .*organisations\.integrated\.roles"
    ):
        taken_back(check(scenario), "relay_race", "integrated", part)


def test_a_crowd_changes_how_many_people_there_are_and_nothing_else_that_they_do():
    crowded, times = never_waiting(check(BASE), "relay_race", "integrated")
    assert times == 20
    for name in ("relay_race", "integrated"):
        before, after = BASE.organisations[name], crowded.organisations[name]
        people = [
            sum(getattr(one.roles, role).headcount for role in ("marketer", "sdr", "rep")) for one in (before, after)
        ]
        assert people == [9, 180]
        hours = [
            one.coordination.hours_per_teammate_week * (n - 1) for one, n in zip((before, after), people, strict=True)
        ]
        assert hours[0] == pytest.approx(hours[1])
        assert after.roles.marketer.headcount / after.content.hours_per_asset == pytest.approx(3 / 24)
        assert {key for key, _, _ in differing(before, after)} == {
            "roles.marketer.headcount", "roles.sdr.headcount", "roles.rep.headcount", "content.hours_per_asset",
            "coordination.hours_per_teammate_week",
        }  # fmt: skip
    assert crowded.organisations["aligned"] == BASE.organisations["aligned"]


def test_a_crowd_is_held_by_what_the_schema_allows():
    scenario = copy.deepcopy(BASE)
    scenario.organisations["relay_race"].coordination.hours_per_teammate_week = 0.0
    scenario.organisations["relay_race"].roles.sdr.headcount = 1200
    assert never_waiting(check(scenario), "relay_race", "integrated")[1] == 4
    scenario.organisations["integrated"].content.hours_per_asset = 9000.0
    assert never_waiting(check(scenario), "relay_race", "integrated")[1] == 1
    changing = sim.load_scenario("transition")
    crowded, _ = never_waiting(check(changing), "relay_race", "changing")
    assert crowded.organisations["integrated"].roles == crowded.organisations["changing"].roles
    assert dataclasses.asdict(changing)["organisations"]["integrated"]["roles"]["sdr"]["headcount"] == 2
