"""What reviews do to the library and the channels, by themselves, against plain loops and known chances."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from simulator.engines import review
from simulator.engines.lowering import draw_arrivals, lower, who
from simulator.engines.report import ASSET_DTYPE
from simulator.model.numerics import DAY_US, HOUR_US
from simulator.model.randomness import base_of_account, base_of_asset, stream_key, uniform
from simulator.model.sizes import MAX_SEGMENTS
from simulator.model.tally import (
    ASSETS,
    HEARD,
    LEADS,
    MAKING_US,
    PIPELINE_CENTS,
    READS,
    REVENUE_CENTS,
    REVIEWED_AT,
    USES,
)
from simulator.model.words import FORMATS, TOPICS, Decision
from tests.engines.arms import NAME, arm, nothing_counted, rules_of

KEY = stream_key(11, 0)
SEGMENTS = 3
ERRORS = 5.0
CELLS = [(t, s, f) for t in range(TOPICS) for s in range(SEGMENTS) for f in range(FORMATS)]


def place(topic: int, segment: int, form: int) -> int:
    return (topic * MAX_SEGMENTS + segment) * FORMATS + form


# --- the library ------------------------------------------------------------------------------------------------------


def some_assets(n: int) -> np.ndarray:
    draw = np.random.Generator(np.random.PCG64(1))
    assets = np.zeros(n, ASSET_DTYPE)
    assets["quality"] = draw.random(n)
    assets["made_at"] = draw.integers(-300, 200, n) * DAY_US
    for name, options in (("topic", TOPICS - 1), ("segment", SEGMENTS), ("form", FORMATS)):
        assets[name] = draw.integers(0, options, n)  # about the last topic there is nothing
    assets[n // 4]["quality"], assets[n // 4]["made_at"] = 1.0, 200 * DAY_US
    assets[n // 2] = assets[n // 4]  # of the two best, which are alike, the first is taken
    return assets


def best_by_hand(assets: np.ndarray, question: tuple[int, int, int], least: float) -> tuple[float, int]:
    """The best match for a question, better than ``least``, and whose it is; half a year is a half-life."""
    best, number = least, -1
    for i, asset in enumerate(assets):
        if asset["topic"] != question[0]:
            continue
        value = asset["quality"] * 0.5 ** ((200 * DAY_US - asset["made_at"]) / DAY_US / 180.0)
        value *= (0.7 if asset["segment"] != question[1] else 1.0) * (0.8 if asset["form"] != question[2] else 1.0)
        if value > best * (1 + 1e-12):
            best, number = value, i
    return best, number


@pytest.mark.parametrize("hit_chance", [0.0, 0.4, 1.0])
def test_the_catalogue_against_a_plain_loop(hit_chance: float) -> None:
    rules = rules_of(hit_chance=hit_chance, generic_match=0.15, asset_half_life_days=180.0, segment_mismatch=0.3,
                     format_mismatch=0.2)  # fmt: skip
    assets = some_assets(80)
    review.catalogue(rules, assets, 70, KEY, 200 * DAY_US)  # the last ten are not yet made
    number = 200 * DAY_US // rules.review_us
    luck = np.array([uniform(KEY, base_of_asset(KEY, serial), 0, Decision.ASSET_FOUND, number) for serial in range(70)])
    findable = luck < hit_chance
    assert (assets["findable"][:70] == findable).all()
    numbers = np.flatnonzero(findable)
    for question in CELLS:
        cell = place(*question)
        value, number = best_by_hand(assets[:70], question, 0.15)
        assert rules.match_all[cell] == pytest.approx(value, rel=1e-12) and rules.best_asset[cell] == number
        value, number = best_by_hand(assets[:70][findable], question, 0.0)
        assert rules.match_found[cell] == pytest.approx(value, rel=1e-12)
        assert rules.found_asset[cell] == (numbers[number] if number >= 0 else -1)
    assert (rules.best_asset[[place(TOPICS - 1, s, f) for _, s, f in CELLS]] == -1).all()
    assert (rules.best_asset >= 0).any() and ((rules.found_asset >= 0).any() == (hit_chance > 0))


def brief(bits: float, heard: dict[tuple[int, int, int], int], assets: int = 4000) -> np.ndarray:
    """New assets made with this much in the brief after people heard these questions."""
    rules, tally = rules_of(brief_bits=bits, segments=SEGMENTS, early_lean=1.0), nothing_counted()
    made = np.zeros(assets, ASSET_DTYPE)
    for question, times in heard.items():
        tally[HEARD + place(*question)] = times
    for _ in range(assets):
        review.add_asset(rules, made, tally, KEY, 0, sum(heard.values()))
    assert tally[ASSETS] == assets
    return made


def about(assets: np.ndarray) -> np.ndarray:
    return np.stack([assets["topic"], assets["segment"], assets["form"]], axis=1)


def within(found: float, expected: float, n: int) -> bool:
    return abs(found - expected) <= ERRORS * math.sqrt(expected * (1 - expected) / n)


def test_a_full_brief_names_the_question() -> None:
    assert (about(brief(10.0, {(4, 2, 1): 5}, 500)) == (4, 2, 1)).all()


@pytest.mark.long
def test_a_full_brief_follows_what_was_heard() -> None:
    made = about(brief(10.0, {(4, 2, 1): 300, (0, 0, 0): 100}))
    often = (made == (4, 2, 1)).all(axis=1)
    assert (often | (made == (0, 0, 0)).all(axis=1)).all()
    assert within(often.mean(), 0.75, len(made))


@pytest.mark.parametrize(("bits", "heard"), [(0.0, {(4, 2, 1): 5}), (10.0, {})])
@pytest.mark.long
def test_without_bits_or_without_having_heard_anything_an_asset_is_a_guess(bits: float, heard: dict[Any, int]) -> None:
    made = about(brief(bits, heard))
    counts = [int((made == question).all(axis=1).sum()) for question in CELLS]
    assert sum(counts) == len(made) and stats.chisquare(counts).pvalue > 1e-6


@pytest.mark.long
def test_bits_go_into_the_topic_first_then_into_the_segment_then_into_the_format() -> None:
    for bits, expected in (
        (1.5, (2**1.5 / 8, 1 / 3, 1 / 4)),
        (4.0, (1.0, 2 / 3, 1 / 4)),
        (3.0 + math.log2(3) + 1.0, (1.0, 1.0, 2 / 4)),
    ):
        hits = (about(brief(bits, {(4, 2, 1): 1})) == (4, 2, 1)).mean(axis=0)
        for hit, chance in zip(hits, expected, strict=True):
            assert within(hit, chance, 4000), (bits, hits)


def test_quality_of_new_assets() -> None:
    rules, tally, made = rules_of(quality_low=0.5, quality_high=0.9), nothing_counted(), np.zeros(4000, ASSET_DTYPE)
    for _ in range(len(made)):
        review.add_asset(rules, made, tally, KEY, 5 * DAY_US, 0)
    assert (made["made_at"] == 5 * DAY_US).all()
    assert stats.kstest(made["quality"], "uniform", args=(0.5, 0.4)).pvalue > 1e-6


@pytest.mark.long
def test_what_reps_can_find_is_drawn_anew_at_each_review() -> None:
    rules, assets = rules_of(hit_chance=0.3), np.zeros(2000, ASSET_DTYPE)
    found = []
    for number in range(6):
        review.catalogue(rules, assets, 2000, KEY, number * int(rules.review_us))
        found.append(assets["findable"].copy())
    assert within(np.mean(found), 0.3, 6 * 2000)
    both = np.mean([(found[i] & found[j]).mean() for i in range(6) for j in range(i)])
    assert abs(both - 0.09) < 0.01  # 15 pairs of 2,000: about 6 standard errors


MAKING = {
    "roles.marketer.headcount": 5, "roles.marketer.own_work_share": 0.5, "roles.rep.headcount": 6,
    "roles.rep.own_work_share": 0.25, "content.making_share": 0.4, "content.hours_per_asset": 7.0,
    "coordination.hours_per_teammate_week": 0.1, "mechanisms.tilt": True, "tilt.hours_use": 0.5,
}  # fmt: skip


@pytest.mark.parametrize("tilt", [-0.4, 0.0, 0.4])
def test_hours_in_are_assets_out(tilt: float) -> None:
    """Four weeks three times: 20 working days each, of 8 hours less meetings with 18 colleagues."""
    rules, tally = rules_of({**MAKING, "tilt.hours": tilt}), nothing_counted()
    assets = np.zeros(1000, ASSET_DTYPE)
    day = 8.0 - 0.1 * 18 / 5
    made = 0.0
    for number, on_buyers in enumerate((30.0, 90.0, 5000.0), start=1):  # then more than there is: tasks run on
        worked = sum((30.0, 90.0, 5000.0)[:number])
        own, idle = 5 * 20 * day * 0.5, max(0.0, 5 * 20 * day * 0.5 - on_buyers)
        made += 0.4 * (own * (1.0 - max(0.0, tilt)) + idle)
        made += 0.5 * 6 * 20 * day * 0.75 * max(0.0, -tilt)
        review.make_assets(rules, assets, tally, KEY, number * 28 * DAY_US, int(worked * HOUR_US))
        tally[REVIEWED_AT] = number * 28 * DAY_US
        out = tally[ASSETS] * rules.asset_us + tally[MAKING_US]
        assert out == pytest.approx(made * HOUR_US, abs=HOUR_US * 1e-3)
        assert 0 <= tally[MAKING_US] < rules.asset_us and tally[ASSETS] == int(made / 7.0) > 10 * number
    assert set(assets["made_at"][: tally[ASSETS]]) == {number * 28 * DAY_US for number in (1, 2, 3)}


def test_half_of_what_was_heard_is_remembered() -> None:
    rules, tally = rules_of(making_share=0.0), nothing_counted()
    tally[HEARD : HEARD + 3] = (7, 1, 0)
    tally[READS], tally[USES] = 9, 9
    for expected in ((3, 0, 0), (1, 0, 0), (0, 0, 0)):
        review.make_assets(rules, np.zeros(0, ASSET_DTYPE), tally, KEY, DAY_US, 0)
        assert tuple(tally[HEARD : HEARD + 3]) == expected
    assert tally[READS] == tally[USES] == 9


def test_reads_and_uses_go_to_the_assets_that_answered() -> None:
    rules, tally, assets = rules_of(), nothing_counted(), np.zeros(3, ASSET_DTYPE)
    rules.best_asset[:], rules.found_asset[:] = -1, -1
    one, two, none = place(0, 0, 0), place(1, 2, 3), place(5, 0, 0)
    rules.best_asset[[one, two]], rules.found_asset[[one, two]] = (0, 2), (1, 2)
    for cell, reads, uses in ((one, 5, 3), (two, 7, 2), (none, 90, 90)):
        tally[READS + cell], tally[USES + cell] = reads, uses
    for _ in range(2):  # a second time there is nothing new
        review.credit_assets(rules, assets, tally)
        assert list(assets["reads"]) == [5, 0, 7] and list(assets["uses"]) == [0, 3, 2]
        assert not tally[READS:].any()


# --- channels ---------------------------------------------------------------------------------------------------------


def steered(multiple: list[float] | None = None, **weights: float) -> tuple[Any, np.ndarray]:
    """The second channel is the best by leads and sells nothing; the third one brings the revenue."""
    rules, tally = rules_of(), nothing_counted()
    neutral = {"leads_weight": 0.0, "pipeline_weight": 0.0, "revenue_weight": 0.0, "budget_memory": 0.5}
    for name, number in {**neutral, "channels": 4, "channel_growth": 100.0, **weights}.items():
        rules[name] = number
    rules.spend[:4] = (100.0, 100.0, 200.0, 0.0)
    rules.multiple[:4] = multiple or 1.0
    tally[LEADS : LEADS + 4] = (10, 80, 10, 900)
    tally[PIPELINE_CENTS : PIPELINE_CENTS + 4] = (60_000, 20_000, 20_000, 10**9)
    tally[REVENUE_CENTS : REVENUE_CENTS + 4] = (20_000, 0, 60_000, 10**9)
    review.steer_budget(rules, tally)
    return rules, tally


def test_spend_follows_the_signal_that_counts() -> None:
    total = np.array([100.0, 100.0, 200.0])
    for name, credits in (
        ("leads_weight", (0.1, 0.8, 0.1)),
        ("pipeline_weight", (0.6, 0.2, 0.2)),
        ("revenue_weight", (0.25, 0.0, 0.75)),
    ):
        rules, tally = steered(budget_shift=0.5, **{name: 2.0})
        expected = 0.5 * total + 0.5 * 400.0 * np.array(credits)
        assert rules.multiple[:3] * total == pytest.approx(expected) and rules.multiple[3] == 1.0
        assert not tally[LEADS : REVENUE_CENTS + 32].any()
    by_leads, by_revenue = (steered(budget_shift=0.5, **{f"{w}_weight": 1.0})[0].multiple for w in ("leads", "revenue"))
    assert by_leads[1] > 1.5 > 0.6 > by_revenue[1] and by_revenue[2] > 1.2 > 0.7 > by_leads[2]


def test_signals_mix_by_their_weights_and_fade() -> None:
    rules, tally = steered(budget_shift=1.0, leads_weight=1.0, revenue_weight=3.0)
    credits = (np.array([0.1, 0.8, 0.1]) + 3.0 * np.array([0.25, 0.0, 0.75])) / 4.0
    assert rules.multiple[:3] * (100.0, 100.0, 200.0) == pytest.approx(400.0 * credits)
    assert tuple(rules.signal_leads[:4]) == (10.0, 80.0, 10.0, 900.0)
    review.steer_budget(rules, tally)
    assert tuple(rules.signal_leads[:4]) == (5.0, 40.0, 5.0, 450.0)
    assert rules.multiple[:3] * (100.0, 100.0, 200.0) == pytest.approx(400.0 * credits), "nothing new, nothing moves"


def test_no_shift_moves_nothing_but_remembers() -> None:
    rules, _ = steered([1.0, 0.5, 1.25, 1.0], budget_shift=0.0, leads_weight=1.0)
    assert tuple(rules.multiple[:4]) == (1.0, 0.5, 1.25, 1.0) and rules.signal_revenue[2] == 60_000.0


def test_what_spend_admits() -> None:
    rules = rules_of(channels=3, channel_growth=4.0, budget_tilt=0.0)
    rules.spend[:3], rules.multiple[:3], rules.elasticity[:3] = (100.0, 100.0, 0.0), (0.25, 2.25, 1.0), 0.5
    review.admit(rules)
    assert rules.admitted[:3] == pytest.approx([0.5, 1.0, 1.0])
    assert rules.admitted_growth[:3] == pytest.approx([0.0, 0.5, 0.0])
    rules.budget_tilt = 0.75  # a quarter is left: half of the buyers of the first, three quarters of the second
    review.admit(rules)
    assert rules.admitted[:3] == pytest.approx([0.25, 0.75, 1.0])
    assert rules.admitted_growth[:3] == pytest.approx([0.0, 0.0, 0.0])
    rules.enter_as = 2  # a replayed stream comes as it is
    review.admit(rules)
    assert (rules.admitted[:3] == 1.0).all()


@pytest.mark.parametrize("multiple", [0.0, 0.3, 1.0, 1.8, 3.0])
def test_buyers_come_as_spend_brings_them(multiple: float) -> None:
    """Two streams of a channel, thinned: together a Poisson number with mean rate * multiple^elasticity."""
    scenario = arm({"market.channel_growth": 3.0, "market.inquiries_per_year": 12_000.0, "run.cohort_days": 245})
    for channel in scenario.market.channels.values():
        channel.elasticity, channel.cost_per_inquiry_usd = 0.6, 100.0
    arrivals = draw_arrivals(scenario, 3, 0, grows=True)
    rules = lower(scenario, NAME, 3, 0, arrivals).fresh_rules()
    key = stream_key(3, 0)
    rules.multiple[:] = multiple
    review.admit(rules)
    bases = [base_of_account(key, arrivals.identity(row)) for row in range(len(arrivals.who))]
    grows = np.array([review.is_of_growth(int(buyer)) for buyer in arrivals.who])
    assert (grows == (arrivals.index >= 1 << 26)).all()
    rows = list(zip(bases, arrivals.channel.tolist(), grows.tolist(), strict=True))
    come = np.array([review.comes(rules, key, *row) for row in rows])
    expected = 12_000.0 * multiple**0.6
    assert abs(come.sum() - expected) <= ERRORS * math.sqrt(expected)
    first = come[~grows]
    assert within(first.mean(), min(1.0, multiple**0.6), len(first))
    assert come[grows].any() == (multiple > 1.0) and (come[grows].all() == (multiple == 3.0))
    rules.multiple[:] = multiple + 0.2  # whoever came for less comes for more
    review.admit(rules)
    more = [review.comes(rules, key, *row) for row in rows[:3000]]
    assert (come[:3000] <= np.array(more)).all()


def test_the_further_stream_is_told_by_the_highest_bit_of_the_index() -> None:
    for channel in (0, 31):
        for index, grows in ((0, False), ((1 << 26) - 1, False), (1 << 26, True), ((1 << 27) - 1, True)):
            assert review.is_of_growth(int(who(channel, index))) == grows
