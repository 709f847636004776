"""Jobs on threads, their results in the order of the jobs."""

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TypeVar

Job = TypeVar("Job")
Value = TypeVar("Value")

#: Finished results that may wait for their turn, per thread: bounds the memory.
_AHEAD = 2


class Cancelled(Exception):
    """Nobody wants the result any more."""


def in_order(function: Callable[[Job], Value], jobs: Sequence[Job], threads: int) -> Generator[Value, None, None]:
    """Yield ``function(job)`` for each job, computed on threads, in the order of ``jobs`` whatever finishes first.

    The first failing job, in that order, raises here. When the consumer stops early (an error, Ctrl-C, `close`), no
    further job starts and nobody waits for those under way: the threads are daemons, so that an interrupt ends the
    program at once rather than after the longest simulation.
    """
    todo: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    done: dict[int, tuple[Value | None, BaseException | None]] = {}
    ready, stopped = threading.Condition(), threading.Event()

    def work() -> None:
        while (index := todo.get()) is not None and not stopped.is_set():
            outcome: tuple[Value | None, BaseException | None]
            try:
                outcome = (function(jobs[index]), None)
            except BaseException as error:  # handed to the consumer, who raises it
                outcome = (None, error)
            with ready:
                done[index] = outcome
                ready.notify()

    threads = max(1, min(threads, len(jobs)))
    ahead = threads * _AHEAD
    workers = [threading.Thread(target=work, name=f"simulate-{i}", daemon=True) for i in range(threads)]
    for index in range(min(ahead, len(jobs))):
        todo.put(index)
    try:
        for worker in workers:
            worker.start()
        for index in range(len(jobs)):
            with ready:
                while index not in done:
                    ready.wait()
                value, error = done.pop(index)
            if error is not None:
                raise error
            if index + ahead < len(jobs):
                todo.put(index + ahead)
            yield value  # type: ignore[misc]  # no error, so there is a value
    finally:
        stopped.set()
        for _ in workers:
            todo.put(None)


@contextlib.contextmanager
def counted(
    function: Callable[[Job], Value],
    jobs: Sequence[Job],
    threads: int,
    progress: Callable[[int, int], None] | None,
    before: int = 0,
) -> Iterator[Iterator[Value]]:
    """What `in_order` yields, ended with the block; ``progress`` hears of the start and of each value that was used.

    ``before`` jobs were done earlier, and count.
    """
    total = before + len(jobs)

    def values(outcomes: Iterator[Value]) -> Iterator[Value]:
        for done, value in enumerate(outcomes, start=before + 1):
            yield value
            if progress:
                progress(done, total)

    if progress:
        progress(before, total)
    with contextlib.closing(in_order(function, jobs, threads)) as outcomes:
        yield values(outcomes)
