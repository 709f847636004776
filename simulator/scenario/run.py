"""How a scenario is run and what is compared."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Run:
    """Length, luck and recording of a run."""

    seed: int = parameter(1, "seed of all randomness", low=0, high=2**63 - 1)
    replications: int = parameter(
        20, "independent repetitions, all organisations on the same buyers in each", low=1, high=1_000_000
    )
    warm_up_days: int = parameter(
        120, "time before the cohort, so that it meets busy people", unit="days", low=0, high=36_500
    )
    cohort_days: int = parameter(365, "arrivals in this time are counted", unit="days", low=1, high=36_500)
    follow_up_days: int = parameter(
        365, "time after the cohort in which its journeys end; arrivals go on", unit="days", low=0, high=36_500
    )
    engine: str = parameter("compiled", "which engine", choices=("compiled", "reference"))
    threads: int = parameter(0, "replications run side by side; 0 means one per core", low=0, high=1024)
    record: str = parameter("journeys", "what is kept of every buyer", choices=("journeys", "touches"))
    export: str = parameter(
        "none",
        "what a comparison leaves of replication 0 besides: the tables and the event log that a CRM would hold",
        choices=("none", "crm"),
    )


@dataclass
class Compare:
    """Which organisations meet the same buyers."""

    organisations: list[str] = parameter(
        list, "which organisations, the first one is the baseline; empty takes all of the scenario"
    )
    equal_payroll: bool = parameter(True, "refuse organisations whose payroll differs by more than 0.5%")
