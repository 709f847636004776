"""What buyers do with their time: pace, office hours, projects, requests, reach and talks.

Each mechanism alone, on the same buyers; that a switch is the neutral value is in `test_mechanisms`.
"""

from typing import Any

import numpy as np
import pytest
from scipy import stats

import simulator as sim
from simulator.model.numerics import DAY_US, HOUR_US
from simulator.model.words import Activity, Decision, LeadStatus, Outcome
from tests.engines.alone import ERRORS, READS, by_buyer, count, history, lucks, on, patient, within
from tests.engines.storms import per_buyer, rows

# --- pace and office hours --------------------------------------------------------------------------------------------


#: Buyers who read, learn nothing, and go on.
READERS = {"market__journey__content_gain": 0.0, "market__journey__distraction_chance": 0.0,
           "market__preference__base": -20.0, "scoring__threshold": 100.0, **patient(3650.0)}  # fmt: skip


def test_a_buyer_twice_as_slow_does_all_in_twice_the_time() -> None:
    """The n-th step of each buyer comes after its pace times as long: exp(spread z), z of the buyer's own number."""
    even, paced = on(**READERS), on("pace", market__pace__spread=0.8, **READERS)
    pace = np.exp(0.8 * stats.norm.ppf(lucks(paced, Decision.PACE)))
    assert abs(np.median(pace) - 1.0) < 0.1
    arrived, checked = history(even)["arrived_at"], 0
    steps = [by_buyer(result, *READS) for result in (even, paced)]
    for buyer, slow in enumerate(pace):
        one, other = (at[buyer] - arrived[buyer] for at in steps)
        n = min(len(one), len(other))
        assert other[:n] == pytest.approx(one[:n] * slow, abs=n + 1, rel=1e-9)
        checked += n
    assert checked > 5000


def test_pace_stretches_patience_too() -> None:
    """Who gives up does so at its pace times its patience."""
    even, paced = (on(*names, market__pace__spread=0.8, **{**READERS, **patient(4.0)}) for names in ((), ("pace",)))
    pace = np.exp(0.8 * stats.norm.ppf(lucks(paced, Decision.PACE)))
    lasted = [history(result)["ended_at"] - history(result)["arrived_at"] for result in (even, paced)]
    ended = (history(even)["ended_at"] >= 0) & (history(paced)["ended_at"] >= 0)
    assert lasted[1][ended] == pytest.approx((lasted[0] * pace)[ended], abs=2, rel=1e-9) and ended.sum() > 1000


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_buyers_act_in_their_office_hours(share: float) -> None:
    """Ours from 9 to 17, its own up to two hours off: who would act outside waits with this chance."""
    result = on("office", market__office_hours__share=share, **READERS)
    opens = 9 * HOUR_US + (2 * lucks(result, Decision.OFFICE_OPENS) - 1) * 2 * HOUR_US
    reads = rows(result, *READS)
    day, of_day = reads["at"] // DAY_US % 7, reads["at"] % DAY_US - opens[reads["buyer"]]
    inside = (day < 5) & (of_day >= -1) & (of_day <= 8 * HOUR_US + 1)
    office = 40 / 168
    assert abs(inside.mean() - (office + share * (1 - office))) < 0.03
    assert inside.all() == (share == 1.0)


# --- projects ---------------------------------------------------------------------------------------------------------

DORMANT = {"market__projects__share": 0.3, "market__projects__pauses_per_year": 0.0,
           "market__journey__distraction_days": 0.0, "market__journey__patience_from": "stage",
           "market__projects__asks_chance": 0.0}  # fmt: skip


def test_who_has_no_project_is_dormant_until_it_begins() -> None:
    """As many as the share says; none of them researches before its own project, which begins after 365 / rate days."""
    result = on("projects", market__projects__starts_per_year=4.0, market__projects__memory_days=36_500.0, **DORMANT)
    h = history(result)
    dormant = h["came_dormant"] > 0
    assert within(int(dormant.sum()), len(h), 0.7)
    begins, begun = h["project_at"] - h["arrived_at"], dormant & (h["project_at"] >= 0)
    expected = -np.log(lucks(result, Decision.PROJECT_BEGINS)) * 365.0 / 4.0 * DAY_US
    assert begins[begun] == pytest.approx(expected[begun], rel=1e-6)
    others = rows(result, Activity.READ_THIRD_PARTY, Activity.READ_RIVAL, Activity.STAGE_ENTERED)
    at = h["project_at"][others["buyer"]]
    assert (~dormant[others["buyer"]] | ((at >= 0) & (others["at"] >= at))).all()
    assert begun.sum() > 300


def test_the_longer_they_remember_us_the_fewer_end_elsewhere() -> None:
    short, long, found = (
        on("projects", market__projects__starts_per_year=4.0, market__projects__memory_days=memory,
           market__projects__found_chance=chance, **DORMANT, **{"nurture__open_rate": 0.0})
        for memory, chance in ((5.0, 0.0), (36_500.0, 0.0), (5.0, 1.0))
    )  # fmt: skip
    lost = [count(result, Outcome.ELSEWHERE) for result in (short, long, found)]
    assert lost[0] > 300 and lost[1] < 0.02 * lost[0] and lost[2] == 0
    elsewhere = history(short)["outcome"] == Outcome.ELSEWHERE
    assert (history(short)["ended_at"] == history(short)["project_at"])[elsewhere].all()


