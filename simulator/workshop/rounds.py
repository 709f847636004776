"""Rounds of a workshop: one scenario again and again with its levers moved, answered as soon as it can be.

An organisation that the levers left as it was is not run again: its summaries are those of the round in which it was
last so. What comes out is a `Comparison` like any other, equal to the last digit to that of `compare`. In words it is
its headline numbers, and what changed since the round before.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from simulator.questions.compare.tell import metric_scale
from simulator.questions.compare.work import Comparison
from simulator.questions.frame.arms import Arm, Tell, summarised
from simulator.questions.frame.blocks import verdict
from simulator.questions.frame.numbers import NOTHING, began, scale_of, stated, words
from simulator.questions.frame.runs import Simulate, resolved
from simulator.results.estimate import Estimate, estimates
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY
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
        with contextlib.closing(summarised(arms, scenario.run, progress, self._simulate)) as per_arm:  # type: ignore[type-var]
            for name, summaries in zip(new, per_arm, strict=True):
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


#: What a room can take in at a glance, with names that it understands.
HEADLINES = {
    "win_rate_inquiries": "inquiries won",
    "cost_per_won": "cost of a win",
    "net": "revenue less cost",
    "cycle_time_median": "median days to win",
    "never_contacted": "never contacted",
}
#: What is compared with the round before.
CHANGES = ("win_rate_inquiries", "cost_per_won")


@dataclass(frozen=True)
class Difference:
    """A difference as it is shown: text, and whether it is better, worse, apart (neither) or "" (not sure)."""

    text: str
    interval: str
    verdict: str


@dataclass(frozen=True)
class Row:
    """A headline: estimates by organisation as (value, half width), differences to the baseline."""

    key: str
    label: str
    unit: str
    estimates: tuple[tuple[str, str], ...]
    differences: tuple[Difference, ...]


def headlines(comparison: Comparison) -> list[Row]:
    """The headline numbers, rounded as in the table of a run."""
    rows = []
    for key, label in HEADLINES.items():
        metric, scale = BY_KEY[key], metric_scale(comparison, BY_KEY[key])
        estimates = []
        for name in comparison.organisations:
            low, high = comparison.found[name][key].interval
            half = scale.text((high - low) / 2)
            estimates.append((scale.text(comparison.found[name][key].value), "" if half == NOTHING else half))
        differences = []
        for name in comparison.organisations[1:]:
            gap = comparison.difference(name, key)
            low_text, high_text = (scale.text(end, sign=True) for end in gap.interval)
            ends = "" if low_text == NOTHING else f"{low_text} to {high_text}"
            differences.append(Difference(scale.text(gap.value, sign=True), ends, verdict(metric, *gap.interval)))
        rows.append(Row(key, label, scale.unit, tuple(estimates), tuple(differences)))
    return rows


def what_changed(now: Comparison, before: Comparison) -> list[Difference]:
    """What the organisations of both rounds do now less what they did before, on the same buyers; what is the same is
    said once."""
    both = [name for name in now.organisations if name in before.organisations]
    changes, same = [], []
    for name in both:
        for key in CHANGES:
            change = now.found[name][key] - before.found[name][key]
            if change.value == 0 and not change.left_out.any():
                same += [name] if name not in same else []
            else:
                changes.append(_difference(BY_KEY[key], f"{words(name)}, {HEADLINES[key]}", change))
    if len(both) > 1 and not same:
        gaps = [
            comparison.found[both[-1]][CHANGES[0]] - comparison.found[both[0]][CHANGES[0]]
            for comparison in (now, before)
        ]
        label = f"gap in {HEADLINES[CHANGES[0]]}, {words(both[-1])} - {words(both[0])}"
        changes.append(_difference(BY_KEY[CHANGES[0]], label, gaps[0] - gaps[1]))
    if same:
        changes.append(Difference(f"{' and '.join(map(words, same))}: exactly as before", "", ""))
    return changes


def _difference(metric: Metric, label: str, change: Estimate) -> Difference:
    scale = scale_of(metric.unit, [change])
    text = stated(scale, change.value, change.interval, apart=True)
    value, bracket, ends = text.partition(" [")
    return Difference(f"{label}: {value}", f"{bracket.strip()}{ends}".strip("[]").replace(", ", " to "),
                      verdict(metric, *change.interval))  # fmt: skip


def leading(comparison: Comparison) -> str:
    """Who wins the largest share of the inquiries, in one sentence."""
    leader = lead(comparison)
    amount = stated(scale_of("share", [leader.ahead]), leader.ahead.value, leader.ahead.interval, apart=True)
    points, _, interval = amount.removeprefix("+").partition(" [")
    ends = f" [{interval}" if interval else ""
    first, second = words(leader.first), words(leader.second)
    opening = f"{began(first)}"
    if leader.sure:
        return f"{opening} wins the largest share of the inquiries: {points} more than {second}{ends}."
    return f"No sure winner: {first} is {points} of the inquiries ahead of {second}{ends}, which may be luck."
