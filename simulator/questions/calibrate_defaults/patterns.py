"""Published figures about today's usual organisation, how each is computed here, and how far a run is from them.

A pattern has a target, a value or a range, and a band around it: what is still taken for the same figure. Its place z
is 0 in the middle of the band and 1 at either end of it. The distance of a parameter set is the sum over patterns of

    weight * (max(0, |z| - 1) + PULL * |z|) ** 2

nothing much inside the band, where a survey cannot tell, and ever more outside. What the model cannot say, as nobody
won, counts as |z| = NOWHERE. Checks are figures that are set beside the model's and never fitted.

Surveys rarely state numerator and denominator; the reading in ``metric`` is ours, and part of the assumption. How sure
a figure is says whether it was read in the source or is quoted from it by others.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulator.model.quarter import QUARTER_US
from simulator.model.words import Outcome, Role
from simulator.results.cohort import FinishedRun, Mask, count
from simulator.results.estimate import Estimate, estimates
from simulator.results.metric import Durations, Metric, Quantile, Ratio, Total
from simulator.results.metrics import BY_KEY, INQUIRIES, METRICS, durations_of, hours, sales_cycle, totals_of
from simulator.results.summary import DAY, HOUR, Summary, reduced

if TYPE_CHECKING:
    from simulator.run import Result

#: Weight of the distance to the middle of the band against that beyond its end.
PULL = 0.1

#: Place of a pattern that cannot be computed.
NOWHERE = 20.0

READ, QUOTED = "read in the source", "second-hand"

_QUARTER_DAYS = QUARTER_US // DAY

#: Deal values of the sales cycle's source, usd.
DEALS_USD = (25_000, 35_000)


@dataclass(frozen=True)
class Pattern:
    """One published figure.

    Attributes
    ----------
    metric : how it is computed: estimator, numerator and denominator.
    low, high : the target; equal when it is one value.
    tolerance : how far beyond the target still counts as met, in the metric's unit, as (below, above).
    sureness : whether the figure was read in the source.
    weight : in the distance; 0 for what is only checked.
    """

    metric: Metric
    low: float
    high: float
    tolerance: tuple[float, float]
    source: str
    sureness: str
    weight: float = 1.0

    @property
    def key(self) -> str:
        return self.metric.key

    @property
    def band(self) -> tuple[float, float]:
        """What counts as met."""
        return self.low - self.tolerance[0], self.high + self.tolerance[1]

    def place(self, value: float) -> float:
        """z: 0 in the middle of the band, -1 and 1 at its ends."""
        low, high = self.band
        return (value - (low + high) / 2) / ((high - low) / 2)

    def met(self, value: float) -> bool:
        """Whether a value lies in the band."""
        return self.band[0] <= value <= self.band[1]

    def penalty(self, value: float) -> float:
        """What a value adds to the distance."""
        place = abs(self.place(value)) if math.isfinite(value) else NOWHERE
        return self.weight * (max(0.0, place - 1.0) + PULL * place) ** 2


def distance(values: Mapping[str, float], patterns: "Sequence[Pattern]") -> float:
    """Sum of the penalties of the patterns' values, by key."""
    return math.fsum(pattern.penalty(values[pattern.key]) for pattern in patterns)


# --- the registry -----------------------------------------------------------------------------------------------------


def _share(key: str, label: str, numerator: str, top: Callable[[FinishedRun], float], bottom: Total) -> Metric:
    return Metric(key, label, "share", "Evidence", Ratio(Total(key, numerator, top), bottom), "cohort", "", "")


def _ended(end: Outcome) -> Callable[[FinishedRun], float]:
    return lambda run: count(_decided(run) & (run["outcome"] == end))


def _answered(after_us: int, until_us: int) -> Callable[[FinishedRun], float]:
    return lambda run: count((run.response > after_us) & (run.response <= until_us))


def _inquiries_of(channel: str) -> Total:
    return Total(f"inquiries_{channel}", f"inquiries through {channel}",
                 lambda run: count(_inquired_through(run, channel)))  # fmt: skip


def _opportunities_of(channel: str) -> Callable[[FinishedRun], float]:
    return lambda run: count(_inquired_through(run, channel) & run.opportunity)


