"""The figures of a sensitivity analysis: for each metric and method, which assumptions move the gap, and which way."""

import textwrap
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.frame.assumption_words import apart, label, label_size, percent, range_in_words
from simulator.questions.frame.numbers import Scale, began
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import INK, PALETTE, WIDTH_INCHES, framed, number_beside
from simulator.questions.sensitivity.indices import Morris, Sobol
from simulator.questions.sensitivity.tell import EITHER, HELPS, HURTS, NOTHING, morris_scale, order, way
from simulator.questions.sensitivity.work import Examined, Sensitivity

#: Blue helps, orange hurts, told apart with any colour vision (Okabe and Ito 2008); grey: now this, now that.
_COLOURS = {HELPS: PALETTE[1], HURTS: PALETTE[2], EITHER: "#a8a8a8", NOTHING: "#a8a8a8"}

#: Inches: room for the names, for the numbers, a row, room above and below.
_LABELS, _NUMBERS, _ROW, _HEAD, _FOOT = 3.5, 1.75, 0.4, 1.25, 1.5


def figures(analysis: Sensitivity) -> Drawings:
    """A figure for each metric and method."""
    return {
        f"{examined.method}_{examined.metric.key}": partial(sensitivity_figure, analysis, examined)
        for examined in analysis.examined
    }


def sensitivity_figure(analysis: Sensitivity, examined: Examined) -> Figure:
    """The assumptions in the order of what they do to the gap."""
    rows = order(examined)
    height = _HEAD + len(rows) * _ROW + _FOOT
    title = f"{began(examined.metric.label)}: what does the answer hang on?"
    figure, _ = framed(title, _subtitle(analysis, examined), _footnote(analysis, examined), height)
    width = WIDTH_INCHES - _LABELS - _NUMBERS
    axes = figure.add_axes((_LABELS / WIDTH_INCHES, _FOOT / height, width / WIDTH_INCHES, len(rows) * _ROW / height))
    if isinstance(examined.indices, Morris):
        _effects(axes, examined, examined.indices, rows)
    else:
        _shares(axes, examined.indices, rows)
    _labels(axes, analysis, rows)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=INK, linewidth=0.9, zorder=2)
    axes.grid(axis="x")
    axes.tick_params(length=0)
    return figure


def _effects(axes: Axes, examined: Examined, morris: Morris, rows: list[int]) -> None:
    """A bar: the effect with its interval; a tick: what luck alone would show; a ring: sigma."""
    scale = morris_scale(examined, morris)
    for row, i in enumerate(rows):
        raising = way(examined.metric, morris, i)
        value, half, sigma, luck = (
            float(of[i]) * scale.factor for of in (morris.mu_star, morris.mu_star_half, morris.sigma, morris.luck)
        )
        axes.barh(row, value, height=0.42, color=_COLOURS[raising])
        axes.plot([max(value - half, 0.0), value + half], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt",
                  zorder=3)  # fmt: skip
        axes.plot([luck, luck], [row - 0.3, row + 0.3], color="black", linewidth=1.2, linestyle=(0, (1.5, 1.2)),
                  zorder=4)  # fmt: skip
        axes.plot(sigma, row, "o", markersize=5, markerfacecolor="white", markeredgecolor=INK, zorder=5)
        number_beside(axes, row, f"{scale.text(morris.mu_star[i])}  {raising}", _COLOURS[raising],
                      sure=raising in (HELPS, HURTS))  # fmt: skip
    axes.set_xlim(0, _reach(np.concatenate([morris.mu_star + morris.mu_star_half, morris.sigma, morris.luck]), scale))
    axes.set_xlabel(", ".join(filter(None, ("change of the gap across the range", scale.axis_unit))))
    axes.annotate("raising it", (1.03, 1), xytext=(38, 8), xycoords="axes fraction", textcoords="offset points",
                  fontsize=8.5, color="#555555")  # fmt: skip


def _shares(axes: Axes, sobol: Sobol, rows: list[int]) -> None:
    """A pale bar: the total share, a dark examined: the first-order share; both with their intervals."""
    for row, i in enumerate(rows):
        for value, half, place, tint in (
            (sobol.first, sobol.first_half, row - 0.17, PALETTE[1]),
            (sobol.total, sobol.total_half, row + 0.17, "#9ccbe8"),
        ):
            at, by = 100 * float(value[i]), 100 * float(half[i])
            axes.barh(place, at, height=0.3, color=tint)
            axes.plot([at - by, at + by], [place, place], color=INK, linewidth=1.1, solid_capstyle="butt", zorder=3)
        number_beside(axes, row, f"{percent(sobol.first[i])} / {percent(sobol.total[i])}", INK,
                      sure=bool(sobol.first[i] > sobol.first_half[i]))  # fmt: skip
    axes.set_xlabel("share of the variance of the gap, %")
    axes.annotate("alone / in all", (1.03, 1), xytext=(0, 8), xycoords="axes fraction", textcoords="offset points",
                  fontsize=8.5, color="#555555")  # fmt: skip


def _labels(axes: Axes, analysis: Sensitivity, rows: list[int]) -> None:
    """Names of the assumptions, and in small their ranges."""
    for row, i in enumerate(rows):
        for text, lift, size, tint, weight in (
            (name := label(analysis.space, analysis.space.names[i]), 5, label_size(name), INK, "bold"),
            (range_in_words(analysis.space, analysis.space.parameters[i]), -6, 7.5, "#555555", "normal"),
        ):
            axes.annotate(text, (0, row), xycoords=("axes fraction", "data"), xytext=(-10, lift), ha="right",
                          textcoords="offset points", va="center", fontsize=size, color=tint,
                          fontweight=weight)  # fmt: skip


def _reach(values: np.ndarray, scale: Scale) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) * scale.factor * 1.05 if len(finite) and finite.max() > 0 else 1.0


def _subtitle(analysis: Sensitivity, examined: Examined) -> str:
    if isinstance(examined.indices, Morris):
        return f"How much the gap {apart(analysis.space)} changes when one assumption moves across its range."
    return f"Which assumptions make the gap {apart(analysis.space)} vary over their ranges."


def _footnote(analysis: Sensitivity, examined: Examined) -> str:
    run, asked, name = (
        analysis.scenario.run,
        analysis.scenario.study.sensitivity,
        apart(analysis.space).partition(" - ")[0],
    )
    if isinstance(examined.indices, Morris):
        marks = (
            f"Blue: raising it helps {name}; orange: hurts; grey: may do either. Line: 95% bootstrap interval. Dashes: "
            "what luck alone would show. Ring: sigma, how much the effect depends on the other assumptions."
        )
        design = f"{asked.trajectories:,} walks (Morris), {examined.wins.count:,} points"
    else:
        marks = (
            "Dark bar: what it does alone (first order); pale bar: with its interactions (total order). Lines: 95% "
            "bootstrap intervals. Below 0: none that this design can see."
        )
        design = f"Sobol design, {examined.wins.count:,} points"
    luck = f"; luck makes {examined.luck:.0%} of the variance of the gap" if np.isfinite(examined.luck) else ""
    said = (
        f"{analysis.scenario.name}: {design}, n = {analysis.replications:,} replications of both organisations at each "
        f"(seed {run.seed}), the same buyers everywhere{luck}. Small print: ranges, which are judgements."
    )
    return "\n".join(line for text in (marks, said) for line in textwrap.wrap(text, 128))
