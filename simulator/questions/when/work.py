"""When which organisation wins: a map of the gap over two assumptions, and a rule over many.

The gap is a challenger less the baseline, on the same buyers at every point.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.arms import Tell
from simulator.questions.frame.checks import check_arms, check_metrics, pair
from simulator.questions.frame.gaps import (
    Explored,
    Plan,
    Response,
    Space,
    Values,
    check_better,
    explored,
    points_table,
    runs_of,
    space_of,
    unit_of,
    value_at,
)
from simulator.questions.frame.runs import Simulate, check_leads, resolved, simulation
from simulator.questions.when.rule import FEWEST_CASES, Restriction, Rule, find_rule, is_installed
from simulator.results.estimate import Estimate
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import Checked
from simulator.scenario.free import FreeParameter
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.scenario.study import Free

if TYPE_CHECKING:
    import pandas as pd

_WHERE = "study.when"
FOUND_FROM, HELD_OUT = "found from", "held out"


@dataclass(frozen=True)
class Map:
    """Gaps over two parameters.

    Attributes
    ----------
    space : the two parameters, across and up.
    xs, ys : float64, values along the axes, rising; the present ones are among them.
    points : row by row, x running fastest.
    """

    space: Space
    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    points: tuple[Explored, ...]

    def response(self, metric: Metric) -> Response:
        """The gap over all points."""
        return Response.of(metric, self.points)

    @property
    def present(self) -> Explored:
        """The scenario as it stands."""
        return next(point for point in self.points if point.values == self.space.present)

    def break_even(self, metric: Metric) -> list[Estimate]:
        """Values of the first parameter at which the gap is 0, with the second one as it is at present."""
        across, up = self.space.parameters
        row = [point for point in self.points if point.values[up.name] == up.default]
        gaps = [point.gap(metric) for point in row]
        units = np.array([unit_of(across, value) for value in self.xs])
        crossed = crossings(units, np.array([gap.value for gap in gaps]))
        left_out = [crossings(units, crossed_without) for crossed_without in np.array([gap.left_out for gap in gaps]).T]
        if any(len(crossed_without) != len(crossed) for crossed_without in left_out):
            left_out = []  # the line comes and goes: there is no interval for where it is
        return [
            Estimate(
                _value(across, at), np.array([_value(across, crossed_without[place]) for crossed_without in left_out])
            )
            for place, at in enumerate(crossed)
        ]


@dataclass(frozen=True)
class Explained:
    """Points of a hypercube, and the rule that they give.

    Attributes
    ----------
    losing : the rule is about where the challenger is worse; else about where it is better. It is the rarer of both.
    rule : None where there are too few cases.
    cases : how many points are cases, among those that a rule is found from.
    """

    space: Space
    found_from: tuple[Explored, ...]
    held_out: tuple[Explored, ...]
    losing: bool
    cases: int
    rule: Rule | None


@dataclass(frozen=True)
class WhenMap:
    """What was found.

    Attributes
    ----------
    scenario : as it was run.
    explained : None if no rule was asked for.
    runs : how many simulations it took.
    note : what the reader must know about a replay, "" if nothing.
    """

    scenario: Checked
    map: Map
    explained: Explained | None
    runs: int
    note: str = ""

    @property
    def metrics(self) -> list[Metric]:
        """What the gaps are of; the rule is about the first."""
        return [BY_KEY[key] for key in self.scenario.study.when.metrics]

    def map_table(self) -> "pd.DataFrame":
        """``map.csv``: one row per point and metric."""
        settings = self.scenario.study.when
        return points_table(self.map.space, {"map": self.map.points}, self.metrics, settings.replications)

    def points_table(self) -> "pd.DataFrame":
        """``prim_points.csv``: one row per point of the hypercubes, with whether it is in the box."""
        assert self.explained is not None
        settings, parts = (
            self.scenario.study.when,
            {FOUND_FROM: self.explained.found_from, HELD_OUT: self.explained.held_out},
        )
        table = points_table(self.explained.space, parts, self.metrics[:1], settings.rule_replications)
        rule = self.explained.rule
        table["in_box"] = [rule.holds(point.values) if rule else None for part in parts.values() for point in part]
        return table

    def rule_table(self) -> "pd.DataFrame":
        """``prim.csv``: one row per restriction, with the box's measures beside each."""
        import pandas as pd

        assert self.explained is not None
        explained, metric = self.explained, self.metrics[0]
        rows = [
            {
                "scenario": self.scenario.name, "baseline": explained.space.organisations[0],
                "organisation": explained.space.organisations[1], "metric": metric.key,
                "cases": "organisation is worse" if explained.losing else "organisation is better",
                **dataclasses.asdict(restriction), **_measures(explained.rule),
            }
            for restriction in (explained.rule.restrictions if explained.rule else ()) if explained.rule
        ]  # fmt: skip
        columns = ["scenario", "baseline", "organisation", "metric", "cases",
                   *(field.name for field in dataclasses.fields(Restriction))]  # fmt: skip
        return pd.DataFrame(rows, columns=list(rows[0]) if rows else columns)


