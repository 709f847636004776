"""Whatever the bytes: a refusal of one line, or a funnel whose rows are all counted; never another error."""

import csv
import io
import tempfile
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.leads.funnel import Funnel, read_funnel
from simulator.leads.settings import Crm
from simulator.results.folder import inert
from simulator.scenario.schema import ScenarioError
from tests.leads.made_up_crm import adds_up, clean, crm, write

FUZZ = settings(max_examples=30, deadline=None, derandomize=True)
CELLS = st.sampled_from(
    ["", "a", "b", "=cmd()", "2024-01-01", "2024-01-31 10:00", "2024-02-30", "1/2/2024", "31/12/2024", "12/31/24", "-1",
     "1e400", "NaN", "won", "Lost", "never", '"', "'", "\n", "é", "\u2028", "\x1b[31m", "9" * 40, "2024-01-01T10:00Z",
     "2024-06-01 10:00 -0300", "2024-01-01T99:99", "0000-00-00", "$x$", "[bold]"]
)  # fmt: skip

DATES = st.sampled_from(["2024-01-01", "2024-01-31 10:00", "2024-02-29T10:00:00.5Z", "2024-03-01 00:00 +0530"]) | CELLS
#: A row of each file: id, date, ...
LEAD = st.tuples(st.sampled_from("abcdefgh") | CELLS, DATES, CELLS, CELLS, CELLS, CELLS, DATES)
DEAL = st.tuples(st.sampled_from("abcdefgh") | CELLS, st.sampled_from(["won", "lost", ""]) | CELLS, DATES, CELLS)


def read(folder: Path, **changes) -> Funnel | str:
    """A funnel that adds up, or the line that refuses it."""
    try:
        funnel = read_funnel(crm(folder, **changes))
    except ScenarioError as refused:
        assert len(str(refused).splitlines()) == 1, str(refused)
        return str(refused)
    assert adds_up(funnel)
    leads = funnel.leads
    assert leads["lead_id"].is_unique and (leads["ended"].isna() == (leads["outcome"] == "open")).all()
    assert not (leads["ended"] < leads["created"]).any() and not (leads["first_contact"] < leads["created"]).any()
    assert not (leads["value_usd"] < 0).any() and leads["created"].is_monotonic_increasing
    return funnel


