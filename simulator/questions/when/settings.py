"""What a map of who wins where needs to know."""

from dataclasses import dataclass, field

from simulator.scenario.free_parameter import Free
from simulator.scenario.schema import parameter


@dataclass
class When:
    """When which organisation wins: a map over two assumptions, and a rule over many."""

    metrics: list[str] = parameter(
        lambda: ["win_rate_inquiries"],
        "metrics whose gap is mapped, of which more or less is better; the rule is about the first; keys of "
        "docs/metrics.md",
    )
    challenger: str = parameter(
        "", "organisation whose gap to the first one compared is mapped; empty takes the last one compared"
    )
    x: Free = field(default_factory=Free)
    y: Free = field(default_factory=Free)
    points: int = parameter(7, "values along each axis of the map", low=2, high=1000)
    replications: int = parameter(
        8, "runs of each organisation at each point of the map, on the same buyers everywhere", low=2, high=100_000
    )
    hypercube: int = parameter(
        200, "points of a Latin hypercube over study.when.free from which a rule is found; 0 leaves it out", low=0,
        high=1_000_000,
    )  # fmt: skip
    held_out: int = parameter(100, "fresh points on which the rule is checked", low=10, high=1_000_000)
    rule_replications: int = parameter(4, "runs of each organisation at each of these points", low=2, high=100_000)
    density: float = parameter(
        0.8,
        "share of the rarer outcome that the rule's box must hold; of the boxes that do, the one that covers most is "
        "taken, else the densest",
        low=0.5,
        high=1,
    )
    seed: int = parameter(1, "seed of the hypercubes; buyers' luck is run.seed", low=0, high=2**31 - 1)
    free: dict[str, Free] = field(default_factory=dict)
