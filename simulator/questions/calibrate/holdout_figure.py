"""How well leads were predicted that the fit had not seen: their wins by week, and how old they were when won."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.fit.calibration import OURS, Calibration
from simulator.questions.calibrate.marks import key
from simulator.questions.calibrate.tables import ALL_CHANNELS, ALL_WEEKS, curves_table, held_out_table, scores_table
from simulator.questions.frame.numbers import count
from simulator.questions.frame.style import DASHES, INK, PALETTE, headed, panels, within

#: Looks of the models, ours first; the real leads are black.
_TINTS = (PALETTE[1], PALETTE[3], PALETTE[4], PALETTE[5])
_MARKERS = ("o", "s", "D", "v")
#: While there are no more weeks than these, each has a date, its number of leads and of wins.
_DATED = 8
#: Others' intervals beyond so many times what really was and what the simulator said are cut, with an arrow.
_BEYOND = 2.0


def held_out_weeks(calibration: Calibration) -> Figure:
    """A plot for each cutoff: the real wins of each week of leads, and each model's mean and interval."""
    table, scores = held_out_table(calibration), scores_table(calibration)
    table = table[table["channel"] == ALL_CHANNELS]
    settings = calibration.scenario.study.fit
    models = list(dict.fromkeys(table["model"]))
    note = (
        "n = leads of each week, none of which the fit had seen: it knew what was known on the evening of the "
        f"cutoff. Won: within {settings.horizon_days} days from the lead. Marks and lines: mean and central 90% of "
        f"what a model predicts, over {count(settings.draws)} likely parameter sets or leads drawn again, with luck; "
        "of 10 good intervals 9 hold the black bar. An arrow: the interval goes on, to the number. Last period's "
        "rates and the regression (on channel and month) know no buyers. Log score: of a week's wins, its mean; "
        "higher is better."
    )
    cutoffs = list(dict.fromkeys(table["cutoff"]))
    figure, plots = panels(
        "How many of the leads that came then were won, and what was predicted?",
        f"wins within {settings.horizon_days} days among the leads of each week after the cutoff",
        note, len(cutoffs), 1, inches=1.9, left=0.62, right=2.15, above=0.95, below=0.36, grid="y",
    )  # fmt: skip
    key(figure, 0.6, 0.86, [({"color": INK, "linewidth": 3}, "really won"), *_marks(models)])
    for axes, cutoff in zip(plots, cutoffs, strict=True):
        mine = table[table["cutoff"] == cutoff]
        whole = mine[mine["week"] == ALL_WEEKS].set_index("model")
        headed(axes, f"Fitted to what was known on {cutoff}", f"{_leads(whole)} leads of the weeks after it")
        for text, lift in zip(axes.texts, (28, 16), strict=True):
            text.set_position((0, lift))  # above the arrows' numbers
        _weeks(axes, mine[mine["week"] != ALL_WEEKS], models)
        _totals(axes, whole, scores[scores["cutoff"] == cutoff].set_index("model"), models)
    return figure


def _marks(models: Sequence[str]) -> list[tuple[dict[str, Any], str]]:
    return [
        ({"marker": _MARKERS[place], "color": _TINTS[place], "markersize": 6, "linestyle": "none"}, name)
        for place, name in enumerate(models)
    ]


def _leads(whole: pd.DataFrame) -> str:
    return count(whole["leads"].iloc[0])


