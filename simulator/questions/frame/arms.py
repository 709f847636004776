"""Arms: one organisation of one scenario each, run over the same replications. What every study is made of.

Two arms that must come to the same (the same market, economics and organisation once the switches are applied) are run
once and answer for each other, to the last bit.
"""

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.questions.frame.runs import Simulate, running, threads_of
from simulator.questions.frame.workers import counted
from simulator.results.estimate import Estimate, estimates
from simulator.results.metric import Metric
from simulator.results.summary import Summary, summarise
from simulator.scenario.checked import Checked
from simulator.scenario.organisation import Organisation
from simulator.scenario.run import Run

#: Called with the runs done and the runs in all.
Tell = Callable[[int, int], None]
#: Estimates of one arm, by the key of the metric.
Found = Mapping[str, Estimate]


@dataclass(frozen=True)
class Arm:
    """One organisation of a scenario."""

    scenario: Checked
    organisation: str

    def same(self) -> str:
        """Equal for arms that must come to the same."""
        lived = self.scenario.lived
        own = lived.organisations[self.organisation]
        later = [lived.organisations[own.reorganisation.to]] if own.reorganisation.to else []
        parts = (lived.market, lived.economics, *map(without_description, (own, *later)))
        return "".join(map(_written, parts))


def _written(part: Any) -> str:
    """A part of a checked scenario as text; of one that many scenarios share it is written once."""
    known = _WRITTEN.get(type(part))
    if known is None or known[0] is not part:
        known = _WRITTEN[type(part)] = part, repr(part)
    return known[1]


#: The last part of each kind, and its text.
_WRITTEN: dict[type, tuple[Any, str]] = {}


class Arms:
    """Arms to be run, each that is different once."""

    def __init__(self) -> None:
        self.arms: list[Arm] = []
        self._place: dict[str, int] = {}

    def add(self, scenario: Checked, organisation: str, *, anew: bool = False) -> int:
        """The place of an arm among those that are run; ``anew`` runs it even if another one must come to the same."""
        arm = Arm(scenario, organisation)
        same = arm.same()
        if anew or same not in self._place:
            self.arms.append(arm)
            self._place.setdefault(same, len(self.arms) - 1)
            return len(self.arms) - 1
        return self._place[same]

    def runs(self, run: Run) -> int:
        """How many simulations it takes."""
        return len(self.arms) * run.replications


def summarised(
    arms: Sequence[Arm], run: Run, progress: Tell | None, simulate: Simulate | None = None, first: int = 0
) -> Iterator[list[Summary]]:
    """Summaries of each arm, in order, each replication of ``run`` on the seeds of ``run``.

    Memory holds the summaries of one arm; ``arms`` may make each one when it is asked for. ``first`` is the number of
    the first replication; ``simulate`` stands in for `simulator.run.simulate`.
    """
    jobs = [(number, first + replication) for number in range(len(arms)) for replication in range(run.replications)]
    prepared = _Prepared(arms, simulate)

    def job(one: tuple[int, int]) -> Summary:
        number, replication = one
        arm, run_one = prepared.arm(number)
        result = run_one(seed=run.seed, replication=replication, engine=run.engine, record="journeys")
        return summarise(result, arm.scenario, arm.organisation, replication)

    summaries: list[Summary] = []
    with counted(job, jobs, threads_of(run), progress) as outcomes:
        for (number, _), summary in zip(jobs, outcomes, strict=True):
            summaries.append(summary)
            if len(summaries) == run.replications:
                yield summaries
                summaries = []
                prepared.forget(number)


class _Prepared:
    """Arms prepared when their first replication begins, and forgotten after their last one; for any thread."""

    def __init__(self, arms: Sequence[Arm], simulate: Simulate | None) -> None:
        self._arms, self._simulate = arms, simulate
        self._ready: dict[int, tuple[Arm, Callable[..., Any]]] = {}
        self._lock = threading.Lock()

    def arm(self, number: int) -> tuple[Arm, Callable[..., Any]]:
        """An arm, and what runs a replication of it."""
        with self._lock:
            if number not in self._ready:
                arm = self._arms[number]
                self._ready[number] = arm, running(arm.scenario, arm.organisation, self._simulate)
            return self._ready[number]

    def forget(self, number: int) -> None:
        """An arm whose replications are over."""
        with self._lock:
            self._ready.pop(number, None)


def estimated(
    arms: Sequence[Arm], run: Run, metrics: Sequence[Metric], progress: Tell | None, simulate: Simulate | None = None
) -> Iterator[Found]:
    """Estimates of each arm, in order. Memory holds the summaries of one arm, and the estimates of those before."""
    for summaries in summarised(arms, run, progress, simulate):
        yield estimates(summaries, metrics)


def without_description(organisation: Organisation) -> Organisation:
    """The same organisation, whatever its file says about it."""
    return dataclasses.replace(organisation, description="")
