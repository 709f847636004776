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
class Calibration:
    """Defaults that let the relay race meet published figures."""

    organisation: str = parameter("", "the organisation that the published figures describe; empty takes the baseline")
    trials: int = parameter(600, "parameter sets that are tried", low=1, high=1_000_000)
    replications: int = parameter(4, "runs of each parameter set", low=1, high=10_000)
    seed: int = parameter(20_001, "seed of the search and of its runs; the report uses run.seed", low=0, high=2**31 - 1)


@dataclass
class Study:
    """The question."""

    name: str = parameter(
        "compare", "which question is asked", choices=("compare", "ablation", "calibrate_defaults")
    )  # fmt: skip
    ablation: Ablation = field(default_factory=Ablation)
    calibration: Calibration = field(default_factory=Calibration)
