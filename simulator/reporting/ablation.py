"""An ablation: what each mechanism does to the gap between organisations, in a table, in figures and in print."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from simulator.composing import dump_yaml
from simulator.domain.scenario import Scenario
from simulator.faces.ablation_table import print_ablation
from simulator.faces.progress import progress
from simulator.reporting.manifest import ABLATION_FILES, repeating
from simulator.reporting.terminal import console, say_if_compiling, say_where
from simulator.results.folder import Folder
from simulator.studies.ablation import Attribution, ablate, planned_settings
from simulator.studies.compare import Simulate, check_leads, resolved


def run_and_report_ablation(scenario: Scenario, folder: Path, *, simulate: Simulate | None = None) -> Attribution:
    """Switch each mechanism alone on and alone off, write everything to ``folder``, print tables and conclusions.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario, its leads or its study are refused, or when the folder
        cannot be written.
    """
    planned_settings(resolved(scenario))
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with Folder(folder) as results:
        results.refuse_existing(ABLATION_FILES)
        if simulate is None:
            say_if_compiling(scenario)
        with progress(console(sys.stderr), f"{scenario.name}, ablation") as tell:
            found = ablate(scenario, tell, simulate=simulate)
        results.csv("ablation.csv", found.table())
        _draw(found, results)
        results.text("config.yaml", dump_yaml(found.scenario))
        about = repeating(found.scenario, started, time.monotonic() - clock) | {
            "study": "ablation",
            "mechanisms": list(found.mechanisms),
            "runs": found.runs,
            "no_gap_with_all_off": not found.remaining,
        }
        results.text("manifest.json", json.dumps(about, indent=2) + "\n")
    print_ablation(found, console(sys.stdout))
    say_where(folder)
    return found


def _draw(found: Attribution, results: Folder) -> None:
    from simulator.faces.ablation_figure import ablation_figures  # brings matplotlib: the runs need not wait for it
    from simulator.faces.style import save

    for name, figure in ablation_figures(found).items():
        with results.writing(f"figures/{name}.svg") as svg, results.writing(f"figures/{name}.png") as png:
            save(figure, svg, png)
