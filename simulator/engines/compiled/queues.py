"""Waiting lines as linked lists through the buyers' records, and the one pending event of a buyer; compiled."""

from simulator.engines.compiled.free_people import become_busy, become_free
from simulator.engines.compiled.memory import lines_of, people_of, queues_of, state_of
from simulator.engines.compiled.slots import node_of
from simulator.engines.compiled.wheel import insert, remove
from simulator.model.compiling import compiled
from simulator.model.numerics import MILLISECOND_US
from simulator.model.words import Attention, EventKind


@compiled
def count(queue, change, now):
    """Keep the integral of a queue's length over time, in buyer milliseconds."""
    now_ms = now // MILLISECOND_US
    queue["area_ms"] += queue["length"] * (now_ms - queue["changed_ms"])
    queue["changed_ms"] = now_ms
    queue["length"] += change


@compiled
def line_up(t, i, q, lane, now):
    """Append buyer ``i`` to a lane of line ``q``."""
    b = state_of(t)[i]
    b["attention"] = Attention.QUEUED
    b["queue"] = q
    b["lane"] = lane
    b["joined_at"] = now
    last = lines_of(t)[q]["last"][lane]
    b["previous"] = last
    b["next"] = -1
    if last >= 0:
        state_of(t)[last]["next"] = i
    else:
        lines_of(t)[q]["first"][lane] = i
    lines_of(t)[q]["last"][lane] = i
    queues_of(t)[q]["joined"] += 1
    count(queues_of(t)[q], 1, now)


@compiled
def unlink(t, i, now):
    """Take buyer ``i`` out of its line."""
    b = state_of(t)[i]
    q, lane = b["queue"], b["lane"]
    left, right = b["previous"], b["next"]
    if left >= 0:
        state_of(t)[left]["next"] = right
    else:
        lines_of(t)[q]["first"][lane] = right
    if right >= 0:
        state_of(t)[right]["previous"] = left
    else:
        lines_of(t)[q]["last"][lane] = left
    b["attention"] = Attention.FREE
    count(queues_of(t)[q], -1, now)


@compiled
def leave(t, i, now):
    """Leave the line unserved."""
    unlink(t, i, now)
    queues_of(t)[state_of(t)[i]["queue"]]["left"] += 1


@compiled
def hold(t, i, now):
    """The wait ended well."""
    unlink(t, i, now)
    queue = queues_of(t)[state_of(t)[i]["queue"]]
    queue["served"] += 1
    queue["wait_ms"] += now // MILLISECOND_US - state_of(t)[i]["joined_at"] // MILLISECOND_US


@compiled
def head_of(t, q):
    """Who is next in line ``q``: lane 0 before lane 1; -1 if nobody waits."""
    first = lines_of(t)[q]["first"][0]
    if first < 0:
        first = lines_of(t)[q]["first"][1]
    return first


@compiled
def plan(t, rules, i):
    """One pending event: our duty or the buyer's step, whichever comes first; the duty at a tie."""
    b, node = state_of(t)[i], node_of(t, i)
    remove(t, node)
    if b["duty_at"] <= b["step_at"]:
        if b["duty_at"] < rules.horizon_us:
            insert(t, node, b["duty_at"], EventKind.DUTY)
    elif b["step_at"] < rules.horizon_us:
        insert(t, node, b["step_at"], EventKind.STEP)


@compiled
def count_deals(t, rep, change, now):
    """Keep the integral of open deals over time, in deal milliseconds."""
    person = people_of(t)[rep]
    now_ms = now // MILLISECOND_US
    person["deal_area_ms"] += person["open_deals"] * (now_ms - person["deals_changed_ms"])
    person["deals_changed_ms"] = now_ms
    person["open_deals"] += change
    if person["serving"] >= 0:
        become_busy(t, rep)
    else:
        become_free(t, rep)
