"""Seconds for the main job: every organisation of the baseline on the same buyers, all replications.

    python -m benchmarks compare [--buyers N] [--runs 5]

In a process that has compiled already, on one thread and on all; then as a user starts it, from the shell to the last
figure, with kernels from the cache.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import simulator as sim
from benchmarks.measuring import cpu_seconds, show, spread, wall_seconds
from simulator.scenario.scenario import Scenario


def row(job: str, threads: int, work: Any, runs: int) -> dict[str, str | int | float]:
    """One row: seconds on the wall of repeated runs, and CPU seconds of one more."""
    times = [wall_seconds(work) for _ in range(runs)]
    return {"job": job, "threads": threads, "runs": runs, **spread(times),
            "cpu_s": cpu_seconds(work)}  # fmt: skip


def from_the_shell(overrides: list[str]) -> None:
    """The command line in a process of its own; its results are thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "simulator", *overrides, f"hydra.run.dir={Path(folder) / 'run'}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main(buyers: int | None = None, runs: int = 5, scenario: str = "baseline") -> None:
    overrides = [] if buyers is None else [f"market.inquiries_per_year={inquiries(scenario, buyers)}"]
    chosen = sim.load_scenario(scenario, overrides)
    sim.compare(chosen, replications=1)  # compiles
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    rows = []
    for threads in sorted({1, cores}):
        chosen.run.threads = threads
        rows.append(row("compare()", threads, lambda: sim.compare(chosen), runs))
    shell = [f"scenario={scenario}", *overrides]
    rows.append(row("command line", cores, lambda: from_the_shell(shell), runs))
    organisations = len(chosen.compared())
    per_run = expected_buyers(chosen)
    show(
        "compare",
        f"The main job: {scenario}, {organisations} organisations, {chosen.run.replications} replications, "
        f"about {per_run:,.0f} buyers each",
        rows,
        [f"Seconds on the wall, medians; {organisations * chosen.run.replications} runs a job, "
         f"{organisations * chosen.run.replications * per_run:,.0f} journeys."],
    )  # fmt: skip


def expected_buyers(scenario: Scenario) -> float:
    """Mean number of buyers that arrive in one run."""
    return scenario.market.inquiries_per_year * scenario.horizon_days() / 365.0


def inquiries(scenario: str, buyers: int) -> float:
    """Inquiries a year that bring so many buyers; people stay as they are."""
    return buyers / sim.load_scenario(scenario).horizon_days() * 365.0
