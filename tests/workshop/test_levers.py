"""Levers: what they move, where they stop, and what is refused, whatever a browser sends."""

import copy
from typing import Any

import pytest

from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.paths import value_at
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.workshop.levers import check_position, moved, overrides, refuse, settings_of, sliders
from simulator.workshop.settings import Lever
from tests.editing import set_at


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario("workshop")


def test_every_stop_of_every_shipped_lever_is_a_scenario_and_the_beginning_is_the_scenarios_own(
    scenario: Scenario,
) -> None:
    refuse(check(scenario))
    levers = sliders(scenario)
    assert moved(check(scenario), levers, {lever.key: lever.start for lever in levers}) == scenario
    assert {lever.organisation for lever in levers} == {"", *scenario.organisations}
    for lever in levers:
        for stop in lever.stops:
            assert set(stop.settings) == set(lever.stops[0].settings)
        assert all(value_at(scenario, path) == value for path, value in lever.stops[lever.start].settings.items())


def test_a_lever_moves_its_own_keys_of_its_own_organisation_and_nothing_else(scenario: Scenario) -> None:
    levers = sliders(scenario)
    expected = copy.deepcopy(scenario)
    expected.organisations["integrated"].handoff.sla_hours = 40.0
    for organisation in expected.organisations.values():
        organisation.roles.rep.headcount = 2
    for stage in ("education", "solution", "selection"):
        set_at(expected, f"organisations.relay_race.access.{stage}", "nobody")
    positions = {"sla/integrated": 4, "reps": 0, "access/relay_race": 0}
    assert moved(check(scenario), levers, positions) == expected


def test_overrides_say_the_same_to_the_command_line(scenario: Scenario) -> None:
    levers = sliders(scenario)
    positions = {"access/integrated": 1, "coordination/integrated": 5, "sdrs": 3, "heat": 0, "budget/relay_race": 2}
    told = overrides(levers, positions)
    assert load_scenario("workshop", told) == moved(check(scenario), levers, positions)
    assert overrides(levers, {lever.key: lever.start for lever in levers}) == []


def test_stops_read_with_their_units(scenario: Scenario) -> None:
    by_key = {lever.key: lever for lever in sliders(scenario)}
    texts = {key: [lever.text(i) for i in range(len(lever.stops))] for key, lever in by_key.items()}
    assert texts["pickup/integrated"][:2] == ["0 hours", "1 hour"]
    assert texts["context/relay_race"][2] == "40%"
    assert texts["inquiries"][1] == "3,000 a year"
    assert texts["access/aligned"] == ["nobody", "SDRs late", "SDRs", "everybody"]


def test_a_value_that_no_stop_names_is_a_stop_of_its_own(scenario: Scenario) -> None:
    changed = load_scenario("workshop", ["organisations.integrated.handoff.sla_hours=7.5",
                                         "organisations.aligned.access.education=sdr"])  # fmt: skip
    by_key = {lever.key: lever for lever in sliders(changed)}
    assert by_key["sla/integrated"].text(by_key["sla/integrated"].start) == "7.5 hours"
    assert by_key["access/aligned"].text(by_key["access/aligned"].start) == "as it is"


NONSENSE = [
    ("nothing", 0, "a lever must be one of"),
    (None, 0, "a lever must be one of"),
    (["sla/integrated"], 0, "a lever must be one of"),
    ("sla/integrated", 99, "0 to 5, got 99"),
    ("sla/integrated", -1, "0 to 5, got -1"),
    ("sla/integrated", 2.0, "got 2.0"),
    ("sla/integrated", True, "got True"),
    ("sla/integrated", "2", "got '2'"),
    ("sla/integrated", None, "got None"),
    ("sla/integrated", float("nan"), "got nan"),
    ("<script>" * 10_000, 0, "a lever must be one of"),
]


@pytest.mark.parametrize(("key", "position", "said"), NONSENSE)
def test_what_no_slider_sends_is_refused_in_one_short_line(
    scenario: Scenario, key: object, position: object, said: str
) -> None:
    by_key = {lever.key: lever for lever in sliders(scenario)}
    with pytest.raises(ScenarioError) as refused:
        check_position(by_key, key, position)
    assert said in str(refused.value) and "\n" not in str(refused.value) and len(str(refused.value)) < 200


SHARE, RIVALS, ACCESS = "organisations.*.support.share", "market.rivals.count", "organisations.*.access.education"

REFUSED = [
    ({}, "workshop.levers.x must have either a path with stops or options, got neither"),
    ({"path": RIVALS, "options": {"a": ["support.share=0"]}}, "options, got both"),
    ({"path": "organisations.*.handoff.sla_hour"}, "did you mean organisations.*.handoff.sla_hours?"),
    ({"path": "run.seed"}, "must be a key below market, organisations or economics"),
    ({"path": RIVALS, "stops": [1]}, "must be organisations.*.<key> with each=true"),
    ({"path": RIVALS, "stops": [1.5], "each": False}, f"must be whole numbers for {RIVALS}, got 1.5"),
    (
        {"path": SHARE, "stops": [0, 2]},
        "must lie in the range of organisations.relay_race.support.share, 0 to 1, got 2",
    ),
    ({"path": SHARE, "stops": [0, 1], "each": False}, "must be a key that all organisations set alike"),
    ({"path": ACCESS, "stops": [0]}, "must be the key of a number"),
    ({"path": RIVALS, "stops": [3], "each": False}, "must name at least two values, got 1"),
    ({"options": {"a": ["support.share"], "b": []}}, "must be settings key=value, got 'support.share'"),
    ({"options": {"a": ["support.share=0"]}}, "must name at least two, got 1"),
    ({"options": {"a": ["support.share=0"], "b": ["tilt.hours=0"]}}, "must each set the same keys"),
    ({"options": {"a": ["support.share=much"], "b": []}}, "must give support.share a number, got 'much'"),
    ({"options": {"a": ["support.share=0"], "b": ["support.share=7"]}}, "support.share must lie in [0, 1], got 7"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_a_lever_that_cannot_be_is_refused_in_one_line(scenario: Scenario, given: dict[str, Any], said: str) -> None:
    changed = copy.deepcopy(scenario)
    changed.workshop.levers = {"x": Lever(**given)}
    with pytest.raises(ScenarioError) as refused:
        refuse(check(changed))
    assert said in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("setting", ["compare.organisations=[relay_race]", "run.replications=1"])
def test_a_workshop_without_anything_to_compare_or_without_intervals_is_refused(setting: str) -> None:
    with pytest.raises(ScenarioError, match=f"{setting.partition('=')[0]} must"):
        refuse(check(load_scenario("workshop", [setting])))


def test_a_workshop_without_levers_is_refused_with_what_to_say(scenario: Scenario) -> None:
    with pytest.raises(ScenarioError, match="at least one lever, got none: say scenario=workshop"):
        refuse(check(load_scenario("baseline")))


def test_settings_of_levers_that_stand_where_they_stood_are_none(scenario: Scenario) -> None:
    levers = sliders(scenario)
    assert settings_of(levers, {"sla/integrated": 1}) == {}
    assert settings_of(levers, {"sla/integrated": 0}) == {"organisations.integrated.handoff.sla_hours": 2.0}
