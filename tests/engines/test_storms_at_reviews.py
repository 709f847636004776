"""Storms at reviews end right too: a crowd in front of reps who get room, and training at any cadence of reviews."""

import copy

import pytest

import simulator as sim
from simulator.engines.report import differences
from simulator.engines.review import TRAINING
from simulator.model.words import Role
from simulator.scenario.scenario import Scenario
from tests.engines.arms import NAME, arm
from tests.engines.storms import NO_TIME, ONE_EACH, STILL, crowd, days, drawn
from tests.engines.test_storms import FOREVER, TO_THE_REP
from tests.engines.test_without_jit import in_python

# --- a crowd that waits for an owner when the limit of open deals changes --------------------------------------------

WAITING, ROOM = 250, 3


def more_room(room: int = ROOM, review_days: float = 7.0) -> Scenario:
    """One rep, who keeps the one deal there is room for; at the first review there is room for more."""
    scenario = arm({**STILL, **NO_TIME, **ONE_EACH, **TO_THE_REP, **FOREVER, "market.journey.content_gain": 0.0,
                    "sales.max_open_deals": 1, "sales.follow_up_days": 365.0, "sales.silent_follow_ups": 1000,
                    "review_days": review_days, "run.cohort_days": round(review_days) + 5,
                    "market.leads.path": "given", "market.leads.enter_as": "mql"})  # fmt: skip
    other = scenario.organisations["other"] = copy.deepcopy(scenario.organisations[NAME])
    other.sales.max_open_deals = room
    scenario.organisations[NAME].reorganisation.to, scenario.organisations[NAME].reorganisation.dip = "other", 0.0
    return scenario


def test_of_a_crowd_as_many_get_an_owner_as_there_is_room_for() -> None:
    scenario, arrivals = more_room(), crowd(WAITING, days(1))
    result, reference = (
        sim.simulate(scenario, NAME, seed=7, engine=engine, record="touches", arrivals=arrivals)
        for engine in ("compiled", "reference")
    )
    assert differences(reference.report, result.report) == []
    report = result.report
    assert report.history["owned_at"].tolist() == [days(1)] + [days(7)] * (ROOM - 1) + [-1] * (WAITING - ROOM)
    assert report.queues["length"][Role.REP] == WAITING - ROOM and report.people["open_deals"].sum() == ROOM


_COUNTING = """
from simulator.engines.compiled import loop
from tests.engines.test_storms_at_reviews import NAME, ROOM, WAITING, crowd, days, more_room, sim
looks, before, offer = [], [], loop.offer_all_room
least_loaded = loop.offer_room.__globals__["working"].least_loaded
loop.offer_room.__globals__["working"].least_loaded = lambda *of: looks.append(of) or least_loaded(*of)
loop.offer_all_room = lambda *of: before.append(len(looks)) or offer(*of)
sim.simulate(more_room(), NAME, seed=7, arrivals=crowd(WAITING, days(1)))
print(len(before), len(looks) - before[0])
"""


def test_nobody_looks_for_room_for_a_crowd_where_there_is_none() -> None:
    """With the compiler off one can count: a look for each who gets an owner, and one that finds no room."""
    done = in_python("-c", _COUNTING)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", str(ROOM)]


@pytest.mark.parametrize(("number", "years", "docked"), [(300, 1, True), (33_000, 9, False)])
def test_a_crowd_that_waits_for_more_years_than_64_bits_have_microseconds(
    number: int, years: int, docked: bool
) -> None:
    """All but one wait to the microsecond as long: 297,000 buyer-years in one line, where 2^63 us are 292,000."""
    scenario, arrivals = more_room(100_000, review_days=364.0 * years), crowd(number, days(1), apart_us=1)
    for engine in ("compiled", "reference")[: 1 + docked]:
        result = sim.simulate(scenario, NAME, seed=7, engine=engine, arrivals=arrivals)
        line, waits = result.report.queues[Role.REP], days(364 * years) // 1000 - arrivals.at_us[1:] // 1000
        assert line["served"] == number and line["wait_ms"] == waits.sum() > 0
        assert line["area_ms"] == line["wait_ms"]  # nobody left, and nobody waits any more
        row, hour_ms = result.queues.iloc[Role.REP], 3_600_000
        assert row["mean_wait_hours"] == pytest.approx(waits.sum() / hour_ms / number)
        assert row["mean_length"] == pytest.approx(waits.sum() / hour_ms / 24 / scenario.horizon_days())


# --- training at any cadence of reviews -------------------------------------------------------------------------------


@pytest.mark.parametrize("review_days", [1.0, 2.4, 7.0, 12.3, 30.0, 45.0, 91.0])
def test_training_takes_the_days_it_is_said_to_take(review_days: float) -> None:
    """Three days at the start, however often reviews are: paid to the microsecond, of a day of 8 hours."""
    result = drawn({"mechanisms.training": True, "training.days": 3.0, "review_days": review_days,
                    "market.inquiries_per_year": 600.0, "run.cohort_days": 95, "run.follow_up_days": 0})  # fmt: skip
    hours, workdays = result.report.hours, 13 * 5 + 4
    assert (hours.sum(axis=1) == workdays * days(8 / 24)).all()
    assert (hours[:, TRAINING] - 3 * days(8 / 24) >= 0).all() and (hours[:, TRAINING] - days(1) < workdays).all()
