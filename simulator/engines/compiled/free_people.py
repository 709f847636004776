"""Who of many people is free, compiled: found in a time that hardly grows with their number.

One bit for each person, 32 to a word, is set while it serves nobody; one bit for each word says whether it has any.
The least loaded of the reps is found by their ranks, eight at a time by the processor's own means.
"""

from simulator.engines.compiled.memory import free_people_of, free_words_of, lowest_bit, people_of, ranks_of
from simulator.model import people as working
from simulator.model.compiling import compiled

_BITS = 5
_WORD = (1 << _BITS) - 1


@compiled
def become_free(t, p):
    """Person ``p`` serves nobody."""
    free_people_of(t)[p >> _BITS] |= 1 << (p & _WORD)
    free_words_of(t)[p >> 2 * _BITS] |= 1 << (p >> _BITS & _WORD)
    ranks_of(t)[p] = working.rank(people_of(t)[p]["open_deals"], 0, p)


@compiled
def become_busy(t, p):
    """Person ``p`` serves a buyer."""
    word = free_people_of(t)[p >> _BITS] & ~(1 << (p & _WORD))
    free_people_of(t)[p >> _BITS] = word
    if word == 0:
        free_words_of(t)[p >> 2 * _BITS] &= ~(1 << (p >> _BITS & _WORD))
    ranks_of(t)[p] = working.rank(people_of(t)[p]["open_deals"], 1, p)


@compiled
def first_free(t, first, last):
    """The first of the people in [first, last) who serves nobody; -1 if all are busy."""
    people, words = free_people_of(t), free_words_of(t)
    if first >= last:
        return -1
    place = first >> _BITS
    free = people[place] & -(1 << (first & _WORD))
    if free == 0:
        place += 1
        group = place >> _BITS
        if place << _BITS >= last:
            return -1
        some = words[group] & -(1 << (place & _WORD))
        while some == 0:
            group += 1
            if group << 2 * _BITS >= last:
                return -1
            some = words[group]
        place = (group << _BITS) + lowest_bit(some)
        free = people[place]
    person = (place << _BITS) + lowest_bit(free)
    return person if person < last else -1
