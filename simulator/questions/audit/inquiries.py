"""Inquiries of a cohort: what marketing saw of each, what it was, what we did with it, and what became of it elsewhere.

The score of a lead rises with every touch until the lead is passed on; who is passed on has by then a score at the
threshold, whoever it is. What can be compared between leads is the score at the first look, when the lead becomes
known. It is not in the journeys, but made again of the same functions and the same keyed numbers as in the engines, so
that it is the very score. It and the last touch before each win are read from the event log.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.history import History
from simulator.engines.lowering import Setup
from simulator.engines.report import sorted_log
from simulator.model.numerics import normal
from simulator.model.people import judged_fit, lead_score
from simulator.model.randomness import at_arrival, base_of_account
from simulator.model.words import Activity, Decision

HOUR_US = 3_600_000_000

#: Touches by which a win can be the last one's merit, by name.
TOUCHES = ("our content", "third party", "customer review", "rival content", "mail", "marketer", "SDR", "rep")

_READ = {Activity.READ_OURS: 0, Activity.READ_THIRD_PARTY: 1, Activity.READ_REVIEW: 2, Activity.READ_RIVAL: 3,
         Activity.MAIL_OPENED: 4}  # fmt: skip
_WITH_A_PERSON = (Activity.CONVERSATION, Activity.ANSWER, Activity.MEETING, Activity.SUPPORT)
_FIRST_PERSON = 5
_NEVER = np.iinfo(np.int64).max


class TouchLog:
    """Reads the event log of one run as it comes, in parts; afterwards it has a number for each possible buyer.

    Attributes
    ----------
    engagement : int64[n], touches with us up to the instant at which the buyer becomes known, and is scored first.
    raised : bool[n], it became known by asking for a person.
    """

    def __init__(self) -> None:
        self.engagement = np.zeros(0, np.int64)
        self.raised = np.zeros(0, bool)
        self._known_at = np.zeros(0, np.int64)
        self._touch = np.zeros(0, np.int64)  # -1: none yet; then as in TOUCHES; from _FIRST_PERSON on a person's number

    def __call__(self, _: Setup, rows: np.ndarray) -> None:
        """The next part of the log, in any order."""
        if not len(rows):
            return
        rows = sorted_log(rows)
        self.sized(int(rows["buyer"].max()) + 1)
        buyer, activity, order = rows["buyer"], rows["activity"], np.arange(len(rows))
        known = np.flatnonzero(activity == Activity.INQUIRY)
        until = np.where(self._known_at < _NEVER, -1, len(rows))
        until[buyer[known]] = known
        self._known_at[buyer[known]] = rows["at"][known]
        then = rows["at"] == self._known_at[buyer]
        asks = np.flatnonzero((activity == Activity.HAND_RAISE) & then)
        asked = np.where(self.raised, -1, len(rows))
        asked[buyer[asks]] = asks
        # Who has no project leaves its name, then reads, all in one instant.
        counts = (order < until[buyer]) | (then & (order < asked[buyer]))
        read = buyer[(activity == Activity.READ_OURS) & counts]
        self.engagement += np.bincount(read, minlength=len(self.engagement))
        self.raised[buyer[asks]] = True
        self.engagement[buyer[asks]] += 1
        self._note_touches(rows)

    def sized(self, buyers: int) -> None:
        """Have room for so many buyers."""
        more = buyers - len(self.engagement)
        if more > 0:
            self.engagement = np.append(self.engagement, np.zeros(more, np.int64))
            self.raised = np.append(self.raised, np.zeros(more, bool))
            self._known_at = np.append(self._known_at, np.full(more, _NEVER))
            self._touch = np.append(self._touch, np.full(more, -1))

    def _note_touches(self, rows: np.ndarray) -> None:
        kind = np.full(len(rows), -1)
        for activity, position in _READ.items():
            kind[rows["activity"] == activity] = position
        person = np.isin(rows["activity"], _WITH_A_PERSON)
        kind[person] = _FIRST_PERSON + rows["person"][person]
        touched = np.flatnonzero(kind >= 0)
        self._touch[rows["buyer"][touched]] = kind[touched]  # of several of one buyer the last one stays

    def last_touch(self, person_role: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64[n], position in ``TOUCHES`` of each buyer's last touch; -1 for none."""
        person = np.maximum(self._touch - _FIRST_PERSON, 0)
        role = person_role[person] if len(person_role) else person
        return np.where(self._touch >= _FIRST_PERSON, _FIRST_PERSON + role, self._touch)


def first_scores(setup: Setup, history: History, rows: NDArray[np.int32], looks: TouchLog) -> NDArray[np.float64]:
    """Score of each buyer of a history when it became known, float64[n]; of no meaning for who never did.

    ``rows`` are the buyers' positions in the stream.
    """
    rules, key = setup.rules, setup.key
    fit, arrivals = history["fit"], setup.arrivals
    scores = np.empty(len(rows))
    for i, row in enumerate(rows.tolist()):
        base = base_of_account(key, arrivals.identity(row))
        error = normal(at_arrival(key, base, Decision.MARKETING_VIEW))
        view = judged_fit(float(fit[i]), error, float(rules.judgement_noise))
        bonus = float(rules.hand_raise_bonus) if looks.raised[row] else 0.0
        scores[i] = lead_score(view, int(looks.engagement[row]), float(rules.engagement_weight), bonus)
    return scores


@dataclass(frozen=True)
class BuyerOutcomes:
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
class Inquiries:
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


def outcomes_of(result: Any) -> BuyerOutcomes:
    """What became of the cohort of a run."""
    cohort = result.journeys[result.journeys["in_cohort"].to_numpy(bool)]
    buyers = cohort["buyer"].to_numpy(np.int64)
    order = np.argsort(buyers)
    won = (cohort["outcome"] == "won").to_numpy(bool)
    return BuyerOutcomes(buyers[order], won[order], cohort["value_usd"].to_numpy(float)[order])


def inquiries_of(result: Any, looks: TouchLog) -> tuple[Inquiries, NDArray[np.int64]]:
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
    leads = Inquiries(
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
