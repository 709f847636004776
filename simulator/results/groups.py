"""Whether large groups buy less often: shares won by the size of the group, in a tidy table over replications."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.model.sizes import MAX_GROUP
from simulator.results.estimate import ratio_of_sums
from simulator.results.summary import Summary

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scenario", "organisation", "members", "measure", "unit", "estimate", "ci_low", "ci_high", "replications")

#: Fields of `GroupTotals`: how many there are, per replication, and of which of them the share won is taken.
COUNTED = ("projects", "opportunities", "forecast", "won")


def groups_table(scenario: str, summaries: Mapping[str, Sequence[Summary]]) -> "pd.DataFrame":
    """How many buyers there are of each size of group, and which share of them buys from us, with 95% intervals.

    ``won_of_projects``, ``won_of_opportunities`` and ``won_of_forecast`` are by the end of follow-up; sizes of which
    nobody has a project are left out.
    """
    import pandas as pd

    rows = []
    for organisation, ones in summaries.items():
        values = {name: np.array([getattr(one.groups, name) for one in ones], dtype=np.float64) for name in COUNTED}
        each = np.ones(len(ones))
        for size in range(MAX_GROUP):
            if not values["projects"][:, size].any():
                continue
            sums = {name: values[name][:, size] for name in COUNTED}
            found = [(name, "count", ratio_of_sums(sums[name], each)) for name in COUNTED]
            found += [(f"won_of_{name}", "share", ratio_of_sums(sums["won"], sums[name])) for name in COUNTED[:3]]
            rows += [
                (scenario, organisation, size + 1, name, unit, one.value, *one.interval, len(ones))
                for name, unit, one in found
            ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
