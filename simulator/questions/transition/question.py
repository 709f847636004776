"""A transition: what it costs to get there, its payback, and what it has brought by then."""

from typing import TYPE_CHECKING

from simulator.questions.frame.question import Question
from simulator.questions.transition.words import conclusion, print_transition
from simulator.questions.transition.work import Transition, transition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure


def _figures(found: Transition) -> "Mapping[str, Figure]":
    from simulator.questions.transition.figure import (
        transition_figures,  # brings matplotlib: the runs need not wait for it
    )

    return transition_figures(found)


QUESTION = Question(
    study="transition",
    files=("path.csv", "transition_summary.csv"),
    find=lambda scenario, tell, simulate: transition(scenario, tell, simulate=simulate),
    tables=lambda found: {"path.csv": found.path_table(), "transition_summary.csv": found.summary_table()},
    figures=_figures,
    show=print_transition,
    conclusion=conclusion,
    arms=lambda found: (found.plan.scenario, tuple(found.plan.names.values())),
    metrics=lambda found: ("revenue", "net"),
    about=lambda found: {
        "organisations": dict(found.plan.names),
        "change_day": found.plan.change_day,
        "runs": 3 * found.replications,
    },
)