def _weeks(axes: Axes, table: pd.DataFrame, models: Sequence[str]) -> None:
    weeks = list(dict.fromkeys(table["week"]))
    counted = len(weeks) <= _DATED
    of = {name: table[table["model"] == name].set_index("week") for name in models}
    real = of[OURS].loc[weeks, "won"].to_numpy(float)
    own = max(1.0, real.max(), of[OURS]["high"].max())
    most = 1.1 * max(high for high in (own, *table["high"]) if high <= _BEYOND * own)
    for x, week in enumerate(weeks):
        axes.plot([x - 0.46, x + 0.42], [real[x], real[x]], color=INK, linewidth=3, solid_capstyle="butt", zorder=3)
        if counted:
            axes.annotate(count(real[x]), (x - 0.46, real[x]), xytext=(1, 2), textcoords="offset points", fontsize=8,
                          fontweight="bold", va="bottom")  # fmt: skip
        for place, name in enumerate(models):
            one: Any = of[name].loc[week]
            _prediction(axes, x - 0.06 + 0.19 * place, one, place, most, counted)
    axes.set_xlim(-0.6, len(weeks) - 0.4)
    axes.set_ylim(0, most)
    axes.locator_params(axis="y", nbins=5, integer=True)
    axes.tick_params(labelsize=8.5)
    every = -(-len(weeks) // _DATED)
    shown = [x for x in range(len(weeks)) if x % every == 0]
    leads = of[OURS].loc[weeks, "leads"].tolist()
    labels = [f"{_day(weeks[x])}\n{count(leads[x])} leads" if counted else _day(weeks[x]) for x in shown]
    axes.set_xticks(shown, labels, fontsize=7.5)


def _day(week: str) -> str:
    """The first day of a week, as 1 Feb 2018."""
    day = datetime.date.fromisoformat(week)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year}"


def _prediction(axes: Axes, x: float, one: Mapping[str, Any], place: int, most: float, told: bool) -> None:
    """Mean and interval; what lies above the plot is an arrow, with where the interval ends."""
    tint = _TINTS[place]
    axes.plot([x, x], [min(one["low"], most), min(one["high"], most)], color=tint, linewidth=2.2 if not place else 1.5,
              solid_capstyle="butt", zorder=4)  # fmt: skip
    if one["predicted"] <= 0.95 * most:  # not over the arrow
        axes.plot(x, one["predicted"], _MARKERS[place], color=tint, markersize=6, zorder=5)
    if one["high"] > most:
        axes.plot(x, most, "^", color=tint, markersize=5, clip_on=False, zorder=5)
        if told:
            axes.annotate(count(one["high"]), (x, most), xytext=(0, 4), textcoords="offset points", ha="center",
                          va="bottom", fontsize=7, color=tint, annotation_clip=False)  # fmt: skip


def _totals(axes: Axes, whole: pd.DataFrame, scores: Any, models: Sequence[str]) -> None:
    """All weeks together at the right: what was won and what each model predicted."""
    step, y = 0.235, 1.02
    axes.annotate("all weeks together", (1, y), xycoords="axes fraction", xytext=(14, 6), textcoords="offset points",
                  fontsize=8.5, color="#555555")  # fmt: skip
    real = int(whole["won"].iloc[0])
    lines = [(f"{count(real)} really won", f"{100 * real / whole['leads'].iloc[0]:.1f}% of the leads", INK)]
    for place, name in enumerate(models):
        one: Any = whole.loc[name]
        lines.append(
            (f"{count(one['predicted'])} [{count(one['low'])}, {count(one['high'])}]",
             f"{name}, log score {float(scores.loc[name, 'log_score']):#.3g}", _TINTS[place])
        )  # fmt: skip
    for row, (strong, weak, tint) in enumerate(lines):
        at = y - 0.06 - step * (row + 0.5)
        for text, lift, size, weight in ((strong, 1, 9.5, "bold"), (weak, -1, 7.5, "normal")):
            axes.annotate(text, (1, at), xycoords="axes fraction", xytext=(14, lift), textcoords="offset points",
                          va="bottom" if lift > 0 else "top", fontsize=size, fontweight=weight, color=tint)  # fmt: skip


# --- how old leads were when won --------------------------------------------------------------------------------------


