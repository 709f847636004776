"""What every question runs: a checked scenario, its leads, an organisation once or again and again, on threads."""

import functools
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from simulator.leads.replay import channels_in_words, check_leads_against_run, read_leads
from simulator.scenario.checked import Checked, check
from simulator.scenario.run import Run
from simulator.scenario.scenario import Scenario, check_equal_payroll

#: ``simulator.run.simulate``, or anything that is called like it.
Simulate = Callable[..., Any]


def in_turn(organisations: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Replication and organisation of each run in the order of everything that is kept of them, without end."""
    return ((replication, name) for replication in itertools.count() for name in organisations)


def resolved(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    organisations: Sequence[str] | None = None,
    engine: str | None = None,
) -> Checked:
    """The scenario, checked, with the given values in place of its own."""
    given = {"run.replications": replications, "run.seed": seed, "run.engine": engine}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if organisations is not None:
        changes["compare.organisations"] = list(organisations)
    checked = check(scenario).with_(changes) if changes else check(scenario)
    check_equal_payroll(checked, checked.compared())
    return checked


def check_leads(scenario: Scenario) -> str:
    """Refuse leads that cannot be replayed; say which rows are set aside, and which leads a run will not tell of."""
    leads = scenario.market.leads
    if not leads.path:
        return ""
    table = read_leads(leads.path, leads)
    coverage = check_leads_against_run(table, scenario.run).in_words()
    notes = [*table.notes, coverage, channels_in_words(table, scenario.market)]
    return "; ".join(note for note in notes if note)


def simulation() -> Simulate:
    """What runs one organisation once."""
    from simulator.run import simulate  # compiles: only when it is needed

    return simulate


def running(scenario: Checked, organisation: str, simulate: Simulate | None = None) -> Callable[..., Any]:
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
