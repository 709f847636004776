"""Event storms end, and end right: scenarios at the ends of what is allowed, with answers known beforehand.

Both engines agree on every event (`both`), the books of each run are in order (`with_books_in_order`), and what came
of it is what arithmetic says.
"""

from typing import Any

import numpy as np
import pytest

from simulator.engines.review import COORDINATION, FOR_BUYERS, TRAINING
from simulator.model.buyer import MOST_DECISIONS
from simulator.model.calendar import after_work, instant_of_work
from simulator.model.numerics import DAY_US, MILLISECOND_US, MINUTE_US
from simulator.model.quarter import QUARTER_US
from simulator.model.randomness import MAX_OCCURRENCE
from simulator.model.words import ROLES, Activity, LeadStatus, Outcome, Role
from simulator.scenario.checked import check
from simulator.scenario.rules import LEAST_BUYER_HOURS
from simulator.scenario.schema import ScenarioError
from tests.engines.arms import arm
from tests.engines.storms import (
    ALL_MECHANISMS,
    NO_TIME,
    ONE_EACH,
    STILL,
    buyers_time,
    crowd,
    days,
    drawn,
    of_segments,
    per_buyer,
    replayed,
    rows,
)

FOREVER = of_segments(patience_median_days=3650.0, patience_sigma=0.0)
READS = (Activity.READ_OURS, Activity.READ_THIRD_PARTY, Activity.READ_RIVAL)
#: Every lead is accepted, talked to once, and not qualified; it is dropped for good.
ONE_TALK = {"sales.accept_threshold": -100.0, "sales.qualify_threshold": 100.0, "recycling.share": 0.0}
#: Every lead is accepted and qualified in the first talk; nobody ever wants to meet the rep.
TO_THE_REP = {"sales.accept_threshold": -100.0, "sales.qualify_threshold": -100.0, "recycling.share": 0.0,
              **of_segments(complexity_low=0.0, complexity_high=0.0, rep_free_share=1.0)}  # fmt: skip
#: Buyers to whom everything is clear at the first touch: they stand in the last stage, and need a rep.
CLEAR = {"market.journey.clear_level": 1.0, "market.journey.self_serve_max_complexity": 0.0,
         **of_segments(complexity_low=0.1, complexity_high=0.1, rep_free_share=1.0)}  # fmt: skip
#: Calls reach nobody, ever.
NEVER_THERE = {"mechanisms.reach": True,
               **{f"market.reach.{name}_chance": 0.0 for name in ("desk", "lead", "request")}}  # fmt: skip
TWO_O_CLOCK = 14 * 3_600_000_000


# --- the buyers' own steps --------------------------------------------------------------------------------------------


def test_steps_every_few_seconds_end_by_distraction() -> None:
    """Nothing can be learned: the number of readings is geometric, and the last step ends the journey."""
    chance = 0.1
    result = drawn({**STILL, "market.journey.step_days": 1e-4, "market.journey.content_gain": 0.0,
                    "market.journey.distraction_chance": chance, "market.journey.anonymous_touches_mean": 1000.0,
                    "market.inquiries_per_year": 10_000.0,
                    **FOREVER})  # fmt: skip
    history, readings = result.report.history, per_buyer(result, *READS)
    ended = history["outcome"] == Outcome.NO_DECISION
    assert ended.sum() >= len(history) - 1 > 400  # one may have come in the last minute
    spread = np.sqrt(1 - chance) / chance / np.sqrt(len(readings))
    assert abs(readings.mean() - (1 - chance) / chance) < 4 * spread
    lasted = (history["ended_at"] - history["arrived_at"])[ended] / DAY_US
    assert abs(lasted.mean() - 1e-4 * readings.mean()) < 4 * 1e-4 * np.sqrt(readings.mean() / len(readings))


