"""The waterfall of an attribution: from the baseline's metric to the challenger's, a step for each mechanism."""

import math
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.attribution.tell import gap_scale
from simulator.questions.attribution.work import Attribution, Part
from simulator.questions.frame.blocks import verdict
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.numbers import Scale, began, bracketed, excludes_0, scale_for, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import (
    FAINT,
    INK,
    VERDICT_TINTS,
    WIDTH_INCHES,
    fitted,
    framed,
    number_beside,
    row_beside,
)
from simulator.results.metric import Metric
from simulator.scenario.mechanisms import Mechanisms

#: Inches: room for the names and for the numbers, a row, room above and below.
_LABELS, _NUMBERS, _ROW, _HEAD, _FOOT = 3.0, 2.15, 0.5, 0.95, 1.25
#: Characters of a line of what a mechanism is.
_CHARACTERS = 48
#: Half the height of a bar, in rows.
_HALF = 0.23


def figures(attribution: Attribution) -> Drawings:
    """A waterfall for each metric."""
    return {f"attribution_{metric.key}": partial(waterfall, attribution, metric) for metric in attribution.metrics}


def waterfall(attribution: Attribution, metric: Metric) -> Figure:
    """From the baseline's value, step by step, to the challenger's; what adds most comes first, the rest last."""
    parts = attribution.parts_of(metric)
    rows = len(parts) + 2
    height = _HEAD + rows * _ROW + _FOOT
    title = f"{began(metric.label)}: what is the difference made of?"
    figure, _ = framed(title, _subtitle(attribution, metric), _footnote(attribution, metric), height)
    panel = WIDTH_INCHES - _LABELS - _NUMBERS
    axes = figure.add_axes((_LABELS / WIDTH_INCHES, _FOOT / height, panel / WIDTH_INCHES, rows * _ROW / height))
    one, other = (estimate.value for estimate in attribution.whole[metric.key])
    halves = [estimate.interval[1] - estimate.value for estimate in attribution.whole[metric.key]]
    level = scale_for(metric.unit, [one, other], halves)
    step = gap_scale(attribution, metric)
    _end(axes, 0, one, level, fitted(words(attribution.baseline), 2, 22))
    adds = ", ".join(filter(None, ("adds", step.difference_unit)))
    axes.annotate(adds, (1.03, 0.5), xycoords=("axes fraction", "data"), va="center",
                  fontsize=8.5, color="#555555")  # fmt: skip
    reached = one
    for row, part in enumerate(parts, start=1):
        _step(axes, row, reached, part, step, level, VERDICT_TINTS[verdict(metric, part.low, part.high)])
        reached += part.value
    _end(axes, rows - 1, other, level, fitted(words(attribution.challenger), 2, 22))
    _frame(axes, attribution, metric, parts, level)
    return figure


def _end(axes: Axes, row: int, value: float, level: Scale, name: str) -> None:
    """A baseline's or a challenger's own value: a line with its number."""
    x = value * level.factor
    axes.plot(
        [x, x], [row - _HALF - 0.12, row + _HALF + 0.12], color=INK, linewidth=3.2, solid_capstyle="butt", zorder=4
    )
    row_beside(axes, row, name, "", _CHARACTERS)
    axes.annotate(level.with_unit(value), (1.03, row), xycoords=("axes fraction", "data"), va="center", color=INK,
                  fontweight="bold")  # fmt: skip


def _step(axes: Axes, row: int, reached: float, part: Part, step: Scale, level: Scale, tint: str) -> None:
    """What one player adds, from where those before it have led, with the interval of what it adds."""
    factor = level.factor
    start, width = reached * factor, part.value * factor
    axes.plot([start, start], [row - 1 + _HALF, row - _HALF], color=FAINT, linewidth=0.8, zorder=1)
    axes.plot([start + width] * 2, [row + _HALF, row + 1 - _HALF], color=FAINT, linewidth=0.8, zorder=1)
    axes.barh(row, width, left=start, height=2 * _HALF, color=tint, zorder=2)
    low, high = start + part.low * factor, start + part.high * factor
    axes.plot([low, high], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
    meaning = "" if part.player == REST else str(Mechanisms.__dataclass_fields__[part.player].metadata["doc"])
    row_beside(axes, row, words(part.player), meaning, _CHARACTERS)
    text = f"{step.text(part.value, sign=True)}  {bracketed(step, part.interval, sign=True)}"
    number_beside(axes, row, text, tint, sure=excludes_0(part.interval), size=9.5)


def _frame(axes: Axes, attribution: Attribution, metric: Metric, parts: list[Part], level: Scale) -> None:
    reached, ends = attribution.whole[metric.key][0].value, []
    for part in parts:
        ends += [reached, reached + part.value, reached + part.low, reached + part.high]
        reached += part.value
    shown = [end * level.factor for end in ends if math.isfinite(end)]
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    room = 0.06 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(parts) + 1.55, -0.55)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.tick_params(length=0)
    axes.set_xlabel(level.headed(metric.label))


def _subtitle(attribution: Attribution, metric: Metric) -> str:
    better = {"higher": " More is better.", "lower": " Less is better.", "": ""}[metric.better]
    return f"From {words(attribution.baseline)} to {words(attribution.challenger)}, mechanism by mechanism.{better}"


def _footnote(attribution: Attribution, metric: Metric) -> str:
    run = attribution.scenario.run
    tints = "blue helps, orange hurts" if metric.better else "dark: it moves the gap"
    how = (
        "all orders in which mechanisms can be introduced" if attribution.exact else "drawn orders of introducing them"
    )
    return (
        f"{attribution.scenario.name}: n = {run.replications:,} replications of {attribution.coalitions:,} "
        f"organisations between the two, the same buyers in each; black lines: 95% intervals of the step.\n"
        f"{began(tints)}; pale grey: the interval holds 0. A step is what a mechanism adds on average,\n"
        f"over {how} (Shapley value). The axis does not start at 0."
    )
