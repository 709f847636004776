"""How outcomes vary from replication to replication: a raincloud for each organisation and metric."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from simulator.questions.frame.numbers import count, scale_for, words
from simulator.questions.frame.style import INK, colour, headed, name_beside, panels, text_beside
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY

#: What outcomes are shown of, unless a caller asks for others.
SHOWN = (
    "win_rate_inquiries", "win_rate_opportunities", "cycle_time_median", "response_median", "cost_per_won", "net",
)  # fmt: skip

#: Fewer values have no density worth drawing; more points than these are drawn as pixels, or a page would be heavy.
_LEAST_FOR_A_CLOUD, _MOST_POINTS = 5, 200


def outcomes(single: pd.DataFrame, metrics: pd.DataFrame, note: str, keys: Sequence[str] = SHOWN) -> Figure:
    """What each metric came to in single replications, and what it is estimated at from all of them.

    Parameters
    ----------
    single : a `replications_table`, one value per organisation, metric and replication.
    metrics : the estimates over replications, as in ``metrics.csv``.
    note : n, and that black lines are intervals.
    keys : which metrics, by key.
    """
    names = list(dict.fromkeys(single["organisation"]))
    clouds = "; clouds: how densely they lie" if single["replication"].nunique() >= _LEAST_FOR_A_CLOUD else ""
    note += (
        f"\nSmall dots: single replications{clouds}. Black dot: the estimate from all replications together. Axes need "
        "not start at 0."
    )
    figure, plots = panels(
        "How much does luck move the outcomes?", "what came out in each replication, a plot for each metric", note,
        -(-len(keys) // 2), 2, inches=0.25 + 0.55 * len(names), left=1.35, right=1.1,
    )  # fmt: skip
    for place, (axes, key) in enumerate(zip(plots, keys, strict=False)):
        _metric(axes, single[single["metric"] == key], metrics[metrics["metric"] == key], names, key)
        if place % 2 == 0:
            for y, name in enumerate(names):
                name_beside(axes, y, words(name), colour(y))
    for axes in plots[len(keys) :]:
        axes.remove()
    return figure


def _metric(axes: Axes, single: pd.DataFrame, metrics: pd.DataFrame, names: Sequence[str], key: str) -> None:
    metric: Metric = BY_KEY[key]
    found: Any = metrics.set_index("organisation")
    widths = (found["ci_high"] - found["ci_low"]) / 2
    scale = scale_for(metric.unit, single["value"].tolist() + found["estimate"].tolist(), widths.tolist())
    for y, name in enumerate(names):
        values = single.loc[single["organisation"] == name, "value"].to_numpy(float)
        known = values[np.isfinite(values)] * scale.factor
        _rain(axes, y, known, colour(y))
        value, low, high = (float(found.loc[name, end]) for end in ("estimate", "ci_low", "ci_high"))
        if math.isfinite(low):
            axes.plot([low * scale.factor, high * scale.factor], [y, y], color=INK, linewidth=2, zorder=5,
                      solid_capstyle="butt")  # fmt: skip
        axes.plot(value * scale.factor, y, "o", color=INK, markersize=5, zorder=6)
        missing = len(values) - len(known)
        said = [f"[{scale.text(low)}, {scale.text(high)}]"] if math.isfinite(low) else []
        said += [f"{count(missing)} of {count(len(values))}\nwithout a value"] if missing else []
        text_beside(axes, y, scale.with_unit(value), "\n".join(said), colour(y))
    headed(axes, f"{metric.label}, {scale.unit}".removesuffix(", "), _better(metric.better))
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.set_yticks([])
    axes.margins(x=0.06)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=4)
    if not single["value"].notna().any():
        axes.set_xticks([])
    axes.tick_params(labelsize=9)


def _rain(axes: Axes, y: float, values: NDArray[np.float64], tint: str) -> None:
    if len(values) >= _LEAST_FOR_A_CLOUD and np.ptp(values) > 1e-9 * np.abs(values).max():
        drawn = axes.violinplot([values], [y - 0.06], orientation="horizontal", side="low", widths=0.76,
                                showextrema=False)  # fmt: skip
        for body in drawn["bodies"]:  # type: ignore[attr-defined]
            body.set(facecolor=tint, alpha=0.3, linewidth=0)
    lanes = np.argsort(np.argsort(values, kind="stable")) % 3  # neighbours lie in different lanes
    axes.plot(values, y + 0.12 + 0.09 * lanes, "o", color=tint, markersize=3, alpha=0.7, markeredgewidth=0,
              rasterized=len(values) > _MOST_POINTS)  # fmt: skip


def _better(better: str) -> str:
    return f"{better} is better" if better else "neither end is better"
