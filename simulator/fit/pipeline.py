"""The steps of a calibration, how far they are, and the runs that each of them takes."""

import dataclasses
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.fit.calibration import (
    FACTS,
    LEVEL,
    OURS,
    DrawnStream,
    HoldoutCheck,
    OrganisationReplay,
    PosteriorFit,
    facts_of,
)
from simulator.fit.event_times import event_times_of_run
from simulator.fit.lead_stream import LeadStream
from simulator.fit.observed_statistics import ObservedStatistics
from simulator.fit.posterior import posterior
from simulator.fit.prior import Prior
from simulator.fit.response_surface import ResponseSurface, Rows
from simulator.fit.runs import Runs, RunStore, cube
from simulator.model.words import Outcome
from simulator.questions.frame.runs import Simulate
from simulator.results.summary import summarise
from simulator.scenario.checked import Checked
from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    from simulator.fit.direct_estimates import DirectEstimate
    from simulator.fit.holdout import Holdout
    from simulator.fit.point_estimate import PointEstimate
    from simulator.fit.profile_likelihood import Profile

#: Told how much is done and how much there is, and what the work is at.
Tell = Callable[..., None]

#: The box in which sets are drawn again: this central share of the likely ones, and this much of the range more.
_BOX_LEVEL, _BOX_MARGIN = 0.98, 0.04
#: Simulated exports on which the intervals are tried, those most like the real one; sets drawn of each.
_TRIED, _SETS_OF_A_TRIAL = 40, 120
#: Runs of each likely set: two tell chance apart from what sets differ by.
_LOOKS = 2
DAYS_PER_YEAR = 365.0
#: Buyers a year that a drawn stream has at least, so that a share of them can be told.
_LEAST_A_YEAR = 2000.0
#: Least parameter sets for each free parameter.
_LEAST = 10
#: First replications of kinds of runs that must not share their luck.
_PRIOR_LUCK, _BOX_LUCK, _DRAW_LUCK, _SEARCH_LUCK, _HOLDOUT_LUCK = 0, 10**7, 2 * 10**7, 3 * 10**7, 4 * 10**7
_LUCK_OF_A_CHECK = 10**6


