"""Waiting lines against plain lists: two lanes, first come first served, leaving from anywhere, and the tallies."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engines.compiled import queues
from simulator.engines.compiled.memory import world_of
from simulator.engines.compiled.tables import LINE_DTYPE, STATE_DTYPE
from simulator.engines.report import QUEUE_DTYPE
from simulator.model.compiling import kernel
from simulator.model.words import Attention

head_of, hold, leave, line_up = map(kernel, (queues.head_of, queues.hold, queues.leave, queues.line_up))

RELAXED = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck), "database": None}

BUYERS, LINES, LANES = 8, 3, 2


class Lines(NamedTuple):
    """The tables that lines live in."""

    state: np.ndarray
    lines: np.ndarray
    queues: np.ndarray

    @property
    def world(self) -> Any:
        return world_of(self._asdict())


def empty() -> Lines:
    lines = np.zeros(LINES, LINE_DTYPE)
    lines["first"] = lines["last"] = -1
    return Lines(np.zeros(BUYERS, STATE_DTYPE), lines, np.zeros(LINES, QUEUE_DTYPE))


class Naive:
    """Lists of who waits since when, and the sums added up one by one."""

    def __init__(self) -> None:
        self.waiting: list[list[list[int]]] = [[[] for _ in range(LANES)] for _ in range(LINES)]
        self.since: dict[int, int] = {}
        self.joined, self.served, self.left = [0] * LINES, [0] * LINES, [0] * LINES
        self.wait_ms, self.area_ms, self.now_ms = [0] * LINES, [0] * LINES, 0

    def pass_time(self, now: int) -> None:
        for line, lanes in enumerate(self.waiting):
            self.area_ms[line] += sum(map(len, lanes)) * (now // 1000 - self.now_ms)
        self.now_ms = now // 1000

    def line_of(self, buyer: int) -> int:
        return next((line for line, lanes in enumerate(self.waiting) if any(buyer in lane for lane in lanes)), -1)

    def head_of(self, line: int) -> int:
        return next(iter(self.waiting[line][0] + self.waiting[line][1]), -1)

    def join(self, buyer: int, line: int, lane: int, now: int) -> None:
        self.waiting[line][lane].append(buyer)
        self.since[buyer] = now
        self.joined[line] += 1

    def go(self, buyer: int, now: int, served: bool) -> None:
        line = self.line_of(buyer)
        for lane in self.waiting[line]:
            if buyer in lane:
                lane.remove(buyer)
        if served:
            self.served[line] += 1
            self.wait_ms[line] += now // 1000 - self.since[buyer] // 1000
        else:
            self.left[line] += 1


def in_line(t: Any, line: int, lane: int) -> list[int]:
    """Who stands in a lane, walked from its head, checked on the way back."""
    forwards, i = [], int(t.lines[line]["first"][lane])
    while i >= 0:
        assert (t.state[i]["queue"], t.state[i]["lane"]) == (line, lane)
        assert t.state[i]["attention"] == Attention.QUEUED
        forwards.append(i)
        i = int(t.state[i]["next"])
    backwards, i = [], int(t.lines[line]["last"][lane])
    while i >= 0:
        backwards.append(i)
        i = int(t.state[i]["previous"])
    assert backwards == forwards[::-1]
    return forwards


def assert_same(t: Lines, naive: Naive, now: int) -> None:
    for line in range(LINES):
        assert [in_line(t, line, lane) for lane in range(LANES)] == naive.waiting[line]
        assert head_of(t.world, line) == naive.head_of(line)
        queue = t.queues[line]
        assert queue["length"] == sum(map(len, naive.waiting[line]))
        assert queue["joined"] == queue["served"] + queue["left"] + queue["length"]
        for name in ("joined", "served", "left", "wait_ms"):
            assert queue[name] == getattr(naive, name)[line], name
        since = int(queue["changed_ms"])  # nothing has happened in this line since then
        assert queue["area_ms"] + queue["length"] * (now // 1000 - since) == naive.area_ms[line]
    for i in range(BUYERS):
        assert t.state[i]["attention"] == (Attention.FREE if naive.line_of(i) < 0 else Attention.QUEUED)


ACTIONS = st.tuples(
    st.sampled_from(["join", "join", "leave", "serve"]), st.integers(0, BUYERS - 1), st.integers(0, LINES - 1),
    st.integers(0, LANES - 1), st.sampled_from([0, 1, 999, 1000, 1_234_567, 3_600_000_000]),
)  # fmt: skip


@settings(max_examples=100, **RELAXED)
@given(st.lists(ACTIONS, max_size=50))
def test_lines_are_lists(actions: list[tuple[str, int, int, int, int]]) -> None:
    t, naive, now = empty(), Naive(), 0
    for action, buyer, line, lane, later in actions:
        now += later
        naive.pass_time(now)
        if action == "join" and naive.line_of(buyer) < 0:
            line_up(t.world, buyer, line, lane, now)
            naive.join(buyer, line, lane, now)
        elif action == "leave" and naive.line_of(buyer) >= 0:
            leave(t.world, buyer, now)
            naive.go(buyer, now, served=False)
        elif action == "serve" and head_of(t.world, line) >= 0:
            first = int(head_of(t.world, line))
            hold(t.world, first, now)
            naive.go(first, now, served=True)
        assert_same(t, naive, now)


def test_who_asked_comes_before_whom_we_call_on_and_each_in_turn() -> None:
    t = empty()
    for buyer, lane in enumerate([1, 1, 0, 1, 0]):
        line_up(t.world, buyer, 1, lane, 10_000 * buyer)
    served = []
    while (i := int(head_of(t.world, 1))) >= 0:
        hold(t.world, i, 100_000)
        served.append(i)
    assert served == [2, 4, 0, 1, 3]
    assert t.queues[1]["wait_ms"] == sum(100 - 10 * buyer for buyer in range(5))


@pytest.mark.parametrize("gone", range(3))
def test_leaving_from_the_head_the_middle_and_the_end(gone: int) -> None:
    t = empty()
    for buyer in range(3):
        line_up(t.world, buyer, 0, 1, 0)
    leave(t.world, gone, 5)
    assert in_line(t, 0, 1) == [buyer for buyer in range(3) if buyer != gone]
    line_up(t.world, gone, 0, 1, 6)  # and back, at the end
    assert in_line(t, 0, 1) == [buyer for buyer in range(3) if buyer != gone] + [gone]
    assert t.queues[0]["joined"] == 4 and t.queues[0]["left"] == 1