def test_steps_every_few_seconds_of_buyers_who_learn() -> None:
    """The whole journey in minutes, on the whole model but for what takes days by itself: projects, nights, papers."""
    result = drawn({**ALL_MECHANISMS, "market.journey.step_days": 1e-4, "market.inquiries_per_year": 2500.0,
                    **{f"mechanisms.{name}": False for name in ("projects", "office", "closing")},
                    "market.group.vote_again_days": 0.0,
                    "market.journey.self_serve_max_complexity": 1.0, "market.preference.base": -20.0,
                    "run.cohort_days": 20, "run.follow_up_days": 1})  # fmt: skip
    history = result.report.history
    over = history["outcome"] != Outcome.OPEN
    assert over[history["arrived_at"] < days(20.5)].all() and len(history) > 100
    assert (history["outcome"] == Outcome.WON).any() and (history["outcome"] == Outcome.LOST).any()
    assert (history["ended_at"] - history["arrived_at"])[over].max() < days(0.5)


@pytest.mark.parametrize("patience_days", [0.0, 1e-9, 1e-3])
def test_hardly_any_patience(patience_days: float) -> None:
    """Nobody clears a stage: who is not patient at all ends on arrival, the others at their deadline, exactly."""
    still = {**STILL, "market.journey.content_gain": 0.0, "market.journey.step_days": 1e-4}
    result = drawn({**still, "market.inquiries_per_year": 6000.0,
                    **of_segments(patience_median_days=patience_days, patience_sigma=0.0)})  # fmt: skip
    history = result.report.history
    patience = round(patience_days * DAY_US)
    ended = history["outcome"] == Outcome.NO_DECISION
    assert ended.sum() >= len(history) - 1 > 200
    assert (history["ended_at"] - history["arrived_at"] == patience)[ended].all()
    if patience == 0:
        assert result.events == len(history) and len(result.report.log) == len(history)


def test_nobody_is_patient_and_all_come_at_one_instant() -> None:
    changes = {**STILL, **ONE_EACH, **of_segments(patience_median_days=0.0)}
    result = replayed(changes, crowd(300, days(1)), enter_as="inquiry")
    assert (result.report.history["ended_at"] == days(1)).all() and result.events == 300


# --- work that takes no time ------------------------------------------------------------------------------------------


def test_nobody_waits_where_work_takes_no_time() -> None:
    result = drawn({**NO_TIME, **ONE_EACH, **TO_THE_REP, "sales.max_open_deals": 100_000, "scoring.threshold": -100.0,
                    "handoff.pickup_hours": 0.0, "market.inquiries_per_year": 2500.0, "run.cohort_days": 60,
                    "run.follow_up_days": 0})  # fmt: skip
    report, history = result.report, result.report.history
    passed = history["mql_at"] >= 0
    for moment in ("queued_at", "taken_at", "sal_at", "sql_at", "owned_at"):
        assert (history[moment] == history["mql_at"])[passed & (history["sal_at"] >= 0)].all()
    assert (history["owned_at"] >= 0).sum() > 100
    assert report.queues["wait_ms"].sum() == report.queues["area_ms"].sum() == 0
    assert report.people["worked_us"].sum() == 0


def test_a_crowd_is_passed_on_from_one_deal_to_the_next_at_one_instant() -> None:
    """One rep with room for one deal, who closes in the first meeting: 250 deals begin and end at one microsecond."""
    number, at = 250, days(1) + TWO_O_CLOCK
    result = replayed({**STILL, **NO_TIME, **ONE_EACH, **TO_THE_REP, **CLEAR, "sales.max_open_deals": 1},
                      crowd(number, at))  # fmt: skip
    history = result.report.history
    for moment in ("mql_at", "sal_at", "sql_at", "owned_at", "opportunity_at", "ended_at", "released_at"):
        assert (history[moment] == at).all()
    assert (history["outcome"] == Outcome.WON).all() and (per_buyer(result, Activity.MEETING) == 1).all()
    assert result.report.people["open_deals"].sum() == 0 and result.report.queues["served"].sum() == 3 * number


