"""Which values let our organisation make the funnel of our export, what can it not tell, and does the fit predict?

The export's own leads are replayed, one by one, with parameter sets from the prior (`fitting.prior`), and looked at as the
export looks at the real ones (`fitting.sight`). Which sets are likely is told by `fitting.posterior`; sets are drawn
again where it leaves the truth (Deistler, Goncalves and Macke 2022, with a box for the truncated prior), and it is told anew.
`fitting.profile` says which parameters the export cannot tell, `fitting.best` chooses one set to go on with.

The check is a fit to what was known on an earlier day, which predicts the leads that came then (`fitting.ahead`), beside
two predictions without a model (`fitting.nulls`). What an earlier export would have shown does not depend on later leads,
as no lead that comes later changes what happened before. So the runs of the prior are the same for all fits.
"""

import dataclasses
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.domain.scenario import Scenario
from simulator.domain.schema import ScenarioError
from simulator.domain.words import Outcome
from simulator.results.crm_export import NEVER
from simulator.results.summary import DAY, summarise
from simulator.studies.compare import Simulate, resolved
from simulator.studies.fitting.fates import Fates, fates_of_run
from simulator.studies.fitting.posterior import Posterior, posterior
from simulator.studies.fitting.prior import Prior, check_free, prior_of
from simulator.studies.fitting.runs import Kept, Runs, cube
from simulator.studies.fitting.sight import Sight
from simulator.studies.fitting.stream import Stream, stream_of
from simulator.studies.fitting.surface import Distance, Rows, Surface

if TYPE_CHECKING:
    from simulator.inputs.funnel import Funnel
    from simulator.studies.fitting.ahead import Ahead
    from simulator.studies.fitting.best import Best
    from simulator.studies.fitting.direct import Direct
    from simulator.studies.fitting.profile import Profile
    from simulator.studies.fitting.scores import Scored

#: Told how much is done and how much there is, and what the work is at.
Tell = Callable[..., None]

#: Central share of the likely sets that an interval takes in.
LEVEL = 0.9
#: A parameter whose interval is wider than this share of its prior's is not told by the export.
UNTOLD = 0.85
#: Statuses of a parameter.
FITTED, HELD, UNTOLD_STATUS = "fitted", "held", "not identifiable"

#: The box in which sets are drawn again: this central share of the likely ones, and this much of the range more.
_BOX_LEVEL, _BOX_MARGIN = 0.98, 0.04
#: Simulated exports on which the intervals are tried, those most like the real one; steps of the chains there.
_TRIED, _STEPS_OF_A_TRIAL = 60, 60
#: Sets from which chains begin.
_STARTS = 40
#: Runs of each likely set: two tell chance apart from what sets differ by.
_LOOKS = 2
DAYS_PER_YEAR = 365.0
#: Buyers a year that a drawn stream has at least, so that a share of them can be told.
_LEAST_A_YEAR = 2000.0
#: Least parameter sets for each free parameter.
_LEAST = 10
#: First replications of kinds of runs that must not share their luck.
_PRIOR_LUCK, _BOX_LUCK, _DRAW_LUCK, _SEARCH_LUCK, _AHEAD_LUCK = 0, 10**7, 2 * 10**7, 3 * 10**7, 4 * 10**7
_LUCK_OF_A_CHECK = 10**6


@dataclass(frozen=True)
class Fitted:
    """What an export leaves likely, as seen on one day.

    Attributes
    ----------
    likely : parameter sets with their weights.
    box : the part of the prior in which sets were drawn again.
    held_truths : share of the intervals of simulated exports like this one that held what had made them, by parameter.
    everywhere : distance from the export over all of the prior.
    """

    sight: Sight
    likely: Posterior
    box: tuple[Rows, Rows]
    held_truths: Rows
    everywhere: Distance


@dataclass(frozen=True)
class Check:
    """Leads that a fit had not seen, and the predictions of every model, ours first."""

    ahead: "Ahead"
    scores: "Mapping[str, Scored]"


@dataclass(frozen=True)
class Lived:
    """What the export's leads became in one organisation.

    Attributes
    ----------
    facts : name -> float64[draws], of each likely set.
    """

    organisation: str
    facts: Mapping[str, Rows]


