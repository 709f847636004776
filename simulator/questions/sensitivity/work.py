"""What the answer hangs on: how much the gap between two organisations moves with what nobody has measured.

The response is the gap itself, a challenger less the baseline, on the same buyers at every point of the design.
"""

from collections.abc import Iterator, Mapping
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
    check_better,
    explored,
    points_table,
    runs_of,
    space_of,
)
from simulator.questions.frame.runs import Simulate, check_leads, resolved, simulation
from simulator.questions.frame.shares import Share, share
from simulator.questions.sensitivity.indices import (
    Morris,
    Sobol,
    morris_design,
    morris_indices,
    share_of_luck,
    sobol_design,
    sobol_indices,
)
from simulator.results.metric import Metric
from simulator.results.metrics import BY_KEY
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    import pandas as pd

_WHERE = "study.sensitivity"
MORRIS, SOBOL, PRESENT = "morris", "sobol", "present"


@dataclass(frozen=True)
class Examined:
    """A gap over the whole of a design.

    Attributes
    ----------
    indices : of each parameter, in the order of the space.
    luck : the share of the gap's variance over the design that is luck of the replications.
    wins, sure_wins, sure_losses : shares of the design points at which the challenger is better; at which it is so for
        sure, as the interval of the gap excludes 0; at which it is worse for sure.
    spread : standard deviation of the gap over the design.
    unknown : points at which the gap cannot be estimated.
    """

    metric: Metric
    method: str
    indices: Morris | Sobol
    luck: float
    wins: Share
    sure_wins: Share
    sure_losses: Share
    spread: float
    unknown: int


@dataclass(frozen=True)
class Sensitivity:
    """What a sensitivity analysis found.

    Attributes
    ----------
    scenario : as it was run.
    space : what was moved, between which two organisations.
    present : the scenario as it stands.
    designs : the points of each method, in order.
    examined : of every metric and method.
    runs : how many simulations it took.
    note : what the reader must know about a replay, "" if nothing.
    """

    scenario: Checked
    space: Space
    present: Explored
    designs: Mapping[str, list[Explored]]
    examined: tuple[Examined, ...]
    runs: int
    note: str = ""

    @property
    def metrics(self) -> list[Metric]:
        """What the gaps are of."""
        return [BY_KEY[key] for key in self.scenario.study.sensitivity.metrics]

    @property
    def replications(self) -> int:
        """Runs of each organisation at each point."""
        return self.scenario.study.sensitivity.replications

    def of(self, metric: Metric, method: str) -> Examined:
        """What one method says about one metric."""
        return next(examined for examined in self.examined if (examined.metric, examined.method) == (metric, method))

    def points(self) -> "pd.DataFrame":
        """Every design point with its gaps, as ``points.csv`` has it; the first is the scenario as it stands."""
        parts = {PRESENT: [self.present], **self.designs}
        return points_table(self.space, parts, self.metrics, self.replications)

    def table(self, method: str) -> "pd.DataFrame":
        """The indices of one method, one row per metric and parameter, as its own CSV has them."""
        import pandas as pd

        rows = [row for examined in self.examined if examined.method == method for row in self._rows(examined)]
        return pd.DataFrame(rows)

    def _rows(self, examined: Examined) -> Iterator[dict[str, object]]:
        for number, parameter in enumerate(self.space.parameters):
            yield {
                "scenario": self.scenario.name,
                "baseline": self.space.organisations[0],
                "organisation": self.space.organisations[1],
                "metric": examined.metric.key,
                "unit": examined.metric.unit,
                "parameter": parameter.name,
                "path": parameter.path,
                "low": parameter.low,
                "high": parameter.high,
                "present": parameter.default,
                **_index_columns(examined.indices, number),
                "points": examined.wins.count,
                "replications": self.replications,
            }


