"""What a buyer's journey asks of the engine it runs in: a log, a tally, a memory for moments. Each engine has its own.

``t`` is the engine's side of a buyer. In plain Python it is an object with these methods; kernels are compiled with the
functions that their engine provides under these names (``compiling.provide``). What has to do with more than one buyer
(lines, people, owners) is not here: a handler returns what is to be done next (``words``: NOTHING, SEEK_OWNER, ...).
"""


def note(t, b, now, activity, person, topic):
    """A row of the event log; ``person`` may be NOBODY, ``topic`` NO_TOPIC."""
    t.note(b, now, activity, person, topic)


def count(t, place, number):
    """Add a whole number to the tally (``tally``)."""
    t.count(place, number)


def happens(t, b, moment, now):
    """One of MOMENTS is now, unless it was before; true the first time."""
    return t.happens(b, moment, now)


def enters(t, b, stage, now):
    """A stage after the first begins, as it does once."""
    t.enters(b, stage, now)
