"""A plan beside the product of its axes, and what may not be resumed."""

import itertools

import pytest

from simulator.scenario.schema import ScenarioError
from simulator.sweeps.plan import PLAN_FILE, Plan, is_how, refuse_other, tasks

AXES = {"run.seed": ["1", "2"], "market.reach.half_life_days": ["2", "5", "9"], "scenario": ["baseline", "overload"]}


def plan(**changes):
    return Plan(**{"axes": AXES, "fixed": ["run.replications=2"], "config_dir": "", "settings": "x", **changes})


def test_jobs_are_the_product_of_the_axes_the_last_one_fastest():
    expected = list(itertools.product(*AXES.values()))
    assert plan().jobs == len(expected) == 12
    assert [plan().values(job) for job in range(12)] == expected
    assert plan().overrides(5) == ["run.replications=2", "run.seed=1", "market.reach.half_life_days=9",
                                   "scenario=overload"]  # fmt: skip
    assert plan().said(0) == "job 0: run.seed=1 market.reach.half_life_days=2 scenario=baseline"


def test_a_sweep_without_axes_is_one_job():
    assert plan(axes={}).jobs == 1 and plan(axes={}).said(0) == "job 0: nothing overridden"


def test_a_plan_is_read_as_it_was_written(tmp_path):
    (tmp_path / PLAN_FILE).write_text(plan().text())
    assert Plan.read(tmp_path) == plan()


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"axes": 3, "fixed": [], "config_dir": "", "settings": ""}', "\x00"]
)
def test_what_is_no_plan_is_refused(text, tmp_path):
    (tmp_path / PLAN_FILE).write_text(text)
    with pytest.raises(ScenarioError, match="is not what a sweep leaves"):
        Plan.read(tmp_path)


def test_a_folder_without_a_plan_is_refused(tmp_path):
    with pytest.raises(ScenarioError, match=rf"--resume must name the folder of a sweep, with its {PLAN_FILE}"):
        Plan.read(tmp_path / "none")


@pytest.mark.parametrize(
    ("axes", "fixed", "message"),
    [
        ({**AXES, "run.seed": ["1", "3"]}, ["run.replications=2"], "run.seed was swept over 1,2, got 1,3"),
        ({"run.seed": ["1", "2"]}, [], "market.reach.half_life_days was swept over 2,5,9, got nothing"),
        ({**AXES, "x.y": ["1"]}, [], "x.y was swept over nothing, got 1"),
        (AXES, ["run.replications=3"], "run.replications was 2, got 3"),
        (AXES, ["run.replications=2", "run.record=touches"], "run.record was not set, got touches"),
        (AXES, ["sweep.backend=ray"], "run.replications was 2, got nothing"),
    ],
)
def test_other_settings_are_refused_by_name(axes, fixed, message):
    with pytest.raises(ScenarioError, match=message):
        refuse_other(plan(), axes, fixed)


def test_how_jobs_run_may_change():
    refuse_other(plan(), AXES, ["run.replications=2", "sweep.backend=ray", "hydra.launcher.ray.init.address=auto"])
    assert is_how("+hydra.launcher.x=1") and is_how("run.threads=1") and not is_how("sweep.folders=true")


@pytest.mark.parametrize("size", [1, 3, 100])
def test_tasks_hold_every_job_once(size):
    parts = list(tasks(range(10), size))
    assert list(itertools.chain(*parts)) == list(range(10)) and max(map(len, parts)) <= size
