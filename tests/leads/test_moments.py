"""Dates are read as Python's own parsers read them, a cell at a time; what those refuse is unreadable."""

from datetime import UTC, date, datetime, timedelta, timezone
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from simulator.leads.moments import Moments, before, moment_of, read_moments
from simulator.leads.settings import SheetForm
from simulator.scenario.schema import ScenarioError


def read(cells: list, time_zone: str = "", day_first: bool | None = None) -> Moments:
    column = pa.chunked_array([pa.array(cells)])
    form = SheetForm(time_zone=time_zone, day_first=day_first)
    return read_moments("leads.csv: created", column, range(2, len(cells) + 2), form, "crm")


def listed(found: Moments) -> list[datetime | None]:
    return found.at.tolist()


@pytest.mark.parametrize("zone", ["", "Europe/Berlin", "America/Sao_Paulo"])
def test_iso_times_and_offsets_are_told_on_one_clock(zone: str) -> None:
    luck, cells, expected = Random(1), [], []
    for _ in range(400):
        moment = datetime(2015, 1, 1) + timedelta(microseconds=luck.randrange(10**15))
        if luck.random() < 0.5:
            moment = moment.replace(tzinfo=timezone(timedelta(minutes=15 * luck.randrange(-40, 40))))
            expected.append(moment.astimezone(ZoneInfo(zone) if zone else UTC).replace(tzinfo=None))
        else:
            expected.append(moment)
        cells.append(moment.isoformat(luck.choice(["T", " "])))
    found = read(cells, zone)
    assert listed(found) == expected and found.has_time.all()
    assert f"have an offset and are told in {zone or 'UTC'}" in found.notes[0]


@pytest.mark.parametrize(("day_first", "form"), [(True, "%d/%m/%Y %H:%M"), (False, "%m/%d/%Y %I:%M:%S %p")])
@pytest.mark.parametrize("stated", [False, True])
def test_calendar_dates_are_those_of_strptime(day_first: bool, form: str, stated: bool) -> None:
    luck = Random(2)
    cells = [(datetime(1999, 12, 1) + timedelta(minutes=luck.randrange(10**7))).strftime(form) for _ in range(300)]
    found = read(cells, day_first=day_first if stated else None)
    assert listed(found) == [datetime.strptime(cell, form) for cell in cells]
    assert ("day before month" if day_first else "month before day") in found.notes[0]


def test_what_is_no_date_is_none() -> None:
    cells = ["", "2024-02-30", "2023-02-29", "2024-13-01", "2024-01-01T24:30", "31/04/2024", "29/02/2023", "1/1/24",
             "13/01/2024 25:00", "13/01/2024 13:00 PM", "0/1/2024", "2024-1-1", "today", "20240101", "44927",
             "=NOW()"]  # fmt: skip
    found = read(cells, day_first=True)
    assert np.isnat(found.at).all() and found.blank.tolist() == [True] + [False] * (len(cells) - 1)
    assert found.unreadable.sum() == len(cells) - 1
    fine = ["29/02/2024", "1.2.2024", "01-02-2024, 5:07", "2024-02-29T23:59:59.5Z"]
    assert listed(read(fine, day_first=True)) == [
        datetime(2024, 2, 29), datetime(2024, 2, 1), datetime(2024, 2, 1, 5, 7),
        datetime(2024, 2, 29, 23, 59, 59, 500_000),
    ]  # fmt: skip


def test_days_and_months_are_never_guessed() -> None:
    with pytest.raises(ScenarioError, match="does not tell days from months in '1/2/2024'"):
        read(["1/2/2024", "2024-01-05"])
    with pytest.raises(ScenarioError, match=r"mixes '13/2/2024' \(line 3\) and '2/13/2024' \(line 4\)"):
        read(["1/2/2024", "13/2/2024", "2/13/2024"])
    said = read(["1/2/2024", "13/2/2024", "2/13/2024"], day_first=True)
    assert said.unreadable.tolist() == [False, False, True]


def test_parquets_own_types_need_no_reading() -> None:
    day = read([date(2024, 2, 1), None])
    assert listed(day) == [datetime(2024, 2, 1), None] and not day.has_time.any()
    assert day.blank.tolist() == [False, True]
    noon = datetime(2024, 7, 1, 12, tzinfo=UTC)
    assert listed(read([noon, None], "Europe/Berlin")) == [datetime(2024, 7, 1, 14), None]
    assert listed(read([noon], "")) == [datetime(2024, 7, 1, 12)]


def test_a_day_is_before_another_day_only_and_a_column_of_midnights_is_days() -> None:
    days, times = read(["2024-01-02"]), read(["2024-01-02 10:00"])
    assert not before(days, times)[0] and not before(times, days)[0]
    assert before(read(["2024-01-02 09:59"]), times)[0] and before(read(["2024-01-01"]), times)[0]
    midnights = read(["2024-01-02 00:00:00", "2024-01-03 00:00"])
    assert not midnights.has_time.any() and read(["2024-01-02 00:00", "2024-01-03 00:01"]).has_time.all()


def test_a_day_that_is_typed_is_known_to_its_end() -> None:
    assert moment_of("crm.exported_at", "2024-01-31") == datetime(2024, 1, 31, 23, 59, 59, 999999)
    assert moment_of("crm.exported_at", "2024-01-31 14:30") == datetime(2024, 1, 31, 14, 30)
