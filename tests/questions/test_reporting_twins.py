"""The folders that twins and transition leave."""

import copy
import json
from functools import cache

import pandas as pd
import pytest

from simulator.questions.registry import STUDY_FILES, run_and_report
from simulator.questions.twins.tell import twins_table
from simulator.results.folder import FolderError
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.schema import ScenarioError
from tests.questions.report_pages import checked, section

SHORT = ["run.replications=2", "run.warm_up_days=30", "run.cohort_days=40", "run.follow_up_days=90",
         "market.inquiries_per_year=1500", "market.journey.step_days=1", "market.journey.prior_knowledge=0.8",
         "compare.organisations=[relay_race,integrated]"]  # fmt: skip


@cache
def loaded(study):
    return load_scenario(overrides=[*SHORT, f"study={study}"])


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_folder_of_twins(tmp_path, capsys):
    found = run_and_report(copy.deepcopy(loaded("twins")), tmp_path / "run")
    figures = [f"figures/twins_{name}.{kind}" for name in ("flips", "partings", "stories") for kind in ("svg", "png")]
    tables = ["twins.csv", "divergences.csv", "lives.csv", "stories.csv", "stories.md"]
    assert files(tmp_path / "run") == sorted([*tables, *STUDY_FILES, *figures])
    read = {name: pd.read_csv(tmp_path / "run" / name, keep_default_na=False, na_values=["nan"]) for name in tables[:4]}
    assert len(read["twins.csv"]) == len(twins_table(found)) and len(read["lives.csv"]) == len(found.divergences)
    assert read["divergences.csv"]["buyers"].sum() == found.divergences["parted"].sum()
    assert "arrived_us" not in read["lives.csv"]
    assert load_config_file(tmp_path / "run" / "config.yaml") == found.scenario
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert about["study"] == "twins" and about["organisations"] == ["relay_race", "integrated"]
    assert about["runs"] == found.runs and len(about["conclusion"]) == 2
    page = checked(tmp_path / "run" / "report.html")
    assert len(page.all("svg", "img")) == 3 and len(section(page, "numbers").all("table")) == 3
    printed = capsys.readouterr()
    assert "Who flipped" in printed.out and f"{found.runs} of {found.runs} runs" in printed.err
    assert (tmp_path / "run" / "conclusion.txt").read_text().splitlines() == about["conclusion"]


def test_the_folder_of_a_transition(tmp_path, capsys):
    found = run_and_report(copy.deepcopy(loaded("transition")), tmp_path / "run")
    figures = [f"figures/transition_path.{kind}" for kind in ("svg", "png")]
    assert files(tmp_path / "run") == sorted(["path.csv", "transition_summary.csv", *STUDY_FILES, *figures])
    table = pd.read_csv(tmp_path / "run" / "path.csv")
    pd.testing.assert_frame_equal(table, found.path_table(), check_dtype=False)
    assert load_config_file(tmp_path / "run" / "config.yaml") == found.scenario == loaded("transition")
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert about["organisations"]["changes"] == "relay_race_to_integrated" and about["change_day"] == 30.0
    page = checked(tmp_path / "run" / "report.html")
    columns = [one.words() for one in section(page, "assumptions").all("table")[0].all("th")[:4]]
    assert columns == ["assumption", "relay race", "relay race to integrated", "integrated"]
    assert "6 of 6 runs" in capsys.readouterr().err


def never(*_, **__):
    raise AssertionError("nothing may run")


@pytest.mark.parametrize("study, name", [("twins", "stories.md"), ("transition", "path.csv")])
def test_a_used_folder_is_refused_before_anything_runs(tmp_path, study, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(FolderError, match="exists already"):
        run_and_report(copy.deepcopy(loaded(study)), tmp_path, simulate=never)
    assert files(tmp_path) == [name]


@pytest.mark.parametrize("study", ["twins", "transition"])
def test_what_is_refused_leaves_no_folder(tmp_path, study):
    scenario = copy.deepcopy(loaded(study))
    scenario.run.replications = 1
    with pytest.raises(ScenarioError, match=rf"run\.replications must be at least 2 for study={study}"):
        run_and_report(scenario, tmp_path / "run", simulate=never)
    assert not (tmp_path / "run").exists()