def examine(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> Sensitivity:
    """Move the assumptions through their ranges, and see how the gap follows.

    Memory holds, of each design point, one number for each metric, organisation and replication.

    Parameters
    ----------
    scenario : the question; left as it is.
    progress : called with the runs done and the runs in all, once at the start and after each run.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs: an assumption or its range is refused, or the values of a design point are.
    """
    scenario = resolved(scenario)
    note = check_leads(scenario)
    space = _asked(scenario)
    settings, metrics = scenario.study.sensitivity, [BY_KEY[key] for key in scenario.study.sensitivity.metrics]
    units = _designs(scenario, len(space.parameters))
    plan = Plan(space, [space.present, *(values for design in units.values() for values in space.values(design))])
    run = runs_of(scenario.run, settings.replications)
    points = list(explored(plan, run, metrics, progress, simulate or simulation()))
    present, rest = points[0], iter(points[1:])
    designs = {method: [next(rest) for _ in design] for method, design in units.items()}
    examined = tuple(
        _examined(scenario, metric, method, design, designs[method])
        for metric in metrics
        for method, design in units.items()
    )
    return Sensitivity(scenario, space, present, designs, examined, plan.runs(run), note)


# --- what is asked ----------------------------------------------------------------------------------------------------


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, what cannot be moved; every point of the design is checked."""
    space = _asked(scenario)
    for design in _designs(scenario, len(space.parameters)).values():
        for values in space.values(design):
            space.at(values)


def _asked(scenario: Checked) -> Space:
    settings = scenario.study.sensitivity
    check_metrics(f"{_WHERE}.metrics", settings.metrics)
    check_better(f"{_WHERE}.metrics", [BY_KEY[key] for key in settings.metrics])
    check_arms(scenario, "sensitivity")
    if settings.levels % 2:
        raise ScenarioError(f"{_WHERE}.levels must be even, got {settings.levels}")
    if settings.sobol_points & (settings.sobol_points - 1):
        raise ScenarioError(f"{_WHERE}.sobol_points must be a power of two, got {settings.sobol_points}")
    return space_of(scenario, f"{_WHERE}.free", settings.free, pair(scenario, _WHERE, settings.challenger))


def _methods(scenario: Checked) -> tuple[str, ...]:
    method = scenario.study.sensitivity.method
    return (MORRIS, SOBOL) if method == "both" else (method,)


def _designs(scenario: Checked, parameters: int) -> dict[str, NDArray[np.float64]]:
    settings = scenario.study.sensitivity
    make = {
        MORRIS: lambda: morris_design(parameters, settings.trajectories, settings.levels, settings.seed),
        SOBOL: lambda: sobol_design(parameters, settings.sobol_points, settings.seed),
    }
    return {method: make[method]() for method in _methods(scenario)}


# --- what came out ----------------------------------------------------------------------------------------------------


def _examined(
    scenario: Checked, metric: Metric, method: str, units: NDArray[np.float64], points: list[Explored]
) -> Examined:
    settings, count = scenario.study.sensitivity, units.shape[1]
    response = Response.of(metric, points)
    gap, left_out = response.gap, response.left_out
    indices: Morris | Sobol
    if method == MORRIS:
        indices, block = (
            morris_indices(units, gap, left_out, settings.levels, settings.resamples, settings.seed),
            count + 1,
        )
    else:
        indices, block = sobol_indices(count, gap, left_out, settings.resamples, settings.seed), count + 2
    return Examined(
        metric,
        method,
        indices,
        share_of_luck(gap, left_out),
        share(response.wins, block),
        share(response.sure_wins, block),
        share(response.sure_losses, block),
        float(gap.std()),
        int(np.isnan(gap).sum()),
    )


def _index_columns(indices: Morris | Sobol, number: int) -> dict[str, float]:
    """The indices of one parameter with the ends of their intervals."""
    if isinstance(indices, Morris):
        intervals = {"mu": (indices.mu, indices.mu_half), "mu_star": (indices.mu_star, indices.mu_star_half)}
        more = {"sigma": indices.sigma, "mu_star_of_luck": indices.luck}
    else:
        intervals = {"first": (indices.first, indices.first_half), "total": (indices.total, indices.total_half)}
        more = {"first_luck_half": indices.first_luck, "total_luck_half": indices.total_luck}
    columns: dict[str, float] = {}
    for name, (value, half) in intervals.items():
        at, by = float(value[number]), float(half[number])
        columns |= {name: at, f"{name}_ci_low": at - by, f"{name}_ci_high": at + by}
    return columns | {name: float(value[number]) for name, value in more.items()}
