"""The index of the mechanisms, and the tables of their pages: ``docs/mechanisms.md``, ``docs/mechanisms/<switch>.md``.

A page is written by hand, but for what stands between its marks: its keys, with others that it speaks of, and their
sources.
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from simulator.documents.cells import table, value_range, written
from simulator.scenario.composing import load_scenario
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL, Mechanisms
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import described

FOLDER = Path(__file__).parents[2] / "docs" / "mechanisms"

#: What a page has, in this order.
SECTIONS = ("What it does", "What it costs", "Where its numbers come from", "How to try it", "Its keys")

#: Where a page has its tables. Sections or single keys may be named that the mechanism works with but does not own.
_KEYS = re.compile(r"(<!-- keys(?: and ([^\n]*?))? -->\n).*?(<!-- end of keys -->)", re.DOTALL)
_SOURCES = re.compile(r"(<!-- sources -->\n).*?(<!-- end of sources -->)", re.DOTALL)

_BELOW_ONE = "organisations.<name>."
#: Path of a key, and what the schema says of it.
_Key = tuple[str, "dataclasses.Field[Any]"]


def mechanisms_page(switches: type = Mechanisms) -> str:
    """The index: a line for each mechanism."""
    rows = [
        [f"[{one.name}](mechanisms/{one.name}.md)", one.metadata["doc"], str(len(neutral(one.name))),
         one.metadata["off"]]
        for one in dataclasses.fields(switches)
    ]  # fmt: skip
    return f"""\
<!-- made by `make docs`; do not edit -->

# Mechanisms

A mechanism is one way in which organisations or markets work differently. Each has a page: what it does, what it costs,
where its numbers come from, how to try it, and its keys.

`mechanisms.<name>=false` puts the keys that a mechanism owns at their neutral values, in every organisation.
Hold the table of such a run beside that of `python -m simulator run.replications=4`, which has all of them at work: the
buyers are the same. `python -m simulator study=ablation` switches each one off, and all but each one.

{table(["mechanism", "what it is", "keys", "switched off"], rows)}
"""


def mechanism_page(name: str) -> str:
    """A mechanism's page, its tables made anew."""
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    marks = _KEYS.search(page)
    keys = _keys(name, (marks[2] or "").split() if marks else [])
    page = _SOURCES.sub(lambda marks: _between(marks, _sources(keys)), page)
    return _KEYS.sub(lambda marks: _between(marks, _values(name, keys)), page)


def pages() -> dict[str, Callable[[], str]]:
    """File below ``docs`` -> what makes it: the index, and a page for each mechanism."""
    named = {f"mechanisms/{one.name}.md": functools.partial(mechanism_page, one.name) for one in _switches()}
    return {"mechanisms.md": mechanisms_page, **named}


def neutral(name: str) -> dict[str, object]:
    """Keys that a mechanism owns -> their neutral values."""
    owned = {f"{_BELOW_ONE}{path}": value for path, value in ORGANISATION_NEUTRAL.get(name, {}).items()}
    return owned | {f"market.{path}": value for path, value in MARKET_NEUTRAL.get(name, {}).items()}


def _switches() -> Iterable["dataclasses.Field[Any]"]:
    return dataclasses.fields(Mechanisms)


def _keys(name: str, others: list[str]) -> list[_Key]:
    """The mechanism's own keys first, then the others that its page names."""
    keys, owned = list(described(Scenario)), neutral(name)
    chosen = [key for key in keys if key[0] in owned]
    for other in others:
        found = [key for key in keys if other in (key[0], key[0].rpartition(".")[0]) and key not in chosen]
        if not found:
            raise SystemExit(f"docs/mechanisms/{name}.md names {other}, which is no further key or section")
        chosen += found
    return chosen


def _between(marks: "re.Match[str]", text: str) -> str:
    return f"{marks[1]}\n{text}\n\n{marks[len(marks.groups())]}"


def _sources(keys: list[_Key]) -> str:
    rows = [[f"`{path}`", field.metadata["doc"], field.metadata["source"]] for path, field in keys]
    return table(["key", "meaning", "source"], rows)


def _values(name: str, keys: list[_Key]) -> str:
    """What holds while the mechanism is off, and the values in the shipped organisations and their market."""
    organisations = list(_baseline().organisations)
    groups = [
        ([key for key in keys if key[0].startswith(_BELOW_ONE)], organisations),
        ([key for key in keys if not key[0].startswith(_BELOW_ONE)], [""]),
    ]
    if not any(path.startswith(_BELOW_ONE) for path in neutral(name)):
        groups.reverse()
    off = Mechanisms.__dataclass_fields__[name].metadata["off"]
    parts = [f"Switched off (`mechanisms.{name}=false`): {off}. Values are those of `scenario=baseline`."]
    for chosen, owners in groups:
        if chosen:
            rows = [
                [*_about(name, *key), *(_value(_baseline(), _of(owner, key[0])) for owner in owners)] for key in chosen
            ]
            parts.append(table(["key", "unit", "range", "neutral", *(owner or "value" for owner in owners)], rows))
    if len(keys) > len(neutral(name)):
        parts.append(
            "A key without a neutral value stays as it is when the switch is off; a link leads to the mechanism that "
            "owns it."
        )
    return "\n\n".join(parts)


def _about(name: str, path: str, field: "dataclasses.Field[Any]") -> list[str]:
    """A key, and what is neutral: its own mechanism's value, or a link to another one's page."""
    owner = field.metadata["mechanism"]
    neutral_value = f"[{owner}]({owner}.md)" if owner else ""
    if owner == name:
        neutral_value = f"`{written(neutral(name)[path])}`"
    return [f"`{path}`", field.metadata["unit"], value_range(field.metadata), neutral_value]


def _of(organisation: str, path: str) -> str:
    return path.replace("<name>", organisation, 1) if organisation else path


@functools.cache
def _baseline() -> Scenario:
    return load_scenario("baseline")


def _value(node: Any, path: str) -> str:
    """The value at a path; of what there can be several, each one's, or the one that all have."""
    for at, part in enumerate(parts := path.split(".")):
        if part == "<name>":
            below = ".".join(parts[at + 1 :])
            each = {name: _value(one, below) for name, one in node.items()}
            if len(set(each.values())) == 1:
                return next(iter(each.values()))
            return ", ".join(f"{name} {value}" for name, value in each.items())
        node = node[part] if isinstance(node, dict) else getattr(node, part)
    return f"`{written(node)}`"
