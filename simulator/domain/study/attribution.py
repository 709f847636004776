"""What an attribution needs to know."""

from dataclasses import dataclass

from simulator.domain.schema import parameter


@dataclass
class Attribution:
    """Shapley values of the mechanisms in which two organisations differ."""

    metrics: list[str] = parameter(
        lambda: ["win_rate_inquiries", "cycle_time_median", "cost_per_won", "net"],
        "metrics whose gap between the organisations is taken apart; keys of docs/metrics.md",
    )
    mechanisms: list[str] = parameter(
        list,
        "mechanisms that are players of their own; all else in which the organisations differ is one player more; "
        "empty takes all in which they differ",
    )
    method: str = parameter(
        "auto",
        "exact: every coalition; sampled: orders in which the players join, at random; auto: exact up to 8 mechanisms",
        choices=("auto", "exact", "sampled"),
    )
    orders: int = parameter(64, "orders that are sampled, half of them the other half backwards", low=2, high=1_000_000)
