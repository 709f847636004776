"""A round of a workshop in words: its headline numbers, and what changed since the round before."""

from dataclasses import dataclass

from simulator.questions.compare.tell import metric_scale
from simulator.questions.compare.work import Comparison
from simulator.questions.frame.blocks import verdict
from simulator.questions.frame.numbers import NOTHING, began, scale_of, stated, words
from simulator.results.estimate import Estimate
from simulator.results.metrics import BY_KEY, Metric
from simulator.workshop.rounds import lead

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
            estimate = comparison.found[name][key]
            half = scale.text((estimate.interval[1] - estimate.interval[0]) / 2)
            estimates.append((scale.text(estimate.value), "" if half == NOTHING else half))
        differences = []
        for name in comparison.organisations[1:]:
            gap = comparison.difference(name, key)
            low, high = (scale.text(end, sign=True) for end in gap.interval)
            ends = "" if low == NOTHING else f"{low} to {high}"
            differences.append(Difference(scale.text(gap.value, sign=True), ends, verdict(metric, *gap.interval)))
        rows.append(Row(key, label, scale.unit, tuple(estimates), tuple(differences)))
    return rows


def what_changed(now: Comparison, before: Comparison) -> list[Difference]:
    """What the organisations of both rounds do now less what they did before, on the same buyers; what is the same is
    said once."""
    both = [name for name in now.organisations if name in before.organisations]
    told, same = [], []
    for name in both:
        for key in CHANGES:
            change = now.found[name][key] - before.found[name][key]
            if change.value == 0 and not change.left_out.any():
                same += [name] if name not in same else []
            else:
                told.append(_difference(BY_KEY[key], f"{words(name)}, {HEADLINES[key]}", change))
    if len(both) > 1 and not same:
        gaps = [one.found[both[-1]][CHANGES[0]] - one.found[both[0]][CHANGES[0]] for one in (now, before)]
        label = f"gap in {HEADLINES[CHANGES[0]]}, {words(both[-1])} - {words(both[0])}"
        told.append(_difference(BY_KEY[CHANGES[0]], label, gaps[0] - gaps[1]))
    if same:
        told.append(Difference(f"{' and '.join(map(words, same))}: exactly as before", "", ""))
    return told


def _difference(metric: Metric, label: str, change: Estimate) -> Difference:
    scale = scale_of(metric.unit, [change])
    text = stated(scale, change.value, change.interval, apart=True)
    value, bracket, ends = text.partition(" [")
    return Difference(f"{label}: {value}", f"{bracket.strip()}{ends}".strip("[]").replace(", ", " to "),
                      verdict(metric, *change.interval))  # fmt: skip


def leading(comparison: Comparison) -> str:
    """Who wins the largest share of the inquiries, in one sentence."""
    found = lead(comparison)
    amount = stated(scale_of("share", [found.ahead]), found.ahead.value, found.ahead.interval, apart=True)
    points, _, interval = amount.removeprefix("+").partition(" [")
    ends = f" [{interval}" if interval else ""
    first, second = words(found.first), words(found.second)
    opening = f"{began(first)}"
    if found.sure:
        return f"{opening} wins the largest share of the inquiries: {points} more than {second}{ends}."
    return f"No sure winner: {first} is {points} of the inquiries ahead of {second}{ends}, which may be luck."
