"""The keyed generator's streams: uniform, and independent across each dimension of the meaning of a number."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from simulator.model.compiling import kernel
from simulator.model.randomness import (
    base_of_account,
    base_of_asset,
    channel_tag,
    lead_identity,
    member_base,
    stream_key,
    uniform,
)
from simulator.model.words import STAGES, Decision

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.float64]

# Every stream is judged by the same statistics; each gives a p-value that is uniform if the numbers are random.
# A stream is rejected if one of its p-values lies below, or above one minus, LIMIT.

#: Chance that one test of this file fails on perfect random numbers, had it not a fixed seed.
FALSE_ALARM = 1e-6
#: More p-values than all the tests below compute (Bonferroni), each two-sided.
P_VALUES = 400
LIMIT = FALSE_ALARM / P_VALUES / 2


def p_chi_square(counts: npt.NDArray[np.int64]) -> float:
    expected = counts.sum() / counts.size
    return float(stats.chi2.sf(((counts - expected) ** 2).sum() / expected, counts.size - 1))


def p_values(sequence: Numbers) -> dict[str, float]:
    """Uniformity of a sequence as a whole, in its last bits too, and independence of neighbours."""
    n = sequence.size
    last = (sequence * 2.0**52).astype(np.int64) & 255
    pairs = (sequence[: n - n % 2].reshape(-1, 2) * 32).astype(np.int64)
    pairs_of_last = last[: n - n % 2].reshape(-1, 2) >> 3
    found = {
        "first eight bits": p_chi_square(np.bincount((sequence * 256).astype(np.int64), minlength=256)),
        "last eight bits": p_chi_square(np.bincount(last, minlength=256)),
        "distribution": float(stats.kstest(sequence, "uniform").pvalue),
        "pairs": p_chi_square(np.bincount(pairs[:, 0] * 32 + pairs[:, 1], minlength=1024)),
        "pairs of last bits": p_chi_square(np.bincount(pairs_of_last[:, 0] * 32 + pairs_of_last[:, 1], minlength=1024)),
    }
    centred = sequence - 0.5
    for lag in (1, 2, 3):
        # The sum of m products of independent numbers of variance 1/12 is normal with variance m / 144.
        z = 12.0 * float((centred[lag:] * centred[:-lag]).sum()) / np.sqrt(n - lag)
        found[f"correlation at lag {lag}"] = float(stats.norm.sf(z))
    return found


def p_across(table: Numbers) -> float:
    """Correlations between all pairs of rows at once: m r² sums to a chi-square with one degree for each pair."""
    rows, m = table.shape
    correlations = 12.0 / m * (table - 0.5) @ (table - 0.5).T
    above = correlations[np.triu_indices(rows, 1)]
    return float(stats.chi2.sf(m * (above**2).sum(), above.size))


def judged(table: Numbers) -> dict[str, float]:
    """All p-values of a table of (streams, accounts), read along the streams and along the accounts."""
    found = {f"accounts first: {name}": p for name, p in p_values(table.ravel()).items()}
    if len(table) > 1:
        found |= {f"streams first: {name}": p for name, p in p_values(table.T.ravel()).items()}
        found["across streams"] = p_across(table)
    return found


def rejections(found: dict[str, float]) -> dict[str, float]:
    return {name: p for name, p in found.items() if not LIMIT <= p <= 1.0 - LIMIT}


@kernel
def drawn(keys, bases, stages, decisions, occurrences, out):  # type: ignore[no-untyped-def]
    for n in range(out.size):
        out[n] = uniform(keys[n], bases[n], stages[n], decisions[n], occurrences[n])


@kernel
def bases_of(keys, identities, members, is_asset, out):  # type: ignore[no-untyped-def]
    for n in range(out.size):
        base = base_of_asset(keys[n], identities[n]) if is_asset else base_of_account(keys[n], identities[n])
        out[n] = member_base(base, members[n])


ACCOUNTS = 2048
#: Each dimension of the meaning of a number, with the values that are told apart.
DIMENSIONS: dict[str, int] = {
    "account": 1,  # one stream of many drawn buyers, by index
    "lead": 1,  # one stream of many leads, by the number in their ids
    "asset": 1,  # one of many assets, by serial number
    "channel": 32,
    "identity": 51,  # one bit of it set, above those that tell the accounts apart
    "member": 16,
    "stage": STAGES,
    "decision": len(Decision),
    "occurrence": 64,
    "seed": 64,
    "replication": 64,
}
#: Numbers of one stream differ from all others' only in this dimension: the meaning is the least varied there is.
MEANINGS = {"of the first meaning": (0, 0, 0), "of a later meaning": (3, int(Decision.USEFULNESS), 5)}


def meanings(dimension: str, meaning: tuple[int, int, int]) -> tuple[npt.NDArray[np.int64], ...]:
    """Keys, identities, members, stages, decisions, occurrences of a table of (values of the dimension, accounts)."""
    values = np.arange(DIMENSIONS[dimension])
    accounts = np.arange(ACCOUNTS * (32 if DIMENSIONS[dimension] == 1 else 1))
    value, account = (grid.ravel() for grid in np.meshgrid(values, accounts, indexing="ij"))
    stage, decision, occurrence = meaning

    def chosen(name: str, otherwise: int) -> npt.NDArray[np.int64]:
        return value if name == dimension else np.full_like(value, otherwise)

    if dimension in ("seed", "replication"):
        pairs = [(v, 0) if dimension == "seed" else (0, v) for v in values.tolist()]
        key = np.array([stream_key(*pair) for pair in pairs])[value]
    else:
        key = np.full(value.shape, stream_key(1, 2))
    if dimension == "lead":
        identity = np.array([lead_identity(f"L{number}") for number in account.tolist()])
    elif dimension == "asset":
        identity = account
    elif dimension == "identity":
        identity = account | np.int64(ACCOUNTS) << value
    else:
        tags = np.array([channel_tag(f"channel {number}") for number in range(32)])
        identity = tags[chosen("channel", 0)] | account
    return (key, identity, chosen("member", 0), chosen("stage", stage), chosen("decision", decision),
            chosen("occurrence", occurrence))  # fmt: skip


@pytest.mark.parametrize("meaning", MEANINGS)
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_numbers_are_uniform_and_independent_across(dimension: str, meaning: str) -> None:
    key, identity, member, *rest = meanings(dimension, MEANINGS[meaning])
    bases, out = np.empty(key.size, np.int64), np.empty(key.size)
    bases_of(key, identity, member, dimension == "asset", bases)
    drawn(key, bases, *rest, out)
    assert not rejections(judged(out.reshape(DIMENSIONS[dimension], -1)))


def test_the_limit_counts_every_p_value() -> None:
    many = sum(len(judged(np.full((2 if size > 1 else 1, 64), 0.5))) for size in DIMENSIONS.values())
    assert many * len(MEANINGS) <= P_VALUES


def bare(key: Words, counter: Words) -> Words:
    """A bad generator: the counter times the key, without a single round."""
    return key * counter


def one_round(key: Words, counter: Words) -> Words:
    """A less bad generator: a single round."""
    x = key * counter
    x = x * x + x
    return x >> np.uint64(32) | x << np.uint64(32)


@pytest.mark.parametrize("generator", [bare, one_round])
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_bad_generator_is_rejected(dimension: str, generator: Callable[[Words, Words], Words]) -> None:
    """The same statistics on the same meanings: they can fail. Identities stand for bases, leads are counted."""
    key, identity, *fields = (field.astype(np.uint64) for field in meanings(dimension, MEANINGS["of a later meaning"]))
    member, stage, decision, occurrence = fields
    added = ((member << np.uint64(3) | stage) << np.uint64(8) | decision) << np.uint64(16) | occurrence
    if dimension == "lead":
        identity = np.arange(identity.size, dtype=np.uint64)
    out = ((generator(key, (identity << np.uint64(31)) + added) >> np.uint64(12)).astype(float) + 0.5) * 2.0**-52
    assert rejections(judged(out.reshape(DIMENSIONS[dimension], -1)))


def test_good_numbers_are_not_rejected() -> None:
    """The statistics themselves: another generator of good name passes them."""
    table = np.random.Generator(np.random.PCG64(2020)).random((64, ACCOUNTS))
    assert not rejections(judged(table))
