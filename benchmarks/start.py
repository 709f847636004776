"""Seconds on the wall until the program answers: to ``--help``, to the first simulated event, and past a cold compile.

    python -m benchmarks start [--runs 5]

Each time is that of a new process, from its start as a shell would start it. Buyers decide nothing here but when the
first run ends, so any scenario will do; the smallest number of days keeps that short.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measuring import show, spread

_RUN = ("run.replications=1", "run.threads=1", "run.cohort_days=1", "run.warm_up_days=0", "run.follow_up_days=1")

#: The program as it is, but for the first run: when it is over, it says so, runs once more and says how long that took.
#: The first run needs everything loaded or compiled; the second one is the same but for that.
_TELLING = """
import os, sys, time
from simulator import cli, reporting
answer = reporting.run_and_report

def answer_telling(*given):
    from simulator.engines.compiled import loop
    run = loop.run

    def telling(*given):
        run(*given)
        print("over", flush=True)
        began = time.perf_counter()
        run(*given)
        print(time.perf_counter() - began, flush=True)
        os._exit(0)

    loop.run = telling
    return answer(*given)

reporting.run_and_report = answer_telling
cli.main(sys.argv[1:])
"""


def help_seconds(runs: int = 7) -> list[float]:
    """From the shell to the end of ``python -m simulator --help``."""
    return [_help_seconds() for _ in range(runs)]


def first_event_seconds(runs: int = 7) -> list[float]:
    """From ``python -m simulator`` to its first simulated event, with kernels from the cache."""
    _first_event_seconds()  # compiles, unless it was done before
    return [_first_event_seconds() for _ in range(runs)]


def cold_compile() -> tuple[float, bool]:
    """From ``python -m simulator`` to its first simulated event, when nothing was ever compiled.

    Also whether a line on the error stream says that it compiles.
    """
    with tempfile.TemporaryDirectory() as folder:
        seconds, said = _first_event(NUMBA_CACHE_DIR=folder)
    return seconds, any(line.startswith("compiling") for line in said.splitlines())


def cold_compile_seconds(runs: int = 1) -> list[float]:
    """The seconds alone, for each of several times."""
    return [cold_compile()[0] for _ in range(runs)]


def _help_seconds() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "simulator", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _first_event_seconds() -> float:
    return _first_event()[0]


def _first_event(**environment: str) -> tuple[float, str]:
    """Seconds to the first event, and what was said on the error stream."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _TELLING, *_RUN, f"hydra.run.dir={Path(folder) / 'run'}"]
        began = time.perf_counter()
        with subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None and child.stderr is not None
            said = child.stdout.readline()
            over = time.perf_counter() - began
            again = child.stdout.readline()
            told = child.stderr.read()
    if said != "over\n" or child.returncode:
        raise RuntimeError(f"{' '.join(command[3:])} came to no first event")
    return over - float(again), told


def main(buyers: int | None = None, runs: int = 5) -> None:
    jobs: dict[str, tuple[Callable[[int], list[float]], int]] = {
        "python -m simulator --help": (help_seconds, runs),
        "python -m simulator to the first event": (first_event_seconds, runs),
        "the same, nothing compiled yet": (cold_compile_seconds, 1),
    }
    rows = [{"job": job, "runs": times, **spread(seconds(times))} for job, (seconds, times) in jobs.items()]
    show("start", "From the shell to an answer", rows, ["Seconds on the wall, medians."])


if __name__ == "__main__":
    main(runs=7)
