"""The keyed generator: known answers, layout of bases, counters and keys (streams: ``test_random_streams.py``)."""

import hashlib
import itertools
import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engines.lowering import who
from simulator.model import randomness
from simulator.model.compiling import JIT, kernel
from simulator.model.randomness import (
    base_of_account,
    base_of_asset,
    channel_tag,
    drawn_identity,
    lead_identity,
    member_base,
    squares64,
    stream_key,
    uniform,
)
from simulator.model.sizes import MAX_CHANNELS, MAX_GROUP
from simulator.model.words import STAGES, Decision

# (key, counter, word).
# The first five are printed by the author's own program (squaresrngv7.zip) and stand in the tests of public
# implementations. The others, chosen for large and lopsided counters, were made with `randomgen.Squares` of the PyPI
# package randomgen 2.5.1, whose answers for the first five are the author's, and agree with a C program written from
# the paper (tests/batteries/squares64.c).
KNOWN_ANSWERS = [
    (0x548C9DECBCE65297, 0x0000000000000000, 0x36D88366CEE633A5),
    (0x548C9DECBCE65297, 0x0000000000000001, 0x944716E00E60DFAA),
    (0x548C9DECBCE65297, 0x0000000000000002, 0xC8A8F4E0678654BF),
    (0x548C9DECBCE65297, 0x0000000000000030, 0xEFD455926D395F9F),
    (0x548C9DECBCE65297, 0x0000000000000031, 0xB40C852DF3134EDD),
    (0xC58EFD154CE32F6D, 0x0000000100000000, 0x601513526BCFBDA8),
    (0xFBE3C695413B867F, 0x0000000000000003, 0x533FBD91BBF856AA),
    (0x1659C2F3245A7913, 0x0000000020000000, 0x4A3DF0337A00C29D),
    (0x85493E21F23649A5, 0x1FFFFFFFFFFFFFFF, 0x93C7204B5817AF8C),
    (0x85493E21F23649A5, 0x7FFFFFFFFFFFFFFF, 0xF4E6516664E68D6A),
    (0xFB9E125878FA6CB3, 0x0123456789ABCDEF, 0xF912DE1E93E71EBE),
]

# What is added to a base as its documentation states it: (field, bits), the first in the highest place.
LAYOUT = (("member", 4), ("stage", 3), ("decision", 8), ("occurrence", 16))
SIZES = {field: 1 << bits for field, bits in LAYOUT}
#: The least and the greatest base there is, and one in between.
BASES = [0, 0x1234_5678_9ABC_DEF0, 2**62 - 1]


def python_of(function: Callable[..., float]) -> Callable[..., float]:
    """What a compiled function was before it was compiled."""
    return getattr(function, "py_func", function)


def word_of(key: int, counter: int) -> int:
    return int(squares64(np.uint64(counter), np.uint64(key)) if JIT else squares64(counter, key))


# --- Known answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "counter", "word"), KNOWN_ANSWERS)
def test_known_answers(key: int, counter: int, word: int) -> None:
    assert word_of(key, counter) == word


@pytest.mark.skipif(not JIT, reason="nothing is compiled")
@settings(deadline=None)  # the first call compiles
@given(key=st.integers(0, 2**64 - 1), counter=st.integers(0, 2**64 - 1))
def test_compiled_words_are_those_of_python(key: int, counter: int) -> None:
    with np.errstate(over="ignore"):
        expected = python_of(squares64)(np.uint64(counter), np.uint64(key))
    assert word_of(key, counter) == expected


