"""``run.export=crm``: the first replication of every organisation as tables and an event log that a CRM would hold."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv

from simulator.engines.lowering import Setup
from simulator.engines.report import sorted_log
from simulator.questions.frame.runs import Simulate, simulation
from simulator.results.crm_events import CrmEvents
from simulator.results.crm_export import CSV, TABLES, crm_tables, safe_text
from simulator.results.folder import Folder
from simulator.results.summary import Result
from simulator.scenario.scenario import Scenario

#: The replication that is exported.
REPLICATION = 0


class CrmExport:
    """Runs like ``simulate``, on any thread, and writes the events of one replication as they happen.

    Parameters
    ----------
    results : gets ``crm/<organisation>/`` with leads.csv, deals.csv, stages.csv, events.csv and events.parquet.
    organisations : that are compared.
    simulate : in place of `simulator.run.simulate`.
    """

    def __init__(self, results: Folder, organisations: Sequence[str], simulate: Simulate | None = None) -> None:
        self._results, self._simulate = results, simulate
        results.refuse_existing(f"crm/{name}/{table}.csv" for name in organisations for table in TABLES)
        self._events = {name: self._begin(name) for name in organisations}

    def simulate(self, scenario: Scenario, organisation: str, *, replication: int, **how: Any) -> Result:
        """One run; what else wants its event log gets it too."""
        run_one, others = self._simulate or simulation(), how.get("sink")
        if replication == REPLICATION:
            events = self._events[organisation]

            def sink(setup: Setup, rows: np.ndarray) -> None:
                events.append(setup, sorted_log(rows))
                if others is not None:
                    others(setup, rows)

            how |= {"record": "touches", "sink": sink}
        result: Result = run_one(scenario, organisation, replication=replication, **how)
        return result

    def keep(self, result: Result) -> None:
        """Write the tables of a run, once all its events are known."""
        if result.replication != REPLICATION:
            return
        events = self._events[result.organisation]
        events.end_run(result.setup)
        for name, table in crm_tables(result, owners=events.owners).named().items():
            with self._results.writing(f"crm/{result.organisation}/{name}.csv") as path:
                pyarrow.csv.write_csv(safe_text(table), path, CSV)

    def _begin(self, organisation: str) -> CrmEvents:
        """The files of the events, which are open while the runs go on."""
        folder = f"crm/{organisation}"
        parquet = self._results.file(f"{folder}/events.parquet")

        def writer(csv: Path, final: Path) -> CrmEvents:
            return CrmEvents(csv, parquet, final)

        return self._results.written(f"{folder}/events.csv", writer)
