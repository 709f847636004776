"""What is kept of jobs survives whatever becomes of those who write it."""

import json
import threading

import pyarrow as pa
import pytest

from simulator.results.folder import FolderError
from simulator.sweeps.journal import DONE, FAILED, JOURNAL, Journal, Rows, entries, missing

SCHEMA = pa.schema([("name", pa.string()), ("value", pa.float64())])


def rows(job, count=3):
    names, values = [f"{job}.{i}" for i in range(count)], [job + i / 8 for i in range(count)]
    return pa.record_batch([pa.array(names), pa.array(values)], schema=SCHEMA)


def kept(folder, jobs, failed=()):
    journal = Journal(folder)
    for job in jobs:
        if job in failed:
            journal.failed(job, 0.5, f"no {job}")
        else:
            journal.done(job, 0.25, rows(job))
    journal.close()


def test_rows_come_back_as_they_were(tmp_path):
    kept(tmp_path, [3, 1], failed=[1])
    kept(tmp_path, [0, 2])
    known = entries(tmp_path)
    assert list(known) == [0, 1, 2, 3]
    assert (known[1].status, known[1].message, known[3].status) == (FAILED, "no 1", DONE)
    reader = Rows(tmp_path, SCHEMA)
    for job in (0, 2, 3):
        assert reader.of(known[job]).equals(rows(job))
    reader.close()
    assert missing(5, known.values()) == [1, 4]


def test_what_was_done_once_stays_done(tmp_path):
    kept(tmp_path, [0, 1], failed=[0])
    kept(tmp_path, [0, 1], failed=[1])
    assert {job: entry.status for job, entry in entries(tmp_path).items()} == {0: DONE, 1: DONE}


@pytest.mark.parametrize("lost", [1, 7, 40])
def test_a_last_line_that_is_not_whole_is_passed_over(lost, tmp_path):
    kept(tmp_path, [0, 1, 2])
    [index] = (tmp_path / JOURNAL).glob("*.index")
    index.write_bytes(index.read_bytes()[:-lost])
    assert list(entries(tmp_path)) == [0, 1]
    with index.open("ab") as more:  # rows that no line speaks of do not matter either
        more.write(b"")
    [file] = (tmp_path / JOURNAL).glob("*.rows")
    with file.open("ab") as more:
        more.write(b"\0" * 17)
    reader = Rows(tmp_path, SCHEMA)
    assert reader.of(entries(tmp_path)[1]).equals(rows(1))
    reader.close()


def test_threads_may_write_side_by_side(tmp_path):
    journal = Journal(tmp_path)
    writers = [
        threading.Thread(
            target=lambda first: [journal.done(job, 0, rows(job)) for job in range(first, 200, 4)], args=(n,)
        )
        for n in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    journal.close()
    known, reader = entries(tmp_path), Rows(tmp_path, SCHEMA)
    assert list(known) == list(range(200))
    assert all(reader.of(known[job]).equals(rows(job)) for job in known)
    reader.close()


def test_nothing_is_written_before_the_first_job(tmp_path):
    Journal(tmp_path).close()
    assert not list(tmp_path.iterdir()) and entries(tmp_path) == {}


def test_a_full_disk_is_one_line(tmp_path):
    (tmp_path / JOURNAL).write_text("a file where the folder should be")
    with pytest.raises(FolderError, match=r"^cannot write .*jobs: "):
        kept(tmp_path, [0])


class Tight:
    """A file on a disk that takes ever smaller parts, then none."""

    def __init__(self, room):
        self.content, self.room = b"", room

    def tell(self):
        return len(self.content)

    def write(self, part):
        if self.room <= 0:
            raise OSError(28, "No space left on device")
        taken = bytes(part[: max(1, self.room // 2)])
        self.content, self.room = self.content + taken, self.room - len(taken)
        return len(taken)

    def close(self):
        pass


@pytest.mark.parametrize("room", [1, 50, 200])
def test_rows_that_a_full_disk_took_in_part_are_spoken_of_by_no_line(room, tmp_path):
    journal = Journal(tmp_path)
    journal.done(0, 0.0, rows(0))
    journal._rows.close()
    journal._rows = Tight(room)
    with pytest.raises(FolderError, match="No space left on device"):
        journal.done(1, 0.0, rows(1))
    journal.close()
    assert 0 < len(journal._rows.content) == room < rows(1).serialize().size
    assert list(entries(tmp_path)) == [0]


def test_a_line_is_one_of_json(tmp_path):
    kept(tmp_path, [4])
    [index] = (tmp_path / JOURNAL).glob("*.index")
    assert json.loads(index.read_text())["job"] == 4
