"""One tidy table over all jobs of a sweep, and what became of each."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.results.folder import Folder, writing
from simulator.sweeps.journal import DONE, Entry, Rows
from simulator.sweeps.plan import Plan
from simulator.sweeps.work import rows_schema

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: The tidy table of all jobs, and the table of what became of each.
TABLE, JOBS = "sweep.parquet", "jobs.csv"
#: Jobs whose rows are in memory together.
_JOBS_AT_ONCE = 256


def write_table(plan: Plan, known: Mapping[int, Entry], folder: Path, results: Folder) -> None:
    """``sweep.parquet``: a row per job, organisation and metric, with a column for each axis, in the order of jobs.

    Memory holds the rows of a few hundred jobs; the file has the same bytes whatever ran the jobs, and in what order.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    axes = {key: axis_values(values) for key, values in plan.axes.items()}
    schema = table_schema(axes)
    path, final = results.file(TABLE), results.path / TABLE
    rows = Rows(folder, rows_schema())
    try:
        with writing(final), pq.ParquetWriter(path, schema, compression="zstd") as writer:
            done = [entry for entry in known.values() if entry.status == DONE and entry.job < plan.jobs]
            for first in range(0, len(done), _JOBS_AT_ONCE):
                tables = [_with_axes(plan, axes, entry.job, rows.of(entry), schema)
                          for entry in done[first : first + _JOBS_AT_ONCE]]  # fmt: skip
                writer.write_table(pa.concat_tables(tables))
    finally:
        rows.close()


def table_schema(axes: Mapping[str, Sequence[Any]]) -> "pa.Schema":
    """Columns of the tidy table: the job, its axes, then the rows of a job."""
    import pyarrow as pa

    fields = [pa.field("job", pa.int32())]
    for key, values in axes.items():
        kind = pa.string() if isinstance(values[0], str) else pa.float64()
        fields.append(pa.field(key, kind))
    return pa.schema([*fields, *rows_schema()])


def axis_values(typed: Sequence[str]) -> list[float] | list[str]:
    """The values of an axis as numbers if all are, else as they are typed."""
    try:
        return [float(value) for value in typed]
    except ValueError:
        return [str(value) for value in typed]


def _with_axes(
    plan: Plan, axes: Mapping[str, Sequence[Any]], job: int, rows: "pa.RecordBatch", schema: "pa.Schema"
) -> "pa.Table":
    import pyarrow as pa

    count = rows.num_rows
    typed = plan.values(job)
    columns: list[Any] = [pa.array([job] * count, pa.int32())]
    for (key, values), value in zip(axes.items(), typed, strict=True):
        at = list(plan.axes[key]).index(value)
        columns.append(pa.array([values[at]] * count, schema.field(key).type))
    return pa.Table.from_arrays([*columns, *rows.columns], schema=schema)


def jobs_table(plan: Plan, known: Mapping[int, Entry]) -> "pd.DataFrame":
    """A row per job: its axes, what became of it, and why if it failed."""
    import pandas as pd

    lines: Iterator[tuple[Any, ...]] = (
        (job, *plan.values(job), *(_said(known[job]) if job in known else ("missing", ""))) for job in range(plan.jobs)
    )
    return pd.DataFrame(list(lines), columns=["job", *plan.axes, "status", "message"])


def _said(entry: Entry) -> tuple[str, str]:
    return entry.status, entry.message
