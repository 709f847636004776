"""Each later mechanism does what it says, directly: one of its values at two ends, on the same buyers.

Content, channels and people's time are here; what buyers live through themselves is in `test_buyers_mechanisms`.
"""

from collections import Counter
from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.engines.review import FOR_BUYERS
from simulator.model.calendar import work_before
from simulator.model.numerics import DAY_US, MINUTE_US
from simulator.model.randomness import base_of_account, uniform
from simulator.model.words import FORMATS, Activity, Decision, Outcome, Role, Stage
from tests.engines.arms import arm, lived

ERRORS = 5.0
NO_TIME = {f"effort.{name}_minutes": 0.0 for name in
           ("review", "unanswered", "qualify", "discovery", "answer", "meeting", "mail", "support")}  # fmt: skip
#: Assets that all match in full, wherever one is about the topic.
LIBRARY = {
    "content.generic_match": 0.3, "content.piece_share": 0.6, "content.useful_match": 0.5,
    "content.own_piece_match": 0.6,
    "content.segment_mismatch": 0.0, "content.format_mismatch": 0.0, "content.half_life_days": 36_500.0,
    "content.quality_low": 1.0, "content.quality_high": 1.0, "content.hours_per_asset": 40.0,
}  # fmt: skip


def history(result: sim.Result) -> Any:
    return result.report.history


def rows(result: sim.Result, *activities: Activity) -> np.ndarray:
    return result.report.log[np.isin(result.report.log["activity"], activities)]


def within(found: int, n: int, chance: float) -> bool:
    """Whether a count of ``n`` tries lies within the stated number of standard errors of its mean."""
    return bool(abs(found - n * chance) <= ERRORS * np.sqrt(n * chance * (1 - chance)))


# --- findability ------------------------------------------------------------------------------------------------------


def found(hit_chance: float, search: float = 6.0, **more: float) -> sim.Result:
    return lived({**LIBRARY, "mechanisms.findability": True, "content.assets_at_start": 60,
                  "findability.hit_chance": hit_chance, "findability.search_minutes": search, **more})  # fmt: skip


def test_what_cannot_be_found_is_made_anew() -> None:
    none, some, every = (found(chance).report for chance in (0.0, 0.1, 1.0))
    assert none.own_pieces > 1.2 * some.own_pieces > 1.2 * every.own_pieces == 0
    for report in (none, some, every):
        assert report.history["own_pieces"].sum() == report.own_pieces
        assert report.search_us % (6 * MINUTE_US) == 0
        in_hand = int((report.people["serving"] >= 0).sum())
        meetings = int((report.log["activity"] == Activity.MEETING).sum())
        gone = int((report.history["outcome"] != Outcome.OPEN).sum())  # who ended while the rep worked for them
        assert meetings <= report.search_us // (6 * MINUTE_US) <= meetings + in_hand + gone
    assert none.assets["uses"].sum() == 0 < some.assets["uses"].sum() < every.assets["uses"].sum()
    unused = some.assets[some.assets["uses"] == 0]
    assert len(unused) > 20 and unused["reads"].sum() > 0, "buyers find on our pages what reps do not"
    assert none.search_us == none.own_pieces * 6 * MINUTE_US, "every search ends with a piece of one's own"


def test_looking_and_making_are_reps_work_to_the_minute() -> None:
    for chance in (0.0, 0.1, 1.0):
        report = found(chance, **NO_TIME, **{"effort.spread": 0.0, "content.own_piece_minutes": 10.0}).report
        work = int(report.people["worked_us"].sum() + report.people["left_us"][report.people["serving"] >= 0].sum())
        assert work == report.search_us + report.own_pieces * 10 * MINUTE_US > 0
        assert report.history["work_us"][:, : Role.REP].sum() == 0


# --- objections -------------------------------------------------------------------------------------------------------


def briefed(bits: float) -> sim.Result:
    return lived({**LIBRARY, "mechanisms.objections": True, "objections.brief_bits": bits, "review_days": 30.0,
                  "content.assets_at_start": 0, "content.making_share": 0.3, "content.hours_per_asset": 20.0,
                  "market.inquiries_per_year": 1000.0})  # fmt: skip


