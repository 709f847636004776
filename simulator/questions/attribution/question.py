"""An attribution: what the gap between two organisations is made of, in a table, in waterfalls and in print."""

from typing import TYPE_CHECKING

from simulator.questions.attribution.words import conclusion, print_attribution
from simulator.questions.attribution.work import Attribution, attribute
from simulator.questions.frame.question import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure


def _figures(found: Attribution) -> "Mapping[str, Figure]":
    from simulator.questions.attribution.figure import attribution_figures  # brings matplotlib: the runs need not wait

    return attribution_figures(found)


QUESTION = Question(
    study="attribution",
    files=("attribution.csv",),
    find=lambda scenario, tell, simulate: attribute(scenario, tell, simulate=simulate),
    tables=lambda found: {"attribution.csv": found.table()},
    figures=_figures,
    show=print_attribution,
    conclusion=conclusion,
    arms=lambda found: (found.scenario, (found.baseline, found.challenger)),
    metrics=lambda found: found.scenario.study.attribution.metrics,
    about=lambda found: {
        "baseline": found.baseline,
        "challenger": found.challenger,
        "players": list(found.players),
        "exact": found.exact,
        "coalitions": found.coalitions,
        "runs": found.runs,
    },
)
