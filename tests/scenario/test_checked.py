"""The door: what is wrong is refused in the same words wherever it comes in, and what is derived checks its changes."""

import ast
import copy
import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.questions.attribution import work as attribution
from simulator.scenario import checked as door
from simulator.scenario import renamed, schema
from simulator.scenario.checked import Checked, check
from simulator.scenario.composing import load_checked, load_config_file, load_scenario
from simulator.scenario.config_sources import CONF
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.organisation import Organisation
from simulator.scenario.paths import value_at
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import STUDIES
from tests.editing import set_at

PACKAGE = Path(sim.__file__).parent


@pytest.fixture(scope="module")
def baseline() -> Checked:
    return load_checked("baseline", ["market.inquiries_per_year=300"])


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(ScenarioError) as given:
        work()
    assert "\n" not in str(given.value)
    return str(given.value)


# --- the same sentence at each door -----------------------------------------------------------------------------------

#: Key, value as Python has it, what is typed for it, the refusal.
WRONG = [
    ("run.seed", 1.5, "1.5", "run.seed must be a whole number, got 1.5"),
    ("run.seed", True, "true", "run.seed must be a whole number, got true"),
    ("run.seed", "abc", "abc", "run.seed must be a whole number, got 'abc'"),
    ("run.seed", None, "null", "run.seed must be a whole number, got null"),
    ("run.seed", 2**64, str(2**64), f"run.seed must lie in [0, 9,223,372,036,854,775,807], got {2**64}"),
    ("run.engine", "refrence", "refrence", "run.engine must be one of compiled, reference, got 'refrence': did you "
     "mean reference?"),
    ("run.record", "all", "all", "run.record must be one of journeys, touches, got 'all'"),
    ("market.trust.initial", "high", "high", "market.trust.initial must be a number, got 'high'"),
    ("market.trust.initial", float("nan"), "nan", "market.trust.initial must be finite, got nan"),
    ("mechanisms.access", "perhaps", "perhaps", "mechanisms.access must be true or false, got 'perhaps'"),
    ("compare.organisations", "aligned", "aligned", "compare.organisations must be a list like [a, b], got 'aligned'"),
    ("market.jorney", 3, "3", "unknown key market.jorney: did you mean market.journey?"),
    ("market.journey.step_day", 3.0, "3", "unknown key market.journey.step_day: did you mean market.journey."
     "step_days?"),
    ("organisations.aligned.handof", 3.0, "3", "unknown key organisations.aligned.handof: did you mean "
     "organisations.aligned.handoff?"),
    ("name", "../up", "../up", "name must be a folder's name of letters, digits, _ and -, got '../up'"),
    ("organisations.aligned.roles.sdr.headcount", 0, "0", "organisations.aligned.roles.sdr.headcount must be at least "
     "1 to work passed leads, got 0"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "typed", "message"), WRONG)
def test_every_door_says_the_same(
    key: str, value: object, typed: str, message: str, baseline: Checked, tmp_path: Path
) -> None:
    scenario = copy.deepcopy(baseline)
    set_at(scenario, key, value)
    assert refused(lambda: sim.simulate(scenario, "relay_race")) == message
    assert refused(lambda: sim.compare(scenario)) == message
    assert refused(lambda: load_scenario("baseline", [f"++{key}={typed}"])) == message
    if "unknown" not in message:
        assert refused(lambda: baseline.with_({key: value})) == message
    settings: dict[str, Any] = {}
    node = settings
    for part in key.split(".")[:-1]:
        node = node.setdefault(part, {})
    node[key.split(".")[-1]] = value
    if value == value:  # JSON, which YAML reads, has no NaN
        (tmp_path / "mine.yaml").write_text(json.dumps(settings))
        rule = message.partition(", got")[0]  # of a list the value is not told
        assert rule in refused(lambda: load_scenario(tmp_path / "mine.yaml"))


@pytest.mark.parametrize("seed", [1.0, 1.5, True, "abc", None.__class__, -1, 2**64, np.random.SeedSequence(1), [1]])
def test_a_seed_is_a_whole_number(seed: object, baseline: Checked) -> None:
    for run in (sim.simulate, sim.BuyerJourneyModel):
        said = refused(lambda run=run: run(baseline, "relay_race", seed=seed))  # type: ignore[misc]
        assert said.startswith("run.seed must ")
    assert refused(lambda: sim.compare(baseline, seed=seed)).startswith("run.seed must ")


def test_a_seed_of_numpy_is_the_same_seed(baseline: Checked) -> None:
    one, other = (sim.simulate(baseline, "relay_race", seed=seed) for seed in (7, np.int64(7)))
    assert one.journeys.equals(other.journeys) and type(other.seed) is int


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"replication": -1}, "replication must lie in [0, 9,223,372,036,854,775,807], got -1"),
        ({"replication": 1.5}, "replication must be a whole number, got 1.5"),
        ({"replication": True}, "replication must be a whole number, got true"),
        (
            {"engine": "refrence"},
            "run.engine must be one of compiled, reference, got 'refrence': did you mean reference?",
        ),
        ({"engine": 3}, "run.engine must be text, got 3"),
        ({"engine": ""}, "run.engine must be one of compiled, reference, got ''"),
        ({"record": "all"}, "run.record must be one of journeys, touches, got 'all'"),
    ],
)
def test_what_is_given_beside_a_scenario_is_checked_as_in_it(
    given: Mapping[str, Any], message: str, baseline: Checked
) -> None:
    assert refused(lambda: sim.simulate(baseline, "relay_race", **given)).startswith(message)
    assert refused(lambda: sim.prepare(baseline, "relay_race").run(**given)).startswith(message)


