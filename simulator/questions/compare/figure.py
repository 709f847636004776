"""The figures of a comparison. Each takes result tables and a footnote, and answers one question of a reader."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simulator.questions.compare.channels_figure import channels
from simulator.questions.compare.differences_figure import paired_differences
from simulator.questions.compare.load_figure import load
from simulator.questions.compare.outcomes_figure import outcomes
from simulator.questions.compare.work import Comparison
from simulator.questions.frame.numbers import Scale, count, scale_for, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import INK, blank, colour, dashes, fitted, within
from simulator.questions.transition.work import Path, paths
from simulator.results.channels import channels_table
from simulator.results.curves import cycle_curve, response_curve
from simulator.results.load import load_table
from simulator.results.metrics import BY_KEY
from simulator.results.replications import replications_table

#: Steps of the funnel and the metrics that give each as a share of the inquiries; None is the inquiries themselves.
FUNNEL = (
    ("inquiry", None),
    ("MQL: marketing\npasses it on", "inquiry_to_mql"),
    ("SAL: sales\naccepts it", "inquiry_to_sal"),
    ("SQL: qualifies\nin a talk", "inquiry_to_sql"),
    ("opportunity:\nmeets a rep", "inquiry_to_opportunity"),
    ("won: with a rep\nor without", "win_rate_inquiries"),
)

_TICKS_HOURS = {
    1 / 60: "1 min", 1 / 6: "10 min", 1: "1 h", 8: "8 h", 24: "1 day", 168: "1 week", 1440: "60 days", 8760: "1 year",
}  # fmt: skip


#: Inches that the label at the end of a curve takes.
_LABEL = 0.76


def figures(comparison: Comparison) -> Drawings:
    """All figures; that of the load, of the differences and of changes only where there are such."""
    bands, lines = footnote(comparison, "shaded bands"), footnote(comparison, "lines")
    alone = footnote(comparison, "lines", overlap=False)
    name, summaries, run = comparison.scenario.name, comparison.summaries, comparison.scenario.run
    metrics, single = comparison.metrics, replications_table(name, summaries)
    drawings: dict[str, Callable[[], Figure]] = {
        "funnel": lambda: funnel(metrics, footnote(comparison, "thin black lines")),
        "cycle_time": lambda: cycle_time(cycle_curve(summaries), metrics, bands),
        "cost_per_won": lambda: cost_per_won(metrics, lines),
        "first_response": lambda: first_response(response_curve(summaries), metrics, bands),
        "outcomes": lambda: outcomes(single, metrics, footnote(comparison, "black lines")),
        "channels": lambda: channels(channels_table(name, summaries), alone),
    }
    if len(comparison.organisations) > 1:
        drawings["paired_differences"] = lambda: paired_differences(single, comparison.differences, alone)
    if comparison.loads:
        of_load = footnote(comparison, "shaded bands", overlap=False)
        drawings["load"] = lambda: load(load_table(name, comparison.loads), of_load, run.warm_up_days, run.cohort_days)
    if changes := paths(comparison):
        drawings["transition"] = lambda: transition(changes, comparison.organisations, bands)
    return drawings


def footnote(comparison: Comparison, marks: str, overlap: bool = True) -> str:
    """n, what the marks of the intervals are, and, if organisations stand side by side, that these may overlap."""
    runs, run = comparison.replications, comparison.scenario.run
    buyers, inquiries = (comparison.total(comparison.baseline, name) / runs for name in ("cohort", "inquiries"))
    spread = f"{marks}: 95% intervals over replications" if runs > 1 else "one replication has no intervals"
    warning = "\nIntervals may overlap where organisations differ: the paired differences are in comparisons.csv."
    return (
        f"{comparison.scenario.name}: n = {runs:,} replication{'s' if runs > 1 else ''} of {count(buyers)} buyers "
        f"({count(inquiries)} inquiries in {words(comparison.baseline)}) who arrived within {run.cohort_days:,} days;\n"
        f"who comes to several is the same buyer in each; followed for {run.follow_up_days:,} days more; {spread}."
        + (warning if overlap and runs > 1 and len(comparison.organisations) > 1 else "")
    )


def funnel(metrics: pd.DataFrame, note: str) -> Figure:
    """What share of the inquiries reaches each step of the waterfall."""
    names = _names(metrics)
    bar = 0.8 / len(names)
    figure, axes = blank("Of 100 inquiries, how many get how far?", "share of inquiries that reach a step, %", note,
                         1.9 + len(FUNNEL) * (0.3 + 0.22 * len(names)), "x")  # fmt: skip
    for position, name in enumerate(names):
        for step, (_, key) in enumerate(FUNNEL):
            share, low, high = _estimate(metrics, name, key) if key else (1.0, math.nan, math.nan)
            y = step - 0.4 + bar * (position + 0.5)
            axes.barh(y, 100 * share, height=bar * 0.88, color=colour(position))
            _whisker(axes, y, 100 * low, 100 * high, INK)
            end = max((value for value in (100 * share, 100 * high) if math.isfinite(value)), default=0.0)
            label = _share(share) if key else f"100%  {fitted(words(name), 1)}"
            axes.text(end + 1.2, y, label, va="center", color=colour(position), fontweight=None if key else "bold")
    axes.set_yticks(range(len(FUNNEL)), [label for label, _ in FUNNEL])
    axes.set_ylim(len(FUNNEL) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of inquiries")
    axes.spines["left"].set_visible(False)
    return figure


def cycle_time(curve: pd.DataFrame, metrics: pd.DataFrame, note: str) -> Figure:
    """How the wins come in over time; lost and no decision compete, open journeys are censored."""
    names = _names(metrics)
    note += "\nCumulative incidence: who chose another vendor, or none, stays in the count."
    if (curve["censored"] > 0).any():
        note += " Strokes: journeys cut off by the end of follow-up."
    subtitle = "% of all buyers who have bought, by days since their first touch with anyone"
    figure, axes = blank("How long until buyers have bought from us?", subtitle, note, _height(names), "y")
    ends = []
    for position, name in enumerate(names):
        own = curve[curve["organisation"] == name]
        days, share = own["days"].to_numpy(), 100 * own["share"].to_numpy()
        _curve(axes, days, own, position)
        cut = own["censored"].to_numpy() > 0
        axes.plot(days[cut], share[cut], "|", color=colour(position), markersize=7, markeredgewidth=0.8)
        median, _, _ = _estimate(metrics, name, "cycle_time_median")
        if math.isfinite(median):
            height = np.interp(median, days, share)
            axes.plot(median, height, "o", color=colour(position), markersize=7, zorder=4)
        open_share, _, _ = _estimate(metrics, name, "open_at_end")
        half = f"half of them by day {median:,.0f}" if math.isfinite(median) else "nobody bought"
        ends.append((share[-1], f"{_percent(share[-1])} bought\n{half}\n{_share(open_share)} still open"))
    axes.set_ylim(bottom=0)
    _label_ends(axes, names, ends)
    axes.set_xlabel("days since the first touch (the dot marks the median of those who bought)")
    axes.set_ylabel("% of buyers who have bought")
    axes.set_xlim(0, float(curve["days"].max()))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))
    return figure


def cost_per_won(metrics: pd.DataFrame, note: str) -> Figure:
    """What one win costs, everything included."""
    names = _names(metrics)
    found = [_estimate(metrics, name, "cost_per_won") for name in names]
    scale = scale_for("usd", [value for value, _, _ in found], [(high - low) / 2 for _, low, high in found])
    figure, axes = blank("What does one won customer cost?",
                         f"{BY_KEY['cost_per_won'].numerator}, by customers won, {scale.unit}", note,
                         2.3 + 0.55 * len(names), "x")  # fmt: skip
    for position, (value, low, high) in enumerate(found):
        tint = colour(position)
        _whisker(axes, position, low * scale.factor, high * scale.factor, tint, thick=2.2)
        axes.plot(value * scale.factor, position, "o", color=tint, markersize=9)
        axes.annotate(_with_interval(scale, value, low, high), (1.02, position), xycoords=("axes fraction", "data"),
                      va="center", color=tint, fontweight="bold")  # fmt: skip
    axes.set_yticks(range(len(names)), [fitted(words(name)) for name in names], fontsize=9.5)
    axes.set_ylim(len(names) - 0.4, -0.6)
    reach = [x * scale.factor for triple in found for x in triple if math.isfinite(x)]
    axes.set_xlim(0, 1.08 * max(reach, default=1.0))
    axes.set_xlabel(f"{scale.unit} per won customer")
    axes.spines["left"].set_visible(False)
    return figure


def first_response(curve: pd.DataFrame, metrics: pd.DataFrame, note: str) -> Figure:
    """How soon a person reaches an inquiry; where the curve ends, the rest is never contacted."""
    names = _names(metrics)
    subtitle = "% of inquiries reached, by time since the inquiry; those above a curve's end are never reached"
    figure, axes = blank("How soon does a person of ours reach an inquiry?", subtitle, note, _height(names), "both")
    ends = []
    for position, name in enumerate(names):
        own = curve[curve["organisation"] == name]
        _curve(axes, own["hours"].to_numpy(), own, position)
        median, _, _ = _estimate(metrics, name, "response_median")
        never, _, _ = _estimate(metrics, name, "never_contacted")
        typical = f"half of those within {_hours(median)}" if math.isfinite(median) else "nobody reached"
        ends.append(
            (100 * float(own["share"].iloc[-1]), f"{_share(1 - never)} reached\n{typical}\n{_share(never)} never")
        )
    axes.set_ylim(0, 100)
    _label_ends(axes, names, ends)
    axes.set_xscale("log")
    first, last = float(curve["hours"].min()), float(curve["hours"].max())
    ticks = {hours: label for hours, label in _TICKS_HOURS.items() if first * 0.99 <= hours <= last * 1.01}
    axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set_xticks([], minor=True)
    axes.tick_params(axis="x", pad=7)
    axes.set_xlim(first, last)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))
    axes.set_xlabel("time since the inquiry, nights and weekends included (logarithmic)")
    axes.set_ylabel("% of inquiries reached by a person")
    return figure


def _curve(axes: Axes, x: Any, table: pd.DataFrame, position: int) -> None:
    low, high = 100 * table["ci_low"].to_numpy(), 100 * table["ci_high"].to_numpy()
    axes.fill_between(x, low, high, step="post", color=colour(position), alpha=0.16, linewidth=0)
    axes.plot(x, 100 * table["share"].to_numpy(), drawstyle="steps-post", color=colour(position),
              linestyle=dashes(position), linewidth=2.2)  # fmt: skip


def _height(names: list[str]) -> float:
    """Inches of a figure of curves: room for the labels at their ends."""
    return max(5.5, 2.3 + _LABEL * len(names))


def _label_ends(axes: Axes, names: list[str], ends: list[tuple[float, str]]) -> None:
    """Names and numbers beside the right ends of the curves, kept from overlapping."""
    top = axes.get_ylim()[1]
    inches = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    heights = within([height / top for height, _ in ends], _LABEL / inches)
    for position, (name, (_, text)) in enumerate(zip(names, ends, strict=True)):
        y = heights[position] + 0.1 / inches  # the name above, three lines below
        axes.annotate(fitted(words(name), 1, 19), (1.03, y), xycoords="axes fraction", va="bottom",
                      color=colour(position), fontweight="bold", xytext=(0, 6), textcoords="offset points")  # fmt: skip
        axes.annotate(text, (1.03, y), xycoords="axes fraction", va="top", color=colour(position), fontsize=9.5,
                      xytext=(0, 4), textcoords="offset points", linespacing=1.25)  # fmt: skip


def _whisker(axes: Axes, y: float, low: float, high: float, tint: str, thick: float = 1.3) -> None:
    if math.isfinite(low) and math.isfinite(high):
        axes.plot([low, high], [y, y], color=tint, linewidth=thick, solid_capstyle="butt", zorder=3)


def _names(metrics: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(metrics["organisation"]))


def _estimate(metrics: pd.DataFrame, organisation: str, key: str | None) -> tuple[float, float, float]:
    """Estimate and ends of the interval."""
    row = metrics[(metrics["organisation"] == organisation) & (metrics["metric"] == key)].iloc[0]
    return float(row["estimate"]), float(row["ci_low"]), float(row["ci_high"])


def _with_interval(scale: Scale, value: float, low: float, high: float) -> str:
    text = scale.with_unit(value)
    return f"{text}\n[{scale.text(low)}, {scale.text(high)}]" if math.isfinite(low) else text


def _share(share: float) -> str:
    return _percent(100 * share)


def _percent(value: float) -> str:
    if not math.isfinite(value):
        return "-"
    return f"{value:.0f}%" if value >= 9.95 or value == 0 else f"{value:.1f}%" if value >= 0.1 else "under 0.1%"


def _hours(hours: float) -> str:
    if hours < 1:
        return f"{60 * hours:.0f} min"
    return f"{hours:.1f} h" if hours < 100 else f"{hours / 24:.1f} days"


def transition(changes: Sequence[Path], organisations: Sequence[str], note: str) -> Figure:
    """What an organisation that changes has earned more or less than one that does not, since the change."""
    before = words(changes[0].before)
    shown = f"revenue since the change, less that of {before}, usd"
    figure, axes = blank("When has the change paid for itself?", shown, note, 5.6, "y")
    axes.axhline(0.0, color=INK, linewidth=1)
    for path in changes:
        position = organisations.index(path.organisation)
        axes.fill_between(path.days, path.difference - path.half_width, path.difference + path.half_width,
                          color=colour(position), alpha=0.18, linewidth=0)  # fmt: skip
        axes.plot(path.days, path.difference, color=colour(position), linestyle=dashes(position), linewidth=2)
        axes.text(path.days[-1], path.difference[-1], f" {fitted(words(path.organisation), 2, 19)}", va="center",
                  color=colour(position), fontweight="bold")  # fmt: skip
        if 0.0 < path.payback_days < math.inf:
            axes.axvline(path.payback_days, color=colour(position), linewidth=1, linestyle=(0, (2, 2)))
            axes.text(path.payback_days, axes.get_ylim()[1], f" day {path.payback_days:,.0f}: paid back", va="top",
                      color=colour(position))  # fmt: skip
    axes.set_xlim(0, changes[0].days[-1])
    axes.set_xlabel("days since the change")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: f"{usd:,.0f}"))
    return figure
