"""An export at a glance: leads by the month they came in, and wins by the month they were won, for each channel."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.frame.numbers import count, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, colour, name_beside, panels, text_beside
from simulator.questions.read_crm.tell import shown
from simulator.questions.read_crm.work import ALL, OTHERS, Reading, wilson

if TYPE_CHECKING:
    import pandas as pd

#: Channels with a row of their own; the others share one.
_CHANNELS = 6
#: Dates below a plot, and days that a bar is wide.
_DATES = 4
_EACH = {"month": 28, "quarter": 85, "year": 340}


def figures(reading: Reading) -> Drawings:
    """Leads and wins by channel."""
    return {"leads_and_wins": partial(leads_and_wins, reading)}


def leads_and_wins(reading: Reading) -> Figure:
    """Two columns of bars, leads and wins, a row for each of the largest channels."""
    funnel, channels, months = reading.funnel, reading.channels, reading.months
    unit = str(months["unit"].iloc[0])
    names = [str(name) for name in channels["channel"].iloc[1:]]
    own = names[:_CHANNELS] if len(names) > _CHANNELS + 1 else names
    groups = {ALL: names} | {name: [name] for name in own} | ({OTHERS: names[len(own) :]} if own != names else {})
    note = (
        f"n = {count(len(funnel))} leads, {count(channels['won'].iloc[0])} wins until {funnel.exported_at:%Y-%m-%d}. "
        "Each row and column has a scale of its own: the number at its left is its highest bar. At the right: the "
        "share of all these leads that is won so far, with Wilson's 95% interval. Open leads may still be won, and "
        "late ones had less time."
    )
    figure, plots = panels(
        "How many leads come in, how many are won?", f"number of leads and of wins in each {unit}, by channel",
        note, len(groups), 2, inches=0.42, left=1.75, right=0.95, above=0.28, below=0.1, grid="y",
    )  # fmt: skip
    counted = channels.set_index("channel")[["leads", "won"]]
    for row, (name, mine) in enumerate(groups.items()):
        chosen = months[months["channel"].isin(mine)].groupby("period")[["leads", "won"]].sum()
        left, right = plots[2 * row], plots[2 * row + 1]
        for axes, what, tint in ((left, "leads", colour(0)), (right, "won", colour(1))):
            _bars(axes, chosen[what], _EACH[unit], tint, last=row == len(groups) - 1)
        leads, won = map(int, counted.loc[mine].sum())
        share, low, high = (100 * value for value in (won / leads, *wilson(won, leads)))
        name_beside(left, 0.5 * left.get_ylim()[1], shown(words(name), 40).replace("$", r"\$"), INK)
        left.texts[-1].set_position((-34, 0))  # left of the scale's number
        text_beside(left, 0.5 * left.get_ylim()[1], count(leads), "leads", colour(0))
        text_beside(
            right, 0.5 * right.get_ylim()[1], f"{share:.1f}%", f"[{low:.1f}, {high:.1f}]\n{count(won)} wins", colour(1)
        )
    for axes, what in zip(
        plots, (f"leads by the {unit} they came in", f"wins by the {unit} they were won"), strict=False
    ):
        axes.annotate(what, (0, 1), xycoords="axes fraction", xytext=(0, 7), textcoords="offset points", fontsize=9,
                      color="#444444")  # fmt: skip
    return figure


def _bars(axes: Axes, heights: "pd.Series[int]", days: int, tint: str, *, last: bool) -> None:
    highest = max(1, int(heights.max()))
    axes.bar(heights.index.to_numpy(), heights.to_numpy(), width=np.timedelta64(days, "D"), align="edge", color=tint)
    axes.set_ylim(0, highest)
    marks = heights.index[np.unique(np.linspace(0, len(heights) - 1, _DATES).round().astype(int))]
    axes.set_xticks(marks.to_numpy(), [f"{mark:%Y-%m}" for mark in marks])
    axes.set_yticks([highest], [count(highest)], fontsize=8)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(labelsize=8, labelbottom=last)
