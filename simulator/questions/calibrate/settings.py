"""What fitting the model to a CRM export needs to know."""

from dataclasses import dataclass, field

from simulator.scenario.free_parameter import Free
from simulator.scenario.schema import parameter


@dataclass
class Fit:
    """Free parameters that let one organisation make the funnel of an export."""

    organisation: str = parameter("", "the organisation that the export comes from; empty takes the first")
    points: int = parameter(
        4096,
        "parameter sets drawn from the ranges of the free parameters; best a power of 2",
        low=64,
        high=1_000_000,
    )
    rounds: int = parameter(
        2, "how often sets are drawn again where those before leave the truth; 0 leaves this out", low=0, high=100
    )
    narrowed: int = parameter(
        1536, "parameter sets that are drawn again each time, for each fit", low=64, high=1_000_000
    )
    seconds: float = parameter(
        0.0, "time for drawing parameter sets; 0 draws them all", unit="seconds", low=0, high=1e7
    )
    trials: int = parameter(
        160, "parameter sets of the search for the best one; 0 takes the best of the draws", low=0, high=100_000
    )
    replications: int = parameter(4, "runs of each parameter set of the search", low=1, high=1000)
    draws: int = parameter(
        100, "likely parameter sets with which predictions are made and organisations compared", low=10, high=10_000
    )
    seed: int = parameter(20_002, "seed of the draws and of their runs", low=0, high=2**31 - 1)
    channel_leads: int = parameter(
        60, "leads from which on a channel's fit is fitted; of smaller ones it is held", unit="leads", low=1, high=10**9
    )
    channel_shift: float = parameter(2.5, "how far a channel's fit_shift may lie below and above 0", low=0.01, high=5)
    cutoffs: list[str] = parameter(
        list,
        "days, as 2018-01-31, on whose evening the model is fitted to what was known, to predict the leads that come "
        "then; empty takes the one that leaves the last weeks to predict",
    )
    weeks: int = parameter(
        4, "weeks of leads that are predicted after each cutoff; 0 leaves the check out", unit="weeks", low=0, high=520
    )
    horizon_days: int = parameter(
        0,
        "time from a lead within which wins are predicted and scored; 0 takes that in which three quarters of the "
        "recorded wins had happened, a week at least",
        unit="days",
        low=0,
        high=3650,
    )
    free: dict[str, Free] = field(default_factory=dict)
    hold: list[str] = parameter(list, "names of free parameters that are held at the scenario's value all the same")
