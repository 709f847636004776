"""Says in one line what is wrong with a setting: what Hydra, OmegaConf and YAML report, in the words of the schema."""

import dataclasses
import difflib
import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf.errors import OmegaConfBaseException

from simulator.scenario.paths import Names, hint_at, new_name, unknown_key
from simulator.scenario.renamed import replacement
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError, as_asked, in_words

#: What composing can raise because of something a user wrote.
FAULTS = (HydraException, OmegaConfBaseException, yaml.YAMLError, ValueError, OSError, RecursionError)

#: Group -> names of its building blocks.
Options = Mapping[str, Sequence[str]]


def refusal(fault: BaseException, *, names: Names | None = None, options: Options | None = None) -> ScenarioError:
    """The fault as a ``ScenarioError`` of one line.

    Parameters
    ----------
    fault : what was raised while composing.
    names : names that the scenario's mappings hold, for suggestions.
    options : building blocks by group, for suggestions.
    """
    names, options = names or {}, options or {}
    if isinstance(fault, ScenarioError):
        return fault
    if isinstance(fault, RecursionError):
        return ScenarioError("a file names itself, directly or by way of another, or is nested too deeply")
    if isinstance(fault, yaml.MarkedYAMLError) and fault.problem_mark is not None:
        mark = fault.problem_mark
        return ScenarioError(f"{mark.name}, line {mark.line + 1}: not valid YAML: {fault.problem}")
    if isinstance(fault, yaml.reader.ReaderError):
        return ScenarioError(f"{fault.name}: not valid YAML: character #x{int(fault.character):04x} is not allowed")
    if isinstance(fault, MissingConfigException) and fault.missing_cfg_file:
        return ScenarioError(_unknown_option(str(fault.missing_cfg_file), fault.options or (), options))
    if isinstance(fault, OverrideParseException):
        return ScenarioError(
            f"cannot read {fault.override!r}: write key=value, lists as key=[a,b], quote odd characters"
        )
    first, last = str(fault), _cause(fault)
    if found := re.match(r"Ambiguous value for argument '(.*)'", first):
        return ScenarioError(f"{found[1]} gives several values: add --multirun to sweep, or write a list as key=[a,b]")
    if found := re.match(r"Sweep parameters '(.*)' requires", first):
        return ScenarioError(f"{found[1]} gives several values: add --multirun to sweep over them")
    if "Config group override must be" in first:
        return ScenarioError(f"{', '.join(options)} take the name of a building block, as in scenario=baseline")
    typed = re.match(
        r"(?:Could not override '|Could not delete from config\. '|Error merging override [+~]*)([^'=]*)", first
    )
    written = re.match(r"In '(.*?)': \w+ raised while composing config:\n", first)
    place = f" (in {written[1]}.yaml)" if written else ""
    text = str(last)[written.end() :] if written else str(last)
    full_key = re.search(r"full_key: (\S+)", text)
    key = typed[1].lstrip("~") if typed else full_key[1] if full_key else ""
    return ScenarioError(
        (_in_schema_words(key, text, last, names) or f"{key}: {_first_line(text)}".lstrip(": ")) + place
    )


def suggests_names(fault: BaseException) -> bool:
    """Whether the refusal of a fault gets better by knowing the scenario's names."""
    return re.search(r"Key '|is not a subclass|Could not (override|delete)", str(_cause(fault))) is not None


def _in_schema_words(key: str, text: str, fault: BaseException, names: Names) -> str:
    """What is wrong with the value of a key, or "" when the fault is of no known kind."""
    if found := re.match(r"Key '(.*)' (?:not in|is not in struct)", text):
        inside = _is_group(hint_at(Scenario, key)) and not key.endswith(f".{found[1]}")
        return unknown_key(Scenario, f"{key}.{found[1]}" if inside else key, names)
    if re.match(r"Could not (override|delete)", text):
        return unknown_key(Scenario, key, names)
    if found := re.match(r"Key (.*) \(\w+\) is incompatible with \(str\)", text):
        return f"{key.rpartition('.')[0]} must have text as names, got {found[1].lower()}: put it in quotes"
    if "does not support deletion" in text:
        return f"{key} cannot be deleted: only single organisations, teams, channels and segments can"
    if "has missing mandatory value" in text:
        return f"{key} must be {as_asked(hint_at(Scenario, key))}, got ???"
    if re.match(r"Invalid type assigned: dict is not a subclass", text):
        mapping, name = new_name(Scenario, key, names)
        how = f"with +organisation@{mapping}.{name}=integrated or " if mapping == "organisations" else ""
        there_are = _listed(names.get(mapping, ()))
        return f"{mapping} has no {name!r} to change (there are {there_are}): add it {how}in a scenario's file"
    return _wrong_type(key, text, fault) if key else ""


def _is_group(hint: Any) -> bool:
    return dataclasses.is_dataclass(hint) or typing.get_origin(hint) is dict


def _cause(fault: BaseException) -> BaseException:
    while fault.__cause__ is not None:
        fault = fault.__cause__
    return fault


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "not a valid setting")


def _unknown_option(path: str, siblings: Sequence[str], options: Options) -> str:
    group, _, option = path.removesuffix(".yaml").partition("/")
    if group == "hydra":
        subgroup, _, option = option.rpartition("/")
        group = f"hydra/{subgroup}"
    if new := replacement(f"{group}={option}"):
        return f"unknown {group} {option!r}: it is {new} now"
    there_are = list(options.get(group, siblings))
    close = difflib.get_close_matches(option, there_are, n=1)
    suggestion = f": did you mean {close[0]}?" if close else ""
    return f"unknown {group} {option!r}{suggestion} (there are {_listed(there_are)})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"


def _wrong_type(key: str, text: str, fault: BaseException) -> str:
    """What a key takes and what it got, or "" when the fault is of another kind."""
    given = re.match(r"Value '(.*)' (?:of type '(\w+)' could|is not a valid bool \(type (\w+)\))", text, re.DOTALL)
    if given:
        kind = given[2] or given[3]
        value = repr(given[1]) if kind == "str" else given[1].lower() if kind == "bool" else given[1]
    elif re.match(r"field '.*' is not Optional|Incompatible value 'None'", text):
        value = "null"
    elif re.match(
        r"Invalid (value|type) assigned|Cannot assign|.* is not a (ListConfig|DictConfig|subclass)|Cannot merge", text
    ):
        assigned = getattr(fault, "value", None)
        value = in_words(assigned) if assigned is not None else "another kind of value"
    else:
        return ""
    hint = hint_at(Scenario, key)
    words = f""": to mean the word, quote it ("null" in YAML, {key}='"null"' on the command line)"""
    meant = words if (hint, value) == (str, "null") else ""
    return f"{key} must be {as_asked(hint)}, got {value}{meant}" if hint is not None else ""
