"""The event log on its way to a file: spooled to disk while a run goes on, then written as row groups of Parquet.

Memory holds one row group, whatever the number of buyers and replications. A run hands its rows over in the order of
the log, in chunks of any size (a ``sink``); which row stands in which row group depends on nothing but the run, so the
file has the same bytes on any number of threads.
"""

import base64
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.domain.words import Activity, Stage, Topic
from simulator.engines.report import LOG_DTYPE
from simulator.lowering import Setup
from simulator.randomness import MEMBER_BITS
from simulator.results.folder import writing
from simulator.results.frames import ACTIVITY, CASE, RESOURCE, TIMESTAMP, resources

#: Rows of a row group: fewer cost bytes (each has the names of its cases anew), more cost memory.
ROWS_PER_GROUP = 1 << 19

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
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with writing(folder):
            self._file = tempfile.TemporaryFile(buffering=0, dir=folder, prefix=".touches.")  # noqa: SIM115 - outlives this block

    def append(self, rows: np.ndarray) -> None:
        """Add rows of ``LOG_DTYPE`` that come after those before."""
        left = np.ascontiguousarray(rows, LOG_DTYPE).view(np.uint8).data
        with writing(self._folder):
            while left:
                left = left[self._file.write(left) :]

    def groups(self) -> Iterator[np.ndarray]:
        """All rows, from the first on, ``ROWS_PER_GROUP`` at a time; the last group may have fewer."""
        with writing(self._folder):
            self._file.seek(0)
            while part := self._file.read(ROWS_PER_GROUP * LOG_DTYPE.itemsize):
                yield np.frombuffer(part, LOG_DTYPE)

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
        with writing(final):
            self._writer = pq.ParquetWriter(
                path,
                _WRITTEN,
                compression="zstd",
                use_dictionary=[one.name for one in SCHEMA if one.name != TIMESTAMP],
                column_encoding={TIMESTAMP: "DELTA_BINARY_PACKED"},
                write_statistics=[TIMESTAMP, "organisation", "replication"],
                store_schema=False,
            )
            # Where readers look for Arrow's own types: it says text where the dictionaries of `_WRITTEN` would not.
            self._writer.add_key_value_metadata({"ARROW:schema": base64.b64encode(SCHEMA.serialize())})

    def append(self, organisation: str, replication: int, setup: Setup, groups: Iterable[np.ndarray]) -> None:
        """Write the event log of one run, each part of it as a row group."""
        names = _names(organisation, setup)
        for log in groups:
            table = _columns(log, organisation, replication, setup, names)
            with writing(self._final):
                self._writer.write_table(table, row_group_size=max(1, len(log)))

    def close(self) -> None:
        """Finish the file."""
        with writing(self._final):
            self._writer.close()


def _names(organisation: str, setup: Setup) -> dict[str, pa.Array]:
    """What the numbers in the log stand for, by column."""
    names = {
        ACTIVITY: [activity.name.lower() for activity in Activity],
        RESOURCE: resources(setup),
        "organisation": [organisation],
        "stage": [stage.name.lower() for stage in Stage],
        "channel": setup.arrivals.channels,
        "topic": [topic.name.lower() for topic in Topic],
    }
    return {column: pa.array(values, _TEXT) for column, values in names.items()}


def _columns(
    log: np.ndarray, organisation: str, replication: int, setup: Setup, names: dict[str, pa.Array]
) -> pa.Table:
    """Rows of the log as the table that is written."""
    n, arrivals = len(log), setup.arrivals
    start = np.datetime64(arrivals.first_day, "us").astype(np.int64)
    cases = pa.array(log["buyer"]).dictionary_encode()  # numbers from 0 on, as they come, for those who are here
    buyers = pa.array(arrivals.actor[cases.dictionary.to_numpy()] >> MEMBER_BITS).cast(_TEXT)
    prefix = pa.scalar(f"{organisation}/{replication}", _TEXT)
    codes = {
        ACTIVITY: pa.array(log["activity"]),
        RESOURCE: pa.array(log["person"] + np.int32(1)),  # nobody of ours is -1
        "organisation": pa.array(np.zeros(n, np.int8)),
        "stage": pa.array(log["stage"]),
        "channel": pa.array(arrivals.channel[log["buyer"]].astype(np.int8)),
        "topic": pa.array(log["topic"], mask=log["topic"] < 0),
    }
    columns = {column: pa.DictionaryArray.from_arrays(code, names[column]) for column, code in codes.items()}
    named = pc.binary_join_element_wise(prefix, buyers, pa.scalar("/", _TEXT))
    columns[CASE] = pa.DictionaryArray.from_arrays(cases.indices, named)
    columns[TIMESTAMP] = pa.array(log["at"] + start).cast(pa.timestamp("us"))
    columns["replication"] = pa.array(np.full(n, replication, np.int32))
    return pa.table([columns[one.name] for one in _WRITTEN], schema=_WRITTEN)
