"""Every metric against a slow reading of the journeys, written from the table of estimands."""

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simulator.model.words import Outcome
from simulator.results.estimate import Estimate, Pooled, estimates, half_widths, variance_ratio
from simulator.results.metric import HIT, Metric, Quantile, Ratio, Total
from simulator.results.metrics import BY_KEY, CYCLE, INQUIRIES, METRICS, WON, as_markdown, by_key
from simulator.results.summary import DAY, HOUR, summarise
from simulator.scenario.scenario import payroll_usd_per_year
from tests.results import naive, naive_summary
from tests.results.fake_journeys import changed, fake_scenario, fake_simulate

SCENARIO = fake_scenario(follow_up_days=60)
SCENARIO.market.inquiries_per_year = 150.0
RESULTS = [fake_simulate(SCENARIO, "integrated", replication=r) for r in range(5)]
SUMMARIES = [summarise(result, SCENARIO, "integrated", r) for r, result in enumerate(RESULTS)]


COHORTS = {id(one): [row for row in one.journeys.to_dict("records") if row["in_cohort"]] for one in RESULTS}


def rows(results):
    """The cohort's journeys of some replications, as dictionaries."""
    return [row for result in results for row in COHORTS[id(result)]]


def has(row, name):
    return not pd.isna(row[f"{name}_at"])


def share(top, bottom):
    def estimate(results):
        below = [row for row in rows(results) if bottom(row)]
        return sum(map(bool, map(top, below))) / len(below)

    return estimate


def mean(amount):
    return lambda results: sum(amount(result) for result in results) / len(results)


def by(top, bottom):
    return lambda results: sum(map(top, results)) / sum(map(bottom, results))


