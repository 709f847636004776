"""What a run leaves, taken at once and by way of the files of a CRM export, is the same."""

import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pytest

import simulator as sim
from simulator.engines.lowering.arrivals import Arrivals, arrivals_of, who
from simulator.fit.event_times import STAGES, EventTimes, event_times_of_run
from simulator.fit.lead_stream import LeadStream, stream_of
from simulator.leads.funnel import read_funnel
from simulator.leads.replay import lead_table
from simulator.leads.settings import Crm, DealColumns, LeadColumns
from simulator.results.crm_export import CSV, NEVER, crm_tables, safe_text
from simulator.results.summary import DAY
from simulator.scenario.scenario import Scenario
from tests.results.fake_journeys import changed

DAYS, EARLIER = 260, 170


@cache
def scenario() -> Scenario:
    """All mechanisms are on; the team is so small that buyers wait for each other."""
    days = ["run.warm_up_days=0", f"run.cohort_days={DAYS}", "run.follow_up_days=0"]
    few = [f"organisations.{name}.roles.{role}.headcount=3" for name in ("relay_race", "integrated")
           for role in ("sdr", "rep")]  # fmt: skip
    found = sim.load_scenario("replay", [*days, *few])
    assert all(vars(found.mechanisms).values())
    return found


@cache
def arrivals() -> Arrivals:
    """Leads of five channels, in the first 240 days."""
    rng = np.random.default_rng(1)
    at = np.sort(rng.integers(0, 240 * DAY, 1500))
    channel = rng.integers(0, 5, 1500)
    index = np.array([np.count_nonzero(channel[:place] == one) for place, one in enumerate(channel)])
    names = ["direct_traffic", "email", "organic_search", "paid_search", "social"]
    return Arrivals(at, who(channel, index), names, ids=[f"L{place}" for place in range(1500)])


@cache
def result(organisation: str) -> sim.Result:
    return sim.simulate(scenario(), organisation, seed=5, arrivals=arrivals())


@cache
def given_up(organisation: str) -> sim.Result:
    """The run, but that reps gave up half of the deals at some moment before they ended, also of those who were won."""
    one, rng = result(organisation), np.random.default_rng(7)
    history = one.report.history
    opened, ended = history["opportunity_at"], history["ended_at"]
    mine = (opened >= 0) & (rng.random(len(opened)) < 0.5)
    until = np.where(ended < 0, DAYS * DAY, ended)
    at = (opened + rng.random(len(opened)) * (until - opened)).astype(np.int64)
    return changed(one, released_at=np.where(mine, at, history["released_at"]))


def exported(one: sim.Result, day: float | None, folder: Path, history: bool) -> LeadStream:
    """The stream of the files that the run leaves on a day, with its deals or with the history of its stages."""
    for name, table in crm_tables(one, exported_at_day=day).named().items():
        pyarrow.csv.write_csv(safe_text(table), folder / f"{name}.csv", CSV)
    leads = LeadColumns("lead_id", "created", "channel", first_contact="first_contact")
    deals = DealColumns("lead_id", outcome="outcome", closed="closed")
    if history:
        deals = DealColumns("lead_id", stage="stage", entered="entered", closed="")
    file = "stages" if history else "deals"
    crm = Crm(
        leads=str(folder / "leads.csv"), deals=str(folder / f"{file}.csv"), lead_columns=leads, deal_columns=deals
    )
    funnel = read_funnel(crm)
    assert not len(funnel.report.aside)
    return stream_of(funnel, crm)


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("day", [None, EARLIER])
@pytest.mark.parametrize(("run", "organisation"), [(result, "relay_race"), (result, "integrated"),
                                                   (given_up, "integrated")])  # fmt: skip
def test_fates_of_a_run_are_those_of_its_export(
    run: Any, organisation: str, day: float | None, history: bool, tmp_path: Path
) -> None:
    stream = exported(run(organisation), day, tmp_path, history)
    until = (day or DAYS) * DAY
    came = arrivals().at_us < until
    found = event_times_of_run(run(organisation), until)
    assert stream.arrivals.ids == [one for one, here in zip(arrivals().ids, came, strict=True) if here]
    monday = (arrivals().first_day - stream.arrivals.first_day).days * DAY
    assert np.array_equal(stream.arrivals.at_us, arrivals().at_us[came] + monday)

    def since(at: np.ndarray) -> np.ndarray:
        return np.where(at[came] < NEVER, at[came] + monday, NEVER)

    for name in ("won", "lost", "contact"):
        at = since(getattr(found, name))
        assert np.array_equal(getattr(stream.event_times, name), at), name
        assert np.count_nonzero(at < NEVER) > 20, name
    if history:
        assert set(stream.event_times.entered) == set(STAGES)
        for name, at in stream.event_times.entered.items():
            assert np.array_equal(at, since(found.entered[name])), name
            assert np.count_nonzero(at < NEVER) > 20, name
    if run is given_up:
        released = run(organisation).report.history["released_at"]
        assert ((found.won < NEVER) & (released >= 0) & (released < found.won)).any(), "given up, and won after all"
    open_deals = (found.entered["opportunity"] < NEVER) & (found.won == NEVER) & (found.lost == NEVER)
    assert open_deals.any() and (found.entered["opportunity"][came] == NEVER).any()


