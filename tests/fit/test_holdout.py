"""Leads after a cutoff and what became of them, beside loops over the leads."""

from collections import Counter
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from simulator.fit.holdout import Holdout, holdouts
from simulator.fit.lead_stream import LeadStream
from simulator.results.crm_export import NEVER
from simulator.results.summary import DAY, WEEK
from simulator.scenario.schema import ScenarioError
from tests.fit.made_up import MONDAY, START, Row, rows_of, stream_for, us

ROWS = rows_of(900, seed=3, channels=("fair", "mail", "web", "zoo"))
OWN = [3, 1]  # zoo, mail
CUTOFF = datetime(2024, 5, 1)
HORIZON = timedelta(days=21)


def holdout(stream: LeadStream | None = None, weeks: int = 5, cutoffs: tuple[str, ...] = ("2024-04-30",)) -> Holdout:
    (found,) = holdouts(stream or stream_for(ROWS), OWN, list(cutoffs), weeks, HORIZON.days)
    return found


def group_of(row: Row) -> int:
    return {"zoo": 0, "mail": 1}.get(row["channel"], 2)


def test_counts_and_the_curve_are_those_of_a_loop() -> None:
    stream, one = stream_for(ROWS), holdout()
    assert one.groups == ("zoo", "mail", "other channels") and one.cutoff == us(CUTOFF) and one.day == date(2024, 4, 30)
    assert one.starts == tuple(date(2024, 5, 1) + timedelta(days=7 * week) for week in range(5))
    until = MONDAY + timedelta(microseconds=stream.until)
    leads, within, ever, ages = Counter(), Counter(), Counter(), []
    mine = [row for row in ROWS if CUTOFF <= row["created"] < CUTOFF + timedelta(weeks=5)]
    assert max(row["created"] for row in mine) < until - HORIZON
    for row in mine:
        cell = (row["created"] - CUTOFF).days // 7, group_of(row)
        leads[cell] += 1
        if row["outcome"] == "won":
            ever[cell] += 1
            ages.append((row["ended"] - row["created"]) / timedelta(microseconds=1))
            within[cell] += row["ended"] - row["created"] <= HORIZON
    row = one.row(stream.event_times)
    assert len(row) == one.width == 2 * 15 + len(one.ages)
    for week in range(5):
        for group in range(3):
            cell = week, group
            assert one.leads[cell] == leads[cell]
            assert one.within(row)[cell] == within[cell] and one.ever(row)[cell] == ever[cell]
    assert one.leads.sum() == len(mine) > 100 and 0 < sum(within.values()) < sum(ever.values())
    curve = [sum(age <= limit for age in ages) / len(mine) for limit in one.ages]
    assert one.curve(row) == pytest.approx(curve, abs=1e-12)
    assert one.ages[-1] == stream.until - us(max(one["created"] for one in mine)) and one.horizon == 21 * DAY
    stacked = np.stack([row, 2 * row])
    assert np.array_equal(one.within(stacked)[1], 2 * one.within(row)) and one.curve(stacked).shape == (
        2,
        len(one.ages),
    )


def test_a_lead_that_is_not_predicted_changes_nothing_and_one_that_is_does() -> None:
    stream, one = stream_for(ROWS), holdout()
    before = one.row(stream.event_times)
    for place in (int(np.flatnonzero(one.week < 0)[5]), int(np.flatnonzero(one.week == 2)[0])):
        event_times = stream.known_at(NEVER)
        event_times.won[place] = stream.arrivals.at_us[place] + DAY if event_times.won[place] == NEVER else NEVER
        assert np.array_equal(one.row(event_times), before) == (one.week[place] < 0)
    later = stream.known_at(NEVER)
    open_ones = later.won == NEVER
    later.won[open_ones] = stream.until
    assert np.array_equal(one.row(later), before), "what happens after the export is not known"


def test_leads_are_followed_over_all_of_the_horizon() -> None:
    """Those who came too late to be are left out."""
    rows = [row for row in ROWS if row["created"] < datetime(2024, 6, 1)]
    stream = stream_for([row | {"ended": row["ended"] and min(row["ended"], datetime(2024, 6, 10))} for row in rows])
    one = holdout(stream)
    until = MONDAY + timedelta(microseconds=stream.until)
    expected = sum(CUTOFF <= row["created"] < min(CUTOFF + timedelta(weeks=5), until - HORIZON) for row in rows)
    assert one.leads.sum() == expected < sum(row["created"] >= CUTOFF for row in rows)
    assert (one.leads.sum(axis=1) > 0).tolist() == [True, True, True, True, False] or one.leads[4].sum() == 0


@pytest.mark.parametrize("weeks", [1, 4])
def test_the_cutoff_that_is_taken_leaves_the_last_weeks_with_all_of_the_horizon(weeks: int) -> None:
    stream = stream_for(ROWS)
    one = holdout(stream, weeks=weeks, cutoffs=())
    last = min(int(stream.arrivals.at_us[-1]), stream.until - 21 * DAY)
    assert one.cutoff % DAY == 0 and last < one.cutoff + weeks * WEEK < last + DAY + 1
    mine = one.week >= 0
    assert np.array_equal(
        mine, (stream.arrivals.at_us >= one.cutoff) & (stream.arrivals.at_us < stream.until - 21 * DAY)
    )
    assert set(one.week[mine]) == set(range(weeks)) and one.leads.sum(axis=1).min() > 0


def test_several_cutoffs_and_none() -> None:
    stream = stream_for(ROWS)
    two = holdouts(stream, OWN, ["2024-03-31", "2024-04-30 09:00"], 4, 21)
    assert [one.day for one in two] == [date(2024, 3, 31), date(2024, 4, 30)]
    assert [one.cutoff for one in two] == [us(datetime(2024, 4, 1)), us(CUTOFF)]
    assert holdouts(stream, OWN, ["2024-03-31"], 0, 21) == []


def test_too_few_leads_are_refused() -> None:
    rows = [row for row in ROWS if row["created"] < CUTOFF]
    few = [row for row in ROWS if row["created"] >= CUTOFF][:19]
    with pytest.raises(ScenarioError) as refused:
        holdout(stream_for(rows + few))
    assert str(refused.value) == (
        "study.fit.cutoffs must leave at least 20 leads in the 5 weeks after them, each known for "
        "study.fit.horizon_days=21, got 19 after '2024-04-30'; study.fit.weeks=0 leaves the check out"
    )
    twenty = [row for row in ROWS if row["created"] >= CUTOFF][:20]
    assert holdout(stream_for(rows + twenty)).leads.sum() == 20
    with pytest.raises(ScenarioError, match=r"^study.fit.cutoffs\[0\] must be a date like 2018-01-31"):
        holdout(cutoffs=("soon",))


def test_a_cutoff_without_a_win_before_it_is_refused() -> None:
    rows = [row for row in ROWS if row["outcome"] != "won" or row["ended"] >= CUTOFF]
    said = r"^study.fit.cutoffs must leave a win before them to fit to, got none before '2024-04-30'$"
    with pytest.raises(ScenarioError, match=said):
        holdout(stream_for(rows))
    lucky = next(row for row in rows if row["created"] < START + timedelta(days=9))
    lucky = lucky | {"outcome": "won", "ended": CUTOFF - timedelta(seconds=1)}
    more = [lucky if row["lead_id"] == lucky["lead_id"] else row for row in rows]
    assert holdout(stream_for(more, wins_from="2024-01-03")).leads.sum() > 20
    with pytest.raises(ScenarioError, match=said):  # nor one that is not recorded
        holdout(stream_for(more, wins_from="2024-05-01"))
