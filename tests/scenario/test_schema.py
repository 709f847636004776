"""The schema states every parameter fully, and what contradicts it is refused in the schema's words."""

import copy
import dataclasses
import re
import typing
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

import pytest

from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.mechanisms import (
    MARKET_NEUTRAL,
    ORGANISATION_NEUTRAL,
    OWNED_PATHS,
    Mechanisms,
    neutral_values,
)
from simulator.scenario.organisation import Organisation, Team
from simulator.scenario.paths import hint_at
from simulator.scenario.scenario import Scenario, check_equal_payroll
from simulator.scenario.schema import ScenarioError, described, parameter, taken

PARAMETERS = dict(described(Scenario))


@cache
def _baseline() -> Scenario:
    return load_scenario("baseline")


@pytest.fixture
def scenario() -> Scenario:
    return copy.deepcopy(_baseline())


def _leaves(node: object, path: str = "") -> dict[str, object]:
    if dataclasses.is_dataclass(node):
        pairs = [(field.name, getattr(node, field.name)) for field in dataclasses.fields(node)]
    elif isinstance(node, dict):
        pairs = list(node.items())
    else:
        return {path: node}
    return {key: leaf for name, value in pairs for key, leaf in _leaves(value, f"{path}.{name}".lstrip(".")).items()}


def _set(node: Any, path: str, value: object) -> None:
    *parents, leaf = path.split(".")
    for parent in parents:
        node = node[parent] if isinstance(node, dict) else getattr(node, parent)
    setattr(node, leaf, value)


@pytest.mark.parametrize("path", PARAMETERS)
def test_every_parameter_says_what_it_is(path: str) -> None:
    about = PARAMETERS[path].metadata
    assert about["doc"] and about["source"]
    for suffix, unit in {"_usd": "usd", "_days": "days", "_hours": "hours", "_minutes": "minutes"}.items():
        if path.endswith(suffix):
            assert about["unit"] == unit


@pytest.mark.parametrize("path", [path for path, field in PARAMETERS.items() if field.metadata["choices"]])
def test_every_choice_is_checked(path: str, scenario: Scenario) -> None:
    where = path.replace("<name>", "relay_race")
    _set(scenario, where, ["nonsense"] if typing.get_origin(hint_at(Scenario, path)) is list else "nonsense")
    with pytest.raises(ScenarioError, match=f"{re.escape(where)} must be one of .*, got 'nonsense'"):
        check(scenario)


def _ends() -> list[tuple[str, str]]:
    bounded = [(path, end) for path, field in PARAMETERS.items() for end in ("low", "high")
               if field.metadata[end] is not None and "teams" not in path]  # fmt: skip
    return bounded


@pytest.mark.parametrize(("path", "end"), _ends())
def test_every_range_is_checked_at_its_ends(path: str, end: str, scenario: Scenario) -> None:
    name = {"organisations": "aligned", "market.channels": "referral", "market.segments": "small"}
    where = path.replace("<name>", name.get(path.partition(".<")[0], ""))
    bound = PARAMETERS[path].metadata[end]
    several = typing.get_origin(hint_at(Scenario, path)) is list
    _set(scenario, where, [bound] if several else bound)
    taken(scenario, Scenario)
    beyond = bound + (1 if end == "high" else -1)
    _set(scenario, where, [beyond] if several else beyond)
    with pytest.raises(ScenarioError, match=rf"^{re.escape(where)} must .*, got "):
        taken(scenario, Scenario)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_are_finite(value: float, scenario: Scenario) -> None:
    scenario.market.fit_mean_logit = value
    with pytest.raises(ScenarioError, match=r"market.fit_mean_logit must be finite, got -?(nan|inf)"):
        check(scenario)


