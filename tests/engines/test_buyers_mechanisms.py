"""What buyers live through: crowded inboxes, others' reviews, a group that has to agree; leads that come back."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.model.numerics import DAY_US
from simulator.model.records import TOUCH_MAIL, TOUCH_PERSON, TOUCH_THIRD_PARTY
from simulator.model.words import TOPICS, Activity, LeadStatus, Outcome, Role
from tests.engines.arms import arm, both, lived

ERRORS = 5.0
ANSWERING = {f"access.{group}": "marketer" for group in ("education", "solution", "selection")}


def history(result: sim.Result) -> Any:
    return result.report.history


def rows(result: sim.Result, *activities: Activity) -> np.ndarray:
    return result.report.log[np.isin(result.report.log["activity"], activities)]


def count(result: sim.Result, outcome: Outcome) -> int:
    return int(np.sum(history(result)["outcome"] == outcome))


def in_all_segments(**values: Any) -> dict[str, Any]:
    return {f"market.segments.{name}.{key}": value for name in arm().market.segments for key, value in values.items()}


# --- attention --------------------------------------------------------------------------------------------------------


def mailed(every_days: float = 14.0, **attention: float) -> sim.Result:
    """Known leads whom nobody passes on or serves: they get mails until they leave."""
    nobody = {"scoring.threshold": 100.0, "market.preference.base": -20.0, "market.journey.anonymous_touches_mean": 0.0}
    values = {"messages_per_day": 0.0, "half_noticed": 200.0, "fatigue_per_message": 0.0, "recovery_days": 10.0}
    return lived({**nobody, "mechanisms.attention": True, "nurture.every_days": every_days, "nurture.open_rate": 0.6,
                  **{f"market.attention.{name}": value for name, value in (values | attention).items()}})  # fmt: skip


def opened(result: sim.Result) -> tuple[np.ndarray, np.ndarray]:
    """The number of each mail among those to its buyer, and whether it was opened."""
    mails = rows(result, Activity.MAIL_OPENED, Activity.MAIL_UNOPENED)
    mails = mails[np.lexsort((mails["at"], mails["buyer"]))]
    first = np.searchsorted(mails["buyer"], mails["buyer"])
    return np.arange(len(mails)) - first, mails["activity"] == Activity.MAIL_OPENED


def assert_share(found: np.ndarray, chance: float) -> None:
    assert len(found) > 300
    assert abs(found.mean() - chance) <= ERRORS * math.sqrt(chance * (1 - chance) / len(found))


@pytest.mark.parametrize(("messages", "noticed"), [(0.0, 1.0), (200.0, 0.5), (600.0, 0.25)])
def test_mails_are_opened_as_far_as_they_are_noticed(messages: float, noticed: float) -> None:
    for every_days in (14.0, 3.0):
        result = mailed(every_days, messages_per_day=messages)
        assert_share(opened(result)[1], 0.6 * noticed)
        assert opened(result)[1].sum() == history(result)["touches"][:, TOUCH_MAIL].sum()


def test_many_mails_tire_and_pauses_help() -> None:
    """Mail n of one every ``every`` days finds what is left of the n before it: sum of 2^(-k every / 10)."""
    shares = []
    for every in (20.0, 5.0, 2.0):
        number, read = opened(mailed(every, fatigue_per_message=0.2))
        remembered = 0.0
        for n in range(4):
            assert_share(read[number == n], 0.6 * math.exp(-0.2 * remembered))
            remembered = (remembered + 1.0) * 0.5 ** (every / 10.0)
        shares.append(read.mean())
    assert shares[0] > 1.1 * shares[1] > 1.3 * shares[2]


def test_tired_buyers_decline_meetings() -> None:
    fatigue = {"mechanisms.attention": True, "market.attention.messages_per_day": 0.0,
               "market.attention.recovery_days": 60.0}  # fmt: skip
    declined = []
    for share in (0.0, 1.0):
        result = lived({**fatigue, "market.attention.fatigue_per_message": share})
        declined.append(len(rows(result, Activity.MEETING_DECLINED)) / len(rows(result, Activity.MEETING)))
    assert declined[1] > 1.5 * declined[0]


# --- word of mouth ----------------------------------------------------------------------------------------------------

SAID = {
    "mechanisms.word_of_mouth": True, "market.trust.verification_low": 0.0, "market.trust.verification_high": 0.0,
    "market.word_of_mouth.customers_needed": 1.0, "market.word_of_mouth.base_chance": 0.0,
    "market.word_of_mouth.imitation": 1.0, "market.word_of_mouth.trust_pull": 0.2,
    "market.word_of_mouth.review_gain": 0.2, "market.trust.initial": 0.5,
}  # fmt: skip


def said(**values: float) -> sim.Result:
    return lived({**SAID, **{f"market.word_of_mouth.{name}": value for name, value in values.items()}})


def test_what_customers_say_moves_trust_and_wins() -> None:
    """So many customers before the run that what they said cannot change, and every third party carries it."""
    good, bad = (said(customers_at_start=1e9, good_at_start=share) for share in (1.0, 0.0))
    silent = lived({**SAID, "mechanisms.word_of_mouth": False})
    for result, towards in ((good, 1.0), (bad, 0.0)):
        h = history(result)
        assert (h["reviews"] == h["touches"][:, TOUCH_THIRD_PARTY]).all() and h["reviews"].sum() > 1000
        assert h["reviews"].sum() == len(rows(result, Activity.READ_REVIEW))
        assert h["trust"] == pytest.approx(towards + (0.5 - towards) * 0.8 ** h["reviews"])
    assert (history(silent)["trust"] == 0.5).all() and not len(rows(silent, Activity.READ_REVIEW))
    assert history(good)["trust"].mean() > 0.6 > 0.5 > 0.4 > history(bad)["trust"].mean()
    assert count(good, Outcome.WON) > 1.3 * count(silent, Outcome.WON) > 1.3 * 1.3 * count(bad, Outcome.WON)


def test_a_good_review_speaks_of_the_whole_purchase() -> None:
    """Nothing else teaches anything: each review takes 0.25 * 0.8 of what is left of every topic, a bad one nothing."""
    only = {"content_gain": 0.0, "person_gain": 0.0, "prior_knowledge": 0.0, "fit_drag": 0.0}
    alone = {**{f"market.journey.{name}": value for name, value in only.items()}, "market.trust.third_party": 0.8}
    for good in (1.0, 0.0):
        values = {"customers_at_start": 1e9, "good_at_start": good, "review_gain": 0.25}
        h = history(lived({**SAID, **alone, **{f"market.word_of_mouth.{name}": v for name, v in values.items()}}))
        assert h["reviews"].max() > 5
        assert h["cleared_total"] == pytest.approx(good * TOPICS * (1 - 0.8 ** h["reviews"]))


def test_customers_of_the_run_are_heard_from_the_next_review_on() -> None:
    """Nobody was a customer before; analysts and press would only say bad things, and are not read."""
    pleased, disappointed = (said(customers_at_start=0.0, good_at_start=0.0, pleased_fit=fit, pleased_noise=0.0)
                             for fit in (-10.0, 10.0))  # fmt: skip
    for result, towards in ((pleased, 1.0), (disappointed, 0.0)):
        h = history(result)
        first_win = int(h["ended_at"][h["outcome"] == Outcome.WON].min())
        heard_from = next(int(at) for at in result.report.reviews[:, 0] if at > first_win)
        read = rows(result, Activity.READ_REVIEW)
        assert len(read) > 300 and read["at"].min() >= heard_from
        third = rows(result, Activity.READ_THIRD_PARTY)
        assert third["at"].max() < heard_from and len(third) > 300
        assert h["trust"] == pytest.approx(towards + (0.5 - towards) * 0.8 ** h["reviews"])


def test_reviews_spread_with_the_number_of_customers() -> None:
    result = said(customers_at_start=0.0, good_at_start=0.5, customers_needed=100.0)
    h = history(result)
    won_at = np.sort(h["ended_at"][h["outcome"] == Outcome.WON])
    edges = [*result.report.reviews[:, 0].tolist(), 1 << 62]
    both_kinds = rows(result, Activity.READ_REVIEW, Activity.READ_THIRD_PARTY)
    expected = variance = 0.0
    for since, until in itertools.pairwise(edges):
        chance = min(1.0, np.searchsorted(won_at, since) / 100.0)
        n = int(np.sum((both_kinds["at"] >= since) & (both_kinds["at"] < until)))
        expected, variance = expected + n * chance, variance + n * chance * (1 - chance)
    found = len(rows(result, Activity.READ_REVIEW))
    assert found > 50 and abs(found - expected) <= ERRORS * math.sqrt(variance)


# --- group ------------------------------------------------------------------------------------------------------------


def grouped(**values: Any) -> sim.Result:
    """Groups of five and no rivals, so that who agrees has won; they vote again at once, as often as it takes."""
    group = {"size_simple": 5, "size_complex": 5, "rule": "majority", "doubt_low": 0.3, "doubt_high": 0.9,
             "passed_on": 0.5, "attend_chance": 0.0, "split": 0.0, "setback": 0.5, "vote_again_days": 0.0,
             "most_votes": 10_000, "support_effect": 0.0, "meeting_effect": 0.0}  # fmt: skip
    rest = {name: value for name, value in values.items() if name not in group}
    own = {f"market.group.{name}": values.get(name, value) for name, value in group.items()}
    return lived({"mechanisms.group": True, "mechanisms.rivals": False, **own,
                  **{path.replace("__", "."): value for path, value in rest.items()}})  # fmt: skip


def disagreements(result: sim.Result) -> np.ndarray:
    """How often each buyer's group did not agree."""
    buyers = np.searchsorted(result.report.rows, rows(result, Activity.GROUP_DISAGREED)["buyer"])
    return np.bincount(buyers, minlength=len(history(result)))


