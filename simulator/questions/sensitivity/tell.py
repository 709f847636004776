"""What a sensitivity analysis tells: what the answer hangs on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.questions.frame.assumption_words import (
    apart,
    gap_in_words,
    label,
    percent,
    range_in_words,
    share_in_words,
)
from simulator.questions.frame.blocks import Block, Column, Passage, Table, caption, heading, text
from simulator.questions.frame.gaps import better
from simulator.questions.frame.numbers import NOTHING as NO_NUMBER
from simulator.questions.frame.numbers import Scale, began, bracketed, scale_for, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.sensitivity.indices import Morris, Sobol
from simulator.questions.sensitivity.work import SOBOL, Examined, Sensitivity, examine
from simulator.results.metric import Metric

if TYPE_CHECKING:
    import pandas as pd

#: Which way an assumption moves the gap when it is raised.
HELPS, HURTS, EITHER, NOTHING = "helps", "hurts", "either way", "nothing"

#: Assumptions that the conclusion names.
_NAMED = 3
#: So often an interval of 95% lies on one side by chance.
_BY_CHANCE = 0.025


class SensitivityQuestion(Question[Sensitivity]):
    """What does the answer hang on?"""

    study = "sensitivity"
    files = ("morris.csv", "sobol.csv", "points.csv")

    def work(self, asked: Asked) -> Sensitivity:
        return examine(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, analysis: Sensitivity) -> "Mapping[str, pd.DataFrame]":
        return {f"{method}.csv": analysis.table(method) for method in analysis.designs} | {
            "points.csv": analysis.points()
        }

    def told(self, analysis: Sensitivity) -> list[Block]:
        """A table for each metric and method, what it means, and what the reader must know."""
        blocks: list[Block] = []
        for examined in analysis.examined:
            blocks += [
                heading(f"{began(apart(analysis.space))}: {examined.metric.label}"),
                _indices(analysis, examined),
                Passage(_signs(analysis, examined)),
                Passage(_luck(examined)),
            ]
        return [*blocks, caption(*_caption(analysis))]

    def conclusion(self, analysis: Sensitivity) -> list[str]:
        """What the gap of the first metric hangs on, and whether its sign does."""
        examined = next((examined for examined in analysis.examined if examined.method == SOBOL), analysis.examined[0])
        now = gap_in_words(examined.metric, analysis.present.gap(examined.metric))
        head = f"{began(apart(analysis.space))}, {examined.metric.label}: {now} as things stand"
        return [f"{head}; {moved_most(analysis, examined)}.", _signs(analysis, examined)]

    def arms(self, analysis: Sensitivity) -> tuple[Any, Sequence[str]]:
        return analysis.scenario, analysis.space.organisations

    def metrics(self, analysis: Sensitivity) -> Sequence[str]:
        return analysis.scenario.study.sensitivity.metrics

    def facts(self, analysis: Sensitivity) -> Mapping[str, Any]:
        return {
            "replications": analysis.replications,
            "organisations": list(analysis.space.organisations),
            "assumptions": list(analysis.space.names),
            "points": {method: len(points) for method, points in analysis.designs.items()},
            "runs": analysis.runs,
            "luck": {f"{examined.method} {examined.metric.key}": examined.luck for examined in analysis.examined},
        }


QUESTION = SensitivityQuestion()


# --- tables -----------------------------------------------------------------------------------------------------------


def _indices(analysis: Sensitivity, examined: Examined) -> Table:
    """Assumptions, the most important first."""
    space, rows = analysis.space, order(examined)
    columns = [
        Column("assumption", [label(space, space.names[i]) for i in rows], wraps=True),
        Column("range", [range_in_words(space, space.parameters[i]) for i in rows], wraps=True),
    ]
    indices = examined.indices
    more = _morris(examined, indices, rows) if isinstance(indices, Morris) else _sobol(indices, rows)
    return Table([*columns, *more])


def _morris(examined: Examined, morris: Morris, rows: Sequence[int]) -> Iterator[Column]:
    scale = morris_scale(examined, morris)
    head = ", ".join(filter(None, ("effect", scale.difference_unit)))
    yield Column(
        head, [f"{scale.text(morris.mu_star[i])} {_ends(morris, scale, i)}".rstrip() for i in rows], True, True
    )
    raising = (way(examined.metric, morris, i) for i in rows)
    yield Column("raising it", [text(how, {HELPS: "better", HURTS: "worse"}.get(how, "")) for how in raising],
                 wraps=True)  # fmt: skip
    yield Column("sigma", [scale.text(morris.sigma[i]) for i in rows], True, True)
    yield Column("luck", [scale.text(morris.luck[i]) for i in rows], True, True)


def _sobol(sobol: Sobol, rows: Sequence[int]) -> Iterator[Column]:
    for head, value, half, luck in (("first, %", sobol.first, sobol.first_half, sobol.first_luck),
                                    ("total, %", sobol.total, sobol.total_half, sobol.total_luck)):  # fmt: skip
        shares = [f"{100 * value[i]:.1f} ±{100 * half[i]:.1f}" if np.isfinite(value[i]) else NO_NUMBER for i in rows]
        yield Column(head, shares, True, True)
        lucks = [f"±{100 * luck[i]:.1f}" if np.isfinite(luck[i]) else NO_NUMBER for i in rows]
        yield Column("luck", lucks, True, True)


def _caption(analysis: Sensitivity) -> Iterator[str]:
    """What the reader must know to read the tables."""
    asked, run = analysis.scenario.study.sensitivity, analysis.scenario.run
    sizes = ", ".join(f"{method}: {len(points):,} points" for method, points in analysis.designs.items())
    yield (
        f"{sizes}, each {analysis.replications:,} replications (seed {run.seed}) of both organisations on the same "
        f"buyers; {analysis.runs:,} runs, as what must be equal is run once."
    )
    yield "Values are spread evenly over their ranges, which are judgements: a wider range matters more."
    if any(isinstance(examined.indices, Morris) for examined in analysis.examined):
        yield (
            f"Effect: what the gap changes by, on average, when this alone moves across its range "
            f"({asked.trajectories:,} walks; [ ]: 95% bootstrap intervals). Sigma: how much that depends on where the "
            "others stand. Luck: the effect that the luck of the replications alone would show.\nRaising it helps or "
            "hurts the organisation named first where the 95% interval of the mean effect excludes 0."
        )
    if any(isinstance(examined.indices, Sobol) for examined in analysis.examined):
        yield (
            "First: share of the gap's variance that this alone makes; total: with its interactions (±: 95% bootstrap "
            "over the design). Luck: the same from the replications. Totals need not add up to 100%; below 0 means "
            "none that this design can see."
        )
    if analysis.note:
        yield f"{began(analysis.note)}."


# --- in sentences -----------------------------------------------------------------------------------------------------


def moved_most(analysis: Sensitivity, examined: Examined) -> str:
    """The assumptions that matter most."""
    names = [label(analysis.space, analysis.space.names[i]) for i in order(examined)]
    if isinstance(examined.indices, Morris):
        return _by_morris(examined, examined.indices, names)
    return _by_sobol(examined, examined.indices, names)


def order(examined: Examined) -> list[int]:
    """Places of the parameters, the most important first; what cannot be told comes last."""
    size = examined.indices.mu_star if isinstance(examined.indices, Morris) else examined.indices.total
    return sorted(range(len(size)), key=lambda i: -size[i] if np.isfinite(size[i]) else np.inf)


def way(metric: Metric, morris: Morris, number: int) -> str:
    """What raising an assumption does to the challenger: by the interval of its mean effect."""
    if morris.mu_star[number] == 0:
        return NOTHING
    mean, half = better(metric) * morris.mu[number], morris.mu_half[number]
    return HELPS if mean - half > 0 else HURTS if mean + half < 0 else EITHER


def morris_scale(examined: Examined, morris: Morris) -> Scale:
    """A scale for all effects on a metric."""
    ends = [*morris.mu_star, *(morris.mu_star + morris.mu_star_half)]
    return scale_for(examined.metric.unit, map(float, ends), map(float, morris.mu_star_half))


def _by_morris(examined: Examined, morris: Morris, names: Sequence[str]) -> str:
    if examined.unknown:
        return f"what moves it cannot be told, as it cannot be estimated at {examined.unknown} points"
    scale, moves = morris_scale(examined, morris), []
    for place, i in enumerate(order(examined)[:_NAMED]):
        raising = {HELPS: ", raising it helps", HURTS: ", raising it hurts"}.get(way(examined.metric, morris, i), "")
        size = f"{_amount(scale, morris.mu_star[i])} {_ends(morris, scale, i)}"
        moves.append(f"{names[place]} ({'by ' if not place else ''}{size}{raising})")
    return f"what moves it most, across its range, is {', then '.join(moves)}"


def _amount(scale: Scale, value: float) -> str:
    return f"{scale.text(value)} {scale.difference_unit}".rstrip()


def _ends(morris: Morris, scale: Scale, number: int) -> str:
    """The interval of an effect."""
    effect, half = morris.mu_star[number], morris.mu_star_half[number]
    return bracketed(scale, (effect - half, effect + half))


def _by_sobol(examined: Examined, sobol: Sobol, names: Sequence[str]) -> str:
    if not np.isfinite(sobol.total).all():
        return "its variance cannot be taken apart, as there is none or it cannot be estimated everywhere"
    told = [
        f"{names[place]} {percent(sobol.first[i])} [{percent(sobol.first[i] - sobol.first_half[i])}, "
        f"{percent(sobol.first[i] + sobol.first_half[i])}]"
        for place, i in enumerate(order(examined)[:_NAMED])
    ]
    together = sum(sobol.first[i] for i in order(examined)[:_NAMED])
    return f"of its variance over the ranges, alone, {', '.join(told)}: together {percent(together)}"


def _signs(analysis: Sensitivity, examined: Examined) -> str:
    """How often the challenger wins over the design, and whether that hangs on the assumptions."""
    name = words(analysis.space.organisations[1])
    wins, sure, losses = map(share_in_words, (examined.wins, examined.sure_wins, examined.sure_losses))
    return began(
        f"{name} is ahead at {wins} of {examined.wins.count:,} points spread over the ranges, for sure at {sure}, and "
        f"behind for sure at {losses}: {_verdict(examined)}."
    )


def _verdict(examined: Examined) -> str:
    """Whether the sign of the gap hangs on the assumptions: each side is seen, or no more than chance, or may be it."""
    ahead, behind = examined.sure_wins, examined.sure_losses
    if ahead.low > _BY_CHANCE and behind.low > _BY_CHANCE:
        return "which of them is ahead hangs on these assumptions"
    if max(ahead.value, behind.value) <= _BY_CHANCE:
        return "neither is more than chance, so that more replications would have to tell"
    if ahead.low > _BY_CHANCE and behind.value <= _BY_CHANCE:
        return "the latter is no more than chance, so that its lead does not hang on them as far as this can tell"
    if behind.low > _BY_CHANCE and ahead.value <= _BY_CHANCE:
        return "the former is no more than chance, so that its lag does not hang on them as far as this can tell"
    return "which of them is ahead may hang on these assumptions, and more points would tell"


def _luck(examined: Examined) -> str:
    if not np.isfinite(examined.luck):
        return "The gap does not vary over the design, or cannot be estimated everywhere."
    return f"Of the variance of the gap over the design, {examined.luck:.0%} is luck of the replications."