def test_ranges_reach_into_lists_and_half_open_ranges() -> None:
    node = dataclasses.make_dataclass("Node", [("numbers", list[float], parameter(list, "some numbers", high=2))])
    taken(node([1.0, 2.0]), node)
    with pytest.raises(ScenarioError, match=r"^numbers must be at most 2, got 3.0$"):
        taken(node([1.0, 3]), node)


CONTRADICTIONS: dict[str, tuple[dict[str, object], str]] = {
    "no segments": ({"market.segments": {}}, "market.segments must name at least one segment, got none"),
    "no channels": ({"market.channels": {}}, "market.channels must name at least one channel, got none"),
    "no organisations": ({"organisations": {}}, "organisations must name at least one organisation, got none"),
    "complexity upside down": (
        {"market.segments.small.complexity_low": 0.9},
        "market.segments.small.complexity_low must be at most complexity_high 0.45, got 0.9",
    ),
    "closed before it opens": (
        {"organisations.aligned.calendar.opens_hour": 17},
        "organisations.aligned.calendar.opens_hour must be before closes_hour 17, got 17",
    ),
    "nobody sells": (
        {"organisations.aligned.roles.rep.headcount": 0},
        "organisations.aligned.roles.rep.headcount must be at least 1 while",
    ),
    "nobody calls": (
        {"organisations.aligned.roles.sdr.headcount": 0},
        "organisations.aligned.roles.sdr.headcount must be at least 1 to work passed leads, got 0",
    ),
    "no marketer answers": (
        {"organisations.integrated.roles.marketer.headcount": 0},
        "organisations.integrated.roles.marketer.headcount must be at least 1 while marketers answer",
    ),
    "only meetings": (
        {"organisations.integrated.coordination.hours_per_teammate_week": 6.0},
        "organisations.integrated.coordination.hours_per_teammate_week must leave a tenth of the working day",
    ),
    "reps who only work for marketing": (
        {
            "organisations.aligned.tilt.hours": -0.9,
            "organisations.aligned.roles.rep.own_work_share": 0.9,
            "mechanisms.tilt": True,
        },
        "organisations.aligned.tilt.hours must leave reps at least 5 minutes of the working day for buyers, "
        "got -0.9 of 0.",
    ),
    "a library without end": (
        {
            "organisations.aligned.content.assets_at_start": 0,
            "organisations.aligned.content.hours_per_asset": 0.5,
            "organisations.aligned.content.making_share": 1.0,
            "run.follow_up_days": 36_500,
        },
        "organisations.aligned.content.hours_per_asset must let the run make fewer than 200,000 assets, got 0.5",
    ),
    "an unknown organisation": (
        {"compare.organisations": ["relay_race", "pods"]},
        "compare.organisations must name organisations of the scenario (relay_race, aligned, integrated), got 'pods'",
    ),
    "an organisation twice": (
        {"compare.organisations": ["aligned", "aligned"]},
        "compare.organisations must name each organisation once, got aligned, aligned",
    ),
    "teams without everybody": (
        {"organisations.aligned.teams": {"a": Team(["small", "medium", "large"], marketers=3, sdrs=2, reps=3)}},
        "organisations.aligned.teams.<name>.reps must add up to the headcount 4, got 3",
    ),
    "teams without a segment": (
        {"organisations.aligned.teams": {"a": Team(["small", "medium"], marketers=3, sdrs=2, reps=4)}},
        "organisations.aligned.teams.<name>.segments must hold each segment once, got 'large' 0 times",
    ),
    "quality upside down": (
        {"organisations.aligned.content.quality_low": 0.9, "organisations.aligned.content.quality_high": 0.4},
        "organisations.aligned.content.quality_low must be at most quality_high 0.4, got 0.9",
    ),
    "doubts upside down": (
        {"market.group.doubt_low": 0.75, "market.group.doubt_high": 0.25},
        "market.group.doubt_low must be at most doubt_high 0.25, got 0.75",
    ),
    "a budget that follows nothing": (
        {f"organisations.aligned.budget.{name}": 0.0 for name in ("leads_weight", "pipeline_weight", "revenue_weight")}
        | {"organisations.aligned.budget.shift": 0.1, "mechanisms.budget": True},
        "organisations.aligned.budget.leads_weight, pipeline_weight and revenue_weight must add up to more than 0, "
        "got 0",
    ),
    "a change to an unknown organisation": (
        {"organisations.aligned.reorganisation.to": "pods"},
        "organisations.aligned.reorganisation.to must name another organisation (relay_race, integrated), got 'pods'",
    ),
    "a change to itself": (
        {"organisations.aligned.reorganisation.to": "aligned"},
        "organisations.aligned.reorganisation.to must name another organisation (relay_race, integrated), "
        "got 'aligned'",
    ),
    "a chain of changes": (
        {
            "organisations.relay_race.reorganisation.to": "aligned",
            "organisations.aligned.reorganisation.to": "integrated",
        },
        "organisations.relay_race.reorganisation.to must name an organisation that stays, got 'aligned'",
    ),
    **{
        f"a change of {part}": (
            {"organisations.aligned.reorganisation.to": "integrated", f"organisations.integrated.{path}": value},
            f"organisations.aligned.reorganisation.to must name an organisation with the same {part}, got 'integrated'",
        )
        for part, path, value in (
            ("roles", "roles.rep.skill", 1.5),
            ("teams", "teams", {"a": Team(["small", "medium", "large"], marketers=3, sdrs=2, reps=4)}),
            ("calendar", "calendar.opens_hour", 8.0),
            ("review_days", "review_days", 28.5),
        )
    },
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_contradictory_settings_are_refused(case: str, scenario: Scenario) -> None:
    changes, message = CONTRADICTIONS[case]
    check(scenario)
    for path, value in changes.items():
        _set(scenario, path, value)
    with pytest.raises(ScenarioError) as refused:
        check(scenario)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_what_contradicts_nothing_is_accepted(scenario: Scenario) -> None:
    """Ends that meet, a signal without a shift, and a change to an organisation that stays."""
    content, group = scenario.organisations["aligned"].content, scenario.market.group
    content.quality_low = content.quality_high = 0.5
    group.doubt_low = group.doubt_high = 0.5
    budget = scenario.organisations["aligned"].budget
    budget.shift = budget.leads_weight = budget.pipeline_weight = budget.revenue_weight = 0.0
    scenario.organisations["relay_race"].reorganisation.to = "aligned"
    scenario.organisations["integrated"].reorganisation.to = "aligned"
    check(scenario)


def test_payrolls_are_compared_unless_the_user_says_otherwise(scenario: Scenario) -> None:
    check_equal_payroll(scenario, scenario.compared())
    scenario.organisations["integrated"].roles.rep.headcount += 1
    check_equal_payroll(scenario, ["relay_race", "aligned"])
    with pytest.raises(ScenarioError, match=r"compare.equal_payroll must be false when payrolls differ"):
        check_equal_payroll(scenario, scenario.compared())
    scenario.compare.equal_payroll = False
    check_equal_payroll(scenario, scenario.compared())


# --- mechanisms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["baseline", "transactional", "enterprise", "overload", "replay"])
def test_shipped_organisations_differ_only_in_what_a_mechanism_owns(name: str) -> None:
    organisations = load_scenario(name).organisations
    assert list(organisations) == ["relay_race", "aligned", "integrated"]
    first, *others = (_leaves(organisation) for organisation in organisations.values())
    differing = {path for other in others for path in first if first[path] != other[path]}
    same = {path for mechanism in ("quarter_end", "tilt") for path in ORGANISATION_NEUTRAL[mechanism]}
    assert differing - {"description"} == OWNED_PATHS - same - {"budget.shift"}  # these can be tuned


def test_neutral_is_the_default_of_an_organisation() -> None:
    defaults = _leaves(Organisation())
    neutral = {path: value for values in ORGANISATION_NEUTRAL.values() for path, value in values.items()}
    assert {path: defaults[path] for path in neutral} == neutral


def test_every_mechanism_has_a_switch_and_owns_its_keys_alone() -> None:
    owners = ORGANISATION_NEUTRAL | MARKET_NEUTRAL
    assert {field.name for field in dataclasses.fields(Mechanisms)} == set(owners)
    assert sum(len(paths) for paths in ORGANISATION_NEUTRAL.values()) == len(OWNED_PATHS)
    assert not set(ORGANISATION_NEUTRAL) & set(MARKET_NEUTRAL)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"neutral": 0.5}, "a neutral value needs the mechanism whose switch brings it, got 0.5"),
        ({"mechanism": "speed", "neutral": 2.0}, r"'a key' must lie in \[0, 1\], got 2.0"),
        ({"mechanism": "speed", "neutral": 1}, "a neutral value must be of the default's type, got 1"),
        ({"low": 0.2, "high": 1}, r"'a key' must lie in \[0.2, 1\], got 0.1"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        parameter(0.1, "a key", **{"low": 0, "high": 1, **given})


def test_a_mechanism_without_a_switch_is_refused() -> None:
    key = parameter(0.0, "a key", mechanism="sped")
    with pytest.raises(TypeError, match="key must name a mechanism that has a switch, got 'sped'"):
        neutral_values(dataclasses.make_dataclass("Part", [("key", float, key)]))


def test_a_mechanism_owns_no_key_of_a_mapping() -> None:
    kind = dataclasses.make_dataclass("Kind", [("key", float, parameter(0.0, "a key", mechanism="speed"))])
    owner = dataclasses.make_dataclass("Owner", [("kinds", dict[str, kind], dataclasses.field(default_factory=dict))])
    with pytest.raises(TypeError, match=r"kinds.<name>.key must stand outside of mappings to belong to a mechanism"):
        neutral_values(owner)


@pytest.mark.parametrize("mechanism", ORGANISATION_NEUTRAL)
def test_a_switch_puts_its_own_keys_at_neutral_and_no_others(mechanism: str, scenario: Scenario) -> None:
    scenario.organisations["relay_race"].tilt.hours = 0.1
    setattr(scenario.mechanisms, mechanism, False)
    before, after = _leaves(scenario), _leaves(check(scenario).lived)
    assert before == _leaves(scenario), "the scenario itself must stay as it is"
    owned = {
        f"organisations.{name}.{path}" for name in scenario.organisations for path in ORGANISATION_NEUTRAL[mechanism]
    }
    changed = {path for path in before if before[path] != after[path]}
    assert changed and changed <= owned
    for path in owned:
        assert after[path] == ORGANISATION_NEUTRAL[mechanism][path.split(".", 2)[2]]


def test_all_switches_off_make_the_organisations_equal(scenario: Scenario) -> None:
    for mechanism in ORGANISATION_NEUTRAL | MARKET_NEUTRAL:
        setattr(scenario.mechanisms, mechanism, False)
    resolved = check(scenario).lived
    assert [dataclasses.replace(one, description="") for one in resolved.organisations.values()] == 3 * [Organisation()]
    assert resolved.market.rivals.count == 0


def test_a_copy_is_equal_and_shares_nothing_that_could_be_changed(scenario: Scenario) -> None:
    def parts(node: Any) -> Iterator[int]:
        if dataclasses.is_dataclass(node) or isinstance(node, dict | list):
            yield id(node)
            own = node if isinstance(node, dict | list) else {one.name: getattr(node, one.name) for one in fields(node)}
            below = own if isinstance(own, list) else own.values()
            for one in below:
                yield from parts(one)

    fresh = check(scenario)
    assert fresh == scenario
    assert len(set(parts(scenario))) > 100 and not set(parts(scenario)) & set(parts(fresh))
    assert copy.deepcopy({"odd": {1, 2}}) == {"odd": {1, 2}}
