"""The batteries of TestU01 on our streams, in the orders in which a study walks through the meanings of its numbers.

TestU01 (L'Ecuyer and Simard 2007) is a C library; without it these tests are skipped. Debian has it as
``libtestu01-0-dev``, though not in ``main``; a library elsewhere is found when ``CPATH`` and ``LIBRARY_PATH`` name its
folders ``include`` and ``lib``.

    pytest -m long tests/batteries              SmallCrush on every order: ten minutes
    TESTU01_BATTERY=crush pytest -m long tests/batteries -k "rejects_nothing and accounts and high and not reversed"
                                                Crush on one order: half an hour; without -k, a day
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from simulator.model.randomness import (
    base_of_account,
    base_of_asset,
    channel_tag,
    drawn_identity,
    lead_identity,
    member_base,
    stream_key,
    uniform,
)
from simulator.model.words import STAGES, Decision

pytestmark = pytest.mark.long

#: Orders in which the fields of a meaning are walked through, the fastest first. No run gets to the end of the last.
ORDERS = {
    "accounts": {"index": 1 << 27, "occurrence": 1 << 16},
    "channels": {"channel": 32, "index": 1 << 27, "occurrence": 1 << 16},
    "leads": {"lead": 1 << 16, "occurrence": 1 << 16},
    "few leads": {"lead": 64, "occurrence": 1 << 16, "decision": 256},
    "assets": {"asset": 1 << 27, "occurrence": 1 << 16},
    "members": {"member": 16, "index": 1 << 27, "occurrence": 1 << 16},
    "stages": {"stage": STAGES, "index": 1 << 27, "occurrence": 1 << 16},
    "decisions": {"decision": len(Decision), "index": 1 << 27, "occurrence": 1 << 16},
    "occurrences": {"occurrence": 1 << 16, "index": 1 << 27},
    "journeys": {"occurrence": 4, "decision": len(Decision), "stage": STAGES, "index": 1 << 27},
    "keys": {"key": 4096, "index": 1 << 27, "occurrence": 1 << 16},
    "bases": {"channel": 32, "index": 1 << 27},  # the words that bases are taken of
}
PARTS = ("high", "low", "high-reversed", "low-reversed")
#: Neighbouring seeds, each with neighbouring replications; the first is the key of all orders but "keys".
KEYS = [stream_key(seed, replication) for seed in range(64) for replication in range(64)]
CHANNELS = [f"channel {number}" for number in range(32)]
LEADS = [f"L{number}" for number in range(1 << 16)]

BATTERY = os.environ.get("TESTU01_BATTERY", "small")
#: Chance of a false alarm in all the tests of this file, on perfect random numbers.
FALSE_ALARM = 1e-6
#: SmallCrush computes 15 p-values and Crush 144.
LIMIT = FALSE_ALARM / (len(ORDERS) * len(PARTS) * 144) / 2


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C program of this folder, compiled against TestU01."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    program = tmp_path_factory.mktemp("testu01") / "squares64"
    libraries = ["-ltestu01", "-lprobdist", "-lmylib", "-lm"]

    def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
        command = [compiler, "-O2", "-std=c11", "-I/usr/include/testu01", str(source), "-o", str(target), *libraries]
        return subprocess.run(command, capture_output=True, text=True)

    probe = program.with_name("probe.c")
    probe.write_text('#include "unif01.h"\n#include "bbattery.h"\nint main(void) { return bbattery_NTests; }\n')
    if build(probe, probe.with_suffix("")).returncode:
        pytest.skip("needs the library TestU01 (Debian: libtestu01-0-dev, or CPATH and LIBRARY_PATH)")
    built = build(Path(__file__).with_name("squares64.c"), program)
    assert built.returncode == 0, built.stderr
    return program


def digest(name: str, bits: int) -> int:
    """The first bits of a name's BLAKE2b, whose eight bytes are the digits of a number, the least first."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") >> (64 - bits)


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, and the digests of names."""
    path = tmp_path_factory.mktemp("words") / "words.txt"
    lines = [f"key {int(key):x}" for key in KEYS]
    lines += [f"channel {digest(name, 32):x}" for name in CHANNELS] + [f"lead {digest(name, 61):x}" for name in LEADS]
    path.write_text("\n".join(lines))
    return path


def run(driver: Path, task: str, part: str, generator: str, words: Path, order: str) -> str:
    fields = [f"{field}={size}" for field, size in ORDERS[order].items()]
    done = subprocess.run([driver, task, part, generator, words, *fields], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def generator_of(order: str) -> str:
    return "bases" if order == "bases" else "squares"


def p_values(report: str) -> dict[str, float]:
    lines = [line.split("\t") for line in report.splitlines() if line.startswith("p-value\t")]
    return {f"{number} {name}": float(p) for number, (_, name, p) in enumerate(lines)}


def rejections(found: dict[str, float]) -> dict[str, float]:
    return {name: p for name, p in found.items() if not LIMIT <= p <= 1.0 - LIMIT}


@pytest.mark.parametrize("order", ORDERS)
def test_the_driver_draws_our_numbers(driver: Path, words: Path, order: str) -> None:
    printed = [int(line, 16) for line in run(driver, "words", "high", generator_of(order), words, order).split()]
    assert len(printed) == 1000
    for step, word in enumerate(printed):
        place, value = step, dict.fromkeys(("key", "channel", "index", "member", "stage", "decision", "occurrence"), 0)
        for field, size in ORDERS[order].items():
            place, value[field] = divmod(place, size)
        key = KEYS[value["key"]]
        if "asset" in value:
            base = base_of_asset(key, value["asset"])
        elif "lead" in value:
            base = base_of_account(key, lead_identity(LEADS[value["lead"]]))
        else:
            base = base_of_account(key, drawn_identity(channel_tag(CHANNELS[value["channel"]]), value["index"]))
        if order == "bases":
            assert base == word >> 2
            continue
        u = uniform(key, member_base(base, value["member"]), value["stage"], value["decision"], value["occurrence"])
        assert u * 2.0**52 == (word >> 12) + 0.5


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("order", ORDERS)
def test_the_battery_rejects_nothing(driver: Path, words: Path, order: str, part: str) -> None:
    report = run(driver, BATTERY, part, generator_of(order), words, order)
    found = p_values(report)
    assert len(found) >= 15
    assert np.isfinite(list(found.values())).all()
    assert not rejections(found), report


@pytest.mark.parametrize("order", ORDERS)
def test_the_battery_rejects_a_bad_generator(driver: Path, words: Path, order: str) -> None:
    """Counters times the key, without a single round: a battery that cannot fail would prove nothing."""
    assert len(rejections(p_values(run(driver, "small", "low", "bare", words, order)))) >= 5
