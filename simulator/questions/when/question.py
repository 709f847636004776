"""A map of who wins where, and a rule: in tables, in figures and in print."""

from typing import TYPE_CHECKING

from simulator.questions.frame.question import Question
from simulator.questions.when.words import conclusion, print_when
from simulator.questions.when.work import WhenMap, chart

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure


def _tables(found: WhenMap) -> "Mapping[str, pd.DataFrame]":
    tables = {"map.csv": found.map_table()}
    if found.explained is not None:
        tables |= {"prim_points.csv": found.points_table(), "prim.csv": found.rule_table()}
    return tables


def _figures(found: WhenMap) -> "Mapping[str, Figure]":
    from simulator.questions.when.figure import when_figures  # brings matplotlib: the runs need not wait for it

    return when_figures(found)


QUESTION = Question(
    study="when",
    files=("map.csv", "prim_points.csv", "prim.csv"),
    find=lambda scenario, tell, simulate: chart(scenario, tell, simulate=simulate),
    tables=_tables,
    figures=_figures,
    show=print_when,
    conclusion=conclusion,
    arms=lambda found: (found.scenario, found.map.space.organisations),
    metrics=lambda found: found.scenario.study.when.metrics,
    about=lambda found: {
        "replications": found.scenario.study.when.replications,
        "organisations": list(found.map.space.organisations),
        "axes": list(found.map.space.names),
        "assumptions": list(found.explained.space.names) if found.explained else [],
        "runs": found.runs,
    },
)
