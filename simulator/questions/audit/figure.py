"""The figures of an audit: ROC curves, what each threshold brings, and three bars of credit for each channel."""

import math
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.questions.audit.credit import BY_CLOSING, BY_MQLS, LAST_TOUCH
from simulator.questions.audit.tell import RULE_NAMES, label_name
from simulator.questions.audit.work import FITS, SCORE, TRUE_FIT, WINNABLE, Audit
from simulator.questions.frame.numbers import began, excludes_0, scale_of, stated, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, PALETTE, apart, blank
from simulator.results.roc import Point

_BLUE, _ORANGE = PALETTE[1], PALETTE[2]
#: Usual rules are pale and dark grey; what closing loses is blue.
_RULE_COLOURS = {BY_MQLS: "#bdbdbd", LAST_TOUCH: PALETTE[0], BY_CLOSING: _BLUE}


def figures(audit: Audit) -> Drawings:
    """ROC curves, thresholds and credit."""
    return {each.__name__: partial(each, audit) for each in (roc, thresholds, channels_credit)}


def _n(audit: Audit) -> str:
    run = audit.scenario.run
    return (
        f"{audit.scenario.name}, {words(audit.organisation)}: n = {run.replications:,} replications of "
        f"{run.cohort_days:,} days, the same buyers in every world; 95% intervals."
    )


# --- ROC --------------------------------------------------------------------------------------------------------------


def roc(audit: Audit) -> Figure:
    """How well the score tells leads that fit and leads that could be won, with the threshold of today."""
    figure, axes = blank(
        "Does the lead score tell good leads from others?",
        "How many good leads pass, for how many others, as the threshold falls from strict to lenient.",
        f"{_n(audit)}\nThe score is that of the first look, when a lead becomes known. AUC: how often a good lead "
        "scores above another one.\nFits: true fit. Could be won: won when everybody is passed on at once and there "
        "are people for all.",
        6.2,
        "both",
    )
    axes.plot([0, 100], [0, 100], color=FAINT, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate("a coin", (52, 52), xytext=(6, -12), textcoords="offset points", color=FAINT)
    shown = [
        (SCORE, FITS, _BLUE, f"score,\n{label_name(audit, FITS)}"),
        (TRUE_FIT, WINNABLE, FAINT, "true fit itself,\ncould be won"),
        (SCORE, WINNABLE, _ORANGE, "score,\ncould be won"),
    ]
    heights, texts = [], []
    for by, label, tint, name in shown:
        ranking = audit.ranking(by, label)
        if not ranking.points or not math.isfinite(ranking.area.value):
            continue
        _curve(axes, list(ranking.points), tint)
        low, high = ranking.area.interval
        texts.append((f"{name}\nAUC {ranking.area.value:.2f} [{low:.2f}, {high:.2f}]", tint))
        heights.append(_height(list(ranking.points), 70))
    placed = apart(heights, 17.0)
    lower = max(0.0, max(placed, default=0.0) - 92.0)
    for height, (text, tint) in zip((middle - lower for middle in placed), texts, strict=True):
        axes.annotate(text, (103, height), annotation_clip=False, va="center", color=tint, fontsize=9.5,
                      fontweight="bold" if tint != FAINT else None)  # fmt: skip
    decision = audit.decision(FITS)
    first = decision.first_look
    _point(axes, first.false_positive.value, first.true_positive.value, f"threshold {audit.threshold:g}\nat first look",
           (-48, 14))  # fmt: skip
    good, other = decision.in_the_end
    _point(axes, other.value, good.value, "fit us, passed on\nin the end", (-10, -72))
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 101)
    axes.set_xlabel("of the other leads, share that passes, %")
    axes.set_ylabel("of the good leads, share that passes, %")
    return figure


def _curve(axes: Axes, points: list[Point], tint: str) -> None:
    false, true = ([100 * getattr(point, side).value for point in points]
                   for side in ("false_positive", "true_positive"))  # fmt: skip
    low, high = ([100 * min(max(point.true_positive.interval[end], 0.0), 1.0) for point in points] for end in (0, 1))
    axes.fill_between(false, low, high, color=tint, alpha=0.18, linewidth=0)
    axes.plot(false, true, color=tint, linewidth=2)


def _height(points: list[Point], at: float) -> float:
    return next((100 * point.true_positive.value for point in points if 100 * point.false_positive.value >= at), 100.0)


def _point(axes: Axes, false: float, true: float, text: str, shift: tuple[float, float]) -> None:
    if math.isfinite(false) and math.isfinite(true):
        axes.plot(100 * false, 100 * true, "o", color=_BLUE, markeredgecolor=INK, markersize=7, zorder=5)
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
        axes.annotate(text, (100 * false, 100 * true), xytext=shift, textcoords="offset points", fontsize=9,
                      color=_BLUE, ha="center", va="center", linespacing=1.1, bbox=box,
                      arrowprops={"arrowstyle": "-", "color": _BLUE, "linewidth": 0.8})  # fmt: skip


