"""Which organisation becomes which, and when: the three arms of a transition."""

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.questions.frame.arms import without_description
from simulator.questions.frame.checks import check_arms, check_names, check_replications
from simulator.scenario.checked import Checked
from simulator.scenario.collaboration import Reorganisation
from simulator.scenario.organisation import Organisation
from simulator.scenario.schema import ScenarioError

#: The three arms: as it is, on its way, and as if it had always been there.
STAYS, CHANGES, ALWAYS = "stays", "changes", "always"


@dataclass(frozen=True)
class Plan:
    """Who becomes what, and when.

    Attributes
    ----------
    scenario : with the organisation on its way among its organisations.
    names : of the organisation of each arm, in ``scenario``.
    before, after : the same for a reader.
    change_day : day of the run at which it changes.
    """

    scenario: Checked
    names: Mapping[str, str]
    before: str
    after: str
    change_day: float


def change_day(organisation: Organisation) -> float:
    """Day of the run at which an organisation changes: its first review from the stated day on, not the start."""
    return max(1.0, math.ceil(organisation.reorganisation.day / organisation.review_days)) * organisation.review_days


def planned(scenario: Checked) -> Plan:
    """Who becomes what: a change that a compared organisation makes anyway, or the one that the study names.

    Raises
    ------
    ScenarioError
        One line: nothing or too much to choose from, another people or calendar, or a change after the run.
    """
    settings, names = scenario.study.transition, scenario.compared()
    check_replications(scenario, "transition")
    if settings.to:
        check_names("study.transition.to", [settings.to], "organisation", tuple(scenario.organisations))
    changing = [] if settings.to else [name for name in names if scenario.organisations[name].reorganisation.to]
    if len(changing) > 1:
        raise ScenarioError(
            f"compare.organisations must name at most one organisation that changes for study=transition, "
            f"got {', '.join(changing)}"
        )
    if changing:
        on_its_way = scenario.organisations[changing[0]]
    else:
        if not settings.to:
            check_arms(scenario, "transition")
        on_its_way = scenario.organisations[names[0]]
        on_its_way = _changing(on_its_way, to=settings.to or names[-1], day=float(scenario.run.warm_up_days))
    if settings.day is not None:
        on_its_way = _changing(on_its_way, day=settings.day)
    after = on_its_way.reorganisation.to
    stays = _changing(on_its_way, to="")
    if changing:
        alike = [
            name
            for name, organisation in scenario.organisations.items()
            if _alike(organisation, stays) and name != after
        ]
        before = alike[0] if alike else _new(scenario.organisations, f"{changing[0]}_unchanged")
    else:
        before = names[0]
    if after == before:
        raise ScenarioError(f"study.transition.to must name another organisation than {before}, got {after!r}")
    through = _new([*scenario.organisations, before], f"{before}_to_{after}")
    changes = {
        f"organisations.{before}": stays,
        f"organisations.{through}": on_its_way,
        "compare.organisations": [before, through, after],
    }
    try:
        planned = scenario.with_(changes)
    except ScenarioError as refused:
        raise ScenarioError(f"study=transition: {refused}") from refused
    day, last = change_day(on_its_way), scenario.horizon_days()
    if day >= last:
        raise ScenarioError(
            f"study.transition.day must let the change come before the end of the run on day {last:,}, got day {day:g}"
        )
    return Plan(planned, {STAYS: before, CHANGES: through, ALWAYS: after}, before, after, day)


def _alike(one: Organisation, other: Organisation) -> bool:
    """The same organisation, none of which changes; how deep a dip would be does not matter then."""
    first, second = (
        dataclasses.replace(without_description(organisation), reorganisation=Reorganisation())
        for organisation in (one, other)
    )
    return not one.reorganisation.to and first == second


def _changing(organisation: Organisation, **changes: Any) -> Organisation:
    """The organisation with another change ahead of it."""
    return dataclasses.replace(
        organisation, reorganisation=dataclasses.replace(organisation.reorganisation, **changes)
    )  # fmt: skip


def _new(taken: Collection[str], name: str) -> str:
    """A name that no organisation has."""
    while name in taken:
        name += "_"
    return name
