"""An organisation with a part of it taken back to another one's values, and with so many people that nobody waits.

What two organisations differ in is split into parts: one for each mechanism that owns a key in which they differ, and
one for all else. Taking every part back makes the one organisation the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.questions.frame.coalitions import REST, between
from simulator.questions.frame.differing import differing
from simulator.scenario.checked import Checked
from simulator.scenario.content import Content
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL, OWNED_PATHS
from simulator.scenario.organisation import Organisation, RoleSpec
from simulator.scenario.scenario import team_sizes
from simulator.scenario.schema import ScenarioError

#: How many times as many people there are where nobody shall wait for one who is busy.
_CROWD = 20

#: Most people of a role, and most hours in an asset, that the schema allows: a crowd must not be larger.
_MOST_PEOPLE = int(RoleSpec.__dataclass_fields__["headcount"].metadata["high"])
_PLURALS = ("marketers", "sdrs", "reps")
_MOST_HOURS = float(Content.__dataclass_fields__["hours_per_asset"].metadata["high"])


@dataclass(frozen=True)
class Part:
    """A part of what sets two organisations apart.

    Attributes
    ----------
    name : a mechanism, or ``REST``.
    values : key below an organisation -> (value of the baseline, value of the challenger).
    """

    name: str
    values: Mapping[str, tuple[Any, Any]]


def parts_of(scenario: Checked, baseline: str, challenger: str) -> list[Part]:
    """In what two organisations differ once the switches are applied, mechanisms in the order of the schema."""
    lived = scenario.lived.organisations
    apart = {key: (one, other) for key, one, other in differing(lived[baseline], lived[challenger])}
    found = [
        Part(name, {key: apart[key] for key in keys if key in apart}) for name, keys in ORGANISATION_NEUTRAL.items()
    ]
    found.append(Part(REST, {key: values for key, values in apart.items() if key not in OWNED_PATHS}))
    return [part for part in found if part.values]


def taken_back(scenario: Checked, baseline: str, challenger: str, part: Part) -> Checked:
    """A copy in which the challenger has the baseline's values of one part; its name stays.

    Raises
    ------
    ScenarioError
        If the organisation cannot be without this part.
    """
    own = [one.name for one in parts_of(scenario, baseline, challenger)]
    try:
        return between(scenario, baseline, challenger, [name for name in own if name != part.name], own)
    except ScenarioError as refused:
        raise ScenarioError(f"study=twins, {part.name} of {challenger} taken back: {refused}") from refused


def never_waiting(scenario: Checked, *names: str) -> tuple[Checked, int]:
    """A copy in which there are many times as many people, and how many times.

    All else stays as it is as far as it can: each person meets, trains and works on its own for as long as before, and
    the people make as many assets from as many hours. So what changes is that hardly anybody waits for one who is busy.
    Meetings stay exactly as long if teams are equally large.
    """
    later = [scenario.organisations[name].reorganisation.to for name in names]
    chosen = {name: scenario.organisations[name] for name in (*names, *filter(None, later))}
    people = max(role.headcount for one in chosen.values() for role in _roles(one))
    hours = max(one.content.hours_per_asset for one in chosen.values())
    times = max(1, min(_CROWD, _MOST_PEOPLE // max(1, people), int(_MOST_HOURS // hours)))
    changes: dict[str, Any] = {}
    for name, one in chosen.items():
        where, largest = f"organisations.{name}", max(people for people, _ in team_sizes(one))
        for role in ("marketer", "sdr", "rep"):
            changes[f"{where}.roles.{role}.headcount"] = getattr(one.roles, role).headcount * times
        for team, own in one.teams.items():
            changes |= {f"{where}.teams.{team}.{plural}": getattr(own, plural) * times for plural in _PLURALS}
        meeting = one.coordination.hours_per_teammate_week * ((largest - 1) / max(1, times * largest - 1))
        changes[f"{where}.coordination.hours_per_teammate_week"] = meeting
        changes[f"{where}.content.hours_per_asset"] = one.content.hours_per_asset * times
    return scenario.with_(changes), times


def _roles(organisation: Organisation) -> tuple[RoleSpec, ...]:
    return organisation.roles.marketer, organisation.roles.sdr, organisation.roles.rep
