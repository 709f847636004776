"""Does the fitted model show what the export shows? Every number of the export beside that of likely parameter sets."""

from collections.abc import Iterator, Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.fit.calibration import Calibration
from simulator.questions.calibrate.marks import key, plainly
from simulator.questions.calibrate.tables import FAR, fit_table
from simulator.questions.frame.numbers import count, words
from simulator.questions.frame.style import INK, PALETTE, WIDTH_INCHES, framed

_LIKELY, _OFF = PALETTE[1], PALETTE[2]

#: Inches: names, numbers, above and below a group, above and below all.
_NAMES, _NUMBERS, _ABOVE, _BELOW, _HEAD, _FOOT = 2.1, 2.5, 0.4, 0.3, 0.95, 0.95
#: Inches of a row, and of one among many; rows of a group, of which the last are shown.
_ROW, _LOW_ROW, _MANY, _MOST_ROWS = 0.23, 0.165, 16, 48
#: How each kind of event is told.
_EVENTS = {"contact": "reached by a person", "mql": "MQL", "sql": "SQL", "sal": "SAL"}

_STROKE: Any = {"markersize": 11, "markeredgewidth": 2.4, "linestyle": ""}
_CHOSEN: Any = {"marker": "d", "markersize": 6.5, "markerfacecolor": "white", "linestyle": ""}
_KEY = (
    ({"marker": "|", "color": INK, **_STROKE}, "the export"),
    ({"color": _LIKELY, "linewidth": 4, "alpha": 0.55, "solid_capstyle": "butt"}, "likely sets, 90%"),
    ({"color": _LIKELY, **_CHOSEN}, "chosen set"),
)
_KEY_OFF = ({"marker": "|", "color": _OFF, **_STROKE}, "the export, where the model does not make it")

#: A row: its name and its numbers.
_Row = tuple[str, Mapping[Any, Any]]


def export_met(calibration: Calibration) -> Figure:
    """Groups of rows: the export's share, the interval of the likely sets, and the chosen set's share."""
    groups = dict(_groups(calibration))
    far = [one for rows in groups.values() for _, one in rows if abs(one["away"]) >= FAR]
    total = sum(map(len, groups.values()))
    settings = calibration.scenario.study.fit
    note = (
        f"n = {count(len(calibration.stream))} leads. Lines: the central 90% of {calibration.seen.shape[1]} runs of "
        f"each of {count(settings.draws)} likely parameter sets, luck and what the export cannot tell together. "
        f"Diamond: the mean of {settings.replications} runs of the chosen set. Orange: the export lies {FAR:g} or more "
        "standard deviations of these runs off their mean: the model does not make it. The simulated leads are seen as "
        "the export sees the real ones, until its day."
    )
    groups = {_title(title, rows): rows[-_MOST_ROWS:] for title, rows in groups.items()}
    inches = sum(_ABOVE + _high(rows) + _BELOW for rows in groups.values())
    height = _HEAD + inches + _FOOT
    said = f"{total - len(far)} of {total} numbers" if far else f"All {total} numbers"
    figure, _ = framed(
        "Does the fitted model show what the export shows?",
        f"{said} lie within {FAR:g} standard deviations of what likely parameter sets show; shares in %", note, height,
    )  # fmt: skip
    key(figure, 0.18, _HEAD - 0.06, [*_KEY, *([_KEY_OFF] if far else [])])
    top, wide = height - _HEAD, (WIDTH_INCHES - _NAMES - _NUMBERS) / WIDTH_INCHES
    for place, (title, rows) in enumerate(groups.items()):
        top -= _ABOVE + _high(rows)
        axes = figure.add_axes((_NAMES / WIDTH_INCHES, top / height, wide, _high(rows) / height))
        _group(axes, title, rows)
        if place == 0:
            _columns(axes, far=bool(far))
        top -= _BELOW
    return figure