@dataclass(frozen=True)
class Drawn:
    """What lets buyers be drawn in place of the export's leads, at the rate and the prices of the export.

    Attributes
    ----------
    arrivals_per_year : buyers who begin research, such that as many become leads as the export has.
    shares : of the arrivals by channel.
    known_share : share of the drawn buyers who become leads.
    value_factor : by which the scenario's deal values are to be multiplied; None if the export has none.
    """

    arrivals_per_year: float
    shares: Mapping[str, float]
    known_share: float
    value_factor: float | None


@dataclass(frozen=True)
class Calibrated:
    """What a calibration found.

    Attributes
    ----------
    fit : of the whole export.
    statuses : of each free parameter.
    profiles : of each free parameter.
    draws : float64[draws, parameters], likely sets; ``seen`` float64[draws, runs, numbers] what the export would show.
    best : the set to go on with; ``values`` its values.
    checks : of each cutoff.
    lived : the export's leads in each organisation compared, the fitted one first.
    direct : what the export tells without a model; ``drawn`` what follows of it for a stream that is drawn.
    points : how many sets of the prior were run, of those asked for.
    folder : where runs are kept, if they are.
    """

    scenario: Scenario
    funnel: "Funnel"
    stream: Stream
    prior: Prior
    fit: Fitted
    statuses: Sequence[str]
    profiles: "Sequence[Profile]"
    draws: Rows
    seen: Rows
    best: "Best"
    checks: Sequence[Check]
    lived: Sequence[Lived]
    direct: "Sequence[Direct]"
    drawn: Drawn
    points: tuple[int, int]
    folder: Path | None = None

    @property
    def values(self) -> dict[str, float]:
        """The values of the chosen set, by name."""
        return self.prior.values(self.best.point)

    @property
    def chance(self) -> Rows:
        """float64[numbers], standard deviation that luck alone gives a number."""
        return chance_of(self.seen)


#: Name of our own predictions.
OURS = "simulator"


def refuse(scenario: Scenario) -> None:
    """Refuse what cannot be fitted, before anything is read."""
    if not scenario.crm.leads:
        raise ScenarioError("crm.leads must name a file of leads, CSV or Parquet, for study=calibrate, got ''")
    if scenario.crm.leads and not (scenario.crm.deals or scenario.crm.one_file):
        raise ScenarioError("crm.deals must name a file of deals for study=calibrate, unless crm.one_file, got ''")
    if scenario.study.fit.seed == scenario.run.seed:
        raise ScenarioError(
            "study.fit.seed must differ from run.seed: what is compared must be other luck than what was fitted to, got "
            f"{scenario.run.seed}"
        )
    check_free(scenario)


def calibrate(
    scenario: Scenario, progress: Tell | None = None, *, folder: Path | None = None, simulate: Simulate | None = None
) -> Calibrated:
    """Fit one organisation to an export, check the fit, and replay the leads through the others.

    Parameters
    ----------
    scenario : the question, with its export in ``crm`` and its settings in ``study.fit``; left as it is.
    folder : where runs are kept, so that a fit that was stopped goes on from them; None keeps nothing.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        When the export or the free parameters are refused, before anything runs.
    """
    from threadpoolctl import threadpool_limits

    scenario = resolved(scenario)
    refuse(scenario)
    with threadpool_limits(1, user_api="blas"):  # many small products, on which threads only wait for each other
        return _calibrated(scenario, progress, folder, simulate)


def _calibrated(scenario: Scenario, progress: Tell | None, folder: Path | None, simulate: Simulate | None) -> Calibrated:
    from simulator.inputs.read_crm import read_funnel  # brings pandas and pyarrow
    from simulator.studies.fitting.ahead import aheads
    from simulator.studies.fitting.direct import arrivals, values

    settings = scenario.study.fit
    funnel = read_funnel(scenario.crm)
    stream = stream_of(funnel, scenario.crm)
    prior = prior_of(scenario, stream)
    own = list(prior.own)
    ahead = aheads(stream, own, settings.cutoffs, settings.weeks, settings.horizon_days)
    sights = [stream.sight(own, until) for until in (stream.until, *(one.cutoff for one in ahead))]
    work = _Work(scenario, stream, prior, folder, progress, simulate, sights, ahead)
    points, numbers = work.prior_sets()
    fits = [work.fitted(place, sight, points, numbers[place]) for place, sight in enumerate(sights)]
    fit = fits[0]
    draws = fit.likely.drawn(settings.draws, settings.seed)
    seen = work.seen(draws, fit.sight)
    best = work.best(draws, fit, chance_of(seen))
    profiles = work.profiles(fit, draws)
    checks = [work.check(place, one, found) for place, (one, found) in enumerate(zip(ahead, fits[1:], strict=True))]
    lived = work.lived(draws)
    paid = values(funnel.leads["value_usd"][funnel.leads["outcome"] == "won"].to_numpy(np.float64))
    statuses = [
        UNTOLD_STATUS if one.flat or _width(fit.likely, place) > UNTOLD else FITTED
        for place, one in enumerate(profiles)
    ]
    told = [*arrivals(stream), *([paid] if paid else [])]
    drawn = work.drawn(prior.values(best.point), told)
    return Calibrated(
        scenario, funnel, stream, prior, fit, statuses, profiles, draws, seen, best, checks, lived, told, drawn,
        (len(points), settings.points), folder,
    )  # fmt: skip


