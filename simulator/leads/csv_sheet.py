"""Reading a CSV file as text, row by row, so that each row's lines in the file are known."""

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator.leads.settings import DELIMITERS
from simulator.leads.sheet import Sheet, Torn, places
from simulator.scenario.schema import ScenarioError

#: Characters that a cell may have: the csv module's own limit.
LONGEST_CELL = 131_072
#: Characters of a row that is set aside that are kept.
LONGEST_TEXT = 2_000

_BYTES, _ROWS = 1 << 20, 50_000
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


def read_csv(key: str, file: Path, wanted: Mapping[str, str], delimiter: str) -> Sheet:
    """Read the wanted columns of a CSV file with a header.

    Parameters
    ----------
    key : the setting that names the file.
    wanted : names of columns by the settings that name them.
    delimiter : comma, semicolon, tab or pipe.

    Raises
    ------
    ScenarioError
        One line, when it is no CSV file, or has not these columns, or no row.
    """
    encoding = _encoding(file)
    with file.open(encoding=encoding, newline="") as stream:
        reader = csv.reader(stream, delimiter=DELIMITERS[delimiter], strict=True)
        try:
            header = [name.strip() for name in next((row for row in reader if row), [])]
        except csv.Error as fault:
            raise ScenarioError(f"{file}, line 1: the header is not valid CSV: {fault}") from fault
        if not any(header):
            raise ScenarioError(f"{key} must hold a header and rows, got an empty file: {file}")
        at = places(file, header, wanted, _other_delimiter(header, delimiter))
        rows = _Rows(reader, len(header), list(at.values()))
        chunks = [*rows]
    if not len(rows) and not rows.torn:
        raise ScenarioError(f"{key} must hold at least one row, got only a header: {file}")
    return Sheet(
        file,
        f"CSV, {_ENCODINGS[encoding]}",
        {name: pa.chunked_array([one[i] for one in chunks], pa.string()) for i, name in enumerate(at)},
        np.array(rows.lines, np.int64),
        np.array(rows.ends, np.int64),
        rows.torn,
        encoding,
    )


class _Rows:
    """Chunks of columns, made of the rows that have all fields."""

    def __init__(self, reader: Any, fields: int, places: list[int]) -> None:
        self._reader, self._fields, self._places = reader, fields, places
        self.lines: list[int] = []
        self.ends: list[int] = []
        self.torn: list[Torn] = []

    def __len__(self) -> int:
        return len(self.lines)

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
                self.torn.append(Torn(begins, reader.line_num, _in_words(fault)))
            else:
                if len(row) == fields:
                    lines.append(begins)
                    ends.append(reader.line_num)
                    kept.append(row)
                    if len(kept) == _ROWS:
                        yield self._columns(kept)
                        kept = []
                elif row:
                    self.torn.append(Torn(begins, reader.line_num, "wrong number of fields"))
            begins = reader.line_num + 1
        if kept:
            yield self._columns(kept)

    def _columns(self, rows: list[list[str]]) -> list[pa.Array]:
        return [pc.utf8_trim_whitespace(pa.array([row[place] for row in rows], pa.string())) for place in self._places]


def _in_words(fault: csv.Error) -> str:
    return "cell too long" if "field larger" in str(fault) else "not valid CSV"


def _encoding(file: Path) -> str:
    """The encoding of a text file: its mark says so, or it is UTF-8, or Windows-1252."""
    with file.open("rb") as stream:
        start = stream.read(64)
    for begins, what in _OTHERS.items():
        if start.removeprefix(codecs.BOM_UTF8).startswith(begins):
            raise ScenarioError(f"{file} must be CSV or Parquet, got {what}: export it as CSV, and unpacked")
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")
    fault: UnicodeDecodeError | None = None
    for name in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            with file.open("rb") as stream:
                _refuse_binary(file, stream, name)
            return name
        except UnicodeDecodeError as found:
            fault = found
    assert fault is not None
    wrong = fault.object[fault.start]
    raise ScenarioError(f"{file} must be UTF-8 or Windows-1252 text, got byte 0x{wrong:02x}") from fault


def _refuse_binary(file: Path, stream: BinaryIO, encoding: str) -> None:
    """Decode all of a file; a zero character says that it is no text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for data in chain(iter(lambda: stream.read(_BYTES), b""), [b""]):
        text = decoder.decode(data, final=not data)
        if "\0" in text:
            lines += text[: text.index("\0")].count("\n")
            raise ScenarioError(f"{file}, line {lines:,}: must be text, got a zero byte")
        lines += text.count("\n")


def _other_delimiter(header: list[str], delimiter: str) -> str:
    """What the fields seem to be separated by, if it is something else."""
    if len(header) > 1:
        return ""
    counts = {name: header[0].count(mark) for name, mark in DELIMITERS.items() if name != delimiter}
    likely = max(counts, key=lambda name: counts[name])
    return f"its fields seem to be separated by {likely}s (crm.delimiter={likely}); " if counts[likely] else ""


def texts(file: Path, encoding: str, spans: Iterable[tuple[int, int]]) -> list[str]:
    """The text of rows, by their first and last lines in ascending order; long ones are cut, and three dots say so."""
    found: list[str] = []
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
            found.append(text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…")
    return found
