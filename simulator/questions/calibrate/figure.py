"""Figures of a calibration: what an export tells of each parameter, and how flat the deviance is along it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.fit.calibration import FITTED, HELD, NOT_IDENTIFIABLE, Calibration
from simulator.fit.profile_likelihood import FLAT
from simulator.questions.calibrate.elsewhere_figure import leads_elsewhere
from simulator.questions.calibrate.fit_figure import export_met
from simulator.questions.calibrate.holdout_figure import held_out_curves, held_out_weeks
from simulator.questions.calibrate.marks import key, plainly
from simulator.questions.calibrate.tables import parameters_table, profiles_table
from simulator.questions.frame.numbers import count, scale_for, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import INK, PALETTE, WIDTH_INCHES, framed, headed, panels
from simulator.scenario.free import unit

_TOLD, _NOT_TOLD, _PRIOR = PALETTE[1], "#777777", "#eeeeee"
#: What stands over the rows of each status.
_HEADINGS = {
    FITTED: ("Told by the export", _TOLD),
    NOT_IDENTIFIABLE: ("Not identifiable: the export cannot tell", _NOT_TOLD),
    HELD: ("Held: not fitted", INK),
}

#: Inches of `parameters`: names, numbers, a row, one of what is held, a heading, room above and below;
#: characters of what a parameter is; rows of what is held; points from the plot to the numbers.
_NAMES, _NUMBERS, _ROW, _HELD_ROW, _HEADING, _HEAD, _FOOT = 3.75, 2.4, 0.34, 0.24, 0.42, 0.95, 1.2
_CHARACTERS, _MOST_HELD, _RIGHT = 58, 8, 40
#: Deviances from which on a profile leaves its plot.
_MOST = 10.0
_FITTED_LINE: Any = {"color": _TOLD, "linewidth": 4.0, "solid_capstyle": "butt"}
_UNTOLD_LINE: Any = {"color": _NOT_TOLD, "linewidth": 1.6, "linestyle": (0, (2.5, 1.5))}
_DIAMOND: Any = {"marker": "d", "color": INK, "markersize": 7, "markeredgecolor": "white", "linestyle": "",
                 "clip_on": False}  # fmt: skip
_KEY = (
    ({"color": _PRIOR, "linewidth": 7.0, "solid_capstyle": "butt"}, "prior range"),
    (_FITTED_LINE, "90% interval, told"),
    (_UNTOLD_LINE, "90% interval, not identifiable"),
    ({"marker": "o", "color": _TOLD, "markersize": 6.5, "linestyle": "none"}, "median"),
    (_DIAMOND, "chosen value"),
)


def figures(calibration: Calibration) -> Drawings:
    """All of them, the answer first; those of the check only if there was one."""
    held_out = (held_out_weeks, held_out_curves) if calibration.checks else ()
    drawings = (leads_elsewhere, parameters, profiles, export_met, *held_out)
    return {draw.__name__: partial(draw, calibration) for draw in drawings}


# --- what each parameter is told --------------------------------------------------------------------------------------


def parameters(calibration: Calibration) -> Figure:
    """A row each on its prior's own scale: interval, median and chosen value; by status, the most told first."""
    rows: list[tuple[int, Mapping[Any, Any]]] = list(enumerate(parameters_table(calibration).to_dict("records")))
    groups = {
        status: sorted((row for row in rows if row[1]["status"] == status), key=lambda row: -row[1]["told"])
        for status in _HEADINGS
    }
    groups = {status: mine for status, mine in groups.items() if mine}
    sizes = {status: len(mine) for status, mine in groups.items()}
    more = len(groups.get(HELD, [])) - _MOST_HELD
    if more > 1:
        rest = {"parameter": f"and {more} more", "meaning": "", "status": HELD, "why": "parameters.csv has all of them"}
        groups[HELD] = [*groups[HELD][:_MOST_HELD], (0, rest)]
    held = calibration.coverage.mean()
    settings = calibration.scenario.study.fit
    note = (
        f"n = {count(len(calibration.stream))} leads; {count(calibration.points[0])} parameter sets of the prior, "
        f"{count(settings.rounds * settings.narrowed)} near the export. A pale bar is a parameter's whole prior range, "
        "on a scale of its own, with its ends (log: logarithmic). Lines: the central 90% of the likely values; of "
        f"simulated exports like this one, such lines held the truth in {100 * held:.0f}%. Told: by how much the line "
        "is narrower than the prior's own. Diamond: the value of calibrated.yaml, of the set that met the export best "
        "of those tried; where a row is not identifiable, another value would serve as well."
    )
    highs = {status: _HELD_ROW if status == HELD else _ROW for status in groups}
    inches = sum(_HEADING + highs[status] * len(mine) for status, mine in groups.items())
    height = _HEAD + inches + _FOOT
    told, free = sizes.get(FITTED, 0), len(calibration.prior)
    figure, _ = framed(
        f"What does the export tell of each parameter? It tells {told} of {free}",
        f"values of {plainly(words(calibration.prior.organisation), 30)} and its market that make a funnel like the "
        "export's",
        note, height,
    )  # fmt: skip
    wide = (WIDTH_INCHES - _NAMES - _NUMBERS) / WIDTH_INCHES
    axes = figure.add_axes((_NAMES / WIDTH_INCHES, _FOOT / height, wide, inches / height))
    y = 0.0
    for status, mine in groups.items():
        _heading(axes, y + _HEADING, status, sizes[status])
        y += _HEADING
        for place, one in mine:
            at, y = y + highs[status] / 2, y + highs[status]
            _name(axes, at, one)
            if status == HELD:
                _beside(axes, at, 0.0, plainly(one["why"], 80), _NOT_TOLD, 8.0)
            else:
                _range(axes, at, calibration, place, one)
    _columns(axes)
    key(figure, 0.18, _HEAD - 0.06, [*_KEY])
    axes.set_xlim(0, 1)
    axes.set_ylim(inches, 0)
    axes.axis("off")
    return figure


