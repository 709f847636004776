"""What channels bring: their share of the leads beside that of the revenue and of the spend."""

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.frame.numbers import scale_for, words
from simulator.questions.frame.style import FAINT, INK, colour, fitted, name_beside, panels

_PANELS_A_ROW = 3


def channels(table: pd.DataFrame, note: str) -> Figure:
    """For each channel and organisation, its share of the leads, of the revenue and of the spend.

    Parameters
    ----------
    table : a `channels_table`.
    note : n, and that lines are intervals.
    """
    organisations = list(dict.fromkeys(table["organisation"]))
    found: Any = {
        (row.organisation, row.channel, row.measure): (row.estimate, row.ci_low, row.ci_high)
        for row in table.itertuples(index=False)
    }
    first = organisations[0]
    named = sorted(dict.fromkeys(table["channel"]), key=lambda one: -_or_0(found[first, one, "share_of_inquiries"][0]))
    note += (
        "\nLeads: inquiries. Revenue: what the cohort's wins pay. A channel whose dot is left of its ring "
        "brings more leads than revenue. At the right: spend on the cohort."
    )
    columns = min(_PANELS_A_ROW, len(organisations))
    figure, plots = panels(
        "Do the channels that bring leads bring revenue?",
        "share of all channels, %: of the leads (ring), of the revenue (dot), of the spend (stroke)",
        note, -(-len(organisations) // columns), columns, inches=0.15 + 0.4 * len(named), left=1.35, right=0.75,
        above=0.55, below=0.35,
    )  # fmt: skip
    ends = [value for (_, _, measure), three in found.items() if measure.startswith("share") for value in three]
    reach = 105 * max((value for value in ends if math.isfinite(value)), default=1.0)
    for place, (axes, name) in enumerate(zip(plots, organisations, strict=False)):
        axes.annotate(fitted(words(name), 2, 19), (0, 1), xycoords="axes fraction", xytext=(0, 6),
                      textcoords="offset points", color=colour(place), fontweight="bold")  # fmt: skip
        scale = scale_for("usd", [found[name, one, "spend_usd"][0] for one in named])
        for y, channel in enumerate(named):
            shares = [found[name, channel, f"share_of_{what}"] for what in ("inquiries", "revenue", "spend")]
            _dumbbell(axes, y, shares, colour(place))
            axes.annotate(scale.with_unit(found[name, channel, "spend_usd"][0]), (1, y), va="center", fontsize=8,
                          xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
                          color="#555555")  # fmt: skip
            if place % columns == 0:
                name_beside(axes, y, words(channel), INK)
        axes.set_ylim(len(named) - 0.5, -0.5)
        axes.set_yticks([])
        axes.set_xlim(0, reach)
        axes.set_xlabel("% of all channels", fontsize=8.5)
        axes.tick_params(labelsize=8.5)
        axes.spines["left"].set_visible(False)
    for axes in plots[len(organisations) :]:
        axes.remove()
    return figure


def _dumbbell(axes: Axes, y: float, shares: list[tuple[float, float, float]], tint: str) -> None:
    (leads, *_), (revenue, *_), (spend, *_) = shares
    if math.isfinite(leads) and math.isfinite(revenue):
        axes.plot([100 * leads, 100 * revenue], [y, y], color=FAINT, linewidth=1, zorder=2)
    for (_, low, high), lift, shade in zip(shares, (-0.19, 0.19), (INK, tint), strict=False):
        if math.isfinite(low):
            axes.plot([100 * max(low, 0.0), 100 * high], [y + lift, y + lift], color=shade, linewidth=1.2, zorder=3,
                      solid_capstyle="butt")  # fmt: skip
    axes.plot(100 * spend, y, "|", color=FAINT, markersize=13, markeredgewidth=2, zorder=4)
    axes.plot(100 * revenue, y, "o", color=tint, markersize=7, zorder=5)
    axes.plot(100 * leads, y, "o", color=INK, markersize=8.5, markerfacecolor="none", markeredgewidth=1.4, zorder=6)


def _or_0(value: float) -> float:
    return value if math.isfinite(value) else 0.0
