"""Sweeps that are killed, resumed, fail in part, or run elsewhere, beside one that simply runs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import simulator as sim
from simulator import cli
from simulator.questions.compare.work import compare
from simulator.results.folder import FolderError
from simulator.scenario.composing import load_scenario
from simulator.sweeps import driver, work
from simulator.sweeps.journal import DONE, FAILED, Journal, entries
from simulator.sweeps.plan import PLAN_FILE
from tests.drawing import undrawn
from tests.questions.report_pages import checked, rows, section

QUICK = ["run.replications=2", "run.warm_up_days=0", "run.cohort_days=20", "run.follow_up_days=20",
         "market.inquiries_per_year=400", "compare.organisations=[relay_race,integrated]"]  # fmt: skip
#: 3 x 2 design points.
SMALL = ["organisations.relay_race.handoff.sla_hours=4,8,40", "market.reach.half_life_days=2,5"]
#: 24 design points.
MANY = ["organisations.relay_race.handoff.sla_hours=range(1,13)", "run.seed=1,2"]
ROOT = str(Path(sim.__file__).parents[1])


def swept(folder: Path, *overrides: str) -> int:
    return cli.main(["--multirun", *QUICK, *overrides, f"hydra.sweep.dir={folder}"])


def table(folder: Path) -> bytes:
    return (folder / "sweep.parquet").read_bytes()


@pytest.fixture(autouse=True, scope="module")
def figures_undrawn() -> Iterator[None]:
    with undrawn():
        yield


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small sweep, one job after the other in this process."""
    folder = tmp_path_factory.mktemp("simple") / "sweep"
    assert swept(folder, *SMALL, "sweep.backend=serial") == 0
    return folder


def test_the_table_holds_what_each_job_finds_by_itself(simple: Path) -> None:
    rows = pd.read_parquet(simple / "sweep.parquet")
    assert sorted(rows["job"].unique()) == list(range(6))
    for job, (sla, half_life) in enumerate([(4, 2), (4, 5), (8, 2), (8, 5), (40, 2), (40, 5)]):
        own = rows[rows["job"] == job]
        keys = ("organisations.relay_race.handoff.sla_hours", "market.reach.half_life_days")
        assert set(own[keys[0]]) == {sla} and set(own[keys[1]]) == {half_life}
        if job in (1, 4):
            scenario = load_scenario(overrides=[*QUICK, f"{keys[0]}={sla}", f"{keys[1]}={half_life}"])
            alone = compare(scenario)
            merged = own.merge(alone.metrics, on=["organisation", "metric"], suffixes=("", "_alone"))
            assert len(merged) == len(own) == len(alone.metrics)
            for column in ("estimate", "ci_low", "ci_high"):
                pd.testing.assert_series_equal(
                    merged[column], merged[f"{column}_alone"], check_names=False, check_exact=True
                )
            merged = own.merge(alone.differences, on=["organisation", "metric"], suffixes=("", "_alone"))
            pd.testing.assert_series_equal(merged["difference"], merged["difference_alone"], check_names=False,
                                           check_exact=True)  # fmt: skip
            assert (own[own["organisation"] == "relay_race"]["difference"]).isna().all()


def test_a_finished_sweep_leaves_a_table_a_figure_and_what_repeats_it(simple: Path) -> None:
    assert sorted(str(path.relative_to(simple)) for path in simple.rglob("*") if path.is_file()) == [
        "config.yaml", "figures/sweep_integrated.png", "figures/sweep_integrated.svg", "jobs.csv", "manifest.json",
        "report.html", PLAN_FILE, "sweep.parquet"]  # fmt: skip
    page = checked(simple / "report.html")
    assert len(rows(section(page, "numbers").all("table")[0])) == 1 + 6
    assert "python -m simulator --multirun" in section(page, "repeat").words()
    jobs = pd.read_csv(simple / "jobs.csv")
    assert list(jobs["status"]) == [DONE] * 6 and list(jobs["job"]) == list(range(6))


@pytest.mark.parametrize(
    ("backend", "jobs_per_task"),
    [
        ("threads", 2),
        pytest.param("joblib", 2, marks=pytest.mark.long),
        pytest.param("slurm_local", 3, marks=pytest.mark.long),
    ],
)
def test_every_backend_finds_the_same_to_the_last_bit(
    backend: str, jobs_per_task: int, simple: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", ROOT)  # of workers that are processes
    assert swept(tmp_path / "sweep", *SMALL, f"sweep.backend={backend}", "sweep.workers=2",
                 f"sweep.jobs_per_task={jobs_per_task}") == 0  # fmt: skip
    assert table(tmp_path / "sweep") == table(simple)


@pytest.mark.long
def test_a_cluster_of_two_workers_finds_the_same_to_the_last_bit(simple: Path, tmp_path: Path) -> None:
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    cluster = cluster_utils.Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    try:
        cluster.add_node(num_cpus=1)
        done = run(tmp_path, "--multirun", *QUICK, *SMALL, "sweep.backend=ray", "sweep.jobs_per_task=3",
                   f"hydra.launcher.ray.init.address='{cluster.address}'", "hydra.sweep.dir=sweep")  # fmt: skip
    finally:
        cluster.shutdown()
    assert done.returncode == 0, done.stderr
    assert table(tmp_path / "sweep") == table(simple)


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "simulator", *arguments], cwd=folder, env=environment(), text=True,
                          capture_output=True, timeout=240)  # fmt: skip


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": ROOT, "RAY_DEDUP_LOGS": "0"}


