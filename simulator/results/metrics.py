"""The registry of metrics: one entry each, from which tables, figures, documents and tests are made.

A metric is estimated over replications either as a ratio of sums or as a quantile of a cumulative incidence; its
``numerator`` and ``denominator`` say in words what the estimator does with the sums and samples of a `Summary`.
"""

from dataclasses import dataclass

from simulator.model.words import StageGroup
from simulator.results.summary import DAY, HOUR, ROLE_NAMES

#: Microseconds in the units of durations.
MICROSECONDS = {"days": DAY, "hours": HOUR}

GROUPS = ("Funnel", "Speed", "Cost", "Content", "People")


@dataclass(frozen=True)
class Ratio:
    """Sum of ``top`` over replications by sum of ``bottom``; by ``replications`` it is a mean per replication."""

    top: str
    bottom: str


@dataclass(frozen=True)
class Quantile:
    """Time by which the cumulative incidence of a sample's event reaches ``level`` of its value at the end."""

    sample: str
    level: float


@dataclass(frozen=True)
class Metric:
    """One thing that is measured.

    Attributes
    ----------
    key : name in ``metrics.csv``.
    label : name in tables and figures.
    unit : share, days, hours, usd or count; a share is printed in percent.
    better : ``higher`` or ``lower`` is better; empty when neither is.
    headline : shown in the terminal's table; the others are in ``metrics.csv`` only.
    """

    key: str
    label: str
    unit: str
    group: str
    estimator: Ratio | Quantile
    numerator: str
    denominator: str
    window: str
    better: str
    doc: str
    headline: bool = True


def _share(key: str, label: str, top: str, bottom: str, numerator: str, denominator: str, better: str, doc: str,
           group: str = "Funnel", window: str = "cohort, followed up", headline: bool = True) -> Metric:  # fmt: skip
    return Metric(key, label, "share", group, Ratio(top, bottom), numerator, denominator, window, better, doc, headline)


def _time(key: str, label: str, unit: str, sample: str, level: float, numerator: str, denominator: str, doc: str,
          headline: bool = True) -> Metric:  # fmt: skip
    return Metric(key, label, unit, "Speed", Quantile(sample, level), numerator, denominator, "cohort, followed up",
                  "lower", doc, headline)  # fmt: skip


def _cycle(key: str, label: str, level: float, share: str) -> Metric:
    return _time(key, label, "days", "cycle", level, "first touch to won", "cumulative incidence of won",
                 f"Days from arrival by which {share} of the wins within follow-up have happened; lost and no decision "
                 "are competing risks, open journeys are censored.")  # fmt: skip


def _money(key: str, label: str, top: str, bottom: str, numerator: str, denominator: str, better: str, doc: str,
           headline: bool = True) -> Metric:  # fmt: skip
    return Metric(key, label, "usd", "Cost", Ratio(top, bottom), numerator, denominator, "the cohort's period", better,
                  doc, headline)  # fmt: skip


def _utilisation(role: str) -> Metric:
    return _share(f"utilisation_{role}", f"utilisation of {role}s", f"worked_{role}", f"paid_{role}", "hours worked",
                  "hours paid", "", f"Share of {role}s' paid hours spent on buyers and on their own work; meetings, "
                  "training and idle time do not count.",
                  group="People", window="run", headline=False)  # fmt: skip


_COSTS = "payroll, channel spend, content and tools"

