import errno

import pandas as pd
import pyarrow.parquet as pq
import pytest

from simulator.results.folder import Folder, FolderError
from simulator.scenario.schema import ScenarioError
from tests.results.fake_journeys import fake_scenario, fake_simulate


def names(path):
    return sorted(str(file.relative_to(path)) for file in path.rglob("*"))


def test_files_appear_together_at_the_end(tmp_path):
    with Folder(tmp_path / "a" / "b") as folder:
        folder.text("one.txt", "1\n")
        folder.csv("two.csv", pd.DataFrame({"x": [1.5, None]}))
        with folder.writing("figures/three.svg") as path:
            path.write_text("<svg/>")
        assert not any(name.endswith((".txt", ".csv", ".svg")) for name in names(folder.path))
    assert names(folder.path) == ["figures", "figures/three.svg", "one.txt", "two.csv"]
    assert (folder.path / "two.csv").read_bytes() == b'x\n1.5\n""\n'


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_after_an_interruption_nothing_is_left(tmp_path, fault):
    with pytest.raises(fault), Folder(tmp_path / "run") as folder:
        folder.table("journeys.parquet").append(pd.DataFrame({"x": [1]}))
        folder.text("figures/one.txt", "1")
        raise fault
    assert names(tmp_path) == []


def test_a_folder_that_was_there_stays(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RuntimeError), Folder(tmp_path) as folder:
        folder.text("one.txt", "1")
        raise RuntimeError
    assert names(tmp_path) == ["mine.txt"]


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "one.txt").write_text("mine")
    with pytest.raises(ScenarioError, match=r"one\.txt exists already"), Folder(tmp_path) as folder:
        folder.text("one.txt", "1")
    assert (tmp_path / "one.txt").read_text() == "mine"


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    line = r"^cannot write .*journeys\.parquet: No space left on device$"
    with pytest.raises(FolderError, match=line), Folder(tmp_path) as folder:
        folder.table("journeys.parquet").append(pd.DataFrame({"x": [1]}))
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="cannot write"), Folder(tmp_path / "file" / "run"):
        pass


def test_rows_come_back_with_their_types(tmp_path):
    scenario = fake_scenario()
    tables = [fake_simulate(scenario, name, replication=r).journeys for r in range(2) for name in scenario.compared()]
    tables.append(tables[0].iloc[:0])
    with Folder(tmp_path) as folder:
        journeys = folder.table("journeys.parquet")
        for table in tables:
            journeys.append(table)
    file = pq.ParquetFile(tmp_path / "journeys.parquet")
    assert file.metadata.num_row_groups >= 4
    assert str(file.schema_arrow.field("ended_at").type) == "timestamp[us]"
    back = pd.read_parquet(tmp_path / "journeys.parquet")
    expected = pd.concat(tables, ignore_index=True)
    pd.testing.assert_frame_equal(back, expected, check_categorical=False, check_dtype=False)
    assert back.dtypes["outcome"] == "category" and back.dtypes["calls"] == "int32"
