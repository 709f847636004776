"""How a parameter is stated: default, unit, range, source and meaning in one place, and how a value is taken."""

import copyreg
import dataclasses
import difflib
import functools
import math
import numbers
import os
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from simulator.scenario.renamed import replacement


class ScenarioError(ValueError):
    """A value, file or column that the scenario may not have; the message is one line for the user."""


class ContradictionError(ScenarioError):
    """Values that each may be had, but not side by side: of a sweep's jobs, the others run."""


class UnknownKeyError(ScenarioError):
    """An attribute that the schema does not have; ``path`` is its key."""

    def __init__(self, path: str) -> None:
        super().__init__(f"unknown key {path}")
        self.path = path


def parameter(
    default: Any,
    doc: str,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    source: str = "assumption",
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
    """
    metadata = {"doc": doc, "unit": unit, "low": low, "high": high, "choices": choices, "source": source}
    if callable(default):
        return dataclasses.field(default_factory=default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


class _Shape(typing.NamedTuple):
    """A field of a schema's dataclass."""

    name: str
    hint: Any
    metadata: Mapping[str, Any]


@functools.cache
def _shapes(cls: type) -> tuple[_Shape, ...]:
    hints = typing.get_type_hints(cls)
    return tuple(_Shape(field.name, hints[field.name], field.metadata) for field in dataclasses.fields(cls))


#: Types of single values.
_SINGLE = frozenset({float, int, str, bool})

_NOTHING: Mapping[str, Any] = types.MappingProxyType({})


class Frozen:
    """A group of keys that was checked and stays as it is, as others may share it.

    It equals and reads like the dataclass that it is of. Copies, by ``copy`` or ``dataclasses.replace``, may change.
    """

    _plain: type

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError(f"{name} belongs to a checked scenario, which stays as it is: change a copy.deepcopy of it")

    def __delattr__(self, name: str) -> NoReturn:
        raise TypeError(f"{name} belongs to a checked scenario, which stays as it is: change a copy.deepcopy of it")

    @property
    def __class__(self) -> Any:
        return type(self)._plain

    @__class__.setter
    def __class__(self, kind: type) -> NoReturn:
        raise TypeError("a checked scenario stays as it is")

    def __reduce__(self) -> tuple[Any, ...]:
        kind = type(self)._plain
        return copyreg.__newobj__, (kind,), {shape.name: getattr(self, shape.name) for shape in _shapes(kind)}  # type: ignore[attr-defined]


@functools.cache
def _frozen(cls: type) -> type:
    return type(cls.__name__, (Frozen, cls), {"_plain": cls})


def taken(value: Any, hint: Any, where: str = "", metadata: Mapping[str, Any] = _NOTHING) -> Any:
    """A value as the schema has it, in a copy that stays: the right type, of stated fields, each within its range.

    Numbers of NumPy become Python's, whole numbers become floats where the schema has a number, paths become text.

    Parameters
    ----------
    value : whatever somebody set; nested dataclasses with all below them.
    hint : its type in the schema.
    where : its dotted key, for messages.
    metadata : what its ``parameter`` states.

    Raises
    ------
    ScenarioError
        One line: the field, the rule, the value given. `UnknownKeyError` for an attribute that there is not.
    """
    if hint in _SINGLE:
        if type(value) is not hint:
            value = _converted(value, hint, where)
        if metadata:
            _check_value(metadata, where, value)
        return value
    if dataclasses.is_dataclass(hint):
        return _taken_group(value, typing.cast(type, hint), where)
    origin = typing.get_origin(hint)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise _wrong(where, hint, value)
        below = typing.get_args(hint)[1]
        for name in value:
            if not isinstance(name, str):
                raise ScenarioError(f"{where} must have text as names, got {in_words(name)}")
        return {name: taken(item, below, f"{where}.{name}", metadata) for name, item in value.items()}
    if origin is list:
        if not isinstance(value, list | tuple):
            raise _wrong(where, hint, value)
        return [taken(item, typing.get_args(hint)[0], where, metadata) for item in value]
    if isinstance(hint, types.UnionType):
        if value is None:
            return None
        hint = next(arm for arm in typing.get_args(hint) if arm is not type(None))
        return taken(value, hint, where, metadata)
    raise TypeError(f"{where}: the schema has no values of {hint}")


def _taken_group(value: Any, cls: type, where: str) -> Any:
    if not isinstance(value, cls):
        raise _wrong(where, cls, value)
    given = vars(value)
    fresh: Any = object.__new__(_frozen(cls))
    held = vars(fresh)
    for name, hint, metadata in _shapes(cls):
        held[name] = taken(given.get(name), hint, f"{where}.{name}" if where else name, metadata)
    if len(given) > len(held):
        unknown = next(name for name in given if name not in held)
        raise UnknownKeyError(f"{where}.{unknown}" if where else unknown)
    return fresh


def _converted(value: Any, hint: Any, where: str) -> Any:
    """A value of another type that means the same, if there is one."""
    plain = value.item() if hasattr(value, "dtype") and getattr(value, "ndim", None) == 0 else value
    if type(plain) is hint:
        return plain
    if not isinstance(plain, bool):
        if hint is int and isinstance(plain, numbers.Integral):
            return int(plain)
        if hint is float and isinstance(plain, int):
            return float(plain) if abs(plain) < 2**1000 else math.inf
    if hint is str and isinstance(plain, str | os.PathLike):
        return os.fspath(plain)
    raise _wrong(where, hint, value)


def _wrong(where: str, hint: Any, value: Any) -> ScenarioError:
    return ScenarioError(f"{where or 'scenario'} must be {as_asked(hint)}, got {in_words(value)}")


def _check_value(metadata: Mapping[str, Any], where: str, value: Any) -> None:
    if choices := metadata.get("choices"):
        if value not in choices:
            raise ScenarioError(
                f"{where} must be one of {listed(choices)}, got {value!r}{_meant(where, value, choices)}"
            )
    elif type(value) is float or type(value) is int:
        low, high = metadata["low"], metadata["high"]
        if not math.isfinite(value):
            raise ScenarioError(f"{where} must be finite, got {value}")
        if (low is not None and value < low) or (high is not None and value > high):
            raise ScenarioError(f"{where} must {_range_in_words(low, high)}, got {value}")


def _meant(where: str, word: str, choices: Iterable[str]) -> str:
    new = replacement(f"{where.removesuffix('.name')}={word}")
    return f": it is {new} now" if new else meant(word, choices)


def meant(word: object, choices: Iterable[str]) -> str:
    """What was meant by a word that there is not, as the end of a sentence; "" if nothing is close."""
    close = difflib.get_close_matches(str(word), list(filter(None, choices)), n=1)
    return f": did you mean {close[0]}?" if close else ""


@functools.lru_cache(maxsize=4096)
def metadata_of(cls: type, name: str) -> Mapping[str, Any]:
    """What the schema says of one field of a dataclass; nothing of a name in a mapping."""
    shapes = _shapes(cls) if dataclasses.is_dataclass(cls) else ()
    return next((shape.metadata for shape in shapes if shape.name == name), _NOTHING)


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


def as_asked(hint: Any) -> str:
    """What a value must be, by its type in the schema."""
    if typing.get_origin(hint) is list:
        return "a list like [a, b]"
    if typing.get_origin(hint) is dict:
        below = typing.get_args(hint)[1]
        kind = getattr(below, "__name__", "").lower() if dataclasses.is_dataclass(below) else type_in_words(below)
        return f"names with {kind} keys below each"
    if dataclasses.is_dataclass(hint):
        return f"a group of keys ({', '.join(field.name for field in dataclasses.fields(hint))})"
    if isinstance(hint, types.UnionType):
        return " or ".join(map(as_asked, typing.get_args(hint)))
    return ("a " if hint in (int, float) else "") + type_in_words(hint)


def in_words(value: object) -> str:
    """A value as YAML spells it, text in quotes."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


#: Characters of a value in a message.
_LONGEST = 200
