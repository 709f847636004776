"""Reading a CRM export: what it holds, what became of the leads of each channel, and when they came and were won."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.leads.funnel import Funnel

#: Name of the row of all channels.
ALL = "all channels"
#: Channels that have a row of their own; what is left is told together.
MOST_CHANNELS, OTHERS = 50, "other channels"
#: More months than this are told by quarter, and more quarters than this by year.
_MOST_PERIODS = 48


@dataclass(frozen=True)
class Reading:
    """What was read of an export.

    Attributes
    ----------
    funnel : its leads, and what could not be read.
    channels : a `channels_table`.
    months : a `months_table`.
    """

    funnel: "Funnel"
    channels: "pd.DataFrame"
    months: "pd.DataFrame"


def refuse(scenario: Scenario) -> None:
    """Refuse to read no file."""
    if not scenario.crm.leads:
        raise ScenarioError("crm.leads must name a file of leads, CSV or Parquet, for study=read_crm, got ''")


def read(scenario: Scenario) -> Reading:
    """Read the export that a scenario names.

    Raises
    ------
    ScenarioError
        One line, when it cannot be read at all.
    """
    from simulator.leads.funnel import read_funnel  # brings pandas and pyarrow

    refuse(scenario)
    funnel = read_funnel(scenario.crm)
    return Reading(funnel, channels_table(funnel), months_table(funnel))


def channels_table(funnel: "Funnel") -> "pd.DataFrame":
    """A row for all leads, then one for each channel, the largest first.

    Columns: channel, leads, won, lost, open; won_share with its 95% interval (Wilson's); days_to_win, the median of
    those won, with a 95% interval that assumes no distribution (NaN where there are too few).
    """
    import pandas as pd

    leads = funnel.leads.assign(channel=_channels(funnel))
    days = (leads["ended"] - leads["created"]).dt.total_seconds().to_numpy() / 86_400
    size = leads["channel"].value_counts(sort=False)
    order = sorted(size.index, key=lambda name: (name == OTHERS, -size[name], name))
    chosen = {ALL: np.ones(len(leads), bool)} | {name: (leads["channel"] == name).to_numpy() for name in order}
    rows = []
    for name, mine in chosen.items():
        outcome = leads["outcome"][mine]
        counts = {word: int((outcome == word).sum()) for word in ("won", "lost", "open")}
        low, high = wilson(counts["won"], len(outcome))
        middle, early, late = median(days[mine & (leads["outcome"] == "won").to_numpy()])
        share = counts["won"] / max(1, len(outcome))
        rows.append({"channel": name, "leads": len(outcome), **counts, "won_share": share, "won_share_low": low,
                     "won_share_high": high, "days_to_win": middle, "days_to_win_low": early,
                     "days_to_win_high": late})  # fmt: skip
    return pd.DataFrame(rows)


def months_table(funnel: "Funnel") -> "pd.DataFrame":
    """Leads by the month they came in, and wins by the month they were won.

    Columns: channel, period (its first day), unit (month, quarter, year), leads, won. Every channel has every period
    from the first lead to the export.
    """
    import pandas as pd

    leads = funnel.leads.assign(channel=_channels(funnel))
    unit, months = _unit(leads["created"].min(), funnel.exported_at)
    won = leads[leads["outcome"] == "won"]
    came, bought = (_period(moments, months) for moments in (leads["created"], won["ended"]))
    first, last = int(came.min()), _number(funnel.exported_at, months)
    index = pd.MultiIndex.from_product([sorted(leads["channel"].unique()), range(first, last + 1)])
    table = pd.DataFrame(
        {
            "leads": leads.groupby([leads["channel"], came]).size().reindex(index, fill_value=0),
            "won": won.groupby([won["channel"], bought]).size().reindex(index, fill_value=0),
        }
    )
    table = table.rename_axis(["channel", "period"]).reset_index()
    table["period"] = (table["period"].to_numpy() * months).astype("datetime64[M]").astype("datetime64[us]")
    table.insert(2, "unit", unit)
    return table


def _channels(funnel: "Funnel") -> "pd.Series[str]":
    """The channel of each lead; of very many channels, small ones are told together."""
    channel = funnel.leads["channel"]
    if len(channel.cat.categories) <= MOST_CHANNELS:
        return channel.astype(str)
    largest = channel.value_counts().index[:MOST_CHANNELS]
    return channel.astype(str).where(channel.isin(largest), OTHERS)


def wilson(successes: int, of: int) -> tuple[float, float]:
    """A 95% interval of a share."""
    from scipy.stats import binomtest

    interval = binomtest(successes, max(1, of)).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def median(values: Any) -> tuple[float, float, float]:
    """A median and the ends of its 95% interval, from order statistics; NaN where there are too few."""
    from scipy.stats import binom

    n = len(values)
    if n == 0:
        return np.nan, np.nan, np.nan
    ordered = np.sort(values)
    rank = int(binom.ppf(0.025, n, 0.5))
    ends = (ordered[rank - 1], ordered[n - rank]) if rank >= 1 else (np.nan, np.nan)
    return float(np.median(ordered)), float(ends[0]), float(ends[1])


def _unit(first: datetime, last: datetime) -> tuple[str, int]:
    months = _number(last, 1) - _number(first, 1) + 1
    if months <= _MOST_PERIODS:
        return "month", 1
    return ("quarter", 3) if months <= 3 * _MOST_PERIODS else ("year", 12)


def _number(moment: datetime, months: int) -> int:
    """The period of a moment, counted from 1970."""
    return ((moment.year - 1970) * 12 + moment.month - 1) // months


def _period(moments: "pd.Series[Any]", months: int) -> "pd.Series[int]":
    periods: pd.Series[int] = ((moments.dt.year - 1970) * 12 + moments.dt.month - 1) // months
    return periods
