"""Cells of the tables that documents have of parameters."""

from collections.abc import Iterable, Mapping
from typing import Any

from simulator.scenario.schema import listed


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    named = list(head)
    return "\n".join([row(named), "| --- " * len(named) + "|", *map(row, rows)])


def row(cells: Iterable[str]) -> str:
    """One line of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def value_range(meta: Mapping[str, Any]) -> str:
    """The values that a parameter may have."""
    if meta["choices"]:
        return listed(meta["choices"])
    low, high = meta["low"], meta["high"]
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} to {'' if high is None else f'{high:g}'}"


def written(value: object) -> str:
    """A value as somebody types it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)