def test_without_compiler_the_numbers_are_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``NUMBA_DISABLE_JIT`` words are Python integers: another arithmetic, the same numbers."""
    buyers = [0, lead_identity("L1"), drawn_identity(channel_tag("web"), 2**27 - 1)]
    meanings = [(0, 0, 0, 0), (3, 2, 12, 3), (15, 7, 255, 65_535)]
    drawn = (
        f"print([int(base_of_account(key, buyer)) for buyer in {buyers}], int(base_of_asset(key, 69)))\n"
        f"print([float(uniform(key, member_base(base_of_account(key, buyer), member), *rest)).hex() "
        f"for buyer in {buyers} for member, *rest in {meanings}])\n"
        "b = np.array([(3 << 60, 5, 11)], [('base', 'i8'), ('stage', 'i1'), ('sent', 'i2')])[0]\n"
        "print(float(luck(b, key, 9, b['stage'], b['sent'])).hex(), float(of_member(b, key, b['stage'], 9)).hex())\n"
    )
    program = (
        "import numpy as np\nfrom simulator.model.randomness import *\nkey = stream_key(7, 3)\n"
        f"{drawn}print([int(squares64(counter, key)) for key, counter, _ in {KNOWN_ANSWERS}])\n"
    )
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "0" if not JIT else "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    if not JIT:
        program = program.replace("squares64(counter, key)", "squares64(np.uint64(counter), np.uint64(key))")
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    exec(drawn, {**vars(randomness), "key": stream_key(7, 3)})
    assert done.stdout == capsys.readouterr().out + f"{[word for _, _, word in KNOWN_ANSWERS]}\n"


# --- Uniform numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "number"),
    [(0, 2.0**-53), (2**12 - 1, 2.0**-53), (2**12, 3 * 2.0**-53), (2**63, 0.5 + 2.0**-53), (2**64 - 1, 1 - 2.0**-53)],
)
def test_every_word_maps_strictly_inside_the_unit_interval(
    monkeypatch: pytest.MonkeyPatch, word: int, number: float
) -> None:
    monkeypatch.setattr(randomness, "squares64", lambda counter, key: np.uint64(word) if JIT else word)
    assert python_of(uniform)(np.uint64(1), 0, 0, 0, 0) == number
    assert 0.0 < number < 1.0


@settings(deadline=None)  # the first call compiles
@given(
    key=st.integers(0, 2**64 - 1),
    base=st.integers(0, 2**62 - 1),
    member=st.integers(0, 15),
    stage=st.integers(0, STAGES - 1),
    decision=st.sampled_from(Decision),
    occurrence=st.integers(0, randomness.MAX_OCCURRENCE - 1),
)
def test_a_uniform_has_the_first_52_bits_of_its_word(
    key: int, base: int, member: int, stage: int, decision: int, occurrence: int
) -> None:
    counter = base + ((member * 8 + stage) * 256 + decision) * 65_536 + occurrence
    u = uniform(np.uint64(key), member_base(base, member), stage, int(decision), occurrence)
    assert u * 2.0**52 == (word_of(key, counter) >> 12) + 0.5


# --- Bases ------------------------------------------------------------------------------------------------------------


def digest(name: str, bits: int) -> int:
    """The first bits of a name's BLAKE2b, whose eight bytes are the digits of a number, the least first."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") >> (64 - bits)


@pytest.mark.parametrize("name", ["L1", "", "Zoë", "x" * 1000, "2025-03-03T10:00:00.000000 web 1"])
def test_identities_are_digests_of_names(name: str) -> None:
    assert lead_identity(name) == 2**61 + digest(name, 61)
    assert channel_tag(name) == digest(name, 32) * 2**27


def test_identities_never_change() -> None:
    """Recorded when this test was written: a change would give everybody another luck."""
    assert [lead_identity(name) for name in ("L1", "Zoë")] == [0x39F9E3EC8D4D3242, 0x33513DF2A0D6F3EF]
    assert channel_tag("organic_search") == 0x40A614378000000
    assert base_of_account(stream_key(1, 0), lead_identity("L1")) == 0x1B9A7DB023411483


def test_a_lead_a_drawn_buyer_and_an_asset_are_never_one() -> None:
    """The first bits tell them apart: 1 an asset, 01 of a lead, 00 of a drawn buyer, whatever the digests are."""
    for bits in (0, 2**64 - 1):
        named = pytest.MonkeyPatch.context()
        with named as patch:
            patch.setattr(randomness, "_digest", lambda name, wide, bits=bits: bits >> (64 - wide))
            assert lead_identity("") >> 61 == 1
            assert [drawn_identity(channel_tag(""), who) >> 61 for who in (0, 2**27 - 1, 2**32 - 1)] == [0, 0, 0]


