"""Rules between the values of a scenario: what may not stand side by side."""

import re

from simulator.model.sizes import MAX_CHANNELS, MAX_SEGMENTS, MAX_TEAMS, NO_LIMIT_USD
from simulator.model.words import STAGES, Role
from simulator.scenario.assets import check_assets
from simulator.scenario.market import Market
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import Scenario, own_share, team_sizes
from simulator.scenario.schema import ContradictionError

#: Least time a day that a person must have for buyers, hours; keeps the arithmetic of calendars within 64 bits:
#: training may take four fifths of it, and the longest task, a century of work, then still ends before 6.5e18 us.
LEAST_BUYER_HOURS = 5.0 / 60.0

_NAME = re.compile(r"[\w-]+(/[\w-]+)*")


def check_rules(scenario: Scenario, lived: Scenario) -> None:
    """Refuse settings that contradict each other.

    Parameters
    ----------
    scenario : each of its values is in its range.
    lived : the same with its switches applied.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value.
    """
    _refuse_if(
        not _NAME.fullmatch(scenario.name),
        f"name must be a folder's name of letters, digits, _ and -, got {scenario.name!r}",
    )
    _refuse_if(
        bool(scenario.limit) and scenario.study.name == "calibrate_defaults",
        f"limit must be empty for a calibration, got {scenario.limit!r}",
    )
    market = scenario.market
    _refuse_if(not market.segments, "market.segments must name at least one segment, got none")
    _refuse_if(
        len(market.segments) > MAX_SEGMENTS,
        f"market.segments must name at most {MAX_SEGMENTS} segments, got {len(market.segments)}",
    )
    _refuse_if(
        len(market.channels) > MAX_CHANNELS,
        f"market.channels must name at most {MAX_CHANNELS} channels, got {len(market.channels)}",
    )
    _refuse_if(
        not market.leads.path and not market.channels, "market.channels must name at least one channel, got none"
    )
    _refuse_if(
        sum(s.share for s in market.segments.values()) <= 0,
        "market.segments.<name>.share must add up to more than 0, got 0",
    )
    _refuse_if(
        not market.leads.path and sum(c.share for c in market.channels.values()) <= 0,
        "market.channels.<name>.share must add up to more than 0, got 0",
    )
    _refuse_if(
        bool(market.channels)
        and not any(not one.closed and (one.share > 0 or market.leads.path) for one in market.channels.values()),
        "market.channels.<name>.closed must leave at least one channel open, got none",
    )
    for name, segment in market.segments.items():
        _ordered(f"market.segments.{name}", segment, "complexity_low", "complexity_high")
    for name in ("useful_share_by_stage", "distraction_by_stage"):
        count = len(getattr(market.journey, name))
        _refuse_if(count != STAGES, f"market.journey.{name} must hold {STAGES} numbers, got {count}")
    office = market.office_hours
    _refuse_if(
        office.opens_hour < office.spread_hours or office.opens_hour + office.spread_hours + office.hours > 24.0,
        "market.office_hours.hours must lie within one day, also for who begins spread_hours "
        f"{office.spread_hours:g} earlier or later than opens_hour {office.opens_hour:g}, got {office.hours:g}",
    )
    _ordered("market.trust", market.trust, "verification_low", "verification_high")
    _ordered("market.rivals", market.rivals, "strength_low", "strength_high")
    _ordered("market.group", market.group, "doubt_low", "doubt_high")
    _refuse_if(
        market.journey.our_content_share + market.journey.third_party_share <= 0,
        "market.journey.our_content_share and third_party_share must add up to more than 0, got 0",
    )
    _refuse_if(not scenario.organisations, "organisations must name at least one organisation, got none")
    for name, organisation in lived.organisations.items():
        _check_organisation(scenario, lived.market, f"organisations.{name}", organisation)
    for name, organisation in scenario.organisations.items():
        _check_reorganisation(scenario, name)
        arms = [organisation, *(scenario.organisations[to] for to in [organisation.reorganisation.to] if to)]
        check_assets(f"organisations.{name}", scenario.horizon_days(), arms)
    for name in scenario.compare.organisations:
        _refuse_if(
            name not in scenario.organisations,
            f"compare.organisations must name organisations of the scenario ({', '.join(scenario.organisations)}), "
            f"got {name!r}",
        )
    names = scenario.compare.organisations
    _refuse_if(
        len(set(names)) < len(names), f"compare.organisations must name each organisation once, got {', '.join(names)}"
    )


def _refuse_if(wrong: bool, message: str) -> None:
    if wrong:
        raise ContradictionError(message)


def _ordered(where: str, node: object, low: str, high: str) -> None:
    lower, upper = getattr(node, low), getattr(node, high)
    _refuse_if(lower > upper, f"{where}.{low} must be at most {high} {upper:g}, got {lower:g}")


