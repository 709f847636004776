"""What a search for a team and an audit leave, and what a reader sees of them."""

import json
from functools import cache

import pandas as pd
import pytest

from simulator.cli import main
from simulator.questions.compare.work import compare
from simulator.questions.mix.figure import label
from simulator.questions.mix.tell import QUESTION as MIX
from simulator.questions.mix.tell import front_table, notes, team_yaml
from simulator.questions.mix.work import mix
from simulator.questions.registry import STUDY_FILES, run_and_report
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.schema import ScenarioError
from tests.questions import telling
from tests.questions.made_up_teams import MadeUp, asked
from tests.questions.report_pages import checked
from tests.questions.telling import drawn, texts
from tests.results.fake_journeys import fake_simulate

pytestmark = pytest.mark.usefixtures("undrawn_figures")

SHORT = ["run.threads=1", "market.inquiries_per_year=300", "run.cohort_days=200", "run.follow_up_days=80"]


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@cache
def mixed(*objectives, equal=False):
    scenario = asked(*objectives, trials=16, policies=not equal)
    return mix(scenario, simulate=MadeUp(equal=equal))


# --- mix --------------------------------------------------------------------------------------------------------------


def test_a_search_leaves_tables_figures_and_a_team(tmp_path, capsys):
    scenario = asked("win_rate_inquiries", "cost_per_won", trials=16)
    found = run_and_report(scenario, tmp_path / "run", simulate=MadeUp())
    tables = ["trials.csv", "front.csv", "team.yaml", "figures/pareto.png", "figures/pareto.svg"]
    assert files(tmp_path / "run") == sorted([*tables, *STUDY_FILES])
    front = pd.read_csv(tmp_path / "run" / "front.csv")
    pd.testing.assert_frame_equal(front, front_table(found), check_dtype=False)
    assert load_config_file(tmp_path / "run" / "config.yaml") == found.scenario
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert (about["study"], about["trials"], about["recommended"]) == ("mix", 16, found.settings())
    assert checked(tmp_path / "run" / "report.html").all("svg")
    said = capsys.readouterr().out
    assert " ".join(MIX.conclusion(found)) in " ".join(said.split())
    with pytest.raises(ScenarioError, match=r"exists already"):
        run_and_report(scenario, tmp_path / "run", simulate=MadeUp())


def test_the_team_runs_as_a_scenario(tmp_path):
    scenario = load_scenario("transactional", ["study=mix", "study.mix.organisation=integrated", *SHORT])
    scenario.study.mix.trials, scenario.study.mix.replications = 30, 2
    scenario.study.mix.finalists, scenario.study.mix.check_replications = 3, 4
    scenario.study.mix.objectives = ["win_rate_inquiries"]
    found = mix(scenario, simulate=MadeUp())
    assert found.recommended is not found.present
    (tmp_path / "team.yaml").write_text(team_yaml(found))
    team = load_scenario("team", config_dir=tmp_path)
    own = team.organisations["integrated"]
    heads = (own.roles.marketer.headcount, own.roles.sdr.headcount, own.roles.rep.headcount)
    assert heads == found.recommended.candidate.heads
    assert own.scoring.threshold == found.recommended.candidate.values["score_threshold"]
    assert team.question == scenario.question
    compare(team, replications=2, simulate=fake_simulate)  # its payroll may differ from the others'


def test_the_sentences_say_who_is_better_and_what_was_luck():
    found = mixed("win_rate_inquiries")
    team, luck = MIX.conclusion(found)
    best = found.recommended.candidate.heads
    assert team.startswith(f"Only does best with {best.marketers} marketers")
    assert "against today's 3 marketers, 2 SDRs and 4 reps for 1.21 M usd: win rate of inquiries +" in team
    assert "on seeds that the search never saw" in team and luck.startswith("The search had promised +")


def test_when_nothing_is_surely_better_the_team_stays():
    found = mixed("win_rate_inquiries", equal=True)
    team, luck = MIX.conclusion(found)
    assert team.startswith("None of 16 teams and policies tried is surely better for only in win rate of inquiries")
    assert "points [-" in team and "promised" in luck


@pytest.mark.parametrize("width", [80, 140])
def test_tables_of_a_search_fit_and_lose_nothing(width):
    found = mixed("win_rate_inquiries", "cycle_time_median", "cost_per_won")
    text = telling.printed(MIX, found, width)
    assert max(map(len, text.splitlines())) <= width and "…" not in text
    for one in found.finalists:
        assert f"\n{one.letter} " in text
    for said in ("win rate of inquiries", "cycle time, median", "cost per win", "luck", "on average", "threshold"):
        assert said in text


def test_notes_of_a_search():
    every = mix(asked(trials=100, policies=False, payroll_tolerance=0.01, finalists=1), simulate=MadeUp())
    assert any(note.startswith("every team that the payroll allows was tried") for note in notes(every))
    poor = mix(asked(trials=2, payroll_usd_per_year=800_000.0, finalists=1), simulate=MadeUp())
    assert any("not at equal pay" in note for note in notes(poor))
    short = mix(asked(trials=9, seconds=1e-9), simulate=MadeUp())
    assert any("stopped after" in note and "1 of 9 trials" in note for note in notes(short))
    assert "none besides today's could be checked" in MIX.conclusion(short)[0]
    assert drawn(MIX, short)


def test_figures_of_a_search_name_every_finalist():
    for found in (mixed("win_rate_inquiries"), mixed("win_rate_inquiries", "cycle_time_median", "cost_per_won")):
        [(name, figure)] = drawn(MIX, found).items()
        assert name == ("teams" if len(found.objectives) == 1 else "pareto")
        said = texts(figure)
        assert all(label(one) in said for one in found.finalists)
        assert "n = 5 replications" in said and "1.21 M usd a year" in said
        assert len(figure.axes) == max(1, len(found.objectives) - 1)


def test_the_command_line_refuses_in_one_line(capsys):
    assert main(["study=mix", "study.mix.check_seed=1"]) == 2
    assert main(["study=audit", "study.audit.organisation=pods"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 2 and all(line.startswith("error: study.") for line in lines)
