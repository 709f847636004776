"""What a question tells and draws of a result, as a reader sees it."""

import io

from rich.console import Console

from simulator.questions.frame.style import styled
from simulator.questions.frame.terminal import show


def printed(question, result, width=140, **console):
    """Its blocks on a terminal of this width."""
    out = io.StringIO()
    show(question.told(result), Console(file=out, width=width, **console))
    return out.getvalue()


def drawn(question, result):
    """Its figures by name."""
    with styled():
        return {name: drawing() for name, drawing in question.figures(result).items()}


def texts(figure):
    """Everything a figure says, from its title to its axes."""
    inside = [text.get_text() for axes in figure.axes for text in axes.texts]
    labels = [label for axes in figure.axes for label in (axes.get_xlabel(), axes.get_ylabel())]
    ticks = [text.get_text() for axes in figure.axes for text in axes.get_yticklabels()]
    return "\n".join([text.get_text() for text in figure.texts] + inside + labels + ticks)
