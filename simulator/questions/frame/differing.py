"""In which keys two organisations differ."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from simulator.questions.frame.arms import without_description
from simulator.scenario.organisation import Organisation


def differing(one: Organisation, other: Organisation) -> Iterator[tuple[str, Any, Any]]:
    """Keys in which two organisations differ, with both values; None where one has no such key."""
    left, right = (dict(leaves(dataclasses.asdict(without_description(each)))) for each in (one, other))
    for path in dict.fromkeys((*left, *right)):
        if left.get(path) != right.get(path):
            yield path, left.get(path), right.get(path)


def leaves(node: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and value of everything in nested mappings."""
    for key, value in node.items():
        where = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            yield from leaves(value, where)
        else:
            yield where, value
