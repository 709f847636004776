"""Every number that an export shows beside a loop over its leads; and what no export shows changes none of them."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binom

from simulator.fit.event_times import EventTimes
from simulator.fit.lead_stream import LeadStream
from simulator.fit.observed_statistics import ObservedStatistics, Statistic, _angle, share
from simulator.results.crm_export import NEVER
from tests.fit.made_up import Row, rows_of, stream_for, us

ROWS = rows_of(900, seed=3, channels=("fair", "mail", "web", "zoo"))
#: Wins are recorded from here on; the export is of the other day. Some leads come before the one and after the other.
SINCE, UNTIL = datetime(2024, 2, 20), datetime(2024, 7, 10, 15, 30)
OWN = [1, 2]
LEVELS = {"won": (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)}


def sight_of(
    stream: LeadStream, event_times: EventTimes | None = None, since: datetime = SINCE, until: datetime = UNTIL
) -> ObservedStatistics:
    arrivals = stream.arrivals
    return ObservedStatistics(arrivals.at_us, arrivals.channel, arrivals.channels, stream.months, OWN, us(since),
                 us(until), event_times or stream.known_at(us(until)))  # fmt: skip


def at_of(row: Row, what: str) -> datetime | None:
    """When it happened as an export shows it."""
    if what in ("won", "lost"):
        at = row["ended"] if row["outcome"] == what else None
        return at if at and SINCE <= at < UNTIL else None
    at = row["contact"] if what == "contact" else row["stages"].get(what)
    return at if at and at < UNTIL else None


def angle(cases: int, of: int) -> float:
    return 2 * math.asin(math.sqrt((cases + 3 / 8) / (of + 3 / 4)))


def quantile(ordered: list[float], level: float) -> float:
    place = level * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def naive(rows: list[Row]) -> dict[tuple[str, str], float]:
    """kind and of -> number, in order."""
    here, found = [row for row in rows if row["created"] < UNTIL], {}
    groups: list[tuple[str, list[Row]]] = [
        (name, [row for row in here if row["channel"] == name]) for name in ("mail", "web")
    ]
    groups.append(("other channels", [row for row in here if row["channel"] in ("fair", "zoo")]))
    months: list[tuple[str, list[Row]]] = []
    waiting: list[Row] = []
    for month in sorted({f"{row['created']:%Y-%m}" for row in here}):
        waiting = waiting + [row for row in here if f"{row['created']:%Y-%m}" == month]
        if len(waiting) >= 30:
            months.append((f"leads of {month}", waiting))
            waiting = []
    if waiting:
        months[-1] = (months[-1][0], months[-1][1] + waiting)
    for of, mine in groups + months:
        found["won", of] = angle(sum(at_of(row, "won") is not None for row in mine), len(mine))
    events = ["won", *(what for what in ("lost", "contact", "mql", "sal", "sql", "opportunity")
                       if sum(at_of(row, what) is not None for row in here) >= 20)]  # fmt: skip
    for what in events:
        days = sorted(
            (at_of(row, what) - row["created"]) / timedelta(days=1)
            for row in here if at_of(row, what) and row["created"] >= SINCE
        )  # fmt: skip
        asked = {float(f"{quantile(days, level):.2g}") for level in LEVELS.get(what, (0.25, 0.5, 0.75))}
        for age in sorted(one for one in asked if one > 0):
            found[f"{what} by", f"{age:.3g} days"] = angle(sum(day <= age for day in days), len(days))
    for what in events[1:]:
        found[what, "all leads"] = angle(sum(at_of(row, what) is not None for row in here), len(here))
    return found


def at_whole_days(rows: list[Row]) -> list[Row]:
    """The same leads, but that all happens at whole days of their age, which ages that are asked for then are too."""

    def whole(row: Row, at: datetime | None) -> datetime | None:
        return at and row["created"] + timedelta(days=round((at - row["created"]) / timedelta(days=1)))

    return [
        row | {"ended": whole(row, row["ended"]), "contact": whole(row, row["contact"]),
               "stages": {name: whole(row, at) for name, at in row["stages"].items()}}
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [ROWS, at_whole_days(ROWS)])
def test_every_number_is_what_a_loop_over_the_leads_counts(rows: list[Row]) -> None:
    expected = naive(rows)
    statistics = sight_of(stream_for(rows))
    assert [(one.kind, one.of) for one in statistics.numbers] == list(expected)
    assert statistics.observed == pytest.approx(list(expected.values()), abs=1e-12)
    kinds = {kind for kind, _ in expected}
    assert {"won", "won by", "lost by", "contact by", "opportunity by", "lost", "contact", "sal"} <= kinds
    months = [of for _, of in expected if of.startswith("leads of")]
    assert len(months) == 7, "also the ten days of July have more than 30 leads"


def test_the_luck_of_a_number_is_that_of_its_cases() -> None:
    """An angle of n cases has a variance of about 1 / (n + 1/2): n by hand for one number of each kind."""
    statistics = sight_of(stream_for(ROWS))
    here = [row for row in ROWS if row["created"] < UNTIL]
    won = [row for row in here if at_of(row, "won") and row["created"] >= SINCE]
    sizes = {("won", "mail"): sum(row["channel"] == "mail" for row in here), ("lost", "all leads"): len(here)}
    for number, luck in zip(statistics.numbers, statistics.luck, strict=True):
        size = len(won) if number.kind == "won by" else sizes.pop((number.kind, number.of), None)
        assert size is None or luck == pytest.approx(1 / (size + 0.5))
    assert not sizes


def test_a_small_month_goes_with_the_next_and_the_last_with_the_one_before() -> None:
    few = [row for row in ROWS if row["created"].month not in (3, 7) or row["created"].day < 4]
    expected = naive(few)
    statistics = sight_of(stream_for(few))
    assert statistics.observed == pytest.approx(list(expected.values()), abs=1e-12)
    months = [one.of[-7:] for one in statistics.numbers if one.of.startswith("leads of")]
    assert months == ["2024-01", "2024-02", "2024-04", "2024-05", "2024-06"]
    assert [(one.kind, one.of) for one in statistics.numbers] == list(expected)


def test_too_few_leads_for_a_month_are_told_together_and_too_few_cases_have_no_ages() -> None:
    few = [row for row in ROWS if row["created"] > datetime(2024, 3, 1)][:25]
    stream = stream_for(few)
    assert stream.arrivals.channels == ["fair", "mail", "web", "zoo"]
    statistics = sight_of(stream)
    assert [one for one in statistics.numbers if one.kind == "won"][-1] == Statistic("won", "all leads")
    assert not any(one.kind in ("won by", "lost by") for one in statistics.numbers)


def changed(at: np.ndarray, where: np.ndarray, moments: np.ndarray) -> np.ndarray:
    return np.where(where, moments, at)


def test_what_an_export_does_not_show_changes_no_number() -> None:
    stream = stream_for(ROWS)
    statistics, event_times, rng = sight_of(stream), stream.event_times, np.random.default_rng(1)
    arrived, since, until = stream.arrivals.at_us, us(SINCE), us(UNTIL)
    late = arrived >= until
    assert late.sum() > 20 and (arrived < since).sum() > 100

    def other(at: np.ndarray, recorded: bool) -> np.ndarray:
        luck = rng.random((2, len(at)))
        after = (until + luck[0] * 1e13).astype(np.int64)
        at = changed(at, at >= until, np.where(luck[1] < 0.5, after, NEVER))
        if recorded:
            early = at < since
            assert early.sum() > 5
            at = changed(at, early, np.where(luck[1] < 0.5, (luck[0] * since).astype(np.int64), NEVER))
        return changed(at, late, (luck[0] * 3e13).astype(np.int64))

    entered = {name: other(at, False) for name, at in event_times.entered.items()}
    twin = EventTimes(
        other(event_times.won, True), other(event_times.lost, True), other(event_times.contact, False), entered
    )
    assert np.array_equal(statistics(twin), statistics.observed) and np.array_equal(
        statistics(event_times), statistics.observed
    )
    anew = sight_of(stream, twin)
    assert anew.numbers == statistics.numbers and np.array_equal(anew.observed, statistics.observed)
    # what it does show changes them: a win a moment inside either end
    for inside in (since, until - 1):
        lead = int(np.flatnonzero((arrived < min(inside, since)) & (event_times.won == NEVER))[0])
        more = event_times.won.copy()
        more[lead] = inside
        assert not np.array_equal(statistics(replace(event_times, won=more)), statistics.observed)
        more[lead] = since - 1 if inside == since else until
        assert np.array_equal(statistics(replace(event_times, won=more)), statistics.observed)


def test_a_number_is_as_lucky_whatever_the_share() -> None:
    for of in (40, 400):
        for true in (0.1, 0.3, 0.5, 0.8, 0.95):
            cases = np.arange(of + 1)
            chance = binom.pmf(cases, of, true)
            angles = np.array([_angle(one, of) for one in cases])
            mean = chance @ angles
            variance = chance @ (angles - mean) ** 2
            # Anscombe 1948: 1 / (n + 1/2) but for terms of order 1 / (n p)^2
            assert variance * of == pytest.approx(1, abs=0.06 + 1.5 / (of * min(true, 1 - true)) ** 2), (of, true)
            assert share(mean) == pytest.approx(true, abs=0.02)


def test_a_share_is_that_of_its_angle() -> None:
    for cases, of in ((0, 50), (1, 50), (25, 50), (50, 50)):
        assert share(_angle(cases, of)) == pytest.approx((cases + 0.375) / (of + 0.75), rel=1e-12)
    assert [share(one) for one in (-0.2, 0.0, math.pi, 3.5)] == pytest.approx([0, 0, 1, 1])
