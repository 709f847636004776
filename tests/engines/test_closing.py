"""How deals close: offers, signatures, self-service and deadlines; and what contradictions do to wins."""

from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.model.numerics import DAY_US
from simulator.model.quarter import QUARTER_US
from simulator.model.words import Activity, Outcome
from tests.engines.alone import count, history, on
from tests.engines.storms import rows

# --- offers, signatures and self-service ------------------------------------------------------------------------------

#: All is clear at once; nobody buys without an offer.
READY: dict[str, Any] = {
    "market__journey__clear_level": 1.0, "market__journey__self_serve_max_complexity": 0.0, "mechanisms__rivals": False,
    "market__closing__offer_sigma": 0.0, "market__closing__sign_sigma": 0.0, "market__closing__by_value": 0.0,
    "market__closing__simple_max_complexity": 0.0, "market__closing__simple_factor": 1.0,
    "market__closing__complex_factor": 1.0, "market__preference__base": 0.0,
}  # fmt: skip


def test_nobody_buys_before_there_is_an_offer_and_a_signature() -> None:
    """Ten days from the first meeting to the offer, and four from the choice to the signature, to the microsecond."""
    result = on("closing", market__closing__offer_days=10.0, market__closing__sign_days=4.0, **READY)
    h, chose = history(result), rows(result, Activity.CHOSE_US)
    assert len(chose) > 100 and (chose["at"] - h["opportunity_at"][chose["buyer"]] >= 10 * DAY_US).all()
    won = h["outcome"] == Outcome.WON
    at = np.full(len(h), -1, np.int64)
    at[chose["buyer"]] = chose["at"]
    assert (h["ended_at"][won] - at[won] == 4 * DAY_US).all() and won.sum() > 100
    none = on("closing", market__closing__offer_days=0.0, market__closing__sign_days=0.0, **READY)
    assert not len(rows(none, Activity.CHOSE_US)) and count(none, Outcome.WON) > won.sum()
    sold = history(none)["outcome"] == Outcome.WON
    assert (history(none)["ended_at"] == history(none)["opportunity_at"])[sold].mean() > 0.9


def test_what_is_simple_and_cheap_is_sold_in_the_first_talk() -> None:
    simple = {"market__closing__simple_max_complexity": 0.5, "market__closing__simple_max_value_usd": 30_000.0}
    result = on("closing", market__closing__offer_days=10.0, market__closing__sign_days=4.0, **{**READY, **simple})
    h = history(result)
    won = h["outcome"] == Outcome.WON
    at_once = (h["complexity"] <= 0.5) & (h["value_cents"] <= 3_000_000)
    waited = h["ended_at"] - h["opportunity_at"]
    assert (waited[won & ~at_once] >= 14 * DAY_US).all() and (won & ~at_once).sum() > 50
    assert (waited[won & at_once] == 0).mean() > 0.9 and (won & at_once).sum() > 50


def test_self_service_ends_at_its_price() -> None:
    """Nobody finishes alone what is dearer, or more complex, than can be bought without a rep."""
    alone = {"market__journey__self_serve_max_complexity": 0.4, "market__closing__offer_days": 0.0,
             "market__closing__sign_days": 0.0}  # fmt: skip
    few, more, all_ = (on("closing", market__closing__self_serve_max_value_usd=limit, **alone)
                       for limit in (10_000.0, 20_000.0, 1e9))  # fmt: skip
    sold = []
    for result, limit in ((few, 10_000.0), (more, 20_000.0), (all_, np.inf)):
        h = history(result)
        own = (h["outcome"] == Outcome.WON) & (h["self_served"] > 0)
        by_rep = own & (h["opportunity_at"] >= 0)  # whom a rep met had an offer, and may have lost its owner since
        assert (h["value_cents"][own & ~by_rep] <= 100 * limit).all() and (h["complexity"][own & ~by_rep] <= 0.4).all()
        sold.append(int(own.sum()))
    assert 0 < sold[0] < sold[1] < sold[2]


# --- deadlines --------------------------------------------------------------------------------------------------------