@pytest.mark.long
def test_a_hundred_calls_at_one_instant_each_time_a_lead_comes_back() -> None:
    """Nobody is there, and all leads are recycled and passed on at each of their steps; calls take no time."""
    result = drawn({**NO_TIME, **ONE_EACH, "recycling.share": 1.0, "sales.attempts": 100, "sales.retry_days": 0.0,
                    "sales.accept_threshold": -100.0, "sales.qualify_threshold": 100.0, "scoring.threshold": -100.0,
                    **NEVER_THERE, "nurture.open_rate": 0.0, "nurture.every_days": 3650.0,
                    "market.preference.base": -20.0, "market.inquiries_per_year": 600.0,
                    "market.journey.anonymous_touches_mean": 0.0, "run.cohort_days": 40,
                    "run.follow_up_days": 0})  # fmt: skip
    talks, calls = per_buyer(result, Activity.CONVERSATION), per_buyer(result, Activity.CALL_UNANSWERED)
    passes, history = per_buyer(result, Activity.MQL), result.report.history
    assert not talks.any() and (calls == 100 * passes).all()
    assert calls.sum() > 5000 and (history["recycled"] == passes).all()
    unanswered = rows(result, Activity.CALL_UNANSWERED)
    instants = set(zip(unanswered["buyer"].tolist(), unanswered["at"].tolist(), strict=True))
    assert len(instants) * 100 == len(unanswered)


# --- what we do again and again ---------------------------------------------------------------------------------------