def _points(metric: Metric, low: float, high: float, points: float, source: str, sureness: str,
            weight: float = 1.0) -> Pattern:  # fmt: skip
    return Pattern(metric, low, high, (points, points), source, sureness, weight)


_FORECAST = "CSO Insights"
_DECIDED = Total("forecast_decided",
                 "opportunities that reached making the selection and ended; open ones are left out",
                 lambda run: count(_decided(run)))  # fmt: skip
_IMPLISIT = "Implisit, about 500 firms, in eMarketer"

#: The three ends of a forecast deal add up to 100%: two free figures, so two thirds of a weight each.
_OF_THREE = 2 / 3

PATTERNS: tuple[Pattern, ...] = (
    _points(BY_KEY["inquiry_to_opportunity"], 0.13, 0.13, 0.03, _IMPLISIT, READ),
    _points(BY_KEY["acceptance"], 0.44, 0.44, 0.08, "Gartner Digital Markets", READ),
    _points(BY_KEY["never_contacted"], 0.70, 0.80, 0.0,
            "Sabnis, Chatterjee, Grewal, Lilien 2013, Journal of Marketing (70%); SiriusDecisions (80%)",
            f"{READ}; {QUOTED}"),
    _points(BY_KEY["win_rate_opportunities"], 0.21, 0.21, 0.05, "practitioners' benchmark", QUOTED),
    *(_points(_share(f"forecast_{end.name.lower()}", label, words, _ended(end), _DECIDED),
              target, target, 0.05, _FORECAST, READ, _OF_THREE)
      for end, label, words, target in (
          (Outcome.WON, "forecast deals won", "won", 0.466),
          (Outcome.LOST, "forecast deals lost to a rival", "lost to a rival", 0.296),
          (Outcome.NO_DECISION, "forecast deals without decision", "ended without decision", 0.238))),
    Pattern(Metric("sales_cycle_mid", "sales cycle, deals of 25-35 k usd", "days", "Evidence",
                   Quantile(Durations("sales_cycle_mid", "median of opportunity to won",
                                      "cumulative incidence of won among opportunities of 25,000 to 35,000 usd",
                                      lambda run: sales_cycle(run, run.opportunity & _of_middle_size(run))), 0.5),
                   "cohort", "", ""),
            60.0, 72.0, (12.0, 14.4), "forEntrepreneurs, SaaS survey", READ),
    _points(BY_KEY["content_unused"],
            0.60, 0.70, 0.05, "SiriusDecisions, in Callidus", QUOTED),
    _points(BY_KEY["journey_before_rep"], 0.57, 0.60, 0.07, "CEB; Acquity Group 2014", QUOTED),
)  # fmt: skip


def _check(metric: Metric, low: float, high: float, source: str, sureness: str) -> Pattern:
    return Pattern(metric, low, high, (0.0, 0.0), source, sureness, 0.0)


_OLDROYD = "Oldroyd, McElheran, Elkington 2011, Harvard Business Review (of firms)"
_BY_CHANNEL = {"website": 0.31, "referral": 0.25, "webinar": 0.18, "social": 0.17, "paid_ads": 0.15}

CHECKS: tuple[Pattern, ...] = (
    *(_check(_share(key, label, f"first human contact {words} the inquiry",
                    _answered(after, most), INQUIRIES), target, target, _OLDROYD, READ)
      for key, label, words, after, most, target in (
          ("answered_in_an_hour", "first response within 1 h", "within 1 hour of", -1, HOUR, 0.37),
          ("answered_in_a_day", "first response in 1-24 h", "1 to 24 hours after", HOUR, DAY, 0.16),
          ("answered_later", "first response later", "more than 24 hours after", DAY, np.iinfo(np.int64).max, 0.24))),
    _check(_share("saw_contradiction", "buyers who met contradicting voices", "at least one contradiction noticed",
                  lambda run: count(_reached(run) & (run["contradictions"] > 0)),
                  Total("reached", "buyers whom a person of ours reached", lambda run: count(_reached(run)))),
           0.44, 0.44, "Gartner", READ),
    _check(_share("touches_people", "touches with a supplier's people", "touches with our marketers, SDRs and reps",
                  lambda run: int(run["touches"][:, -len(Role) :].sum()),
                  Total("touches", "all touches with us, third parties and rivals",
                        lambda run: int(run["touches"].sum()))),
           0.17, 0.17, "Gartner, n = 750 (of time)", QUOTED),
    _check(_share("selling_rep", "reps' time spent selling", "hours with or for buyers",
                  lambda run: float((run.worked_hours - run.own_work_hours)[run.setup.person_role == Role.REP].sum()),
                  replace(hours("paid", Role.REP), words="paid hours")), 0.34, 0.41, "surveys of sales people", QUOTED),
    *(_check(_share(f"opportunities_{channel}", f"lead to opportunity, {channel.replace('_', ' ')}", "opportunities",
                    _opportunities_of(channel), _inquiries_of(channel)), target, target, _IMPLISIT, READ)
      for channel, target in _BY_CHANNEL.items()),
    _check(Metric("last_day_wins", "wins on a quarter's last day, times", "count", "Evidence",
                  Ratio(Total("won_last_day", "wins of a quarter's last weekday, per such day",
                              lambda run: _wins_a_day(run, last=True)),
                        Total("won_other_day", "wins of another weekday, per such day",
                              lambda run: _wins_a_day(run, last=False))), "run after warm-up", "", ""),
           3.0, 3.0, "Harvard Business Review", READ),
)  # fmt: skip


