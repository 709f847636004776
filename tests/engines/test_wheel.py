"""The event queue against a slow, obvious one: any plans, changes and ties come out in the one total order."""

import heapq
import itertools
import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.engines.compiled import wheel
from simulator.engines.compiled.memory import world_of
from simulator.engines.compiled.tables import ACTOR_BITS, ACTOR_MASK, IN_BUCKET, NODE_DTYPE, UNPLANNED
from simulator.model.compiling import kernel
from simulator.model.tally import BUCKET, HEAP_SIZE, SHIFT

before, insert, remove = kernel(wheel.before), kernel(wheel.insert), kernel(wheel.remove)
open_next_bucket, pop = kernel(wheel.open_next_bucket), kernel(wheel.pop)

RELAXED = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck), "database": None}

KINDS = 4


@dataclass
class Wheel:
    """The compiled wheel over arrays of its own."""

    count: int
    buckets_count: int
    shift: int
    nodes: Any = field(init=False)

    def __post_init__(self) -> None:
        self.nodes = np.zeros(self.count, NODE_DTYPE)
        self.nodes["place"] = UNPLANNED
        self.buckets = np.full(self.buckets_count, -1, np.int32)
        self.heap = np.zeros(self.count, np.int32)
        self.tally = np.zeros(16, np.int64)
        self.tally[SHIFT], self.tally[BUCKET] = self.shift, -1
        self.nodes["order"] = np.arange(self.count)
        self.world = world_of({"nodes": self.nodes, "buckets": self.buckets, "heap": self.heap, "tally": self.tally})

    def insert(self, node: int, at: int, kind: int) -> None:
        insert(self.world, node, at, kind)

    def remove(self, node: int) -> None:
        remove(self.world, node)

    def pop(self) -> tuple[int, int, int] | None:
        """(instant, kind, node) of the first event; None when the run is over."""
        while self.tally[HEAP_SIZE] == 0:
            if not open_next_bucket(self.world):
                return None
        node = int(pop(self.world))
        assert self.nodes[node]["order"] & ACTOR_MASK == node
        return int(self.nodes[node]["at"]), int(self.nodes[node]["order"] >> ACTOR_BITS), node

    def check(self) -> None:
        """Its own books are in order: every planned node stands in exactly one place, and knows where."""
        size, seen = int(self.tally[HEAP_SIZE]), []
        for place in range(size):
            node = int(self.heap[place])
            assert self.nodes[node]["place"] == place
            assert place == 0 or not before(self.nodes, node, int(self.heap[(place - 1) // 2]))
            seen.append(node)
        for bucket in range(self.buckets_count):
            previous, node = -1, int(self.buckets[bucket])
            while node >= 0:
                assert self.nodes[node]["place"] == IN_BUCKET and self.nodes[node]["previous"] == previous
                assert self.nodes[node]["at"] >> self.shift == bucket > self.tally[BUCKET]
                seen.append(node)
                previous, node = node, int(self.nodes[node]["next"])
        planned = np.flatnonzero(self.nodes["place"] != UNPLANNED).tolist()
        assert sorted(seen) == planned


class Naive:
    """A heap of everything that was ever planned; what was taken back is skipped."""

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, int, int]] = []
        self.planned: dict[int, int] = {}
        self.tickets = itertools.count()

    def insert(self, node: int, at: int, kind: int) -> None:
        self.planned[node] = next(self.tickets)
        heapq.heappush(self.heap, (at, kind, node, self.planned[node]))

    def remove(self, node: int) -> None:
        self.planned.pop(node, None)

    def pop(self) -> tuple[int, int, int] | None:
        while self.heap:
            at, kind, node, ticket = heapq.heappop(self.heap)
            if self.planned.get(node) == ticket:
                del self.planned[node]
                return at, kind, node
        return None


def play(wheel: Wheel, actions: list[tuple[str, int, int, int]], check_books: bool = True) -> int:
    """The same actions on both; what is popped must be equal. Instants count from the last event. Returns the pops."""
    naive, now, pops = Naive(), 0, 0
    horizon = wheel.buckets_count << wheel.shift
    for action, node, delay, kind in actions:
        if action == "pop":
            if not naive.planned:  # an engine pops until there is nothing left, and then never again
                continue
            expected = naive.pop()
            assert expected is not None and wheel.pop() == expected
            now = expected[0]
            pops += 1
        elif action == "remove":
            wheel.remove(node)
            naive.remove(node)
        elif now + delay < horizon:
            wheel.remove(node)
            naive.remove(node)
            wheel.insert(node, now + delay, kind)
            naive.insert(node, now + delay, kind)
        if check_books:
            wheel.check()
    while (expected := naive.pop()) is not None:
        assert wheel.pop() == expected
        pops += 1
    assert wheel.pop() is None and wheel.pop() is None
    return pops


NODES, BUCKETS, WIDTH = 12, 16, 8
#: Nothing at all, within a bucket, at its edges, and far beyond.
DELAYS = st.one_of(st.just(0), st.integers(0, 3), st.sampled_from([WIDTH - 1, WIDTH, WIDTH + 1]),
                   st.integers(0, BUCKETS * WIDTH))  # fmt: skip
ACTIONS = st.tuples(
    st.sampled_from(["insert", "insert", "remove", "pop"]), st.integers(0, NODES - 1), DELAYS, st.integers(0, KINDS - 1)
)


@settings(max_examples=100, **RELAXED)
@given(st.lists(ACTIONS, max_size=60))
def test_any_plans_come_out_in_the_total_order(actions: list[tuple[str, int, int, int]]) -> None:
    play(Wheel(NODES, BUCKETS, shift=3), actions)


@pytest.mark.parametrize("buckets, shift", [(1, 12), (4, 10), (64, 6), (4096, 0)])
def test_long_random_plays(buckets: int, shift: int) -> None:
    """The same span cut into one bucket (a plain heap), few, many, and one per instant."""
    luck = random.Random(buckets)
    actions = [
        (luck.choice(["insert"] * 5 + ["remove"] + ["pop"] * 3), luck.randrange(50),
         luck.choice([0, 1, luck.randrange(20), luck.randrange(400)]), luck.randrange(KINDS))
        for _ in range(3000)
    ]  # fmt: skip
    assert play(Wheel(50, buckets, shift), actions, check_books=False) > 500


def test_ties_go_by_kind_then_by_node() -> None:
    events = [(at, kind, node) for node, (at, kind) in enumerate(itertools.product((40, 41), (3, 2, 1, 0) * 3))]
    shuffled = events.copy()
    random.Random(2).shuffle(shuffled)
    wheel = Wheel(len(events), 16, shift=3)
    for at, kind, node in shuffled:
        wheel.insert(node, at, kind)
    assert [wheel.pop() for _ in events] == sorted(events)
    assert wheel.pop() is None


def test_what_is_planned_now_or_in_the_current_bucket_still_comes_in_order() -> None:
    wheel = Wheel(4, 16, shift=3)
    wheel.insert(0, 40, 2)
    wheel.insert(1, 47, 2)
    assert wheel.pop() == (40, 2, 0)
    wheel.insert(2, 40, 3)  # at this very instant
    wheel.insert(0, 46, 0)  # before what already waits in the open bucket
    wheel.insert(3, 48, 0)  # just over its edge
    assert [wheel.pop() for _ in range(5)] == [(40, 3, 2), (46, 0, 0), (47, 2, 1), (48, 0, 3), None]


def test_an_event_planned_for_a_bucket_that_is_over_comes_at_once() -> None:
    """The buckets before an event are empty and closed; an arrival or a duty may still fall into one of them."""
    wheel = Wheel(3, 16, shift=3)
    wheel.insert(0, 100, 3)
    assert wheel.pop() == (100, 3, 0)
    wheel.insert(1, 101, 3)
    wheel.insert(2, 90, 2)
    assert [wheel.pop(), wheel.pop(), wheel.pop()] == [(90, 2, 2), (101, 3, 1), None]


def test_removing_first_middle_last_and_nothing() -> None:
    for gone in range(3):
        for at in (0, 90):  # in the heap of the open bucket, and in a list far away
            wheel = Wheel(4, 16, shift=3)
            wheel.insert(3, 0, 0)
            assert wheel.pop() == (0, 0, 3)
            for node in range(3):
                wheel.insert(node, at + node, 1)
            wheel.remove(gone)
            wheel.remove(gone)  # a second time: it has none
            wheel.remove(3)
            wheel.check()
            assert [wheel.pop() for _ in range(3)] == [(at + n, 1, n) for n in range(3) if n != gone] + [None]


def test_the_last_instant_of_the_last_bucket() -> None:
    wheel = Wheel(2, 4, shift=3)
    wheel.insert(0, 31, 0)
    assert [wheel.pop(), wheel.pop()] == [(31, 0, 0), None]
