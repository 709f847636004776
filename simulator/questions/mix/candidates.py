"""A team with its policies: as a scenario, as settings, and as a point among others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.arms import Found
from simulator.questions.mix.teams import Heads, heads_of, heads_settings
from simulator.results.metrics import Metric
from simulator.scenario.free import FreeParameter, settings_of
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Candidate:
    """A team with its policies, on the seeds of the search.

    Attributes
    ----------
    values : policies by the name of the free parameter.
    found : objectives by key; empty if refused.
    refused : why it could not be run, or "".
    """

    number: int
    heads: Heads
    values: Mapping[str, float]
    found: Found = field(default_factory=dict)
    refused: str = ""


def present_of(scenario: Scenario, name: str, free: Sequence[FreeParameter]) -> Candidate:
    """The team and the policies as they are."""
    return Candidate(0, heads_of(scenario.organisations[name]), {one.name: one.default for one in free})


def settings_with(
    scenario: Scenario, name: str, free: Sequence[FreeParameter], candidate: Candidate
) -> dict[str, float]:
    """Dotted path -> value of a candidate's people and policies."""
    return {**heads_settings(scenario, name, candidate.heads), **settings_of(scenario, free, candidate.values)}


def cost_of(found: Found, metric: Metric) -> float:
    """Small is good."""
    return -found[metric.key].value if metric.better == "higher" else found[metric.key].value


def points_of(founds: Sequence[Found], objectives: Sequence[Metric]) -> NDArray[np.float64]:
    """Objectives of each, n by objectives, all of which shall be small; what cannot be estimated is worst."""
    points = np.array([[cost_of(found, metric) for metric in objectives] for found in founds])
    return np.where(np.isfinite(points), points, np.inf)
