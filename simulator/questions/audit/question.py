"""An audit of scoring and attribution: tables, figures and what is printed."""

from typing import TYPE_CHECKING

from simulator.questions.audit.credit import credit_table
from simulator.questions.audit.tables import missed_table, roc_table, scoring_table, thresholds_table, touches_table
from simulator.questions.audit.words import conclusion, print_audit
from simulator.questions.audit.work import Audit, audit
from simulator.questions.frame.question import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure

TABLES = ("scoring.csv", "roc.csv", "missed.csv", "thresholds.csv", "channels_credit.csv", "last_touch.csv")


def _tables(found: Audit) -> "Mapping[str, pd.DataFrame]":
    credit = credit_table(found.scenario.name, found.organisation, found.credits, found.scenario.run.replications)
    made = (scoring_table(found), roc_table(found), missed_table(found), thresholds_table(found), credit,
            touches_table(found))  # fmt: skip
    return dict(zip(TABLES, made, strict=True))


def _figures(found: Audit) -> "Mapping[str, Figure]":
    from simulator.questions.audit.figure import audit_figures  # brings matplotlib: the runs need not wait for it

    return audit_figures(found)


QUESTION = Question(
    study="audit",
    files=TABLES,
    find=lambda scenario, tell, simulate: audit(scenario, tell, simulate=simulate),
    tables=_tables,
    figures=_figures,
    show=print_audit,
    conclusion=conclusion,
    metrics=lambda found: (found.objective.key,),
    about=lambda found: {"organisation": found.organisation, "channels": found.channels, "runs": found.runs},
)
