"""Rows of an export under check: the first thing that is wrong with a row sets it aside."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.leads.csv_sheet import read_csv, texts
from simulator.leads.moments import Moments, read_moments
from simulator.leads.parquet_sheet import MAGIC, read_parquet, row_texts
from simulator.leads.read_report import ASIDE, FileRead
from simulator.leads.settings import Crm
from simulator.leads.sheet import Sheet, file_at

FIRST_YEAR, LAST_YEAR = 1990, 2199
_FIRST, _AFTER = np.datetime64(f"{FIRST_YEAR}-01-01", "us"), np.datetime64(f"{LAST_YEAR + 1}-01-01", "us")
#: What may stand before a number: a currency's sign or code; then its thousands may be apart by commas.
_CURRENCY, _NUMBER = r"^[^\d\s+\-.,]{1,4} ?", r"^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,3})?$"

Mask = NDArray[np.bool_]


class Rows:
    """The rows of one file.

    Attributes
    ----------
    part : ``leads`` or ``deals``.
    sheet : what was read of the file.
    reason : of each row, why it is set aside; "" if it is kept.
    left_out : rows that are not meant.
    emptied : cells that could not be read, by what they are.
    notes : what a reader must know.
    """

    def __init__(self, part: str, path: str, crm: Crm, wanted: Mapping[str, str]) -> None:
        key = f"crm.{part}"
        file = file_at(key, path)
        with file.open("rb") as stream:
            parquet = stream.read(len(MAGIC)) == MAGIC
        self.part, self.crm = part, crm
        self.sheet: Sheet = read_parquet(key, file, wanted) if parquet else read_csv(key, file, wanted, crm.delimiter)
        self.reason: NDArray[Any] = np.full(len(self.sheet), "", object)
        self.left_out: Mask = np.zeros(len(self.sheet), bool)
        self.emptied: Counter[str] = Counter()
        self.notes: list[str] = []

    def __len__(self) -> int:
        return len(self.sheet)

    @property
    def good(self) -> Mask:
        """Rows that are kept so far."""
        return (self.reason == "") & ~self.left_out

    def set_aside(self, wrong: Mask, reason: str) -> None:
        """Set rows aside that were kept until now."""
        self.reason[wrong & self.good] = reason

    def empty(self, cells: Mask, what: str) -> Mask:
        """Count cells of rows that are kept so far and hold nothing that can be read; which ones they are."""
        if count := int((cells & self.good).sum()):
            self.emptied[what] += count
        return cells

    def text(self, column: str) -> "pd.Series[str]":
        """A column as text; empty cells, or all without a column, are ""."""
        if not column:
            return pd.Series(np.full(len(self), "", object), dtype="str")
        found = self.sheet.columns[column]
        if pa.types.is_floating(found.type) and pc.all(pc.equal(found, pc.floor(found))).as_py() is not False:
            found = found.cast(pa.int64(), safe=False)  # whole numbers beside empty cells
        return pd.Series(pc.fill_null(found.cast(pa.string()), "").to_pandas(), dtype="str")

    def moments(self, column: str) -> Moments:
        """A column of dates or times; all empty without a column."""
        if not column:
            nothing = np.zeros(len(self), bool)
            return Moments(np.full(len(self), np.datetime64("NaT", "us")), ~nothing, nothing)
        where, crm = f"{self.sheet.path}: {column}", self.crm
        found = read_moments(where, self.sheet.columns[column], self.sheet.lines, crm.time_zone, crm.day_first)
        self.notes.extend(found.notes)
        return found

    def dated(self, found: Moments, known_until: datetime | None, where: Mask | None = None) -> None:
        """Set rows aside that have no date that an export of ``known_until`` can have."""
        asked = np.ones(len(self), bool) if where is None else where
        self.set_aside(asked & found.blank, "no date")
        self.set_aside(asked & found.unreadable, "date cannot be read")
        self.set_aside(asked & (found.at < _FIRST), f"date before {FIRST_YEAR}")
        self.set_aside(asked & (found.at >= _AFTER), f"date after {LAST_YEAR}")
        self.set_aside(asked & is_after(found.at, known_until), "date after the export date")

    def numbers(self, column: str, what: str) -> NDArray[np.float64]:
        """A column of numbers, with a currency's sign or commas between thousands; NaN where there is none."""
        if not column:
            return np.full(len(self), np.nan)
        cells = self.sheet.columns[column]
        if not pa.types.is_string(cells.type):
            found = pc.fill_null(cells.cast(pa.float64(), safe=False), np.nan).to_numpy()
            return np.where(np.isfinite(found), found, np.nan)
        cells = pc.replace_substring_regex(pc.fill_null(cells, ""), _CURRENCY, "")
        plain = pc.match_substring_regex(cells, _NUMBER)
        cells = pc.if_else(pc.and_(plain, pc.match_substring_regex(cells, r"\d")), cells, None)
        found = pc.fill_null(pc.replace_substring(cells, ",", "").cast(pa.float64()), np.nan).to_numpy()
        found = np.where(np.isfinite(found), found, np.nan)
        self.empty((self.text(column) != "").to_numpy() & np.isnan(found), f"{what} that is no number")
        return found

    def keep_only(self, conditions: Sequence[str]) -> None:
        """Leave out rows that are not meant: ``column=value``, or ``column`` for those where it is not empty."""
        for condition in conditions:
            column, equals, value = condition.partition("=")
            cells = self.text(column.strip())
            self.left_out |= (cells != value.strip() if equals else cells == "").to_numpy()

    def read(self, dates: NDArray[np.datetime64]) -> FileRead:
        """What was read, with ``dates`` of the rows."""
        sheet, good = self.sheet, self.good
        reasons = Counter(self.reason[self.reason != ""].tolist())
        reasons.update(torn.reason for torn in sheet.torn)
        known = dates[good & ~np.isnat(dates)]
        first, last = (known.min().item(), known.max().item()) if len(known) else (None, None)
        return FileRead(self.part, str(sheet.path), sheet.form, sheet.read, int(good.sum()), sum(reasons.values()),
                        int(self.left_out.sum()), first, last, dict(reasons.most_common()))  # fmt: skip

    def aside(self, ids: "pd.Series[str]") -> pd.DataFrame:
        """The rows that are set aside, in the order of the file: columns ``ASIDE``."""
        sheet = self.sheet
        wrong = np.flatnonzero(self.reason != "")
        found = [
            *zip(sheet.lines[wrong].tolist(), sheet.ends[wrong].tolist(), ids.iloc[wrong], self.reason[wrong],
                 strict=True),
            *((torn.line, torn.end, "", torn.reason) for torn in sheet.torn),
        ]  # fmt: skip
        found.sort(key=lambda row: row[0])
        said = (
            texts(sheet.path, sheet.encoding, [row[:2] for row in found])
            if sheet.encoding
            else row_texts(sheet.path, [row[0] for row in found])
        )
        rows = [
            (sheet.path.name, line, name, reason, text)
            for (line, _, name, reason), text in zip(found, said, strict=True)
        ]
        return pd.DataFrame(rows, columns=list(ASIDE))


def is_after(at: NDArray[np.datetime64], limit: datetime | None) -> Mask:
    """Moments after a limit, if there is one."""
    return np.zeros(len(at), bool) if limit is None else at > np.datetime64(limit, "us")


def codes(cells: "pd.Series[str]", words: Mapping[str, Iterable[str]]) -> NDArray[np.int64]:
    """Which key has a cell among its words, case aside: its position, -1 for none."""
    position = {word.strip().casefold(): place for place, known in enumerate(words.values()) for word in known}
    numbers, different = pd.factorize(cells)
    looked_up = np.array([position.get(str(word).casefold(), -1) for word in different] or [-1], np.int64)
    return looked_up[numbers]
