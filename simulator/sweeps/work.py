"""Running jobs of a sweep: one design point each, all its replications, reduced to a few rows."""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.questions.compare.work import Comparison, compare
from simulator.questions.frame.workers import in_order
from simulator.results.estimate import variance_ratio
from simulator.results.folder import FolderError
from simulator.results.metrics import BY_KEY
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.sweeps.journal import Journal
from simulator.sweeps.plan import Plan
from simulator.sweeps.points import Points

if TYPE_CHECKING:
    import pyarrow as pa

#: Told of each job that is over.
Tell = Callable[[int], None]


def rows_schema() -> "pa.Schema":
    """Rows of a job: an estimate of each organisation and metric, and its difference to the first organisation."""
    import pyarrow as pa

    number = pa.float64()
    return pa.schema(
        [
            ("organisation", pa.string()), ("metric", pa.string()), ("unit", pa.string()), ("estimate", number),
            ("ci_low", number), ("ci_high", number), ("baseline", pa.string()), ("difference", number),
            ("difference_ci_low", number), ("difference_ci_high", number), ("variance_ratio", number),
            ("replications", pa.int32()),
        ]
    )  # fmt: skip


def _no_rows() -> "pa.RecordBatch":
    import pyarrow as pa

    return pa.RecordBatch.from_pylist([], schema=rows_schema())


def rows_of(comparison: Comparison) -> "pa.RecordBatch":
    """What a comparison found, as rows of ``rows_schema``; a baseline has no difference."""
    import pyarrow as pa

    rows, nothing = [], (float("nan"),) * 4
    base = comparison.found[comparison.baseline]
    for name, found in comparison.found.items():
        for key, one in found.items():
            apart = nothing
            if name != comparison.baseline:
                difference = one - base[key]
                apart = (difference.value, *difference.interval, variance_ratio(one, base[key]))
            rows.append((name, key, BY_KEY[key].unit, one.value, *one.interval, comparison.baseline, *apart,
                         comparison.replications))  # fmt: skip
    schema = rows_schema()
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def is_plain(scenario: Scenario) -> bool:
    """Whether jobs leave rows only and so may run side by side in one process; others write folders, and print."""
    return scenario.study.name == "compare" and not scenario.limit and not scenario.sweep.folders


def run_jobs(
    plan: Plan, jobs: Sequence[int], folder: Path, threads: int, within: int = 1, tell: Tell | None = None
) -> None:
    """Run jobs and keep each in the journal as it finishes; one that fails does not stop the others.

    Parameters
    ----------
    threads : how many jobs run side by side.
    within : how many threads each has for its replications; 0 means one per core.
    tell : called with the number of each job that is over, in order.

    Raises
    ------
    FolderError
        When the journal cannot be written: no job could be kept any more.
    """
    points, journal = Points(plan.fixed, plan.config_dir), Journal(folder)

    def one(job: int) -> int:
        started = time.perf_counter()
        try:
            scenario = points.scenario(plan.point(job)).with_({"run.threads": within})
            rows = _answered(scenario, plan.said(job), folder / str(job))
        except FolderError:
            raise
        except Exception as fault:  # whatever it is, the other jobs go on
            journal.failed(job, time.perf_counter() - started, _in_words(fault))
        else:
            journal.done(job, time.perf_counter() - started, rows)
        return job

    # One at a time they run in this thread, which a signal unwinds: what writes a folder then tidies up.
    outcomes = in_order(one, jobs, threads) if threads > 1 else (one(job) for job in jobs)
    try:
        with contextlib.closing(outcomes):
            for job in outcomes:
                if tell:
                    tell(job)
    finally:
        journal.close()


def _answered(scenario: Scenario, said: str, folder: Path) -> "pa.RecordBatch":
    """Run a job's study; what it finds as rows, of which only comparisons have any."""
    if not is_plain(scenario):
        return _in_a_folder(scenario, said, folder)
    return rows_of(compare(scenario))


def _in_a_folder(scenario: Scenario, said: str, folder: Path) -> "pa.RecordBatch":
    """Run a job as it would run by itself, in a folder of its own."""
    from simulator.questions.registry import Incomplete, run_and_report

    shutil.rmtree(folder, ignore_errors=True)  # of a job that was killed while it wrote
    print(said, flush=True)
    try:
        result = run_and_report(scenario, folder)
    except Incomplete as incomplete:  # its tables are there
        print(f"{said}: {incomplete}", file=sys.stderr, flush=True)
        result = incomplete.result
    return rows_of(result) if isinstance(result, Comparison) else _no_rows()


def _in_words(fault: Exception) -> str:
    """Why a job failed, in one line."""
    said = str(fault) if isinstance(fault, ScenarioError | OverflowError) else f"{type(fault).__name__}: {fault}"
    return " ".join(said.split()) or type(fault).__name__