# --- thresholds -------------------------------------------------------------------------------------------------------


def thresholds(audit: Audit) -> Figure:
    """What each threshold brings of the objective against today's."""
    metric = audit.objective
    apart_of = {at: audit.difference(at, metric.key) for at in audit.thresholds}
    scale = scale_of(metric.unit, apart_of.values())
    better = "More" if metric.better == "higher" else "Less"
    unit = scale.axis_unit
    figure, axes = blank(
        "From which score should a lead be passed on?",
        f"{began(metric.label)} against today's threshold, {unit}. {better} is better.",
        f"{_n(audit)}\nThick: 95% interval of the difference to today. Thin: the interval that holds for all "
        "thresholds together; where it\nspares 0, the threshold differs from today's for sure. Percentages: inquiries "
        "that become MQLs.",
        4.9,
        "y",
    )
    axes.axhline(0, color=INK, linewidth=0.9)
    for at, difference in apart_of.items():
        value, wide = difference.value, difference.interval_at(audit.level)
        good = (value > 0) == (metric.better == "higher")
        tint = INK if at == audit.threshold else (_BLUE if good else _ORANGE) if excludes_0(wide) else FAINT
        for ends, thick in ((difference.interval, 4.0), (wide, 1.2)):
            axes.plot([at, at], [end * scale.factor for end in ends], color=tint, linewidth=thick, alpha=0.75,
                      solid_capstyle="butt")  # fmt: skip
        axes.plot(at, value * scale.factor, "o", color=tint, markersize=7, zorder=4)
        share = audit.thresholds[at]["inquiry_to_mql"].value
        axes.annotate(f"{100 * share:.0f}%", (at, 0.02), xycoords=("data", "axes fraction"), ha="center", fontsize=8.5,
                      color="#555555")  # fmt: skip
        if at == audit.threshold:
            axes.annotate("today", (at, 0), xytext=(6, 6), textcoords="offset points", fontweight="bold")
    best = audit.best
    if best != audit.threshold:
        ends = apart_of[best].interval_at(audit.level)
        text = f"best estimate:\n{stated(scale, apart_of[best].value, ends, apart=True)}"
        axes.annotate(text, (best, ends[1] * scale.factor), xytext=(0, 4), textcoords="offset points", fontsize=9,
                      ha="center", annotation_clip=False)  # fmt: skip
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.12 * (high - low), high + 0.08 * (high - low))
    axes.set_xticks(list(audit.thresholds), [f"{at:g}" for at in audit.thresholds])
    axes.set_xlabel("threshold: score from which a lead is passed on to sales")
    axes.set_ylabel(f"difference in {unit}" if unit else "difference")
    return figure


# --- credit -----------------------------------------------------------------------------------------------------------


def channels_credit(audit: Audit) -> Figure:
    """Each channel's share of the wins by each rule of credit."""
    shares = {(credit.channel, credit.rule): credit.share for credit in audit.credits if credit.measure == "wins"}
    order = sorted(audit.channels, key=lambda name: -shares[name, BY_CLOSING].value)
    figure, axes = blank(
        "What is each channel worth?",
        "Share of all wins by three rules of credit. Only the blue one asks what would be lost without the channel.",
        f"{_n(audit)}\nLost if closed: today's wins less those of the same market without this channel, its spend "
        "saved; buyers share people and\nthe budget moves, so that these need not add up to 100%. Last touch: a "
        "buyer's only channel.",
        1.9 + 0.4 + 0.62 * len(order),
        "x",
    )
    for row, name in enumerate(order):
        for place, rule in enumerate(RULE_NAMES):
            share, at = shares[name, rule], row + 0.25 * (place - 1)
            low, high = share.interval
            axes.barh(at, 100 * share.value, height=0.22, color=_RULE_COLOURS[rule])
            axes.plot([100 * low, 100 * high], [at, at], color=INK, linewidth=1.1, solid_capstyle="butt")
            if row == 0:
                axes.annotate(RULE_NAMES[rule], (100 * max(high, share.value), at), xytext=(6, 0), va="center",
                              textcoords="offset points", fontsize=9, fontweight="bold", annotation_clip=False,
                              color="#777777" if rule == BY_MQLS else _RULE_COLOURS[rule])  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.9)
    axes.set_yticks(range(len(order)), [words(name) for name in order])
    axes.set_ylim(len(order) - 0.45, -0.55)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("share of all wins, %")
    return figure
