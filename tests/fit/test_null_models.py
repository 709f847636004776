"""Predictions without a model beside sums by hand, and on leads of whom the rates are known."""

import math
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from simulator.fit import null_models
from simulator.fit.holdout import Holdout, holdouts
from simulator.fit.null_models import LAST_PERIOD, REGRESSION, predictions
from simulator.results.crm_export import NEVER
from simulator.results.summary import DAY, WEEK
from tests.fit.made_up import START, Row, rows_of, stream_for

HORIZON_DAYS = 21


def kaplan_meier(leads: list[tuple[float, bool]], age: float) -> float:
    """Share won by an age, of leads (time until they were won or last seen, whether they were won)."""
    left = 1.0
    for at in sorted({time for time, won in leads if won and time <= age}):
        watched = sum(time >= at for time, _ in leads)
        left *= 1 - sum(won and time == at for time, won in leads) / watched
    return 1 - left


def known_of(one: Holdout) -> Any:
    return null_models._Known(one)


def ahead_of(rows: list[dict], weeks: int = 4, own: tuple[int, ...] = (0, 1), cutoff: str = "2024-05-31") -> Holdout:
    (found,) = holdouts(stream_for(rows), list(own), [cutoff], weeks, HORIZON_DAYS)
    return found


def test_the_rate_of_the_last_period_is_that_of_a_sum_by_hand() -> None:
    rows = rows_of(900, seed=3)
    one, cutoff = ahead_of(rows), datetime(2024, 6, 1)
    recent = [row for row in rows if cutoff - timedelta(weeks=4) <= row["created"] < cutoff]
    seen = []
    for row in recent:
        won = row["outcome"] == "won" and row["ended"] < cutoff
        seen.append((((row["ended"] if won else cutoff) - row["created"]) / timedelta(days=1), won))
    at_horizon = kaplan_meier(seen, HORIZON_DAYS)
    expected = []
    for group in (("fair",), ("mail",), ("web",)):
        mine = [place for place, row in enumerate(recent) if row["channel"] in group]
        wins = sum(seen[place][1] for place in mine)
        hoped = sum(kaplan_meier(seen, (cutoff - recent[place]["created"]) / timedelta(days=1)) for place in mine)
        expected.append((wins + 2) / (hoped + 2) * at_horizon)
    known = known_of(one)
    assert one.groups == ("fair", "mail", "other channels")
    mine = np.flatnonzero(known.arrived >= one.cutoff - 4 * WEEK)
    assert len(mine) == len(recent)
    rate = null_models._last_period(known, mine, null_models._curve(known, mine, one), one)
    assert rate.shape == (4, 3) and rate[0] == pytest.approx(expected, rel=1e-9)
    assert (rate == rate[0]).all() and np.ptp(rate[0]) > 0.005
    ages = np.array([0.0, 1, 5, 20, 27.9, 400])
    curve = null_models._curve(known, mine, one)(ages * DAY)
    assert curve == pytest.approx([kaplan_meier(seen, age) for age in ages], abs=1e-12)


def test_what_is_known_is_what_was_known_at_the_cutoff() -> None:
    rows = rows_of(900, seed=3)
    cutoff, since = datetime(2024, 6, 1), datetime(2024, 2, 1)
    (one,) = holdouts(stream_for(rows, wins_from="2024-02-01"), [0, 1], ["2024-05-31"], 4, HORIZON_DAYS)
    known = known_of(one)
    mine = [row for row in rows if since <= row["created"] < cutoff]
    assert len(known) == len(mine)
    for place, row in enumerate(mine):
        won = row["outcome"] == "won" and row["ended"] < cutoff
        assert known.won[place] == won
        age = (row["ended"] if won else cutoff) - row["created"]
        assert known.age[place] == age // timedelta(microseconds=1)


