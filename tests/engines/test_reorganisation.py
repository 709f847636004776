"""A change to another organisation: nothing before it, all of it afterwards, and the dip as long as it lasts."""

import copy
from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.engines.report import differences
from simulator.model.numerics import DAY_US, MINUTE_US
from simulator.model.words import Activity
from simulator.scenario.scenario import Scenario
from tests.engines.arms import NAME, arm, lived
from tests.engines.digests import digest

#: Reviews every 28 days: a change from day 50 on comes with that of day 56.
BASE = {"review_days": 28.0, "run.cohort_days": 120, "run.follow_up_days": 60, "market.inquiries_per_year": 1500.0}
CHANGE_US = 56 * DAY_US


def changing(to: dict[str, Any], base: dict[str, Any] | None = None, day: float = 50.0, dip: float = 0.0,
             dip_days: float = 0.0) -> Scenario:  # fmt: skip
    """The plain organisation, which becomes one with these changes."""
    scenario, other = arm({**BASE, **(base or {})}), arm({**BASE, **(base or {}), **to})
    scenario.organisations["other"] = copy.deepcopy(other.organisations[NAME])
    change = scenario.organisations[NAME].reorganisation
    change.to, change.day, change.dip, change.dip_days = "other", day, dip, dip_days
    return scenario


def alone(scenario: Scenario) -> sim.Result:
    """On the compiled engine."""
    return sim.simulate(scenario, NAME, seed=7, record="touches")


def changed(scenario: Scenario) -> sim.Result:
    """On both engines, which must agree on every event."""
    compiled, reference = (
        sim.simulate(scenario, NAME, seed=7, engine=engine, record="touches") for engine in ("compiled", "reference")
    )
    assert differences(reference.report, compiled.report) == []
    return compiled


def test_a_change_to_an_equal_organisation_without_a_dip_is_none() -> None:
    stays = lived(BASE)
    assert digest(changed(changing({})).report) == digest(stays.report)
    assert digest(alone(changing({}, dip=0.5, dip_days=0.0)).report) == digest(stays.report)
    assert digest(alone(changing({}, dip=0.5, dip_days=90.0)).report) != digest(stays.report)


OTHERS: dict[str, dict[str, Any]] = {
    "access": {"access.education": "marketer", "access.solution": "marketer", "access.selection": "marketer"},
    "speed": {"handoff.routing_hours": 30.0},
    "definition": {"definition.agreement": 0.0},
    "coordination": {"coordination.hours_per_teammate_week": 0.15},
    "sales": {"sales.accept_threshold": 0.9, "sales.attempts": 5},
}


@pytest.mark.parametrize("what", OTHERS)
def test_until_the_review_of_the_change_nothing_is_different(what: str) -> None:
    stays, becomes, other = lived(BASE), changed(changing(OTHERS[what])), lived({**BASE, **OTHERS[what]})
    logs = [result.report.log for result in (stays, becomes, other)]
    before = [log[log["at"] < CHANGE_US] for log in logs]
    assert (before[0] == before[1]).all() and len(before[1]) > 300
    after = [log[log["at"] >= CHANGE_US] for log in logs]
    assert len(after[0]) != len(after[1]) or (after[0] != after[1]).any()
    assert len(before[2]) != len(before[1]) or (before[2] != before[1]).any(), "the other one was different all along"
    early = stays.report.history["ended_at"]
    early = (early >= 0) & (early < CHANGE_US) & (stays.report.history["released_at"] < CHANGE_US)
    assert early.sum() > 30 and stays.report.history[early].equals(becomes.report.history[early]).all()


