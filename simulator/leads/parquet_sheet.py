"""Reading a Parquet file: its own types, checked."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulator.leads.sheet import Sheet, places
from simulator.scenario.schema import ScenarioError

#: How every Parquet file begins.
MAGIC = b"PAR1"


def read_parquet(key: str, file: Path, wanted: Mapping[str, str]) -> Sheet:
    """Read the wanted columns of a Parquet file.

    Parameters
    ----------
    key : the setting that names the file.
    wanted : names of columns by the settings that name them.

    Raises
    ------
    ScenarioError
        One line, when it cannot be read, has not these columns or other types than text, numbers, dates and times, or
        no row.
    """
    try:
        with pq.ParquetFile(file) as opened:
            found = places(file, opened.schema_arrow.names, wanted)
            table = opened.read(columns=list(found))
    except (pa.ArrowException, OSError) as fault:
        said = " ".join(str(fault).split()).rstrip(".")
        raise ScenarioError(f"{file} must be CSV or Parquet, got Parquet that cannot be read: {said}") from fault
    rows = np.arange(1, table.num_rows + 1)
    if not len(rows):
        raise ScenarioError(f"{key} must hold at least one row, got none: {file}")
    names = {name: setting for setting, name in wanted.items()}
    columns = {name: _checked(file, name, names[name], table[name]) for name in found}
    return Sheet(file, "Parquet", columns, rows, rows)


def _checked(file: Path, name: str, setting: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pc.utf8_trim_whitespace(column.cast(pa.string()))
    numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if numbers or pa.types.is_boolean(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column
    raise ScenarioError(f"{file}: column {name!r} ({setting}) must hold text, numbers, dates or times, got {kind}")


def row_texts(file: Path, rows: Iterable[int]) -> list[str]:
    """Rows by their numbers from 1, their cells separated by commas."""
    chosen = pa.array([row - 1 for row in rows], pa.int64())
    if not len(chosen):
        return []
    table = pq.read_table(file).take(chosen)
    return [",".join("" if cell is None else str(cell) for cell in row.values()) for row in table.to_pylist()]
