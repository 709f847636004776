"""The reference engine as the public interface offers it: a Mesa model made from a scenario."""

from simulator.engines.lowering import lower
from simulator.engines.reference.model import Engine
from simulator.scenario.checked import check, check_replication
from simulator.scenario.scenario import Scenario


class BuyerJourneyModel(Engine):
    """The reference engine as a Mesa model: ``step()`` is one day, ``agents`` are accounts and people.

    Parameters
    ----------
    scenario : the question. It is checked.
    organisation : one of ``scenario.organisations``.
    seed : seed of all randomness; by default the scenario's.
    replication : which repetition.
    """

    def __init__(self, scenario: Scenario, organisation: str, seed: int | None = None, replication: int = 0) -> None:
        self.scenario = check(scenario)
        seed = self.scenario.given("run.seed", seed)
        super().__init__(lower(self.scenario, organisation, seed, check_replication(replication)))
