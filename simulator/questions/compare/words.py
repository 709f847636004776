"""What a comparison says, in two sentences; and how narrow its intervals became."""

import math

from simulator.questions.compare.precision import Reached
from simulator.questions.compare.work import Comparison
from simulator.questions.frame.numbers import Scale, began, scale_for, words
from simulator.questions.frame.stating import listed
from simulator.results.metrics import BY_KEY, Metric

#: What the two sentences are about: who wins, then how soon and at what cost.
WINS, DAYS, COST = "win_rate_inquiries", "cycle_time_median", "cost_per_won"


def conclusion(comparison: Comparison) -> list[str]:
    """Who wins more and by how much; then what it takes in time and money. With 95% intervals."""
    if len(comparison.organisations) < 2:
        only = words(comparison.baseline)
        return [f"{began(only)} was run alone: there is nothing to compare it with."]
    said = [
        _sentence(comparison, WINS, "wins", "of the inquiries"),
        _pair(comparison),
    ]
    return [*said, *([precision(comparison.reached)] if comparison.reached else [])]


def _sentence(comparison: Comparison, key: str, verb: str, of: str) -> str:
    """The baseline's estimate, then every challenger's difference to it."""
    metric, scale = BY_KEY[key], _scale(comparison, key)
    base = scale.with_unit(_cell(comparison.metrics, key, comparison.baseline, "estimate"))
    told = [f"{words(name)} {_more(comparison, metric, name, scale)}" for name in comparison.organisations[1:]]
    baseline = words(comparison.baseline)
    return f"{began(baseline)} {verb} {base} {of}; {'; '.join(told)}."


def _pair(comparison: Comparison) -> str:
    """Time and cost of a win."""
    days, cost = _scale(comparison, DAYS), _scale(comparison, COST)
    told = []
    for name in comparison.organisations[1:]:
        soon = _more(comparison, BY_KEY[DAYS], name, days, ("later", "sooner"))
        dear = _more(comparison, BY_KEY[COST], name, cost)
        told.append(f"{words(name)} {soon} and {dear} per win")
    base = [
        scale.with_unit(_cell(comparison.metrics, key, comparison.baseline, "estimate"))
        for key, scale in ((DAYS, days), (COST, cost))
    ]
    return f"Half of its wins take {base[0]} or less, and a win costs {base[1]}; {'; '.join(told)}."


def _more(
    comparison: Comparison, metric: Metric, name: str, scale: Scale, ways: tuple[str, str] = ("more", "less")
) -> str:
    """By how much more or less, and how sure."""
    value, low, high = (
        _cell(comparison.differences, metric.key, name, column) for column in ("difference", "ci_low", "ci_high")
    )
    unit = " points" if scale.unit == "%" else f" {scale.unit}".rstrip()
    if not math.isfinite(value):
        return "cannot be compared"
    ends = f" [{scale.text(low, sign=True)}, {scale.text(high, sign=True)}]" if math.isfinite(low) else ""
    amount = f"{scale.text(abs(value))}{unit} {ways[value < 0]}"
    return f"{amount}{ends}" if low > 0 or high < 0 or not ends else f"no different for sure ({amount}{ends})"


def precision(reached: Reached) -> str:
    """Whether intervals became as narrow as asked, or what was reached within the budget."""
    whose = words(reached.organisation) + (f" - {words(reached.baseline)}" if reached.baseline else "")
    if reached.met:
        return (
            f"After {reached.replications:,} replications every headline interval reaches at most {reached.asked:.1%} "
            f"of its estimate to either side; the widest is {reached.metric.label}, {whose}, with {reached.width:.1%}."
        )
    return (
        f"The precision of {reached.asked:.1%} was not met within {reached.replications:,} replications: "
        f"{reached.metric.label}, {whose}, has {reached.width:.1%}, which would take about {reached.needed:,} "
        "(study.compare.most_replications)."
    )


def _scale(comparison: Comparison, key: str) -> Scale:
    rows = comparison.differences[comparison.differences["metric"] == key]
    values = comparison.metrics[comparison.metrics["metric"] == key]["estimate"]
    halves = (rows["ci_high"] - rows["ci_low"]) / 2
    marked = [low if low > 0 else high for low, high in zip(rows["ci_low"], rows["ci_high"], strict=True)
              if low > 0 or high < 0]  # fmt: skip
    return scale_for(BY_KEY[key].unit, list(values), list(halves)).telling_from_0(marked)


def _cell(table: object, key: str, organisation: str, column: str) -> float:
    rows = table[(table["metric"] == key) & (table["organisation"] == organisation)]  # type: ignore[index]
    return float(rows[column].iloc[0])


def sureness(comparison: Comparison) -> list[str]:
    """How many differences of the table have an interval that excludes 0, and which of those in the conclusion."""
    table = comparison.differences
    told: list[str] = []
    if len(comparison.organisations) < 2 or comparison.replications < 2:
        return told
    apart = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    keys = [metric.key for metric in BY_KEY.values() if metric.headline]
    shown = table["metric"].isin(keys)
    told.append(
        f"Of {int(shown.sum()):,} differences in the table of all headline metrics, {int((apart & shown).sum()):,} "
        "have an interval that excludes 0; about one in 20 would by chance alone."
    )
    for name in comparison.organisations[1:]:
        own = table["organisation"] == name
        sure = {key: bool((apart & own & (table["metric"] == key)).any()) for key in (WINS, DAYS, COST)}
        yes, no = ([f"“{BY_KEY[key].label}”" for key, one in sure.items() if one is way] for way in (True, False))
        told.append(
            f"{began(words(name))} less {words(comparison.baseline)}: "
            + "; ".join(filter(None, (f"the interval excludes 0 for {listed(yes)}" if yes else "",
                                      f"the interval holds 0 for {listed(no)}" if no else ""))) + "."
        )  # fmt: skip
    return told
