"""From a checked scenario to what an engine is given: rules, arrivals and people of one run."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engines.lowering.arrivals import Arrivals, draw_arrivals
from simulator.engines.lowering.people import fill_people
from simulator.engines.lowering.rules import CHOSEN, RULES_DTYPE, fill_channels, fill_market, fill_organisation
from simulator.model.numerics import DAY_US, microseconds
from simulator.model.randomness import stream_key
from simulator.scenario.assets import most_assets
from simulator.scenario.checked import Checked, check
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError, meant


@dataclass(frozen=True)
class Setup:
    """What an engine is given.

    ``rules`` is a read-only record of ``RULES_DTYPE``; an engine works on a copy, whose slow state it changes. A team's
    working day opens with its meetings and what training there is; a role's own work comes next, and what is left
    (``opens``, ``window`` per pool) is for buyers. ``people`` are numbered by (team, role), so that a pool
    ``team * 3 + role`` is the range ``first_person[pool]`` to ``last_person[pool]``. ``after`` are the rules of the
    organisation that takes over at ``rules.reorganise_at_us``, or None. ``most_assets`` is more than a run can make.
    """

    rules: Any
    key: np.uint64
    arrivals: Arrivals
    person_role: np.ndarray
    person_team: np.ndarray
    segments: list[str]
    teams: list[str]
    after: Any
    most_assets: int

    def fresh_rules(self) -> Any:
        """A copy of the rules for one run."""
        rules = np.zeros(1, RULES_DTYPE)
        rules[0] = self.rules
        return rules.view(np.recarray)[0]


@dataclass(frozen=True)
class Lowered:
    """One organisation of a scenario as arrays, as far as all replications share them.

    Attributes
    ----------
    scenario : with its switches applied.
    rules, after : as in `Setup`, for the market's own channels.
    grows : whether spend on a channel may grow.
    """

    scenario: Checked
    rules: Any
    after: Any
    person_role: np.ndarray
    person_team: np.ndarray
    teams: list[str]
    most_assets: int
    grows: bool

    def setup(self, seed: int, replication: int, arrivals: Arrivals | None = None) -> Setup:
        """What an engine is given for one replication; its buyers are drawn or replayed if none are given.

        Raises
        ------
        ScenarioError
            If an export cannot be replayed.
        """
        scenario = self.scenario
        arrivals = arrivals or draw_arrivals(scenario, seed, replication, self.grows)
        arrivals = arrivals.before(scenario.horizon_days() * DAY_US)
        return Setup(
            rules=self._for_channels(self.rules, arrivals.channels),
            key=stream_key(seed, replication),
            arrivals=arrivals,
            person_role=self.person_role,
            person_team=self.person_team,
            segments=list(scenario.market.segments),
            teams=self.teams,
            after=self._for_channels(self.after, arrivals.channels),
            most_assets=self.most_assets,
        )

    def _for_channels(self, rules: Any, channels: list[str]) -> Any:
        """The rules for a stream that may have other channels than the market names."""
        if rules is None or channels == list(self.scenario.market.channels):
            return rules
        fresh = np.zeros(1, RULES_DTYPE)
        fresh[0] = rules
        fill_channels(fresh, self.scenario.market, channels)
        return _record(fresh)


def _record(rules: np.ndarray) -> Any:
    """A record that nobody writes to, as replications share it."""
    rules.flags.writeable = False
    return rules.view(np.recarray)[0]


def lower_organisation(scenario: Checked, organisation: str) -> Lowered:
    """Rules and people of one organisation of a checked scenario.

    Raises
    ------
    ScenarioError
        If the organisation is unknown.
    """
    if organisation not in (known := list(scenario.organisations)):
        hint = meant(organisation, known)
        raise ScenarioError(f"organisation must be one of {', '.join(known)}, got {organisation!r}{hint}")
    scenario = scenario.lived
    market, chosen = scenario.market, scenario.organisations[organisation]
    changes = chosen.reorganisation
    following = scenario.organisations[changes.to] if changes.to else None
    arms = [chosen] if following is None else [chosen, following]
    rules = np.zeros(1, RULES_DTYPE)
    fill_market(rules, scenario)
    fill_channels(rules, market, list(market.channels))
    fill_organisation(rules, chosen)
    teams, person_role, person_team = fill_people(rules, market, chosen)
    after = None
    if following is not None:
        rules["reorganise_at_us"] = microseconds(changes.day)
        after = rules.copy()
        fill_organisation(after, following)
        fill_people(after, market, following)
        after["dip"], after["dip_us"] = changes.dip, microseconds(changes.dip_days)
        after = _record(after)
    return Lowered(
        scenario=scenario,
        rules=_record(rules),
        after=after,
        person_role=person_role,
        person_team=person_team,
        teams=teams,
        most_assets=most_assets(scenario.horizon_days(), arms),
        grows=any(arm.budget.shift > 0.0 for arm in arms),
    )


def lower(
    scenario: Scenario, organisation: str, seed: int, replication: int, arrivals: Arrivals | None = None
) -> Setup:
    """Rules, arrivals and people of one organisation in one replication of a scenario, which is checked.

    Raises
    ------
    ScenarioError
        If the scenario is refused, the organisation is unknown, or an export cannot be replayed.
    """
    return lower_organisation(check(scenario), organisation).setup(seed, replication, arrivals)


def reorganise(rules: Any, after: Any) -> None:
    """Let another organisation's choices hold from now on; slow state stays as it is."""
    for name in CHOSEN:
        rules[name] = after[name]
