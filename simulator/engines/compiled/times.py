"""When things happened to a buyer, and how long it was served: written where the report has them, once and for all.

A slot has no room for them: most never happen, and few are ever read. ``times`` has a row of words for each kind of
time (``TIMED``) and each buyer.
"""

from simulator.engines.compiled.memory import rows_of, times_of
from simulator.engines.history import TIMED, WORD_BITS
from simulator.engines.report import MOMENTS
from simulator.model.compiling import compiled

# In the order of MOMENTS, with which TIMED begins.
(
    INQUIRY_AT, MQL_AT, SAL_AT, SQL_AT, OWNED_AT, RELEASED_AT, OPPORTUNITY_AT, FIRST_CONTACT_AT, FIRST_REP_AT, ENDED_AT,
    QUEUED_AT, TAKEN_AT,
) = range(len(MOMENTS))  # fmt: skip
_STAGE_AT, _WORK_US = TIMED.index(("stage_at", 1)) - 1, TIMED.index(("work_us", 0))
_WORD = (1 << WORD_BITS) - 1


@compiled
def row_of(t, b, kind):
    """Where a kind of time of a buyer stands."""
    return int(kind) * rows_of(t).shape[0] + int(b["number"]) - 1


@compiled
def write(t, row, time):
    """Put a time in its words, lowest first."""
    times = times_of(t)
    times[row, 0] = time & _WORD
    times[row, 1] = (time >> WORD_BITS) & _WORD
    times[row, 2] = (time >> (2 * WORD_BITS)) & _WORD
    if times.shape[1] > 3:  # by hand, as a loop would be made ready for many words
        times[row, 3] = time >> (3 * WORD_BITS)


@compiled
def read(t, row):
    """What was put there; 0 if nothing was."""
    times = times_of(t)
    time = int(times[row, 0]) | int(times[row, 1]) << WORD_BITS | int(times[row, 2]) << (2 * WORD_BITS)
    if times.shape[1] > 3:
        time |= int(times[row, 3]) << (3 * WORD_BITS)
    return time


@compiled
def has_been(h, moment):
    """Whether this moment was there already."""
    return (h["been"] >> moment) & 1 != 0


@compiled
def happens(t, b, h, moment, now):
    """This moment is now, unless it was before; true the first time."""
    if has_been(h, moment):
        return False
    h["been"] |= 1 << moment
    write(t, row_of(t, b, moment), now + 1)
    return True


@compiled
def moment_of(t, b, moment):
    """When it was, which it must have been."""
    return read(t, row_of(t, b, moment)) - 1


@compiled
def enters(t, b, stage, now):
    """A stage after the first begins, as it does once."""
    write(t, row_of(t, b, _STAGE_AT + stage), now + 1)


@compiled
def is_served(t, b, role, task_us):
    """So many more microseconds of this role's work."""
    row = row_of(t, b, _WORK_US + role)
    write(t, row, read(t, row) + task_us)
