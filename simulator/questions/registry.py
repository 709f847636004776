"""Which folder answers a question: the one place that goes from the name of a study to it.

A question's folder holds ``settings``, ``work`` (with ``refuse``), ``tell`` (with ``QUESTION``) and ``figure``.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from simulator.questions.frame.manifest import STUDY_FILES, Incomplete
from simulator.scenario.checked import check
from simulator.scenario.scenario import Scenario

__all__ = ["STUDY_FILES", "Incomplete", "refuse", "run_and_report"]

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
    ``simulate`` stands in for `simulator.run.simulate` where a study runs organisations.

    The folder gets what was computed as soon as it is there, and sentences, figures and the page at the end; after an
    error or Ctrl-C before that, nothing. Files that exist are not overwritten.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario, its leads or its payrolls are refused, or when the folder
        cannot be written.
    Incomplete
        At the end, when a sentence, a figure or the page could not be made.
    """
    scenario = check(scenario)
    question = room_of(scenario, "tell").QUESTION  # before the frame, of which a limit needs less
    from simulator.questions.frame.question import ask

    return ask(question, scenario, Path(folder), simulate)
