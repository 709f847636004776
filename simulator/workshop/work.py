"""Work beside the page: in threads, a few pieces at a time, told of as it goes, ended when nobody wants it any more."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from simulator.questions.frame.workers import Cancelled

Found = TypeVar("Found")

#: Pieces of work at a time, of all rooms; each takes all cores.
_AT_A_TIME = 2

_POOL = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="workshop")


class Work:
    """Something that a room waits for.

    Attributes
    ----------
    what : in words.
    done, total : how far it is; 0 of 0 until it began.
    """

    def __init__(self, what: str) -> None:
        self.what, self.done, self.total = what, 0, 0
        self._ended = Event()

    def tell(self, done: int, total: int, note: str = "") -> None:
        """For whoever does the work: how far it is.

        Raises
        ------
        Cancelled
            When it shall end.
        """
        self.done, self.total = done, total
        self.go_on()

    def go_on(self) -> None:
        """Raise `Cancelled` when the work shall end."""
        if self._ended.is_set():
            raise Cancelled

    def cancel(self) -> None:
        """Let it end at its next word."""
        self._ended.set()

    @property
    def cancelled(self) -> bool:
        """Whether it shall end."""
        return self._ended.is_set()

    async def run(self, does: Callable[[], Found]) -> Found:
        """Do it in a thread.

        Raises
        ------
        Cancelled
            When it was ended, before or after it began.
        """

        def begun() -> Found:
            self.go_on()
            return does()

        found = await asyncio.get_running_loop().run_in_executor(_POOL, begun)
        self.go_on()
        return found
