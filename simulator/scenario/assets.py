"""How many assets a run can have: the size of the engines' table of them, bounded before anything runs."""

import math
from collections.abc import Sequence

from simulator.scenario.organisation import Organisation
from simulator.scenario.schema import ScenarioError

#: More is a mistake, and would only cost time.
MOST_ASSETS = 200_000


def most_assets(horizon_days: int, organisations: Sequence[Organisation]) -> int:
    """More assets than a run can have: if everybody's whole time went into them, in any of its organisations.

    The library at the start is that of the first one; hours in a half-made asset stay when the organisation changes.
    """
    first = organisations[0]
    roles, calendar = first.roles, first.calendar  # which no reorganisation changes
    workdays = math.ceil(horizon_days / 7.0 + 1.0) * calendar.days_a_week()
    people = max(
        one.content.making_share * roles.marketer.headcount + max(0.0, -one.tilt.hours) * roles.rep.headcount
        for one in organisations
    )
    hours_per_asset = min(one.content.hours_per_asset for one in organisations)
    return first.content.assets_at_start + math.ceil(people * workdays * calendar.hours_a_day() / hours_per_asset) + 2


def check_assets(where: str, horizon_days: int, organisations: Sequence[Organisation]) -> None:
    """Refuse a library that would grow beyond what can be meant.

    Raises
    ------
    ScenarioError
        One line naming the field, the rule and the value.
    """
    most = most_assets(horizon_days, organisations)
    if most > MOST_ASSETS:
        hours = min(one.content.hours_per_asset for one in organisations)
        raise ScenarioError(
            f"{where}.content.hours_per_asset must let the run make fewer than {MOST_ASSETS:,} assets, got {hours:g}, "
            f"which could make {most:,}"
        )
