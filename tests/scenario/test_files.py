"""A scenario named by its file is the scenario of that name in the file's folder."""

from pathlib import Path

import pytest

from simulator.scenario.composing import dump_yaml, load_config_file, load_scenario
from simulator.scenario.config_sources import SCENARIOS
from simulator.scenario.files import by_name
from simulator.scenario.schema import ScenarioError

MINE = "defaults:\n  - override /organisation: [relay_race, pods]\n  - _self_\nrun: {seed: 9}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, which is the home folder too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def _touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("run: {seed: 9}\n", encoding="utf-8")


def _refusal(*overrides: str, config_dir: str | None = None) -> str:
    with pytest.raises(ScenarioError) as refused:
        by_name(overrides, config_dir)
    assert "\n" not in str(refused.value)
    return str(refused.value)


# --- what a file's name means -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "folder"),
    [
        ("mine.yaml", ""),
        ("x/mine.yaml", "x"),
        ("x/scenario/mine.yaml", "x"),
        ("x/scenarios/mine.yaml", "x"),
        ("x/scenario/own/mine.yaml", "x/scenario/own"),
        ("a b, (c=d) ${e} 'f'/mine.yaml", "a b, (c=d) ${e} 'f'"),
    ],
)
def test_a_file_is_a_name_in_its_folder(file: str, folder: str, here: Path) -> None:
    _touch(file)
    for typed in (file, f"./{file}", str(here / file), f"~/{file}", f'"{file}"'):
        assert by_name(["a=1", f"scenario={typed}", "b=2"]) == (["a=1", "scenario=mine", "b=2"], here / folder)


def test_a_file_is_found_from_within_its_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _touch("x/scenario/mine.yaml")
    for inside, typed in (("x/scenario", "mine.yaml"), ("x/scenario", "../scenario/mine.yaml")):
        monkeypatch.chdir(here / inside)
        assert by_name([f"scenario={typed}"]) == (["scenario=mine"], here / "x")


def test_the_last_scenario_counts(here: Path) -> None:
    _touch("x/mine.yaml")
    assert by_name(["scenario=none.yaml", "scenario=x/mine.yaml"]) == (["scenario=mine"], here / "x")
    assert by_name(["scenario=x/mine.yaml", "scenario=baseline"]) == (["scenario=baseline"], None)
    assert by_name(["run.seed=1"], "x") == (["run.seed=1"], "x")


def test_a_sweep_may_have_files_among_its_values(here: Path) -> None:
    _touch("x/one.yaml", "x/scenario/two.yaml", "y/three.yaml")
    for typed in ("x/one.yaml,baseline", "baseline, x/one.yaml", f"{SCENARIOS}/baseline.yaml,x/one.yaml"):
        names, folder = by_name([f"scenario={typed}"])
        assert folder == here / "x" and set(names[0].removeprefix("scenario=").split(",")) == {"baseline", "one"}
    assert by_name(["scenario=x/one.yaml,x/scenario/two.yaml"]) == (["scenario=one,two"], here / "x")
    assert "a file of the folder that is used already" in _refusal("scenario=x/one.yaml,y/three.yaml")


@pytest.mark.parametrize("name", ["null", "007", "1e3", "größe"])
def test_a_name_that_reads_as_something_else_is_quoted(name: str, here: Path) -> None:
    _touch(f"{name}.yaml")
    assert by_name([f"scenario={name}.yaml"]) == ([f"scenario='{name}'"], here)


def test_names_stay_names(here: Path) -> None:
    _touch("limits/null", "baseline.yaml", "x/scenario/own/mine.yaml", "own/mine.yaml")
    for typed in ("baseline", "limits/null", "a,b", "choice(a,b)", "[a]", "'a','b'", "${x}", "enterprize", ""):
        assert by_name([f"scenario={typed}"]) == ([f"scenario={typed}"], None)
    assert by_name(["scenario=own/mine"], "x") == (["scenario=own/mine"], "x")


def test_a_shipped_file_is_the_shipped_scenario(here: Path) -> None:
    assert by_name([f"scenario={SCENARIOS}/limits/null.yaml"]) == (["scenario=limits/null"], None)
    assert by_name([f"scenario={SCENARIOS}/baseline.yaml"], "x") == (["scenario=baseline"], "x")


# --- refusals ---------------------------------------------------------------------------------------------------------

