"""Nanoseconds per uniform number: Squares64 against Philox4x32-10, both keyed by meaning, both compiled by Numba.

    python -m benchmarks.randomness

Philox gives four 32-bit words a call, hence two numbers of 52 bits. It is measured in both ways the model could use it:
one number per counter, as every decision needs (the second is thrown away), and both numbers of each counter.
"""

import statistics
import time
from collections.abc import Callable

import numba
import numpy as np

from simulator.model.randomness import stream_key, uniform

NUMBERS = 10_000_000
REPEATS = 5

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF, _DROP = np.uint64(0xFFFF_FFFF), np.uint64(32), np.uint64(12)

compiled = numba.njit(nogil=True, fastmath=False, error_model="numpy")


@compiled
def philox4x32(counter, key):  # type: ignore[no-untyped-def]
    """Philox4x32-10 (Salmon et al. 2011): two 64-bit words, made of the four of 32 bits."""
    c0, c1 = counter & _LOW, counter >> _HALF
    c2, c3 = np.uint64(0), np.uint64(0)
    k0, k1 = key & _LOW, key >> _HALF
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = k0 + _W0 & _LOW, k1 + _W1 & _LOW
    return c0 | c1 << _HALF, c2 | c3 << _HALF


@compiled
def from_word(word):  # type: ignore[no-untyped-def]
    return (float(word >> _DROP) + 0.5) * 2.0**-52


@compiled
def counter_of(number):  # type: ignore[no-untyped-def]
    """16 occurrences of 32 decisions of one buyer after another, as ``simulator.model.randomness`` counts them."""
    return (number >> 9) << 31 | (number >> 4 & 31) << 16 | number & 15


@compiled
def squares_sum(n, key):  # type: ignore[no-untyped-def]
    total = 0.0
    for number in range(n):
        total += uniform(key, (number >> 9) << 31, 0, number >> 4 & 31, number & 15)
    return total


@compiled
def philox_one_sum(n, key):  # type: ignore[no-untyped-def]
    total = 0.0
    for number in range(n):
        first, _ = philox4x32(np.uint64(counter_of(number)), key)
        total += from_word(first)
    return total


@compiled
def philox_both_sum(n, key):  # type: ignore[no-untyped-def]
    total = 0.0
    for number in range(n // 2):
        first, second = philox4x32(np.uint64(counter_of(number)), key)
        total += from_word(first) + from_word(second)
    return total


def check_philox() -> None:
    """The known answers of the authors' library Random123 (kat_vectors): counter 0 and key 0, and all bits set."""
    first, second = philox4x32(np.uint64(0), np.uint64(0))
    words = [int(word) >> shift & 0xFFFF_FFFF for word in (first, second) for shift in (0, 32)]
    assert words == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8], [hex(word) for word in words]


def main(buyers: int | None = None, runs: int = REPEATS) -> None:
    """Numbers have no buyers: their number stays as it is."""
    check_philox()
    key = stream_key(1, 0)
    kinds: dict[str, Callable[[int, np.uint64], float]] = {
        "Squares64": squares_sum,
        "Philox4x32-10, one number a call": philox_one_sum,
        "Philox4x32-10, both numbers": philox_both_sum,
    }
    for name, function in kinds.items():
        mean = function(1_000_000, key) / 1e6  # compiles
        assert abs(mean - 0.5) < 5 / (12 * 1e6) ** 0.5, f"{name}: mean {mean}"
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for _ in range(runs):
        for name, function in kinds.items():
            start = time.thread_time()
            function(NUMBERS, key)
            taken[name].append((time.thread_time() - start) / NUMBERS * 1e9)
    each = {name: statistics.median(times) for name, times in taken.items()}
    print(f"{'generator':34} {'ns/number':>9} {'ratio':>6}   medians of {runs} runs of {NUMBERS:,} numbers, CPU time")
    for name, nanoseconds in each.items():
        print(f"{name:34} {nanoseconds:9.2f} {nanoseconds / each['Squares64']:6.2f}")


if __name__ == "__main__":
    main()
