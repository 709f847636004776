"""What each buyer of a run was doing when, read from the event log: researching, waiting for one of our people, done.

The buyer's view of waiting
---------------------------
A buyer begins to wait when it asks for a person (``HAND_RAISE``), is passed to sales (``MQL``) or has qualified
(``SQL``), and waits until a person of ours has dealt with it (``CONVERSATION``, ``ANSWER``, ``MEETING``,
``MEETING_DECLINED``, ``CALL_UNANSWERED``, ``REFUSED``), the lead is given up (``DROPPED``, ``RECYCLED``), or the
journey ends. Every one of those beginnings is owed something: a request joins a line or finds a call already due. It
waits for

- an SDR from ``MQL`` on, and when it asks while its lead is with sales;
- its rep from ``SQL`` on; ``OWNER_ASSIGNED`` names the rep but serves nobody, so the wait lasts until that rep first
  turns to the buyer; and when an account that has a rep asks;
- whoever may answer in its stage when it asks before that, and an SDR if nobody may.

What we plan ourselves (a rep's follow-up, the next call to somebody who did not answer, nurture mails) is no wait.
Lines in front of people (``Result.queues``) are another view of the same: a wait here has the routing, the list and the
task itself too, and leaves out lines of follow-ups that the buyer does not know of.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import NOBODY, ROLES, Activity, Outcome, Role
from simulator.results.summary import Result

#: States: 0 to 5 researching in that stage; ``WAITING + PER_ROLE * role + stage`` waiting for a person of that role;
#: then how journeys end, won, lost, without a decision or elsewhere, and those that the end of the run cuts off.
WAITING, PER_ROLE = 8, 8
WON, LOST, NO_DECISION, OPEN = 32, 33, 34, 35

#: Stands for an activity that the log does not have: the run ends while the journey goes on.
_CUT = max(Activity) + 1

#: Whose the lead is from an activity on; -1 leaves it where it was.
_OURS, _PASSED, _QUALIFIED = range(3)
_LEAD = np.full(_CUT + 1, -1, np.int8)
_LEAD[[Activity.DROPPED, Activity.RECYCLED]] = _OURS
_LEAD[Activity.MQL] = _PASSED
_LEAD[[Activity.SQL, Activity.OWNER_ASSIGNED]] = _QUALIFIED

#: For whom a buyer waits from an activity on; for a hand raise it depends on whose the lead is.
_NOBODY, _SAME, _ASKED = -1, -2, -3
_WAITS = np.full(_CUT + 1, _SAME, np.int8)
_WAITS[Activity.HAND_RAISE] = _ASKED
_WAITS[Activity.MQL] = Role.SDR
_WAITS[Activity.SQL] = Role.REP
_WAITS[[
    Activity.CONVERSATION, Activity.ANSWER, Activity.MEETING, Activity.MEETING_DECLINED, Activity.CALL_UNANSWERED,
    Activity.REFUSED, Activity.DROPPED, Activity.RECYCLED, Activity.WON, Activity.LOST, Activity.NO_DECISION,
    Activity.ELSEWHERE, Activity.WISH_GIVEN_UP,
]] = _NOBODY  # fmt: skip

#: The state that an end leaves behind, 0 for what is none.
_END = np.zeros(_CUT + 1, np.uint8)
_END[[Activity.WON, Activity.LOST, Activity.NO_DECISION, _CUT]] = WON, LOST, NO_DECISION, OPEN
_END[Activity.ELSEWHERE] = NO_DECISION

#: What can change a state.
_MATTERS = (_WAITS != _SAME) | (_LEAD >= 0) | (_END > 0)
_MATTERS[Activity.STAGE_ENTERED] = True


@dataclass(frozen=True)
class Trajectories:
    """What buyers were doing from when on.

    Attributes
    ----------
    first : int64[buyers + 1], where each buyer's states begin in the others; none of a buyer who did not come.
    at : int64[rows], since when, microseconds of the run; of one buyer ascending, the first its arrival.
    states : uint8[rows], no two neighbours of one buyer the same.
    """

    first: NDArray[np.int64]
    at: NDArray[np.int64]
    states: NDArray[np.uint8]

    @staticmethod
    def of(result: Result) -> "Trajectories":
        """Of everyone who came to a run with recorded touches, in the order of arrival (as ``result.report.rows``)."""
        at, place, activity, stage = _changes(result)
        begins = np.searchsorted(place, np.arange(len(result.report.rows)))[place]
        lead = _held(_LEAD[activity], _LEAD[activity] >= 0, begins, _OURS)
        waits = _WAITS[activity]
        asked = np.where(
            lead == _QUALIFIED, Role.REP, np.where(lead == _PASSED, Role.SDR, _may_answer(result, at, stage))
        )
        waits = np.where(waits == _ASKED, asked, waits)
        waits = _held(waits, waits != _SAME, begins, _NOBODY)
        state = np.where(waits >= 0, WAITING + PER_ROLE * waits + stage, stage).astype(np.uint8)
        state = np.where(_END[activity] > 0, _END[activity], state)
        # Of what happens to a buyer at one instant the last counts; then only what changes its state.
        last = np.append((place[1:] != place[:-1]) | (at[1:] != at[:-1]), True)[: len(place)]
        at, place, state = at[last], place[last], state[last]
        new = np.append(True, (place[1:] != place[:-1]) | (state[1:] != state[:-1]))[: len(place)]
        at, place, state = at[new], place[new], state[new]
        return Trajectories(np.searchsorted(place, np.arange(len(result.report.rows) + 1)), at, state)

    def only(self, places: NDArray[np.int64]) -> "Trajectories":
        """Those at these places, in this order; -1 is somebody who did not come."""
        begin = np.where(places >= 0, self.first[places], 0)
        count = np.where(places >= 0, self.first[places + 1] - begin, 0)
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        rows = np.repeat(begin - first[:-1], count) + np.arange(first[-1])
        return Trajectories(first, self.at[rows], self.states[rows])

    def waiting(self, grid: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64[roles, grid], how many wait for each role at each of these instants, microseconds of the run.

        Whoever still waits when the run ends is counted to the end.
        """
        role = self.states.astype(np.int64) - WAITING
        role = np.where((role >= 0) & (self.states < WON), role // PER_ROLE, NOBODY)
        before = np.append(NOBODY, role[:-1])[: len(role)]
        before[self.first[:-1][self.first[:-1] < self.first[1:]]] = NOBODY
        slot = np.searchsorted(grid, self.at)  # the first instant at or after
        slot[self.states == OPEN] = len(grid)
        begun, ended = (
            np.stack([np.bincount(slot[of == number], minlength=len(grid) + 1) for number in range(ROLES)])
            for of in (role, before)
        )
        return np.asarray(np.cumsum((begun - ended)[:, : len(grid)], axis=1))


def _changes(result: Result) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.int8], NDArray[np.int8]]:
    """What can change a state, by buyer, then in order: when, whose (place among those who came), what, which stage.

    A life begins with its arrival, as if it entered the first stage then; an open one ends with the run.
    """
    report = result.report
    log = report.log
    assert log is not None  # touches are recorded
    log = log[_MATTERS[log["activity"]]]
    came = np.arange(len(report.rows))
    cut = came[report.history["outcome"] == Outcome.OPEN]
    place_of = np.zeros(len(result.setup.arrivals.at_us), np.intp)
    place_of[report.rows] = came
    end = np.full(len(cut), result.setup.rules.horizon_us, np.int64)
    at = np.concatenate([report.history["arrived_at"], log["at"], end])
    place = np.concatenate([came, place_of[log["buyer"]], cut])
    entered = np.full(len(came), Activity.STAGE_ENTERED, np.int8)
    activity = np.concatenate([entered, log["activity"], np.full(len(cut), _CUT, np.int8)])
    stage = np.concatenate([np.zeros(len(came), np.int8), log["stage"], np.zeros(len(cut), np.int8)])
    order = np.argsort(place.astype(np.min_scalar_type(len(came))), kind="stable")  # small numbers sort fastest
    return at[order], place[order], activity[order], stage[order]


def _held(values: np.ndarray, sets: NDArray[np.bool_], begins: NDArray[np.intp], at_first: int) -> np.ndarray:
    """The last value that was set of the same buyer; ``begins`` is where its rows begin."""
    rows = np.maximum.accumulate(np.where(sets, np.arange(len(values)), -1))
    return np.where(rows >= begins, values[rows], at_first)


def _may_answer(result: Result, at: NDArray[np.int64], stage: NDArray[np.int8]) -> np.ndarray:
    """Whom a lead that is still marketing's asks in a stage: nobody in particular means that it is passed to an SDR."""
    setup = result.setup
    access = np.array(setup.rules.access)[stage]
    reviews = result.report.reviews[:, 0]
    changed = reviews[reviews >= setup.rules.reorganise_at_us]  # another organisation takes over at a review
    if setup.after is not None and len(changed):
        access = np.where(at >= changed[0], np.array(setup.after.access)[stage], access)
    return np.where(access == NOBODY, int(Role.SDR), access)
