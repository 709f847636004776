"""Measure figures one after the other; one that fails does not take the others with it."""

import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.figure import Figure, NotMeasured, Row
from benchmarks.measuring import cores
from benchmarks.sizes import Sizes


def measured(figures: Sequence[Figure], sizes: Sizes, runs: int) -> list[Row]:
    """A row for each, in their order, told on the error stream as it comes.

    What is timed has the machine to itself; what is not (memory, in processes of its own) comes after, on all cores.
    """
    done = {figure.name: _told(figure, sizes, runs) for figure in figures if figure.timed}
    others = [figure for figure in figures if not figure.timed]
    with ThreadPoolExecutor(cores()) as pool:
        rows = pool.map(lambda figure: _told(figure, sizes, runs), others)
        done |= {row.figure.name: row for row in rows}
    return [done[figure.name] for figure in figures]


def _told(figure: Figure, sizes: Sizes, runs: int) -> Row:
    row = _row(figure, sizes, runs)
    print(f"{figure.name}: {row.verdict}, {row.seconds:.0f} s", file=sys.stderr, flush=True)
    return row


def _row(figure: Figure, sizes: Sizes, runs: int) -> Row:
    start = time.perf_counter()
    try:
        found = figure.measure(sizes, runs)
    except (NotMeasured, NotImplementedError) as why:
        return Row(figure, None, "not measured", time.perf_counter() - start, str(why))
    except Exception as fault:
        traceback.print_exc()
        return Row(figure, None, "failed", time.perf_counter() - start, f"{type(fault).__name__}: {fault}")
    return Row(figure, found, figure.verdict(found.value), time.perf_counter() - start)
