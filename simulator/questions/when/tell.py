"""What a map tells: who wins where, where it breaks even, and a rule."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.questions.frame.assumption_words import (
    apart,
    gap_in_words,
    label,
    range_in_words,
    share_in_words,
    value_in_words,
)
from simulator.questions.frame.blocks import Block, Cell, Column, Passage, Table, caption, heading, text
from simulator.questions.frame.gaps import Response
from simulator.questions.frame.numbers import NOTHING, Scale, began, scale_for, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.when.rule import FEWEST_CASES, Restriction, Rule
from simulator.questions.when.work import Explained, WhenMap, chart
from simulator.results.metric import Metric

if TYPE_CHECKING:
    import pandas as pd

#: Behind a gap whose interval holds 0.
UNSURE = "~"


class WhenQuestion(Question[WhenMap]):
    """When does which organisation win?"""

    study = "when"
    files = ("map.csv", "prim_points.csv", "prim.csv")

    def work(self, asked: Asked) -> WhenMap:
        return chart(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, when: WhenMap) -> "Mapping[str, pd.DataFrame]":
        tables = {"map.csv": when.map_table()}
        if when.explained is not None:
            tables |= {"prim_points.csv": when.points_table(), "prim.csv": when.rule_table()}
        return tables

    def told(self, when: WhenMap) -> list[Block]:
        blocks: list[Block] = []
        for metric in when.metrics:
            blocks += [
                heading(f"{began(apart(when.map.space))}: {metric.label}"),
                _places(when, metric),
                Passage(map_in_words(when, metric)),
            ]
        if when.explained is not None and when.explained.rule is not None and when.explained.rule.restrictions:
            blocks += [heading("A rule"), _rule(when.explained, when.explained.rule)]
        return [*blocks, caption(*_caption(when))]

    def conclusion(self, when: WhenMap) -> list[str]:
        """Where the gap of the first metric changes its sign, and the rule."""
        said = [map_in_words(when, when.metrics[0])]
        return [*said, rule_in_words(when, when.explained)] if when.explained is not None else said

    def arms(self, when: WhenMap) -> tuple[Any, Sequence[str]]:
        return when.scenario, when.map.space.organisations

    def metrics(self, when: WhenMap) -> Sequence[str]:
        return when.scenario.study.when.metrics

    def facts(self, when: WhenMap) -> Mapping[str, Any]:
        return {
            "replications": when.scenario.study.when.replications,
            "organisations": list(when.map.space.organisations),
            "axes": list(when.map.space.names),
            "assumptions": list(when.explained.space.names) if when.explained else [],
            "runs": when.runs,
        }


QUESTION = WhenQuestion()


def map_scale(when: WhenMap, metric: Metric) -> Scale:
    """A scale for all gaps of a metric on the map."""
    response = when.map.response(metric)
    known = response.half[np.isfinite(response.half)]
    half = float(np.median(known)) if len(known) else 0.0
    return scale_for(metric.unit, [float(gap) for gap in response.gap], [half])


# --- tables -----------------------------------------------------------------------------------------------------------


def _places(when: WhenMap, metric: Metric) -> Table:
    """Gaps at every place, the highest row on top."""
    plane, response, scale = when.map.space, when.map.response(metric), map_scale(when, metric)
    across, up = plane.parameters
    corner = f"{label(plane, up.name)} \\ {label(plane, across.name)}"
    rows, width = list(reversed(range(len(when.map.ys)))), len(when.map.xs)
    heights = [value_in_words(plane, up, when.map.ys[row]) for row in rows]
    first = Column(", ".join(filter(None, (corner, scale.difference_unit))), heights, wraps=True)
    return Table([
        first,
        *(Column(value_in_words(plane, across, x).removesuffix(" times today’s"),
                 [_cell(response, scale, row * width + place) for row in rows], right=True)
          for place, x in enumerate(when.map.xs)),
    ])  # fmt: skip


def _cell(response: Response, scale: Scale, place: int) -> Cell:
    said = scale.text(float(response.gap[place]), sign=True)
    if response.sure_wins[place] or response.sure_losses[place]:
        return text(f"{said} ", "better" if response.sure_wins[place] else "worse")
    return text(f"{said}{UNSURE}" if said != NOTHING else f"{said} ")


def _rule(explained: Explained, rule: Rule) -> Table:
    """A row for each restriction, and what the box is worth."""
    rows: list[tuple[Cell | str, str, str, str]] = []
    for restriction in rule.restrictions:
        parameter = next(each for each in explained.space.parameters if each.name == restriction.name)
        weak = [p for p in (restriction.quasi_p_low, restriction.quasi_p_high) if math.isfinite(p)]
        rows.append((
            label(explained.space, restriction.name), range_in_words(explained.space, parameter),
            _restricted(explained, restriction).partition(" is ")[2],
            ", ".join(f"{p:.2g}" if p >= 1e-4 else "<0.0001" for p in weak),
        ))  # fmt: skip
    for name, (where_found, held_out) in (("density", rule.density), ("coverage", rule.coverage),
                                          ("all points", rule.base), ("support", rule.support)):  # fmt: skip
        rows.append((text(name, "strong"), "", f"{share_in_words(where_found)} where found",
                     f"{share_in_words(held_out)} held out"))  # fmt: skip
    heads = ("assumption", "range", "in the box", "quasi-p")
    return Table([Column(head, cells, wraps=True) for head, cells in zip(heads, zip(*rows, strict=True), strict=True)])


def _caption(when: WhenMap) -> Iterator[str]:
    """What the reader must know to read the tables."""
    asked, run = when.scenario.study.when, when.scenario.run
    yield (
        f"Map: {asked.replications:,} replications (seed {run.seed}) of both organisations at each place, the same "
        f"buyers everywhere; {when.runs:,} runs in all, as what must be equal is run once. {UNSURE}: the 95% interval "
        "holds 0."
    )
    if when.explained is not None:
        yield (
            f"Rule: PRIM over {len(when.explained.space.names)} assumptions, a case being a gap of this sign, sure or "
            f"not, from {asked.rule_replications:,} replications. Density: cases among points in the box; coverage: "
            "cases that are in it; [ ]: 95% intervals. Quasi-p: how likely luck alone would make the box as dense as "
            "this restriction does. Points are spread evenly over ranges, which are judgements."
        )
    if when.note:
        yield f"{began(when.note)}."


# --- in sentences -----------------------------------------------------------------------------------------------------


def map_in_words(when: WhenMap, metric: Metric) -> str:
    """Who wins where on the map, as things stand, and where it breaks even."""
    plane, response = when.map.space, when.map.response(metric)
    name = words(plane.organisations[1])
    now = gap_in_words(metric, when.map.present.gap(metric))
    places = len(response.gap)
    return (
        f"{began(apart(plane))}, {metric.label}: {now} as things stand; on the map of {label(plane, plane.names[0])} "
        f"and {label(plane, plane.names[1])}, {name} wins for sure at {response.sure_wins.sum()} of {places} places "
        f"and loses for sure at {response.sure_losses.sum()}, and {_break_even(when, metric)}."
    )


def rule_in_words(when: WhenMap, explained: Explained) -> str:
    """The rule, with what it is worth on fresh points."""
    metric = when.metrics[0]
    baseline, challenger = (words(name) for name in explained.space.organisations)
    winner = baseline if explained.losing else challenger
    points = len(explained.found_from)
    better = f"{began(winner)} is better on the {metric.label}"
    if explained.rule is None:
        return (
            f"{better} at {explained.cases} of {points:,} points spread over the "
            f"ranges of {len(explained.space.names)} assumptions: too few for a rule, which takes {FEWEST_CASES}."
        )
    if not explained.rule.restrictions:
        return (
            f"{better} at {share_in_words(explained.rule.base[0])} of {points:,} "
            "points, and no part of the ranges holds more of them than luck would explain: there is no rule."
        )
    *parts, last = (_restricted(explained, restriction) for restriction in explained.rule.restrictions)
    where = " and ".join(filter(None, (", ".join(parts), last)))
    density, coverage, base = explained.rule.density[1], explained.rule.coverage[1], explained.rule.base[1]
    if not density.count:
        return f"{began(winner)} may win more where {where}, but none of {base.count:,} fresh points lies there."
    such = "such" if explained.rule.holds(explained.space.present) else "the other"
    doubt = "" if density.low > base.value else " (which may be chance)"
    return (
        f"{began(winner)} wins more where {where}: in {share_in_words(density)} of such cases, against "
        f"{base.value:.0%} of all{doubt}, which covers {share_in_words(coverage)} of all cases where it wins "
        f"({density.count:,} of {base.count:,} fresh points lie there; the rule was found from {points:,} others). The "
        f"scenario as it stands is one of {such} cases."
    )


def _break_even(when: WhenMap, metric: Metric) -> str:
    across, up = when.map.space.parameters
    plane = when.map.space
    lines = when.map.break_even(metric)
    if np.isnan(when.map.response(metric).gap).any():
        return "where it breaks even cannot be told, as it cannot be estimated everywhere"
    if not lines:
        return f"with {label(plane, up.name)} as today it keeps its sign whatever the {label(plane, across.name)}"
    places = []
    for line in lines:
        low, high = line.interval
        ends = f" [{max(low, across.low):.2f}, {min(high, across.high):.2f}]" if math.isfinite(low) else ""
        places.append(f"{value_in_words(plane, across, line.value)}{ends}")
    where = f"{label(plane, across.name)} is {' and '.join(places)}"
    return f"with {label(plane, up.name)} as today it breaks even where {where}"


def _restricted(explained: Explained, restriction: Restriction) -> str:
    parameter = next(each for each in explained.space.parameters if each.name == restriction.name)
    name, low, high = label(explained.space, restriction.name), restriction.low, restriction.high
    if low is not None and high is not None:
        ends = (
            f"{value_in_words(explained.space, parameter, low)} and {value_in_words(explained.space, parameter, high)}"
        )
        return f"{name} is between {ends}"
    if low is not None:
        return f"{name} is at least {value_in_words(explained.space, parameter, low)}"
    assert high is not None
    return f"{name} is at most {value_in_words(explained.space, parameter, high)}"
