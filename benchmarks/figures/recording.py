"""What recording touches costs, in time and in memory."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.cases import USUAL, WHOLE, ready, sized, warm_up
from benchmarks.child import in_child
from benchmarks.figure import Measured
from benchmarks.measuring import interleaved, pinned, ratio
from benchmarks.recording import run_to_disk
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.report import LOG_DTYPE

#: The larger run has so many times the buyers.
_TIMES = 4
_MB = 1e6


def seconds(sizes: Sizes, runs: int) -> Measured:
    """A run of the command line with touches against the same without: CPU time of the process, all its threads."""
    buyers = sizes.of(USUAL)
    warm_up()
    scenario = sized(WHOLE, buyers)
    one = ready(scenario)
    walls: dict[str, list[float]] = {"with": [], "without": []}
    rows = 0
    for record in (False, True):
        run_to_disk(sized(WHOLE, 300), record)  # loads what writes Parquet

    def work(name: str) -> Callable[[], None]:
        def job() -> None:
            nonlocal rows
            start = time.perf_counter()
            rows = max(rows, run_to_disk(scenario, name == "with"))
            walls[name].append(time.perf_counter() - start)

        return job

    with pinned():
        taken = interleaved(
            {
                "without": (work("without"), runs),
                "with": (work("with"), runs),
                "kernel": (lambda: run_compiled(one), runs),
                "kernel's log": (lambda: run_compiled(one, True, _throw_away), runs),
            }
        )
    wall, _, _ = ratio(walls["with"], walls["without"])
    log, _, _ = ratio(taken["kernel's log"], taken["kernel"])
    return Measured(
        *ratio(taken["with"], taken["without"]),
        runs=str(runs),
        beside=f"floor {log:.2f}: the kernel alone, its log thrown away; on the wall {wall:.2f}; "
        f"{statistics.median(taken['with']):.1f} s against {statistics.median(taken['without']):.1f}, "
        f"{rows:,} touches of {buyers:,} buyers",
    )


def _throw_away(_: np.ndarray) -> None:
    """A sink that keeps nothing."""


def memory(sizes: Sizes, runs: int) -> Measured:
    """What recording adds to the peak, at four times the buyers less at once, per touch more; a fresh process each.

    Memory repeats itself, so one run of each is enough.
    """
    small = sizes.of(USUAL)
    large = _TIMES * small
    added, rows = {}, {}
    for buyers in (small, large):
        recorded, plain = in_child("record", WHOLE, buyers), in_child("journeys", WHOLE, buyers)
        added[buyers], rows[buyers] = recorded["peak_bytes"] - plain["peak_bytes"], recorded["rows"]
    value = (added[large] - added[small]) / (rows[large] - rows[small])
    return Measured(
        value, value, value, runs="1",
        beside=f"a touch held in memory is {LOG_DTYPE.itemsize} bytes; recording adds {added[small] / _MB:,.0f} MB to "
        f"the peak at {small:,} buyers ({rows[small]:,.0f} touches) and {added[large] / _MB:,.0f} MB at {large:,} "
        f"({rows[large]:,.0f})",
    )  # fmt: skip
