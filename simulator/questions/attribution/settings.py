"""What an attribution needs to know."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter

#: Mechanisms up to which ``auto`` runs every coalition: 2 to the power of 9, with what is left as one player more.
EXACT_UP_TO = 8


@dataclass
class Attribution:
    """Shapley values of the mechanisms in which two organisations differ."""

    challenger: str = parameter("", "the organisation whose gap to the baseline is taken apart; empty takes the last")
    metrics: list[str] = parameter(
        lambda: ["win_rate_inquiries", "cycle_time_median", "cost_per_won", "net"],
        "metrics whose gap is taken apart; keys of docs/metrics.md",
    )
    mechanisms: list[str] = parameter(
        list,
        "mechanisms that are players of their own; all else in which the two differ is one player more; empty takes "
        "every mechanism in which they differ",
    )
    method: str = parameter(
        "auto",
        f"exact: every coalition; sampled: orders in which mechanisms join, drawn at random; auto: exact up to "
        f"{EXACT_UP_TO} mechanisms",
        choices=("auto", "exact", "sampled"),
    )
    orders: int = parameter(
        64, "orders that are drawn, every second one the one before backwards", low=4, high=1_000_000
    )
