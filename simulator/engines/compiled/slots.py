"""Slots: where a buyer lives while its journey lasts, compiled. A slot that becomes free is the next one taken."""

from simulator.compiling import compiled
from simulator.domain.words import Attention, Outcome
from simulator.engines.compiled.tables import NODE_OF_PEOPLE
from simulator.engines.tally import DONE, FREE, SLOTS


@compiled
def node_of(t, i):
    """The node of the pending event of the buyer in slot ``i``."""
    return NODE_OF_PEOPLE + t.people.shape[0] + i


@compiled
def slot_of(t, node):
    """The slot of the buyer whose event a node is."""
    return node - NODE_OF_PEOPLE - t.people.shape[0]


@compiled
def group_of(t, i):
    """The record of the group of the buyer in slot ``i``; all share one that nobody uses if all decide alone."""
    return t.group[min(i, t.group.shape[0] - 1)]


@compiled
def has_slots(t):
    """Whether one more buyer can be taken in."""
    return t.tally[FREE] > 0 or t.tally[SLOTS] < t.state.shape[0]


@compiled
def take_slot(t, row):
    """A slot for the buyer at this row of the arrivals; there must be one."""
    if t.tally[FREE] > 0:
        t.tally[FREE] -= 1
        i = int(t.free[t.tally[FREE]])
    else:
        i = t.tally[SLOTS]
        t.tally[SLOTS] += 1
    t.state[i]["row"] = row
    t.nodes[node_of(t, i)]["order"] = row
    return i


@compiled
def free_slot(t, i):
    """The slot is free for another buyer."""
    t.state[i]["born"] = 0
    t.free[t.tally[FREE]] = i
    t.tally[FREE] += 1


@compiled
def retire_if_over(t, i):
    """Hand on the history of a buyer to whom nothing more will happen."""
    b = t.state[i]
    if b["outcome"] != Outcome.OPEN and b["attention"] == Attention.FREE and b["duty"] == 0:
        complete(t, i)
        done = t.tally[DONE]
        t.done[done] = t.history[i]
        t.done_number[done] = b["number"]
        t.tally[DONE] = done + 1
        free_slot(t, i)


@compiled
def complete(t, i):
    """Copy into the history what the state knows of the buyer."""
    b, h = t.state[i], t.history[i]
    h["complexity"] = b["complexity"]
    h["fit"] = b["fit"]
    h["trust"] = b["trust"]
    h["segment"] = b["segment"]
    h["stage"] = b["stage"]
    h["status"] = b["status"]
    h["outcome"] = b["outcome"]
