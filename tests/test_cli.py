"""What a user types, and what comes back: exit code, one line, and folders."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hydra._internal.config_loader_impl import ConfigLoaderImpl

from simulator import cli
from simulator.questions import registry as reporting
from simulator.scenario import composition_cache
from simulator.scenario.composing import dump_yaml, load_scenario
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.sweeps.plan import Plan

Ran = list[tuple[Scenario, Path]]


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """The runs that were asked for; nothing is simulated."""
    runs: Ran = []

    def run_and_report(scenario: Scenario, folder: Path) -> None:
        runs.append((scenario, folder))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(dump_yaml(scenario), encoding="utf-8")

    monkeypatch.setattr(reporting, "run_and_report", run_and_report)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")  # the program sets it: put back afterwards
    monkeypatch.chdir(tmp_path)
    return runs


@pytest.fixture
def refuse(ran: Ran, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Type what must be refused; returns the line, and checks that nothing ran or was left."""

    def typed(*arguments: str) -> str:
        before = sorted(Path.cwd().rglob("*"))
        assert cli.main(arguments) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1 and err.startswith("error: ")
        assert not ran and sorted(Path.cwd().rglob("*")) == before
        return err[len("error: ") : -1]

    return typed


def test_a_run_composes_what_was_typed(ran: Ran) -> None:
    arguments = ["scenario=enterprise", "organisations.relay_race.handoff.sla_hours=4"]
    arguments += ["compare.organisations=[relay_race,integrated]", "run.replications=20", "run.seed=7"]
    assert cli.main(arguments) == 0
    [(scenario, folder)] = ran
    assert scenario == load_scenario(overrides=arguments)
    assert folder.parent == Path.cwd() / "outputs" / "enterprise"
    assert [file.name for file in folder.iterdir()] == ["config.yaml"], "Hydra must leave nothing of its own"


def test_runs_never_share_a_folder(ran: Ran) -> None:
    assert cli.main([]) == cli.main([]) == 0
    assert cli.main(["--repeat", str(ran[0][1])]) == 0
    assert cli.main(["--repeat", str(ran[0][1] / "config.yaml")]) == 0
    assert len({folder for _, folder in ran}) == 4
    assert all(scenario == ran[0][0] for scenario, _ in ran)


