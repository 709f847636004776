"""Files that are passed around: they set values, and can neither run code, nor reach elsewhere, nor keep us busy."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator import cli
from simulator.leads.replay import read_leads
from simulator.scenario import given_files
from simulator.scenario.composing import axes_of, composed, load_config_file, load_scenario
from simulator.scenario.given_files import MOST_BYTES, read_settings
from simulator.scenario.schema import ScenarioError
from simulator.sweeps.plan import PLAN_FILE, Plan

#: 306 bytes that stand for 9^9 words.
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(9 * [f'*{before}'])}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

#: Text of a file -> what its refusal holds.
REFUSED = {
    "hydra: {callbacks: {x: {_target_: joblib.load, filename: evil.pkl}}}": "must not choose code to run, got the key "
    "hydra.callbacks.x._target_",
    "market: {_target_: os.system}": "must not choose code to run, got the key market._target_",
    "workshop: {levers: {x: {options: {a: [{_target_: os.system}]}}}}": "must not choose code to run",
    "hydra: {callbacks: {}}": "must not set hydra.callbacks: of Hydra a file may set hydra.mode and",
    "hydra: {output_subdir: ../../up}": "must not set hydra.output_subdir",
    "hydra: {run: {dir: /tmp/elsewhere}}": "must not set hydra.run.dir",
    "hydra: {sweep: {dir: ../up, subdir: ..}}": "must not set hydra.sweep.dir",
    "hydra: {searchpath: [file:///tmp]}": "must not set hydra.searchpath",
    "hydra: {job_logging: {handlers: {x: {(): os.system}}}}": "must not set hydra.job_logging",
    "hydra: {sweeper: {max_batch_size: 1}}": "must not set hydra.sweeper.max_batch_size",
    "hydra: 3": "must not set hydra:",
    "hydra: {mode: MULTIRUN, sweeper: {params: {+hydra.callbacks.x: '1,2'}}}": "must not sweep over hydra.callbacks.x",
    "hydra: {sweeper: {params: {hydra/launcher: 'joblib,basic'}}}": "must not sweep over hydra/launcher",
    "hydra: {mode: MULTIRUN, sweeper: {params: {market._target_: 'a,b'}}}": "must not choose code to run",
    "# @package hydra\ncallbacks: {}": "must not be mounted at hydra",
    "# @package hydra.run\ndir: /tmp/x": "must not be mounted at hydra.run",
    "defaults: [override /hydra/launcher: joblib]": "how Hydra runs is chosen on the command line, not in a file",
    "defaults: [/hydra/launcher@hydra.launcher: joblib]": "how Hydra runs is chosen on the command line",
    "defaults: [/market@hydra.callbacks: enterprise]": "how Hydra runs is chosen on the command line",
    "defaults: [/hydra/launcher/joblib]": "how Hydra runs is chosen on the command line",
    "question: ${oc.env:HOME}": "must refer to other settings only, as in ${run.seed}, got '${oc.env:HOME}' for",
    "question: '${ oc.decode:${oc.env:HOME}}'": "must refer to one other setting in a text at most, got 2",
    "question: ${name}${name}": "must refer to one other setting in a text at most, got 2 for question",
    "question: '${hydra:runtime.cwd}'": "must refer to other settings only",
    "question: '\\\\${name}${name}'": "must refer to one other setting",
    BOMB: "keys and values once its aliases (*name) are followed, got 490,329,064",
    "a: &a {x: &b [y]}\nb: {<<: [" + ",".join(30_000 * ["*a"]) + "]}": "must have at most 30,000 keys and values",
    "a: &a [*a]": "a file names itself, directly or by way of another, or is nested too deeply",
    "a: " + 5_000 * "[": "nested too deeply",
    "question: " + MOST_BYTES * "x": f"must name a file of at most {MOST_BYTES:,} bytes, got",
    "run: {seed: 1}\nrun: {seed: 2}": "duplicate key run",
    "run:\n\tseed: 1": "not valid YAML",
    "run: !!python/object/apply:os.system [x]": "not valid YAML",
    "[1, 2]": "must hold keys with values",
}


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Compose a file and return why it is refused; nothing may be made from what YAML holds, however it expands."""
    monkeypatch.chdir(tmp_path)

    def refused(text: str | bytes) -> str:
        file = tmp_path / "mine.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ScenarioError) as given:
            load_scenario(file)
        assert ("\n" not in str(given.value) and "mine" in str(given.value)) or "nested" in str(given.value)
        return str(given.value)

    return refused


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40])
def test_a_file_sets_values_and_nothing_else(text: str, refusal: Callable[..., str]) -> None:
    assert REFUSED[text] in refusal(text)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00run", b"question: \xff", b"\x00\x01\x02"])
def test_what_is_no_text_is_refused(data: bytes, refusal: Callable[..., str]) -> None:
    said = refusal(data)
    assert "must be UTF-8 text" in said or "not valid YAML" in said


def test_a_bomb_is_counted_and_not_expanded(tmp_path: Path) -> None:
    (tmp_path / "bomb.yaml").write_text(BOMB)
    assert len(BOMB) < 320
    seen: dict[int, int] = {}
    with (tmp_path / "bomb.yaml").open() as stream:
        node = given_files.get_yaml_loader()(stream).get_single_node()
    assert given_files._expanded(node, seen) > 9**9 and len(seen) < 30, "each node is looked at once"
    with pytest.raises(ScenarioError, match="are followed, got 490,329,064"):
        read_settings(tmp_path / "bomb.yaml")