def _heading(axes: Axes, y: float, status: str, rows: int) -> None:
    text, tint = _HEADINGS[status]
    axes.annotate(f"{text} ({rows})", (0, y - 0.06), xycoords=("axes fraction", "data"), va="bottom", color=tint,
                  xytext=(-72 * _NAMES + 14, 0), textcoords="offset points", fontweight="bold",
                  fontsize=10.5)  # fmt: skip


def _name(axes: Axes, y: float, one: Mapping[Any, Any]) -> None:
    """A parameter, and in small what it is."""
    meaning = one["meaning"].partition(";")[0] if isinstance(one["meaning"], str) else ""
    small = plainly(meaning, _CHARACTERS)
    for text, lift, size, tint, weight in (
        (plainly(words(one["parameter"]), 38), 5.0 if small else 0.0, 9.0, INK, "bold"),
        (small, -5.5, 7.0, "#555555", "normal"),
    ):  # fmt: skip
        axes.annotate(text, (0, y), xycoords=("axes fraction", "data"), xytext=(-34, lift), ha="right", va="center",
                      textcoords="offset points", fontsize=size, color=tint, fontweight=weight)  # fmt: skip


def _range(axes: Axes, y: float, calibration: Calibration, place: int, one: Mapping[Any, Any]) -> None:
    """Prior, interval, median and chosen value, as quantiles of the prior; at the right what they are."""
    low, middle, high = calibration.fit.posterior.interval(place)
    told = one["status"] == FITTED
    tint = _TOLD if told else _NOT_TOLD
    axes.barh(y, 1.0, height=0.2, color=_PRIOR, zorder=1)
    axes.plot([low, high], [y, y], zorder=3, **(_FITTED_LINE if told else _UNTOLD_LINE))
    axes.plot(middle, y, "o", color=tint, markerfacecolor=tint if told else "white", markersize=6.5, zorder=4)
    axes.plot(calibration.prior.quantiles(calibration.values)[place], y, zorder=5, **_DIAMOND)
    for x, value, side, more in ((0.0, one["prior_low"], "right", ""), (1.0, one["prior_high"], "left", one["scale"])):
        text = f"{value:.3g}" + (" log" if more == "log" else "")
        axes.annotate(text, (x, y), xytext=(-3 if side == "right" else 3, 0), textcoords="offset points", ha=side,
                      va="center", fontsize=7, color="#777777")  # fmt: skip
    _beside(axes, y, 1.0, _interval(one), tint, 8.5, _RIGHT, lift=4.5 if one["unit"] else 0.0)
    if one["unit"]:
        _beside(axes, y, 1.0, plainly(one["unit"], 26), tint, 7.0, _RIGHT, lift=-5.5)
    axes.annotate(f"{100 * one['told']:.0f}%", (1.0, y), xytext=(72 * _NUMBERS - 14, 0), textcoords="offset points",
                  ha="right", va="center", fontsize=8.5, color=tint,
                  fontweight="bold" if told else "normal")  # fmt: skip


def _interval(one: Mapping[Any, Any]) -> str:
    """Median and interval: two digits each on a logarithmic scale, else as many as the interval's width asks for."""
    values = one["value"], one["low"], one["high"]
    if one["scale"] == "log":
        middle, low, high = (f"{value:.2g}" if abs(value) < 99.5 else f"{value:,.0f}" for value in values)
    else:
        scale = scale_for("", values, [(one["high"] - one["low"]) / 2])
        middle, low, high = (scale.text(value) for value in values)
    return f"{middle} [{low}, {high}]"


