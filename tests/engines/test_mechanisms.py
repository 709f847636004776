"""Each mechanism does what it says, directly: one of its values at two ends, on the same buyers."""

from typing import Any

import numpy as np
import pytest

import simulator as sim
from simulator.model.calendar import work_before
from simulator.model.numerics import HOUR_US, MINUTE_US
from simulator.model.records import TOUCH_RIVAL
from simulator.model.words import Activity, LeadStatus, Outcome, Role
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL
from tests.engines.arms import NAME, arm, lived
from tests.engines.digests import digest

ANSWERING = {"access.education": "marketer", "access.solution": "marketer", "access.selection": "sdr"}


def history(result: sim.Result) -> Any:
    return result.report.history


def done_by_people(result: sim.Result) -> np.ndarray:
    return result.report.log[result.report.log["person"] >= 0]


def working_hours(result: sim.Result, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    rules = result.setup.rules
    calendar = int(rules.day_opens[0]), int(rules.day_window[0]), int(rules.days)
    passed = [work_before(int(b), *calendar) - work_before(int(a), *calendar) for a, b in zip(start, end, strict=True)]
    return np.array(passed) / HOUR_US


# --- access -----------------------------------------------------------------------------------------------------------


def test_access_lets_people_touch_a_buyer_before_it_is_passed() -> None:
    def early(result: sim.Result) -> int:
        rows, passed = done_by_people(result), history(result)["mql_at"]
        at = passed[rows["buyer"]]
        return int(np.sum((at < 0) | (rows["at"] < at)))

    closed, opened = lived(), lived(ANSWERING)
    assert early(closed) == 0 and early(opened) > 50
    assert not (closed.report.log["activity"] == Activity.ANSWER).any()
    assert history(closed)["work_us"][:, Role.MARKETER].sum() == 0 < history(opened)["work_us"][:, Role.MARKETER].sum()


def test_access_is_by_stage_group() -> None:
    only_late = lived({"access.selection": "sdr"})
    answers = only_late.report.log[only_late.report.log["activity"] == Activity.ANSWER]
    assert len(answers) > 5 and {int(only_late.setup.person_role[p]) for p in answers["person"]} == {Role.SDR}
    asked = only_late.report.log[only_late.report.log["activity"] == Activity.HAND_RAISE]
    first_answer = {int(row["buyer"]): int(row["at"]) for row in answers[::-1]}
    for buyer, at in first_answer.items():  # it asked in the selection stages, perhaps among other times
        assert asked[(asked["buyer"] == buyer) & (asked["at"] <= at)]["stage"].max() >= 4


# --- context ----------------------------------------------------------------------------------------------------------


#: Talks are all that teaches, all their minutes go into one worry that never gets clear, and all are worth the same.
ONLY_MINUTES = {
    "mechanisms.talks": True, "market.talks.gain_per_hour": 0.2, "market.talks.least_use": 0.0,
    "market.talks.use_spread": 0.0, "market.talks.trust_floor": 1.0, "market.journey.content_gain": 0.0,
    "market.journey.prior_knowledge": 0.0, "market.journey.clear_level": 1e-9, "effort.spread": 0.0,
    "effort.qualify_minutes": 30.0, "effort.meeting_minutes": 60.0, "effort.discovery_minutes": 24.0,
}  # fmt: skip


@pytest.mark.parametrize("kept", [1.0, 0.75, 0.0])
def test_lost_context_takes_its_minutes_from_the_next_talk(kept: float) -> None:
    """What is found out anew is lost to the talk, half of it at most: by the log, buyer by buyer, and by the clock."""
    result = lived({**ONLY_MINUTES, "handoff.context_kept": kept})
    h, log = history(result), result.report.log
    roles = arm().organisations[NAME].roles
    skill = {Role.SDR: roles.sdr.skill, Role.REP: roles.rep.skill}
    talks = log[np.isin(log["activity"], (Activity.CONVERSATION, Activity.MEETING))]
    asked_again, talked, learned = np.zeros(len(h)), np.zeros(len(h)), np.zeros(len(h))
    last: dict[int, Role] = {}
    for row in talks:
        buyer, role = int(row["buyer"]), Role(int(result.setup.person_role[row["person"]]))
        known = 1.0 if last.get(buyer, role) == role else kept
        asked_again[buyer] += 1.0 - known
        known = known if buyer in last else 0.0
        minutes = 30.0 if role == Role.SDR else 60.0
        talked[buyer] += minutes
        learned[buyer] += skill[role] * (minutes - min(0.5 * minutes, 24.0 * (1.0 - known))) / 60.0
        last[buyer] = role
    done = np.ones(len(h), bool)  # who is in a talk at the end, or ended while someone worked for it, has no row of it
    done[result.report.people["serving"][result.report.people["serving"] >= 0]] = False
    done &= (h["talk_minutes"] == talked) & (h["touches"][:, -2:].sum(axis=1) > 0)
    assert done.sum() > 200 and h["handoffs"][done].sum() > 100 and done.sum() > 0.9 * (talked > 0).sum()
    assert h["asked_again"][done] == pytest.approx(asked_again[done])
    assert h["cleared_total"][done] == pytest.approx(1.0 - np.exp(-0.2 * learned[done]))


def test_lost_context_takes_no_further_working_time() -> None:
    """The talk is as long as it was; less of it is of use."""
    minutes = {**ONLY_MINUTES, "effort.review_minutes": 0.0, "effort.unanswered_minutes": 0.0,
               "effort.mail_minutes": 0.0}  # fmt: skip
    for kept in (1.0, 0.0):
        result = lived({**minutes, "handoff.context_kept": kept})
        h, serving = history(result), result.report.people["serving"]
        free = np.ones(len(h), bool)
        free[serving[serving >= 0]] = False
        assert (h["work_us"].sum(axis=1)[free] == h["talk_minutes"][free] * MINUTE_US).all() and h["talk_minutes"].sum()


def test_being_asked_again_burns_the_wish_to_ask() -> None:
    """From the talk on in which it has to tell all again, a buyer who minds never asks again."""
    only_repeats = {"mechanisms.requests": True, "market.requests.patience_days": 0.0,
                    "market.requests.refusal_cost": 0.0, "market.requests.rival_progress": 0.0,
                    "market.requests.reads_on": False, "market.requests.stuck_chance": 1.0}  # fmt: skip
    eager = {"market.preference.base": -2.0, "handoff.context_kept": 0.0}

    def asked_after(result: sim.Result) -> int:
        log = result.report.log
        met = log[log["activity"] == Activity.MEETING]
        first = np.full(len(history(result)), np.iinfo(np.int64).max)
        np.minimum.at(first, met["buyer"], met["at"])  # an SDR spoke to everyone whom a rep meets
        raised = log[log["activity"] == Activity.HAND_RAISE]
        return int(np.sum(raised["at"] > first[raised["buyer"]]))

    calm, hasty = (lived({**eager, **only_repeats, "market.requests.repeat_cost": cost}) for cost in (0.0, 20.0))
    assert asked_after(calm) > 50 and asked_after(hasty) == 0
    assert (history(hasty)["mql_at"] == history(calm)["mql_at"]).all()  # until then nobody has told anything twice
    kept = lived({**eager, **only_repeats, "market.requests.repeat_cost": 20.0, "handoff.context_kept": 1.0})
    assert asked_after(kept) == asked_after(lived({**eager, "handoff.context_kept": 1.0})) > 50


# --- consistency ------------------------------------------------------------------------------------------------------


def test_contradictions_are_counted_and_cost_trust() -> None:
    found = [lived({"consistency.contradiction_chance": chance}) for chance in (0.0, 0.3, 1.0)]
    contradictions = [int(history(r)["contradictions"].sum()) for r in found]
    trust = [float(history(r)["trust"].mean()) for r in found]
    assert contradictions[0] == 0 < contradictions[1] < contradictions[2]
    assert trust[0] > trust[1] > trust[2]
    untouched = history(found[2])["contradictions"] == 0  # who met none has the trust it had before
    assert (history(found[2])["trust"][untouched] >= arm().market.trust.initial).all()


# --- definition -------------------------------------------------------------------------------------------------------


def test_a_shared_definition_makes_sales_accept_what_marketing_passes() -> None:
    """Where marketing passes by fit alone, at the level that sales asks for, one view of fit refuses nobody."""
    by_fit_alone = {
        "scoring.engagement_weight": 0.0, "scoring.threshold": 0.55, "sales.accept_threshold": 0.55,
        "sales.hand_raise_bonus": 0.0, "market.preference.base": -20.0,
    }  # fmt: skip

    def acceptance(result: sim.Result) -> float:
        log, h = result.report.log, history(result)
        asked = np.full(len(h), np.iinfo(np.int64).max)
        raised = log[log["activity"] == Activity.HAND_RAISE][::-1]
        asked[raised["buyer"]] = raised["at"]
        judged = h["sal_at"] >= 0
        judged[log["buyer"][log["activity"] == Activity.REFUSED]] = True
        scored = judged & (asked > h["taken_at"])  # marketing chose them; they did not ask
        assert scored.sum() > 100
        return float(np.mean(h["sal_at"][scored] >= 0))

    apart, halfway, together = (
        acceptance(lived({**by_fit_alone, "definition.agreement": share})) for share in (0.0, 0.5, 1.0)
    )
    assert apart < halfway < together == 1.0


def test_agreement_changes_no_buyer_and_no_first_pass() -> None:
    apart, together = lived({"definition.agreement": 0.0}), lived()
    assert (history(apart)["mql_at"] == history(together)["mql_at"]).all()


# --- speed ------------------------------------------------------------------------------------------------------------


def first_request(result: sim.Result) -> np.ndarray:
    """When each buyer first asked for a person."""
    raised = result.report.log[result.report.log["activity"] == Activity.HAND_RAISE]
    first = np.full(len(history(result)), np.iinfo(np.int64).max)
    np.minimum.at(first, raised["buyer"], raised["at"])
    return first


def test_routing_delays_the_first_response() -> None:
    """A scored lead waits for its routing; who asks for a person, at first or meanwhile, is on the list at once."""
    quick, slow = lived(), lived({"handoff.routing_hours": 16.0})
    assert (history(quick)["mql_at"] == history(slow)["mql_at"]).all()  # until then nobody had to do with it
    for result, hours in ((quick, 0.0), (slow, 16.0)):
        queued, asked = history(result)["queued_at"] >= 0, first_request(result)
        scored = queued & (asked > history(result)["queued_at"])
        h = history(result)
        waits = working_hours(result, h["mql_at"][scored], h["queued_at"][scored])
        assert waits == pytest.approx(hours, abs=1e-9) and scored.sum() > 400
        assert (h["queued_at"] == asked)[queued & ~scored].all() and (queued & ~scored).sum() > 100
    met = (history(quick)["first_contact_at"] >= 0) & (history(slow)["first_contact_at"] >= 0)
    for result in (quick, slow):
        met &= first_request(result) > history(result)["first_contact_at"]
    assert met.sum() > 100
    first = [history(r)["first_contact_at"][met] - history(r)["inquiry_at"][met] for r in (quick, slow)]
    assert np.mean(first[1] > first[0]) > 0.95 and np.median(first[1]) > np.median(first[0]) + 16 * HOUR_US


def test_the_service_level_bounds_the_wait_on_the_list() -> None:
    unasked = {"market.preference.base": -20.0}  # who asks waits for its request to be answered instead
    free, bound = (lived({**unasked, "handoff.pickup_hours": 30.0, "handoff.sla_hours": sla}) for sla in (2000.0, 4.0))

    def waits(result: sim.Result) -> np.ndarray:
        h = history(result)[
            (history(result)["queued_at"] >= 0) & (first_request(result) > history(result)["queued_at"])
        ]
        return working_hours(result, h["mql_at"], h["queued_at"])

    assert waits(bound).max() <= 4.0 + 1e-9 and waits(free).max() > 60.0
    assert np.mean(waits(free)) == pytest.approx(30.0, rel=0.2)  # exponential, about 300 of them


def test_a_lead_that_waits_cools_and_does_not_answer() -> None:
    def unanswered(result: sim.Result) -> float:
        log = result.report.log
        calls = np.isin(log["activity"], (Activity.CONVERSATION, Activity.CALL_UNANSWERED))
        return float(np.mean(log["activity"][calls] == Activity.CALL_UNANSWERED))

    assert unanswered(lived({"handoff.routing_hours": 80.0})) > 1.5 * unanswered(lived())


# --- recycling --------------------------------------------------------------------------------------------------------


def test_recycling_nurtures_what_else_is_dropped() -> None:
    never, always = lived(), lived({"recycling.share": 1.0})
    assert history(never)["recycled"].sum() == 0 < history(always)["recycled"].sum()
    assert (history(never)["status"] == LeadStatus.DROPPED).any()
    assert not (history(always)["status"] == LeadStatus.DROPPED).any()
    assert (history(never)["status"] != LeadStatus.NURTURE).all()


# --- support ----------------------------------------------------------------------------------------------------------


def test_support_is_marketers_work_on_open_deals() -> None:
    for share in (0.0, 0.5, 1.0):
        result = lived({"support.share": share})
        h, log = history(result), result.report.log
        sent = log[log["activity"] == Activity.SUPPORT]
        assert (h["work_us"][:, Role.MARKETER].sum() > 0) == (len(sent) > 0) == (share > 0)
        opened = h["opportunity_at"][sent["buyer"]]
        assert ((opened >= 0) & (opened <= sent["at"])).all()
        assert {int(result.setup.person_role[p]) for p in sent["person"]} <= {Role.MARKETER}


# --- coordination -----------------------------------------------------------------------------------------------------


def test_meetings_are_paid_and_taken_from_work() -> None:
    hours = 0.25
    without, meeting = (lived({"coordination.hours_per_teammate_week": h}).people for h in (0.0, hours))
    for people in (without, meeting):
        parts = ["worked_hours", "idle_hours", "coordination_hours"]
        assert people[parts].sum(axis=1).to_numpy() == pytest.approx(people["paid_hours"].to_numpy())
        assert (people[parts] >= 0).all(axis=None)
    assert (without["coordination_hours"] == 0).all()
    assert without["paid_hours"].to_numpy() == pytest.approx(meeting["paid_hours"].to_numpy())
    weekdays = sum(1 for day in range(arm().horizon_days()) if day % 7 < 5)
    expected = hours * (len(meeting) - 1) / 5 * weekdays
    assert meeting["coordination_hours"].to_numpy() == pytest.approx(expected, abs=1e-6 * weekdays)
    left = [(p["worked_hours"] + p["idle_hours"]).sum() for p in (without, meeting)]
    assert left[1] == pytest.approx(left[0] - expected * len(meeting))


def test_nobody_works_while_they_meet() -> None:
    result = lived({"coordination.hours_per_teammate_week": 0.25})  # 35 colleagues: 1.75 hours a day from 9 on
    rules = result.setup.rules
    assert int(rules.opens[0]) == round((9 + 1.75) * HOUR_US)
    finished = result.report.people
    of_day = finished["finish_at"] % (24 * HOUR_US)
    worked = finished["task_us"] > 0
    assert (of_day[worked] > rules.opens[0]).all() and (of_day[worked] <= 17 * HOUR_US).all()


def test_own_work_is_worked_and_taken_from_buyers() -> None:
    shares = {"marketer": 0.75, "sdr": 0.25, "rep": 0.5}
    result = lived({f"roles.{role}.own_work_share": share for role, share in shares.items()})
    people = result.people
    assert (people[["worked_hours", "idle_hours", "coordination_hours"]].sum(axis=1)).to_numpy() == pytest.approx(
        people["paid_hours"].to_numpy()
    )
    assert people["own_work_hours"].to_numpy() == pytest.approx(people["paid_hours"] * people["role"].map(shares))
    assert (people["worked_hours"] >= people["own_work_hours"]).all()
    rows = done_by_people(result)
    role = result.setup.person_role[rows["person"]]
    ends = np.isin(rows["activity"], (Activity.CONVERSATION, Activity.MEETING))
    opens = np.array([9 + 8 * share for share in shares.values()])[role] * HOUR_US
    of_day = rows["at"] % (24 * HOUR_US)
    assert (of_day[ends] >= opens[ends]).all() and (of_day[ends] <= 17 * HOUR_US).all()


# --- rivals -----------------------------------------------------------------------------------------------------------


def test_without_rivals_nobody_is_lost() -> None:
    with_them, without = lived(), lived({"mechanisms.rivals": False})
    for result, some in ((with_them, True), (without, False)):
        h = history(result)
        assert (h["outcome"] == Outcome.LOST).any() == (h["touches"][:, TOUCH_RIVAL] > 0).any() == some
        assert (h["outcome"] == Outcome.WON).any()


def test_a_rival_that_tells_more_advances_more() -> None:
    shy, loud = (lived({"market.rivals.gain": gain, "market.rivals.inflation": 0.0}) for gain in (0.0, 0.4))
    lost = [int(np.sum(history(r)["outcome"] == Outcome.LOST)) for r in (shy, loud)]
    assert lost[1] > 2 * lost[0]


# --- switches ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", [*ORGANISATION_NEUTRAL, *MARKET_NEUTRAL])
def test_a_switch_is_the_neutral_value(mechanism: str) -> None:
    away: dict[str, Any] = {
        "access.selection": "sdr", "handoff.context_kept": 0.5, "consistency.contradiction_chance": 0.3,
        "definition.agreement": 0.2, "handoff.routing_hours": 9.0, "handoff.pickup_hours": 5.0,
        "recycling.share": 0.4, "support.share": 0.4, "coordination.hours_per_teammate_week": 0.2,
        "findability.hit_chance": 0.5, "findability.search_minutes": 9.0, "objections.brief_bits": 1.0,
        "budget.shift": 0.3, "budget.revenue_weight": 1.0, "training.days": 5.0, "tilt.hours": 0.3, "tilt.budget": 0.2,
        "content.assets_at_start": 60, "content.making_share": 0.5, "content.generic_match": 0.4,
        "content.piece_share": 0.5, "content.own_piece_minutes": 9.0, "run.cohort_days": 200,
        "quarter_end.window_days": 9.0, "quarter_end.intensity": 3.0, "quarter_end.drop_share": 0.4,
        "quarter_end.discount": 0.1, "market.attention.messages_per_day": 300.0, "market.attention.half_noticed": 300.0,
        "market.attention.fatigue_per_message": 0.2, "market.word_of_mouth.base_chance": 0.2,
        "market.word_of_mouth.imitation": 0.5, "market.group.size_simple": 3, "market.group.size_complex": 6,
        f"mechanisms.{mechanism}": True,
    }  # fmt: skip
    below_market = {f"market.{path}": value for path, value in MARKET_NEUTRAL.get(mechanism, {}).items()}
    neutral = {**ORGANISATION_NEUTRAL.get(mechanism, {}), **below_market}
    by_switch, by_value = lived({**away, f"mechanisms.{mechanism}": False}), lived({**away, **neutral})
    assert digest(by_switch.report) == digest(by_value.report) != digest(lived(away).report)
    assert by_switch.organisation == NAME


def test_minutes_of_effort_are_minutes_of_work() -> None:
    """Everything takes a fixed ten minutes: work is ten minutes a task, whatever became of it."""
    fixed = {
        f"effort.{name}_minutes": 10.0 for name in ("unanswered", "qualify", "answer", "meeting", "mail", "support")
    }
    result = lived({**fixed, "effort.review_minutes": 0.0, "effort.discovery_minutes": 0.0, "effort.spread": 0.0})
    work = history(result)["work_us"].sum(axis=1)
    assert (work % (10 * MINUTE_US) == 0).all() and work.sum() > 0
    refusals = result.report.log["activity"] == Activity.REFUSED
    assert refusals.any()
