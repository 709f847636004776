"""The figure of a sweep: lines over one axis, a map over two, ranked jobs over more."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from simulator.questions.frame.numbers import Scale, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, PALETTE, apart, blank, colour, dashes, fitted
from simulator.sweeps.tell import METRIC, scale_of

#: Values of each axis up to which a map is drawn, and up to which its cells hold their numbers.
_MAP, _WRITTEN = 60, 10
#: Orange where the challenger is behind, blue where it is ahead; light enough for numbers.
_HELPS = LinearSegmentedColormap.from_list("helps", ["#e8894a", "#f7f7f7", "#5b9bd0"])
#: Jobs that a ranking shows.
_RANKED = 30


def figures(axes: Mapping[str, Sequence[Any]], rows: pd.DataFrame, note: str) -> Drawings:
    """The figure that fits the axes; none without rows."""
    if rows.empty:
        return {}
    wide = {key: values for key, values in axes.items() if len(values) > 1}
    if len(wide) == 1:
        [axis] = wide.items()
        return {"sweep": partial(lines, axis, rows, note)}
    names = list(dict.fromkeys(rows["organisation"]))
    if len(wide) == 2 and len(names) > 1 and max(map(len, wide.values())) <= _MAP:
        return {f"sweep_{name}": partial(gap_map, wide, rows, name, note) for name in names[1:]}
    return {"sweep": partial(ranking, wide or axes, rows, note)}


def lines(axis: tuple[str, Sequence[Any]], rows: pd.DataFrame, note: str) -> Figure:
    """An organisation's metric over one axis, with bands of its intervals."""
    key, values = axis
    scale = scale_of(rows)
    figure, axes = blank(
        f"How does the {METRIC.label} move?", f"{METRIC.label}, {scale.unit}, by {key}", note, 5.4, "y"
    )
    names = list(dict.fromkeys(rows["organisation"]))
    numbers = not isinstance(values[0], str)
    ends = []
    for position, name in enumerate(names):
        own = rows[rows["organisation"] == name].groupby(key, sort=False).first()
        own = own.reindex([value for value in values if value in own.index])
        x = own.index.to_numpy(float) if numbers else np.arange(len(own))
        order = np.argsort(x)
        low, middle, high = (own[column].to_numpy(float)[order] * scale.factor for column in
                             ("ci_low", "estimate", "ci_high"))  # fmt: skip
        axes.fill_between(x[order], low, high, color=colour(position), alpha=0.16, linewidth=0)
        axes.plot(x[order], middle, color=colour(position), linestyle=dashes(position), linewidth=2.2, marker="o",
                  markersize=4.5)  # fmt: skip
        ends.append(middle[-1])
    if not numbers:
        axes.set_xticks(range(len(values)), [str(value) for value in values])
    axes.set_xlabel(key)
    axes.set_ylabel(f"{METRIC.label}, {scale.unit}")
    low_y, high_y = axes.get_ylim()
    heights = apart([(end - low_y) / (high_y - low_y) for end in ends], 0.07)
    for position, (name, height) in enumerate(zip(names, heights, strict=True)):
        axes.annotate(fitted(words(name), 2, 19), (1.02, height), xycoords="axes fraction", va="center",
                      color=colour(position), fontweight="bold")  # fmt: skip
    return figure


