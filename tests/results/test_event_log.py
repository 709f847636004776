"""``touches.parquet``: written row group by row group, with the rows, types and names of the table in memory."""

import errno
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import simulator as sim
from simulator.engines.report import LOG_DTYPE, in_chunks
from simulator.results.event_log import SCHEMA, Spool, TouchesWriter
from simulator.results.folder import Folder, FolderError, TableWriter

ARMS = [("relay_race", 0), ("integrated", 0), ("relay_race", 1)]


@cache
def result(organisation: str, replication: int) -> sim.Result:
    scenario = sim.load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=60", "run.follow_up_days=30"])
    return sim.simulate(scenario, organisation, replication=replication, record="touches")


def written(path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> Path:
    """The touches of all arms in row groups of so many rows, handed over in chunks of another size."""
    monkeypatch.setattr("simulator.results.event_log.ROWS_PER_GROUP", rows)
    writer = TouchesWriter(path, path)
    for organisation, replication in ARMS:
        one = result(organisation, replication)
        for chunk in in_chunks(one.report.log, 777):
            writer.append(organisation, replication, one.setup, chunk)
        writer.end_run()
    writer.close()
    return path


@pytest.mark.parametrize("rows", [500, 1 << 19])
def test_the_file_has_the_rows_of_the_tables_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    path = written(tmp_path / "touches.parquet", monkeypatch, rows)
    tables = [result(*arm).touches for arm in ARMS]
    groups = [len(part) for table in tables for part in in_chunks(np.arange(len(table)), rows)]
    metadata = pq.ParquetFile(path).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == groups
    assert len(groups) > 20 if rows == 500 else len(groups) == len(ARMS)
    back, expected = pd.read_parquet(path), pd.concat(tables, ignore_index=True)
    for name in ("organisation", "stage", "channel", "topic"):
        assert back[name].dtype == "category"
        back[name], expected[name] = back[name].astype(str), expected[name].astype(str)
    pd.testing.assert_frame_equal(back, expected)


def test_one_run_comes_back_with_the_very_types_of_its_table(tmp_path: Path) -> None:
    one, path = result("integrated", 0), tmp_path / "touches.parquet"
    writer = TouchesWriter(path, path)
    writer.append("integrated", 0, one.setup, one.report.log)
    writer.end_run()
    writer.close()
    pd.testing.assert_frame_equal(pd.read_parquet(path), one.touches)


def test_readers_see_the_schema_that_pandas_would_have_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = TableWriter(tmp_path / "plain", tmp_path / "plain")
    for arm in ARMS:
        plain.append(result(*arm).touches)
    plain.close()
    path = written(tmp_path / "touches.parquet", monkeypatch, 5000)
    assert pq.read_schema(path).equals(pq.read_schema(tmp_path / "plain"), check_metadata=True)
    assert pq.read_table(path).equals(pq.read_table(path).cast(SCHEMA).cast(pq.read_schema(path)))
    assert path.stat().st_size < (tmp_path / "plain").stat().st_size


def test_row_groups_can_be_skipped_by_run_and_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "touches.parquet", monkeypatch, 5000)
    asked = [("organisation", "==", "integrated"), ("time:timestamp", "<", pd.Timestamp("2024-02-01"))]
    touches = result("integrated", 0).touches
    assert len(pd.read_parquet(path, filters=asked)) == (touches["time:timestamp"] < "2024-02-01").sum() > 100
    first = pq.ParquetFile(path).metadata.row_group(0)
    found = {first.column(i).path_in_schema: first.column(i).is_stats_set for i in range(first.num_columns)}
    assert {name for name, has in found.items() if has} == {"time:timestamp", "organisation", "replication"}


def test_nothing_recorded_is_a_file_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "touches.parquet"
    TouchesWriter(path, path).close()
    assert len(pd.read_parquet(path)) == 0 and list(pd.read_parquet(path)) == SCHEMA.names


def test_a_spool_gives_rows_back_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.results.event_log._ROWS_READ", 1000)
    one = result("integrated", 0)
    log, spool = one.report.log, Spool(tmp_path, one.setup)
    for rows in in_chunks(log, 777):
        spool.append(rows)
    assert list(tmp_path.iterdir()) == []  # nothing that could stay
    chunks = [chunk.copy() for chunk in spool.rows()]
    spool.close()
    assert {len(chunk) for chunk in chunks[:-1]} == {1000} and 0 < len(chunks[-1]) <= 1000
    back = np.concatenate(chunks)
    assert back.dtype == LOG_DTYPE and all((back[name] == log[name]).all() for name in LOG_DTYPE.names)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_sink_gets_the_log_part_by_part(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.run._ROWS_AT_ONCE", 200)
    monkeypatch.setattr("simulator.engines.compiled.log_windows._ROWS_PER_WINDOW", 200)
    scenario = sim.load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=30", "run.follow_up_days=0"])
    whole = sim.simulate(scenario, "integrated", engine=engine, record="touches")
    parts: list[np.ndarray] = []
    streamed = sim.simulate(
        scenario, "integrated", engine=engine, record="touches", sink=lambda _, part: parts.append(part)
    )
    assert streamed.touches is None and len(parts) > 5
    in_order = [part[np.lexsort((part["buyer"], part["at"]))] for part in parts]
    log = np.concatenate(in_order)
    assert all((log[name] == whole.report.log[name]).all() for name in LOG_DTYPE.names)
    assert (np.lexsort((log["buyer"], log["at"])) == np.arange(len(log))).all()
    pd.testing.assert_frame_equal(streamed.journeys, whole.journeys)


def test_without_recording_a_sink_gets_nothing() -> None:
    scenario = sim.load_scenario("baseline", ["run.warm_up_days=0", "run.cohort_days=5", "run.follow_up_days=0"])
    sim.simulate(scenario, "integrated", record="journeys", sink=lambda _, rows: pytest.fail("rows"))


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    one = result("integrated", 0)
    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    line = r"^cannot write .*touches\.parquet: No space left on device$"
    with pytest.raises(FolderError, match=line), Folder(tmp_path / "run") as folder:
        writer = folder.written("touches.parquet", TouchesWriter)
        writer.append("integrated", 0, one.setup, one.report.log)
        writer.end_run()
    assert list(tmp_path.iterdir()) == []