METRICS: tuple[Metric, ...] = (
    _share("win_rate_inquiries", "win rate of inquiries", "won_inquiries", "inquiries", "won", "inquiries", "higher",
           "Inquiries that were won by the end of follow-up."),
    _share("win_rate_opportunities", "win rate of opportunities", "won_opportunities", "opportunities", "won",
           "opportunities", "higher", "Opportunities that were won by the end of follow-up."),
    _share("win_rate_forecast", "win rate of forecast deals", "won_forecast", "forecast", "won", "forecast deals",
           "higher", "Opportunities that reached making the selection, and were won."),
    _share("inquiry_to_mql", "inquiry to MQL", "mqls", "inquiries", "MQLs", "inquiries", "",
           "Inquiries that marketing passes on.", window="cohort", headline=False),
    _share("acceptance", "acceptance of MQLs", "accepted_mqls", "mqls", "leads sales accepts",
           "leads marketing passes (MQLs)", "higher", "Passed leads that sales accepts.", window="cohort"),
    _share("inquiry_to_sal", "inquiry to SAL", "sals", "inquiries", "SALs", "inquiries", "higher",
           "Inquiries that sales accepts.", window="cohort", headline=False),
    _share("inquiry_to_sql", "inquiry to SQL", "sqls", "inquiries", "SQLs", "inquiries", "higher",
           "Inquiries that qualify after a talk.", window="cohort", headline=False),
    _share("inquiry_to_opportunity", "inquiry to opportunity", "inquiry_opportunities", "inquiries", "opportunities",
           "inquiries", "higher", "Inquiries that become an opportunity.", window="cohort"),
    _share("never_contacted", "never contacted", "never_contacted", "inquiries", "inquiries no person ever reached",
           "inquiries", "lower", "Inquiries that no person of ours reached by the end of follow-up.", window="cohort"),
    _share("journey_before_rep", "journey before the first rep", "cleared_before_person", "cleared_total",
           "uncertainty cleared before the first person's touch", "all uncertainty cleared", "",
           "How much of the buying was done before any person of ours was met; won and lost journeys that met a rep.",
           window="won and lost journeys that met a rep"),
    _share("open_at_end", "still open at the end", "open", "cohort", "open journeys", "buyers of the cohort", "",
           "Journeys that follow-up did not see the end of."),
    Metric("wins", "wins", "count", "Funnel", Ratio("won", "replications"), "won", "replications",
           "cohort, followed up", "higher", "Buyers of the cohort won, per replication."),
    _time("response_median", "first response, median", "hours", "response", 0.5, "inquiry to first human contact",
          "contacted", "Hours by which half of the inquiries that a person ever reached had been reached."),
    _share("response_within_1_hour", "first response within 1 h", "within_1_hour", "contacted",
           "first human contact within 1 hour of the inquiry", "contacted", "higher",
           "Of the inquiries that a person ever reached.", group="Speed"),
    _share("response_within_24_hours", "first response within 24 h", "within_24_hours", "contacted",
           "first human contact within 24 hours of the inquiry", "contacted", "higher",
           "Of the inquiries that a person ever reached.", group="Speed"),
    _cycle("cycle_time_q25", "cycle time, lower quartile", 0.25, "a quarter"),
    _cycle("cycle_time_median", "cycle time, median", 0.5, "half"),
    _cycle("cycle_time_q75", "cycle time, upper quartile", 0.75, "three quarters"),
    _time("sales_cycle_median", "sales cycle, median", "days", "sales_cycle", 0.5, "opportunity to won",
          "cumulative incidence of won",
          "Days from opportunity by which half of the wins within follow-up have happened."),
    *(_share(f"person_share_{name}", f"person share in {name}", f"person_touches_in_{name}", f"touches_in_{name}",
             "touches with a person", "touches", "", f"Of the cohort's touches in the two stages of {name}.",
             window="cohort", headline=False) for name in (group.name.lower() for group in StageGroup)),
    _share("self_served", "wins without a rep", "self_served", "won", "won with no rep owning the account", "won", "",
           "Wins of buyers who finished alone, or before an owner was named."),
    _money("cost_per_won", "cost per won", "cost", "won", _COSTS, "won", "lower",
           "All costs of the cohort's period, those of leads nobody called included, by its wins."),
    _money("cost_per_lead", "cost per lead", "cost", "inquiries", _COSTS, "inquiries", "lower",
           "All costs of the cohort's period by its inquiries."),
    _money("cost_per_assigned_lead", "cost per assigned lead", "cost", "assigned", _COSTS, "leads with a named owner",
           "lower", "All costs of the cohort's period by the leads that got an owner.", headline=False),
    _money("total_cost", "total cost", "cost", "replications", _COSTS, "replications", "lower",
           "All costs of the cohort's period."),
    _money("revenue", "revenue", "revenue", "replications", "deal value of won", "replications", "higher",
           "Deal value of the cohort's wins, whenever within follow-up they were won."),
    _money("net", "revenue less cost", "net", "replications", "deal value of won, less costs", "replications", "higher",
           "Revenue of the cohort less the costs of its period."),
    _money("discounts", "discounts", "discounts", "replications", "deal value of won, less what they pay",
           "replications", "lower", "What price cuts cost on the cohort's wins.", headline=False),
    _share("content_unused", "content unused by sales", "assets_unused", "assets", "assets that no rep or SDR used",
           "assets", "lower", "Of all assets in the library, those from before the run included.", group="Content",
           window="run", headline=False),
    Metric("own_pieces", "pieces made by reps", "count", "Content", Ratio("own_pieces", "replications"),
           "pieces that reps made for want of an asset", "replications", "run", "lower",
           "How often a rep who looked for a piece found none of use.", headline=False),
    Metric("search_hours", "reps' hours spent looking", "hours", "Content", Ratio("search_hours", "replications"),
           "hours spent looking for a piece", "replications", "run", "lower",
           "Reps' time spent looking for content, over the whole run.", headline=False),
    *(_utilisation(role) for role in ROLE_NAMES),
)  # fmt: skip

BY_KEY = {metric.key: metric for metric in METRICS}


def as_markdown() -> str:
    """The registry as a table for the documents."""
    lines = ["| key | unit | numerator | denominator | window | better | meaning |", "| --- " * 7 + "|"]
    lines += [
        f"| `{m.key}` | {m.unit} | {_quantile_in_words(m)}{m.numerator} | {m.denominator} | {m.window} "
        f"| {m.better or '-'} | {m.doc} |"
        for m in METRICS
    ]
    return "\n".join(lines) + "\n"


def _quantile_in_words(metric: Metric) -> str:
    return f"{metric.estimator.level:.0%} quantile: " if isinstance(metric.estimator, Quantile) else ""
