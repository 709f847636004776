"""Design points to gaps: the same buyers in several organisations, wherever a design puts the assumptions.

A `Space` says what may move, and how far; a design is a list of points in it (name -> value); `explored` runs them.
Every point has the same seed and replications, so that what differs between two points is what their values do.
"""

import dataclasses
import functools
import hashlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.arms import Arm, Found, Tell, estimated
from simulator.questions.frame.runs import Simulate
from simulator.results.estimate import Estimate, half_widths
from simulator.results.metric import Metric
from simulator.scenario.checked import Checked
from simulator.scenario.free import FreeParameter, parameters, with_values
from simulator.scenario.mechanisms import MARKET_NEUTRAL, ORGANISATION_NEUTRAL
from simulator.scenario.run import Run
from simulator.scenario.scenario import check_equal_payroll
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free

if TYPE_CHECKING:
    import pandas as pd

#: In a path, whichever organisation is compared.
BASELINE, CHALLENGER = "<baseline>", "<challenger>"

#: A point of a design: the value of every parameter, by name.
Values = Mapping[str, float]

#: Columns of a table of points, besides one for each parameter.
BEFORE = ("scenario", "design", "point")
AFTER = ("metric", "unit", "baseline", "organisation", "baseline_estimate", "organisation_estimate", "gap", "ci_low",
         "ci_high", "replications")  # fmt: skip

#: Scenarios of points that are kept while their runs are under way.
_SCENARIOS_KEPT = 64


