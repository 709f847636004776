"""What channels cost and brought, against the journeys' table and plain arithmetic."""

from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.results.channels import COSTS, SHARES, TOTALS, channels_table
from simulator.results.cohort import ChannelTotals
from simulator.results.summary import Summary, summarise
from tests.results.naive import jackknife

OVERRIDES = ["run.warm_up_days=45", "run.cohort_days=100", "run.follow_up_days=60", "run.replications=3",
             "market.inquiries_per_year=2000", "market.journey.step_days=1",
             "market.journey.prior_knowledge=0.8"]  # fmt: skip


@pytest.fixture(scope="module")
def runs() -> list[sim.Result]:
    scenario = sim.load_scenario("baseline", OVERRIDES)
    return [sim.simulate(scenario, "integrated", replication=replication) for replication in range(3)]


def summary(result: sim.Result) -> Summary:
    return summarise(result, result.scenario, result.organisation, result.replication)


def test_counts_and_money_are_those_of_the_cohorts_journeys(runs: list[sim.Result]) -> None:
    for result in runs:
        cohort = result.journeys[result.journeys["in_cohort"]]
        for row in result.channels.to_dict("records"):
            mine = cohort[cohort["channel"] == row["channel"]]
            won, opened = mine[mine["outcome"] == "won"], mine[mine["opportunity_at"].notna()]
            assert (row["buyers"], row["won"], row["opportunities"]) == (len(mine), len(won), len(opened))
            assert row["inquiries"] == mine["inquiry_at"].notna().sum() and row["mqls"] == mine["mql_at"].notna().sum()
            assert row["pipeline_usd"] == pytest.approx(opened["deal_value_usd"].sum())
            assert row["revenue_usd"] == pytest.approx(won["value_usd"].sum())
        assert result.channels["won"].sum() > 0


def test_spend_is_the_budget_over_time_and_adds_up_to_the_same_in_every_organisation(runs: list[sim.Result]) -> None:
    market = runs[0].scenario.market
    total = sum(channel.share for channel in market.channels.values())
    yearly = {
        name: market.inquiries_per_year * channel.share / total * channel.cost_per_inquiry_usd
        for name, channel in market.channels.items()
    }
    for result in runs:
        spent = result.channels.set_index("channel")["spend_usd"]
        assert spent.sum() == pytest.approx(sum(yearly.values()) * 100 / 365)
        by_day = {name: 0.0 for name in yearly}  # day by day, by the multiple that held then
        starts = [0.0, *(result.report.reviews[:, 0] / 86_400_000_000)]
        for day in range(45, 145):
            period = max(i for i, start in enumerate(starts) if start <= day)
            for position, name in enumerate(yearly):
                by_day[name] += yearly[name] / 365 * result.report.spend[period, position]
        assert spent.to_dict() == pytest.approx(by_day)
    assert np.ptp(runs[0].report.spend, axis=0).max() > 0.05  # the budget did move


def test_a_fixed_budget_is_spent_evenly() -> None:
    still = sim.simulate(sim.load_scenario("baseline", [*OVERRIDES, "mechanisms.budget=false"]), "relay_race")
    assert (still.report.spend == 1.0).all()
    market = still.scenario.market
    expected = [c.share * c.cost_per_inquiry_usd for c in market.channels.values()]
    spent = still.channels["spend_usd"].to_numpy()
    assert spent / spent.sum() == pytest.approx(np.array(expected) / sum(expected))


def test_a_replayed_channel_costs_what_its_leads_cost_whatever_the_budget() -> None:
    result = sim.simulate(sim.load_scenario("replay"), "integrated")
    costs = {name: channel.cost_per_inquiry_usd for name, channel in result.scenario.market.channels.items()}
    for row in result.channels.to_dict("records"):
        assert row["spend_usd"] == pytest.approx(row["buyers"] * costs.get(row["channel"], 0.0))
    assert len(result.report.rows) == len(result.setup.arrivals.at_us)  # nobody was thinned


def test_the_table_is_a_ratio_of_sums_with_its_jackknife_interval(runs: list[sim.Result]) -> None:
    table = channels_table("baseline", {"integrated": [summary(result) for result in runs]})
    assert set(table["measure"]) == {*TOTALS, *COSTS, *SHARES, "return_on_spend"}

    def found(channel: str, measure: str) -> tuple[Any, ...]:
        row = table[(table["channel"] == channel) & (table["measure"] == measure)].iloc[0]
        return row["estimate"], row["ci_low"], row["ci_high"]

    def column(result: sim.Result, channel: str, name: str) -> float:
        return float(result.channels.set_index("channel").loc[channel, name])

    def total(some: list[sim.Result], name: str) -> float:
        return sum(column(result, "website", name) for result in some)

    each = jackknife(runs, lambda some: total(some, "spend_usd") / total(some, "mqls"))
    assert found("website", "cost_per_mql") == pytest.approx(each)
    mean = jackknife(runs, lambda some: total(some, "inquiries") / len(some))
    assert found("website", "inquiries") == pytest.approx(mean)
    share = jackknife(
        runs, lambda some: total(some, "revenue_usd") / sum(result.channels["revenue_usd"].sum() for result in some)
    )
    assert found("website", "share_of_revenue") == pytest.approx(share)
    for name in SHARES:
        assert table.loc[table["measure"] == name, "estimate"].sum() == pytest.approx(1.0)


def test_a_channel_that_won_nothing_has_no_cost_per_win() -> None:
    empty = ChannelTotals(("fair",), **{**{name: np.zeros(1) for name in TOTALS}, "spend_usd": np.array([900.0])})
    table = channels_table("made up", {"only": [Summary("only", 0, {}, {}, empty)]}).set_index("measure")
    assert np.isnan(table.loc["cost_per_won", "estimate"]) and table.loc["spend_usd", "estimate"] == 900.0
    assert table.loc["return_on_spend", "estimate"] == 0.0
