"""The same buyers in several organisations: what became of them, and by how much the organisations differ."""

import contextlib
import copy
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.capacity import TABLES_BYTES, check_fits
from simulator.domain.scenario import Scenario, check, check_equal_payroll, payroll_usd_per_year
from simulator.inputs.crm import check_leads_against_run, read_leads
from simulator.results.estimate import differences_table, estimates, metrics_table
from simulator.results.summary import Result, Summary, summarise
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
    metrics, differences : tidy tables, one row per metric and organisation.
    note : what the user should know about the leads of a replay, "" if nothing.
    """

    scenario: Scenario
    organisations: tuple[str, ...]
    summaries: Mapping[str, Sequence[Summary]]
    metrics: "pd.DataFrame"
    differences: "pd.DataFrame"
    note: str = ""

    @property
    def baseline(self) -> str:
        """The organisation that differences are taken to."""
        return self.organisations[0]

    @property
    def replications(self) -> int:
        """Repetitions of every organisation."""
        return self.scenario.run.replications

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
    keep : called with the result of each run, replication by replication, organisations in order, and never from
        two threads at a time; results are not kept otherwise.

    Raises
    ------
    ScenarioError
        Before anything runs, when the scenario cannot be run, its leads cannot be read or its payrolls differ.
    """
    scenario = resolved(scenario, replications, seed, organisations, engine)
    note = check_leads(scenario)
    names = scenario.compared()
    jobs = [(replication, name) for replication in range(scenario.run.replications) for name in names]
    check_fits(scenario, TABLES_BYTES, min(threads_of(scenario), len(jobs)))
    if progress:
        progress(0, len(jobs))
    arms = {name: running(scenario, name, simulate) for name in names}

    def job(one: tuple[int, str]) -> tuple[Summary, Result | None]:
        replication, name = one
        result = arms[name](seed=scenario.run.seed, replication=replication, engine=scenario.run.engine,
                            record=scenario.run.record)  # fmt: skip
        return summarise(result, scenario, name, replication), result if keep else None

    summaries: dict[str, list[Summary]] = {name: [] for name in names}
    with contextlib.closing(in_order(job, jobs, threads_of(scenario))) as outcomes:
        for done, (summary, result) in enumerate(outcomes, start=1):
            summaries[summary.organisation].append(summary)
            if keep and result is not None:
                keep(result)
            if progress:
                progress(done, len(jobs))
    found = {name: estimates(summaries[name]) for name in names}
    return Comparison(
        scenario,
        tuple(names),
        summaries,
        metrics_table(scenario.name, found, scenario.run.replications),
        differences_table(scenario.name, found),
        note,
    )


def resolved(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    organisations: Sequence[str] | None = None,
    engine: str | None = None,
) -> Scenario:
    """A checked copy of the scenario with the given values in place of its own."""
    scenario = copy.deepcopy(scenario)
    for name, value in (("replications", replications), ("seed", seed), ("engine", engine)):
        if value is not None:
            setattr(scenario.run, name, value)
    if organisations is not None:
        scenario.compare.organisations = list(organisations)
    check(scenario)
    check_equal_payroll(scenario, scenario.compared())
    return scenario


def check_leads(scenario: Scenario) -> str:
    """Refuse an export that cannot be replayed; say how many of its leads the cohort leaves out."""
    leads = scenario.market.leads
    if not leads.path:
        return ""
    return check_leads_against_run(read_leads(leads.path, leads), scenario.run).in_words()


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


def threads_of(scenario: Scenario) -> int:
    """As many threads as the scenario says; 0 takes the cores that this process may use."""
    if scenario.run.threads:
        return scenario.run.threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
