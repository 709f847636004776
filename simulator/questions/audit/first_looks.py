"""What marketing sees of a lead when it becomes known, and the last touch before each win, out of the event log.

The score of a lead rises with every touch until the lead is passed on; who is passed on has by then a score at the
threshold, whoever it is. What can be compared between leads is the score at the first look, when the lead becomes
known. It is not in the journeys, but made again of the same functions and the same keyed numbers as in the engines, so
that it is the very score.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.engines.history import History
from simulator.engines.lowering import Setup
from simulator.engines.report import sorted_log
from simulator.model.numerics import normal
from simulator.model.people import judged_fit, lead_score
from simulator.model.randomness import uniform
from simulator.model.words import Activity, Decision

#: Touches by which a win can be the last one's merit, by name.
TOUCHES = ("our content", "third party", "customer review", "rival content", "mail", "marketer", "SDR", "rep")

_READ = {Activity.READ_OURS: 0, Activity.READ_THIRD_PARTY: 1, Activity.READ_REVIEW: 2, Activity.READ_RIVAL: 3,
         Activity.MAIL_OPENED: 4}  # fmt: skip
_WITH_A_PERSON = (Activity.CONVERSATION, Activity.ANSWER, Activity.MEETING, Activity.SUPPORT)
_FIRST_PERSON = 5
_NEVER = np.iinfo(np.int64).max


class FirstLooks:
    """Reads the event log of one run as it comes, in parts; afterwards it has a number for each possible buyer.

    Attributes
    ----------
    engagement : int64[n], touches with us that count when the buyer becomes known.
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
        read = buyer[(activity == Activity.READ_OURS) & (order < until[buyer])]
        self.engagement += np.bincount(read, minlength=len(self.engagement))
        self._known_at[buyer[known]] = rows["at"][known]
        asked = buyer[(activity == Activity.HAND_RAISE) & (rows["at"] == self._known_at[buyer])]
        self.raised[asked] = True
        self.engagement[asked] += 1
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


def first_scores(setup: Setup, history: History, rows: NDArray[np.int32], looks: FirstLooks) -> NDArray[np.float64]:
    """Score of each buyer of a history when it became known, float64[n]; of no meaning for who never did.

    ``rows`` are the buyers' positions in the stream.
    """
    rules, key = setup.rules, setup.key
    fit, actors = history["fit"], setup.arrivals.actor[rows]
    scores = np.empty(len(rows))
    for i, (row, actor) in enumerate(zip(rows.tolist(), actors.tolist(), strict=True)):
        error = normal(uniform(key, actor, 0, int(Decision.MARKETING_VIEW), 0))
        view = judged_fit(float(fit[i]), error, float(rules.judgement_noise))
        bonus = float(rules.hand_raise_bonus) if looks.raised[row] else 0.0
        scores[i] = lead_score(view, int(looks.engagement[row]), float(rules.engagement_weight), bonus)
    return scores