class Pipeline:
    """The steps of a fit, and how far they are."""

    def __init__(
        self,
        scenario: Checked,
        stream: LeadStream,
        prior: Prior,
        folder: Path | None,
        tell: Tell | None,
        simulate: Simulate | None,
        all_statistics: Sequence[ObservedStatistics],
        holdouts: "Sequence[Holdout]",
    ) -> None:
        self._settings = settings = scenario.study.fit
        self._prior, self._all_statistics = prior, all_statistics
        self._scenario, self._stream, self._tell = scenario, stream, tell
        arms = len(scenario.compared())
        self._total = (
            settings.points + settings.rounds * settings.narrowed * len(all_statistics) + settings.draws * _LOOKS
            + settings.trials * settings.replications + settings.draws * (settings.replications * len(holdouts) + arms)
        )  # fmt: skip
        self._done, self._at = 0, ""
        least = _LEAST * len(prior)
        if settings.points < least:
            raise ScenarioError(
                f"study.fit.points must be at least {_LEAST} for each of the {len(prior)} free parameters ({least:,}), "
                f"got {settings.points:,}; or hold some with study.fit.hold"
            )
        self._least = least
        deadline = time.monotonic() + settings.seconds if settings.seconds else None
        self._runs = Runs(prior, stream, RunStore(folder, _key(scenario, stream)), self._report, simulate, deadline)
        self._say("reading")

    def prior_sets(self) -> tuple[Rows, list[Rows]]:
        """Sets of the prior: float64[sets, parameters], and the statistics of them on each day."""
        self._say("sets of the prior")
        settings, size = self._settings, len(self._prior)
        points = cube(settings.points, size, settings.seed, np.zeros(size), np.ones(size))
        widths = [len(statistics.numbers) for statistics in self._all_statistics]
        rows = self._runs.rows(
            "prior", points, sum(widths), self._look(self._all_statistics), first=_PRIOR_LUCK, may_stop=True
        )
        points, rows = _whole(points[: len(rows)], rows)
        if len(points) < self._least:
            raise ScenarioError(
                f"study.fit.seconds must leave time for {self._least:,} parameter sets, {_LEAST} for each that is "
                f"free, got {settings.seconds:g} s, enough for {len(points):,}; --resume goes on with them"
            )
        self._done = settings.points
        return points, np.split(rows, np.cumsum(widths)[:-1], axis=1)

    def fitted(self, place: int, statistics: ObservedStatistics, points: Rows, numbers: Rows) -> PosteriorFit:
        """What is likely after the statistics of one day, from sets of the prior and sets drawn again."""
        day = f"{self._stream.day(statistics.until - 1):%Y-%m-%d}"
        self._say(f"sets after {day}" if place else "sets after the export")
        settings, size = self._settings, len(self._prior)
        begun, last = self._done, (points, numbers, np.zeros(size), np.ones(size))
        prior_distance = ResponseSurface(*last).seen(statistics.observed, statistics.luck)
        likely = posterior(prior_distance, settings.seed)
        for turn in range(settings.rounds):
            low, high = likely.intervals(_BOX_LEVEL)
            low, high = np.clip(low - _BOX_MARGIN, 0.0, 1.0), np.clip(high + _BOX_MARGIN, 0.0, 1.0)
            kind, number = f"box_{place}_{turn}", 10 * place + turn
            again = cube(settings.narrowed, size, settings.seed + 1 + number, low, high)
            rows = self._runs.rows(kind, again, len(statistics.numbers), self._look([statistics]),
                                   first=_BOX_LUCK * (number + 10), may_stop=True)  # fmt: skip
            again, rows = _whole(again[: len(rows)], rows)
            inside = ((points >= low) & (points <= high)).all(axis=1)
            if len(again) + inside.sum() < self._least:
                break
            points, numbers = np.vstack([points[inside], again]), np.vstack([numbers[inside], rows])
            last = points, numbers, low, high
            likely = posterior(ResponseSurface(*last).seen(statistics.observed, statistics.luck), settings.seed)
            self._done = begun + (turn + 1) * settings.narrowed
        self._done = begun + settings.rounds * settings.narrowed
        return PosteriorFit(statistics, likely, prior_distance, last)

    def coverage(self, fit: PosteriorFit) -> Rows:
        """Share of the intervals of simulated exports that hold the truth."""
        self._say("trying the intervals")
        return _coverage(fit.statistics.observed, fit.statistics.luck, *fit.last_surface, self._settings.seed)

    def seen(self, draws: Rows, statistics: ObservedStatistics) -> Rows:
        """float64[draws, runs, numbers] of likely sets."""
        self._say("likely sets")
        width = len(statistics.numbers)
        rows = self._runs.rows("draws", draws, width, self._look([statistics]), first=_DRAW_LUCK, replications=_LOOKS)
        return rows.reshape(len(draws), _LOOKS, width)

    def best(self, draws: Rows, fit: PosteriorFit, chance: Rows) -> "PointEstimate":
        """The set to go on with."""
        from simulator.fit.point_estimate import search  # brings optuna

        self._say("the best set")
        settings, width, runs = self._settings, len(fit.statistics.numbers), self._settings.replications

        def run(point: Rows, number: int) -> Rows:
            return self._runs.rows("best", point[None], width, self._look([fit.statistics]), first=_SEARCH_LUCK,
                                   replications=runs, before=number * runs)  # fmt: skip

        trials = settings.trials or len(draws)
        return search(
            run, draws, fit.posterior.intervals(LEVEL), fit.statistics.observed, chance, trials, runs, settings.seed
        )

    def profiles(self, fit: PosteriorFit, draws: Rows) -> "Sequence[Profile]":
        """The profile of each parameter."""
        from simulator.fit.profile_likelihood import profiles  # brings scipy.optimize

        self._say("profiles")
        return profiles(fit.prior_distance, draws[:4])

    def check(self, place: int, holdout: "Holdout", fit: PosteriorFit) -> HoldoutCheck:
        """Predictions of the leads after a cutoff, and how good they were."""
        from simulator.fit.null_models import predictions
        from simulator.fit.scoring_rules import scored

        self._say(f"predictions after {holdout.day:%Y-%m-%d}")
        settings = self._settings
        draws = fit.posterior.drawn(settings.draws, settings.seed + 1 + place)
        first = _HOLDOUT_LUCK + place * _LUCK_OF_A_CHECK
        rows = self._runs.rows(f"holdout_{place}", draws, holdout.width, holdout.look, first=first,
                               replications=settings.replications)  # fmt: skip
        predicted = {OURS: rows, **predictions(holdout, len(rows), settings.seed)}
        return HoldoutCheck(holdout, scored(holdout, self._stream.event_times, predicted, settings.seed))

    def replays(self, draws: Rows) -> Sequence[OrganisationReplay]:
        """The export's leads in each organisation, with every likely set, the same luck in all of them."""
        fitted = self._prior.organisation
        replays = []
        for name in (fitted, *(other for other in self._scenario.compared() if other != fitted)):
            self._say(f"the leads in {name}")
            rows = self._runs.rows(f"replay_{name}", draws, len(FACTS), self._facts(name), organisation=name,
                                   first=_DRAW_LUCK)  # fmt: skip
            replays.append(OrganisationReplay(name, dict(zip(FACTS, rows.T, strict=True))))
        return replays

    def drawn(self, values: Mapping[str, float], direct: "Sequence[DirectEstimate]") -> DrawnStream:
        """What a drawn stream takes to bring the export's leads, from one run of it and one of the replay."""
        weekly = {estimate.of: estimate.value for estimate in direct if estimate.name == "leads a week"}
        leads_per_year = weekly.pop("all channels") * DAYS_PER_YEAR / 7
        paid = next((estimate.value for estimate in direct if estimate.unit == "usd"), None)
        replayed = self._prior.at(values)
        shares = {
            name: dataclasses.replace(channel, share=weekly.get(name, 0.0))
            for name, channel in replayed.market.channels.items()
        }
        a_year = max(leads_per_year, _LEAST_A_YEAR)
        drawn = {"market.leads.path": "", "market.inquiries_per_year": a_year, "market.channels": shares}
        scenario = replayed.with_(drawn)
        report = self._runs.once(scenario, None).report
        known = report.history["inquiry_at" if self._scenario.crm.enter_as == "inquiry" else "mql_at"] >= 0
        came = report.history["arrived_at"] < self._stream.until // 2  # the others had less time
        share = max(float(np.mean(known[came])) if came.any() else 0.0, 0.01)
        factor = None
        if paid is not None:
            history = self._runs.once(replayed, self._stream.arrivals).report.history
            prices = history["paid_cents"][history["outcome"] == Outcome.WON] / 100.0
            factor = paid / float(np.median(prices)) if len(prices) else None
        rounded = {name: float(f"{value:.4g}") for name, value in weekly.items()}
        return DrawnStream(float(f"{leads_per_year / share:.4g}"), rounded, share, factor)

    def _facts(self, organisation: str) -> Callable[[Any], Rows]:
        stream = self._stream

        def look(result: Any) -> Rows:
            event_times = event_times_of_run(result, stream.until)
            summary = summarise(result, self._prior.scenario, organisation, 0)
            return facts_of(event_times, stream.arrivals.at_us, stream.whole, summary.sums["cost"])

        return look

    def _look(self, all_statistics: Sequence[ObservedStatistics]) -> Callable[[Any], Rows]:
        def look(result: Any) -> Rows:
            days = {statistics.until for statistics in all_statistics}
            event_times = {until: event_times_of_run(result, until) for until in days}
            return np.concatenate([statistics(event_times[statistics.until]) for statistics in all_statistics])

        return look

    def _say(self, at: str) -> None:
        self._at = at
        self._report(0)

    def _report(self, done: int) -> None:
        self._done += done
        if self._tell:
            self._tell(min(self._done, self._total), self._total, f"({self._at})")


