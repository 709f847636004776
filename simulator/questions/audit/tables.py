"""Tidy tables of an audit."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from simulator.questions.audit.inquiries import TOUCHES
from simulator.questions.audit.work import Audit
from simulator.results.estimate import Estimate, of_sums
from simulator.results.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

_ENDS = ("estimate", "ci_low", "ci_high")
SCORING_COLUMNS = ("good_if", "measure", *_ENDS)
ROC_COLUMNS = ("good_if", "ranked_by", "score", "true_positive_rate", "tpr_ci_low", "tpr_ci_high",
               "false_positive_rate", "fpr_ci_low", "fpr_ci_high")  # fmt: skip
MISSED_COLUMNS = ("measure", "unit", *_ENDS)
THRESHOLD_COLUMNS = ("threshold", "today", "metric", "unit", *_ENDS, "difference", "difference_ci_low",
                     "difference_ci_high", "together_ci_low", "together_ci_high")  # fmt: skip
TOUCH_COLUMNS = ("last_touch", "wins", "wins_ci_low", "wins_ci_high", "share", "share_ci_low", "share_ci_high")


def scoring_table(found: Audit) -> "pd.DataFrame":
    """AUC of each ranking; shares that pass at the first look and in the end."""
    rows = [(one.label, f"auc_of_{one.by}", *_with_ends(one.area)) for one in found.rankings]
    for one in found.decisions:
        first, last = one.first_look, one.in_the_end
        rows += [
            (one.label, "good_reach_threshold_at_first_look", *_with_ends(first.true_positive)),
            (one.label, "others_reach_threshold_at_first_look", *_with_ends(first.false_positive)),
            (one.label, "good_passed_in_the_end", *_with_ends(last[0])),
            (one.label, "others_passed_in_the_end", *_with_ends(last[1])),
        ]
    return _table(found, SCORING_COLUMNS, rows)


def roc_table(found: Audit) -> "pd.DataFrame":
    """Every point of every ROC curve."""
    return _table(
        found,
        ROC_COLUMNS,
        [
            (one.label, one.by, point.score, *_with_ends(point.true_positive), *_with_ends(point.false_positive))
            for one in found.rankings
            for point in one.points
        ],
    )


def missed_table(found: Audit) -> "pd.DataFrame":
    """Good leads held back, and others passed on."""
    rows = []
    for field in fields(found.screening_errors):
        share = field.name.endswith("_share")
        unit = "share" if share else "count" if field.name in ("good", "held") else "usd"
        rows.append((field.name, unit, *_with_ends(getattr(found.screening_errors, field.name))))
    return _table(found, MISSED_COLUMNS, rows)


def thresholds_table(found: Audit) -> "pd.DataFrame":
    """Every metric at every threshold; differences to today's, with intervals of their own and for all together."""
    return _table(
        found,
        THRESHOLD_COLUMNS,
        [
            (at, at == found.threshold, metric.key, metric.unit, *_with_ends(each[metric.key]),
             *_with_ends(apart), *apart.interval_at(found.level))
            for at, each in found.thresholds.items()
            for metric in METRICS
            for apart in [found.difference(at, metric.key)]
        ],
    )  # fmt: skip


def touches_table(found: Audit) -> "pd.DataFrame":
    """Wins by the kind of the very last touch, per replication."""
    every, ones = found.touches.sum(axis=1), found.touches.sum(axis=1) * 0 + 1
    return _table(
        found,
        TOUCH_COLUMNS,
        [
            (name, *_with_ends(of_sums(lambda part, n: part / n, found.touches[:, kind], ones)),
             *_with_ends(of_sums(lambda part, total: part / total, found.touches[:, kind], every)))
            for kind, name in enumerate(TOUCHES)
        ],
    )  # fmt: skip


def _with_ends(one: Estimate) -> tuple[float, float, float]:
    return one.value, *one.interval


def _table(found: Audit, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> "pd.DataFrame":
    import pandas as pd

    about = (found.scenario.name, found.organisation)
    every = [(*about, *row, found.scenario.run.replications) for row in rows]
    return pd.DataFrame(every, columns=["scenario", "organisation", *columns, "replications"])
