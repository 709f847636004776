"""Every metric of every single replication: what outcomes were like, beside the estimates over all replications."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.results.estimate import estimates
from simulator.results.metrics import METRICS
from simulator.results.summary import Summary

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scenario", "organisation", "metric", "unit", "replication", "value")


def replications_table(scenario: str, summaries: Mapping[str, Sequence[Summary]]) -> "pd.DataFrame":
    """One row per organisation, metric and replication: what the metric would be if this were the only one.

    A value is missing where the replication has none: a ratio without a denominator (the cost per win where nobody
    was won), the median of a time that nobody reached.
    """
    import pandas as pd

    rows = []
    for organisation, runs in summaries.items():
        alone = [estimates([run]) for run in runs]
        rows += [
            (scenario, organisation, metric.key, metric.unit, run.replication, found[metric.key].value)
            for metric in METRICS
            for run, found in zip(runs, alone, strict=True)
        ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
