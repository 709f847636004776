"""``run.record=touches``: one file, the same on any number of threads, and nothing of it after an interruption."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import simulator as sim
from simulator.domain.scenario import Scenario
from simulator.domain.schema import ScenarioError
from simulator.reporting import run_and_report

SMALL = ["run.warm_up_days=0", "run.cohort_days=30", "run.follow_up_days=10", "run.replications=3",
         "run.record=touches", "compare.organisations=[relay_race,integrated]"]  # fmt: skip


def scenario(threads: int = 1) -> Scenario:
    return sim.load_scenario("baseline", [*SMALL, f"run.threads={threads}"])


def run(folder: Path, threads: int = 1, simulate: Any = None) -> Path:
    run_and_report(scenario(threads), folder, simulate=simulate)
    return folder / "touches.parquet"


def test_touches_stand_in_the_order_of_replications_and_organisations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.results.event_log.ROWS_PER_GROUP", 1000)
    one, two = run(tmp_path / "1"), run(tmp_path / "2", threads=2)
    assert one.read_bytes() == two.read_bytes()
    assert pq.ParquetFile(one).metadata.num_row_groups > 12
    runs = [(name, replication) for replication in range(3) for name in ("relay_race", "integrated")]
    tables = [sim.simulate(scenario(), name, replication=replication).touches for name, replication in runs]
    back, expected = pd.read_parquet(one), pd.concat(tables, ignore_index=True)
    pd.testing.assert_frame_equal(back.astype(str), expected.astype(str))
    with_touches = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert "touches.parquet" in with_touches and not any(name.startswith(".") for name in with_touches)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("fault", [KeyboardInterrupt, ZeroDivisionError, OverflowError])
def test_an_interruption_leaves_nothing_of_the_touches(
    tmp_path: Path, fault: type[BaseException], threads: int
) -> None:
    def interrupted(which: Scenario, organisation: str, **how: Any) -> Any:
        if how["replication"] == 1:
            assert (tmp_path / "run" / ".touches.parquet.partial").exists()
            raise fault
        return sim.simulate(which, organisation, **how)

    with pytest.raises(fault):
        run(tmp_path / "run", threads, interrupted)
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_during_a_run_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: open("/dev/full", "r+b", buffering=0))  # noqa: SIM115
    with pytest.raises(ScenarioError, match=r"^cannot write .*run: No space left on device$"):
        run(tmp_path / "run")
    assert not (tmp_path / "run").exists()
