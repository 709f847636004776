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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.model.quarter import QUARTER_US
from simulator.model.words import Outcome, Role, Stage
from simulator.results.cohort import Cohort
from simulator.results.estimate import Estimate, estimates
from simulator.results.metrics import BY_KEY, Metric, Quantile, Ratio
from simulator.results.summary import DAY, HOUR, Summary, count, sample, summarise

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


def _share(key: str, label: str, numerator: str, denominator: str, top: str = "", bottom: str = "") -> Metric:
    """A share of sums; ``top`` and ``bottom`` are their names in the tally."""
    return Metric(key, label, "share", "Evidence", Ratio(top or key, bottom), numerator, denominator, "cohort", "", "")


def _points(metric: Metric, low: float, high: float, points: float, source: str, sureness: str,
            weight: float = 1.0) -> Pattern:  # fmt: skip
    return Pattern(metric, low, high, (points, points), source, sureness, weight)


_FORECAST = "CSO Insights"
_DECIDED = "opportunities that reached making the selection and ended; open ones are left out"
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
    _points(_share("forecast_won", "forecast deals won", "won", _DECIDED, bottom="forecast_decided"),
            0.466, 0.466, 0.05, _FORECAST, READ, _OF_THREE),
    _points(_share("forecast_lost", "forecast deals lost to a rival", "lost to a rival", _DECIDED,
                   bottom="forecast_decided"), 0.296, 0.296, 0.05, _FORECAST, READ, _OF_THREE),
    _points(_share("forecast_no_decision", "forecast deals without decision", "ended without decision", _DECIDED,
                   bottom="forecast_decided"), 0.238, 0.238, 0.05, _FORECAST, READ, _OF_THREE),
    Pattern(Metric("sales_cycle_mid", "sales cycle, deals of 25-35 k usd", "days", "Evidence",
                   Quantile("sales_cycle_mid", 0.5), "median of opportunity to won",
                   "cumulative incidence of won among opportunities of 25,000 to 35,000 usd", "cohort", "", ""),
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
    *(_check(_share(key, label, f"first human contact {words} the inquiry", "inquiries", bottom="inquiries"),
             target, target, _OLDROYD, READ)
      for key, label, words, target in (
          ("answered_in_an_hour", "first response within 1 h", "within 1 hour of", 0.37),
          ("answered_in_a_day", "first response in 1-24 h", "1 to 24 hours after", 0.16),
          ("answered_later", "first response later", "more than 24 hours after", 0.24))),
    _check(_share("saw_contradiction", "buyers who met contradicting voices", "at least one contradiction noticed",
                  "buyers whom a person of ours reached", bottom="reached"), 0.44, 0.44, "Gartner", READ),
    _check(_share("touches_people", "touches with a supplier's people", "touches with our marketers, SDRs and reps",
                  "all touches with us, third parties and rivals", bottom="touches"),
           0.17, 0.17, "Gartner, n = 750 (of time)", QUOTED),
    _check(_share("selling_rep", "reps' time spent selling", "hours with or for buyers", "paid hours",
                  bottom="paid_rep"), 0.34, 0.41, "surveys of sales people", QUOTED),
    *(_check(_share(f"opportunities_{channel}", f"lead to opportunity, {channel.replace('_', ' ')}", "opportunities",
                    f"inquiries through {channel}", bottom=f"inquiries_{channel}"), target, target, _IMPLISIT, READ)
      for channel, target in _BY_CHANNEL.items()),
    _check(Metric("last_day_wins", "wins on a quarter's last day, times", "count", "Evidence",
                  Ratio("won_last_day", "won_other_day"), "wins of a quarter's last weekday, per such day",
                  "wins of another weekday, per such day", "run after warm-up", "", ""),
           3.0, 3.0, "Harvard Business Review", READ),
)  # fmt: skip


# --- from runs to patterns --------------------------------------------------------------------------------------------


def available(patterns: Sequence[Pattern], summary: Summary) -> list[Pattern]:
    """The patterns that the model can speak of: those whose sums and samples a summary has."""
    return [pattern for pattern in patterns if _needs(pattern) <= {*summary.sums, *summary.samples}]


def _needs(pattern: Pattern) -> set[str]:
    estimator = pattern.metric.estimator
    return {estimator.sample} if isinstance(estimator, Quantile) else {estimator.top, estimator.bottom}


def measured(patterns: Sequence[Pattern], summaries: Sequence[Summary]) -> dict[str, Estimate]:
    """Estimates of available patterns, by key, over replications."""
    return estimates(summaries, [pattern.metric for pattern in patterns])