def _beside(
    axes: Axes, y: float, x: float, text: str, tint: str, size: float, right: float = 0.0, *, lift: float = 0.0
) -> None:
    axes.annotate(text, (x, y), xytext=(right, lift), textcoords="offset points", va="center", fontsize=size,
                  color=tint)  # fmt: skip


def _columns(axes: Axes) -> None:
    """What the columns of numbers are, on the line of the first heading."""
    for text, right, side in (("median [90% interval]", _RIGHT, "left"), ("told", 72 * _NUMBERS - 14, "right")):
        axes.annotate(text, (1.0, _HEADING - 0.1), xytext=(right, 0), textcoords="offset points", ha=side, va="center",
                      fontsize=8, color="#555555")  # fmt: skip


# --- profiles ---------------------------------------------------------------------------------------------------------


def profiles(calibration: Calibration) -> Figure:
    """The deviance along each parameter, a small plot each; a flat one says so."""
    names = [one.name for one in calibration.prior.free]
    table = profiles_table(calibration)
    columns = max(3, min(5, -(-len(names) // 4)))
    flat = sum(one.flat for one in calibration.profiles)
    wide = calibration.statuses.count(NOT_IDENTIFIABLE) > flat
    note = (
        f"n = {count(len(calibration.stream))} leads; {len(calibration.profiles[0].points)} values of each parameter, "
        "all others set as well as can be at each, on a surface through all parameter sets. Deviance: how much worse "
        f"the export is met than at best, on the scale of a chi square; plots are cut off at {_MOST:g}. Dashes: "
        f"{FLAT:.2f}, below which a value is in the 90% interval (thick). Flat: the whole range lies below it, so the "
        "export cannot tell the parameter."
        + (" Wide: not flat, but the likely values are spread as widely as the prior." if wide else "")
    )
    figure, plots = panels(
        f"Where could each parameter lie? {flat} of {len(names)} could lie anywhere" if flat
        else "Where could each parameter lie? Each has its place",
        "deviance from the export along each parameter's prior range; lower is better", note,
        -(-len(names) // columns), columns, inches=0.72, left=0.42, right=0.22, above=0.5, below=0.26, grid="y",
    )  # fmt: skip
    for place, (axes, name) in enumerate(zip(plots, names, strict=False)):
        mine = table[table["parameter"] == name]
        status = "wide" if calibration.statuses[place] == NOT_IDENTIFIABLE else ""
        status = "flat" if calibration.profiles[place].flat else status
        _profile(axes, mine["quantile"].to_numpy(), mine["deviance"].to_numpy(), status)
        _named(axes, calibration, place, columns)
        axes.tick_params(labelleft=place % columns == 0)
    for axes in plots[len(names) :]:
        axes.remove()
    return figure


def _profile(axes: Axes, points: "np.ndarray[Any, Any]", deviance: "np.ndarray[Any, Any]", status: str) -> None:
    tint = _NOT_TOLD if status else _TOLD
    axes.axhline(FLAT, color=INK, linewidth=0.8, linestyle=(0, (3, 2)))
    axes.plot(points, deviance, color=tint, linewidth=1.3, zorder=3)
    axes.plot(points, np.where(deviance <= FLAT, deviance, np.nan), color=tint, linewidth=3.4, zorder=4, marker="o",
              markersize=3.4, markeredgewidth=0, solid_capstyle="round")  # fmt: skip
    if status:
        axes.text(0.5, 0.92, status, transform=axes.transAxes, ha="center", va="top", color=tint, fontweight="bold",
                  fontsize=9)  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, _MOST)
    axes.set_yticks([0, 5, _MOST], ["0", "5", "10"], fontsize=7.5)
    axes.set_xticks([])


def _named(axes: Axes, calibration: Calibration, place: int, columns: int) -> None:
    """A plot's name and unit above, the ends of the range below."""
    one = calibration.prior.free[place]
    room = round(88 / columns)  # letters of full size
    measured = (unit(calibration.prior.scenario, one) + (", log scale" if one.log else "")).removeprefix(", ")
    name = plainly(words(one.name), round(1.3 * room))
    headed(axes, name, plainly(measured, round(1.3 * room)))
    axes.texts[-2].set(fontsize=9 * min(1.0, room / len(name)), position=(0, 16 if measured else 6))
    axes.texts[-1].set_fontsize(7.5)
    for x, value, side in ((0.0, one.low, "left"), (1.0, one.high, "right")):
        axes.annotate(f"{value:.3g}", (x, 0), xycoords="axes fraction", xytext=(0, -4), textcoords="offset points",
                      ha=side, va="top", fontsize=7.5, color="#555555")  # fmt: skip
