"""A parameter that a study may set, and how far."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Free:
    """A parameter that a study may set."""

    path: str = parameter(
        "",
        "its key: market.journey.step_days; organisations.*.sales.attempts is one value for every organisation; "
        "market.segments.*.patience_median_days is a factor on each segment's own; several keys, separated by commas, "
        "move together",
    )
    low: float = parameter(0.0, "least value that is tried, or least factor")
    high: float = parameter(1.0, "greatest value that is tried, or greatest factor")
    log: bool = parameter(False, "spread values on a logarithmic scale")
    clip: bool = parameter(
        False, "hold a factor's results at the ends of their key's range instead of refusing a factor that leaves it"
    )
