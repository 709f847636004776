"""What each organisation does better or worse than the baseline for the same buyers: paired differences."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.compare.outcomes_figure import SHOWN
from simulator.questions.frame.numbers import scale_for, words
from simulator.questions.frame.style import INK, colour, headed, name_beside, panels, text_beside
from simulator.results.metrics import BY_KEY


def paired_differences(
    single: pd.DataFrame, differences: pd.DataFrame, note: str, keys: Sequence[str] = SHOWN
) -> Figure:
    """Each organisation less the baseline: in every replication, and estimated from all with a 95% interval.

    Parameters
    ----------
    single : a `replications_table`, one value per organisation, metric and replication.
    differences : paired differences over replications, as in ``comparisons.csv``; not empty.
    note : n, and that lines are intervals.
    keys : which metrics, by key.
    """
    baseline = str(differences["baseline"].iloc[0])
    names, others = (list(dict.fromkeys(table["organisation"])) for table in (single, differences))
    note += "\nSmall dots: the difference in a single replication, on the same buyers with the same luck."
    if single["replication"].nunique() > 1:
        note += (
            " Large dot: the estimate from all together; a line that keeps clear of 0 says that they differ (one in 20 "
            "does so by chance)."
        )
    figure, plots = panels(
        "What changes for the same buyers?",
        f"each organisation less {words(baseline)}, a plot for each metric; 0: no difference", note,
        -(-len(keys) // 2), 2, inches=0.2 + 0.62 * len(others), left=1.35, right=1.35,
    )  # fmt: skip
    for place, (axes, key) in enumerate(zip(plots, keys, strict=False)):
        values = single[single["metric"] == key].pivot(index="replication", columns="organisation", values="value")
        rows = differences[differences["metric"] == key].set_index("organisation")
        _metric(axes, values.sub(values[baseline], axis=0), rows, others, [names.index(one) for one in others], key)
        if place % 2 == 0:
            for y, name in enumerate(others):
                name_beside(axes, y, words(name), colour(names.index(name)))
    for axes in plots[len(keys) :]:
        axes.remove()
    return figure


def _metric(
    axes: Axes, apart: pd.DataFrame, rows: Any, others: Sequence[str], positions: Sequence[int], key: str
) -> None:
    metric = BY_KEY[key]
    ends = {name: tuple(float(rows.loc[name, end]) for end in ("difference", "ci_low", "ci_high")) for name in others}
    clear = [low if low > 0 else high for _, low, high in ends.values() if low > 0 or high < 0]
    scale = scale_for(metric.unit, [value for value, _, _ in ends.values()],
                      [(high - low) / 2 for _, low, high in ends.values()]).telling_from_0(clear)  # fmt: skip
    unit = "points" if scale.unit == "%" else scale.unit
    axes.axvline(0, color=INK, linewidth=1, zorder=2)
    for y, (name, position) in enumerate(zip(others, positions, strict=True)):
        tint, (value, low, high) = colour(position), ends[name]
        known = apart[name].dropna().to_numpy(float)
        lanes = np.argsort(np.argsort(known, kind="stable")) % 3
        axes.plot(known * scale.factor, y + 0.14 + 0.09 * lanes, "o", color=tint, markersize=3, alpha=0.6,
                  markeredgewidth=0, rasterized=len(known) > 200)  # fmt: skip
        if math.isfinite(low):
            axes.plot([low * scale.factor, high * scale.factor], [y, y], color=tint, linewidth=2.2, zorder=4,
                      solid_capstyle="butt")  # fmt: skip
        axes.plot(value * scale.factor, y, "o", color=tint, markersize=8, zorder=5)
        said = [f"[{scale.text(low, sign=True)}, {scale.text(high, sign=True)}]"] if math.isfinite(low) else []
        if metric.better and len(known):
            better = int((known > 0).sum() if metric.better == "higher" else (known < 0).sum())
            said.append(f"better in {better:,} of {len(known):,}")
        text_beside(axes, y, scale.text(value, sign=True), "\n".join(said), tint)
    headed(axes, f"{metric.label}, {unit}".removesuffix(", "), _direction(metric.better))
    axes.set_ylim(len(others) - 0.4, -0.5)
    axes.set_yticks([])
    axes.margins(x=0.08)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=4)
    if not any(math.isfinite(value) for value, _, _ in ends.values()):
        axes.set_xticks([])
    axes.tick_params(labelsize=9)


def _direction(better: str) -> str:
    if not better:
        return "neither side of 0 is better"
    return "right of 0 is better" if better == "higher" else "left of 0 is better"