def alike(one: EventTimes, other: EventTimes, leads: int) -> bool:
    pairs = [(getattr(one, name), getattr(other, name)) for name in ("won", "lost", "contact")]
    pairs += [(one.entered[name], other.entered[name]) for name in STAGES]
    return all(np.array_equal(a[:leads], b[:leads]) for a, b in pairs)


@pytest.mark.parametrize("organisation", ["relay_race", "integrated"])
def test_no_lead_that_comes_later_changes_what_happened_before(organisation: str) -> None:
    """So the runs of one design serve every cutoff."""
    for cutoff in (EARLIER * DAY, 100 * DAY + 12_345):
        fewer = arrivals().before(cutoff)
        then = sim.simulate(scenario(), organisation, seed=5, arrivals=fewer)
        leads = len(fewer.at_us)
        assert 500 < leads < 1200
        before, whole = event_times_of_run(then, cutoff), event_times_of_run(result(organisation), cutoff)
        assert alike(before, whole, leads) and np.count_nonzero(before.won < NEVER) > 5
        end = DAYS * DAY
        assert not alike(event_times_of_run(then, end), event_times_of_run(result(organisation), end), leads), (
            "later they do"
        )


def test_leads_of_a_run_stand_in_the_order_of_their_stream() -> None:
    """A lead's moments stand at its own place: none of them lies before it came."""
    found = event_times_of_run(result("integrated"), DAYS * DAY)
    for at in (found.won, found.contact, found.entered["mql"], found.entered["opportunity"]):
        assert (at >= arrivals().at_us).all() and len(at) == 1500
    journeys = result("integrated").journeys
    start = np.datetime64(arrivals().first_day, "us")
    contact = (journeys["first_contact_at"].to_numpy().astype("datetime64[us]") - start).astype(np.int64)
    known = journeys["first_contact_at"].notna().to_numpy()
    came = (journeys["arrived_at"].to_numpy().astype("datetime64[us]") - start).astype(np.int64)
    expected = dict(zip(came[known], contact[known], strict=True))
    assert {a: c for a, c in zip(arrivals().at_us, found.contact, strict=True) if c < NEVER} == expected


@pytest.mark.parametrize("exported_at", ["", "2024-02-04", "2024-02-04 00:00"])
def test_an_export_of_days_whose_last_date_is_a_leads_can_be_replayed(exported_at: str, tmp_path: Path) -> None:
    """Leads are spread over their day, which a run until the export takes in."""
    text = "id,created,channel\na,2024-01-03,web\nb,2024-01-04,web\nc,2024-02-04,web\n"
    (tmp_path / "leads.csv").write_text(text)
    (tmp_path / "deals.csv").write_text("id,closed\na,2024-01-20\n")
    files = {"leads": str(tmp_path / "leads.csv"), "deals": str(tmp_path / "deals.csv")}
    crm = Crm(**files, exported_at=exported_at)
    stream = stream_of(read_funnel(crm), crm)
    replay = copy.deepcopy(scenario())
    replay.run.cohort_days = stream.days()
    found = event_times_of_run(sim.simulate(replay, "integrated", arrivals=stream.arrivals), stream.until)
    assert len(found.won) == len(stream) == 3 and stream.days() == 35
    statistics = stream.statistics([0], stream.until)
    assert np.isfinite(statistics(found)).all() and statistics(found).shape == statistics.observed.shape


def test_arrivals_of_this_test_are_as_the_engines_take_them() -> None:
    mine = arrivals()
    moments = np.datetime64("2024-01-01", "us") + mine.at_us.astype("timedelta64[us]")
    has_time = np.ones(len(moments), bool)
    again = arrivals_of(lead_table(mine.ids, moments, has_time, [mine.channels[one] for one in mine.channel]))
    assert np.array_equal(again.who, mine.who) and again.channels == mine.channels and again.ids == mine.ids
