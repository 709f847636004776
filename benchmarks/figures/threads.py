"""Two threads against one, on independent replications."""

import statistics
import subprocess
import sys
import threading
import time

from benchmarks.cases import USUAL, WHOLE, setup, warm_up
from benchmarks.figure import Measured, NotMeasured
from benchmarks.measuring import cores, interleaved, ratio
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled

GOAL = 1.9
#: Pure arithmetic: it says when it is ready, begins when it is told, and says how long it took.
_ARITHMETIC = """
import sys, time
print("ready", flush=True)
sys.stdin.readline()
began, total = time.perf_counter(), 0
for i in range(4_000_000):
    total = (total * 31 + i) & 0xFFFF
print(time.perf_counter() - began, flush=True)
"""


def measure(sizes: Sizes, runs: int) -> Measured:
    """Seconds on the wall of two runs one after the other, against both at once on two threads; no core is pinned."""
    if cores() < 2:
        raise NotMeasured("this process may use one core only")
    warm_up()
    buyers = sizes.of(USUAL)
    pair = [setup(WHOLE, buyers, replication) for replication in (0, 1)]

    def one_after_the_other() -> None:
        for each in pair:
            run_compiled(each)

    def at_once() -> None:
        threads = [threading.Thread(target=run_compiled, args=(each,)) for each in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    taken = interleaved({"one": (one_after_the_other, runs), "two": (at_once, runs)}, time.perf_counter)
    floor = statistics.median(arithmetic_gain() for _ in range(runs))
    return Measured(
        *ratio(taken["one"], taken["two"]),
        runs=str(runs),
        beside=f"floor {floor:.2f}: what two processes of pure arithmetic gain here; "
        f"{statistics.median(taken['one']):.2f} s against {statistics.median(taken['two']):.2f}, 2 x {buyers:,} buyers",
        reason="two processes of pure arithmetic miss it here too; other jobs may have been running."
        if floor < GOAL
        else "",
    )


def arithmetic_gain() -> float:
    """By how much two processes of arithmetic at once are faster than one after the other."""
    alone = sum(_arithmetic_seconds(1))
    return 2 * alone / max(_arithmetic_seconds(2))


def _arithmetic_seconds(processes: int) -> list[float]:
    """Of each of so many processes at once, without their start."""
    children = [
        subprocess.Popen([sys.executable, "-c", _ARITHMETIC], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    return [float(child.communicate()[0]) for child in children]
