"""One run as the command line does it: its rows go to Parquet as it happens, with or without touches."""

import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from simulator.questions.compare.recording import Recorder
from simulator.questions.compare.work import compare
from simulator.questions.frame.runs import in_turn
from simulator.results.folder import Folder
from simulator.scenario.scenario import Scenario


def run_to_disk(scenario: Scenario, record: bool, folder: Path | None = None) -> int:
    """Run the first replication on one thread, write its journeys and, if asked, its touches; the number of touches.

    All that a run does is in it, from drawing arrivals to the metrics; not in it is what follows all runs: figures,
    the printed table. Without a folder, what was written goes.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as temporary:
            return run_to_disk(scenario, record, Path(temporary))
    scenario.run.record = "touches" if record else "journeys"
    scenario.run.threads = 1

    def recorder(path: Path, final: Path) -> Recorder:
        return Recorder(path, final, in_turn(scenario.compared()))

    with Folder(folder) as results:
        simulate = results.written("touches.parquet", recorder).simulate if record else None
        journeys = results.table("journeys.parquet")
        compare(scenario, replications=1, simulate=simulate, keep=lambda result: journeys.append(result.journeys))
    return int(pq.ParquetFile(folder / "touches.parquet").metadata.num_rows) if record else 0
