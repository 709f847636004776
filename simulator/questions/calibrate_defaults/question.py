"""From a calibration to a folder of results and printed tables: what ``study=calibrate_defaults`` does."""

import functools
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import OmegaConf

from simulator.questions.calibrate_defaults.tables import conclusion, parameters_table, patterns_table, trials_table
from simulator.questions.calibrate_defaults.words import print_calibration
from simulator.questions.calibrate_defaults.work import DefaultsCalibration, calibrate_defaults
from simulator.questions.frame.manifest import REPORT, repeating
from simulator.questions.frame.numbers import words
from simulator.questions.frame.progress import progress
from simulator.questions.frame.question import draw
from simulator.questions.frame.report.leaving import Answer, leave
from simulator.questions.frame.runs import Simulate, check_leads, resolved
from simulator.questions.frame.terminal import console, say_if_compiling, say_where
from simulator.results.folder import Folder
from simulator.scenario.composing import dump_yaml
from simulator.scenario.config_sources import option_names
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simulator.questions.frame.report.pictures import Drawn

#: What every calibration leaves; a search leaves ``SEARCH_FILES`` on top.
CALIBRATION_FILES = (
    "patterns.csv", "parameters.csv", "figures/patterns.svg", "figures/patterns.png", "config.yaml", REPORT,
    "manifest.json",
)  # fmt: skip
SEARCH_FILES = ("trials.csv", "fitted.yaml")


def run_and_report_calibration(
    scenario: Scenario, folder: Path, *, simulate: Simulate | None = None
) -> DefaultsCalibration:
    """Calibrate, write everything to ``folder``, print the tables.

    The folder gets all its files at the end, or, after an error, none; an interrupted search reports its best so far.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario or its free parameters are refused, or when the folder cannot
        be written.
    """
    folder = Path(folder)
    scenario = resolved(scenario)
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with Folder(folder) as results:
        results.refuse_existing((*CALIBRATION_FILES, *SEARCH_FILES))
        if simulate is None:
            say_if_compiling(scenario)
        with progress(console(sys.stderr), scenario.name, "parameter sets") as tell:
            found = calibrate_defaults(
                scenario,
                lambda done, total, best: tell(done, total, f"(distance {best:.3f})" if done else ""),
                simulate=simulate,
            )
        results.csv("patterns.csv", patterns_table(found))
        results.csv("parameters.csv", parameters_table(found))
        if found.found is not None:
            results.csv("trials.csv", trials_table(found))
            results.text("fitted.yaml", fitted_yaml(found))
        drawn = _draw(found, results)
        about = repeating(scenario, started, time.monotonic() - clock) | {
            "organisation": found.organisation,
            "distance": {name: measured.distance for name, measured in found.sets.items()},
            "trials": len(found.trials),
            "interrupted": found.interrupted,
        }
        said = conclusion(found, words(found.organisation))
        leave(Answer(scenario, "calibrate_defaults", [said], functools.partial(print_calibration, found), drawn,
                     about, dump_yaml(scenario)), results)  # fmt: skip
    print_calibration(found, console(sys.stdout))
    say_where(folder)
    return found


def _draw(found: DefaultsCalibration, results: Folder) -> "list[Drawn]":
    from simulator.questions.calibrate_defaults.figure import (
        evidence_figure,  # brings matplotlib: the runs need not wait for it
    )

    return draw({"patterns": evidence_figure(found)}, results)


def fitted_yaml(found: DefaultsCalibration) -> str:
    """The values found as a scenario: what was calibrated, with these settings on top.

    With ``--config-dir FOLDER scenario=fitted`` it is run as it is. Settings given on the command line of the
    calibration are in ``config.yaml``, not here.
    """
    name = found.scenario.name
    base = {"defaults": [name, "_self_"]} if name in option_names("scenario") else {}
    settings = OmegaConf.create(base)
    for path, value in found.settings().items():
        OmegaConf.update(settings, path, value, force_add=True)
    said = [
        f"# The scenario {name} with the values that a calibration of {found.organisation} found.",
        "# To run it: --config-dir <this folder> scenario=fitted",
    ]
    return "\n".join(said) + "\n" + OmegaConf.to_yaml(settings)
