"""In what assumptions organisations differ, mechanism by mechanism, with meaning, unit and source of each."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.differing import leaves
from simulator.questions.frame.event_words import at_work, meaning
from simulator.questions.frame.numbers import began, listed, pay_in_words, words
from simulator.questions.frame.without_mechanism import parts_of
from simulator.scenario.checked import Checked
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL, Mechanisms
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import payroll_usd_per_year
from simulator.scenario.schema import described


@dataclass(frozen=True)
class Assumption:
    """One key in which organisations differ.

    Attributes
    ----------
    key : below an organisation.
    values : of each organisation, in words.
    unit, doc, source : as the schema states them; the source is the default's.
    """

    key: str
    values: tuple[str, ...]
    unit: str
    doc: str
    source: str


@dataclass(frozen=True)
class Group:
    """The keys of one mechanism, or of none."""

    name: str
    meaning: str
    assumptions: tuple[Assumption, ...]


def differences(scenario: Checked, names: Sequence[str]) -> list[Group]:
    """In what organisations differ from the first one once the switches are applied.

    Mechanisms come in the order of the schema; what none of them owns comes last.
    """
    lived = scenario.lived.organisations
    values = {name: dict(leaves(dataclasses.asdict(lived[name]))) for name in names}
    keys: dict[str, dict[str, None]] = {name: {} for name in (*ORGANISATION_NEUTRAL, REST)}
    for other in names[1:]:
        for part in parts_of(scenario, names[0], other):
            keys[part.name] |= dict.fromkeys(part.values)
    known = {path: field.metadata for path, field in described(Organisation)}
    return [
        Group(
            began(at_work(mechanism)),
            meaning(mechanism),
            tuple(
                Assumption(key, tuple(_value(values[name].get(key)) for name in names), about["unit"], about["doc"],
                           about["source"])
                for key in found
                for about in [known[_path(key, known)]]
            ),
        )
        for mechanism, found in keys.items()
        if found
    ]  # fmt: skip


def shared(scenario: Checked, names: Sequence[str]) -> list[str]:
    """What is the same for all: who is paid what, mechanisms that are on alike, and those that are off."""
    lived = scenario.lived.organisations
    differ = {part.name for other in names[1:] for part in parts_of(scenario, names[0], other)}
    on = [name for name in Mechanisms.__dataclass_fields__ if getattr(scenario.mechanisms, name)]
    off = [words(name) for name in Mechanisms.__dataclass_fields__ if name not in on]
    alike = [words(name) for name in on if name in ORGANISATION_NEUTRAL and name not in differ]
    market = [words(name) for name in on if name in MARKET_NEUTRAL]
    said = [pay_in_words({name: payroll_usd_per_year(lived[name]) for name in names}) + "."]
    if alike:
        said.append(f"On, and set alike in all: {listed(alike)}.")
    if market:
        said.append(f"On, and part of the market that all of them meet: {listed(market)}.")
    said.append(f"Off, at neutral values everywhere: {listed(off)}." if off else "No mechanism is switched off.")
    return said


def _path(key: str, known: Any) -> str:
    """A key as the schema has it: a name in a mapping reads ``<name>``."""
    parts = key.split(".")
    return key if key in known else ".".join((parts[0], "<name>", *parts[2:]))


def _value(value: Any) -> str:
    if value is None or value in ("", []):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,.6g}" if isinstance(value, int | float) else words(str(value))