def chart(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> WhenMap:
    """Map the gap over two assumptions, and find a rule for where the challenger wins or loses.

    Parameters
    ----------
    scenario : the question; left as it is.
    progress : called with the runs done and the runs in all, once at the start and after each run.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs: an assumption or its range is refused, or the values of a point are.
    """
    scenario = resolved(scenario)
    note = check_leads(scenario)
    settings, metrics = scenario.study.when, [BY_KEY[key] for key in scenario.study.when.metrics]
    plane, wider = _spaces(scenario)
    xs, ys = (_axis(parameter, settings.points) for parameter in plane.parameters)
    plans = [(Plan(plane, _grid(plane, xs, ys)), runs_of(scenario.run, settings.replications), metrics)]
    if wider is not None:
        cubes = [*_cube(wider, settings.hypercube, settings.seed), *_cube(wider, settings.held_out, settings.seed + 1)]
        plans.append((Plan(wider, cubes), runs_of(scenario.run, settings.rule_replications), metrics[:1]))
    total, before, points = sum(plan.runs(run) for plan, run, _ in plans), 0, []
    for plan, run, wanted in plans:
        tell = _shifted(progress, before, total) if progress else None
        points.append(list(explored(plan, run, wanted, tell, simulate or simulation())))
        before += plan.runs(run)
    charted = Map(plane, xs, ys, tuple(points[0]))
    explained = _explained(scenario, wider, points[1]) if wider is not None else None
    return WhenMap(scenario, charted, explained, total, note)


def crossings(xs: NDArray[np.float64], values: NDArray[np.float64]) -> list[float]:
    """Where values that are joined by straight lines change their sign; halfway through where they are 0 on the way."""
    places: list[float] = []
    last: int | None = None
    for i, value in enumerate(values):
        if np.isnan(value):
            last = None
        elif value != 0:
            if last is not None and values[last] * value < 0:
                before, after = float(values[last]), float(value)
                joined = i == last + 1
                at = (
                    xs[last] + (xs[i] - xs[last]) * before / (before - after)
                    if joined
                    else (xs[last + 1] + xs[i - 1]) / 2
                )
                places.append(float(at))
            last = i
    return places


# --- what is asked ----------------------------------------------------------------------------------------------------


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, what cannot be mapped; every point is checked."""
    settings = scenario.study.when
    plane, wider = _spaces(scenario)
    xs, ys = (_axis(parameter, settings.points) for parameter in plane.parameters)
    for values in _grid(plane, xs, ys):
        plane.at(values)
    if wider is not None:
        for values in (
            *_cube(wider, settings.hypercube, settings.seed),
            *_cube(wider, settings.held_out, settings.seed + 1),
        ):
            wider.at(values)


def _spaces(scenario: Checked) -> tuple[Space, Space | None]:
    """The plane of the map, and the space of the rule if one is asked for."""
    settings = scenario.study.when
    check_metrics(f"{_WHERE}.metrics", settings.metrics)
    check_better(f"{_WHERE}.metrics", [BY_KEY[key] for key in settings.metrics])
    check_arms(scenario, "when")
    if 0 < settings.hypercube < 2 * FEWEST_CASES:
        raise ScenarioError(
            f"{_WHERE}.hypercube must be 0 or at least {2 * FEWEST_CASES}, to find a rule, got {settings.hypercube}"
        )
    if settings.hypercube and not is_installed():
        raise ScenarioError(
            f"{_WHERE}.hypercube must be 0 without ema-workbench, which finds the rule (the extra prim: pip install "
            f"'ema-workbench<2.6'), got {settings.hypercube}"
        )
    organisations = pair(scenario, _WHERE, settings.challenger)
    plane = space_of(scenario, _WHERE, {"x": settings.x, "y": settings.y}, organisations)
    free = settings.free or scenario.study.sensitivity.free
    where = f"{_WHERE}.free" if settings.free else "study.sensitivity.free"
    names = [_name(scenario, free, axis) for axis in (settings.x, settings.y)]
    if names[0] == names[1]:
        names = [f"{name}_{axis}" for name, axis in zip(names, "xy", strict=True)]
    renamed = tuple(
        dataclasses.replace(parameter, name=name) for parameter, name in zip(plane.parameters, names, strict=True)
    )
    plane = dataclasses.replace(plane, parameters=renamed)
    if not settings.hypercube:
        return plane, None
    return plane, space_of(scenario, where, free, organisations)


def _name(scenario: Checked, free: dict[str, Free], axis: Free) -> str:
    """What an axis is called: as in the list of assumptions, else by the last part of its key."""
    keys = _keys(axis)
    named = next((name for name, parameter in free.items() if _keys(parameter) == keys), "")
    return named or keys[0].rpartition(".")[2]


def _keys(free: Free) -> list[str]:
    return [key.strip() for key in free.path.split(",")]


def _axis(parameter: FreeParameter, points: int) -> NDArray[np.float64]:
    """Values from end to end, the present one among them."""
    units = np.linspace(0.0, 1.0, points)
    return np.unique([*(value_at(parameter, float(unit)) for unit in units), parameter.default])


def _grid(plane: Space, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> list[dict[str, float]]:
    across, up = plane.names
    return [{across: float(x), up: float(y)} for y in ys for x in xs]


def _cube(space: Space, points: int, seed: int) -> list[dict[str, float]]:
    """A Latin hypercube (McKay, Beckman and Conover 1979)."""
    from scipy.stats import qmc

    return space.values(qmc.LatinHypercube(len(space.parameters), rng=seed).random(points))


# --- what came out ----------------------------------------------------------------------------------------------------


def _shifted(progress: Tell, before: int, total: int) -> Tell:
    """Progress of a part as progress of the whole; only the first part says that it begins."""

    def tell(done: int, _: int) -> None:
        if done or not before:
            progress(before + done, total)

    return tell


def _value(parameter: FreeParameter, unit: float) -> float:
    """As `value_at`, between the values that can be run."""
    low, high = parameter.low, parameter.high
    return low * (high / low) ** unit if parameter.log else low + (high - low) * unit


def _explained(scenario: Checked, space: Space, points: Sequence[Explored]) -> Explained:
    settings, metric = scenario.study.when, BY_KEY[scenario.study.when.metrics[0]]
    parts = points[: settings.hypercube], points[settings.hypercube :]
    wins = [Response.of(metric, part).wins for part in parts]
    losses = [Response.of(metric, part).losses for part in parts]
    losing = bool(losses[0].sum() <= wins[0].sum())
    cases = losses if losing else wins
    values: list[list[Values]] = [[point.values for point in part] for part in parts]
    count = int(cases[0].sum())
    rule = None
    if count >= FEWEST_CASES:
        rule = find_rule(space, (values[0], cases[0]), (values[1], cases[1]), settings.density)
    return Explained(space, tuple(parts[0]), tuple(parts[1]), losing, count, rule)


def _measures(rule: Rule) -> dict[str, float]:
    """Density, coverage, base rate and support, where the rule was found and on fresh points."""
    columns: dict[str, float] = {}
    for name in ("density", "coverage", "base", "support"):
        for where, share in zip(("found", "held_out"), getattr(rule, name), strict=True):
            columns |= {f"{name}_{where}": share.value, f"{name}_{where}_ci_low": share.low,
                        f"{name}_{where}_ci_high": share.high}  # fmt: skip
    columns["points_found"], columns["points_held_out"] = (share.count for share in rule.base)
    return columns
