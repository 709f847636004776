"""The one style of all figures: colours, type, sizes, and how a figure is saved."""

from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

#: A colour for each position among the organisations: the baseline is grey, the others are Okabe and Ito's (2008)
#: colours, which people with any colour vision tell apart. Every mark also carries its name.
PALETTE = ("#595959", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

#: Dashes tell positions apart where colours come round again, and in print without colour.
DASHES = ("solid", "solid", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (3, 1)), (0, (8, 2)))

INK, FAINT = "#222222", "#8a8a8a"
WIDTH_INCHES = 9.0
PNG_DPI = 150

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 10.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "buyer-journeys",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}


def colour(position: int) -> str:
    """The colour of the organisation at this position."""
    return PALETTE[position % len(PALETTE)]


def dashes(position: int) -> str | tuple[float, tuple[float, ...]]:
    """The line style of the organisation at this position."""
    return DASHES[position % len(DASHES)]


def styled() -> AbstractContextManager[None]:
    """Context in which figures are made and saved."""
    return mpl.rc_context(_SETTINGS)


def blank(title: str, subtitle: str, note: str, height: float, grid: str) -> tuple[Figure, Axes]:
    """A figure with a question for a title, what is shown below it, one plot, and a footnote on n and intervals."""
    figure = Figure(figsize=(WIDTH_INCHES, height))
    FigureCanvasAgg(figure)
    top, bottom = 0.85 / height, 1.35 / height
    axes = figure.add_axes((0.155, bottom, 0.6, 1 - top - bottom))
    figure.text(0.02, 1 - 0.34 / height, title, fontsize=15, fontweight="bold")
    figure.text(0.02, 1 - 0.62 / height, subtitle, fontsize=10.5, color="#444444")
    figure.text(0.02, 0.12 / height, note, fontsize=8.5, color="#555555", va="bottom", linespacing=1.4)
    axes.grid(axis=grid)  # type: ignore[arg-type]
    axes.tick_params(length=0)
    return figure, axes


def apart(heights: list[float], gap: float) -> list[float]:
    """The heights moved as little as needed to lie at least ``gap`` apart, for labels beside lines."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    shift = sum(placed[i] - heights[i] for i in order) / max(1, len(order))
    return [height - shift for height in placed]


def save(figure: Figure, svg: Path, png: Path) -> None:
    """Write a figure twice; the same figure gives the same bytes."""
    with styled():
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
