"""Figures that are made but not drawn: drawing takes longer than the run that it shows."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from xml.sax.saxutils import escape

from matplotlib.figure import Figure


@contextlib.contextmanager
def saved_as(text_of: Callable[[Figure], str]) -> Iterator[None]:
    """Let every figure be saved as an SVG file that holds this text of it, and every PNG be empty."""

    def save(figure: Figure, file: Any, *_: Any, **how: Any) -> None:
        said = escape(text_of(figure))
        svg = how.get("format", "svg") == "svg"
        text = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{said}</text></svg>' if svg else ""
        if hasattr(file, "write"):
            file.write(text if hasattr(file, "encoding") else text.encode())
        else:
            Path(file).write_text(text, encoding="utf-8")

    with mock.patch.object(Figure, "savefig", save):
        yield


@contextlib.contextmanager
def undrawn(*, laid_out: bool = False) -> Iterator[None]:
    """Let every figure's file say nothing but how long its texts are; ``laid_out`` finds the place of everything."""

    def lengths(figure: Figure) -> str:
        if laid_out:
            figure.draw_without_rendering()
        return " ".join(str(len(text.get_text())) for text in figure.texts)

    with saved_as(lengths):
        yield