def full_tally(result: "Result") -> Summary:
    """All sums and samples of a run: those of its tables, and those of the patterns and checks."""
    scenario, organisation, replication = result.scenario, result.organisation, result.replication
    tables, own = summarise(result, scenario, organisation, replication), tally(result)
    reps = result.people[result.people["role"] == Role.REP.name.lower()]
    selling = float((reps["worked_hours"] - reps["own_work_hours"]).sum())
    sums = {**tables.sums, **own.sums, **_check_sums(result), "selling_rep": selling}
    return Summary(organisation, replication, sums, {**tables.samples, **own.samples})


def tally(result: "Result") -> Summary:
    """The sums and samples of the patterns, and no more, as a search runs thousands.

    What `summarise` says too is equal, and a test sees to it.
    """
    cohort = Cohort(result.setup, result.report)
    inquired, codes = cohort.inquiry_at >= 0, cohort["outcome"]
    mql, sal, opportunity = (cohort[name] >= 0 for name in ("mql_at", "sal_at", "opportunity_at"))
    decided = opportunity & (cohort["stage_at"][:, Stage.MAKING_SELECTION] >= 0) & (codes != Outcome.OPEN)
    won, lost, no_decision = (codes == end for end in (Outcome.WON, Outcome.LOST, Outcome.NO_DECISION))
    met_rep = (won | lost) & (cohort["first_rep_at"] >= 0)
    low, high = (usd * 100 for usd in DEALS_USD)
    mid = opportunity & (cohort["value_cents"] >= low) & (cohort["value_cents"] <= high)
    ended = np.where(codes == Outcome.OPEN, result.setup.rules.horizon_us, cohort["ended_at"])
    sums = {
        "inquiries": count(inquired),
        "mqls": count(inquired & mql),
        "accepted_mqls": count(inquired & mql & sal),
        "inquiry_opportunities": count(inquired & opportunity),
        "never_contacted": count(inquired & (cohort["first_contact_at"] < 0)),
        "opportunities": count(opportunity),
        "won_opportunities": count(opportunity & won),
        "forecast_decided": count(decided),
        "forecast_won": count(decided & won),
        "forecast_lost": count(decided & lost),
        "forecast_no_decision": count(decided & no_decision),
        "cleared_before_person": float(cohort["cleared_before_person"][met_rep].sum()),
        "cleared_total": float(cohort["cleared_total"][met_rep].sum()),
        "assets": len(result.report.assets),
        "assets_unused": count(result.report.assets["uses"] == 0),
    }
    cycle = sample((ended - cohort["opportunity_at"])[mid], codes[mid])
    return Summary(result.organisation, result.replication, sums, {"sales_cycle_mid": cycle})


def _check_sums(result: "Result") -> dict[str, float]:
    """Sums of the checks that no table has."""
    cohort = Cohort(result.setup, result.report)
    inquiry_at, contact = cohort.inquiry_at, cohort["first_contact_at"]
    inquired, reached = inquiry_at >= 0, contact >= 0
    response = np.maximum(contact - inquiry_at, 0)
    answered = inquired & reached
    sums = {
        "answered_in_an_hour": count(answered & (response <= HOUR)),
        "answered_in_a_day": count(answered & (response > HOUR) & (response <= DAY)),
        "answered_later": count(answered & (response > DAY)),
        "reached": count(reached),
        "saw_contradiction": count(reached & (cohort["contradictions"] > 0)),
        "touches": int(cohort["touches"].sum()),
        "touches_people": int(cohort["touches"][:, -len(Role) :].sum()),
        **_wins_by_day(result),
    }
    for position, name in enumerate(result.setup.arrivals.channels):
        inside = inquired & (cohort.channel == position)
        sums[f"inquiries_{name}"] = count(inside)
        sums[f"opportunities_{name}"] = count(inside & (cohort["opportunity_at"] >= 0))
    return sums


def _wins_by_day(result: "Result") -> dict[str, float]:
    """Wins after warm-up on the last weekdays of the model's quarters and on other weekdays, each per such day."""
    history, rules = result.report.history, result.setup.rules
    days = np.arange(rules.warm_up_us // DAY, rules.horizon_us // DAY)
    weekday = days % 7 < 5
    last = weekday & (days % _QUARTER_DAYS >= _QUARTER_DAYS - 3)  # a quarter of 13 weeks ends on a Sunday
    wins = history["ended_at"][history["outcome"] == Outcome.WON]
    won = np.bincount((wins[wins >= rules.warm_up_us] - rules.warm_up_us) // DAY, minlength=len(days))
    return {
        "won_last_day": int(won[last].sum()) / max(1, count(last)),
        "won_other_day": int(won[weekday & ~last].sum()) / max(1, count(weekday & ~last)),
    }