def test_from_the_change_on_the_other_ones_policies_hold() -> None:
    result = changed(changing(OTHERS["access"]))
    answers = result.report.log[result.report.log["activity"] == Activity.ANSWER]
    assert len(answers) > 10 and answers["at"].min() >= CHANGE_US
    assert answers["at"].min() < CHANGE_US + 7 * DAY_US
    never = alone(changing(OTHERS["access"], day=10_000.0))
    assert digest(never.report) == digest(lived(BASE).report)
    at_once = alone(changing(OTHERS["access"], day=0.0))
    first = at_once.report.log["at"][at_once.report.log["activity"] == Activity.ANSWER].min()
    assert 28 * DAY_US <= first < 35 * DAY_US, "at the first review"


_LATER = [(83, 1 / (1 - 0.2)), (90, 1 / (1 - 0.2 * 0.75)), (160, 1 / (1 - 0.2 * 0.25)), (180, 1.0)]


@pytest.mark.parametrize(
    ("end", "factor"),
    [(55, 1.0), (57, 1 / (1 - 0.2)), *(pytest.param(*each, marks=pytest.mark.long) for each in _LATER)],
)
def test_the_dip_makes_tasks_longer_by_exactly_its_factor(end: int, factor: float) -> None:
    """Every task takes ten minutes, of 8 hours a day; a fifth is lost at first, none after 112 days."""
    names = ("unanswered", "qualify", "answer", "meeting", "mail", "support")
    fixed = {**{f"effort.{name}_minutes": 10.0 for name in names}, "effort.review_minutes": 0.0,
             "effort.discovery_minutes": 0.0, "effort.spread": 0.0,
             "run.cohort_days": 50, "run.follow_up_days": end - 50}  # fmt: skip
    report = changed(changing({}, fixed, dip=0.2, dip_days=112.0)).report
    last_review = end // 28 * 28 * DAY_US
    recent = (report.people["task_us"] > 0) & (report.people["started_at"] >= last_review)
    assert recent.sum() > 3
    assert set(report.people["task_us"][recent]) == {int(np.floor(10 * MINUTE_US * factor + 0.5))}


@pytest.mark.parametrize(("before", "after"), [(20, 1), (1, 2)])
def test_the_limit_of_open_deals_may_change(before: int, after: int) -> None:
    """Who waits gets an owner as soon as there is room, and nobody gets one above the limit."""
    few = {"roles.rep.headcount": 3, "sales.max_open_deals": before, "run.follow_up_days": 20}
    result = changed(changing({"sales.max_open_deals": after}, few))
    report = result.report
    names = list(result.queues["queue"])
    waiting = report.reviews[:, 1 + names.index("everybody owner")]
    assert waiting[:2].max() > 0 or before > after
    owned, freed = (np.sort(report.history[name][report.history[name] >= 0]) for name in ("owned_at", "released_at"))
    if before > after:
        full = np.searchsorted(owned, CHANGE_US, "right") - np.searchsorted(freed, CHANGE_US, "right")
        assert full > 3 * after, "there are too many at the change"
        assert report.reviews[-1, -1] < full and report.reviews[2:, -1].max() <= report.reviews[1, -1]
    else:
        took = int(np.sum(owned == CHANGE_US))
        assert took == min(waiting[1], 3 * after - report.reviews[1, -1]) > 0
        assert report.reviews[:2, -1].max() <= 3 * before < report.reviews[2:, -1].max() <= 3 * after


def test_a_library_grows_on_after_the_change() -> None:
    """A large one that nobody adds to, then one with a small beginning of its own where all time goes into assets."""
    large = {"content.assets_at_start": 6000, "content.making_share": 0.0, "content.hours_per_asset": 2.0}
    busy = {"content.assets_at_start": 0, "content.making_share": 1.0}
    result = changed(changing(busy, large, day=20.0))
    made = result.report.assets["made_at"]
    assert (made <= 0).sum() == 6000 and (made[6000:] > 28 * DAY_US).all()
    last = int(result.report.reviews[-1, 0])
    days = sum(1 for day in range(28, last // DAY_US) if day % 7 < 5)
    worked = 12 * days * 8.0 / 2.0  # nobody has to do with marketers: all their time is for buyers, and free
    assert len(made) - 6000 == int(worked) and len(made) < result.setup.most_assets
