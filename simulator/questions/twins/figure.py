"""The figures of both lives: who flips in each segment, through what lives part, and told buyers on two lines each."""

import math
import textwrap
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.model.words import STAGES, Activity
from simulator.questions.frame.divergence import EACH_NEEDED, GAINED, LOST, NO_SINGLE
from simulator.questions.frame.event_words import at_work, event, meaning
from simulator.questions.frame.numbers import Scale, bracketed, scale_across, words
from simulator.questions.frame.question import Drawings
from simulator.questions.frame.style import FAINT, INK, blank, colour, fitted, framed
from simulator.questions.twins.stories import kind
from simulator.questions.twins.typical_buyers import Story
from simulator.questions.twins.work import BOTH, ONLY_BASELINE, ONLY_CHALLENGER, Twins
from simulator.results.summary import DAY

#: Positions of the two lives among the organisations' colours.
_BASE, _OTHER = 0, 1

#: What is drawn of a life: marker, size, filled, and what it stands for.
_MARKS: tuple[tuple[frozenset[Activity], str, float, bool, str], ...] = (
    (frozenset({Activity.READ_OURS, Activity.READ_THIRD_PARTY, Activity.READ_RIVAL, Activity.READ_REVIEW,
                Activity.MAIL_OPENED}), "|", 6, True, "reads"),
    (frozenset({Activity.HAND_RAISE}), "^", 6, False, "asks for a person"),
    (frozenset({Activity.CONVERSATION, Activity.ANSWER, Activity.MEETING, Activity.SUPPORT}), "o", 7, True,
     "a person speaks with it"),
    (frozenset({Activity.CALL_UNANSWERED, Activity.REFUSED, Activity.DROPPED, Activity.MEETING_DECLINED}), "x", 6, True,
     "refused, dropped, or call in vain"),
)  # fmt: skip
#: Least share of the lives that part that gets a bar; all are in ``lives.csv``.
_LEAST = 0.0005

_TENTHS = Scale(100.0, "%", 1)

_ENDS = {Activity.WON, Activity.LOST, Activity.NO_DECISION, Activity.ELSEWHERE}


def figures(twins: Twins) -> Drawings:
    """Who flips; through what lives part, if any do; and told buyers, if there are any."""
    drawings = {"twins_flips": partial(flips, twins)}
    if twins.divergences["parted"].any():
        drawings["twins_partings"] = partial(partings, twins)
    if any(story.about for story in twins.stories):
        drawings["twins_stories"] = partial(stories, twins)
    return drawings


