"""What an audit of scoring and of attribution needs to know."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Audit:
    """Does the lead score tell good leads from bad ones, and does the credit of channels tell what they cause?"""

    organisation: str = parameter("", "whose scoring and channels; empty takes the first of compare.organisations")
    good_fit: float = parameter(
        -1.0,
        "true fit from which a lead is a good one; -1 takes the organisation's own word: sales.qualify_threshold",
        low=-1,
        high=1,
    )
    thresholds: list[float] = parameter(
        lambda: [0.4, 0.55, 0.7, 0.85, 1.0, 1.15, 1.3],
        "scores from which inquiries are passed on that are tried, besides the present one",
        low=-100,
        high=100,
    )
    objective: str = parameter(
        "net", "metric by which a threshold is the best one; a key of docs/metrics.md that has a better side"
    )
    ample: int = parameter(
        10,
        "SDRs and reps for each one there is, where everybody is passed on and has to be served: so many that nobody "
        "waits for long; meetings take as long as before",
        low=1,
        high=100,
    )
