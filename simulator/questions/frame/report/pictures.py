"""Figures for a page: as drawings where they are small enough, else as images."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import escape

from simulator.questions.frame.report.inline_svg import inline

#: A drawing larger than this is shown as an image; all together take no more than ``_ALL_BYTES``.
_DRAWING_BYTES, _ALL_BYTES = 400_000, 1_200_000


@dataclass(frozen=True)
class Drawn:
    """A figure in its two files, and what it says: its title first, then what is shown, then its note."""

    name: str
    svg: Path
    png: Path
    says: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A figure as HTML, and whether it is a drawing."""

    name: str
    title: str
    markup: str
    is_drawing: bool


def pictures(drawn: Sequence[Drawn]) -> tuple[list[Picture], list[str]]:
    """Every figure that fits, in order, and what was left out or made coarser.

    A drawing that would take too much of the page becomes an image; an image that would, too, is left out.
    """
    made: list[Picture] = []
    left_out: list[str] = []
    room = _ALL_BYTES
    for one in drawn:
        title, about = (one.says[0] if one.says else one.name), " ".join(" ".join(one.says[1:]).split())
        markup = inline(one.svg.read_text(encoding="utf-8"), f"figure-{one.name}", title, about)
        is_drawing = len(markup.encode()) <= min(_DRAWING_BYTES, room)
        if not is_drawing:
            markup = _image(one.png, f"{title} {about}")
        if len(markup) > room:
            left_out.append(f"The figure “{title}”: see figures/{one.name}.png.")
            continue
        if not is_drawing:
            left_out.append(f"The figure “{title}” as a drawing: here it is an image; see figures/{one.name}.svg.")
        room -= len(markup)
        made.append(Picture(one.name, title, markup, is_drawing))
    return made, left_out


def _image(png: Path, alt: str) -> str:
    data = base64.b64encode(png.read_bytes()).decode()
    return f'<img class="figure" alt="{escape(alt)}" src="data:image/png;base64,{data}">'
