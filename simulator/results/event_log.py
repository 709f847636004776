"""The event log on its way to a file: row groups of Parquet, written while a run goes on, or its rows on disk.

Memory holds one row group, whatever the number of buyers and replications. Rows come in the order of the log, in
chunks of any size; which row stands in which row group depends on nothing but the run, so the file has the same bytes
on any number of threads.
"""

import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.engines.lowering import Setup
from simulator.engines.report import LOG_DTYPE
from simulator.model.words import Activity, Stage, Topic
from simulator.results.folder import writing
from simulator.results.frames import ACTIVITY, CASE, RESOURCE, TIMESTAMP, resources
from simulator.results.log_columns import Columns

#: Rows of a row group: fewer cost bytes (each has the names of its cases anew), more cost memory.
ROWS_PER_GROUP = 1 << 19
#: Rows that are read back from disk at once.
_ROWS_READ = 1 << 16
#: Values of a column that Parquet encodes at once; with its own 1024 it is a twentieth slower.
_VALUES_AT_ONCE = 1 << 16

_TEXT = pa.large_string()
_NAMED = pa.dictionary(pa.int8(), _TEXT)
_NUMBERED = pa.dictionary(pa.int32(), _TEXT)

#: What readers see, which is what ``touches_frame`` has: text for process-mining tools, categories for the rest.
SCHEMA = pa.schema(
    [
        (CASE, _TEXT),
        (ACTIVITY, _TEXT),
        (TIMESTAMP, pa.timestamp("us")),
        (RESOURCE, _TEXT),
        ("organisation", _NAMED),
        ("replication", pa.int32()),
        ("stage", _NAMED),
        ("channel", _NAMED),
        ("topic", _NAMED),
    ]
)

#: What is handed to Parquet: text as numbers and the names that they stand for, so that no text is looked at twice.
_WRITTEN = pa.schema(
    [
        pa.field(one.name, {CASE: _NUMBERED, ACTIVITY: _NAMED, RESOURCE: _NUMBERED}.get(one.name, one.type))
        for one in SCHEMA
    ]
)


class Spool:
    """The rows of one run's event log, on disk in a file that has no name and goes when nobody holds it.

    Parameters
    ----------
    folder : where the disk space is taken, 24 bytes a row.
    setup : what runs.
    """

    def __init__(self, folder: Path, setup: Setup) -> None:
        self._folder, self.setup = folder, setup
        with writing(folder):
            self._file = tempfile.TemporaryFile(buffering=0, dir=folder, prefix=".touches.")  # noqa: SIM115 - outlives this block

    def append(self, rows: np.ndarray) -> None:
        """Add rows of ``LOG_DTYPE`` that come after those before."""
        left = np.ascontiguousarray(rows, LOG_DTYPE).view(np.uint8).data
        with writing(self._folder):
            while left:
                left = left[self._file.write(left) :]

    def rows(self) -> Iterator[np.ndarray]:
        """All rows in chunks, from the first on; a chunk holds until the next one is asked for."""
        chunk = np.empty(_ROWS_READ, LOG_DTYPE)
        with writing(self._folder):
            self._file.seek(0)
            while read := self._file.readinto(chunk.view(np.uint8).data):
                yield chunk[: read // LOG_DTYPE.itemsize]

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()


class TouchesWriter:
    """``touches.parquet``: the same columns, types and rows as ``touches_frame``, one row group at a time.

    Columns are dictionary-encoded but for the timestamps, whose differences are stored; only what a reader can skip
    row groups by has statistics. docs/decisions.md has what the alternatives cost.

    Parameters
    ----------
    path : the file to write.
    final : its name in error messages.
    """

    def __init__(self, path: Path, final: Path) -> None:
        self._final = final
        self._part: Columns | None = None
        with writing(final):
            self._writer = pq.ParquetWriter(
                path,
                _WRITTEN,
                compression="zstd",
                use_dictionary=[one.name for one in SCHEMA if one.name != TIMESTAMP],
                column_encoding={TIMESTAMP: "DELTA_BINARY_PACKED"},
                write_statistics=[TIMESTAMP, "organisation", "replication"],
                store_schema=False,
                write_batch_size=_VALUES_AT_ONCE,
            )
            # Where readers look for Arrow's own types: it says text where the dictionaries of `_WRITTEN` would not.
            self._writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(SCHEMA.serialize())})

    def append(self, organisation: str, replication: int, setup: Setup, log: np.ndarray) -> None:
        """Write rows of a run's event log, which come after those before; whole row groups go to the file."""
        if self._part is None:
            self._begin(organisation, replication, setup)
        assert self._part is not None
        while len(log):
            rows = min(len(log), self._part.room())
            self._part.add(log[:rows])
            log = log[rows:]
            if not self._part.room():
                self._write(self._part)

    def end_run(self) -> None:
        """The rows that come next are those of another run, and begin a row group."""
        if self._part is not None and self._part.filled:
            self._write(self._part)
        self._part = None

    def close(self) -> None:
        """Finish the file."""
        with writing(self._final):
            self._writer.close()

    def drop(self) -> None:
        """Let go of the file."""
        self.close()

    def _begin(self, organisation: str, replication: int, setup: Setup) -> None:
        arrivals = setup.arrivals
        start_us = int(np.datetime64(arrivals.first_day, "us").astype(np.int64))
        self._part = Columns(ROWS_PER_GROUP, arrivals.who, start_us)
        self._case, self._replication = f"{organisation}/{replication}", replication
        names = {
            ACTIVITY: [activity.name.lower() for activity in Activity],
            RESOURCE: resources(setup),
            "organisation": [organisation],
            "stage": [stage.name.lower() for stage in Stage],
            "channel": arrivals.channels,
            "topic": [topic.name.lower() for topic in Topic],
        }
        # What the numbers in the log stand for, by column.
        self._names = {column: pa.array(values, _TEXT) for column, values in names.items()}

    def _write(self, part: Columns) -> None:
        """Write a row group."""
        n = part.filled
        there = np.packbits(part.topic[:n] >= 0, bitorder="little")  # `pa.array` with a mask takes ten times as long
        codes = {
            ACTIVITY: pa.array(part.activity[:n]),
            RESOURCE: pa.array(part.resource[:n]),
            "organisation": pa.array(np.zeros(n, np.int8)),
            "stage": pa.array(part.stage[:n]),
            "channel": pa.array(part.channel[:n]),
            "topic": pa.Array.from_buffers(pa.int8(), n, [pa.py_buffer(there), pa.py_buffer(part.topic)]),
        }
        columns = {column: pa.DictionaryArray.from_arrays(code, self._names[column]) for column, code in codes.items()}
        buyers = pa.array(part.who[: part.cases]).cast(_TEXT)
        cases = pc.binary_join_element_wise(pa.scalar(self._case, _TEXT), buyers, pa.scalar("/", _TEXT))
        columns[CASE] = pa.DictionaryArray.from_arrays(pa.array(part.case[:n]), cases)
        columns[TIMESTAMP] = pa.array(part.at[:n]).cast(pa.timestamp("us"))
        columns["replication"] = pa.array(np.full(n, self._replication, np.int32))
        table = pa.table([columns[one.name] for one in _WRITTEN], schema=_WRITTEN)
        with writing(self._final):
            self._writer.write_table(table, row_group_size=n)
        part.empty()
