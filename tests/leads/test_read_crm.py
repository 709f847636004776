"""An export is read as a naive reader reads it; rows that cannot be are set aside, by their lines and with reasons."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from simulator.leads.funnel import Funnel, read_funnel
from simulator.leads.settings import Crm, DealColumns, LeadColumns, StageColumns
from simulator.scenario.composing import load_scenario
from simulator.scenario.schema import ScenarioError
from tests.leads.made_up_crm import adds_up, clean, crm, naive, write

PLAIN = LeadColumns()


def rows_of(funnel: Funnel) -> list[dict]:
    leads = funnel.leads.astype(object).where(funnel.leads.notna(), None)
    return leads.to_dict("records")


def outcomes(funnel: Funnel) -> dict[str, str]:
    return dict(zip(funnel.leads["lead_id"], funnel.leads["outcome"], strict=True))


def reasons(funnel: Funnel) -> list[tuple[str, int, str, str]]:
    return [tuple(row) for row in funnel.report.aside.drop(columns="text").itertuples(index=False)]


# --- against a naive reader -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_a_clean_export_is_read_as_a_naive_reader_reads_it(tmp_path: Path, seed: int) -> None:
    funnel, expected = read_funnel(crm(clean(tmp_path, 500, seed))), naive(tmp_path)
    assert rows_of(funnel) == expected
    assert not len(funnel.report.aside) and adds_up(funnel)
    moments = [row[name] for row in expected for name in ("created", "ended", "first_contact") if row[name]]
    assert funnel.exported_at == max(moments)
    kinds = funnel.leads.dtypes.astype(str).to_dict()
    assert kinds["created"] == kinds["ended"] == kinds["first_contact"] == "datetime64[us]"
    assert kinds["channel"] == kinds["segment"] == kinds["outcome"] == "category"


def test_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    as_csv = read_funnel(crm(clean(tmp_path, 200)))
    leads = pd.read_csv(tmp_path / "leads.csv", parse_dates=["created", "first_contact"], dtype={"segment": "category"})
    deals = pd.read_csv(tmp_path / "deals.csv", parse_dates=["closed"])
    leads.to_parquet(tmp_path / "leads.parquet")
    deals.to_parquet(tmp_path / "deals.parquet")
    names = {"leads": str(tmp_path / "leads.parquet"), "deals": str(tmp_path / "deals.parquet")}
    as_parquet = read_funnel(crm(tmp_path, **names))
    pd.testing.assert_frame_equal(as_csv.leads, as_parquet.leads)


def test_later_leads_change_nothing_of_what_was_known(tmp_path: Path) -> None:
    """The same procedure on files that have grown; `until` gives back what the shorter ones said."""
    cutoff = datetime(2024, 6, 1)
    whole = read_funnel(crm(clean(tmp_path, 400)))
    leads = pd.read_csv(tmp_path / "leads.csv", dtype=str, keep_default_na=False)
    deals = pd.read_csv(tmp_path / "deals.csv", dtype=str, keep_default_na=False)
    leads = leads[leads["created"] < "2024-06-01"]
    leads.loc[leads["first_contact"] >= "2024-06-01", "first_contact"] = ""
    deals = deals[(deals["closed"] < "2024-06-01") & (deals["closed"] != "") & deals["lead"].isin(leads["id"])]
    for name, table in (("leads.csv", leads), ("deals.csv", deals)):
        table.to_csv(tmp_path / name, index=False)
    shorter = read_funnel(crm(tmp_path, exported_at="2024-05-31"))
    known = whole.until(cutoff)
    came = known.leads["outcome"] != "open"
    for column in shorter.leads.columns.drop("value_usd"):  # deals that go on have a value, which was cut off here
        assert known.leads[column].astype(object).equals(shorter.leads[column].astype(object)), column
    assert known.leads["value_usd"][came].equals(shorter.leads["value_usd"][came])
    assert known.exported_at == cutoff and 100 < len(known) < len(whole) and came.any() and not came.all()
    assert whole.until(whole.exported_at) is whole


def test_between_takes_the_leads_of_a_time_and_all_that_became_of_them(tmp_path: Path) -> None:
    whole = read_funnel(crm(clean(tmp_path, 300)))
    first, last = datetime(2024, 2, 1), datetime(2024, 3, 1)
    some = whole.between(first, last)
    chosen = whole.leads[whole.leads["created"].between(pd.Timestamp(first), pd.Timestamp(last), inclusive="left")]
    assert some.leads.equals(chosen.reset_index(drop=True)) and 0 < len(some) < len(whole)
    assert some.exported_at == whole.exported_at


# --- rows that are set aside ------------------------------------------------------------------------------------------


def test_each_bad_lead_is_counted_and_named_by_its_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        "id,created,channel,segment,score,owner,first_contact\n"
        'good,2024-01-05 10:00,"two\nlines",,0.5,,\n'
        "good,2024-01-06,web,,,,\n"
        ",2024-01-06,web,,,,\n"
        "nodate,,web,,,,\n"
        "odd,soon,web,,,,\n"
        "day,2024-02-30,web,,,,\n"
        "old,1889-12-31,web,,,,\n"
        "far,2300-01-01,web,,,,\n"
        "future,2024-03-02,web,,,,\n"
        "\n"
        "short,2024-01-06\n"
        "long,2024-01-06,web,,,,,,\n"
        'bad,2024-01-06,"web"x,,,,\n'
        f"huge,2024-01-06,{'x' * 140_000},,,,\n"
        "late,2024-03-01 23:59,web,,,,\n",
    )
    funnel = read_funnel(crm(tmp_path, exported_at="2024-03-01"))
    assert [(line, name, why) for _, line, name, why in reasons(funnel)] == [
        (4, "good", "duplicate id"),
        (5, "", "no id"),
        (6, "nodate", "no date"),
        (7, "odd", "date cannot be read"),
        (8, "day", "date cannot be read"),
        (9, "old", "date before 1990"),
        (10, "far", "date after 2199"),
        (11, "future", "date after the export date"),
        (13, "", "wrong number of fields"),
        (14, "", "wrong number of fields"),
        (15, "", "not valid CSV"),
        (16, "", "cell too long"),
    ]
    text = funnel.report.aside["text"]
    assert text[0] == "good,2024-01-06,web,,,," and text[9] == "long,2024-01-06,web,,,,,,"
    assert text[11].startswith("huge,2024-01-06,xxx") and len(text[11]) == 2_001
    assert list(funnel.leads["lead_id"]) == ["good", "late"] and funnel.leads["channel"][0] == "two\nlines"
    assert adds_up(funnel)


def test_the_first_good_row_of_an_id_is_kept(tmp_path: Path) -> None:
    write(tmp_path, "id,created,channel\na,never,web\na,2024-01-01,web\na,2024-01-02,web\n")
    funnel = read_funnel(crm(tmp_path, lead_columns=PLAIN))
    assert funnel.leads["created"].tolist() == [pd.Timestamp("2024-01-01")]
    assert [why for *_, why in reasons(funnel)] == ["date cannot be read", "duplicate id"]


def test_each_bad_deal_takes_its_lead_with_it_as_its_end_is_not_known(tmp_path: Path) -> None:
    leads = "".join(f"L{i},2024-01-05 10:00:00,web,,,,\n" for i in range(8))
    write(
        tmp_path,
        "id,created,channel,segment,score,owner,first_contact\n" + leads + "bad,never,web,,,,\n",
        "lead,outcome,closed,value\n"
        "L0,won,2024-02-01,10\n"
        "L1,won,2024-01-04,10\n"
        "L2,lost,2024-01-05 09:59:59,10\n"
        "L3,signed,2024-02-01,10\n"
        "L4,won,2024-02-01,-1\n"
        "L5,won,,10\n"
        "nobody,won,2024-02-01,10\n"
        "bad,won,2024-02-01,10\n"
        "L6,open,2030-01-01,\n"
        "L7,Won,2024-01-05,ten\n",
    )
    funnel = read_funnel(crm(tmp_path, exported_at="2024-06-01"))
    assert reasons(funnel)[6:] == [
        ("deals.csv", 3, "L1", "won before its lead was created"),
        ("deals.csv", 4, "L2", "lost before its lead was created"),
        ("deals.csv", 5, "L3", "unknown word for the outcome"),
        ("deals.csv", 6, "L4", "negative value"),
        ("deals.csv", 7, "L5", "no date"),
        ("deals.csv", 8, "nobody", "deal without a lead"),
        ("deals.csv", 9, "bad", "its lead is set aside"),
    ]
    assert outcomes(funnel) == {"L0": "won", "L6": "open", "L7": "won"} and adds_up(funnel)
    same_day = funnel.leads.set_index("lead_id").loc["L7"]
    assert same_day["ended"] == same_day["created"] and pd.isna(same_day["value_usd"])  # a day has no time to be before
    assert funnel.report.emptied == {"value that is no number": 1}
    assert funnel.report.facts["without a deal (censored, not lost)"] == 0


def test_cells_that_cannot_be_read_are_left_empty_and_counted(tmp_path: Path) -> None:
    write(
        tmp_path,
        "id,created,channel,segment,score,owner,first_contact\n"
        "a,2024-01-05 10:00,web,,high,,2024-01-05 09:00\nb,2024-01-05 10:00,web,,7,,tomorrow\n"
        'c,2024-01-05 10:00,web,,"1,234.5",,2024-01-05\nd,2024-01-05 10:00,web,,$ 5,,2024-02-05\n',
    )
    funnel = read_funnel(crm(tmp_path, exported_at="2024-01-31"))
    assert funnel.leads["score"].tolist()[1:] == [7.0, 1234.5, 5.0]
    assert funnel.leads["first_contact"].tolist()[2] == pd.Timestamp("2024-01-05 10:00")
    assert funnel.report.facts["reached by a person"] == 1
    assert funnel.report.emptied == {
        "first contact that is no date": 1, "first contact before the lead was created": 1,
        "first contact after the export date": 1, "score that is no number": 1,
    }  # fmt: skip


# --- several deals, histories, stages, one file -----------------------------------------------------------------------


def test_the_first_win_counts_then_what_is_open_then_the_last_loss(tmp_path: Path) -> None:
    leads = "".join(f"{name},2024-01-01,web,,,,\n" for name in "abc")
    write(
        tmp_path,
        "id,created,channel,segment,score,owner,first_contact\n" + leads,
        "lead,outcome,closed,value\na,lost,2024-02-01,1\na,won,2024-04-01,2\na,won,2024-03-01,3\n"
        "b,lost,2024-02-01,4\nb,,,5\nc,lost,2024-03-01,6\nc,lost,2024-02-01,7\n",
    )
    funnel = read_funnel(crm(tmp_path))
    assert outcomes(funnel) == {"a": "won", "b": "open", "c": "lost"}
    assert funnel.leads["value_usd"].tolist() == [3, 5, 6] and funnel.report.facts["with several deals"] == 3
    assert [str(one)[:10] for one in funnel.leads["ended"]] == ["2024-03-01", "NaT", "2024-03-01"]


def test_a_history_of_stages_tells_the_outcome_by_its_latest_row(tmp_path: Path) -> None:
    leads = "".join(f"{name},2024-01-01,web,,,,\n" for name in "abcd")
    write(
        tmp_path,
        "id,created,channel,segment,score,owner,first_contact\n" + leads,
        "lead,stage,entered\na,Proposal,2024-02-01\na,Closed Won,2024-03-01\nb,Closed Lost,2024-03-01\n"
        "b,proposal,2024-02-01\nc,Closed Lost,2024-02-01\nc,Proposal,2024-03-01\nd,Waiting,2024-02-01\n",
    )
    stages = replace(Crm().stages, opportunity=["Proposal"])
    columns = DealColumns(id="lead", stage="stage", entered="entered", closed="")
    funnel = read_funnel(crm(tmp_path, deal_columns=columns, stages=stages))
    assert outcomes(funnel) == {"a": "won", "b": "lost", "c": "open", "d": "open"}
    found = [(row.lead_id, row.stage, str(row.entered)[5:10]) for row in funnel.stages.itertuples()]
    assert found == [("a", "opportunity", "02-01"), ("b", "opportunity", "02-01"), ("c", "lost", "02-01"),
                     ("a", "won", "03-01"), ("b", "lost", "03-01"), ("c", "opportunity", "03-01")]  # fmt: skip
    assert any("'Waiting' (1)" in note for note in funnel.report.notes)
    assert list(funnel.until(datetime(2024, 2, 15)).stages["lead_id"]) == ["a", "b", "c"]


def test_deals_that_do_not_name_their_lead_are_found_by_the_leads(tmp_path: Path) -> None:
    write(
        tmp_path,
        "id,created,channel,converted\na,2024-01-01,web,D7\nb,2024-01-01,web,\n",
        "deal,closed\nD7,2024-02-01\n",
    )
    columns = LeadColumns(deal="converted")
    funnel = read_funnel(crm(tmp_path, lead_columns=columns, deal_columns=DealColumns(id="deal")))
    assert outcomes(funnel) == {"a": "won", "b": "open"} and adds_up(funnel)


def test_one_file_holds_leads_and_deals(tmp_path: Path) -> None:
    text = (
        "\ufeffOpportunity ID,Opportunity Owner,Created Date,Close Date,Stage,Lead Source,Amount\n"
        '006A,Ann,1/31/2024,3/1/2024,Closed Won,Web,"$12,000.00"\n'
        "006B,Ann,2/1/2024,12/24/2030,Negotiation/Review,,5000\n"
        "006C,Bo,2/2/2024,2/1/2024,Closed Lost,Web,1\n"
        "006D,Bo,2/2/2024,2/3/2024,Closed Lost,Web,1\n"
    )
    write(tmp_path, text)
    scenario = load_scenario(overrides=["crm=salesforce", f"crm.leads={tmp_path / 'leads.csv'}"])
    funnel = read_funnel(scenario.crm)
    assert outcomes(funnel) == {"006A": "won", "006B": "open", "006D": "lost"}
    assert funnel.leads["value_usd"].tolist() == [12000, 5000, 1] and funnel.exported_at == datetime(2024, 3, 1)
    assert reasons(funnel) == [("leads.csv", 4, "006C", "lost before its lead was created")] and adds_up(funnel)
    assert "byte-order mark" in funnel.report.files[0].form
    assert any("month before day" in note for note in funnel.report.notes)


def test_the_simulators_own_journeys_are_an_export(tmp_path: Path) -> None:
    when = pd.to_datetime(["2025-01-06", "2025-01-07", "2025-01-08", None, "2025-01-06"])
    table = pd.DataFrame(
        {
            "organisation": pd.Categorical(["relay_race"] * 4 + ["aligned"]), "replication": [0, 0, 0, 0, 0],
            "buyer": [1, 2, 3, 4, 1], "inquiry_at": when, "channel": pd.Categorical(["web"] * 5), "segment": ["s"] * 5,
            "first_contact_at": pd.NaT, "mql_at": when, "sal_at": pd.NaT, "sql_at": pd.NaT, "opportunity_at": pd.NaT,
            "outcome": pd.Categorical(["won", "no_decision", "open", "open", "won"]),
            "ended_at": pd.to_datetime(["2025-02-01", "2025-02-02", None, None, "2025-02-01"]),
            "value_usd": [5.0, 0, 0, 0, 5],
        }
    )  # fmt: skip
    table.to_parquet(tmp_path / "journeys.parquet")
    scenario = load_scenario(overrides=["crm=simulator_journeys", f"crm.leads={tmp_path / 'journeys.parquet'}"])
    funnel = read_funnel(scenario.crm)
    assert outcomes(funnel) == {"1": "won", "2": "lost", "3": "open"}
    assert funnel.report.files[0].left_out == 2 and adds_up(funnel)
    assert funnel.stages["stage"].tolist() == ["mql"] * 3


def test_dates_of_stages_stand_beside_leads(tmp_path: Path) -> None:
    write(tmp_path, "id,created,channel,m,o\na,2024-01-01,web,2024-01-02,2024-01-03\nb,2024-01-02,web,2024-01-01,\n")
    stages = StageColumns(mql="m", opportunity="o")
    funnel = read_funnel(crm(tmp_path, lead_columns=PLAIN, stage_columns=stages))
    assert [(row.lead_id, row.stage) for row in funnel.stages.itertuples()] == [("a", "mql"), ("a", "opportunity")]
    assert funnel.report.emptied == {"date of mql before the lead was created": 1}


# --- files that cannot be read at all ---------------------------------------------------------------------------------

HEADER = "id,created,channel\n"
ROW = "a,2024-01-01,web\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "got an empty file"),
        (b"\n\n", "got an empty file"),
        (HEADER.encode(), "got only a header"),
        ((HEADER + ROW).replace(",", ";").encode(), "separated by semicolons (crm.delimiter=semicolon)"),
        ((HEADER + ROW).replace(",", "\t").encode(), "crm.delimiter=tab"),
        (b"id,crated,channel\na,2024-01-01,web\n", "did you mean 'crated'?"),
        (b"id,Created,channel\na,2024-01-01,web\n", "did you mean 'Created'?"),
        (b"id,created,channel,created\na,2024-01-01,web,\n", "one column 'created' (crm.lead_columns.created), got 2"),
        (b"PK\x03\x04abc", "got a zip archive or an Excel workbook"),
        (b"\x1f\x8b\x08abc", "got compressed by gzip"),
        (b"<html><table>", "a web page or XML"),
        (b"PAR1" + b"x" * 50 + b"PAR1", "Parquet that cannot be read"),
        (HEADER.encode() + b"a,2024-01-01,w\x00b\n", "line 2: must be text, got a zero byte"),
        (HEADER.encode() + b"a,2024-01-01,\x81\n", "must be UTF-8 or Windows-1252 text, got byte 0x81"),
        (b'"id,created,channel\na,2024-01-01,web\n', "header is not valid CSV"),
        (HEADER.encode() + b"a,never,web\n", "got none in 1 rows"),
        (HEADER.encode() + b"a,3/4/2024,web\n", "does not tell days from months in '3/4/2024': say crm.day_first"),
        (HEADER.encode() + b"a,13/4/2024,w\nb,4/14/2024,w\n", "mixes '13/4/2024' (line 2) and '4/14/2024' (line 3)"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    write(tmp_path, content)
    with pytest.raises(ScenarioError) as refused:
        read_funnel(crm(tmp_path, lead_columns=PLAIN))
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert (tmp_path / "leads.csv").read_bytes() == content


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"leads": ""}, "crm.leads must name a file of leads"),
        ({"leads": "none.csv"}, "got 'none.csv': there is none"),
        ({"leads": "."}, "a folder"),
        ({"leads": "a\0b"}, "there is none"),
        ({"exported_at": "soon"}, "crm.exported_at must be a date like"),
        ({"time_zone": "Mars/Olympus"}, "crm.time_zone must be a name like Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, "crm.time_zone must be a name like Europe/Berlin"),
        ({"lead_columns": LeadColumns(id="")}, "crm.lead_columns.id must name a column"),
        ({"only": ["kind=new"]}, "no column 'kind' (crm.only[0])"),
        ({"only": ["channel=fair"]}, "1 left out by crm.only"),
        ({"exported_at": "2023-12-31"}, "1 date after the export date"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path: Path, changes: dict, said: str) -> None:
    write(tmp_path, HEADER + ROW)
    with pytest.raises(ScenarioError) as refused:
        read_funnel(crm(tmp_path, **{"lead_columns": PLAIN, **changes}))
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_parquet_of_other_types_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "leads.parquet"
    pq.write_table(pa.table({"id": [1, 2], "created": [[1], [2]], "channel": ["a", "b"]}), file)
    with pytest.raises(ScenarioError, match=r"'created' \(crm.lead_columns.created\) must hold text, numbers, dates"):
        read_funnel(Crm(leads=str(file)))
    pq.write_table(pa.table({"id": [1, 2], "created": [1, 2], "channel": ["a", "b"]}), file)
    with pytest.raises(ScenarioError, match="must hold dates or times, got int64"):
        read_funnel(Crm(leads=str(file)))
    pq.write_table(pa.table({"id": pa.array([], "str"), "created": pa.array([], "str")}), file)
    with pytest.raises(ScenarioError, match="must hold at least one row"):
        read_funnel(Crm(leads=str(file), lead_columns=LeadColumns(channel="")))


def test_latin_1_utf_16_and_other_line_ends_are_read(tmp_path: Path) -> None:
    text = "id,created,channel\r\na,2024-01-01,Mü\r\nb,2024-01-02,web\r\n"
    for encoding, form in (("cp1252", "Latin-1"), ("utf-16", "UTF-16"), ("utf-8", "UTF-8"), ("utf-8-sig", "mark")):
        for ends in ("\r\n", "\n", "\r"):
            write(tmp_path, text.replace("\r\n", ends).encode(encoding))
            funnel = read_funnel(crm(tmp_path, lead_columns=PLAIN))
            assert funnel.leads["channel"].tolist() == ["Mü", "web"] and form in funnel.report.files[0].form


# --- a real export ----------------------------------------------------------------------------------------------------

#: Beside the checkout, or beside a folder that holds it.
_PLACES = [folder / "shared" / "data" / "olist" for folder in Path(__file__).parents[3:]]
OLIST = next((place for place in _PLACES if place.is_dir()), _PLACES[0])


@pytest.mark.skipif(not OLIST.is_dir(), reason="the Olist files are not here")
def test_olist() -> None:
    """What the README of the files says of them, counted by hand there."""
    files = [f"crm.leads={OLIST / 'leads.csv'}", f"crm.deals={OLIST / 'deals.csv'}"]
    funnel = read_funnel(load_scenario(overrides=["crm=olist", *files]).crm)
    leads, deals = funnel.report.files
    assert (leads.rows, deals.rows) == (5345, 529) and adds_up(funnel)
    assert [why for *_, why in reasons(funnel)] == ["its deal is set aside", "won before its lead was created"]
    assert funnel.report.outcomes == {"won": 528, "lost": 0, "open": 4816}
    assert (leads.first, leads.last) == (datetime(2017, 6, 14), datetime(2018, 3, 31))
    assert deals.first.date().isoformat() == "2017-12-05" and funnel.exported_at.date().isoformat() == "2018-11-14"
    won = funnel.leads[funnel.leads["outcome"] == "won"]
    days = (won["ended"] - won["created"]).dt.total_seconds() / 86_400
    assert (
        19 < days.median() < 21 and 60 < days.mean() < 62 and len(won) / len(funnel) == pytest.approx(0.099, abs=5e-4)
    )
    assert any("left truncation" in note for note in funnel.report.notes)
    march = funnel.until(datetime(2018, 3, 1))
    assert (march.leads["created"] < "2018-03-01").all() and march.leads["ended"].max() < pd.Timestamp("2018-03-01")
