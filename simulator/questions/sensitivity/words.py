"""The tables and sentences of a sensitivity analysis: what the answer hangs on."""

from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.questions.frame.assumption_words import (
    apart,
    gap_in_words,
    label,
    percent,
    range_in_words,
    share_in_words,
    unit_in_words,
)
from simulator.questions.frame.gaps import better
from simulator.questions.frame.numbers import Scale, began, scale_for, words
from simulator.questions.sensitivity.indices import Morris, Sobol
from simulator.questions.sensitivity.work import SOBOL, Examined, Sensitivity
from simulator.results.metrics import Metric

#: Which way an assumption moves the gap when it is raised.
HELPS, HURTS, EITHER, NOTHING = "helps", "hurts", "either way", "nothing"

#: Assumptions that the conclusion names.
_NAMED = 3
#: So often an interval of 95% lies on one side by chance.
_BY_CHANCE = 0.025


def print_sensitivity(found: Sensitivity, console: Console) -> None:
    """Print a table for each metric and method, what it means, and what the reader must know."""
    for one in found.examined:
        console.print(Text(f"\n{began(apart(found.space))}: {one.metric.label}", style="bold underline"))
        console.print(_morris_table(found, one) if isinstance(one.indices, Morris) else _sobol_table(found, one))
        console.print(Text(_signs(found, one)))
        console.print(Text(_luck(one)))
    console.print(Text(caption(found), style="dim"))


def conclusion(found: Sensitivity) -> list[str]:
    """What the gap of the first metric hangs on, and whether its sign does."""
    one = next((one for one in found.examined if one.method == SOBOL), found.examined[0])
    now = gap_in_words(one.metric, found.present.gap(one.metric))
    head = f"{began(apart(found.space))}, {one.metric.label}: {now} as things stand"
    return [f"{head}; {moved_most(found, one)}.", _signs(found, one)]


def moved_most(found: Sensitivity, one: Examined) -> str:
    """The assumptions that matter most."""
    names = [label(found.space, found.space.names[i]) for i in order(one)]
    if isinstance(one.indices, Morris):
        return _by_morris(one, one.indices, names)
    return _by_sobol(one, one.indices, names)


def order(one: Examined) -> list[int]:
    """Places of the parameters, the most important first; what cannot be told comes last."""
    size = one.indices.mu_star if isinstance(one.indices, Morris) else one.indices.total
    return sorted(range(len(size)), key=lambda i: -size[i] if np.isfinite(size[i]) else np.inf)


def way(metric: Metric, morris: Morris, number: int) -> str:
    """What raising an assumption does to the challenger: by the interval of its mean effect."""
    if morris.mu_star[number] == 0:
        return NOTHING
    mean, half = better(metric) * morris.mu[number], morris.mu_half[number]
    return HELPS if mean - half > 0 else HURTS if mean + half < 0 else EITHER


def morris_scale(one: Examined, morris: Morris) -> Scale:
    """A scale for all effects on a metric."""
    ends = [*morris.mu_star, *(morris.mu_star + morris.mu_star_half)]
    return scale_for(one.metric.unit, [float(end) for end in ends], [float(one) for one in morris.mu_star_half])


def caption(found: Sensitivity) -> str:
    """What the reader must know to read the tables."""
    asked, run = found.scenario.study.sensitivity, found.scenario.run
    sizes = ", ".join(f"{method}: {len(points):,} points" for method, points in found.designs.items())
    said = [
        f"{sizes}, each {found.replications:,} replications (seed {run.seed}) of both organisations on the same "
        f"buyers; {found.runs:,} runs, as what must be equal is run once.",
        "Values are spread evenly over their ranges, which are judgements: a wider range matters more.",
    ]
    if any(isinstance(one.indices, Morris) for one in found.examined):
        said.append(
            f"Effect: what the gap changes by, on average, when this alone moves across its range "
            f"({asked.trajectories:,} walks; [ ]: 95% bootstrap intervals). Sigma: how much that depends on where the "
            "others stand. Luck: the effect that the luck of the replications alone would show.\nRaising it helps or "
            "hurts the organisation named first where the 95% interval of the mean effect excludes 0."
        )
    if any(isinstance(one.indices, Sobol) for one in found.examined):
        said.append(
            "First: share of the gap's variance that this alone makes; total: with its interactions (±: 95% bootstrap "
            "over the design). Luck: the same from the replications. Totals need not add up to 100%; below 0 means "
            "none that this design can see."
        )
    if found.note:
        said.append(f"{began(found.note)}.")
    return "\n".join(said)


