"""What reviews do with people's time, and what a reorganisation changes, against loops over days."""

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from simulator.engines import review
from simulator.engines.lowering import lower, reorganise
from simulator.engines.lowering.rules import CHOSEN, RULES_DTYPE
from simulator.engines.report import ASSET_DTYPE
from simulator.model.numerics import DAY_US, HOUR_US, MINUTE_US
from simulator.model.randomness import stream_key
from simulator.model.tally import REORGANISED_AT, REVIEWED_AT, TRAINING_US
from simulator.model.words import ROLES, Role
from simulator.scenario.organisation import Team
from tests.engines.arms import NAME, arm, nothing_counted, rules_of

# --- people's time ----------------------------------------------------------------------------------------------------

TEAMS = {
    "a": Team(["small", "medium"], marketers=8, sdrs=5, reps=10),
    "b": Team(["large"], marketers=4, sdrs=3, reps=6),
}
SHARES = (0.5, 0.0, 0.25)
SPLIT = {
    "teams": TEAMS, "coordination.hours_per_teammate_week": 0.2, "mechanisms.training": True,
    **{f"roles.{role}.own_work_share": share for role, share in zip(("marketer", "sdr", "rep"), SHARES, strict=True)},
}  # fmt: skip


def spans(meeting: int, training: int, own: float) -> Iterator[tuple[int, int, int]]:
    """The working day from 9 to 17 of somebody, kind by kind."""
    at = 9 * HOUR_US
    left = 8 * HOUR_US - meeting - training
    own_us = math.floor(left * own + 0.5)
    for kind, length in (
        (review.COORDINATION, meeting),
        (review.TRAINING, training),
        (review.OWN_WORK, own_us),
        (review.FOR_BUYERS, left - own_us),
    ):
        yield kind, at, at + length
        at += length
    assert at == 17 * HOUR_US