def disagreed_at_first(result: sim.Result, *others: sim.Result) -> float:
    """Of the groups that came to a vote in all of these runs, the share that did not agree at once in the first."""
    voted = np.logical_and.reduce([history(one)["votes"] > 0 for one in (result, *others)])
    assert voted.sum() > 50
    return float(np.mean(disagreements(result)[voted] > 0))


def test_the_more_have_to_agree_the_fewer_buy() -> None:
    """Of five alike: all of them, the first and the last, or any three."""
    all_of_them, two_of_them, most_of_them = (
        grouped(rule=rule, setback=1.0, passed_on=0.1) for rule in ("unanimous", "champion", "majority")
    )
    wins = [count(result, Outcome.WON) for result in (all_of_them, two_of_them, most_of_them)]
    assert 1.3 * wins[0] < wins[1] and 1.1 * wins[1] < wins[2]
    for result in (all_of_them, two_of_them, most_of_them):
        h, refused = history(result), disagreements(result)
        assert (h["members"] == 5).all()
        assert (h["votes"] == refused + (h["outcome"] == Outcome.WON)).all() and refused.sum() > 20


def test_groups_are_as_large_as_purchases_are_complex() -> None:
    h = history(grouped(size_simple=2, size_complex=12))
    assert (h["members"] == np.floor(2 + 10 * h["complexity"] + 0.5)).all() and len(set(h["members"])) > 4