def test_slopes_are_those_that_make_the_penalised_likelihood_greatest() -> None:
    rng = np.random.default_rng(1)
    groups, month = rng.integers(0, 3, 400), rng.uniform(-6, 0, 400)
    chance = 1 / (1 + np.exp(-(np.array([-2.0, -0.5, -1.0])[groups] + 0.2 * month)))
    won = (rng.random(400) < chance).astype(float)
    features = np.column_stack([np.eye(3)[groups], month])
    centre = math.log((won.sum() + 0.5) / (400 - won.sum() + 0.5))

    def loss(slopes: np.ndarray) -> float:
        odds = centre + features @ slopes
        return float(np.logaddexp(0, odds).sum() - won @ odds + (slopes**2).sum() / (2 * 2.5**2))

    best = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-7}).x
    best[:3] += centre
    assert null_models._logistic(features, won) == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize("won", [np.zeros(40), np.ones(40), np.repeat([0.0, 1.0], 20)])
def test_slopes_stay_finite_where_a_channel_tells_all(won: np.ndarray) -> None:
    features = np.column_stack([np.eye(2)[np.repeat([0, 1], 20)], np.linspace(-3, 0, 40)])
    assert np.abs(null_models._logistic(features, won)).max() < 12


def made_by_hand(known: list[tuple[float, int, float | None]], weeks: int = 2) -> tuple[Holdout, Any]:
    """Leads (days before the cutoff, channel, days until it was won) and ten more after it; the cutoff is day 100."""
    at = [int((100 - before) * DAY) for before, *_ in known] + [101 * DAY] * 10
    won = [NEVER if days is None else int((100 - before + days) * DAY) for before, _, days in known] + [NEVER] * 10
    group = np.array([one for _, one, _ in known] + [0] * 10)
    stream: Any = SimpleNamespace(
        arrivals=SimpleNamespace(at_us=np.array(at)),
        event_times=SimpleNamespace(won=np.array(won)),
        since=0,
        until=200 * DAY,
    )
    leads = np.full((weeks, 2), 5)
    one = Holdout(stream, 100 * DAY, datetime(2024, 4, 9).date(), np.array([-1] * len(known) + [0] * 10), group,
                ("a", "b"), leads, (), np.linspace(0, 40 * DAY, 9)[1:], 30 * DAY)  # fmt: skip
    return one, known_of(one)


def test_the_regression_predicts_what_is_worked_out_by_hand() -> None:
    """Half the leads of one channel and a quarter of the other's were won on their 10th day; some were watched less."""
    leads = [(40.0 + place, 0, 10.0 if place % 2 == 0 else None) for place in range(36)]
    leads += [(40.0 + place, 1, 10.0 if place % 4 == 0 else None) for place in range(24)]
    leads += [(5.0, 1, 2.0)] * 3  # watched too short a time
    one, known = made_by_hand(leads)
    every = np.arange(len(known))
    rate = null_models._regression(known, every, null_models._curve(known, every, one), one)
    won = np.array([days is not None for _, _, days in leads[:60]], float)
    month = np.array([-before / 30.44 for before, *_ in leads[:60]])
    groups = np.array([group for _, group, _ in leads[:60]])
    centre = math.log(24.5 / 36.5)

    def loss(slopes: np.ndarray) -> float:
        odds = centre + slopes[groups] + slopes[2] * month
        return float(np.logaddexp(0, odds).sum() - won @ odds + (slopes**2).sum() / 12.5)

    best = minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-8}).x
    for week in range(2):
        for group in range(2):
            odds = centre + best[group] + best[2] * (week + 0.5) * 7 / 30.44
            assert rate[week, group] == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-5)
    assert rate[0, 0] > rate[0, 1] and rate[0, 0] != rate[1, 0]


