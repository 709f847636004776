"""The figures of both lives: who flips in each segment, through what lives part, and told buyers on two lines each."""

import math
import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulator.model.words import STAGES, Activity
from simulator.questions.frame.divergence import EACH_NEEDED, GAINED, LOST, NO_SINGLE
from simulator.questions.frame.event_words import at_work, event, meaning
from simulator.questions.frame.numbers import scale_for, words
from simulator.questions.frame.style import FAINT, INK, blank, colour, fitted, framed, styled
from simulator.questions.twins.stories import kind
from simulator.questions.twins.typical_buyers import Story
from simulator.questions.twins.work import BOTH, ONLY_BASELINE, ONLY_CHALLENGER, Twins
from simulator.results.estimate import Estimate
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

_ENDS = {Activity.WON, Activity.LOST, Activity.NO_DECISION}


def twins_figures(found: Twins) -> dict[str, Figure]:
    """All figures by file name (without suffix)."""
    with styled():
        made = {"twins_flips": flips(found)}
        if found.divergences["parted"].any():
            made["twins_partings"] = partings(found)
        if any(story.about for story in found.stories):
            made["twins_stories"] = stories(found)
        return made


def flips(found: Twins) -> Figure:
    """For each segment, the share of inquiries that only one of both wins."""
    base, other = words(found.baseline), words(found.challenger)
    rows = found.segments
    run = found.scenario.run
    note = (
        f"{found.scenario.name}: n = {found.replications:,} replications of a cohort of {run.cohort_days:,} days; "
        "black lines: 95% intervals over replications.\nThe same buyers with the same luck in both; who inquires in at "
        "least one of both lives counts."
    )
    figure, axes = blank("Which buyers flip?", f"of 100 buyers who inquire: won only by {base} (left), only by {other}",
                         note, 2.6 + 0.62 * len(rows), "x")  # fmt: skip
    reach = 0.0
    for row, segment in enumerate(rows):
        for fate, side, position in ((ONLY_BASELINE, -1, _BASE), (ONLY_CHALLENGER, 1, _OTHER)):
            share = found.share(fate, segment=segment)
            reach = max(reach, *(abs(100 * end) for end in (share.value, *share.interval) if math.isfinite(end)), 0.01)
            axes.barh(row, side * 100 * share.value, height=0.55, color=colour(position))
            low, high = (side * 100 * end for end in share.interval)
            axes.plot([low, high], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
        gap, both = found.gap(segment=segment), found.share(BOTH, segment=segment)
        axes.annotate(
            f"{_points(gap)}", (1.03, row), xycoords=("axes fraction", "data"), va="bottom", fontweight="bold"
        )
        axes.annotate(f"won by both: {_percent(both)}", (1.03, row), xycoords=("axes fraction", "data"), va="top",
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


def partings(found: Twins) -> Figure:
    """Through what the lives that part do so, and how many of them flip."""
    table = found.divergences
    parted = table["parted"]
    names = [*(part.name for part in found.parts), EACH_NEEDED, NO_SINGLE]
    shares = {name: found.rate(table["mechanism"] == name, parted) for name in names}
    order = sorted((name for name in names if shares[name].value >= _LEAST), key=lambda name: -shares[name].value)
    intervals = "; black lines: 95% intervals over these" if found.detailed > 1 else ""
    note = (
        f"{found.scenario.name}: n = {int(parted.sum()):,} lives that part, of {len(table):,} buyers of the cohort in "
        f"{found.detailed:,} replications{intervals}.\nA mechanism is at work where both lives agree at the event as "
        "soon as it alone is taken back to the baseline's values.\nGained, lost: of the buyers whose lives part so, "
        f"those that only {words(found.challenger)} or only {words(found.baseline)} wins."
    )
    height = 2.9 + 0.52 * len(order)
    figure, axes = blank("Through what do lives part for the first time?",
                         f"% of the buyers whose lives differ between {words(found.baseline)} and "
                         f"{words(found.challenger)}", note, height, "x")  # fmt: skip
    axes.set_position((0.34, axes.get_position().y0 + 0.1 / height, 0.46, axes.get_position().height - 0.25 / height))
    reach = 1.0
    for row, name in enumerate(order):
        one = shares[name]
        axes.barh(row, 100 * one.value, height=0.5, color=FAINT if name in (EACH_NEEDED, NO_SINGLE) else colour(_OTHER))
        low, high = (100 * min(max(end, 0.0), 1.0) for end in one.interval)
        if math.isfinite(one.interval[0]):
            axes.plot([low, high], [row, row], color=INK, linewidth=1.3, solid_capstyle="butt", zorder=3)
            reach = max(reach, high)
        reach = max(reach, 100 * one.value)
        axes.annotate(at_work(name), (0, row), xycoords=("axes fraction", "data"), xytext=(-10, 5), ha="right",
                      va="bottom", textcoords="offset points", fontweight="bold")  # fmt: skip
        small = "\n".join(textwrap.wrap(meaning(name), 46)[:2])
        axes.annotate(small, (0, row), xycoords=("axes fraction", "data"), xytext=(-10, 3), ha="right", va="top",
                      textcoords="offset points", fontsize=7.2, color="#555555", linespacing=1.1)  # fmt: skip
        mine = table["mechanism"] == name
        for x, text in ((1.08, f"{100 * one.value:.0f}%" if one.value >= 0.0095 else f"{100 * one.value:.1f}%"),
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


def stories(found: Twins) -> Figure:
    """Each told buyer on two lines, one for each life, from its arrival on."""
    told = [(number, story) for number, story in enumerate(found.stories, start=1) if story.about]
    head, foot, panel = 0.85, 0.95, 1.9
    height = head + panel * len(told) + foot
    note = (
        f"{found.scenario.name}, seed {found.scenario.run.seed}: typical flips, chosen by rule; the dashed line: from "
        "here on both lives differ.\nstories.md tells them event by event."
    )
    shown = "days since arrival; the band darkens with each of the six stages"
    figure, _ = framed("The same buyer, two lives", shown, note, height)
    last = max(_day(story, life[-1]) for _, story in told for life in (story.baseline, story.challenger) if len(life))
    for place, (number, story) in enumerate(told):
        bottom = height - head - panel * (place + 1) + 0.45
        axes = figure.add_axes((0.155, bottom / height, 0.67, (panel - 0.85) / height))
        _story(axes, found, number, story, last)
    _legend(figure, height)
    return figure


def _story(axes: Axes, found: Twins, number: int, story: Story, last: float) -> None:
    about = story.about
    assert about is not None
    axes.set_title(f"{number}. {kind(found, story)}", loc="left", fontsize=10.5, fontweight="bold", pad=16)
    for height, name, life, position in ((1, found.baseline, story.baseline, _BASE),
                                         (0, found.challenger, story.challenger, _OTHER)):  # fmt: skip
        tint = colour(position)
        axes.annotate(fitted(words(name), 2, 16), (0, height), xycoords=("axes fraction", "data"), xytext=(-8, 0),
                      ha="right", va="center", textcoords="offset points", color=tint, fontweight="bold")  # fmt: skip
        if not len(life):
            axes.text(0.01 * last, height, "never comes", va="center", color=tint)
            continue
        days = np.array([_day(story, one) for one in life])
        _stages(axes, height, life, days)
        for activities, marker, size, filled, _ in _MARKS:
            here = np.isin(life["activity"], [int(one) for one in activities])
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


def _day(story: Story, one: np.void) -> float:
    return (int(one["at"]) - story.arrived_us) / DAY


def _points(gap: Estimate) -> str:
    low, high = gap.interval
    scale = scale_for("share", [gap.value], [high - gap.value])
    ends = f" [{scale.text(low, sign=True)}, {scale.text(high, sign=True)}]" if math.isfinite(low) else ""
    return f"{scale.text(gap.value, sign=True)}{ends}"


def _percent(one: Estimate) -> str:
    return "-" if not math.isfinite(one.value) else f"{100 * one.value:.1f}%"
