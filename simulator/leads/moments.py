"""Dates and times as files write them, read as moments on one clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulator.leads.settings import SheetForm
from simulator.scenario.schema import ScenarioError

_ISO = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}(:\d{2}(:\d{2}(\.\d{1,9})?)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?$"
_OFFSET = r"[T ][\d:.]+ ?(Z|[+-]\d{2}(:?\d{2})?)$"
_CLOCK = r":|\d[T ]\d"
#: 31/01/2018 or 1/31/2018, 14:30 or 2:30 PM.
_PARTS = (
    r"^(?P<first>\d{1,2})[/.\-](?P<next>\d{1,2})[/.\-](?P<year>\d{4})"
    r"(?:,?[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?$"
)
_DAY_US = 86_400_000_000
NEVER = np.datetime64("NaT", "us")


@dataclass(frozen=True)
class Moments:
    """A column of moments.

    Attributes
    ----------
    at : datetime64[us] on the clock of the zone that was asked for; NaT: empty, or cannot be read.
    blank : bool, the cell is empty.
    has_time : bool, the cell has a time of day, and not only a day.
    notes : what a reader must know of how they were read.
    """

    at: NDArray[np.datetime64]
    blank: NDArray[np.bool_]
    has_time: NDArray[np.bool_]
    notes: tuple[str, ...] = ()

    def taken(self, rows: NDArray[np.int64]) -> "Moments":
        """The moments of some rows."""
        return Moments(self.at[rows], self.blank[rows], self.has_time[rows])

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        """Cells that hold something that is no date."""
        return np.isnat(self.at) & ~self.blank


def _zone_of(key: str, name: str) -> tzinfo:
    """The zone of a name; UTC for none."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError) as fault:
        raise ScenarioError(f"{key}.time_zone must be a name like Europe/Berlin, got {name!r}") from fault


def read_moments(
    where: str, column: pa.ChunkedArray, lines: Sequence[int] | NDArray[np.int64], form: SheetForm, key: str
) -> Moments:
    """Read a column of dates or times.

    Parameters
    ----------
    where : file and column, for refusals and notes.
    column : text, dates or timestamps.
    lines : of each cell, for refusals.
    form : its ``time_zone`` is the one that times with an offset are told in, those without one are as written; its
        ``day_first`` says how 03/04/2018 is read, None refuses what leaves a doubt.
    key : where the settings of ``form`` stand, as ``crm``.

    Raises
    ------
    ScenarioError
        When it cannot be told whether dates begin with their day or their month.
    """
    zone, kind = _zone_of(key, form.time_zone), column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _native(where, column, zone)
    if not pa.types.is_string(kind):
        raise ScenarioError(f"{where} must hold dates or times, got {kind}")
    column = pc.fill_null(column, "")
    at = np.full(len(column), NEVER)
    blank = _mask(pc.equal(column, ""))
    iso = _mask(pc.match_substring_regex(column, _ISO))
    shifted = iso & _mask(pc.match_substring_regex(column, _OFFSET))
    at[iso & ~shifted] = _iso(column, iso & ~shifted, None)
    at[shifted] = _iso(column, shifted, zone)
    notes = []
    if shifted.any():
        notes.append(_of_offsets(where, int(shifted.sum()), int((iso & ~shifted).sum()), form.time_zone))
    other = ~iso & ~blank
    parts = other & _mask(pc.match_substring_regex(column, _PARTS))
    if parts.any():
        texts, rows = column.filter(pa.array(parts)), np.asarray(lines)[parts]
        fields = _fields(texts)
        day_first = form.day_first if form.day_first is not None else _day_first(where, fields, texts, rows, key)
        at[parts] = _calendar(fields, day_first)
        order = "day before month" if day_first else "month before day"
        notes.append(f"{where}: {int(parts.sum()):,} dates like {texts[0].as_py()!r} are read as {order}")
        if iso.any():
            notes.append(f"{where}: dates are written in two ways, {int(iso.sum()):,} of them as 2018-01-31")
    has_time = _mask(pc.match_substring_regex(column, _CLOCK)) & ~np.isnat(at)
    return Moments(at, blank, has_time & _any_time(at), tuple(notes))


def _native(where: str, column: pa.ChunkedArray, zone: tzinfo) -> Moments:
    blank = _mask(pc.is_null(column))
    dates, zoned = pa.types.is_date(column.type), getattr(column.type, "tz", None)
    plain = column.cast(pa.timestamp("us", tz="UTC" if zoned else None), safe=False)
    series = pd.Series(plain.to_pandas())
    if zoned:
        series = series.dt.tz_convert(zone).dt.tz_localize(None)
    at = series.to_numpy().astype("datetime64[us]")
    has_time = np.zeros(len(at), bool) if dates else ~blank & _any_time(at)
    return Moments(at, blank, has_time)


