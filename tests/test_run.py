"""A prepared arm runs as `simulate` does, as often as one likes, and knows nothing of later changes."""

import copy
import dataclasses

import pytest

import simulator as sim
from simulator.engines.lowering import draw_arrivals, lower
from simulator.engines.report import differences
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL

SHORT = ["run.warm_up_days=20", "run.cohort_days=40", "run.follow_up_days=20", "market.inquiries_per_year=600",
         "market.journey.prior_knowledge=0.8"]  # fmt: skip

#: Scenario and overrides; `transition` has an organisation that changes on the way.
CASES = {
    "the whole model": ("baseline", SHORT),
    "switched off": ("baseline", [*SHORT, *(f"mechanisms.{name}=false" for name in ("rivals", "budget", "speed"))]),
    "replayed": ("replay", ["run.cohort_days=60", "run.follow_up_days=45"]),
    "reorganised": ("transition", [*SHORT, "organisations.changing.reorganisation.day=50"]),
}  # fmt: skip


def scenario(case: str = "the whole model") -> sim.Scenario:
    name, overrides = CASES[case]
    return sim.load_scenario(name, list(overrides))


def assert_the_same(one: sim.Result, other: sim.Result) -> None:
    assert differences(one.report, other.report) == []
    assert one.setup.rules.tobytes() == other.setup.rules.tobytes() and one.setup.key == other.setup.key
    assert (one.setup.arrivals.at_us == other.setup.arrivals.at_us).all()
    assert (one.organisation, one.replication, one.seed) == (other.organisation, other.replication, other.seed)
    assert one.scenario == other.scenario


@pytest.mark.parametrize("case", list(CASES))
def test_a_prepared_arm_runs_as_simulate_does(case: str) -> None:
    one = scenario(case)
    for name in one.compared():
        arm = sim.prepare(one, name)
        for replication, seed in ((1, None), (0, 7), (1, None)):
            again = sim.simulate(one, name, seed=seed, replication=replication, record="touches")
            assert_the_same(arm.run(replication, seed, record="touches"), again)
    assert_the_same(arm.run(engine="reference"), sim.simulate(one, name, engine="reference"))


def test_a_run_changes_nothing_that_the_next_one_is_given() -> None:
    arm = sim.prepare(scenario("reorganised"), "changing")
    before = copy.deepcopy(arm)
    setup = arm.run(record="touches").setup
    for rules in (setup.rules, setup.after):
        with pytest.raises(ValueError, match="read-only"):
            rules.horizon_us = 0
    for array in ("rules", "after", "person_role", "person_team"):
        assert getattr(arm.lowered, array).tobytes() == getattr(before.lowered, array).tobytes()
    assert arm.scenario == before.scenario and arm.lowered.scenario == before.lowered.scenario


def test_what_is_changed_later_reaches_simulate_but_no_prepared_arm() -> None:
    one = scenario()
    arm, before = sim.prepare(one, "integrated"), sim.simulate(one, "integrated")
    one.market.fit_mean_logit += 0.5
    one.organisations["integrated"].roles.rep.headcount -= 1
    assert_the_same(arm.run(), before)
    after = sim.simulate(one, "integrated")
    assert len(after.report.people) == len(before.report.people) - 1 and after.scenario == one != before.scenario
    assert differences(after.report, before.report) != []


def test_given_buyers_come_instead_of_drawn_ones() -> None:
    one = scenario()
    given = draw_arrivals(one, 99, 4)
    arm = sim.prepare(one, "integrated")
    result = arm.run(arrivals=given)
    assert (result.setup.arrivals.at_us == given.at_us).all()
    assert_the_same(result, sim.simulate(one, "integrated", arrivals=given))


def test_buyers_may_come_through_other_channels_than_the_market_names() -> None:
    one = scenario("replayed")
    lowered = sim.prepare(one, "integrated").lowered
    names = list(one.market.channels)
    few = dataclasses.replace(draw_arrivals(one, 1, 0), channels=["unheard of", names[1]])
    rules = lowered.setup(1, 0, few).rules
    assert rules.channels == 2 and lowered.rules.channels == len(names)
    assert rules.fit_shift[:3].tolist() == [0.0, lowered.rules.fit_shift[1], 0.0]


def test_switches_are_applied_to_what_is_prepared_and_the_scenario_kept_as_it_is() -> None:
    one = scenario("switched off")
    arm = sim.prepare(one, "relay_race")
    assert arm.scenario == one and arm.lowered.scenario != one
    lived = arm.lowered.scenario
    assert lived.market.rivals.count == MARKET_NEUTRAL["rivals"]["rivals.count"]
    handoff = lived.organisations["relay_race"].handoff
    assert handoff.routing_hours == ORGANISATION_NEUTRAL["speed"]["handoff.routing_hours"]
    assert lower(one, "relay_race", 1, 0).rules.tobytes() == arm.lowered.setup(1, 0).rules.tobytes()


def test_what_cannot_run_is_refused_when_it_is_prepared() -> None:
    one = scenario()
    with pytest.raises(
        sim.ScenarioError, match="organisation must be one of relay_race, aligned, integrated, got 'nobody'"
    ):
        sim.prepare(one, "nobody")
    one.market.segments.clear()
    with pytest.raises(sim.ScenarioError, match=r"market\.segments must name at least one segment"):
        sim.prepare(one, "integrated")
