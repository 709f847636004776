"""What a metric is: totals and durations of a run, and how they are estimated over replications."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.model.numerics import DAY_US, HOUR_US
from simulator.model.words import Outcome
from simulator.results.cohort import FinishedRun

#: Microseconds in the units of durations.
MICROSECONDS = {"days": DAY_US, "hours": HOUR_US}

UNITS = ("share", "days", "hours", "usd", "count", "times")
GROUPS = ("Funnel", "Speed", "Cost", "Content", "People")
BETTER = ("higher", "lower", "")

#: Code of a duration that ended as asked (won, or contacted).
HIT = int(Outcome.WON)


@dataclass(frozen=True)
class Total:
    """A number of one run that is added up over replications.

    Attributes
    ----------
    name : in `Summary.sums`.
    words : what is added up, as documents and reports say it.
    of : the number, from a run.
    """

    name: str
    words: str
    of: Callable[[FinishedRun], float]


@dataclass(frozen=True)
class Durations:
    """Times of one run, pooled over replications.

    Attributes
    ----------
    name : in `Summary.samples`.
    words, among : from when to when, and whose; as documents and reports say it.
    of : int64[n] microseconds, and int8[n] how each ended: `HIT`, 0 censored, others are competing risks.
    """

    name: str
    words: str
    among: str
    of: Callable[[FinishedRun], tuple[NDArray[np.int64], NDArray[np.int8]]]


@dataclass(frozen=True)
class Ratio:
    """Sum of ``top`` over replications by sum of ``bottom``; by `REPLICATIONS` it is a mean per replication."""

    top: Total
    bottom: Total


@dataclass(frozen=True)
class Quantile:
    """Time by which the cumulative incidence of a sample's `HIT` reaches ``level`` of its value at the end."""

    sample: Durations
    level: float


@dataclass(frozen=True)
class MeanOverMedian:
    """The mean of a time, microseconds, by its median: above 1 where it has a long right tail."""

    mean: Ratio
    median: Quantile


@dataclass(frozen=True)
class Metric:
    """One thing that is measured.

    Attributes
    ----------
    key : name in ``metrics.csv``.
    label : name in tables and figures.
    unit : one of `UNITS`; a share is printed in percent.
    group : one of `GROUPS`, the part of the table that it stands in.
    window : whose journeys, or which time, it is about.
    better : ``higher`` or ``lower`` is better; empty when neither is.
    headline : shown in the terminal's table; the others are in ``metrics.csv`` only.
    """

    key: str
    label: str
    unit: str
    group: str
    estimator: Ratio | Quantile | MeanOverMedian
    window: str
    better: str
    doc: str
    headline: bool = True

    @property
    def numerator(self) -> str:
        """What is counted, in words."""
        if isinstance(self.estimator, MeanOverMedian):
            return f"mean of {self.estimator.median.sample.words}"
        return self.estimator.top.words if isinstance(self.estimator, Ratio) else self.estimator.sample.words

    @property
    def denominator(self) -> str:
        """What it is divided by, or among whom a time is measured, in words."""
        if isinstance(self.estimator, MeanOverMedian):
            return "its median"
        return self.estimator.bottom.words if isinstance(self.estimator, Ratio) else self.estimator.sample.among
