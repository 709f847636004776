"""What a long study has done so far, kept in the folder of its results until they are there: it can be gone on with."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.text import Text

from simulator.questions.frame.terminal import as_typed, console
from simulator.results.folder import writing
from simulator.scenario.checked import Checked
from simulator.scenario.composing import dump_yaml, load_config_file
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

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


def unfinished(folder: Path, overrides: Sequence[str]) -> Checked | None:
    """The scenario of the work that is kept in a folder; None if there is none.

    Raises
    ------
    ScenarioError
        If settings are given, or if they were changed: the work goes on as it was begun.
    """
    settings = folder / UNFINISHED / _SETTINGS
    if not settings.is_file():
        return None
    if overrides:
        raise ScenarioError("--resume goes on with a calibration as it is: leave the overrides out")
    scenario = load_config_file(settings)
    if scenario.study.name != "calibrate":
        raise ScenarioError(f"--resume goes on with a sweep or a calibration, got a study of {scenario.study.name}")
    return scenario
