"""Writing the folder of a run: everything under temporary names first, renamed together when it is to stay."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, TypeVar

from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.parquet as pq

_SUFFIX = ".partial"
#: How a cell begins that a spreadsheet runs, or shows as another one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class FolderError(ScenarioError):
    """Results that could not be written; the message is one line for the user."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a full disk, a missing permission and the like into one line that names the file."""
    try:
        yield
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror or error}") from error


def inert(table: "pd.DataFrame") -> "pd.DataFrame":
    """A table in which no text is a formula to a spreadsheet: those that begin like one get an apostrophe before them.

    Names of channels and rows of an export are whatever somebody typed into a form.
    """
    import pandas as pd  # needed once there are results

    changed = {}
    for name in table.columns:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == object or column.dtype == "str":
            plain = column.astype(object)
            begins = [isinstance(cell, str) and cell.startswith(_FORMULA) for cell in plain]
            if any(begins):
                changed[name] = plain.where(~pd.Series(begins, table.index), "'" + plain.astype(str))
    return table.assign(**changed)


class Closing(Protocol):
    """What writes a file over time and has to be closed at its end."""

    def close(self) -> None:
        """Finish the file."""

    def drop(self) -> None:
        """Let go of the file, which is removed; also after ``close``."""


Writer = TypeVar("Writer", bound=Closing)


class Folder:
    """A folder that receives its files together, at each `keep` and at a clean end of the ``with`` block, or none.

    Files appear in the order in which they were asked for, so the last one (the manifest) says that all are there.
    Nothing is overwritten: a name that exists is refused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: list[str] = []
        self._names: list[str] = []
        self._writers: list[Closing] = []
        self._made: list[Path] = []

    def __enter__(self) -> "Folder":
        self._make(self.path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.keep()
        finally:
            self._discard()

    def refuse_existing(self, names: Iterable[str]) -> None:
        """Refuse, before the work is done, a folder that holds one of these files."""
        for name in names:
            if (self.path / name).exists():
                raise FolderError(f"{self.path / name} exists already, and nothing is overwritten: name a new folder")

    @property
    def names(self) -> list[str]:
        """Files asked for so far, in order."""
        return list(dict.fromkeys([*self._kept, *self._names]))

    def keep(self) -> None:
        """Put what was asked for so far in its place, where it stays whatever happens then."""
        for writer in self._writers:
            writer.close()
        for name in self._names:
            with writing(self.path / name):
                os.replace(self._partial(name), self.path / name)
        self._kept += self._names
        self._names, self._writers, self._made = [], [], []

    def file(self, name: str) -> Path:
        """Temporary path to write the file ``name`` to; directories in the name are made."""
        self.refuse_existing([name])
        final = self.path / name
        self._make(final.parent)
        self._names.append(name)
        return self._partial(name)

    def text(self, name: str, text: str) -> None:
        """Write a text file."""
        with self.writing(name) as path:
            path.write_text(text, encoding="utf-8", newline="\n")

    def again(self, name: str, text: str) -> None:
        """Write a text anew that was kept before."""
        with writing(self.path / name):
            self._partial(name).write_text(text, encoding="utf-8", newline="\n")
        self._names.append(name)

    def csv(self, name: str, table: "pd.DataFrame") -> None:
        """Write a table as CSV: numbers in full, missing ones empty, texts as `inert` leaves them."""
        self.text(name, inert(table).to_csv(index=False, lineterminator="\n"))

    def table(self, name: str) -> "TableWriter":
        """A Parquet file that grows by one row group at a time."""
        return self.written(name, TableWriter)

    def written(self, name: str, kind: Callable[[Path, Path], Writer]) -> Writer:
        """A file that ``kind(temporary path, final path)`` writes over time; closed with the folder."""
        writer = kind(self.file(name), self.path / name)
        self._writers.append(writer)
        return writer

    @contextlib.contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """A path to write ``name`` to by any means; failures to write become one line, and leave no such file."""
        with writing(self.path / name):
            path = self.file(name)
            try:
                yield path
            except BaseException:
                self._names.remove(name)
                path.unlink(missing_ok=True)
                raise

    def _partial(self, name: str) -> Path:
        final = self.path / name
        return final.with_name(f".{final.name}{_SUFFIX}")

    def _discard(self) -> None:
        """Remove what is left under temporary names, and folders made here that stayed empty."""
        for writer in self._writers:
            with contextlib.suppress(Exception):  # half a file, of which nothing is kept
                writer.drop()
        for name in self._names:
            with contextlib.suppress(OSError):
                self._partial(name).unlink(missing_ok=True)
        for made in reversed(self._made):
            with contextlib.suppress(OSError):
                made.rmdir()

    def _make(self, path: Path) -> None:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        with writing(path):
            path.mkdir(parents=True, exist_ok=True)
        self._made += reversed(missing)


class TableWriter:
    """One Parquet file; every table appended is a row group. The first one fixes columns and types."""

    def __init__(self, path: Path, final: Path) -> None:
        self._path, self._final = path, final
        self._writer: pq.ParquetWriter | None = None

    def append(self, table: "pd.DataFrame") -> None:
        """Write a table with the same columns as those before."""
        import pyarrow as pa  # needed once there are results
        import pyarrow.parquet as pq

        with writing(self._final):
            if self._writer is None:
                schema = pa.Schema.from_pandas(table, preserve_index=False).remove_metadata()
                self._writer = pq.ParquetWriter(self._path, schema, compression="zstd")
            rows = pa.Table.from_pandas(table, schema=self._writer.schema, preserve_index=False, nthreads=1)
            self._writer.write_table(rows.replace_schema_metadata(), row_group_size=max(1, len(table)))

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            with writing(self._final):
                self._writer.close()

    def drop(self) -> None:
        """Let go of the file."""
        self.close()
