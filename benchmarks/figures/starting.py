"""Seconds on the wall from the shell to an answer; each time that of a new process."""

import statistics
import subprocess
import sys
import time

from benchmarks.figure import Measured
from benchmarks.sizes import Sizes
from benchmarks.start import cold_compile, first_event_seconds, help_seconds


def help_text(sizes: Sizes, runs: int) -> Measured:
    """To the end of ``python -m simulator --help``."""
    bare = statistics.median(_seconds("pass") for _ in range(runs))
    return _measured(help_seconds(runs), f"floor {bare:.2f} s: Python with nothing to do")


def first_event(sizes: Sizes, runs: int) -> Measured:
    """To the first simulated event of ``python -m simulator``, with kernels from the cache."""
    libraries = statistics.median(_seconds("import numpy, numba, hydra") for _ in range(runs))
    return _measured(first_event_seconds(runs), f"floor {libraries:.2f} s: Python importing numpy, numba and hydra")


def cold(sizes: Sizes, runs: int) -> Measured:
    """The same when nothing was ever compiled, once."""
    warm = statistics.median(first_event_seconds(1))
    seconds, says_so = cold_compile()
    line = "a line says so" if says_so else "no line says so"
    return _measured([seconds], f"floor {warm:.1f} s: the same with kernels from the cache; {line}")


def _measured(times: list[float], beside: str) -> Measured:
    return Measured(statistics.median(times), min(times), max(times), str(len(times)), beside)


def _seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began
