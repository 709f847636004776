"""A user's CRM export: read, mapped and checked.

Time 0 of a replay is midnight of the Monday on or before the first lead, so that people's calendars hold. A date
without a time says only the day: such leads are spread evenly over that day from 8 to 20, in the order of the file,
because a lead that came in during the day must not wait since midnight. No randomness is involved.
"""

import csv
import difflib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.model.sizes import MAX_CHANNELS
from simulator.scenario.given_files import refuse_irregular
from simulator.scenario.market import Leads, Market
from simulator.scenario.run import Run
from simulator.scenario.schema import ScenarioError

#: Hours between which leads of a date without a time are spread.
DAY_OPENS_HOUR, DAY_CLOSES_HOUR = 8, 20
UNKNOWN_CHANNEL = "unknown"

_ISO_START = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_US_PER_HOUR = 3_600_000_000
_US_PER_DAY = 24 * _US_PER_HOUR
#: Leads of later years are typing errors, and leave no room for a run.
_LAST_YEAR = 2199


@dataclass(frozen=True)
class LeadTable:
    """Leads in the order of their arrival; ties in the order of the file.

    Attributes
    ----------
    ids : the lead's id, or its row's number (from 1) when no column holds one.
    arrived_us : int64, microseconds since midnight of ``first_day``.
    channel : int64, index into ``channels``.
    channels : names of the channels, sorted.
    first_day : the Monday on or before the first lead.
    source_path : the file.
    """

    ids: list[str]
    arrived_us: NDArray[np.int64]
    channel: NDArray[np.int64]
    channels: list[str]
    first_day: date
    source_path: str

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Coverage:
    """How many leads come in before, during and after the cohort."""

    before: int
    counted: int
    after: int

    def in_words(self) -> str:
        """A note for the user, "" when every lead is counted."""
        outside, total = self.before + self.after, self.before + self.counted + self.after
        if outside == 0:
            return ""
        return (
            f"{outside:,} of {total:,} leads fall outside the cohort and are not counted: "
            f"{self.before:,} before it, {self.after:,} after it"
        )


def read_leads(path: str | Path, leads: Leads) -> LeadTable:
    """Read an export.

    Parameters
    ----------
    path : a CSV file in UTF-8, with commas and a header.
    leads : which columns hold what.

    Raises
    ------
    ScenarioError
        One line: the file, the line in it, what is wrong.
    """
    rows = _rows(Path(path), _text(Path(path)))
    _, header = next(rows, (1, []))
    if not any(header):
        raise ScenarioError(f"{path} must hold a header and leads, got an empty file")
    date_at = _column(path, header, "date_column", leads.date_column)
    channel_at = _column(path, header, "channel_column", leads.channel_column)
    id_at = _column(path, header, "id_column", leads.id_column) if leads.id_column else None

    ids: list[str] = []
    moments: list[datetime | date] = []
    channels: list[str] = []
    line_of: dict[str, int] = {}
    for line, row in rows:
        if len(row) != len(header):
            raise ScenarioError(
                f"{path}, line {line}: must have {len(header)} fields as the header has, got {len(row)}"
            )
        name = str(len(ids) + 1) if id_at is None else row[id_at].strip()
        if not name:
            raise ScenarioError(f"{path}, line {line}: {leads.id_column} must not be empty")
        if name in line_of:
            raise ScenarioError(f"{path}, line {line}: {leads.id_column} {name!r} is already in line {line_of[name]}")
        line_of[name] = line
        ids.append(name)
        moments.append(_moment(f"{path}, line {line}: {leads.date_column}", row[date_at].strip()))
        channels.append(row[channel_at].strip() or UNKNOWN_CHANNEL)
    if not ids:
        raise ScenarioError(f"{path} must hold at least one lead, got only a header")
    return lead_table(ids, moments, channels, str(path))


def lead_table(
    ids: Sequence[str], moments: Sequence[datetime | date], channels: Sequence[str], source_path: str = ""
) -> LeadTable:
    """Leads in any order as a stream: a moment that is no ``datetime`` says only the day.

    Raises
    ------
    ScenarioError
        If they come through too many channels.
    """
    first = min(_day(moment) for moment in moments)
    monday = first - timedelta(days=first.weekday())
    arrived = _microseconds(moments, monday)
    order = np.argsort(arrived, kind="stable")
    names = sorted(set(channels))
    if len(names) > MAX_CHANNELS:
        raise ScenarioError(f"{source_path} must hold at most {MAX_CHANNELS} channels, got {len(names)}")
    number = {name: index for index, name in enumerate(names)}
    return LeadTable(
        ids=[ids[row] for row in order],
        arrived_us=arrived[order],
        channel=np.array([number[channels[row]] for row in order], dtype=np.int64),
        channels=names,
        first_day=monday,
        source_path=source_path,
    )


