"""Rounds of a workshop: one scenario again and again with its levers moved, as soon as it can be answered.

An organisation that the levers left as it was is not run again: its summaries are those of the round in which it was
last so. What comes out is a `Comparison` like any other, equal to the last digit to that of `compare`.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from simulator.questions.compare.work import Comparison
from simulator.questions.frame.arms import Arm, Tell, summarised
from simulator.questions.frame.runs import Simulate, resolved
from simulator.results.estimate import Estimate, estimates
from simulator.results.summary import Summary
from simulator.scenario.scenario import Scenario

#: Arms whose summaries are kept: a few rounds of every room.
_MOST_KEPT = 60


@dataclass
class _Known:
    """What was run of one arm: its summaries, and what was estimated from them."""

    summaries: list[Summary]
    found: dict[str, Estimate]


class Rounds:
    """Answers rounds, and remembers arms; for any number of threads."""

    def __init__(self, simulate: Simulate | None = None) -> None:
        self._simulate = simulate
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = Lock()

    def compared(self, scenario: Scenario, progress: Tell | None = None) -> Comparison:
        """Compare the scenario's organisations.

        Parameters
        ----------
        scenario : left as it is.
        progress : called with the runs done and the runs in all, of those that have to be run; may raise to end them.

        Raises
        ------
        ScenarioError
            Before anything runs, as `simulator.questions.compare.work.compare` says.
        """
        scenario = resolved(scenario)
        names = scenario.compared()
        keys = {name: f"{name} {scenario.run} {Arm(scenario, name).same()}" for name in names}
        new = [name for name in names if self._of(keys[name]) is None]
        arms = [Arm(scenario, name) for name in new]
        with contextlib.closing(summarised(arms, scenario.run, progress, self._simulate)) as found:  # type: ignore[type-var]
            for name, summaries in zip(new, found, strict=True):
                self._keep(keys[name], _Known(summaries, estimates(summaries)))
        known = {name: self._of(keys[name]) for name in names}
        if None in known.values():  # pushed out by other rooms meanwhile
            return self.compared(scenario, progress)
        kept = {name: one for name, one in known.items() if one is not None}
        return Comparison(
            scenario,
            tuple(names),
            {name: one.summaries for name, one in kept.items()},
            {name: one.found for name, one in kept.items()},
        )

    def _of(self, key: str) -> _Known | None:
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def _keep(self, key: str, known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            while len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)


@dataclass(frozen=True)
class Lead:
    """Who wins the largest share of the inquiries, and how far ahead of the next one.

    Attributes
    ----------
    first, second : organisations.
    ahead : the paired difference of their win rates.
    """

    first: str
    second: str
    ahead: Estimate

    @property
    def sure(self) -> bool:
        """Whether the interval leaves 0 out."""
        low, high = self.ahead.interval
        return low > 0 or high < 0


def lead(comparison: Comparison, metric: str = "win_rate_inquiries") -> Lead:
    """Who leads by a metric of which more is better, of two organisations at least."""
    order: Sequence[str] = sorted(comparison.organisations, key=lambda name: -comparison.found[name][metric].value)
    first, second = order[0], order[1]
    return Lead(first, second, comparison.found[first][metric] - comparison.found[second][metric])
