"""Which values of what the sources leave open let one organisation meet the published figures?

Every parameter set meets the same buyers with the same luck (common random numbers), so that two sets differ by what
they say and not by chance. The search begins with the present values; its trials are in turn proposals of a
tree-structured Parzen estimator (Bergstra et al. 2011; Akiba et al. 2019), which learns from all, and steps from the
best set so far. The best few are run more often, and the best of those is measured on other seeds for the report.

A search finds luck if it can: sets that meet a figure on these few runs only, or at the edge of a cliff (a median falls
from months to days where half the deals are quick). So the distance of a set in the search is its mean over bootstrap
resamples of the replications, the same resamples for every set.
"""

import contextlib
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from optuna.trial import TrialState

from simulator.fit.parzen import distribution, parzen_study
from simulator.questions.calibrate_defaults.free import calibrated_organisation, free_parameters, refuse
from simulator.questions.calibrate_defaults.patterns import (
    CHECKS,
    PATTERNS,
    Pattern,
    available,
    distance,
    full_tally,
    measured,
    tally,
)
from simulator.questions.frame.runs import Simulate, check_leads, resolved, threads_of
from simulator.questions.frame.workers import in_order
from simulator.results.estimate import Estimate
from simulator.results.summary import Summary
from simulator.scenario.checked import Checked
from simulator.scenario.free import FreeParameter, settings_of, with_values
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

#: A value of a parameter fits as well as the best while the distance grows by no more than the greater of these.
FLAT_SHARE, FLAT_AMOUNT = 0.1, 0.25

#: Bootstrap resamples of the replications over which a distance in the search is averaged.
_RESAMPLES = 16

#: Share of the trials that are drawn evenly from the ranges before the sampler begins to learn, and their least number.
_AT_RANDOM, _LEAST_AT_RANDOM = 0.1, 10

#: A step from the best set moves each parameter with this chance, by a normal length in units of its range; the first
#: standard deviation, and the factors on it after a step to a better set and after any other (Rechenberg 1973).
_MOVED, _FIRST_STEP, _AFTER_BETTER, _AFTER_WORSE = 0.25, 0.1, 1.6, 0.93

#: Called with parameter sets done and in all, those of the profiles included, and the least distance so far.
Tell = Callable[[int, int, float], None]


@dataclass(frozen=True)
class Trial:
    """One parameter set on the seeds of the search; a refused one has no estimates and an infinite distance.

    Attributes
    ----------
    again : distance when run more often, of finalists.
    """

    number: int
    values: Mapping[str, float]
    estimates: Mapping[str, float]
    distance: float
    again: float | None = None


@dataclass(frozen=True)
class Profile:
    """Distances on the seeds of the search as one parameter moves and the others stay at the best set.

    Attributes
    ----------
    low, high : ends of the values next to the best one that fit as well; to the nearest point that was tried.
    flat : whether that is the whole range.
    """

    points: Sequence[tuple[float, float]]
    low: float
    high: float
    flat: bool


@dataclass(frozen=True)
class Measured:
    """A parameter set on the seeds of the report."""

    estimates: Mapping[str, Estimate]
    distance: float


@dataclass(frozen=True)
class DefaultsCalibration:
    """What a calibration found.

    Attributes
    ----------
    patterns, checks : those that the model can speak of.
    missing : patterns that it cannot speak of yet.
    defaults, found : the present values and the best ones, on the seeds of the report; ``found`` is None if no search
        was asked for.
    best : the trial whose values are ``found``.
    trials : in order; the first is the present values.
    interrupted : the search was stopped before its last trial.
    """

    scenario: Checked
    organisation: str
    free: Sequence[FreeParameter]
    patterns: Sequence[Pattern]
    checks: Sequence[Pattern]
    missing: Sequence[Pattern]
    defaults: Measured
    found: Measured | None = None
    best: Trial | None = None
    trials: Sequence[Trial] = ()
    profiles: Mapping[str, Profile] = dataclasses.field(default_factory=dict)
    interrupted: bool = False

    @property
    def sets(self) -> dict[str, Measured]:
        """The measured parameter sets by name, in the order in which they are shown."""
        return {"defaults": self.defaults} | ({"found": self.found} if self.found else {})

    @property
    def values(self) -> Mapping[str, float]:
        """The values found, by name of the free parameter."""
        return self.best.values if self.best else {}

    def settings(self) -> dict[str, float]:
        """Dotted path -> value of the best set."""
        return settings_of(self.scenario, self.free, self.values)


