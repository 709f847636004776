"""Null, worlds and conservation: no chance is in them, so the error bound is 0."""

import dataclasses

import numpy as np
import pytest

from simulator.engines.lowering import draw_arrivals, lower
from simulator.engines.reference import Engine
from simulator.engines.reference.buyer_journey_model import BuyerJourneyModel
from simulator.model.calendar import work_before
from simulator.model.numerics import DAY_US
from simulator.model.words import Activity, Outcome
from simulator.questions.limits import exact
from simulator.questions.limits.exact import changed_journeys, with_one_more
from simulator.questions.limits.little import RELEASES
from simulator.run import simulate
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL, Mechanisms
from tests.limits.points import assert_agrees, found, shipped

SHORT = ("run.warm_up_days=20", "run.cohort_days=60", "run.follow_up_days=90", "run.replications=1")
SHORTEST = ("run.warm_up_days=0", "run.cohort_days=20", "run.follow_up_days=20", "run.replications=1")


# --- null ---


@pytest.mark.parametrize("market", ["mid_market_software", "enterprise", "transactional"])
def test_without_mechanisms_the_organisations_are_one(market):
    finding = found("null", *SHORT, f"market={market}")
    assert_agrees(finding, 0)
    assert [row.simulated for row in finding.rows] == [0] * 4 and len(finding.rows) == 4


@pytest.mark.long
def test_null_on_the_reference_engine():
    assert_agrees(found("null", *SHORTEST, "run.engine=reference"), 0)


#: In what the shipped organisations do alike, one of them has to do otherwise.
APART = {
    "quarter_end": ("organisations.aligned.quarter_end.window_days=45",),
    "tilt": ("organisations.integrated.tilt.hours=0.5",),
}


def test_every_mechanism_belongs_to_the_organisations_or_to_the_market():
    assert {f.name for f in dataclasses.fields(Mechanisms)} == {*ORGANISATION_NEUTRAL, *MARKET_NEUTRAL}


@pytest.mark.parametrize("mechanism", ORGANISATION_NEUTRAL)
def test_one_mechanism_switched_on_is_seen(mechanism):
    """The null test can fail: each mechanism alone tells the organisations apart."""
    finding = found("null", *SHORT, f"mechanisms.{mechanism}=true", *APART.get(mechanism, ()))
    assert not finding.agrees and f"mechanisms switched on: {mechanism}" in finding.notes[0]


@pytest.mark.parametrize("mechanism", MARKET_NEUTRAL)
def test_what_the_market_does_it_does_to_all_alike(mechanism):
    finding = found("null", *SHORT, f"mechanisms.{mechanism}=true")
    assert finding.agrees and f"mechanisms switched on: {mechanism}" in finding.notes[0]


def test_one_key_that_no_mechanism_owns_is_seen():
    finding = found("null", *SHORT, "organisations.aligned.sales.retry_days=2.01")
    apart = finding.row("aligned", "journeys that differ from relay_race's")
    assert apart.simulated > 0 and not apart.agrees
    assert finding.row("integrated", "journeys that differ from relay_race's").agrees


# --- worlds ---


def test_one_more_buyer_changes_its_own_journey_only():
    finding = found("worlds", *SHORT, "run.replications=3")
    assert_agrees(finding, 0)
    assert finding.row("integrated", "journeys that it adds").simulated == 3


@pytest.mark.long
def test_worlds_on_the_reference_engine():
    assert_agrees(found("worlds", *SHORTEST, "run.engine=reference"), 0)


def test_one_more_buyer_changes_others_where_people_are_few():
    """The worlds test can fail: work that takes time makes lines, and there buyers meet."""
    tasks = [f"organisations.integrated.effort.{task}_minutes=300" for task in ("qualify", "answer", "meeting", "mail")]
    many = ("market.inquiries_per_year=3000", "mechanisms.projects=false", "compare.organisations=[integrated]",
            "run.replications=4")  # fmt: skip
    finding = found("worlds", *SHORT, *tasks, *many)
    assert not finding.agrees and "capacity is not unbound" in finding.notes[0]
    assert finding.row("integrated", "journeys that one more buyer changes").simulated > 10


@pytest.mark.parametrize("day", [0, 37, 169])
@pytest.mark.parametrize("channel", [0, 6])
def test_one_more_buyer_is_who_the_stream_would_have_brought_next(channel, day):
    scenario = shipped("worlds", *SHORT)
    before = draw_arrivals(scenario, 1, 0)
    after, row = with_one_more(before, channel, day * DAY_US)
    assert len(after.at_us) == len(before.at_us) + 1 and (np.diff(after.at_us) >= 0).all()
    assert (after.channel[row], after.at_us[row]) == (channel, day * DAY_US)
    assert after.index[row] == (before.channel == channel).sum() and len(set(after.who)) == len(after.who)
    for name in ("at_us", "channel", "index", "who"):
        assert (np.delete(getattr(after, name), row) == getattr(before, name)).all()


def test_the_same_buyers_live_in_every_organisation():
    scenario = shipped("conservation", *SHORT, "mechanisms.budget=false")  # who comes is what is spent on channels
    lives = [simulate(scenario, name).journeys for name in scenario.organisations]
    fixed = ["buyer", "channel", "segment", "complexity", "fit", "deal_value_usd", "arrived_at"]
    for other in lives[1:]:
        assert lives[0][fixed].equals(other[fixed]) and not lives[0].equals(other)


# --- conservation ---


