"""What a look at the two lives of each buyer needs to know."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Twins:
    """The same buyers in two organisations: which flipped, and where their lives part."""

    challenger: str = parameter(
        "", "the compared organisation whose lives are laid beside those of the first one; empty takes the last"
    )
    detail_replications: int = parameter(
        5,
        "replications in which every event is recorded, to find where lives part and through which mechanism; at most "
        "run.replications are taken",
        low=1,
        high=1000,
    )
