"""Who is free among many people: against a list that is searched from its beginning."""

import random
from typing import Any

import numpy as np
import pytest

from simulator.engines.compiled import free_people
from simulator.engines.compiled.memory import world_of
from simulator.engines.report import empty_people
from simulator.model.compiling import kernel

become_busy, become_free = kernel(free_people.become_busy), kernel(free_people.become_free)
first_free = kernel(free_people.first_free)


def crowd(people: int) -> tuple[Any, dict[str, np.ndarray]]:
    """So many people who are all free, and the tables that hold them."""
    tables = {
        "people": empty_people(people),
        "free_people": np.zeros((people >> 5) + 1, np.int64),
        "free_words": np.zeros((people >> 10) + 1, np.int64),
        "ranks": np.zeros(people, np.int64),
    }
    world = world_of(tables)
    for person in range(people):
        become_free(world, person)
    return world, tables


@pytest.mark.parametrize("people", [1, 2, 31, 32, 33, 64, 1000, 1024, 1025, 5000])
def test_the_first_who_is_free(people: int) -> None:
    luck = random.Random(people)
    world, tables = crowd(people)
    free = [True] * people
    for turn in range(400):
        share = 0.02 if turn < 200 else 0.999  # nearly all are free, then nearly all busy
        for _ in range(max(1, people // 20)):
            person = luck.randrange(people)
            free[person] = luck.random() > share
            (become_free if free[person] else become_busy)(world, person)
        first = luck.randrange(people)
        last = luck.randrange(first, people + 1)
        expected = next((person for person in range(first, last) if free[person]), -1)
        assert first_free(world, first, last) == expected
    assert [rank >> 32 & 1 for rank in tables["ranks"].tolist()] == [int(not one) for one in free]


def test_nobody_is_free() -> None:
    world, _ = crowd(3000)
    for person in range(3000):
        become_busy(world, person)
    assert first_free(world, 0, 3000) == -1 == first_free(world, 5, 5)
    become_free(world, 2999)
    assert first_free(world, 0, 3000) == 2999 and first_free(world, 0, 2999) == -1