def chance_of(seen: Rows) -> Rows:
    """float64[numbers]: what luck alone makes runs of one set differ by; ``seen`` is float64[sets, runs, numbers]."""
    return np.sqrt(np.maximum(seen.var(axis=1, ddof=1).mean(axis=0), 1e-6))


def _width(likely: Posterior, position: int) -> float:
    """Width of an interval in units of its prior's."""
    low, _, high = likely.interval(position, LEVEL)
    return (high - low) / LEVEL


class _Work:
    """The steps of a fit, and how far they are."""

    def __init__(
        self,
        scenario: Scenario,
        stream: Stream,
        prior: Prior,
        folder: Path | None,
        tell: Tell | None,
        simulate: Simulate | None,
        sights: Sequence[Sight],
        ahead: "Sequence[Ahead]",
    ) -> None:
        self._settings, self._prior, self._sights, self._ahead = scenario.study.fit, prior, sights, ahead
        self._scenario, self._stream, self._tell = scenario, stream, tell
        settings, arms = self._settings, len(scenario.compared())
        self._total = (
            settings.points + settings.narrowed * len(sights) + settings.draws * _LOOKS
            + settings.trials * settings.replications + settings.draws * (settings.replications * len(ahead) + arms)
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
        self._runs = Runs(prior, stream, Kept(folder, _key(scenario, stream)), self._told, simulate, deadline)
        self._say("reading")

    def prior_sets(self) -> tuple[Rows, list[Rows]]:
        """Sets of the prior: float64[sets, parameters], and what each sight shows of them."""
        self._say("sets of the prior")
        settings, size = self._settings, len(self._prior)
        points = cube(settings.points, size, settings.seed, np.zeros(size), np.ones(size))
        widths = [len(sight.numbers) for sight in self._sights]
        rows = self._runs.rows("prior", points, sum(widths), self._look(self._sights), first=_PRIOR_LUCK, may_stop=True)
        points, rows = _whole(points[: len(rows)], rows)
        if len(points) < self._least:
            raise ScenarioError(
                f"study.fit.seconds must leave time for {self._least:,} parameter sets, {_LEAST} for each that is free, "
                f"got {settings.seconds:g} s, enough for {len(points):,}; --resume goes on with them"
            )
        self._done = settings.points
        return points, np.split(rows, np.cumsum(widths)[:-1], axis=1)

    def fitted(self, place: int, sight: Sight, points: Rows, numbers: Rows) -> Fitted:
        """What is likely after one sight, from sets of the prior and sets drawn again."""
        day = f"{self._stream.day(sight.until - 1):%Y-%m-%d}"
        self._say(f"sets after {day}" if place else "sets after the export")
        settings, size = self._settings, len(self._prior)
        everywhere = Surface(points, numbers, np.zeros(size), np.ones(size)).seen(sight.observed)
        likely = posterior(everywhere, _like(points, numbers, sight.observed), settings.seed)
        low, high = likely.intervals(_BOX_LEVEL)
        low, high = np.clip(low - _BOX_MARGIN, 0.0, 1.0), np.clip(high + _BOX_MARGIN, 0.0, 1.0)
        begun, last = self._done, (points, numbers, np.zeros(size), np.ones(size))
        if settings.narrowed:
            again = cube(settings.narrowed, size, settings.seed + 1 + place, low, high)
            rows = self._runs.rows(f"box_{place}", again, len(sight.numbers), self._look([sight]),
                                   first=_BOX_LUCK * (place + 10), may_stop=True)  # fmt: skip
            again, rows = _whole(again[: len(rows)], rows)
            inside = ((points >= low) & (points <= high)).all(axis=1)
            points, numbers = np.vstack([points[inside], again]), np.vstack([numbers[inside], rows])
            if len(points) >= self._least:
                near = Surface(points, numbers, low, high).seen(sight.observed)
                likely = posterior(near, _like(points, numbers, sight.observed), settings.seed)
                last = points, numbers, low, high
        self._done = begun + settings.narrowed
        held = _held_truths(sight.observed, *last, settings.seed)
        return Fitted(sight, likely, (low, high), held, everywhere)

    def seen(self, draws: Rows, sight: Sight) -> Rows:
        """float64[draws, runs, numbers] of likely sets."""
        self._say("likely sets")
        width = len(sight.numbers)
        rows = self._runs.rows("draws", draws, width, self._look([sight]), first=_DRAW_LUCK, replications=_LOOKS)
        return rows.reshape(len(draws), _LOOKS, width)

    def best(self, draws: Rows, fit: Fitted, chance: Rows) -> "Best":
        """The set to go on with."""
        from simulator.studies.fitting.best import search  # brings optuna

        self._say("the best set")
        settings, width, runs = self._settings, len(fit.sight.numbers), self._settings.replications

        def run(point: Rows, number: int) -> Rows:
            return self._runs.rows("best", point[None], width, self._look([fit.sight]), first=_SEARCH_LUCK,
                                   replications=runs, before=number * runs)  # fmt: skip

        trials = settings.trials or len(draws)
        return search(run, draws, fit.box, fit.sight.observed, chance, trials, runs, settings.seed)

    def profiles(self, fit: Fitted, draws: Rows) -> "Sequence[Profile]":
        """The profile of each parameter."""
        from simulator.studies.fitting.profile import profiles  # brings scipy.optimize

        self._say("profiles")
        return profiles(fit.everywhere, draws[:4])

    def check(self, place: int, ahead: "Ahead", fit: Fitted) -> Check:
        """Predictions of the leads after a cutoff, and how good they were."""
        from simulator.studies.fitting.nulls import predictions
        from simulator.studies.fitting.scores import scored

        self._say(f"predictions after {ahead.day:%Y-%m-%d}")
        settings = self._settings
        draws = fit.likely.drawn(settings.draws, settings.seed + 1 + place)
        first = _AHEAD_LUCK + place * _LUCK_OF_A_CHECK
        rows = self._runs.rows(f"ahead_{place}", draws, ahead.width, ahead.look, first=first,
                               replications=settings.replications)  # fmt: skip
        predicted = {OURS: rows, **predictions(ahead, len(rows), settings.seed)}
        return Check(ahead, scored(ahead, self._stream.fates, predicted, settings.seed))

    def lived(self, draws: Rows) -> Sequence[Lived]:
        """The export's leads in each organisation, with every likely set, the same luck in all of them."""
        fitted = self._prior.organisation
        found = []
        for name in (fitted, *(one for one in self._scenario.compared() if one != fitted)):
            self._say(f"the leads in {name}")
            rows = self._runs.rows(f"lived_{name}", draws, len(FACTS), self._facts(name), organisation=name,
                                   first=_DRAW_LUCK)  # fmt: skip
            found.append(Lived(name, dict(zip(FACTS, rows.T, strict=True))))
        return found

    def drawn(self, values: Mapping[str, float], told: "Sequence[Direct]") -> Drawn:
        """What a drawn stream takes to bring the export's leads, from one run of it and one of the replay."""
        weekly = {one.of: one.value for one in told if one.name == "leads a week"}
        leads_per_year = weekly.pop("all channels") * DAYS_PER_YEAR / 7
        paid = next((one.value for one in told if one.unit == "usd"), None)
        scenario = self._prior.at(values)
        scenario.market.leads.path = ""
        scenario.market.inquiries_per_year = max(leads_per_year, _LEAST_A_YEAR)
        for name, channel in scenario.market.channels.items():
            channel.share = weekly.get(name, 0.0)
        report = self._runs.once(scenario, None).report
        known = report.history["inquiry_at" if self._scenario.crm.enter_as == "inquiry" else "mql_at"] >= 0
        came = report.history["arrived_at"] < self._stream.until // 2  # the others had less time
        share = max(float(np.mean(known[came])) if came.any() else 0.0, 0.01)
        factor = None
        if paid is not None:
            history = self._runs.once(self._prior.at(values), self._stream.arrivals).report.history
            prices = history["paid_cents"][history["outcome"] == Outcome.WON] / 100.0
            factor = paid / float(np.median(prices)) if len(prices) else None
        return Drawn(float(f"{leads_per_year / share:.4g}"), {name: float(f"{value:.4g}") for name, value in weekly.items()},
                     share, factor)  # fmt: skip

    def _facts(self, organisation: str) -> Callable[[Any], Rows]:
        stream = self._stream

        def look(result: Any) -> Rows:
            fates = fates_of_run(result, stream.until)
            summary = summarise(result, self._prior.scenario, organisation, 0)
            return facts_of(fates, stream.arrivals.at_us, summary.sums["cost"])

        return look

    def _look(self, sights: Sequence[Sight]) -> Callable[[Any], Rows]:
        def look(result: Any) -> Rows:
            fates = {until: fates_of_run(result, until) for until in {sight.until for sight in sights}}
            return np.concatenate([sight(fates[sight.until]) for sight in sights])

        return look

    def _say(self, at: str) -> None:
        self._at = at
        self._told(0)

    def _told(self, done: int) -> None:
        self._done += done
        if self._tell:
            self._tell(min(self._done, self._total), self._total, f"({self._at})")


#: What is told of the export's leads in an organisation.
FACTS = ("won", "won_share", "days_to_win", "contacted_share", "cost_per_won_usd")


def facts_of(fates: Fates, arrived: NDArray[np.int64], cost_usd: float) -> Rows:
    """float64[FACTS] of the leads of one run until the export."""
    won = fates.won < NEVER
    days = (fates.won[won] - arrived[won]) / DAY
    wins = int(np.count_nonzero(won))
    return np.array(
        [
            wins,
            wins / len(arrived),
            float(np.median(days)) if wins else np.nan,
            np.count_nonzero(fates.contact < NEVER) / len(arrived),
            cost_usd / wins if wins else np.nan,
        ]
    )


def _whole(points: Rows, rows: Rows) -> tuple[Rows, Rows]:
    """Sets that could be run."""
    good = np.isfinite(rows).all(axis=1)
    return points[good], rows[good]


def _like(points: Rows, numbers: Rows, observed: Rows, sets: int = _STARTS) -> Rows:
    """Sets whose numbers are most like an export's."""
    away = (((numbers - observed) / np.maximum(numbers.std(axis=0), 1e-9)) ** 2).sum(axis=1)
    return points[np.argsort(away, kind="stable")[:sets]]


def _held_truths(observed: Rows, points: Rows, numbers: Rows, low: Rows, high: Rows, seed: int) -> Rows:
    """Share of the intervals that hold the truth, for each parameter, of simulated exports.

    They are those whose numbers are most like the real one's, and none of them is among the sets behind their fits.
    """
    away = (((numbers - observed) / np.maximum(numbers.std(axis=0), 1e-9)) ** 2).sum(axis=1)
    tried = np.argsort(away, kind="stable")[: min(_TRIED, len(points) // 10)]
    others = np.setdiff1d(np.arange(len(points)), tried)
    surface = Surface(points[others], numbers[others], low, high)
    held = np.zeros(points.shape[1])
    for one in tried:
        starts = _like(points[others], numbers[others], numbers[one])
        ends = posterior(surface.seen(numbers[one]), starts, seed, _STEPS_OF_A_TRIAL).intervals(LEVEL)
        held += (ends[0] <= points[one]) & (points[one] <= ends[1])
    return held / len(tried)


def _key(scenario: Scenario, stream: Stream) -> dict[str, Any]:
    """What rows that are kept depend on."""
    from simulator.compiling import sources_digest

    fates = stream.fates
    digest = hashlib.sha256()
    for part in (stream.arrivals.at_us, stream.arrivals.who, fates.won, fates.lost, fates.contact,
                 *fates.entered.values()):  # fmt: skip
        digest.update(np.ascontiguousarray(part).tobytes())
    digest.update("\n".join(stream.arrivals.channels).encode())
    asked = dataclasses.asdict(scenario)
    asked["run"] |= {"threads": 0, "seed": 0}
    asked["study"]["fit"]["seconds"] = 0.0
    settings = hashlib.sha256(repr(asked).encode()).hexdigest()
    return {"export": digest.hexdigest(), "settings": settings, "model": sources_digest()}
