"""The order of the event log, for both engines: by (instant, buyer), rows of one buyer at one instant as they happened.

Rows go to buckets of time, two or so for each row, which leaves little to sort: a tenth of the time of sorting by two
keys. A storm may put any number of rows into one bucket, so a full one is merge-sorted: n log n, whatever happens.
"""

import numpy as np

from simulator.model.compiling import compiled, kernel

#: Rows up to which inserting one after the other is quickest.
_FEW = 32


def ordered(log: np.ndarray) -> np.ndarray:
    """A copy of rows of ``LOG_DTYPE`` in the log's order."""
    if len(log) < 2:
        return log.copy()
    rows = np.ascontiguousarray(log)
    first = int(rows["at"].min())
    span = int(rows["at"].max()) - first + 1
    shift = (span // (2 * len(rows))).bit_length()
    ends = np.zeros((span >> shift) + 2, np.int32)
    found = np.empty_like(rows)
    to_buckets(rows, found, ends, first, shift)
    order_buckets(found, np.empty_like(rows), ends)
    return found


@kernel
def to_buckets(rows, found, ends, first, shift):
    """Copy rows to their buckets of ``2^shift`` microseconds in the order in which they come; ``ends`` is zeros.

    Afterwards bucket k of ``found`` ends before ``ends[k]``, where the next one begins.
    """
    for i in range(rows.shape[0]):
        ends[((rows[i]["at"] - first) >> shift) + 1] += 1
    for k in range(1, ends.shape[0]):
        ends[k] += ends[k - 1]
    for i in range(rows.shape[0]):
        k = (rows[i]["at"] - first) >> shift
        found[ends[k]] = rows[i]
        ends[k] += 1


@kernel
def order_buckets(rows, spare, ends):
    """Sort rows that are in their buckets; ``spare`` is room for as many rows."""
    first = 0
    for k in range(ends.shape[0] - 1):
        if ends[k] - first > _FEW:
            for run in range(first, ends[k], _FEW):
                insert_all(rows, spare, run, min(ends[k], run + _FEW))
            merge_all(rows, spare, first, ends[k])
        first = ends[k]
    insert_all(rows, spare, 0, rows.shape[0])  # nobody leaves its bucket, and one loop guesses better than many


@compiled
def comes_before(a, b):
    """Whether a row comes before another; neither does if they are of one buyer at one instant."""
    return a["at"] < b["at"] or (a["at"] == b["at"] and a["buyer"] < b["buyer"])


@compiled
def insert_all(rows, spare, first, end):
    """Sort few rows, or many that are nearly in order: each goes to its place among those before it."""
    for i in range(first + 1, end):
        if comes_before(rows[i], rows[i - 1]):
            spare[0] = rows[i]
            place = i
            while place > first and comes_before(spare[0], rows[place - 1]):
                rows[place] = rows[place - 1]
                place -= 1
            rows[place] = spare[0]


@compiled
def merge_all(rows, spare, first, end):
    """Sort many rows, of which runs of ``_FEW`` are sorted: merge neighbours until one run is left."""
    width = _FEW
    while width < end - first:
        for left in range(first, end, 2 * width):
            merge(rows, spare, left, min(left + width, end), min(left + 2 * width, end))
        for i in range(first, end):
            rows[i] = spare[i]
        width *= 2


@compiled
def merge(rows, spare, left, right, end):
    """Merge the sorted rows from ``left`` and ``right`` on into the same places of ``spare``; ties from the left."""
    i, j = left, right
    for place in range(left, end):
        if j >= end or (i < right and not comes_before(rows[j], rows[i])):
            spare[place] = rows[i]
            i += 1
        else:
            spare[place] = rows[j]
            j += 1
