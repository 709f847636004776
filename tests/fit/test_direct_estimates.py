"""What an export tells without a model, beside the formulas worked out by hand."""

import math
from datetime import timedelta
from statistics import NormalDist, mean, median, stdev, variance
from types import SimpleNamespace

import numpy as np
import pytest

from simulator.fit.direct_estimates import arrivals, values
from simulator.results.summary import WEEK
from tests.fit.made_up import MONDAY, rows_of, stream_for


def test_leads_a_week_are_those_of_the_whole_weeks() -> None:
    rows = rows_of(700, seed=4)
    found = arrivals(stream_for(rows))
    assert [one.of for one in found] == ["all channels", "fair", "mail", "web"]
    weeks = [(row["created"] - MONDAY) // timedelta(weeks=1) for row in rows]
    last = max(weeks)
    for one in found:
        counts = [0] * (last + 1)
        for row, week in zip(rows, weeks, strict=True):
            counts[week] += one.of in ("all channels", row["channel"])
        counts = counts[1:-1]
        spread = max(1.0, variance(counts) / mean(counts))
        error = 1.96 * math.sqrt(spread * mean(counts) / len(counts))
        assert (one.value, one.n) == (pytest.approx(mean(counts)), sum(counts))
        assert (one.low, one.high) == pytest.approx((max(0, mean(counts) - error), mean(counts) + error))
        assert (one.name, one.unit) == ("leads a week", "leads")


def test_weeks_that_differ_by_more_than_chance_tell_less() -> None:
    plain, crowded = rows_of(700, seed=4), rows_of(700, seed=4)
    for row in crowded:  # every other week is empty
        if (row["created"] - MONDAY) // timedelta(weeks=1) % 2:
            for name in ("created", "contact", "ended"):
                row[name] = row[name] and row[name] - timedelta(weeks=1)
    crowded.sort(key=lambda row: (row["created"], row["lead_id"]))
    one, other = (arrivals(stream_for(rows))[0] for rows in (plain, crowded))
    assert other.value == pytest.approx(one.value, rel=0.1)
    assert other.high - other.low > 3 * (one.high - one.low)


def test_an_interval_of_leads_a_week_holds_the_truth_as_often_as_it_says() -> None:
    """Poisson weeks of 12 leads on average: 200 exports of 20 weeks."""
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        at = np.sort(rng.integers(0, 22 * WEEK, rng.poisson(12 * 22)))
        leads = SimpleNamespace(at_us=at, channel=np.zeros(len(at), int), channels=["web"])
        one, web = arrivals(SimpleNamespace(arrivals=leads))  # type: ignore[arg-type]
        held += one.low <= 12 <= one.high
        assert (web.value, web.low, web.high) == (one.value, one.low, one.high)
    # 95% of 200 is 190, with a standard deviation of 3; a spread of at least 1 makes it more
    assert 182 <= held <= 200


def test_the_median_of_what_customers_pay() -> None:
    paid = np.exp(np.random.default_rng(1).normal(8, 0.7, 60))
    found = values(np.concatenate([paid, [np.nan, 0.0, -5.0]]))
    logs = [math.log(one) for one in paid]
    error = NormalDist().inv_cdf(0.975) * math.sqrt(math.pi / 2) * stdev(logs) / math.sqrt(60)
    assert found is not None and found.n == 60
    assert found.value == pytest.approx(math.exp(median(logs))) and found.unit == "usd"
    assert (found.low, found.high) == pytest.approx(
        (math.exp(median(logs) - error), math.exp(median(logs) + error)), rel=1e-3
    )
    assert values(paid[:9]) is None and values(paid[:10]) is not None
    draws = np.random.default_rng(2).normal(8, 0.7, (400, 60))
    held = sum(one.low <= math.exp(8) <= one.high for one in map(values, np.exp(draws)) if one)
    assert 366 <= held <= 394, "95% of 400, with a standard deviation of 4"
