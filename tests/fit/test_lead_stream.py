"""An export's leads as a stream: the same as of the file that is left of it, and what was known on earlier days."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest

from simulator.engines.lowering.arrivals import arrivals_of
from simulator.fit.event_times import STAGES, event_times_of_funnel
from simulator.fit.lead_stream import OTHERS, stream_of
from simulator.leads.replay import read_leads
from simulator.leads.settings import Crm
from simulator.model.sizes import MAX_CHANNELS
from simulator.results.crm_export import CSV, NEVER, safe_text
from simulator.results.summary import DAY, WEEK
from simulator.scenario.market import Leads
from simulator.scenario.schema import ScenarioError
from tests.fit.made_up import START, Row, funnel_of, rows_of, stream_for, us

ODD = ("a.b", "=cmd()", "x,y", "-web", "@sum", 'a "quoted" one', "${market}", "two\nlines", "über uns", "[*]", "web")


# --- what was known ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True])
def test_what_was_known_on_a_day_is_what_the_funnel_of_that_day_says(whole: bool) -> None:
    rows = rows_of(500, seed=2, whole=whole)
    funnel = funnel_of(rows)
    stream = stream_of(funnel, Crm())
    for day in (datetime(2024, 3, 1), datetime(2024, 5, 20), datetime(2024, 7, 1)):
        until = us(day)
        assert stream.instant(day) == until
        shorter = funnel.until(day)
        arrivals = stream_of(shorter, Crm()).arrivals
        then = event_times_of_funnel(shorter, arrivals)
        here = stream.arrivals.at_us < until
        assert arrivals.ids == [one for one, came in zip(stream.arrivals.ids, here, strict=True) if came]
        found = stream.known_at(until)
        for name in ("won", "lost", "contact"):
            assert np.array_equal(getattr(found, name)[here], getattr(then, name)), name
            known = np.count_nonzero(getattr(then, name) < NEVER)
            assert 10 < known < np.count_nonzero(getattr(stream.event_times, name) < NEVER)
        assert set(found.entered) == set(STAGES) == set(then.entered)
        for name in STAGES:
            assert np.array_equal(found.entered[name][here], then.entered[name]), name


def test_fates_are_what_the_rows_say() -> None:
    rows = rows_of(200, seed=5)
    stream, row = stream_for(rows), {one["lead_id"]: one for one in rows}

    def told(at: datetime | None) -> int:
        return NEVER if at is None else us(at)

    for place, name in enumerate(stream.arrivals.ids):
        one, event_times = row[name], stream.event_times
        assert stream.arrivals.at_us[place] == us(one["created"])
        assert stream.arrivals.channels[stream.arrivals.channel[place]] == one["channel"]
        assert event_times.won[place] == told(one["ended"] if one["outcome"] == "won" else None)
        assert event_times.lost[place] == told(one["ended"] if one["outcome"] == "lost" else None)
        assert event_times.contact[place] == told(one["contact"])
        assert all(event_times.entered[stage][place] == told(one["stages"].get(stage)) for stage in STAGES)
        assert stream.months[place] == f"{one['created']:%Y-%m}"


# --- the file that is left --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("channels", [ODD, tuple(f"c{number}" for number in range(MAX_CHANNELS + 9))])
def test_the_leads_that_are_left_are_read_as_the_same_stream(whole: bool, channels: tuple, tmp_path: Path) -> None:
    rows = rows_of(600, seed=4, channels=channels, whole=whole)
    for one, other in zip(rows[::9], rows[1::9], strict=False):  # some come at the same moment
        other["created"] = one["created"]
    stream = stream_for(sorted(rows, key=lambda row: (row["created"], row["lead_id"])))
    file = tmp_path / "leads.csv"
    pyarrow.csv.write_csv(safe_text(stream.leads), file, CSV)
    assert "'" not in file.read_text(encoding="utf-8"), "no name is taken for a formula"
    again = arrivals_of(read_leads(file, Leads(str(file), "lead_id", "created", "channel")))
    mine = stream.arrivals
    assert again.channels == mine.channels and again.ids == mine.ids and again.first_day == mine.first_day
    assert np.array_equal(again.at_us, mine.at_us) and np.array_equal(again.who, mine.who)
    assert whole or (mine.at_us % 10**6 != 0).mean() > 0.99, "to the microsecond"
    if whole:
        assert (mine.at_us % DAY).min() >= 8 * DAY / 24 and (mine.at_us % DAY).max() < 20 * DAY / 24
    assert stream.leads["created"].str.len().max() == (10 if whole else 26)


def test_names_are_keys_of_a_scenario() -> None:
    names = stream_for(rows_of(300, channels=ODD)).arrivals.channels
    assert 9 < len(names) <= len(ODD) and "web" in names and "über_uns" in names
    assert all(re.fullmatch(r"[\w-]+", name) and name[0] not in "=+-@_" for name in names)  # what composing takes


def test_the_smallest_of_too_many_channels_are_told_together() -> None:
    sizes = {f"c{number:02}": 3 + number for number in range(40)}
    rows = rows_of(sum(sizes.values()), seed=6)
    for row, name in zip(rows, (name for name, size in sizes.items() for _ in range(size)), strict=True):
        row["channel"] = name
    arrivals = stream_for(rows).arrivals
    found = dict(zip(arrivals.channels, np.bincount(arrivals.channel), strict=True))
    large = dict(sorted(sizes.items(), key=lambda one: -one[1])[: MAX_CHANNELS - 1])
    assert found == {**large, OTHERS: sum(sizes.values()) - sum(large.values())} and len(found) == MAX_CHANNELS


# --- the window -------------------------------------------------------------------------------------------------------


def recorded(first_day: int, leads_before: int, every: int = 1, stray: int | None = None) -> list[Row]:
    """Leads every six hours, of whom one a day is won three days later, if that is on ``first_day`` or after."""
    rows = []
    for number in range(4 * 120):
        created = START + timedelta(hours=6 * number)
        ended = created + timedelta(days=3)
        day = (ended - START).days
        won = number % (4 * every) == 0 and (day >= first_day or day == stray)
        rows.append({"lead_id": f"L{number:04}", "created": created, "channel": "web", "contact": None, "stages": {},
                     "outcome": "won" if won else "open", "ended": ended if won else None})  # fmt: skip
    return [row for row in rows if (row["created"] - START).days >= first_day - leads_before // 4]


def test_when_wins_begin_to_be_recorded_is_told_from_them() -> None:
    stream = stream_for(recorded(60, 240))
    assert stream.since == us(START + timedelta(days=60))
    # a win by itself, three weeks before the others, is no beginning
    stream = stream_for(recorded(60, 240, stray=39))
    assert stream.since == us(START + timedelta(days=60)) == us(START + timedelta(days=39)) + 3 * WEEK


def test_wins_are_recorded_from_the_start_where_the_first_is_not_late_or_few_came_before() -> None:
    assert stream_for(recorded(9, 36)).since == 0, "nine days are three cycles"
    assert stream_for(recorded(10, 40)).since == us(START + timedelta(days=10)), "ten are more, and 40 leads came"
    few = [
        row
        for row in recorded(60, 240)
        if row["ended"] or row["created"].day == 5 or row["created"] > START + timedelta(days=60)
    ]
    first = min(row["ended"] for row in few if row["ended"])
    assert sum(row["created"] < first for row in few) < 30 < len(few) and first - few[0]["created"] > timedelta(days=9)
    assert stream_for(few).since == 0


def test_the_day_from_which_wins_are_recorded_may_be_told() -> None:
    rows = recorded(0, 0)
    assert stream_for(rows).since == 0
    assert stream_for(rows, wins_from="2024-02-10").since == us(datetime(2024, 2, 10))
    assert stream_for(rows, wins_from="2024-02-10 14:30").since == us(datetime(2024, 2, 10))
    for day in ("2023-12-31", "2024-09-01"):
        rule = rf"^crm.wins_from must lie between the first lead and the export, got '{day}'$"
        with pytest.raises(ScenarioError, match=rule):
            stream_for(rows, wins_from=day)


def test_an_export_without_a_win_is_refused() -> None:
    rows = [row | {"outcome": "open", "ended": None} for row in rows_of(50)]
    with pytest.raises(ScenarioError, match=r"^crm.deals must hold at least one win for study=calibrate, got none$"):
        stream_for(rows)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("last", ["created", "won", "lost", "contact"])
def test_the_latest_date_of_an_export_is_known_in_it(whole: bool, last: str) -> None:
    """Whatever it is a date of; a run until the export holds every lead."""
    rows = rows_of(120, seed=8, whole=whole)
    latest = datetime(2024, 12, 2)
    mine = next(row for row in rows if row["outcome"] == (last if last in ("won", "lost") else "open"))
    mine["ended" if last in ("won", "lost") else last] = latest
    if last == "created":
        mine["contact"], mine["stages"] = None, {}
    stream = stream_for(rows)
    assert stream.until > us(latest)
    assert stream.arrivals.at_us[-1] < stream.until <= stream.days() * DAY
    known = stream.known_at(stream.until)
    for name in ("won", "lost", "contact"):
        assert np.array_equal(getattr(known, name), getattr(stream.event_times, name)), name


def test_an_export_of_a_day_knows_that_day_to_its_end() -> None:
    rows = rows_of(120, seed=8)
    funnel = funnel_of(rows, datetime(2024, 12, 31, 23, 59, 59, 999999))
    stream = stream_of(funnel, Crm(exported_at="2024-12-31"))
    assert stream.until == us(datetime(2025, 1, 1)) - 1 and stream.days() * DAY == us(datetime(2025, 1, 1))
    assert stream.day(stream.until) == datetime(2024, 12, 31).date() and len(stream) == 120
