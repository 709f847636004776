"""Leads of a cohort: what marketing saw of each, what it was, what we did with it, and what became of it elsewhere."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.questions.audit.first_looks import TOUCHES, FirstLooks, first_scores

HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Fates:
    """What became of the cohort of one run, by buyer: int64[n] in order, bool[n], usd float64[n]."""

    buyers: NDArray[np.int64]
    won: NDArray[np.bool_]
    paid: NDArray[np.float64]

    def of(self, buyers: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Whether these buyers were won, and what they paid; who did not come was not won."""
        if not len(self.buyers):
            return np.zeros(len(buyers), bool), np.zeros(len(buyers))
        place = np.minimum(np.searchsorted(self.buyers, buyers), len(self.buyers) - 1)
        here = self.buyers[place] == buyers
        return here & self.won[place], np.where(here, self.paid[place], 0.0)


@dataclass(frozen=True)
class Leads:
    """Inquiries of the cohort of one replication, as they are today; arrays of one length.

    Attributes
    ----------
    buyers : int64, who.
    scores : lead score at the first look.
    fit : true fit.
    raised : it became known by asking for a person.
    passed : marketing passed it on, sooner or later.
    won, paid : what became of it; usd.
    hours : of SDRs and reps spent on it.
    """

    buyers: NDArray[np.int64]
    scores: NDArray[np.float64]
    fit: NDArray[np.float64]
    raised: NDArray[np.bool_]
    passed: NDArray[np.bool_]
    won: NDArray[np.bool_]
    paid: NDArray[np.float64]
    hours: NDArray[np.float64]


def fates_of(result: Any) -> Fates:
    """What became of the cohort of a run."""
    cohort = result.journeys[result.journeys["in_cohort"].to_numpy(bool)]
    buyers = cohort["buyer"].to_numpy(np.int64)
    order = np.argsort(buyers)
    won = (cohort["outcome"] == "won").to_numpy(bool)
    return Fates(buyers[order], won[order], cohort["value_usd"].to_numpy(float)[order])


def leads_of(result: Any, looks: FirstLooks) -> tuple[Leads, NDArray[np.int64]]:
    """Inquiries of the cohort of a run whose log was read; and wins by the kind of their last touch, as ``TOUCHES``."""
    journeys, setup, report = result.journeys, result.setup, result.report
    looks.sized(len(setup.arrivals.at_us))
    cohort = journeys["in_cohort"].to_numpy(bool)
    inquired = cohort & journeys["inquiry_at"].notna().to_numpy()
    won = (journeys["outcome"] == "won").to_numpy(bool)
    scores = first_scores(setup, report.history[inquired], report.rows[inquired], looks)
    touch = looks.last_touch(np.asarray(setup.person_role))[report.rows[cohort & won]]
    kept = journeys[inquired]
    work = (kept["work_sdr_us"] + kept["work_rep_us"]).to_numpy(float) / HOUR_US
    leads = Leads(
        kept["buyer"].to_numpy(np.int64),
        scores,
        kept["fit"].to_numpy(float),
        looks.raised[report.rows[inquired]],
        kept["mql_at"].notna().to_numpy(),
        won[inquired],
        kept["value_usd"].to_numpy(float),
        work,
    )
    return leads, np.bincount(touch[touch >= 0], minlength=len(TOUCHES))
