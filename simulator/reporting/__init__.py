"""From a scenario to a folder of results and a printed answer: what ``make run`` does."""

from importlib import import_module
from pathlib import Path
from typing import Any

from simulator.domain.scenario import Scenario
from simulator.reporting.manifest import FILES, LIMIT_FILES, STUDY_FILES

__all__ = ["FILES", "LIMIT_FILES", "STUDY_FILES", "run_and_report"]

#: Questions that are answered in ways of their own, by the function that does so; the others are a ``QUESTION``.
_OF_THEIR_OWN = {
    "limit": "run_and_report_limit",
    "comparison": "run_and_report_comparison",
    "calibration": "run_and_report_calibration",
}
#: Studies whose module below this package has another name.
_MODULES = {"compare": "comparison", "calibrate_defaults": "calibration"}


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
    study = "limit" if scenario.limit else scenario.study.name
    module = _MODULES.get(study, study)
    answers = import_module(f"{__name__}.{module}")  # brings only what this question needs
    more = {"simulate": simulate} if simulate else {}
    if module in _OF_THEIR_OWN:
        return getattr(answers, _OF_THEIR_OWN[module])(scenario, Path(folder), **more)
    return import_module(f"{__name__}.question").ask(answers.QUESTION, scenario, Path(folder), **more)
