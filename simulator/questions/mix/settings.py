"""What a search for the best team needs to know."""

from dataclasses import dataclass, field

from simulator.scenario.free_parameter import Free
from simulator.scenario.schema import parameter


@dataclass
class Mix:
    """Headcounts and policies of one organisation at a given payroll."""

    organisation: str = parameter("", "whose team it is; empty takes the last one of compare.organisations")
    objectives: list[str] = parameter(
        lambda: ["win_rate_inquiries", "cycle_time_median", "cost_per_won"],
        "metrics that shall be better, by keys of docs/metrics.md that have a better side; with several, the first "
        "leads and the others must not get worse",
    )
    payroll_usd_per_year: float = parameter(
        0.0, "pay of everybody in a year; 0 takes the organisation's present one", unit="usd/year", low=0, high=1e12
    )
    payroll_tolerance: float = parameter(
        0.03, "how far a team's pay may lie from it to either side, as a share", low=0, high=0.5
    )
    policies: bool = parameter(
        True, "policies under `free` may change with the team; false leaves them, and tries every team in turn"
    )
    free: dict[str, Free] = field(default_factory=dict)
    trials: int = parameter(200, "teams that are tried", low=1, high=100_000)
    seconds: float = parameter(
        0.0,
        "time after which the search ends all the same, the check excepted; 0 for no limit; what a limit cuts short "
        "cannot be repeated to the digit",
        unit="seconds",
        low=0,
        high=1e7,
    )
    replications: int = parameter(12, "runs of each team in the search, on run.seed", low=2, high=10_000)
    finalists: int = parameter(
        10, "best teams of the search that are run again on other seeds, besides the present one", low=1, high=100
    )
    check_replications: int = parameter(40, "runs of each finalist; only these are reported", low=2, high=100_000)
    check_seed: int = parameter(20_002, "seed of these runs; not that of the search", low=0, high=2**63 - 1)