@pytest.mark.parametrize("market", ["mid_market_software", "enterprise"])
def test_buyers_and_hours_balance(market):
    finding = found("conservation", *SHORT, f"market={market}")
    assert_agrees(finding, 0)
    assert len(finding.rows) == 21 and all(row.simulated == 0 or row.unit == "hours" for row in finding.rows)


def test_conservation_on_the_reference_engine_around_the_clock():
    always = [f"organisations.{name}.calendar.always_on=true" for name in ("relay_race", "aligned", "integrated")]
    assert_agrees(found("conservation", *SHORTEST, *always, "run.engine=reference"), 0)


def test_hours_balance_without_coordination():
    assert_agrees(found("conservation", *SHORTEST, "mechanisms.coordination=false"), 0)


def test_the_reference_engine_counts_its_accounts_every_day():
    """What the accounts of the one engine say at each midnight is what the journeys of the other add up to."""
    scenario = shipped("conservation", *SHORTEST)
    result = simulate(scenario, "integrated", engine="compiled")
    history, came = result.report.history, result.setup.arrivals.at_us[result.report.rows]
    model = BuyerJourneyModel(scenario, "integrated")
    for day in range(1, scenario.horizon_days() + 1):
        model.step()
        midnight = day * DAY_US
        counted = np.bincount([int(account.outcome) for account in model.accounts], minlength=len(Outcome))
        over = history[(history["ended_at"] >= 0) & (history["ended_at"] < midnight)]
        ended = np.bincount(over["outcome"], minlength=len(Outcome))
        ended[Outcome.OPEN] = (history["arrived_at"] < midnight).sum() - len(over)
        assert counted.tolist() == ended.tolist(), day
        assert counted.sum() == len(model.accounts) == (came < midnight).sum()


def test_a_persons_time_is_tasks_that_do_not_overlap_and_gaps():
    """Hours worked and idle, task by task: watched on the reference engine, against the table of the compiled one."""
    scenario = shipped("conservation", *SHORTEST, "market.inquiries_per_year=4500")
    engine = Engine(lower(scenario, "relay_race", scenario.run.seed, 0))
    tasks = [watched_tasks(person) for person in engine.people]
    engine.run_to_end()
    people = simulate(scenario, "relay_race", engine="compiled").people
    assert sum(map(len, tasks)) > 100
    for person, seen in zip(engine.people, tasks, strict=True):
        calendar, horizon = person.calendar(), engine.horizon
        clock, idle, worked = 0, 0, 0
        for start, end in seen:
            assert start >= clock
            idle += work_before(start, *calendar) - work_before(clock, *calendar)
            clock = min(end, horizon)
            worked += work_before(clock, *calendar) - work_before(start, *calendar)
        idle += work_before(horizon, *calendar) - work_before(clock, *calendar)
        row = people.iloc[person.number]
        assert row["idle_hours"] == pytest.approx(idle / 3.6e9, abs=1e-9)
        spent = row["own_work_hours"] + row["coordination_hours"] + (idle + worked) / 3.6e9
        assert row["paid_hours"] == pytest.approx(spent, abs=1e-6)


def watched_tasks(person):
    """The tasks of a person of the reference engine, as (start, end), filled as it runs."""
    tasks, take_up = [], person.take_up

    def watched(account, desk):
        take_up(account, desk)
        tasks.append((person.started_at, person.finish_at))

    person.take_up = watched
    return tasks


@pytest.mark.parametrize(
    "damage", ["an ending is lost", "an ending is moved", "a late event", "an owner is lost", "work"]
)
def test_what_does_not_balance_is_seen(damage, monkeypatch):
    scenario = shipped("conservation", *SHORTEST)

    def damaged(*arguments, **how):
        result = simulate(*arguments, **how)
        log = result.report.log
        endings = np.flatnonzero(np.isin(log["activity"], [Activity.WON, Activity.LOST, Activity.NO_DECISION]))
        owners = np.flatnonzero(log["activity"] == Activity.OWNER_ASSIGNED)
        if damage == "an ending is lost":
            result = replaced(result, log=np.delete(log, endings[3]))
        elif damage == "an ending is moved":
            log["at"][endings[3]] += 1
        elif damage == "a late event":
            log["buyer"][-1] = log["buyer"][endings[3]]
        elif damage == "an owner is lost":
            looked = result.report.reviews[-1, 0]
            released = log["buyer"][np.isin(log["activity"], RELEASES) & (log["at"] < looked)]
            counted = (log["at"][owners] < looked) & ~np.isin(log["buyer"][owners], released)
            result = replaced(result, log=np.delete(log, owners[counted][0]))
        else:
            result.report.people["worked_us"][3] += 1
        return result

    assert max(exact.conserved(scenario, "aligned", 0)[name] for name in BALANCES) == 0
    monkeypatch.setattr(exact, "simulate", damaged)
    assert max(exact.conserved(scenario, "aligned", 0)[name] for name in BALANCES) >= 1


BALANCES = (
    "arrived - ended in any way - open",
    "endings in the log that the journeys do not have",
    "buyers to whom something happens after the end",
    "open deals in reviews, less those in the log",
    "microseconds worked that no buyer received",
)


def replaced(result, **changed):
    return dataclasses.replace(result, report=dataclasses.replace(result.report, **changed))


def test_changed_journeys_counts_buyers():
    history = simulate(shipped("conservation", *SHORTEST), "aligned").report.history
    other = history.changed("fit", 5, 0.1)
    assert changed_journeys(history, history) == 0 and changed_journeys(history, other) == 1
    other = other.changed("ended_at", 5, 1).changed("calls", 7, 99)
    assert changed_journeys(history, other) == 2 and changed_journeys(history[:-3], other) == 5