def test_a_drawn_buyer_is_its_channels_tag_and_its_index_wherever_the_channel_stands() -> None:
    tag = channel_tag("web")
    found = {drawn_identity(tag, position << 27 | index) for position in (0, 5, 31) for index in (0, 1, 2**27 - 1)}
    assert found == {tag, tag + 1, tag + 2**27 - 1}


@settings(deadline=None)  # the first call compiles
@given(key=st.integers(0, 2**64 - 1), identity=st.integers(0, 2**62 - 1))
def test_a_base_is_62_bits_of_the_word_of_kind_and_identity(key: int, identity: int) -> None:
    assert base_of_account(np.uint64(key), identity) == word_of(key, identity) >> 2
    assert base_of_asset(np.uint64(key), identity) == word_of(key, 2**62 + identity) >> 2
    assert type(int(base_of_account(np.uint64(key), identity))) is int


@pytest.mark.skipif(not JIT, reason="nothing is compiled")
def test_kernels_draw_the_same_bases() -> None:
    @kernel
    def bases(key, identity, member):  # type: ignore[no-untyped-def]
        base = base_of_account(key, identity)
        return base, base_of_asset(key, identity), member_base(base, member)

    for identity in (0, 2**62 - 1, lead_identity("L1"), channel_tag("web") + 7):
        key = stream_key(3, 4)
        base = word_of(int(key), identity) >> 2
        assert bases(key, identity, 15) == (base, word_of(int(key), 2**62 + identity) >> 2, base + 15 * 2**27)


def test_bases_of_different_actors_differ() -> None:
    """A million of them: by chance alone two would be equal once in 9 million tries."""
    key, seen = stream_key(5, 0), set()
    for name in ("web", "fair"):
        seen |= {int(base_of_account(key, channel_tag(name) + index)) for index in range(400_000)}
    seen |= {int(base_of_account(key, lead_identity(f"L{number}"))) for number in range(100_000)}
    seen |= {int(base_of_asset(key, serial)) for serial in range(100_000)}
    assert len(seen) == 1_000_000 and min(seen) >= 0 and max(seen) < 2**62


# --- Counters ---------------------------------------------------------------------------------------------------------


def counter_of(base: int, **fields: int) -> int:
    """The counter by arithmetic, from the documented layout alone."""
    added = 0
    for field, bits in LAYOUT:
        assert 0 <= fields[field] < 1 << bits
        added = added * (1 << bits) + fields[field]
    return base + added


