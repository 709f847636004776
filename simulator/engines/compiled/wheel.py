"""The event queue: a timing wheel whose current bucket is a small heap.

The run's horizon is cut into buckets of 2^shift microseconds, so that no bucket ever wraps. A pending event is a
node (a buyer's, a person's, the review's) linked into its bucket; when a bucket becomes current its nodes move to a
binary heap ordered by (instant, kind, actor), the model's total order. Inserting and removing cost O(1) outside the
current bucket, and nothing is allocated.
"""

from simulator.engines.compiled.memory import buckets_of, heap_of, nodes_of, people_of, prefetch, tally_of
from simulator.engines.compiled.tables import (
    ACTOR_BITS,
    ACTOR_MASK,
    GROUP_BYTES,
    IN_BUCKET,
    LIFE_BYTES,
    LINE_BYTES,
    NODE_BYTES,
    NODE_OF_PEOPLE,
    STATE_BYTES,
    STEP_LIFE_LINES,
    STEP_STATE_LINES,
    UNPLANNED,
)
from simulator.model.compiling import compiled
from simulator.model.tally import BUCKET, HEAP_SIZE, SHIFT, SLOTS
from simulator.model.words import EventKind

#: How many buckets ahead memory is asked for the first node of a bucket.
_FAR = 4
#: So many buyers' records are in the processor's cache anyway.
_IN_CACHE = 4000


@compiled
def before(nodes, a, b):
    """Whether node ``a`` comes before node ``b`` in the total order."""
    if nodes[a]["at"] != nodes[b]["at"]:
        return nodes[a]["at"] < nodes[b]["at"]
    return nodes[a]["order"] < nodes[b]["order"]


@compiled
def rise(t, place):
    """Move the node at ``place`` up to where it belongs."""
    nodes, heap = nodes_of(t), heap_of(t)
    node = heap[place]
    while place > 0:
        parent = (place - 1) >> 1
        if not before(nodes, node, heap[parent]):
            break
        heap[place] = heap[parent]
        nodes[heap[place]]["place"] = place
        place = parent
    heap[place] = node
    nodes[node]["place"] = place


@compiled
def sink(t, place, size):
    """Move the node at ``place`` down to where it belongs."""
    nodes, heap = nodes_of(t), heap_of(t)
    node = heap[place]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and before(nodes, heap[child + 1], heap[child]):
            child += 1
        if not before(nodes, heap[child], node):
            break
        heap[place] = heap[child]
        nodes[heap[place]]["place"] = place
        place = child
    heap[place] = node
    nodes[node]["place"] = place


@compiled
def push(t, node):
    """Put a node on the heap of the current bucket."""
    place = tally_of(t)[HEAP_SIZE]
    heap_of(t)[place] = node
    tally_of(t)[HEAP_SIZE] = place + 1
    rise(t, place)


@compiled
def insert(t, node, at, kind):
    """Plan the event of a node that has none; its actor is known already."""
    nodes, buckets = nodes_of(t), buckets_of(t)
    nodes[node]["at"] = at
    nodes[node]["order"] = kind << ACTOR_BITS | nodes[node]["order"] & ACTOR_MASK
    bucket = at >> tally_of(t)[SHIFT]
    if bucket <= tally_of(t)[BUCKET]:
        push(t, node)
        return
    head = buckets[bucket]
    nodes[node]["place"] = IN_BUCKET
    nodes[node]["previous"] = -1
    nodes[node]["next"] = head
    if head >= 0:
        nodes[head]["previous"] = node
    buckets[bucket] = node


@compiled
def remove(t, node):
    """Take back the event of a node, wherever it is; nothing happens if it has none."""
    nodes, buckets, heap = nodes_of(t), buckets_of(t), heap_of(t)
    place = nodes[node]["place"]
    if place == UNPLANNED:
        return
    nodes[node]["place"] = UNPLANNED
    if place == IN_BUCKET:
        left, right = nodes[node]["previous"], nodes[node]["next"]
        if left >= 0:
            nodes[left]["next"] = right
        else:
            buckets[nodes[node]["at"] >> tally_of(t)[SHIFT]] = right
        if right >= 0:
            nodes[right]["previous"] = left
        return
    last = tally_of(t)[HEAP_SIZE] - 1
    tally_of(t)[HEAP_SIZE] = last
    if place != last:
        moved = heap[last]
        heap[place] = moved
        rise(t, place)
        sink(t, nodes[moved]["place"], last)


@compiled
def open_next_bucket(t):
    """Make the next bucket current and move its nodes to the heap; false at the end of the run."""
    nodes, buckets = nodes_of(t), buckets_of(t)
    bucket = tally_of(t)[BUCKET] + 1
    if bucket >= buckets.shape[0]:
        return False
    tally_of(t)[BUCKET] = bucket
    if tally_of(t)[SLOTS] > _IN_CACHE:
        ask_ahead(t, bucket)
    node = buckets[bucket]
    buckets[bucket] = -1
    while node >= 0:
        following = nodes[node]["next"]
        push(t, node)
        node = following
    return True


@compiled
def ask_ahead(t, bucket):
    """Ask memory for what the events of the next buckets need: with many buyers, waiting for it takes most of the time.

    Of the buckets ``_FAR`` to 2 ahead one more node each, so that the next bucket's can be walked without waiting.
    """
    nodes, buckets, people = nodes_of(t), buckets_of(t), people_of(t)
    for ahead in range(2, min(_FAR + 1, buckets.shape[0] - bucket)):
        node = buckets[bucket + ahead]
        for _ in range(_FAR - ahead):
            if node >= 0:
                node = nodes[node]["next"]
        if node >= 0:
            prefetch(t["nodes"] + node * NODE_BYTES)
    node = buckets[bucket + 1] if bucket + 1 < buckets.shape[0] else -1
    while node >= 0:
        slot = node - NODE_OF_PEOPLE - people.shape[0]
        kind = nodes[node]["order"] >> ACTOR_BITS
        if kind == EventKind.FINISH:
            slot = people[node - NODE_OF_PEOPLE]["serving"]
            prefetch(t["nodes"] + (NODE_OF_PEOPLE + people.shape[0] + slot) * NODE_BYTES)
        if slot >= 0:
            if t["groups_0"] > 1:
                ask_for(t["groups"] + slot * GROUP_BYTES, GROUP_BYTES // LINE_BYTES)
            is_step = kind == EventKind.STEP
            ask_for(t["state"] + slot * STATE_BYTES, STEP_STATE_LINES if is_step else STATE_BYTES // LINE_BYTES)
            ask_for(t["life"] + slot * LIFE_BYTES, STEP_LIFE_LINES if is_step else LIFE_BYTES // LINE_BYTES)
        node = nodes[node]["next"]


@compiled
def ask_for(address, lines):
    """So many lines from an address on."""
    for line in range(lines):
        prefetch(address + line * LINE_BYTES)


@compiled
def pop(t):
    """Take the first event off the heap, which must not be empty, and return its node."""
    nodes, heap = nodes_of(t), heap_of(t)
    first = heap[0]
    nodes[first]["place"] = UNPLANNED
    last = tally_of(t)[HEAP_SIZE] - 1
    tally_of(t)[HEAP_SIZE] = last
    if last > 0:
        heap[0] = heap[last]
        sink(t, 0, last)
    return first
