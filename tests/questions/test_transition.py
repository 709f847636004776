"""The way from one organisation to another: the path of revenue, its lowest point and its payback date."""

import math

import numpy as np
import pytest

import simulator as sim
from simulator.questions.compare.work import Comparison, compare
from simulator.questions.transition.work import in_words, path_table, paths
from simulator.results.summary import Summary

SHORT = ["run.warm_up_days=30", "run.cohort_days=120", "run.follow_up_days=90", "run.replications=3",
         "market.inquiries_per_year=2000", "market.journey.step_days=1", "market.journey.prior_knowledge=0.8",
         "organisations.changing.reorganisation.day=45"]  # fmt: skip


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(sim.load_scenario("transition", SHORT))


def test_the_path_is_the_difference_of_what_customers_pay(comparison: Comparison) -> None:
    (path,) = paths(comparison)
    assert (path.organisation, path.before, path.after) == ("changing", "relay_race", "integrated")
    assert path.change_day == 60.0  # the first review from day 45 on
    paid = []
    for replication in range(3):
        arms = []
        for name in ("relay_race", "changing"):
            journeys = sim.simulate(comparison.scenario, name, replication=replication).journeys
            won = journeys[journeys["outcome"] == "won"]
            arms.append(float(won["value_usd"].sum()))
        paid.append(arms[1] - arms[0])
    assert path.difference[0] == 0.0 and path.difference[-1] == pytest.approx(np.mean(paid))
    assert path.lowest_usd == path.difference.min()


def test_nothing_differs_before_the_change(comparison: Comparison) -> None:
    week = 60 // 7
    for base, arm in zip(comparison.summaries["relay_race"], comparison.summaries["changing"], strict=True):
        assert (base.weekly_revenue[:week] == arm.weekly_revenue[:week]).all()
        assert base.weekly_revenue.sum() > 0 and not (base.weekly_revenue == arm.weekly_revenue).all()


def made_up(comparison: Comparison, *weekly: list[float]) -> Comparison:
    """The same comparison with weekly revenue differences set by hand, one list per replication."""
    weeks = len(comparison.summaries["relay_race"][0].weekly_revenue)
    summaries = {}
    for name in comparison.organisations:
        summaries[name] = []
        for replication, values in enumerate(weekly):
            revenue = np.full(weeks, 1000.0)
            if name == "changing":
                revenue[8 : 8 + len(values)] += values
            summaries[name].append(Summary(name, replication, {}, {}, weekly_revenue=revenue))
    return Comparison(comparison.scenario, comparison.organisations, summaries, comparison.found)


def test_payback_is_the_day_from_which_on_it_is_never_behind(comparison: Comparison) -> None:
    (path,) = paths(made_up(comparison, [-50.0, 100.0, -80.0, 40.0]))  # behind, ahead, behind again, ahead for good
    assert path.difference[1:5].tolist() == [-50.0, 50.0, -30.0, 10.0]
    assert path.payback_days == path.days[4] == 12 * 7 - 60 and path.lowest_usd == -50.0
    assert math.isnan(path.payback_low)
    told = "changing: after its change on day 60 it falls up to 50 usd behind relay race, and has caught up for good"
    assert in_words(path) == f"{told} after 24 days."


def test_payback_may_never_come_or_never_be_needed(comparison: Comparison) -> None:
    (never,) = paths(made_up(comparison, [-50.0]))
    assert math.isinf(never.payback_days) and "has not caught up" in in_words(never)
    (at_once,) = paths(made_up(comparison, [50.0]))
    assert at_once.payback_days == 0.0 and "never behind" in in_words(at_once)


def test_its_interval_covers_what_replications_say(comparison: Comparison) -> None:
    early, late = [-50.0, 60.0], [-50.0, 0.0, 0.0, 0.0, 60.0]
    (path,) = paths(made_up(comparison, early, late))
    assert path.payback_low == path.days[2] and path.payback_high == path.days[5]
    (same,) = paths(made_up(comparison, early, early, early))
    assert same.payback_low == same.payback_high == same.payback_days


def test_the_table_has_a_row_a_week(comparison: Comparison) -> None:
    table = path_table(comparison)
    (path,) = paths(comparison)
    assert len(table) == len(path.days) and table["cumulative_difference_usd"].tolist() == path.difference.tolist()
    assert (table["ci_low"] <= table["ci_high"]).all()


def test_who_stays_has_no_path() -> None:
    short = ["run.warm_up_days=0", "run.cohort_days=20", "run.follow_up_days=0", "run.replications=1"]
    assert paths(compare(sim.load_scenario("baseline", short))) == []
