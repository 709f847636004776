"""What is the best team for this payroll? A search over headcounts and policies, and a check on other seeds.

Every team meets the same buyers (common random numbers). The search tries the present team first, then every team that
the payroll allows, then moves teams and policies together by a tree-structured Parzen estimator (Bergstra et al. 2011;
for several objectives Ozaki et al. 2020).

The best of many noisy figures is partly the luckiest one. So the figures of the search choose finalists and are not
reported: finalists and the present team are run again on other seeds. How much of what the search promised does not
come back there is the winner's curse, and is told. Which finalist is recommended goes by paired differences to the
present team whose intervals hold all together (Bonferroni), which also bounds the chance of a wrong choice among them.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.questions.frame.arms import Arm, Found, Tell, summarised
from simulator.questions.frame.checks import check_metrics, check_names
from simulator.questions.frame.runs import Simulate, check_leads, resolved, simulation
from simulator.questions.mix.candidates import (
    Candidate,
    Headcount,
    affordable,
    cost_of,
    fronts,
    headcount_settings,
    pay_usd_per_year,
    points_of,
    present_of,
    settings_with,
)
from simulator.results.estimate import CONFIDENCE, Estimate, estimates, half_widths, together
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import Checked
from simulator.scenario.free import FreeParameter, parameters
from simulator.scenario.scenario import Scenario, payroll_usd_per_year
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free

_FREE = "study.mix.free"
#: What the study sets by itself: a policy may not.
_PEOPLE = ("roles", "teams")


@dataclass(frozen=True)
class Finalist:
    """A candidate that was run again; ``checked`` holds its objectives on the seeds of the check."""

    letter: str
    candidate: Candidate
    checked: Found


@dataclass(frozen=True)
class TeamSearch:
    """What the search and the check found.

    Attributes
    ----------
    scenario : as it was run.
    free : the policies that might change.
    payroll_usd : pay that was to be met.
    teams : how many teams the payroll allows.
    candidates : in order; the first is the present team.
    finalists : the present team first, then the others, by their letter.
    recommended : one of the finalists; the present team if nothing is surely better.
    stopped : what ended the search early, or "".
    runs : how many simulations it took.
    note : what the reader should know about the leads of a replay.
    """

    scenario: Checked
    organisation: str
    free: Sequence[FreeParameter]
    payroll_usd: float
    teams: int
    candidates: Sequence[Candidate]
    finalists: Sequence[Finalist]
    recommended: Finalist
    stopped: str
    runs: int
    note: str

    @property
    def objectives(self) -> list[Metric]:
        """What shall be better, the one that leads first."""
        return [BY_KEY[key] for key in self.scenario.study.mix.objectives]

    @property
    def present(self) -> Finalist:
        """The team as it is."""
        return self.finalists[0]

    @property
    def level(self) -> float:
        """Level of intervals that hold for all finalists and objectives together."""
        return together((len(self.finalists) - 1) * len(self.objectives))

    @property
    def front(self) -> list[Finalist]:
        """Those that no other finalist beats in the check; one objective leaves the best one."""
        points = points_of([finalist.checked for finalist in self.finalists], self.objectives)
        return [self.finalists[i] for i in fronts(points)[0]]

    def pay(self, candidate: Candidate) -> float:
        """Pay of everybody, usd a year."""
        return pay_usd_per_year(self.scenario.organisations[self.organisation].roles, candidate.heads)

    def difference(self, finalist: Finalist, key: str) -> Estimate:
        """A finalist less the present team, in the check."""
        return finalist.checked[key] - self.present.checked[key]

    def promised(self, finalist: Finalist, key: str) -> Estimate:
        """The same on the seeds of the search."""
        return finalist.candidate.found[key] - self.present.candidate.found[key]

    def luck(self, finalist: Finalist, key: str) -> tuple[float, float, float]:
        """What the search promised less what the check found, with its interval: both are independent."""
        promised, measured = self.promised(finalist, key), self.difference(finalist, key)
        half = math.hypot(float(half_widths(promised.left_out)), float(half_widths(measured.left_out)))
        luck = promised.value - measured.value
        return luck, luck - half, luck + half

    def mean_luck(self, key: str) -> float:
        """Luck of all finalists but the present team, on average."""
        others = self.finalists[1:]
        return sum(self.luck(finalist, key)[0] for finalist in others) / len(others) if others else math.nan

    def may_be_best(self, finalist: Finalist) -> bool:
        """Whether a finalist cannot be told from the best of the first objective (Hsu 1984), at ``level``."""
        key = self.objectives[0].key
        best = min(self.finalists, key=lambda other: cost_of(other.checked, self.objectives[0]))
        return finalist is best or not surely(finalist.checked[key] - best.checked[key], self.level)

    def settings(self) -> dict[str, float]:
        """Dotted path -> value of the recommended team."""
        return settings_with(self.scenario, self.organisation, self.free, self.recommended.candidate)


def mix(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> TeamSearch:
    """Search teams and policies at the given payroll, and run the best again on other seeds.

    Memory holds the summaries of one team, and estimates of the objectives of those before. An interrupt (Ctrl-C) ends
    the search, not the study: the best so far are checked and reported.

    Parameters
    ----------
    scenario : the question, with ``study.mix``; left as it is.
    progress : called with the runs done and the runs in all.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs, when the scenario or the study is refused.
    """
    from simulator.questions.mix.team_search import (  # brings optuna, which a refused scenario need not load
        Search,
        finalists,
    )

    scenario = resolved(scenario)
    refuse(scenario)
    note = check_leads(scenario)
    settings, name = scenario.study.mix, organisation_of(scenario)
    objectives = [BY_KEY[key] for key in settings.objectives]
    runs = _Runs(scenario, name, policies(scenario), objectives, progress, simulate or simulation())
    teams = teams_of(scenario)
    first = present_of(scenario, name, runs.free)
    search = Search(scenario.organisations[name].roles, first, runs.free, teams, objectives, scenario.run.seed,
                    runs.searched)  # fmt: skip
    stopped = ""
    try:
        stopped = search.run(settings.trials, settings.seconds)
    except KeyboardInterrupt:
        if not search.candidates:
            raise
        stopped = "interrupted"
    present = search.candidates[0]
    if present.refused:
        raise ScenarioError(f"study.mix.objectives must be known of the present team, got none: {present.refused}")
    chosen = [present, *finalists(search.candidates, objectives, settings.finalists)]
    runs.expect(len(chosen) * settings.check_replications)
    checked = [
        Finalist(letter(i), candidate, runs.measured(candidate, settings.check_seed, settings.check_replications))
        for i, candidate in enumerate(chosen)
    ]
    search_result = TeamSearch(
        scenario, name, runs.free, payroll_of(scenario), len(teams), tuple(search.candidates), tuple(checked),
        checked[0], stopped, runs.done, note,
    )  # fmt: skip
    return dataclasses.replace(search_result, recommended=_recommended(search_result))


# --- what is asked ----------------------------------------------------------------------------------------------------


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, what cannot be searched.

    Raises
    ------
    ScenarioError
        One line: an unknown name, a metric without a better side, the seed of the search given to the check, a policy
        that is no policy of this organisation, or a payroll that no team meets.
    """
    settings = scenario.study.mix
    name = organisation_of(scenario)
    check_names("study.mix.organisation", [name], "organisation", list(scenario.organisations))
    check_metrics("study.mix.objectives", settings.objectives)
    for key in settings.objectives:
        if not BY_KEY[key].better:
            raise ScenarioError(f"study.mix.objectives must name metrics that have a better side, got {key}")
    if settings.check_seed == scenario.run.seed:
        raise ScenarioError(
            "study.mix.check_seed must differ from run.seed: what the search chose on its own seeds is checked on "
            f"others, got {settings.check_seed}"
        )
    own = scenario.organisations[name]
    if own.reorganisation.to:
        raise ScenarioError(
            f"study.mix.organisation must stay as it is, as another one needs the same people, got {name!r} which "
            f"changes to {own.reorganisation.to!r}"
        )
    for role in ("marketer", "sdr", "rep"):
        if getattr(own.roles, role).pay_usd_per_year <= 0:
            raise ScenarioError(
                f"organisations.{name}.roles.{role}.pay_usd_per_year must be above 0 for study=mix, got 0"
            )
    policies(scenario)
    if not teams_of(scenario):
        raise ScenarioError(
            f"study.mix.payroll_usd_per_year must be met by at least one team to {settings.payroll_tolerance:g} "
            f"(study.mix.payroll_tolerance), got {payroll_of(scenario):,.0f}"
        )