#: Offers are out, and quarters end three times.
DEADLINES: dict[str, Any] = {
    "quarter_end__window_days": 0.0, "quarter_end__intensity": 1.0, "quarter_end__drop_share": 0.0,
    "quarter_end__discount": 0.0, "run__cohort_days": 182, "run__follow_up_days": 180,
    "market__closing__offer_days": 2.0, "market__closing__sign_days": 20.0, "market__closing__offer_sigma": 0.0,
    "market__closing__simple_max_complexity": 0.0,
}  # fmt: skip
NOON_OF_LAST_FRIDAY = 88 * DAY_US + DAY_US // 2


def dated(share: float, loss: float = 0.0, pull: float = 0.0, **more: float) -> sim.Result:
    return on("quarter_end", "closing", quarter_end__deadline_share=share, quarter_end__deadline_loss=loss,
              quarter_end__signing_pull=pull, **DEADLINES, **more)  # fmt: skip


def test_deadlines_win_some_and_lose_some() -> None:
    free, dates = dated(0.0), dated(1.0, 1.0)
    set_, h = rows(dates, Activity.DEADLINE), history(dates)
    assert (set_["at"] % QUARTER_US == NOON_OF_LAST_FRIDAY).all() and (set_["stage"] >= 4).all() and len(set_) > 20
    assert (np.bincount(set_["buyer"], minlength=len(h)) == h["deadlines"]).all()
    assert not len(rows(free, Activity.DEADLINE))
    then = h["ended_at"] % QUARTER_US == NOON_OF_LAST_FRIDAY
    assert set(h["outcome"][then].tolist()) == {Outcome.WON, Outcome.LOST}
    assert (then == (h["deadlines"] > 0)).all(), "with a loss of 1 nobody goes on after a deadline"
    before = [history(result)["outcome"] == Outcome.WON for result in (free, dates)]
    assert (before[0] & ~before[1]).sum() > 0 and (before[1] & ~before[0]).sum() > 0
    sooner = before[0] & before[1] & then
    assert (h["ended_at"][sooner] <= history(free)["ended_at"][sooner]).all() and sooner.sum() > 3


def test_a_deadline_that_costs_nothing_loses_nobody() -> None:
    free, dates = dated(0.0), dated(1.0, 0.0)
    lost = history(dates)["outcome"] == Outcome.LOST
    then = history(dates)["ended_at"] % QUARTER_US == NOON_OF_LAST_FRIDAY
    assert not (lost & then).any() and (history(dates)["deadlines"] > 0).sum() > 20
    assert count(dates, Outcome.WON) > count(free, Outcome.WON)


def test_signatures_are_brought_forward() -> None:
    even = {"market__closing__sign_sigma": 0.0, "market__closing__by_value": 0.0,
            "market__closing__simple_factor": 1.0, "market__closing__complex_factor": 1.0}  # fmt: skip
    free, pulled = dated(0.0, **even), dated(0.0, pull=1.0, **even)
    for result, pulls in ((free, False), (pulled, True)):
        chose = rows(result, Activity.CHOSE_US)
        end = history(result)["ended_at"][chose["buyer"]]
        signed = end >= 0
        due, deadline = chose["at"] + 20 * DAY_US, chose["at"] // QUARTER_US * QUARTER_US + NOON_OF_LAST_FRIDAY
        deadline += np.where(deadline <= chose["at"], QUARTER_US, 0)
        assert (end[signed] == (np.minimum(deadline, due) if pulls else due)[signed]).all()
        assert (deadline < due)[signed].sum() > 10


# --- what is said, and who says it ------------------------------------------------------------------------------------


def test_fewer_contradictions_win_more() -> None:
    """Trust is worth something in the choice, on the same buyers; and all of them together cost a bounded share."""
    trusting = {"market__rivals__trust_weight": 0.9, "market__rivals__choice_sharpness": 8.0,
                "market__trust__contradiction_cost": 0.6, "market__trust__verification_low": 0.8,
                "market__trust__gain_when_confirmed": 0.0}  # fmt: skip
    few, many = (on(consistency__contradiction_chance=chance, **trusting, **{"market__preference__base": -2.0})
                 for chance in (0.0, 1.0))  # fmt: skip
    won = [history(result)["outcome"] == Outcome.WON for result in (few, many)]
    assert won[0].sum() > 1.2 * won[1].sum()
    h, start = history(many), 0.68
    assert h["contradictions"].max() > 3 and h["trust"].min() >= start * 0.4
    expected = start * (1 - 0.6 * (1 - np.exp(-h["contradictions"] / 2.0)))
    assert h["trust"] == pytest.approx(expected, rel=1e-12)