def test_nurture_keeps_buyers_from_ending_elsewhere() -> None:
    """Who is dropped gets no mails and forgets us: recycled leads come back to us more often."""
    away: dict[str, Any] = {"market__projects__starts_per_year": 4.0, "market__projects__memory_days": 30.0,
                            "market__projects__found_chance": 0.0, "nurture__every_days": 7.0,
                            "nurture__open_rate": 0.8, "scoring__threshold": 0.0}  # fmt: skip
    dropped, nurtured = (on("projects", recycling__share=share, **DORMANT, **away) for share in (0.0, 1.0))
    lost = [history(result)["outcome"] == Outcome.ELSEWHERE for result in (dropped, nurtured)]
    assert lost[1].sum() < 0.8 * lost[0].sum() and lost[0].sum() > 200
    gained, others = int(np.sum(lost[0] & ~lost[1])), int(np.sum(lost[1] & ~lost[0]))
    assert gained - others > ERRORS * np.sqrt(gained + others)


def test_a_project_that_pauses_rests() -> None:
    """Nothing is read while it does; it goes on, and patience has not run meanwhile."""
    result = on("projects", **{**DORMANT, "market__projects__share": 1.0, "market__projects__pauses_per_year": 12.0,
                               "market__projects__pause_days": 15.0, "market__projects__memory_days": 36_500.0},
                **{path: value for path, value in READERS.items() if "patience" not in path})  # fmt: skip
    turns = rows(result, Activity.PROJECT_PAUSED, Activity.PROJECT_BEGAN)
    reads, rested = by_buyer(result, *READS), 0
    for buyer in np.unique(turns["buyer"]).tolist():
        own, read = turns[turns["buyer"] == buyer], reads[buyer]
        assert (own["activity"][::2] == Activity.PROJECT_PAUSED).all()
        assert (own["activity"][1::2] == Activity.PROJECT_BEGAN).all()
        for begin, end in zip(own["at"][::2], [*own["at"][1::2], 1 << 62], strict=False):
            assert not ((read > begin) & (read < end)).any()
            rested += 1
    assert rested > 500


def test_a_dropped_lead_comes_back_with_its_project() -> None:
    result = on("projects", recycling__share=0.0, scoring__threshold=0.0, market__projects__starts_per_year=4.0,
                market__projects__memory_days=36_500.0, **DORMANT)  # fmt: skip
    began, dropped = rows(result, Activity.PROJECT_BEGAN), rows(result, Activity.DROPPED)
    gone = {int(row["buyer"]): int(row["at"]) for row in dropped[::-1]}
    back = [row for row in began if gone.get(int(row["buyer"]), 1 << 62) < row["at"]]
    passed = rows(result, Activity.MQL)
    assert len(back) > 50
    for row in back[:50]:
        again = passed["at"][(passed["buyer"] == row["buyer"]) & (passed["at"] >= row["at"])]
        status = history(result)["status"][row["buyer"]]
        assert len(again) or status != LeadStatus.DROPPED


# --- requests ---------------------------------------------------------------------------------------------------------

#: An SDR answers each request, after the same time, and hands over whoever asked.
ANSWERS: dict[str, Any] = {"access__education": "sdr", "access__solution": "sdr", "access__selection": "sdr",
                           "handoff__request_sigma": 0.0, "handoff__sla_hours": 2000.0,
                           "sales__qualify_threshold": -100.0,
                           "market__preference__base": -1.5}  # fmt: skip


def test_who_waits_for_an_answer_gives_its_wish_up() -> None:
    quick, slow, never = (
        on("requests", handoff__request_hours=hours, handoff__requests_taken=taken, **ANSWERS)
        for hours, taken in ((0.1, 1.0), (60.0, 1.0), (0.1, 0.0))
    )
    given_up = [len(rows(result, Activity.WISH_GIVEN_UP)) for result in (quick, slow, never)]
    assert 2 * given_up[0] < given_up[1] and len(rows(never, Activity.ANSWER)) == 0 < given_up[2]


def test_who_is_answered_buys_more_as_long_as_no_rival_answers_too() -> None:
    """Each request lets a rival advance, and who is answered asks more: that is left out here. By the sign test."""
    alone = {**ANSWERS, "market__requests__rival_progress": 0.0, "handoff__request_hours": 0.1}
    gained = lost = 0
    for seed in (7, 8, 9):
        quick, never = (on("requests", seed=seed, **alone, handoff__requests_taken=taken) for taken in (1.0, 0.0))
        won = [history(result)["outcome"] == Outcome.WON for result in (quick, never)]
        gained, lost = gained + int(np.sum(won[0] & ~won[1])), lost + int(np.sum(won[1] & ~won[0]))
    assert gained - lost > 3.0 * np.sqrt(gained + lost), (gained, lost)


