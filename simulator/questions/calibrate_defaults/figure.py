"""A board member's look at a calibration: every published figure as a row, its band lined up with all others."""

import math
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.calibrate_defaults.tell import MET, NOT_YET, Line, lines, patterns_table
from simulator.questions.calibrate_defaults.work import DefaultsCalibration
from simulator.questions.frame.numbers import scale_for, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, PALETTE, blank

#: Places beyond this are drawn at the edge, with an arrow.
_EDGE = 3.0
_ROW_INCHES = 0.42
_LEFT, _WIDTH = 0.345, 0.385


def figures(calibration: DefaultsCalibration) -> Drawings:
    """The published figures."""
    return {"patterns": partial(evidence_figure, calibration)}


def evidence_figure(calibration: DefaultsCalibration) -> Figure:
    """Bands of the published figures, and estimates with 95% intervals before and after the search."""
    table = patterns_table(calibration)
    rows, sets = lines(table, "pattern"), list(calibration.sets)
    name, run = words(calibration.organisation), calibration.scenario.run
    shown = sets[-1]
    met = sum(line.cells[shown][2] == MET for line in rows)
    title = f"The {name} meets {met} of {len(calibration.patterns)} published figures"
    height = 2.1 + _ROW_INCHES * len(rows)
    note = (
        "Shaded: what still counts as the published figure, in the middle of it the figure itself. Lines: 95% "
        "intervals.\n"
        f"{calibration.scenario.name}, {run.replications:,} replications (seed {run.seed}). Sources are in "
        "patterns.csv and docs/evidence.md."
    )
    figure, axes = blank(title, "Published figures and the model's, each on its own scale", note, height, "y")
    box = axes.get_position()
    axes.set_position((_LEFT, 0.95 / height, _WIDTH, box.y1 - 0.95 / height))
    axes.axvspan(-1, 1, color="#dbe9f4", zorder=0, linewidth=0)
    axes.axvline(0, color="#9db7cc", linewidth=1, zorder=1)
    for position, line in enumerate(rows):
        y = len(rows) - 1 - position
        for number, values in enumerate(sets):
            _mark(axes, line.rows[values], y, number, len(sets))
        _words_beside(axes, line, y, sets)
    _heads(axes, len(rows), sets)
    axes.set_xlim(-_EDGE - 0.3, _EDGE + 0.3)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_yticks([])
    axes.set_xticks([-_EDGE + 0.6, 0, _EDGE - 0.6], ["← less", "as published", "more →"])
    axes.spines["left"].set_visible(False)
    return figure


def _mark(axes: Axes, row: Any, y: float, number: int, count: int) -> None:
    """A dot with its interval; an arrow at the edge if it lies beyond."""
    if not math.isfinite(row.place):
        return
    middle, half = (row.band_low + row.band_high) / 2, (row.band_high - row.band_low) / 2
    start, end = ((value - middle) / half for value in (row.ci_low, row.ci_high))
    y += 0.0 if count == 1 else 0.16 - 0.32 * number
    last = number == count - 1
    colour = PALETTE[1] if last else PALETTE[0]
    if abs(row.place) > _EDGE:
        axes.plot(math.copysign(_EDGE, row.place), y, marker=">" if row.place > 0 else "<", color=colour, markersize=8)
        return
    if math.isfinite(start):
        axes.plot([max(start, -_EDGE), min(end, _EDGE)], [y, y], color=colour, linewidth=1.8, zorder=2)
    face = colour if last else "white"
    axes.plot(
        row.place, y, marker="o", color=colour, markerfacecolor=face, markersize=7.5, markeredgewidth=1.8, zorder=3
    )


def _words_beside(axes: Axes, line: Line, y: float, sets: list[str]) -> None:
    """The figure's name on the left; its target and the estimates, three digits each, on the right."""
    scale = scale_for(line.about.unit, [row.estimate for row in line.rows.values()])
    unit = f" {line.unit}" if line.unit != "%" else "%"
    place = axes.get_yaxis_transform()
    axes.text(-0.03, y, line.label, transform=place, ha="right", va="center")
    axes.text(1.14, y, f"{line.target}{unit}", transform=place, ha="center", va="center")
    for number, values in enumerate(sets):
        estimate, verdict = scale.text(line.rows[values].estimate), line.cells[values][2]
        style = {"color": INK if verdict == MET else "#b3261e", "fontweight": "normal"}
        if verdict == NOT_YET:
            estimate, style["color"] = "not yet", FAINT
        axes.text(1.37 + 0.22 * number, y, estimate, transform=place, ha="center", va="center", **style)  # type: ignore[arg-type]


def _heads(axes: Axes, count: int, sets: list[str]) -> None:
    """Heads of the columns of numbers; in colour, with the mark that stands for each set of values."""
    place = axes.get_yaxis_transform()
    axes.text(1.14, count - 0.3, "target", transform=place, ha="center", va="bottom", color="#444444")
    for number, values in enumerate(sets):
        last = number == len(sets) - 1
        mark = "●" if last else "○"
        colour = PALETTE[1] if last else PALETTE[0]
        axes.text(1.37 + 0.22 * number, count - 0.3, f"{mark} {values}", transform=place, ha="center", va="bottom",
                  color=colour)  # fmt: skip
