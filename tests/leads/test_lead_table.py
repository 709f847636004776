"""Leads are replayed as the reader of exports reads them: bad rows aside, on one clock."""

import csv
import os
import runpy
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

import simulator as sim
from simulator.leads.funnel import Funnel, read_funnel
from simulator.leads.replay import LeadTable, channels_in_words, check_leads_against_run, read_leads
from simulator.leads.settings import Crm, LeadColumns
from simulator.questions.frame.runs import check_leads
from simulator.scenario.config_sources import SCENARIOS
from simulator.scenario.market import Channel, Leads, Market
from simulator.scenario.run import Run
from simulator.scenario.schema import ScenarioError

PLAIN = Leads(id_column="id")
OLIST = Leads(id_column="mql_id", date_column="first_contact_date", channel_column="origin", enter_as="mql")
HOUR = 3_600_000_000


def _write(folder: Path, text: str | bytes) -> Path:
    file = folder / "leads.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def _when(table: LeadTable) -> list[datetime]:
    midnight = datetime.combine(table.first_day, datetime.min.time())
    return [midnight + timedelta(microseconds=int(us)) for us in table.arrived_us]


def test_leads_come_in_order_of_arrival_and_ties_in_order_of_the_file(tmp_path: Path) -> None:
    file = _write(
        tmp_path,
        "id,created,channel\n"
        "late,2025-03-07 09:30:00,paid\n"
        "tie1,2025-03-06T10:00,web\n"
        "tie2,2025-03-06 10:00,\n"
        "first,2025-03-05 23:59:59.000001,=1+1\n",
    )
    table = read_leads(file, PLAIN)
    assert table.ids == ["first", "tie1", "tie2", "late"]
    assert table.first_day == date(2025, 3, 3) and table.first_day.weekday() == 0
    assert _when(table) == [
        datetime(2025, 3, 5, 23, 59, 59, 1),
        datetime(2025, 3, 6, 10),
        datetime(2025, 3, 6, 10),
        datetime(2025, 3, 7, 9, 30),
    ]
    assert table.channels == sorted(table.channels) == ["=1+1", "paid", "unknown", "web"]
    assert [table.channels[index] for index in table.channel] == ["=1+1", "web", "unknown", "paid"]
    assert table.arrived_us.dtype == table.channel.dtype == np.int64
    assert table.source_path == str(file)


def test_a_monday_is_its_own_first_day(tmp_path: Path) -> None:
    assert read_leads(_write(tmp_path, "created,channel\n2025-03-03,web\n"), Leads()).first_day == date(2025, 3, 3)
    assert read_leads(_write(tmp_path, "created,channel\n2025-03-02,web\n"), Leads()).first_day == date(2025, 2, 24)


def test_dates_without_a_time_are_spread_over_their_day(tmp_path: Path) -> None:
    rows = ["2025-03-04", "2025-03-03", "2025-03-04", "2025-03-04", "2025-03-03 01:00"]
    file = _write(tmp_path, "created,channel\n" + "".join(f"{row},web\n" for row in rows))
    table = read_leads(file, Leads())
    assert table.ids == ["5", "2", "1", "3", "4"]  # rows are numbered when no column holds an id
    assert (table.arrived_us / HOUR).tolist() == [1, 14, 24 + 10, 24 + 14, 24 + 18]


def test_leads_keep_to_their_day_however_many_they_are(tmp_path: Path) -> None:
    file = _write(tmp_path, "created,channel\n" + "2025-03-03,web\n" * 5000)
    hours = read_leads(file, Leads()).arrived_us / HOUR
    assert 8 < hours[0] < hours[-1] < 20
    assert np.ptp(np.diff(hours)) < 1e-6 and hours.mean() == pytest.approx(14)


def test_marks_line_ends_quotes_and_blank_lines(tmp_path: Path) -> None:
    text = '\ufeffid,created,channel\r\n"a ""1""",2025-03-03 10:00:00,"web,\nmail"\r\n\r\n'
    text += "b,2025-03-03T11:00:00,web\r\n"
    table = read_leads(_write(tmp_path, text), PLAIN)
    assert table.ids == ['a "1"', "b"]
    assert table.channels == ["web", "web,\nmail"]
    assert (table.arrived_us / HOUR).tolist() == [10, 11]


