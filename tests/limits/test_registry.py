"""Every limit is a scenario that a user can run, and leaves what repeats it."""

import json

import pandas as pd
import pytest
import yaml

from simulator.questions.limits.finding import COLUMNS, Finding, Row, estimated, exact, verdict
from simulator.questions.limits.registry import LIMITS
from simulator.questions.registry import STUDY_FILES, run_and_report
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.config_sources import SCENARIOS, option_names
from simulator.scenario.mechanisms import MARKET_NEUTRAL
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from tests.limits.points import found, shipped
from tests.questions.report_pages import checked, section


def test_scenario_names_choices_and_limits_are_the_same():
    assert {file.stem for file in (SCENARIOS / "limits").glob("*.yaml")} >= set(LIMITS)
    choices = Scenario.__dataclass_fields__["limit"].metadata["choices"]
    assert {choice for choice in choices if choice} == set(LIMITS)


def test_what_limits_begin_with_switches_off_every_mechanism_of_the_market():
    bare = yaml.safe_load((SCENARIOS / "limits" / "_bare.yaml").read_text(encoding="utf-8"))
    assert bare["mechanisms"] == dict.fromkeys(MARKET_NEUTRAL, False)
    assert "limits/bass" in option_names("scenario") and "limits/_bare" not in option_names("scenario")


@pytest.mark.parametrize("name", LIMITS)
def test_a_shipped_limit_opens_with_its_question(name):
    scenario = shipped(name)
    first_line = (SCENARIOS / "limits" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first_line == f"# {scenario.question}" and scenario.question.endswith("?")
    assert (scenario.limit, scenario.name) == (name, f"limits/{name}")


def test_no_comparison_names_a_limit():
    assert load_scenario().limit == ""
    with pytest.raises(ScenarioError, match=r"limit must be one of"):
        load_scenario(overrides=["limit=erlang_b"])


@pytest.mark.long
@pytest.mark.parametrize("name", LIMITS)
def test_as_shipped(name):
    finding = found(name)
    assert finding.agrees and not finding.notes and all(row.agrees for row in finding.rows)


@pytest.mark.parametrize("name", ["stage_chain", "pipeline", "reach", "projects", "deadline"])
def test_journeys_projects_and_closing_agree_with_theory_in_few_replications(name):
    finding = found(name, "run.replications=4")
    assert finding.agrees and len(finding.rows) >= 3 and not finding.notes


def test_the_folder_repeats_the_run(tmp_path, capsys):
    scenario = shipped(
        "null", "run.replications=1", "run.cohort_days=10", "run.follow_up_days=10", "run.warm_up_days=0"
    )
    finding = run_and_report(scenario, tmp_path / "run")
    assert isinstance(finding, Finding) and finding.agrees
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == sorted(["limit.csv", *STUDY_FILES])
    assert load_config_file(tmp_path / "run" / "config.yaml") == scenario
    table = pd.read_csv(tmp_path / "run" / "limit.csv", keep_default_na=False)
    assert list(table.columns) == list(COLUMNS) and set(table["limit"]) == {"null"} and table["agrees"].all()
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert about["scenario"] == "limits/null" and about["agrees"] is True
    page = checked(tmp_path / "run" / "report.html")
    assert "ll 4 rows agree with the theory" in section(page, "answer").words() and page.all("table")
    printed = capsys.readouterr()
    said = " ".join(printed.out.split())  # lines break where the terminal is narrow
    assert "all 4 rows agree with the theory" in said and "6 of 6 runs" not in printed.err
    with pytest.raises(ScenarioError, match=r"limit\.csv exists already"):
        run_and_report(scenario, tmp_path / "run")


def test_what_counts_as_agreement():
    row = estimated("a", "q", "h", 1.0, [0.9, 1.1, 1.0, 1.05, 0.95] * 4)
    assert row.agrees and row.ci_low < 1.0 < row.ci_high and row.bound > row.ci_high - row.simulated
    assert not estimated("a", "q", "h", 1.2, [0.9, 1.1, 1.0, 1.05, 0.95] * 4).agrees
    assert estimated("a", "q", "share", 1e-6, [0.0] * 5, resolution=1e-5).agrees
    assert not estimated("a", "q", "share", 1e-4, [0.0] * 5, resolution=1e-5).agrees
    assert exact("a", "q", "", 0, 0).agrees and not exact("a", "q", "", 0, 1).agrees


def test_a_verdict_is_worth_its_words():
    right, wrong = exact("a", "q", "", 0, 0), exact("a", "q", "", 0, 1)
    unknown = estimated("a", "q", "", 0, [0.1])
    assert verdict([right]) == "theory and simulation agree"
    assert verdict([right, right]) == "all 2 rows agree with the theory"
    assert verdict([right, wrong]) == "1 of 2 rows DISAGREE with the theory"
    assert "set run.replications to 2" in verdict([right, unknown])
    assert isinstance(unknown, Row) and unknown.agrees is None


def test_a_scenario_of_ones_own_can_begin_with_a_limit(tmp_path):
    own = "# Mine?\nquestion: Mine?\ndefaults:\n  - limits/pipeline\n  - _self_\nrun: { seed: 9 }\n"
    (tmp_path / "mine.yaml").write_text(own, encoding="utf-8")
    mine = load_scenario("mine", config_dir=tmp_path)
    assert (mine.market, mine.mechanisms) == (shipped("pipeline").market, shipped("pipeline").mechanisms)
