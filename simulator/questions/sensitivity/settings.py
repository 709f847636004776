"""What a sensitivity analysis needs to know."""

from dataclasses import dataclass, field

from simulator.scenario.free_parameter import Free
from simulator.scenario.schema import parameter


@dataclass
class Sensitivity:
    """What the gap between two organisations hangs on."""

    method: str = parameter(
        "morris",
        "morris: elementary effects, which sort out what matters; sobol: shares of the variance of the gap, for many "
        "more runs; both",
        choices=("morris", "sobol", "both"),
    )
    metrics: list[str] = parameter(
        lambda: ["win_rate_inquiries", "net"],
        "metrics whose gap is examined, of which more or less is better; keys of docs/metrics.md",
    )
    challenger: str = parameter(
        "", "organisation whose gap to the first one compared is examined; empty takes the last one compared"
    )
    trajectories: int = parameter(
        20,
        "walks through the ranges, each of which moves every assumption once",
        low=2,
        high=100_000,
        source="10 to 50 do (Campolongo, Cariboni and Saltelli 2007)",
    )
    levels: int = parameter(
        4, "values of each assumption that the walks visit; even", low=2, high=100, source="4: Morris 1991"
    )
    sobol_points: int = parameter(
        64,
        "base points of the Sobol design, a power of two; it takes this many times (2 + the assumptions) design points",
        low=4,
        high=2**20,
    )
    replications: int = parameter(
        4, "runs of each organisation at each design point, on the same buyers everywhere", low=2, high=100_000
    )
    seed: int = parameter(
        1, "seed of the designs and of the bootstrap; buyers' luck is run.seed", low=0, high=2**31 - 1
    )
    resamples: int = parameter(1000, "bootstrap resamples for the intervals", low=100, high=1_000_000)
    free: dict[str, Free] = field(default_factory=dict)