def test_a_rival_answers_while_a_request_waits() -> None:
    """With nothing else that requests cost: the rival gains by the hours that they wait."""
    only = {"market__requests__patience_days": 0.0, "market__requests__refusal_cost": 0.0,
            "market__requests__repeat_cost": 0.0, "market__requests__reads_on": False,
            "market__requests__stuck_chance": 1.0, "handoff__request_hours": 16.0}  # fmt: skip
    shy, quick = (on("requests", market__requests__rival_progress=p, **ANSWERS, **only) for p in (0.0, 0.3))
    assert (history(shy)["requested_at"] == history(quick)["requested_at"]).mean() > 0.95  # lines are others
    assert count(quick, Outcome.LOST) > 1.2 * count(shy, Outcome.LOST)


def test_who_is_refused_or_not_answered_asks_less() -> None:
    only = {"market__requests__rival_progress": 0.0, "market__requests__repeat_cost": 0.0}
    nobody = {**ANSWERS, "sales__qualify_threshold": 100.0}
    calm, hurt = (on("requests", market__requests__refusal_cost=c, **nobody, **only) for c in (0.0, 3.0))
    asked = [per_buyer(result, Activity.HAND_RAISE) for result in (calm, hurt)]
    assert ((asked[0] > 0) == (asked[1] > 0)).mean() > 0.95  # lines are others
    assert asked[1].sum() < 0.8 * asked[0].sum()


# --- reach ------------------------------------------------------------------------------------------------------------


def reached(result: sim.Result) -> float:
    """Of the leads that were called, the share that was talked to by phone."""
    called = per_buyer(result, Activity.CONVERSATION, Activity.CALL_UNANSWERED) > 0
    return float(np.mean(per_buyer(result, Activity.CONVERSATION)[called] > 0))


def test_a_call_within_the_hour_finds_who_still_sits_there() -> None:
    soon, late = (on("reach", handoff__routing_hours=hours, **{"market__preference__base": -20.0,
                     "calendar__always_on": True}) for hours in (0.0, 4.0))  # fmt: skip
    assert reached(soon) > 2.0 * reached(late) > 0.0


def test_who_asked_is_reached_more_often_than_who_was_scored() -> None:
    result = on("reach", handoff__request_hours=30.0, handoff__request_sigma=0.0, handoff__routing_hours=30.0,
                market__preference__base=-2.0, sales__attempts=1)  # fmt: skip
    h, calls = history(result), rows(result, Activity.CONVERSATION, Activity.CALL_UNANSWERED)
    first = calls[np.unique(calls["buyer"], return_index=True)[1]]
    asked = (h["requested_at"][first["buyer"]] >= 0) & (h["requested_at"][first["buyer"]] < first["at"])
    talked = first["activity"] == Activity.CONVERSATION
    assert min(asked.sum(), (~asked).sum()) > 100
    assert talked[asked].mean() > 2.0 * talked[~asked].mean()


def test_who_persists_reaches_more() -> None:
    """More calls, and whether there is another at all: each reaches leads that were not there before."""

    def called(attempts: int, chance: float) -> sim.Result:
        return on("reach", sales__attempts=attempts, sales__retry_chance=chance, handoff__routing_hours=8.0,
                  **{"market__preference__base": -20.0, "market__reach__lead_chance": 0.3})  # fmt: skip

    once, perhaps, thrice, six = called(1, 1.0), called(3, 0.3), called(3, 1.0), called(6, 1.0)
    shares = [reached(result) for result in (once, perhaps, thrice, six)]
    assert shares[0] < shares[1] < shares[2] < shares[3] and shares[3] > 1.4 * shares[0]
    for result, most in ((once, 1), (thrice, 3), (six, 6)):  # who is stuck without a rep asks, again and again
        tries = per_buyer(result, Activity.CONVERSATION, Activity.CALL_UNANSWERED)
        assert tries[per_buyer(result, Activity.HAND_RAISE) == 0].max() == most
    assert (history(called(3, 0.0))["calls"] == history(once)["calls"]).all()


# --- talks ------------------------------------------------------------------------------------------------------------


def test_a_talk_goes_on_from_worry_to_worry_while_there_is_time() -> None:
    """Only talks teach: the longer a meeting, the more it clears, and the more buy."""
    learn = {"market__journey__content_gain": 0.0, "mechanisms__rivals": False}
    short, long = (on("talks", effort__meeting_minutes=minutes, **learn) for minutes in (15.0, 120.0))
    met = (history(short)["touches"][:, -1] > 0) & (history(long)["touches"][:, -1] > 0)
    assert met.sum() > 100
    cleared = [history(result)["cleared_total"][met].mean() for result in (short, long)]
    assert cleared[1] > 1.3 * cleared[0] and count(long, Outcome.WON) > 1.5 * max(1, count(short, Outcome.WON))
    stages = [history(result)["stage"][met].mean() for result in (short, long)]
    assert stages[1] > stages[0]


def test_a_useless_talk_goes_on_to_nothing() -> None:
    result = on("talks", market__talks__least_use=1.0, market__journey__content_gain=0.0, market__talks__use_spread=0.0)
    assert history(result)["cleared_total"].sum() == 0 and history(result)["talk_minutes"].sum() > 0
