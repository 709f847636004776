"""Figures as they stand in a page."""

import io

from matplotlib.figure import Figure

from simulator.questions.frame.report.inline_svg import inline
from simulator.questions.frame.style import styled
from simulator.workshop.guesses_figure import guesses_figure
from simulator.workshop.session import Poll, Session


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
