"""The tables and sentences of a map of who wins where."""

import math
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.assumption_words import (
    apart,
    gap_in_words,
    label,
    range_in_words,
    share_in_words,
    unit_in_words,
    value_in_words,
)
from simulator.questions.frame.gaps import Response
from simulator.questions.frame.numbers import NOTHING, Scale, began, scale_for, words
from simulator.questions.frame.shares import Share
from simulator.questions.when.rule import FEWEST_CASES, Restriction, Rule
from simulator.questions.when.work import Explained, WhenMap
from simulator.results.metrics import Metric

#: Behind a gap whose interval holds 0.
UNSURE = "~"


def print_when(found: WhenMap, console: Console) -> None:
    """Print the maps, the rule, and what the reader must know."""
    for metric in found.metrics:
        console.print(Text(f"\n{began(apart(found.map.space))}: {metric.label}", style="bold underline"))
        console.print(_map_table(found, metric))
        console.print(Text(map_in_words(found, metric)))
    if found.explained is not None and found.explained.rule is not None and found.explained.rule.restrictions:
        console.print(Text("\nA rule", style="bold underline"))
        console.print(_rule_table(found.explained, found.explained.rule))
    console.print(Text(caption(found), style="dim"))


def conclusion(found: WhenMap) -> list[str]:
    """Where the gap of the first metric changes its sign, and the rule."""
    said = [map_in_words(found, found.metrics[0])]
    return [*said, rule_in_words(found, found.explained)] if found.explained is not None else said


def map_in_words(found: WhenMap, metric: Metric) -> str:
    """Who wins where on the map, as things stand, and where it breaks even."""
    plane, response = found.map.space, found.map.response(metric)
    name = words(plane.organisations[1])
    now = gap_in_words(metric, found.map.present.gap(metric))
    places = len(response.gap)
    return (
        f"{began(apart(plane))}, {metric.label}: {now} as things stand; on the map of {label(plane, plane.names[0])} "
        f"and {label(plane, plane.names[1])}, {name} wins for sure at {response.sure_wins.sum()} of {places} places "
        f"and loses for sure at {response.sure_losses.sum()}, and {_break_even(found, metric)}."
    )


def rule_in_words(found: WhenMap, one: Explained) -> str:
    """The rule, with what it is worth on fresh points."""
    metric = found.metrics[0]
    baseline, challenger = (words(name) for name in one.space.organisations)
    winner = baseline if one.losing else challenger
    points = len(one.found_from)
    if one.rule is None:
        return (
            f"{began(winner)} is better on the {metric.label} at {one.cases} of {points:,} points spread over the "
            f"ranges of {len(one.space.names)} assumptions: too few for a rule, which takes {FEWEST_CASES}."
        )
    if not one.rule.restrictions:
        return (
            f"{began(winner)} is better on the {metric.label} at {share_in_words(one.rule.base[0])} of {points:,} "
            "points, and no part of the ranges holds more of them than luck would explain: there is no rule."
        )
    *parts, last = (_restricted(one, restriction) for restriction in one.rule.restrictions)
    where = " and ".join(filter(None, (", ".join(parts), last)))
    density, coverage, base = one.rule.density[1], one.rule.coverage[1], one.rule.base[1]
    if not density.count:
        return f"{began(winner)} may win more where {where}, but none of {base.count:,} fresh points lies there."
    doubt = "" if density.low > base.value else " (which may be chance)"
    return (
        f"{began(winner)} wins more where {where}: in {share_in_words(density)} of such cases, against "
        f"{base.value:.0%} of all{doubt}, which covers {share_in_words(coverage)} of all cases where it wins "
        f"({density.count:,} of {base.count:,} fresh points lie there; the rule was found from {points:,} others). The "
        f"scenario as it stands is one of {'such' if one.rule.holds(one.space.present) else 'the other'} cases."
    )


def map_scale(found: WhenMap, metric: Metric) -> Scale:
    """A scale for all gaps of a metric on the map."""
    response = found.map.response(metric)
    known = response.half[np.isfinite(response.half)]
    half = float(np.median(known)) if len(known) else 0.0
    return scale_for(metric.unit, [float(gap) for gap in response.gap], [half])


