"""What a calibration finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.fit.event_times import EventTimes
from simulator.fit.lead_stream import LeadStream
from simulator.fit.observed_statistics import ObservedStatistics
from simulator.fit.posterior import Posterior
from simulator.fit.prior import Prior
from simulator.fit.response_surface import Distance, Rows
from simulator.results.crm_export import NEVER
from simulator.results.summary import DAY
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simulator.fit.direct_estimates import DirectEstimate
    from simulator.fit.holdout import Holdout
    from simulator.fit.point_estimate import PointEstimate
    from simulator.fit.profile_likelihood import Profile
    from simulator.fit.scoring_rules import HoldoutScores
    from simulator.leads.funnel import Funnel

#: Central share of the likely sets that an interval takes in.
LEVEL = 0.9
#: A parameter whose interval is wider than this share of its prior's is not told by the export: intervals of parameters
#: that change nothing came out as narrow as 0.8 (tests of recovery).
WIDEST_IDENTIFIABLE = 0.75
#: Statuses of a parameter.
FITTED, HELD, NOT_IDENTIFIABLE = "fitted", "held", "not identifiable"
#: Name of our own predictions.
OURS = "simulator"
#: What is told of the export's leads in an organisation.
FACTS = ("won", "won_share", "days_to_win", "contacted_share", "cost_per_won_usd")


@dataclass(frozen=True)
class PosteriorFit:
    """What an export leaves likely, as seen on one day.

    Attributes
    ----------
    posterior : likely parameter sets.
    prior_distance : distance from the export over all of the prior.
    last_surface : the sets of the last surface, what was seen of them, and the ends of its box.
    """

    statistics: ObservedStatistics
    posterior: Posterior
    prior_distance: Distance
    last_surface: tuple[Rows, Rows, Rows, Rows]


@dataclass(frozen=True)
class HoldoutCheck:
    """Leads that a fit had not seen, and the predictions of every model, ours first."""

    holdout: "Holdout"
    scores: "Mapping[str, HoldoutScores]"


@dataclass(frozen=True)
class OrganisationReplay:
    """What the export's leads became in one organisation.

    Attributes
    ----------
    facts : name -> float64[draws], of each likely set.
    """

    organisation: str
    facts: Mapping[str, Rows]


@dataclass(frozen=True)
class DrawnStream:
    """What lets buyers be drawn in place of the export's leads, at the rate and the prices of the export.

    Attributes
    ----------
    arrivals_per_year : buyers who begin research, such that as many become leads as the export has.
    shares : of the arrivals by channel.
    known_share : share of the drawn buyers who become leads.
    value_factor : by which the scenario's deal values are to be multiplied; None if the export has none.
    """

    arrivals_per_year: float
    shares: Mapping[str, float]
    known_share: float
    value_factor: float | None


@dataclass(frozen=True)
class Calibration:
    """What a calibration found.

    Attributes
    ----------
    fit : of the whole export.
    coverage : share of the intervals of simulated exports like this one that held what had made them, by parameter.
    statuses : of each free parameter.
    profiles : of each free parameter.
    draws : float64[draws, parameters], likely sets; ``seen`` float64[draws, runs, numbers] what the export would show.
    best : the set to go on with; ``values`` its values.
    checks : of each cutoff.
    replays : the export's leads in each organisation compared, the fitted one first.
    direct : what the export tells without a model; ``drawn`` what follows of it for a stream that is drawn.
    points : how many sets of the prior were run, of those asked for.
    folder : where runs are kept, if they are.
    """

    scenario: Scenario
    funnel: "Funnel"
    stream: LeadStream
    prior: Prior
    fit: PosteriorFit
    coverage: Rows
    statuses: Sequence[str]
    profiles: "Sequence[Profile]"
    draws: Rows
    seen: Rows
    best: "PointEstimate"
    checks: Sequence[HoldoutCheck]
    replays: Sequence[OrganisationReplay]
    direct: "Sequence[DirectEstimate]"
    drawn: DrawnStream
    points: tuple[int, int]
    folder: Path | None = None

    @property
    def values(self) -> dict[str, float]:
        """The values of the chosen set, by name."""
        return self.prior.values(self.best.point)

    @property
    def chance(self) -> Rows:
        """float64[numbers], standard deviation that luck alone gives a number."""
        return chance_of(self.seen)


def chance_of(seen: Rows) -> Rows:
    """float64[numbers]: what luck alone makes runs of one set differ by; ``seen`` is float64[sets, runs, numbers]."""
    return np.sqrt(np.maximum(seen.var(axis=1, ddof=1).mean(axis=0), 1e-6))


def width(likely: Posterior, position: int) -> float:
    """Width of an interval in units of its prior's."""
    low, _, high = likely.interval(position, LEVEL)
    return (high - low) / LEVEL


def facts_of(event_times: EventTimes, arrived: NDArray[np.int64], whole: NDArray[np.bool_], cost_usd: float) -> Rows:
    """float64[FACTS] until the export, of the leads that are ``whole``; the cost is that of all, by all wins."""
    won = (event_times.won < NEVER) & whole
    days = (event_times.won[won] - arrived[won]) / DAY
    leads, wins, every = (int(np.count_nonzero(chosen)) for chosen in (whole, won, event_times.won < NEVER))
    return np.array(
        [
            wins,
            wins / leads,
            float(np.median(days)) if wins else np.nan,
            np.count_nonzero((event_times.contact < NEVER) & whole) / leads,
            cost_usd / every if every else np.nan,
        ]
    )
