"""What a calibration of the defaults needs to know."""

from dataclasses import dataclass, field

from simulator.scenario.free_parameter import Free
from simulator.scenario.schema import parameter


@dataclass
class DefaultsCalibration:
    """Defaults that let one organisation meet published figures."""

    organisation: str = parameter("", "the organisation that the published figures describe; empty takes the first")
    trials: int = parameter(600, "parameter sets that are tried; 0 only reports the present ones", low=0, high=100_000)
    replications: int = parameter(8, "runs of each parameter set", low=1, high=10_000)
    finalists: int = parameter(
        12,
        "best parameter sets that are run more often, lest the luckiest one wins; 0 trusts the search",
        low=0,
        high=1000,
    )
    finalist_replications: int = parameter(40, "runs of each of the best parameter sets", low=1, high=10_000)
    seed: int = parameter(20_001, "seed of the search and of its runs; the report uses run.seed", low=0, high=2**31 - 1)
    profile_points: int = parameter(
        7, "values of each free parameter that are tried around the best set; 0 leaves this out", low=0, high=1000
    )
    free: dict[str, Free] = field(default_factory=dict)
