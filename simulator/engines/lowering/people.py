"""People: who belongs to which team and role, when they work, and what an hour of theirs costs."""

import math
from typing import Any

import numpy as np

from simulator.model.compiling import kernel
from simulator.model.numerics import HOUR_US
from simulator.model.words import ROLES, Role
from simulator.scenario.market import Market
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import own_share, team_sizes


def fill_people(
    rules: np.ndarray, market: Market, organisation: Organisation
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Pools and working days of the rules; names of the teams, role and team of each person."""
    roles = (organisation.roles.marketer, organisation.roles.sdr, organisation.roles.rep)
    headcounts = [tuple(role.headcount for role in roles)]
    if organisation.teams:
        headcounts = [(team.marketers, team.sdrs, team.reps) for team in organisation.teams.values()]
        for number, team in enumerate(organisation.teams.values()):
            for segment in team.segments:
                rules["team_of_segment"][0, list(market.segments).index(segment)] = number
    calendar = organisation.calendar
    starts = 0.0 if calendar.always_on else calendar.opens_hour
    person_role: list[int] = []
    person_team: list[int] = []
    names = []
    for number, (size, name) in enumerate(team_sizes(organisation)):
        names.append(name)
        rules["day_starts"][0, number] = round(starts * HOUR_US)
        rules["meeting_us"][0, number] = coordination_us_per_day(organisation, size)
        for role in range(ROLES):
            pool = number * ROLES + role
            rules["own_share"][0, pool] = own_share(organisation, Role(role), headcounts[number])
            rules["first_person"][0, pool] = len(person_role)
            person_role += [role] * headcounts[number][role]
            person_team += [number] * headcounts[number][role]
            rules["last_person"][0, pool] = len(person_role)
    set_working_days(rules.view(np.recarray)[0], 0)
    return names, np.array(person_role, np.int64), np.array(person_team, np.int64)


@kernel
def set_working_days(rules: Any, training_us: int) -> None:
    """Divide each team's working day: meetings, training, each role's own work, and what is left for buyers."""
    for team in range(rules.teams):
        before = rules.meeting_us[team] + training_us
        rules.day_opens[team] = rules.day_starts[team] + before
        rules.day_window[team] = rules.workday_us - before
        for pool in range(team * ROLES, team * ROLES + ROLES):
            own = math.floor(rules.day_window[team] * rules.own_share[pool] + 0.5)
            rules.opens[pool] = rules.day_opens[team] + own
            rules.window[pool] = rules.day_window[team] - own


def coordination_us_per_day(organisation: Organisation, team_size: int) -> int:
    """Meeting time that opens each working day of a team: hours per teammate and week, over the week's days."""
    hours_a_week = organisation.coordination.hours_per_teammate_week * max(0, team_size - 1)
    hours = hours_a_week / organisation.calendar.days_a_week()
    return round(hours * HOUR_US)


def pay_usd_per_hour(organisation: Organisation) -> list[float]:
    """Pay of one paid hour of a marketer, an SDR and a rep, usd."""
    calendar, roles = organisation.calendar, organisation.roles
    hours_a_year = 365.0 / 7.0 * calendar.days_a_week() * calendar.hours_a_day()
    return [role.pay_usd_per_year / hours_a_year for role in (roles.marketer, roles.sdr, roles.rep)]
