"""The way from one organisation to another: what it costs on the way, and when it has paid for itself.

Payroll and spend are the same in all arms, so the difference in net is the difference in what customers pay.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.results.estimate import half_widths
from simulator.studies.compare import Comparison

if TYPE_CHECKING:
    import pandas as pd

#: Days a week: the step of the path.
WEEK_DAYS = 7

_RESAMPLES, _BOOTSTRAP_SEED = 2000, 1


@dataclass(frozen=True)
class Path:
    """Cumulative revenue of an organisation that changes, less that of the one it was, from the change on.

    Attributes
    ----------
    change_day : day of the run at which it changed: its first review from the stated day on.
    days : float64[weeks + 1], days since the change.
    difference, half_width : float64[weeks + 1], usd per replication, and half of its 95% interval.
    payback_days : days after the change from which on the mean difference is never below 0 again; infinite if it is
        still below at the end, 0 if it never was.
    lowest_usd : the lowest point of the mean difference.
    """

    organisation: str
    before: str
    after: str
    change_day: float
    days: NDArray[np.float64]
    difference: NDArray[np.float64]
    half_width: NDArray[np.float64]
    payback_days: float
    payback_low: float
    payback_high: float
    lowest_usd: float


def paths(comparison: Comparison) -> list[Path]:
    """The path of every compared organisation that changes within the run, against the baseline."""
    scenario, found = comparison.scenario, []
    for name in comparison.organisations:
        chosen = scenario.organisations[name]
        change = chosen.reorganisation
        reviews = max(1.0, math.ceil(change.day / chosen.review_days))
        day = reviews * chosen.review_days
        if change.to and name != comparison.baseline and day < scenario.horizon_days():
            found.append(_path(comparison, name, change.to, day))
    return found


def _path(comparison: Comparison, name: str, after: str, day: float) -> Path:
    first = math.floor(day / WEEK_DAYS)
    weekly = np.array([
        arm.weekly_revenue[first:] - base.weekly_revenue[first:]
        for arm, base in zip(comparison.summaries[name], comparison.summaries[comparison.baseline], strict=True)
    ])  # fmt: skip
    sums = np.concatenate([np.zeros((len(weekly), 1)), np.cumsum(weekly, axis=1)], axis=1)
    count = len(sums)
    days: NDArray[np.float64] = np.asarray((first + np.arange(sums.shape[1])) * WEEK_DAYS - day, float)
    left_out = (sums.sum(axis=0) - sums) / (count - 1) if count > 1 else sums[:0]
    mean = sums.mean(axis=0)
    low, high = _payback_interval(days, sums)
    return Path(
        organisation=name,
        before=comparison.baseline,
        after=after,
        change_day=day,
        days=days,
        difference=mean,
        half_width=half_widths(left_out),
        payback_days=_payback(days, mean),
        payback_low=low,
        payback_high=high,
        lowest_usd=float(mean.min()),
    )


def _payback(days: NDArray[np.float64], difference: NDArray[np.float64]) -> float:
    below = np.flatnonzero(difference < 0.0)
    if len(below) == 0:
        return 0.0
    after = below[-1] + 1
    return float(days[after]) if after < len(days) else math.inf


def _payback_interval(days: NDArray[np.float64], sums: NDArray[np.float64]) -> tuple[float, float]:
    """95% percentile interval over bootstrap resamples of the replications (Efron 1979): a date moves in steps."""
    count = len(sums)
    if count < 2:
        return math.nan, math.nan
    draws = np.random.default_rng(_BOOTSTRAP_SEED).integers(count, size=(_RESAMPLES, count))
    found = np.sort([_payback(days, sums[draw].mean(axis=0)) for draw in draws])
    return float(found[int(0.025 * _RESAMPLES)]), float(found[int(0.975 * _RESAMPLES)])


def path_table(comparison: Comparison) -> "pd.DataFrame":
    """All paths, one row a week: organisation, days since the change, usd and their interval."""
    import pandas as pd

    columns = ["organisation", "baseline", "days_since_change", "cumulative_difference_usd", "ci_low", "ci_high"]
    rows = [
        (path.organisation, path.before, day, mean, mean - half, mean + half)
        for path in paths(comparison)
        for day, mean, half in zip(path.days, path.difference, path.half_width, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def in_words(path: Path) -> str:
    """What the change cost and when it has paid for itself, in a sentence."""
    name, before, usd = path.organisation.replace("_", " "), path.before.replace("_", " "), abs(path.lowest_usd)
    if path.payback_days == 0.0:
        return f"{name}: from its change on day {path.change_day:g} on it was never behind {before}."
    dip = f"{name}: after its change on day {path.change_day:g} it falls up to {usd:,.0f} usd behind {before}"
    if math.isinf(path.payback_days):
        return f"{dip}, and has not caught up {path.days[-1]:,.0f} days later."
    interval = (
        ""
        if math.isnan(path.payback_low)
        else f" (95% interval {_days(path.payback_low)} to {_days(path.payback_high)})"
    )
    return f"{dip}, and has caught up for good after {path.payback_days:,.0f} days{interval}."


def _days(value: float) -> str:
    return "beyond the run" if math.isinf(value) else f"{value:,.0f}"