def organisation_of(scenario: Checked) -> str:
    """Whose team is searched."""
    return scenario.study.mix.organisation or scenario.compared()[-1]


def payroll_of(scenario: Checked) -> float:
    """Pay that teams have to meet, usd a year."""
    return scenario.study.mix.payroll_usd_per_year or payroll_usd_per_year(
        scenario.organisations[organisation_of(scenario)]
    )


def teams_of(scenario: Checked) -> dict[tuple[int, int], Headcount]:
    """Teams that the payroll allows; without marketers only where the organisation can do without them."""
    name = organisation_of(scenario)
    teams = affordable(scenario.organisations[name], payroll_of(scenario), scenario.study.mix.payroll_tolerance)
    without = next((team for team in teams.values() if team.marketers == 0), None)
    if without is None or _works(scenario, headcount_settings(scenario, name, without)):
        return teams
    return {pair: team for pair, team in teams.items() if team.marketers > 0}


def _works(scenario: Checked, changes: Mapping[str, Any]) -> bool:
    try:
        scenario.with_(changes)
    except ScenarioError:
        return False
    return True


def policies(scenario: Checked) -> list[FreeParameter]:
    """The policies that may change, checked; their paths are keys of the organisation."""
    name, free, settings = organisation_of(scenario), {}, scenario.study.mix
    for key, policy in settings.free.items() if settings.policies else ():
        paths = [_own_path(f"{_FREE}.{key}", name, path.strip()) for path in policy.path.split(",")]
        free[key] = Free(",".join(paths), policy.low, policy.high, policy.log)
    return parameters(scenario, _FREE, free)


