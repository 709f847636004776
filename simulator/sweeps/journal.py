"""What jobs of a sweep have found, kept as each finishes: nothing of a job that is done is ever lost.

Two files of each process that runs jobs, both only ever appended to: rows as Arrow messages, and an index with a line
for each job, written after its rows. A process that is killed leaves at most a last line that is not whole, and rows
that no line speaks of; both are passed over when the journal is read.
"""

import json
import os
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from simulator.results.folder import writing

if TYPE_CHECKING:
    import pyarrow as pa

#: The folder of the journals, in that of the sweep.
JOURNAL = "jobs"
DONE, FAILED = "done", "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One job in the journal.

    Attributes
    ----------
    status : DONE or FAILED.
    seconds : how long it took.
    message : of a failure, "" otherwise.
    file, offset, length : where its rows are; nothing of a failed one.
    """

    job: int
    status: str
    seconds: float
    message: str = ""
    file: str = ""
    offset: int = 0
    length: int = 0


class Journal:
    """Where one process writes what its jobs found; any of its threads may."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / JOURNAL
        self._name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._lock = threading.Lock()
        self._rows: IO[bytes] | None = None
        self._index: IO[bytes] | None = None

    def done(self, job: int, seconds: float, rows: "pa.RecordBatch") -> None:
        """Keep the rows of a job."""
        message = rows.serialize()
        with self._lock, writing(self._folder):
            self._open()
            assert self._rows is not None
            offset = self._rows.tell()
            _write(self._rows, message)
            self._line({"job": job, "status": DONE, "seconds": round(seconds, 6), "file": f"{self._name}.rows",
                        "offset": offset, "length": message.size})  # fmt: skip

    def failed(self, job: int, seconds: float, message: str) -> None:
        """Keep why a job has no rows."""
        with self._lock, writing(self._folder):
            self._open()
            self._line({"job": job, "status": FAILED, "seconds": round(seconds, 6), "message": message})

    def close(self) -> None:
        """End the files."""
        with self._lock:
            for file in (self._rows, self._index):
                if file is not None:
                    file.close()

    def _open(self) -> None:
        if self._rows is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Unbuffered: what is written is the system's, and stays whatever becomes of this process.
            self._rows = (self._folder / f"{self._name}.rows").open("xb", buffering=0)
            self._index = (self._folder / f"{self._name}.index").open("xb", buffering=0)

    def _line(self, entry: Mapping[str, Any]) -> None:
        assert self._index is not None
        _write(self._index, json.dumps(entry).encode() + b"\n")


def _write(file: IO[bytes], content: Any) -> None:
    """All of it: a disk that fills up takes a part first, and says so only when asked for the rest."""
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def entries(folder: Path) -> dict[int, Entry]:
    """The last word on each job that a sweep's journals speak of, in the order of jobs; done beats failed."""
    found: dict[int, Entry] = {}
    for file in sorted((folder / JOURNAL).glob("*.index")):
        for entry in _read(file):
            if entry.job not in found or found[entry.job].status != DONE:
                found[entry.job] = entry
    return dict(sorted(found.items()))


def _read(file: Path) -> Iterator[Entry]:
    with file.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                return  # whoever wrote it was killed
            yield Entry(**json.loads(line))


class Rows:
    """Reads the rows of jobs from the journals, each when it is asked for."""

    def __init__(self, folder: Path, schema: "pa.Schema") -> None:
        self._folder, self._schema = folder / JOURNAL, schema
        self._files: dict[str, IO[bytes]] = {}

    def of(self, entry: Entry) -> "pa.RecordBatch":
        """The rows of a job that is done."""
        import pyarrow as pa

        if entry.file not in self._files:
            self._files[entry.file] = (self._folder / entry.file).open("rb", buffering=0)
        source = self._files[entry.file]
        source.seek(entry.offset)
        return pa.ipc.read_record_batch(pa.py_buffer(source.read(entry.length)), self._schema)

    def close(self) -> None:
        """Let go of the files."""
        for source in self._files.values():
            source.close()


def missing(jobs: int, known: Iterable[Entry]) -> list[int]:
    """Jobs that are not done."""
    done = {entry.job for entry in known if entry.status == DONE}
    return [job for job in range(jobs) if job not in done]
