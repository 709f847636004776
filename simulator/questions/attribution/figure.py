"""The waterfall of an attribution: from the baseline's metric to the challenger's, a step for each mechanism."""

import textwrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.attribution.words import gap_scale
from simulator.questions.attribution.work import Attribution, Part
from simulator.questions.frame.cells import verdict
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.numbers import Scale, began, scale_for, words
from simulator.questions.frame.style import FAINT, INK, PALETTE, WIDTH_INCHES, fitted, framed, styled
from simulator.results.metrics import Metric
from simulator.scenario.mechanisms import Mechanisms

#: Blue helps, orange hurts, told apart with any colour vision (Okabe and Ito 2008); pale: the interval holds 0.
_COLOURS = {"better": PALETTE[1], "worse": PALETTE[2], "apart": PALETTE[0], "": "#bdbdbd"}

#: Inches: room for the names and for the numbers, a row, room above and below.
_LABELS, _NUMBERS, _ROW, _HEAD, _FOOT = 3.0, 2.15, 0.5, 0.95, 1.25
#: Half the height of a bar, in rows.
_HALF = 0.23


def attribution_figures(found: Attribution) -> dict[str, Figure]:
    """A waterfall for each metric, by file name (without suffix)."""
    with styled():
        return {f"attribution_{metric.key}": waterfall(found, metric) for metric in found.metrics}


def waterfall(found: Attribution, metric: Metric) -> Figure:
    """From the baseline's value, step by step, to the challenger's; what adds most comes first, the rest last."""
    parts = found.parts_of(metric)
    rows = len(parts) + 2
    height = _HEAD + rows * _ROW + _FOOT
    title = f"{began(metric.label)}: what is the difference made of?"
    figure, _ = framed(title, _subtitle(found, metric), _footnote(found, metric), height)
    panel = WIDTH_INCHES - _LABELS - _NUMBERS
    axes = figure.add_axes((_LABELS / WIDTH_INCHES, _FOOT / height, panel / WIDTH_INCHES, rows * _ROW / height))
    one, other = (estimate.value for estimate in found.whole[metric.key])
    level = scale_for(metric.unit, [one, other], [estimate.interval[1] - estimate.value
                                                  for estimate in found.whole[metric.key]])  # fmt: skip
    step = gap_scale(found, metric)
    _end(axes, 0, one, level, fitted(words(found.baseline), 2, 22))
    unit = "points" if step.unit == "%" else step.unit
    axes.annotate(f"adds, {unit}" if unit else "adds", (1.03, 0.5), xycoords=("axes fraction", "data"), va="center",
                  fontsize=8.5, color="#555555")  # fmt: skip
    reached = one
    for row, part in enumerate(parts, start=1):
        _step(axes, row, reached, part, step, level, _COLOURS[verdict(metric, part.low, part.high)])
        reached += part.value
    _end(axes, rows - 1, other, level, fitted(words(found.challenger), 2, 22))
    _frame(axes, found, metric, parts, level)
    return figure


def _end(axes: Axes, row: int, value: float, level: Scale, name: str) -> None:
    """A baseline's or a challenger's own value: a line with its number."""
    x = value * level.factor
    axes.plot(
        [x, x], [row - _HALF - 0.12, row + _HALF + 0.12], color=INK, linewidth=3.2, solid_capstyle="butt", zorder=4
    )
    _label(axes, row, name, "")
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
    _label(axes, row, words(part.player), meaning)
    sure = part.low > 0 or part.high < 0
    text = f"{step.text(part.value, sign=True)}  [{step.text(part.low, sign=True)}, {step.text(part.high, sign=True)}]"
    axes.annotate(text, (1.03, row), xycoords=("axes fraction", "data"), va="center", fontsize=9.5,
                  color=tint if sure else "#777777", fontweight="bold" if sure else None)  # fmt: skip


def _label(axes: Axes, row: int, name: str, meaning: str) -> None:
    """A name on the left, and in small what it is."""
    small = textwrap.wrap(meaning, 48)
    lift = 4.5 * len(small)
    axes.annotate(name, (0, row), xycoords=("axes fraction", "data"), xytext=(-10, lift), va="center", ha="right",
                  textcoords="offset points", fontweight="bold")  # fmt: skip
    axes.annotate("\n".join(small), (0, row), xycoords=("axes fraction", "data"), xytext=(-10, lift - 6.5),
                  textcoords="offset points", va="top", ha="right", fontsize=7.5, color="#555555",
                  linespacing=1.1)  # fmt: skip


def _frame(axes: Axes, found: Attribution, metric: Metric, parts: list[Part], level: Scale) -> None:
    reached, ends = found.whole[metric.key][0].value, []
    for part in parts:
        ends += [reached, reached + part.value, reached + part.low, reached + part.high]
        reached += part.value
    shown = [end * level.factor for end in ends if end == end]
    low, high = min(shown, default=0.0), max(shown, default=1.0)
    room = 0.06 * (high - low) or 1.0
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(parts) + 1.55, -0.55)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.tick_params(length=0)
    axes.set_xlabel(", ".join(filter(None, (metric.label, level.unit))))


def _subtitle(found: Attribution, metric: Metric) -> str:
    better = {"higher": " More is better.", "lower": " Less is better.", "": ""}[metric.better]
    return f"From {words(found.baseline)} to {words(found.challenger)}, mechanism by mechanism.{better}"


def _footnote(found: Attribution, metric: Metric) -> str:
    run = found.scenario.run
    tints = "blue helps, orange hurts" if metric.better else "dark: it moves the gap"
    how = "all orders in which mechanisms can be introduced" if found.exact else "drawn orders of introducing them"
    return (
        f"{found.scenario.name}: n = {run.replications:,} replications of {found.coalitions:,} organisations between "
        f"the two, the same buyers in each; black lines: 95% intervals of the step.\n"
        f"{began(tints)}; pale grey: the interval holds 0. A step is what a mechanism adds on average,\n"
        f"over {how} (Shapley value). The axis does not start at 0."
    )
