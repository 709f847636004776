"""Event storms and extremes: both engines end, and agree on every event."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simulator.engines.lowering import Arrivals, draw_arrivals
from simulator.model.numerics import DAY_US
from simulator.model.words import LeadStatus, Outcome, Role
from tests.engines.arms import arm, both

SMALL: dict[str, Any] = {"run.cohort_days": 30, "run.follow_up_days": 20, "market.inquiries_per_year": 1500.0}
SHIFT = {"handoff.routing_hours": 4.0, "handoff.context_kept": 0.5, "recycling.share": 0.5, "support.share": 0.5,
         "access.solution": "marketer", "access.selection": "sdr"}  # fmt: skip
NO_TIME = {f"effort.{name}_minutes": 0.0 for name in
           ("review", "unanswered", "qualify", "discovery", "answer", "meeting", "preparation", "offer", "mail",
            "support")}  # fmt: skip
LONGER = {"run.follow_up_days": 100, "market.journey.step_days": 1.0}
ONE_EACH = {f"roles.{role}.headcount": 1 for role in ("marketer", "sdr", "rep")}


def small(**more: Any) -> dict[str, Any]:
    return {**SMALL, **SHIFT, **{path.replace("__", "."): value for path, value in more.items()}}


def buyers(changes: dict[str, Any]) -> Arrivals:
    return draw_arrivals(arm(changes), 7, 0)


def kept(arrivals: Arrivals, rows: slice, at_us: np.ndarray | None = None) -> Arrivals:
    """Some of the buyers, at other times if given."""
    return replace(arrivals, at_us=arrivals.at_us[rows] if at_us is None else at_us, who=arrivals.who[rows])


def test_without_patience_everybody_gives_up_at_once() -> None:
    changes = small()
    for segment in arm().market.segments:
        changes[f"market.segments.{segment}.patience_median_days"] = 0.0
    history = both(changes).report.history
    assert (history["outcome"] == Outcome.NO_DECISION).all() and len(history) > 100
    assert (history["ended_at"] == history["arrived_at"]).all()


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_tasks_that_take_no_time(spread: float) -> None:
    changes = small(**NO_TIME, effort__spread=spread, sales__retry_days=0.0, sales__attempts=100,
                    sales__follow_up_days=0.01, handoff__routing_hours=0.0)  # fmt: skip
    hard_to_reach = {"mechanisms.reach": True, "market.reach.desk_chance": 0.0, "market.reach.lead_chance": 0.01,
                     "market.reach.request_chance": 0.01}  # fmt: skip
    result = both({**changes, **hard_to_reach, "market.inquiries_per_year": 500.0})  # each makes hundreds of events
    assert result.report.people["worked_us"].sum() == 0 and (result.people["worked_hours"] == 0).all()
    assert result.report.history["work_us"].sum() == 0 and (result.report.history["calls"] >= 100).any()


def test_calls_that_are_repeated_at_once() -> None:
    """Cold leads, a hundred attempts without a pause: storms at single instants, one caller."""
    changes = small(**ONE_EACH, sales__attempts=100, sales__retry_days=0.0, effort__unanswered_minutes=0.0,
                    effort__review_minutes=0.0, handoff__routing_hours=40.0)  # fmt: skip
    result = both({**changes, "market.reach.half_life_days": 1e-4, "recycling.share": 0.0})
    unanswered = result.report.history["calls"] == 100
    assert unanswered.sum() > 30 and (result.report.history["status"][unanswered] == LeadStatus.DROPPED).any()


@pytest.mark.long
def test_one_of_each_for_a_thousand_buyers() -> None:
    changes = {**small(**ONE_EACH), "market.inquiries_per_year": 12_000.0}
    result = both(changes)
    assert len(result.journeys) > 1000
    waiting = result.report.queues["length"]
    assert waiting.max() > 30  # far behind
    busy = result.people["idle_hours"] / result.people["paid_hours"]
    assert busy[Role.SDR] < 0.3
    assert (
        result.report.queues["joined"].sum()
        == (result.report.queues["served"] + result.report.queues["left"] + waiting).sum()
    )


def test_no_marketers_at_all() -> None:
    nobody = {f"access.{group}": "nobody" for group in ("education", "solution", "selection")}
    result = both({**small(support__share=0.0, roles__marketer__headcount=0), **nobody, **LONGER})
    assert (result.people["role"] != "marketer").all() and (result.journeys["outcome"] == "won").any()
    assert result.report.history["work_us"][:, Role.MARKETER].sum() == 0


def test_nobody_to_sell_where_nobody_is_needed() -> None:
    changes = small(roles__rep__headcount=0, support__share=0.0)
    result = both({**changes, **LONGER, "market.journey.self_serve_max_complexity": 1.0})
    owner = result.queues.set_index("queue").loc["everybody owner"]
    assert owner["joined"] > 0 and owner["served"] == 0
    won = result.journeys[result.journeys["outcome"] == "won"]
    assert len(won) > 0 and won["self_served"].all()


def test_one_open_deal_a_rep() -> None:
    result = both({**small(sales__max_open_deals=1, roles__rep__headcount=2), **LONGER})
    report = result.report
    assert report.people["open_deals"].max() <= 1 and report.reviews[:, -1].max() <= 2
    owner = result.queues.set_index("queue").loc["everybody owner"]
    assert owner["mean_length"] > 1 and owner["served"] > 2
    spans = report.history[(report.history["owned_at"] >= 0)]
    starts, ends = np.sort(spans["owned_at"]), np.sort(spans["released_at"][spans["released_at"] >= 0])
    owned = np.searchsorted(starts, starts, "right") - np.searchsorted(ends, starts, "right")
    assert owned.max() <= 2


def test_all_buyers_at_one_instant() -> None:
    changes = small(**ONE_EACH)
    arrivals = buyers(changes)
    together = kept(arrivals, slice(None), np.full(len(arrivals.at_us), 2 * DAY_US))
    result = both({**changes, "market.journey.anonymous_touches_mean": 0.0}, arrivals=together)
    assert (result.report.history["arrived_at"] == 2 * DAY_US).all() and result.events > 2000


@pytest.mark.parametrize("number", [0, 1, 2])
def test_hardly_any_buyers(number: int) -> None:
    changes = small()
    result = both(changes, arrivals=kept(buyers(changes), slice(number)))
    assert len(result.journeys) == len(result.report.history) == number
    assert result.report.reviews[0, 0] == 30 * DAY_US


def test_a_run_of_one_day() -> None:
    assert len(both({**small(), "run.cohort_days": 1, "run.follow_up_days": 0}).report.reviews) == 0


def test_a_review_every_day_and_one_that_never_comes() -> None:
    daily, never = both(small(review_days=1.0)), both(small(review_days=3650.0))
    assert len(daily.report.reviews) == 49 and len(never.report.reviews) == 0
    assert daily.report.history.equals(never.report.history).all()  # so far reviews only look


def test_leads_after_the_end_never_arrive() -> None:
    """An export may go on after the run's end."""
    changes = small()
    longer = buyers({**changes, "run.follow_up_days": 80})
    result = both(changes, arrivals=longer)
    assert (result.report.history["arrived_at"] < result.setup.rules.horizon_us).all()
    assert (result.report.log["at"] < result.setup.rules.horizon_us).all()
