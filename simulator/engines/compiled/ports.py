"""What this engine provides for the model's ports: the event log, the tally, and when things happened to a buyer.

A slot has no room for moments: most never happen, and few are ever read. They are written where the report has them,
once and for all: ``times`` has a row of words for each kind of time (``TIMED``) and each buyer.
"""

from simulator.engines.compiled.memory import World, log_of, rows_of, tally_of, times_of
from simulator.engines.history import TIMED, WORD_BITS
from simulator.model import port
from simulator.model.compiling import compiled, provide
from simulator.model.tally import LOG_ROWS

_STAGE_AT, _WORK_US = TIMED.index(("stage_at", 1)) - 1, TIMED.index(("work_us", 0))
_WORD = (1 << WORD_BITS) - 1


@compiled
def note(t, b, now, activity, person, topic):
    """A row of the event log."""
    log = log_of(t)
    if log.shape[0] > 0:
        row = tally_of(t)[LOG_ROWS]
        log[row]["at"] = now
        log[row]["buyer"] = b["row"]
        log[row]["person"] = person
        log[row]["activity"] = activity
        log[row]["stage"] = b["stage"]
        log[row]["topic"] = topic
        tally_of(t)[LOG_ROWS] = row + 1


@compiled
def count(t, place, number):
    """Add a whole number to the tally."""
    tally_of(t)[place] += number


@compiled
def row_of(t, b, kind):
    """Where a kind of time of a buyer stands; moments are the first kinds."""
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
def happens(t, b, moment, now):
    """This moment is now, unless it was before; true the first time."""
    if (b["been"] >> moment) & 1 != 0:
        return False
    b["been"] |= 1 << moment
    write(t, row_of(t, b, moment), now + 1)
    return True


@compiled
def enters(t, b, stage, now):
    """A stage after the first begins, as it does once."""
    write(t, row_of(t, b, _STAGE_AT + stage), now + 1)


@compiled
def is_served(t, b, role, task_us):
    """So many more microseconds of this role's work."""
    row = row_of(t, b, _WORK_US + role)
    write(t, row, read(t, row) + task_us)


for _function in (note, count, happens, enters):
    provide(getattr(port, _function.__name__), World, _function)
