"""What a comparison needs to know besides which organisations."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Precision:
    """How narrow intervals shall be."""

    precision: float = parameter(
        0.0,
        "add replications until every headline interval reaches at most this share of its estimate to either side "
        "(of the baseline's estimate for a difference; of one percentage point for shares below that); 0 runs "
        "run.replications",
        low=0.0,
        high=1.0,
    )
    most_replications: int = parameter(
        400, "replications after which a comparison stops all the same", low=2, high=1_000_000
    )
