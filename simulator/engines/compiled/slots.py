"""Slots: where a buyer lives while its journey lasts, compiled. A slot that becomes free is the next one taken."""

from simulator.engines.compiled.memory import (
    done_number_of,
    done_of,
    free_of,
    groups_of,
    last_of,
    life_of,
    nodes_of,
    people_of,
    state_of,
    tally_of,
)
from simulator.engines.compiled.tables import NODE_OF_PEOPLE, UNPLANNED
from simulator.model.compiling import compiled, kernel
from simulator.model.tally import DONE, FREE, SLOTS
from simulator.model.words import Attention, Outcome

#: The outcome of a buyer who has a slot, and has not come yet.
NOT_HERE_YET = -1


@compiled
def node_of(t, i):
    """The node of the pending event of the buyer in slot ``i``."""
    return NODE_OF_PEOPLE + people_of(t).shape[0] + i


@compiled
def slot_of(t, node):
    """The slot of the buyer whose event a node is."""
    return node - NODE_OF_PEOPLE - people_of(t).shape[0]


@compiled
def group_of(t, i):
    """The record of the group of the buyer in slot ``i``; all share one that nobody uses if all decide alone."""
    return groups_of(t)[min(i, groups_of(t).shape[0] - 1)]


@compiled
def take_slot(t, row):
    """A slot for the buyer at this row of the arrivals."""
    if tally_of(t)[FREE] > 0:
        tally_of(t)[FREE] -= 1
        i = int(free_of(t)[tally_of(t)[FREE]])
    else:
        i = tally_of(t)[SLOTS]
        tally_of(t)[SLOTS] += 1
        nodes_of(t)[node_of(t, i)]["place"] = UNPLANNED
    state_of(t)[i]["row"] = row
    state_of(t)[i]["outcome"] = NOT_HERE_YET
    nodes_of(t)[node_of(t, i)]["order"] = row
    return i


@compiled
def free_slot(t, i):
    """The slot is free for another buyer."""
    state_of(t)[i]["number"] = 0
    free_of(t)[tally_of(t)[FREE]] = i
    tally_of(t)[FREE] += 1


@compiled
def retire_if_over(t, i):
    """Hand on the history of a buyer to whom nothing more will happen."""
    b = state_of(t)[i]
    if b["outcome"] != Outcome.OPEN and b["attention"] == Attention.FREE and b["duty"] == 0:
        hand_in(t, i)
        free_slot(t, i)


@kernel
def retire_everybody(t):
    """The run is over for those under way too; false when there is no more room for what they leave."""
    while tally_of(t)[SLOTS] > 0:
        if tally_of(t)[DONE] == done_of(t).shape[0]:
            return False
        i = tally_of(t)[SLOTS] - 1
        if state_of(t)[i]["number"] > 0:
            hand_in(t, i)
        tally_of(t)[SLOTS] = i
    return True


@compiled
def hand_in(t, i):
    """What a buyer leaves for the history."""
    b, done = state_of(t)[i], tally_of(t)[DONE]
    done_of(t)[done] = life_of(t)[i]
    done_number_of(t)[done] = b["number"] - 1
    last = last_of(t)[done]
    last["trust"] = b["trust"]
    last["segment"] = b["segment"]
    last["stage"] = b["stage"]
    last["status"] = b["status"]
    last["outcome"] = b["outcome"]
    last["project"] = b["project"]
    tally_of(t)[DONE] = done + 1
