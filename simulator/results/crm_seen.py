"""Which rows of an event log a vendor sees, and what has become of each lead, in one pass."""

import numpy as np

from simulator.model.compiling import kernel
from simulator.model.words import Activity

#: What only the model knows, whoever the buyer is.
UNSEEN = (
    Activity.READ_THIRD_PARTY, Activity.READ_RIVAL, Activity.READ_REVIEW, Activity.STAGE_ENTERED,
    Activity.GROUP_DISAGREED, Activity.PROJECT_BEGAN, Activity.PROJECT_PAUSED, Activity.WISH_GIVEN_UP,
)  # fmt: skip
_IS_SEEN = np.array([activity not in UNSEEN for activity in Activity])

#: What has become of a lead so far: known to us, owned by a rep, owned before, a deal, given up as a deal.
_KNOWN, _OWNED, _RELEASED, _DEAL, _GIVEN_UP = 1, 2, 4, 8, 16


def seen(log: np.ndarray, status: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Rows of ``LOG_DTYPE`` that the vendor sees, of rows in order that come after those before.

    Parameters
    ----------
    status : int8[rows of the arrivals], 0 at first; kept up to date.
    owners : int32[rows of the arrivals], who was last made the owner, -1 at first; kept up to date.
    """
    sees = np.zeros(len(log), np.bool_)
    follow(log, _IS_SEEN, status, owners, sees)
    rows = np.asarray(log[sees])
    rows["activity"][rows["activity"] == Activity.ELSEWHERE] = Activity.NO_DECISION  # we see that nothing came of it
    return rows


@kernel
def follow(log: np.ndarray, is_seen: np.ndarray, status: np.ndarray, owners: np.ndarray, sees: np.ndarray) -> None:
    """From the inquiry on; the end of a deal that was lost only if it was a deal, and was not given up before."""
    for i in range(log.shape[0]):
        buyer, activity = log[i]["buyer"], log[i]["activity"]
        now = status[buyer]
        if activity == Activity.INQUIRY:
            now |= _KNOWN
        elif activity == Activity.OWNER_ASSIGNED:
            now |= _OWNED
            owners[buyer] = log[i]["person"]
        elif activity == Activity.OPPORTUNITY:
            now |= _DEAL
        elif (activity == Activity.RECYCLED or activity == Activity.DROPPED) and now & _OWNED:
            if now & _DEAL and not now & _RELEASED:
                now |= _GIVEN_UP
            now |= _RELEASED
        status[buyer] = now
        lost = activity == Activity.LOST or activity == Activity.NO_DECISION or activity == Activity.ELSEWHERE
        sees[i] = now & _KNOWN and is_seen[activity] and (not lost or (now & _DEAL and not now & _GIVEN_UP))
