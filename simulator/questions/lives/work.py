"""Some buyers of one organisation, drawn at random, with everything that happened to them.

Who is drawn must not depend on what becomes of anybody: every buyer has a place in one order, which follows from the
seed and from who the buyer is, and those who come first in it are taken. So the same buyers are told of in every
organisation and in a changed market, as far as they are among those who are drawn from there.
"""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import ROLES, Outcome
from simulator.questions.frame.arms import Tell
from simulator.questions.frame.checks import check_names
from simulator.questions.frame.runs import Simulate, check_leads, resolved, simulation
from simulator.questions.lives.settings import EVERYBODY, INQUIRIES, OPPORTUNITIES, OUTCOMES
from simulator.results.cohort import Cohort
from simulator.results.summary import Result
from simulator.scenario.checked import Checked
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Life:
    """One buyer.

    Attributes
    ----------
    buyer : its id, as in journeys.parquet.
    about : its fields of the history and its channel, segment and id, by name.
    arrived_us, known_us : when it came and when it made itself known (-1 never), microseconds of the run.
    end_us : when it ended, or the end of follow-up.
    events : its rows of the event log (``LOG_DTYPE``) in the order in which they happened.
    """

    buyer: int
    about: Mapping[str, Any]
    arrived_us: int
    known_us: int
    end_us: int
    events: np.ndarray

    @property
    def outcome(self) -> int:
        """A number of `Outcome`."""
        return int(self.about["outcome"])


@dataclass(frozen=True)
class Lives:
    """The buyers that are told of.

    Attributes
    ----------
    scenario : as it was run.
    organisation : in which they lived.
    population : how many there were to draw from.
    first_day : of the run's calendar, a Monday.
    people : the role of each of our people.
    lives : in the order of the draw.
    note : what is known of replayed leads.
    """

    scenario: Checked
    organisation: str
    population: int
    first_day: datetime.date
    people: NDArray[np.int64]
    lives: Sequence[Life]
    note: str = ""

    @property
    def whatever(self) -> str:
        """That nobody chose them by their outcome, where this is so."""
        return "" if self.scenario.study.lives.drawn_from in OUTCOMES else ", whatever became of them"


def refuse(scenario: Checked) -> None:
    """Refuse, before anything runs, an organisation that the scenario does not have."""
    named = scenario.study.lives.organisation
    if named:
        check_names("study.lives.organisation", [named], "organisation", list(scenario.organisations))


def organisation_of(scenario: Checked) -> str:
    """In which organisation the buyers live."""
    return scenario.study.lives.organisation or scenario.compared()[0]


def lives(scenario: Scenario, progress: Tell | None = None, *, simulate: Simulate | None = None) -> Lives:
    """Run the first replication once with every event recorded, and take the events of the buyers drawn.

    Memory holds the event log of one run.

    Parameters
    ----------
    scenario : the question; left as it is.
    progress : called with the runs done and the runs in all.
    simulate : in place of `simulator.run.simulate`.

    Raises
    ------
    ScenarioError
        Before anything runs, when the scenario or the study is refused.
    """
    scenario = resolved(scenario)
    refuse(scenario)
    note = check_leads(scenario)
    name, run, tell = organisation_of(scenario), scenario.run, progress or (lambda done, total: None)
    tell(0, 1)
    result = (simulate or simulation())(
        scenario, name, seed=run.seed, replication=0, engine=run.engine, record="touches"
    )
    tell(1, 1)
    cohort = Cohort(result.setup, result.report)
    there = np.flatnonzero(cohort.chosen)[_population(cohort, scenario.study.lives.drawn_from)]
    buyers = result.setup.arrivals.who[result.report.rows[there]].astype(np.int64)
    drawn = there[draw_order(run.seed, buyers)[: scenario.study.lives.buyers]]
    roles = np.asarray(result.setup.person_role, np.int64)
    first_day = result.setup.arrivals.first_day
    return Lives(scenario, name, len(there), first_day, roles, tuple(_lives_of(result, drawn)), note)


def _population(cohort: Cohort, drawn_from: str) -> NDArray[np.bool_]:
    """Who of a cohort may be drawn."""
    if drawn_from == EVERYBODY:
        return np.ones(len(cohort), bool)
    if drawn_from == INQUIRIES:
        return np.asarray(cohort.inquired)
    if drawn_from == OPPORTUNITIES:
        return np.asarray(cohort.opportunity)
    return np.asarray(cohort["outcome"] == Outcome[drawn_from.upper()])


def draw_order(seed: int, buyers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of buyers in the order in which they are drawn: by a digest of the seed and of who each is."""
    digests = [hashlib.blake2b(f"lives/{seed}/{buyer}".encode(), digest_size=8).digest() for buyer in buyers.tolist()]
    return np.array(sorted(range(len(digests)), key=digests.__getitem__), np.int64)


def _lives_of(result: Result, drawn: NDArray[np.int64]) -> list[Life]:
    """What is known of the buyers at these rows of the history."""
    setup, history, log = result.setup, result.report.history, result.report.log
    if log is None:
        raise AssertionError("touches are recorded")
    arrivals, rows = setup.arrivals, result.report.rows
    found = []
    theirs = log[np.isin(log["buyer"], rows[drawn])]
    for one in drawn.tolist():
        row = int(rows[one])
        of_one = history[np.array([one])]
        about = {name: of_one[name][0].tolist() for name in history.names}
        about |= {
            "channel": arrivals.channels[int(arrivals.channel[row])],
            "segment": setup.segments[int(about["segment"])],
            "lead_id": arrivals.ids[row] if arrivals.ids else "",
        }
        arrived, known, ended = int(arrivals.at_us[row]), int(about["inquiry_at"]), int(about["ended_at"])
        found.append(Life(
            int(arrivals.who[row]), about, arrived,
            arrived if known < 0 and setup.rules.enter_as > 0 else known,
            ended if ended >= 0 else int(setup.rules.horizon_us),
            theirs[theirs["buyer"] == row],
        ))  # fmt: skip
    return found


def minutes_of(life: Life) -> list[float]:
    """Minutes that our people worked for a buyer, by role."""
    return [life.about["work_us"][role] / 60e6 for role in range(ROLES)]