def calibrate_defaults(
    scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None
) -> DefaultsCalibration:
    """Search the free parameters, measure the best set and the present one on the seeds of the report.

    Parameters
    ----------
    scenario : the question, with its free parameters in ``study.calibration``; left as it is.
    progress : told before the search and after each trial.
    simulate : in place of `simulator.run.simulate`.

    An interrupt (Ctrl-C) ends the search, not the calibration: the best so far is reported.

    Raises
    ------
    ScenarioError
        Before anything runs, when the scenario or its free parameters are refused.
    """
    scenario = resolved(scenario)
    refuse(scenario)
    check_leads(scenario)
    organisation, free = calibrated_organisation(scenario), free_parameters(scenario)
    settings, run = scenario.study.calibration, scenario.run
    runs = _Runs(organisation, threads_of(scenario.run), simulate or _simulate())
    present = with_values(scenario, free, {parameter.name: parameter.default for parameter in free})
    summaries = runs(present, run.seed, run.replications, full_tally)
    patterns, checks = available(PATTERNS, summaries[0]), available(CHECKS, summaries[0])
    calibration = DefaultsCalibration(
        scenario, organisation, free, patterns, checks,
        missing=[pattern for pattern in PATTERNS if pattern not in patterns],
        defaults=_measured(patterns, checks, summaries),
    )  # fmt: skip
    if not settings.trials:
        return calibration
    search = _Search(scenario, free, patterns, runs, progress)
    interrupted = False
    try:
        search.explore()
        search.run_finalists_again()
        search.profile()
    except KeyboardInterrupt:
        if not search.trials:
            raise
        interrupted = True
    summaries = runs(with_values(scenario, free, search.best.values), run.seed, run.replications, full_tally)
    return dataclasses.replace(
        calibration,
        found=_measured(patterns, checks, summaries),
        best=search.best,
        trials=search.trials,
        profiles=search.profiles,
        interrupted=interrupted,
    )


def _measured(patterns: Sequence[Pattern], checks: Sequence[Pattern], summaries: Sequence[Summary]) -> Measured:
    estimates = measured([*patterns, *checks], summaries)
    return Measured(estimates, distance({key: estimate.value for key, estimate in estimates.items()}, patterns))


def _values(patterns: Sequence[Pattern], summaries: Sequence[Summary]) -> dict[str, float]:
    return {key: estimate.value for key, estimate in measured(patterns, summaries).items()}


class _Runs:
    """Replications of one organisation on threads, reduced to summaries."""

    def __init__(self, organisation: str, threads: int, simulate: Simulate) -> None:
        self._organisation, self._threads, self._simulate = organisation, threads, simulate

    def __call__(
        self, scenario: Checked, seed: int, replications: int, reduce: Callable[[Any], Summary]
    ) -> list[Summary]:
        def job(replication: int) -> Summary:
            how = {"seed": seed, "replication": replication, "engine": scenario.run.engine, "record": "journeys"}
            return reduce(self._simulate(scenario, self._organisation, **how))

        with contextlib.closing(in_order(job, range(replications), self._threads)) as outcomes:
            return list(outcomes)


