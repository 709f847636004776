"""A closed channel brings nobody and costs nothing; whoever else comes, comes as before."""

import copy
from functools import cache

import numpy as np
import pytest

import simulator as sim
from simulator.engines.lowering import draw_arrivals, spend_usd_per_year
from simulator.scenario.composing import load_scenario
from simulator.scenario.schema import ScenarioError

SHORT = ["run.warm_up_days=0", "run.cohort_days=60", "run.follow_up_days=30", "market.inquiries_per_year=1500"]


@cache
def loaded(name):
    return load_scenario(name, SHORT if name == "baseline" else [])


def closed(name, channel):
    scenario = copy.deepcopy(loaded(name))
    scenario.market.channels[channel].closed = True
    return scenario


@pytest.mark.parametrize("grows", [False, True])
def test_the_other_channels_bring_the_same_buyers(grows):
    before, after = (draw_arrivals(one, 1, 0, grows) for one in (loaded("baseline"), closed("baseline", "webinar")))
    others = before.channel != before.channels.index("webinar")
    assert after.channels == before.channels and 0 < others.sum() < len(others)
    assert np.array_equal(after.who, before.who[others]) and np.array_equal(after.at_us, before.at_us[others])


def test_of_an_export_the_other_leads_remain():
    before, after = (draw_arrivals(one, 1, 0) for one in (loaded("replay"), closed("replay", "social")))
    kept = [i for i, channel in enumerate(before.channel) if before.channels[channel] != "social"]
    assert after.ids == [before.ids[i] for i in kept] and np.array_equal(after.at_us, before.at_us[kept])
    assert 0 < len(kept) < len(before.ids)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_nothing_is_spent_on_it_even_when_the_budget_moves(engine):
    scenario = closed("baseline", "trade_show")
    assert spend_usd_per_year(scenario.market)["trade_show"] == 0
    table = sim.simulate(scenario, "integrated", engine=engine).channels.set_index("channel")
    assert (table.loc["trade_show", ["spend_usd", "buyers", "won"]] == 0).all() and table["buyers"].sum() > 0
    whole = sum(spend for name, spend in spend_usd_per_year(loaded("baseline").market).items() if name != "trade_show")
    assert table["spend_usd"].sum() == pytest.approx(whole * 60 / 365)


def test_one_channel_stays_open():
    scenario = copy.deepcopy(loaded("baseline"))
    for channel in scenario.market.channels.values():
        channel.closed = True
    with pytest.raises(ScenarioError, match="closed must leave at least one channel open, got none"):
        sim.compare(scenario)
