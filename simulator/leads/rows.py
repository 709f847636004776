"""Rows of a file under check: the first thing that is wrong with a row sets it aside."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.leads.moments import NEVER, Moments, read_moments
from simulator.leads.report import ASIDE, FileRead
from simulator.leads.settings import SheetForm
from simulator.leads.sheet import Sheet, read_sheet
from simulator.scenario.schema import ScenarioError

FIRST_YEAR, LAST_YEAR = 1990, 2199
#: The channel of leads that name none.
UNKNOWN_CHANNEL = "unknown"
_FIRST, _AFTER = np.datetime64(f"{FIRST_YEAR}-01-01", "us"), np.datetime64(f"{LAST_YEAR + 1}-01-01", "us")
#: What may stand before a number: a currency's sign or code; then its thousands may be apart by commas.
_CURRENCY, _NUMBER = r"^[^\d\s+\-.,]{1,4} ?", r"^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,3})?$"
#: Lines from which on a row that is torn is told of.
_LINES_OF_A_ROW = 20

Mask = NDArray[np.bool_]


class Rows:
    """The rows of one file.

    Attributes
    ----------
    key : the setting that names the file, as ``crm.leads``; those of ``form`` stand beside it.
    form : how the file is written.
    sheet : what was read of the file.
    reason : of each row, why it is set aside; "" if it is kept.
    left_out : rows that are not meant.
    emptied : cells that could not be read, by what they are.
    notes : what a reader must know of how dates were read.
    """

    def __init__(self, key: str, path: str | Path, form: SheetForm, wanted: Mapping[str, str]) -> None:
        self.key, self.form = key, form
        self.sheet: Sheet = read_sheet(key, path, wanted, form.delimiter)
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
        cells = self.sheet.columns[column]
        if pa.types.is_floating(cells.type) and pc.all(pc.equal(cells, pc.floor(cells))).as_py() is not False:
            cells = cells.cast(pa.int64(), safe=False)  # whole numbers beside empty cells
        return pd.Series(pc.fill_null(cells.cast(pa.string()), "").to_pandas(), dtype="str")

    def moments(self, column: str) -> Moments:
        """A column of dates or times; all empty without a column."""
        if not column:
            nothing = np.zeros(len(self), bool)
            return Moments(np.full(len(self), NEVER), ~nothing, nothing)
        where, settings = f"{self.sheet.path}: {column}", self.key.rpartition(".")[0]
        moments = read_moments(where, self.sheet.columns[column], self.sheet.lines, self.form, settings)
        self.notes.extend(moments.notes)
        return moments

    def dated(self, moments: Moments, known_until: datetime | None = None, where: Mask | None = None) -> None:
        """Set rows aside that have no date that a file which knows all until ``known_until`` can have."""
        asked = np.ones(len(self), bool) if where is None else where
        self.set_aside(asked & moments.blank, "no date")
        self.set_aside(asked & moments.unreadable, "date cannot be read")
        self.set_aside(asked & (moments.at < _FIRST), f"date before {FIRST_YEAR}")
        self.set_aside(asked & (moments.at >= _AFTER), f"date after {LAST_YEAR}")
        self.set_aside(asked & is_after(moments.at, known_until), "date after the export date")

    def leads(
        self, id_column: str, created_column: str, known_until: datetime | None = None
    ) -> "tuple[pd.Series[str], Moments]":
        """Ids of a file of leads, and when each came in; without a column of ids the rows' numbers, from 1.

        Rows without an id or a date, and later rows of an id, are set aside.

        Raises
        ------
        ScenarioError
            When none is kept.
        """
        numbers = pd.Series(np.arange(1, len(self) + 1).astype(str), dtype="str")
        ids, created = self.text(id_column) if id_column else numbers, self.moments(created_column)
        self.set_aside((ids == "").to_numpy(), "no id")
        self.dated(created, known_until)
        good = self.good
        again = np.zeros(len(self), bool)
        again[good] = ids[good].duplicated().to_numpy()
        self.set_aside(again, "duplicate id")
        self.refuse_none_kept()
        return ids, created

    def channels(self, column: str) -> "pd.Series[str]":
        """The channel of each lead; empty cells, or all without a column, are unknown."""
        channel = self.text(column)
        return channel.where(channel != "", UNKNOWN_CHANNEL)

    def numbers(self, column: str, what: str) -> NDArray[np.float64]:
        """A column of numbers, with a currency's sign or commas between thousands; NaN where there is none."""
        if not column:
            return np.full(len(self), np.nan)
        cells = self.sheet.columns[column]
        if not pa.types.is_string(cells.type):
            values = pc.fill_null(cells.cast(pa.float64(), safe=False), np.nan).to_numpy()
            return np.where(np.isfinite(values), values, np.nan)
        cells = pc.replace_substring_regex(pc.fill_null(cells, ""), _CURRENCY, "")
        plain = pc.match_substring_regex(cells, _NUMBER)
        cells = pc.if_else(pc.and_(plain, pc.match_substring_regex(cells, r"\d")), cells, None)
        values = pc.fill_null(pc.replace_substring(cells, ",", "").cast(pa.float64()), np.nan).to_numpy()
        values = np.where(np.isfinite(values), values, np.nan)
        self.empty((self.text(column) != "").to_numpy() & np.isnan(values), f"{what} that is no number")
        return values

    def keep_only(self, conditions: Sequence[str]) -> None:
        """Leave out rows that are not meant: ``column=value``, or ``column`` for those where it is not empty."""
        for condition in conditions:
            column, equals, value = condition.partition("=")
            cells = self.text(column.strip())
            self.left_out |= (cells != value.strip() if equals else cells == "").to_numpy()

    def reasons(self) -> dict[str, int]:
        """Rows set aside by reason, the most frequent first."""
        counts = Counter(self.reason[self.reason != ""].tolist())
        counts.update(torn.reason for torn in self.sheet.torn)
        return dict(counts.most_common())

    def refuse_none_kept(self) -> None:
        """Refuse a file of which no row is kept, and say why.

        Raises
        ------
        ScenarioError
            One line with the number of rows by reason.
        """
        if self.good.any():
            return
        why = ", ".join(f"{count:,} {reason}" for reason, count in self.reasons().items())
        left_out = int(self.left_out.sum())
        left = f"{left_out:,} left out by crm.only" if left_out else ""
        raise ScenarioError(
            f"{self.key} must hold a lead that can be read, got none in {self.sheet.rows_in_file:,} rows of "
            f"{self.sheet.path}: {'; '.join(filter(None, (why, left)))}"
        )

    def doubts(self) -> Iterator[str]:
        """What a reader must know of the file, though it was read: a sentence each."""
        yield from self.notes
        for torn in self.sheet.torn:
            if (lines := torn.end - torn.line + 1) >= _LINES_OF_A_ROW:
                yield (
                    f"{self.sheet.path.name}: the row that begins in line {torn.line:,} is set aside and takes "
                    f"{lines:,} lines: a quote may be open, and other rows in it"
                )

    def read(self, part: str, dates: NDArray[np.datetime64]) -> FileRead:
        """What was read of ``part``, leads or deals, with ``dates`` of the rows."""
        sheet, good, reasons = self.sheet, self.good, self.reasons()
        known = dates[good & ~np.isnat(dates)]
        first, last = (known.min().item(), known.max().item()) if len(known) else (None, None)
        return FileRead(part, str(sheet.path), sheet.form, sheet.rows_in_file, int(good.sum()), sum(reasons.values()),
                        int(self.left_out.sum()), first, last, reasons)  # fmt: skip

    def aside(self, ids: "pd.Series[str]") -> pd.DataFrame:
        """The rows that are set aside, in the order of the file: columns ``ASIDE``."""
        sheet = self.sheet
        wrong = np.flatnonzero(self.reason != "")
        rows = [
            *zip(sheet.lines[wrong].tolist(), sheet.ends[wrong].tolist(), ids.iloc[wrong], self.reason[wrong],
                 strict=True),
            *((torn.line, torn.end, "", torn.reason) for torn in sheet.torn),
        ]  # fmt: skip
        rows.sort(key=lambda row: row[0])
        texts = sheet.row_texts([row[:2] for row in rows])
        named = [
            (sheet.path.name, line, name, reason, text)
            for (line, _, name, reason), text in zip(rows, texts, strict=True)
        ]
        return pd.DataFrame(named, columns=list(ASIDE))


def is_after(at: NDArray[np.datetime64], limit: datetime | None) -> Mask:
    """Moments after a limit, if there is one."""
    return np.zeros(len(at), bool) if limit is None else at > np.datetime64(limit, "us")


def codes(cells: "pd.Series[str]", words: Mapping[str, Iterable[str]]) -> NDArray[np.int64]:
    """Which key has a cell among its words, case aside: its position, -1 for none."""
    position = {word.strip().casefold(): place for place, known in enumerate(words.values()) for word in known}
    numbers, different = pd.factorize(cells)
    looked_up = np.array([position.get(str(word).casefold(), -1) for word in different] or [-1], np.int64)
    return looked_up[numbers]


def among(names: "pd.Series[str]", known: "pd.Series[str]") -> Mask:
    """Which names are among those known; of long columns of text in a tenth of the time of ``isin``."""
    return np.asarray(pd.Index(known.drop_duplicates()).get_indexer(pd.Index(names)) >= 0)
