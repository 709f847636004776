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
#: Digits from which on a number of a Parquet file is taken as it is, to the last bit.
_EXACT = 12


def digest(parts: Iterable[str]) -> str:
    """Eight letters and digits that change when any part does."""
    return _digest("\0".join(parts).encode())


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=4).hexdigest()


def csv_text(file: Path, digits: int, most: int = MOST_ROWS) -> str:
    """A CSV file with its numbers cut to so many significant digits."""
    text = file.read_text(encoding="utf-8")
    names, *rows = [[rounded(cell, digits) for cell in row] for row in csv.reader(io.StringIO(text))] or [[]]
    if len(rows) <= most:
        return _lines([names, *rows])
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    told = [_column(name, digest(cells), pd.Series(cells).replace("", np.nan)) for name, cells in columns.items()]
    return _large(len(rows), told, [names, *rows[:_FIRST_ROWS]])


def parquet_text(file: Path, digits: int) -> str:
    """A Parquet file; where numbers are exact, every bit of them counts."""
    return frame_text(pd.read_parquet(file), digits)


def frame_text(table: pd.DataFrame, digits: int = _EXACT) -> str:
    """A table in memory, in the same way."""
    if digits < _EXACT:
        numbers = table.select_dtypes("float").columns
        table[numbers] = table[numbers].map(lambda x: float(rounded(repr(x), digits)))
    names = [str(name) for name in table]
    if len(table) <= MOST_ROWS:
        return _lines([names, *_rows(table)])
    told = [_column(str(name), column_digest(table[name]), table[name]) for name in table]
    return _large(len(table), told, [names, *_rows(table.head(_FIRST_ROWS))])


def column_digest(column: pd.Series) -> str:
    """The digest of every value of a column."""
    return _digest(_bytes(column))


def rounded(cell: str, digits: int) -> str:
    """A cell with so many significant digits, if it is a number with a fraction."""
    if not _NUMBER.fullmatch(cell) or cell.lstrip("-").isdigit():
        return cell
    number = float(cell)
    return "0" if abs(number) < _NOTHING else f"{number:.{digits}g}"


def _bytes(column: pd.Series) -> bytes:
    """The values, whatever type keeps them: times are whole microseconds, names are text."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.to_numpy("datetime64[us]").astype("<i8").tobytes()
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        return column.to_numpy("<i8").tobytes()
    if pd.api.types.is_float_dtype(column):
        return (column.to_numpy("<f8") + 0.0).tobytes()
    codes, names = pd.factorize(column)
    return codes.astype("<i8").tobytes() + "\0".join(map(str, names)).encode()


def _rows(table: pd.DataFrame) -> list[list[str]]:
    return [["" if pd.isna(cell) else str(cell) for cell in row] for row in table.itertuples(index=False)]


def _column(name: str, digits: str, values: pd.Series) -> list[str]:
    """What is told of a column: its digest, how many values it has, and the least and greatest for who reads a diff."""
    filled = values.dropna()
    told = [name, digits, f"{filled.nunique()} values, {len(values) - len(filled)} empty"]
    if not len(filled):
        return told
    if not pd.api.types.is_datetime64_any_dtype(filled) and not pd.api.types.is_numeric_dtype(filled):
        texts = filled.astype(str).unique().tolist()
        if not all(map(_NUMBER.fullmatch, texts)):
            return [*told, f"{min(texts)} to {max(texts)}"]
        filled = pd.to_numeric(filled.astype(str))
    if pd.api.types.is_datetime64_any_dtype(filled) or pd.api.types.is_bool_dtype(filled):
        return [*told, f"{filled.min()} to {filled.max()}"]
    return [*told, f"{filled.min():.6g} to {filled.max():.6g}, mean {filled.mean():.6g}"]


def _large(rows: int, told: list[list[str]], first: Sequence[Sequence[str]]) -> str:
    wide = max(len(name) for name, *_ in told)
    columns = "".join(f"{name:{wide}} {digits} {', '.join(more)}\n" for name, digits, *more in told)
    return f"{rows} rows\n{columns}\n{_lines(first)}"


def _lines(rows: Sequence[Sequence[str]]) -> str:
    return "".join(",".join(map(_quoted, row)) + "\n" for row in rows)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(letter in cell for letter in ',"\n') else cell