REFUSED = {
    "x/calibratd.yaml": "must name a file that is there, got 'x/calibratd.yaml': did you mean x/calibrated.yaml?",
    "x/calibrated": "must name a file that is there, got 'x/calibrated': did you mean x/calibrated.yaml?",
    "baselin.yaml": "must name a file that is there, got 'baselin.yaml': did you mean scenario=baseline?",
    "/none/mine.yaml": "scenario must name a file that is there, got '/none/mine.yaml'",
    "~nobody/mine.yaml": "scenario must name a file that is there, got '~nobody/mine.yaml'",
    300 * "x" + ".yaml": "scenario must name a file that is there, got 'xxx",
    "a\nb\0.yaml": r"scenario must name a file that is there, got 'a\nb\x00.yaml'",
    "x": "scenario must name a file, got the folder 'x'",
    "~": "scenario must name a file, got the folder '~'",
    "x/other.yml": "a scenario's file must end in .yaml, got 'x/other.yml'",
    "x/v 1.2.yaml": "a scenario's file must have a name of letters, digits, _ and -, got 'x/v 1.2.yaml'",
    "x/twice.yaml": "must name a file that no other hides, got 'x/twice.yaml': ",
}


@pytest.mark.parametrize("typed", REFUSED)
def test_a_file_that_cannot_be_a_scenario_is_refused(typed: str, here: Path) -> None:
    _touch("x/calibrated.yaml", "x/other.yml", "x/v 1.2.yaml", "x/twice.yaml", "x/scenario/twice.yaml")
    assert REFUSED[typed] in _refusal(f"scenario={typed}")


def test_a_file_and_a_folder_must_agree(here: Path) -> None:
    _touch("x/scenario/mine.yaml", "y/baseline.yaml", "x/top.yaml")
    for folder in ("x", str(here / "x")):
        assert by_name(["scenario=x/scenario/mine.yaml"], folder) == (["scenario=mine"], folder)
        assert by_name(["scenario=x/top.yaml"], folder) == (["scenario=top"], folder)
    for file in ("y/baseline.yaml", "x/top.yaml"):
        assert _refusal(f"scenario={file}", config_dir="none") == (
            "scenario must name a file of the folder that is used already (--config-dir, or another file's), none, "
            f"got {file!r}"
        )


# --- composed ---------------------------------------------------------------------------------------------------------


def test_a_scenario_is_loaded_by_its_file(here: Path) -> None:
    _touch("x y/mine.yaml", "x y/organisation/pods.yaml")
    Path("x y/mine.yaml").write_text(MINE)
    Path("x y/organisation/pods.yaml").write_text("defaults: [integrated@_here_, _self_]\nreview_days: 5\n")
    scenario = load_scenario(Path("x y/mine.yaml"))
    assert (scenario.name, scenario.run.seed, scenario.compared()) == ("mine", 9, ["relay_race", "pods"])
    assert load_scenario(overrides=["scenario=x y/mine.yaml"]) == scenario


def test_an_export_is_found_beside_the_file_that_names_it(here: Path) -> None:
    _touch("${x}/scenario/mine.yaml", "${x}/scenario/leads.csv", "${x}/deals.csv")
    Path("${x}/scenario/mine.yaml").write_text("market: {leads: {path: leads.csv}}\ncrm: {deals: deals.csv}\n")
    scenario = load_scenario("${x}/scenario/mine.yaml")
    assert scenario.market.leads.path == str(here / "${x}" / "scenario" / "leads.csv")
    assert scenario.crm.deals == str(here / "${x}" / "deals.csv")
    Path("config.yaml").write_text(dump_yaml(scenario))
    _touch("leads.csv")
    assert load_config_file("config.yaml") == scenario, "what is saved repeats the run, whatever the working folder"
    assert load_scenario("${x}/scenario/mine.yaml").market.leads.path == str(here / "leads.csv")


def test_exports_of_building_blocks_are_found_beside_them_and_what_is_typed_is_not(here: Path) -> None:
    _touch("x/mine.yaml", "x/leads/ours.yaml", "x/leads/l.csv", "x/crm/ours.yaml", "x/typed.csv")
    Path("x/leads/ours.yaml").write_text("path: l.csv\n")
    Path("x/crm/ours.yaml").write_text("leads: ~/x/typed.csv\n")
    found = load_scenario("x/mine.yaml", ["leads=ours", "crm=ours", "crm.deals=typed.csv"])
    assert found.market.leads.path == str(here / "x" / "leads" / "l.csv")
    assert (found.crm.leads, found.crm.deals) == (str(here / "x" / "typed.csv"), "typed.csv")
