"""Patterns against the tables, recomputed with pandas; the distance by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from simulator.questions.calibrate_defaults.patterns import (  # fmt: skip
    CHECKS,
    NOWHERE,
    PATTERNS,
    PULL,
    available,
    distance,
    full_tally,
    measured,
    tally,
)
from simulator.results.metrics import METRICS, totals_of
from simulator.results.summary import Summary, summarise
from simulator.run import simulate
from simulator.scenario.composing import load_scenario
from tests.results import naive

SHORT = ["market.inquiries_per_year=4000", "run.warm_up_days=60", "run.cohort_days=150", "run.follow_up_days=200"]
BY_KEY = {pattern.key: pattern for pattern in (*PATTERNS, *CHECKS)}


@pytest.fixture(scope="module")
def results():
    scenario = load_scenario("baseline", SHORT)
    return [simulate(scenario, "relay_race", seed=5, replication=replication) for replication in range(3)]


@pytest.fixture(scope="module")
def estimates(results):
    summaries = [full_tally(result) for result in results]
    return measured(available((*PATTERNS, *CHECKS), summaries[0]), summaries)


def pooled(results):
    """Every buyer of the cohorts, and the time of an open journey's censoring."""
    tables = [result.journeys.assign(end_at=pd.Timestamp(result.end_at)) for result in results]
    table = pd.concat(tables, ignore_index=True)
    return table[table["in_cohort"]]


def response_days(table):
    return (table["first_contact_at"] - table["inquiry_at"]).clip(lower=pd.Timedelta(0)) / pd.Timedelta(days=1)


def cycle(table, median=True):
    deals = table[table["opportunity_at"].notna() & table["deal_value_usd"].between(25_000, 35_000)]
    codes = deals["outcome"].astype(str).map({"open": 0, "won": 1, "lost": 2, "no_decision": 3})
    days = (deals["ended_at"].fillna(deals["end_at"]) - deals["opportunity_at"]) / pd.Timedelta(days=1)
    return naive.quantile(list(days), list(codes), 1, 0.5)


def decided(table):
    table = table[table["opportunity_at"].notna() & table["making_selection_at"].notna()]
    return table[table["outcome"] != "open"]


def inquired(table, channel=None):
    table = table[table["inquiry_at"].notna()]
    return table if channel is None else table[table["channel"] == channel]


def met_rep(table):
    return table[table["outcome"].isin(["won", "lost"]) & table["first_rep_at"].notna()]


def touches(table, *kinds):
    kinds = kinds or ("ours", "third_party", "rival", "mail", "marketer", "sdr", "rep")
    return table[[f"touches_{kind}" for kind in kinds]].sum(axis=1)


NAIVE = {
    "inquiry_to_opportunity": lambda t: inquired(t)["opportunity_at"].notna().mean(),
    "acceptance": lambda t: inquired(t).dropna(subset="mql_at")["sal_at"].notna().mean(),
    "never_contacted": lambda t: inquired(t)["first_contact_at"].isna().mean(),
    "win_rate_opportunities": lambda t: (t.dropna(subset="opportunity_at")["outcome"] == "won").mean(),
    "forecast_won": lambda t: (decided(t)["outcome"] == "won").mean(),
    "forecast_lost": lambda t: (decided(t)["outcome"] == "lost").mean(),
    "forecast_no_decision": lambda t: (decided(t)["outcome"] == "no_decision").mean(),
    "sales_cycle_mid": cycle,
    "journey_before_rep": lambda t: met_rep(t)["cleared_before_person"].sum() / met_rep(t)["cleared_total"].sum(),
    "answered_in_an_hour": lambda t: (response_days(inquired(t)) <= 1 / 24).mean(),
    "answered_in_a_day": lambda t: (response_days(inquired(t)).between(1 / 24, 1, inclusive="right")).mean(),
    "answered_later": lambda t: (response_days(inquired(t)) > 1).mean(),
    "saw_contradiction": lambda t: (t.dropna(subset="first_contact_at")["contradictions"] > 0).mean(),
    "touches_people": lambda t: touches(t, "marketer", "sdr", "rep").sum() / touches(t).sum(),
    **{f"opportunities_{channel}": lambda t, channel=channel: inquired(t, channel)["opportunity_at"].notna().mean()
       for channel in ("website", "referral", "webinar", "social", "paid_ads")},
}  # fmt: skip


@pytest.mark.parametrize("key", NAIVE)
def test_patterns_are_what_the_tables_say(key, results, estimates):
    assert estimates[key].value == pytest.approx(NAIVE[key](pooled(results)), rel=1e-9)


def test_intervals_leave_out_one_replication_at_a_time(results, estimates):
    for key in ("forecast_won", "journey_before_rep", "sales_cycle_mid"):
        expected = naive.jackknife(results, lambda parts, key=key: NAIVE[key](pooled(parts)))
        assert (estimates[key].value, *estimates[key].interval) == pytest.approx(expected)


