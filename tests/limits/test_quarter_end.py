"""Quarter's end: the share of closings in the window. Error bound: what chance exceeds once in 10,000 (over
replications, by Student's t), and a stated share of the theory's value."""

import numpy as np
import pytest

from simulator.model.numerics import DAY_US
from simulator.questions.limits.quarter_end import (  # fmt: skip
    QUARTER_DAYS,
    RATIO,
    SHARE,
    STOCK_SHARE,
    _in_window,
    daily_rate,
    follow_up_chance,
    quarters,
)
from simulator.questions.limits.theory import share_in_window
from simulator.scenario.checked import check
from simulator.scenario.schema import ScenarioError
from tests.limits.points import assert_agrees, found, rejects, shipped

#: Fewer accounts, of which 1.3% close a week rather than 0.5%.
SHORTER = (
    "run.cohort_days=364", "run.replications=12", "market.inquiries_per_year=2500", "market.preference.base=1",
)  # fmt: skip
SPRINT = (*SHORTER, "compare.organisations=[sprint]")


def sprint(*overrides):
    return found("quarter_end", *SPRINT, *(f"organisations.sprint.{override}" for override in overrides))


def test_each_window():
    finding = found("quarter_end", *SHORTER)
    assert_agrees(finding, 0.15, [SHARE, STOCK_SHARE, RATIO])
    shares = {name: finding.row(name, STOCK_SHARE).theory for name in ("steady", "sprint", "long_sprint", "last_day")}
    assert list(shares.values()) == pytest.approx([7 / 91, 21 / 105, 63 / 133, 20 / 110])
    for name, other in (("sprint", "steady"), ("long_sprint", "sprint"), ("last_day", "steady")):
        assert rejects(finding.row(name, STOCK_SHARE), shares[other])


@pytest.mark.parametrize("intensity", [2, 4])
def test_another_intensity_is_rejected(intensity):
    finding = found("quarter_end", *SHORTER)
    for name, days in (("sprint", 7), ("long_sprint", 21)):
        rate = daily_rate(check(finding.scenario), name)
        assert rejects(finding.row(name, SHARE), share_in_window(QUARTER_DAYS, days, intensity, rate))
        assert rejects(finding.row(name, STOCK_SHARE), share_in_window(QUARTER_DAYS, days, intensity))
        assert rejects(finding.row(name, RATIO), intensity)


def test_where_the_accounts_run_out():
    """A chance of 5% a week: the last days of a quarter meet far fewer accounts, and theory says how many."""
    finding = sprint("sales.receptive_bonus=16")
    assert follow_up_chance(finding.scenario, "sprint") == pytest.approx(0.047, abs=0.001)
    assert_agrees(finding, 0.1, [SHARE, STOCK_SHARE, RATIO])
    assert rejects(finding.row("sprint", SHARE), 0.2) and finding.row("sprint", SHARE).theory < 0.16


@pytest.mark.long
@pytest.mark.parametrize(("days", "follow_up_days"), [(3, 7), (30, 10), (10, 3)])
def test_windows_that_follow_ups_do_not_fit(days, follow_up_days):
    finding = sprint(f"quarter_end.window_days={days}", f"sales.follow_up_days={follow_up_days}")
    assert all(row.agrees for row in finding.rows) and not finding.notes
    assert len(finding.rows) == 3 and rejects(finding.row("sprint", STOCK_SHARE), days / QUARTER_DAYS)


@pytest.mark.parametrize(("days", "share"), [(0, 0), (91, 1)])
def test_no_window_and_nothing_but_the_window(days, share):
    finding = sprint(f"quarter_end.window_days={days}")
    assert [(row.quantity, row.theory, row.simulated) for row in finding.rows] == [(SHARE, share, share)]
    assert not finding.notes


def test_time_in_windows_by_counting_days():
    days = np.arange(400)
    near = np.concatenate([[0], np.cumsum(days % QUARTER_DAYS >= QUARTER_DAYS - 9)])[:400]
    assert (_in_window(days * DAY_US, 9 * DAY_US) == near * DAY_US).all()


def test_whole_quarters_only():
    assert quarters(check(shipped("quarter_end"))) == (273 * DAY_US, 1001 * DAY_US)
    odd = shipped("quarter_end", "run.warm_up_days=100", "run.cohort_days=300")
    assert quarters(check(odd)) == (182 * DAY_US, 364 * DAY_US)
    with pytest.raises(
        ScenarioError, match=r"run\.cohort_days must hold a whole quarter of 91 days.* got 90 after 273"
    ):
        found("quarter_end", "run.cohort_days=90")


@pytest.mark.long  # docking holds both engines together in every run of the suite
def test_on_the_reference_engine():
    finding = found(
        "quarter_end", "compare.organisations=[last_day]", "run.engine=reference", "run.cohort_days=182",
        "run.replications=10", "market.inquiries_per_year=120", "organisations.last_day.sales.receptive_bonus=17",
        "organisations.last_day.quarter_end.window_days=7",
    )  # fmt: skip
    assert all(row.agrees for row in finding.rows) and not finding.notes
    assert rejects(finding.row("last_day", STOCK_SHARE), 7 / 91)


def test_what_leaves_the_limit_is_said_and_seen():
    off = found("quarter_end", *SPRINT, "mechanisms.quarter_end=false")
    assert not off.agrees and "mechanisms.quarter_end is False" in off.notes[0]
    few = "run.replications=4"
    cut = found("quarter_end", *SPRINT, few, "organisations.sprint.quarter_end.discount=0.1")
    assert any("quarter_end.discount is 0.1" in note for note in cut.notes)
    busy = sprint("effort.mail_minutes=20")
    assert not busy.agrees and any("capacity is not unbound" in note for note in busy.notes)
    silent = found("quarter_end", *SPRINT, few, "organisations.sprint.sales.silent_follow_ups=20")
    assert any("silent_follow_ups is too low" in note for note in silent.notes)


def test_nothing_that_closes_is_no_agreement():
    finding = found("quarter_end", *SPRINT, "market.inquiries_per_year=0")
    assert not finding.rows and "there is nothing to compare" in finding.sentence
    assert "nothing of sprint closed" in finding.notes[0]