def flips(twins: Twins) -> Figure:
    """For each segment, the share of inquiries that only one of both wins."""
    base, other = words(twins.baseline), words(twins.challenger)
    rows = twins.segments
    run = twins.scenario.run
    note = (
        f"{twins.scenario.name}: n = {twins.replications:,} replications of a cohort of {run.cohort_days:,} days; "
        "black lines: 95% intervals over replications.\nThe same buyers with the same luck in both; who inquires in at "
        "least one of both lives counts."
    )
    figure, axes = blank("Which buyers flip?", f"of 100 buyers who inquire: won only by {base} (left), only by {other}",
                         note, 2.6 + 0.62 * len(rows), "x")  # fmt: skip
    reach = 0.0
    for row, segment in enumerate(rows):
        for fate, side, position in ((ONLY_BASELINE, -1, _BASE), (ONLY_CHALLENGER, 1, _OTHER)):
            share = twins.share(fate, segment=segment)
            reach = max(reach, *(abs(100 * end) for end in (share.value, *share.interval) if math.isfinite(end)), 0.01)
            axes.barh(row, side * 100 * share.value, height=0.55, color=colour(position))
            low, high = (side * 100 * end for end in share.interval)
            axes.plot([low, high], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
        gap, both = twins.gap(segment=segment), twins.share(BOTH, segment=segment)
        scale = scale_across("share", [gap])
        differs = f"{scale.text(gap.value, sign=True)} {bracketed(scale, gap.interval, sign=True)}".rstrip()
        axes.annotate(differs, (1.03, row), xycoords=("axes fraction", "data"), va="bottom", fontweight="bold")
        axes.annotate(f"won by both: {_TENTHS.with_unit(both.value)}", (1.03, row),
                      xycoords=("axes fraction", "data"), va="top",
                      fontsize=9, color="#555555", xytext=(0, -2), textcoords="offset points")  # fmt: skip
    axes.axvline(0, color=INK, linewidth=0.9)
    axes.set_yticks(range(len(rows)), [words(name) or "all" for name in rows])
    axes.set_ylim(len(rows) - 0.4, -0.75)
    axes.set_xlim(-1.12 * reach, 1.12 * reach)
    ticks = [tick for tick in axes.get_xticks() if abs(tick) <= 1.12 * reach]
    axes.set_xticks(ticks, [f"{abs(tick):g}" for tick in ticks])
    axes.set_xlabel("% of those who inquire")
    for side, name, position in ((-1, base, _BASE), (1, other, _OTHER)):
        axes.text(side * 0.03 * reach, -0.42, f"only {fitted(name, 1, 24)}", va="bottom",
                  ha="right" if side < 0 else "left", color=colour(position), fontweight="bold")  # fmt: skip
    axes.annotate("difference of the\nwin rate, points", (1.03, 1.0), xycoords="axes fraction", fontsize=8.5,
                  color="#555555", va="bottom", linespacing=1.2)  # fmt: skip
    axes.spines["left"].set_visible(False)
    return figure


def partings(twins: Twins) -> Figure:
    """Through what the lives that part do so, and how many of them flip."""
    table = twins.divergences
    parted = table["parted"]
    names = [*(part.name for part in twins.parts), EACH_NEEDED, NO_SINGLE]
    shares = {name: twins.rate(table["mechanism"] == name, parted) for name in names}
    order = sorted((name for name in names if shares[name].value >= _LEAST), key=lambda name: -shares[name].value)
    intervals = "; black lines: 95% intervals over these" if twins.detailed > 1 else ""
    note = (
        f"{twins.scenario.name}: n = {int(parted.sum()):,} lives that part, of {len(table):,} buyers of the cohort in "
        f"{twins.detailed:,} replications{intervals}.\nA mechanism is at work where both lives agree at the event as "
        "soon as it alone is taken back to the baseline's values.\nGained, lost: of the buyers whose lives part so, "
        f"those that only {words(twins.challenger)} or only {words(twins.baseline)} wins."
    )
    height = 2.9 + 0.52 * len(order)
    figure, axes = blank("Through what do lives part for the first time?",
                         f"% of the buyers whose lives differ between {words(twins.baseline)} and "
                         f"{words(twins.challenger)}", note, height, "x")  # fmt: skip
    axes.set_position((0.34, axes.get_position().y0 + 0.1 / height, 0.46, axes.get_position().height - 0.25 / height))
    reach = 1.0
    for row, name in enumerate(order):
        share, whole = shares[name], 100 * shares[name].value
        axes.barh(row, whole, height=0.5, color=FAINT if name in (EACH_NEEDED, NO_SINGLE) else colour(_OTHER))
        low, high = (100 * min(max(end, 0.0), 1.0) for end in share.interval)
        if math.isfinite(share.interval[0]):
            axes.plot([low, high], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
            reach = max(reach, high)
        reach = max(reach, whole)
        axes.annotate(at_work(name), (0, row), xycoords=("axes fraction", "data"), xytext=(-10, 5), ha="right",
                      va="bottom", textcoords="offset points", fontweight="bold")  # fmt: skip
        small = "\n".join(textwrap.wrap(meaning(name), 46)[:2])
        axes.annotate(small, (0, row), xycoords=("axes fraction", "data"), xytext=(-10, 3), ha="right", va="top",
                      textcoords="offset points", fontsize=7.2, color="#555555", linespacing=1.1)  # fmt: skip
        mine = table["mechanism"] == name
        for x, text in ((1.08, f"{whole:.0f}%" if share.value >= 0.0095 else f"{whole:.1f}%"),
                        (1.23, f"{int((mine & (table['flip'] == GAINED)).sum()):,}"),
                        (1.38, f"{int((mine & (table['flip'] == LOST)).sum()):,}")):  # fmt: skip
            axes.annotate(text, (x, row), xycoords=("axes fraction", "data"), ha="right", va="center")
    for x, text in ((1.08, "share"), (1.23, "gained"), (1.38, "lost")):
        axes.annotate(text, (x, 1.0), xycoords="axes fraction", ha="right", va="bottom", fontsize=9, color="#555555")
    axes.set_yticks([])
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xlim(0, 1.06 * reach)
    axes.set_xlabel("% of the lives that part")
    axes.spines["left"].set_visible(False)
    return figure


def stories(twins: Twins) -> Figure:
    """Each told buyer on two lines, one for each life, from its arrival on."""
    shown = [(number, story) for number, story in enumerate(twins.stories, start=1) if story.about]
    head, foot, panel = 0.85, 0.95, 1.9
    height = head + panel * len(shown) + foot
    note = (
        f"{twins.scenario.name}, seed {twins.scenario.run.seed}: typical flips, chosen by rule; the dashed line: from "
        "here on both lives differ.\nstories.md tells them event by event."
    )
    how = "days since arrival; the band darkens with each of the six stages"
    figure, _ = framed("The same buyer, two lives", how, note, height)
    last = max(_day(story, life[-1]) for _, story in shown for life in (story.baseline, story.challenger) if len(life))
    for place, (number, story) in enumerate(shown):
        bottom = height - head - panel * (place + 1) + 0.45
        axes = figure.add_axes((0.155, bottom / height, 0.67, (panel - 0.85) / height))
        _story(axes, twins, number, story, last)
    _legend(figure, height)
    return figure


def _story(axes: Axes, twins: Twins, number: int, story: Story, last: float) -> None:
    about = story.about
    assert about is not None
    axes.set_title(f"{number}. {kind(twins, story)}", loc="left", fontsize=10.5, fontweight="bold", pad=16)
    for height, name, life, position in ((1, twins.baseline, story.baseline, _BASE),
                                         (0, twins.challenger, story.challenger, _OTHER)):  # fmt: skip
        tint = colour(position)
        axes.annotate(fitted(words(name), 2, 16), (0, height), xycoords=("axes fraction", "data"), xytext=(-8, 0),
                      ha="right", va="center", textcoords="offset points", color=tint, fontweight="bold")  # fmt: skip
        if not len(life):
            axes.text(0.01 * last, height, "never comes", va="center", color=tint)
            continue
        days = np.array([_day(story, happening) for happening in life])
        _stages(axes, height, life, days)
        for activities, marker, size, filled, _ in _MARKS:
            here = np.isin(life["activity"], list(map(int, activities)))
            axes.plot(days[here], np.full(here.sum(), height), marker, markersize=size, markeredgecolor=tint, zorder=4,
                      markerfacecolor=tint if filled else "white",
                      markeredgewidth=0.8 if marker == "|" else 1.2)  # fmt: skip
        ends = Activity(life[-1]["activity"])
        said = event(ends.name.lower()) if ends in _ENDS else "still open"
        axes.text(days[-1] + 0.018 * last, height, said.replace(": ", ":\n"), va="center", color=tint,
                  fontweight="bold", fontsize=9)  # fmt: skip
    day = about["parted_day"]
    axes.plot([day, day], [-0.45, 1.45], color=INK, linewidth=1, linestyle=(0, (3, 2)), zorder=3)
    through = at_work(str(about["mechanism"]))
    axes.annotate(f"lives part on day {day:,.1f} through: {through}", (day, 1.45), xytext=(2, 2), fontsize=9,
                  textcoords="offset points", va="bottom")  # fmt: skip
    axes.set_ylim(-0.5, 1.5)
    axes.set_xlim(0, 1.03 * last)
    axes.set_yticks([])
    axes.tick_params(length=0, labelsize=9)
    axes.spines["left"].set_visible(False)


def _stages(axes: Axes, height: int, life: np.ndarray, days: np.ndarray) -> None:
    """A band behind a life, darker with each stage."""
    changes = [0, *np.flatnonzero(np.diff(life["stage"])) + 1]
    starts = [0.0, *days[changes[1:]]]
    ends = [*starts[1:], days[-1]]
    for change, start, end in zip(changes, starts, ends, strict=True):
        shade = 0.97 - 0.38 * int(life["stage"][change]) / (STAGES - 1)
        axes.barh(height, end - start, left=start, height=0.5, color=(shade, shade, shade), zorder=1)


def _legend(figure: Figure, height: float) -> None:
    axes = figure.add_axes((0.155, 0.6 / height, 0.8, 0.3 / height))
    axes.axis("off")
    axes.set_xlim(0, 1)
    x = 0.0
    for _, marker, size, filled, text in _MARKS:
        axes.plot(x, 0, marker, markersize=size, markeredgecolor=INK, markerfacecolor=INK if filled else "white",
                  clip_on=False)  # fmt: skip
        axes.text(x + 0.02, 0, text, va="center", fontsize=9)
        x += 0.06 + 0.0095 * len(text)


def _day(story: Story, happening: np.void) -> float:
    return (int(happening["at"]) - story.arrived_us) / DAY
