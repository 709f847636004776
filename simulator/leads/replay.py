"""The leads of a file as a stream that can be replayed: read once in each of its versions, mapped and checked.

What a file says is told by the reader that `leads.funnel` uses too, so that a replay has the leads that
``study=read_crm`` finds, at the same instants. Time 0 is midnight of the Monday on or before the first lead, so that
people's calendars hold. A date without a time says only the day: such leads are spread evenly over that day from 8 to
20, in the order of the file, because a lead that came in during the day must not wait since midnight. No randomness is
involved.
"""

import difflib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.leads.files import version_of
from simulator.model.sizes import MAX_CHANNELS
from simulator.scenario.market import Leads, Market
from simulator.scenario.run import Run
from simulator.scenario.schema import ScenarioError

#: Hours between which leads of a date without a time are spread.
DAY_OPENS_HOUR, DAY_CLOSES_HOUR = 8, 20

_US_PER_HOUR = 3_600_000_000
_US_PER_DAY = 24 * _US_PER_HOUR
#: Tables that are kept, the last ones read.
_KEPT = 4

_tables: dict[Any, "LeadTable"] = {}
_reading = threading.Lock()


@dataclass(frozen=True, eq=False)
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
    names : by what each lead is known: its id; without a column of ids its time and channel, and a number where there
        are several.
    notes : what a reader must know of the file: rows set aside, and how dates were read.
    """

    ids: list[str]
    arrived_us: NDArray[np.int64]
    channel: NDArray[np.int64]
    channels: list[str]
    first_day: date
    source_path: str
    names: list[str]
    notes: tuple[str, ...] = ()

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
    """The leads of a file; it is read once in a process, and again when it has changed on disk.

    Parameters
    ----------
    path : a CSV file with a header, or a Parquet file.
    leads : which columns hold what, and how the file is written.

    Raises
    ------
    ScenarioError
        One line, when the file cannot be read at all or no lead can be kept; single rows that cannot be read are set
        aside, and ``notes`` counts them.
    """
    version = version_of("market.leads.path", path)
    key = (str(path), version, *vars(leads).values())
    with _reading:
        if key in _tables:
            return _tables[key]
        settled, table = version.settled, _read(path, leads)
        if settled:
            _tables[key] = table
            for oldest in [*_tables][:-_KEPT]:
                del _tables[oldest]
    return table


def _read(path: str | Path, leads: Leads) -> LeadTable:
    from simulator.leads.rows import Rows  # brings pandas and pyarrow

    if not leads.date_column:
        raise ScenarioError("market.leads.date_column must name a column, got ''")
    wanted = {f"market.leads.{key}": getattr(leads, key) for key in ("id_column", "date_column", "channel_column")}
    rows = Rows("market.leads.path", path, leads, wanted)
    ids, created = rows.leads(leads.id_column, leads.date_column)
    kept, channels = rows.good, rows.channels(leads.channel_column)
    notes, reasons = [*rows.doubts()], rows.reasons()
    if reasons:
        why = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
        aside = f"{sum(reasons.values()):,} of {rows.sheet.rows_in_file:,} rows"
        notes.insert(0, f"{aside} of {path} are set aside: {why}")
    return lead_table(
        ids[kept].tolist(), created.at[kept], created.has_time[kept], channels[kept].tolist(), str(path), notes,
        has_ids=bool(leads.id_column),
    )  # fmt: skip


def lead_table(
    ids: Sequence[str],
    created: NDArray[np.datetime64],
    has_time: NDArray[np.bool_],
    channels: Sequence[str],
    source_path: str = "",
    notes: Sequence[str] = (),
    has_ids: bool = True,
) -> LeadTable:
    """Leads in any order as a stream.

    Parameters
    ----------
    ids, channels : of each lead.
    created : datetime64[us], when each came in; where ``has_time`` is not, it says only the day.
    has_ids : whether ids are the file's own, and no row numbers.

    Raises
    ------
    ScenarioError
        If they come through too many channels.
    """
    first: date = created.min().astype("datetime64[D]").item()
    monday = first - timedelta(days=first.weekday())
    arrived = _microseconds(created, has_time, monday)
    order = np.argsort(arrived, kind="stable")
    names = sorted(set(channels))
    if len(names) > MAX_CHANNELS:
        raise ScenarioError(f"{source_path} must hold at most {MAX_CHANNELS} channels, got {len(names)}")
    number = {name: index for index, name in enumerate(names)}
    known_by = list(ids) if has_ids else _by_time_and_channel(created, channels)
    return LeadTable(
        ids=[ids[row] for row in order],
        arrived_us=arrived[order],
        channel=np.array([number[channels[row]] for row in order], dtype=np.int64),
        channels=names,
        first_day=monday,
        source_path=source_path,
        names=[known_by[row] for row in order],
        notes=tuple(notes),
    )


def _by_time_and_channel(created: NDArray[np.datetime64], channels: Sequence[str]) -> list[str]:
    """Names of leads that have none: those of one time and channel are told apart by their order in the file."""
    names: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for at, channel in zip(created.astype("datetime64[us]").astype(str), channels, strict=True):
        seen[at, channel] = seen.get((at, channel), 0) + 1
        names.append(f"{at} {channel} {seen[at, channel]}")
    return names


def _microseconds(created: NDArray[np.datetime64], has_time: NDArray[np.bool_], monday: date) -> NDArray[np.int64]:
    """Times since midnight of ``monday``; a day's dates without a time lie in the middle of equal parts of that day."""
    arrived: NDArray[np.int64] = (created - np.datetime64(monday, "us")).astype(np.int64)
    rows = np.flatnonzero(~has_time)
    days, day, sizes = np.unique(arrived[rows] // _US_PER_DAY, return_inverse=True, return_counts=True)
    place = np.empty(len(rows), np.int64)  # of each row among those of its day
    place[np.argsort(day, kind="stable")] = np.arange(len(rows)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    open_us = (DAY_CLOSES_HOUR - DAY_OPENS_HOUR) * _US_PER_HOUR
    within = DAY_OPENS_HOUR * _US_PER_HOUR + open_us * (2 * place + 1) // (2 * sizes[day])
    arrived[rows] = days[day] * _US_PER_DAY + within
    return arrived


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