def test_what_reps_do_with_their_time(results, estimates):
    reps = pd.concat([result.people[result.people["role"] == "rep"] for result in results])
    selling = reps["worked_hours"] - reps["own_work_hours"]
    assert estimates["selling_rep"].value == pytest.approx(selling.sum() / reps["paid_hours"].sum())


def test_wins_on_the_last_days_of_quarters(results, estimates):
    """Quarters of 13 weeks from a Monday on: the last weekday is the Friday of the 13th week."""
    counted = {True: 0.0, False: 0.0}
    for result in results:
        start = pd.Timestamp(result.end_at) - pd.Timedelta(days=result.scenario.horizon_days())
        won = (result.journeys.query("outcome == 'won'")["ended_at"] - start).dt.days
        days = {True: [], False: []}
        for day in range(60, result.scenario.horizon_days()):
            week, weekday = divmod(day, 7)
            if weekday < 5:
                days[week % 13 == 12 and weekday == 4].append(day)
        for last, ones in days.items():
            counted[last] += won.isin(ones).sum() / len(ones)
    assert estimates["last_day_wins"].value == pytest.approx(counted[True] / counted[False])


def test_the_quick_tally_says_what_the_tables_say(results):
    for result in results:
        quick, tables = tally(result), summarise(result, result.scenario, "relay_race", result.replication)
        shared = set(quick.sums) & set(tables.sums)
        assert len(shared) >= 9 and {name: tables.sums[name] for name in shared} == {n: quick.sums[n] for n in shared}
        full = full_tally(result)
        of_metrics = {total.name: tables.sums[total.name] for total in totals_of(METRICS)}
        assert full.sums.items() >= of_metrics.items() and full.sums.items() >= quick.sums.items()


def test_every_lead_of_an_export_is_an_inquiry():
    result = simulate(load_scenario("replay", ["run.cohort_days=60", "run.follow_up_days=60"]), "relay_race")
    tables = summarise(result, result.scenario, "relay_race", 0)
    assert tally(result).sums["inquiries"] == tables.sums["inquiries"] == tables.sums["cohort"] > 0


def test_a_pattern_that_the_model_does_not_speak_of_is_left_out(results):
    content = BY_KEY["content_unused"]
    summary = full_tally(results[0])
    assert (content in available(PATTERNS, summary)) == ("assets" in summary.sums)
    told = Summary("any", 0, {**summary.sums, "assets": 40.0, "assets_unused": 26.0}, summary.samples)
    assert available(PATTERNS, told) == list(PATTERNS)
    assert measured([content], [told])[content.key].value == pytest.approx(0.65)


# --- the distance -----------------------------------------------------------------------------------------------------


def test_the_distance_by_hand():
    acceptance = BY_KEY["acceptance"]  # 44 +- 8%
    assert acceptance.penalty(0.44) == pytest.approx(0.0)
    assert acceptance.penalty(0.52) == pytest.approx((PULL * 1.0) ** 2)
    assert acceptance.penalty(0.60) == pytest.approx((1.0 + PULL * 2.0) ** 2)
    assert acceptance.penalty(0.28) == pytest.approx(acceptance.penalty(0.60))
    never = BY_KEY["never_contacted"]  # 70-80%, the range itself is the band
    assert never.penalty(0.70) == pytest.approx(PULL**2) and never.penalty(0.75) == pytest.approx(0.0)
    cycle = BY_KEY["sales_cycle_mid"]  # 60-72 days +- 20%
    assert cycle.band == pytest.approx((60 * 0.8, 72 * 1.2)) and cycle.met(48.1) and not cycle.met(47.9)
    values = {"acceptance": 0.60, "never_contacted": 0.70}
    assert distance(values, [acceptance, never]) == pytest.approx((1.0 + PULL * 2.0) ** 2 + PULL**2)


def test_what_cannot_be_computed_is_far_away():
    pattern = BY_KEY["sales_cycle_mid"]
    assert pattern.penalty(math.nan) == pytest.approx((NOWHERE - 1 + PULL * NOWHERE) ** 2)
    assert not pattern.met(math.nan)


def test_the_registry_is_complete():
    assert len(BY_KEY) == len(PATTERNS) + len(CHECKS)
    for pattern in (*PATTERNS, *CHECKS):
        assert pattern.low <= pattern.high and pattern.source and pattern.sureness
        assert pattern.metric.numerator and pattern.metric.denominator
    for pattern in PATTERNS:
        low, high = pattern.band
        assert low < high and pattern.weight > 0
        assert np.mean(pattern.band) == pytest.approx((pattern.low + pattern.high) / 2, rel=0.03)
    assert all(check.weight == 0 for check in CHECKS)
    forecast = [pattern for pattern in PATTERNS if pattern.key.startswith("forecast_")]
    assert sum(pattern.weight for pattern in forecast) == pytest.approx(2)
    assert sum(pattern.low for pattern in forecast) == pytest.approx(1)
