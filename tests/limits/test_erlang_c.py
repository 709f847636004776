"""Erlang C: the mean wait of M/M/c. Error bound: what chance exceeds once in 10,000 (over
replications, by Student's t), and a stated share of the theory's value."""

import math
import re

import pandas as pd
import pytest

from simulator import cli
from simulator.questions.limits.queues import lines
from simulator.questions.limits.theory import erlang_c_wait, relaxation_time
from tests.limits.points import assert_agrees, found, rejects, shipped

WAITED, WAIT = "leads that must wait", "mean wait of those served"


def point(load, servers, days, *more):
    return found(
        "erlang_c", "compare.organisations=[pool]", f"organisations.pool.roles.sdr.headcount={servers}",
        f"market.inquiries_per_year={load * servers * 8760}", f"run.cohort_days={days}", *more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("load", "servers", "days", "within"),
    [
        (0.5, 1, 600, 0.04),
        *(
            pytest.param(*more, marks=pytest.mark.long)
            for more in [(0.5, 2, 300, 0.05), (0.8, 1, 1200, 0.07), (0.8, 2, 600, 0.07), (0.8, 5, 240, 0.07)]
        ),
    ],
)
def test_the_mean_wait_is_that_of_theory(load, servers, days, within):
    finding = point(load, servers, days)
    assert_agrees(finding, within, [WAIT, WAITED])
    row, queue = finding.row("pool", WAIT), lines(finding.scenario, "pool")[0]
    assert row.theory == pytest.approx(erlang_c_wait(load * servers, 1.0, servers))
    for mutated in (
        erlang_c_wait(queue.arrival_rate, 1.15, servers),
        erlang_c_wait(queue.arrival_rate, 0.88, servers),
        erlang_c_wait(queue.arrival_rate * 1.1, 1.0, servers),
        erlang_c_wait(queue.arrival_rate, 1.0, servers + 1),
    ):
        assert rejects(row, mutated), mutated


@pytest.mark.long
def test_a_heavy_load_needs_a_longer_run():
    finding = point(0.95, 5, 300, "run.warm_up_days=70")
    assert_agrees(finding, 0.2, [WAIT])
    assert rejects(finding.row("pool", WAIT), erlang_c_wait(4.75, 1.06, 5))


@pytest.mark.long
@pytest.mark.parametrize("servers", [1, 2, 5])
def test_a_heavy_load_in_full(servers):
    days = 7200 // servers
    finding = point(0.95, servers, days, "run.warm_up_days=330", "run.replications=60")
    assert_agrees(finding, 0.06, [WAIT])


@pytest.mark.long
def test_other_minutes_of_work():
    finding = point(
        0.8, 2, 200, "market.inquiries_per_year=28032", "organisations.pool.effort.qualify_minutes=30",
        "organisations.pool.effort.unanswered_minutes=30",
    )  # fmt: skip
    assert_agrees(finding, 0.06, [WAIT])
    assert finding.row("pool", WAIT).theory == pytest.approx(8 / 9)


def test_two_lines_wait_4_00_hours_where_one_waits_1_78():
    finding = found("erlang_c", "run.cohort_days=300")
    assert_agrees(finding, 0.07, [WAIT])
    pods, pool = finding.row("pods", WAIT), finding.row("pool", WAIT)
    assert (pods.theory, pool.theory) == (pytest.approx(4.0), pytest.approx(16 / 9))
    assert rejects(pods, pool.theory) and rejects(pool, pods.theory)
    assert "pods (2 lines of 1, load 0.80)" in finding.sentence and "all 4 rows agree" in finding.sentence


@pytest.mark.long  # docking holds both engines together in every run of the suite
def test_on_the_reference_engine():
    finding = point(0.5, 1, 30, "run.engine=reference", "run.warm_up_days=4", "run.follow_up_days=3")
    assert_agrees(finding, 0.25, [WAIT, WAITED])
    assert rejects(finding.row("pool", WAIT), erlang_c_wait(0.5, 1.25, 1))


def test_what_leaves_the_limit_is_said():
    finding = point(0.5, 1, 30, "run.replications=2", "organisations.pool.effort.spread=0.5", "run.warm_up_days=0")
    assert any("effort.spread is 0.5, where the formula assumes 1.0" in note for note in finding.notes)
    assert any("run.warm_up_days is 0" in note for note in finding.notes)
    assert "Mean wait of a lead that was served: " in finding.sentence
    overloaded = point(1.2, 1, 30, "run.replications=2", "run.follow_up_days=0")
    assert overloaded.row("pool", WAIT).theory == math.inf and not overloaded.agrees
    assert any("is overloaded" in note for note in overloaded.notes)
    assert any("still wait at the end" in note for note in overloaded.notes)


@pytest.mark.parametrize("load", [0.3, 0.5, 0.6, 0.7])
def test_the_days_that_are_too_few_are_never_said_to_be_enough(load):
    days = math.floor(5 * relaxation_time(load, 1.0, 1) / 24)
    finding = point(load, 1, 5, "run.replications=1", f"run.warm_up_days={days}", "run.follow_up_days=1")
    [note] = [note for note in finding.notes if "to forget" in note]
    says, has = (int(n) for n in re.findall(r"needs (\d+) days.*warm_up_days is (\d+)", note)[0])
    assert says == has + 1


def test_fixed_service_times_are_rejected():
    """M/D/1 waits half as long as M/M/1: the test would see a service time that is not exponential."""
    row = point(0.8, 1, 300, "organisations.pool.effort.spread=0").row("pool", WAIT)
    assert not row.agrees and row.simulated == pytest.approx(2.0, rel=0.05)


def test_one_replication_states_no_bound():
    finding = point(0.5, 1, 30, "run.replications=1")
    assert finding.row("pool", WAIT).agrees is None and "set run.replications" in finding.sentence


def test_the_command_line_prints_theory_beside_simulation(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")  # the program sets it: put back afterwards
    assert cli.main(["scenario=limits/erlang_c", "organisations.pool.roles.sdr.headcount=3", "run.replications=5",
                     "run.cohort_days=60", "run.warm_up_days=30"]) == 0  # fmt: skip
    printed = capsys.readouterr().out
    assert shipped("erlang_c").question in printed
    heading, *lines = [line for line in printed.splitlines() if line.startswith(("organisation", "pods", "pool"))]
    assert heading.split() == ["organisation", "quantity", "unit", "theory", "simulated", "apart", "allowed", "agrees"]
    assert len(lines) == 2 and "0.8" in lines[0]
    folder = next((tmp_path / "outputs" / "limits" / "erlang_c").iterdir())
    assert sorted(path.name for path in folder.iterdir()) == [
        "conclusion.txt",
        "config.yaml",
        "limit.csv",
        "manifest.json",
        "report.html",
    ]
    table = pd.read_csv(folder / "limit.csv")
    assert list(table["theory"]) == pytest.approx([0.8, 4.0, 0.27377, 0.19555], rel=1e-3)
