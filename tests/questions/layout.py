"""Where the texts of a figure lie: what is cut off, and what lies over something else."""

from itertools import combinations
from typing import Any

from matplotlib.figure import Figure


def visible_texts(figure: Figure) -> list[Any]:
    """Every text that is drawn and says something; ticks beyond an axis' ends are not drawn."""
    found: list[Any] = list(figure.texts)
    for axes in figure.axes:
        found += [*axes.texts, axes.xaxis.label, axes.yaxis.label, axes.title]
        for axis, ends in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            found += [tick.label1 for tick in axis.get_major_ticks() if min(ends) <= tick.get_loc() <= max(ends)]
    return [text for text in found if text.get_visible() and text.get_text().strip()]


def said(figure: Figure) -> str:
    """All that a figure says."""
    return "\n".join(text.get_text() for text in visible_texts(figure))


def faults(figure: Figure) -> list[str]:
    """Texts that leave the figure, and pairs of texts that lie over each other by more than a hair."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in visible_texts(figure)]
    width, height = figure.bbox.width, figure.bbox.height
    found = [
        f"cut off: {text!r}"
        for text, box in boxes
        if box.x0 < -1 or box.x1 > width + 1 or box.y0 < -1 or box.y1 > height + 1
    ]
    for (one, a), (other, b) in combinations(boxes, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 3:
            found.append(f"overlap: {one!r} and {other!r}")
    return found
