"""``run.record=touches``: one file, the same on any number of threads, and nothing of it after an interruption."""

import errno
import itertools
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import simulator as sim
from simulator.engines.report import sorted_log
from simulator.questions.compare.recording import Recorder
from simulator.questions.frame.runs import in_turn
from simulator.questions.registry import run_and_report
from simulator.results import event_log
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

pytestmark = pytest.mark.usefixtures("undrawn_figures")

SMALL = ["run.warm_up_days=0", "run.cohort_days=30", "run.follow_up_days=10", "run.replications=3",
         "run.record=touches", "compare.organisations=[relay_race,integrated]"]  # fmt: skip


@cache
def scenario(threads: int = 1) -> Scenario:
    return sim.load_scenario("baseline", [*SMALL, f"run.threads={threads}"])


def run(folder: Path, threads: int = 1, simulate: Any = None) -> Path:
    run_and_report(scenario(threads), folder, simulate=simulate)
    return folder / "touches.parquet"


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that draw nothing, which is most of what they take: the first test draws, and those of `test_reporting`."""
    monkeypatch.setattr("simulator.questions.compare.tell.ComparisonQuestion.figures", lambda *_: {})


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a whole run on one thread."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simulator.questions.compare.tell.ComparisonQuestion.figures", lambda *_: {})
        return run(tmp_path_factory.mktemp("expected") / "run").read_bytes()


def test_touches_stand_in_the_order_of_replications_and_organisations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.results.event_log.ROWS_PER_GROUP", 500)
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
    assert not (tmp_path / "run").exists() and no_writer_is_left()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_is_full_for_a_run_ahead_of_its_turn_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = threading.Event()

    def full_disk(**_: Any) -> Any:
        full.set()
        return open("/dev/full", "r+b", buffering=0)

    def first_waits(which: Scenario, organisation: str, **how: Any) -> Any:
        if (how["replication"], organisation) == (0, "relay_race"):
            assert full.wait(60)
        return sim.simulate(which, organisation, **how)

    monkeypatch.setattr("tempfile.TemporaryFile", full_disk)
    with pytest.raises(ScenarioError, match=r"^cannot write .*run: No space left on device$"):
        run(tmp_path / "run", 2, first_waits)
    assert not (tmp_path / "run").exists() and no_writer_is_left()


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("at", [0, 3, 5])
def test_a_disk_that_is_full_for_the_file_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, threads: int
) -> None:
    """In the first row group, between, and in the last, when all runs are over."""
    written, write = [], pq.ParquetWriter.write_table

    def full(self: Any, table: Any, **how: Any) -> None:
        if "case:concept:name" in table.column_names:
            if len(written) == at:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(table)
        write(self, table, **how)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(ScenarioError, match=r"^cannot write .*touches\.parquet: No space left on device$"):
        run(tmp_path / "run", threads)
    assert not (tmp_path / "run").exists() and len(written) == at and no_writer_is_left()


def no_writer_is_left() -> bool:
    return not any(thread.name == "touches" for thread in threading.enumerate())


@pytest.mark.parametrize("order", [range(6), range(5, -1, -1), (1, 0, 3, 2, 5, 4), (2, 5, 0, 1, 3, 4)])
def test_runs_may_end_in_any_order(
    tmp_path: Path, order: Sequence[int], expected: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only those ahead of their turn take room on disk, and the file is the same."""
    spools: list[Any] = []
    monkeypatch.setattr(
        "simulator.questions.compare.recording.Spool", lambda *how: spools.append(how) or event_log.Spool(*how)
    )
    which, path = scenario(), tmp_path / "touches"
    runs = list(itertools.islice(in_turn(which.compared()), 6))
    recorder = Recorder(path, path, in_turn(which.compared()))
    for i in order:
        recorder.simulate(which, runs[i][1], replication=runs[i][0], record="touches")
    recorder.close()
    assert path.read_bytes() == expected
    assert len(spools) == sum(
        any(earlier not in order[:place] for earlier in range(i)) for place, i in enumerate(order)
    )


def test_a_run_that_overtakes_goes_on_in_the_file_when_its_turn_comes(tmp_path: Path, expected: bytes) -> None:
    """Half of its rows come before the run ahead of it ends, half after."""
    which, path = scenario(), tmp_path / "touches"
    halfway, first_is_over = threading.Event(), threading.Event()

    def simulate(chosen: Scenario, organisation: str, *, replication: int, sink: Any, **how: Any) -> Any:
        def in_halves(setup: Any, rows: Any) -> None:
            if (replication, organisation) != (0, "integrated"):
                sink(setup, rows)
                return
            log = sorted_log(rows)
            sink(setup, log[: len(log) // 2])
            halfway.set()
            assert first_is_over.wait(60)
            sink(setup, log[len(log) // 2 :])

        return sim.simulate(chosen, organisation, replication=replication, sink=in_halves, **how)

    recorder = Recorder(path, path, in_turn(which.compared()), simulate)
    second = threading.Thread(
        target=lambda: recorder.simulate(which, "integrated", replication=0, record="touches"), daemon=True
    )
    second.start()
    assert halfway.wait(60)
    recorder.simulate(which, "relay_race", replication=0, record="touches")
    first_is_over.set()
    second.join()
    for replication, name in itertools.islice(in_turn(which.compared()), 2, 6):
        recorder.simulate(which, name, replication=replication, record="touches")
    recorder.close()
    assert path.read_bytes() == expected
