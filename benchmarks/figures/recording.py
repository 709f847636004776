"""What recording touches costs, in time and in memory."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.cases import USUAL, WHOLE, ready, sized, warm_up
from benchmarks.child import in_child
from benchmarks.figure import Measured, NotMeasured
from benchmarks.figures.threads import arithmetic_gain
from benchmarks.measuring import cores, interleaved, pinned, ratio
from benchmarks.recording import run_to_disk
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.report import LOG_DTYPE

#: The larger run has so many times the buyers.
_TIMES = 4
_MB = 1e6
#: Two processes that gain less have no second core to themselves.
_FREE = 1.7


def seconds(sizes: Sizes, runs: int) -> Measured:
    """Wall time of a run of the command line with touches against the same without, on one thread of simulation.

    No core is pinned, as what is recorded is written by a second thread. Beside it the same by CPU time on one core.
    """
    if cores() < 2:
        raise NotMeasured("this process may use one core only")
    buyers = sizes.of(USUAL)
    warm_up()
    scenario = sized(WHOLE, buyers)
    one = ready(scenario)
    for record in (False, True):
        run_to_disk(sized(WHOLE, 300), record)  # loads what writes Parquet
    rows = run_to_disk(scenario, True)
    jobs: dict[str, tuple[Callable[[], Any], int]] = {
        "without": (lambda: run_to_disk(scenario, False), runs),
        "with": (lambda: run_to_disk(scenario, True), runs),
        "kernel": (lambda: run_compiled(one), runs),
        "kernel's log": (lambda: run_compiled(one, True, _throw_away), runs),
    }
    free = statistics.median(arithmetic_gain() for _ in range(runs))
    wall = interleaved(jobs, time.perf_counter)
    with pinned():
        cpu = interleaved(jobs)
    kernel, work = ratio(cpu["kernel's log"], cpu["kernel"])[0], ratio(cpu["with"], cpu["without"])[0]
    return Measured(
        *ratio(wall["with"], wall["without"]),
        runs=str(runs),
        beside=f"floor {kernel:.2f}: the kernel alone, its log thrown away; {statistics.median(wall['with']):.2f} s "
        f"against {statistics.median(wall['without']):.2f} on the wall, no core pinned (two processes of pure "
        f"arithmetic gain {free:.2f} here); {work:.2f} by CPU time on one core; "
        f"{rows:,} touches of {buyers:,} buyers",
        reason="the second core was not free meanwhile." if free < _FREE else "",
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