@pytest.mark.parametrize(("name", "hint"), [("integrate", ": did you mean integrated?"), (3, ""), (None, "")])
def test_an_organisation_is_one_of_the_scenario(name: Any, hint: str, baseline: Checked) -> None:
    message = f"organisation must be one of relay_race, aligned, integrated, got {name!r}{hint}"
    assert refused(lambda: sim.simulate(baseline, name)) == message


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("market", {}, "market must be a group of keys (inquiries_per_year,"),
        ("organisations.aligned", None, "organisations.aligned must be a group of keys ("),
        ("organisations", [], "organisations must be names with organisation keys below each, got []"),
        ("run.seed", 3 + 0j, "run.seed must be a whole number, got (3+0j)"),
        ("question", b"x", "question must be text, got b'x'"),
        ("market.trust.initial", True, "market.trust.initial must be a number, got true"),
        ("mechanisms.access", 1, "mechanisms.access must be true or false, got 1"),
        ("market.trust.initial", 10**400, "market.trust.initial must be finite, got inf"),
    ],
)
def test_types_are_refused(key: str, value: object, message: str, baseline: Checked) -> None:
    scenario = copy.deepcopy(baseline)
    if key == "organisations.aligned":
        scenario.organisations["aligned"] = value  # type: ignore[assignment]
    else:
        set_at(scenario, key, value)
    assert refused(lambda: check(scenario)).startswith(message)


def test_what_is_no_scenario_is_refused() -> None:
    for given in ("baseline", None, {"run": {"seed": 1}}):
        assert refused(lambda given=given: sim.simulate(given, "x")).startswith("scenario must be a group of keys (")  # type: ignore[misc]


def test_numbers_are_taken_as_the_schema_has_them(baseline: Checked) -> None:
    scenario = copy.deepcopy(baseline)
    scenario.market.trust.initial, scenario.run.seed = 0, np.int32(5)  # type: ignore[assignment]
    scenario.compare.organisations = ("aligned", "integrated")  # type: ignore[assignment]
    scenario.market.inquiries_per_year = np.float64(400.0)
    scenario.provenance = Path("a", "b")  # type: ignore[assignment]
    taken = check(scenario)
    assert [type(one) for one in (taken.market.trust.initial, taken.run.seed, taken.market.inquiries_per_year)] == [
        float, int, float,
    ]  # fmt: skip
    assert taken.compare.organisations == ["aligned", "integrated"] and taken.provenance == str(Path("a", "b"))


def test_names_are_plain(baseline: Checked) -> None:
    scenario = copy.deepcopy(baseline)
    scenario.organisations["a b"] = scenario.organisations["aligned"]
    assert refused(lambda: check(scenario)) == "organisations must have names of letters, digits, _ and -, got 'a b'"


# --- what is derived --------------------------------------------------------------------------------------------------


def test_a_checked_scenario_stays_as_it_is(baseline: Checked) -> None:
    mine = copy.deepcopy(baseline)
    taken = check(mine)
    assert type(mine) is Scenario and taken == mine and taken == baseline and check(taken) is taken
    mine.market.trust.initial = 0.123
    assert taken.market.trust.initial == baseline.market.trust.initial
    for node, name in ((taken, "name"), (taken.market.trust, "initial"), (taken.organisations["aligned"], "roles")):
        with pytest.raises(TypeError, match="stays as it is"):
            setattr(node, name, 1)
        with pytest.raises(TypeError, match="stays as it is"):
            delattr(node, name)
    for made in (copy.copy(taken), dataclasses.replace(taken, name="other"), copy.deepcopy(taken)):
        assert type(made) is Scenario, "a copy may be changed, and so is unchecked"
    assert repr(taken.market) == repr(mine.market).replace("0.123", repr(taken.market.trust.initial))


def test_a_change_shares_all_else_and_equals_a_check_from_the_start(baseline: Checked) -> None:
    changes = {
        "run.seed": 9,
        "organisations.pods": baseline.organisations["integrated"],
        "organisations.pods.handoff.sla_hours": 3,
        "market.channels.referral.share": 0.5,
        "mechanisms.access": False,
    }
    made, expected = baseline.with_(changes), copy.deepcopy(baseline)
    expected.organisations["pods"] = copy.deepcopy(expected.organisations["integrated"])
    for key, value in changes.items():
        if key != "organisations.pods":
            set_at(expected, key, value)
    assert made == expected and made == check(expected)
    assert baseline.run.seed == 1 and "pods" not in baseline.organisations
    assert baseline.organisations["integrated"].handoff.sla_hours != 3.0
    assert type(made.organisations["pods"].handoff.sla_hours) is float
    shared = ("economics", "market.trust", "market.segments", "organisations.aligned", "study")
    assert all(value_at(made, path) is value_at(baseline, path) for path in shared)
    assert made.lived.organisations["aligned"].access.education == ORGANISATION_NEUTRAL["access"]["access.education"]
    assert made.lived is made.lived.lived and made.lived.market is made.market and baseline.lived is baseline


