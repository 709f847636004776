"""Do the lead score and the attribution of wins to channels tell the truth? Both against the same buyers elsewhere.

A company sees what became of the leads that it passed on, and never what would have become of the others: its score
makes its own truth. Here the same buyers are passed on all together: once with the same people, where leads crowd each
other out, and once with so many SDRs and reps that nobody waits for long, which shows who could be won at all. And the
same market is lived through again with each channel closed in turn.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.leads.replay import read_leads
from simulator.questions.audit.credit import ChannelTotals, Credit, Totals, credits_of
from simulator.questions.audit.inquiries import BuyerOutcomes, Inquiries, TouchLog, inquiries_of, outcomes_of
from simulator.questions.audit.screening_errors import ScreeningErrors, screening_errors_of
from simulator.questions.frame.arms import Found, Tell
from simulator.questions.frame.checks import check_metrics, check_names, check_replications
from simulator.questions.frame.runs import Simulate, check_leads, resolved, simulation, threads_of
from simulator.questions.frame.workers import counted
from simulator.results.estimate import Estimate, estimates, together
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY, METRICS
from simulator.results.roc import Point, Scored, area, curve, passing, shares
from simulator.results.summary import Summary, summarise
from simulator.scenario.checked import Checked
from simulator.scenario.market import Channel
from simulator.scenario.scenario import Scenario, team_sizes
from simulator.scenario.schema import ScenarioError

#: Ways to call a lead good: its true fit, that it was won today, that it would be won if it were passed on and served.
FITS, WON, WINNABLE = "fits", "won", "winnable"
LABELS = (FITS, WON, WINNABLE)
#: What leads are ranked by.
SCORE, TRUE_FIT = "score", "true_fit"

#: Worlds that are run. A threshold and a closed channel have their own after a colon.
_TODAY, _EVERYBODY, _AMPLE, _THRESHOLD, _CLOSED = "today", "everybody", "ample", "threshold", "closed"
#: A threshold that every lead reaches.
_LOWEST = -100.0


@dataclass(frozen=True)
class Ranking:
    """How well one ranking tells leads that are good in one sense.

    Attributes
    ----------
    by, label : what leads are ranked by, and when they are good.
    area : AUC.
    points : the ROC curve.
    """

    by: str
    label: str
    area: Estimate
    points: Sequence[Point]


@dataclass(frozen=True)
class Decision:
    """Shares of the good leads and of the others that pass: at the first look by the threshold, and in the end."""

    label: str
    first_look: Point
    in_the_end: tuple[Estimate, Estimate]


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    scenario, organisation : as it was run.
    good_fit : true fit from which a lead fits.
    rankings : AUC and ROC curve of the score for each label, and of true fit itself.
    decisions : of each label, what today's threshold makes of it.
    screening_errors : good leads that were not passed on, and what passing everybody on would change.
    thresholds : every metric at each threshold, in order.
    credits : of each channel by each rule.
    totals : wins, revenue and spend of today.
    touches : float64[replications, kinds of last touch], wins.
    runs : how many simulations it took.
    notes : what the reader must know besides.
    """

    scenario: Checked
    organisation: str
    good_fit: float
    rankings: Sequence[Ranking]
    decisions: Sequence[Decision]
    screening_errors: ScreeningErrors
    thresholds: Mapping[float, Found]
    credits: Sequence[Credit]
    totals: Totals
    touches: NDArray[np.float64]
    runs: int
    notes: Sequence[str]

    @property
    def objective(self) -> Metric:
        """By which a threshold is the best one."""
        return BY_KEY[self.scenario.study.audit.objective]

    @property
    def threshold(self) -> float:
        """Today's."""
        return self.scenario.organisations[self.organisation].scoring.threshold

    @property
    def best(self) -> float:
        """The threshold with the best estimate; today's among equals."""
        sign = -1.0 if self.objective.better == "higher" else 1.0
        values = {at: sign * estimates[self.objective.key].value for at, estimates in self.thresholds.items()}
        known = {at: value for at, value in values.items() if np.isfinite(value)}
        return min(known, key=lambda at: (known[at], at != self.threshold), default=self.threshold)

    @property
    def level(self) -> float:
        """Level of intervals that hold for all other thresholds together."""
        return together(len(self.thresholds) - 1)

    def difference(self, threshold: float, key: str) -> Estimate:
        """A metric at a threshold less at today's."""
        return self.thresholds[threshold][key] - self.thresholds[self.threshold][key]

    def ranking(self, by: str, label: str) -> Ranking:
        """One ranking by what it is of."""
        return next(ranking for ranking in self.rankings if (ranking.by, ranking.label) == (by, label))

    def decision(self, label: str) -> Decision:
        """What today's threshold makes of a label."""
        return next(decision for decision in self.decisions if decision.label == label)

    @property
    def channels(self) -> list[str]:
        """Those that were closed in turn."""
        return list(dict.fromkeys(credit.channel for credit in self.credits))


