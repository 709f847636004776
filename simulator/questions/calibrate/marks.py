"""What figures of an export share: its names, as they may be shown, and a line that says what marks are."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from simulator.questions.frame.style import WIDTH_INCHES
from simulator.questions.read_crm.tell import shown

#: Inches of a letter of a key, of its mark, and between two of its marks.
_LETTER, _MARK, _GAP = 0.068, 0.26, 0.22
_HIGH = 0.2

#: A mark of a key: how it is drawn (as `Axes.plot` takes it; ``line`` is drawn along), and what it is.
Mark = tuple[dict[str, Any], str]


def plainly(text: str, characters: int = 60) -> str:
    """A name of an export on one line of a figure: cut to so many characters, and a $ in it is no formula."""
    return shown(text, characters).replace("$", r"\$")


def key(figure: Figure, left: float, top: float, marks: Sequence[Mark]) -> None:
    """Marks and what they are, on a line.

    Parameters
    ----------
    left, top : inches from the figure's left and upper edge to the line's left end and its middle.
    """
    height = figure.get_figheight()
    width = WIDTH_INCHES - left
    axes = figure.add_axes((left / WIDTH_INCHES, 1 - (top + _HIGH / 2) / height, width / WIDTH_INCHES, _HIGH / height))
    axes.set_xlim(0, width)
    axes.set_ylim(0, 1)
    axes.axis("off")
    x = 0.0
    for look, text in marks:
        along = "marker" not in look
        axes.plot([x, x + _MARK] if along else [x + _MARK / 2], [0.5, 0.5] if along else [0.5], **look)
        axes.text(x + _MARK + 0.07, 0.5, text, va="center", fontsize=8.5, color="#444444")
        x += _MARK + 0.07 + _LETTER * len(text) + _GAP
