"""The figures of a map: who wins where, with the break-even line; and the rule's box."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from simulator.questions.frame.assumption_words import (
    apart,
    label,
    label_size,
    range_in_words,
    share_in_words,
    value_in_words,
)
from simulator.questions.frame.gaps import Space, unit_of
from simulator.questions.frame.numbers import began, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, PALETTE, framed
from simulator.questions.when.rule import Rule
from simulator.questions.when.tell import map_scale
from simulator.questions.when.work import Explained, WhenMap
from simulator.results.metric import Metric
from simulator.scenario.free import FreeParameter

#: Orange where the challenger loses, blue where it wins, told apart with any colour vision (Okabe and Ito 2008).
_COLOURS = LinearSegmentedColormap.from_list("gap", [PALETTE[2], "#ffffff", PALETTE[1]])

#: Colours of a map; odd, so that 0 is within the palest.
_LEVELS = 15
#: Steps between two places of a map, for smooth edges of what is hatched.
_FINER = 12

_PAPER = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 2}

Array = NDArray[np.float64]


def figures(when: WhenMap) -> Drawings:
    """A map for each metric, and the box of the rule."""
    drawings = {f"map_{metric.key}": partial(map_figure, when, metric) for metric in when.metrics}
    explained = when.explained
    if explained is not None and explained.rule is not None and explained.rule.restrictions:
        return {**drawings, "rule": partial(rule_figure, when, explained, explained.rule)}
    return drawings


def map_figure(when: WhenMap, metric: Metric) -> Figure:
    """The gap in colour, its break-even line, hatching where it may be chance, and the present place."""
    title = f"{began(metric.label)}: when does which organisation win?"
    subtitle = f"The gap {apart(when.map.space)}, on the same buyers."
    figure, axes = _blank(title, subtitle, _map_note(when), 7.2, 0.105, 0.735)
    across, up = when.map.space.parameters
    _gaps(figure, axes, when, metric)
    x, y = np.meshgrid(when.map.xs, when.map.ys)
    axes.plot(x.ravel(), y.ravel(), ".", markersize=2.5, color="#777777", clip_on=False)
    axes.plot(across.default, up.default, "o", markersize=10, markerfacecolor="white", markeredgecolor=INK,
              markeredgewidth=2, zorder=5, clip_on=False)  # fmt: skip
    axes.annotate("as things stand", (across.default, up.default), xytext=(10, 7), textcoords="offset points",
                  fontweight="bold", zorder=6, bbox=_PAPER)  # fmt: skip
    _axis(axes, when.map.space, across, up)
    return figure


def _gaps(figure: Figure, axes: Axes, when: WhenMap, metric: Metric) -> None:
    """Colours, hatching, the break-even line and who wins."""
    shape = (len(when.map.ys), len(when.map.xs))
    response, scale = when.map.response(metric), map_scale(when, metric)
    gap, half = (one.reshape(shape) * scale.factor for one in (response.gap, response.half))
    reach = float(np.nanmax(np.abs(gap))) if np.isfinite(gap).any() else 0.0
    if reach == 0:
        said = "no gap anywhere" if (gap == 0).any() else "the gap cannot be estimated"
        axes.annotate(said, (0.5, 0.5), xycoords="axes fraction", ha="center", fontsize=12)
        return
    colours = _COLOURS if response.sign > 0 else _COLOURS.reversed()
    xs, ys, fine = _between(when.map.xs, when.map.ys, gap)
    filled = axes.contourf(xs, ys, fine, np.linspace(-reach, reach, _LEVELS + 1), cmap=colours)
    unsure = _between(when.map.xs, when.map.ys, half)[2] >= np.abs(fine)
    if unsure.any():
        hatched = axes.contourf(xs, ys, unsure.astype(float), [0.5, 1.5], colors="none", hatches=["//"])
        hatched.set(edgecolor="#6b6b6b", linewidth=0)
    if (gap > 0).any() and (gap < 0).any():
        axes.contour(xs, ys, fine, [0.0], colors=INK, linewidths=2.2)
    _bar(figure, filled, ", ".join(filter(None, ("gap", scale.difference_unit))))
    _winners(axes, when, response.sign * gap, half)


def _between(xs: Array, ys: Array, values: Array) -> tuple[Array, Array, Array]:
    """Values on a finer grid, by straight lines along both axes."""
    fine = [np.interp(np.linspace(0, len(of) - 1, _FINER * (len(of) - 1) + 1), range(len(of)), of) for of in (xs, ys)]
    along = np.array([np.interp(fine[0], xs, row) for row in values])
    return fine[0], fine[1], np.array([np.interp(fine[1], ys, column) for column in along.T]).T


def rule_figure(when: WhenMap, explained: Explained, rule: Rule) -> Figure:
    """The box: which part of which range."""
    baseline, challenger = (words(name) for name in explained.space.organisations)
    winner = baseline if explained.losing else challenger
    metric, rows = when.metrics[0], rule.restrictions
    height = 1.75 + 0.62 * len(rows) + 1.2
    title = f"Where does {winner} win more?"
    density, base = share_in_words(rule.density[1]), f"{rule.base[1].value:.0%}"
    subtitle = f"By the {metric.label}: in {density} of the cases in this box, {base} of all."
    note = (
        f"{when.scenario.name}: PRIM over {len(explained.space.names)} assumptions, found from "
        f"{len(explained.found_from):,} points, checked on {len(explained.held_out):,} fresh ones, of which "
        f"{rule.density[1].count:,} lie in the box; it covers {share_in_words(rule.coverage[1])} of all cases where "
        f"{winner} wins. [ ]: 95% intervals. Thick: the part of the range in the box; thin: the whole range, a "
        "judgement; ring: as things stand."
    )
    figure, axes = _blank(title, subtitle, note, height, 0.36, 0.56)
    tint = PALETTE[2] if explained.losing else PALETTE[1]
    for row, restriction in enumerate(rows):
        parameter = next(each for each in explained.space.parameters if each.name == restriction.name)
        ends = [parameter.low if restriction.low is None else restriction.low,
                parameter.high if restriction.high is None else restriction.high]  # fmt: skip
        left, right = (unit_of(parameter, end) for end in ends)
        axes.plot([0, 1], [row, row], color=FAINT, linewidth=1.5, zorder=1)
        axes.plot([left, right], [row, row], color=tint, linewidth=11, solid_capstyle="butt", zorder=2)
        axes.plot(unit_of(parameter, parameter.default), row, "o", markersize=7, markerfacecolor="white",
                  markeredgecolor=INK, markeredgewidth=1.6, zorder=3)  # fmt: skip
        for cut, at, value in ((restriction.low, left, ends[0]), (restriction.high, right, ends[1])):
            if cut is not None:
                cut_in_words = value_in_words(explained.space, parameter, value)
                axes.annotate(cut_in_words, (at, row), xytext=(0, 11), ha="center", textcoords="offset points",
                              fontsize=9, fontweight="bold", color=tint)  # fmt: skip
        name = label(explained.space, restriction.name)
        for text, lift, size, weight in ((name, 5, label_size(name), "bold"),
                                         (range_in_words(explained.space, parameter), -7, 7.5, "normal")):  # fmt: skip
            axes.annotate(text, (0, row), xycoords=("axes fraction", "data"), xytext=(-12, lift), ha="right",
                          textcoords="offset points", va="center", fontsize=size, fontweight=weight)  # fmt: skip
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(len(rows) - 0.5, -0.6)
    axes.set_xticks([0, 1], ["low end", "high end"])
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def _blank(title: str, subtitle: str, note: str, height: float, left: float, width: float) -> tuple[Figure, Axes]:
    figure, foot = framed(title, subtitle, note, height)
    bottom, top = (0.83 + foot) / height, 0.95 / height
    axes = figure.add_axes((left, bottom, width, 1 - top - bottom))
    axes.tick_params(length=0)
    return figure, axes


def _bar(figure: Figure, filled: Any, text: str) -> None:
    axes = figure.axes[0].get_position()
    bar = figure.colorbar(filled, cax=figure.add_axes((axes.x1 + 0.025, axes.y0, 0.02, axes.height)))
    bar.outline.set_visible(False)
    low, high = filled.levels[0], filled.levels[-1]
    bar.set_ticks([tick for tick in MaxNLocator(6).tick_values(low, high) if low <= tick <= high])
    bar.ax.tick_params(length=0, labelsize=9)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:+.3g}" if abs(value) > 1e-9 else "0")
    bar.set_label(text, fontsize=9.5)


def _winners(axes: Axes, when: WhenMap, gain: Array, half: Array) -> None:
    """Names of the organisations, each where it wins most surely."""
    names = [words(name) for name in when.map.space.organisations]
    count = {"y": gain.shape[0], "x": gain.shape[1]}
    for name, sure in ((names[1], gain - half), (names[0], -gain - half)):
        if np.isfinite(sure).any() and np.nanmax(sure) > 0:
            row, column = np.unravel_index(np.nanargmax(sure), sure.shape)
            third = {axis: 3 * int(at) // count[axis] for axis, at in (("x", column), ("y", row))}
            axes.annotate(f"{name} wins", (when.map.xs[column], when.map.ys[row]),
                          xytext=((8, 0, -8)[third["x"]], (8, 0, -8)[third["y"]]), textcoords="offset points",
                          ha=("left", "center", "right")[third["x"]], va=("bottom", "center", "top")[third["y"]],
                          fontsize=12, fontweight="bold", zorder=4, bbox=_PAPER)  # fmt: skip


def _axis(axes: Axes, plane: Space, across: FreeParameter, up: FreeParameter) -> None:
    for one, set_label, set_scale, set_limits in (
        (across, axes.set_xlabel, axes.set_xscale, axes.set_xlim),
        (up, axes.set_ylabel, axes.set_yscale, axes.set_ylim),
    ):
        unit = value_in_words(plane, one, one.high).partition(" ")[2]
        set_label(", ".join(filter(None, (label(plane, one.name), unit))))
        set_limits(one.low, one.high)
        if one.log:
            set_scale("log")


def _map_note(when: WhenMap) -> str:
    run, asked = when.scenario.run, when.scenario.study.when
    name = words(when.map.space.organisations[1])
    return (
        f"Blue: {name} is better; orange: worse. Black line: break-even. Hatched: the 95% interval holds 0, it may be "
        f"chance. {when.scenario.name}: n = {asked.replications:,} replications of both organisations (seed "
        f"{run.seed}) at each of {len(when.map.points):,} places (dots), straight lines between them. All else as in "
        "the scenario."
    )
