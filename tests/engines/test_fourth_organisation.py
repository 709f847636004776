"""A fourth organisation, added by a user as YAML alone: a pod per segment, each with people of its own."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import simulator as sim
from simulator.engines.report import differences
from simulator.model.words import NOBODY, ROLES, Role
from simulator.scenario.scenario import Scenario

PODS = """
description: "Pods: a small team for each segment"
access: { education: marketer, solution: marketer, selection: sdr }
handoff: { routing_hours: 0.5, pickup_hours: 2, sla_hours: 4, context_kept: 0.95 }
consistency: { contradiction_chance: 0.05 }
definition: { agreement: 0.9 }
recycling: { share: 0.6 }
support: { share: 0.3 }
coordination: { hours_per_teammate_week: 0.25 }
roles:
  marketer: { headcount: 3 }
  sdr: { headcount: 3 }
  rep: { headcount: 4 }
teams:
  smaller: { segments: [small], marketers: 1, sdrs: 1, reps: 1 }
  middle: { segments: [medium], marketers: 1, sdrs: 1, reps: 2 }
  larger: { segments: [large], marketers: 1, sdrs: 1, reps: 1 }
"""

QUESTION = """
question: Would a pod for each segment do better than one team?
defaults:
  - baseline
  - override /organisation: [relay_race, integrated, pods]
  - _self_
run: { warm_up_days: 0, cohort_days: 90, follow_up_days: 30, replications: 3 }
compare: { equal_payroll: false } # one SDR more
"""


@pytest.fixture(scope="module")
def own_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.mktemp("own")
    for folder, name, text in (("organisation", "pods", PODS), ("scenario", "pods_or_not", QUESTION)):
        (own / folder).mkdir()
        (own / folder / f"{name}.yaml").write_text(text)
    return own


@pytest.fixture
def spoilt_folder(own_folder: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(own_folder, tmp_path / "own"))


@pytest.fixture
def scenario(own_folder: Path) -> Scenario:
    return sim.load_scenario("pods_or_not", config_dir=own_folder)


def test_it_is_loaded_beside_the_shipped_ones(scenario: Scenario) -> None:
    assert list(scenario.organisations) == scenario.compared() == ["relay_race", "integrated", "pods"]
    pods = scenario.organisations["pods"]
    assert list(pods.teams) == ["smaller", "middle", "larger"] and pods.access.selection == "sdr"


def test_it_can_be_added_to_a_shipped_scenario(own_folder: Path) -> None:
    added = sim.load_scenario("overload", ["+organisation@organisations.pods=pods"], config_dir=own_folder)
    assert list(added.organisations) == ["relay_race", "aligned", "integrated", "pods"]


@pytest.mark.parametrize("seed", [1, 2])
def test_both_engines_run_it_and_agree(scenario: Scenario, seed: int) -> None:
    compiled, reference = (
        sim.simulate(scenario, "pods", seed=seed, engine=engine, record="touches")
        for engine in ("compiled", "reference")
    )
    assert differences(reference.report, compiled.report) == []
    assert compiled.events > 3000


def test_a_pod_serves_its_own_segment_only(scenario: Scenario) -> None:
    result = sim.simulate(scenario, "pods", seed=1, record="touches")
    setup, log, history = result.setup, result.report.log, result.report.history
    segments = list(scenario.market.segments)
    teams = scenario.organisations["pods"].teams
    team_of = [next(t for t, team in enumerate(teams.values()) if segment in team.segments) for segment in segments]
    rows = log[log["person"] != NOBODY]
    served = np.array(team_of)[history["segment"][rows["buyer"]]]
    assert (setup.person_team[rows["person"]] == served).all()
    met = {(int(setup.person_team[p]), int(setup.person_role[p])) for p in rows["person"]}
    assert met == {(team, role) for team in range(len(teams)) for role in Role}  # each pod, each of its roles


def test_its_tables_name_its_teams(scenario: Scenario) -> None:
    result = sim.simulate(scenario, "pods", seed=1)
    people = result.people.groupby("team", sort=False)["role"].value_counts().unstack()
    assert people.loc["middle"].to_dict() == {"marketer": 1, "sdr": 1, "rep": 2}
    assert len(result.people) == 10 and len(result.queues) == 3 * ROLES + 10
    assert {"smaller marketers", "middle sdrs", "larger owner", "rep 9"} <= set(result.queues["queue"])
    used = result.queues.set_index("queue")["joined"]
    assert (used[["smaller sdrs", "middle sdrs", "larger sdrs"]] > 0).all()


def test_its_buyers_are_those_of_the_other_organisations(scenario: Scenario) -> None:
    fixed = ["channel", "segment", "complexity", "fit", "deal_value_usd", "arrived_at"]
    names = ("relay_race", "pods")
    one, other = (sim.simulate(scenario, name, seed=1).journeys.set_index("buyer")[fixed] for name in names)
    both = one.index.intersection(other.index)  # its budget may bring others as well
    assert len(both) > 0.8 * len(one) and one.loc[both].equals(other.loc[both])


def test_it_is_compared_with_the_others(scenario: Scenario) -> None:
    found = sim.compare(scenario)
    assert found.organisations == ("relay_race", "integrated", "pods") and found.baseline == "relay_race"
    assert set(found.differences["organisation"]) == {"integrated", "pods"}
    assert found.payrolls()["pods"] > found.payrolls()["integrated"]
    inquiries = {name: found.total(name, "inquiries") for name in found.organisations}
    assert min(inquiries.values()) > 500
    single = sim.simulate(scenario, "pods", seed=scenario.run.seed, replication=2)
    kept = []
    sim.compare(scenario, organisations=["pods"], keep=kept.append)
    assert differences(kept[2].report, single.report) == []


def test_pods_that_forget_a_segment_are_refused(spoilt_folder: Path) -> None:
    file = spoilt_folder / "organisation" / "pods.yaml"
    file.write_text(PODS.replace("[large]", "[]"))
    with pytest.raises(sim.ScenarioError, match=r"organisations\.pods\.teams.*'large' 0 times"):
        sim.load_scenario("pods_or_not", config_dir=spoilt_folder)


def test_pods_with_more_people_than_the_roles_say_are_refused(spoilt_folder: Path) -> None:
    file = spoilt_folder / "organisation" / "pods.yaml"
    file.write_text(PODS.replace("reps: 2", "reps: 3"))
    with pytest.raises(sim.ScenarioError, match=r"organisations\.pods"):
        sim.load_scenario("pods_or_not", config_dir=spoilt_folder)
