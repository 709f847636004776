"""``run.export=crm``: a folder for each organisation, of the first replication, whatever else is recorded."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import simulator as sim
from simulator.questions.compare.crm_export import CrmExport
from simulator.questions.compare.recording import Recorder
from simulator.questions.compare.work import compare
from simulator.questions.frame.runs import in_turn
from simulator.questions.registry import run_and_report
from simulator.results.folder import Folder
from simulator.scenario.checked import check
from simulator.scenario.composing import dump_yaml, load_config_file
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

pytestmark = pytest.mark.usefixtures("undrawn_figures")

ARMS = ("relay_race", "integrated")
FILES = ("leads.csv", "deals.csv", "stages.csv", "events.csv", "events.parquet")


def scenario(*more: str) -> Scenario:
    small = ["run.warm_up_days=0", "run.cohort_days=40", "run.follow_up_days=20", "run.replications=2",
             f"compare.organisations=[{','.join(ARMS)}]", "run.export=crm"]  # fmt: skip
    return sim.load_scenario("baseline", [*small, *more])


def exported(folder: Path, asked: Scenario, simulate: Any = None) -> Path:
    """The export alone, without tables and figures."""
    with Folder(folder) as results:
        export = CrmExport(results, ARMS, simulate)
        run = export.simulate
        if asked.run.record == "touches":
            turns = in_turn(ARMS)
            run = results.written("touches.parquet", lambda path, final: Recorder(path, final, turns, run)).simulate
        compare(asked, simulate=run, keep=export.keep)
    return folder


def test_each_organisation_has_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for slow in ("draw", "leave_report"):  # figures and pages take their time, and have tests of their own
        monkeypatch.setattr(f"simulator.questions.frame.question.{slow}", lambda *_: [])
    asked = scenario()
    run_and_report(asked, tmp_path / "run")
    folders = sorted(path.relative_to(tmp_path / "run" / "crm") for path in (tmp_path / "run" / "crm").rglob("*.*"))
    assert [str(path) for path in folders] == sorted(f"{name}/{file}" for name in ARMS for file in FILES)
    for name in ARMS:
        found = sim.crm_tables(sim.simulate(asked, name, record="touches"))
        events = pd.read_parquet(tmp_path / "run" / "crm" / name / "events.parquet")
        assert set(events["case:concept:name"]) == set(found.leads["lead_id"]) != set()
        for table, expected in found.named().items():
            dates = expected.select_dtypes("datetime").columns.tolist()
            back = pd.read_csv(tmp_path / "run" / "crm" / name / f"{table}.csv", dtype={"lead_id": str},
                               parse_dates=dates)  # fmt: skip
            pd.testing.assert_frame_equal(back, expected, check_dtype=False, check_categorical=False)


def test_what_repeats_a_run_repeats_its_export(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(dump_yaml(scenario()))
    assert load_config_file(tmp_path / "config.yaml").run.export == "crm"


def test_neither_threads_nor_touches_change_a_byte(tmp_path: Path) -> None:
    one = exported(tmp_path / "1", scenario("run.threads=1"))
    two = exported(tmp_path / "2", scenario("run.threads=2", "run.record=touches"))
    for path in sorted((one / "crm").rglob("*.*")):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path
    runs = [(name, replication) for replication in range(2) for name in ARMS]
    touches = [sim.simulate(scenario(), name, replication=number, record="touches").touches for name, number in runs]
    written = pd.read_parquet(two / "touches.parquet")
    pd.testing.assert_frame_equal(written.astype(str), pd.concat(touches, ignore_index=True).astype(str))


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interruption_leaves_nothing(tmp_path: Path, fault: type[BaseException]) -> None:
    def interrupted(which: Scenario, organisation: str, **how: Any) -> Any:
        if organisation == "integrated":
            assert (tmp_path / "run" / "crm" / "relay_race" / ".events.csv.partial").exists()
            raise fault
        return sim.simulate(which, organisation, **how)

    with pytest.raises(fault):
        exported(tmp_path / "run", scenario("run.threads=1"), interrupted)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["events.csv", "stages.csv"])
def test_a_file_that_is_there_is_refused_before_anything_runs(tmp_path: Path, name: str) -> None:
    (tmp_path / "crm" / "integrated").mkdir(parents=True)
    (tmp_path / "crm" / "integrated" / name).write_text("mine")
    with pytest.raises(ScenarioError, match=rf"{name} exists already"):
        exported(tmp_path, scenario(), lambda *_, **__: pytest.fail("ran"))
    assert [path.name for path in tmp_path.rglob("*.*")] == [name]


def test_a_name_that_is_no_folder_is_refused() -> None:
    asked = scenario()
    asked.organisations["../up"] = asked.organisations["integrated"]
    with pytest.raises(ScenarioError, match=r"^organisations must have names of letters.*got '\.\./up'$"):
        check(asked)
