"""Pieces of pages from templates; whatever is put into them is text, never markup, unless it was made here."""

import functools
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from simulator.questions.frame.numbers import words


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("simulator.workshop"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["words"] = words
    return made


def rendered(name: str, **parts: Any) -> str:
    """A template with its parts."""
    return _environment().get_template(name).render(**parts)


def static(name: str) -> str:
    """A file that pages hold as it is."""
    return files("simulator.workshop").joinpath("static", name).read_text(encoding="utf-8")
