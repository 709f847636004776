import json
import sys

import pandas as pd
import pytest

from simulator.questions.compare.tell import QUESTION
from simulator.questions.registry import STUDY_FILES, run_and_report
from simulator.scenario.composing import load_config_file
from simulator.scenario.schema import ScenarioError
from tests.results.fake_journeys import fake_scenario, fake_simulate

pytestmark = pytest.mark.usefixtures("undrawn_figures")

ALONE = ("funnel", "cycle_time", "cost_per_won", "first_response", "outcomes", "load", "channels")
FILES = (*QUESTION.files, *STUDY_FILES)
FIGURES, FIGURES_ALONE = (
    [f"figures/{name}.{kind}" for name in names for kind in ("svg", "png")]
    for names in ((*ALONE, "paired_differences"), ALONE)
)


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_the_folder_is_complete(tmp_path, capsys):
    found = run_and_report(fake_scenario(record="touches"), tmp_path / "run", simulate=fake_simulate)
    assert files(tmp_path / "run") == sorted([*FILES, *FIGURES, "touches.parquet"])
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "run" / "metrics.csv"), found.metrics, check_dtype=False)
    journeys = pd.read_parquet(tmp_path / "run" / "journeys.parquet")
    keys = list(journeys.groupby(["replication", "organisation"], sort=False, observed=True).groups)
    assert keys == [(r, name) for r in range(4) for name in found.organisations]
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert about["seed"] == 1 and about["payroll_usd_per_year"] == found.payrolls()
    assert about["counts"]["relay_race"]["buyers"] == (journeys["organisation"] == "relay_race").sum()
    assert about["python"] == sys.version.split()[0] and {"started", "duration_seconds"} <= set(about)
    assert load_config_file(tmp_path / "run" / "config.yaml") == found.scenario
    printed = capsys.readouterr()
    assert "win rate of inquiries" in printed.out
    assert printed.out.endswith(f"Results are in {tmp_path / 'run'}\nReport: {tmp_path / 'run' / 'report.html'}\n")
    assert "8 of 8 runs" in printed.err


def test_no_touches_unless_asked_for(tmp_path):
    run_and_report(fake_scenario("only"), tmp_path, simulate=fake_simulate)
    assert files(tmp_path) == sorted([*FILES, *FIGURES_ALONE])


def test_unequal_payrolls_leave_no_folder(tmp_path):
    scenario = fake_scenario()
    scenario.organisations["integrated"].roles.rep.headcount += 1
    with pytest.raises(ScenarioError):
        run_and_report(scenario, tmp_path / "run", simulate=None)
    assert files(tmp_path) == []