def test_a_change_is_refused_as_a_whole(baseline: Checked) -> None:
    headcount = "organisations.aligned.roles.sdr.headcount"
    assert refused(lambda: baseline.with_({headcount: 0})).startswith(f"{headcount} must be at least 1")
    assert baseline.with_({headcount: 0, "organisations.aligned": baseline.organisations["aligned"]}) == baseline
    assert refused(lambda: baseline.with_({"run.sed": 1})) == "unknown key run.sed: did you mean run.seed?"


class _Counted:
    """How often something is called."""

    def __init__(self, of: Callable[..., Any]) -> None:
        self.calls, self._of = 0, of

    def __call__(self, *given: Any) -> Any:
        self.calls += 1
        return self._of(*given)


def test_a_study_of_1024_arms_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load_scenario("baseline", ["study=attribution", "run.replications=2", "study.attribution.method=exact"])
    # Nine in which the two differ, and all else.
    scenario.study.attribution.mechanisms[:] = [
        "access", "context", "consistency", "speed", "recycling", "support", "coordination", "findability", "budget",
    ]  # fmt: skip
    whole, group, made = (_Counted(of) for of in (door._refuse_names, schema._taken_group, attribution.between))
    monkeypatch.setattr(door, "_refuse_names", whole)  # only a check from one end to the other looks at all names
    check(copy.deepcopy(scenario))
    monkeypatch.setattr(schema, "_taken_group", group)
    check(copy.deepcopy(scenario))
    assert (whole.calls, groups := group.calls) == (2, groups) and groups > 100
    monkeypatch.setattr(attribution, "between", made)
    monkeypatch.setattr(attribution, "EXACT_UP_TO", 12)
    monkeypatch.setattr(attribution, "estimated", _stop)  # all arms are made by then
    with pytest.raises(_Stop):
        attribution.attribute(scenario)
    assert made.calls >= 1024
    assert whole.calls == 3, "once, as it came in"
    of_an_organisation = 1 + sum(dataclasses.is_dataclass(one) for one in vars(Organisation()).values()) + 3
    assert group.calls <= 2 * groups + made.calls * of_an_organisation


class _Stop(Exception):
    pass


def _stop(*_: Any) -> Any:
    raise _Stop


#: Where things come in.
DOORS = {
    "engines.lowering.setup", "engines.reference.buyer_journey_model", "questions.frame.runs", "questions.registry",
    "run", "scenario.composing", "workshop.session",
}  # fmt: skip


def test_only_the_doors_check() -> None:
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "simulator.scenario.checked":
                if "check" in {one.name for one in node.names}:
                    found.add(".".join(file.relative_to(PACKAGE).with_suffix("").parts))
    assert found == DOORS


# --- old names --------------------------------------------------------------------------------------------------------


def test_an_old_name_is_answered_with_what_replaced_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = {"study.fitting": "study.attribution", "study=fitting": "study=attribution", "run.luck": "run.seed",
             "organisations.*.sales.tries": "market.reach"}  # fmt: skip
    monkeypatch.setattr(renamed, "RENAMED", table)
    key = "unknown key study.fitting.method: it is study.attribution.method now"
    assert refused(lambda: load_scenario("baseline", ["study.fitting.method=exact"])) == key
    key = "unknown key organisations.aligned.sales.tries.most: it is market.reach.most now"
    assert refused(lambda: load_scenario("baseline", ["organisations.aligned.sales.tries.most=1"])) == key
    assert "it is study=attribution now" in refused(lambda: load_scenario("baseline", ["study=fitting"]))
    scenario = load_scenario()
    scenario.study.name = "fitting"
    assert refused(lambda: check(scenario)).endswith("got 'fitting': it is study=attribution now")
    (tmp_path / "config.yaml").write_text("run: {luck: 3}\n")
    said = refused(lambda: load_config_file(tmp_path / "config.yaml"))
    assert said == f"unknown key run.luck: it is run.seed now (in {tmp_path / 'config.yaml'})"
    scenario.study.name, scenario.run.luck = "compare", 3  # type: ignore[attr-defined]
    assert refused(lambda: check(scenario)) == "unknown key run.luck: it is run.seed now"


def test_every_entry_of_the_table_leads_to_what_there_is() -> None:
    for old, new in renamed.RENAMED.items():
        group, chosen, option = new.partition("=")
        assert (CONF / group / f"{option}.yaml").is_file() if chosen else value_at(Scenario(), new) is not None, old


# --- studies ----------------------------------------------------------------------------------------------------------


def test_a_study_is_a_folder_and_a_file() -> None:
    assert STUDIES[0] == "compare"
    assert set(STUDIES) == {file.stem for file in (CONF / "study").glob("*.yaml")}
