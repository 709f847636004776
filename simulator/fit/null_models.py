"""Two predictions that need no model of buyers, from what was known at a cutoff: what ours has to beat.

- *last period*: each channel's rate in the weeks before the cutoff. Leads that came late were watched for a short time,
  so wins are counted against those expected if all channels followed the pooled curve (Kaplan and Meier 1958), and a
  channel with few expected wins is drawn to the others.
- *regression*: a plain logistic regression on channel and month, of leads that were watched long enough.

Both go on with the pooled curve, flat after the last age at which anyone was watched. Their spread is that of leads
drawn again (bootstrap), and the luck of the new leads.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.fit.holdout import Holdout
from simulator.fit.response_surface import Rows
from simulator.model.words import Outcome
from simulator.results.crm_export import NEVER
from simulator.results.summary import DAY, WEEK
from simulator.results.survival import incidence_at, order

#: Expected wins by which a channel's rate is drawn to that of all.
_DRAWN_TO = 2.0
#: Days for which leads of the regression must have been watched: the longest that leaves so many wins, else the one
#: that leaves most.
_WATCHED_DAYS, _WINS = (180, 90, 60, 30, 21, 14, 7, 3), 20
#: Standard deviation of the normal prior of the regression's slopes, which keeps them finite.
_SLOPE = 2.5
_DAYS_OF_MONTH = 30.44

LAST_PERIOD, REGRESSION = "last period's rates", "regression"


class _Known:
    """Leads and wins that are known at the cutoff, of the time when wins are recorded."""

    def __init__(self, holdout: Holdout) -> None:
        arrived, won = holdout.stream.arrivals.at_us, holdout.stream.event_times.won
        mine = (arrived < holdout.cutoff) & (arrived >= holdout.stream.since)
        self.arrived, self.group = arrived[mine], holdout.group[mine]
        self.watched = holdout.cutoff - self.arrived
        age = np.where(won[mine] < holdout.cutoff, won[mine] - self.arrived, NEVER)
        self.won = age < NEVER
        self.age = np.where(self.won, np.maximum(age, 0), self.watched)

    def __len__(self) -> int:
        return len(self.arrived)


def predictions(holdout: Holdout, draws: int, seed: int) -> dict[str, Rows]:
    """float64[draws, width] of each null model, rows as `Holdout.row` makes them."""
    rng = np.random.default_rng(seed)
    known = _Known(holdout)
    recent = np.flatnonzero(known.arrived >= holdout.cutoff - holdout.leads.shape[0] * WEEK)
    models: dict[str, tuple[NDArray[np.int64], Callable[..., Rows]]] = {
        LAST_PERIOD: (recent, _last_period), REGRESSION: (np.arange(len(known)), _regression)
    }  # fmt: skip
    predicted = {}
    for name, (rows, model) in models.items():
        made = []
        for _ in range(draws):
            again = rows[rng.integers(len(rows), size=len(rows))] if len(rows) else rows
            curve = _curve(known, again, holdout)
            made.append(_row(holdout, model(known, again, curve, holdout), curve, rng))
        predicted[name] = np.array(made)
    return predicted


def _curve(known: _Known, rows: NDArray[np.int64], holdout: Holdout) -> Callable[[Rows], Rows]:
    """Share of leads won by an age, of these leads together."""
    codes = np.where(known.won[rows], int(Outcome.WON), 0).astype(np.int8)
    taken = order(known.age[rows], codes)
    ages, codes = known.age[rows][taken], codes[taken]

    def at(age: Rows) -> Rows:
        if not codes.any():
            return np.zeros(len(age))
        return incidence_at(ages, codes, int(Outcome.WON), np.asarray(age, np.int64))

    return at


def _last_period(known: _Known, rows: NDArray[np.int64], curve: Callable[[Rows], Rows], holdout: Holdout) -> Rows:
    """float64[weeks, groups]: rate of each channel within the horizon."""
    groups = len(holdout.groups)
    wins = np.bincount(known.group[rows], known.won[rows], groups)
    expected = np.bincount(known.group[rows], curve(known.watched[rows]), groups)
    ratio = (wins + _DRAWN_TO) / (expected + _DRAWN_TO)
    rate = np.clip(ratio * curve(np.array([holdout.horizon]))[0], 0.0, 1.0)
    return np.broadcast_to(rate, holdout.leads.shape)


def _regression(known: _Known, rows: NDArray[np.int64], curve: Callable[[Rows], Rows], holdout: Holdout) -> Rows:
    """The same from a logistic regression on channel and month."""
    days, enough, won = _watched(known, rows, holdout.horizon)
    groups = len(holdout.groups)
    month = (known.arrived[enough] - holdout.cutoff) / DAY / _DAYS_OF_MONTH
    slopes = _logistic(np.column_stack([np.eye(groups)[known.group[enough]], month]), won.astype(np.float64))
    middle = (np.arange(holdout.leads.shape[0]) + 0.5) * WEEK / DAY / _DAYS_OF_MONTH
    rate = 1.0 / (1.0 + np.exp(-(slopes[:groups] + slopes[-1] * middle[:, None])))
    at_days, at_horizon = curve(np.array([days * DAY, holdout.horizon]))
    return np.clip(rate * (at_horizon / at_days if at_days > 0 else 1.0), 0.0, 1.0)


def _watched(known: _Known, rows: NDArray[np.int64], horizon: int) -> tuple[int, NDArray[np.int64], NDArray[np.bool_]]:
    """Days, the leads that were watched as long, and which of them were won by then."""
    tried = []
    for days in (*(limit for limit in _WATCHED_DAYS if limit * DAY <= horizon), 0):
        enough = rows[known.watched[rows] >= days * DAY]
        won = known.won[enough] & (known.age[enough] <= days * DAY)
        if np.count_nonzero(won) >= _WINS:
            return days, enough, won
        tried.append((days, enough, won))
    return max(tried, key=lambda trial: np.count_nonzero(trial[2]))


def _logistic(features: Rows, won: Rows, steps: int = 25) -> Rows:
    """Slopes of a logistic regression with a constant and normal priors, by Newton's method; the constant is added."""
    centre = np.log((won.sum() + 0.5) / (len(won) - won.sum() + 0.5))
    slopes = np.zeros(features.shape[1])
    for _ in range(steps):
        chance = 1.0 / (1.0 + np.exp(-(centre + features @ slopes)))
        pull = features.T @ (won - chance) - slopes / _SLOPE**2
        bend = (features * (chance * (1 - chance))[:, None]).T @ features + np.eye(len(slopes)) / _SLOPE**2
        step = np.linalg.solve(bend, pull)
        slopes = slopes + step
        if np.abs(step).max() < 1e-8:
            break
    slopes[:-1] += centre
    return np.asarray(slopes)


def _row(holdout: Holdout, rate: Rows, curve: Callable[[Rows], Rows], rng: np.random.Generator) -> Rows:
    """One draw: counts with their own luck, and the curve as high as the rates say."""
    horizon = float(curve(np.array([holdout.horizon]))[0])
    watched = holdout.stream.until - holdout.cutoff - WEEK * (np.arange(holdout.leads.shape[0], dtype=np.float64) + 0.5)
    end = curve(watched.astype(np.float64))[:, None]  # leads of earlier weeks are watched for longer
    within = rng.binomial(holdout.leads, rate)
    more = np.maximum(end / horizon - 1.0, 0.0) if horizon else 1.0
    later = np.clip(rate * more / np.maximum(1.0 - rate, 1e-9), 0.0, 1.0)
    ever = within + rng.binomial(holdout.leads - within, later)
    mean = float((rate * holdout.leads).sum() / holdout.leads.sum())
    shape = curve(holdout.ages)
    scale = mean / horizon if horizon > 0 else 1.0
    return np.concatenate([within.ravel(), ever.ravel(), np.clip(shape * scale, 0.0, 1.0)]).astype(np.float64)
