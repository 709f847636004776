"""Reading a CRM export, as a question of its own: what does it hold, and what of it cannot be read?"""

from typing import TYPE_CHECKING

from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

if TYPE_CHECKING:
    from simulator.leads.funnel import Funnel


def refuse(scenario: Scenario) -> None:
    """Refuse to read no file."""
    if not scenario.crm.leads:
        raise ScenarioError("crm.leads must name a file of leads, CSV or Parquet, for study=read_crm, got ''")


def read(scenario: Scenario) -> "Funnel":
    """Read the export that a scenario names.

    Raises
    ------
    ScenarioError
        One line, when it cannot be read at all.
    """
    from simulator.leads.funnel import read_funnel  # brings pandas and pyarrow

    refuse(scenario)
    return read_funnel(scenario.crm)
