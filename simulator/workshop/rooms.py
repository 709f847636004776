"""Rooms: each a session of its own, opened by one browser, joined by others through a code.

A room's token is what its host's address holds; nobody can guess it. Its code is short, to be typed on a phone, and
lets one guess only.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError
from simulator.workshop.answers import Answers
from simulator.workshop.rounds import Rounds
from simulator.workshop.session import Session

#: Letters of a code: none that is taken for another one.
_LETTERS = "ACDEFGHJKLMNPQRTUVWXY"
_CODE_LENGTH = 4


@dataclass
class Room:
    """A session, the work that is done for it, and the pages that look at it.

    Attributes
    ----------
    pages : what is called, by each open page, when something changed; with a word that says what.
    """

    token: str
    code: str
    session: Session
    answers: Answers
    pages: list[Callable[[str], None]] = field(default_factory=list)
    used_at: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """Tell every page that something changed."""
        self.used_at = time.monotonic()
        for page in list(self.pages):
            page(what)

    def leave(self, page: Callable[[str], None]) -> None:
        """A page was closed; with the last one, whatever is being worked at ends."""
        if page in self.pages:
            self.pages.remove(page)
        if not self.pages:
            self.answers.stop()


class Rooms:
    """All rooms of a server.

    Parameters
    ----------
    scenario : what every room begins with; checked.
    typed : the settings that it was composed of, for who repeats a round.
    """

    def __init__(self, scenario: Scenario, typed: Sequence[str] = ()) -> None:
        self.scenario = scenario
        self._typed = tuple(typed)
        self._rooms: dict[str, Room] = {}
        self._rounds = Rounds()

    def open(self) -> Room:
        """A new room; the one that nobody looks at for longest makes way if there are too many.

        Raises
        ------
        ScenarioError
            When all rooms are in use.
        """
        if len(self._rooms) >= self.scenario.workshop.rooms:
            idle = [room for room in self._rooms.values() if not room.pages]
            if not idle:
                raise ScenarioError(f"all {len(self._rooms)} rooms are in use: close one, or raise workshop.rooms")
            oldest = min(idle, key=lambda room: room.used_at)
            oldest.answers.stop()
            del self._rooms[oldest.token]
        codes = {room.code for room in self._rooms.values()}
        code = next(code for code in iter(_code, "") if code not in codes)
        session = Session(self.scenario, self._typed)
        room = Room(secrets.token_urlsafe(16), code, session, Answers(session, self._rounds))
        room.answers.tell = room.say
        self._rooms[room.token] = room
        return room

    def of_token(self, token: str) -> Room | None:
        """The room of a host's address."""
        return self._rooms.get(token)

    def of_code(self, code: str) -> Room | None:
        """The room of a code, however it was typed."""
        typed = code.strip().upper()
        return next((room for room in self._rooms.values() if room.code == typed), None)


def _code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
