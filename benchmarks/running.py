"""Measure figures one after the other; one that fails does not take the others with it."""

import sys
import time
import traceback
from collections.abc import Iterator, Sequence

from benchmarks.figure import Figure, NotMeasured, Row
from benchmarks.sizes import Sizes


def measured(figures: Sequence[Figure], sizes: Sizes, runs: int) -> Iterator[Row]:
    """A row for each, told on the error stream as it comes."""
    for figure in figures:
        print(f"{figure.name} ...", end=" ", file=sys.stderr, flush=True)
        row = _row(figure, sizes, runs)
        print(f"{row.verdict}, {row.seconds:.0f} s", file=sys.stderr, flush=True)
        yield row


def _row(figure: Figure, sizes: Sizes, runs: int) -> Row:
    start = time.perf_counter()
    try:
        found = figure.measure(sizes, runs)
    except NotMeasured as why:
        return Row(figure, None, "not measured", time.perf_counter() - start, str(why))
    except Exception as fault:
        traceback.print_exc()
        return Row(figure, None, "failed", time.perf_counter() - start, f"{type(fault).__name__}: {fault}")
    return Row(figure, found, figure.verdict(found.value), time.perf_counter() - start)
