"""The way from one organisation to another: what it costs on the way, and when it has paid for itself.

Payroll and spend are the same in all arms, as a change keeps the people and the budgets; so the difference in net is
the difference in what customers pay, less what is paid once at the change.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.questions.compare.work import Comparison
from simulator.questions.frame.arms import Arm, Tell, summarised
from simulator.questions.frame.numbers import Span
from simulator.questions.frame.runs import Simulate, check_leads, resolved
from simulator.questions.transition.path import (
    Band,
    Paths,
    at_day,
    band,
    cumulative,
    dip_of,
    mean_of,
    payback_of,
    pointwise,
    resampled,
    share_of,
)
from simulator.questions.transition.plan import ALWAYS, CHANGES, STAYS, Plan, change_day, planned
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

#: Days a week: the step of the path. Days a year, after which the value is told.
WEEK_DAYS, YEAR_DAYS = 7, 365

#: Last weeks of a run, by which the gap that is left is judged.
_LAST_WEEKS = 26


# --- in a comparison --------------------------------------------------------------------------------------------------


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
    scenario, changes = comparison.scenario, []
    for name in comparison.organisations:
        chosen = scenario.organisations[name]
        day = change_day(chosen)
        if chosen.reorganisation.to and name != comparison.baseline and day < scenario.horizon_days():
            changes.append(_path(comparison, name, chosen.reorganisation.to, day))
    return changes


def _path(comparison: Comparison, name: str, after: str, day: float) -> Path:
    first = math.floor(day / WEEK_DAYS)
    weekly = np.array([
        arm.weekly_revenue[first:] - base.weekly_revenue[first:]
        for arm, base in zip(comparison.summaries[name], comparison.summaries[comparison.baseline], strict=True)
    ])  # fmt: skip
    sums = cumulative(weekly)
    days = days_since(day, sums.shape[1], comparison.scenario.horizon_days())
    mean, paid_back = sums.mean(axis=0), payback_of(days, sums)
    return Path(
        organisation=name,
        before=comparison.baseline,
        after=after,
        change_day=day,
        days=days,
        difference=mean,
        half_width=pointwise(sums),
        payback_days=paid_back.value,
        payback_low=paid_back.low,
        payback_high=paid_back.high,
        lowest_usd=float(mean.min()),
    )


def days_since(day: float, points: int, horizon_days: float) -> NDArray[np.float64]:
    """Days since the change of the points of a path, weeks of the run; the last week ends with the run."""
    first = math.floor(day / WEEK_DAYS)
    return np.minimum((first + np.arange(points)) * float(WEEK_DAYS), horizon_days) - day


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


# --- as a study -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Transition:
    """What the way from one organisation to another costs and brings.

    Attributes
    ----------
    scenario : as it was asked for.
    days : float64[points], days since the change, at the ends of the run's weeks.
    changed, always : float64[replications, points], usd, cumulative since the change, less what the organisation
        that stays earned: of the one that changes (what is paid once is taken off), and of the one that has always
        been so.
    """

    scenario: Checked
    plan: Plan
    days: NDArray[np.float64]
    changed: Paths
    always: Paths
    note: str = ""

    @property
    def replications(self) -> int:
        """Repetitions of every arm."""
        return len(self.changed)

    @cached_property
    def band(self) -> Band:
        """The path of the organisation that changes."""
        return band(self.changed)

    @cached_property
    def band_always(self) -> Band:
        """The path of the one that has always been so."""
        return band(self.always)

    @cached_property
    def payback(self) -> Span:
        """Days after the change from which on the mean path is never below 0 again; may be infinite."""
        return payback_of(self.days, self.changed)

    @cached_property
    def dip(self) -> tuple[Span, Span]:
        """Depth (usd) and day of the lowest point of the mean path."""
        return dip_of(self.days, self.changed)

    @property
    def dips_for_sure(self) -> bool:
        """Whether the whole path's band, and the interval at its lowest point, lie below 0: more than wandering."""
        return bool((self.band.mean + self.band.simultaneous < 0.0).any()) and self.dip[0].high < 0.0

    @property
    def pays_back(self) -> Span:
        """Share of the replications, each one company's luck, that are not behind at the end of the run."""
        return share_of(int((self.changed[:, -1] >= 0.0).sum()), self.replications)

    @property
    def mean_pays_back(self) -> float:
        """Share of resamples of the replications whose mean path is not behind at the end of the run."""
        return float((resampled(self.changed)[:, -1] >= 0.0).mean())

    def after_days(self, day: float) -> Span:
        """What the change has brought by then, usd."""
        return at_day(self.days, self.changed, day)

    @property
    def steady_gap(self) -> Span:
        """What the organisation that has always been so earns more than the one that stays, usd a year."""
        return mean_of(self.always[:, -1] / (self.days[-1] - self.days[0]) * YEAR_DAYS)

    @property
    def last_gap(self) -> Span:
        """The same of the one that changed, in the last half year of the run (all of it, if it is shorter)."""
        first = max(0, len(self.days) - 1 - _LAST_WEEKS)
        since = self.days[-1] - max(self.days[first], 0.0)
        return mean_of((self.changed[:, -1] - self.changed[:, first]) / since * YEAR_DAYS)

    @property
    def way_costs(self) -> Span:
        """What the way costs beside having always been so, by the end of the run, usd."""
        return mean_of(self.always[:, -1] - self.changed[:, -1])

    def measures(self) -> "dict[str, tuple[str, Span]]":
        """All of them by name, with their units."""
        depth, day = self.dip
        nothing = math.nan
        return {
            "change_day": ("days", Span(self.plan.change_day, nothing, nothing)),
            "dip_usd": ("usd", depth),
            "dip_day": ("days", day),
            "dips_for_sure": ("share", Span(float(self.dips_for_sure), nothing, nothing)),
            "payback_days": ("days", self.payback),
            "pays_back_within_run": ("share", self.pays_back),
            "mean_pays_back_within_run": ("share", Span(self.mean_pays_back, nothing, nothing)),
            "after_one_year_usd": ("usd", self.after_days(YEAR_DAYS)),
            "at_the_end_usd": ("usd", self.after_days(float(self.days[-1]))),
            "steady_gap_usd_per_year": ("usd/year", self.steady_gap),
            "gap_in_last_half_year_usd_per_year": ("usd/year", self.last_gap),
            "way_costs_usd": ("usd", self.way_costs),
            "paid_once_usd": ("usd", Span(self.scenario.study.transition.cost_usd, nothing, nothing)),
        }

    def path_table(self) -> "pd.DataFrame":
        """Tidy table of both paths, one row a week, as ``path.csv`` has it."""
        import pandas as pd

        columns = ["scenario", "before", "after", "arm", "days_since_change", "cumulative_difference_usd", "ci_low",
                   "ci_high", "simultaneous_low", "simultaneous_high", "replications"]  # fmt: skip
        rows = [
            (self.scenario.name, self.plan.before, self.plan.after, arm, day, mean, mean - half, mean + half,
             mean - wide, mean + wide, self.replications)
            for arm, band in ((CHANGES, self.band), (ALWAYS, self.band_always))
            for day, mean, half, wide in zip(self.days, band.mean, band.pointwise, band.simultaneous, strict=True)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def summary_table(self) -> "pd.DataFrame":
        """Tidy table of all measures, as ``transition_summary.csv`` has it."""
        import pandas as pd

        rows = [
            (self.scenario.name, self.plan.before, self.plan.after, name, unit, measured.value, measured.low,
             measured.high, self.replications)
            for name, (unit, measured) in self.measures().items()
        ]  # fmt: skip
        columns = ["scenario", "before", "after", "measure", "unit", "estimate", "ci_low", "ci_high", "replications"]
        return pd.DataFrame(rows, columns=columns)


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, a way that cannot be gone."""
    planned(scenario)


def transition(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> Transition:
    """Let an organisation become another one, beside one that stays and one that has always been the other.

    Memory holds the summaries of one arm, and the weekly revenue of those before.

    Parameters
    ----------
    scenario : the question; left as it is.
    progress : called with the runs done and the runs in all, once at the start and after each run.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs, as `planned` and `simulator.questions.compare.work.compare` say.
    """
    scenario = resolved(scenario)
    plan = planned(scenario)
    note = check_leads(scenario)
    arms = [Arm(plan.scenario, plan.names[arm]) for arm in (STAYS, CHANGES, ALWAYS)]
    stays, changes, always = (
        np.array([summary.weekly_revenue for summary in summaries])
        for summaries in summarised(arms, scenario.run, progress, simulate)
    )
    first = math.floor(plan.change_day / WEEK_DAYS)
    changed, already = (cumulative((arm - stays)[:, first:]) for arm in (changes, always))
    days = days_since(plan.change_day, changed.shape[1], scenario.horizon_days())
    changed[:, days >= 0.0] -= scenario.study.transition.cost_usd
    return Transition(scenario, plan, days, changed, already, note)