def _by_morris(one: Examined, morris: Morris, names: Sequence[str]) -> str:
    if one.unknown:
        return f"what moves it cannot be told, as it cannot be estimated at {one.unknown} points"
    scale, told = morris_scale(one, morris), []
    for place, i in enumerate(order(one)[:_NAMED]):
        low, high = morris.mu_star[i] - morris.mu_star_half[i], morris.mu_star[i] + morris.mu_star_half[i]
        raising = {HELPS: ", raising it helps", HURTS: ", raising it hurts"}.get(way(one.metric, morris, i), "")
        size = f"{scale.text(morris.mu_star[i])}{unit_in_words(scale)} [{scale.text(low)}, {scale.text(high)}]"
        told.append(f"{names[place]} ({'by ' if not place else ''}{size}{raising})")
    return f"what moves it most, across its range, is {', then '.join(told)}"


def _by_sobol(one: Examined, sobol: Sobol, names: Sequence[str]) -> str:
    if not np.isfinite(sobol.total).all():
        return "its variance cannot be taken apart, as there is none or it cannot be estimated everywhere"
    told = [
        f"{names[place]} {percent(sobol.first[i])} [{percent(sobol.first[i] - sobol.first_half[i])}, "
        f"{percent(sobol.first[i] + sobol.first_half[i])}]"
        for place, i in enumerate(order(one)[:_NAMED])
    ]
    together = sum(sobol.first[i] for i in order(one)[:_NAMED])
    return f"of its variance over the ranges, alone, {', '.join(told)}: together {percent(together)}"


def _signs(found: Sensitivity, one: Examined) -> str:
    """How often the challenger wins over the design, and whether that hangs on the assumptions."""
    name = words(found.space.organisations[1])
    return began(
        f"{name} is ahead at {share_in_words(one.wins)} of {one.wins.count:,} points spread over the ranges, for sure "
        f"at {share_in_words(one.sure_wins)}, and behind for sure at {share_in_words(one.sure_losses)}: "
        f"{_verdict(one)}."
    )


def _verdict(one: Examined) -> str:
    """Whether the sign of the gap hangs on the assumptions: each side is seen, or no more than chance, or may be it."""
    ahead, behind = one.sure_wins, one.sure_losses
    if ahead.low > _BY_CHANCE and behind.low > _BY_CHANCE:
        return "which of them is ahead hangs on these assumptions"
    if max(ahead.value, behind.value) <= _BY_CHANCE:
        return "neither is more than chance, so that more replications would have to tell"
    if ahead.low > _BY_CHANCE and behind.value <= _BY_CHANCE:
        return "the latter is no more than chance, so that its lead does not hang on them as far as this can tell"
    if behind.low > _BY_CHANCE and ahead.value <= _BY_CHANCE:
        return "the former is no more than chance, so that its lag does not hang on them as far as this can tell"
    return "which of them is ahead may hang on these assumptions, and more points would tell"


def _luck(one: Examined) -> str:
    if not np.isfinite(one.luck):
        return "The gap does not vary over the design, or cannot be estimated everywhere."
    return f"Of the variance of the gap over the design, {one.luck:.0%} is luck of the replications."


# --- in tables --------------------------------------------------------------------------------------------------------


def _morris_table(found: Sensitivity, one: Examined) -> Table:
    morris = one.indices
    assert isinstance(morris, Morris)
    scale = morris_scale(one, morris)
    unit = unit_in_words(scale).strip()
    table = _table("assumption", "range", ", ".join(filter(None, ("effect", unit))), "raising it", "sigma", "luck")
    for i in order(one):
        low, high = morris.mu_star[i] - morris.mu_star_half[i], morris.mu_star[i] + morris.mu_star_half[i]
        raising = way(one.metric, morris, i)
        table.add_row(
            label(found.space, found.space.names[i]),
            range_in_words(found.space, found.space.parameters[i]),
            f"{scale.text(morris.mu_star[i])} [{scale.text(low)}, {scale.text(high)}]",
            Text(raising, style={HELPS: "green", HURTS: "red"}.get(raising, "")),
            scale.text(morris.sigma[i]),
            scale.text(morris.luck[i]),
        )
    return table


def _sobol_table(found: Sensitivity, one: Examined) -> Table:
    sobol = one.indices
    assert isinstance(sobol, Sobol)
    table = _table("assumption", "range", "first, %", "luck", "total, %", "luck")
    for i in order(one):
        cells = [
            (f"{value[i]:.1%}".rstrip("%") + f" ±{half[i]:.1%}".rstrip("%"), f"±{luck[i]:.1%}".rstrip("%"))
            for value, half, luck in ((sobol.first, sobol.first_half, sobol.first_luck),
                                      (sobol.total, sobol.total_half, sobol.total_luck))
        ]  # fmt: skip
        table.add_row(label(found.space, found.space.names[i]), range_in_words(found.space, found.space.parameters[i]),
                      *cells[0], *cells[1])  # fmt: skip
    return table


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in heads:
        numbers = head not in ("assumption", "range", "raising it")
        table.add_column(head, justify="right" if numbers else "left")
    return table
