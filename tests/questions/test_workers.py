import contextlib
import threading
import time

import pytest

from simulator.questions.frame.workers import in_order


@pytest.mark.parametrize("threads", [1, 2, 5, 50])
def test_results_keep_the_order_of_the_jobs(threads):
    def late_first(job):
        time.sleep(0.01 if job % 3 == 0 else 0)
        return job * job

    assert list(in_order(late_first, range(20), threads)) == [job * job for job in range(20)]
    assert list(in_order(late_first, [], threads)) == []


def test_the_first_failing_job_raises():
    def fail(job):
        if job in (3, 4):
            raise ValueError(f"job {job}")
        return job

    seen = []
    with pytest.raises(ValueError, match="job 3"):
        for value in in_order(fail, range(10), 3):
            seen.append(value)
    assert seen == [0, 1, 2]


def test_who_stops_early_waits_for_nobody_and_starts_nothing_more():
    started, release = [], threading.Event()

    def slow(job):
        started.append(job)
        if job > 0:
            release.wait(10)
        return job

    before = time.monotonic()
    with contextlib.closing(in_order(slow, range(100), 2)) as values:
        assert next(values) == 0
    assert time.monotonic() - before < 5
    release.set()
    time.sleep(0.05)
    assert len(started) <= 3


def test_results_that_wait_for_their_turn_are_few():
    started, release = [], threading.Event()

    def first_is_slow(job):
        started.append(job)
        if job == 0:
            release.wait(10)
        return job

    values = in_order(first_is_slow, range(100), 2)
    consumer = threading.Thread(target=lambda: list(values))
    consumer.start()
    time.sleep(0.1)
    assert len(started) <= 4
    release.set()
    consumer.join()
    assert sorted(started) == list(range(100))