def test_a_mail_every_tenth_of_a_day() -> None:
    number, at = 60, days(1)
    result = replayed({**STILL, "nurture.every_days": 0.1, "nurture.open_rate": 0.0, "scoring.threshold": 100.0,
                       "run.cohort_days": 30, **of_segments(patience_median_days=9.95, patience_sigma=0.5)},
                      crowd(number, at), enter_as="inquiry")  # fmt: skip
    history = result.report.history
    until = np.where(history["ended_at"] < 0, result.setup.rules.horizon_us - 1, history["ended_at"])
    assert (per_buyer(result, Activity.MAIL_UNOPENED) == (until - at) // days(0.1)).all()
    assert (history["outcome"] == Outcome.NO_DECISION).sum() > 30


def test_a_thousand_follow_ups_in_ten_days() -> None:
    """One every 0.01 days after the first meeting, all declined; after the thousandth the account is given up."""
    number, at = 12, days(1)
    result = replayed({**STILL, **NO_TIME, **TO_THE_REP, "sales.follow_up_days": 0.01, "sales.silent_follow_ups": 1000},
                      crowd(number, at, apart_us=1))  # fmt: skip
    history = result.report.history
    assert (per_buyer(result, Activity.MEETING) == 1).all()
    assert (per_buyer(result, Activity.MEETING_DECLINED) == 1000).all()
    assert (history["released_at"] - history["owned_at"] == 1000 * days(0.01)).all()
    assert (history["status"] == LeadStatus.DROPPED).all()


@pytest.mark.parametrize("window_days", [0.01, 91.0])
def test_a_quarter_that_is_its_own_end(window_days: float) -> None:
    """Early accounts are put off from quarter to quarter; a late one is hurried through the same waits."""
    changes = {**STILL, **NO_TIME, **TO_THE_REP, "mechanisms.quarter_end": True, "quarter_end.window_days": window_days,
               "quarter_end.drop_share": 1.0, "quarter_end.intensity": 20.0, "sales.silent_follow_ups": 500,
               **FOREVER}  # fmt: skip
    number, at = 5, days(1)
    early = replayed({**changes, "market.journey.content_gain": 0.0, "sales.follow_up_days": 91.0 - 1 - 0.005,
                      "run.cohort_days": 300}, crowd(number, at))  # fmt: skip
    tried = rows(early, Activity.MEETING, Activity.MEETING_DECLINED)["at"].reshape(-1, number)
    assert (per_buyer(early, Activity.MEETING) == 1).all()
    assert (tried == tried[:, :1]).all() and tried[0, 0] == at
    assert (tried[1:, 0] % QUARTER_US == 0).sum() == (3 if window_days == 91.0 else 1)

    no_offer = {"mechanisms.closing": True, "market.closing.offer_days": 365.0, "market.closing.offer_sigma": 0.0,
                "market.closing.simple_max_complexity": 0.0}  # fmt: skip
    late = replayed({**changes, **CLEAR, **no_offer, "sales.follow_up_days": 0.01}, crowd(number, at))
    assert (late.report.history["stage"] == 5).all()
    assert (per_buyer(late, Activity.MEETING_DECLINED) % 500 == 0).all()  # who asks again is taken up again
    declined = rows(late, Activity.MEETING_DECLINED)["at"][: 500 * number].reshape(-1, number)
    assert (declined == declined[:, :1]).all()
    assert (np.diff(declined[:, 0]) == days(0.01) / (20 if window_days == 91.0 else 1)).all()


def test_more_calls_than_a_small_number_holds() -> None:
    """A lead that comes back at each step of ours for ten months; its calls are counted in full, in the table too."""
    result = replayed({**STILL, **NO_TIME, **FOREVER, "recycling.share": 1.0, "sales.attempts": 100,
                       "sales.retry_days": 0.0, "sales.accept_threshold": -100.0, "sales.qualify_threshold": 100.0,
                       "scoring.threshold": -100.0, **NEVER_THERE, "nurture.open_rate": 0.0,
                       "market.journey.step_days": 0.5, "market.journey.content_gain": 0.0, "run.cohort_days": 300},
                      crowd(2, days(1)), docked=False)  # fmt: skip
    calls = result.report.history["calls"]
    assert (calls > 2**15).all() and (result.journeys["calls"] == calls).all()
    assert (calls == 100 * result.report.history["recycled"]).all()


# --- as often as a buyer can decide: its random streams have 65,536 numbers -------------------------------------------


@pytest.mark.long
def test_who_steps_too_often_makes_no_decision() -> None:
    """Ten thousand steps a day that clear nothing: the run goes on, and the journey ends at the last step there is."""
    result = replayed({**STILL, **FOREVER, "market.journey.step_days": 1e-4, "market.journey.content_gain": 0.0},
                      crowd(2, days(1)), enter_as="inquiry")  # fmt: skip
    history, steps = result.report.history, rows(result, *READS)
    assert (history["outcome"] == Outcome.NO_DECISION).all() and (history["stage"] == 0).all()
    assert (per_buyer(result, *READS) == MOST_DECISIONS).all() and MOST_DECISIONS <= MAX_OCCURRENCE
    for buyer, ended in enumerate(history["ended_at"]):
        assert ended > steps["at"][steps["buyer"] == buyer].max() > days(6)


@pytest.mark.long
def test_who_is_called_too_often_makes_no_decision() -> None:
    """A hundred calls at one instant at each step, until there is no number left for the next call's luck."""
    result = replayed({**STILL, **NO_TIME, **FOREVER, "recycling.share": 1.0, "sales.attempts": 100,
                       "sales.retry_days": 0.0, "sales.accept_threshold": -100.0, "sales.qualify_threshold": 100.0,
                       "scoring.threshold": -100.0, **NEVER_THERE, "nurture.open_rate": 0.0,
                       "market.journey.step_days": 0.1, "market.journey.content_gain": 0.0, "run.cohort_days": 100},
                      crowd(1, days(1)))  # fmt: skip
    history, calls = result.report.history, rows(result, Activity.CALL_UNANSWERED)
    assert history["calls"].tolist() == [MOST_DECISIONS] and history["outcome"].tolist() == [Outcome.NO_DECISION]
    assert history["ended_at"][0] == calls["at"][-1]
    assert (calls["at"] == calls["at"][-1]).sum() == MOST_DECISIONS % 100


@pytest.mark.long
def test_who_meets_too_often_makes_no_decision_and_leaves_its_rep() -> None:
    """A meeting every hundredth of a day in which nothing is learned; the rep has room again at once."""
    result = replayed({**STILL, **NO_TIME, **FOREVER, "sales.accept_threshold": -100.0, "sales.receptive_bonus": 20.0,
                       "sales.qualify_threshold": -100.0, "sales.follow_up_days": 0.01, "sales.silent_follow_ups": 1000,
                       "market.journey.content_gain": 0.0, "market.journey.person_gain": 0.0,
                       "market.attention.fatigue_per_message": 0.0, "run.cohort_days": 700,
                       **of_segments(complexity_low=1.0, complexity_high=1.0, rep_free_share=0.0)},
                      crowd(1, days(1)))  # fmt: skip
    history, meetings = result.report.history, per_buyer(result, Activity.MEETING, Activity.MEETING_DECLINED)
    assert history["outcome"].tolist() == [Outcome.NO_DECISION] and meetings.tolist() == [MOST_DECISIONS - 1]
    assert history["ended_at"][0] == history["owned_at"][0] + (MOST_DECISIONS - 1) * days(0.01)
    assert history["released_at"][0] == history["ended_at"][0] and result.report.people["open_deals"].sum() == 0


# --- one person for very many buyers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "docked"), [(300, True), (200_000, False)])
def test_one_sdr_is_never_idle_and_serves_one_lead_after_the_other(number: int, docked: bool) -> None:
    """70 minutes a lead and no pause, in the order in which they came; finding out who it is takes from the talk."""
    at = days(1) + TWO_O_CLOCK
    result = replayed({**STILL, **FOREVER, **ONE_EACH, **ONE_TALK, "effort.spread": 0.0, "effort.review_minutes": 10.0,
                       "effort.qualify_minutes": 60.0, "effort.discovery_minutes": 20.0},
                      crowd(number, at), docked=docked)  # fmt: skip
    report, history, rules = result.report, result.report.history, result.setup.rules
    worked, each = buyers_time(result, Role.SDR, at), 70 * MINUTE_US
    done = worked // each
    assert 40 < done < number - 1
    assert report.people["worked_us"][Role.SDR] == worked
    line = report.queues[Role.SDR]
    assert (line["joined"], line["served"], line["length"]) == (number, done + 1, number - done - 1)
    day = int(rules.opens[Role.SDR]), int(rules.window[Role.SDR]), int(rules.days)
    finished = [after_work(at, int(k) * each, *day) for k in range(1, done + 1)]
    assert (history["sal_at"][:done] == finished).all() and (history["sal_at"][done:] < 0).all()
    began = history["taken_at"][: done + 1]
    assert line["wait_ms"] == (began // MILLISECOND_US - at // MILLISECOND_US).sum() and (began[1:] == finished).all()


@pytest.mark.parametrize(("number", "docked"), [(1500, True), (200_000, False)])
def test_one_of_each_for_very_many_buyers(number: int, docked: bool) -> None:
    """The whole model, all at one instant before work begins: the SDR is never idle, and all is accounted for."""
    result = replayed({**ALL_MECHANISMS, **ONE_EACH, "run.cohort_days": 30, "run.follow_up_days": 0,
                       "sales.max_open_deals": 1, "support.share": 0.5, "recycling.share": 1.0,
                       "market.journey.step_days": 5.0}, crowd(number, days(0.25)), docked=docked)  # fmt: skip
    report = result.report
    assert len(report.history) == number and report.people["open_deals"].sum() <= 1
    served = report.queues["served"][Role.SDR]
    assert served > 20 and report.queues["length"][Role.SDR] > number / 2
    idle = report.hours[Role.SDR, FOR_BUYERS] - report.people["worked_us"][Role.SDR]
    assert idle == 0
    assert (report.history["work_us"][:, Role.SDR] > 0).sum() <= served


# --- days with hardly any time ----------------------------------------------------------------------------------------


def test_meetings_and_training_take_nearly_the_whole_day() -> None:
    """Nine tenths of the day in meetings, four fifths of the rest in training, most of what is left for own work."""
    result = drawn({**ALL_MECHANISMS, "coordination.hours_per_teammate_week": 36.0 / 35.0, "training.days": 10.0,
                    "training.every_days": 30.0, "review_days": 1.0, "roles.sdr.own_work_share": 0.89,
                    "roles.rep.own_work_share": 0.89, "effort.meeting_minutes": 10_000.0, "effort.spread": 1.0,
                    "market.inquiries_per_year": 1500.0, "run.cohort_days": 70, "run.follow_up_days": 0})  # fmt: skip
    report, horizon = result.report, 70
    assert (report.hours.sum(axis=1) == horizon // 7 * 5 * 8 * 60 * MINUTE_US).all()
    assert (report.hours[:, COORDINATION] * 10 == report.hours.sum(axis=1) * 9).all()
    trained = report.hours[0, TRAINING] / (48 * MINUTE_US)
    assert (report.hours[:, TRAINING] == report.hours[0, TRAINING]).all() and 0 < trained <= 0.8 * 50
    busy = report.people["serving"] >= 0
    assert busy.any() and len(report.reviews) == horizon - 1


def test_a_task_that_would_take_a_century() -> None:
    """A minute a day for buyers, and tasks of weeks of work: nobody finishes, and no instant overflows."""
    result = replayed({**STILL, **ONE_EACH, **ONE_TALK, "effort.qualify_minutes": 10_000.0, "effort.spread": 1.0,
                       "effort.discovery_minutes": 10_000.0, "roles.sdr.own_work_share": 0.89, "review_days": 1.0,
                       "coordination.hours_per_teammate_week": 18.0}, crowd(20, days(1)))  # fmt: skip
    report, rules = result.report, result.setup.rules
    person = report.people[Role.SDR]
    assert rules.window[Role.SDR] < 6 * MINUTE_US and rules.meeting_us[0] * 10 == 9 * 8 * 60 * MINUTE_US
    assert person["finish_at"] > rules.horizon_us and report.queues["served"][Role.SDR] == 1
    assert person["worked_us"] == buyers_time(result, Role.SDR, days(1))
    latest = instant_of_work(52_560_000 * MINUTE_US, 0, MINUTE_US, 5)  # the longest task at a minute a day
    assert latest > 7 / 5 * 52_559_000 * DAY_US  # and no negative number, as after an overflow


def test_the_shortest_day_there_is_and_the_longest_task() -> None:
    """A leader's tilt leaves reps five minutes of which training takes four: a task goes on for millennia, not back."""
    short = {"coordination.hours_per_teammate_week": 18.0, "mechanisms.tilt": True, "mechanisms.training": True,
             "training.days": 10.0, "training.every_days": 30.0, "review_days": 1.0}  # fmt: skip
    result = replayed({**STILL, **ONE_EACH, **TO_THE_REP, **short, "tilt.hours": -0.89, "effort.spread": 1.0,
                       **{f"effort.{name}_minutes": 0.0 for name in ("review", "qualify", "discovery")},
                       **{f"effort.{name}_minutes": 10_000.0 for name in ("mail", "meeting", "unanswered")}},
                      crowd(20, days(1)))  # fmt: skip
    rules, rep = result.setup.rules, result.report.people[Role.REP]
    assert 5 * MINUTE_US < rules.window[Role.REP] < 5.3 * MINUTE_US
    assert rep["finish_at"] > days(365) and rep["task_us"] > rep["worked_us"] > 0
    with pytest.raises(ScenarioError, match=r"tilt\.hours must leave reps at least 5 minutes .* got -0\.9 of 0\.8 h"):
        check(arm({**ONE_EACH, **short, "tilt.hours": -0.9}))
    century_us, least_us = 52_560_000 * MINUTE_US, LEAST_BUYER_HOURS * 60 * MINUTE_US * 0.2
    assert (century_us / least_us * 7 / 5 + 3 * 36_500 + 14) * DAY_US < 2**63


def test_a_review_every_day_of_everything_that_reviews_do() -> None:
    """The books are in order after 180 reviews; each is a day after the last, and content is made from time."""
    changes: dict[str, Any] = {**ALL_MECHANISMS, "review_days": 1.0, "training.days": 10.0, "training.every_days": 30.0,
                               "budget.shift": 1.0, "content.hours_per_asset": 0.5, "content.making_share": 1.0,
                               "content.half_life_days": 1.0, "market.inquiries_per_year": 300.0,
                               "run.cohort_days": 181, "run.follow_up_days": 0}  # fmt: skip
    result = drawn(changes)
    report = result.report
    assert (report.reviews[:, 0] == np.arange(1, 181) * DAY_US).all()
    assert (report.hours.sum(axis=1) == 130 * 8 * 60 * MINUTE_US).all() and report.hours.shape[0] == ROLES
    assert len(report.assets) < result.setup.most_assets and (np.diff(report.assets["made_at"]) >= 0).all()
