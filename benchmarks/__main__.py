"""``python -m benchmarks [name ...] [--buyers N] [--runs 5] [--quick]``: the table of all figures, or of those named.

Further names are looks of their own, not in the table: ``engines`` (ns per event of both engines, to compare two
commits by), ``peers``, ``start``, ``compare``, ``randomness``, ``private`` (which events a run could take in any
order), and ``picture``, which draws cost against size.
"""

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks.sizes import Sizes

#: Looks of their own: each a module with a ``main(buyers, runs)``.
LOOKS = {
    "engines": "benchmarks.engines",
    "peers": "benchmarks.peers.measure",
    "start": "benchmarks.start",
    "compare": "benchmarks.compare",
    "randomness": "benchmarks.randomness",
    "private": "benchmarks.private",
    "picture": "benchmarks.picture",
}
FEWEST_BUYERS, MOST_BUYERS, MOST_RUNS = 100, 10_000_000, 1000
REFUSED = 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"error: {message}", file=sys.stderr)
        raise SystemExit(REFUSED)


def _within(least: int, most: int):  # type: ignore[no-untyped-def]
    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least:,} to {most:,}, got {text!r}")
        return int(text)

    return number


def _parser(figures: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m benchmarks", description=__doc__,
                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("names", nargs="*", metavar="name",
                        help=f"figures, {', '.join(figures)} (none: all); or looks: {', '.join(LOOKS)}")  # fmt: skip
    parser.add_argument("--buyers", type=_within(FEWEST_BUYERS, MOST_BUYERS),
                        help="buyers of a run, in place of the size that each figure has")  # fmt: skip
    parser.add_argument("--runs", type=_within(1, MOST_RUNS), default=None,
                        help="repetitions; medians are shown (default: 5; 1 with --quick)")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="tiny sizes: whether all works, nothing about speed")
    parser.add_argument("--page", type=Path, help="also put the table into this page, in the place that it has for it")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 measured (met or missed), 1 something failed, 2 refused."""
    from benchmarks.registry import BY_NAME, FIGURES

    parser = _parser(list(BY_NAME))
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in BY_NAME and name not in LOOKS]:
        parser.error(f"name must be one of {', '.join([*BY_NAME, *LOOKS])}, got {', '.join(unknown)}")
    runs = chosen.runs or (1 if chosen.quick else 5)
    sizes = Sizes(chosen.buyers, chosen.quick)
    figures = [figure for figure in FIGURES if figure.name in chosen.names] if chosen.names else list(FIGURES)
    failed = bool(figures) and _table(figures, sizes, runs, chosen.page)
    for name in dict.fromkeys(chosen.names):
        if name in LOOKS:
            importlib.import_module(LOOKS[name]).main(sizes.of(0) or None, runs)
    return int(failed)


def _table(figures: list, sizes: Sizes, runs: int, page: Path | None) -> bool:  # type: ignore[type-arg]
    """Measure, print and keep; whether anything failed."""
    from benchmarks.measuring import FOLDER, machine
    from benchmarks.running import measured
    from benchmarks.table import into_page, markdown, show, to_csv

    start = time.perf_counter()
    rows = measured(figures, sizes, runs)
    minutes, about = (time.perf_counter() - start) / 60, machine()
    show(rows, about, sizes)
    print(f"{minutes:.1f} minutes; kept in {to_csv(rows, about, sizes, FOLDER)}")
    if page is not None:
        into_page(page, markdown(rows, about, minutes))
    return any(row.verdict == "failed" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
