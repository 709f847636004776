"""Who else comes, and in what order, changes nobody's luck: a lead's hangs on its id, a buyer's on its channel."""

import copy
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import simulator as sim
from simulator import cli
from simulator.engines.lowering import Arrivals, draw_arrivals
from simulator.leads.replay import read_leads
from simulator.model import randomness
from simulator.model.numerics import DAY_US
from simulator.model.randomness import INDEX_BITS, base_of_account, stream_key
from simulator.questions.limits.exact import changed_journeys, with_one_more
from simulator.scenario.market import Channel, Leads
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

Row = tuple[str, str, str]

KEY = stream_key(1, 0)
#: Nobody ever waits for a person, so buyers do not meet; all have projects, most of which end within the run.
SHORT = (
    "run.warm_up_days=0", "run.cohort_days=60", "run.follow_up_days=180", "run.replications=1",
    "market.projects.share=1", "market.projects.pauses_per_year=0",
)  # fmt: skip

#: Ids, times and channels; with every tenth lead comes another one of its channel, with every twelfth one of another.
LEADS: list[Row] = [
    (
        f"L{number}",
        f"2025-03-{3 + number // 5:02} {8 + number % 5:02}:{30 * (number % 2):02}",
        ("web", "fair")[number % 2],
    )
    for number in range(80)
]
LEADS += [(f"{name}b", at, channel) for name, at, channel in LEADS[::10]]
LEADS += [(f"{name}c", at, "mail") for name, at, _ in LEADS[:80:12]]


def shuffled(rows: list[Row]) -> list[Row]:
    return random.Random(4).sample(rows, len(rows))


#: What becomes of the export, and the ids of the leads that only one of the two has.
CHANGES: dict[str, tuple[Callable[[list[Row]], list[Row]], set[str]]] = {
    "one more at the end": (lambda rows: [*rows, ("new", "2025-04-01 10:00", "web")], {"new"}),
    "one more in between": (lambda rows: [*rows[:30], ("new", "2025-03-09 10:10", "fair"), *rows[30:]], {"new"}),
    "one more before all": (lambda rows: [("new", "2025-03-03 00:10", "web"), *rows], {"new"}),
    "one more of a new channel": (lambda rows: [*rows, ("new", "2025-03-04 10:10", "a new one")], {"new"}),
    "one more like another": (lambda rows: [*rows, ("new", *rows[7][1:])], {"new"}),
    "one fewer": (lambda rows: rows[:11] + rows[12:], {"L11"}),
    "the first left out": (lambda rows: rows[1:], {"L0"}),
    "one to another row": (lambda rows: [*rows[:5], *rows[6:50], rows[5], *rows[50:]], set()),
    "all to other rows": (shuffled, set()),
}
#: Columns of the export, and how it is read.
WITH_IDS, WITHOUT_IDS = Leads(id_column="id"), Leads()


def written(folder: Path, rows: list[Row], days_only: bool = False) -> Path:
    file = folder / f"leads{len([*folder.iterdir()])}.csv"
    cells = ((name, at[:10] if days_only else at, channel) for name, at, channel in rows)
    file.write_text("id,created,channel\n" + "".join(f"{','.join(row)}\n" for row in cells))
    return file


@cache
def worlds() -> Scenario:
    return sim.load_scenario("limits/worlds", list(SHORT))


def replaying(file: Path, leads: Leads) -> Scenario:
    scenario = copy.deepcopy(worlds())
    scenario.market.leads = replace(leads, path=str(file))
    return scenario


def bases(arrivals: Arrivals) -> list[int]:
    return [int(base_of_account(KEY, arrivals.identity(row))) for row in range(len(arrivals.who))]


def rows_of(table: pd.DataFrame, *without: str) -> list[tuple[str, ...]]:
    """Each journey as text, which tells every number."""
    return list(table.drop(columns=list(without)).astype(str).itertuples(index=False, name=None))


# --- leads ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days_only", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_another_lead_or_row_leaves_the_bases_of_all_others(change: str, days_only: bool, tmp_path: Path) -> None:
    changed, apart = CHANGES[change]
    files = [written(tmp_path, rows, days_only) for rows in (LEADS, changed(LEADS))]

    by_id = []
    for file in files:
        stream = draw_arrivals(replaying(file, WITH_IDS), 1, 0)
        by_id.append(dict(zip(stream.ids, bases(stream), strict=True)))
        assert len(set(by_id[-1].values())) == len(stream.who)
    before, after = by_id
    assert before.keys() ^ after.keys() == apart
    assert all(before[name] == after[name] for name in before.keys() & after.keys())

    nameless = []
    for file in files:
        stream = draw_arrivals(replaying(file, WITHOUT_IDS), 1, 0)
        days = stream.at_us // (DAY_US if days_only else 1)
        known_by = [(str(stream.first_day), int(day), stream.channels[channel])
                    for day, channel in zip(days, stream.channel, strict=True)]  # fmt: skip
        nameless.append(Counter(zip(known_by, bases(stream), strict=True)))
        assert len(set(bases(stream))) == len(stream.who)
    one, other = nameless
    assert ((one - other) + (other - one)).total() == len(apart)