def test_a_sweep_runs_every_job_in_its_own_folder(ran: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scenario=baseline,overload", "--multirun", "run.seed=1,2", "sweep.folders=true"]) == 0
    assert [(scenario.name, scenario.run.seed) for scenario, _ in ran] == [
        ("baseline", 1), ("baseline", 2), ("overload", 1), ("overload", 2)]  # fmt: skip
    assert [folder.name for _, folder in ran] == ["0", "1", "2", "3"]
    assert len({folder.parent for _, folder in ran}) == 1 and ran[0][1].parent.parent.name == "sweeps"
    assert "job 3: scenario=overload run.seed=2" in capsys.readouterr().out


def test_a_single_run_composes_its_settings_once(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition_cache, "_kept", {})
    composed, load = [], ConfigLoaderImpl.load_configuration

    def counted(*given: Any, **named: Any) -> Any:
        composed.append(named.get("overrides"))
        return load(*given, **named)

    monkeypatch.setattr(ConfigLoaderImpl, "load_configuration", counted)
    assert cli.main(["scenario=enterprise", "run.seed=7"]) == 0
    assert composed == [["scenario=enterprise"]] and ran[0][0].run.seed == 7  # values are set on what choices make


def test_hydras_own_settings_hold_for_a_single_run(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        reporting, "run_and_report", lambda scenario, folder: seen.append((Path.cwd(), os.environ["X"]))
    )
    here = Path.cwd()
    own = ["hydra.output_subdir=hydra", "hydra.job.chdir=true", "+hydra.job.env_set.X=1", "hydra.run.dir=mine/${name}"]
    assert cli.main([*own, "run.seed=7"]) == 0
    assert seen == [(here / "mine" / "baseline", "1")] and Path.cwd() == here and "X" not in os.environ
    written = here / "mine" / "baseline" / "hydra"
    assert {file.name for file in written.iterdir()} == {"config.yaml", "hydra.yaml", "overrides.yaml"}
    assert (written / "overrides.yaml").read_text() == "- run.seed=7\n"


def test_a_scenario_that_carries_a_sweep_is_swept(ran: Ran) -> None:
    Path("mine").mkdir()
    Path("mine", "swept.yaml").write_text("hydra: {mode: MULTIRUN, sweeper: {params: {run.seed: '5,6'}}}\n")
    assert cli.main(["--config-dir", "mine", "scenario=swept", "sweep.folders=true"]) == 0
    assert [scenario.run.seed for scenario, _ in ran] == [5, 6]


def test_a_scenario_is_run_swept_and_shown_by_its_file(ran: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    Path("my folder").mkdir()
    Path("my folder", "mine.yaml").write_text("run: {seed: 5}\n")
    named = "scenario=my folder/mine.yaml"
    assert cli.main([named, "run.replications=2"]) == 0
    assert (ran[0][0].name, ran[0][0].run.seed, ran[0][1].parent) == ("mine", 5, Path.cwd() / "outputs" / "mine")
    assert cli.main(["--multirun", "hydra.sweep.dir=sweep", named, "run.seed=7", "sweep.folders=true"]) == 0
    plan = Plan.read(Path("sweep"))
    assert (plan.fixed[0], plan.config_dir) == ("scenario=mine", str(Path("my folder").absolute()))
    assert (ran[1][0].name, ran[1][0].run.seed) == ("mine", 7)
    capsys.readouterr()
    assert cli.main(["--cfg", "job", named, "--resolve"]) == 0
    assert "name: mine\n" in capsys.readouterr().out and len(ran) == 2


def test_a_workshop_takes_a_scenarios_file(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.yaml").write_text("defaults: [workshop, _self_]\nrun: {seed: 5}\n")
    served: list[tuple[Scenario, list[str]]] = []
    server = SimpleNamespace(serve=lambda *given: served.append(given))
    monkeypatch.setitem(sys.modules, "simulator.workshop.server", server)  # the real one brings a web server
    assert cli.main(["workshop", "scenario=mine.yaml"]) == 0
    assert (served[0][0].name, served[0][0].run.seed) == ("mine", 5)
    assert served[0][1] == ["--config-dir", str(Path.cwd()), "scenario=mine"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scenario=nope"], "unknown scenario 'nope' (there are baseline,"),
        (["scenario=x/nope.yaml"], "scenario must name a file that is there, got 'x/nope.yaml'"),
        (["--multirun", "scenario=baselin.yaml,overload"], "got 'baselin.yaml': did you mean scenario=baseline?"),
        (["run.seed=-1"], "run.seed must lie in"),
        (["+foo=1"], "unknown key foo"),
        (["--multirun", "run.seed=1,2,-3"], "run.seed must lie in"),
        (["--multirun", "run.seed=1,2", "scenario=baseline,nope"], "unknown scenario 'nope'"),
        (["run.seed=1,2"], "add --multirun"),
        (["--foo"], "unrecognized arguments: --foo (see --help)"),
        (["--cfg", "jb"], "argument --cfg/-c: invalid choice: 'jb'"),
        (["--cfg", "job", "run.sed=1"], "unknown key run.sed: did you mean run.seed?"),
        (["--cfg", "job", "--multirun"], "exclude each other"),
        (["--config-dir", "nowhere"], "--config-dir must name a folder, got 'nowhere'"),
        (["--config-name", "x"], "--config-name and --config-path are not used"),
        (["--keys", "slahours"], "no key has 'slahours' in its name or meaning: did you mean sla_hours?"),
        (["--repeat", "nowhere"], "--repeat must name the folder of a run, with its config.yaml, got 'nowhere'"),
        (["--repeat", ".", "run.seed=1"], "--repeat runs a folder's config.yaml as it is"),
        (["organisations.aligned.roles.rep.headcount=9"], "compare.equal_payroll must be false when"),
        (["study=ablation", "run.replications=1"], "run.replications must be at least 2 for study=ablation"),
        (["study=ablation", "compare.organisations=[aligned]"], "compare.organisations must name at least two"),
        (["--multirun", "study=ablation", "study.ablation.metrics=[wins],[winz]"], "'winz': did you mean wins?"),
        (["scenario=replay", "market.leads.path=none.csv"], "market.leads.path must name a file, got 'none.csv'"),
        (["scenario=replay", "run.cohort_days=2"], "run.cohort_days must reach the first lead on 2025-01-09, got 2"),
        (["hydra.run.dir=/dev/null/x"], "cannot write /dev/null/x: Not a directory"),
        (["hydra.run.dir=/dev/null"], "/dev/null must be a folder for results, got a file"),
        (["hydra.run.dir=" + 300 * "x"], "File name too long"),
        (["--experimental-rerun", "x"], "--experimental-rerun is not used: say --repeat FOLDER"),
        (["--shell-completion"], "--shell-completion must say what to do"),
        (["workshop", "--multirun"], "workshop takes settings only"),
        (["workshop", "nonsense"], "cannot read 'nonsense'"),
        (["workshop", "workshop.port=99999"], "workshop.port must lie in [0, 65,535], got 99999"),
        (["workshop", "workshop.host=192.0.2.1"], "workshop.host must be an address of this machine, got '192.0.2.1'"),
        (["workshop", "scenario=enterprise"], "workshop.levers must name at least one lever, got none"),
        (["--multirun", "run.seed=range(0,0)"], "run.seed=range(0,0) gives no value to sweep over"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_runs(
    arguments: list[str], message: str, refuse: Callable[..., str]
) -> None:
    assert message in refuse(*arguments)


def test_a_workshop_at_a_port_in_use_is_refused(refuse: Callable[..., str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"workshop.port must be one that nothing else listens at, 0 takes one, got {port}" in refuse(
            "workshop", f"workshop.port={port}"
        )


def test_results_are_never_overwritten(refuse: Callable[..., str]) -> None:
    Path("mine").mkdir()
    Path("mine", "metrics.csv").touch()
    message = "mine holds results, and nothing is overwritten: name a new folder"
    assert refuse("hydra.run.dir=mine") == message
    assert refuse("--multirun", "hydra.sweep.dir=mine", "run.seed=1,2") == message


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_without_permission_is_refused(refuse: Callable[..., str]) -> None:
    Path("locked").mkdir(mode=0o500)
    assert refuse("hydra.run.dir=locked/x") == "cannot write locked/x: Permission denied"


@pytest.mark.parametrize(
    ("fault", "code", "line"),
    [
        (ScenarioError("too many events"), 2, "error: too many events"),
        (KeyboardInterrupt(), 130, "interrupted: the run under way left no results"),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
    ],
)
def test_a_run_that_ends_early_says_so_in_one_line_and_leaves_no_folder(
    fault: BaseException,
    code: int,
    line: str,
    ran: Ran,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(scenario: Scenario, folder: Path) -> None:
        raise fault

    monkeypatch.setattr(reporting, "run_and_report", fails)
    assert cli.main(["run.seed=5"]) == code
    err = capsys.readouterr().err
    assert line in err and err.count("\n") == 1
    assert not list(Path("outputs", "baseline").iterdir())


def test_a_fault_of_our_own_is_not_hidden(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(scenario: Scenario, folder: Path) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(reporting, "run_and_report", fails)
    with pytest.raises(ValueError, match="a bug"):
        cli.main([])


def test_help_lists_scenarios_with_their_questions_also_a_users(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text("# @package _global_\n# Is it mine?\n")
    assert cli.main(["--help", "--config-dir", str(tmp_path), "scenario=none.yaml"]) == 0
    text = capsys.readouterr().out
    for name in ("baseline", "enterprise", "overload", "replay", "transactional"):
        assert f"  {name} " in text and load_scenario(name).question in text
    assert "Is it mine?" in text and "organisation=[" in text
    for study in ("compare", "ablation", "calibrate_defaults"):
        assert f"  {study} " in text
    assert "What does each mechanism alone, and each one left out, do to the gap" in text


def test_keys_say_range_default_meaning_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--keys", "half_life_days"]) == 0
    assert capsys.readouterr().out.startswith("market.reach.half_life_days\n    time in which half of unserved buyers")
    assert cli.main(["--keys"]) == 0
    out = capsys.readouterr().out
    assert "run.engine\n    which engine (compiled, reference; default compiled" in out
    assert 'empty compares organisations ("", null,' in out
    assert cli.main(["--keys", "study"]) == 0
    assert "study.ablation.metrics\n" in capsys.readouterr().out


def _typed(*arguments: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    root = str(Path(cli.__file__).parents[1])
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, "PYTHONPATH": root, **environment}, capture_output=True, text=True
    )


def test_the_program_from_another_folder(tmp_path: Path) -> None:
    refused = _typed("-m", "simulator", "run.seed=x", cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "error: run.seed must be a whole number, got 'x'\n"
    assert not list(tmp_path.iterdir())
    version = _typed("-m", "simulator", "--version", cwd=tmp_path)
    assert version.returncode == 0 and version.stdout.startswith("buyer-journeys ")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.long
def test_a_sweep_that_is_killed_leaves_nothing_half_written(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "simulator", "--multirun", "hydra.sweep.dir=sweep", "run.replications=1,100000"]
    command += ["run.cohort_days=5", "run.warm_up_days=0", "run.follow_up_days=5", "run.record=touches"]
    command += ["sweep.folders=true"]
    environment = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        for _ in range(1200):
            written = (tmp_path / "sweep" / "1").glob(".*.parquet.partial")
            if len(list(written)) == 3 or running.poll() is not None:
                break
            time.sleep(0.1)
        running.terminate()
        _, err = running.communicate(timeout=60)
    assert running.returncode == 143
    assert err.endswith("terminated: the run under way left no results\n") and "Traceback" not in err
    assert not (tmp_path / "sweep" / "1").exists() and not list(tmp_path.rglob(".*"))
    assert (tmp_path / "sweep" / "0" / "manifest.json").exists(), "the job that was done stays"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_run_unless_it_is_to_be_ignored(
    sent: signal.Signals, code: int, ran: Ran, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reporting, "run_and_report", lambda scenario, folder: signal.raise_signal(sent))
    usual = signal.getsignal(sent)
    try:
        for before, expected in ((signal.SIG_DFL, code), (signal.SIG_IGN, 0)):  # nohup has a signal ignored
            signal.signal(sent, before)
            assert cli.main([]) == expected
            assert signal.getsignal(sent) == before
    finally:
        signal.signal(sent, usual)
    assert capsys.readouterr().err == "terminated: the run under way left no results\n"


def test_a_terminal_without_our_characters_gets_others(tmp_path: Path) -> None:
    done = _typed(
        "-c", "import sys; from simulator.cli import main; main(['--version']); print('±')", cwd=tmp_path,
        PYTHONIOENCODING="ascii", PYTHONUTF8="0",
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, "?")


def test_tab_completion_answers_without_heavy_imports(tmp_path: Path) -> None:
    code = (
        "import sys; from simulator.cli import main\n"
        "try: main(['-sc', 'query=bash'])\n"
        "finally: print('heavy:', *{'numba', 'mesa', 'pandas', 'matplotlib', 'numpy'} & set(sys.modules))"
    )
    done = _typed("-c", code, cwd=tmp_path, COMP_LINE="buyer-journeys scenario=ov")
    assert done.stdout.split("\n")[:2] == ["scenario=overload", "heavy:"]


def test_a_sweep_runs_the_jobs_that_can_run(ran: Ran, capsys: pytest.CaptureFixture[str]) -> None:
    headcount = "organisations.relay_race.roles.sdr.headcount"
    asked = ["--multirun", "sweep.folders=true", "hydra.sweep.dir=sweep", "market.inquiries_per_year=100,200"]
    assert cli.main([*asked, f"{headcount}=0,2"]) == 1
    assert [(scenario.market.inquiries_per_year, folder.name) for scenario, folder in ran] == [(100, "1"), (200, "3")]
    said = capsys.readouterr().err
    assert (
        f"2 of 4 jobs cannot run, the others do; market.inquiries_per_year=100 {headcount}=0: {headcount} must" in said
    )
    failed = [line for line in Path("sweep", "jobs.csv").read_text().splitlines() if ",failed," in line]
    assert [line[:8] for line in failed] == ["0,100,0,", "2,200,0,"]


def test_a_sweep_of_which_no_job_can_run_is_refused(refuse: Callable[..., str]) -> None:
    headcount = "organisations.relay_race.roles.sdr.headcount"
    said = refuse("--multirun", "market.inquiries_per_year=100,200", f"{headcount}=0,3")
    assert said.startswith(
        f"none of the jobs can run, market.inquiries_per_year=100 {headcount}=0: {headcount} must be at"
    )
