"""The same buyers in several organisations: what became of them, and by how much the organisations differ."""

import contextlib
import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.capacity import TABLES_BYTES, check_fits
from simulator.questions.compare.precision import Reached, how_precise
from simulator.questions.frame.checks import check_replications
from simulator.questions.frame.progress import counted
from simulator.questions.frame.runs import Simulate, check_leads, in_turn, resolved, running, threads_of
from simulator.questions.frame.workers import in_order
from simulator.results.estimate import Estimate, differences_table, estimates, metrics_table
from simulator.results.summary import Result, Summary, summarise
from simulator.scenario.scenario import Scenario, payroll_usd_per_year
from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.load import PeriodLoad


@dataclass(frozen=True)
class Comparison:
    """What a comparison found.

    Attributes
    ----------
    scenario : as it was run.
    organisations : in order; the first is the baseline.
    summaries : of each organisation, one per replication.
    found : estimates of every metric, by organisation and key.
    reached : how narrow the intervals are, if a precision was asked for.
    note : what the user should know about the leads of a replay, "" if nothing.
    loads : who waited for whom in every run of each organisation, where that was kept.
    """

    scenario: Scenario
    organisations: tuple[str, ...]
    summaries: Mapping[str, Sequence[Summary]]
    found: Mapping[str, Mapping[str, Estimate]]
    reached: Reached | None = None
    note: str = ""
    loads: "Mapping[str, Sequence[PeriodLoad]]" = field(default_factory=dict)

    @property
    def baseline(self) -> str:
        """The organisation that differences are taken to."""
        return self.organisations[0]

    @property
    def replications(self) -> int:
        """Repetitions of every organisation."""
        return len(self.summaries[self.baseline])

    @functools.cached_property
    def metrics(self) -> "pd.DataFrame":
        """Tidy table of estimates, one row per metric and organisation."""
        return metrics_table(self.scenario.name, self.found, self.replications)

    @functools.cached_property
    def differences(self) -> "pd.DataFrame":
        """Tidy table of paired differences to the baseline, one row per metric and other organisation."""
        return differences_table(self.scenario.name, self.found)

    def difference(self, organisation: str, key: str) -> Estimate:
        """A metric of an organisation less that of the baseline."""
        return self.found[organisation][key] - self.found[self.baseline][key]

    def payrolls(self) -> dict[str, float]:
        """Pay of everybody for a year, usd, of each organisation."""
        return {name: payroll_usd_per_year(self.scenario.organisations[name]) for name in self.organisations}

    def total(self, organisation: str, name: str) -> float:
        """A sum over all replications of an organisation."""
        return sum(summary.sums[name] for summary in self.summaries[organisation])


def compare(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    organisations: Sequence[str] | None = None,
    engine: str | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    simulate: Simulate | None = None,
    keep: Callable[[Result], None] | None = None,
) -> Comparison:
    """Run every organisation on the same buyers in each replication, and compare.

    Parameters
    ----------
    scenario : the question; left as it is.
    replications, seed, organisations, engine : in place of what the scenario says.
    progress : called with the runs done and the runs in all, once at the start and after each run.
    simulate : in place of `simulator.run.simulate`.
    keep : called with the result of each run, `in_turn`, and never from two threads at a time; results are not kept
        otherwise.

    Raises
    ------
    ScenarioError
        Before anything runs, when the scenario cannot be run, its leads cannot be read or its payrolls differ.
    """
    scenario = resolved(scenario, replications, seed, organisations, engine)
    if scenario.study.name == "compare":
        refuse(scenario)
    note = check_leads(scenario)
    names = scenario.compared()
    check_fits(scenario, TABLES_BYTES, min(threads_of(scenario.run), scenario.run.replications * len(names)))
    arms = {name: running(scenario, name, simulate) for name in names}

    def job(one: tuple[int, str]) -> tuple[Summary, Result | None]:
        replication, name = one
        result = arms[name](seed=scenario.run.seed, replication=replication, engine=scenario.run.engine,
                            record=scenario.run.record)  # fmt: skip
        return summarise(result, scenario, name, replication), result if keep else None

    summaries: dict[str, list[Summary]] = {name: [] for name in names}
    asked, upto, done = scenario.study.compare, scenario.run.replications, 0
    while True:
        jobs = list(itertools.islice(in_turn(names), done, upto * len(names)))
        with contextlib.closing(in_order(job, jobs, threads_of(scenario.run))) as outcomes:
            for summary, result in counted(outcomes, upto * len(names), progress, done):
                summaries[summary.organisation].append(summary)
                if keep and result is not None:
                    keep(result)
        done = upto * len(names)
        found = {name: estimates(summaries[name]) for name in names}
        reached = how_precise(found, upto, asked.precision) if asked.precision else None
        if reached is None or reached.met or upto >= asked.most_replications:
            break
        upto = min(reached.next_replications(), asked.most_replications)
    return Comparison(
        scenario,
        tuple(names),
        summaries,
        found,
        reached,
        note,
    )


def refuse(scenario: Scenario) -> None:
    """Refuse a precision that no number of replications could show."""
    asked, first = scenario.study.compare, scenario.run.replications
    if not asked.precision:
        return
    check_replications(scenario, "compare with a precision")
    if first > asked.most_replications:
        raise ScenarioError(
            f"study.compare.most_replications must be at least run.replications {first:,}, which come first, "
            f"got {asked.most_replications:,}"
        )
