"""An export is read as it is, or refused in one line that says where it is wrong."""

import runpy
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from simulator.leads.replay import LeadTable, channels_in_words, check_leads_against_run, read_leads
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


def test_marks_line_ends_quotes_blank_lines_and_zones(tmp_path: Path) -> None:
    text = '\ufeffid,created,channel\r\n"a ""1""",2025-03-03 10:00:00+02:00,"web,\nmail"\r\n\r\n'
    text += "b,2025-03-03T11:00:00Z,web\r\n"
    table = read_leads(_write(tmp_path, text), PLAIN)
    assert table.ids == ['a "1"', "b"]
    assert table.channels == ["web", "web,\nmail"]
    assert (table.arrived_us / HOUR).tolist() == [10, 11]


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "must hold a header and leads, got an empty file"),
    "blank": ("\n\n", "must hold a header and leads, got an empty file"),
    "only a header": ("id,created,channel\n", "must hold at least one lead, got only a header"),
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
        "fields must be separated by commas, got ';'; there are id;",
    ),
    "column twice": (
        "id,created,channel,created\n",
        "must have one column 'created' (market.leads.date_column), got 2",
    ),
    "bad date": (
        "id,created,channel\n1,2025-03-03,web\n2,03/04/2025,web\n",
        "line 3: created must be a date like 2018-01-31 or 2018-01-31 14:30, got '03/04/2025'",
    ),
    "a day that never comes": (
        "id,created,channel\n1,9999-12-30,web\n",
        "line 2: created must lie before 2200, got '9999-12-30'",
    ),
    "too many channels": (
        "id,created,channel\n" + "".join(f"{n},2025-03-03,web{n}\n" for n in range(33)),
        "must hold at most 32 channels, got 33",
    ),
    "no such day": ("id,created,channel\n1,2025-02-30,web\n", "line 2: created must be a date"),
    "week date": ("id,created,channel\n1,2025-W01-1,web\n", "line 2: created must be a date"),
    "no date": (
        "id,created,channel\n1,,web\n",
        "line 2: created must be a date like 2018-01-31 or 2018-01-31 14:30, got ''",
    ),
    "too few fields": ("id,created,channel\n1,2025-03-03\n", "line 2: must have 3 fields as the header has, got 2"),
    "too many fields": ('id,created,channel\n"a\nb",2025-03-03,web\n2,2025-03-03,a,b\n', "line 4: must have 3 fields"),
    "id twice": (
        "id,created,channel\n7,2025-03-03,web\n8,2025-03-03,web\n7,2025-03-04,web\n",
        "line 4: id '7' is already in line 2",
    ),
    "no id": ("id,created,channel\n ,2025-03-03,web\n", "line 2: id must not be empty"),
    "not UTF-8": (b"id,created,channel\n1,2025-03-03,caf\xe9\n", "line 2: must be UTF-8 text, got byte 0xe9"),
    "UTF-16": ("id,created,channel\n".encode("utf-16"), "line 1: must be UTF-8 text, got byte 0xff"),
    "zero byte": (b"id,created,channel\n1,2025-03-03,\0\n", "line 2: must be text, got a zero byte"),
    "open quote": ('id,created,channel\n1,2025-03-03,"web\n', "line 2: not valid CSV: "),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said_in_one_line(case: str, tmp_path: Path) -> None:
    text, message = REFUSED[case]
    file = _write(tmp_path, text)
    with pytest.raises(ScenarioError) as refused:
        read_leads(file, PLAIN)
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(file))
    assert "\n" not in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"^market.leads.path must name a file, got '.*none.csv': there is none$"):
        read_leads(tmp_path / "none.csv", PLAIN)
    with pytest.raises(ScenarioError, match=r"^market.leads.path must name a file, got '.*': a folder$"):
        read_leads(tmp_path, PLAIN)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _write(tmp_path, "id,created,channel\n")

    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(ScenarioError, match=r"cannot be read: .*: Permission denied"):
        read_leads(file, PLAIN)


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
