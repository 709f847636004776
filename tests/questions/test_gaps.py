"""Design points to gaps: what is moved, what is refused, what runs."""

import dataclasses

import numpy as np
import pytest

from simulator.questions.compare.work import compare
from simulator.questions.frame.checks import pair
from simulator.questions.frame.gaps import Explored, Plan, Response, explored, points_table, space_of, unit_of, value_at
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import check
from simulator.scenario.mechanisms import Mechanisms
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free
from tests.questions.known_gaps import CLASHES, DOUBT, HEAT, TRUST, asking, known, with_twin
from tests.results.fake_journeys import fake_simulate

pytestmark = pytest.mark.usefixtures("ready_summaries")

WHERE = "study.sensitivity.free"
FREE = {"trust": Free(TRUST, 0, 1), "clashes": Free(CLASHES, 0, 1)}
ORGANISATIONS = ("relay_race", "integrated")
NET = BY_KEY["net"]


def space(free=FREE, scenario=None):
    return space_of(check(scenario or asking("sensitivity", free)), WHERE, free, ORGANISATIONS)


def found_at(points, simulate, free=FREE, scenario=None, progress=None, metrics=(NET,)):
    one = space(free, scenario)
    return list(explored(Plan(one, points), one.scenario.run, metrics, progress, simulate))


def test_values_are_spread_over_their_ranges():
    free = {
        "plain": Free(TRUST, 0.2, 0.8),
        "log": Free(HEAT, 0.1, 10, log=True),
        "whole": Free("market.rivals.count", 1, 6),
    }
    plain, log, whole = space(free).parameters
    assert [value_at(plain, unit) for unit in (0, 0.5, 1)] == pytest.approx([0.2, 0.5, 0.8])
    assert [value_at(log, unit) for unit in (0, 0.5, 1)] == pytest.approx([0.1, 1, 10])
    counts = np.unique([value_at(whole, unit) for unit in np.linspace(0, 1, 6001)], return_counts=True)
    assert list(counts[0]) == [1, 2, 3, 4, 5, 6] and np.ptp(counts[1]) <= 2, "equally likely"
    for one in (plain, log):
        assert [unit_of(one, value_at(one, unit)) for unit in (0, 0.25, 1)] == pytest.approx([0, 0.25, 1], abs=1e-4)


def test_a_path_may_name_whichever_is_compared():
    one = space({"clashes": Free(CLASHES, 0, 1), "own": Free(CLASHES.replace("challenger", "baseline"), 0.25, 0.75)})
    assert [p.targets for p in one.parameters] == [
        (f"organisations.{name}.consistency.contradiction_chance",) for name in ("integrated", "relay_race")
    ]
    moved = one.at({"clashes": 0.125, "own": 0.75})
    assert [moved.organisations[name].consistency.contradiction_chance for name in ORGANISATIONS] == [0.75, 0.125]


def test_a_factor_is_held_at_the_ends_of_its_keys_range():
    both = "market.segments.*.complexity_low, market.segments.*.complexity_high"
    scenario = asking("sensitivity", {})
    scenario.market.segments["mid"].complexity_low = 0.4
    moved = (
        space({"complexity": Free(both, 0.5, 2, clip=True)}, scenario).at({"complexity": 2.0}).market.segments["mid"]
    )
    assert (moved.complexity_low, moved.complexity_high) == (0.8, 1.0)
    with pytest.raises(ScenarioError, match=r"free\.complexity\.high must keep .* at most 1, got 1\.4"):
        space({"complexity": Free(both, 0.5, 2)}, scenario)
    with pytest.raises(ScenarioError, match=r"free\.trust\.high must keep market\.trust\.initial at most 1, got 2"):
        space({"trust": Free(TRUST, 0, 2, clip=True)}, scenario)  # a value is meant as it is written


def test_gaps_are_those_of_a_comparison_with_the_values_set_by_hand():
    def dearer(scenario, organisation, **how):
        result = fake_simulate(scenario, organisation, **how)
        result.journeys["value_usd"] *= scenario.market.segments["mid"].deal_value_median_usd / 1000
        return result

    metrics = [BY_KEY[key] for key in ("wins", "cost_per_won", "net")]
    free = {"deals": Free("market.segments.*.deal_value_median_usd", 0.5, 2)}
    scenario = asking("sensitivity", free, replications=3)
    [point] = found_at([{"deals": 2.0}], dearer, free, scenario, metrics=metrics)
    scenario.market.segments["mid"].deal_value_median_usd *= 2
    by_hand = compare(scenario, simulate=dearer).differences.set_index("metric")
    for metric in metrics:
        gap, row = point.gap(metric), by_hand.loc[metric.key]
        assert (gap.value, *gap.interval) == pytest.approx((row["difference"], row["ci_low"], row["ci_high"]))


def test_what_must_be_equal_runs_once():
    ran = []

    def counted(scenario, organisation, **how):
        ran.append((scenario.market.trust.initial, organisation, how["replication"], how["seed"]))
        return known(lambda *_: 0.0)(scenario, organisation, **how)

    points = [{"trust": trust, "clashes": clashes} for trust in (0.25, 0.75) for clashes in (0.0, 0.5, 1.0)]
    plan = Plan(space(scenario=with_twin(asking("sensitivity", FREE))), points)
    run = dataclasses.replace(plan.space.scenario.run, threads=1)
    assert len(list(explored(plan, run, [NET], None, counted))) == 6
    # the baseline lives twice, the challenger six times, less the two in which it is the baseline's twin
    assert len(ran) == plan.runs(run) == 2 * (2 + 6 - 2)
    assert {seed for *_, seed in ran} == {run.seed} and {number for _, _, number, _ in ran} == {0, 1}