@pytest.mark.parametrize("change", CHANGES)
def test_another_lead_or_row_leaves_the_journeys_of_all_others(change: str, tmp_path: Path) -> None:
    changed, apart = CHANGES[change]
    files = [written(tmp_path, rows) for rows in (LEADS, changed(LEADS))]

    before, after = (sim.simulate(replaying(file, WITH_IDS), "integrated").journeys for file in files)
    assert set(before["lead_id"]) ^ set(after["lead_id"]) == apart
    assert (before["outcome"] != "open").sum() > 50 and (before["calls"] > 0).sum() > 5
    shared = [set(rows_of(table[~table["lead_id"].isin(apart)], "buyer")) for table in (before, after)]
    assert shared[0] == shared[1] and len(shared[0]) == len(LEADS) - len(apart - {"new"})

    before, after = (sim.simulate(replaying(file, WITHOUT_IDS), "integrated").journeys for file in files)
    one, other = (Counter(rows_of(table, "buyer", "lead_id")) for table in (before, after))
    assert ((one - other) + (other - one)).total() == len(apart)


def test_the_reference_engine_gives_a_lead_the_same_luck(tmp_path: Path) -> None:
    for rows in (LEADS, CHANGES["one more before all"][0](LEADS)):
        for leads in (WITH_IDS, WITHOUT_IDS):
            scenario = replaying(written(tmp_path, rows), leads)
            one, other = (sim.simulate(scenario, "integrated", engine=engine) for engine in ("compiled", "reference"))
            assert changed_journeys(one.report.history, other.report.history) == 0


def test_another_id_is_another_luck(tmp_path: Path) -> None:
    """The tests above can fail: a lead that goes by another name lives another life, and nobody else does."""
    renamed = [("L5 again" if name == "L5" else name, *rest) for name, *rest in LEADS]
    tables = [sim.simulate(replaying(written(tmp_path, rows), WITH_IDS), "integrated").journeys
              for rows in (LEADS, renamed)]  # fmt: skip
    one, other = (Counter(rows_of(table, "buyer", "lead_id")) for table in tables)
    assert (one - other).total() == (other - one).total() == 1


def test_one_more_buyer_of_a_replay_is_nobody_else(tmp_path: Path) -> None:
    scenario = replaying(written(tmp_path, LEADS), WITH_IDS)
    before = draw_arrivals(scenario, 1, 0)
    after, row = with_one_more(before, 1, 10 * DAY_US)
    assert 0 < row < len(before.who) and len(after.ids) == len(after.leads) == len(after.who)
    assert len(set(after.leads.tolist())) == len(after.who)
    assert np.delete(after.leads, row).tolist() == before.leads.tolist()
    histories = [sim.simulate(scenario, "aligned", arrivals=stream).report.history for stream in (before, after)]
    assert changed_journeys(histories[0], histories[1][np.arange(len(after.who)) != row]) == 0


def test_identities_are_of_everybody_or_of_nobody(tmp_path: Path) -> None:
    stream = draw_arrivals(replaying(written(tmp_path, LEADS), WITH_IDS), 1, 0)
    with pytest.raises(ValueError, match=r"^leads must be of all 3 buyers or of none, got 95$"):
        replace(stream, at_us=stream.at_us[:3], who=stream.who[:3])


def test_leads_left_out_take_their_identities_with_them(tmp_path: Path) -> None:
    stream = draw_arrivals(replaying(written(tmp_path, LEADS), WITH_IDS), 1, 0)
    whose = dict(zip(stream.ids, bases(stream), strict=True))
    for fewer in (stream.before(5 * DAY_US), stream.without(["web"]), stream.without(["fair"]).before(9 * DAY_US)):
        assert 5 < len(fewer.who) < len(stream.who)
        assert dict(zip(fewer.ids, bases(fewer), strict=True)) == {name: whose[name] for name in fewer.ids}


# --- channels ---------------------------------------------------------------------------------------------------------

#: Channels in the market's order, and buyers a year in all: "web" and "fair" always bring 300 each.
MARKETS = {
    "both": ({"web": 1.0, "fair": 1.0}, 600.0),
    "in another order": ({"fair": 1.0, "web": 1.0}, 600.0),
    "one more at the end": ({"web": 1.0, "fair": 1.0, "mail": 2.0}, 1200.0),
    "one more before all": ({"mail": 2.0, "web": 1.0, "fair": 1.0}, 1200.0),
}


def market_of(name: str) -> Scenario:
    shares, rate = MARKETS[name]
    scenario = copy.deepcopy(worlds())
    scenario.market.channels = {channel: Channel(share=share) for channel, share in shares.items()}
    scenario.market.inquiries_per_year = rate
    return scenario


