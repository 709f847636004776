"""A team with its policies: as a scenario, as settings, and as a point among others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.arms import Found
from simulator.questions.mix.teams import Heads, heads_of, with_heads
from simulator.results.metrics import Metric
from simulator.scenario.free import FreeParameter, settings_of, with_values
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


def with_team(scenario: Scenario, name: str, free: Sequence[FreeParameter], candidate: Candidate) -> Scenario:
    """The scenario with a candidate's people and policies; not checked."""
    return with_heads(with_values(scenario, free, candidate.values), name, candidate.heads)


def settings_with(
    scenario: Scenario, name: str, free: Sequence[FreeParameter], candidate: Candidate
) -> dict[str, float]:
    """Dotted path -> value of a candidate's people and policies."""
    own = with_team(scenario, name, free, candidate).organisations[name]
    where = f"organisations.{name}"
    settings: dict[str, float] = {
        f"{where}.roles.{role}.headcount": count
        for role, count in zip(("marketer", "sdr", "rep"), candidate.heads, strict=True)
    }
    for team, part in own.teams.items():
        settings |= {f"{where}.teams.{team}.{plural}": getattr(part, plural) for plural in Heads._fields}
    return settings | settings_of(scenario, free, candidate.values)


def cost_of(found: Found, metric: Metric) -> float:
    """Small is good."""
    return -found[metric.key].value if metric.better == "higher" else found[metric.key].value


def points_of(founds: Sequence[Found], objectives: Sequence[Metric]) -> NDArray[np.float64]:
    """Objectives of each, n by objectives, all of which shall be small; what cannot be estimated is worst."""
    points = np.array([[cost_of(found, metric) for metric in objectives] for found in founds])
    return np.where(np.isfinite(points), points, np.inf)