def check_leads_against_run(leads: LeadTable, run: Run) -> Coverage:
    """Refuse a cohort without a lead in it; say how many leads it leaves out.

    Day 0 of the run is ``leads.first_day``, the cohort is the days [warm_up_days, warm_up_days + cohort_days).
    """
    opens, closes = run.warm_up_days * _US_PER_DAY, (run.warm_up_days + run.cohort_days) * _US_PER_DAY
    before = int(np.count_nonzero(leads.arrived_us < opens))
    after = int(np.count_nonzero(leads.arrived_us >= closes))
    counted = len(leads) - before - after
    if before == len(leads):
        last = _date_of(leads, -1)
        raise ScenarioError(f"run.warm_up_days must end before the last lead on {last}, got {run.warm_up_days}")
    if counted == 0:
        following = _date_of(leads, before)
        raise ScenarioError(f"run.cohort_days must reach the first lead on {following}, got {run.cohort_days}")
    return Coverage(before, counted, after)


def channels_in_words(leads: LeadTable, market: Market) -> str:
    """A note for the user on the channels that the market does not name, "" when it names every one."""
    unnamed = [name for name in leads.channels if name not in market.channels]
    if not unnamed:
        return ""
    meant = {name: difflib.get_close_matches(_plain(name), market.channels, n=1) for name in unnamed}
    listed = ", ".join(f"{name} (is it {close[0]}?)" if close else name for name, close in meant.items())
    buyers = int(np.isin(leads.channel, [leads.channels.index(name) for name in unnamed]).sum())
    return (
        f"{buyers:,} of {len(leads):,} leads come through channels that market.channels does not name, which get "
        f"fit_shift 0 and cost 0: {listed}"
    )


def _plain(name: str) -> str:
    """A channel's name as scenarios write it."""
    return re.sub(r"\W+", "_", name.strip().lower())


def _date_of(leads: LeadTable, index: int) -> date:
    return leads.first_day + timedelta(days=int(leads.arrived_us[index]) // _US_PER_DAY)


def _text(path: Path) -> str:
    if not path.exists():
        raise ScenarioError(f"market.leads.path must name a file, got {str(path)!r}: there is none")
    refuse_irregular(path, "market.leads.path")
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ScenarioError(f"market.leads.path cannot be read: {path}: {fault.strerror}") from fault
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        wrong = fault.object[fault.start]
        raise ScenarioError(f"{path}, line {line}: must be UTF-8 text, got byte 0x{wrong:02x}") from fault


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(line the row starts in, its fields); blank lines are left out."""
    if "\0" in text:
        raise ScenarioError(
            f"{path}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: must be text, got a zero byte"
        )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise ScenarioError(f"{path}, line {line}: not valid CSV: {fault}") from fault
        if row:
            yield line, row
        line = reader.line_num + 1


def _column(path: str | Path, header: list[str], key: str, wanted: str) -> int:
    names = [name.strip() for name in header]
    if names.count(wanted) > 1:
        raise ScenarioError(f"{path} must have one column {wanted!r} (market.leads.{key}), got {names.count(wanted)}")
    if wanted in names:
        return names.index(wanted)
    close = difflib.get_close_matches(wanted, names, n=1)
    suggestion = f"did you mean {close[0]!r}? " if close else ""
    delimiter = next((mark for mark in (";", "\t", "|") if len(names) == 1 and mark in names[0]), "")
    if delimiter:
        suggestion = f"fields must be separated by commas, got {delimiter!r}; "
    raise ScenarioError(
        f"{path} has no column {wanted!r} (market.leads.{key}): {suggestion}there are {', '.join(names)}"
    )


def _moment(where: str, value: str) -> datetime | date:
    """An ISO date, or an ISO date with a time; a time zone is dropped, as the clock has none."""
    if _ISO_START.match(value):
        try:
            found = datetime.fromisoformat(value).replace(tzinfo=None) if len(value) > 10 else date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if found.year <= _LAST_YEAR:
                return found
            raise ScenarioError(f"{where} must lie before {_LAST_YEAR + 1}, got {value!r}")
    raise ScenarioError(f"{where} must be a date like 2018-01-31 or 2018-01-31 14:30, got {value!r}")


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _microseconds(moments: Sequence[datetime | date], monday: date) -> NDArray[np.int64]:
    """Times since midnight of ``monday``; a day's dates without a time lie in the middle of equal parts of that day."""
    rows_of_day: dict[date, int] = {}
    for moment in moments:
        if not isinstance(moment, datetime):
            rows_of_day[moment] = rows_of_day.get(moment, 0) + 1
    seen: dict[date, int] = {}
    arrived = np.empty(len(moments), dtype=np.int64)
    midnight = datetime(monday.year, monday.month, monday.day)
    for row, moment in enumerate(moments):
        if isinstance(moment, datetime):
            arrived[row] = (moment - midnight) // timedelta(microseconds=1)
        else:
            place = seen.get(moment, 0)
            seen[moment] = place + 1
            open_us = (DAY_CLOSES_HOUR - DAY_OPENS_HOUR) * _US_PER_HOUR
            within = DAY_OPENS_HOUR * _US_PER_HOUR + open_us * (2 * place + 1) // (2 * rows_of_day[moment])
            arrived[row] = (moment - monday).days * _US_PER_DAY + within
    return arrived
