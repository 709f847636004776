"""The figures of an ablation: for each metric, what every mechanism adds to the gap between organisations."""

import math
import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.ablation.words import apart, gap_scale
from simulator.questions.ablation.work import ALL_ON, ALONE, LEFT_OUT, Ablation, Effect
from simulator.questions.frame.cells import verdict
from simulator.questions.frame.numbers import Scale, began, words
from simulator.questions.frame.style import FAINT, INK, PALETTE, WIDTH_INCHES, framed, styled
from simulator.results.estimate import Estimate
from simulator.results.metrics import Metric
from simulator.scenario.mechanisms import Mechanisms

#: Blue helps, orange hurts, told apart with any colour vision (Okabe and Ito 2008); pale: the interval holds 0.
_COLOURS = {"better": PALETTE[1], "worse": PALETTE[2], "apart": PALETTE[0], "": "#bdbdbd"}

#: Inches: room for the names, least width of a panel, room for its numbers, a row, room above and below.
_LABELS, _PANEL, _GAP, _ROW, _HEAD, _FOOT = 3.2, 3.0, 0.9, 0.46, 1.2, 1.35


def ablation_figures(found: Ablation) -> dict[str, Figure]:
    """A figure for each metric, by file name (without suffix)."""
    with styled():
        return {f"ablation_{metric.key}": ablation_figure(found, metric) for metric in found.metrics}


def ablation_figure(found: Ablation, metric: Metric) -> Figure:
    """What each mechanism adds to the gap: a panel for each challenger, mechanisms by what leaving them out does."""
    order = sorted(found.mechanisms, key=lambda name: _rank(found, metric, name))
    count, rows = len(found.challengers), len(order) + 1
    width = max(_LABELS + count * (_PANEL + _GAP), WIDTH_INCHES)
    panel = (width - _LABELS) / count - _GAP
    height = _HEAD + rows * _ROW + _FOOT
    title = f"{began(metric.label)}: what makes the difference?"
    figure, _ = framed(title, _subtitle(metric), _footnote(found, metric), height, width)
    scale = gap_scale(found, found.challengers, metric)
    reach = _reach(found, metric, scale)
    for position, challenger in enumerate(found.challengers):
        left = _LABELS + position * (panel + _GAP)
        axes = figure.add_axes((left / width, _FOOT / height, panel / width, rows * _ROW / height))
        _panel(axes, found, metric, challenger, order, scale)
        axes.set_xlim(*reach)
        if position == 0:
            _labels(axes, order)
    return figure


def _panel(axes: Axes, found: Ablation, metric: Metric, challenger: str, order: Sequence[str], scale: Scale) -> None:
    """The whole gap on top, then a bar for each mechanism: left out; and a ring: alone."""
    whole = found.effect(ALL_ON, challenger, metric.key).gap
    _bar(axes, 0, whole, scale, INK, sure=True)
    for row, name in enumerate(order, start=1):
        left_out, alone = (_contribution(found.effect(how, challenger, metric.key, name)) for how in (LEFT_OUT, ALONE))
        kind = verdict(metric, *left_out.interval)
        _bar(axes, row, left_out, scale, _COLOURS[kind], sure=bool(kind))
        low, high = (end * scale.factor for end in alone.interval)
        axes.plot([low, high], [row + 0.3] * 2, color=FAINT, linewidth=1, zorder=3)
        axes.plot(alone.value * scale.factor, row + 0.3, "o", markersize=4.5, markerfacecolor="white",
                  markeredgecolor=INK, markeredgewidth=1, zorder=4)  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.9, zorder=2)
    axes.axhline(0.52, color=FAINT, linewidth=0.6)
    axes.set_ylim(len(order) + 0.55, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.tick_params(length=0)
    axes.set_title(apart(found, challenger), loc="left", fontsize=11, fontweight="bold", pad=8)
    axes.set_xlabel(f"difference in {_unit(scale)}" if scale.unit else "difference")


def _bar(axes: Axes, row: int, one: Estimate, scale: Scale, tint: str, sure: bool) -> None:
    value, (low, high) = one.value * scale.factor, (end * scale.factor for end in one.interval)
    axes.barh(row, value, height=0.36, color=tint)
    axes.plot([low, high], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
    axes.annotate(scale.text(one.value, sign=True), (1.03, row), xycoords=("axes fraction", "data"), va="center",
                  color=tint if sure else "#777777", fontweight="bold" if sure else None)  # fmt: skip


def _labels(axes: Axes, order: Sequence[str]) -> None:
    """Names of the mechanisms, and in small what each one is."""
    fields = Mechanisms.__dataclass_fields__
    texts = [("the whole gap", "all mechanisms at work")]
    texts += [(words(name), str(fields[name].metadata["doc"])) for name in order]
    for row, (name, meaning) in enumerate(texts):
        small = textwrap.wrap(meaning, 50)
        lift = 4.5 * len(small)
        axes.annotate(name, (0, row), xycoords=("axes fraction", "data"), xytext=(-10, lift), va="center", ha="right",
                      textcoords="offset points", fontweight="bold")  # fmt: skip
        axes.annotate("\n".join(small), (0, row), xycoords=("axes fraction", "data"), xytext=(-10, lift - 6.5),
                      textcoords="offset points", va="top", ha="right", fontsize=7.5, color="#555555",
                      linespacing=1.1)  # fmt: skip


def _rank(found: Ablation, metric: Metric, mechanism: str) -> tuple[bool, float]:
    """What helps the challengers most comes first; what cannot be estimated comes last."""
    values = [_contribution(found.effect(LEFT_OUT, name, metric.key, mechanism)).value for name in found.challengers]
    mean = sum(values) / len(values)
    return not math.isfinite(mean), mean if metric.better == "lower" else -mean


def _reach(found: Ablation, metric: Metric, scale: Scale) -> tuple[float, float]:
    """Ends of the axis that all panels share."""
    shown = [_contribution(effect) for effect in found.effects if effect.metric == metric and effect.mechanism]
    shown += [found.effect(ALL_ON, name, metric.key).gap for name in found.challengers]
    ends = [end * scale.factor for one in shown for end in (one.value, *one.interval) if math.isfinite(end)]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _contribution(effect: Effect) -> Estimate:
    assert effect.contribution is not None
    return effect.contribution


def _subtitle(metric: Metric) -> str:
    better = {"higher": " More is better.", "lower": " Less is better.", "": ""}[metric.better]
    return f"Bar: what the gap loses without this mechanism. Ring: what it gains with nothing but it.{better}"


def _footnote(found: Ablation, metric: Metric) -> str:
    run = found.scenario.run
    tints = "blue helps, orange hurts the organisation named first" if metric.better else "dark: it moves the gap"
    return (
        f"{found.scenario.name}: n = {run.replications:,} replications of each organisation in each setting, the same "
        f"buyers everywhere; lines: 95% intervals.\n{began(tints)}; pale grey: the interval holds 0. "
        "Rows are sorted by the mean of their bars.\n"
        "Mechanisms interact, so that bars need not add up to the whole gap."
    )


def _unit(scale: Scale) -> str:
    return "percentage points" if scale.unit == "%" else scale.unit