def test_a_pickle_that_a_file_names_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    class Evil:
        def __reduce__(self) -> object:
            return Path.touch, (tmp_path / "ran",)

    monkeypatch.chdir(tmp_path)
    Path("evil.pkl").write_bytes(pickle.dumps(Evil()))
    Path("mine.yaml").write_text("hydra: {callbacks: {x: {_target_: joblib.load, filename: evil.pkl}}}\n")
    assert cli.main(["scenario=mine.yaml"]) == 2
    Path("folder").mkdir()
    Path("folder", "config.yaml").write_text(Path("mine.yaml").read_text())
    assert cli.main(["--repeat", "folder"]) == 2
    typed = ["+hydra.callbacks.x._target_=joblib.load", "+hydra.callbacks.x.filename=evil.pkl"]
    assert cli.main(typed) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3 and "must be one of Hydra's own plugins, got 'joblib.load'" in said[2]
    assert not Path("ran").exists() and sorted(os.listdir()) == ["evil.pkl", "folder", "mine.yaml"]
    pickle.loads(Path("evil.pkl").read_bytes())
    assert Path("ran").exists(), "it would have run"


@pytest.mark.parametrize(
    "place, text, override",
    [
        ("organisation/pods.yaml", "description: x\n_target_: os.system\n", "organisation=[relay_race,pods]"),
        ("market/ours.yaml", "# @package hydra.job\nchdir: true\n", "market=ours"),
        ("leads/ours.yaml", "path: ${oc.env:HOME}\n", "leads=ours"),
        ("crm/ours.yaml", "hydra: {run: {dir: /tmp}}\n", "crm=ours"),
        ("study/ours.yaml", BOMB, "study=ours"),
    ],
)
def test_building_blocks_are_read_as_carefully(place: str, text: str, override: str, tmp_path: Path) -> None:
    (tmp_path / place).parent.mkdir()
    (tmp_path / place).write_text(text)
    with pytest.raises(ScenarioError, match=r"must not|must refer|at most"):
        composed([override], tmp_path)


@pytest.mark.parametrize("text", [BOMB, "market: {_target_: x}", "question: ${oc.env:HOME}", "hydra: {run: {dir: x}}"])
def test_a_folder_to_repeat_is_read_as_carefully(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ScenarioError, match=r"must not|must refer|at most"):
        load_config_file(tmp_path / "config.yaml")


@pytest.mark.parametrize("key", ["hydra/launcher", "+hydra.callbacks.x", "hydra.sweep.dir"])
def test_a_sweep_to_resume_holds_nothing_of_hydra(key: str, tmp_path: Path) -> None:
    for axes, fixed in (({key: ["1", "2"]}, []), ({}, [f"{key}=1"])):
        plan = {"axes": axes, "fixed": fixed, "config_dir": "", "settings": ""}
        (tmp_path / PLAN_FILE).write_text(json.dumps(plan))
        with pytest.raises(ScenarioError, match="has keys of Hydra, which only the command line may set"):
            Plan.read(tmp_path)


@pytest.mark.parametrize(
    "values", ["range(0,1000000000)", "range(0,1,1e-9)", "shuffle(range(0,inf))", "range(5,0,-1e-7)"]
)
def test_a_sweep_is_counted_before_its_values_are_made(values: str) -> None:
    with pytest.raises(ScenarioError, match=r"^a sweep must have at most 1,000,000 jobs, got run.seed="):
        axes_of([f"run.seed={values}"])


def test_a_sweep_is_counted_over_all_its_axes() -> None:
    axes, _ = axes_of(["run.seed=range(0,1000)", "market.inquiries_per_year=range(0,1000)"])
    assert [len(values) for values in axes.values()] == [1000, 1000]
    with pytest.raises(ScenarioError, match=r"at most 1,000,000 jobs, got run.threads=1,2"):
        axes_of(["run.seed=range(0,1000)", "market.inquiries_per_year=range(0,1000)", "run.threads=1,2"])
    with pytest.raises(ScenarioError, match="must have a step other than 0"):
        axes_of(["run.seed=range(0,1,0)"])


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/stdin", "fifo", "folder", "huge.csv"])
def test_an_export_is_a_plain_file_of_a_size_that_can_be_meant(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    Path("folder").mkdir()
    with open("huge.csv", "wb") as file:
        file.truncate(given_files.MOST_EXPORTED + 1)  # no block of it is on disk
    scenario = load_scenario("replay")
    with pytest.raises(ScenarioError, match=r"^market.leads.path must name a file"):
        read_leads(name, scenario.market.leads)


def test_a_scenario_may_be_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.yaml")
    with pytest.raises(ScenarioError, match="scenario must name a file that is there"):
        load_scenario(tmp_path / "mine.yaml")


def test_what_a_file_may_say_is_read(tmp_path: Path) -> None:
    text = """\
question: "cost \\\\${name}"
run: &run {seed: 3}
provenance: ${question}
market: {inquiries_per_year: "${run.seed}00"}
hydra: {mode: MULTIRUN, sweeper: {params: {run.seed: 'range(5,7)'}}}
"""
    (tmp_path / "mine.yaml").write_text(text)
    scenario = load_scenario(tmp_path / "mine.yaml")
    assert scenario.run.seed == 3 and scenario.market.inquiries_per_year == 300.0
    assert scenario.provenance == scenario.question
