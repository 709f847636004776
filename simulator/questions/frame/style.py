"""The one style of all figures: colours, type, sizes, and how a figure is saved."""

import textwrap
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

#: Blue helps, orange hurts, told apart with any colour vision (Okabe and Ito 2008); dark: neither is better; pale: the
#: interval holds 0. By what `blocks.verdict` says.
VERDICT_TINTS = {"better": PALETTE[1], "worse": PALETTE[2], "apart": PALETTE[0], "": "#bdbdbd"}
WIDTH_INCHES = 9.0
PNG_DPI = 150

#: Characters of a footnote's line, and of a line of a name beside a plot; inches of a line of a footnote.
_NOTE_CHARACTERS, _NAME_CHARACTERS, _NOTE_LINE = 138, 14, 0.165

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


def framed(
    title: str, subtitle: str, note: str, height: float, width: float = WIDTH_INCHES
) -> tuple[Figure, float]:  # fmt: skip
    """A figure's frame, on which plots are put: its texts, and the inches at its foot that the note takes.

    A title that is too long, as names in it are, gets smaller letters.
    """
    figure, note = Figure(figsize=(width, height)), _wrapped(note)
    FigureCanvasAgg(figure)
    left = 0.02 * WIDTH_INCHES / width
    for text, from_top, size, tint, weight, inches in (
        (title, 0.34, 15.0, INK, "bold", 0.142), (subtitle, 0.62, 10.5, "#444444", "normal", 0.082),
    ):  # fmt: skip
        room = (width - 0.3) / (inches * max(1, len(text)))
        figure.text(left, 1 - from_top / height, text, fontsize=size * min(1.0, room), color=tint, fontweight=weight)
    figure.text(left, 0.12 / height, note, fontsize=8.5, color="#555555", va="bottom", linespacing=1.4)
    return figure, 0.12 + len(note.splitlines()) * _NOTE_LINE


def blank(title: str, subtitle: str, note: str, height: float, grid: str) -> tuple[Figure, Axes]:
    """A figure with a question for a title, what is shown below it, one plot, and a footnote on n and intervals."""
    figure, foot = framed(title, subtitle, note, height)
    top, bottom = 0.85 / height, max(1.35, foot + 0.6) / height
    axes = figure.add_axes((0.155, bottom, 0.6, 1 - top - bottom))
    axes.grid(axis=grid)  # type: ignore[arg-type]
    axes.tick_params(length=0)
    return figure, axes


def panels(
    title: str, subtitle: str, note: str, rows: int, columns: int, *, inches: float, left: float, right: float,
    above: float = 0.55, below: float = 0.3, grid: str = "x",
) -> tuple[Figure, list[Axes]]:  # fmt: skip
    """The same with several plots, row by row, each ``inches`` high and as wide as the figure lets them be.

    ``left`` and ``right`` are the inches beside each row and each plot for labels, ``above`` and ``below`` those for a
    plot's own title and axis.
    """
    each = above + inches + below
    lines = len(_wrapped(note).splitlines())
    height = 0.7 + rows * each + 0.35 + lines * _NOTE_LINE
    figure, _ = framed(title, subtitle, note, height)
    wide = (WIDTH_INCHES - left - columns * right) / columns
    made = []
    for place in range(rows * columns):
        row, column = divmod(place, columns)
        axes = figure.add_axes(
            ((left + column * (wide + right)) / WIDTH_INCHES, (height - 0.7 - row * each - above - inches) / height,
             wide / WIDTH_INCHES, inches / height)
        )  # fmt: skip
        axes.grid(axis=grid)  # type: ignore[arg-type]
        axes.tick_params(length=0)
        made.append(axes)
    return figure, made


def headed(axes: Axes, title: str, below: str) -> None:
    """A plot's own title, and a line in small under it."""
    for text, lift, size, tint, weight in ((title, 18, 10.5, INK, "bold"), (below, 6, 8.5, "#555555", "normal")):
        axes.annotate(text, (0, 1), xycoords="axes fraction", xytext=(0, lift), textcoords="offset points",
                      fontsize=size, color=tint, fontweight=weight)  # fmt: skip


def name_beside(axes: Axes, y: float, text: str, tint: str) -> None:
    """A name left of a plot at a height of its own scale, in as many lines as it needs."""
    axes.annotate(fitted(text), (0, y), xycoords=("axes fraction", "data"), xytext=(-10, 0),
                  textcoords="offset points", ha="right", va="center", color=tint, fontweight="bold", fontsize=9,
                  linespacing=1.05)  # fmt: skip


def row_beside(axes: Axes, row: int, name: str, meaning: str, characters: int) -> None:
    """The name of a row left of a plot, and in small what it is, in lines of so many characters."""
    small = textwrap.wrap(meaning, characters)
    lift = 4.5 * len(small)
    axes.annotate(name, (0, row), xycoords=("axes fraction", "data"), xytext=(-10, lift), va="center", ha="right",
                  textcoords="offset points", fontweight="bold")  # fmt: skip
    axes.annotate("\n".join(small), (0, row), xycoords=("axes fraction", "data"), xytext=(-10, lift - 6.5),
                  textcoords="offset points", va="top", ha="right", fontsize=7.5, color="#555555",
                  linespacing=1.1)  # fmt: skip


def number_beside(axes: Axes, row: float, text: str, tint: str, *, sure: bool, size: float | None = None) -> None:
    """A number right of a plot; pale and thin if its interval holds 0."""
    axes.annotate(text, (1.03, row), xycoords=("axes fraction", "data"), va="center", fontsize=size,
                  color=tint if sure else "#777777", fontweight="bold" if sure else None)  # fmt: skip


def text_beside(axes: Axes, y: float, strong: str, weak: str, tint: str) -> None:
    """A number right of a plot at a height of its own scale, and in small what belongs to it."""
    axes.annotate(strong, (1, y), xycoords=("axes fraction", "data"), xytext=(8, 1), textcoords="offset points",
                  va="bottom", color=tint, fontweight="bold", fontsize=9.5)  # fmt: skip
    axes.annotate(weak, (1, y), xycoords=("axes fraction", "data"), xytext=(8, -1), textcoords="offset points",
                  va="top", color=tint, fontsize=8, linespacing=1.15)  # fmt: skip


def fitted(name: str, lines: int = 3, characters: int = _NAME_CHARACTERS) -> str:
    """A name in at most so many lines of so many characters; what does not fit is cut, and three dots say so."""
    parts = textwrap.wrap(name, characters)
    if len(parts) > lines:
        parts[lines - 1] = f"{parts[lines - 1][: characters - 1].rstrip()}…"
    return "\n".join(parts[:lines])


def _wrapped(note: str) -> str:
    return "\n".join(part for line in note.splitlines() for part in textwrap.wrap(line, _NOTE_CHARACTERS))


def apart(heights: list[float], gap: float) -> list[float]:
    """The heights moved as little as needed to lie at least ``gap`` apart, for labels beside lines."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = list(heights)
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    shift = sum(placed[i] - heights[i] for i in order) / max(1, len(order))
    return [height - shift for height in placed]


def within(heights: list[float], gap: float) -> list[float]:
    """Middles of labels beside a plot of height 1, each ``gap`` high: apart, and inside as far as there is room."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed, least, most = list(heights), gap / 2, 1 - gap / 2
    for i in order:
        placed[i] = max(placed[i], least)
        least = placed[i] + gap
    for i in reversed(order):
        placed[i] = min(placed[i], most)
        most = placed[i] - gap
    return placed


def save(figure: Figure, svg: Path, png: Path) -> None:
    """Write a figure twice; the same figure gives the same bytes."""
    with styled():
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
