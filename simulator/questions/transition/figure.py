"""The figure of a transition: what an organisation that changes has earned more or less since its change."""

import math
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simulator.questions.frame.numbers import scale_for, usd, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import INK, apart, blank, colour, dashes, fitted
from simulator.questions.transition.work import Transition

#: Positions of both paths among the organisations' colours, as in a comparison of all three.
_CHANGES, _ALWAYS = 1, 2


def figures(transition: Transition) -> Drawings:
    """The one figure."""
    return {"transition_path": partial(path, transition)}


def path(transition: Transition) -> Figure:
    """The path with its bands, its lowest point and its payback, beside that of one that has always been so."""
    plan, band, always = transition.plan, transition.band, transition.band_always
    before, after = words(plan.before), words(plan.after)
    note = (
        f"{transition.scenario.name}: n = {transition.replications:,} replications, the same buyers in each arm; the "
        f"change comes on day {plan.change_day:g}.\nDark band: 95% for a given day. Light band: 95% for the whole "
        "path. All customers of the run count, on the day they decide."
    )
    figure, axes = blank(
        "What does it cost to get there, and when has it paid for itself?",
        f"difference in net to {before} that stays, cumulative since the change",
        note,
        5.8,
        "y",
    )
    ends = [*(band.mean - band.simultaneous), *(band.mean + band.simultaneous), *always.mean]
    scale = scale_for("usd", ends)
    axes.axhline(0.0, color=INK, linewidth=1)
    days = transition.days
    tint = colour(_CHANGES)
    for half, depth in ((band.simultaneous, 0.1), (band.pointwise, 0.2)):
        axes.fill_between(days, scale.factor * (band.mean - half), scale.factor * (band.mean + half), color=tint,
                          alpha=depth, linewidth=0)  # fmt: skip
    axes.plot(days, scale.factor * always.mean, color=colour(_ALWAYS), linestyle=dashes(_ALWAYS), linewidth=1.8)
    axes.plot(days, scale.factor * band.mean, color=tint, linewidth=2.4, zorder=4)
    axes.set_xlim(0, float(days[-1]))
    at_end = _at_end(transition, scale.text(band.mean[-1], sign=True), scale.unit)
    _ends(axes, [f"becomes {fitted(after, 1, 14)}\n{at_end}",
                 f"always {fitted(after, 1, 14)}\n{scale.text(always.mean[-1], sign=True)} {scale.unit}"],
          [scale.factor * band.mean[-1], scale.factor * always.mean[-1]])  # fmt: skip
    _marks(axes, transition, scale.factor, tint)
    axes.set_xlabel("days since the change")
    axes.set_ylabel(scale.unit)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+,g}" if value else "0"))
    return figure


def _at_end(transition: Transition, text: str, unit: str) -> str:
    return f"{text} {unit}\nafter {transition.days[-1]:,.0f} days"


def _ends(axes: Axes, texts: list[str], heights: list[float]) -> None:
    """What each path is, beside its end."""
    low, high = axes.get_ylim()
    placed = apart([(height - low) / (high - low) for height in heights], 0.2)
    for text, height, position in zip(texts, placed, (_CHANGES, _ALWAYS), strict=True):
        name, _, rest = text.partition("\n")
        axes.annotate(name, (1.02, height), xycoords="axes fraction", va="bottom", color=colour(position),
                      fontweight="bold")  # fmt: skip
        axes.annotate(rest, (1.02, height), xycoords="axes fraction", va="top", color=colour(position), fontsize=9.5,
                      xytext=(0, -1), textcoords="offset points", linespacing=1.25)  # fmt: skip


def _marks(axes: Axes, transition: Transition, factor: float, tint: str) -> None:
    """The lowest point, and the day from which on it is never behind again."""
    depth, day = transition.dip
    low, high = axes.get_ylim()
    axes.set_ylim(low - (0.15 * (high - low) if depth.value < 0.0 else 0.0), high)
    if depth.value < 0.0:
        axes.plot(day.value, factor * depth.value, "v", color=tint, markersize=9, zorder=5)
        sure = "" if transition.dips_for_sure else "\n(may be chance)"
        axes.annotate(f"lowest on day {day.value:,.0f}:\n{usd(depth.value)}{sure}", (day.value, factor * depth.value),
                      xytext=(8, -10), textcoords="offset points", va="top", color=tint, fontsize=9.5)  # fmt: skip
    back = transition.payback
    if 0.0 < back.value < math.inf:
        axes.plot([back.value] * 2, [0.0, axes.get_ylim()[1]], color=tint, linewidth=1, linestyle=(0, (2, 2)))
        ends = "" if math.isnan(back.low) else f"\n[{back.low:,.0f}, {_day(back.high)}]"
        axes.annotate(f"paid back on day {back.value:,.0f}{ends}", (back.value, 1.0),
                      xycoords=("data", "axes fraction"), xytext=(5, -2), textcoords="offset points", va="top",
                      color=tint, fontweight="bold", fontsize=9.5)  # fmt: skip


def _day(value: float) -> str:
    return "beyond the run" if math.isinf(value) else f"{value:,.0f}"