def _own_path(where: str, name: str, path: str) -> str:
    """The full key of a policy."""
    below = path.removeprefix(f"organisations.{name}.")
    section = below.partition(".")[0]
    if section in ("organisations", "market", "economics", "mechanisms", "run"):
        raise ScenarioError(f"{where}.path must be a key of organisations.{name}, whose team it is, got {path!r}")
    if section in _PEOPLE:
        raise ScenarioError(f"{where}.path must be a policy: study=mix sets headcounts at a payroll, got {path!r}")
    return f"organisations.{name}.{below}"


# --- running ----------------------------------------------------------------------------------------------------------


class _Runs:
    """Replications of a team, reduced to the objectives; tells how far the study is."""

    def __init__(self, scenario: Checked, name: str, free: Sequence[FreeParameter], objectives: Sequence[Metric],
                 tell: Tell | None, simulate: Simulate) -> None:  # fmt: skip
        self.free, self.done = free, 0
        self._scenario, self._name, self._objectives = scenario, name, objectives
        self._tell, self._simulate = tell, simulate
        settings = scenario.study.mix
        search, check_all = (
            settings.trials * settings.replications,
            (settings.finalists + 1) * settings.check_replications,
        )
        self._total = search + check_all
        if tell:
            tell(0, self._total)

    def expect(self, runs: int) -> None:
        """So many runs are left."""
        self._total = self.done + runs

    def searched(self, candidate: Candidate) -> Candidate:
        """A candidate with what it comes to on the seeds of the search; refused if its values contradict each other."""
        settings = self._scenario.study.mix
        try:
            estimates = self.measured(candidate, self._scenario.run.seed, settings.replications)
        except ScenarioError as refused:
            self.expect(max(0, self._total - self.done - settings.replications))
            return dataclasses.replace(candidate, refused=str(refused))
        if not all(math.isfinite(estimate.value) for estimate in estimates.values()):
            return dataclasses.replace(candidate, refused="an objective cannot be estimated")
        return dataclasses.replace(candidate, found=estimates)

    def measured(self, candidate: Candidate, seed: int, replications: int) -> Found:
        """Its objectives on these seeds."""
        changed = self._scenario.with_(settings_with(self._scenario, self._name, self.free, candidate))
        run = dataclasses.replace(self._scenario.run, seed=seed, replications=replications)
        start = self.done

        def tell(done: int, _: int) -> None:
            self.done = start + done
            if self._tell and done:
                self._tell(self.done, self._total)

        [summaries] = summarised([Arm(changed, self._name)], run, tell, self._simulate)
        return estimates(summaries, self._objectives)


# --- choosing ---------------------------------------------------------------------------------------------------------


def surely(difference: Estimate, level: float) -> int:
    """1 or -1 where the interval at a level lies above or below 0, else 0."""
    low, high = difference.interval_at(level)
    return int(low > 0) - int(high < 0)


def letter(number: int) -> str:
    """A short name of a finalist: "today", A, B, ..., Z, A2, ..."""
    if number == 0:
        return "today"
    turn, place = divmod(number - 1, 26)
    return f"{chr(ord('A') + place)}{turn + 1 if turn else ''}"


def _recommended(result: TeamSearch) -> Finalist:
    """The best of the first objective among those surely better in it and worse in none; else the present team.

    Better has to hold for all comparisons together; for worse the interval of its own is enough.
    """
    first = result.objectives[0]

    def side(finalist: Finalist, metric: Metric, level: float) -> int:
        apart = surely(result.difference(finalist, metric.key), level)
        return apart if metric.better == "higher" else -apart

    able = [
        finalist
        for finalist in result.finalists[1:]
        if side(finalist, first, result.level) > 0
        and all(side(finalist, objective, CONFIDENCE) >= 0 for objective in result.objectives)
    ]
    return min(able, key=lambda finalist: cost_of(finalist.checked, first), default=result.present)
