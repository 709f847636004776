"""A file of rows: the columns that are asked for, where each row stands in the file, and the rows that are none."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.scenario.given_files import refuse_irregular
from simulator.scenario.schema import ScenarioError

#: Names of columns that a refusal lists.
_NAMES_SHOWN = 20


@dataclass(frozen=True)
class Torn:
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
    torn: Sequence[Torn] = ()
    encoding: str = ""

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def read(self) -> int:
        """Rows in the file, the torn ones too."""
        return len(self.lines) + len(self.torn)


def file_at(key: str, path: str) -> Path:
    """The file that a setting names.

    Raises
    ------
    ScenarioError
        When there is none, or when it is a folder or empty.
    """
    file = Path(path).expanduser()
    refuse_irregular(file, key)
    try:
        if not file.exists():
            raise ScenarioError(f"{key} must name a file, got {path!r}: there is none")
        if not file.is_file():
            raise ScenarioError(f"{key} must name a file, got {path!r}: {'a folder' if file.is_dir() else 'none'}")
        with file.open("rb") as stream:
            if not stream.read(1):
                raise ScenarioError(f"{key} must hold a header and rows, got an empty file: {path}")
    except (OSError, ValueError) as fault:
        if isinstance(fault, ScenarioError):
            raise
        said = fault.strerror if isinstance(fault, OSError) else fault
        raise ScenarioError(f"{key} cannot be read: {path}: {said}") from fault
    return file


def places(file: Path, header: Sequence[str], wanted: Mapping[str, str], hint: str = "") -> dict[str, int]:
    """Where the columns that are wanted stand in a header.

    Parameters
    ----------
    wanted : the name of each column, by the setting that names it; "" is wanted by nobody.
    hint : what may be wrong with the file if a column is not there.

    Raises
    ------
    ScenarioError
        When a column is not there, or is there twice.
    """
    found = {}
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
        found[name] = header.index(name)
    return found


def _listed(header: Sequence[str]) -> str:
    shown = [_short(name) for name in header[:_NAMES_SHOWN]]
    more = len(header) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more > 0 else "")


def _short(name: str) -> str:
    plain = "".join(mark if mark.isprintable() else "?" for mark in name)
    return plain if len(plain) <= 40 else f"{plain[:39]}…"
