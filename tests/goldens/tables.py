"""Tables as text that reads well in a diff: small ones as they are, large ones by a digest a column and first rows."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

#: Tables of more rows are told by their columns.
MOST_ROWS = 60
_FIRST_ROWS = 4
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
#: What is nearer to 0 is what is left of a difference.
_NOTHING = 1e-12


def digest(parts: Iterable[str]) -> str:
    """Eight letters and digits that change when any part does."""
    whole = hashlib.blake2b(digest_size=4)
    for part in parts:
        whole.update(part.encode() + b"\0")
    return whole.hexdigest()


def csv_text(file: Path, digits: int, most: int = MOST_ROWS) -> str:
    """A CSV file with its numbers cut to so many significant digits."""
    text = file.read_text(encoding="utf-8")
    rows = [[rounded(cell, digits) for cell in row] for row in csv.reader(io.StringIO(text))]
    return _table_text(rows[0], rows[1:], most) if rows else ""


def parquet_text(file: Path, digits: int) -> str:
    """A Parquet file; of what the engine leaves, every bit of a number counts in the digest."""
    table = pd.read_parquet(file)
    columns = {name: _cells(table[name], digits) for name in table}
    return _table_text(list(columns), [list(row) for row in zip(*columns.values(), strict=True)])


def rounded(cell: str, digits: int) -> str:
    """A cell with so many significant digits, if it is a number with a fraction."""
    if not _NUMBER.fullmatch(cell) or cell.lstrip("-").isdigit():
        return cell
    number = float(cell)
    return "0" if abs(number) < _NOTHING else f"{number:.{digits}g}"


def _cells(column: pd.Series, digits: int) -> list[str]:
    if pd.api.types.is_float_dtype(column):
        exact = digits > 9
        return ["" if np.isnan(x) else repr(x) if exact else rounded(repr(x), digits) for x in column.tolist()]
    if pd.api.types.is_datetime64_any_dtype(column):
        return ["" if x == "NaT" else x.replace("T", " ") for x in np.datetime_as_string(column.to_numpy(), unit="us")]
    return ["" if x is None or x != x else str(x) for x in column.astype(object).tolist()]


def _table_text(names: Sequence[str], rows: Sequence[Sequence[str]], most: int = MOST_ROWS) -> str:
    if len(rows) <= most:
        return "".join(",".join(map(_quoted, row)) + "\n" for row in (names, *rows))
    lines = [f"{len(rows)} rows\n"]
    wide = max(map(len, names))
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        filled = [cell for cell in cells if cell]
        lines.append(f"{name:{wide}} {digest(cells)} {len(set(filled))} values, {len(cells) - len(filled)} empty"
                     f"{_span(filled)}\n")  # fmt: skip
    first = "".join(",".join(map(_quoted, row)) + "\n" for row in (names, *rows[:_FIRST_ROWS]))
    return "".join(lines) + "\n" + first


def _span(cells: Sequence[str]) -> str:
    """Least and greatest, for who reads a diff."""
    if not cells or not all(map(_NUMBER.fullmatch, cells)):
        return f", {min(cells)} to {max(cells)}" if cells else ""
    numbers = list(map(float, cells))
    return f", {min(numbers):.6g} to {max(numbers):.6g}, mean {sum(numbers) / len(numbers):.6g}"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(letter in cell for letter in ',"\n') else cell
