"""The same buyers in several organisations: what became of them, and by how much the organisations differ."""

import contextlib
import functools
import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.capacity import TABLES_BYTES, check_fits
from simulator.domain.run import Run
from simulator.domain.scenario import Scenario, check, check_equal_payroll, payroll_usd_per_year
from simulator.domain.schema import ScenarioError, copied
from simulator.inputs.crm import channels_in_words, check_leads_against_run, read_leads
from simulator.results.estimate import Estimate, differences_table, estimates, metrics_table
from simulator.results.summary import Result, Summary, summarise
from simulator.studies.asked import check_replications
from simulator.studies.precision import Reached, how_precise
from simulator.studies.workers import in_order

if TYPE_CHECKING:
    import pandas as pd

#: ``simulator.run.simulate``, or anything that is called like it.
Simulate = Callable[..., Any]


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
    """

    scenario: Scenario
    organisations: tuple[str, ...]
    summaries: Mapping[str, Sequence[Summary]]
    found: Mapping[str, Mapping[str, Estimate]]
    reached: Reached | None = None
    note: str = ""

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
        if progress:
            progress(done, upto * len(names))
        with contextlib.closing(in_order(job, jobs, threads_of(scenario.run))) as outcomes:
            for summary, result in outcomes:
                done += 1
                summaries[summary.organisation].append(summary)
                if keep and result is not None:
                    keep(result)
                if progress:
                    progress(done, upto * len(names))
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


def in_turn(organisations: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Replication and organisation of each run in the order of everything that is kept of them, without end."""
    return ((replication, name) for replication in itertools.count() for name in organisations)


def resolved(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    organisations: Sequence[str] | None = None,
    engine: str | None = None,
) -> Scenario:
    """A checked copy of the scenario with the given values in place of its own."""
    scenario = copied(scenario)
    for name, value in (("replications", replications), ("seed", seed), ("engine", engine)):
        if value is not None:
            setattr(scenario.run, name, value)
    if organisations is not None:
        scenario.compare.organisations = list(organisations)
    check(scenario)
    check_equal_payroll(scenario, scenario.compared())
    if scenario.study.name == "compare":
        refuse(scenario)
    return scenario


def check_leads(scenario: Scenario) -> str:
    """Refuse an export that cannot be replayed; say which of its leads the cohort leaves out or no channel explains."""
    leads = scenario.market.leads
    if not leads.path:
        return ""
    table = read_leads(leads.path, leads)
    notes = [check_leads_against_run(table, scenario.run).in_words(), channels_in_words(table, scenario.market)]
    return "; ".join(note for note in notes if note)


def simulation() -> Simulate:
    """What runs one organisation once."""
    from simulator.run import simulate  # compiles: only when it is needed

    return simulate


def running(scenario: Scenario, organisation: str, simulate: Simulate | None = None) -> Callable[..., Any]:
    """What runs one organisation again and again: it is prepared once, unless ``simulate`` is to run it."""
    if simulate is not None:
        return functools.partial(simulate, scenario, organisation)
    from simulator.run import prepare  # compiles: only when it is needed

    return prepare(scenario, organisation).run


def threads_of(run: Run) -> int:
    """As many threads as asked for; 0 takes the cores that this process may use."""
    if run.threads:
        return run.threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
