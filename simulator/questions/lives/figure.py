"""The figure of single lives: a row for each buyer, with what it did above its line and what we did below."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.model.numerics import DAY_US
from simulator.model.words import Outcome, Role
from simulator.questions.frame.event_words import PEOPLE
from simulator.questions.frame.numbers import count, usd, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import INK, PALETTE, WIDTH_INCHES, fitted, framed
from simulator.questions.lives import wording
from simulator.questions.lives.story import day_of
from simulator.questions.lives.wording import Kind
from simulator.questions.lives.work import Life, Lives

_GREY, _BLUE, _ORANGE, _GREEN, _PINK, _YELLOW, _SKY = PALETTE
_RED, _PALE = "#b2182b", "#b8b8b8"

#: Rows of one figure; further buyers are in the text.
MOST = 20

#: Inches of a row, above all rows, of a row of the legend; left and right of the lines.
_ROW, _HEAD, _LEGEND, _LEFT, _RIGHT = 0.64, 0.82, 0.23, 1.98, 1.68
#: Marks in a row of the legend, and inches left of them.
_COLUMNS, _BESIDE = 4, 1.05


@dataclass(frozen=True)
class _Mark:
    """How events are drawn: marker, its size, colour and inside, and how far above the line."""

    marker: str
    size: float
    tint: str
    inside: str
    height: float


#: What is drawn of a life, by its kind; steps inside our organisation are not.
_MARKS = {
    Kind.READS_OTHERS: _Mark("|", 7, _PALE, _PALE, 0.13),
    Kind.READS_OURS: _Mark("|", 7, _BLUE, _BLUE, 0.13),
    Kind.MAIL: _Mark("_", 5, _BLUE, _BLUE, -0.10),
    Kind.ASKS: _Mark("^", 5.5, _ORANGE, _ORANGE, 0.34),
    Kind.REFUSED: _Mark("x", 5, _RED, _RED, -0.20),
    Kind.TRY: _Mark("o", 4.2, _GREY, "white", -0.34),
    Kind.SENDS: _Mark("s", 4.5, _PINK, "white", -0.20),
    Kind.OTHER: _Mark("d", 5, INK, "white", -0.36),
    Kind.DEAL: _Mark("D", 4.5, INK, _YELLOW, -0.36),
}
#: Talks have a colour for each role.
_TALKERS: Mapping[Any, str] = {Role.MARKETER: _PINK, Role.SDR: _SKY, Role.REP: _GREEN}
#: Whoever talks.
_TALK = _Mark("o", 6.5, _GREY, _GREY, -0.20)

#: What stands at the end of a line, and the colour of what is said there.
_ENDS: Mapping[Any, tuple[_Mark, str]] = {
    Outcome.WON: (_Mark("*", 13, _GREEN, _GREEN, 0), _GREEN),
    Outcome.LOST: (_Mark("X", 7.5, _RED, _RED, 0), _RED),
    Outcome.NO_DECISION: (_Mark("s", 5.5, _GREY, _GREY, 0), _GREY),
    Outcome.ELSEWHERE: (_Mark("v", 6.5, _GREY, _GREY, 0), _GREY),
    Outcome.OPEN: (_Mark(">", 6.5, _GREY, "white", 0), _GREY),
}
_ANY_END = (_Mark("h", 7, INK, "white", 0), INK)


def figures(lives: Lives) -> Drawings:
    """All lives one under another."""
    return {"lives": partial(timelines, lives)}


def timelines(lives: Lives) -> Figure:
    """A row for each buyer: what it read and asked for, who spoke with it, who refused it, and how it ended."""
    shown = list(lives.lives[:MOST])
    more = f" The first {MOST} of them are drawn." if len(lives.lives) > MOST else ""
    note = (
        f"{words(lives.scenario.name)}, {words(lives.organisation)}: drawn at random (seed {lives.scenario.run.seed}) "
        f"from {count(lives.population)}{lives.whatever}.{more} lives.txt tells each life day by day."
    )
    legend = _legend_rows(shown, lives)
    rows, below = max(1, len(shown)), 0.98 + _LEGEND * len(legend)
    height = _HEAD + _ROW * rows + below
    figure, _ = framed(
        f"What happened to {'one buyer' if len(shown) == 1 else f'{len(shown)} buyers'}, drawn at random?",
        "above each line what the buyer does, below it what we do; at its end what became of it",
        note,
        height,
    )
    axes = figure.add_axes(
        (_LEFT / WIDTH_INCHES, below / height, 1 - (_LEFT + _RIGHT) / WIDTH_INCHES, _ROW * rows / height)
    )  # fmt: skip
    last = max((life.end_us - life.arrived_us for life in shown), default=DAY_US) / DAY_US
    for row, life in enumerate(shown):
        _life(axes, row, life, lives)
    if not shown:
        axes.text(0.5, 0, "there is nobody to draw", ha="center", va="center", transform=axes.get_yaxis_transform())
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xlim(-0.012 * last, 1.012 * last)
    axes.set_yticks([])
    axes.grid(axis="x")
    axes.tick_params(length=0, labelsize=9)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("days since its first research", fontsize=9.5)
    _legend(figure, legend, height)
    return figure


def _life(axes: Axes, row: int, life: Life, lives: Lives) -> None:
    length = (life.end_us - life.arrived_us) / DAY_US
    mark, colour = _ENDS.get(life.outcome, _ANY_END)
    if row % 2 == 0:
        axes.axhspan(row - 0.5, row + 0.5, color="#f6f6f6", zorder=0, linewidth=0)
    axes.plot([0, length], [row, row], color="#8a8a8a", linewidth=1.1, zorder=2, solid_capstyle="butt")
    for each, days in _drawn(life, lives):
        _draw(axes, each, days, row)
    _draw(axes, mark, np.array([length]), row)
    about = life.about
    value = usd(about["value_cents"] / 100)
    margin = 72 * _LEFT - 12
    for x, shift, text, small, tint, lift in (
        (0, -margin, str(row + 1), False, INK, 1),
        (0, 20 - margin, f"{fitted(words(about['segment']), 1, 14)}, {value}", False, INK, 1),
        (0, 20 - margin, f"{fitted(words(about['channel']), 1, 18)}, fit {about['fit']:.2f}", True, "#555555", -1),
        (1, 10, _end(life), False, colour, 1),
        (1, 10, f"on day {day_of(life.end_us, life):,}", True, "#555555", -1),
    ):
        axes.annotate(text, (x, row), xycoords=("axes fraction", "data"), xytext=(shift, 1.5 * lift), color=tint,
                      textcoords="offset points", va="bottom" if lift > 0 else "top", fontsize=8 if small else 9,
                      fontweight="normal" if small else "bold")  # fmt: skip


def _end(life: Life) -> str:
    return fitted(wording.said(wording.OUTCOMES, Outcome, life.outcome), 1, 20)


def _drawn(life: Life, lives: Lives) -> list[tuple[_Mark, np.ndarray]]:
    """Marks and the days on which they stand."""
    days = (life.events["at"] - life.arrived_us) / DAY_US
    kinds = [wording.of(int(activity)).kind for activity in life.events["activity"]]
    found = [(mark, days[[kind == each for kind in kinds]]) for each, mark in _MARKS.items()]
    roles = np.array([_role(int(person), lives) if kind == Kind.TALK else -1
                      for person, kind in zip(life.events["person"], kinds, strict=True)], int)  # fmt: skip
    found += [(_talk(role), days[roles == role]) for role in sorted(set(roles[roles >= 0].tolist()))]
    return [(mark, some) for mark, some in found if len(some)]


def _role(person: int, lives: Lives) -> int:
    return int(lives.people[person]) if person >= 0 else -1


def _talk(role: int) -> _Mark:
    tint = _TALKERS.get(role, _GREY)
    return replace(_TALK, tint=tint, inside=tint)


def _draw(axes: Axes, mark: _Mark, days: np.ndarray, row: float) -> None:
    axes.plot(days, np.full(len(days), row - mark.height), mark.marker, markersize=mark.size, clip_on=False,
              markeredgecolor=mark.tint, markerfacecolor=mark.inside, zorder=4,
              markeredgewidth=1.3 if mark.marker in "|x_" else 0.9)  # fmt: skip


# --- legend -----------------------------------------------------------------------------------------------------------


def _legend_rows(shown: list[Life], lives: Lives) -> list[tuple[str, list[tuple[_Mark, str]]]]:
    """What the marks that are drawn stand for, in rows, each with a name: what the buyer does, what we do, the end."""
    events = [event for life in shown for event in life.events]
    kinds = {wording.of(int(event["activity"])).kind for event in events}
    talks = {
        _role(int(event["person"]), lives) for event in events if wording.of(int(event["activity"])).kind == Kind.TALK
    }
    drawn = [(mark, kind.value) for kind, mark in _MARKS.items() if kind in kinds]
    ours = [(_talk(role), f"{_role_name(role)} talks with it") for role in sorted(talks)]
    ours += [each for each in drawn if each[0].height < 0]
    ends = [
        (_ENDS.get(end, _ANY_END)[0], wording.said(wording.OUTCOMES, Outcome, end))
        for end in sorted({life.outcome for life in shown})
    ]
    found = []
    for name, row in (("the buyer", [each for each in drawn if each[0].height > 0]), ("we", ours), ("the end", ends)):
        for first in range(0, len(row), _COLUMNS):
            found.append((name if first == 0 else "", row[first : first + _COLUMNS]))
    return found


def _role_name(role: int) -> str:
    people: Mapping[Any, str] = PEOPLE
    return people.get(role) or f"a {wording.name(Role, role)}"


def _legend(figure: Figure, rows: list[tuple[str, list[tuple[_Mark, str]]]], height: float) -> None:
    axes = figure.add_axes((0.02, 0.42 / height, 0.96, max(1, len(rows)) * _LEGEND / height))
    axes.axis("off")
    axes.set_xlim(0, 0.96 * WIDTH_INCHES)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    each = (0.96 * WIDTH_INCHES - _BESIDE) / _COLUMNS
    for place, (name, row) in enumerate(rows):
        axes.text(0, place, name, va="center", fontsize=8.5, fontweight="bold")
        for column, (mark, text) in enumerate(row):
            x = _BESIDE + column * each
            _draw(axes, replace(mark, height=0), np.array([x]), place)
            axes.text(x + 0.13, place, text, va="center", fontsize=8.5)
