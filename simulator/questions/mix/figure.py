"""The figures of a search for the best team: the Pareto front, or a ranking where there is one objective."""

import math
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.frame.numbers import began, scale_for, stated, usd, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, PALETTE, WIDTH_INCHES, blank, framed
from simulator.questions.mix.tell import difference_scale
from simulator.questions.mix.work import Finalist, TeamSearch
from simulator.results.metric import Metric

_FRONT, _BEST, _BEATEN = PALETTE[1], PALETTE[2], "#b0b0b0"

#: Inches for the names beside the panels.
_KEY = 1.75


def figures(search: TeamSearch) -> Drawings:
    """A ranking where there is one objective, else the Pareto front."""
    if len(search.objectives) == 1:
        return {"teams": partial(ranking, search)}
    return {"pareto": partial(pareto, search)}


def label(one: Finalist) -> str:
    """A finalist beside its mark: its letter, then marketers, SDRs and reps."""
    return f"{one.letter} {'-'.join(map(str, one.candidate.heads))}"


def _tint(search: TeamSearch, one: Finalist) -> str:
    if one is search.present:
        return INK
    if one is search.recommended:
        return _BEST
    return _FRONT if one in search.front else _BEATEN


def _title(search: TeamSearch) -> str:
    return f"Which team does {words(search.organisation)} need for {usd(search.payroll_usd)} a year?"


def _footnote(search: TeamSearch, more: str) -> str:
    asked = search.scenario.study.mix
    return (
        f"{search.scenario.name}: {len(search.candidates):,} teams and policies tried; finalists again on other seeds, "
        f"n = {asked.check_replications:,} replications each, the same buyers.\n"
        f"4-1-3: four marketers, one SDR, three reps; pay within {asked.payroll_tolerance:.1%}. Lines: 95% intervals "
        f"of the difference to today's team.\n{more}"
    )


# --- several objectives -----------------------------------------------------------------------------------------------


def pareto(search: TeamSearch) -> Figure:
    """The first objective upwards, each other one across; better is always up and to the right."""
    first, *others = search.objectives
    height, foot, head, left, gap = 5.9, 1.5, 0.95, 0.95, 0.3
    width = WIDTH_INCHES + 0.5 * (len(others) > 1)
    more = "Orange: recommended. Blue: no other finalist beats it in everything. Grey: another one does."
    shown = "Differences to today's team. Better is up and to the right."
    figure, _ = framed(_title(search), shown, _footnote(search, more), height, width)
    panel = (width - left - _KEY - gap * (len(others) - 1)) / len(others)
    for place, metric in enumerate(others):
        axes = figure.add_axes(((left + place * (panel + gap)) / width, foot / height, panel / width,
                                1 - (head + foot) / height))  # fmt: skip
        _panel(axes, search, metric, first)
        if place:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel(_axis(search, first))
    _key(figure, search, 1 - (_KEY - 0.15) / width, 1 - head / height)
    return figure


def _key(figure: Figure, search: TeamSearch, left: float, top: float) -> None:
    """Who each letter is."""
    step = 0.22 / figure.get_figheight()
    figure.text(left, top, "marketers-SDRs-reps", fontsize=8, color="#555555", va="top")
    for row, one in enumerate(search.finalists, start=1):
        tint = _tint(search, one)
        text = label(one) + (" (best)" if one is search.recommended and row > 1 else "")
        figure.text(left, top - row * step, text, fontsize=9, va="top", color="#777777" if tint == _BEATEN
                    else tint, fontweight="bold" if one in (search.present, search.recommended) else None)  # fmt: skip


def _panel(axes: Axes, search: TeamSearch, across: Metric, up: Metric) -> None:
    x_scale, y_scale = difference_scale(search, across), difference_scale(search, up)
    axes.axhline(0, color=FAINT, linewidth=0.7)
    axes.axvline(0, color=FAINT, linewidth=0.7)
    marks = []
    for one in search.finalists:
        x, y = search.difference(one, across.key), search.difference(one, up.key)
        if not (math.isfinite(x.value) and math.isfinite(y.value)):
            continue
        tint = _tint(search, one)
        at = x.value * x_scale.factor, y.value * y_scale.factor
        axes.plot([end * x_scale.factor for end in x.interval], [at[1]] * 2, color=tint, linewidth=1.1, alpha=0.7)
        axes.plot([at[0]] * 2, [end * y_scale.factor for end in y.interval], color=tint, linewidth=1.1, alpha=0.7)
        axes.plot(*at, "s" if one is search.present else "o", color=tint, markersize=7,
                  zorder=5 if one is search.recommended else 4)  # fmt: skip
        marks.append((one.letter, at, "#777777" if tint == _BEATEN else tint))
    if across.better == "lower":
        axes.invert_xaxis()
    if up.better == "lower":
        axes.invert_yaxis()
    axes.grid()
    axes.tick_params(length=0)
    axes.set_xlabel(_axis(search, across))
    _name(axes, marks)


