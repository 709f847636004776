"""What may move, how far, and what is held: the free parameters of a fit, and points of the unit cube as their values.

A range is a prior: uniform, or uniform in the logarithm. A point of the unit cube is a parameter set by its quantiles.
"""

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.fit.lead_stream import LeadStream
from simulator.model.sizes import MAX_CHANNELS
from simulator.questions.frame.checks import check_names
from simulator.scenario.checked import Checked
from simulator.scenario.free import FreeParameter, parameters, with_values
from simulator.scenario.market import Channel
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.paths import ALL
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free

_FREE = "study.fit.free"
#: How a path names the organisation that the export comes from.
FITTED = "fitted"
#: Names of the parameters that are channels' shifts begin so.
FIT_OF = "fit of "


@dataclass(frozen=True)
class Prior:
    """The free parameters of a fit.

    Attributes
    ----------
    scenario : the question with every channel of the export in its market, run from the first lead to the export.
    organisation : the one that the export comes from.
    free : in the order of a point's coordinates.
    own : channels whose fit is fitted, as positions in the stream.
    held : name -> why it does not move, of what might be asked for.
    """

    scenario: Checked
    organisation: str
    free: Sequence[FreeParameter]
    own: Sequence[int]
    held: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.free)

    def values(self, point: NDArray[np.float64]) -> dict[str, float]:
        """The values of a point of the unit cube, by name, as they are run."""
        return {
            parameter.name: parameter.tried(float(_value(parameter, quantile)))
            for parameter, quantile in zip(self.free, point, strict=True)
        }

    def column(self, position: int, quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of one parameter at quantiles of its prior."""
        return np.array([_value(self.free[position], float(quantile)) for quantile in quantiles])

    def quantiles(self, values: Mapping[str, float]) -> NDArray[np.float64]:
        """The point of the unit cube that has these values."""
        return np.array([_quantile(parameter, values[parameter.name]) for parameter in self.free])

    def at(self, values: Mapping[str, float]) -> Checked:
        """The scenario with these values."""
        return with_values(self.scenario, self.free, values)


def fitted_organisation(scenario: Checked) -> str:
    """Name of the organisation that the export comes from."""
    return scenario.study.fit.organisation or scenario.compared()[0]


def check_free(scenario: Checked) -> None:
    """Refuse free parameters that cannot be fitted, before an export is read.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value.
    """
    settings = scenario.study.fit
    check_names("study.fit.organisation", [fitted_organisation(scenario)], "organisation", list(scenario.organisations))
    for name in settings.hold:
        if not name.startswith(FIT_OF):
            check_names("study.fit.hold", [name], "free parameter", list(settings.free))
    _found(scenario)


def prior_of(scenario: Checked, stream: LeadStream) -> Prior:
    """The prior of a scenario for a stream of leads.

    Raises
    ------
    ScenarioError
        As `check_free`, and when nothing is left to fit.
    """
    settings, names = scenario.study.fit, stream.arrivals.channels
    unknown = Channel(cost_per_inquiry_usd=0.0)
    channels = dict(scenario.market.channels)
    channels |= {name: dataclasses.replace(channels.get(name, unknown), closed=False) for name in names}
    if len(channels) > MAX_CHANNELS:  # nobody comes through the others
        channels = {name: one for name, one in channels.items() if name in names}
    check_names("study.fit.hold", [name.removeprefix(FIT_OF) for name in settings.hold if name.startswith(FIT_OF)],
                "channel of the export", names)  # fmt: skip
    sizes = Counter(stream.arrivals.channel.tolist())
    large = [place for place in range(len(names)) if sizes[place] >= settings.channel_leads]
    held = {name: "held by study.fit.hold" for name in settings.hold}
    held |= {
        f"{FIT_OF}{names[place]}": f"{sizes[place]:,} leads, fewer than study.fit.channel_leads"
        for place in range(len(names))
        if place not in large
    }
    own = [place for place in large if f"{FIT_OF}{names[place]}" not in held]
    shift = settings.channel_shift
    fits = {}
    for name in (names[place] for place in own):
        channels[name] = dataclasses.replace(channels[name], fit_shift=0.0)  # the present value must lie in its range
        fits[f"{FIT_OF}{name}"] = Free(f"market.channels.{name}.fit_shift", -shift, shift)
    changes: dict[str, Any] = {"market.leads.path": "leads.csv", "market.leads.enter_as": scenario.crm.enter_as}
    changes |= {"run.warm_up_days": 0, "run.follow_up_days": 0, "run.cohort_days": stream.days()}
    scenario = scenario.with_({"market.channels": channels, **changes})
    free = parameters(scenario, _FREE, fits) + [
        parameter for parameter in _found(scenario) if parameter.name not in held
    ]
    if not free:
        raise ScenarioError("study.fit.free must leave at least one parameter to fit, got none")
    return Prior(scenario, fitted_organisation(scenario), free, own, held)


def _found(scenario: Checked) -> list[FreeParameter]:
    """The free parameters but for channels, checked."""
    organisation = fitted_organisation(scenario)
    given = {}
    for name, given_free in scenario.study.fit.free.items():
        paths = [_placed(f"{_FREE}.{name}", path.strip(), organisation) for path in given_free.path.split(",")]
        given[name] = dataclasses.replace(given_free, path=",".join(paths))
    return parameters(scenario, _FREE, given)


def _placed(where: str, path: str, organisation: str) -> str:
    """A path with the organisation's name in it, if it may be fitted."""
    section, _, below = path.partition(".")
    name, _, key = below.partition(".")
    if section == "market" and name != "leads":
        return path
    if section != "organisations":
        raise ScenarioError(
            f"{where}.path must be a key below market, organisations.* or organisations.{FITTED}, got {path!r}"
        )
    if name in (FITTED, organisation):
        return f"organisations.{organisation}.{key}"
    owner = next((mechanism for mechanism, keys in ORGANISATION_NEUTRAL.items() if key in keys), None)
    if name != ALL or owner:
        why = f", as {owner} sets organisations apart" if owner else ""
        raise ScenarioError(
            f"{where}.path must be organisations.{FITTED}.{key}: of other organisations nothing is fitted{why}, "
            f"got {path!r}"
        )
    return path


def _value(parameter: FreeParameter, quantile: float) -> float:
    if parameter.whole:
        return float(min(int(parameter.low + quantile * (parameter.high - parameter.low + 1)), int(parameter.high)))
    if parameter.log:
        return math.exp(math.log(parameter.low) + quantile * (math.log(parameter.high) - math.log(parameter.low)))
    return parameter.low + quantile * (parameter.high - parameter.low)


def _quantile(parameter: FreeParameter, value: float) -> float:
    if parameter.whole:
        return (value - parameter.low + 0.5) / (parameter.high - parameter.low + 1)
    if parameter.log:
        return (math.log(value) - math.log(parameter.low)) / (math.log(parameter.high) - math.log(parameter.low))
    return (value - parameter.low) / (parameter.high - parameter.low)