def _check_organisation(scenario: Scenario, lived_market: Market, where: str, organisation: Organisation) -> None:
    calendar, roles = organisation.calendar, organisation.roles
    _ordered(f"{where}.content", organisation.content, "quality_low", "quality_high")
    budget = organisation.budget
    _refuse_if(
        budget.shift > 0 and budget.leads_weight + budget.pipeline_weight + budget.revenue_weight <= 0,
        f"{where}.budget.leads_weight, pipeline_weight and revenue_weight must add up to more than 0, got 0",
    )
    _refuse_if(
        calendar.opens_hour >= calendar.closes_hour,
        f"{where}.calendar.opens_hour must be before closes_hour {calendar.closes_hour:g}, got {calendar.opens_hour:g}",
    )
    hardest = max(segment.complexity_high for segment in scenario.market.segments.values() if segment.share > 0)
    most_usd = lived_market.closing.self_serve_max_value_usd
    _refuse_if(
        roles.rep.headcount == 0 and most_usd < NO_LIMIT_USD,
        f"{where}.roles.rep.headcount must be at least 1 while market.closing.self_serve_max_value_usd is below 1e9, "
        "got 0",
    )
    _refuse_if(
        roles.rep.headcount == 0 and hardest > scenario.market.journey.self_serve_max_complexity,
        f"{where}.roles.rep.headcount must be at least 1 while market.journey.self_serve_max_complexity is below the "
        f"greatest complexity {hardest:g} of a segment, got 0",
    )
    _refuse_if(roles.sdr.headcount == 0, f"{where}.roles.sdr.headcount must be at least 1 to work passed leads, got 0")
    answering = {organisation.access.education, organisation.access.solution, organisation.access.selection}
    needs_marketer = "marketer" in answering or organisation.support.share > 0
    _refuse_if(
        needs_marketer and roles.marketer.headcount == 0,
        f"{where}.roles.marketer.headcount must be at least 1 while marketers answer buyers or support reps, got 0",
    )
    if organisation.teams:
        _check_teams(scenario, where, organisation)
    workday = 24.0 if calendar.always_on else calendar.closes_hour - calendar.opens_hour
    days = 7 if calendar.always_on else 5
    largest = max(people for people, _ in team_sizes(organisation))
    meeting = organisation.coordination.hours_per_teammate_week * max(0, largest - 1) / days
    _refuse_if(
        meeting > 0.9 * workday,
        f"{where}.coordination.hours_per_teammate_week must leave a tenth of the working day in a team of {largest}, "
        f"got {organisation.coordination.hours_per_teammate_week:g}",
    )
    for name in ("marketer", "sdr", "rep"):
        left = (workday - meeting) * (1.0 - getattr(roles, name).own_work_share)
        _refuse_if(
            left < LEAST_BUYER_HOURS,
            f"{where}.roles.{name}.own_work_share must leave at least 5 minutes of the working day for buyers, "
            f"got {getattr(roles, name).own_work_share:g} of {workday - meeting:.2g} hours",
        )
    left = workday - meeting
    tilted = own_share(organisation, Role.REP, (roles.marketer.headcount, roles.sdr.headcount, roles.rep.headcount))
    _refuse_if(
        left * (1.0 - tilted) < LEAST_BUYER_HOURS,
        f"{where}.tilt.hours must leave reps at least 5 minutes of the working day for buyers, "
        f"got {organisation.tilt.hours:g} of {left * (1.0 - roles.rep.own_work_share):.2g} hours",
    )


def _check_reorganisation(scenario: Scenario, name: str) -> None:
    """An organisation changes to another one with the same people; what it changes to stays."""
    before = scenario.organisations[name]
    to, where = before.reorganisation.to, f"organisations.{name}.reorganisation.to"
    if not to:
        return
    others = [other for other in scenario.organisations if other != name]
    _refuse_if(to not in others, f"{where} must name another organisation ({', '.join(others)}), got {to!r}")
    after = scenario.organisations[to]
    _refuse_if(bool(after.reorganisation.to), f"{where} must name an organisation that stays, got {to!r}")
    for part in ("roles", "teams", "calendar", "review_days"):
        _refuse_if(
            getattr(before, part) != getattr(after, part),
            f"{where} must name an organisation with the same {part}, got {to!r}",
        )


def _check_teams(scenario: Scenario, where: str, organisation: Organisation) -> None:
    teams, roles = organisation.teams, organisation.roles
    _refuse_if(len(teams) > MAX_TEAMS, f"{where}.teams must name at most {MAX_TEAMS} teams, got {len(teams)}")
    for plural, headcount in (
        ("marketers", roles.marketer.headcount),
        ("sdrs", roles.sdr.headcount),
        ("reps", roles.rep.headcount),
    ):
        total = sum(getattr(team, plural) for team in teams.values())
        _refuse_if(
            total != headcount, f"{where}.teams.<name>.{plural} must add up to the headcount {headcount}, got {total}"
        )
    needs = (("marketers", roles.marketer.headcount), ("sdrs", roles.sdr.headcount), ("reps", roles.rep.headcount))
    for name, team in teams.items():
        for plural, headcount in needs:
            _refuse_if(
                headcount > 0 and getattr(team, plural) == 0,
                f"{where}.teams.{name}.{plural} must be at least 1 as the organisation has this role, got 0",
            )
        for segment in team.segments:
            _refuse_if(
                segment not in scenario.market.segments,
                f"{where}.teams.{name}.segments must name segments of the market "
                f"({', '.join(scenario.market.segments)}), got {segment!r}",
            )
    served = [segment for team in teams.values() for segment in team.segments]
    for segment in scenario.market.segments:
        _refuse_if(
            served.count(segment) != 1,
            f"{where}.teams.<name>.segments must hold each segment once, got {segment!r} {served.count(segment)} times",
        )