@pytest.mark.parametrize("change", [*MARKETS][1:])
def test_another_channel_leaves_the_buyers_of_all_others(change: str) -> None:
    known, journeys = [], []
    for name in ("both", change):
        scenario = market_of(name)
        stream = draw_arrivals(scenario, 1, 0)
        whose = zip(stream.channel, stream.index, stream.at_us, bases(stream), strict=True)
        known.append({(stream.channels[channel], index, at, base) for channel, index, at, base in whose})
        table = sim.simulate(scenario, "integrated").journeys
        table["index"] = table["buyer"] & ((1 << INDEX_BITS) - 1)
        journeys.append(set(rows_of(table[table["channel"].isin(["web", "fair"])], "buyer")))
    assert known[0] == {row for row in known[1] if row[0] != "mail"} and len(known[0]) > 150
    assert journeys[0] == journeys[1] and len(journeys[0]) == len(known[0])
    assert len({base for *_, base in known[1]}) == len(known[1])


def test_another_name_is_another_luck() -> None:
    """The test above can fail: buyers of a channel that goes by another name are others."""
    before, after = market_of("both"), market_of("both")
    after.market.channels = {"web": Channel(share=1.0), "trade fair": Channel(share=1.0)}
    one, other = (draw_arrivals(scenario, 1, 0) for scenario in (before, after))
    shared = set(bases(one)) & set(bases(other))
    assert shared == {base for base, channel in zip(bases(one), one.channel, strict=True) if channel == 0}


# --- one digest -------------------------------------------------------------------------------------------------------


@pytest.fixture
def few_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that begin with a capital are told apart by their lengths alone."""
    digest = randomness._digest
    monkeypatch.setattr(
        randomness, "_digest", lambda name, bits: len(name) if name[0].isupper() else digest(name, bits)
    )


REFUSED: dict[str, tuple[list[Row], dict[str, Any], str]] = {
    "two leads": (
        [("L1", "2025-03-03 10:00", "web"), ("L22", "2025-03-04 10:00", "web"), ("L3", "2025-03-05 10:00", "fair")],
        {},
        "market.leads.id_column must tell leads apart, also by the digest that their luck hangs on, got 'L1' and 'L3'",
    ),
    "two channels": (
        [],
        {"Web": {"share": 1.0}, "Trade_fair": {"share": 1.0}, "mail": {"share": 1.0}, "Ads": {"share": 1.0}},
        "market.channels must have names that differ in their digests too, got 'Web' and 'Ads'",
    ),
}


def asked(case: str, folder: Path) -> tuple[list[str], str]:
    """What is typed, and the refusal; of two channels of one digest only one may bring buyers."""
    rows, channels, message = REFUSED[case]
    if rows:
        file = written(folder, rows)
        return ["scenario=replay", "leads=plain", "market.leads.id_column=id", f"market.leads.path={file}"], message
    (folder / "scenario").mkdir()
    text = f"question: mine\nmarket: {{inquiries_per_year: 100, channels: {channels}}}\n"
    (folder / "scenario" / "mine.yaml").write_text(f"# mine\n{text}".replace("'", '"'))
    return [f"scenario={folder / 'scenario' / 'mine.yaml'}"], message


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.usefixtures("few_digests")
def test_two_of_one_digest_are_refused_by_name(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed, message = asked(case, tmp_path)
    named, *more = typed
    few = ["run.cohort_days=30", "run.follow_up_days=5", "run.replications=2"]
    for engine in ("compiled", "reference"):
        with pytest.raises(ScenarioError) as refused:
            sim.simulate(sim.load_scenario(named.removeprefix("scenario="), [*more, *few]), "integrated", engine=engine)
        assert str(refused.value) == message

    capsys.readouterr()
    monkeypatch.chdir(tmp_path)
    assert cli.main([*typed, *few]) == cli.REFUSED
    out, err = capsys.readouterr()
    assert [line for line in err.splitlines() if line.startswith("error: ")] == [f"error: {message}"]
    assert out == "" and not [*tmp_path.rglob("config.yaml")], "nothing is left of it"


@pytest.mark.usefixtures("few_digests")
def test_leads_without_ids_of_one_digest_are_refused_by_time_and_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, REFUSED["two leads"][0])
    assert len(draw_arrivals(replaying(file, WITHOUT_IDS), 1, 0).who) == 3
    monkeypatch.setattr(randomness, "_digest", lambda name, bits: 7)
    again = written(tmp_path, REFUSED["two leads"][0])
    assert read_leads(again, WITHOUT_IDS).names[0] == "2025-03-03T10:00:00.000000 web 1"
    with pytest.raises(ScenarioError) as refused:
        draw_arrivals(replaying(again, WITHOUT_IDS), 1, 0)
    assert str(refused.value).endswith("got '2025-03-03T10:00:00.000000 web 1' and '2025-03-04T10:00:00.000000 web 1'")
