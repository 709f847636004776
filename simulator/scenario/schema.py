"""How a parameter is stated: default, unit, range, source and meaning in one place, and how it is checked."""

import copy
import dataclasses
import math
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any

#: What nobody can change, so that copies share it.
_PLAIN = frozenset({float, int, str, bool, type(None)})


class ScenarioError(ValueError):
    """A value, file or column that the scenario may not have; the message is one line for the user."""


def parameter(
    default: Any,
    doc: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    source: str = "assumption",
    rule: str | None = None,
    mechanism: str = "",
    neutral: Any = None,
) -> Any:
    """A dataclass field that states a parameter.

    Parameters
    ----------
    default : value, or a zero-argument callable for mutable defaults.
    doc : what it means, one sentence.
    unit : unit of the value, "" for pure numbers and words.
    low, high : closed range of valid values; ``None`` leaves that side open.
    choices : valid words.
    source : author and year, or "assumption".
    rule : name under which engines read it, in the unit that the name ends in; by itself the field's own name, "" if
        they read only what is worked out from it (`simulator.engines.lowering.rules`).
    mechanism : the switch that puts it at ``neutral`` (`simulator.scenario.mechanisms`), "" for none.
    neutral : value without friction; by itself the default.

    Raises
    ------
    TypeError
        If default or neutral value cannot be had, or a neutral value has no switch.
    """
    metadata = {"doc": doc, "unit": unit, "low": low, "high": high, "choices": choices, "source": source,
                "rule": rule, "mechanism": mechanism, "neutral": default if neutral is None else neutral}  # fmt: skip
    if neutral is not None and not mechanism:
        raise TypeError(f"a neutral value needs the mechanism whose switch brings it, got {neutral!r} for {doc!r}")
    if not callable(default):
        if type(metadata["neutral"]) is not type(default):
            raise TypeError(f"a neutral value must be of the default's type, got {neutral!r} for {doc!r}")
        for value in (default, metadata["neutral"]):
            try:
                _check_value(metadata, repr(doc), value)
            except ScenarioError as error:
                raise TypeError(f"a declaration contradicts itself: {error}") from None
    if callable(default):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def copied(node: Any) -> Any:
    """A copy that shares nothing that could be changed, in a quarter of the time of ``copy.deepcopy``."""
    kind = type(node)
    if kind in _PLAIN:
        return node
    if kind is list:
        return [copied(item) for item in node]
    if kind is dict:
        return {key: copied(item) for key, item in node.items()}
    if not dataclasses.is_dataclass(kind):
        return copy.deepcopy(node)
    fresh = object.__new__(kind)
    vars(fresh).update({name: copied(value) for name, value in vars(node).items()})
    return fresh


def check_ranges(node: Any, path: str = "") -> None:
    """Refuse the first value below ``node`` that leaves its stated range or choices.

    Raises
    ------
    ScenarioError
        One line: the field, the rule, the value given.
    """
    for field in dataclasses.fields(node):
        value, where = getattr(node, field.name), f"{path}.{field.name}".lstrip(".")
        if dataclasses.is_dataclass(value):
            check_ranges(value, where)
        elif isinstance(value, dict):
            for key, item in value.items():
                if dataclasses.is_dataclass(item):
                    check_ranges(item, f"{where}.{key}")
        else:
            _check_value(field.metadata, where, value)


def _check_value(metadata: typing.Mapping[str, Any], where: str, value: Any) -> None:
    if choices := metadata.get("choices"):
        for word in value if isinstance(value, list) else [value]:
            if word not in choices:
                raise ScenarioError(f"{where} must be one of {listed(choices)}, got {word!r}")
    for number in value if isinstance(value, list) else [value]:
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue
        low, high = metadata.get("low"), metadata.get("high")
        if not math.isfinite(number):
            raise ScenarioError(f"{where} must be finite, got {number}")
        if (low is not None and number < low) or (high is not None and number > high):
            raise ScenarioError(f"{where} must {_range_in_words(low, high)}, got {number}")


def listed(choices: Iterable[str]) -> str:
    """Words to choose from; an empty one is shown as a pair of quotes."""
    return ", ".join(word or '""' for word in choices)


def _range_in_words(low: float | None, high: float | None) -> str:
    if high is None:
        return f"be at least {_in_words(low)}"
    if low is None:
        return f"be at most {_in_words(high)}"
    return f"lie in [{_in_words(low)}, {_in_words(high)}]"


def _in_words(bound: Any) -> str:
    return f"{bound:,d}" if isinstance(bound, int) else f"{bound:,g}"


def described(cls: type, path: str = "") -> Iterator[tuple[str, dataclasses.Field[Any]]]:
    """All parameters below a dataclass as (dotted path, field); a name in a mapping reads ``<name>``."""
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        where, hint = f"{path}.{field.name}".lstrip("."), hints[field.name]
        if dataclasses.is_dataclass(hint):
            yield from described(typing.cast(type, hint), where)
        elif typing.get_origin(hint) is dict and dataclasses.is_dataclass(typing.get_args(hint)[1]):
            yield from described(typing.get_args(hint)[1], f"{where}.<name>")
        else:
            yield where, field


def default_at(cls: type, path: str) -> Any:
    """Default of a parameter by its dotted path as ``described`` gives it, where an owner may set its own."""
    node, hint = cls(), cls
    for part in path.split("."):
        if part == "<name>":
            hint = typing.get_args(hint)[1]
            node = hint()
        else:
            hint = typing.get_type_hints(type(node))[part]
            node = getattr(node, part)
    return node


def type_in_words(hint: Any) -> str:
    """A type hint as a user reads it."""
    if isinstance(hint, types.UnionType):
        return " or ".join(type_in_words(arm) for arm in typing.get_args(hint))
    return {float: "number", int: "whole number", str: "text", bool: "true or false", type(None): "null"}.get(
        hint, str(hint)
    )
