"""Estimates over replications: ratio of sums, jackknife intervals, paired differences.

A replication is the unit of independence: buyers of one replication share queues, so intervals come from leaving
out one replication at a time. The interval is the estimate -/+ t(0.975, R - 1) times the jackknife's standard error,
for quantiles too; one replication has no interval (NaN).

The variance ratio says how many times as many replications an unpaired comparison would need:
(Var A + Var B) / Var(A - B), of the leave-one-out values. It is infinite when A - B never varies while A or B does
(an organisation that changes nothing), and NaN when neither A nor B varies.

What is undefined is NaN, without a warning: a ratio without a denominator, what is computed from it, the interval of
one replication, and that of an infinite value. A value that never varies has an interval of no width.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.results.jackknife import LeftOut
from simulator.results.metric import HIT, MICROSECONDS, MeanOverMedian, Metric, Quantile, Ratio
from simulator.results.metrics import METRICS
from simulator.results.summary import Summary
from simulator.results.survival import incidence_at, order, quantiles

if TYPE_CHECKING:
    import pandas as pd

CONFIDENCE = 0.95

#: Relative size below which a spread is rounding and counts as none.
_ROUNDING = 1e-12

METRIC_COLUMNS = ("scenario", "organisation", "metric", "unit", "estimate", "ci_low", "ci_high", "replications")
DIFFERENCE_COLUMNS = (
    "scenario", "baseline", "organisation", "metric", "unit", "difference", "ci_low", "ci_high", "variance_ratio",
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """An estimate from all replications, and from all but each one."""

    value: float
    left_out: NDArray[np.float64]

    def __sub__(self, other: "Estimate") -> "Estimate":
        with np.errstate(invalid="ignore"):  # infinite less infinite
            return Estimate(self.value - other.value, self.left_out - other.left_out)

    def __truediv__(self, other: "Estimate") -> "Estimate":
        with np.errstate(invalid="ignore", divide="ignore"):
            return Estimate(float(np.divide(self.value, other.value)), self.left_out / other.left_out)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Confidence interval; NaN with one replication, or where leaving one out leaves nothing to estimate from."""
        return self.interval_at(CONFIDENCE)

    def interval_at(self, confidence: float) -> tuple[float, float]:
        """The interval at another level, for several that shall hold together."""
        half = float(half_widths(self.left_out, confidence))
        return self.value - half, self.value + half


def half_widths(left_out: NDArray[np.float64], confidence: float = CONFIDENCE) -> NDArray[np.float64]:
    """Half width of the jackknife interval; replications lie along the first axis."""
    from scipy.special import stdtrit  # the t quantile; `scipy.stats` takes seconds to import and calls the same

    count = len(left_out)
    if count < 2:
        return np.full(left_out.shape[1:], np.nan)
    with np.errstate(invalid="ignore"):  # of infinite values
        error = np.sqrt((count - 1) * left_out.var(axis=0))
    return np.asarray(stdtrit(count - 1, (1 + confidence) / 2) * error)


def variance_ratio(one: Estimate, other: Estimate) -> float:
    """(Var A + Var B) / Var(A - B); infinite or NaN as the module says."""
    with np.errstate(invalid="ignore"):  # of infinite values
        apart = _variance(one.left_out) + _variance(other.left_out)
    if len(one.left_out) < 2 or not np.isfinite(apart) or apart == 0:
        return float("nan")
    together = float((one - other).left_out.var())
    return float("inf") if together <= _ROUNDING * apart else apart / together


def _variance(values: NDArray[np.float64]) -> float:
    """Variance, or 0 where it is rounding only."""
    if len(values) < 2:
        return 0.0
    variance = float(values.var())
    return 0.0 if variance <= (_ROUNDING * float(values.mean())) ** 2 else variance


