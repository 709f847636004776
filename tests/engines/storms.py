"""What the tests of event storms are made of: extreme scenarios, crowds at one instant, and the books of a run."""

from dataclasses import replace
from typing import Any

import numpy as np

import simulator as sim
from simulator.engines.lowering import Arrivals, draw_arrivals
from simulator.engines.review import FOR_BUYERS
from simulator.model.calendar import work_before
from simulator.model.numerics import DAY_US
from simulator.model.records import TOUCHES
from simulator.model.words import NOBODY, ROLES, Activity, LeadStatus, Outcome, Role
from tests.engines.arms import NAME, arm, both

#: Rows of the event log that count one touch of each kind, where there is one kind of row for it.
ROWS_OF_TOUCH = {"ours": [Activity.READ_OURS], "third_party": [Activity.READ_THIRD_PARTY, Activity.READ_REVIEW],
                 "rival": [Activity.READ_RIVAL], "mail": [Activity.MAIL_OPENED]}  # fmt: skip
WITH_A_PERSON = (Activity.CONVERSATION, Activity.ANSWER, Activity.MEETING, Activity.SUPPORT)
ENDS = {Outcome.WON: Activity.WON, Outcome.LOST: Activity.LOST, Outcome.NO_DECISION: Activity.NO_DECISION,
        Outcome.ELSEWHERE: Activity.ELSEWHERE}  # fmt: skip

EFFORTS = (
    "review", "unanswered", "qualify", "discovery", "answer", "meeting", "preparation", "offer", "mail", "support",
)  # fmt: skip
NO_TIME: dict[str, Any] = {f"effort.{name}_minutes": 0.0 for name in EFFORTS} | {"calendar.always_on": True}
ONE_EACH = {f"roles.{role}.headcount": 1 for role in ("marketer", "sdr", "rep")}
ALL_MECHANISMS = {f"mechanisms.{name}": True for name in vars(arm().mechanisms)}

#: Buyers who do nothing by themselves and never give up: what happens to them is our doing.
STILL: dict[str, Any] = {
    "market.journey.step_days": 365.0, "market.journey.distraction_chance": 0.0, "market.preference.base": -20.0,
    "market.rivals.count": 0, "market.reach.half_life_days": 36_500.0,
    "run.cohort_days": 20, "run.follow_up_days": 0,
}  # fmt: skip


def of_segments(**values: float) -> dict[str, Any]:
    """Values of every segment."""
    return {f"market.segments.{name}.{key}": value for name in arm().market.segments for key, value in values.items()}


def crowd(number: int, at_us: int, apart_us: int = 0) -> Arrivals:
    """So many buyers of a replayed export, at one instant or one after the other."""
    drawn = draw_arrivals(arm({"market.inquiries_per_year": 5.0 * number + 500.0}), 7, 0)
    assert len(drawn.at_us) >= number
    return replace(drawn, at_us=at_us + apart_us * np.arange(number), who=drawn.who[:number])


def replayed(changes: dict[str, Any], arrivals: Arrivals, enter_as: str = "mql", docked: bool = True) -> sim.Result:
    """The buyers of an export, on both engines or, if there are very many, on the compiled one."""
    changes = {**changes, "market.leads.path": "given", "market.leads.enter_as": enter_as}
    if docked:
        return with_books_in_order(both(changes, arrivals=arrivals))
    return with_books_in_order(sim.simulate(arm(changes), NAME, seed=7, arrivals=arrivals))


def drawn(changes: dict[str, Any]) -> sim.Result:
    """Drawn buyers, on both engines."""
    return with_books_in_order(both(changes))


def rows(result: sim.Result, *activities: Activity) -> np.ndarray:
    """Rows of the event log of these kinds."""
    return result.report.log[np.isin(result.report.log["activity"], activities)]


def per_buyer(result: sim.Result, *activities: Activity) -> np.ndarray:
    """How many such rows each buyer has."""
    counts = np.bincount(rows(result, *activities)["buyer"], minlength=len(result.setup.arrivals.at_us))
    return np.asarray(counts[result.report.rows])


def buyers_time(result: sim.Result, role: Role, since: int) -> int:
    """Working time that one person of a role has for buyers from an instant on, as long as nothing changes the day."""
    rules = result.setup.rules
    day = int(rules.opens[role]), int(rules.window[role]), int(rules.days)
    return int(work_before(int(rules.horizon_us), *day) - work_before(since, *day))


def with_books_in_order(result: sim.Result) -> sim.Result:
    """The run, after a check of what must add up in any run that ended right."""
    report, rules = result.report, result.setup.rules
    history, people, queues, log = report.history, report.people, report.queues, report.log
    horizon = int(rules.horizon_us)

    ended = history["outcome"] != Outcome.OPEN
    assert len(history) == sum((history["outcome"] == outcome).sum() for outcome in Outcome)
    assert ((history["ended_at"] >= 0) == ended).all()
    assert (history["ended_at"][ended] >= history["arrived_at"][ended]).all() and (history["ended_at"] < horizon).all()
    assert ((history["arrived_at"] >= 0) & (history["arrived_at"] < horizon)).all()
    for stage in range(1, history["stage_at"].shape[1]):
        reached = history["stage_at"][:, stage] >= 0
        assert (history["stage_at"][reached, stage] >= history["stage_at"][reached, stage - 1]).all()

    paid = report.hours[result.setup.person_team * ROLES + result.setup.person_role]
    free = people["serving"] == NOBODY
    under_way = np.where(free, 0, people["task_us"] - people["left_us"])
    assert (report.hours >= 0).all() and (people["worked_us"] >= 0).all() and (under_way >= 0).all()
    assert (people["worked_us"] <= paid[:, FOR_BUYERS]).all()
    for role in Role:
        ours = result.setup.person_role == role
        assert history["work_us"][:, role].sum() == (people["worked_us"] - under_way)[ours].sum()

    assert (queues["joined"] == queues["served"] + queues["left"] + queues["length"]).all()
    assert (queues["length"] >= 0).all() and (queues["wait_ms"] >= 0).all() and (queues["area_ms"] >= 0).all()
    assert queues["length"].sum() + (~free).sum() <= len(history)  # nobody is in two places
    owned = history["status"] == LeadStatus.OWNED  # a deal whose buyer has ended is released by an event of its own
    assert (owned & ~ended).sum() <= people["open_deals"].sum() <= owned.sum()
    assert people["open_deals"].max(initial=0) <= rules.max_open_deals

    if log is not None:
        assert (np.lexsort((log["buyer"], log["at"])) == np.arange(len(log))).all()
        assert ((log["at"] >= 0) & (log["at"] < horizon)).all()
        for outcome, activity in ENDS.items():
            assert (per_buyer(result, activity) == (history["outcome"] == outcome)).all()
        for kind, activities in ROWS_OF_TOUCH.items():
            assert (per_buyer(result, *activities) == history["touches"][:, TOUCHES.index(kind)]).all()
        assert (per_buyer(result, *WITH_A_PERSON) == history["touches"][:, -ROLES:].sum(axis=1)).all()
    return result


def days(number: float) -> int:
    """Microseconds of so many days."""
    return round(number * DAY_US)