def test_without_doubts_nobody_disagrees_and_with_all_of_them_everybody_does() -> None:
    sure, unsure = (
        grouped(doubt_low=0.0, doubt_high=0.0),
        grouped(rule="unanimous", doubt_low=1.0, doubt_high=1.0, passed_on=0.0),
    )
    assert not len(rows(sure, Activity.GROUP_DISAGREED)) and (history(sure)["votes"] <= 1).all()
    alone = lived({"mechanisms.rivals": False})
    for name in ("ended_at", "outcome", "cleared_total", "stage_at"):  # then a group is one buyer
        assert (history(sure)[name] == history(alone)[name]).all()
    assert len(rows(unsure, Activity.GROUP_DISAGREED)) > 50 and count(unsure, Outcome.WON) == 0 < count(
        sure, Outcome.WON
    )


def test_a_group_votes_again_after_its_time_and_not_for_ever() -> None:
    """Nobody is ever convinced: the votes lie three weeks apart at least, and the third ends the journey."""
    result = grouped(rule="unanimous", doubt_low=1.0, doubt_high=1.0, passed_on=0.0, vote_again_days=21.0, most_votes=3)
    h, refused = history(result), rows(result, Activity.GROUP_DISAGREED)
    refused = refused[np.lexsort((refused["at"], refused["buyer"]))]
    again = refused["buyer"][1:] == refused["buyer"][:-1]
    assert (np.diff(refused["at"])[again] >= 21 * DAY_US).all() and again.sum() > 20
    times, last = disagreements(result), np.full(len(h), -1, np.int64)
    np.maximum.at(last, np.searchsorted(result.report.rows, refused["buyer"]), refused["at"])
    assert times.max() == 3 and (h["votes"] == times).all()
    assert (h["outcome"] == Outcome.NO_DECISION)[times == 3].all() and (h["ended_at"] == last)[times == 3].all()