def held_out_curves(calibration: Calibration) -> Figure:
    """A plot for each cutoff: the share of the leads won by each age, really and as predicted."""
    table, scores = curves_table(calibration), scores_table(calibration)
    leads = held_out_table(calibration)
    cutoffs = list(dict.fromkeys(table["cutoff"]))
    settings = calibration.scenario.study.fit
    note = (
        "n = leads of the weeks after each cutoff, followed until the export. Black steps: really won by that age. "
        f"Lines: mean of what a model predicts; band: central 90% of the simulator's, over {count(settings.draws)} "
        "likely parameter sets, with luck. Off by: the greatest distance of a mean from the steps (Kolmogorov and "
        "Smirnov), in points of share. The predictions without buyers go on flat after the last age at which anyone "
        "was watched."
    )
    figure, plots = panels(
        "How fast are new leads won, and was it foreseen?",
        "share of the leads after each cutoff that were won by each age, %", note, len(cutoffs), 1, inches=2.2,
        left=0.7, right=2.35, above=0.6, below=0.5, grid="y",
    )  # fmt: skip
    for axes, cutoff in zip(plots, cutoffs, strict=True):
        whole = leads[(leads["cutoff"] == cutoff) & (leads["week"] == ALL_WEEKS) & (leads["channel"] == ALL_CHANNELS)]
        headed(axes, f"Fitted to what was known on {cutoff}", f"{_leads(whole)} leads of the weeks after it")
        _curves(axes, table[table["cutoff"] == cutoff], scores[scores["cutoff"] == cutoff].set_index("model"))
    plots[-1].set_xlabel("days from the lead", fontsize=9)
    return figure


def _curves(axes: Axes, table: pd.DataFrame, scores: pd.DataFrame) -> None:
    models = list(dict.fromkeys(table["model"]))
    ends = []
    for place, name in enumerate(models):
        mine = table[table["model"] == name]
        days, mean = mine["days"].to_numpy(), 100 * mine["predicted"].to_numpy()
        if place == 0:
            low, high = 100 * mine["low"].to_numpy(), 100 * mine["high"].to_numpy()
            axes.fill_between(days, low, high, color=_TINTS[0], alpha=0.16, linewidth=0)
            axes.step(np.r_[0.0, days], np.r_[0.0, 100 * mine["actual"]], where="post", color=INK, linewidth=2.4,
                      zorder=5)  # fmt: skip
            real = float(100 * mine["actual"].iloc[-1])
            ends.append((real, f"really {real:.1f}%", "", INK))
        axes.plot(np.r_[0.0, days], np.r_[0.0, mean], color=_TINTS[place], linewidth=2.0 if place == 0 else 1.6,
                  zorder=4, linestyle="solid" if place == 0 else DASHES[place + 1])  # fmt: skip
        off = 100 * float(scores.loc[name, "ks"])
        ends.append((float(mean[-1]), f"{name} {mean[-1]:.1f}%", f"off by at most {off:.1f} points", _TINTS[place]))
    axes.set_xlim(0, float(table["days"].max()))
    axes.set_ylim(bottom=0)
    axes.locator_params(axis="y", nbins=5)
    axes.tick_params(labelsize=8.5)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")
    top = axes.get_ylim()[1]
    placed = within([end / top for end, *_ in ends], 0.2)
    for (end, strong, weak, tint), height in zip(ends, placed, strict=True):
        axes.annotate("", (1, end / top), xytext=(1.035, height), xycoords="axes fraction", textcoords="axes fraction",
                      arrowprops={"arrowstyle": "-", "color": tint, "linewidth": 0.7, "shrinkA": 0,
                                  "shrinkB": 0})  # fmt: skip
        for text, lift, size, weight in ((strong, 0.5 if weak else -4, 9, "bold"), (weak, -0.5, 7.5, "normal")):
            axes.annotate(text, (1.035, height), xycoords="axes fraction", xytext=(3, lift), textcoords="offset points",
                          va="bottom" if lift > 0 or not weak else "top", fontsize=size, fontweight=weight,
                          color=tint)  # fmt: skip
