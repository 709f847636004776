"""Teams that a payroll allows, with their policies: as scenarios, as settings, and as points of several objectives.

A team is so many marketers and SDRs, and reps for what is left of the payroll. As a point all its objectives shall be
small; the front are the points that no other one beats.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.arms import Found
from simulator.results.metric import Metric
from simulator.scenario.free import FreeParameter, settings_of
from simulator.scenario.organisation import Organisation, Roles
from simulator.scenario.scenario import Scenario


class Headcount(NamedTuple):
    """People by role."""

    marketers: int
    sdrs: int
    reps: int


def headcount_of(organisation: Organisation) -> Headcount:
    """Its present people."""
    roles = organisation.roles
    return Headcount(roles.marketer.headcount, roles.sdr.headcount, roles.rep.headcount)


def pay_usd_per_year(roles: Roles, heads: Headcount) -> float:
    """Pay of so many people, usd a year."""
    paid = (roles.marketer, roles.sdr, roles.rep)
    return sum(count * role.pay_usd_per_year for count, role in zip(heads, paid, strict=True))


def affordable(organisation: Organisation, payroll_usd: float, tolerance: float) -> dict[tuple[int, int], Headcount]:
    """Teams whose pay lies within ``tolerance`` (a share) of the payroll, by their marketers and SDRs.

    Marketers and SDRs may be as many as can be paid beside one rep; reps take what is left, to the nearest one. Every
    team has at least one SDR and one rep, and of each role either nobody or at least one for each of the
    organisation's teams. All pays must be above 0.
    """
    roles, least = organisation.roles, max(1, len(organisation.teams))
    pay = roles.marketer.pay_usd_per_year, roles.sdr.pay_usd_per_year, roles.rep.pay_usd_per_year
    slack = tolerance * payroll_usd * (1 + 1e-12)
    most = payroll_usd + slack - least * pay[2]
    teams = {}
    for marketers in (0, *range(least, max(0, math.floor(most / pay[0])) + 1)):
        left = most - marketers * pay[0]
        for sdrs in range(least, max(0, math.floor(left / pay[1])) + 1):
            rest = payroll_usd - marketers * pay[0] - sdrs * pay[1]
            reps = max(least, math.floor(rest / pay[2] + 0.5))
            if abs(rest - reps * pay[2]) <= slack:
                teams[marketers, sdrs] = Headcount(marketers, sdrs, reps)
    return teams


def nearest(teams: Mapping[tuple[int, int], Headcount], roles: Roles, marketers: int, sdrs: int) -> Headcount:
    """The affordable team for which the least pay of marketers and SDRs has to move; the first among equals."""
    pay = roles.marketer.pay_usd_per_year, roles.sdr.pay_usd_per_year
    return min(
        teams.values(), key=lambda team: pay[0] * abs(team.marketers - marketers) + pay[1] * abs(team.sdrs - sdrs)
    )


def headcount_settings(scenario: Scenario, organisation: str, heads: Headcount) -> dict[str, int]:
    """Dotted path -> value of so many people, spread over the organisation's teams as they are now."""
    where, teams = f"organisations.{organisation}", scenario.organisations[organisation].teams
    settings = {
        f"{where}.roles.{role}.headcount": count for role, count in zip(("marketer", "sdr", "rep"), heads, strict=True)
    }
    parts = {
        plural: spread(count, [getattr(team, plural) for team in teams.values()])
        for plural, count in zip(Headcount._fields, heads, strict=True)
    }
    for place, team in enumerate(teams):
        settings |= {f"{where}.teams.{team}.{plural}": parts[plural][place] for plural in Headcount._fields}
    return settings


def spread(people: int, present: Sequence[int]) -> list[int]:
    """People over teams in proportion to the present ones, by largest remainders (Hamilton); earlier teams at a tie.

    A team that would get nobody takes one from the largest, as long as there are enough.
    """
    if not present:
        return []
    whole = sum(present)
    quotas = [people * (before / whole if whole else 1 / len(present)) for before in present]
    parts = [math.floor(quota) for quota in quotas]
    for i in sorted(range(len(parts)), key=lambda i: parts[i] - quotas[i])[: people - sum(parts)]:
        parts[i] += 1
    while people >= len(parts) and 0 in parts:
        parts[parts.index(max(parts))] -= 1
        parts[parts.index(0)] += 1
    return parts


# --- candidates -------------------------------------------------------------------------------------------------------


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
    heads: Headcount
    values: Mapping[str, float]
    found: Found = field(default_factory=dict)
    refused: str = ""


def present_of(scenario: Scenario, name: str, free: Sequence[FreeParameter]) -> Candidate:
    """The team and the policies as they are."""
    return Candidate(0, headcount_of(scenario.organisations[name]), {policy.name: policy.default for policy in free})


def settings_with(
    scenario: Scenario, name: str, free: Sequence[FreeParameter], candidate: Candidate
) -> dict[str, float]:
    """Dotted path -> value of a candidate's people and policies."""
    return {**headcount_settings(scenario, name, candidate.heads), **settings_of(scenario, free, candidate.values)}


def cost_of(estimates: Found, metric: Metric) -> float:
    """Small is good."""
    return -estimates[metric.key].value if metric.better == "higher" else estimates[metric.key].value


def points_of(all_estimates: Sequence[Found], objectives: Sequence[Metric]) -> NDArray[np.float64]:
    """Objectives of each, n by objectives, all of which shall be small; what cannot be estimated is worst."""
    points = np.array([[cost_of(estimates, metric) for metric in objectives] for estimates in all_estimates])
    return np.where(np.isfinite(points), points, np.inf)


# --- points of several objectives -------------------------------------------------------------------------------------


def dominates(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether a point is at least as good in every objective, and better in one."""
    return bool((one <= other).all() and (one < other).any())


def fronts(points: NDArray[np.float64]) -> list[list[int]]:
    """Numbers of the points (n by objectives), front by front: what nothing beats, then what only those beat, ..."""
    left, numbered = list(range(len(points))), []
    while left:
        front = [i for i in left if not any(dominates(points[j], points[i]) for j in left)]
        numbered.append(front)
        left = [i for i in left if i not in front]
    return numbered


def by_spread(points: NDArray[np.float64], front: Sequence[int]) -> list[int]:
    """A front in the order of its crowding distances, the loneliest first (Deb et al. 2002); ends come before all."""
    distance = dict.fromkeys(front, 0.0)
    for objective in range(points.shape[1]):
        order = sorted(front, key=lambda i: points[i, objective])
        low, high = points[order[0], objective], points[order[-1], objective]
        distance[order[0]] = distance[order[-1]] = np.inf
        for before, here, after in zip(order, order[1:], order[2:], strict=False):
            if high > low:
                distance[here] += (points[after, objective] - points[before, objective]) / (high - low)
    return sorted(front, key=lambda i: -distance[i])
