"""Reading a CRM export: tables, a figure and what is printed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.leads.funnel import Funnel
from simulator.questions.frame.question import Question
from simulator.questions.read_crm.tables import channels_table, months_table
from simulator.questions.read_crm.words import conclusion, how_sure, print_funnel, resting_on
from simulator.questions.read_crm.work import read
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Read:
    """A funnel and its tables."""

    funnel: Funnel
    channels: "pd.DataFrame"
    months: "pd.DataFrame"


def _find(scenario: Scenario, tell: Any, simulate: Any) -> Read:
    tell(0, 1)
    funnel = read(scenario)
    tell(1, 1)
    return Read(funnel, channels_table(funnel), months_table(funnel))


def _figures(found: Read) -> "Mapping[str, Figure]":
    from simulator.questions.frame.style import styled
    from simulator.questions.read_crm.figure import funnel_figures  # brings matplotlib: reading need not wait for it

    with styled():
        return funnel_figures(found.funnel, found.channels, found.months)


QUESTION = Question(
    study="read_crm",
    files=("funnel.parquet", "stages.parquet", "read.csv", "set_aside.csv", "channels.csv", "months.csv"),
    find=_find,
    tables=lambda found: {
        "funnel.parquet": found.funnel.leads,
        "stages.parquet": found.funnel.stages,
        "read.csv": found.funnel.report.table(),
        "set_aside.csv": found.funnel.report.aside,
        "channels.csv": found.channels,
        "months.csv": found.months,
    },
    figures=_figures,
    show=lambda found, console: print_funnel(found.funnel, found.channels, console),
    conclusion=lambda found: conclusion(found.funnel, found.channels),
    units="exports",
    observed=lambda found: resting_on(found.funnel),
    sure=lambda found: how_sure(found.funnel),
    about=lambda found: {
        "leads": len(found.funnel),
        "exported_at": found.funnel.exported_at.isoformat(),
        "rows_set_aside": len(found.funnel.report.aside),
    },
)
