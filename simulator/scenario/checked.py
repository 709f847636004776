"""A checked scenario: made where things come in, and changed in one way, which checks what it changes.

>>> checked = check(scenario)  # all of it, once
>>> checked.with_({"run.seed": 7, "organisations.pods.handoff.sla_hours": 2.0})  # these two, and what rules join
"""

import functools
import re
from collections.abc import Mapping
from typing import Any

from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL
from simulator.scenario.paths import Names, hint_at, names_in, unknown_key, value_at
from simulator.scenario.rules import check_rules
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import Frozen, ScenarioError, UnknownKeyError, metadata_of, taken

_PLAIN_NAME = re.compile(r"[\w-]+")


class Checked(Frozen, Scenario):
    """A scenario of which each value and all rules between them are known to hold. Nobody changes it.

    `check` makes it, and `with_` another one of it, which shares all that did not change. ``copy.deepcopy`` gives a
    `Scenario` that may be changed, and is unchecked.
    """

    _plain = Scenario

    def with_(self, changes: Mapping[str, Any]) -> "Checked":
        """The same scenario with other values; what does not change is shared.

        The changed values are checked as at the door, each by itself, then the rules between values: all of them, as
        that takes a tenth of a millisecond.

        Parameters
        ----------
        changes : dotted key -> value, in order: a single value, or a group of keys with all below it, also one that a
            mapping did not have (``organisations.pods``).

        Raises
        ------
        ScenarioError
            As `check` does, in the same words.
        """
        root = _shallow(self)
        own: dict[str, Any] = {"": root}
        for path, value in changes.items():
            _set(own, path, _taken(self, value, path))
        return _ruled(root)

    def given(self, path: str, value: Any) -> Any:
        """A value that was given in place of the scenario's own at a key, checked as it; its own if None was given."""
        return value_at(self, path) if value is None else _taken(self, value, path)

    @functools.cached_property
    def lived(self) -> "Checked":
        """The scenario with every mechanism that is switched off at its neutral value."""
        changes = {
            f"organisations.{name}.{path}": value
            for mechanism, values in ORGANISATION_NEUTRAL.items()
            if not getattr(self.mechanisms, mechanism)
            for name in self.organisations
            for path, value in values.items()
        }
        changes |= {
            f"market.{path}": value
            for mechanism, values in MARKET_NEUTRAL.items()
            if not getattr(self.mechanisms, mechanism)
            for path, value in values.items()
        }
        if not changes:
            return self
        root = _shallow(self)
        own: dict[str, Any] = {"": root}
        for path, value in changes.items():
            _set(own, path, value)
        vars(root)["lived"] = root  # once applied, they change nothing
        return root


def check(scenario: Scenario) -> Checked:
    """The door: a scenario as somebody made it, checked from one end to the other, in a copy of its own.

    A `Checked` one is returned as it is. What is made of it is made by its ``with_``; only where something comes in
    (command line, file, Python) is this called.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value: a wrong type, an attribute that there is not, a value out of
        range, or settings that contradict each other.
    """
    if isinstance(scenario, Checked):
        return scenario
    plain = _taken(scenario, scenario)
    _refuse_names(plain)
    root = object.__new__(Checked)
    vars(root).update(vars(plain))
    return _ruled(root)


def check_replication(number: Any) -> int:
    """Which repetition, given beside a scenario; refused if it is no number of one."""
    return int(taken(number, int, "replication", {"low": 0, "high": 2**63 - 1}))


def _ruled(root: Checked) -> Checked:
    check_rules(root, root.lived)
    return root


def _refuse_names(scenario: Scenario) -> None:
    """Refuse names that a dotted key or a folder could not have."""
    for path, names in names_of(scenario).items():
        for name in names:
            if not _PLAIN_NAME.fullmatch(name):
                raise ScenarioError(f"{path} must have names of letters, digits, _ and -, got {name!r}")


def names_of(scenario: Scenario) -> Names:
    """The names in each mapping of a scenario, whatever state it is in."""

    def names_at(path: str) -> list[str]:
        try:
            return [str(name) for name in value_at(scenario, path)]
        except (AttributeError, KeyError, TypeError):
            return []

    return names_in(Scenario, names_at)


def _taken(scenario: Scenario, value: Any, path: str = "") -> Any:
    """A value as the schema has it at a path, or the whole scenario."""
    hint = hint_at(Scenario, path) if path else Scenario
    if hint is None:
        raise ScenarioError(unknown_key(Scenario, path, names_of(scenario)))
    parents, _, leaf = path.rpartition(".")
    owner = hint_at(Scenario, parents) if parents else Scenario
    try:
        return taken(value, hint, path, metadata_of(owner, leaf))
    except UnknownKeyError as fault:
        raise ScenarioError(unknown_key(Scenario, fault.path, names_of(scenario))) from fault


def _set(own: dict[str, Any], path: str, value: Any) -> None:
    """Set a value below nodes that are copied on the way there; ``own`` holds, by path, those that are."""
    parents, _, leaf = path.rpartition(".")
    _put(_own(own, parents), leaf, value)
    for below in [one for one in own if f"{one}.".startswith(f"{path}.")]:
        del own[below]


def _own(own: dict[str, Any], path: str) -> Any:
    if path not in own:
        parents, _, leaf = path.rpartition(".")
        holder = _own(own, parents)
        own[path] = _shallow(value_at(holder, leaf))
        _put(holder, leaf, own[path])
    return own[path]


def _shallow(node: Any) -> Any:
    if isinstance(node, dict):
        return dict(node)
    fresh = object.__new__(type(node))
    vars(fresh).update(vars(node))
    vars(fresh).pop("lived", None)
    return fresh


def _put(node: Any, leaf: str, value: Any) -> None:
    if isinstance(node, dict):
        node[leaf] = value
    else:
        vars(node)[leaf] = value
