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
