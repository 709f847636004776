"""The same buyers in several organisations as something to watch: what each was doing when, and what came of it.

One replication of each organisation with its touches recorded. What is shown of a buyer is read from the event log
(`simulator.questions.frame.player.trajectories`); running totals count the whole cohort, however few of its buyers are
shown.
"""

import bisect
import contextlib
import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.model.randomness import INDEX_BITS
from simulator.model.words import ROLES, Outcome
from simulator.questions.frame.divergence import Histories
from simulator.questions.frame.player.trajectories import Trajectories
from simulator.questions.frame.runs import Simulate, check_leads, resolved, running, threads_of
from simulator.questions.frame.workers import Cancelled, in_order
from simulator.results.cohort import Cohort
from simulator.results.summary import DAY, Result, Summary, summarise
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

#: The golden ratio's fraction: multiples of it fill a circle evenly however many there are.
_GOLDEN = np.uint64(0x9E37_79B9_7F4A_7C15)


@dataclass(frozen=True)
class Series:
    """Running totals of an organisation; each has a number for day 0, 1, ... of the show, as of the start of that day.

    Attributes
    ----------
    won, lost, no_decision : int64[days + 1], buyers of the cohort that have ended so; no decision, or elsewhere.
    revenue_usd : float64[days + 1], what those won pay.
    cost_usd : float64[days + 1]: the costs of the cohort's period accrue evenly over it, and not after it.
    median_days : float64[days + 1], first touch to won, of those won so far (the inverted-CDF median); NaN before any.
    waiting : int64[roles, days + 1], all buyers of the run who wait for a person of each role, also those from before
        and after the cohort.
    waiting_cohort : int64[roles, days + 1], those of the cohort among them.
    """

    won: NDArray[np.int64]
    lost: NDArray[np.int64]
    no_decision: NDArray[np.int64]
    revenue_usd: NDArray[np.float64]
    cost_usd: NDArray[np.float64]
    median_days: NDArray[np.float64]
    waiting: NDArray[np.int64]
    waiting_cohort: NDArray[np.int64]


@dataclass(frozen=True)
class PlaybackArm:
    """One organisation; arrays of buyers have a place for each of `Playback.buyers`.

    Attributes
    ----------
    headcount : people of each role.
    came : bool[buyers], whether it came at all; a budget may bring others.
    trajectories : of the shown buyers.
    series : of all buyers.
    lives : all recorded events of the shown buyers who came.
    paid_usd : float64[buyers], what it paid if it was won.
    asked_again : float64[buyers], how much of its history it had to tell again.
    handoffs, contradictions : int64[buyers], how often it was handed on, and caught us contradicting ourselves.
    summary : of this run, what the metrics are made of.
    """

    organisation: str
    headcount: tuple[int, ...]
    came: NDArray[np.bool_]
    trajectories: Trajectories
    series: Series
    lives: Histories
    paid_usd: NDArray[np.float64]
    asked_again: NDArray[np.float64]
    handoffs: NDArray[np.int64]
    contradictions: NDArray[np.int64]
    summary: Summary


@dataclass(frozen=True)
class Playback:
    """The same buyers in each organisation.

    Days count from the first of the cohort's period, which is day 0.

    Attributes
    ----------
    scenario : as it was run.
    replication : which of its repetitions.
    first_day : date of day 0.
    start_us : day 0 in microseconds of the run.
    days, cohort_days : how long the show is, and until when its buyers arrive.
    buyers : int64[n], ids of the buyers who are shown, in the order of arrival.
    of : how many there are in the cohort, in any of the organisations.
    arrived_us : int64[n].
    segment, channel : int64[n], positions in ``segments`` and ``channels``.
    complexity, deal_value_usd : float64[n]; ``members`` int64[n], size of its buying group.
    arms : the organisations.
    """

    scenario: Scenario
    replication: int
    first_day: datetime.date
    start_us: int
    days: int
    cohort_days: int
    buyers: NDArray[np.int64]
    of: int
    arrived_us: NDArray[np.int64]
    segment: NDArray[np.int64]
    channel: NDArray[np.int64]
    complexity: NDArray[np.float64]
    members: NDArray[np.int64]
    deal_value_usd: NDArray[np.float64]
    segments: tuple[str, ...]
    channels: tuple[str, ...]
    arms: tuple[PlaybackArm, ...]

    def days_of(self, at_us: NDArray[np.int64]) -> NDArray[np.float64]:
        """Instants of the run as days of the show."""
        return (at_us - self.start_us) / DAY