@dataclass(frozen=True)
class Space:
    """What a study moves, and between which organisations it looks.

    Attributes
    ----------
    scenario : checked; its own values are the present ones.
    organisations : to be run at each point, the baseline first.
    where : the key that names the parameters, for messages.
    parameters : in the order of the axes.
    """

    scenario: Checked
    organisations: tuple[str, ...]
    where: str
    parameters: tuple[FreeParameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(one.name for one in self.parameters)

    @property
    def present(self) -> dict[str, float]:
        """The scenario's own values."""
        return {one.name: one.default for one in self.parameters}

    def values(self, units: NDArray[np.float64]) -> list[dict[str, float]]:
        """Points from float64[points, parameters] in [0, 1]: 0 is the low end of a range, 1 the high end.

        Between them values are spread evenly, or evenly in their logarithm; whole numbers are equally likely.
        """
        return [
            {one.name: value_at(one, float(u)) for one, u in zip(self.parameters, row, strict=True)} for row in units
        ]

    def at(self, values: Values) -> Checked:
        """The scenario with these values.

        Raises
        ------
        ScenarioError
            One line: the values, and why the scenario's own checks refuse them.
        """
        try:
            scenario = with_values(self.scenario, self.parameters, values)
            check_equal_payroll(scenario, list(self.organisations))
        except ScenarioError as refused:
            at = ", ".join(f"{name} {value:g}" for name, value in values.items())
            raise ScenarioError(f"{self.where} at {at}: {refused}") from refused
        return scenario


@dataclass(frozen=True)
class Explored:
    """What was found at one point.

    Attributes
    ----------
    found : estimates of each organisation, in the order of the space.
    """

    values: Values
    found: tuple[Found, ...]

    def gap(self, metric: Metric, organisation: int = 1) -> Estimate:
        """An organisation, by its place, less the baseline."""
        return self.found[organisation][metric.key] - self.found[0][metric.key]


@dataclass(frozen=True)
class Response:
    """The gap of one metric over a design, and how sure it is.

    Attributes
    ----------
    gap : float64[points].
    left_out : float64[replications, points], without each replication.
    half : float64[points], half of its 95% interval.
    sign : 1 where more is better, -1 where less is.
    """

    gap: NDArray[np.float64]
    left_out: NDArray[np.float64]
    half: NDArray[np.float64]
    sign: int

    @classmethod
    def of(cls, metric: Metric, points: Sequence[Explored]) -> "Response":
        """The gaps of a metric at points that were explored."""
        gaps = [point.gap(metric) for point in points]
        left_out = np.array([gap.left_out for gap in gaps]).T
        return cls(np.array([gap.value for gap in gaps]), left_out, half_widths(left_out), better(metric))

    @property
    def wins(self) -> NDArray[np.bool_]:
        """Where the challenger is better, sure or not."""
        return np.asarray(self.sign * self.gap > 0)

    @property
    def losses(self) -> NDArray[np.bool_]:
        """Where the challenger is worse, sure or not."""
        return np.asarray(self.sign * self.gap < 0)

    @property
    def sure_wins(self) -> NDArray[np.bool_]:
        """Where the interval says that it is better."""
        return np.asarray(self.sign * self.gap - self.half > 0)

    @property
    def sure_losses(self) -> NDArray[np.bool_]:
        """Where the interval says that it is worse."""
        return np.asarray(self.sign * self.gap + self.half < 0)


def better(metric: Metric) -> int:
    """1 if more is better, -1 if less is."""
    return -1 if metric.better == "lower" else 1


def value_at(parameter: FreeParameter, unit: float) -> float:
    """The value at a share of the way from ``low`` to ``high``."""
    low, high = parameter.low, parameter.high
    if parameter.whole and not parameter.log:
        return low + min(int(unit * (high - low + 1)), high - low)
    value = low * (high / low) ** unit if parameter.log else low + (high - low) * unit
    return float(round(value)) if parameter.whole else parameter.tried(float(value))


def unit_of(parameter: FreeParameter, value: float) -> float:
    """Where a value lies on the way from ``low`` to ``high``."""
    low, high = parameter.low, parameter.high
    if parameter.log:
        return float(np.log(value / low) / np.log(high / low))
    return (value - low) / (high - low)


# --- what is asked ----------------------------------------------------------------------------------------------------


def space_of(scenario: Checked, where: str, free: Mapping[str, Free], organisations: Sequence[str]) -> Space:
    """The space that free parameters span.

    ``<baseline>`` and ``<challenger>`` in a path stand for the first and the last of ``organisations``.

    Raises
    ------
    ScenarioError
        One line: none is free, a path or a range is refused, or it belongs to a mechanism that is switched off, so that
        nothing could come of moving it.
    """
    if not free:
        raise ScenarioError(f"{where} must name at least one assumption to move, got none")
    for name in free:
        if name in (*BEFORE, *AFTER):
            raise ScenarioError(f"{where} must not use the name of a column of the table of points, got {name!r}")
    named = {name: _naming(one, organisations) for name, one in free.items()}
    found = parameters(scenario, where, named)
    for one in found:
        for target in one.targets:
            owner = _owner(target)
            if owner and not getattr(scenario.mechanisms, owner):
                raise ScenarioError(
                    f"{where}.{one.name}.path must not belong to a mechanism that is switched off, got {one.path!r} of "
                    f"{owner} (to leave it out: ~{where}.{one.name})"
                )
    return Space(scenario, tuple(organisations), where, tuple(found))


def check_better(where: str, metrics: Sequence[Metric]) -> None:
    """Refuse metrics of which neither more nor less is better: nobody wins on them."""
    for metric in metrics:
        if not metric.better:
            raise ScenarioError(f"{where} must name metrics of which more or less is better, got {metric.key}")


def _naming(free: Free, organisations: Sequence[str]) -> Free:
    path = free.path.replace(BASELINE, organisations[0]).replace(CHALLENGER, organisations[-1])
    return dataclasses.replace(free, path=path)


def _owner(target: str) -> str | None:
    """The mechanism that owns a key, if one does."""
    section, _, below = target.partition(".")
    key, owners = (below, MARKET_NEUTRAL) if section == "market" else (below.partition(".")[2], ORGANISATION_NEUTRAL)
    return next((mechanism for mechanism, keys in owners.items() if key in keys), None)


# --- running ----------------------------------------------------------------------------------------------------------


class Plan:
    """What must be run for a design: each arm that differs once.

    Every point is checked when the plan is made. Scenarios are made again when their runs come, so that memory holds a
    few of them however long the design is.

    Raises
    ------
    ScenarioError
        One line: the values of the first point that the scenario's own checks refuse, and why.
    """

    def __init__(self, space: Space, points: Sequence[Values]) -> None:
        self.space, self.points = space, points
        self.recipes: list[tuple[int, str]] = []
        self.places: list[tuple[int, ...]] = []
        seen: dict[bytes, int] = {}
        for number, values in enumerate(points):
            scenario = space.at(values)
            places = []
            for name in space.organisations:
                same = hashlib.blake2b(Arm(scenario, name).same().encode(), digest_size=16).digest()
                if same not in seen:
                    seen[same] = len(self.recipes)
                    self.recipes.append((number, name))
                places.append(seen[same])
            self.places.append(tuple(places))

    def runs(self, run: Run) -> int:
        """How many simulations it takes."""
        return len(self.recipes) * run.replications


def explored(
    plan: Plan, run: Run, metrics: Sequence[Metric], progress: Tell | None, simulate: Simulate
) -> Iterator[Explored]:
    """What is found at each point, in order, each replication on the seeds of ``run``.

    Memory holds the summaries of one arm, and of every arm that was run its estimates: a number for each metric and
    replication.
    """
    found: list[Found] = []
    arms = estimated(_Arms(plan), run, metrics, progress, simulate)
    for values, places in zip(plan.points, plan.places, strict=True):
        found += itertools.islice(arms, max(0, max(places) + 1 - len(found)))
        yield Explored(values, tuple(found[place] for place in places))
    next(arms, None)  # lets the last run be told


class _Arms(Sequence[Arm]):
    """The arms of a plan, each made when it is asked for."""

    def __init__(self, plan: Plan) -> None:
        self._recipes = plan.recipes
        self._scenario = functools.lru_cache(_SCENARIOS_KEPT)(lambda number: plan.space.at(plan.points[number]))

    def __len__(self) -> int:
        return len(self._recipes)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]  # asked for by place only
        number, organisation = self._recipes[place]
        return Arm(self._scenario(number), organisation)


def runs_of(run: Run, replications: int) -> Run:
    """The same way of running, so many times."""
    return dataclasses.replace(run, replications=replications)


# --- what came out ----------------------------------------------------------------------------------------------------


def points_table(
    space: Space, designs: Mapping[str, Sequence[Explored]], metrics: Sequence[Metric], replications: int
) -> "pd.DataFrame":
    """Tidy table, one row per point, metric and challenger: the values, both estimates, the gap with its interval."""
    import pandas as pd

    rows = []
    for design, points in designs.items():
        for number, point in enumerate(points):
            for metric in metrics:
                for place in range(1, len(space.organisations)):
                    gap = point.gap(metric, place)
                    estimates = (point.found[0][metric.key].value, point.found[place][metric.key].value)
                    rows.append((space.scenario.name, design, number, *(point.values[name] for name in space.names),
                                 metric.key, metric.unit, space.organisations[0], space.organisations[place],
                                 *estimates, gap.value, *gap.interval, replications))  # fmt: skip
    return pd.DataFrame(rows, columns=[*BEFORE, *space.names, *AFTER])