def _whole(points: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Sets that could be run."""
    good = np.isfinite(rows).all(axis=1)
    return points[good], rows[good]


def _coverage(observed: Rows, luck: Rows, points: Rows, numbers: Rows, low: Rows, high: Rows, seed: int) -> Rows:
    """Share of the intervals that hold the truth, for each parameter, of simulated exports.

    They are those whose numbers are most like the real one's, and none of them is among the sets behind their fits.
    """
    away = (((numbers - observed) / np.maximum(numbers.std(axis=0), 1e-9)) ** 2).sum(axis=1)
    tried = np.argsort(away, kind="stable")[: min(_TRIED, len(points) // 10)]
    others = np.setdiff1d(np.arange(len(points)), tried)
    surface = ResponseSurface(points[others], numbers[others], low, high)
    held = np.zeros(points.shape[1])
    for number in tried:
        ends = posterior(surface.seen(numbers[number], luck), seed, _SETS_OF_A_TRIAL).intervals(LEVEL)
        held += (ends[0] <= points[number]) & (points[number] <= ends[1])
    return held / len(tried)


def _key(scenario: Checked, stream: LeadStream) -> dict[str, Any]:
    """What rows that are kept depend on."""
    from simulator.model.compiling import sources_digest

    event_times = stream.event_times
    digest = hashlib.sha256()
    for part in (stream.arrivals.at_us, stream.arrivals.who, event_times.won, event_times.lost, event_times.contact,
                 *event_times.entered.values()):  # fmt: skip
        digest.update(np.ascontiguousarray(part).tobytes())
    digest.update("\n".join(stream.arrivals.channels).encode())
    whole_question = dataclasses.asdict(scenario)
    whole_question["run"] |= {"threads": 0, "seed": 0}
    whole_question["study"]["fit"]["seconds"] = 0.0
    settings = hashlib.sha256(repr(whole_question).encode()).hexdigest()
    return {"export": digest.hexdigest(), "settings": settings, "model": sources_digest()}
