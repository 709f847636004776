"""Which question is asked of a scenario, and what each question needs."""

from dataclasses import dataclass, field

from simulator.domain.schema import parameter


@dataclass
class Ablation:
    """Each mechanism alone, and each one left out."""

    metrics: list[str] = parameter(
        lambda: ["win_rate_inquiries", "cycle_time_median", "cost_per_won", "net"],
        "metrics whose gap between the organisations is taken apart; keys of docs/metrics.md",
    )
    mechanisms: list[str] = parameter(list, "mechanisms that are taken apart; empty takes all that the scenario has on")


@dataclass
class Free:
    """A parameter that a calibration may set."""

    path: str = parameter(
        "",
        "its key: market.journey.step_days; organisations.*.sales.attempts is one value for every organisation; "
        "market.segments.*.patience_median_days is a factor on each segment's own",
    )
    low: float = parameter(0.0, "least value that is tried, or least factor")
    high: float = parameter(1.0, "greatest value that is tried, or greatest factor")
    log: bool = parameter(False, "search on a logarithmic scale")


@dataclass
class Calibration:
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


@dataclass
class Study:
    """The question."""

    name: str = parameter(
        "compare", "which question is asked", choices=("compare", "ablation", "calibrate_defaults")
    )  # fmt: skip
    ablation: Ablation = field(default_factory=Ablation)
    calibration: Calibration = field(default_factory=Calibration)
