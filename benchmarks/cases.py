"""The runs that figures are taken from: the scenarios, grown to a size, lowered and ready."""

import copy
from functools import cache

import simulator as sim
from benchmarks.engines import SEED, grown
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import Setup, lower
from simulator.scenario.checked import check
from simulator.scenario.scenario import Scenario

#: The whole model, and the part of it that other libraries can express too.
WHOLE, CORE = "baseline", "core_journey"
SMALL, USUAL, LARGE = 10_000, 100_000, 1_000_000
_WARM_UP_BUYERS = 300


@cache
def loaded(scenario: str) -> Scenario:
    return sim.load_scenario(scenario)


def organisation_of(scenario: str) -> str:
    """The first that the scenario compares."""
    return loaded(scenario).compared()[0]


def sized(scenario: str, buyers: int) -> Scenario:
    """The scenario with about so many buyers that come, met by as many more people."""
    return grown(loaded(scenario), organisation_of(scenario), round(buyers / _come_per_expected(scenario)))


@cache
def _come_per_expected(scenario: str) -> float:
    """Buyers that come by one that is expected at the spend of the start: an organisation may spend it better."""
    base, organisation = loaded(scenario), organisation_of(scenario)
    report = run_compiled(lower(grown(base, organisation, SMALL), organisation, SEED, 0))
    return len(report.rows) / SMALL


def staffed(scenario: str, buyers: int, people: int) -> Scenario:
    """The scenario with about so many buyers and so many people, in the usual proportion; meetings take as long."""
    chosen = copy.deepcopy(sized(scenario, buyers))
    (organisation,) = chosen.organisations.values()
    roles = [role for role in (organisation.roles.marketer, organisation.roles.sdr, organisation.roles.rep)
             if role.headcount > 0]  # fmt: skip
    before = sum(role.headcount for role in roles)
    for role in roles:
        role.headcount = max(1, round(role.headcount * people / before))
    largest = max(roles, key=lambda role: role.headcount)
    largest.headcount = max(1, largest.headcount + people - sum(role.headcount for role in roles))
    after = sum(role.headcount for role in roles)
    organisation.coordination.hours_per_teammate_week *= max(1, before - 1) / max(1, after - 1)
    check(chosen)
    return chosen


def ready(scenario: Scenario, replication: int = 0) -> Setup:
    """What an engine is given, with arrivals drawn."""
    return lower(scenario, scenario.compared()[0], SEED, replication)


def setup(scenario: str, buyers: int, replication: int = 0) -> Setup:
    """One run of a size."""
    return ready(sized(scenario, buyers), replication)


@cache
def warm_up() -> None:
    """Compile, or load from the cache, before anything is timed."""
    for scenario in (WHOLE, CORE):
        run_compiled(setup(scenario, _WARM_UP_BUYERS))
