"""What the way from one organisation to another needs to know."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Transition:
    """An organisation that becomes another one, beside one that stays and one that has always been the other."""

    to: str = parameter(
        "",
        "what the first compared organisation becomes; empty takes the change that a compared organisation makes "
        "anyway, else the last compared one",
    )
    day: float | None = parameter(
        None,
        "the change comes at the first review from this day on; null keeps the day of a change that the scenario has, "
        "else takes the end of the warm-up",
        unit="days",
        low=0,
        high=36_500,
    )
    cost_usd: float = parameter(
        0.0, "paid once at the change, beside the dip and the training: advice, moves, software", unit="usd", low=0,
        high=1e12,
    )  # fmt: skip
