"""What a figure says and shows, as text, without drawing it: drawing takes longer than the runs."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure

from tests.drawing import saved_as
from tests.goldens.tables import digest

#: Digits of places in a plot, relative to the largest.
_PLACES = 8


def told() -> contextlib.AbstractContextManager[None]:
    """Let every figure be saved as an SVG file that holds `words_of` it, and every PNG be empty."""
    return saved_as(words_of)


def words_of(figure: Figure) -> str:
    """Its texts in reading order, and for each plot its tick labels and a digest of the places of its marks."""
    lines = [f"text   {_line(text.get_text())}" for text in figure.texts]
    lines += [f"legend {_line(text.get_text())}" for legend in figure.legends for text in legend.get_texts()]
    for number, axes in enumerate(figure.axes, 1):
        lines += [f"plot {number}", *(f"  {line}" for line in _plot(axes))]
    return "\n".join(lines) + "\n"


def _plot(axes: Axes) -> Iterator[str]:
    for side in ("left", "center", "right"):
        yield from _told("title", [axes.get_title(loc=side)])  # type: ignore[arg-type]
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        yield from _told(f"{name} label", [axis.get_label_text()])
        yield from _told(f"{name} ticks", [" | ".join(_ticks(axis))])
    yield from _told("text", [text.get_text() for text in axes.texts if text.get_visible()])
    if (legend := axes.get_legend()) is not None:
        yield from _told("legend", [text.get_text() for text in legend.get_texts()])
    for kind, marks in _marks(axes).items():
        if marks:
            yield f"{len(marks)} {kind}: {digest(part for mark in marks for part in mark)}"


def _told(kind: str, texts: list[str]) -> Iterator[str]:
    yield from (f"{kind}: {_line(text)}" for text in texts if text)


def _line(text: str) -> str:
    return text.replace("\n", " / ")


def _ticks(axis: Axis) -> list[str]:
    """Labels of the ticks that can be seen."""
    if not axis.get_visible() or not axis.axes.axison:
        return []
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * (high - low)
    labels = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
    return [
        _line(label.get_text())
        for place, label in labels
        if label.get_text() and label.get_visible() and low - slack <= place <= high + slack
    ]


def _marks(axes: Axes) -> dict[str, list[list[str]]]:
    """Kinds of marks, and what places and tints each one: as text, so that the last digits do not matter."""
    return {
        "lines": [[_places(line.get_xydata()), str(line.get_color())] for line in axes.lines],
        "patches": [
            [_places(patch.get_patch_transform().transform(patch.get_path().vertices)), _places(patch.get_facecolor())]
            for patch in axes.patches
        ],
        "collections": [
            [_places(each.get_offsets()), _places(each.get_facecolor())]
            + [_places(path.vertices) for path in each.get_paths()]
            for each in axes.collections
        ],
        "images": [[_places(image.get_array())] for image in axes.images],
        "limits": [[_places(axes.get_xlim()), _places(axes.get_ylim())]],
    }


def _places(values: Any) -> str:
    numbers = np.asarray(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan), dtype=float)
    finite = np.abs(numbers[np.isfinite(numbers)])
    scale = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    rounded = np.round(numbers / scale, _PLACES) + 0.0  # no negative zero
    return f"{scale:.{_PLACES}g} {rounded.shape} {rounded.ravel().tolist()}"