def caption(found: WhenMap) -> str:
    """What the reader must know to read the tables."""
    asked, run = found.scenario.study.when, found.scenario.run
    said = [
        f"Map: {asked.replications:,} replications (seed {run.seed}) of both organisations at each place, the same "
        f"buyers everywhere; {found.runs:,} runs in all, as what must be equal is run once. {UNSURE}: the 95% interval "
        "holds 0.",
    ]
    if found.explained is not None:
        said.append(
            f"Rule: PRIM over {len(found.explained.space.names)} assumptions, a case being a gap of this sign, sure or "
            f"not, from {asked.rule_replications:,} replications. Density: cases among points in the box; coverage: "
            "cases that are in it; [ ]: 95% intervals. Quasi-p: how likely luck alone would make the box as dense as "
            "this restriction does. Points are spread evenly over ranges, which are judgements."
        )
    if found.note:
        said.append(f"{began(found.note)}.")
    return "\n".join(said)


def _break_even(found: WhenMap, metric: Metric) -> str:
    across, up = found.map.space.parameters
    plane = found.map.space
    lines = found.map.break_even(metric)
    if np.isnan(found.map.response(metric).gap).any():
        return "where it breaks even cannot be told, as it cannot be estimated everywhere"
    if not lines:
        return f"with {label(plane, up.name)} as today it keeps its sign whatever the {label(plane, across.name)}"
    told = []
    for one in lines:
        low, high = one.interval
        ends = f" [{max(low, across.low):.2f}, {min(high, across.high):.2f}]" if math.isfinite(low) else ""
        told.append(f"{value_in_words(plane, across, one.value)}{ends}")
    where = f"{label(plane, across.name)} is {' and '.join(told)}"
    return f"with {label(plane, up.name)} as today it breaks even where {where}"


def _restricted(one: Explained, restriction: Restriction) -> str:
    parameter = next(each for each in one.space.parameters if each.name == restriction.name)
    name, low, high = label(one.space, restriction.name), restriction.low, restriction.high
    if low is not None and high is not None:
        ends = f"{value_in_words(one.space, parameter, low)} and {value_in_words(one.space, parameter, high)}"
        return f"{name} is between {ends}"
    if low is not None:
        return f"{name} is at least {value_in_words(one.space, parameter, low)}"
    assert high is not None
    return f"{name} is at most {value_in_words(one.space, parameter, high)}"


# --- in tables --------------------------------------------------------------------------------------------------------


def _map_table(found: WhenMap, metric: Metric) -> Table:
    """Gaps at every place, the highest row on top."""
    plane, response, scale = found.map.space, found.map.response(metric), map_scale(found, metric)
    across, up = plane.parameters
    unit = unit_in_words(scale).strip()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(f"{label(plane, up.name)} \\ {label(plane, across.name)}{f', {unit}' if unit else ''}")
    for x in found.map.xs:
        table.add_column(value_in_words(plane, across, x).removesuffix(" times today’s"), justify="right", no_wrap=True)
    shape = (len(found.map.ys), len(found.map.xs))
    for row in reversed(range(shape[0])):
        cells = [_cell(response, scale, row * shape[1] + column) for column in range(shape[1])]
        table.add_row(value_in_words(plane, up, found.map.ys[row]), *cells)
    return table


def _cell(response: Response, scale: Scale, place: int) -> Text:
    text = scale.text(float(response.gap[place]), sign=True)
    if response.sure_wins[place] or response.sure_losses[place]:
        return Text(f"{text} ", style="green" if response.sure_wins[place] else "red")
    return Text(f"{text}{UNSURE}" if text != NOTHING else f"{text} ")


def _rule_table(one: Explained, rule: Rule) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("assumption", "range", "in the box", "quasi-p"):
        table.add_column(head)
    for restriction in rule.restrictions:
        parameter = next(each for each in one.space.parameters if each.name == restriction.name)
        weak = [p for p in (restriction.quasi_p_low, restriction.quasi_p_high) if math.isfinite(p)]
        table.add_row(
            label(one.space, restriction.name),
            range_in_words(one.space, parameter),
            _restricted(one, restriction).partition(" is ")[2],
            ", ".join(f"{p:.2g}" if p >= 1e-4 else "<0.0001" for p in weak),
        )
    for name, pair in (("density", rule.density), ("coverage", rule.coverage), ("all points", rule.base),
                       ("support", rule.support)):  # fmt: skip
        table.add_row(Text(name, style="bold"), "", *_pair(pair))
    return table


def _pair(pair: Sequence[Share]) -> tuple[str, str]:
    return f"{share_in_words(pair[0])} where found", f"{share_in_words(pair[1])} held out"
