"""A transition beside paths known in advance, and organisations that become themselves."""

import copy
import datetime
import math
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import simulator as sim
from simulator.questions.compare.work import compare
from simulator.questions.transition import work as study
from simulator.questions.transition.plan import ALWAYS, CHANGES, STAYS, planned
from simulator.questions.transition.work import paths, transition
from simulator.results.summary import Summary
from simulator.scenario.checked import check
from simulator.scenario.schema import ScenarioError

SHORT = ["study=transition", "run.warm_up_days=60", "run.cohort_days=120", "run.follow_up_days=270",
         "run.replications=4", "market.inquiries_per_year=1500", "market.journey.step_days=1",
         "market.journey.prior_knowledge=0.8", "run.threads=1"]  # fmt: skip


@cache
def loaded(*more, name="baseline"):
    return sim.load_scenario(name, [*SHORT, *more])


def scenario(*more, name="baseline"):
    return copy.deepcopy(loaded(*more, name=name))


def known(weekly):
    """A simulation whose organisations earn known amounts a week: name, replication, week -> usd."""

    def simulate(one, organisation, *, replication, **_):
        weeks = -(-one.horizon_days() // 7)
        return SimpleNamespace(
            revenue=np.array([weekly(organisation, replication, week) for week in range(weeks)], float)
        )

    return simulate


def as_is(result, one, organisation, replication):
    return Summary(organisation, replication, {}, {}, weekly_revenue=result.revenue)


@pytest.fixture
def with_known(monkeypatch):
    monkeypatch.setattr("simulator.questions.frame.arms.summarise", as_is)
    return lambda weekly, one: transition(one, simulate=known(weekly))


def steps(organisation, replication, week):
    """From the change in week 8.57 (day 60) on: three bad weeks, then a good deal better; always better from week 0."""
    base = 1000.0 + 10 * replication
    if "_to_" in organisation:
        return base + (0 if week < 9 else -100 - replication if week < 12 else 50 + replication)
    return base + 50 * (organisation == "integrated")


def test_a_path_known_in_advance(with_known):
    found = with_known(steps, scenario())
    assert found.plan.change_day == 60.0 and found.replications == 4
    assert found.days[0] == 56 - 60 and found.days[1] == 63 - 60 and found.days[-1] == 450 - 60
    mean = found.band.mean  # replications 0 to 3: -101.5 a week for three weeks, then 51.5
    assert mean[:6].tolist() == [0.0, 0.0, -101.5, -203.0, -304.5, -253.0]
    depth, day = found.dip
    assert (depth.value, day.value, day.low, day.high) == (-304.5, 24.0, 24.0, 24.0)
    assert found.dips_for_sure
    weeks_back = math.ceil(304.5 / 51.5)
    assert found.payback.value == 24 + 7 * weeks_back and found.payback.low <= found.payback.value <= found.payback.high
    assert found.pays_back.value == 1.0 and found.mean_pays_back == 1.0
    assert found.steady_gap.value == pytest.approx(50 * (len(found.days) - 1) / (found.days[-1] - found.days[0]) * 365)
    assert found.way_costs.value == pytest.approx(50.0 * (len(found.days) - 1) - mean[-1])
    week = (365 + 4) // 7
    between = mean[week] + (mean[week + 1] - mean[week]) * (365 - found.days[week]) / 7
    assert found.after_days(365).value == pytest.approx(between)
    assert math.isnan(found.after_days(400).value)


def test_what_is_paid_once_moves_the_path_down_from_the_change_on(with_known):
    free, paid = (with_known(steps, scenario(*more)) for more in ((), ("study.transition.cost_usd=500",)))
    moved = free.changed - paid.changed
    assert (moved[:, 0] == 0).all() and (moved[:, 1:] == 500).all() and (free.always == paid.always).all()
    assert paid.payback.value > free.payback.value and paid.way_costs.value - free.way_costs.value == pytest.approx(500)


def test_some_never_get_there(with_known):
    found = with_known(lambda name, replication, week: -float("_to_" in name and replication < 3), scenario())
    assert math.isinf(found.payback.value) and found.pays_back.value == 0.25
    assert 0.0 < found.mean_pays_back < 0.05  # only a resample of nothing but the lucky one: 1 in 256
    assert found.measures()["payback_days"][1].value == math.inf


def test_the_tables(with_known):
    found = with_known(steps, scenario())
    table = found.path_table()
    assert len(table) == 2 * len(found.days) and set(table["arm"]) == {CHANGES, ALWAYS}
    mine = table[table["arm"] == CHANGES]
    assert mine["cumulative_difference_usd"].tolist() == found.band.mean.tolist()
    assert (mine["simultaneous_low"] <= mine["ci_low"]).all() and (mine["ci_high"] <= mine["simultaneous_high"]).all()
    summary = found.summary_table().set_index("measure")
    assert summary.loc["dip_usd", "estimate"] == -304.5 and summary.loc["payback_days", "unit"] == "days"
    assert set(summary["before"]) == {"relay_race"} and set(summary["after"]) == {"integrated"}


# --- on the real engine -----------------------------------------------------------------------------------------------


def test_an_organisation_that_becomes_itself_has_a_path_of_exactly_0():
    one = scenario()
    twin = copy.deepcopy(one.organisations["relay_race"])
    twin.description = "the same under another name"
    one.organisations["twin"], one.study.transition.to = twin, "twin"
    one.organisations["relay_race"].reorganisation.dip = 0.0
    found = transition(one)
    assert not found.changed.any() and not found.always.any()
    assert found.payback.value == 0.0 and found.dip[0].value == 0.0 and found.pays_back.value == 1.0
    assert not found.band.simultaneous.any()
    one.organisations["relay_race"].reorganisation.dip = 0.5
    assert transition(one).changed.any()  # the dip alone is a cost


def test_on_a_scenario_with_a_change_it_is_the_path_of_the_comparison():
    one = scenario("organisations.changing.reorganisation.day=80", name="transition")
    found = transition(one)
    (path,) = paths(compare(one))
    assert found.plan.before == "relay_race" and found.plan.after == "integrated"
    assert found.plan.change_day == path.change_day == 90.0
    assert found.band.mean.tolist() == path.difference.tolist() and found.days.tolist() == path.days.tolist()
    assert found.band.pointwise == pytest.approx(path.half_width)
    assert found.payback.value == path.payback_days and found.dip[0].value == path.lowest_usd
    assert (found.changed[:, 0] == 0.0).all() and found.changed.any()


def test_the_arms_earn_what_their_customers_pay():
    one = scenario("run.replications=2")
    found = transition(one)
    for replication in range(2):
        totals = {}
        for arm in (STAYS, CHANGES, ALWAYS):
            run = sim.simulate(found.plan.scenario, found.plan.names[arm], replication=replication)
            won = run.journeys[run.journeys["outcome"] == "won"]
            start = pd.Timestamp(run.end_at) - datetime.timedelta(days=one.horizon_days())
            late = (won["ended_at"] - start) >= pd.Timedelta(days=56)
            totals[arm] = won["value_usd"][late].sum()
        assert found.changed[replication, -1] == pytest.approx(totals[CHANGES] - totals[STAYS])
        assert found.always[replication, -1] == pytest.approx(totals[ALWAYS] - totals[STAYS])


# --- who becomes what -------------------------------------------------------------------------------------------------


def test_the_last_one_at_the_end_of_the_warm_up_unless_said_otherwise():
    plan = planned(check(scenario()))
    assert dict(plan.names) == {STAYS: "relay_race", CHANGES: "relay_race_to_integrated", ALWAYS: "integrated"}
    assert plan.change_day == 60.0 and plan.scenario.organisations["relay_race"].reorganisation.to == ""
    other = planned(check(scenario("study.transition.to=aligned", "study.transition.day=100",
                             "organisations.relay_race.reorganisation.dip=0.4")))  # fmt: skip
    assert other.after == "aligned" and other.change_day == 120.0  # the first review from day 100 on
    change = other.scenario.organisations[other.names[CHANGES]].reorganisation
    assert (change.to, change.day, change.dip) == ("aligned", 100.0, 0.4)


def test_a_change_of_the_scenario_is_kept_and_can_be_moved():
    own = planned(check(scenario(name="transition")))
    assert own.before == "relay_race" and own.change_day == 180.0
    assert own.scenario.organisations[own.names[CHANGES]].reorganisation.dip_days == 90.0
    assert planned(check(scenario("study.transition.day=30", name="transition"))).change_day == 30.0
    unlike = scenario("organisations.changing.sales.attempts=4", name="transition")
    unlike.organisations["integrated"].sales.attempts = 4
    plan = planned(check(unlike))
    assert plan.before == "changing_unchanged"
    assert plan.scenario.organisations["changing_unchanged"].sales.attempts == 4


@pytest.mark.parametrize(
    "more, said",
    [
        (
            ["study.transition.to=integrate"],
            "study.transition.to must name organisations, got 'integrate': did you mean",
        ),
        (["study.transition.to=relay_race"], "must name another organisation than relay_race, got 'relay_race'"),
        (["run.replications=1"], "run.replications must be at least 2 for study=transition"),
        (["compare.organisations=[aligned]"], "compare.organisations must name at least two organisations"),
        (["study.transition.day=440"], "before the end of the run on day 450, got day 450"),
        (["study.transition.day=-1"], r"study.transition.day must lie in \[0, 36,500\], got -1"),
        (["study.transition.cost_usd=-1"], r"study.transition.cost_usd must lie in \[0, 1e\+12\], got -1"),
        (["organisations.integrated.roles.sdr.headcount=4"], "must name an organisation with the same roles"),
    ],
)
def test_a_way_that_cannot_be_gone_is_refused(more, said):
    with pytest.raises(ScenarioError, match=said):
        study.refuse(check(scenario(*more)))


def test_two_changes_are_one_too_many():
    one = scenario(name="transition")
    one.organisations["also"] = copy.deepcopy(one.organisations["changing"])
    one.compare.organisations.append("also")
    with pytest.raises(ScenarioError, match=r"at most one organisation that changes .* got changing, also"):
        study.refuse(check(one))
