"""The kernel's own floor: the same decisions and draws of every buyer, in a loop with no queue and no people.

One buyer after the other lives its whole life in one record, which never leaves the nearest cache; who asks is
served at once. Nobody waits, nothing is ordered in time, no histories are kept. What is left is the work of the
decisions themselves, by the very functions of the engine.
"""

import time
from typing import Any

from simulator.engines.compiled.identity import identity_of
from simulator.engines.compiled.loop import start
from simulator.engines.compiled.memory import (
    arrival_at_of,
    arrival_who_of,
    life_of,
    state_of,
    unborn_of,
    unlived_of,
    world_of,
)
from simulator.engines.compiled.slots import group_of
from simulator.engines.compiled.tables import allocate
from simulator.engines.lowering import Setup
from simulator.model.birth import born
from simulator.model.calendar import after_work
from simulator.model.compiling import compiled, kernel
from simulator.model.journey import mail, research
from simulator.model.numerics import NEVER
from simulator.model.randomness import INDEX_BITS, base_of_account
from simulator.model.serving import served, taken_up
from simulator.model.words import Attention, Duty, Outcome, Role, Task


@kernel
def lives(t: Any, rules: Any, key: Any) -> int:
    """All lives, one after the other; the number of events in them."""
    events = 0
    for row in range(arrival_at_of(t).shape[0]):
        base = base_of_account(key, identity_of(t, rules, row))
        events += life(t, rules, key, arrival_at_of(t)[row], base, int(arrival_who_of(t)[row]) >> INDEX_BITS)
    return events


@compiled
def life(t: Any, rules: Any, key: Any, at: int, base: int, channel: int) -> int:
    """One life; a person of the pool is there whenever the buyer asks."""
    b, h, g = state_of(t)[0], life_of(t)[0], group_of(t, 0)
    state_of(t)[0] = unborn_of(t)[0]
    life_of(t)[0] = unlived_of(t)[0]
    b["number"] = 1
    born(b, h, g, rules, key, at, base, channel)
    person, pool = rules.first_person[Role.SDR], Role.SDR
    calendar = rules.opens[pool], rules.window[pool], rules.days
    now, finish, events = at, NEVER, 0
    research(t, b, h, g, rules, key, now)
    while True:
        events += 1
        now = min(min(finish, b["duty_at"]), b["step_at"])
        if now >= rules.horizon_us:
            return events
        if finish == now:
            finish = NEVER
            b["attention"] = Attention.FREE
            if b["outcome"] == Outcome.OPEN:
                served(t, b, h, g, rules, key, person, Role.SDR, now)
        elif b["duty_at"] == now:
            duty = b["duty"]
            b["duty"] = Duty.NONE
            b["duty_at"] = NEVER
            if duty == Duty.NURTURE:
                mail(t, b, h, g, rules, key, now)
            else:
                b["task"] = Task.ANSWER
                b["asked"] = 1
                b["attention"] = Attention.SERVED
                b["began_at"] = now
                work = taken_up(t, b, h, rules, key, Role.SDR, now)
                finish = after_work(now, work, calendar[0], calendar[1], calendar[2])
        else:
            research(t, b, h, g, rules, key, now)


def floor_seconds(setup: Setup) -> tuple[float, int]:
    """CPU seconds of one pass over all buyers, and its decision steps; the functions are compiled by the first call.

    The setup must be one of ``core_journey``: its buyers ask one pool of people, and nobody hands them on.
    """
    tables, rules = allocate(setup, 0), setup.fresh_rules()
    world = world_of(tables)
    start(world, rules, setup.key)
    began = time.process_time()
    events = lives(world, rules, setup.key)
    return time.process_time() - began, int(events)
