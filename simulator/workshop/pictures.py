"""Figures as they stand in a page."""

import io

from matplotlib.figure import Figure

from simulator.faces.guesses_figure import guesses_figure
from simulator.faces.style import styled
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
    return svg(guesses_figure(tints, pairs, poll.lead, note))


def svg(figure: Figure) -> str:
    """A figure as a piece of HTML, as wide as there is room."""
    text = io.StringIO()
    with styled():
        figure.savefig(text, format="svg", metadata={"Date": None})
    whole = text.getvalue()
    return whole[whole.index("<svg") :]