def test_what_the_champion_passes_on_convinces_the_others() -> None:
    """A member's doubt is what it was times its worry's uncertainty to this power: the more, the fewer disagree."""
    none, some, much = (grouped(rule="unanimous", passed_on=power) for power in (0.0, 0.5, 4.0))
    shares = [disagreed_at_first(none, some, much), disagreed_at_first(some, none, much),
              disagreed_at_first(much, none, some)]  # fmt: skip
    assert shares[0] > 1.1 * shares[1] > 1.1 * 1.5 * shares[2] and shares[0] > 0.9


@pytest.mark.parametrize("effect", ["meeting", "support"])
def test_who_attends_meetings_and_gets_a_piece_doubts_less(effect: str) -> None:
    """The same meetings and pieces to the same groups, of use to their members or not."""
    served = {"attend_chance": 1.0, "support__share": 1.0, "rule": "unanimous", "doubt_low": 0.6, "passed_on": 0.3}
    idle, useful = (grouped(**served, **{f"{effect}_effect": share}) for share in (0.0, 0.6))
    met = [(history(one)["touches"][:, TOUCH_PERSON + Role.MARKETER] > 0) & (history(one)["votes"] > 0)
           for one in (idle, useful)]  # fmt: skip
    both_met = met[0] & met[1]
    assert both_met.sum() > 100
    refused = [float(np.mean(disagreements(one)[both_met] > 0)) for one in (idle, useful)]
    assert refused[1] < 0.85 * refused[0]
    assert (disagreements(useful)[both_met] <= disagreements(idle)[both_met]).mean() > 0.9
    never = (history(idle)["touches"][:, TOUCH_PERSON + Role.REP] == 0) & (disagreements(idle) > 0)
    first = [np.full(len(history(one)), -1, np.int64) for one in (idle, useful)]
    for at, one in zip(first, (idle, useful), strict=True):
        refusals = rows(one, Activity.GROUP_DISAGREED)[::-1]
        at[np.searchsorted(one.report.rows, refusals["buyer"])] = refusals["at"]
    assert (first[0] == first[1])[never].all() and never.sum() > 5, "whom no rep met has its doubts as before"


def test_support_lets_groups_agree() -> None:
    """Against no marketers' pieces, the same groups: fewer disagree, and more buy."""
    served = {"rule": "unanimous", "doubt_low": 0.6, "passed_on": 0.3, "support_effect": 0.4}
    alone, supported = (grouped(**served, support__share=share) for share in (0.0, 1.0))
    assert disagreed_at_first(supported, alone) < 0.95 * disagreed_at_first(alone, supported)
    assert count(supported, Outcome.WON) > 1.05 * count(alone, Outcome.WON)


