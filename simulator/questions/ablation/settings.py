"""What an ablation needs to know."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Ablation:
    """Each mechanism alone, and each one left out."""

    metrics: list[str] = parameter(
        lambda: ["win_rate_inquiries", "cycle_time_median", "cost_per_won", "net"],
        "metrics whose gap between the organisations is taken apart; keys of docs/metrics.md",
    )
    mechanisms: list[str] = parameter(list, "mechanisms that are taken apart; empty takes all that the scenario has on")
