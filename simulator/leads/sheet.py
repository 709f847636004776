"""A file of rows, CSV or Parquet: the columns that are asked for, where each row stands, and the rows that are torn.

A CSV file is read as text, row by row, so that each row's lines in the file are known. The file is opened once.
"""

import codecs
import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from simulator.leads.files import opened
from simulator.leads.settings import DELIMITERS
from simulator.scenario.schema import ScenarioError

#: Characters that a cell may have: the csv module's own limit.
LONGEST_CELL = 131_072
#: Characters of a row that is set aside that are kept.
LONGEST_TEXT = 2_000

#: Names of columns that a refusal lists.
_NAMES_SHOWN = 20
_CHUNK_BYTES, _CHUNK_ROWS = 1 << 20, 50_000
_PARQUET = b"PAR1"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a byte-order mark", "utf-16": "UTF-16",
              "cp1252": "Latin-1 (Windows-1252)"}  # fmt: skip
#: How files begin that are often taken for CSV.
_OTHERS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old or encrypted Excel workbook",
    b"\x1f\x8b": "compressed by gzip",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"7z\xbc\xaf": "a 7z archive",
    b"%PDF": "a PDF",
    b"PARE": "an encrypted Parquet file",
    b"<": "a web page or XML, as old exports named .xls are",
}


@dataclass(frozen=True)
class TornRow:
    """A row that is no row: the lines it takes, and why."""

    line: int
    end: int
    reason: str


@dataclass(frozen=True)
class Sheet:
    """What was read of a file.

    Attributes
    ----------
    path : the file.
    form : what kind of file it is, in words.
    columns : the columns that were asked for, by name; text without blanks around it, or of Parquet its own types.
    lines : int64, where each row begins: the line of a CSV file, the row of a Parquet file, from 1.
    ends : int64, the line a row ends in.
    torn : rows that are not among ``columns``.
    encoding : of a CSV file; "" for Parquet.
    """

    path: Path
    form: str
    columns: Mapping[str, pa.ChunkedArray]
    lines: NDArray[np.int64]
    ends: NDArray[np.int64]
    torn: Sequence[TornRow] = ()
    encoding: str = ""

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def rows_in_file(self) -> int:
        """Rows in the file, the torn ones too."""
        return len(self.lines) + len(self.torn)

    def row_texts(self, spans: Iterable[tuple[int, int]]) -> list[str]:
        """The text of rows by their first and last lines, in ascending order, read from the file once more.

        Of a CSV file as it stands there, cut after ``LONGEST_TEXT`` characters, with three dots for the rest; of a
        Parquet file its cells separated by commas.
        """
        return _csv_texts(self.path, self.encoding, spans) if self.encoding else _parquet_texts(self.path, spans)


def read_sheet(key: str, path: str | Path, wanted: Mapping[str, str], delimiter: str) -> Sheet:
    """Read columns of a file.

    Parameters
    ----------
    key : the setting that names the file; the one for its delimiter stands beside it.
    path : a CSV file with a header, or a Parquet file.
    wanted : names of columns by the settings that name them; "" is wanted by nobody.
    delimiter : of a CSV file, a key of ``DELIMITERS``.

    Raises
    ------
    ScenarioError
        One line, when it is neither, cannot be read, or has not these columns, or no row.
    """
    with opened(key, path) as stream:
        start = stream.read(64)
        if not start:
            raise ScenarioError(f"{key} must hold a header and rows, got an empty file: {path}")
        stream.seek(0)
        file = Path(path).expanduser()
        if start.startswith(_PARQUET):
            return _read_parquet(key, file, stream, wanted)
        return _read_csv(key, file, stream, start, wanted, delimiter)


# --- columns ----------------------------------------------------------------------------------------------------------


def _places(file: Path, header: Sequence[str], wanted: Mapping[str, str], hint: str = "") -> dict[str, int]:
    """Where the columns that are wanted stand in a header; ``hint`` says what may be wrong if one is not there."""
    places = {}
    for key, name in wanted.items():
        if not name:
            continue
        if header.count(name) > 1:
            raise ScenarioError(f"{file} must have one column {name!r} ({key}), got {header.count(name)}")
        if name not in header:
            close = difflib.get_close_matches(name, header, n=1)
            lower = [other for other in header if other.lower() == name.lower()]
            meant = f"did you mean {(lower or close)[0]!r}? " if (lower or close) and not hint else ""
            raise ScenarioError(f"{file} has no column {name!r} ({key}): {hint or meant}there are {_listed(header)}")
        places[name] = header.index(name)
    return places


def _listed(header: Sequence[str]) -> str:
    shown = [_short(name) for name in header[:_NAMES_SHOWN]]
    more = len(header) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _short(name: str) -> str:
    plain = "".join(mark if mark.isprintable() else "?" for mark in name)
    return plain if len(plain) <= 40 else f"{plain[:39]}…"


# --- CSV --------------------------------------------------------------------------------------------------------------


def _read_csv(key: str, file: Path, stream: BinaryIO, start: bytes, wanted: Mapping[str, str], delimiter: str) -> Sheet:
    encoding = _encoding(file, stream, start)
    stream.seek(0)
    with io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
        reader = csv.reader(text, delimiter=DELIMITERS[delimiter], strict=True)
        try:
            header = [name.strip() for name in next((row for row in reader if row), [])]
        except csv.Error as fault:
            raise ScenarioError(f"{file}, line 1: the header is not valid CSV: {fault}") from fault
        if not any(header):
            raise ScenarioError(f"{key} must hold a header and rows, got an empty file: {file}")
        places = _places(file, header, wanted, _other_delimiter(key, header, delimiter))
        rows = _CsvRows(reader, len(header), list(places.values()))
        chunks = [*rows]
    if not rows.lines and not rows.torn:
        raise ScenarioError(f"{key} must hold at least one row, got only a header: {file}")
    return Sheet(
        file,
        f"CSV, {_ENCODINGS[encoding]}",
        {name: pa.chunked_array([chunk[i] for chunk in chunks], pa.string()) for i, name in enumerate(places)},
        np.array(rows.lines, np.int64),
        np.array(rows.ends, np.int64),
        rows.torn,
        encoding,
    )


