"""Free parameters: which values of a scenario a study may set.

A path names one value (``market.trust.initial``), one value for all organisations (``organisations.*.sales.attempts``),
or, with a ``*`` below the market, a factor on the value of each name (``market.segments.*.patience_median_days``).
Several keys, separated by commas, move together.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.scenario.checked import Checked
from simulator.scenario.paths import ALL, metadata_at, targets, type_at, value_at
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free, Study

#: Significant digits of the values that are tried, so that what is written is what was run.
_DIGITS = 4


@dataclasses.dataclass(frozen=True)
class FreeParameter:
    """A parameter that may be set.

    Attributes
    ----------
    targets : the dotted paths that ``path`` stands for in the scenario at hand.
    default : the scenario's own value; 1 for a factor.
    whole : takes whole numbers only.
    factor : multiplies the value of each target.
    """

    name: str
    path: str
    targets: tuple[str, ...]
    default: float
    low: float
    high: float
    log: bool
    whole: bool
    factor: bool

    def tried(self, value: float) -> float:
        """The value as it is run: with few digits and within its range; the default as it is."""
        if value == self.default or self.whole:
            return value
        return min(max(_rounded(value), self.low), self.high)


def parameters(scenario: Scenario, where: str, free: Mapping[str, Free]) -> list[FreeParameter]:
    """What a study may set, checked; ``where`` is the key that names it, for messages.

    Raises
    ------
    ScenarioError
        When a path is unknown, holds no number or different ones, is set twice, or its range is not valid.
    """
    found: list[FreeParameter] = []
    taken: dict[str, str] = {}
    for name, one in free.items():
        found.append(_resolved(scenario, f"{where}.{name}", name, one))
        for target in found[-1].targets:
            if target in taken:
                raise ScenarioError(f"{where}.{name}.path must not set {target}, which {taken[target]} sets")
            taken[target] = name
    return found


def with_values(scenario: Checked, parameters: Sequence[FreeParameter], values: Mapping[str, float]) -> Checked:
    """The scenario with free parameters set, by name; it asks no question of its own.

    Raises
    ------
    ScenarioError
        When these values contradict each other.
    """
    return scenario.with_({"study": Study(), **settings_of(scenario, parameters, values)})


def settings_of(
    scenario: Scenario, parameters: Sequence[FreeParameter], values: Mapping[str, float]
) -> dict[str, float]:
    """Dotted path -> value of every setting that the values change or confirm."""
    settings: dict[str, float] = {}
    for parameter in parameters:
        value = values[parameter.name]
        for target in parameter.targets:
            if not parameter.factor:
                settings[target] = int(value) if parameter.whole else value
            else:
                own = value_at(scenario, target)
                settings[target] = own if value == 1.0 else _held(_rounded(own * value), metadata_at(scenario, target))
    return settings


def unit(scenario: Scenario, parameter: FreeParameter) -> str:
    """Unit of a free parameter's values; "" for pure numbers, and for factors."""
    return "" if parameter.factor else str(metadata_at(scenario, parameter.targets[0])["unit"])


def meaning(scenario: Scenario, parameter: FreeParameter) -> str:
    """What a free parameter is, as the schema says it of the first key that it sets."""
    return str(metadata_at(scenario, parameter.targets[0])["doc"])


def _resolved(scenario: Scenario, where: str, name: str, free: Free) -> FreeParameter:
    found: list[str] = []
    for path in paths_of(free):
        found += targets(scenario, where, path)
    factors = {path.startswith("market.") and ALL in path.split(".") for path in paths_of(free)}
    if len(factors) > 1:
        raise ScenarioError(f"{where}.path must name values or factors, not both, got {free.path!r}")
    factor = factors.pop()
    hints = {type_at(scenario, target) for target in found}
    if not hints <= ({float} if factor else {float, int}) or len(hints) > 1:
        kind = "a number that can be multiplied" if factor else "a number"
        raise ScenarioError(f"{where}.path must be the key of {kind}, got {free.path!r}")
    own = [value_at(scenario, target) for target in found]
    if not factor and len(set(own)) > 1:
        listed = ", ".join(f"{value:g}" for value in own)
        alike = "a key that all organisations set alike" if len(paths_of(free)) == 1 else "keys that hold the same"
        raise ScenarioError(f"{where}.path must be {alike}, got {free.path!r}: {listed}")
    parameter = FreeParameter(
        name, free.path, tuple(found), 1.0 if factor else own[0], free.low, free.high, free.log, hints == {int},
        factor,
    )  # fmt: skip
    for target in found:
        metadata = {} if free.clip and factor else metadata_at(scenario, target)
        _check_range(where, parameter, value_at(scenario, target), metadata)
    return parameter


def paths_of(free: Free) -> list[str]:
    """The keys that a free parameter moves."""
    return [path.strip() for path in free.path.split(",")]


def _check_range(where: str, free: FreeParameter, own: float, metadata: Mapping[str, Any]) -> None:
    """Refuse a range that is empty, leaves the schema's, or does not hold the present value."""
    if free.low >= free.high:
        raise ScenarioError(f"{where}.low must be below high {free.high:g}, got {free.low:g}")
    if free.log and free.low <= 0:
        raise ScenarioError(f"{where}.low must be above 0 on a logarithmic scale, got {free.low:g}")
    if free.factor and free.low <= 0:
        raise ScenarioError(f"{where}.low must be above 0, as a factor, got {free.low:g}")
    if free.whole and (free.low != int(free.low) or free.high != int(free.high)):
        raise ScenarioError(f"{where} must have whole numbers as low and high, got {free.low:g} and {free.high:g}")
    unit = own if free.factor else 1.0
    for end, value, bound in (("low", free.low * unit, "low"), ("high", free.high * unit, "high")):
        limit = metadata.get(bound)
        if limit is not None and (value < limit if end == "low" else value > limit):
            rule = "at least" if end == "low" else "at most"
            raise ScenarioError(f"{where}.{end} must keep {free.path} {rule} {limit:g}, got {value:g}")
    if not free.low <= free.default <= free.high:
        raise ScenarioError(
            f"{where} must hold the present {'factor' if free.factor else 'value'} {free.default:g} between low and "
            f"high, got {free.low:g} to {free.high:g}"
        )


def _held(value: float, metadata: Mapping[str, Any]) -> float:
    """The value, or the end of its key's range that it would pass."""
    low, high = metadata["low"], metadata["high"]
    return max(value if high is None else min(value, high), -math.inf if low is None else low)


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