def audit(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> Audit:
    """Run one organisation at several thresholds, with everybody passed on, and with each channel closed.

    Memory holds the summaries of one of these worlds, and of each replication some numbers of every inquiry.

    Parameters
    ----------
    scenario : the question, with ``study.audit``; left as it is.
    progress : called with the runs done and the runs in all.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs, when the scenario or the study is refused.
    """
    scenario = resolved(scenario)
    refuse(scenario)
    leads_note = check_leads(scenario)
    name = organisation_of(scenario)
    worlds = _worlds(scenario, name)
    own = scenario.organisations[name].scoring.threshold
    thresholds: dict[float, Found] = {}
    became: dict[str, list[BuyerOutcomes]] = {}
    closed: dict[str, Totals] = {}
    today: list[_ReducedRun] = []
    for world, runs in _reduced_runs(worlds, name, scenario, progress, simulate or simulation()):
        kind, _, of = world.partition(":")
        if kind == _TODAY:
            today = runs
        if kind in (_TODAY, _THRESHOLD):
            thresholds[float(of or own)] = estimates([run.summary for run in runs], METRICS)
        elif kind == _CLOSED:
            closed[of] = _totals(runs)
        else:
            became[kind] = [run.outcomes for run in runs]
    leads = [run.leads for run in today if run.leads is not None]
    totals, good_fit = _totals(today), good_fit_of(scenario)
    return Audit(
        scenario,
        name,
        good_fit,
        *_ranked(leads, became[_AMPLE], good_fit, own),
        screening_errors_of(leads, [run.outcomes for run in today], became[_EVERYBODY], became[_AMPLE], good_fit, own),
        dict(sorted(thresholds.items())),
        credits_of(totals, _channel_totals(today, list(closed)), closed),
        totals,
        np.array([run.touches for run in today], float),
        len(worlds) * scenario.run.replications,
        (leads_note,) if leads_note else (),
    )


# --- what is asked ----------------------------------------------------------------------------------------------------


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, what cannot be audited.

    Raises
    ------
    ScenarioError
        One line: an unknown name, no interval to be had, leads that came scored, fewer than two channels, or more
        people than the schema allows.
    """
    settings = scenario.study.audit
    check_names("study.audit.organisation", [organisation_of(scenario)], "organisation", list(scenario.organisations))
    check_metrics("study.audit.objective", [settings.objective])
    if not BY_KEY[settings.objective].better:
        raise ScenarioError(
            f"study.audit.objective must name a metric that has a better side, got {settings.objective}"
        )
    check_replications(scenario, "audit")
    leads = scenario.market.leads
    if leads.path and leads.enter_as != "inquiry":
        raise ScenarioError(
            "market.leads.enter_as must be inquiry for study=audit, as other leads were scored before they came, "
            f"got {leads.enter_as!r}"
        )
    if len(open_channels(scenario)) < 2:
        raise ScenarioError(
            "market.channels must have at least two open channels for study=audit, which closes each in turn, got "
            f"{', '.join(open_channels(scenario)) or 'none'}"
        )
    _worlds(scenario, organisation_of(scenario))


def organisation_of(scenario: Checked) -> str:
    """Whose scoring and channels are audited."""
    return scenario.study.audit.organisation or scenario.compared()[0]


def good_fit_of(scenario: Checked) -> float:
    """True fit from which a lead fits; the organisation's own limit for it unless asked otherwise."""
    good_fit = scenario.study.audit.good_fit
    return scenario.organisations[organisation_of(scenario)].sales.qualify_threshold if good_fit < 0 else good_fit


def open_channels(scenario: Checked) -> list[str]:
    """Channels that bring buyers, or may."""
    market = scenario.market
    named = read_leads(market.leads.path, market.leads).channels if market.leads.path else list(market.channels)
    return [name for name in named if name not in market.channels or not market.channels[name].closed]


# --- worlds -----------------------------------------------------------------------------------------------------------


def _worlds(scenario: Checked, name: str) -> dict[str, Checked]:
    """Every world by its name, today's first."""
    own = scenario.organisations[name]
    worlds = {_TODAY: scenario}

    def add(world: str, made: Callable[..., Checked], *of: Any) -> None:
        try:
            worlds[world] = made(*of)
        except ScenarioError as refused:
            raise ScenarioError(f"study=audit, {world.replace(':', ' ')}: {refused}") from refused

    add(_EVERYBODY, _at_threshold, scenario, name, _LOWEST)
    add(_AMPLE, _with_ample_people, worlds[_EVERYBODY], name)
    for threshold in dict.fromkeys(scenario.study.audit.thresholds):
        if threshold != own.scoring.threshold:
            add(f"{_THRESHOLD}:{threshold!r}", _at_threshold, scenario, name, threshold)
    for channel in open_channels(scenario):
        add(f"{_CLOSED}:{channel}", _without_channel, scenario, channel)
    return worlds


def _at_threshold(scenario: Checked, name: str, threshold: float) -> Checked:
    return scenario.with_({f"organisations.{name}.scoring.threshold": threshold})


def _with_ample_people(scenario: Checked, name: str) -> Checked:
    """Many times the SDRs and reps, in meetings that take as long as before."""
    own, factor, where = scenario.organisations[name], scenario.study.audit.ample, f"organisations.{name}"
    roles = replace(
        own.roles,
        sdr=replace(own.roles.sdr, headcount=own.roles.sdr.headcount * factor),
        rep=replace(own.roles.rep, headcount=own.roles.rep.headcount * factor),
    )
    teams = {
        team: replace(one, sdrs=one.sdrs * factor, reps=one.reps * factor) for team, one in own.teams.items()
    }  # fmt: skip
    before = sum(people - 1 for people, _ in team_sizes(own))
    after = sum(people - 1 for people, _ in team_sizes(replace(own, roles=roles, teams=teams)))
    hours = own.coordination.hours_per_teammate_week * (before / after if after else 1.0)
    return scenario.with_(
        {
            f"{where}.roles": roles,
            f"{where}.teams": teams,
            f"{where}.coordination.hours_per_teammate_week": hours,
        }
    )


def _without_channel(scenario: Checked, channel: str) -> Checked:
    channels = scenario.market.channels
    closed = replace(channels.get(channel, Channel()), closed=True)
    return scenario.with_({"market.channels": {**channels, channel: closed}})


# --- running ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _ReducedRun:
    """One run, reduced; ``leads`` and ``touches`` of today only."""

    summary: Summary
    outcomes: BuyerOutcomes
    leads: Inquiries | None = None
    touches: NDArray[np.int64] | None = None


def _reduced_runs(
    worlds: Mapping[str, Scenario], name: str, scenario: Scenario, progress: Tell | None, simulate: Simulate
) -> Iterator[tuple[str, list[_ReducedRun]]]:
    """The replications of each world, world by world."""
    run = scenario.run
    jobs = [(world, replication) for world in worlds for replication in range(run.replications)]

    def job(what: tuple[str, int]) -> _ReducedRun:
        world, replication = what
        how = {"seed": run.seed, "replication": replication, "engine": run.engine}
        if world == _TODAY:
            looks = TouchLog()
            result = simulate(worlds[world], name, record="touches", sink=looks, **how)
            leads, touches = inquiries_of(result, looks)
            return _ReducedRun(summarise(result, scenario, name, replication), outcomes_of(result), leads, touches)
        result = simulate(worlds[world], name, record="journeys", **how)
        return _ReducedRun(summarise(result, worlds[world], name, replication), outcomes_of(result))

    runs: list[_ReducedRun] = []
    with counted(job, jobs, threads_of(run), progress) as outcomes:
        for (world, _), outcome in zip(jobs, outcomes, strict=True):
            runs.append(outcome)
            if len(runs) == run.replications:
                yield world, runs
                runs = []


def _totals(outcomes: Sequence[_ReducedRun]) -> Totals:
    sums = [run.summary.sums for run in outcomes]
    return Totals(*(np.array([total[name] for total in sums], float) for name in ("won", "revenue", "spend")))


def _channel_totals(outcomes: Sequence[_ReducedRun], names: Sequence[str]) -> ChannelTotals:
    """Of these channels, in this order."""
    channels = [run.summary.channels for run in outcomes]
    places = [channels[0].names.index(name) for name in names]
    columns = ("mqls", "won", "revenue_usd", "spend_usd")
    return ChannelTotals(
        tuple(names), *(np.array([getattr(channel, name)[places] for channel in channels], float) for name in columns)
    )


# --- scoring ----------------------------------------------------------------------------------------------------------


def _ranked(
    leads: Sequence[Inquiries], ample: Sequence[BuyerOutcomes], good_fit: float, threshold: float
) -> tuple[list[Ranking], list[Decision]]:
    """AUC, ROC and what today's threshold makes of it, for every label."""
    good = {
        FITS: [inquiries.fit >= good_fit for inquiries in leads],
        WON: [inquiries.won for inquiries in leads],
        WINNABLE: [outcomes.of(inquiries.buyers)[0] for inquiries, outcomes in zip(leads, ample, strict=True)],
    }
    rankings, decisions = [], []
    for label in LABELS:
        by = {SCORE: [inquiries.scores for inquiries in leads], TRUE_FIT: [inquiries.fit for inquiries in leads]}
        for name, scores in by.items():
            if (name, label) != (TRUE_FIT, FITS):  # it is its own truth
                scored = [Scored(inquiries, which) for inquiries, which in zip(scores, good[label], strict=True)]
                rankings.append(Ranking(name, label, area(scored), curve(scored)))
        scored = [Scored(inquiries.scores, which) for inquiries, which in zip(leads, good[label], strict=True)]
        decisions.append(
            Decision(label, passing(scored, threshold), shares(scored, [inquiries.passed for inquiries in leads]))
        )
    return rankings, decisions
