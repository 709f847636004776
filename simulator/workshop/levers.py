"""Levers of a workshop: what each moves, where it stops, and the scenario that comes of their positions.

A position is the number of a stop. That is all that a page sends, so no value that the scenario does not list can
come from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.scenario.checked import Checked
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL, Mechanisms
from simulator.scenario.paths import metadata_at, targets, type_at, value_at
from simulator.scenario.scenario import Scenario, check_equal_payroll
from simulator.scenario.schema import ScenarioError
from simulator.workshop.settings import Lever

#: Positions of levers by the key of each; a lever that is not named stands where the scenario has it.
Positions = Mapping[str, int]


@dataclass(frozen=True)
class Stop:
    """Where a slider stops.

    Attributes
    ----------
    text : as the room reads it, without the unit.
    settings : dotted path below the scenario -> value.
    """

    text: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Slider:
    """A lever of one organisation, or of all.

    Attributes
    ----------
    key : its name; with the organisation behind a slash if it has a slider for each.
    organisation : whose it is, "" for all.
    label, unit, meaning, source : what the room reads.
    mechanism : which one owns its keys; "" if none does.
    stops : in order.
    start : the stop at which the scenario has it.
    """

    key: str
    organisation: str
    label: str
    unit: str
    meaning: str
    source: str
    mechanism: str
    stops: tuple[Stop, ...]
    start: int

    def text(self, position: int) -> str:
        """A stop with its unit: 4 hours, 1 hour, 3,000 a year."""
        text = self.stops[position].text
        what, _, per = self.unit.partition("/")
        if what == "1":
            return f"{text} a {per}"
        return f"{text} {what.removesuffix('s') if text == '1' else what}{f' a {per}' if per else ''}".rstrip()


def sliders(scenario: Scenario) -> tuple[Slider, ...]:
    """All levers of a scenario, in its order; one for each organisation where a lever says so.

    Raises
    ------
    ScenarioError
        When a lever's path, option or stop is none that the schema allows.
    """
    all_sliders: list[Slider] = []
    for name, lever in scenario.workshop.levers.items():
        if bool(lever.path) == bool(lever.options):
            raise ScenarioError(
                f"workshop.levers.{name} must have either a path with stops or options, got "
                f"{'both' if lever.path else 'neither'}"
            )
        owners = list(scenario.organisations) if lever.each else [""]
        all_sliders += [_slider(scenario, name, lever, owner) for owner in owners]
    return tuple(all_sliders)


def moved(scenario: Checked, levers: Sequence[Slider], positions: Positions) -> Checked:
    """The scenario with the levers where they stand now.

    Raises
    ------
    ScenarioError
        When there is no such lever or stop, or when the values contradict each other.
    """
    changed = scenario.with_(settings_of(levers, positions))
    check_equal_payroll(changed, changed.compared())
    return changed


def settings_of(levers: Sequence[Slider], positions: Positions) -> dict[str, Any]:
    """Dotted path -> value of every setting of the levers that do not stand where the scenario has them."""
    by_key = {lever.key: lever for lever in levers}
    settings: dict[str, Any] = {}
    for key, position in positions.items():
        check_position(by_key, key, position)
        lever = by_key[key]
        if position != lever.start:
            settings |= lever.stops[position].settings
    return settings


def check_position(levers: Mapping[str, Slider], key: object, position: object) -> None:
    """Refuse a lever that there is not, and a stop that it has not, whatever was sent."""
    if not isinstance(key, str) or key not in levers:
        raise ScenarioError(f"a lever must be one of the {len(levers)} of the scenario, got {_quoted(key)}")
    stops = len(levers[key].stops)
    if isinstance(position, bool) or not isinstance(position, int) or not 0 <= position < stops:
        raise ScenarioError(f"{key} must stand at one of its {stops} stops, 0 to {stops - 1}, got {_quoted(position)}")


def _quoted(sent: object) -> str:
    """What somebody sent, short enough to be repeated."""
    text = repr(sent)
    return text if len(text) <= 60 else f"{text[:57]}..."


def overrides(levers: Sequence[Slider], positions: Positions) -> list[str]:
    """The same as settings of the command line."""
    return [f"{path}={_typed(value)}" for path, value in settings_of(levers, positions).items()]


def _typed(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _slider(scenario: Scenario, name: str, lever: Lever, owner: str) -> Slider:
    where = f"workshop.levers.{name}"
    stops = _options(scenario, where, lever, owner) if lever.options else _numbers(scenario, where, lever, owner)
    start = next((i for i, stop in enumerate(stops) if _holds(scenario, stop)), None)
    if start is None:  # only options: the scenario has a mixture that none of them names
        own = {path: value_at(scenario, path) for path in stops[0].settings}
        stops, start = (Stop("as it is", own), *stops), 0
    first = next(iter(stops[0].settings))
    about = metadata_at(scenario, first)
    mechanism = _owner_of(_below(first))
    named = f"{Mechanisms.__dataclass_fields__[mechanism].metadata['doc']}" if mechanism else about["doc"]
    return Slider(
        f"{name}/{owner}" if owner else name, owner, (lever.label or name).replace("_", " "),
        "" if lever.options else about["unit"], named if lever.options else about["doc"], about["source"], mechanism,
        tuple(stops), start,
    )  # fmt: skip


def _holds(scenario: Scenario, stop: Stop) -> bool:
    return all(value_at(scenario, path) == value for path, value in stop.settings.items())


def _numbers(scenario: Scenario, where: str, lever: Lever, owner: str) -> tuple[Stop, ...]:
    paths = targets(scenario, where, lever.path)
    if owner:
        if not lever.path.startswith("organisations.*."):
            raise ScenarioError(f"{where}.path must be organisations.*.<key> with each=true, got {lever.path!r}")
        paths = [path for path in paths if path.split(".")[1] == owner]
    kind = type_at(scenario, paths[0])
    if kind not in (int, float):
        raise ScenarioError(f"{where}.path must be the key of a number, got {lever.path!r}")
    own = {value_at(scenario, path) for path in paths}
    if len(own) > 1:
        raise ScenarioError(
            f"{where}.path must be a key that all organisations set alike, or say each=true, got {lever.path!r}: "
            f"{', '.join(f'{value:g}' for value in sorted(own))}"
        )
    for value in lever.stops:
        if kind is int and value != int(value):
            raise ScenarioError(f"{where}.stops must be whole numbers for {lever.path}, got {value:g}")
        _refuse_out_of_range(scenario, where, paths[0], value)
    values = sorted({kind(value) for value in lever.stops} | own)
    if len(values) < 2:
        raise ScenarioError(f"{where}.stops must name at least two values, got {len(values)}")
    about = metadata_at(scenario, paths[0])
    share = not about["unit"] and kind is float and (about["low"], about["high"]) == (0, 1)
    return tuple(Stop(f"{value:.0%}" if share else f"{value:,g}", dict.fromkeys(paths, value)) for value in values)


def _refuse_out_of_range(scenario: Scenario, where: str, path: str, value: float) -> None:
    about = metadata_at(scenario, path)
    low, high = about["low"], about["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        raise ScenarioError(f"{where}.stops must lie in the range of {path}, {low:g} to {high:g}, got {value:g}")


def _options(scenario: Scenario, where: str, lever: Lever, owner: str) -> tuple[Stop, ...]:
    stops = []
    for option, given in lever.options.items():
        settings: dict[str, Any] = {}
        for setting in given:
            key, equals, text = setting.partition("=")
            if not equals:
                raise ScenarioError(f"{where}.options.{option} must be settings key=value, got {setting!r}")
            path = f"organisations.{owner}.{key}" if owner else key
            paths = targets(scenario, f"{where}.options.{option}", path)
            kind = type_at(scenario, paths[0])
            try:
                settings |= dict.fromkeys(paths, kind(text) if kind in (int, float) else text)
            except ValueError:
                raise ScenarioError(f"{where}.options.{option} must give {key} a number, got {text!r}") from None
        stops.append(Stop(option.replace("_", " "), settings))
    if len({frozenset(stop.settings) for stop in stops}) > 1:
        raise ScenarioError(f"{where}.options must each set the same keys")
    if len(stops) < 2:
        raise ScenarioError(f"{where}.options must name at least two, got {len(stops)}")
    return tuple(stops)


def _below(path: str) -> str:
    """A key below an organisation or the market."""
    section, _, rest = path.partition(".")
    return rest.partition(".")[2] if section == "organisations" else rest


def _owner_of(key: str) -> str:
    owners = {**ORGANISATION_NEUTRAL, **MARKET_NEUTRAL}
    return next((name for name, keys in owners.items() if key in keys), "")


def refuse(scenario: Checked) -> None:
    """Refuse a workshop that cannot be, and levers: every stop of each is tried, alone.

    Raises
    ------
    ScenarioError
        One line naming the lever, the rule and the value.
    """
    if len(scenario.compared()) < 2:
        raise ScenarioError(
            f"compare.organisations must name at least two organisations for a workshop, got {scenario.compared()[0]}"
        )
    if scenario.run.replications < 2:
        raise ScenarioError(
            "run.replications must be at least 2 for a workshop, which shows intervals, "
            f"got {scenario.run.replications}"
        )
    if scenario.limit:
        raise ScenarioError(f"limit must be empty for a workshop, got {scenario.limit!r}")
    levers = sliders(scenario)
    if not levers:
        raise ScenarioError(
            "workshop.levers must name at least one lever, got none: say scenario=workshop, with market=... or other "
            "settings for other buyers"
        )
    for lever in levers:
        for position in range(len(lever.stops)):
            try:
                moved(scenario, levers, {lever.key: position})
            except ScenarioError as refused:
                raise ScenarioError(f"workshop.levers.{lever.key}, at {lever.text(position)}: {refused}") from refused
