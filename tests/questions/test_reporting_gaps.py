"""What studies of the gap leave and print: `study=sensitivity` and `study=when`."""

import json

import pandas as pd
import pytest

from simulator.questions.registry import STUDY_FILES, run_and_report
from simulator.scenario.composing import load_config_file
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free
from tests.questions.conftest import ready_summaries  # noqa: F401  # a fixture
from tests.questions.known_gaps import CLASHES, DOUBT, TRUST, asking, known, never, unit_ranges
from tests.questions.report_pages import checked, section

pytestmark = pytest.mark.usefixtures("ready_summaries")

FREE = unit_ranges(trust=TRUST, doubt=DOUBT, clashes=CLASHES)


def gap(scenario, replication):
    clashes = scenario.organisations["integrated"].consistency.contradiction_chance
    return 2000 * scenario.market.trust.initial - 1800 * clashes + 10 * replication


def asked(study):
    scenario = asking(study, FREE)
    settings = {
        "sensitivity": {"method": "both", "trajectories": 3, "sobol_points": 8, "resamples": 100},
        "when": {"x": Free(TRUST, 0, 1), "y": Free(CLASHES, 0, 1), "points": 3, "hypercube": 60, "held_out": 20,
                 "rule_replications": 2},
    }[study]  # fmt: skip
    for key, value in settings.items():
        setattr(getattr(scenario.study, study), key, value)
    return scenario


TABLES = {"sensitivity": ["morris.csv", "points.csv", "sobol.csv"], "when": ["map.csv", "prim.csv", "prim_points.csv"]}
FIGURES = {"sensitivity": ["morris_net", "sobol_net"], "when": ["map_net", "rule"]}


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("study", list(TABLES))
def test_the_folder_is_complete_and_repeats_the_run(study, tmp_path, capsys):
    found = run_and_report(asked(study), tmp_path / "run", simulate=known(gap))
    figures = [f"figures/{name}.{kind}" for name in FIGURES[study] for kind in ("svg", "png")]
    assert files(tmp_path / "run") == sorted([*TABLES[study], *STUDY_FILES, *figures])
    assert load_config_file(tmp_path / "run" / "config.yaml") == found.scenario == asked(study)
    about = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert (about["study"], about["replications"], about["runs"]) == (study, 2, found.runs)
    assert about["organisations"] == ["relay_race", "integrated"] and about["assumptions"] == list(FREE)
    said = (tmp_path / "run" / "conclusion.txt").read_text().splitlines()
    page = checked(tmp_path / "run" / "report.html")
    assert len(page.all("svg")) == len(FIGURES[study]) and section(page, "numbers").all("table")
    assert all(" ".join(one.split()) in section(page, "answer").words() for one in said)
    assert "this study's own question" in section(page, "hangs-on").words()
    printed = capsys.readouterr()
    assert said == about["conclusion"] and len(said) == 2
    assert " ".join(" ".join(said).split()) in " ".join(printed.out.split())
    assert f"{found.runs} of {found.runs} runs" in printed.err
    for name in TABLES[study]:
        table = pd.read_csv(tmp_path / "run" / name)
        assert set(table["metric"]) == {"net"} and set(table["organisation"]) == {"integrated"}


@pytest.mark.parametrize("study", list(TABLES))
def test_threads_do_not_change_a_byte(study, tmp_path):
    for threads in (1, 2):
        scenario = asked(study)
        scenario.run.threads = threads
        run_and_report(scenario, tmp_path / str(threads), simulate=known(gap))
    for name in files(tmp_path / "1"):
        if name not in ("manifest.json", "config.yaml", "report.html"):  # these say how many threads and when
            assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def test_a_used_folder_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "points.csv").write_text("mine")
    with pytest.raises(ScenarioError, match=r"points\.csv exists already"):
        run_and_report(asked("sensitivity"), tmp_path, simulate=never)
    assert files(tmp_path) == ["points.csv"]


def test_an_interruption_leaves_nothing(tmp_path):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_and_report(asked("when"), tmp_path / "run", simulate=interrupted)
    assert not (tmp_path / "run").exists()
