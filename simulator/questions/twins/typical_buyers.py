"""Which buyers are told of: a typical one of each kind of flip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.questions.frame.divergence import EACH_NEEDED, GAINED, LOST, NO_SINGLE, Histories

if TYPE_CHECKING:
    import pandas as pd

#: Kinds of stories in their order.
TYPICAL_GAIN, TYPICAL_LOSS, OTHER_GAIN = KINDS = ("gained", "lost", "gained_otherwise")


@dataclass(frozen=True)
class Story:
    """A buyer that is told, or a kind of which there is none.

    Attributes
    ----------
    about : its row of ``Twins.divergences``, or None.
    baseline, challenger : its events in either life (``lives.EVENT_DTYPE``).
    arrived_us : when it arrived, microseconds of the run.
    of : how many flips of this kind there are to choose from.
    """

    kind: str
    about: "dict[str, Any] | None"
    baseline: np.ndarray
    challenger: np.ndarray
    arrived_us: int
    of: int


def typical_stories(table: "pd.DataFrame", lives: Sequence[tuple[Histories, Histories]]) -> tuple[Story, ...]:
    """A typical flip gained through the commonest mechanism, one that was lost, one gained through another mechanism.

    Typical: among those whose lives part in the commonest way, the one whose two lives have a middling number of
    events (the median; ties by replication and buyer). A single mechanism comes before several, and who came to both
    before who came to one only, if there is any such flip.

    Parameters
    ----------
    table : as ``divergences`` makes it, of all detailed replications.
    lives : of the baseline and the challenger, those that flipped, by replication.
    """
    gained, lost = (_two_lives(table[table["flip"] == way]) for way in (GAINED, LOST))
    first = _commonest(gained)
    rest = gained[gained["mechanism"] != first]
    chosen = (gained[gained["mechanism"] == first], lost[lost["mechanism"] == _commonest(lost)],
              rest[rest["mechanism"] == _commonest(rest)])  # fmt: skip
    return tuple(_story(kind, rows, lives) for kind, rows in zip(KINDS, chosen, strict=True))


def _two_lives(flips: "pd.DataFrame") -> "pd.DataFrame":
    lived = flips[flips["came"] == "both"]
    return lived if len(lived) else flips


def _commonest(flips: "pd.DataFrame") -> str:
    """The commonest mechanism, a single one if there is one; names decide ties."""
    single = flips[~flips["mechanism"].isin((EACH_NEEDED, NO_SINGLE, ""))]
    names, counts = np.unique((single if len(single) else flips)["mechanism"].to_numpy(str), return_counts=True)
    return str(names[counts.argmax()]) if len(names) else ""


def _story(kind: str, flips: "pd.DataFrame", lives: Sequence[tuple[Histories, Histories]]) -> Story:
    if not len(flips):
        nothing = np.zeros(0)
        return Story(kind, None, nothing, nothing, 0, 0)
    ways = flips.groupby(["stage", "event_baseline", "event_challenger"]).size()
    way = ways.index[int(ways.to_numpy().argmax())]
    alike = flips[(flips[["stage", "event_baseline", "event_challenger"]] == list(way)).all(axis=1)]
    both = [
        tuple(arm.of_buyer(int(buyer)) for arm in lives[replication])
        for replication, buyer in zip(alike["replication"], alike["buyer"], strict=True)
    ]
    lengths = np.array([len(base) + len(other) for base, other in both])
    at = int(np.abs(lengths - np.median(lengths)).argmin())  # the first of the nearest: rows stand in order
    about = {str(name): value for name, value in alike.iloc[at].to_dict().items()}
    return Story(kind, about, both[at][0], both[at][1], int(about.pop("arrived_us")), len(flips))