class Pooled:
    """A sample of all replications of one organisation, ordered once, from which each replication can be left out."""

    def __init__(self, summaries: Sequence[Summary], name: str) -> None:
        samples = [summary.samples[name] for summary in summaries]
        self.durations = np.concatenate([sample.durations for sample in samples])
        self.codes = np.concatenate([sample.codes for sample in samples])
        numbers = np.arange(len(samples), dtype=np.min_scalar_type(len(samples)))
        part = np.repeat(numbers, [len(sample.codes) for sample in samples])
        taken = order(self.durations, self.codes)
        self.durations, self.codes = self.durations[taken], self.codes[taken]
        self._left_out = LeftOut(self.durations, self.codes, part[taken], len(samples), HIT)

    def quantiles(self, levels: Sequence[float]) -> list[Estimate]:
        """Quantiles of the incidence of the sample's event, microseconds."""
        value = quantiles(self.durations, self.codes, HIT, levels)
        left_out = self._left_out.quantiles(levels)
        return [Estimate(float(v), left_out[:, i]) for i, v in enumerate(value)]

    def incidence(self, grid: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The incidence on a grid of microseconds, and the half width of its pointwise interval."""
        value = incidence_at(self.durations, self.codes, HIT, grid)
        return value, half_widths(self._left_out.incidence_at(grid))


def estimates(summaries: Sequence[Summary], metrics: Sequence[Metric] = METRICS) -> dict[str, Estimate]:
    """Every metric of one organisation, by key, from its summaries in the order of replications."""
    found: dict[str, Estimate] = {}
    ratios: dict[str, Ratio] = {}
    by_sample: dict[str, list[tuple[Metric, float]]] = {}
    spreads = {metric.key: metric for metric in metrics if isinstance(metric.estimator, MeanOverMedian)}
    for metric in metrics:
        if isinstance(metric.estimator, Quantile):
            by_sample.setdefault(metric.estimator.sample.name, []).append((metric, metric.estimator.level))
        elif isinstance(metric.estimator, MeanOverMedian):
            ratios[metric.key] = metric.estimator.mean
            median = metric.estimator.median
            by_sample.setdefault(median.sample.name, []).append((metric, median.level))
        else:
            ratios[metric.key] = metric.estimator
    tops, bottoms = (
        np.array([[summary.sums[total.name] for summary in summaries] for total in totals], dtype=np.float64)
        for totals in ([ratio.top for ratio in ratios.values()], [ratio.bottom for ratio in ratios.values()])
    )
    if ratios:
        found.update(zip(ratios, ratios_of_sums(tops, bottoms), strict=True))
    for name, wanted in by_sample.items():
        times = Pooled(summaries, name).quantiles([level for _, level in wanted])
        for (metric, _), time in zip(wanted, times, strict=True):
            if metric.key in spreads:
                found[metric.key] = found[metric.key] / time
                continue
            unit = MICROSECONDS[metric.unit]
            found[metric.key] = Estimate(time.value / unit, time.left_out / unit)
    return {metric.key: found[metric.key] for metric in metrics}


def ratio_of_sums(tops: NDArray[np.float64], bottoms: NDArray[np.float64]) -> Estimate:
    """A ratio of sums over replications; NaN without a denominator."""
    return ratios_of_sums(tops[None], bottoms[None])[0]


def ratios_of_sums(tops: NDArray[np.float64], bottoms: NDArray[np.float64]) -> list[Estimate]:
    """A ratio of sums for each row of ratios x replications."""
    all_tops, all_bottoms = tops.sum(axis=1, keepdims=True), bottoms.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = all_bottoms - bottoms
        values = np.where(all_bottoms > 0, all_tops / all_bottoms, np.nan)
        left_out = np.where(rest > 0, (all_tops - tops) / rest, np.nan)
    if tops.shape[1] < 2:
        left_out = left_out[:, :0]
    return [Estimate(float(value), one) for value, one in zip(values[:, 0], left_out, strict=True)]


def of_sums(function: Callable[..., Any], *parts: NDArray[np.float64]) -> Estimate:
    """A function of sums over replications; each of ``parts`` has a number for each replication.

    ``function`` takes the sums, as numbers or as arrays of one length; NaN where it has no value.
    """
    totals = [np.asarray(part, dtype=np.float64) for part in parts]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(function(*(part.sum() for part in totals)))
        rest = [part.sum() - part for part in totals]
        left_out = np.asarray(function(*rest), dtype=np.float64) if len(totals[0]) > 1 else np.empty(0)
    return Estimate(value, left_out)


def together(comparisons: int) -> float:
    """Level at which each of so many intervals must stand for all of them to hold with `CONFIDENCE` (Bonferroni)."""
    return 1.0 - (1.0 - CONFIDENCE) / max(1, comparisons)


def metrics_table(scenario: str, found: Mapping[str, Mapping[str, Estimate]], replications: int) -> "pd.DataFrame":
    """Tidy table of all estimates; ``found`` holds those of each organisation."""
    import pandas as pd

    rows = [
        (scenario, organisation, metric.key, metric.unit, one.value, *one.interval, replications)
        for organisation, values in found.items()
        for metric in METRICS
        for one in [values[metric.key]]
    ]
    return pd.DataFrame(rows, columns=list(METRIC_COLUMNS))


def differences_table(scenario: str, found: Mapping[str, Mapping[str, Estimate]]) -> "pd.DataFrame":
    """Tidy table of the paired differences of all organisations to the first one."""
    import pandas as pd

    baseline = next(iter(found))
    rows = [
        (scenario, baseline, organisation, metric.key, metric.unit, apart.value, *apart.interval, ratio)
        for organisation, values in found.items()
        if organisation != baseline
        for metric in METRICS
        for apart in [values[metric.key] - found[baseline][metric.key]]
        for ratio in [variance_ratio(values[metric.key], found[baseline][metric.key])]
    ]
    return pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))
