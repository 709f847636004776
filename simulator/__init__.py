"""Buyer journeys through selling organisations, simulated: the public interface.

>>> import simulator as sim
>>> scenario = sim.load_scenario("baseline", overrides=["market.inquiries_per_year=2000"])
>>> result = sim.simulate(scenario, organisation="relay_race", seed=1)
>>> arm = sim.prepare(scenario, organisation="relay_race")  # once, for many runs
>>> results = [arm.run(replication) for replication in range(20)]
>>> comparison = sim.compare(scenario, replications=50)
>>> model = sim.BuyerJourneyModel(scenario, organisation="integrated", seed=1)

Names are imported when first used, so that ``import simulator`` stays light.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.engines.reference.buyer_journey_model import BuyerJourneyModel
    from simulator.questions.compare.work import Comparison, compare
    from simulator.results.crm_export import crm_tables
    from simulator.run import Prepared, Result, prepare, simulate
    from simulator.scenario.composing import load_scenario
    from simulator.scenario.scenario import Scenario
    from simulator.scenario.schema import ScenarioError

__all__ = [
    "BuyerJourneyModel", "Comparison", "Prepared", "Result", "Scenario", "ScenarioError", "compare", "crm_tables",
    "load_scenario", "prepare", "simulate",
]  # fmt: skip

__version__ = "0.1.0"

_HOMES = {
    "BuyerJourneyModel": "simulator.engines.reference.buyer_journey_model",
    "Comparison": "simulator.questions.compare.work",
    "Prepared": "simulator.run",
    "Result": "simulator.run",
    "Scenario": "simulator.scenario.scenario",
    "ScenarioError": "simulator.scenario.schema",
    "compare": "simulator.questions.compare.work",
    "crm_tables": "simulator.results.crm_export",
    "load_scenario": "simulator.scenario.composing",
    "prepare": "simulator.run",
    "simulate": "simulator.run",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simulator' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
