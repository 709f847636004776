"""Changing a scenario that may be changed, as a user of Python does."""

from typing import Any

from simulator.scenario.paths import value_at


def set_at(scenario: Any, path: str, value: Any) -> None:
    """Give the value at a dotted path another value."""
    parents, _, leaf = path.rpartition(".")
    setattr(value_at(scenario, parents) if parents else scenario, leaf, value)
