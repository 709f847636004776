"""A run's event log as a CRM would hold it: what the vendor sees of its leads, from the inquiry on.

It agrees with the tables of `simulator.results.crm_export`: a case is a lead, and it ends as its deal does. What a
buyer reads elsewhere, when it enters a stage and what its group says are the model's knowledge, and are left out.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from simulator.engines.lowering import Setup
from simulator.model.words import Activity
from simulator.results.crm_export import CSV, safe_text
from simulator.results.crm_seen import seen
from simulator.results.folder import writing
from simulator.results.frames import ACTIVITY, CASE, RESOURCE, TIMESTAMP, instants, named, resources

_TEXT = pa.large_string()
#: Names of the XES standard, as in touches.parquet.
SCHEMA = pa.schema(
    [(CASE, _TEXT), (ACTIVITY, _TEXT), (TIMESTAMP, pa.timestamp("us")), (RESOURCE, _TEXT), ("channel", _TEXT)]
)
#: Rows that are written together.
_ROWS_AT_ONCE = 1 << 18


class CrmEvents:
    """Writes the log of one run to CSV and to Parquet as it happens; what it remembers is 5 bytes a buyer.

    Attributes
    ----------
    owners : int32[rows of the arrivals], the person who was last made the buyer's owner, -1 nobody; None before the
        first event.

    Parameters
    ----------
    csv, parquet : the files to write.
    final : the name of the first in error messages.
    """

    def __init__(self, csv: Path, parquet: Path, final: Path) -> None:
        self.owners: np.ndarray | None = None
        self._final = final
        self._status = np.zeros(0, np.int8)
        self._parts: list[np.ndarray] = []
        self._waiting = 0
        with writing(final):
            self._writers = (
                pyarrow.csv.CSVWriter(csv, SCHEMA, write_options=CSV),
                pq.ParquetWriter(parquet, SCHEMA, compression="zstd"),
            )

    def append(self, setup: Setup, log: np.ndarray) -> None:
        """Rows of ``LOG_DTYPE`` in order, which come after those before."""
        if self.owners is None:
            buyers = len(setup.arrivals.at_us)
            self.owners, self._status = np.full(buyers, -1, np.int32), np.zeros(buyers, np.int8)
        self._parts.append(seen(log, self._status, self.owners))
        self._waiting += len(self._parts[-1])
        if self._waiting >= _ROWS_AT_ONCE:
            self._write(setup)

    def end_run(self, setup: Setup) -> None:
        """Write what waits."""
        if self._waiting:
            self._write(setup)

    def close(self) -> None:
        """Finish the files."""
        with writing(self._final):
            for writer in self._writers:
                writer.close()

    def drop(self) -> None:
        """Let go of the files."""
        self.close()

    def _write(self, setup: Setup) -> None:
        table = safe_text(events_frame(setup, np.concatenate(self._parts))).cast(SCHEMA)
        self._parts, self._waiting = [], 0
        with writing(self._final):
            for writer in self._writers:
                writer.write_table(table)


def events_frame(setup: Setup, log: np.ndarray) -> pd.DataFrame:
    """Rows of a log under the names of the XES standard: the lead's id, what, when and who; and the lead's channel."""
    arrivals, buyer = setup.arrivals, log["buyer"]
    ids = [arrivals.ids[row] for row in buyer] if arrivals.ids else arrivals.who[buyer]
    return pd.DataFrame(
        {
            CASE: pd.Series(ids).astype("str"),
            ACTIVITY: named(log["activity"], [activity.name.lower() for activity in Activity]),
            TIMESTAMP: instants(log["at"], setup),
            RESOURCE: named(log["person"] + 1, resources(setup)),
            "channel": named(arrivals.channel[buyer], arrivals.channels),
        }
    )