def test_paid_time_against_a_loop_over_days() -> None:
    """Periods that end at any minute, often within a working day; people train in every other one."""
    rules, tally, hours = rules_of(SPLIT), nothing_counted(), np.zeros((2 * ROLES, review.TIMES), np.int64)
    expected = np.zeros_like(hours)
    meeting = [round(0.2 * (size - 1) / 5 * HOUR_US) for size in (23, 13)]
    draw = np.random.Generator(np.random.PCG64(2))
    days, minutes = np.cumsum(draw.integers(1, 20, 12)), draw.integers(8 * 60, 18 * 60, 12)
    edges = np.concatenate([[0], days * DAY_US + minutes * MINUTE_US])
    for period, (since, now) in enumerate(zip(edges.tolist(), edges[1:].tolist(), strict=False)):
        training = 3 * HOUR_US // 2 if period % 2 else 0
        tally[REVIEWED_AT], tally[TRAINING_US] = since, training
        review.set_working_days(rules, training)
        review.account_hours(rules, hours, tally, now)
        for pool in range(2 * ROLES):
            for kind, begins, ends in spans(meeting[pool // ROLES], training, SHARES[pool % ROLES]):
                for day in range(now // DAY_US + 1):
                    if day % 7 < 5:
                        overlap = min(now, day * DAY_US + ends) - max(since, day * DAY_US + begins)
                        expected[pool, kind] += max(0, overlap)
    assert (hours == expected).all() and (hours[:, review.TRAINING] > 0).all()
    assert set(hours.sum(axis=1)) == {review.between(0, edges[-1], 9 * HOUR_US, 8 * HOUR_US, 5)}


MOST = 0.8 * (8 * HOUR_US - round(0.2 * 22 / 5 * HOUR_US))  # of the larger team's day, after its meetings


def reviewed(changes: dict[str, Any], reviews: int) -> Iterator[tuple[int, Any, np.ndarray, np.ndarray]]:
    """Review after review in which nothing but time passes: the instant, rules, tally and hours after each."""
    rules, tally = rules_of({**SPLIT, **changes}), nothing_counted()
    hours, assets, key = np.zeros((2 * ROLES, review.TIMES), np.int64), np.zeros(0, ASSET_DTYPE), stream_key(1, 0)
    review.begin(rules, assets, tally, key)
    yield 0, rules, tally, hours
    for number in range(1, reviews):
        now = number * int(rules.review_us)
        review.look_back(rules, assets, hours, tally, key, now, 0)
        review.look_ahead(rules, assets, tally, key, now)
        yield now, rules, tally, hours


@pytest.mark.parametrize(
    ("review_days", "every_days"), [(28, 90), (30, 365), (91, 30), (10, 30), (7, 30), (1, 33), (2, 30)]
)
def test_people_train_when_it_is_due(review_days: int, every_days: int) -> None:
    """At the start and at the first review from each whole multiple of ``every_days`` on, for as long as it takes."""
    due, began = 0, 0
    changes = {"training.days": 2.0, "training.every_days": float(every_days), "review_days": float(review_days)}
    for now, rules, tally, _ in reviewed(changes, 80):
        day = now // DAY_US
        if day == 0 or any(day - review_days < multiple * every_days <= day for multiple in range(1, 300)):
            due, began = 16 * HOUR_US, began + 1
        workdays = sum(1 for of_period in range(day, day + review_days) if of_period % 7 < 5)
        if workdays > 0:
            expected = min(-(-due // workdays), int(MOST))
            assert tally[TRAINING_US] == expected, day
            due = max(0, due - workdays * expected)
        for team in range(2):
            assert rules.day_window[team] == 8 * HOUR_US - rules.meeting_us[team] - tally[TRAINING_US]
            assert rules.day_opens[team] == 9 * HOUR_US + rules.meeting_us[team] + tally[TRAINING_US]
    assert began > 1


@pytest.mark.parametrize("review_days", [1.0, 1.3, 2.5, 7.0, 30.0, 91.0])
def test_people_know_what_they_were_paid_to_learn(review_days: float) -> None:
    """Training is due on a Saturday too; knowledge grows by the hours of the books, and by nothing else."""
    known, paid_before, before, people = 0.0, 0.0, 0, (23, 13)
    changes = {"training.days": 3.0, "training.every_days": 33.0, "review_days": review_days}
    for now, rules, _, hours in reviewed(changes, round(200 / review_days)):
        paid = sum(n * hours[team * ROLES, review.TRAINING] for team, n in enumerate(people)) / sum(people)
        kept = known * 0.5 ** ((now - before) / DAY_US / 180.0)
        known = 1.0 - (1.0 - kept) * math.exp(-(paid - paid_before) / (8 * HOUR_US) / 5.0)
        assert rules.knowledge == pytest.approx(known, rel=1e-9)
        paid_before, before = paid, now
    assert known > 0.3


def test_people_train_when_the_organisation_has_just_changed_and_leave_time_for_work() -> None:
    """Ten days, at the most time a day there is, until they are over."""
    changes, days = {"training.days": 10.0, "review_days": 7.0}, []
    for now, rules, tally, _ in reviewed(changes, 12):
        if now == 28 * DAY_US:
            tally[REORGANISED_AT] = 35 * DAY_US  # before the review of that day
        days.append(float(tally[TRAINING_US]))
        assert (rules.day_window[:2] > HOUR_US).all() and (rules.window[: 2 * ROLES] > 0).all()
    rest = (80 * HOUR_US - 10 * int(MOST)) / 5
    assert days == pytest.approx(2 * [MOST, MOST, rest, 0, 0] + [0, 0], abs=1)


def test_knowledge_makes_briefs_agreement_and_the_list_better() -> None:
    gains = {"training.brief_gain_bits": 2.0, "training.agreement_gain": 0.5, "training.response_gain": 0.25}
    chosen = {"definition.agreement": 0.4, "handoff.pickup_hours": 10.0, "objections.brief_bits": 1.0}
    on = {f"mechanisms.{name}": True for name in ("training", "objections")}
    for knowledge, expected in ((0.0, (1.0, 0.4, 600.0)), (0.5, (2.0, 0.55, 525.0)), (1.0, (3.0, 0.7, 450.0))):
        rules = rules_of({**gains, **chosen, **on}, knowledge=knowledge)
        review.look_ahead(rules, np.zeros(0, ASSET_DTYPE), nothing_counted(), stream_key(1, 0), 28 * DAY_US)
        assert (rules.brief_bits, rules.agreement, rules.pickup_minutes) == pytest.approx(expected)


# --- another organisation ---------------------------------------------------------------------------------------------


def test_after_a_reorganisation_all_that_is_chosen_is_the_other_ones_and_slow_state_is_kept() -> None:
    scenario = arm({**SPLIT, "training.days": 1.0})
    other = scenario.organisations["other"] = copy.deepcopy(scenario.organisations[NAME])
    other.access.selection, other.handoff.routing_hours, other.sales.attempts = "sdr", 7.0, 5
    other.content.hours_per_asset, other.coordination.hours_per_teammate_week, other.training.days = 3.0, 0.4, 2.0
    scenario.organisations[NAME].reorganisation.to = "other"
    scenario.organisations[NAME].reorganisation.day = 40.0
    setup, theirs = lower(scenario, NAME, 7, 0), lower(scenario, "other", 7, 0).rules
    rules, before = setup.fresh_rules(), setup.fresh_rules()
    assert rules.reorganise_at_us == 40 * DAY_US
    names = RULES_DTYPE.names or ()
    slow = [name for name in names if name not in CHOSEN]
    draw = np.random.Generator(np.random.PCG64(3))
    for name in ("knowledge", "multiple", "signal_leads", "match_all", "brief_bits"):
        assert name in slow
        rules[name] = before[name] = draw.random(before[name].shape)
    reorganise(rules, setup.after)
    for name in set(CHOSEN) - {"dip", "dip_us"}:
        assert np.array_equal(rules[name], theirs[name]), name
    for name in slow:
        assert np.array_equal(rules[name], before[name]), name
    assert sum(not np.array_equal(rules[name], before[name]) for name in CHOSEN) >= 6
    review.set_working_days(rules, 0)
    for name in ("opens", "window", "day_opens", "day_window"):
        assert np.array_equal(rules[name], theirs[name]), name
        assert not np.array_equal(rules[name], before[name]), name
    assert rules.last_person[Role.REP] - rules.first_person[Role.REP] == 10
