"""The runs of a limit: one measure of each, and the buyers who count."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from simulator.engines.history import History
from simulator.questions.frame.runs import threads_of
from simulator.questions.frame.workers import counted
from simulator.run import Result
from simulator.scenario.checked import Checked

#: Told the runs done, and the runs in all.
Progress = Callable[[int, int], None]
Value = TypeVar("Value")


def each_run(
    scenario: Checked, measure: Callable[[Checked, str, int], Value], progress: Progress | None = None
) -> dict[str, list[Value]]:
    """``measure(scenario, organisation, replication)`` of every run, on threads: a list over replications of each."""
    names = scenario.compared()
    jobs = [(replication, name) for replication in range(scenario.run.replications) for name in names]
    values_by_name: dict[str, list[Value]] = {name: [] for name in names}
    with counted(lambda job: measure(scenario, job[1], job[0]), jobs, threads_of(scenario.run), progress) as values:
        for (_, name), value in zip(jobs, values, strict=True):
            values_by_name[name].append(value)
    return values_by_name


def column(runs: Sequence[Mapping[str, float]], name: str) -> np.ndarray:
    """One measure of all replications."""
    return np.array([run[name] for run in runs])


def cohort_of(result: Result, since: str = "arrived_at") -> History:
    """The buyers to whom a moment came in the cohort's time."""
    history, rules = result.report.history, result.setup.rules
    return history[(history[since] >= rules.warm_up_us) & (history[since] < rules.cohort_end_us)]


def mean(values: np.ndarray) -> float:
    """Their mean; NaN if there are none."""
    return float(values.mean()) if len(values) else math.nan
