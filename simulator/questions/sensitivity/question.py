"""A sensitivity analysis: what the answer hangs on, in tables, in figures and in print."""

from typing import TYPE_CHECKING

from simulator.questions.frame.question import Question
from simulator.questions.sensitivity.words import conclusion, print_sensitivity
from simulator.questions.sensitivity.work import Sensitivity, examine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure


def _figures(found: Sensitivity) -> "Mapping[str, Figure]":
    from simulator.questions.sensitivity.figure import (
        sensitivity_figures,  # brings matplotlib: the runs need not wait for it
    )

    return sensitivity_figures(found)


QUESTION = Question(
    study="sensitivity",
    files=("morris.csv", "sobol.csv", "points.csv"),
    find=lambda scenario, tell, simulate: examine(scenario, tell, simulate=simulate),
    tables=lambda found: (
        {f"{method}.csv": found.table(method) for method in found.designs} | {"points.csv": found.points()}
    ),
    figures=_figures,
    show=print_sensitivity,
    conclusion=conclusion,
    arms=lambda found: (found.scenario, found.space.organisations),
    metrics=lambda found: found.scenario.study.sensitivity.metrics,
    about=lambda found: {
        "replications": found.replications,
        "organisations": list(found.space.organisations),
        "assumptions": list(found.space.names),
        "points": {method: len(points) for method, points in found.designs.items()},
        "runs": found.runs,
        "luck": {f"{one.method} {one.metric.key}": one.luck for one in found.examined},
    },
)