def test_reps_own_pieces_split_the_group() -> None:
    """A piece that a rep makes for one question speaks past the others; where reps find theirs, nothing splits."""
    own = {"mechanisms.findability": True, "content__own_piece_match": 1.0, "doubt_low": 0.2, "doubt_high": 0.4}
    found = {**own, "content__assets_at_start": 400, "content__useful_match": 0.0, "content__quality_low": 1.0}
    for pieces, splits in (({**own, "findability__hit_chance": 0.0}, True), (found, False)):
        whole, parted = (grouped(split=split, **pieces) for split in (0.0, 0.6))
        refused = [len(rows(result, Activity.GROUP_DISAGREED)) for result in (whole, parted)]
        assert refused[1] > 1.3 * refused[0] if splits else refused[1] == refused[0]


# --- leads that come back ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("access", [{}, ANSWERING])
def test_a_dropped_lead_that_asks_is_opened_again(access: dict[str, Any]) -> None:
    result = lived({**access, "recycling.share": 0.0, "market.preference.base": -2.0})
    h, log = history(result), result.report.log
    dropped, raised, back = log["activity"] == Activity.DROPPED, log["activity"] == Activity.HAND_RAISE, 0
    for position, buyer in enumerate(result.report.rows.tolist()):
        own = log["buyer"] == buyer
        last_drop = np.flatnonzero(own & dropped)
        if len(last_drop) == 0:
            assert h["status"][position] != LeadStatus.DROPPED
            continue
        after = np.flatnonzero(own & raised)
        after = after[after > last_drop[-1]]
        assert (h["status"][position] == LeadStatus.DROPPED) == (len(after) == 0)
        back += len(after) > 0
        if len(after) and not access:  # nobody answers it: it goes to sales at once
            following = np.flatnonzero(own & (log["activity"] == Activity.MQL))
            assert log["at"][following[following > after[0]][0]] == log["at"][after[0]]
    assert back > 10


NO_TIME = {f"effort.{name}_minutes": 0.0 for name in
           ("review", "unanswered", "qualify", "discovery", "answer", "meeting", "mail", "support")}  # fmt: skip


@pytest.mark.parametrize("changes", [{}, ANSWERING, NO_TIME, {**ANSWERING, "roles.sdr.headcount": 1}])
def test_the_first_contact_is_a_talk_within_the_journey(changes: dict[str, Any]) -> None:
    """A talk is begun between the inquiry and the end, by those and only those who were talked to."""
    h = history(lived({**changes, "effort.spread": 0.0}))
    talked = (h["touches"][:, TOUCH_PERSON:] > 0).any(axis=1)
    assert ((h["first_contact_at"] >= 0) == talked).all() and 50 < talked.sum() < len(h)
    assert (h["first_contact_at"][talked] >= h["inquiry_at"][talked]).all()
    ended = talked & (h["ended_at"] >= 0)
    assert (h["first_contact_at"][ended] <= h["ended_at"][ended]).all()


@pytest.mark.parametrize("review_days", [30.0, 10.3])
def test_nobody_works_more_than_there_is_time_when_training_comes_in_between(review_days: float) -> None:
    """One or two of each, far behind, with long tasks and half of their days taken now and then; on both engines."""
    heavy = {"mechanisms.training": True, "training.days": 10.0, "training.every_days": 30.0,
             "review_days": review_days, "run.cohort_days": 60, "run.follow_up_days": 25,
             "effort.qualify_minutes": 600.0, "effort.meeting_minutes": 900.0, "effort.spread": 1.0}  # fmt: skip
    few = {f"roles.{role}.headcount": 2 for role in ("marketer", "sdr", "rep")}
    result = both({**heavy, **few})
    people = result.people
    assert (people["training_hours"] > 30).all() and (people["idle_hours"] > -1e-9).all()
    busy = people[people["role"] == "sdr"]
    assert (busy["idle_hours"] < 0.2 * busy["paid_hours"]).all(), "they are overloaded"
    parts = people[["worked_hours", "idle_hours", "training_hours", "coordination_hours"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(people["paid_hours"].to_numpy())
    at_work = result.report.people[result.report.people["serving"] >= 0]
    assert len(at_work) and (at_work["left_us"] <= at_work["task_us"]).all() and (at_work["left_us"] > 0).all()
    assert int(result.setup.rules.horizon_us) == 85 * DAY_US and (result.setup.person_role == Role.SDR).sum() == 2
