"""The registry of metrics: one entry each, from which sums, estimates, tables, figures and documents are made.

A metric is estimated over replications either as a ratio of totals or as a quantile of a cumulative incidence. Its
entry says all of it: what it is called, and how its `Total`s or `Durations` are read from a run (`FinishedRun`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from simulator.model.numerics import DAY_US, HOUR_US
from simulator.model.quarter import QUARTER_US
from simulator.model.records import TOUCH_PERSON
from simulator.model.words import Outcome, Role, StageGroup
from simulator.results.cohort import FinishedRun, Mask, count
from simulator.results.metric import (
    BETTER,
    GROUPS,
    HIT,
    MICROSECONDS,
    UNITS,
    Durations,
    MeanOverMedian,
    Metric,
    Quantile,
    Ratio,
    Total,
)

#: Weekdays of a quarter but for the last.
_OTHER_WEEKDAYS = 64

# --- what is read from a run ------------------------------------------------------------------------------------------


def _cents(amounts: NDArray[np.int64]) -> float:
    """Whole cents as usd: their sum does not depend on order."""
    return int(amounts.sum()) / 100


def _contacted_within(n: int, unit: str) -> Total:
    return Total(f"within_{n}_{unit}", f"first human contact within {n} {unit} of the inquiry",
                 lambda run: count(run.response <= n * HOUR_US))  # fmt: skip


def _touches(kind: str, words: str, group: StageGroup) -> Total:
    return Total(f"{kind}_in_{group.name.lower()}", words, lambda run: float(run[f"{kind}_in", group].sum()))


def sales_cycle(run: FinishedRun, deals: Mask) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """From opportunity to the end, of some opportunities, and how each ended."""
    return (run.end - run["opportunity_at"])[deals], run["outcome"][deals]


def _asks_answered(within: float, after: float, run: FinishedRun) -> int:
    return count((run.answer_hours > after) & (run.answer_hours <= within))


def _reading_minutes(run: FinishedRun) -> float:
    """What opportunities spent on pieces, mails and reviews."""
    read = sum(int(run["touches", kind][run.opportunity].sum()) for kind in range(TOUCH_PERSON))
    return read * run.scenario.market.journey.reading_minutes


def _talk_minutes(run: FinishedRun) -> float:
    return float(run["talk_minutes"][run.opportunity].sum())


def _last_weekday(run: FinishedRun) -> Mask:
    """Journeys that ended on the last weekday of a quarter."""
    of_quarter = run.end % QUARTER_US
    return np.asarray((of_quarter >= QUARTER_US - 3 * DAY_US) & (of_quarter < QUARTER_US - 2 * DAY_US))


def _weekday(run: FinishedRun) -> Mask:
    return np.asarray(run.end % (7 * DAY_US) < 5 * DAY_US)


def _on_last_day(outcome: Outcome, run: FinishedRun) -> float:
    ended = run.opportunity & (run["outcome"] == outcome)
    return float(_OTHER_WEEKDAYS * count(ended & _last_weekday(run)))


def _on_other_days(outcome: Outcome, run: FinishedRun) -> float:
    ended = run.opportunity & (run["outcome"] == outcome)
    return float(count(ended & _weekday(run) & ~_last_weekday(run)))


def hours(kind: str, role: Role) -> Total:
    """Hours of a role over the whole run: ``paid`` or ``worked``."""
    return Total(f"{kind}_{role.name.lower()}", f"hours {kind}",
                 lambda run: float(getattr(run, f"{kind}_hours")[run.setup.person_role == role].sum()))  # fmt: skip


REPLICATIONS = Total("replications", "replications", lambda run: 1)
COHORT = Total("cohort", "buyers of the cohort", len)
INQUIRIES = Total("inquiries", "inquiries", lambda run: count(run.inquired))
CONTACTED = Total("contacted", "contacted", lambda run: len(run.response))
MQLS = Total("mqls", "MQLs", lambda run: count(run.mql))
OPPORTUNITIES = Total("opportunities", "opportunities", lambda run: count(run.opportunity))
WON = Total("won", "won", lambda run: count(run.won))
ASKED = Total("asked", "inquiries who asked for a person", lambda run: count(run.asked))
PROJECT_CYCLES = Total("project_cycles", "microseconds from the beginning of the project to won",
                       lambda run: float((run.end - run.project_at)[run.won].sum()))  # fmt: skip
COST = Total("cost", "payroll, channel spend, content and tools", lambda run: run.payroll + run.spend + run.overhead)
REVENUE = Total("revenue", "deal value of won", lambda run: _cents(run["paid_cents"][run.won]))

#: Totals that no metric needs, but the counts of a run and its budget do.
OTHER_TOTALS = (
    Total("events", "events", lambda run: int(run.report.events)),
    Total("buyers", "buyers that arrived", lambda run: len(run.report.history)),
    Total("spend", "channel spend", lambda run: run.spend),
)

RESPONSE = Durations("response", "inquiry to first human contact", "contacted",
                     lambda run: (run.response, np.full(len(run.response), HIT, np.int8)))  # fmt: skip
CYCLE = Durations("cycle", "first touch to won", "cumulative incidence of won",
                  lambda run: (run.end - run["arrived_at"], run["outcome"]))  # fmt: skip
PROJECT_CYCLE = Durations("project_cycle", "beginning of the project to won", "cumulative incidence of won",
                          lambda run: ((run.end - run.project_at)[run.has_had_project],
                                       run["outcome"][run.has_had_project]))  # fmt: skip
WON_CYCLE = Durations("won_cycle", "the time from the beginning of the project to won", "wins within follow-up",
                      lambda run: ((run.end - run.project_at)[run.won], run["outcome"][run.won]))  # fmt: skip
SALES_CYCLE = Durations("sales_cycle", "opportunity to won", "cumulative incidence of won",
                        lambda run: sales_cycle(run, run.opportunity))  # fmt: skip


# --- the registry -----------------------------------------------------------------------------------------------------


def _share(key: str, label: str, top: Total, bottom: Total, better: str, doc: str, group: str = "Funnel",
           window: str = "cohort, followed up", headline: bool = True) -> Metric:  # fmt: skip
    return Metric(key, label, "share", group, Ratio(top, bottom), window, better, doc, headline)


def _time(key: str, label: str, unit: str, sample: Durations, level: float, doc: str, headline: bool = True) -> Metric:
    return Metric(key, label, unit, "Speed", Quantile(sample, level), "cohort, followed up", "lower", doc, headline)


def _cycle(key: str, label: str, level: float, share: str) -> Metric:
    return _time(key, label, "days", CYCLE, level,
                 f"Days from arrival by which {share} of the wins within follow-up have happened; lost and no decision "
                 "are competing risks, open journeys are censored.", headline=False)  # fmt: skip


def _money(key: str, label: str, top: Total, bottom: Total, better: str, doc: str, headline: bool = True) -> Metric:
    return Metric(key, label, "usd", "Cost", Ratio(top, bottom), "the cohort's period", better, doc, headline)


METRICS: tuple[Metric, ...] = (
    _share("win_rate_inquiries", "win rate of inquiries",
           Total("won_inquiries", "won", lambda run: count(run.inquired & run.won)), INQUIRIES, "higher",
           "Inquiries that were won by the end of follow-up."),
    _share("win_rate_opportunities", "win rate of opportunities",
           Total("won_opportunities", "won", lambda run: count(run.opportunity & run.won)), OPPORTUNITIES, "higher",
           "Opportunities that were won by the end of follow-up."),
    _share("win_rate_forecast", "win rate of forecast deals",
           Total("won_forecast", "won", lambda run: count(run.forecast & run.won)),
           Total("forecast", "forecast deals", lambda run: count(run.forecast)), "higher",
           "Opportunities that reached making the selection, and were won."),
    _share("inquiry_to_mql", "inquiry to MQL", MQLS, INQUIRIES, "", "Inquiries that marketing passes on.",
           window="cohort", headline=False),
    _share("acceptance", "acceptance of MQLs",
           Total("accepted_mqls", "leads sales accepts", lambda run: count(run.mql & run.sal)),
           replace(MQLS, words="leads marketing passes (MQLs)"), "higher", "Passed leads that sales accepts.",
           window="cohort"),
    _share("inquiry_to_sal", "inquiry to SAL", Total("sals", "SALs", lambda run: count(run.sal)), INQUIRIES, "higher",
           "Inquiries that sales accepts.", window="cohort", headline=False),
    _share("inquiry_to_sql", "inquiry to SQL", Total("sqls", "SQLs", lambda run: count(run.sql)), INQUIRIES, "higher",
           "Inquiries that qualify after a talk.", window="cohort", headline=False),
    _share("inquiry_to_opportunity", "inquiry to opportunity",
           Total("inquiry_opportunities", "opportunities", lambda run: count(run.inquired & run.opportunity)),
           INQUIRIES, "higher", "Inquiries that become an opportunity.", window="cohort"),
    _share("never_contacted", "never contacted",
           Total("never_contacted", "inquiries no person ever reached",
                 lambda run: count(run.inquired & ~run.contacted)), INQUIRIES, "lower",
           "Inquiries that no person of ours reached by the end of follow-up.", window="cohort"),
    _share("journey_before_rep", "journey before the first rep",
           Total("cleared_before_person", "uncertainty cleared before the first person's touch",
                 lambda run: float(run["cleared_before_person"][run.met_rep].sum())),
           Total("cleared_total", "all uncertainty cleared",
                 lambda run: float(run["cleared_total"][run.met_rep].sum())), "",
           "How much of the buying was done before any person of ours was met; won and lost journeys that met a rep.",
           window="won and lost journeys that met a rep"),
    _share("open_at_end", "still open at the end",
           Total("open", "open journeys", lambda run: count(run.still_open)), COHORT, "",
           "Journeys that follow-up did not see the end of."),
    _share("win_rate_projects", "win rate of projects",
           Total("won_projects", "won", lambda run: count(run.inquired & run.has_had_project & run.won)),
           Total("projects", "inquiries whose project has begun",
                 lambda run: count(run.inquired & run.has_had_project)), "higher",
           "Inquiries that had a project by the end of follow-up, and were won by then."),
    _share("dormant_at_end", "dormant at the end",
           Total("dormant", "without a project, or with one that pauses",
                 lambda run: count(run.inquired & run.dormant)),
           INQUIRIES, "", "Inquiries that have no project at the end of follow-up, or one that pauses."),
    _share("ended_elsewhere", "ended elsewhere",
           Total("elsewhere", "projects that never came back to us",
                 lambda run: count(run.inquired & (run["outcome"] == Outcome.ELSEWHERE))), INQUIRIES, "lower",
           "Inquiries whose project began, or went on, without a thought of us."),
    Metric("wins", "wins", "count", "Funnel", Ratio(WON, REPLICATIONS), "cohort, followed up", "higher",
           "Buyers of the cohort won, per replication."),
    _time("response_median", "first response, median", "hours", RESPONSE, 0.5,
          "Hours by which half of the inquiries that a person ever reached had been reached; many have no project yet.",
          headline=False),
    *(_share(f"response_within_{n}_{unit}", f"first response within {n} h",
             _contacted_within(n, unit), CONTACTED, "higher", "Of the inquiries that a person ever reached.",
             group="Speed", headline=False)
      for n, unit in ((1, "hour"), (24, "hours"))),
    *(_share(f"request_{name}", f"requests answered {words}", Total(f"request_{name}", words, of), ASKED, better, doc,
             group="Speed")
      for name, words, better, of, doc in (
          ("answered_1h", "within 1 h", "higher", partial(_asks_answered, 1.0, -1.0),
           "First requests that someone turned to within one of our working hours; whether the buyer was reached is "
           "another question."),
          ("answered_24h", "in 1 to 8 h", "higher", partial(_asks_answered, 8.0, 1.0),
           "First requests that someone turned to later, but within eight working hours: one day."),
          ("answered_later", "later", "lower", partial(_asks_answered, 1e9, 8.0),
           "First requests that someone turned to after more than eight working hours."))),
    _share("request_never_answered", "requests never answered",
           Total("request_never_answered", "never", lambda run: count(run.answer_hours == np.inf)), ASKED, "lower",
           "First requests that nobody turned to by the end of follow-up, or before the buyer gave them up.",
           group="Speed"),
    _share("inquiries_that_ask", "inquiries that ask for a person", ASKED, INQUIRIES, "",
           "Inquiries that asked for a person at least once.", headline=False),
    Metric("attempts_per_lead", "calls per lead that is worked", "count", "Speed",
           Ratio(Total("calls", "calls", lambda run: float(run["calls"].sum())),
                 Total("worked", "leads and requests that were called on", lambda run: float(run["worked"].sum()))),
           "cohort, followed up", "", "How often a lead or a request is called before it is reached or given up.",
           headline=False),
    _share("person_time_share", "person share of buyers' time",
           Total("talk_minutes", "minutes of talks with us", _talk_minutes),
           Total("talk_and_reading_minutes", "minutes of talks and of reading",
                 lambda run: _talk_minutes(run) + _reading_minutes(run)), "",
           "Of the time that opportunities spent with us and with anybody's pieces.", headline=False),
    _share("contradiction_noticed", "noticed a contradiction",
           Total("contradicted", "noticed that two of our voices contradict each other",
                 lambda run: count(run.contacted & (run["contradictions"] > 0))), CONTACTED, "lower",
           "Of the inquiries that a person of ours ever reached.", headline=False),
    *(_time(f"project_cycle_{name}", f"project cycle, {words}", "days", PROJECT_CYCLE, level,
            f"Days from the beginning of the project by which {share} of the wins within follow-up have happened.")
      for name, words, level, share in (("q25", "lower quartile", 0.25, "a quarter"), ("median", "median", 0.5, "half"),
                                        ("q75", "upper quartile", 0.75, "three quarters"))),
    Metric("cycle_mean_over_median", "project cycle, mean over median", "times", "Speed",
           MeanOverMedian(Ratio(PROJECT_CYCLES, WON), Quantile(WON_CYCLE, 0.5)), "cohort, followed up", "",
           "Above 1 where some purchases take very long; of wins within follow-up.", headline=False),
    *(Metric(f"last_day_{name}_ratio", f"{name} on a quarter's last weekday", "times", "Speed",
             Ratio(Total(f"last_day_{name}", f"opportunities {ended} on the last weekday of a quarter, times 64",
                         partial(_on_last_day, outcome)),
                   Total(f"other_days_{name}", f"opportunities {ended} on the other 64 weekdays",
                         partial(_on_other_days, outcome))), "cohort, followed up", "",
             f"How many times as many {name} of opportunities fall on the last weekday of a quarter as on another.",
             headline=False)
      for name, ended, outcome in (("wins", "won", Outcome.WON), ("losses", "lost", Outcome.LOST))),
    _cycle("cycle_time_q25", "cycle time, lower quartile", 0.25, "a quarter"),
    _cycle("cycle_time_median", "cycle time, median", 0.5, "half"),
    _cycle("cycle_time_q75", "cycle time, upper quartile", 0.75, "three quarters"),
    _time("sales_cycle_median", "sales cycle, median", "days", SALES_CYCLE, 0.5,
          "Days from opportunity by which half of the wins within follow-up have happened."),
    *(_share(f"person_share_{name}", f"person share in {name}",
             _touches("person_touches", "touches with a person", group), _touches("touches", "touches", group), "",
             f"Of the cohort's touches in the two stages of {name}.", window="cohort", headline=False)
      for group in StageGroup for name in [group.name.lower()]),
    _share("wins_without_rep", "wins without a rep",
           Total("won_unmet", "won by buyers who never met a rep",
                 lambda run: count(run.won & (run["first_rep_at"] < 0))), WON, "",
           "Wins of buyers who never met a rep."),
    _share("self_served", "self-served wins",
           Total("self_served", "won with no rep owning the account",
                 lambda run: count(run.won & (run["self_served"] != 0))), WON, "",
           "Wins of buyers who finished alone, or before an owner was named.", headline=False),
    _money("cost_per_won", "cost per win", COST, WON, "lower",
           "All costs of the cohort's period, those of leads nobody called included, by its wins."),
    _money("cost_per_lead", "cost per lead", COST, INQUIRIES, "lower",
           "All costs of the cohort's period by its inquiries."),
    _money("cost_per_assigned_lead", "cost per assigned lead", COST,
           Total("assigned", "leads with a named owner", lambda run: count(run["owned_at"] >= 0)), "lower",
           "All costs of the cohort's period by the leads that got an owner.", headline=False),
    _money("total_cost", "total cost", COST, REPLICATIONS, "lower", "All costs of the cohort's period."),
    _money("revenue", "revenue", REVENUE, REPLICATIONS, "higher",
           "Deal value of the cohort's wins, whenever within follow-up they were won."),
    _money("net", "revenue less cost",
           Total("net", "deal value of won, less costs", lambda run: REVENUE.of(run) - COST.of(run)), REPLICATIONS,
           "higher", "Revenue of the cohort less the costs of its period."),
    _money("discounts", "discounts",
           Total("discounts", "deal value of won, less what they pay",
                 lambda run: _cents(run["value_cents"][run.won] - run["paid_cents"][run.won])), REPLICATIONS, "lower",
           "What price cuts cost on the cohort's wins.", headline=False),
    _share("content_unused", "content unused by sales",
           Total("assets_unused", "assets that no rep or SDR used", lambda run: count(run.report.assets["uses"] == 0)),
           Total("assets", "assets", lambda run: len(run.report.assets)), "lower",
           "Of all assets in the library, those from before the run included.", group="Content", window="run",
           headline=False),
    Metric("own_pieces", "pieces made by reps", "count", "Content",
           Ratio(Total("own_pieces", "pieces that reps made for want of an asset",
                       lambda run: int(run.report.own_pieces)), REPLICATIONS), "run", "lower",
           "How often a rep who looked for a piece found none of use.", headline=False),
    Metric("search_hours", "reps' hours spent looking", "hours", "Content",
           Ratio(Total("search_hours", "hours spent looking for a piece", lambda run: run.report.search_us / HOUR_US),
                 REPLICATIONS), "run", "lower",
           "Reps' time spent looking for content, over the whole run.", headline=False),
    *(_share(f"utilisation_{name}", f"utilisation of {name}s", hours("worked", role), hours("paid", role), "",
             f"Share of {name}s' paid hours spent on buyers and on their own work; meetings, training and idle time do "
             "not count.", group="People", window="run", headline=False)
      for role in Role for name in [role.name.lower()]),
)  # fmt: skip


# --- what follows from the registry -----------------------------------------------------------------------------------


def totals_of(metrics: Iterable[Metric]) -> tuple[Total, ...]:
    """What metrics add up, each total once."""
    ratios = [part for metric in metrics for part in _parts(metric) if isinstance(part, Ratio)]
    return tuple({total.name: total for ratio in ratios for total in (ratio.top, ratio.bottom)}.values())


def _parts(metric: Metric) -> tuple[Ratio | Quantile, ...]:
    one = metric.estimator
    return (one.mean, one.median) if isinstance(one, MeanOverMedian) else (one,)


def durations_of(metrics: Iterable[Metric]) -> tuple[Durations, ...]:
    """The times that metrics are quantiles of, each once."""
    samples = [part.sample for metric in metrics for part in _parts(metric) if isinstance(part, Quantile)]
    return tuple({sample.name: sample for sample in samples}.values())


def by_key(metrics: Sequence[Metric]) -> dict[str, Metric]:
    """Metrics by their keys.

    Raises
    ------
    ValueError
        If an entry contradicts itself or another one: before anything runs, not when its table is made.
    """
    read: dict[str, Callable[..., object]] = {}
    for metric in metrics:
        parts = [
            part
            for one in _parts(metric)
            for part in ((one.top, one.bottom) if isinstance(one, Ratio) else (one.sample,))
        ]
        wrong = [
            (not metric.key.isidentifier(), "its key is no identifier"),
            ([one.key for one in metrics].count(metric.key) > 1, "another one has its key"),
            ([one.label for one in metrics].count(metric.label) > 1, f"another one has its label {metric.label!r}"),
            (metric.unit not in UNITS, f"its unit must be one of {', '.join(UNITS)}, got {metric.unit!r}"),
            (metric.group not in GROUPS, f"its group must be one of {', '.join(GROUPS)}, got {metric.group!r}"),
            (metric.better not in BETTER, f"better must be higher, lower or empty, got {metric.better!r}"),
            (isinstance(metric.estimator, Quantile) and metric.unit not in MICROSECONDS,
             f"a quantile of times is in {' or '.join(MICROSECONDS)}, got {metric.unit!r}"),
            *((read.setdefault(part.name, part.of) is not part.of, f"another one reads {part.name!r} otherwise")
              for part in parts),
        ]  # fmt: skip
        for is_wrong, why in wrong:
            if is_wrong:
                raise ValueError(f"metric {metric.key}: {why}")
    return {metric.key: metric for metric in metrics}


BY_KEY = by_key(METRICS)


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