def gap_map(wide: Mapping[str, Sequence[Any]], rows: pd.DataFrame, name: str, note: str) -> Figure:
    """The gap between an organisation and the first over two axes; where it may be chance, the cell is crossed out."""
    (x_key, xs), (y_key, ys) = wide.items()
    own = rows[rows["organisation"] == name]
    scale = scale_of(rows)
    shape = (len(ys), len(xs))
    gap, low, high = (np.full(shape, math.nan) for _ in range(3))
    for row in own.to_dict("records"):
        at = list(ys).index(row[y_key]), list(xs).index(row[x_key])
        for table, column in ((gap, "difference"), (low, "difference_ci_low"), (high, "difference_ci_high")):
            table[at] = float(row[column]) * scale.factor
    base = words(str(own["baseline"].iloc[0]))
    title = f"Where is {words(name)} ahead of {base}?"
    unit = scale.axis_unit
    figure, axes = blank(title, f"{METRIC.label}: {words(name)} less {base}, {unit}", note, 6.2, "both")
    reach = float(np.nanmax(np.abs(gap), initial=0.0, where=np.isfinite(gap))) or 1.0
    figure.texts[-1].set_text(f"{note} {'(?)' if max(shape) <= _WRITTEN else 'Crosses'}: the interval holds 0.")
    image = axes.imshow(gap, origin="lower", aspect="auto", cmap=_HELPS, vmin=-reach, vmax=reach)
    _cells(axes, gap, low, high, scale)
    axes.grid(visible=False)
    axes.set_xticks(range(len(xs)), [_text(value) for value in xs], rotation=0 if len(xs) < 9 else 90)
    axes.set_yticks(range(len(ys)), [_text(value) for value in ys])
    axes.set_xlabel(x_key)
    axes.set_ylabel(y_key)
    bar = figure.colorbar(image, cax=figure.add_axes((0.8, 0.3, 0.025, 0.45)))
    bar.set_label(f"{unit}; above 0, {words(name)} is ahead")
    return figure


def _cells(axes: Axes, gap: Any, low: Any, high: Any, scale: Scale) -> None:
    written = max(gap.shape) <= _WRITTEN
    for (y, x), value in np.ndenumerate(gap):
        if not math.isfinite(value):
            continue
        sure = low[y, x] > 0 or high[y, x] < 0
        if written:
            axes.text(x, y, f"{value:+.{scale.decimals}f}" + ("" if sure else "\n(?)"), ha="center", va="center",
                      fontsize=8.5, color=INK)  # fmt: skip
        elif not sure:
            axes.plot(x, y, "x", color=FAINT, markersize=3)


def ranking(axes_swept: Mapping[str, Sequence[Any]], rows: pd.DataFrame, note: str) -> Figure:
    """Jobs by the gap of the last organisation to the first; by its metric if it is alone."""
    names = list(dict.fromkeys(rows["organisation"]))
    own = rows[rows["organisation"] == names[-1]]
    column = "difference" if len(names) > 1 else "estimate"
    ends = ("difference_ci_low", "difference_ci_high") if len(names) > 1 else ("ci_low", "ci_high")
    own = own[own[column].map(math.isfinite)].sort_values(column)
    if len(own) > _RANKED:
        note += f"\nThe {_RANKED // 2} lowest and the {_RANKED // 2} highest of {len(own):,} jobs."
        own = pd.concat([own.iloc[: _RANKED // 2], own.iloc[-_RANKED // 2 :]])
    scale = scale_of(rows)
    of = words(names[-1]) + (f" less {words(names[0])}" if len(names) > 1 else "")
    unit = scale.axis_unit if len(names) > 1 else scale.unit
    figure, axes = blank(f"Which settings matter for the {METRIC.label}?", f"{METRIC.label}, {of}, {unit}", note,
                         2.4 + 0.25 * len(own), "x")  # fmt: skip
    box = axes.get_position()
    axes.set_position((0.36, box.y0, 0.5, box.height))
    for place, row in enumerate(own.to_dict("records")):
        value, low, high = (float(row[name]) * scale.factor for name in (column, *ends))
        sure = len(names) < 2 or low > 0 or high < 0
        tint = (PALETTE[1] if value > 0 else PALETTE[2]) if sure else FAINT
        axes.plot([low, high], [place, place], color=tint, linewidth=1.4, solid_capstyle="butt")
        axes.plot(value, place, "o", color=tint, markersize=5)
    axes.set_yticks(range(len(own)), [_point(axes_swept, row) for row in own.to_dict("records")], fontsize=8)
    if len(names) > 1:
        axes.axvline(0, color=INK, linewidth=0.9)
    axes.set_xlabel(f"{METRIC.label}, {of}, {unit}")
    return figure


def _point(axes: Mapping[str, Sequence[Any]], row: Mapping[Any, Any]) -> str:
    text = ", ".join(f"{key.rpartition('.')[2]} {_text(row[key])}" for key in axes)
    return text if len(text) <= 48 else f"job {row['job']}"


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