def test_every_row_is_read_as_a_naive_reader_reads_it(tmp_path: Path) -> None:
    """Days in equal parts of 8 to 20 o'clock, times to the microsecond: Python's parsers, a row at a time."""
    luck, rows = Random(3), []
    for number in range(500):
        moment = datetime(2024, 1, 1) + timedelta(microseconds=luck.randrange(30 * 24 * HOUR))
        cell = luck.choice([f"{moment:%Y-%m-%d}", str(moment), f"{moment:%Y-%m-%dT%H:%M}", f"{moment:%Y-%m-%d %H}"])
        rows.append((f"L{number}", cell, luck.choice(["web", "fair", ""])))
    with (tmp_path / "leads.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([("id", "created", "channel"), *rows])
    on_day, seen, expected = Counter(cell for _, cell, _ in rows), Counter(), []
    for name, cell, channel in rows:
        moment = datetime.fromisoformat(cell)
        if len(cell) == 10:
            seen[cell] += 1
            moment += timedelta(hours=8) + timedelta(hours=12) * (2 * seen[cell] - 1) / (2 * on_day[cell])
        expected.append((moment, name, channel or "unknown"))
    expected.sort(key=lambda row: row[0])
    table = read_leads(tmp_path / "leads.csv", PLAIN)
    assert table.ids == [name for _, name, _ in expected]
    assert [table.channels[place] for place in table.channel] == [channel for *_, channel in expected]
    apart = [abs(mine - other[0]) for mine, other in zip(_when(table), expected, strict=True)]
    assert max(apart) <= timedelta(microseconds=1) and table.first_day == date(2024, 1, 1) and table.notes == ()


# --- what study=read_crm reads, at the same instants ------------------------------------------------------------------

SAME: dict[str, tuple[str | bytes, dict]] = {
    "offsets": ("id,created,channel\na,2024-02-29T23:30:00-05:00,web\nb,2024-03-01T01:00:00+01:00,web\n", {}),
    "offsets in a zone": (
        "id,created,channel\na,2024-06-29T23:30:00-05:00,web\nb,2024-07-01 01:00,web\n",
        {"time_zone": "Europe/Berlin"},
    ),
    "Excel's dates": ("id,created,channel\na,2/1/2018,web\nb,10/20/2017,web\n", {}),
    "days before months": ("id,created,channel\na,2/1/2018 2:30 PM,web\nb,3.1.2018 09:00,web\n", {"day_first": True}),
    "semicolons": ("id;created;channel\na;2024-01-01;web\nb;2024-01-03;web\n", {"delimiter": "semicolon"}),
    "UTF-16": ("id,created,channel\na,2024-01-01,Mü\n".encode("utf-16"), {}),
    "Windows-1252": ("id,created,channel\na,2024-01-01,Mü\n".encode("cp1252"), {}),
    "bad rows": (
        "id,created,channel\na,2024-01-01 10:00,web\na,2024-01-02,web\n,2024-01-02,web\nb,never,web\nc,,web\n"
        'd,1889-01-02,web\ne,9999-01-02,web\nf,2024-01-02\ng,2024-01-02,"w"x\nh,2024-01-01 09:00,web\n',
        {},
    ),
    "midnights are days": ("id,created,channel\na,2024-01-01 00:00,web\nb,2024-01-02 00:00:00,web\n", {}),
}  # fmt: skip


def _as_read_crm(file: Path, **form: object) -> Funnel:
    return read_funnel(Crm(leads=str(file), lead_columns=LeadColumns("id", "created", "channel"), **form))


def _same(table: LeadTable, funnel: Funnel) -> None:
    leads = funnel.leads
    days_only = bool((leads["created"] == leads["created"].dt.normalize()).all())
    mine = pd.DataFrame({"id": table.ids, "at": _when(table), "channel": [table.channels[c] for c in table.channel]})
    mine["at"] = (mine["at"].dt.normalize() if days_only else mine["at"]).astype("datetime64[us]")
    mine = mine.sort_values(["at", "id"], ignore_index=True)
    assert mine["id"].tolist() == leads["lead_id"].tolist() and mine["at"].tolist() == leads["created"].tolist()
    assert mine["channel"].tolist() == leads["channel"].tolist()


@pytest.mark.parametrize("case", SAME)
def test_a_replay_has_the_leads_that_read_crm_finds(case: str, tmp_path: Path) -> None:
    text, form = SAME[case]
    file = _write(tmp_path, text)
    table, funnel = read_leads(file, replace(PLAIN, **form)), _as_read_crm(file, **form)
    _same(table, funnel)
    aside = funnel.report.files[0]
    assert all(f"{count} {reason}" in " ".join(table.notes) for reason, count in aside.reasons.items())
    assert ("are set aside" in " ".join(table.notes)) == bool(aside.set_aside)


def test_parquet_is_replayed(tmp_path: Path) -> None:
    when = pd.to_datetime(["2024-03-01 10:00:00.000001", "2024-02-29 23:00:00.0", None])
    leads = pd.DataFrame({"id": [7, 8, 9], "created": when, "channel": pd.Categorical(["web", None, "web"])})
    leads.to_parquet(tmp_path / "leads.parquet")
    table = read_leads(tmp_path / "leads.parquet", PLAIN)
    assert table.ids == ["8", "7"] and _when(table) == [datetime(2024, 2, 29, 23), datetime(2024, 3, 1, 10, 0, 0, 1)]
    assert [table.channels[place] for place in table.channel] == ["unknown", "web"]
    _same(table, _as_read_crm(tmp_path / "leads.parquet"))


def test_instants_are_one_clock_and_the_order_of_a_calendar_is_told(tmp_path: Path) -> None:
    """By hand: 23:30 at five hours west is 04:30 of the next day, 01:00 at one hour east is midnight."""
    offsets = read_leads(_write(tmp_path, SAME["offsets"][0]), PLAIN)
    assert offsets.ids == ["b", "a"] and _when(offsets) == [datetime(2024, 3, 1), datetime(2024, 3, 1, 4, 30)]
    assert "2 times have an offset and are told in UTC" in offsets.notes[0]
    excel = read_leads(_write(tmp_path, SAME["Excel's dates"][0]), PLAIN)
    assert excel.ids == ["b", "a"] and [at.date() for at in _when(excel)] == [date(2017, 10, 20), date(2018, 2, 1)]
    assert "month before day" in excel.notes[0]


def test_what_is_set_aside_is_said_before_a_run(tmp_path: Path) -> None:
    file = _write(tmp_path, "created,channel\n2025-03-03,social\nsoon,web\n")
    typed = ["leads=plain", f"market.leads.path={file}", "run.cohort_days=30"]
    assert check_leads(sim.load_scenario("replay", typed)) == (
        f"1 of 2 rows of {file} are set aside: 1 date cannot be read"
    )


# --- what cannot be read at all ---------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "market.leads.path must hold a header and rows, got an empty file"),
    "blank": ("\n\n", "market.leads.path must hold a header and rows, got an empty file"),
    "only a header": ("id,created,channel\n", "must hold at least one row, got only a header"),
    "misspelt column": (
        "id,craeted,channel\n",
        "has no column 'created' (market.leads.date_column): did you mean 'craeted'? there are id, craeted, channel",
    ),
    "missing column": (
        "id,created,utm\n",
        "has no column 'channel' (market.leads.channel_column): there are id, created, utm",
    ),
    "semicolons": (
        "id;created;channel\n1;2025-03-03;web\n",
        "its fields seem to be separated by semicolons (market.leads.delimiter=semicolon); there are id;",
    ),
    "column twice": (
        "id,created,channel,created\n",
        "must have one column 'created' (market.leads.date_column), got 2",
    ),
    "a doubt": (
        "id,created,channel\n1,2/3/2025,web\n",
        "does not tell days from months in '2/3/2025': say market.leads.day_first=true or market.leads.day_first=false",
    ),
    "no lead": (
        "id,created,channel\n1,9999-12-30,web\n,2025-03-03,web\n3,2025-02-30,web\n4,2025-W01-1,web\n",
        "market.leads.path must hold a lead that can be read, got none in 4 rows of",
    ),
    "too many channels": (
        "id,created,channel\n" + "".join(f"{n},2025-03-03,web{n}\n" for n in range(33)),
        "must hold at most 32 channels, got 33",
    ),
    "zero byte": (b"id,created,channel\n1,2025-03-03,\0\n", "line 2: must be text, got a zero byte"),
    "open quote": ('id,created,channel\n1,2025-03-03,"web\n', "1 not valid CSV"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said_in_one_line(case: str, tmp_path: Path) -> None:
    text, message = REFUSED[case]
    file = _write(tmp_path, text)
    with pytest.raises(ScenarioError) as refused:
        read_leads(file, PLAIN)
    assert message in str(refused.value) and str(file) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_settings_that_cannot_be_are_refused(tmp_path: Path) -> None:
    file = _write(tmp_path, "id,created,channel\n1,2025-03-03,web\n")
    with pytest.raises(ScenarioError, match=r"^market.leads.date_column must name a column, got ''$"):
        read_leads(file, replace(PLAIN, date_column=""))
    with pytest.raises(ScenarioError, match=r"^market.leads.time_zone must be a name like Europe/Berlin, got 'Mars'$"):
        read_leads(file, replace(PLAIN, time_zone="Mars"))


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    places = {tmp_path / "none.csv": "there is none", tmp_path: "a folder", tmp_path / "pipe": "a device or a pipe",
              Path("/dev/zero"): "a device or a pipe", Path("a\0b"): "there is none"}  # fmt: skip
    for path, kind in places.items():
        for key, read in (("market.leads.path", lambda p: read_leads(p, PLAIN)), ("crm.leads", _as_read_crm)):
            with pytest.raises(ScenarioError) as refused:
                read(path)
            assert str(refused.value).startswith(f"{key} must name a file, got {str(path)!r}: {kind}")
            assert "\n" not in str(refused.value)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _write(tmp_path, "id,created,channel\n")

    def denied(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(ScenarioError, match=r"^market.leads.path cannot be read: .*: Permission denied$"):
        read_leads(file, PLAIN)


# --- against the run --------------------------------------------------------------------------------------------------


def _leads_on(folder: Path, *days: str) -> LeadTable:
    return read_leads(_write(folder, "created,channel\n" + "".join(f"{day},web\n" for day in days)), Leads())


def test_leads_outside_the_cohort_are_counted(tmp_path: Path) -> None:
    leads = _leads_on(tmp_path, "2025-03-03", "2025-03-06", "2025-03-09", "2025-03-10")  # days 0, 3, 6 and 7
    covered = check_leads_against_run(leads, Run(warm_up_days=3, cohort_days=4))
    assert (covered.before, covered.counted, covered.after) == (1, 2, 1)
    assert covered.in_words().startswith("2 of 4 leads fall outside the cohort")
    assert check_leads_against_run(leads, Run(warm_up_days=0, cohort_days=8)).in_words() == ""


def test_channels_that_the_market_does_not_name_are_said(tmp_path: Path) -> None:
    rows = "".join(f"2025-03-0{day},{name}\n" for day, name in enumerate(("web", "Paid Ads", "web", "fair", ""), 3))
    leads = read_leads(_write(tmp_path, f"created,channel\n{rows}"), Leads())
    named = Market(channels={"web": Channel(), "paid_ads": Channel()})
    assert channels_in_words(leads, named) == (
        "3 of 5 leads come through channels that market.channels does not name, which get fit_shift 0 and cost 0: "
        "Paid Ads (is it paid_ads?), fair, unknown"
    )
    named.channels |= {"Paid Ads": Channel(), "fair": Channel(), "unknown": Channel()}
    assert channels_in_words(leads, named) == ""


def test_a_cohort_without_leads_is_refused(tmp_path: Path) -> None:
    leads = _leads_on(tmp_path, "2025-03-06", "2025-03-20")
    with pytest.raises(ScenarioError, match=r"^run.cohort_days must reach the first lead on 2025-03-06, got 3$"):
        check_leads_against_run(leads, Run(warm_up_days=0, cohort_days=3))
    with pytest.raises(ScenarioError, match=r"^run.cohort_days must reach the first lead on 2025-03-20, got 5$"):
        check_leads_against_run(leads, Run(warm_up_days=5, cohort_days=5))
    with pytest.raises(ScenarioError, match=r"^run.warm_up_days must end before the last lead on 2025-03-20, got 120$"):
        check_leads_against_run(leads, Run(warm_up_days=120, cohort_days=365))


def test_the_shipped_export_is_made_up_by_its_script_and_reads_as_olist_does() -> None:
    script = runpy.run_path(str(SCENARIOS / "data" / "made_up_leads.py"))
    shipped = SCENARIOS / "data" / "made_up_leads.csv"
    assert shipped.read_text(encoding="utf-8") == script["made_up_leads"]()
    leads = read_leads(shipped, OLIST)
    assert len(leads) == 300
    assert check_leads_against_run(leads, Run(warm_up_days=0, cohort_days=300)).in_words() == ""
