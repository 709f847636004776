"""A thread that works while others go on: in order, within its backlog, and its failures reach who uses it."""

import threading
import time

import pytest

from simulator.results.background import Background, Dropped


def test_pieces_are_done_in_their_order_and_all_before_it_is_closed() -> None:
    done: list[int] = []
    background = Background("test", 2)
    for i in range(100):
        background.add(lambda i=i: done.append(i))
    background.close()
    assert done == list(range(100)) and is_gone()


def test_who_is_ahead_of_the_backlog_waits() -> None:
    go, done, added = threading.Semaphore(0), [], []
    background = Background("test", 3)

    def piece() -> None:
        assert go.acquire(timeout=60)
        done.append(1)

    def add() -> None:
        for i in range(20):
            background.add(piece)
            added.append(i)

    adding = threading.Thread(target=add, daemon=True)
    adding.start()
    for _ in range(20):
        time.sleep(0.01)
        assert len(added) <= len(done) + 1 + 3  # one at hand, and the backlog
        go.release()
    adding.join(60)
    background.close()
    assert len(done) == 20


def test_a_failure_reaches_who_adds_waits_or_closes() -> None:
    begun, fail, caught = threading.Event(), threading.Event(), []
    background = Background("test", 1)

    def failing() -> None:
        begun.set()
        assert fail.wait(60)
        raise ZeroDivisionError("first")

    def add() -> None:
        with pytest.raises(ZeroDivisionError, match="first") as error:
            background.add(lambda: pytest.fail("done"))
        caught.append(error)

    background.add(failing)
    assert begun.wait(60)
    background.add(lambda: pytest.fail("done"))
    waiting = [threading.Thread(target=add, daemon=True) for _ in range(3)]
    for thread in waiting:
        thread.start()
    time.sleep(0.02)
    fail.set()
    for thread in waiting:
        thread.join(60)
    add()
    assert len(caught) == 4
    with pytest.raises(ZeroDivisionError, match="first"):
        background.close()
    background.drop()
    assert is_gone()


def test_dropped_work_is_not_done_and_nobody_waits_for_it() -> None:
    begun, go, refused = threading.Event(), threading.Event(), []
    background = Background("test", 1)

    def slow() -> None:
        begun.set()
        assert go.wait(60)

    def add() -> None:
        try:
            background.add(lambda: pytest.fail("done"))
        except Dropped:
            refused.append(1)

    background.add(slow)
    assert begun.wait(60)
    background.add(lambda: pytest.fail("done"))
    waiting = threading.Thread(target=add, daemon=True)
    waiting.start()
    dropping = threading.Thread(target=background.drop, daemon=True)
    dropping.start()
    waiting.join(60)
    assert refused == [1] and background.dropped
    go.set()
    dropping.join(60)
    background.drop()
    assert is_gone()


def is_gone() -> bool:
    return not any(thread.name == "test" for thread in threading.enumerate())