def time(start, hit, unit, level, which):
    def estimate(results):
        durations, codes = [], []
        for result in results:
            for row in filter(which, rows([result])):
                end = row["first_contact_at"] if hit == "contact" else row["ended_at"]
                end = result.end_at if pd.isna(end) else end
                durations.append((end - row[start]) // pd.Timedelta(microseconds=1))
                codes.append(naive_summary.OUTCOMES[row["outcome"]] if hit == "won" else 1)
        return naive.quantile(durations, codes, 1, level) / unit

    return estimate


def hours(row):
    return (row["first_contact_at"] - row["inquiry_at"]) / pd.Timedelta(hours=1)


def cost(result):
    """Pay, content and tools, and what is spent on channels, day by day: from the review on another multiple of it."""
    run, report = SCENARIO.run, result.report
    pay = payroll_usd_per_year(SCENARIO.organisations["integrated"]) + 100_000
    spend = [150.0 * 0.7 * 310.0, 150.0 * 0.3 * 50.0]
    review, total = report.reviews[0, 0] / DAY, 0.0
    for day in range(run.warm_up_days, run.warm_up_days + run.cohort_days):
        after = min(1.0, max(0.0, day + 1 - review))  # share of the day that the review is over
        for usd, before, then in zip(spend, *report.spend, strict=True):
            total += usd / 365 * (before * (1 - after) + then * after)
    return pay * run.cohort_days / 365 + total


def revenue(result):
    return sum(row["value_usd"] for row in rows([result]))


def number(test):
    return lambda result: sum(map(bool, map(test, rows([result]))))


def work(role, column):
    return lambda result: result.people.loc[result.people["role"] == role, column].sum()


def inquiry(row):
    return has(row, "inquiry")


def contacted(row):
    return inquiry(row) and has(row, "first_contact")


def opportunity(row):
    return has(row, "opportunity")


def won(row):
    return row["outcome"] == "won"


def met_rep(row):
    return row["outcome"] in ("won", "lost") and has(row, "first_rep")


def cleared(column):
    return lambda result: sum(row[column] for row in rows([result]) if met_rep(row))


def discounted(result):
    return sum(row["deal_value_usd"] - row["value_usd"] for row in filter(won, rows([result])))


def touched(kind, group):
    return lambda result: sum(row[f"{kind}_{group}"] for row in rows([result]))


def anyone(row):
    return True


def project_began(row):
    return row["project_at"] if row["came_dormant"] else row["arrived_at"]


def project(row):
    return inquiry(row) and not pd.isna(project_began(row))


def asked(row):
    return inquiry(row) and has(row, "requested")


def answer_hours(row):
    calendar = SCENARIO.organisations["integrated"].calendar
    return naive_summary.working_hours(row["requested_at"], row["answered_at"], calendar)


def cycles(results):
    return [(row["ended_at"] - project_began(row)) / pd.Timedelta(days=1) for row in filter(won, rows(results))]


def project_cycle(level):
    def estimate(results):
        durations, codes = [], []
        for result in results:
            for row in rows([result]):
                if not pd.isna(project_began(row)):
                    end = result.end_at if pd.isna(row["ended_at"]) else row["ended_at"]
                    durations.append((end - project_began(row)) // pd.Timedelta(microseconds=1))
                    codes.append(naive_summary.OUTCOMES[row["outcome"]])
        return naive.quantile(durations, codes, 1, level) / DAY

    return estimate


def spread(results):
    found = sorted(cycles(results))
    return sum(found) / len(found) / found[(len(found) - 1) // 2]


def of_opportunities(column):
    return lambda result: sum(row[column] for row in filter(opportunity, rows([result])))


def read_minutes(result):
    kinds = ("ours", "third_party", "rival", "mail")
    return 20.0 * sum(of_opportunities(f"touches_{kind}")(result) for kind in kinds)


def ended_on(outcome, last):
    def amount(result):
        start = result.end_at - pd.Timedelta(days=SCENARIO.horizon_days())
        total = 0
        for row in filter(opportunity, rows([result])):
            if row["outcome"] == outcome:
                day = (row["ended_at"] - start).days
                on_last = day % 91 == 88
                total += 64 * on_last if last else day % 7 < 5 and not on_last
        return total

    return amount


ORACLES = {
    "win_rate_projects": share(won, project),
    "dormant_at_end": share(lambda row: row["outcome"] == "open" and not row["has_project"], inquiry),
    "ended_elsewhere": share(lambda row: row["outcome"] == "elsewhere", inquiry),
    "request_answered_1h": share(lambda row: answer_hours(row) <= 1, asked),
    "request_answered_24h": share(lambda row: 1 < answer_hours(row) <= 8, asked),
    "request_answered_later": share(lambda row: 8 < answer_hours(row) < math.inf, asked),
    "request_never_answered": share(lambda row: answer_hours(row) == math.inf, asked),
    "inquiries_that_ask": share(asked, inquiry),
    "attempts_per_lead": by(
        lambda result: sum(row["calls"] for row in rows([result])),
        lambda result: sum(row["worked"] for row in rows([result])),
    ),
    "person_time_share": by(
        of_opportunities("talk_minutes"), lambda result: of_opportunities("talk_minutes")(result) + read_minutes(result)
    ),
    "contradiction_noticed": share(lambda row: row["contradictions"] > 0, contacted),
    "project_cycle_q25": project_cycle(0.25),
    "project_cycle_median": project_cycle(0.5),
    "project_cycle_q75": project_cycle(0.75),
    "cycle_mean_over_median": spread,
    "last_day_wins_ratio": by(ended_on("won", True), ended_on("won", False)),
    "last_day_losses_ratio": by(ended_on("lost", True), ended_on("lost", False)),
    "wins_without_rep": share(lambda row: pd.isna(row["first_rep_at"]), won),
    "win_rate_inquiries": share(won, inquiry),
    "win_rate_opportunities": share(won, opportunity),
    "win_rate_forecast": share(won, lambda row: opportunity(row) and has(row, "making_selection")),
    "inquiry_to_mql": share(lambda row: has(row, "mql"), inquiry),
    "acceptance": share(lambda row: has(row, "sal"), lambda row: inquiry(row) and has(row, "mql")),
    "inquiry_to_sal": share(lambda row: has(row, "sal"), inquiry),
    "inquiry_to_sql": share(lambda row: has(row, "sql"), inquiry),
    "inquiry_to_opportunity": share(opportunity, inquiry),
    "never_contacted": share(lambda row: not contacted(row), inquiry),
    "journey_before_rep": by(cleared("cleared_before_person"), cleared("cleared_total")),
    "open_at_end": share(lambda row: row["outcome"] == "open", anyone),
    "wins": mean(number(won)),
    "response_median": time("inquiry_at", "contact", HOUR, 0.5, contacted),
    "response_within_1_hour": share(lambda row: hours(row) <= 1, contacted),
    "response_within_24_hours": share(lambda row: hours(row) <= 24, contacted),
    "cycle_time_q25": time("arrived_at", "won", DAY, 0.25, anyone),
    "cycle_time_median": time("arrived_at", "won", DAY, 0.5, anyone),
    "cycle_time_q75": time("arrived_at", "won", DAY, 0.75, anyone),
    "sales_cycle_median": time("opportunity_at", "won", DAY, 0.5, opportunity),
    "cost_per_won": by(cost, number(won)),
    "cost_per_lead": by(cost, number(inquiry)),
    "total_cost": mean(cost),
    "revenue": mean(revenue),
    "net": mean(lambda result: revenue(result) - cost(result)),
    "self_served": share(lambda row: won(row) and row["self_served"], won),
    "cost_per_assigned_lead": by(cost, number(lambda row: has(row, "owned"))),
    "discounts": mean(discounted),
    "content_unused": by(lambda result: (result.assets["uses"] == 0).sum(), lambda result: len(result.assets)),
    "own_pieces": mean(lambda result: result.report.own_pieces),
    "search_hours": mean(lambda result: result.report.search_us / HOUR),
    **{
        f"person_share_{group}": by(touched("person_touches_in", group), touched("touches_in", group))
        for group in ("education", "solution", "selection")
    },
    **{
        f"utilisation_{role}": by(work(role, "worked_hours"), work(role, "paid_hours"))
        for role in ("marketer", "sdr", "rep")
    },
}


def test_every_metric_has_an_oracle():
    missing = set(BY_KEY) - set(ORACLES)
    assert not missing, f"say in ORACLES how {', '.join(sorted(missing))} is computed from the rows of the journeys"
    assert set(ORACLES) <= set(BY_KEY)


@pytest.mark.parametrize("key", list(ORACLES))
def test_estimate_and_interval(key):
    found = estimates(SUMMARIES, [BY_KEY[key]])[key]
    value, low, high = naive.jackknife(RESULTS, ORACLES[key])
    assert found.value == pytest.approx(value, rel=1e-9)
    assert found.interval == pytest.approx((low, high), rel=1e-6)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_the_registry_is_complete(metric):
    assert metric.doc.endswith(".") and metric.numerator and metric.denominator and metric.window
    assert f"| `{metric.key}` | {metric.unit} |" in as_markdown()


@pytest.mark.parametrize(
    "changed, why",
    [
        ({"key": "win rate"}, "metric win rate: its key is no identifier"),
        ({"key": "net"}, "metric net: another one has its key"),
        ({"label": "wins"}, "metric wins: another one has its label 'wins'"),
        ({"unit": "%"}, "metric made_up: its unit must be one of share, days, hours, usd, count, times, got '%'"),
        ({"group": "funnel"}, "metric made_up: its group must be one of Funnel, Speed, Cost, Content, People, got 'fu"),
        ({"better": "more"}, "metric made_up: better must be higher, lower or empty, got 'more'"),
        ({"estimator": Quantile(CYCLE, 0.9)}, "metric made_up: a quantile of times is in days or hours, got 'share'"),
        ({"estimator": Ratio(Total("won", "won", len), INQUIRIES)}, "metric made_up: another one reads 'won'"),
    ],
)
def test_an_entry_that_contradicts_another_is_refused_at_import(changed, why):
    entry = Metric("made_up", "made up", "share", "Funnel", Ratio(WON, INQUIRIES), "cohort", "", "Made up.")
    assert by_key([*METRICS, entry])["made_up"] is entry
    with pytest.raises(ValueError, match=re.escape(why)):
        by_key([*METRICS, replace(entry, **changed)])


def test_one_replication_has_no_interval():
    for found in estimates(SUMMARIES[:1]).values():
        assert math.isfinite(found.value)
        assert np.isnan(found.interval).all()


def test_nothing_won_costs_no_number():
    result = fake_simulate(SCENARIO, "integrated")
    result = changed(result, outcome=Outcome.LOST)
    found = estimates([summarise(result, SCENARIO, "integrated", r) for r in range(2)])
    assert found["wins"].value == found["win_rate_inquiries"].value == 0
    assert math.isnan(found["cost_per_won"].value) and math.isnan(found["cycle_time_median"].value)


def test_an_empty_cohort_gives_no_numbers_and_no_warning():
    result = fake_simulate(SCENARIO, "integrated")
    rules = result.setup.fresh_rules()
    rules.cohort_end_us = rules.warm_up_us
    result = replace(result, setup=replace(result.setup, rules=rules))
    found = estimates([summarise(result, SCENARIO, "integrated", r) for r in range(2)])
    assert math.isnan(found["never_contacted"].value) and math.isnan(found["response_median"].value)


def test_every_lead_of_a_replay_is_an_inquiry():
    scenario = fake_scenario()
    scenario.market.leads.path = "leads.csv"
    result = fake_simulate(scenario, "integrated")
    del scenario.market.channels["referral"]
    sums = summarise(result, scenario, "integrated", 0).sums
    assert sums["inquiries"] == sums["cohort"]
    assert sums["spend"] == 310.0 * (result.journeys.query("in_cohort")["channel"] == "search").sum() > 0


def test_sums_do_not_depend_on_the_order_of_buyers():
    result = fake_simulate(SCENARIO, "integrated")
    before = summarise(result, SCENARIO, "integrated", 0)
    order = np.random.default_rng(1).permutation(len(result.report.history))
    after = summarise(changed(result, order), SCENARIO, "integrated", 0)
    for name, value in before.sums.items():
        assert after.sums[name] == (pytest.approx(value) if name.startswith("cleared") else value)
    for name, sample in before.samples.items():
        assert (after.samples[name].durations == sample.durations).all()
    assert after.weekly_revenue == pytest.approx(before.weekly_revenue)
    assert after.channels.pipeline_usd == pytest.approx(before.channels.pipeline_usd)


def test_variance_ratio():
    rng = np.random.default_rng(1)
    common, noise = rng.normal(size=(2, 400))
    one, other = Estimate(0.0, common), Estimate(0.0, common + 0.1 * noise)
    expected = (common.var() + (common + 0.1 * noise).var()) / (0.01 * noise.var())
    assert variance_ratio(one, other) == pytest.approx(expected)
    assert variance_ratio(one, Estimate(2.0, common + 2.0)) == math.inf
    assert math.isnan(variance_ratio(Estimate(1.0, np.ones(4)), Estimate(3.0, np.full(4, 3.0))))
    assert math.isnan(variance_ratio(Estimate(1.0, np.empty(0)), Estimate(3.0, np.empty(0))))


def test_the_mean_has_the_usual_interval():
    values = np.random.default_rng(2).normal(size=9)
    left_out = (values.sum() - values) / 8
    low, high = naive.stats.t.interval(0.95, 8, values.mean(), values.std(ddof=1) / 3)
    assert Estimate(values.mean(), left_out).interval == pytest.approx((low, high))


def test_pooled_incidence_has_a_band():
    pooled = Pooled(SUMMARIES, "cycle")
    grid = np.array([0, 50 * DAY, 200 * DAY])
    value, half = pooled.incidence(grid)
    samples = [summary.samples["cycle"] for summary in SUMMARIES]

    def at_50_days(parts):
        found = naive.aalen_johansen([d for p in parts for d in p.durations], [c for p in parts for c in p.codes], HIT)
        return max((share for t, share in found.items() if t <= grid[1]), default=0.0)

    small = [type(s)(s.durations[::10], s.codes[::10]) for s in samples]
    tiny = Pooled([type(SUMMARIES[0])("x", r, {}, {"cycle": s}) for r, s in enumerate(small)], "cycle")
    expected, low, _ = naive.jackknife(small, at_50_days)
    assert tiny.incidence(grid[1:2])[0] == pytest.approx([expected])
    assert tiny.incidence(grid[1:2])[1] == pytest.approx([expected - low])
    assert value[0] == half[0] == 0 and (np.diff(value) > 0).all()
    assert np.isnan(half_widths(np.ones((1, 3)))).all()
