"""Which room answers a question: the one place that goes from the name of a study to its folder.

A question's folder holds ``settings``, ``work`` (with ``refuse``), ``words``, ``figure`` and ``question``.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from simulator.questions.frame.manifest import FILES, LIMIT_FILES, STUDY_FILES
from simulator.scenario.checked import check
from simulator.scenario.scenario import Scenario

__all__ = ["FILES", "LIMIT_FILES", "STUDY_FILES", "refuse", "run_and_report"]

#: Questions that are answered in ways of their own, by the function that does so; the others are a ``QUESTION``.
_OF_THEIR_OWN = {
    "limits": "run_and_report_limit",
    "compare": "run_and_report_comparison",
    "calibrate_defaults": "run_and_report_calibration",
}

#: Modules that refuse, of questions whose ``work`` would take long to import.
_REFUSING = {"calibrate_defaults": "free"}


def room_of(scenario: Scenario, module: str) -> ModuleType:
    """A module of the folder of the scenario's question; brings only what this question needs."""
    return import_module(f"simulator.questions.{_question_of(scenario)}.{module}")


def _question_of(scenario: Scenario) -> str:
    return "limits" if scenario.limit else scenario.study.name


def refuse(scenario: Scenario) -> None:
    """Refuse what only a look at the study itself can tell, before anything runs.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value.
    """
    scenario = check(scenario)
    if not scenario.limit:  # theory needs nothing but the scenario
        room_of(scenario, _REFUSING.get(scenario.study.name, "work")).refuse(scenario)


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
    scenario = check(scenario)
    answers = room_of(scenario, "question")
    more = {"simulate": simulate} if simulate else {}
    name = _question_of(scenario)
    if name in _OF_THEIR_OWN:
        return getattr(answers, _OF_THEIR_OWN[name])(scenario, Path(folder), **more)
    from simulator.questions.frame.question import ask

    return ask(answers.QUESTION, scenario, Path(folder), **more)
