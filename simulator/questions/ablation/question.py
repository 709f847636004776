"""An ablation: what each mechanism does to the gap between organisations, in a table, in figures and in print."""

from typing import TYPE_CHECKING

from simulator.questions.ablation.words import conclusion, print_ablation
from simulator.questions.ablation.work import Ablation, ablate
from simulator.questions.frame.question import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure


def _figures(found: Ablation) -> "Mapping[str, Figure]":
    from simulator.questions.ablation.figure import ablation_figures  # brings matplotlib: the runs need not wait for it

    return ablation_figures(found)


QUESTION = Question(
    study="ablation",
    files=("ablation.csv",),
    find=lambda scenario, tell, simulate: ablate(scenario, tell, simulate=simulate),
    tables=lambda found: {"ablation.csv": found.table()},
    figures=_figures,
    show=print_ablation,
    conclusion=conclusion,
    arms=lambda found: (found.scenario, found.organisations),
    metrics=lambda found: found.scenario.study.ablation.metrics,
    about=lambda found: {
        "mechanisms": list(found.mechanisms),
        "runs": found.runs,
        "no_gap_with_all_off": not found.remaining,
    },
)
