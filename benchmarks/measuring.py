"""What the benchmarks share: the machine in words, times of repeated runs, and a table on screen and in a file."""

import contextlib
import csv
import gc
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

LIBRARIES = ("numba", "llvmlite", "numpy", "pandas", "mesa", "simpy")
FOLDER = Path("outputs/benchmarks")


def machine() -> dict[str, str]:
    """Processor, cores, load (also by others), and versions."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return {
        "processor": f"{model}, {os.cpu_count()} cores, load {load} at the end",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "libraries": versions,
    }


def on_one_core() -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def pinned() -> Iterator[None]:
    """Keep this process on one core, where the system can, and let it go again."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    on_one_core()
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)


def timed(job: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of one call without Python's garbage collector, which runs before instead.

    Objects that refer to each other in circles then stay until the end: that favours contestants that make an object
    of every buyer, and never us. Whatever the job returns is let go of after the clock was read.
    """
    gc.collect()
    gc.disable()
    try:
        start = clock()
        kept = job()
        seconds = clock() - start
        del kept
    finally:
        gc.enable()
    return seconds


def interleaved(
    jobs: Mapping[str, tuple[Callable[[], Any], int]], clock: Callable[[], float] = time.process_time
) -> dict[str, list[float]]:
    """Seconds of every run of each (job, number of runs): A, B, A, B, ... so that a busy spell meets all alike."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(max(runs for _, runs in jobs.values())):
        for name, (job, runs) in jobs.items():
            if turn < runs:
                taken[name].append(timed(job, clock))
    return taken


def ratio(above: Sequence[float], below: Sequence[float]) -> tuple[float, float, float]:
    """Ratio of two medians, with the least and the most ratio: of runs side by side if there are as many of both."""
    value = statistics.median(above) / statistics.median(below)
    if len(above) == len(below):
        each = [one / other for one, other in zip(above, below, strict=True)]
        return value, min(each), max(each)
    return value, min(above) / max(below), max(above) / min(below)


def cpu_seconds(job: Callable[[], Any]) -> float:
    """CPU seconds of this process and its children: others on the machine disturb them less than they do the wall's."""
    start = sum(os.times()[:4])
    job()
    return sum(os.times()[:4]) - start


def wall_seconds(job: Callable[[], Any]) -> float:
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def spread(times: Sequence[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median_s": statistics.median(times), "min_s": min(times), "max_s": max(times)}


def show(name: str, title: str, rows: Sequence[dict[str, Any]], notes: Sequence[str] = ()) -> None:
    """Print one table with the machine below it, and keep it as CSV."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    about = machine()
    table = Table(title=title, title_justify="left", caption="\n".join([*notes, *about.values()]),
                  caption_justify="left")  # fmt: skip
    for column, value in rows[0].items():
        table.add_column(column, justify="left" if isinstance(value, str) else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(_shown, row.values()))
    console.print(table)
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{name}_{datetime.now():%Y-%m-%d_%H-%M-%S}.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [*rows[0], *about])
        writer.writeheader()
        writer.writerows({**row, **about} for row in rows)
    console.print(f"kept in {file}\n")


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
