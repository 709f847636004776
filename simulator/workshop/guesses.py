"""Guesses: what people say before they see a result, checked whatever their browsers send."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.scenario.schema import ScenarioError
from simulator.workshop.rounds import Lead

#: Most characters of a name.
NAME_LENGTH = 40
#: Most percentage points that one organisation can be guessed ahead.
MOST_POINTS = 50.0


@dataclass(frozen=True)
class Guess:
    """One person's prediction.

    Attributes
    ----------
    name : as typed, "" for nobody in particular.
    first : who wins the largest share of the inquiries; "" for no real difference.
    points : how many percentage points ahead of the next one.
    """

    name: str
    first: str
    points: float

    def distance(self, lead: Lead) -> float:
        """Percentage points from what was measured; a wrong winner counts on the other side of 0."""
        measured = 100 * lead.ahead.value
        guessed = self.points if self.first == lead.first else 0.0 if not self.first else -self.points
        return abs(guessed - measured)

    def is_right(self, lead: Lead) -> bool:
        """Whether it named the winner; where none is sure, those who saw no real difference are right."""
        return self.first == (lead.first if lead.sure else "")


def checked(organisations: Sequence[str], name: object, first: object, points: object) -> Guess:
    """A guess from what was sent.

    Raises
    ------
    ScenarioError
        One line that a guesser understands.
    """
    if not isinstance(name, str) or not isinstance(first, str):
        raise ScenarioError("a guess has a name and an organisation, as text")
    if first and first not in organisations:
        raise ScenarioError("choose one of the organisations, or no real difference")
    try:
        ahead = float(str(points)) if not isinstance(points, bool) and str(points).strip() else math.nan
    except ValueError:
        ahead = math.nan
    if first and not 0 <= ahead <= MOST_POINTS:
        raise ScenarioError(f"say by how many points, from 0 to {MOST_POINTS:g}")
    printable = "".join(one for one in name if one.isprintable()).strip()
    if len(printable) > NAME_LENGTH:
        raise ScenarioError(f"a name has at most {NAME_LENGTH} letters")
    return Guess(printable, first, round(ahead, 2) if first else 0.0)


def ranked(guesses: Sequence[Guess], lead: Lead) -> list[Guess]:
    """Best first: who named the winner, then by distance; in the order of coming where equal."""
    return sorted(guesses, key=lambda guess: (not guess.is_right(lead), guess.distance(lead)))
