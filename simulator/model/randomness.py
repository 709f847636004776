"""Keyed randomness: every number belongs to a meaning, not to a turn.

The generator is Squares64 (Widynski 2020, "Squares: a fast counter-based RNG", arXiv:2004.06278), a
counter-based generator. Its key is made of (seed, replication); its counter names who decides what, when.

Who it is, is drawn: an actor's *base* are the first 62 bits of the word of (kind, identity). What is decided, when, is
added to the base:

====================  ====  =========================================================================
field                 bits  meaning
====================  ====  =========================================================================
member                   4  member of a buying group, 0 for the account itself
stage                    3  stage of the buyer, 0 for what is fixed at arrival
decision                 8  meaning of the number, ``words.Decision``
occurrence              16  how often this was decided before (within the stage)
====================  ====  =========================================================================

Identity has 62 bits, and kind two (0 account, 1 asset). A lead of an export is known by a digest of its id, a drawn
buyer by the digest of its channel's name and its index in the channel's stream: so who else comes, and in what order,
changes nobody's luck. Two actors of one identity are refused at lowering. That two numbers of different actors fall on
one counter is a matter of chance: among the 5e8 numbers of a million journeys, 0.03 such pairs are expected.

The same buyer has the same luck in every organisation, on any number of threads, in either engine.
Who would decide too often ends its journey (``buyer.is_worn_out``).
"""

import hashlib

import numpy as np

from simulator.model.compiling import JIT, compiled, kernel

OCCURRENCE_BITS = 16
DECISION_BITS = 8
STAGE_BITS = 3
MEMBER_BITS = 4
IDENTITY_BITS = 62
INDEX_BITS = 27
CHANNEL_BITS = 5
_TAG_BITS = 32

#: Kinds of actors.
_ACCOUNT, _ASSET = 0, 1
#: Set in the identity of a lead of an export, clear in that of a drawn buyer.
_IS_LEAD = 1 << (IDENTITY_BITS - 1)

#: One past the last occurrence a stream can have.
MAX_OCCURRENCE = 1 << OCCURRENCE_BITS

# With the compiler off, words are Python integers, cut to 64 bits by the mask; compiled, the mask costs nothing.
_word, _whole = (np.uint64, np.int64) if JIT else (int, int)
_MASK = _word(0xFFFF_FFFF_FFFF_FFFF)
_HALF = _word(32)
_DROP = _word(12)
_SPARE = _word(64 - IDENTITY_BITS)
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


def lead_identity(name: str) -> int:
    """Identity of the lead of an export that goes by this name."""
    return _IS_LEAD | _digest(name, IDENTITY_BITS - 1)


def channel_tag(name: str) -> int:
    """What a channel's name adds to the identity of its drawn buyers."""
    return _digest(name, _TAG_BITS) << INDEX_BITS


def _digest(name: str, bits: int) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") >> (64 - bits)


@compiled
def drawn_identity(tag, who):
    """Identity of a drawn buyer: its channel's tag, and its index in the channel's stream, the last bits of ``who``."""
    return tag | (who & ((1 << INDEX_BITS) - 1))


@compiled
def base_of_account(key, identity):
    """Base of the random numbers of a buyer."""
    return _base(key, _ACCOUNT, identity)


@compiled
def base_of_asset(key, serial):
    """Base of those of an asset, by its serial number."""
    return _base(key, _ASSET, serial)


@compiled
def _base(key, kind, identity):
    return _whole(squares64(_word(kind << IDENTITY_BITS | identity), _word(key)) >> _SPARE)


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
def uniform(key, base, stage, decision, occurrence):
    """A uniform number strictly inside (0, 1): 52 bits, offset by half, for one meaning of the actor of a base."""
    # With the compiler off, a stage out of a record is an int8, and would be shifted as one.
    counter = base + ((int(stage) << DECISION_BITS | decision) << OCCURRENCE_BITS | occurrence)
    word = squares64(_word(counter), _word(key))
    return (float(word >> _DROP) + 0.5) * _TWO_TO_MINUS_52


@compiled
def member_base(base, member):
    """Base of a member of a buyer's group; member 0 has the buyer's own."""
    return base + (int(member) << (STAGE_BITS + DECISION_BITS + OCCURRENCE_BITS))


@compiled
def at_arrival(key, base, decision):
    """The uniform number of something that is fixed at arrival."""
    return uniform(key, base, 0, int(decision), 0)


@compiled
def fixed(b, key, decision):
    """The same of the buyer ``b``, a record of ``records.BUYER``."""
    return at_arrival(key, b["base"], decision)


@compiled
def of_member(b, key, member, decision):
    """The same of a member of the buyer's group."""
    return at_arrival(key, member_base(b["base"], member), decision)


@compiled
def luck(b, key, decision, stage, occurrence):
    """The uniform number of a decision of the buyer ``b``."""
    return uniform(key, b["base"], stage, int(decision), int(occurrence))


@compiled
def luck_of_member(b, key, member, decision, stage, occurrence):
    """The uniform number of a decision of a member of its group."""
    return uniform(key, member_base(b["base"], member), stage, int(decision), int(occurrence))
