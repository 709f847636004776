"""Teams that a payroll allows: how many marketers and SDRs, and reps for what is left."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.scenario.organisation import Organisation, Roles
from simulator.scenario.scenario import Scenario


class Heads(NamedTuple):
    """People by role."""

    marketers: int
    sdrs: int
    reps: int


def heads_of(organisation: Organisation) -> Heads:
    """Its present people."""
    roles = organisation.roles
    return Heads(roles.marketer.headcount, roles.sdr.headcount, roles.rep.headcount)


def pay_usd_per_year(roles: Roles, heads: Heads) -> float:
    """Pay of so many people, usd a year."""
    each = (roles.marketer, roles.sdr, roles.rep)
    return sum(count * role.pay_usd_per_year for count, role in zip(heads, each, strict=True))


def affordable(organisation: Organisation, payroll_usd: float, tolerance: float) -> dict[tuple[int, int], Heads]:
    """Teams whose pay lies within ``tolerance`` (a share) of the payroll, by their marketers and SDRs.

    Marketers and SDRs may be as many as can be paid beside one rep; reps take what is left, to the nearest one. Every
    team has at least one SDR and one rep, and of each role either nobody or at least one for each of the
    organisation's teams. All pays must be above 0.
    """
    roles, least = organisation.roles, max(1, len(organisation.teams))
    pay = roles.marketer.pay_usd_per_year, roles.sdr.pay_usd_per_year, roles.rep.pay_usd_per_year
    slack = tolerance * payroll_usd * (1 + 1e-12)
    most = payroll_usd + slack - least * pay[2]
    found = {}
    for marketers in (0, *range(least, max(0, math.floor(most / pay[0])) + 1)):
        left = most - marketers * pay[0]
        for sdrs in range(least, max(0, math.floor(left / pay[1])) + 1):
            rest = payroll_usd - marketers * pay[0] - sdrs * pay[1]
            reps = max(least, math.floor(rest / pay[2] + 0.5))
            if abs(rest - reps * pay[2]) <= slack:
                found[marketers, sdrs] = Heads(marketers, sdrs, reps)
    return found


def nearest(teams: Mapping[tuple[int, int], Heads], roles: Roles, marketers: int, sdrs: int) -> Heads:
    """The affordable team for which the least pay of marketers and SDRs has to move; the first among equals."""
    pay = roles.marketer.pay_usd_per_year, roles.sdr.pay_usd_per_year
    return min(
        teams.values(), key=lambda team: pay[0] * abs(team.marketers - marketers) + pay[1] * abs(team.sdrs - sdrs)
    )


def heads_settings(scenario: Scenario, organisation: str, heads: Heads) -> dict[str, int]:
    """Dotted path -> value of so many people, spread over the organisation's teams as they are now."""
    where, teams = f"organisations.{organisation}", scenario.organisations[organisation].teams
    settings = {
        f"{where}.roles.{role}.headcount": count for role, count in zip(("marketer", "sdr", "rep"), heads, strict=True)
    }
    parts = {
        plural: spread(count, [getattr(team, plural) for team in teams.values()])
        for plural, count in zip(Heads._fields, heads, strict=True)
    }
    for place, team in enumerate(teams):
        settings |= {f"{where}.teams.{team}.{plural}": parts[plural][place] for plural in Heads._fields}
    return settings


def spread(people: int, present: Sequence[int]) -> list[int]:
    """People over teams in proportion to the present ones, by largest remainders (Hamilton); earlier teams at a tie.

    A team that would get nobody takes one from the largest, as long as there are enough.
    """
    if not present:
        return []
    whole = sum(present)
    quotas = [people * (one / whole if whole else 1 / len(present)) for one in present]
    parts = [math.floor(quota) for quota in quotas]
    for i in sorted(range(len(parts)), key=lambda i: parts[i] - quotas[i])[: people - sum(parts)]:
        parts[i] += 1
    while people >= len(parts) and 0 in parts:
        parts[parts.index(max(parts))] -= 1
        parts[parts.index(0)] += 1
    return parts
