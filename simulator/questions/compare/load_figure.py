"""Who waits for whom, and how busy people are, over the time of a run."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from simulator.questions.frame.numbers import words
from simulator.questions.frame.style import FAINT, colour, dashes, fitted, headed, panels, within

#: Role -> name of its line, and of its people.
_ROLES = {
    "marketer": ("buyers who wait for a marketer", "marketers' time for buyers"),
    "sdr": ("buyers who wait for an SDR", "SDRs' time for buyers"),
    "rep": ("buyers who wait for an owner or a rep", "reps' time for buyers"),
}
#: Inches that a line of a label takes.
_LINE = 0.155


def load(table: pd.DataFrame, note: str, warm_up_days: float, cohort_days: float) -> Figure:
    """How long the lines are, and how much of their time for buyers people need, from review to review.

    Parameters
    ----------
    table : a `load_table`.
    note : n, and that bands are intervals.
    warm_up_days, cohort_days : when the cohort arrives, to mark it.
    """
    names = list(dict.fromkeys(table["organisation"]))
    roles = [role for role in _ROLES if role in set(table["role"])]
    note += (
        "\nEach step is a mean over the time between two reviews. Time for buyers: what meetings, training and own "
        "work leave of the paid hours; at 100% every further buyer waits. Dashes: the cohort arrives from day "
        f"{warm_up_days:,g} to {warm_up_days + cohort_days:,g}."
    )
    figure, plots = panels(
        "Where do buyers wait, and who has no time left?",
        "left: buyers waiting, on average; right: hours spent on buyers, % of the hours that there are for buyers",
        note, len(roles), 2, inches=_inches(names), left=0.5, right=1.4, above=0.5, below=0.32, grid="y",
    )  # fmt: skip
    for place, role in enumerate(roles):
        for axes, measure, title in zip(plots[2 * place : 2 * place + 2], ("waiting", "occupancy"), _ROLES[role],
                                        strict=True):  # fmt: skip
            rows = table[(table["role"] == role) & (table["measure"] == measure)]
            _steps(axes, rows, names, 100.0 if measure == "occupancy" else 1.0)
            headed(axes, title, "%" if measure == "occupancy" else "mean number")
            _phases(axes, warm_up_days, cohort_days, place == len(roles) - 1)
    return figure


def _steps(axes: Axes, rows: pd.DataFrame, names: list[str], factor: float) -> None:
    heights, labels, top = [], [], 1.0
    for position, name in enumerate(names):
        own = rows[rows["organisation"] == name]
        if own.empty:
            continue
        days = np.append(own["start_day"].to_numpy(), own["end_day"].iloc[-1])
        value, low, high = (factor * own[end].to_numpy(float) for end in ("estimate", "ci_low", "ci_high"))
        low, high = np.maximum(low, 0.0), np.minimum(high, 100.0) if factor > 1 else high
        axes.fill_between(days, np.append(low, low[-1]), np.append(high, high[-1]), step="post", alpha=0.16,
                          color=colour(position), linewidth=0)  # fmt: skip
        axes.plot(days, np.append(value, value[-1]), drawstyle="steps-post", color=colour(position), linewidth=1.8,
                  linestyle=dashes(position))  # fmt: skip
        known = np.isfinite(value)
        mean = float(np.average(value[known], weights=np.diff(days)[known])) if known.any() else 0.0
        heights.append(float(np.nan_to_num(value[-1])))
        labels.append((position, f"{fitted(words(name))}\nmean {_number(mean)}{'%' if factor > 1 else ''}"))
        top = max([top, *value[known], *high[np.isfinite(high)]])
    top = 104.0 if factor > 1 else 1.05 * top
    axes.set_ylim(0, top)
    axes.set_xlim(0, float(rows["end_day"].max()))
    gap = _LINE * max(text.count("\n") + 1 for _, text in labels) / _inches(names)
    for y, (position, text) in zip(within([height / top for height in heights], gap), labels, strict=True):
        axes.annotate(text, (1, y), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points", va="center",
                      color=colour(position), fontsize=8, linespacing=1.1)  # fmt: skip
    axes.tick_params(labelsize=8.5)
    if factor > 1:
        axes.set_yticks([0, 50, 100], ["0%", "50%", "100%"])
    else:
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def _inches(names: list[str]) -> float:
    """Height of a plot: room for all labels at its end."""
    return max(1.45, _LINE * sum(fitted(words(name)).count("\n") + 2 for name in names))


def _phases(axes: Axes, warm_up_days: float, cohort_days: float, last: bool) -> None:
    """When the buyers who count arrive: before it a warm-up, after it their follow-up."""
    for day in (warm_up_days, warm_up_days + cohort_days):
        if 0 < day < axes.get_xlim()[1]:
            axes.axvline(day, color=FAINT, linewidth=0.8, linestyle=(0, (2, 2)))
    if last:
        axes.set_xlabel("days since the start", fontsize=8.5)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 9.95 or value == 0 else f"{value:.1f}" if value >= 0.1 else "under 0.1"