def cells_in_mind(result: sim.Result) -> dict[int, set[tuple[int, int, int]]]:
    """By review: the questions that people remember, the halves of odd numbers forgotten."""
    setup, report = result.setup, result.report
    bases = [base_of_account(setup.key, setup.arrivals.identity(row)) for row in range(len(setup.arrivals.who))]
    forms = [int(uniform(setup.key, base, 0, Decision.FORMAT, 0) * FORMATS) for base in bases]
    segment = dict(zip(report.rows.tolist(), report.history["segment"].tolist(), strict=True))
    talks = rows(result, Activity.CONVERSATION, Activity.ANSWER, Activity.MEETING)
    counts: Counter[tuple[int, int, int]] = Counter()
    heard = {}
    for since, now in zip([0, *report.reviews[:, 0].tolist()], report.reviews[:, 0].tolist(), strict=False):
        new = talks[(talks["at"] >= since) & (talks["at"] < now)]
        asked = zip(new["topic"].tolist(), new["buyer"].tolist(), strict=True)
        counts.update((topic, segment[buyer], forms[buyer]) for topic, buyer in asked)
        heard[now] = {cell for cell, times in counts.items() if times > 0}
        counts = Counter({cell: times // 2 for cell, times in counts.items()})
    return heard


def test_a_brief_brings_what_people_heard_into_the_library() -> None:
    """With a full brief every asset is for a question that people had in mind; without one, by chance."""
    hits = []
    for bits in (0.0, 3.0, 10.0):
        result = briefed(bits)
        assets, heard = result.report.assets, cells_in_mind(result)
        assert len(assets) > 200 and min(len(heard[int(now)]) for now in set(assets["made_at"])) > 10
        about = [tuple(int(asset[name]) for name in ("topic", "segment", "form")) for asset in assets]
        hits.append(np.mean([cell in heard[int(at)] for cell, at in zip(about, assets["made_at"], strict=True)]))
    assert hits[0] < 0.9 and hits[0] < hits[1] < hits[2] == 1.0


# --- budget -----------------------------------------------------------------------------------------------------------


def budgeted(shift: float, **weights: float) -> sim.Result:
    """The website's buyers hardly fit, and referrals fit well; both inquire."""
    channels: dict[str, Any] = {}
    for name in arm().market.channels:
        fit = {"website": -3.0, "referral": 2.5}.get(name, 0.0)
        channels |= {f"market.channels.{name}.fit_shift": fit, f"market.channels.{name}.elasticity": 0.5,
                     f"market.channels.{name}.cost_per_inquiry_usd": 100.0}  # fmt: skip
    names = ("leads_weight", "pipeline_weight", "revenue_weight")
    return lived({**channels, "mechanisms.budget": True, "budget.shift": shift, "budget.memory": 0.8,
                  "review_days": 30.0, "run.cohort_days": 240, "run.follow_up_days": 60, "market.channel_growth": 3.0,
                  **{f"budget.{name}": weights.get(name, 0.0) for name in names}})  # fmt: skip


def test_spend_follows_leads_or_revenue() -> None:
    leads, revenue = budgeted(0.3, leads_weight=1.0), budgeted(0.3, revenue_weight=1.0)
    names = leads.setup.arrivals.channels
    website, referral = names.index("website"), names.index("referral")
    spend = np.array(leads.setup.rules.spend[: len(names)])
    for result in (leads, revenue):
        multiples = result.report.spend
        assert (multiples[0] == 1.0).all() and (multiples <= 3.0 + 1e-9).all()
        assert multiples @ spend == pytest.approx(spend.sum())
    assert revenue.report.spend[-1, website] < 0.5 < 0.8 < leads.report.spend[-1, website]
    assert revenue.report.spend[-1, referral] > 1.5 * leads.report.spend[-1, referral]

    def late(result: sim.Result, channel: int) -> int:
        h, of = history(result), result.setup.arrivals.channel[result.report.rows]
        return int(np.sum((of == channel) & (h["arrived_at"] > 150 * DAY_US)))

    assert late(revenue, website) < 0.75 * late(leads, website)
    assert late(revenue, referral) > 1.1 * late(leads, referral)


def test_who_comes_under_two_budgets_is_the_same_buyer() -> None:
    leads, revenue = budgeted(0.3, leads_weight=1.0).report, budgeted(0.3, revenue_weight=1.0).report
    both, one, other = np.intersect1d(leads.rows, revenue.rows, return_indices=True)
    assert len(both) > 500 and min(len(leads.rows), len(revenue.rows)) > len(both)
    for name in ("arrived_at", "segment", "complexity", "fit", "value_cents", "members"):
        assert (leads.history[name][one] == revenue.history[name][other]).all()
    first_review = leads.history["arrived_at"] < 30 * DAY_US  # until then spend is the same
    assert set(leads.rows[first_review]) <= set(both)


# --- training ---------------------------------------------------------------------------------------------------------

LEARNING = {
    "mechanisms.training": True, "review_days": 28.0, "training.every_days": 365.0, "training.half_life_days": 36_500.0,
    "training.days_to_learn": 0.1, "training.response_gain": 0.0, "training.agreement_gain": 0.0,
}  # fmt: skip


@pytest.mark.parametrize(("every_days", "times"), [(365.0, 1), (84.0, 3)])
def test_training_takes_its_days_from_everybody(every_days: float, times: int) -> None:
    """Four days each time, at the start and every so often, within 28 days and so 20 working days."""
    trained = lived({**LEARNING, "training.days": 4.0, "training.every_days": every_days}).people
    without = lived({"review_days": 28.0}).people
    assert trained["training_hours"].to_numpy() == pytest.approx(times * 4 * 8.0)
    assert (without["training_hours"] == 0).all()
    assert trained["paid_hours"].to_numpy() == pytest.approx(without["paid_hours"].to_numpy())
    parts = trained[["worked_hours", "idle_hours", "training_hours", "coordination_hours"]]
    assert parts.sum(axis=1).to_numpy() == pytest.approx(trained["paid_hours"].to_numpy())
    left = [float((people["worked_hours"] + people["idle_hours"]).sum()) for people in (trained, without)]
    assert left[1] - left[0] == pytest.approx(times * 4 * 8.0 * len(trained))


def test_who_knows_the_other_side_answers_sooner() -> None:
    """Full knowledge from the first review on takes half of the wait on the list, buyer by buyer."""
    slow = {"handoff.pickup_hours": 20.0, "training.days": 5.0, "market.preference.base": -20.0}  # nobody asks
    untrained, trained = (lived({**LEARNING, **slow, "training.response_gain": gain}) for gain in (0.0, 0.5))
    assert (history(untrained)["mql_at"] == history(trained)["mql_at"]).all()  # until then nobody met them

    def waits(result: sim.Result, which: np.ndarray) -> np.ndarray:
        h, rules = history(result)[which], result.setup.rules
        opens, window = int(rules.day_starts[0]), int(rules.workday_us)  # after day 28 they train no more
        return np.array([
            work_before(int(b), opens, window, 5) - work_before(int(a), opens, window, 5)
            for a, b in zip(h["mql_at"], h["queued_at"], strict=True)
        ])  # fmt: skip

    queued = (history(untrained)["queued_at"] >= 0) & (history(trained)["queued_at"] >= 0)
    late = queued & (history(untrained)["mql_at"] >= 28 * DAY_US)
    assert late.sum() > 100
    reviews = history(untrained)["mql_at"][late] // (28 * DAY_US)
    known = 0.5 ** (28 * (reviews - 1) / 36_500)  # a little is forgotten from review to review
    assert waits(trained, late) == pytest.approx(waits(untrained, late) * (1 - 0.5 * known), abs=4)
    early = queued & (np.maximum(history(untrained)["queued_at"], history(trained)["queued_at"]) < 28 * DAY_US)
    assert early.sum() > 10 and (waits(trained, early) == waits(untrained, early)).all()


# --- tilt -------------------------------------------------------------------------------------------------------------


def tilted(hours: float = 0.0, budget: float = 0.0) -> sim.Result:
    half = {f"roles.{role}.own_work_share": 0.5 for role in ("marketer", "sdr", "rep")}
    making = {"content.making_share": 0.5, "content.hours_per_asset": 20.0, "tilt.hours_use": 0.5}
    return lived({**LIBRARY, **half, **making, "mechanisms.tilt": True, "tilt.hours": hours, "tilt.budget": budget})


def test_a_leader_who_favours_a_side_gives_it_the_others_hours() -> None:
    """Of 12 marketers' own half, 0.4 for 16 reps at half its worth is 0.075 of each; reps give 0.4 of their half."""
    sales, neither, marketing = tilted(0.4), tilted(), tilted(-0.4)
    made = [len(result.report.assets) for result in (sales, neither, marketing)]
    assert 1.2 * made[0] < made[1] < 0.8 * made[2]
    time = [result.report.hours[Role.REP, FOR_BUYERS] for result in (sales, neither, marketing)]
    assert np.array(time) / time[1] == pytest.approx([0.575 / 0.5, 1.0, 0.3 / 0.5], rel=1e-6)
    for role in (Role.MARKETER, Role.SDR):
        assert len({int(result.report.hours[role, FOR_BUYERS]) for result in (sales, neither, marketing)}) == 1
    paid = [result.report.hours.sum(axis=1).tolist() for result in (sales, neither, marketing)]
    assert paid[0] == paid[1] == paid[2]


def test_a_budget_spent_on_sales_brings_fewer_of_the_same_buyers() -> None:
    for channel in arm().market.channels.values():
        assert channel.cost_per_inquiry_usd > 0, "all channels of this market cost something"
    elastic = {f"market.channels.{name}.elasticity": 0.5 for name in arm().market.channels}
    shares = {"mechanisms.tilt": True, "market.inquiries_per_year": 6000.0}
    whole, less = (lived({**elastic, **shares, "tilt.budget": share}) for share in (0.0, 0.36))
    assert set(less.report.rows) < set(whole.report.rows)
    assert within(len(less.report.rows), len(whole.report.rows), 0.8)  # 0.64^0.5
    assert (less.report.spend == whole.report.spend).all(), "the money is spent all the same"


# --- quarter end ------------------------------------------------------------------------------------------------------

QUARTER = {
    "mechanisms.quarter_end": True, "quarter_end.window_days": 14.0, "quarter_end.intensity": 1.0,
    "quarter_end.drop_share": 0.0, "quarter_end.discount": 0.0, "quarter_end.discount_pull": 0.0,
    "quarter_end.discount_doubt": 0.0, "run.cohort_days": 182, "run.follow_up_days": 91, "sales.follow_up_days": 10.0,
}  # fmt: skip
LAST_14 = 77 * DAY_US
#: Buyers never ask; every other proposal of a meeting is welcome.
QUIET = {"market.preference.base": -18.0, "sales.receptive_bonus": 18.0,
         **{f"market.preference.{name}": 0.0 for name in ("by_complexity", "by_stage", "spread")}}  # fmt: skip


def near_end(at: np.ndarray) -> np.ndarray:
    return at % (91 * DAY_US) >= LAST_14


def test_reps_who_hurry_close_at_the_end_of_the_quarter() -> None:
    """Patient buyers who need a rep and learn most from it; what is 14 days of 91 is more than twice that for them."""
    need: dict[str, Any] = {"mechanisms.rivals": False, "market.journey.content_gain": 0.3,
                            "market.journey.person_gain": 0.6, "market.journey.distraction_chance": 0.0,
                            "sales.follow_up_days": 20.0, "run.cohort_days": 273}  # fmt: skip
    for name in arm().market.segments:
        own = {"patience_median_days": 300.0, "rep_free_share": 0.0, "complexity_low": 0.5, "complexity_high": 0.7}
        need |= {f"market.segments.{name}.{key}": value for key, value in own.items()}
    wins, meetings = [], []
    for intensity in (1.0, 10.0):
        result = lived({**QUARTER, **QUIET, **need, "quarter_end.intensity": intensity})
        wins.append(float(np.mean(near_end(rows(result, Activity.WON)["at"]))))
        talks = rows(result, Activity.MEETING)
        meetings.append(float(np.mean(near_end(talks["at"][talks["stage"] >= Stage.JUSTIFYING_DECISION]))))
    assert meetings[1] > 1.5 * meetings[0] and wins[1] > 1.3 * wins[0]


def follow_ups(result: sim.Result) -> tuple[np.ndarray, np.ndarray]:
    """Of accounts before the last two stages: when a follow-up is due after the one before, and when it came."""
    by_rep = rows(
        result, Activity.MEETING, Activity.MEETING_DECLINED, Activity.CALL_UNANSWERED, Activity.OWNER_ASSIGNED
    )
    by_rep = by_rep[result.setup.person_role[by_rep["person"]] == Role.REP]
    by_rep = by_rep[np.lexsort((by_rep["at"], by_rep["buyer"]))]
    assigned = by_rep["activity"] == Activity.OWNER_ASSIGNED
    next_ones = (by_rep["buyer"][1:] == by_rep["buyer"][:-1]) & ~assigned[1:] & ~assigned[:-1]
    next_ones &= by_rep["stage"][1:] < Stage.JUSTIFYING_DECISION
    return by_rep["at"][:-1][next_ones] + 10 * DAY_US, by_rep["at"][1:][next_ones]


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_what_will_not_close_is_put_off_to_the_next_quarter(share: float) -> None:
    due, came = follow_ups(lived({**QUARTER, **QUIET, "quarter_end.drop_share": share}))
    assert (came >= due).all()
    inside = near_end(due)
    waited = came[inside] // (91 * DAY_US) > due[inside] // (91 * DAY_US)
    # A follow-up that is due in the last hours of a quarter may come in the next one by itself: those are left out.
    clear = due[inside] % (91 * DAY_US) < 87 * DAY_US
    assert clear.sum() > 40
    if share in (0.0, 1.0):
        assert (waited[clear] == bool(share)).mean() > 0.99
    else:
        seen = due[inside] < 182 * DAY_US  # what is put off to the end of the run never comes
        assert within(int(waited[clear & seen].sum()), int((clear & seen).sum()), share)


def test_a_discount_costs_what_it_gives_away() -> None:
    result = lived({**QUARTER, "quarter_end.discount": 0.2})
    h, offers = history(result), rows(result, Activity.DISCOUNT_OFFERED)
    assert len(offers) == h["discounted"].sum() > 20 and len(set(offers["buyer"])) == len(offers)
    assert near_end(offers["at"]).all() and (offers["stage"] >= Stage.JUSTIFYING_DECISION).all()
    won, cut = h["outcome"] == Outcome.WON, h["discounted"] > 0
    given = sum((2 * int(value) + 5) // 10 for value in h["value_cents"][won & cut])
    assert int(h["value_cents"][won].sum() - h["paid_cents"][won].sum()) == given > 0
    assert (h["paid_cents"][~cut] == h["value_cents"][~cut]).all()
    cohort = h["arrived_at"] < 182 * DAY_US
    assert result.channels["revenue_usd"].sum() == pytest.approx(h["paid_cents"][won & cohort].sum() / 100)


def test_an_offer_calms_worries_and_costs_trust() -> None:
    plain, calm, doubt = (
        lived({**QUARTER, "quarter_end.discount": 0.2, f"quarter_end.discount_{what}": size})
        for what, size in (("pull", 0.0), ("pull", 0.9), ("doubt", 0.9))
    )
    assert (history(doubt)["trust"][history(doubt)["discounted"] > 0].mean()
            < 0.6 * history(plain)["trust"][history(plain)["discounted"] > 0].mean())  # fmt: skip
    at_once = [
        np.mean(np.isin(rows(r, Activity.DISCOUNT_OFFERED)["at"], history(r)["ended_at"])) for r in (plain, calm)
    ]
    assert at_once[1] > 1.2 * at_once[0], "more end with the talk in which they get the offer"
