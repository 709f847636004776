"""Simulations whose gap in net is a known function of the scenario."""

import copy
import dataclasses

from simulator.results.summary import Summary
from simulator.scenario.study import Free
from tests.results.fake_journeys import fake_scenario

#: The baseline's net and cost, usd; the challenger earns the gap more.
PAYS_USD, COST_USD = 1_000_000.0, 5000.0

TRUST, DOUBT, HEAT = "market.trust.initial", "market.trust.contradiction_cost", "market.reach.half_life_days"
CLASHES = "organisations.<challenger>.consistency.contradiction_chance"


def asking(study, free, **run):
    """A scenario with two organisations, in the middle of every range, asked about its net."""
    scenario = fake_scenario(**{"replications": 2, "warm_up_days": 0, "cohort_days": 30, "follow_up_days": 300, **run})
    scenario.study.name = study
    scenario.market.trust.initial = scenario.market.trust.contradiction_cost = 0.5
    scenario.market.reach.half_life_days = 1.0
    for organisation in scenario.organisations.values():
        organisation.consistency.contradiction_chance = 0.5
    scenario.organisations["integrated"].recycling.share = 0.75  # lest it is the baseline's twin
    asked = getattr(scenario.study, study)
    asked.free, asked.metrics, asked.replications = dict(free), ["net"], 2
    return scenario


def unit_ranges(**paths):
    """Free parameters from 0 to 1."""
    return {name: Free(path, 0.0, 1.0) for name, path in paths.items()}


def known(gap):
    """A simulation whose last organisation earns ``gap(scenario, replication)`` usd more than the others.

    It hands over a summary: needs the fixture ``ready_summaries``.
    """

    def simulate(scenario, organisation, *, replication=0, **_):
        last = organisation == list(scenario.organisations)[-1]
        net = PAYS_USD + (gap(scenario, replication) if last else 0.0)
        return Summary(organisation, replication, {"replications": 1, "net": net, "cost": COST_USD, "won": 1}, {})

    return simulate


def with_twin(scenario):
    """The same, with a twin of the first organisation in the last one's place."""
    first, last = scenario.organisations
    organisations = {first: scenario.organisations[first], last: copy.deepcopy(scenario.organisations[first])}
    return dataclasses.replace(scenario, organisations=organisations)


def never(*_, **__):
    raise AssertionError("nothing may run")
