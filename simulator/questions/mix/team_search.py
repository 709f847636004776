"""The search of `simulator.questions.mix.work`: which teams and policies are tried, and which of them are run again."""

import math
import time
from collections.abc import Callable, Mapping, Sequence

import optuna
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.trial import TrialState

from simulator.fit.parzen import distribution, parzen_study
from simulator.questions.mix.candidates import Candidate, Headcount, by_spread, fronts, nearest, points_of
from simulator.results.metric import Metric
from simulator.scenario.free import FreeParameter
from simulator.scenario.organisation import Roles

#: Share of the trials for teams at the present policies, before policies move too.
_TEAMS_FIRST = 0.5
#: Trials before the sampler begins to learn, as a share of all and at least.
_AT_RANDOM, _LEAST_AT_RANDOM = 0.1, 10
#: Proposals in a row that were all tried before, after which the space counts as searched.
_ENOUGH_REPEATS = 200

MARKETERS, SDRS = "marketers", "sdrs"


class Search:
    """Candidates in the order in which they are tried.

    Parameters
    ----------
    roles : what people are paid.
    present : the team and policies as they are.
    teams : what the payroll allows, by marketers and SDRs.
    try_out : runs a candidate on the seeds of the search.
    """

    def __init__(self, roles: Roles, present: Candidate, free: Sequence[FreeParameter],
                 teams: Mapping[tuple[int, int], Headcount], objectives: Sequence[Metric], seed: int,
                 try_out: Callable[[Candidate], Candidate]) -> None:  # fmt: skip
        self._roles, self._present, self._free, self._teams = roles, present, free, teams
        self._objectives, self._seed, self._try_out = objectives, seed, try_out
        self._tried: set[tuple[Headcount, tuple[float, ...]]] = set()
        self.candidates: list[Candidate] = []

    def run(self, trials: int, seconds: float) -> str:
        """Try so many candidates, or for so long; say what ended it early, if anything."""
        started = time.monotonic()
        at_random = max(_LEAST_AT_RANDOM, round(_AT_RANDOM * trials))
        study = parzen_study(at_random, self._seed % 2**32, len(self._objectives))
        space = self._space()
        for candidate in self._first(trials):
            self._add(study, space, candidate)
            if seconds and time.monotonic() - started >= seconds:
                return f"stopped after {seconds:g} s"
        repeats = 0
        while len(self.candidates) < trials and space and repeats < _ENOUGH_REPEATS:
            proposal = study.ask(space)
            study.tell(proposal, state=TrialState.FAIL)  # what is run, the nearest affordable team, is added instead
            candidate = self._affordable(proposal.params)
            repeats += 1
            if self._key(candidate) in self._tried:
                continue
            repeats = 0
            self._add(study, space, candidate)
            if seconds and time.monotonic() - started >= seconds:
                return f"stopped after {seconds:g} s"
        return ""

    def _first(self, trials: int) -> list[Candidate]:
        """The present team; then those of the payroll with the present policies, the nearest to it first."""
        here, pay = self._present.heads, self._roles
        others = sorted(
            (team for team in self._teams.values() if team != here),
            key=lambda team: sum(
                abs(count - now) * role.pay_usd_per_year
                for count, now, role in zip(team, here, (pay.marketer, pay.sdr, pay.rep), strict=True)
            ),
        )
        most = trials - 1 if not self._free else math.ceil(_TEAMS_FIRST * trials) - 1
        return [self._present, *(Candidate(0, team, self._present.values) for team in others[:most])]

    def _space(self) -> dict[str, BaseDistribution]:
        """What the sampler may choose; nothing where there is no choice."""
        space: dict[str, BaseDistribution] = {policy.name: distribution(policy) for policy in self._free}
        for name, place in ((MARKETERS, 0), (SDRS, 1)):
            counts = [team[place] for team in (*self._teams.values(), self._present.heads)]
            if min(counts) < max(counts):
                space[f"heads.{name}"] = IntDistribution(min(counts), max(counts))
        return space

    def _affordable(self, proposed: Mapping[str, float]) -> Candidate:
        here = self._present.heads
        marketers, sdrs = (
            int(proposed.get(f"heads.{name}", at)) for name, at in ((MARKETERS, here[0]), (SDRS, here[1]))
        )
        team = nearest(self._teams, self._roles, marketers, sdrs)
        return Candidate(0, team, {policy.name: policy.tried(proposed[policy.name]) for policy in self._free})

    def _add(self, study: optuna.Study, space: Mapping[str, BaseDistribution], candidate: Candidate) -> None:
        """Run a candidate, and let the sampler learn from it."""
        self._tried.add(self._key(candidate))
        number = len(self.candidates)
        candidate = self._try_out(Candidate(number, candidate.heads, candidate.values))
        self.candidates.append(candidate)
        if not candidate.refused:
            heads = {f"heads.{MARKETERS}": candidate.heads.marketers, f"heads.{SDRS}": candidate.heads.sdrs}
            values = {name: ({**heads, **candidate.values})[name] for name in space}
            [point] = points_of([candidate.found], self._objectives)
            study.add_trial(
                optuna.trial.create_trial(params=values, distributions=dict(space), values=[float(x) for x in point])
            )

    def _key(self, candidate: Candidate) -> tuple[Headcount, tuple[float, ...]]:
        return candidate.heads, tuple(candidate.values[policy.name] for policy in self._free)


def finalists(candidates: Sequence[Candidate], objectives: Sequence[Metric], most: int) -> list[Candidate]:
    """Candidates to be run again, at most so many, the present team (the first) left out.

    Half of them are best in the first objective among those that are worse than the present team in none; the others
    are spread over the front, then over what only the front beats.
    """
    able = [candidate for candidate in candidates if not candidate.refused]
    if not able or able[0].number != 0:
        return able[:most]
    points = points_of([candidate.found for candidate in able], objectives)
    improving = [i for i in range(1, len(able)) if (points[i] <= points[0]).all()]
    order = sorted(improving, key=lambda i: float(points[i, 0]))[: math.ceil(most / 2)]
    for front in fronts(points):
        order += [i for i in by_spread(points, front) if i not in order and i > 0]
        if len(order) >= most:
            break
    return [able[i] for i in order[:most]]
