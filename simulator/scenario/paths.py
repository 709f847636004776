"""Dotted paths into a scenario: which values a path stands for, what the schema says, what an unknown one meant.

A ``*`` stands for every name of a mapping: ``organisations.*.sales.attempts``.
"""

import dataclasses
import difflib
import functools
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from simulator.scenario.renamed import replacement
from simulator.scenario.schema import ScenarioError, described

ALL = "*"

#: Where keys may be moved by a study or a lever.
SECTIONS = ("market", "organisations", "economics")

#: Keys that take the name of a building block.
GROUPS = ("scenario", "organisation", "market", "leads", "crm", "study")

#: Path of a mapping -> the names in it: organisations, channels, segments of the scenario at hand.
Names = Mapping[str, Iterable[str]]


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


# --- keys of the schema -----------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def hint_at(root: Any, path: str) -> Any:
    """Type of the schema's key at a dotted path below a dataclass, ``None`` if there is none."""
    hint = root
    for part in path.split("."):
        if typing.get_origin(hint) is dict:
            hint = typing.get_args(hint)[1]
        elif dataclasses.is_dataclass(hint):
            hint = typing.get_type_hints(hint).get(part)
        else:
            return None
    return hint


def names_in(root: type, children: Callable[[str], Iterable[str] | None]) -> Names:
    """The names in every mapping of a scenario; ``children`` gives those at a dotted path, None if nothing is there."""
    found: dict[str, Iterable[str]] = {}
    for mapping in _mappings(root):
        outer, inner, below = mapping.partition(".<name>")
        for path in [f"{outer}.{name}{below}" for name in found.get(outer, ())] if inner else [outer]:
            found[path] = [str(name) for name in children(path) or ()]
    return found


@functools.cache
def _mappings(root: type) -> list[str]:
    """Dotted paths of the schema's mappings, outer ones first."""
    paths = (path for path, _ in described(root))
    return list(dict.fromkeys(path[: at.start()] for path in paths for at in re.finditer(r"\.<name>", path)))


def unknown_key(root: type, path: str, names: Names) -> str:
    """The refusal of a key that the schema does not have, with what replaced it or could have been meant."""
    if new := replacement(path):
        return f"unknown key {path}: it is {new} now"
    if path.startswith("hydra."):
        return f"unknown key {path}: see --hydra-help"
    if not path:
        return "there must be a key before =, as in run.seed=1"
    if path in GROUPS:
        return f"{path} takes the name of a building block, as in scenario=baseline"
    meant, siblings = _closest(root, path.split("."), names)
    if meant == path:  # all is well but for a name that the scenario does not have
        mapping, name = new_name(root, path, names)
        there_are = ", ".join(names.get(mapping, ())) or "none"
        return f"unknown key {path}: {mapping} has no {name!r} (there are {there_are})"
    if not meant or "." not in path:  # a key by its last name alone; the one that lies highest
        leaf = path.rpartition(".")[2]
        elsewhere = [known for known, _ in described(root) if known.rpartition(".")[2] == leaf]
        highest = min((known.count(".") for known in elsewhere), default=0)
        elsewhere = [known for known in elsewhere if known.count(".") == highest]
        meant = "".join(difflib.get_close_matches(path, elsewhere, n=1, cutoff=0)) or meant
    if meant:
        return f"unknown key {path}: did you mean {meant}?"
    return f"unknown key {path}" + (f": there are {', '.join(siblings)}" if siblings else "")


def new_name(root: type, path: str, names: Names) -> tuple[str, str]:
    """The mapping on the way down a path that does not hold the name asked of it, and that name."""
    parts = path.split(".")
    for depth in range(1, len(parts)):
        mapping, name = ".".join(parts[:depth]), parts[depth]
        if typing.get_origin(hint_at(root, mapping)) is dict and name not in names.get(mapping, ()):
            return mapping, name
    return path.rpartition(".")[0], path.rpartition(".")[2]


def _closest(root: type, parts: Sequence[str], names: Names) -> tuple[str, list[str]]:
    """The nearest known path, or "" and what could stand where the first unknown part stands."""
    hint: Any = root
    meant: list[str] = []
    for part in parts:
        children = _children(hint, ".".join(meant), names)
        close = [part] if part in children else difflib.get_close_matches(part, children, n=1)
        if not close and typing.get_origin(hint) is dict:
            close = [part]  # a name of the user's own: what follows may be wrong
        if not close and len(parts) == 1:
            close = difflib.get_close_matches(part, GROUPS, n=1)
        if not close:
            return "", children
        meant.append(close[0])
        hint = hint_at(root, ".".join(meant))
    return ".".join(meant), []


def _children(hint: Any, path: str, names: Names) -> list[str]:
    if typing.get_origin(hint) is dict:
        return list(names.get(path, ()))
    return [field.name for field in dataclasses.fields(hint)] if dataclasses.is_dataclass(hint) else []
