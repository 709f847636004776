"""Scenarios made quickly beside the same settings composed as a whole."""

import pytest

from simulator.scenario.composing import composed, to_scenario
from simulator.scenario.schema import ScenarioError
from simulator.sweeps.points import Points

FIXED = ["scenario=enterprise", "run.replications=3"]
POINTS = {
    "nothing": [],
    "a number": ["organisations.relay_race.handoff.sla_hours=12"],
    "a fraction": ["market.reach.half_life_days=2.5", "run.seed=9"],
    "a whole number as a float's value": ["market.reach.half_life_days=3"],
    "a word": ["run.engine=reference"],
    "a quoted word": ['question="what, then?"'],
    "a switch": ["mechanisms.access=false"],
    "a list": ["compare.organisations=[relay_race,integrated]"],
    "an empty list": ["study.ablation.mechanisms=[]"],
    "a name in a mapping": ["market.segments.large.deal_value_median_usd=90000"],
    "a building block": ["scenario=transactional", "run.seed=4"],
    "another building block": ["market=enterprise", "organisation=[relay_race,integrated]"],
    "a scenario's name": ["name=mine"],
    "an added key": ["+organisations.relay_race.teams.all.reps=1", "~organisations.relay_race.teams.all"],
    "a forced key": ["++run.seed=5"],
    "an export that is not there": ["crm.leads=data/none.csv"],
    "an export of a CRM": ["crm.leads=data/made_up_leads.csv"],
    "an export": ["scenario=replay", "market.leads.path=data/made_up_leads.csv"],
}


@pytest.fixture(scope="module")
def points():
    return Points(FIXED, "")


@pytest.mark.parametrize("case", POINTS)
def test_a_point_is_what_its_overrides_compose_to(case, points):
    point = POINTS[case]
    try:
        expected = to_scenario(composed([*FIXED, *point]))
    except ScenarioError as refused:
        with pytest.raises(ScenarioError) as also:
            points.scenario(point)
        assert str(also.value) == str(refused)
        return
    assert points.scenario(point) == expected


def test_one_point_leaves_no_trace_in_the_next(points):
    points.scenario(POINTS["a number"])
    points.scenario(POINTS["a list"])
    assert points.scenario([]) == to_scenario(composed(FIXED))


@pytest.mark.parametrize(
    "point",
    [["market.reach.half_life_days=soon"], ["run.seed=-1"], ["run.seed=1.5"], ["mechanisms.access=perhaps"],
     ["market.reach.half_lives=3"], ["organisations.relay.handoff.sla_hours=3"], ["run=3"], ["run.engine=fast"]],
)  # fmt: skip
def test_what_is_wrong_is_refused_in_the_same_line(point, points):
    with pytest.raises(ScenarioError) as whole:
        to_scenario(composed([*FIXED, *point]))
    with pytest.raises(ScenarioError) as quick:
        points.scenario(point)
    assert "\n" not in str(quick.value)
    assert str(quick.value) == str(whole.value)


def test_settings_that_refer_to_others_are_composed(tmp_path):
    (tmp_path / "mine.yaml").write_text("run:\n  seed: ${run.replications}\n")
    points = Points(["scenario=mine"], str(tmp_path))
    assert points.scenario(["run.replications=7"]).run.seed == 7
