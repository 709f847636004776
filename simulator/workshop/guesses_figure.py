"""What people guessed, beside what came of it."""

import io
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from simulator.questions.frame.numbers import words
from simulator.questions.frame.report.inline_svg import inline
from simulator.questions.frame.style import FAINT, INK, blank, styled
from simulator.workshop.rounds import Lead
from simulator.workshop.session import Poll, Session

#: Who guessed that there is no real difference.
NO_DIFFERENCE = ""


def guesses_figure(tints: Mapping[str, str], guesses: Sequence[tuple[str, float]], lead: Lead, note: str) -> Figure:
    """Who was guessed to win most, and by how much; and who does.

    Parameters
    ----------
    tints : the organisations that were compared, in order, each with its colour.
    guesses : (organisation, or "" for no real difference; percentage points ahead of the next one) of each guesser.
    lead : who leads by how much, measured.
    note : n, and what was run.
    """
    with styled():
        circles = "1 guess (circle)" if len(guesses) == 1 else f"{len(guesses):,} guesses (circles)"
        rows = [*tints, NO_DIFFERENCE]
        figure, axes = blank(
            "Who wins the largest share of the inquiries, and by how much?",
            f"{circles} beside what came of it (diamond with its 95% interval), points ahead",
            note, 2.6 + 0.62 * len(rows), "x",
        )  # fmt: skip
        low, high = (100 * end for end in lead.ahead.interval)
        winner = rows.index(lead.first)
        for place, name in enumerate(rows):
            tint = tints.get(name, FAINT)
            own = sorted(points for first, points in guesses if first == name)
            heights = _stacked(own, 0.2)
            axes.plot(own, [place + 0.14 - 0.09 * height for height in heights], "o", color=tint, markersize=8,
                      alpha=0.75, markeredgecolor="white", linestyle="none")  # fmt: skip
            axes.annotate(f"{len(own):,} of {len(guesses):,}", (1.02, place), xycoords=("axes fraction", "data"),
                          va="center", color=tint, fontweight="bold")  # fmt: skip
        if low == low:  # one replication has no interval
            axes.plot([max(low, 0), high], [winner + 0.32] * 2, color=INK, linewidth=2.2, solid_capstyle="butt")
        axes.plot(100 * lead.ahead.value, winner + 0.32, "D", color=INK, markersize=9)
        axes.annotate(f"measured: {100 * lead.ahead.value:.2f}", (100 * lead.ahead.value, winner + 0.32),
                      xytext=(0, -16), textcoords="offset points", ha="center", color=INK)  # fmt: skip
        axes.set_yticks(range(len(rows)), [words(name) or "no real\ndifference" for name in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        most = max([100 * lead.ahead.value, high if high == high else 0, *(points for _, points in guesses), 1.0])
        axes.set_xlim(-0.03 * most, 1.06 * most)
        axes.set_xlabel("percentage points of the inquiries ahead of the next one")
        axes.spines["left"].set_visible(False)
    return figure


def _stacked(values: Sequence[float], width: float) -> list[int]:
    """How many circles below lie too near, for each of the ascending values."""
    heights: list[int] = []
    for place, value in enumerate(values):
        taken = {heights[i] for i in range(place) if value - values[i] < width}
        heights.append(next(height for height in range(place + 1) if height not in taken))
    return heights


def guesses_svg(session: Session, poll: Poll) -> str:
    """The guesses of a round beside what came of it."""
    shown = poll.round
    run = shown.comparison.scenario.run
    note = (
        f"{shown.comparison.scenario.name}, round {shown.number}: {run.replications:,} repetitions, seed {run.seed}; "
        "the interval is of luck only.\nA diamond stands beside the organisation that wins most."
    )
    tints = {name: session.tint(name) for name in shown.setting.organisations}
    pairs = [(guess.first, guess.points) for guess in poll.guesses.values()]
    figure = guesses_figure(tints, pairs, poll.lead, note)
    return svg(figure, f"guesses-{shown.number}", "What the room guessed, beside what came of it")


def svg(figure: Figure, name: str, title: str) -> str:
    """A figure as a piece of HTML, with a title for who cannot see it; ``name`` is its own on its page."""
    text = io.StringIO()
    with styled():
        figure.savefig(text, format="svg", metadata={"Date": None})
    return inline(text.getvalue(), name, title)
