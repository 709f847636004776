"""What it costs."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Economics:
    """Costs beside pay and channel spend; the same for every organisation."""

    content_usd_per_year: float = parameter(60_000.0, "making and keeping content", unit="usd/year", low=0, high=1e9)
    tools_usd_per_year: float = parameter(40_000.0, "software", unit="usd/year", low=0, high=1e9)
