"""What is printed and drawn of a transition, on paths made up by hand."""

import math

import numpy as np
import pytest

from simulator.questions.transition.plan import Plan
from simulator.questions.transition.tell import QUESTION
from simulator.questions.transition.work import Transition
from tests.questions.telling import drawn, printed
from tests.results.fake_journeys import fake_scenario

WEEKS = 60


def found(changed, always=None, spread=10.0, cost_usd=0.0, weeks=WEEKS):
    """Paths of four replications around a mean path; the spread grows as time passes."""
    scenario = fake_scenario("relay_race", "integrated")
    scenario.study.transition.cost_usd = cost_usd
    days = 7.0 * np.arange(weeks + 1) - 3.0
    luck = spread * np.array([-3.0, -1.0, 1.0, 3.0])[:, None] * np.arange(weeks + 1) / weeks
    paths = [np.interp(days, *zip(*path, strict=True)) + luck for path in (changed, always or [(0, 0), (400, 2000)])]
    plan = Plan(scenario, {}, "relay_race", "integrated", 90.0)
    return Transition(scenario, plan, days, *paths)


DIP = [(0, 0.0), (50, -500.0), (100, 0.0), (410, 6000.0)]


def test_the_conclusion_tells_dip_payback_and_value():
    dip, value = QUESTION.conclusion(found(DIP))
    assert dip.startswith("Relay race that becomes integrated on day 90 falls up to ") and "chance" not in dip
    assert "usd [" in dip and "has caught up for good after 102" in dip and "100% [51, 100] of the replications" in dip
    assert dip.endswith("417 days after the change.")
    assert value.startswith("A year after the change it has brought +") and "a year more than relay race" in value
    assert "ahead even of that" in value


def test_the_conclusion_of_a_way_that_does_not_pay():
    dip, value = QUESTION.conclusion(found([(0, 0), (410, -3000)]))
    assert "has not caught up within the 417 days of the run that are left; 0% [0, 49]" in dip
    assert "brought -" in value and "and the way costs" in value
    worse = QUESTION.conclusion(found([(0, 0), (410, -3000)], [(0, 0), (410, -1000)]))[1]
    assert "a year less than relay race" in worse


def test_the_conclusion_of_a_way_without_a_dip_or_with_one_that_may_be_chance():
    assert "is never behind one that stays, on average" in QUESTION.conclusion(found([(0, 1), (410, 3000)]))[0]
    wandering = found([(0, 0), (50, -5), (60, 0), (410, 3)], spread=200.0)
    assert "as chance alone may do" in QUESTION.conclusion(wandering)[0] and not wandering.dips_for_sure
    same = found([(0, 0), (410, 0)], spread=0.0)
    said = QUESTION.conclusion(same)[0]
    assert said.endswith("earns to the cent what one that stays earns: the way costs nothing and brings "
                                        "nothing.")  # fmt: skip


def test_the_table_has_units_intervals_and_what_is_paid_once():
    text = printed(QUESTION, found(DIP, cost_usd=250.0))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert any(line.startswith("lowest point, against one that stays usd -") for line in lines)
    assert "of which paid once at the change usd +250" in lines
    assert any(line.startswith("replications not behind 417 days after the change % 100 [51, 100]") for line in lines)
    assert "paid once" not in printed(QUESTION, found(DIP))
    short = [" ".join(line.split()) for line in printed(QUESTION, found(DIP, weeks=30)).splitlines()]
    assert "difference a year after the change usd -" in short  # beyond the run


def texts(figure):
    return " ".join(text.get_text() for axes in figure.axes for text in axes.texts)


def test_the_figure_marks_dip_and_payback():
    result = found(DIP)
    (figure,) = drawn(QUESTION, result).values()
    (axes,) = figure.axes
    said = texts(figure)
    assert f"paid back on day {result.payback.value:.0f}" in said and "lowest on day" in said and "chance" not in said
    assert "always integrated" in said and "becomes integrated" in said
    assert len(axes.collections) == 2  # a pointwise and a simultaneous band
    lines = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == WEEKS + 1]
    assert lines[1] == pytest.approx(result.band.mean) and lines[0] == pytest.approx(result.band_always.mean)


def test_the_figure_of_a_way_that_does_not_pay_or_never_dips():
    assert "paid back" not in texts(drawn(QUESTION, found([(0, 0), (410, -3000)]))["transition_path"])
    said = texts(drawn(QUESTION, found([(0, 1), (410, 3000)]))["transition_path"])
    assert "lowest" not in said and "paid back" not in said
    assert math.isfinite(found(DIP).after_days(365).low)