def _any_time(at: NDArray[np.datetime64]) -> bool:
    """Whether any moment is not a midnight: a column of midnights only says days."""
    known = at[~np.isnat(at)]
    return bool((known.astype(np.int64) % _DAY_US != 0).any())


def _iso(column: pa.ChunkedArray, chosen: NDArray[np.bool_], zone: tzinfo | None) -> NDArray[np.datetime64]:
    if not chosen.any():
        return np.empty(0, "datetime64[us]")
    texts = column.filter(pa.array(chosen))
    if zone is not None:
        texts = pc.replace_substring_regex(texts, r" (Z|[+-]\d{2}(:?\d{2})?)$", r"\1")
    moments: Any = pd.to_datetime(pd.Series(texts.to_numpy()), format="ISO8601", errors="coerce", utc=True)
    moments = moments.dt.tz_convert(zone or UTC).dt.tz_localize(None)
    return moments.to_numpy().astype("datetime64[us]")


def _fields(texts: pa.ChunkedArray) -> dict[str, NDArray[np.int64]]:
    """The numbers in dates like 1/31/2018 2:30 PM; what is not there is 0, ``half`` is 0, 1 for AM, 2 for PM."""
    groups = pc.extract_regex(texts, _PARTS).combine_chunks()
    fields = {
        name: pc.if_else(pc.equal(groups.field(name), ""), "0", groups.field(name)).cast(pa.int64()).to_numpy()
        for name in ("first", "next", "year", "hour", "minute", "second")
    }
    half = pc.utf8_lower(groups.field("half"))
    fields["half"] = _mask(pc.equal(half, "a")) + 2 * _mask(pc.equal(half, "p"))
    return fields


def _day_first(
    where: str, fields: dict[str, NDArray[np.int64]], texts: pa.ChunkedArray, lines: NDArray[np.int64], key: str
) -> bool:
    """Whether the dates of a column can only be told with days before months."""
    first, following = fields["first"] > 12, fields["next"] > 12
    first, following = first & ~following, following & ~first  # 13/45 is a date in neither order, and tells nothing
    ask = f"say {key}.day_first=true or {key}.day_first=false"
    if first.any() and following.any():
        a, b = int(np.argmax(first)), int(np.argmax(following))
        raise ScenarioError(
            f"{where} mixes {texts[a].as_py()!r} (line {lines[a]:,}) and {texts[b].as_py()!r} (line {lines[b]:,}): "
            f"{ask}, and the others are set aside"
        )
    if not first.any() and not following.any():
        raise ScenarioError(f"{where} does not tell days from months in {texts[0].as_py()!r}: {ask}")
    return bool(first.any())


def _calendar(fields: dict[str, NDArray[np.int64]], day_first: bool) -> NDArray[np.datetime64]:
    """Moments of calendar days and clock times; NaT where there is no such day or time."""
    day, month = (fields["first"], fields["next"]) if day_first else (fields["next"], fields["first"])
    hour, half = fields["hour"], fields["half"]
    on_clock = np.where(half > 0, (hour >= 1) & (hour <= 12), hour <= 23)
    hour = np.where(half > 0, hour % 12 + 12 * (half == 2), hour)
    start = ((fields["year"] - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    length = ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64)
    there = (month >= 1) & (month <= 12) & (day >= 1) & (day <= length)
    there &= on_clock & (fields["minute"] <= 59) & (fields["second"] <= 59)
    seconds = (day - 1) * 86_400 + hour * 3_600 + fields["minute"] * 60 + fields["second"]
    moments = start.astype("datetime64[us]") + (seconds * 1_000_000).astype("timedelta64[us]")
    moments[~there] = NEVER
    return moments


def _of_offsets(where: str, shifted: int, plain: int, time_zone: str) -> str:
    note = f"{where}: {shifted:,} times have an offset and are told in {time_zone or 'UTC'}"
    return note + (f"; {plain:,} have none and are as written" if plain else "")


def _mask(cells: Any) -> NDArray[np.bool_]:
    return np.asarray(cells.to_numpy(zero_copy_only=False) if isinstance(cells, pa.Array) else cells.to_numpy(), bool)


def moment_of(key: str, text: str) -> datetime:
    """A moment that a user types: a day stands for its last microsecond."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise ScenarioError(f"{key} must be a date like 2018-01-31 or 2018-01-31 14:30, got {text!r}") from fault
    if ":" in text or "T" in text:
        return moment.replace(tzinfo=None)
    return moment.replace(hour=23, minute=59, second=59, microsecond=999_999)


def before(moments: Moments, others: Moments) -> NDArray[np.bool_]:
    """Where one moment lies before another; on the same day only if both have a time."""
    same_day = moments.at.astype("datetime64[D]") == others.at.astype("datetime64[D]")
    earlier: NDArray[np.bool_] = (moments.at < others.at) & ~(same_day & ~(moments.has_time & others.has_time))
    return earlier
