"""Both lives of every buyer: who flipped, where lives part and through what, and three of them told."""

from typing import TYPE_CHECKING

from simulator.questions.frame.divergence import divergence_kinds
from simulator.questions.frame.question import Question
from simulator.questions.twins.stories import stories_table, stories_text
from simulator.questions.twins.words import conclusion, print_twins
from simulator.questions.twins.work import Twins, twins

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure


def _tables(found: Twins) -> "Mapping[str, pd.DataFrame]":
    divergences = divergence_kinds(found.divergences)
    for place, (name, value) in enumerate((("scenario", found.scenario.name), ("baseline", found.baseline),
                                           ("challenger", found.challenger))):  # fmt: skip
        divergences.insert(place, name, value)
    divergences["replications"] = found.detailed
    return {
        "twins.csv": found.table(),
        "divergences.csv": divergences,
        "lives.csv": found.divergences.drop(columns="arrived_us"),
        "stories.csv": stories_table(found),
    }


def _figures(found: Twins) -> "Mapping[str, Figure]":
    from simulator.questions.twins.figure import twins_figures  # brings matplotlib: the runs need not wait for it

    return twins_figures(found)


QUESTION = Question(
    study="twins",
    files=("twins.csv", "divergences.csv", "lives.csv", "stories.csv", "stories.md"),
    find=lambda scenario, tell, simulate: twins(scenario, tell, simulate=simulate),
    tables=_tables,
    figures=_figures,
    show=print_twins,
    conclusion=conclusion,
    arms=lambda found: (found.scenario, (found.baseline, found.challenger)),
    metrics=lambda found: ("win_rate_inquiries", "revenue"),
    about=lambda found: {
        "organisations": [found.baseline, found.challenger],
        "parts": [part.name for part in found.parts],
        "detailed_replications": found.detailed,
        "runs": found.runs,
    },
    texts=lambda found: {"stories.md": stories_text(found)},
)
