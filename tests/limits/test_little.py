"""Little's law on whole organisations. Nothing is estimated: the error bound is a millisecond for each stay."""

import math

import pytest

from simulator.engines.lowering import lower
from simulator.engines.reference import Engine
from simulator.model.numerics import DAY_US
from simulator.questions.limits.little import OPEN_DEALS, Stays, deals, watched_waits
from simulator.run import simulate
from tests.limits.points import assert_agrees, found, shipped

SHORT = ("run.cohort_days=60", "run.follow_up_days=10")

#: One rep with room for three deals, and buyers who do not wait for long.
CROWDED = (
    *SHORT, "compare.organisations=[aligned]", "organisations.aligned.roles.rep.headcount=1", "market=transactional",
    "market.inquiries_per_year=6000", "organisations.aligned.sales.max_open_deals=3", "compare.equal_payroll=false",
    "market.segments.simple.patience_median_days=10", "mechanisms.projects=false",
)  # fmt: skip


def test_lines_and_open_deals():
    finding = found("little", *SHORT, "mechanisms.projects=false")  # so that there is something to wait for
    assert_agrees(finding, 1e-6, [row.quantity for row in finding.rows])
    for name in ("relay_race", "aligned", "integrated"):
        for quantity in (OPEN_DEALS, "waiting, everybody sdrs", "waiting, rep 5"):
            assert finding.row(name, quantity).simulated > 0
    assert all(row.bound < 1e-6 for row in finding.rows) and len(finding.rows) >= 19


@pytest.mark.long
def test_where_many_leave_before_their_turn():
    finding = found("little", *CROWDED)
    assert_agrees(finding, 1e-6, [OPEN_DEALS])
    line = simulate(finding.scenario, "aligned").report.queues[2]
    assert 4 * line["left"] > line["served"] > 0


@pytest.mark.long
def test_for_a_year_in_each_market():
    for market in ("mid_market_software", "enterprise", "transactional", "marketplace"):
        finding = found("little", "run.cohort_days=365", f"market={market}")
        assert_agrees(finding, 1e-6, [OPEN_DEALS])


def test_watching_changes_nothing_and_every_stay_is_seen():
    scenario = shipped("little", *CROWDED)
    engine = Engine(lower(scenario, "aligned", 1, 0))
    waits = watched_waits(engine)
    watched = engine.run_to_end()
    result = simulate(scenario, "aligned", record="touches")
    assert (watched.queues == result.report.queues).all() and watched.history.equals(result.report.history).all()
    for stays, queue in zip(waits, result.report.queues, strict=True):
        assert stays.count == queue["joined"]
        assert (len(stays.ended), len(stays.still)) == (queue["served"] + queue["left"], queue["length"])
    assert sum(len(stays.still) for stays in waits) > 0 and result.report.queues["left"].sum() > 0
    owned = deals(result)
    assert len(owned.still) == result.report.people["open_deals"].sum()


def test_one_stay_more_or_less_is_seen():
    """The test can fail: leaving out one stay, those still inside, or those who left, is beyond the bound."""
    scenario = shipped("little", *CROWDED)
    result = simulate(scenario, "aligned", record="touches")
    horizon, people = scenario.horizon_days() * DAY_US, result.report.people
    length = people["deal_area_ms"].sum() * 1000 / horizon
    bound = found("little", *CROWDED).row("aligned", OPEN_DEALS).bound
    owned = deals(result)
    assert owned.mean_length(horizon) == pytest.approx(length, abs=bound)
    missing = Stays(owned.began[1:], owned.ended[1:], owned.still)
    ignored = Stays(owned.began[: len(owned.ended)], owned.ended, set())
    for wrong in (missing, ignored):
        assert abs(wrong.mean_length(horizon) - length) > 100 * bound
    queue = result.report.queues[2]
    assert queue["left"] > 0
    served_only = queue["wait_ms"] * 1000 / horizon
    assert queue["area_ms"] * 1000 / horizon - served_only > 0.1


def test_lambda_w_by_hand():
    stays = Stays([0, 10, 20], [5, 30], {7})
    assert stays.mean_length(100) == pytest.approx((5 + 20 + 80) / 100)
    assert Stays([], [], set()).mean_length(100) == 0.0 and math.isfinite(stays.mean_length(1))
