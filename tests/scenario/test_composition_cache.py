"""Settings from the cache are those that Hydra composes anew, and a changed file is read again."""

import os
import time
from pathlib import Path

import pytest
from hydra import compose
from omegaconf import OmegaConf

from simulator.scenario import composing, composition_cache
from simulator.scenario.composing import composed, load_scenario

_TYPED = [
    [],
    ["scenario=enterprise", "run.seed=7"],
    ["scenario=workshop", "study=twins", "run.replications=3", "hydra.run.dir=outputs/here"],
    ["organisation=[integrated,aligned]", "organisations.aligned.coordination.hours_per_teammate_per_week=0.3"],
    ["compare.organisations=[relay_race,integrated]", "name=mine", "market.channels.website.share=0.5"],
    ["hydra.job.chdir=true", "run.seed=3"],
    ["+market.segments.simple.note=1"],
    ["++run.seed=3", "~run.replications"],
    ["~compare.organisations", "+run.nothing=1"],
    ["study=mix", "study.mix.free={a: {low: 1}}"],
]


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition_cache, "_kept", {})


@pytest.mark.parametrize("typed", _TYPED, ids=" ".join)
def test_settings_are_those_that_hydra_composes(typed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def anew(overrides: list[str], folder: Path | None) -> object:
        return compose("config", overrides=list(overrides), return_hydra_config=True)

    def found() -> object:
        try:
            return OmegaConf.to_container(composed(typed), resolve=False)
        except composing.ScenarioError as fault:
            return str(fault)

    first, kept = found(), found()
    monkeypatch.setattr(composing, "compose_kept", anew)
    assert first == kept == found()


def test_a_copy_that_is_changed_changes_no_other() -> None:
    first = composed(["scenario=baseline"])
    first.run.seed = 99
    assert composed(["scenario=baseline"]).run.seed != 99


def test_each_run_has_a_time_of_its_own() -> None:
    assert composed([]).hydra.run.dir != composed([]).hydra.run.dir


def test_a_changed_and_a_new_file_are_read(tmp_path: Path) -> None:
    mine = tmp_path / "scenario" / "mine.yaml"
    mine.parent.mkdir()
    mine.write_text("run: {seed: 11}\n")
    assert load_scenario("mine", config_dir=tmp_path).run.seed == 11
    mine.write_text("run: {seed: 12}\n")
    os.utime(mine, ns=(1, 1))  # as old as may be: it is the time of any change that tells
    assert load_scenario("mine", config_dir=tmp_path).run.seed == 12
    assert load_scenario("enterprise", config_dir=tmp_path).run.seed != 13
    (tmp_path / "enterprise.yaml").write_text("run: {seed: 13}\n")
    assert load_scenario("enterprise", config_dir=tmp_path).run.seed == 13


def test_the_environment_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for study in ("twins", "audit"):
        monkeypatch.setenv("WHICH_STUDY", study)
        assert composed(["study=${oc.env:WHICH_STUDY}"]).study.name == study


def test_the_working_folder_is_the_present_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    composed([])
    monkeypatch.chdir(tmp_path)
    assert composed([]).hydra.runtime.cwd == str(tmp_path)


def test_what_lies_behind_a_link_is_read_again(tmp_path: Path) -> None:
    elsewhere, own = tmp_path / "elsewhere", tmp_path / "own" / "scenario"
    elsewhere.mkdir()
    own.mkdir(parents=True)
    (own / "linked").symlink_to(elsewhere)
    for seed in (21, 22):
        (elsewhere / "mine.yaml").write_text(f"run: {{seed: {seed}}}\n")
        time.sleep(0.03)  # so that no file is too new to be told apart
        assert load_scenario("linked/mine", config_dir=tmp_path / "own").run.seed == seed


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition_cache, "_MOST_KEPT", 2)
    for study in ("compare", "twins", "audit", "compare"):
        assert composed([f"study={study}"]).study.name == study
    assert len(composition_cache._kept) == 2
