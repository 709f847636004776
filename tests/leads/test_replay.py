"""A replayed stream on a market of the user's own: what its channels are worth, and how a scenario is put together."""

from pathlib import Path

import numpy as np
import pytest

import simulator as sim
from simulator.questions.frame.runs import check_leads
from simulator.scenario.market import Channel

LEADS = "created,channel\n" + "".join(
    f"2025-03-{3 + day:02} 10:00,{channel}\n" for day, channel in enumerate(("fair", "web", "expo", "web"))
)
OWN_MARKET = """
market:
  fit_spread: 0.8
  segments: {niche: {share: 0.4, complexity_low: 0.1, complexity_high: 0.3}}
  channels: {web: {fit_shift: 1.5, fit_spread: 0.5, elasticity: 0.3, cost_per_inquiry_usd: 77}, fair: {share: 0}}
"""
#: Scenarios of a user, and what is typed beside their names.
WAYS = {
    "built on replay": ("defaults: [replay, {override /leads: plain}, _self_]", []),
    "its own, with leads": ("", ["run.warm_up_days=0"]),
}


@pytest.mark.parametrize("way", WAYS)
def test_known_channels_keep_what_the_market_says_and_others_have_defaults(way: str, tmp_path: Path) -> None:
    defaults, typed = WAYS[way]
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "scenario").mkdir()
    (tmp_path / "scenario" / "mine.yaml").write_text(f"# mine\nquestion: mine\n{defaults}\n{OWN_MARKET}")
    path = f"market.leads.path={tmp_path / 'leads.csv'}"
    scenario = sim.load_scenario("mine", [path, *typed, "run.cohort_days=30", "run.follow_up_days=10"], tmp_path)

    result = sim.simulate(scenario, "relay_race")
    rules, names = result.setup.rules, result.setup.arrivals.channels
    assert names == ["expo", "fair", "web"]  # not in the market's order
    web, usual = scenario.market.channels["web"], Channel()
    for position, channel in enumerate((usual, usual, web)):
        assert rules["fit_shift"][position] == channel.fit_shift
        assert rules["fit_spread"][position] == pytest.approx(0.8 * channel.fit_spread)
        assert rules["elasticity"][position] == channel.elasticity
    spent = dict(zip(names, result.channels["spend_usd"], strict=True))
    assert spent == {"expo": 0.0, "fair": usual.cost_per_inquiry_usd, "web": 2 * 77.0}
    assert len(result.journeys) == 4 and np.isin(result.journeys["segment"], list(scenario.market.segments)).all()
    assert check_leads(scenario) == (
        "1 of 4 leads come through channels that market.channels does not name, which get fit_shift 0 and cost 0: expo"
    )
