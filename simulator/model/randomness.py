"""Keyed randomness: every number belongs to a meaning, not to a turn.

The generator is Squares64 (Widynski 2020, "Squares: a fast counter-based RNG", arXiv:2004.06278), a
counter-based generator. Its key is made of (seed, replication); its counter names who decides what, when:

====================  ====  =========================================================================
field                 bits  meaning
====================  ====  =========================================================================
(unused)                 1  always 0, so that a counter is a non-negative int64
actor kind               2  0 account, 1 asset, 2 channel, 3 organisation
actor                   32  an account: channel (5 bits) and its index in the channel's stream (27 bits)
member                   4  member of a buying group, 0 for the account itself
stage                    3  stage of the buyer, 0 for what is fixed at arrival
decision                 6  meaning of the number, ``words.Decision``
occurrence              16  how often this was decided before (within the stage)
====================  ====  =========================================================================

The same buyer has the same luck in every organisation, on any number of threads, in either engine.
Actors that overflow are refused at lowering; who would decide too often ends its journey (``buyer.is_worn_out``).
"""

import hashlib

import numpy as np

from simulator.model.compiling import JIT, compiled, kernel

OCCURRENCE_BITS = 16
DECISION_BITS = 6
STAGE_BITS = 3
MEMBER_BITS = 4
ACTOR_BITS = 32
INDEX_BITS = 27
CHANNEL_BITS = ACTOR_BITS - INDEX_BITS

#: Kind of actor: accounts have 0.
_ASSET = 1

#: One past the last occurrence a stream can have.
MAX_OCCURRENCE = 1 << OCCURRENCE_BITS

# With the compiler off, words are Python integers, cut to 64 bits by the mask; compiled, the mask costs nothing.
_word = np.uint64 if JIT else int
_MASK = _word(0xFFFF_FFFF_FFFF_FFFF)
_HALF = _word(32)
_DROP = _word(12)
_TWO_TO_MINUS_52 = 2.0**-52


def stream_key(seed: int, replication: int) -> np.uint64:
    """The generator's key for one replication of a seed.

    As Widynski (2020) asks of keys: in each half the eight hexadecimal digits are non-zero and differ from each
    other, and the last is odd. The digits are drawn from a BLAKE2b digest of (seed, replication).
    """
    digest = hashlib.blake2b(f"{seed}/{replication}".encode(), digest_size=64).digest()
    stream = int.from_bytes(digest, "little")
    key = 0
    for _ in range(2):
        digits = list(range(1, 16))
        odd = [digit for digit in digits if digit % 2]
        stream, pick = divmod(stream, len(odd))
        last = odd[pick]
        digits.remove(last)
        half = []
        for _ in range(7):
            stream, pick = divmod(stream, len(digits))
            half.append(digits.pop(pick))
        for digit in [*half, last]:
            key = key << 4 | digit
    return np.uint64(key)


def account_actor(channel: int, index: int) -> int:
    """Actor field (with its member bits) of the buyer who is ``index``-th in the stream of ``channel``.

    Raises
    ------
    OverflowError
        If either does not fit its field.
    """
    if not 0 <= channel < 1 << CHANNEL_BITS:
        raise OverflowError(f"channel must fit {CHANNEL_BITS} bits, got {channel}")
    if not 0 <= index < 1 << INDEX_BITS:
        raise OverflowError(f"a buyer's index in its channel must fit {INDEX_BITS} bits, got {index}")
    return (channel << INDEX_BITS | index) << MEMBER_BITS


@compiled
def asset_actor(serial):
    """Actor field (with its member bits) of an asset, by its serial number."""
    return (_ASSET << ACTOR_BITS | serial) << MEMBER_BITS


@kernel
def squares64(counter, key):
    """Squares64 with five rounds: one well-mixed 64-bit word per (counter, key), both 64-bit words."""
    x = counter * key & _MASK
    y = x
    z = y + key & _MASK
    x = x * x + y & _MASK
    x = (x >> _HALF | x << _HALF) & _MASK
    x = x * x + z & _MASK
    x = (x >> _HALF | x << _HALF) & _MASK
    x = x * x + y & _MASK
    x = (x >> _HALF | x << _HALF) & _MASK
    x = x * x + z & _MASK
    t = x
    x = (x >> _HALF | x << _HALF) & _MASK
    return t ^ (x * x + y & _MASK) >> _HALF


@kernel
def uniform(key, actor, stage, decision, occurrence):
    """A uniform number strictly inside (0, 1): 52 bits, offset by half, for one meaning of one actor."""
    counter = ((actor << STAGE_BITS | stage) << DECISION_BITS | decision) << OCCURRENCE_BITS | occurrence
    word = squares64(_word(counter), _word(key))
    return (float(word >> _DROP) + 0.5) * _TWO_TO_MINUS_52


@compiled
def at_arrival(key, actor, decision):
    """The uniform number of something that is fixed at arrival."""
    return uniform(key, actor, 0, int(decision), 0)


@compiled
def fixed(b, key, decision):
    """The same of the buyer ``b``, a record of ``records.BUYER``."""
    return at_arrival(key, b["actor"], decision)


@compiled
def of_member(b, key, member, decision):
    """The same of a member of the buyer's group."""
    return at_arrival(key, b["actor"] + member, decision)


@compiled
def luck(b, key, decision, stage, occurrence):
    """The uniform number of a decision of the buyer ``b``."""
    return uniform(key, b["actor"], stage, int(decision), occurrence)
