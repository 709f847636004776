"""Work that one thread does while those who hand it over go on."""

import threading
from collections import deque
from collections.abc import Callable


class Dropped(Exception):
    """Work was handed over after nothing of it is wanted any more."""


class Background:
    """A thread that does what it is handed, one piece after the other in the order in which they come.

    A piece that fails ends it: what waits is forgotten, and the same exception is raised by the next ``add`` of each
    thread and by ``close``.

    Parameters
    ----------
    name : of the thread.
    backlog : how many pieces may wait; who adds one more waits for the thread, so that memory is bounded.
    """

    def __init__(self, name: str, backlog: int) -> None:
        self._backlog = backlog
        self._waiting: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._closed = self.dropped = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def add(self, piece: Callable[[], None]) -> None:
        """Hand over a piece of work, from any thread.

        Raises
        ------
        Dropped
            If nothing is wanted any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < self._backlog or self._error or self._closed)
            if self._error is not None:
                raise self._error
            if self._closed:
                raise Dropped
            self._waiting.append(piece)
            self._changed.notify_all()

    def close(self) -> None:
        """Wait until all is done."""
        self._end()
        if self._error is not None:
            raise self._error

    def drop(self) -> None:
        """Wait for the piece at hand and forget the others. A long piece looks at ``dropped`` now and then."""
        self.dropped = True
        self._end()

    def _end(self) -> None:
        with self._changed:
            self._closed = True
            if self.dropped:
                self._waiting.clear()
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                piece = self._waiting.popleft()
                self._changed.notify_all()
            try:
                piece()
            except BaseException as error:  # handed to those who add, and to who closes
                with self._changed:
                    self._error = error
                    self._waiting.clear()
                    self._changed.notify_all()
                return
            del piece  # and what it holds, before the next one is waited for
