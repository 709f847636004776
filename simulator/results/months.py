"""Win rates by cohort: those who arrived in the same calendar month, in a tidy table over replications."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.results.estimate import Estimate, ratio_of_sums
from simulator.results.summary import Summary

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "scenario", "organisation", "month", "measure", "unit", "estimate", "ci_low", "ci_high", "difference",
    "difference_ci_low", "difference_ci_high", "replications",
)  # fmt: skip

#: Measure -> unit, what is counted, and by what it is divided; "" for replications.
MEASURES = {
    "buyers": ("count", "buyers", ""),
    "inquiries": ("count", "inquiries", ""),
    "wins": ("count", "won", ""),
    "inquiry_to_opportunity": ("share", "opportunities", "inquiries"),
    "win_rate_inquiries": ("share", "won", "inquiries"),
}


def months_table(scenario: str, summaries: Mapping[str, Sequence[Summary]]) -> "pd.DataFrame":
    """Every measure of every month and organisation with 95% intervals, and its paired difference to the first one.

    The win rate is of the month's inquiries, whenever within follow-up they were won. The first and the last month may
    be cut by the cohort's period.
    """
    import pandas as pd

    rows = []
    baseline = next(iter(summaries))
    found = {name: _estimates(own) for name, own in summaries.items()}
    for organisation, own in found.items():
        for (month, measure), one in own.items():
            apart = (np.nan,) * 3
            if organisation != baseline:
                difference = one - found[baseline][month, measure]
                apart = (difference.value, *difference.interval)
            rows.append((scenario, organisation, month, measure, MEASURES[measure][0], one.value, *one.interval, *apart,
                         len(summaries[organisation])))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _estimates(summaries: Sequence[Summary]) -> dict[tuple[str, str], Estimate]:
    totals = [summary.months for summary in summaries]
    found = {}
    for place, month in enumerate(totals[0].names):
        for measure, (_, top, bottom) in MEASURES.items():
            tops = np.array([getattr(one, top)[place] for one in totals], float)
            bottoms = (
                np.array([getattr(one, bottom)[place] for one in totals], float) if bottom else np.ones(len(totals))
            )
            found[month, measure] = ratio_of_sums(tops, bottoms)
    return found
