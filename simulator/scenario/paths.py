"""Dotted paths into a scenario: which values a path stands for, what the schema says of them, how they are set.

A ``*`` stands for every name of a mapping: ``organisations.*.sales.attempts``.
"""

import dataclasses
import difflib
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.scenario.schema import ScenarioError, described

ALL = "*"

#: Where keys may be moved by a study or a lever.
SECTIONS = ("market", "organisations", "economics")


def targets(scenario: Any, where: str, path: str) -> list[str]:
    """The dotted paths of the values that a path stands for; ``where`` names the setting that holds it.

    Raises
    ------
    ScenarioError
        When there is no such key, with the closest one there is.
    """
    if path.partition(".")[0] not in SECTIONS:
        raise ScenarioError(f"{where}.path must be a key below market, organisations or economics, got {path!r}")
    found = list(_expanded(scenario, path.split(".")))
    if not found:
        close = difflib.get_close_matches(path, _starred(type(scenario)) - {path}, n=1)
        hint = f": did you mean {close[0]}?" if close else ""
        raise ScenarioError(f"{where}.path must be a key of the scenario, got {path!r}{hint}")
    return found


def value_at(node: Any, path: str) -> Any:
    """The value at a dotted path below nested dataclasses and mappings."""
    for part in path.split("."):
        node = _child(node, part)
    return node


def set_at(node: Any, path: str, value: Any) -> None:
    """Give the value at a dotted path another value."""
    parents, _, leaf = path.rpartition(".")
    setattr(value_at(node, parents) if parents else node, leaf, value)


def metadata_at(node: Any, path: str) -> Mapping[str, Any]:
    """What the schema says of a value: doc, unit, low, high, choices, source."""
    owner, leaf = _owner(node, path)
    return next(field.metadata for field in dataclasses.fields(owner) if field.name == leaf)


def type_at(node: Any, path: str) -> Any:
    """The type of a value in the schema."""
    owner, leaf = _owner(node, path)
    return typing.get_type_hints(owner)[leaf]


def _owner(node: Any, path: str) -> tuple[type, str]:
    parents, _, leaf = path.rpartition(".")
    return type(value_at(node, parents) if parents else node), leaf


def _starred(cls: type) -> set[str]:
    return {path.replace("<name>", ALL) for path, _ in described(cls)}


def _expanded(node: Any, parts: Sequence[str], path: str = "") -> Iterator[str]:
    """Dotted paths of the leaves that a path stands for; none if it is unknown."""
    if not parts:
        if not dataclasses.is_dataclass(node) and not isinstance(node, dict):
            yield path
        return
    first, *rest = parts
    if isinstance(node, dict):
        names = list(node) if first == ALL else [first] if first in node else []
    else:
        names = [first] if dataclasses.is_dataclass(node) and hasattr(node, first) else []
    for name in names:
        yield from _expanded(_child(node, name), rest, f"{path}.{name}".lstrip("."))


def _child(node: Any, name: str) -> Any:
    return node[name] if isinstance(node, dict) else getattr(node, name)