def _groups(calibration: Calibration) -> Iterator[tuple[str, list[_Row]]]:
    """What the export shows, by what it is of; every number once."""
    table: list[Mapping[Any, Any]] = [*fit_table(calibration).to_dict("records")]
    shares = [one for one in table if not one["what"].endswith(" by")]
    channels = len(calibration.prior.own)
    channels += len(shares) > channels and shares[channels]["of"] == "other channels"
    wins = [one for one in shares if one["what"] == "won"]
    others = [one for one in shares if one["what"] != "won"]
    if channels:
        yield "Share of leads won, by channel", [(words(one["of"]), one) for one in wins[:channels]]
    if wins[channels:]:
        rows = [(one["of"].removeprefix("leads of "), one) for one in wins[channels:]]
        yield "Share of leads won, by month of the lead", rows
    for what in dict.fromkeys(one["what"] for one in table if one["what"].endswith(" by")):
        event = what.removesuffix(" by")
        name = "wins" if event == "won" else "losses" if event == "lost" else f"those {_event(event)}"
        yield (
            f"Share of {name} by age of the lead",
            [(f"within {one['of']}", one) for one in table if one["what"] == what],
        )
    if others:
        yield "Share of all leads", [(_event(one["what"]), one) for one in others]


def _event(what: str) -> str:
    return _EVENTS.get(what, words(what))


def _title(title: str, rows: list[_Row]) -> str:
    return title if len(rows) <= _MOST_ROWS else f"{title} (the last {_MOST_ROWS} of {len(rows)})"


def _high(rows: list[_Row]) -> float:
    return len(rows) * (_ROW if len(rows) <= _MANY else _LOW_ROW)


def _off(away: float) -> str:
    return f"{away:+.1f} s.d." if abs(away) < 99.95 else f"{'+' if away > 0 else '-'}100+ s.d."


def _columns(axes: Axes, *, far: bool) -> None:
    """What the columns of numbers are."""
    for text, right in (("export", 36), ("likely sets", 104), *([("off by", 166)] if far else [])):
        axes.annotate(text, (1, 1), xycoords="axes fraction", xytext=(right, 6), ha="right", fontsize=8,
                      textcoords="offset points", color="#555555")  # fmt: skip


def _group(axes: Axes, title: str, rows: list[_Row]) -> None:
    axes.annotate(title, (0, 1), xycoords="axes fraction", xytext=(-72 * _NAMES + 14, 6), textcoords="offset points",
                  fontsize=10, fontweight="bold")  # fmt: skip
    most, size = 0.0, 8.0 if len(rows) <= _MANY else 7.0
    for y, (name, one) in enumerate(rows):
        observed, best, low, high = (100 * one[key] for key in ("observed", "best", "low", "high"))
        most = max(most, observed, best, high)
        off = abs(one["away"]) >= FAR
        tint = _OFF if off else _LIKELY
        axes.plot([low, high], [y, y], color=tint, linewidth=4, alpha=0.55, solid_capstyle="butt", zorder=2)
        axes.plot(best, y, color=tint, zorder=3, **_CHOSEN)
        axes.plot(observed, y, marker="|", color=_OFF if off else INK, zorder=4, **_STROKE)
        weight = "bold" if off else "normal"
        axes.annotate(plainly(name, 24), (0, y), xycoords=("axes fraction", "data"), xytext=(-8, 0), ha="right",
                      textcoords="offset points", va="center", fontsize=size + 0.5, color=_OFF if off else INK,
                      fontweight=weight)  # fmt: skip
        for text, right in (
            (f"{observed:.1f}", 36), (f"[{low:.1f}, {high:.1f}]", 104), (_off(one["away"]) if off else "", 166),
        ):  # fmt: skip
            axes.annotate(text, (1, y), xycoords=("axes fraction", "data"), xytext=(right, 0), ha="right", va="center",
                          textcoords="offset points", fontsize=size, color=_OFF if off else INK,
                          fontweight=weight)  # fmt: skip
    axes.set_xlim(0, min(100.0, 1.05 * most))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks([])
    axes.grid(axis="x")
    axes.tick_params(length=0, labelsize=8)
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}%")