@pytest.mark.parametrize("early", [0, 1, 2])
def test_few_wins_are_counted_by_an_age_at_which_leads_were_watched(early: int) -> None:
    """Twelve of 240 leads were won, some on their 2nd day, the others on their 10th: a twentieth is what comes."""
    leads = [
        (
            31.0 + place % 60,
            place // 60 % 2,
            (2.0 if place // 120 < early else 10.0) if place % 60 in (5, 29, 54) else None,
        )
        for place in range(240)
    ]
    one, known = made_by_hand(leads)
    every = np.arange(len(known))
    rate = null_models._regression(known, every, null_models._curve(known, every, one), one)
    assert rate.mean() == pytest.approx(0.05, rel=0.2)


def test_leads_that_were_watched_for_less_than_the_horizon_go_on_with_the_curve() -> None:
    """Of 300 leads of the last 8 to 13 days 45 were won on their 2nd day, 30 on their 8th: a week says 15%."""
    by_place = {1: 2.0, 7: 2.0, 13: 2.0, 4: 7.75, 10: 7.75}  # on no side of the few days
    leads = [(8.0 + place % 5, place // 20 % 2, by_place.get(place % 20)) for place in range(300)]
    one, known = made_by_hand(leads)
    every = np.arange(len(known))
    rate = null_models._regression(known, every, null_models._curve(known, every, one), one)
    seen = [(before if days is None else days, days is not None) for before, _, days in leads]
    assert kaplan_meier(seen, 7) == pytest.approx(0.15) and kaplan_meier(seen, 30) == pytest.approx(0.25)
    assert rate.mean() == pytest.approx(0.25, rel=0.2)


def steady(rng: np.random.Generator, share: np.ndarray, days: float) -> list[Row]:
    """Leads of 200 days through two channels, won in exponential times; open if not by the end."""
    end, rows = START + timedelta(days=200), []
    for number in range(6000):
        created, channel = START + timedelta(days=float(rng.uniform(0, 200))), int(rng.random() < 0.5)
        ended = created + timedelta(days=float(rng.exponential(days)))
        won = rng.random() < share[channel] and ended < end
        rows.append({"lead_id": f"L{number}", "created": created, "channel": ("a", "b")[channel], "contact": None,
                     "stages": {}, "outcome": "won" if won else "open", "ended": ended if won else None})  # fmt: skip
    return sorted(rows, key=lambda row: row["created"])


def test_both_predict_what_comes_where_rates_stay_the_same() -> None:
    """Wins of each channel within the horizon; and until the export, of leads that came early and late."""
    rng, share, days = np.random.default_rng(7), np.array([0.3, 0.1]), 25.0
    sums: dict[str, list[np.ndarray]] = {LAST_PERIOD: [], REGRESSION: []}

    def by(age_days: Any) -> Any:
        return 1 - np.exp(-np.asarray(age_days) / days)

    for _ in range(6):
        (one,) = holdouts(stream_for(steady(rng, share, days)), [0, 1], [], 6, HORIZON_DAYS)
        leads = one.leads[:, :2] * share
        watched = (one.stream.until - one.cutoff) / DAY - 7 * (np.arange(6) + 0.5)
        assert watched[0] > 55 and watched[4] < 32
        for name, drawn in predictions(one, 12, seed=1).items():
            # the rates of the last six weeks are of leads of whom none was watched for longer
            longest = 42.0 if name == LAST_PERIOD else np.inf
            ever = leads.sum(axis=1) * by(np.minimum(watched, longest))
            channels = one.within(drawn).mean(axis=0)[:, :2].sum(axis=0) / leads.sum(axis=0) / by(HORIZON_DAYS)
            weeks = one.ever(drawn).mean(axis=0).sum(axis=1) / ever
            sums[name].append(np.array([*channels, weeks[:2].mean(), weeks[3:5].mean()]))
            assert (np.diff(one.curve(drawn), axis=1) >= -1e-12).all() and (one.ever(drawn) >= one.within(drawn)).all()
            end = one.curve(drawn)[:, np.searchsorted(one.ages, one.horizon) - 1].mean()
            assert end == pytest.approx(one.within(drawn).sum(axis=(1, 2)).mean() / one.leads.sum(), rel=0.15)
    for name, ratios in sums.items():
        # some 90 and 30 wins are known of the last six weeks before the cutoff: 4% and 7% luck in the mean of six
        assert np.mean(ratios, axis=0) == pytest.approx(np.ones(4), abs=0.15), name


def test_nothing_known_of_the_last_weeks_is_no_win() -> None:
    one, _ = made_by_hand([(60.0 + place, 0, 3.0 if place < 30 else None) for place in range(39)])
    drawn = predictions(one, 4, seed=1)
    assert (drawn[LAST_PERIOD] == 0).all() and one.within(drawn[REGRESSION]).sum() > 0
    assert all(np.array_equal(rows, predictions(one, 4, seed=1)[name]) for name, rows in drawn.items())