def test_a_sweep_killed_in_the_middle_and_resumed_equals_one_that_was_not(tmp_path: Path) -> None:
    assert swept(tmp_path / "whole", *MANY) == 0
    command = [sys.executable, "-m", "simulator", "--multirun", *QUICK, *MANY, "hydra.sweep.dir=cut"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL) as running:  # fmt: skip
        for _ in range(6000):
            if len(entries(tmp_path / "cut")) >= 6 or running.poll() is not None:
                break
            time.sleep(0.02)
        running.kill()
    assert running.returncode == -signal.SIGKILL
    before = entries(tmp_path / "cut")
    assert 6 <= len(before) < 24, "it was killed in the middle"
    assert not (tmp_path / "cut" / "sweep.parquet").exists()
    files = {path: path.read_bytes() for path in (tmp_path / "cut" / "jobs").iterdir()}
    ran: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        real = work.compare
        patch.setattr(work, "compare", lambda *given, **named: ran.append(1) or real(*given, **named))
        patch.setattr(driver.shutil, "rmtree", lambda *_: None)  # let the journal stay, to look at it
        assert cli.main(["--resume", str(tmp_path / "cut")]) == 0
    assert len(ran) == 24 - len(before), "only what was missing ran"
    assert all(path.read_bytes() == content for path, content in files.items()), "what was done is as it was"
    assert table(tmp_path / "cut") == table(tmp_path / "whole")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[float]]:
    """Jobs whose SLA is in this set fail."""
    chosen: set[float] = set()
    real = work.compare

    def sometimes(scenario: Any, **named: Any) -> Any:
        if scenario.organisations["relay_race"].handoff.sla_hours in chosen:
            raise OverflowError("too many\nevents")
        return real(scenario, **named)

    monkeypatch.setattr(work, "compare", sometimes)
    yield chosen


def test_a_job_that_fails_stops_no_other_and_is_run_again_when_resumed(
    failing: set[float], simple: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing.add(8.0)
    assert swept(tmp_path / "sweep", *SMALL) == 1
    told = capsys.readouterr().err
    assert (
        "job 2: organisations.relay_race.handoff.sla_hours=8 market.reach.half_life_days=2: failed: too many events"
        in told
    )
    assert f"2 of 6 jobs failed (jobs.csv has all); --resume {tmp_path / 'sweep'} runs them again" in told
    assert "Traceback" not in told
    assert {job: entry.status for job, entry in entries(tmp_path / "sweep").items()} == {
        job: FAILED if job in (2, 3) else DONE for job in range(6)
    }
    assert set(pd.read_parquet(tmp_path / "sweep" / "sweep.parquet")["job"]) == {0, 1, 4, 5}
    assert list(pd.read_csv(tmp_path / "sweep" / "jobs.csv")["status"]).count(FAILED) == 2
    failing.clear()
    assert cli.main(["--resume", str(tmp_path / "sweep"), "sweep.backend=serial"]) == 0
    assert table(tmp_path / "sweep") == table(simple)


def test_an_interrupt_keeps_what_is_done_and_says_how_to_go_on(
    simple: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, count = Journal.done, iter(range(100))

    def interrupted(*given: Any) -> None:
        real(*given)
        if next(count) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "done", interrupted)
        assert swept(tmp_path / "sweep", *SMALL, "sweep.backend=serial") == 130
    told = capsys.readouterr().err
    assert f"3 of 6 jobs are done and kept; go on with --resume {tmp_path / 'sweep'}" in told
    assert cli.main(["--resume", str(tmp_path / "sweep")]) == 0
    assert table(tmp_path / "sweep") == table(simple)


def test_a_full_disk_is_one_line_and_finished_jobs_are_kept(
    simple: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, count = Journal.done, iter(range(100))

    def full(*given: Any) -> None:
        if next(count) == 2:
            raise FolderError(f"cannot write {tmp_path / 'sweep' / 'jobs'}: No space left on device")
        real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "done", full)
        assert swept(tmp_path / "sweep", *SMALL, "sweep.backend=serial") == 2
    told = capsys.readouterr().err.splitlines()
    assert told[-1] == f"error: cannot write {tmp_path / 'sweep' / 'jobs'}: No space left on device"
    assert len(entries(tmp_path / "sweep")) == 2
    assert cli.main(["--resume", str(tmp_path / "sweep")]) == 0
    assert table(tmp_path / "sweep") == table(simple)


def test_a_finished_sweep_that_is_resumed_says_again_what_it_found(
    simple: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = table(simple)
    monkeypatch.setattr(work, "compare", lambda *_, **__: pytest.fail("nothing is missing"))
    assert cli.main(["--resume", str(simple), *SMALL, *QUICK]) == 0
    assert "win rate of inquiries of 6 jobs" in capsys.readouterr().out and table(simple) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["organisations.relay_race.handoff.sla_hours=4,8", "market.reach.half_life_days=2,5", *QUICK],
         "--resume goes on with the settings of the sweep: organisations.relay_race.handoff.sla_hours was swept over "
         "4,8,40, got 4,8"),
        ([*SMALL, *QUICK[1:], "run.replications=3"],
         "--resume goes on with the settings of the sweep: run.replications was 2, got 3"),
        (["--config-dir", "."], "--resume goes on with the settings of the sweep: --config-dir was not given, got ."),
        (["sweep.backend=fast"],
         "sweep.backend must be one of serial, threads, joblib, ray, slurm, slurm_local, got 'fast'"),
    ],
)  # fmt: skip
def test_another_sweep_is_not_resumed(
    arguments: list[str], message: str, simple: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--resume", str(simple), *arguments]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_a_scenario_that_was_edited_meanwhile_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.yaml").write_text("market:\n  reach:\n    half_life_days: 3\n")
    mine = ["--config-dir", str(tmp_path), "scenario=mine", "sweep.backend=serial"]
    assert cli.main(["--multirun", *mine, *QUICK, "run.seed=1,2", f"hydra.sweep.dir={tmp_path / 'sweep'}"]) == 0
    (tmp_path / "mine.yaml").write_text("market:\n  reach:\n    half_life_days: 4\n")
    capsys.readouterr()
    assert cli.main(["--resume", str(tmp_path / "sweep")]) == 2
    assert capsys.readouterr().err == (
        "error: --resume needs the settings that the sweep was begun with: "
        "market.reach.half_life_days was 3.0, is 4.0\n"
    )


