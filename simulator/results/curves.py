"""Curves for figures: what share of the buyers has got where, over time, with pointwise intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.results.estimate import Pooled, half_widths
from simulator.results.metric import HIT
from simulator.results.summary import DAY, HOUR, Summary
from simulator.results.survival import CENSORED, quantiles

Summaries = Mapping[str, Sequence[Summary]]

_POINTS = 241

#: The cycle's curve runs to this share of the wins, and a little further.
_SHOWN = 0.99

CURVE_COLUMNS = ["organisation", "share", "ci_low", "ci_high"]


def cycle_curve(summaries: Summaries) -> pd.DataFrame:
    """Cumulative incidence of won among the buyers of the cohort, by days since their first touch.

    Columns: organisation, days, share, ci_low, ci_high, and censored: journeys cut off since the point before.
    """
    pooled = {name: Pooled(one, "cycle") for name, one in summaries.items()}
    last = [float(quantiles(p.durations, p.codes, HIT, _SHOWN)[0]) for p in pooled.values()]
    longest = max((float(p.durations[-1]) for p in pooled.values() if len(p.durations)), default=float(DAY))
    end = min(1.15 * max((t for t in last if np.isfinite(t)), default=longest), longest)
    grid = np.linspace(0, end, _POINTS).astype(np.int64)
    tables = []
    for name, sample in pooled.items():
        share, half = sample.incidence(grid)
        censored = np.searchsorted(np.sort(sample.durations[sample.codes == CENSORED]), grid, side="right")
        table = _table(name, share, half)
        table.insert(1, "days", grid / DAY)
        table["censored"] = np.diff(censored, prepend=0)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def response_curve(summaries: Summaries) -> pd.DataFrame:
    """Share of the inquiries that a person of ours has reached, by hours since the inquiry.

    Columns: organisation, hours (log-spaced from a minute), share, ci_low, ci_high.
    """
    longest = max(int(s.samples["response"].durations.max(initial=HOUR)) for one in summaries.values() for s in one)
    grid = np.unique(np.rint(np.geomspace(HOUR / 60, max(longest, DAY), _POINTS)).astype(np.int64))
    tables = []
    for name, one in summaries.items():
        reached = np.array([np.searchsorted(s.samples["response"].durations, grid, side="right") for s in one])
        inquiries = np.array([s.sums["inquiries"] for s in one], dtype=np.float64)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = reached.sum(axis=0) / inquiries.sum()
            left_out = (reached.sum(axis=0) - reached) / (inquiries.sum() - inquiries)
        table = _table(name, share, half_widths(left_out))
        table.insert(1, "hours", grid / HOUR)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _table(organisation: str, share: NDArray[np.float64], half: NDArray[np.float64]) -> pd.DataFrame:
    low, high = np.clip(share - half, 0, 1), np.clip(share + half, 0, 1)
    return pd.DataFrame(dict(zip(CURVE_COLUMNS, (organisation, share, low, high), strict=True)))
