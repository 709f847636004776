"""What each channel cost and brought: leads and revenue side by side, in a tidy table over replications."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.results.estimate import ratio_of_sums
from simulator.results.summary import Summary

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scenario", "organisation", "channel", "measure", "unit", "estimate", "ci_low", "ci_high", "replications")

#: Fields of `ChannelTotals` -> unit, per replication.
TOTALS = {
    "spend_usd": "usd", "buyers": "count", "inquiries": "count", "mqls": "count", "opportunities": "count",
    "pipeline_usd": "usd", "won": "count", "revenue_usd": "usd",
}  # fmt: skip

#: Measure -> what it is divided by: spend for one of each.
COSTS = {"cost_per_inquiry": "inquiries", "cost_per_mql": "mqls", "cost_per_opportunity": "opportunities",
         "cost_per_won": "won"}  # fmt: skip


#: Measure -> of what it is the channel's share, over all channels.
SHARES = {"share_of_spend": "spend_usd", "share_of_inquiries": "inquiries", "share_of_revenue": "revenue_usd"}


def channels_table(scenario: str, summaries: Mapping[str, Sequence[Summary]]) -> "pd.DataFrame":
    """Totals per replication, shares of all channels, and spend for one of each, of every channel with 95% intervals.

    Return on spend is revenue over spend; what has no denominator is missing.
    """
    import pandas as pd

    rows = []
    for organisation, found_ones in summaries.items():
        totals = [summary.channels for summary in found_ones]
        values = {name: np.array([getattr(one, name) for one in totals], dtype=np.float64) for name in TOTALS}
        ones = np.ones(len(totals))
        for position, channel in enumerate(totals[0].names):
            sums = {name: values[name][:, position] for name in TOTALS}
            found = [(name, unit, ratio_of_sums(sums[name], ones)) for name, unit in TOTALS.items()]
            found += [(name, "usd", ratio_of_sums(sums["spend_usd"], sums[each])) for name, each in COSTS.items()]
            found += [
                (name, "share", ratio_of_sums(sums[each], values[each].sum(axis=1))) for name, each in SHARES.items()
            ]
            found.append(("return_on_spend", "usd per usd", ratio_of_sums(sums["revenue_usd"], sums["spend_usd"])))
            rows += [
                (scenario, organisation, channel, name, unit, one.value, *one.interval, len(totals))
                for name, unit, one in found
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