def test_two_processes_do_not_run_one_sweep(simple: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with driver._alone(simple):
        assert cli.main(["--resume", str(simple)]) == 2
    assert capsys.readouterr().err == f"error: {simple} is being run by another process\n"


def test_jobs_of_other_studies_leave_folders_and_their_conclusions_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["study=ablation", "study.ablation.metrics=[wins]", "study.ablation.mechanisms=[access]", "run.seed=1,2"]
    assert swept(tmp_path / "sweep", *asked) == 0
    said = capsys.readouterr().out
    for job in (0, 1):
        assert (tmp_path / "sweep" / str(job) / "manifest.json").is_file()
        assert f"job {job}: run.seed={job + 1}" in said
    assert pq.read_table(tmp_path / "sweep" / "sweep.parquet").num_rows == 0


def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from simulator.sweeps import backends

    monkeypatch.setattr(backends, "find_spec", lambda _: None)
    assert swept(tmp_path / "sweep", *SMALL, "sweep.backend=ray") == 2
    assert "sweep.backend=ray needs the extra ray, which is not installed: pip install 'buyer-journeys[ray]'" in (
        capsys.readouterr().err
    )


def test_a_job_that_nobody_finished_is_not_taken_for_done(
    simple: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker that dies without a word leaves no line in the journal: neither done nor failed."""
    real = driver.run_jobs
    with monkeypatch.context() as patch:
        patch.setattr(driver, "run_jobs", lambda plan, jobs, *more: real(plan, jobs[:-2], *more))
        assert swept(tmp_path / "sweep", *SMALL, "sweep.backend=serial") == 1
    assert "0 of 6 jobs failed, 2 were never finished" in capsys.readouterr().err
    assert list(pd.read_csv(tmp_path / "sweep" / "jobs.csv")["status"]) == [DONE] * 4 + ["missing"] * 2
    assert cli.main(["--resume", str(tmp_path / "sweep")]) == 0
    assert table(tmp_path / "sweep") == table(simple)


@pytest.mark.parametrize(("backend", "threads", "expected"), [("serial", 2, 2), ("threads", 1, 1), ("joblib", 1, 1)])
def test_jobs_side_by_side_have_a_thread_each(
    backend: str, threads: int, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a job's replications may take is what is left of the cores."""
    seen: list[int] = []
    real = work.compare
    monkeypatch.setattr(work, "compare", lambda scenario: seen.append(scenario.run.threads) or real(scenario))
    monkeypatch.setattr(driver, "run_in_tasks", lambda plan, jobs, folder, sweep, how, within: seen.append(within))
    swept(tmp_path / "sweep", "run.seed=1,2", f"sweep.backend={backend}", f"run.threads={threads}")
    assert set(seen) == {expected}


def test_a_folder_with_a_space_and_a_quote_in_its_name_is_no_hindrance(
    simple: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = [*QUICK, *SMALL, "sweep.backend=joblib", "sweep.workers=1", "sweep.jobs_per_task=6"]
    assert cli.main(["--multirun", *asked, 'hydra.sweep.dir="it\'s a sweep"']) == 0
    assert table(tmp_path / "it's a sweep") == table(simple)
