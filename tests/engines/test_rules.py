"""The record of rules: every number that engines read, as it was when a person last looked at the difference.

``rules_record.txt`` holds a digest of each entry over shipped and random scenarios. A new key adds a line, a changed
conversion changes one: ``python -m tests.engines.test_rules`` writes it anew.
"""

import copy
import dataclasses
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from simulator.engines.lowering import RULES_DTYPE, lower_organisation
from simulator.scenario.composing import load_scenario
from simulator.scenario.organisation import Organisation, Team
from simulator.scenario.scenario import Scenario

RECORD = Path(__file__).parent / "rules_record.txt"
SHIPPED = ("baseline", "enterprise", "replay", "transition", "limits/erlang_c", "limits/group")


def records() -> Iterator[Any]:
    """The rules of every shipped organisation, and of random ones; also those that a reorganisation brings."""
    for name in SHIPPED:
        scenario = load_scenario(name)
        for organisation in scenario.organisations:
            yield from _records(scenario, organisation)
    yield lower_organisation(load_scenario("replay"), "relay_race").setup(1, 0).rules
    for case in range(20):
        yield from _records(_random_scenario(case), "first")


def _records(scenario: Scenario, organisation: str) -> Iterator[Any]:
    lowered = lower_organisation(scenario, organisation)
    yield lowered.rules
    if lowered.after is not None:
        yield lowered.after


def _random_scenario(case: int) -> Scenario:
    """Every number of market and organisations anywhere in its range, by its own luck: a new key moves no other."""
    scenario = copy.deepcopy(load_scenario("baseline"))
    luck = random.Random(case)
    _vary(scenario.market, f"{case}.market")
    first, second = Organisation(), Organisation()
    _vary(first, f"{case}.first")
    _vary(second, f"{case}.second")
    if luck.random() < 0.5:
        names = list(scenario.market.segments)
        first.teams = {"one": Team(names[:1], 2, 1, 3), "two": Team(names[1:], 1, 4, 2)}
    first.calendar.always_on = luck.random() < 0.3
    first.reorganisation.to = luck.choice(["", "second"])
    scenario.organisations = {"first": first, "second": second}
    for switch in dataclasses.fields(scenario.mechanisms):
        setattr(scenario.mechanisms, switch.name, luck.random() < 0.8)
    return scenario


def _vary(node: Any, path: str) -> None:
    for field in dataclasses.fields(node):
        value, luck = getattr(node, field.name), random.Random(f"{path}.{field.name}")
        if dataclasses.is_dataclass(value):
            _vary(value, f"{path}.{field.name}")
        elif isinstance(value, dict):
            for name, item in value.items():
                _vary(item, f"{path}.{field.name}.{name}")
        elif field.metadata.get("choices"):
            setattr(node, field.name, luck.choice(field.metadata["choices"]))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            low, high = field.metadata["low"] or 0, min(field.metadata["high"] or 10, 10_000)
            high = 40 if field.name == "headcount" else high
            setattr(node, field.name, luck.randint(low, high) if isinstance(value, int) else luck.uniform(low, high))


def digests() -> dict[str, str]:
    """A digest of each entry of the record, by its name."""
    every = list(records())
    return {name: hashlib.sha256(b"".join(_bytes(one[name]) for one in every)).hexdigest()[:16]
            for name in sorted(RULES_DTYPE.names or ())}  # fmt: skip


def _bytes(entry: Any) -> bytes:
    kind = np.asarray(entry)
    return kind.dtype.str.encode() + np.ascontiguousarray(kind).tobytes()


def as_text(entries: dict[str, str]) -> str:
    return "".join(f"{name} {digest}\n" for name, digest in entries.items())


def test_every_entry_is_what_it_was() -> None:
    assert as_text(digests()) == RECORD.read_text(encoding="utf-8")


if __name__ == "__main__":
    RECORD.write_text(as_text(digests()), encoding="utf-8")
