"""YAML and overrides become one checked scenario; what is wrong with them is said in one line."""

import dataclasses
import re
import subprocess
import sys
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest

from simulator.scenario.composing import (
    MOST_JOBS_CHECKED,
    composed,
    dump_yaml,
    load_config_file,
    load_scenario,
    planned,
    to_scenario,
)
from simulator.scenario.config_sources import ROOT, SCENARIOS, option_names
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import Scenario, check_equal_payroll
from simulator.scenario.schema import ScenarioError

SHIPPED = [
    "baseline",
    "core_journey",
    "enterprise",
    "high_coordination",
    "overload",
    "replay",
    "transactional",
    "transition",
    "workshop",
]


@cache
def _shipped(name: str) -> Scenario:
    return load_scenario(name)


def _refusal(*overrides: str, config_dir: Path | None = None) -> str:
    with pytest.raises(ScenarioError) as refused:
        load_scenario(overrides=overrides, config_dir=config_dir)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


# --- what is shipped --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_composes_and_opens_with_its_question(name: str) -> None:
    scenario = _shipped(name)
    assert scenario.name == name
    first_line = (SCENARIOS / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first_line == f"# {scenario.question}" and first_line.endswith("?")
    check_equal_payroll(scenario, scenario.compared())
    others = {"transition": ["relay_race", "changing", "integrated"], "core_journey": ["one_pool"],
              "workshop": ["relay_race", "integrated"]}  # fmt: skip
    assert scenario.compared() == others.get(name, ["relay_race", "aligned", "integrated"])


def test_the_list_of_shipped_scenarios_is_complete() -> None:
    assert [name for name in option_names("scenario") if "/" not in name] == SHIPPED


def test_blocks_reach_the_scenario() -> None:
    baseline, overload = _shipped("baseline"), _shipped("overload")
    channels = baseline.market.channels
    shares = sum(channel.share for channel in channels.values())
    cost = sum(channel.share * channel.cost_per_inquiry_usd for channel in channels.values()) / shares
    assert cost == pytest.approx(198, abs=1)
    by_fit = sorted(channels, key=lambda name: -channels[name].fit_shift)
    published = ["website", "referral", "webinar", "social", "paid_ads"]  # by their lead-to-opportunity rate
    assert [name for name in by_fit if name in published] == published
    for name in baseline.organisations:
        assert overload.organisations[name].roles.rep.headcount < baseline.organisations[name].roles.rep.headcount
    assert overload.market == baseline.market
    assert load_scenario("enterprise", ["market=transactional"]).market == _shipped("transactional").market


def test_a_replay_reads_the_shipped_export_or_a_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leads = load_scenario("replay").market.leads
    assert Path(leads.path) == SCENARIOS / "data" / "made_up_leads.csv"
    assert (leads.date_column, leads.enter_as) == ("first_contact_date", "mql")
    monkeypatch.chdir(tmp_path)
    _write(tmp_path, {"mine.csv": "created,channel\n", "data/made_up_leads.csv": ""})
    plain = load_scenario("replay", ["leads=plain", "market.leads.path=mine.csv"]).market.leads
    assert (plain.path, plain.date_column, plain.enter_as) == (str(tmp_path / "mine.csv"), "created", "inquiry")
    assert load_scenario("replay").market.leads.path == str(tmp_path / "data" / "made_up_leads.csv")


# --- a user's own -----------------------------------------------------------------------------------------------------

MINE = "# Mine?\ndefaults:\n  - override /organisation: [relay_race, pods]\n  - _self_\nrun: {seed: 9}\n"
PODS = "defaults:\n  - integrated@_here_\n  - _self_\nhandoff: {sla_hours: 3}\n"


@pytest.mark.parametrize("place", ["scenario/mine.yaml", "scenarios/mine.yaml", "mine.yaml"])
def test_a_users_scenario_and_organisation_need_yaml_alone(place: str, tmp_path: Path) -> None:
    _write(tmp_path, {place: MINE, "organisation/pods.yaml": PODS})
    scenario = load_scenario("mine", config_dir=tmp_path)
    assert (scenario.name, scenario.run.seed) == ("mine", 9)
    assert list(scenario.organisations) == ["relay_race", "pods"]
    pods = scenario.organisations["pods"]
    assert (pods.handoff.sla_hours, pods.handoff.context_kept) == (3, 0.9)


def _documented(tmp_path: Path) -> Path:
    """The example files of the guide, in a folder of their own."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n# DIR/(\S+)\n(.*?)```", guide, re.DOTALL)
    _write(tmp_path, dict(blocks))
    return tmp_path


def test_the_documented_files_work(tmp_path: Path) -> None:
    scenario = load_scenario("mine", config_dir=_documented(tmp_path))
    assert (scenario.compared(), scenario.run.cohort_days) == (["relay_race", "pods"], 180)
    pods, integrated = scenario.organisations["pods"], load_scenario().organisations["integrated"]
    assert (
        pods.handoff.sla_hours == 2 and pods.description.startswith("Pods") and pods.recycling == integrated.recycling
    )
    file = tmp_path / "scenario" / "mine.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    beside = [line.replace("# - /", "- /") for line in lines if "override" not in line]
    file.write_text("\n".join(beside), encoding="utf-8")
    assert load_scenario("mine", config_dir=tmp_path).compared() == ["relay_race", "aligned", "integrated", "pods"]


def test_the_documented_commands_work(tmp_path: Path) -> None:
    folder = _documented(tmp_path)
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    typed = [
        line.partition("#")[0].split()[5:] for line in lines if line.startswith("python -m simulator --config-dir")
    ]
    three = ["relay_race", "aligned", "integrated"]
    found = [to_scenario(composed(overrides, folder)).compared() for overrides in typed]
    assert found == [["relay_race", "pods"], ["relay_race", "pods"], [*three, "pods"]]


def test_an_organisation_inline_starts_from_the_defaults(tmp_path: Path) -> None:
    _write(tmp_path, {"scenario/own/mine.yaml": "organisations: {pods: {handoff: {sla_hours: 3}}}\n"})
    scenario = load_scenario("own/mine", config_dir=tmp_path)
    pods = Organisation()
    pods.handoff.sla_hours = 3
    assert scenario.organisations["pods"] == pods
    assert list(scenario.organisations) == ["relay_race", "aligned", "integrated", "pods"]


def test_a_scenario_builds_on_another_and_headers_are_welcome(tmp_path: Path) -> None:
    text = "# @package _global_\n# Mine?\ndefaults:\n  - overload\n  - _self_\nrun: {cohort_days: 30}\n"
    _write(tmp_path, {"scenario/mine.yaml": text})
    scenario = load_scenario("mine", config_dir=tmp_path)
    assert (scenario.run.cohort_days, scenario.organisations["aligned"].roles.rep.headcount) == (30, 2)


def test_a_users_file_wins_over_a_shipped_one_and_is_forgotten_without_its_folder(tmp_path: Path) -> None:
    _write(tmp_path, {"scenario/baseline.yaml": "run: {seed: 9}\n", "organisation/aligned.yaml": "review_days: 5\n"})
    scenario = load_scenario(config_dir=tmp_path)
    assert (scenario.run.seed, scenario.organisations["aligned"].review_days) == (9, 5)
    assert load_scenario().run.seed == 1


# --- refusals ---------------------------------------------------------------------------------------------------------

REFUSED = {
    "market.inquires_per_year=3": "unknown key market.inquires_per_year: did you mean market.inquiries_per_year?",
    "+market.inquires_per_year=3": "unknown key market.inquires_per_year: did you mean market.inquiries_per_year?",
    "++run.sed=3": "unknown key run.sed: did you mean run.seed?",
    "+foo=1": "unknown key foo: there are name, question, provenance, limit, market,",
    "+market.journey={stepdays:3}": "unknown key market.journey.stepdays: did you mean market.journey.step_days?",
    "seed=3": "unknown key seed: did you mean run.seed?",
    "sla_hours=3": "unknown key sla_hours: did you mean organisations.<name>.handoff.sla_hours?",
    "scenarios=baseline": "unknown key scenarios: did you mean scenario?",
    "organisations.relay_rase.handof.sla_hours=3": "did you mean organisations.relay_race.handoff.sla_hours?",
    "organisations.pods.description=x": "organisations has no 'pods' (there are relay_race, aligned, integrated)",
    "+organisations.pods.description=x": "organisations has no 'pods' to change",
    "organisations.relay_race.handoff.context_kept=1.4": (
        "organisations.relay_race.handoff.context_kept must lie in [0, 1], got 1.4"
    ),
    "market.inquiries_per_year=abc": "market.inquiries_per_year must be a number, got 'abc'",
    "market.inquiries_per_year=nan": "market.inquiries_per_year must be finite, got nan",
    "run.seed=1.5": "run.seed must be a whole number, got 1.5",
    "run.seed=null": "run.seed must be a whole number, got null",
    "limit=null": """got null: to mean the word, quote it ("null" in YAML, limit='"null"' on the command line)""",
    "limit=foo": 'limit must be one of "", null, worlds,',
    "run.seed=???": "run.seed must be a whole number, got ???",
    "mechanisms.access=maybe": "mechanisms.access must be true or false, got 'maybe'",
    "compare.organisations=relay_race": "compare.organisations must be a list like [a, b], got 'relay_race'",
    "market.channels.website=3": "market.channels.website must be a group of keys (share, cost_per_inquiry_usd,",
    "scenario=enterprize": "unknown scenario 'enterprize': did you mean enterprise? (there are baseline, core_journey,",
    "organisation=[relay_rac]": "unknown organisation 'relay_rac': did you mean relay_race? (there are aligned,",
    "market=nowhere": "unknown market 'nowhere' (there are enterprise, marketplace,",
    "~scenario": "scenario must name one scenario: baseline,",
    "~run.seed": "run.seed cannot be deleted",
    "run.seed=1,2": "run.seed=1,2 gives several values: add --multirun",
    "run.seed=[1": "cannot read 'run.seed=[1': write key=value",
    "run.seed": "cannot read 'run.seed': write key=value",
    "run.seed=${nowhere}": "run.seed: Interpolation key 'nowhere' not found",
    "=b": "there must be a key before =, as in run.seed=1",
    "scenario={}": "scenario takes the name of a building block, as in scenario=baseline",
    "organisation=[null]": "a list of building blocks must hold names, as in organisation=[a,b]",
    "name=../x": "name must be a folder's name of letters, digits, _ and -, got '../x'",
}


@pytest.mark.parametrize("override", REFUSED)
def test_a_wrong_override_is_refused(override: str) -> None:
    assert REFUSED[override] in _refusal(override)


REFUSED_FILES = {
    "unclosed list": ("question: [a\nfoo: b: c\n", "mine.yaml, line 2: not valid YAML: expected ',' or ']'"),
    "tab": ("run:\n\tseed: 3\n", "mine.yaml, line 2: not valid YAML: found character '\\t'"),
    "key twice": ("run: {seed: 3}\nrun: {seed: 4}\n", "mine.yaml, line 2: not valid YAML: found duplicate key run"),
    "a list": ("- a\n", "mine.yaml must hold keys with values"),
    "unknown key": ("run: {sed: 3}\n", "unknown key run.sed: did you mean run.seed? (in scenario/mine.yaml)"),
    "unknown key in a new organisation": (
        "organisations: {pods: {handof: {}}}\n",
        "unknown key organisations.pods.handof: did you mean organisations.pods.handoff? (in scenario/mine.yaml)",
    ),
    "wrong type": ("run: {seed: abc}\n", "run.seed must be a whole number, got 'abc' (in scenario/mine.yaml)"),
    "empty group": ("run:\n", "run must be a group of keys (seed, replications,"),
    "unknown block": ("defaults:\n  - override /market: foo\n", "unknown market 'foo' (there are enterprise,"),
    "not text": ("market: {channels: {yes: {share: 1}}}\n", "market.channels must have text as names, got true"),
    "odd name": (
        'market: {channels: {"a.b": {share: 1}}}\n',
        "market.channels must have names of letters, digits, _ and -",
    ),
    "out of range": ("run: {replications: 0}\n", "run.replications must lie in [1, 1,000,000], got 0"),
}


REFUSED_DEFAULTS = {
    "3": "defaults must be a list, one `- override /group: name` a line, got 3 (in scenario/mine.yaml)",
    "": "defaults must be a list, one `- override /group: name` a line, got null",
    "???": "defaults must be a list, one `- override /group: name` a line, got ???",
    "{override /market: enterprise}": "defaults must be a list, one `- override /group: name` a line, got {override",
    "[3]": "defaults must not hold 3: an entry is a name or one",
    "[null]": "defaults must not hold null: an entry is a name or one",
    "[[a, b]]": "defaults must not hold [a, b]: an entry is a name or one",
    "[{}]": "defaults must not hold {}: an entry is a name or one",
    "[{override /market: enterprise, override /leads: plain}]": "and each begins with a dash of its own",
    "['']": "defaults must not hold '': an entry is the name of a file",
    "[override /market enterprise]": "or `override /group: name` with a colon",
    "[override /markets: enterprise]": "there is no group 'markets', did you mean market?",
    "[override /x/y: z]": "there is no group 'x/y' (scenario, organisation, market,",
    "[+organisation@organisations.pods: integrated]": "no group '+organisation', did you mean organisation?",
    "[override market: enterprise]": "write `override /market: enterprise`",
    "[market: enterprise]": "write `override /market: enterprise`",
    "[/organisation: [relay_race, integrated]]": "write `override /organisation: [relay_race, integrated]`",
    "[organisation@organisations.pods: integrated]": "write `/organisation@organisations.pods: integrated`",
    "[override /market: 3]": "defaults must not hold {override /market: 3}: group and name are text",
    "[override /market: {a: b}]": "group and name are text",
    "[override /organisation: [relay_race, 2]]": "group and name are text",
    "[3: x]": "defaults must not hold {3: x}: group and name are text",
    "[mine]": "a file names itself, directly",
    "[_self_, _self_]": "Duplicate _self_ defined in scenario/mine",
}


@pytest.mark.parametrize("defaults", REFUSED_DEFAULTS)
def test_a_malformed_defaults_list_is_refused(defaults: str, tmp_path: Path) -> None:
    _write(tmp_path, {"scenario/mine.yaml": f"defaults: {defaults}\n"})
    assert REFUSED_DEFAULTS[defaults] in _refusal("scenario=mine", config_dir=tmp_path)


@pytest.mark.parametrize("case", REFUSED_FILES)
def test_a_wrong_file_is_refused(case: str, tmp_path: Path) -> None:
    text, message = REFUSED_FILES[case]
    _write(tmp_path, {"scenario/mine.yaml": text})
    assert message in _refusal("scenario=mine", config_dir=tmp_path)


def test_a_file_that_is_not_text_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"question: caf\xe9\n")
    assert "mine.yaml must be UTF-8 text" in _refusal("scenario=mine", config_dir=tmp_path)
    assert _refusal(config_dir=tmp_path / "none").startswith("--config-dir must name a folder, got")


# --- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_yaml_repeats_a_scenario_to_the_last_digit(name: str, tmp_path: Path) -> None:
    scenario = deepcopy(_shipped(name))
    scenario.market.fit_mean_logit = 0.1 + 0.2
    scenario.market.reach.half_life_days = 1.2345678901234567e-4
    scenario.market.inquiries_per_year = 123456789.00000001
    scenario.run.seed = 2**63 - 1
    (tmp_path / "config.yaml").write_text(dump_yaml(scenario), encoding="utf-8")
    assert load_config_file(tmp_path / "config.yaml") == scenario


@pytest.mark.parametrize(
    "text", ["1e3", "0x10", "yes", "null", "~", "1_000", "a: b # c", "${x}", " é\n ü ", "2025-01-01", ""]
)
def test_odd_texts_come_back_as_they_were(text: str, tmp_path: Path) -> None:
    scenario = deepcopy(_shipped("baseline"))
    scenario.question = scenario.organisations["aligned"].description = text
    (tmp_path / "config.yaml").write_text(dump_yaml(scenario), encoding="utf-8")
    assert load_config_file(tmp_path / "config.yaml") == scenario


def test_a_saved_file_that_was_spoilt_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    for text, message in {
        "run: {sed: 3}": "unknown key run.sed: did you mean run.seed?",
        "run: {seed: x}": "run.seed must be a whole number, got 'x'",
        "- a": "must hold settings",
        "a: [": "config.yaml, line 1: not valid YAML",
        "a: \0": "config.yaml: not valid YAML: character #x0000 is not allowed",
        "null: 3": "Incompatible key type 'NoneType' (in ",
        "a: &a [*a]": "a file names itself, directly or by way of another, or is nested too deeply (in ",
    }.items():
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ScenarioError) as refused:
            load_config_file(file)
        assert message in str(refused.value) and "\n" not in str(refused.value)
    with pytest.raises(ScenarioError, match=r"^cannot read .*none.yaml: No such file"):
        load_config_file(tmp_path / "none.yaml")


# --- sweeps, and Hydra itself -----------------------------------------------------------------------------------------


def test_a_sweep_yields_all_its_jobs_or_each_value_once() -> None:
    found = planned(["run.seed=1,2", "market=enterprise,transactional", "run.replications=3"], multirun=True)
    assert found.axes == {"run.seed": ["1", "2"], "market": ["enterprise", "transactional"]}
    assert found.fixed == ["run.replications=3"] and found.is_ours
    assert [(job.run.seed, len(job.market.segments)) for job in found.settings()] == [(1, 2), (1, 1), (2, 2), (2, 1)]
    many = ",".join(map(str, range(MOST_JOBS_CHECKED)))
    found = planned([f"run.seed={many}", f"run.threads={many}"], multirun=True)
    assert next(found.settings()).run.seed == 0
    assert found.folder.parts[:2] == ("outputs", "sweeps")
    assert not planned(["hydra/launcher=joblib", "run.seed=1,2"], multirun=True).is_ours


def test_a_scenario_can_carry_its_sweep(tmp_path: Path) -> None:
    text = "hydra: {mode: MULTIRUN, sweeper: {params: {run.seed: '5,6'}}}\n"
    _write(tmp_path, {"mine.yaml": text})
    assert [job.run.seed for job in planned(["scenario=mine"], tmp_path).settings()] == [5, 6]
    assert [job.run.seed for job in planned(["scenario=mine", "run.seed=7"], tmp_path).settings()] == [7]


def test_composing_works_within_a_hydra_that_already_runs(tmp_path: Path) -> None:
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    _write(tmp_path, {"theirs.yaml": "theirs: 1\n"})
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        assert load_scenario("enterprise").name == "enterprise"
        assert load_scenario("baseline").name == "baseline"
        assert compose("theirs").theirs == 1
    assert not GlobalHydra.instance().is_initialized()


def test_settings_without_hydra_are_checked_alike() -> None:
    cfg = composed(["mechanisms.access=false"])
    scenario = to_scenario(cfg)
    assert "hydra" in cfg and not scenario.mechanisms.access
    assert set(ORGANISATION_NEUTRAL) < {field.name for field in dataclasses.fields(scenario.mechanisms)}


def test_composing_imports_nothing_heavy() -> None:
    heavy = {"numba", "mesa", "pandas", "matplotlib", "scipy"}
    code = f"import sys, simulator.scenario.composing; print(*{heavy!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