# --- from runs to patterns --------------------------------------------------------------------------------------------


def available(patterns: Sequence[Pattern], summary: Summary) -> list[Pattern]:
    """The patterns that the model can speak of: those whose sums and samples a summary has."""
    return [pattern for pattern in patterns if _needs(pattern) <= {*summary.sums, *summary.samples}]


def _needs(pattern: Pattern) -> set[str]:
    return {total.name for total in totals_of([pattern.metric])} | {
        sample.name for sample in durations_of([pattern.metric])
    }


def measured(patterns: Sequence[Pattern], summaries: Sequence[Summary]) -> dict[str, Estimate]:
    """Estimates of available patterns, by key, over replications."""
    return estimates(summaries, [pattern.metric for pattern in patterns])


_PATTERN_METRICS = [pattern.metric for pattern in PATTERNS]


def tally(result: "Result") -> Summary:
    """The sums and samples of the patterns, and no more, as a search runs thousands."""
    return _tally(result, _PATTERN_METRICS)


def full_tally(result: "Result") -> Summary:
    """All sums and samples of a run: those of its tables, and those of the patterns and checks that it can speak of."""
    known = {f"opportunities_{channel}" for channel in result.setup.arrivals.channels}
    unknown = {f"opportunities_{channel}" for channel in _BY_CHANNEL} - known
    return _tally(result, [*METRICS, *(one.metric for one in (*PATTERNS, *CHECKS) if one.key not in unknown)])


def _tally(result: "Result", metrics: Sequence[Metric]) -> Summary:
    run = FinishedRun(result.setup, result.report, result.scenario, result.organisation)
    sums, samples = reduced(run, totals_of(metrics), durations_of(metrics))
    return Summary(result.organisation, result.replication, sums, samples)


def _decided(run: FinishedRun) -> Mask:
    return run.forecast & ~run.still_open


def _of_middle_size(run: FinishedRun) -> Mask:
    low, high = (usd * 100 for usd in DEALS_USD)
    return np.asarray((run["value_cents"] >= low) & (run["value_cents"] <= high))


def _reached(run: FinishedRun) -> Mask:
    return np.asarray(run["first_contact_at"] >= 0)


def _inquired_through(run: FinishedRun, channel: str) -> Mask:
    return run.inquired & (run.channel == run.setup.arrivals.channels.index(channel))


def _wins_a_day(run: FinishedRun, last: bool) -> float:
    """Wins after warm-up on the last weekdays of the model's quarters, or on other weekdays, per such day."""
    history, rules = run.report.history, run.setup.rules
    days = np.arange(rules.warm_up_us // DAY, rules.horizon_us // DAY)
    weekday = days % 7 < 5
    is_last = days % _QUARTER_DAYS >= _QUARTER_DAYS - 3  # a quarter of 13 weeks ends on a Sunday
    wins = history["ended_at"][history["outcome"] == Outcome.WON]
    won = np.bincount((wins[wins >= rules.warm_up_us] - rules.warm_up_us) // DAY, minlength=len(days))
    chosen = weekday & (is_last == last)
    return int(won[chosen].sum()) / max(1, count(chosen))