class _Search:
    """Parameter sets and their distances on the seeds of the search."""

    def __init__(
        self,
        scenario: Checked,
        free: Sequence[FreeParameter],
        patterns: Sequence[Pattern],
        runs: _Runs,
        tell: Tell | None,
    ) -> None:
        self._scenario, self._free, self._patterns, self._runs = scenario, free, patterns, runs
        self._settings = settings = scenario.study.calibration
        self._reduce: Callable[[Any], Summary] | None = None
        self._tell, self._done = tell, 0
        self._finalists = min(settings.finalists, settings.trials)
        self._total = settings.trials + self._finalists + len(free) * settings.profile_points
        self.trials: list[Trial] = []
        self.profiles: dict[str, Profile] = {}

    @property
    def best(self) -> Trial:
        """The least distance, among the finalists once they have been run again."""
        again = [trial for trial in self.trials if trial.again is not None]
        return min(again or self.trials, key=lambda trial: trial.distance if trial.again is None else trial.again)

    def explore(self) -> None:
        """Run the trials of the search; the first is the present values."""
        settings = self._settings
        at_random = max(_LEAST_AT_RANDOM, round(_AT_RANDOM * settings.trials))
        study = parzen_study(at_random, settings.seed)
        study.enqueue_trial({parameter.name: parameter.default for parameter in self._free})
        ranges = {parameter.name: distribution(parameter) for parameter in self._free}
        steps = _Steps(self._free, settings.seed)
        self._told(0)
        for number in range(settings.trials):
            stepping = number > 0 and number % 2 == 0
            if stepping:
                study.enqueue_trial(steps.next())
            proposal = study.ask(ranges)
            trial = self._tried(number, proposal.params)
            if math.isfinite(trial.distance):
                study.tell(proposal, trial.distance)
            else:
                study.tell(proposal, state=TrialState.PRUNED)
            steps.learn(trial, stepping)
            self.trials.append(trial)
            self._told(1)

    def run_finalists_again(self) -> None:
        """Run the best sets more often: the least of many noisy distances is partly luck."""
        for trial in sorted(self.trials, key=lambda trial: trial.distance)[: self._finalists]:
            again = self._tried(trial.number, trial.values, self._settings.finalist_replications)
            self.trials[trial.number] = dataclasses.replace(trial, again=again.distance)
            self._told(1)

    def profile(self) -> None:
        """Move one parameter at a time through its range, around the best set."""
        count = self._settings.profile_points
        for parameter in self._free if count else ():
            self.profiles[parameter.name] = self._profile(parameter, count)
            self._told(count)

    def _told(self, done: int) -> None:
        self._done += done
        if self._tell:
            self._tell(self._done, self._total, self.best.distance if self.trials else math.inf)

    def _tried(self, number: int, values: Mapping[str, float], replications: int = 0) -> Trial:
        """Run one parameter set; it is refused if its values contradict each other."""
        values = {parameter.name: parameter.tried(values[parameter.name]) for parameter in self._free}
        try:
            candidate = with_values(self._scenario, self._free, values)
        except ScenarioError:
            return Trial(number, values, {}, math.inf)
        count = replications or self._settings.replications
        summaries = self._runs(candidate, self._settings.seed, count, self._reduce or self._chosen)
        return Trial(number, values, _values(self._patterns, summaries), self._mean_distance(summaries))

    def _mean_distance(self, summaries: Sequence[Summary]) -> float:
        """Distance averaged over resamples of the replications; one replication has only itself."""
        count = len(summaries)
        draws = np.random.default_rng(self._settings.seed).integers(count, size=(_RESAMPLES if count > 1 else 1, count))
        resamples = ([summaries[i] for i in draw] for draw in draws)
        return fmean(distance(_values(self._patterns, resample), self._patterns) for resample in resamples)

    def _chosen(self, result: Any) -> Summary:
        """The quick tally if it serves all patterns, else the full one; decided at the first run."""
        quick = tally(result)
        self._reduce = tally if len(available(self._patterns, quick)) == len(self._patterns) else full_tally
        return self._reduce(result)

    def _profile(self, parameter: FreeParameter, count: int) -> Profile:
        best = self.best
        middle = best.values[parameter.name]
        grid = sorted({*_grid(parameter, count), middle})
        distances = [
            best.distance if value == middle else self._tried(0, {**best.values, parameter.name: value}).distance
            for value in grid
        ]
        allowed = best.distance + max(FLAT_AMOUNT, FLAT_SHARE * best.distance)
        low = high = grid.index(middle)
        while low > 0 and distances[low - 1] <= allowed:
            low -= 1
        while high < len(grid) - 1 and distances[high + 1] <= allowed:
            high += 1
        flat = count > 1 and low == 0 and high == len(grid) - 1
        return Profile(list(zip(grid, distances, strict=True)), grid[low], grid[high], flat)


class _Steps:
    """Random steps from the best set so far, longer after success and shorter after failure."""

    def __init__(self, free: Sequence[FreeParameter], seed: int) -> None:
        self._free, self._draw = free, np.random.default_rng(seed)
        self._best: Mapping[str, float] = {}
        self._length = _FIRST_STEP
        self.distance = math.inf

    def learn(self, trial: Trial, stepped: bool) -> None:
        """Take note of a trial, and of whether a step led to it."""
        better = trial.distance < self.distance
        if better:
            self._best, self.distance = trial.values, trial.distance
        if stepped:
            self._length = min(self._length * (_AFTER_BETTER if better else _AFTER_WORSE), 1.0)

    def next(self) -> dict[str, float]:
        """Values of every parameter after one more step."""
        count = len(self._free)
        moved = self._draw.random(count) < _MOVED
        moved[self._draw.integers(count)] = True
        by = self._draw.normal(0.0, self._length, count) * moved
        return {
            free.name: _at(free, _share(free, self._best[free.name]) + by[i]) if moved[i] else self._best[free.name]
            for i, free in enumerate(self._free)
        }


def _share(free: FreeParameter, value: float) -> float:
    """Where a value lies in its range: 0 at the low end, 1 at the high one."""
    if free.log:
        return math.log(value / free.low) / math.log(free.high / free.low)
    return (value - free.low) / (free.high - free.low)


def _at(free: FreeParameter, share: float) -> float:
    """The value at a share of the range; a share beyond an end is taken to the end."""
    share = min(max(share, 0.0), 1.0)
    value = free.low * (free.high / free.low) ** share if free.log else free.low + (free.high - free.low) * share
    return round(value) if free.whole else free.tried(value)


def _grid(free: FreeParameter, count: int) -> list[float]:
    """Evenly spaced values over a parameter's range, its ends included."""
    return [_at(free, float(share)) for share in np.linspace(0.0, 1.0, count)]


def _simulate() -> Simulate:
    from simulator.run import simulate  # compiles: only when it is needed

    return simulate