def _name(axes: Axes, marks: list[tuple[str, tuple[float, float], str]]) -> None:
    """Names beside their marks, each at the first place around it where no mark and no other name stands."""
    points = [axes.transData.transform(at) * 72 / axes.figure.dpi for _, at, _ in marks]
    taken = [(x, y, 4.0) for x, y in points]
    for (text, at, tint), (x, y) in zip(marks, points, strict=True):
        reach = 4.0 + 3.0 * len(text)
        around = [(r * math.cos(turn), r * math.sin(turn))
                  for r in (13.0, 20.0, 28.0, 38.0) for turn in (k * math.pi / 6 + 0.6 for k in range(12))]  # fmt: skip
        free = (
            (dx, dy)
            for dx, dy in around
            if all(math.hypot((x + dx - ox) * 0.8, y + dy - oy) > size + 0.7 * reach for ox, oy, size in taken)
        )
        dx, dy = next(free, around[0])
        taken.append((x + dx, y + dy, 0.7 * reach))
        axes.annotate(text, at, xytext=(dx, dy), textcoords="offset points", ha="center", va="center", fontsize=9.5,
                      color=tint, fontweight="bold", zorder=6,
                      bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
                      arrowprops={"arrowstyle": "-", "color": tint, "linewidth": 0.5} if math.hypot(dx, dy) > 15
                      else None)  # fmt: skip


def _axis(search: TeamSearch, metric: Metric) -> str:
    scale = difference_scale(search, metric)
    arrow = "more" if metric.better == "higher" else "less"
    return f"{metric.label}, {scale.axis_unit or 'difference'}\n({arrow} is better)"


# --- one objective ----------------------------------------------------------------------------------------------------


def ranking(search: TeamSearch) -> Figure:
    """Finalists by their difference to today; a ring says what the search had promised."""
    [metric] = search.objectives
    sign = -1.0 if metric.better == "higher" else 1.0
    order = sorted(search.finalists, key=lambda one: sign * one.checked[metric.key].value)
    scale = difference_scale(search, metric)
    unit = scale.axis_unit
    more = "More" if metric.better == "higher" else "Less"
    luck = search.mean_luck(metric.key)
    spread = scale_for(metric.unit, [luck], [luck])
    figure, axes = blank(
        _title(search),
        f"{began(metric.label)} against today's team, {unit}. {more} is better.",
        _footnote(
            search,
            "Ring: what the search had promised; what is missing was luck, on average "
            f"{stated(spread, luck, (math.nan, math.nan), apart=True)}.",
        ),
        2.3 + 0.42 * len(order),
        "x",
    )
    for row, one in enumerate(order):
        apart, tint = search.difference(one, metric.key), _tint(search, one)
        tint = tint if one in (search.present, search.recommended) else _FRONT if search.may_be_best(one) else _BEATEN
        axes.plot([end * scale.factor for end in apart.interval], [row, row], color=tint, linewidth=2)
        axes.plot(apart.value * scale.factor, row, "s" if one is search.present else "o", color=tint, markersize=7)
        if one is not search.present:
            axes.plot(search.promised(one, metric.key).value * scale.factor, row, "o", markersize=7, zorder=4,
                      markerfacecolor="none", markeredgecolor=INK, markeredgewidth=0.9)  # fmt: skip
        text = "today" if one is search.present else stated(scale, apart.value, apart.interval, apart=True)
        axes.annotate(text, (1.02, row), xycoords=("axes fraction", "data"), va="center", fontsize=9, color=tint
                      if tint != _BEATEN else "#777777", annotation_clip=False)  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.9)
    axes.set_yticks(range(len(order)), [label(one) for one in order])
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"difference in {unit}" if unit else "difference")
    return figure
