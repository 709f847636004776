"""Bytes per buyer of a run without touches, start to end."""

from benchmarks.cases import CORE, LARGE, WHOLE
from benchmarks.child import Found, in_child
from benchmarks.figure import Measured
from benchmarks.sizes import Sizes

GOAL = 200
_REASON = "what the run leaves takes more by itself; the rest is not accounted for."


def core(sizes: Sizes, runs: int) -> Measured:
    """On the core journey."""
    return _memory(CORE, sizes, runs)


def whole(sizes: Sizes, runs: int) -> Measured:
    """On the whole model."""
    return _memory(WHOLE, sizes, runs)


def _memory(scenario: str, sizes: Sizes, runs: int) -> Measured:
    """What ``simulate`` adds at its peak to a process that has run a small one before, divided by buyers.

    Memory repeats itself, so one fresh process is enough however many runs are asked for.
    """
    found: Found = in_child("simulate", scenario, sizes.of(LARGE))
    buyers = found["buyers"]
    value = found["peak_bytes"] / buyers
    return Measured(
        value, value, value, runs="1",
        beside=f"floor {found['kept_bytes'] / buyers:.0f} bytes: what the run leaves, in its arrays; "
        f"{found['table_bytes'] / buyers:,.0f} with the table of journeys made; {buyers:,.0f} buyers",
        reason=_REASON if found["kept_bytes"] / buyers > GOAL else "",
    )  # fmt: skip