@FUZZ
@given(st.binary(max_size=400), st.binary(max_size=200))
def test_random_bytes(leads: bytes, deals: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert isinstance(read(write(Path(folder), leads, deals)), str)
        read(write(Path(folder), b"id,created,channel\na,2024-01-01,web\n" + leads), lead_columns=Crm().lead_columns)


@FUZZ
@given(st.lists(LEAD, min_size=1, max_size=12), st.lists(DEAL, max_size=8), st.sampled_from([True, False, None]),
       st.sampled_from(["", "2024-01-15", "2024-06-01 12:00"]))  # fmt: skip
def test_odd_cells(leads: list, deals: list, day_first: bool | None, exported_at: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        texts = []
        for header, rows in (("id,created,channel,segment,score,owner,first_contact", leads),
                             ("lead,outcome,closed,value", deals)):  # fmt: skip
            stream = io.StringIO()
            csv.writer(stream).writerows([header.split(","), *rows])
            texts.append(stream.getvalue())
        found = read(write(Path(folder), *texts), day_first=day_first, exported_at=exported_at)
        if isinstance(found, Funnel):
            assert found.report.files[0].rows == len(leads)
            if found.report.files[1:]:
                assert found.report.files[1].rows == len(deals)


def _flipped(text: bytes, luck: Random) -> bytes:
    found = bytearray(text)
    for _ in range(luck.randrange(1, 30)):
        found[luck.randrange(len(found))] = luck.randrange(256)
    return bytes(found)


def _other_delimiters(text: bytes, luck: Random) -> bytes:
    rows, start = text.split(b"\n"), luck.randrange(2)
    return b"\n".join(row.replace(b",", luck.choice([b";", b"\t", b","])) if i >= start else row
                      for i, row in enumerate(rows))  # fmt: skip


def _cut(text: bytes, luck: Random) -> bytes:
    return text[: luck.randrange(len(text))]


def _shuffled(text: bytes, luck: Random) -> bytes:
    rows = [*csv.reader(io.StringIO(text.decode(), newline=""))]
    order = luck.sample(range(len(rows[0])), len(rows[0]))
    stream = io.StringIO()
    csv.writer(stream).writerows([row[i] for i in order] for row in rows)
    return stream.getvalue().encode()


def _quoted(text: bytes, luck: Random) -> bytes:
    for _ in range(luck.randrange(1, 10)):
        at = luck.randrange(len(text))
        text = text[:at] + luck.choice([b'"', b'""', b'\n"', b',"']) + text[at:]
    return text


def _repeated(text: bytes, luck: Random) -> bytes:
    at, length = luck.randrange(len(text)), luck.randrange(400)
    return text[:at] + text[at : at + length] * 3 + text[at:]


MANGLERS = (_flipped, _other_delimiters, _cut, _shuffled, _quoted, _repeated)


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> Path:
    return clean(tmp_path_factory.mktemp("clean"), 40)


@pytest.mark.parametrize("mangle", MANGLERS, ids=lambda one: one.__name__.strip("_"))
def test_mangled_exports(tmp_path: Path, good: Path, mangle) -> None:
    leads, deals = ((good / name).read_bytes() for name in ("leads.csv", "deals.csv"))
    funnels = 0
    for seed in range(25):
        luck = Random(seed)
        found = read(write(tmp_path, mangle(leads, luck), deals if seed % 2 else mangle(deals, luck)))
        funnels += isinstance(found, Funnel)
    assert funnels >= 5


def test_shuffled_columns_say_the_same(tmp_path: Path, good: Path) -> None:
    leads, deals = ((good / name).read_bytes() for name in ("leads.csv", "deals.csv"))
    write(tmp_path, _shuffled(leads, Random(1)), _shuffled(deals, Random(2)))
    pd.testing.assert_frame_equal(read(tmp_path).leads, read_funnel(crm(good)).leads)


def test_no_whole_row_beside_deals_is_refused(tmp_path: Path) -> None:
    header = "id,created,channel,segment,score,owner,first_contact\n"
    said = read(write(tmp_path, header + "a,2024", "lead,outcome,closed,value\na,won,2024-02-01,1\n"))
    assert isinstance(said, str) and said.endswith("1 wrong number of fields")


def test_ten_megabytes_in_one_cell_are_one_row(tmp_path: Path) -> None:
    text = "id,created,channel\na,2024-01-01,web\nb,2024-01-01," + "x" * 10_000_000 + "\nc,2024-01-01,web\n"
    found = read(write(tmp_path, text), lead_columns=Crm().lead_columns)
    assert list(found.leads["lead_id"]) == ["a", "c"] and found.report.files[0].reasons == {"cell too long": 1}
    assert len(found.report.aside["text"][0]) == 2_001


def test_a_quote_that_never_closes_takes_no_row_with_it_unsaid(tmp_path: Path) -> None:
    rows = "".join(f"r{i},2024-01-01,web\n" for i in range(20_000))
    write(tmp_path, f'id,created,channel\na,2024-01-01,"web\n{rows}')
    found = read(tmp_path, lead_columns=Crm().lead_columns)
    line = found.report.aside["line"].tolist()
    assert line == [2] and found.report.files[0].reasons == {"cell too long": 1}
    assert found.leads["lead_id"].iloc[-1] == "r9999"
    swallowed = 20_000 + 1 - len(found)
    assert any(f"line 2 is set aside and takes {swallowed:,} lines" in note for note in found.report.notes)


# --- formulas ---------------------------------------------------------------------------------------------------------


def test_a_formula_is_a_name_like_any_other_and_no_formula_in_what_we_write(tmp_path: Path) -> None:
    text = "id,created,channel\n=1+1,2024-01-01,\"=cmd|' /C calc'!A0\"\n-b,2024-01-02,@x\n+c,never,\tz\n"
    found = read(write(tmp_path, text), lead_columns=Crm().lead_columns)
    assert found.leads["channel"].tolist() == ["=cmd|' /C calc'!A0", "@x"] and found.leads["lead_id"][0] == "=1+1"
    written = inert(found.leads)
    assert written["channel"].tolist() == ["'=cmd|' /C calc'!A0", "'@x"] and written["lead_id"].tolist() == [
        "'=1+1",
        "'-b",
    ]
    assert inert(found.report.aside)["text"].tolist() == ["'+c,never,\tz"]
    numbers = pd.DataFrame({"number": [-1.5, 2.0], "mixed": [-3, "x"], "text": [None, "\ttab"]})
    assert inert(numbers).to_dict("list")["number"] == [-1.5, 2.0] and inert(numbers)["mixed"].tolist() == [-3, "x"]
    assert inert(numbers)["text"].tolist()[1] == "'\ttab" and pd.isna(inert(numbers)["text"][0])
