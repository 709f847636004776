"""Where two lives part, beside a naive look at one event after the other."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import simulator as sim
from simulator.engines.report import LOG_DTYPE
from simulator.questions.frame.divergence import COMPARED, NO_DIVERGENCE, Histories, divergence_place

SHORT = ["run.warm_up_days=10", "run.cohort_days=40", "run.follow_up_days=80", "market.inquiries_per_year=2000",
         "market.journey.step_days=2"]  # fmt: skip


def recorded(rows, came, roles=(0, 1, 2), kept=None):
    """A run of which nothing is known but its log; rows are (at, buyer, person, activity, stage, topic)."""
    log = np.array(rows, LOG_DTYPE[["at", "buyer", "person", "activity", "stage", "topic"]]).astype(LOG_DTYPE)
    result = SimpleNamespace(
        report=SimpleNamespace(log=log, rows=np.array(came, np.int32)),
        journeys=pd.DataFrame({"buyer": 100 + np.array(came, np.int64)}),
        setup=SimpleNamespace(arrivals=SimpleNamespace(at_us=np.zeros(10)), person_role=np.array(roles)),
    )
    return Histories.of(result, np.ones(len(came), bool) if kept is None else np.array(kept))


ONE = [(1, 0, -1, 0, 0, 0), (2, 1, -1, 0, 0, 0), (2, 1, -1, 21, 1, -1), (5, 0, 1, 11, 0, 1), (9, 1, 0, 19, 1, 1)]


def places(other, came=(0, 1), roles=(0, 1, 2)):
    buyers = np.array([100, 101])
    return divergence_place(recorded(ONE, [0, 1]), recorded(other, list(came), roles), buyers).tolist()


@pytest.mark.parametrize(
    "row, changed, place",
    [
        (0, (3, 0, -1, 0, 0, 0), [0, NO_DIVERGENCE]),  # another instant
        (2, (2, 1, -1, 5, 1, -1), [NO_DIVERGENCE, 1]),  # another activity
        (2, (2, 1, -1, 21, 2, -1), [NO_DIVERGENCE, 1]),  # another stage
        (4, (9, 1, 0, 19, 1, 2), [NO_DIVERGENCE, 2]),  # another topic
        (3, (5, 0, 2, 11, 0, 1), [1, NO_DIVERGENCE]),  # a person of another role
        (3, (5, 0, -1, 11, 0, 1), [1, NO_DIVERGENCE]),  # nobody
    ],
)
def test_each_compared_thing_tells_two_lives_apart(row, changed, place):
    assert places([*ONE[:row], changed, *ONE[row + 1 :]]) == place


def test_the_same_lives_never_part_whoever_serves_and_in_whichever_order_buyers_come():
    assert places(ONE) == [NO_DIVERGENCE, NO_DIVERGENCE]
    others = [(*row[:2], row[2] + 3 if row[2] >= 0 else -1, *row[3:]) for row in ONE]
    assert places(others, roles=(2, 2, 2, 0, 1, 2)) == [NO_DIVERGENCE, NO_DIVERGENCE]
    mixed = [ONE[1], ONE[0], *ONE[2:]]
    assert places(mixed, came=(1, 0)) == [NO_DIVERGENCE, NO_DIVERGENCE]


def test_a_life_that_goes_on_parts_at_its_next_event_and_who_does_not_come_parts_at_once():
    assert places(ONE[:4]) == [NO_DIVERGENCE, 2]
    assert places([*ONE, (11, 0, -1, 22, 0, -1)]) == [2, NO_DIVERGENCE]
    assert places([row for row in ONE if row[1] == 0], came=[0]) == [NO_DIVERGENCE, 0]
    assert divergence_place(recorded(ONE, [0, 1]), recorded(ONE, [0, 1]), np.array([102])).tolist() == [
        NO_DIVERGENCE
    ]  # in neither
    nobody = recorded([], [])
    assert divergence_place(nobody, recorded(ONE, [0, 1]), np.array([100, 101])).tolist() == [0, 0]


def test_lives_of_some_buyers():
    lives = recorded(ONE, [0, 1])
    few = lives.only(np.array([101, 555]))
    assert few.buyers.tolist() == [101] and few.events.tolist() == lives.of_buyer(101).tolist()
    assert len(lives.of_buyer(7)) == 0
    kept = recorded(ONE, [0, 1], kept=[False, True])
    assert kept.buyers.tolist() == [101] and kept.events.tolist() == few.events.tolist()


@cache
def runs():
    scenario = sim.load_scenario("baseline", SHORT)
    return [sim.simulate(scenario, name, record="touches") for name in ("relay_race", "integrated")]


def naive_lives(result):
    """Events of each buyer, one after the other."""
    found = {int(buyer): [] for buyer in result.journeys["buyer"]}
    for row in result.report.log:
        buyer = int(result.setup.arrivals.who[row["buyer"]])
        person = int(row["person"])
        role = int(result.setup.person_role[person]) if person >= 0 else -1
        found[buyer].append((int(row["at"]), int(row["activity"]), int(row["stage"]), int(row["topic"]), role))
    return found


def naive_parting(one, other, buyer):
    if (buyer in one) != (buyer in other):
        return 0
    left, right = one.get(buyer, []), other.get(buyer, [])
    for place in range(max(len(left), len(right))):
        if left[place : place + 1] != right[place : place + 1]:
            return place
    return NO_DIVERGENCE


def test_real_lives_part_where_a_naive_look_says():
    left, right = runs()
    all_of = [np.ones(len(run.journeys), bool) for run in (left, right)]
    one, other = (Histories.of(run, kept) for run, kept in zip((left, right), all_of, strict=True))
    buyers = np.union1d(one.buyers, other.buyers)
    slow, slow_other = naive_lives(left), naive_lives(right)
    expected = [naive_parting(slow, slow_other, int(buyer)) for buyer in buyers]
    found = divergence_place(one, other, buyers)
    assert found.tolist() == expected
    assert 50 < (found < NO_DIVERGENCE).sum() < len(buyers) and (found == 0).any() and len(set(expected)) > 5
    events, there = one.at_place(buyers, np.where(found < NO_DIVERGENCE, found, 0))
    for buyer, place, event, is_there in zip(buyers, found, events, there, strict=True):
        life = slow.get(int(buyer), [])
        if place < NO_DIVERGENCE:
            assert is_there == (place < len(life)) and (not is_there or event.tolist() == life[place])
    assert COMPARED == ("at", "activity", "stage", "topic", "role")