@pytest.fixture
def seen_counter(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The counter that ``uniform`` really asks the generator for."""
    seen: list[int] = []

    def spy(counter: int, key: int) -> object:
        seen.append(int(counter))
        return np.uint64(0) if JIT else 0

    monkeypatch.setattr(randomness, "squares64", spy)

    def ask(base: int, *, member: int, stage: int, decision: int, occurrence: int) -> int:
        python_of(uniform)(np.uint64(1), member_base(base, member), stage, decision, occurrence)
        return seen[-1]

    return ask


@pytest.mark.parametrize("base", BASES)
def test_counters_of_different_meanings_never_collide(base: int, seen_counter: Callable[..., int]) -> None:
    """All corners of all fields: the counter is the documented one, so it reads back, and none comes twice."""
    corners = [sorted({0, 1, SIZES[field] // 2, SIZES[field] - 1}) for field, _ in LAYOUT]
    seen = set()
    for values in itertools.product(*corners):
        fields = dict(zip((field for field, _ in LAYOUT), values, strict=True))
        counter = seen_counter(base, **fields)
        assert counter == counter_of(base, **fields)
        seen.add(counter)
    assert len(seen) == np.prod([len(values) for values in corners])
    assert min(seen) == base and max(seen) == base + 2**31 - 1, "no bit is wasted"
    assert max(seen) < 2**63, "a counter is a non-negative int64"


@pytest.mark.parametrize("base", BASES)
def test_neighbouring_values_of_any_field_differ(base: int, seen_counter: Callable[..., int]) -> None:
    """A field that spilled into its neighbour would give one counter twice."""
    first = {field: 1 for field, _ in LAYOUT}
    counters = [seen_counter(base, **first)]
    for field, _ in LAYOUT:
        counters += [seen_counter(base, **first | {field: value}) for value in {0, 2, SIZES[field] - 1} - {1}]
    assert len(set(counters)) == len(counters)


def test_fields_hold_the_words_they_stand_for() -> None:
    assert sum(bits for _, bits in LAYOUT) == 31
    assert dict(LAYOUT) == {
        "member": randomness.MEMBER_BITS, "stage": randomness.STAGE_BITS, "decision": randomness.DECISION_BITS,
        "occurrence": randomness.OCCURRENCE_BITS,
    }  # fmt: skip
    assert all(0 <= decision < 1 << randomness.DECISION_BITS for decision in Decision)
    assert len({int(decision) for decision in Decision}) == len(Decision)
    assert 1 << randomness.STAGE_BITS >= STAGES
    assert 1 << randomness.MEMBER_BITS >= MAX_GROUP
    assert SIZES["occurrence"] == randomness.MAX_OCCURRENCE
    assert 1 << randomness.CHANNEL_BITS >= MAX_CHANNELS
    assert randomness.CHANNEL_BITS + randomness.INDEX_BITS == 32, "who a buyer is, is a uint32"
    assert randomness.IDENTITY_BITS == 62


def test_a_members_base_leaves_room_for_all_that_is_decided() -> None:
    assert member_base(17, 0) == 17, "the first member has the buyer's own luck"
    assert [member_base(17, member) - 17 for member in (1, 15)] == [2**27, 15 * 2**27]


@pytest.mark.parametrize(("channel", "index"), [(32, 0), (-1, 0), (0, 2**27), (0, -1), (2**40, 2**40), ([0, 32], 0)])
def test_a_buyer_that_does_not_fit_is_refused(channel: int | list[int], index: int) -> None:
    with pytest.raises(OverflowError, match="must fit"):
        who(channel, index)


def test_who_fits_is_read_back() -> None:
    for channel, index in itertools.product((0, 1, 31), (0, 1, 2**27 - 1)):
        assert divmod(int(who(channel, index)), 2**27) == (channel, index)


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_keys_follow_the_papers_rule_of_digits() -> None:
    """In each half of eight hexadecimal digits none is zero and none comes twice; the key is odd."""
    keys = [int(stream_key(seed, replication)) for seed in range(50) for replication in range(50)]
    for key in keys:
        text = f"{key:016x}"
        for half in (text[:8], text[8:]):
            assert "0" not in half
            assert len(set(half)) == 8
        assert key % 2 == 1


def test_every_digit_takes_every_value() -> None:
    keys = [f"{int(stream_key(seed, 0)):016x}" for seed in range(1000)]
    for place in range(16):
        values = {key[place] for key in keys}
        assert values >= set("13579bdf")
        if place not in (7, 15):
            assert values == set("123456789abcdef")


def test_no_key_comes_twice() -> None:
    """1e5 replications have 1e5 keys: by chance alone two would be equal once in 4 million tries."""
    keys = {int(stream_key(seed, replication)) for seed in range(100) for replication in range(1000)}
    assert len(keys) == 100_000


def test_seed_and_replication_are_not_interchangeable() -> None:
    assert len({int(stream_key(*pair)) for pair in [(1, 11), (11, 1), (111, 0), (0, 111), (1, 1), (-1, 1)]}) == 6


def test_keys_never_change() -> None:
    """Recorded when this test was written: a change would give every user's seed another world."""
    recorded = {
        (0, 0): 0xC7B8DF61C42AF597,
        (1, 0): 0x8DC9621FC6A3B4FD,
        (0, 1): 0xC526F13989CFE2B3,
        (2026, 41): 0xD928C4F129E75D4F,
    }
    assert {pair: int(stream_key(*pair)) for pair in recorded} == recorded
