"""The figures of an ablation: for each metric, what every mechanism adds to the gap between organisations."""

import math
from collections.abc import Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.ablation.tell import gap_scale
from simulator.questions.ablation.work import ALL_ON, ALONE, LEFT_OUT, Ablation, Effect
from simulator.questions.frame.blocks import verdict
from simulator.questions.frame.numbers import Scale, began, gap_name, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, VERDICT_TINTS, WIDTH_INCHES, framed, number_beside, row_beside
from simulator.results.estimate import Estimate
from simulator.results.metric import Metric
from simulator.scenario.mechanisms import Mechanisms

#: Inches: room for the names, least width of a panel, room for its numbers, a row, room above and below.
_LABELS, _PANEL, _GAP, _ROW, _HEAD, _FOOT = 3.2, 3.0, 0.9, 0.46, 1.2, 1.35


def figures(ablation: Ablation) -> Drawings:
    """A figure for each metric."""
    return {f"ablation_{metric.key}": partial(ablation_figure, ablation, metric) for metric in ablation.metrics}


def ablation_figure(ablation: Ablation, metric: Metric) -> Figure:
    """What each mechanism adds to the gap: a panel for each challenger, mechanisms by what leaving them out does."""
    order = sorted(ablation.mechanisms, key=lambda name: _rank(ablation, metric, name))
    count, rows = len(ablation.challengers), len(order) + 1
    width = max(_LABELS + count * (_PANEL + _GAP), WIDTH_INCHES)
    panel = (width - _LABELS) / count - _GAP
    height = _HEAD + rows * _ROW + _FOOT
    title = f"{began(metric.label)}: what makes the difference?"
    figure, _ = framed(title, _subtitle(metric), _footnote(ablation, metric), height, width)
    scale = gap_scale(ablation, ablation.challengers, metric)
    reach = _reach(ablation, metric, scale)
    for position, challenger in enumerate(ablation.challengers):
        left = _LABELS + position * (panel + _GAP)
        axes = figure.add_axes((left / width, _FOOT / height, panel / width, rows * _ROW / height))
        _panel(axes, ablation, metric, challenger, order, scale)
        axes.set_xlim(*reach)
        if position == 0:
            _labels(axes, order)
    return figure


def _panel(axes: Axes, ablation: Ablation, metric: Metric, challenger: str, order: Sequence[str], scale: Scale) -> None:
    """The whole gap on top, then a bar for each mechanism: left out; and a ring: alone."""
    whole = ablation.effect(ALL_ON, challenger, metric.key).gap
    _bar(axes, 0, whole, scale, INK, sure=True)
    for row, name in enumerate(order, start=1):
        effects = (ablation.effect(how, challenger, metric.key, name) for how in (LEFT_OUT, ALONE))
        left_out, alone = map(_contribution, effects)
        kind = verdict(metric, *left_out.interval)
        _bar(axes, row, left_out, scale, VERDICT_TINTS[kind], sure=bool(kind))
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
    axes.set_title(gap_name(challenger, ablation.baseline), loc="left", fontsize=11, fontweight="bold", pad=8)
    axes.set_xlabel(f"difference in {scale.axis_unit}" if scale.unit else "difference")


def _bar(axes: Axes, row: int, estimate: Estimate, scale: Scale, tint: str, sure: bool) -> None:
    value, (low, high) = estimate.value * scale.factor, (end * scale.factor for end in estimate.interval)
    axes.barh(row, value, height=0.36, color=tint)
    axes.plot([low, high], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
    number_beside(axes, row, scale.text(estimate.value, sign=True), tint, sure=sure)


def _labels(axes: Axes, order: Sequence[str]) -> None:
    """Names of the mechanisms, and in small what each one is."""
    fields = Mechanisms.__dataclass_fields__
    texts = [("the whole gap", "all mechanisms at work")]
    texts += [(words(name), str(fields[name].metadata["doc"])) for name in order]
    for row, (name, meaning) in enumerate(texts):
        row_beside(axes, row, name, meaning, 50)


def _rank(ablation: Ablation, metric: Metric, mechanism: str) -> tuple[bool, float]:
    """What helps the challengers most comes first; what cannot be estimated comes last."""
    effects = (ablation.effect(LEFT_OUT, name, metric.key, mechanism) for name in ablation.challengers)
    values = [_contribution(effect).value for effect in effects]
    mean = sum(values) / len(values)
    return not math.isfinite(mean), mean if metric.better == "lower" else -mean


def _reach(ablation: Ablation, metric: Metric, scale: Scale) -> tuple[float, float]:
    """Ends of the axis that all panels share."""
    shown = [_contribution(effect) for effect in ablation.effects if effect.metric == metric and effect.mechanism]
    shown += [ablation.effect(ALL_ON, name, metric.key).gap for name in ablation.challengers]
    ends = [end * scale.factor for one in shown for end in (one.value, *one.interval) if math.isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _contribution(effect: Effect) -> Estimate:
    assert effect.contribution is not None
    return effect.contribution


def _subtitle(metric: Metric) -> str:
    better = {"higher": " More is better.", "lower": " Less is better.", "": ""}[metric.better]
    return f"Bar: what the gap loses without this mechanism. Ring: what it gains with nothing but it.{better}"


def _footnote(ablation: Ablation, metric: Metric) -> str:
    run = ablation.scenario.run
    tints = "blue helps, orange hurts the organisation named first" if metric.better else "dark: it moves the gap"
    return (
        f"{ablation.scenario.name}: n = {run.replications:,} replications of each organisation in each setting, the "
        f"same buyers everywhere; lines: 95% intervals.\n{began(tints)}; pale grey: the interval holds 0. "
        "Rows are sorted by the mean of their bars.\n"
        "Mechanisms interact, so that bars need not add up to the whole gap."
    )