@dataclass(frozen=True)
class _Run:
    """One organisation's run and what is read from it; ``cohort`` are its buyers' places among all who came."""

    result: Result
    cohort: NDArray[np.int64]
    buyers: NDArray[np.int64]
    trajectories: Trajectories
    series: Series
    summary: Summary

    def places(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each of these buyers among all who came, -1 of those who are not in the cohort here."""
        order = np.argsort(self.buyers)
        ordered = self.buyers[order]
        at = np.minimum(np.searchsorted(ordered, ids), max(0, len(ordered) - 1))
        if not len(ordered):
            return np.full(len(ids), -1)
        return np.where(ordered[at] == ids, self.cohort[order[at]], -1)


def recorded(
    scenario: Scenario,
    organisations: Sequence[str] | None = None,
    *,
    replication: int = 0,
    most: int = 1000,
    simulate: Simulate | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Playback:
    """Run each organisation once on the same buyers, and keep what there is to see.

    If the cohort has more than ``most`` buyers, an even sample of them is shown, chosen by who they are: the same in
    every organisation, and mostly the same in another cohort.

    Parameters
    ----------
    scenario : the question; left as it is.
    organisations : in place of those that the scenario compares.
    replication : which repetition.
    simulate : in place of `simulator.run.simulate`.
    cancelled : asked before and after each run; once it is true nothing more is run.

    Raises
    ------
    ScenarioError
        Before anything runs, as `simulator.questions.compare.work.compare` says.
    Cancelled
        If ``cancelled`` says so.
    """
    if most < 1:
        raise ScenarioError(f"most must be at least 1, got {most}")
    scenario = resolved(scenario, organisations=organisations)
    check_leads(scenario)
    names = scenario.compared()
    arms = {name: running(scenario, name, simulate) for name in names}

    def job(name: str) -> _Run:
        if cancelled is not None and cancelled():
            raise Cancelled
        run = scenario.run
        result = arms[name](seed=run.seed, replication=replication, engine=run.engine, record="touches")
        if cancelled is not None and cancelled():
            raise Cancelled
        return _read(result, scenario, name, replication)

    with contextlib.closing(in_order(job, names, threads_of(scenario.run))) as outcomes:
        runs = list(outcomes)
    everybody = np.unique(np.concatenate([run.buyers for run in runs]))
    ids = _sample(everybody, most)
    arrived = _known(runs, ids, "arrived_at")
    order = np.lexsort((ids, arrived))
    ids, arrived = ids[order], arrived[order]
    setup = runs[0].result.setup
    start = int(setup.rules.warm_up_us)
    return Playback(
        scenario=scenario,
        replication=replication,
        first_day=setup.arrivals.first_day + datetime.timedelta(days=start // DAY),
        start_us=start,
        days=scenario.run.cohort_days + scenario.run.follow_up_days,
        cohort_days=scenario.run.cohort_days,
        buyers=ids,
        of=len(everybody),
        arrived_us=arrived,
        segment=_known(runs, ids, "segment"),
        channel=ids >> INDEX_BITS,
        complexity=_known(runs, ids, "complexity"),
        members=_known(runs, ids, "members"),
        deal_value_usd=_known(runs, ids, "value_cents") / 100.0,
        segments=tuple(setup.segments),
        channels=tuple(setup.arrivals.channels),
        arms=tuple(_arm(run, scenario, name, ids) for run, name in zip(runs, names, strict=True)),
    )


def _read(result: Result, scenario: Scenario, name: str, replication: int) -> _Run:
    """What a run leaves to see."""
    trajectories, summary = Trajectories.of(result), summarise(result, scenario, name, replication)
    cohort = np.flatnonzero(Cohort(result.setup, result.report).chosen)
    buyers = result.setup.arrivals.who[result.report.rows[cohort]].astype(np.int64)
    return _Run(result, cohort, buyers, trajectories, _series(result, scenario, trajectories, summary), summary)


def _series(result: Result, scenario: Scenario, trajectories: Trajectories, summary: Summary) -> Series:
    """Running totals of a run."""
    cohort, start = Cohort(result.setup, result.report), int(result.setup.rules.warm_up_us)
    days = np.arange(scenario.run.cohort_days + scenario.run.follow_up_days + 1)
    grid = start + days * DAY
    day = np.searchsorted(grid, cohort["ended_at"])  # the first day that begins at the end or after
    outcome = cohort["outcome"]

    def ended(how: Outcome) -> NDArray[np.int64]:
        return np.cumsum(np.bincount(day[outcome == how], minlength=len(grid)))

    won = outcome == Outcome.WON
    cents = np.bincount(day[won], cohort["paid_cents"][won], minlength=len(grid))  # whole cents add up exactly
    accrued = np.minimum(days / scenario.run.cohort_days, 1.0)
    return Series(
        won=ended(Outcome.WON),
        lost=ended(Outcome.LOST),
        no_decision=ended(Outcome.NO_DECISION) + ended(Outcome.ELSEWHERE),
        revenue_usd=np.cumsum(cents) / 100,
        cost_usd=summary.sums["cost"] * accrued,
        median_days=_medians(day[won], (cohort["ended_at"] - cohort["arrived_at"])[won], len(grid)),
        waiting=trajectories.waiting(grid),
        waiting_cohort=trajectories.only(np.flatnonzero(cohort.chosen)).waiting(grid),
    )


def _medians(day: NDArray[np.int64], took_us: NDArray[np.int64], days: int) -> NDArray[np.float64]:
    """float64[days], the median of what took until each day, in days; with two in the middle it is the shorter."""
    medians, so_far = np.full(days, np.nan), list[int]()
    order = np.argsort(day, kind="stable")
    for place, took in zip(day[order].tolist(), took_us[order].tolist(), strict=True):
        bisect.insort(so_far, took)
        medians[place:] = so_far[(len(so_far) - 1) // 2] / DAY
    return medians


def _sample(ids: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of these buyers, evenly spread over each channel's arrivals."""
    if len(ids) <= most:
        return ids
    turn = ids.astype(np.uint64) * _GOLDEN  # wraps around
    return ids[np.sort(np.argsort(turn, kind="stable")[:most])]


def _known(runs: Sequence[_Run], ids: NDArray[np.int64], name: str) -> np.ndarray:
    """What is known of each buyer in any run to which it came; it is the same in all of them."""
    values = np.zeros(len(ids), runs[0].result.report.history[name].dtype)
    for run in runs:
        places = run.places(ids)
        values[places >= 0] = run.result.report.history[name][places[places >= 0]]
    return values


def _arm(run: _Run, scenario: Scenario, name: str, ids: NDArray[np.int64]) -> PlaybackArm:
    places = run.places(ids)
    came, history = places >= 0, run.result.report.history

    def fact(column: str) -> np.ndarray:
        values = np.zeros(len(ids), history[column].dtype)
        values[came] = history[column][places[came]]
        return values

    kept = np.zeros(len(history), bool)
    kept[places[came]] = True
    return PlaybackArm(
        organisation=name,
        headcount=tuple(np.bincount(run.result.setup.person_role, minlength=ROLES).tolist()),
        came=came,
        trajectories=run.trajectories.only(places),
        series=run.series,
        lives=Histories.of(run.result, kept),
        paid_usd=np.where(fact("outcome") == Outcome.WON, fact("paid_cents"), 0) / 100.0,
        asked_again=fact("asked_again"),
        handoffs=fact("handoffs"),
        contradictions=fact("contradictions"),
        summary=run.summary,
    )
