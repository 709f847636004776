"""The record of rules: every number that engines read, as it was when a person last looked at the difference.

``rules_record.txt`` holds a digest of each entry over shipped and random scenarios. A new key adds a line, a changed
conversion changes one: ``python -m tests.engines.test_rules`` writes it anew.
"""

import copy
import dataclasses
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.engines.lowering import RULES_DTYPE, lower_organisation
from simulator.engines.lowering.rules import CHOSEN, declared
from simulator.scenario.checked import Checked
from simulator.scenario.composing import load_scenario
from simulator.scenario.organisation import Organisation, Team
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import parameter

RECORD = Path(__file__).parent / "rules_record.txt"
SHIPPED = ("baseline", "enterprise", "replay", "transition", "limits/erlang_c", "limits/group")


def as_checked(scenario: Scenario) -> Checked:
    """Taken as checked though its random values may contradict each other, which the record does not mind."""
    taken = object.__new__(Checked)
    vars(taken).update(vars(scenario))
    return taken


def records() -> Iterator[Any]:
    """The rules of every shipped organisation, and of random ones; also those that a reorganisation brings."""
    for name in SHIPPED:
        scenario = load_scenario(name)
        for organisation in scenario.organisations:
            yield from _records(scenario, organisation)
    yield lower_organisation(as_checked(load_scenario("replay")), "relay_race").setup(1, 0).rules
    for case in range(20):
        yield from _records(_random_scenario(case), "first")


def _records(scenario: Scenario, organisation: str) -> Iterator[Any]:
    lowered = lower_organisation(as_checked(scenario), organisation)
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
    for own in dataclasses.fields(node):
        value, luck = getattr(node, own.name), random.Random(f"{path}.{own.name}")
        if dataclasses.is_dataclass(value):
            _vary(value, f"{path}.{own.name}")
        elif isinstance(value, dict):
            for name, item in value.items():
                _vary(item, f"{path}.{own.name}.{name}")
        elif own.metadata.get("choices"):
            setattr(node, own.name, luck.choice(own.metadata["choices"]))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            low, high = own.metadata["low"] or 0, min(own.metadata["high"] or 10, 10_000)
            high = 40 if own.name == "headcount" else high
            setattr(node, own.name, luck.randint(low, high) if isinstance(value, int) else luck.uniform(low, high))


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


def test_the_end_of_a_name_is_its_unit() -> None:
    scenario = copy.deepcopy(load_scenario("baseline"))
    chosen = scenario.organisations["relay_race"]
    chosen.handoff.routing_hours, chosen.sales.retry_days, chosen.content.hours_per_asset = 1.5, 0.5, 2.0
    chosen.content.half_life_days, chosen.effort.mail_minutes, chosen.sales.attempts = 12.0, 7.0, 3
    scenario.market.group.rule = "champion"
    rules = lower_organisation(as_checked(scenario), "relay_race").rules
    assert (rules.routing_minutes, rules.asset_half_life_days, rules.mail_minutes) == (90.0, 12.0, 7.0)
    assert (rules.retry_us, rules.asset_us) == (43_200_000_000, 7_200_000_000)
    assert (rules.attempts, rules.group_rule) == (3, 2)


def test_a_reorganisation_replaces_what_an_organisation_chooses_but_not_its_reviews() -> None:
    assert {"routing_minutes", "retry_us", "workday_us", "skill", "access", "dip", "reps_for_marketing"} <= set(CHOSEN)
    assert not {"review_us", "step_days", "elasticity", "knowledge", "channels"} & set(CHOSEN)


@dataclass
class Part:
    gain: float = parameter(0.5, "a number", low=0, high=1)
    steps: int = parameter(3, "a whole number")
    open: bool = parameter(True, "a switch")
    word: str = parameter("b", "a word", choices=("a", "b"))
    wait_days: float = parameter(1.0, "a duration", unit="days", rule="wait_us")
    hidden: float = parameter(1.0, "what others are worked out of", rule="")
    name: str = parameter("", "a text")


@dataclass
class Owner:
    part: Part = field(default_factory=Part)
    channels: dict[str, Part] = field(default_factory=dict)


def test_what_is_plain_is_declared_and_nothing_else() -> None:
    owner = Owner(Part(open=False, wait_days=0.25))
    entries = declared(Part)[""]
    assert {entry.name: (entry.kind, entry.read(owner.part)) for entry in entries} == {
        "gain": ("f8", 0.5), "steps": ("i8", 3), "open": ("i8", False), "word": ("i8", 1),
        "wait_us": ("i8", 21_600_000_000),
    }  # fmt: skip


def test_two_parameters_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match=r"channels.<name>.gain must have a rule of its own, got 'gain', .* part.gain"):
        declared(Owner)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (parameter(list, "texts", rule="names"), "must be a single number, switch or word to be a rule, got 'names'"),
        (parameter(1.0, "a time", unit="minutes", rule="wait_days"), "in a unit that minutes turn into"),
    ],
)
def test_what_cannot_be_a_rule_is_refused(wrong: Any, message: str) -> None:
    kind = list if wrong.default is dataclasses.MISSING else float
    with pytest.raises(TypeError, match=message):
        declared(dataclasses.make_dataclass("Wrong", [("key", kind, wrong)]))


if __name__ == "__main__":
    RECORD.write_text(as_text(digests()), encoding="utf-8")
