"""What a long study has done so far, kept in the folder of its results until they are there: it can be gone on with."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from simulator.composing import dump_yaml, load_config_file
from simulator.domain.scenario import Scenario
from simulator.domain.schema import ScenarioError
from simulator.reporting.terminal import as_typed, console
from simulator.results.folder import writing

#: The folder in that of the results, and the settings in it.
UNFINISHED, _SETTINGS = "unfinished", "config.yaml"


@contextlib.contextmanager
def kept(scenario: Scenario, folder: Path) -> Iterator[Path]:
    """The folder in which work is kept; says how to go on with it when the work is broken off."""
    work = folder / UNFINISHED
    with writing(work):
        work.mkdir(parents=True, exist_ok=True)
        settings = work / _SETTINGS
        if not settings.is_file():
            part = settings.with_suffix(".part")
            part.write_text(dump_yaml(scenario), encoding="utf-8")
            os.replace(part, settings)
    try:
        yield work
    except BaseException:
        if any(one.suffix == ".rows" and one.stat().st_size for one in work.iterdir()):
            said = f"What was run is kept. To go on with it: python -m simulator --resume {as_typed(folder)}"
            console(sys.stderr).print(Text(said), soft_wrap=True)
        else:
            forget(folder)
        raise


def forget(folder: Path) -> None:
    """Remove what was kept; the results are there, or nothing was done."""
    shutil.rmtree(folder / UNFINISHED, ignore_errors=True)


def is_unfinished(folder: Path) -> bool:
    """Whether a folder holds work that can be gone on with."""
    return (folder / UNFINISHED / _SETTINGS).is_file()


def settings_of(folder: Path) -> Scenario:
    """The scenario that the work in a folder belongs to."""
    scenario = load_config_file(folder / UNFINISHED / _SETTINGS)
    if scenario.study.name != "calibrate":
        raise ScenarioError(f"--resume goes on with a sweep or a calibration, got a study of {scenario.study.name}")
    return scenario
