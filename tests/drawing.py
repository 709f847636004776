"""Figures that are made but not drawn: drawing takes longer than the run that it shows."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from matplotlib.figure import Figure


@contextlib.contextmanager
def undrawn(*, laid_out: bool = False) -> Iterator[None]:
    """Let every figure's file hold nothing but how long its texts are; ``laid_out`` finds the place of everything."""

    def save(figure: Figure, file: Any, *_: Any, **how: Any) -> None:
        if laid_out:
            figure.draw_without_rendering()
        said = "".join(f"<text>{len(text.get_text())}</text>" for text in figure.texts)
        svg = f'<svg xmlns="http://www.w3.org/2000/svg">{said}</svg>' if how["format"] == "svg" else ""
        if hasattr(file, "write"):
            file.write(svg.encode() if "b" in getattr(file, "mode", "b") else svg)
        else:
            Path(file).write_text(svg, encoding="utf-8")

    with mock.patch.object(Figure, "savefig", save):
        yield
