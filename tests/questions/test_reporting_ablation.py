import copy
import json
import sys
from functools import cache
from types import SimpleNamespace

import pandas as pd
import pytest

from simulator.questions.limits import question as limit
from simulator.questions.registry import STUDY_FILES, run_and_report
from simulator.scenario.composing import load_config_file, load_scenario
from simulator.scenario.schema import ScenarioError
from tests.questions.report_pages import checked, section
from tests.results.fake_journeys import fake_simulate

METRICS = ("wins", "cost_per_won")


@cache
def loaded():
    return load_scenario(overrides=["study=ablation", "run.replications=3", "market.inquiries_per_year=400"])


def asked(**changes):
    scenario = copy.deepcopy(loaded())
    scenario.study.ablation.metrics, scenario.study.ablation.mechanisms = list(METRICS), ["access", "speed"]
    for key, value in changes.items():
        setattr(scenario.run, key, value)
    return scenario


def livelier(scenario, organisation, **how):
    """Made-up journeys in which access helps whoever stands later in the scenario."""
    if not scenario.mechanisms.access:
        organisation = next(iter(scenario.organisations))
    return fake_simulate(scenario, organisation, **how)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_folder_is_complete_and_repeats_the_run(tmp_path, capsys):
    found = run_and_report(asked(), tmp_path / "run", simulate=livelier)
    figures = [f"figures/ablation_{metric}.{kind}" for metric in METRICS for kind in ("svg", "png")]
    assert files(tmp_path / "run") == sorted(["ablation.csv", *STUDY_FILES, *figures])
    table = pd.read_csv(tmp_path / "run" / "ablation.csv", keep_default_na=False, na_values=[""])
    pd.testing.assert_frame_equal(table.fillna({"mechanism": ""}), found.table(), check_dtype=False)
    assert load_config_file(tmp_path / "run" / "config.yaml") == found.scenario == asked()
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert (about["study"], about["mechanisms"], about["replications"]) == ("ablation", ["access", "speed"], 3)
    assert about["runs"] == found.runs and about["no_gap_with_all_off"] is True
    page = checked(tmp_path / "run" / "report.html")
    assert len(page.all("svg")) == len(METRICS) and section(page, "numbers").all("table")
    printed = capsys.readouterr()
    assert "integrated - relay race" in printed.out
    assert printed.out.endswith(f"\nResults are in {tmp_path / 'run'}\nReport: {tmp_path / 'run' / 'report.html'}\n")
    assert "With every mechanism off, every gap is exactly 0" in printed.out
    assert f"{found.runs} of {found.runs} runs" in printed.err


def test_threads_do_not_change_a_byte(tmp_path):
    for threads in (1, 2):
        scenario = asked(threads=threads)
        scenario.study.ablation.metrics = ["wins"]
        run_and_report(scenario, tmp_path / str(threads), simulate=livelier)
    for name in files(tmp_path / "1"):
        if name not in ("manifest.json", "config.yaml", "report.html"):  # these say how many threads and when
            assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interruption_leaves_nothing(tmp_path, fault):
    def interrupted(scenario, organisation, **how):
        if how["replication"] == 2:
            raise fault
        return fake_simulate(scenario, organisation, **how)

    with pytest.raises(fault):
        run_and_report(asked(threads=1), tmp_path / "run", simulate=interrupted)
    assert not (tmp_path / "run").exists()


def never(*_, **__):
    raise AssertionError("nothing may run")


def test_a_used_folder_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "ablation.csv").write_text("mine")
    with pytest.raises(ScenarioError, match=r"ablation\.csv exists already"):
        run_and_report(asked(), tmp_path, simulate=never)
    assert files(tmp_path) == ["ablation.csv"]


def test_what_is_refused_leaves_no_folder(tmp_path):
    with pytest.raises(ScenarioError, match=r"run\.replications must be at least 2"):
        run_and_report(asked(replications=1), tmp_path / "run", simulate=never)
    assert not (tmp_path / "run").exists()


def test_a_study_is_answered_by_its_module_and_a_limit_comes_first(tmp_path, monkeypatch):
    scenario, asked_of = asked(), []
    calibration = SimpleNamespace(run_and_report_calibration=lambda *given: asked_of.append(("calibration", *given)))
    monkeypatch.setitem(sys.modules, "simulator.questions.calibrate_defaults.question", calibration)
    monkeypatch.setattr(limit, "run_and_report_limit", lambda *given: asked_of.append(("limit", *given)))
    scenario.study.name = "calibrate_defaults"
    run_and_report(scenario, tmp_path)
    scenario.study.name, scenario.limit = "ablation", "null"
    run_and_report(scenario, tmp_path)
    assert [(what, given.study.name, given.limit, folder) for what, given, folder in asked_of] == [
        ("calibration", "calibrate_defaults", "", tmp_path),
        ("limit", "ablation", "null", tmp_path),
    ]
