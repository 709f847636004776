"""From a scenario to a folder of results and a printed answer: what ``make run`` does."""

from importlib import import_module
from pathlib import Path
from typing import Any

from simulator.domain.scenario import Scenario
from simulator.reporting.manifest import ABLATION_FILES, FILES, LIMIT_FILES

__all__ = ["ABLATION_FILES", "FILES", "LIMIT_FILES", "run_and_report"]

#: Question -> module below this package and its function, which takes the scenario and the folder.
_ANSWERS = {
    "limit": ("limit", "run_and_report_limit"),
    "compare": ("comparison", "run_and_report_comparison"),
    "ablation": ("ablation", "run_and_report_ablation"),
    "calibrate_defaults": ("calibration", "run_and_report_calibration"),
}


def run_and_report(scenario: Scenario, folder: Path, *, simulate: Any = None) -> Any:
    """Answer the scenario's question, write everything to ``folder``, print the answer; return what was found.

    A scenario that names a limit is answered by theory beside simulation, any other one by the study it names.
    ``simulate`` stands in for `simulator.run.simulate` where a study compares organisations.

    The folder gets all its files at the end, or, after an error or Ctrl-C, none; files that exist are not overwritten.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario, its leads or its payrolls are refused, or when the folder
        cannot be written.
    """
    module, function = _ANSWERS["limit" if scenario.limit else scenario.study.name]
    answer = getattr(import_module(f"{__name__}.{module}"), function)  # brings only what this question needs
    return answer(scenario, Path(folder), **({"simulate": simulate} if simulate else {}))