@pytest.mark.parametrize("threads", [1, 3])
def test_points_come_in_order_on_any_number_of_threads_and_progress_is_told(threads):
    points, told = [{"trust": trust, "clashes": 0.25} for trust in (0.1, 0.9, 0.5)], []
    scenario, by_trust = asking("sensitivity", FREE, threads=threads), known(lambda s, _: 1000 * s.market.trust.initial)
    found = found_at(points, by_trust, scenario=scenario, progress=lambda done, total: told.append((done, total)))
    assert [point.values for point in found] == points
    assert [point.gap(NET).value for point in found] == pytest.approx([100, 900, 500])
    assert told == [(done, 12) for done in range(13)]


def test_a_twin_has_no_gap_anywhere():
    free = {"trust": FREE["trust"]}
    found = found_at([{"trust": 0.0}, {"trust": 1.0}], fake_simulate, free, with_twin(asking("sensitivity", free)))
    assert all(point.gap(NET).value == 0 and (point.gap(NET).left_out == 0).all() for point in found)


def test_wins_go_by_what_is_better():
    points = found_at([{"trust": trust, "clashes": 0.5} for trust in (0.0, 1.0)],
                      known(lambda s, number: 1e5 * (s.market.trust.initial - 0.5) + number))  # fmt: skip
    more = Response.of(NET, points)
    assert list(more.sure_wins) == [False, True] == list(more.wins) and list(more.sure_losses) == [True, False]
    less = Response.of(dataclasses.replace(NET, better="lower"), points)
    assert list(less.sure_wins) == [True, False] and list(less.losses) == [False, True]


def test_the_table_of_points():
    points = found_at([{"trust": 0.25, "clashes": 0.5}], known(lambda *_: 500.0))
    [row] = points_table(space(), {"map": points}, [NET], 2).to_dict("records")
    assert (row["design"], row["trust"], row["clashes"], row["organisation"]) == ("map", 0.25, 0.5, "integrated")
    assert (row["gap"], row["ci_low"], row["ci_high"]) == pytest.approx((500, 500, 500))
    assert row["organisation_estimate"] - row["baseline_estimate"] == pytest.approx(500)
    assert isinstance(points[0], Explored)


@pytest.mark.parametrize(
    ("free", "message"),
    [
        ({}, "study.sensitivity.free must name at least one assumption to move, got none"),
        ({"gap": Free(TRUST, 0, 1)}, "study.sensitivity.free must not use the name of a column of the table of points, "
         "got 'gap'"),
        ({"x": Free("market.trust.inital", 0, 1)}, "study.sensitivity.free.x.path must be a key of the scenario, got "
         "'market.trust.inital': did you mean market.trust.initial?"),
        ({"x": Free(CLASHES, 0, 1.5)}, "study.sensitivity.free.x.high must keep organisations.integrated.consistency."
         "contradiction_chance at most 1, got 1.5"),
        ({"x": Free(CLASHES.replace("<challenger>", "aligned"), 0, 1)}, "study.sensitivity.free.x.path must be a key "
         "of the scenario, got 'organisations.aligned"),
        ({"x": Free(TRUST, 0.6, 1)}, "study.sensitivity.free.x must hold the present value 0.5 between low and high"),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_is_refused(free, message):
    with pytest.raises(ScenarioError) as refused:
        space(free)
    assert str(refused.value).startswith(message) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("path", "mechanism"), [(CLASHES, "consistency"), ("market.attention.fatigue_per_message", "attention")]
)
def test_what_a_switch_holds_still_is_refused(path, mechanism):
    scenario = asking("sensitivity", {})
    scenario.mechanisms = Mechanisms(**{mechanism: False})
    message = rf"free\.x\.path must not belong to a mechanism that is switched off, got .* of {mechanism}"
    with pytest.raises(ScenarioError, match=message):
        space({"x": Free(path, 0, 1)}, scenario)


def test_a_point_that_contradicts_itself_is_named():
    free = {"checks": Free("market.trust.verification_low", 0, 1), "doubt": Free(DOUBT, 0, 1)}
    points = [{"checks": 0.5, "doubt": 0.0}, {"checks": 0.9, "doubt": 0.25}]
    with pytest.raises(ScenarioError) as refused:
        Plan(space(free), points)
    assert str(refused.value) == (
        "study.sensitivity.free at checks 0.9, doubt 0.25: market.trust.verification_low must be at most "
        "verification_high 0.8, got 0.9"
    )


def test_the_challenger_is_the_last_one_unless_it_is_named():
    scenario = asking("sensitivity", {})
    scenario.organisations["pods"] = scenario.organisations["integrated"]
    assert pair(scenario, "study.when", "") == ("relay_race", "pods")
    assert pair(scenario, "study.when", "integrated") == ORGANISATIONS
    with pytest.raises(
        ScenarioError, match=r"study\.when\.challenger must name compared organisations, got 'pod': did you mean pods"
    ):
        pair(scenario, "study.when", "pod")
