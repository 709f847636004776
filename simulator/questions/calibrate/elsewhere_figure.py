"""What the export's leads would have become in each organisation, over what the export leaves likely."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from simulator.fit.calibration import Calibration
from simulator.questions.calibrate.marks import plainly
from simulator.questions.calibrate.tables import organisations_table
from simulator.questions.frame.numbers import Scale, count, words
from simulator.questions.frame.style import INK, colour, headed, name_beside, panels, text_beside
from simulator.results.crm_export import NEVER

_FACT = "won_share"
_SCALE = Scale(100.0, "%", 1)
#: More points than these are drawn as pixels, or a page would be heavy.
_MOST_POINTS = 200


def leads_elsewhere(calibration: Calibration) -> Figure:
    """The share won in each organisation, and by how much it differs from the fitted one's with the same set."""
    table = organisations_table(calibration)
    mine = {one["organisation"]: one for one in table[table["fact"] == _FACT].to_dict("records")}
    base, *others = calibration.replays
    name = plainly(words(base.organisation), 26)
    real = 100 * _recorded(calibration)
    stream = calibration.stream
    since = (
        f" that came since {stream.day(stream.since):%Y-%m-%d}, when wins began to be recorded" if stream.since else ""
    )
    note = (
        f"n = {count(stream.whole.sum())} leads{since}, each organisation with the same "
        f"{count(len(base.facts[_FACT]))} likely parameter sets and the same luck. A dot is one "
        "likely set, black its mean with the central 90% over the sets. Dashed: what the export recorded of them."
    )
    if others:
        note += (
            " How wide a share lies says what the export cannot tell; a difference is surer, as both sides have the "
            "same buyers. What the other organisations do otherwise is an assumption of the scenario, nothing of it "
            "is fitted."
        )
    figure, plots = panels(
        "What would the same leads have become elsewhere?" if others else "How many of these leads does the model win?",
        f"share of the export's leads that are won until its day, fitted organisation: {name}", note, 1,
        2 if others else 1, inches=0.3 + 0.62 * len(calibration.replays), left=1.45, right=1.5,
    )  # fmt: skip
    headed(plots[0], "Won, % of the leads", "with values that the export leaves likely")
    for y, one in enumerate(calibration.replays):
        row = mine[one.organisation]
        name_beside(plots[0], y, plainly(words(one.organisation), 40), colour(y))
        _dots(plots[0], y, 100 * one.facts[_FACT], row["value"], (row["low"], row["high"]), colour(y))
        ends = f"[{_SCALE.text(row['low'])}, {_SCALE.text(row['high'])}]"
        text_beside(plots[0], y, f"{_SCALE.text(row['value'])}%", ends, colour(y))
    plots[0].plot([real, real], [-0.3, 0.34], color=INK, linewidth=1.6, zorder=7, linestyle=(0, (2, 1)))
    plots[0].annotate(f"recorded {real:.1f}%", (real, -0.3), xytext=(0, 2), textcoords="offset points", ha="center",
                      va="bottom", fontsize=8)  # fmt: skip
    plots[0].set_xlim(left=0)
    if others:
        headed(plots[1], f"Difference to {name}, points", "the same set and the same luck; right of 0 is better")
        plots[1].axvline(0, color=INK, linewidth=0.9, zorder=2)
        for y, one in enumerate(others, start=1):
            row = mine[one.organisation]
            apart = 100 * (one.facts[_FACT] - base.facts[_FACT])
            low, high = row["difference_low"], row["difference_high"]
            _dots(plots[1], y, apart, row["difference"], (low, high), colour(y))
            text_beside(
                plots[1], y, _SCALE.text(row["difference"], sign=True),
                f"[{_SCALE.text(low, sign=True)}, {_SCALE.text(high, sign=True)}]\n"
                f"better in {100 * row['above']:.0f}% of sets", colour(y),
            )  # fmt: skip
    for axes in plots:
        axes.set_ylim(len(calibration.replays) - 0.45, -0.55)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=5)
        axes.tick_params(labelsize=9)
    return figure


def _recorded(calibration: Calibration) -> float:
    """Share of the leads that the export has as won, of those all of whose wins it has."""
    won = calibration.stream.event_times.won
    return float(np.mean(((won < NEVER) & (won < calibration.stream.until))[calibration.stream.whole]))


def _dots(axes: Axes, y: float, values: NDArray[np.float64], mean: float, ends: tuple[Any, Any], tint: str) -> None:
    known = values[np.isfinite(values)]
    lanes = np.argsort(np.argsort(known, kind="stable")) % 3
    axes.plot(known, y + 0.14 + 0.09 * lanes, "o", color=tint, markersize=3, alpha=0.65, markeredgewidth=0,
              rasterized=len(known) > _MOST_POINTS)  # fmt: skip
    axes.plot([100 * end for end in ends], [y - 0.05] * 2, color=INK, linewidth=2, solid_capstyle="butt", zorder=5)
    axes.plot(100 * mean, y - 0.05, "o", color=INK, markersize=5.5, zorder=6)