class _CsvRows:
    """Chunks of columns, made of the rows that have all fields."""

    def __init__(self, reader: Any, fields: int, places: list[int]) -> None:
        self._reader, self._fields, self._places = reader, fields, places
        self.lines: list[int] = []
        self.ends: list[int] = []
        self.torn: list[TornRow] = []

    def __iter__(self) -> Iterator[list[pa.Array]]:
        kept: list[list[str]] = []
        reader, fields, lines, ends = self._reader, self._fields, self.lines, self.ends
        begins = reader.line_num + 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as fault:
                reason = "cell too long" if "field larger" in str(fault) else "not valid CSV"
                self.torn.append(TornRow(begins, reader.line_num, reason))
            else:
                if len(row) == fields:
                    lines.append(begins)
                    ends.append(reader.line_num)
                    kept.append(row)
                    if len(kept) == _CHUNK_ROWS:
                        yield self._columns(kept)
                        kept = []
                elif row:
                    self.torn.append(TornRow(begins, reader.line_num, "wrong number of fields"))
            begins = reader.line_num + 1
        if kept:
            yield self._columns(kept)

    def _columns(self, rows: list[list[str]]) -> list[pa.Array]:
        return [pc.utf8_trim_whitespace(pa.array([row[place] for row in rows], pa.string())) for place in self._places]


def _encoding(file: Path, stream: BinaryIO, start: bytes) -> str:
    """The encoding of a text file: its mark says so, or it is UTF-8, or Windows-1252."""
    for begins, what in _OTHERS.items():
        if start.removeprefix(codecs.BOM_UTF8).startswith(begins):
            raise ScenarioError(f"{file} must be CSV or Parquet, got {what}: export it as CSV, and unpacked")
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")
    undecodable: UnicodeDecodeError | None = None
    for name in [marked] if marked else ["utf-8", "cp1252"]:
        stream.seek(0)
        try:
            _refuse_binary(file, stream, name)
            return name
        except UnicodeDecodeError as fault:
            undecodable = fault
    assert undecodable is not None
    wrong = undecodable.object[undecodable.start]
    raise ScenarioError(f"{file} must be UTF-8 or Windows-1252 text, got byte 0x{wrong:02x}") from undecodable


def _refuse_binary(file: Path, stream: BinaryIO, encoding: str) -> None:
    """Decode all of a file; a zero character says that it is no text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for data in chain(iter(lambda: stream.read(_CHUNK_BYTES), b""), [b""]):
        text = decoder.decode(data, final=not data)
        if "\0" in text:
            lines += text[: text.index("\0")].count("\n")
            raise ScenarioError(f"{file}, line {lines:,}: must be text, got a zero byte")
        lines += text.count("\n")


def _other_delimiter(key: str, header: list[str], delimiter: str) -> str:
    """What the fields seem to be separated by, if it is something else."""
    if len(header) > 1:
        return ""
    counts = {name: header[0].count(mark) for name, mark in DELIMITERS.items() if name != delimiter}
    likely = max(counts, key=lambda name: counts[name])
    setting = f"{key.rpartition('.')[0]}.delimiter={likely}"
    return f"its fields seem to be separated by {likely}s ({setting}); " if counts[likely] else ""


def _csv_texts(file: Path, encoding: str, spans: Iterable[tuple[int, int]]) -> list[str]:
    texts: list[str] = []
    with file.open(encoding=encoding, newline="") as stream:
        numbered = enumerate(stream, 1)
        for first, last in spans:
            text = ""
            for number, line in numbered:
                if number >= first and len(text) <= LONGEST_TEXT:
                    text += line[: LONGEST_TEXT + 1]
                if number >= last:
                    break
            text = text.rstrip("\r\n")
            texts.append(text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…")
    return texts


# --- Parquet ----------------------------------------------------------------------------------------------------------


def _read_parquet(key: str, file: Path, stream: BinaryIO, wanted: Mapping[str, str]) -> Sheet:
    try:
        with pq.ParquetFile(stream) as parquet:
            places = _places(file, parquet.schema_arrow.names, wanted)
            table = parquet.read(columns=list(places))
    except (pa.ArrowException, OSError) as fault:
        reason = " ".join(str(fault).split()).rstrip(".")
        raise ScenarioError(f"{file} must be CSV or Parquet, got Parquet that cannot be read: {reason}") from fault
    rows = np.arange(1, table.num_rows + 1)
    if not len(rows):
        raise ScenarioError(f"{key} must hold at least one row, got none: {file}")
    settings = {name: setting for setting, name in wanted.items()}
    columns = {name: _plain_column(file, name, settings[name], table[name]) for name in places}
    return Sheet(file, "Parquet", columns, rows, rows)


def _plain_column(file: Path, name: str, setting: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of text, numbers, dates or times; of another type it is refused."""
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


def _parquet_texts(file: Path, spans: Iterable[tuple[int, int]]) -> list[str]:
    chosen = pa.array([row - 1 for row, _ in spans], pa.int64())
    if not len(chosen):
        return []
    table = pq.read_table(file).take(chosen)
    return [",".join("" if cell is None else str(cell) for cell in row.values()) for row in table.to_pylist()]
