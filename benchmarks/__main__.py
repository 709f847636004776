"""``python -m benchmarks [name ...] [--buyers N] [--runs 5]``: all of them unless named."""

import argparse
import importlib

#: Names in the order in which they run; each is a module here with a ``main``.
NAMES = ("randomness", "engines", "compare")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(NAMES)}; none means all")
    parser.add_argument("--buyers", type=int, help="buyers of a run, in place of the sizes that each benchmark has")
    parser.add_argument("--runs", type=int, default=5, help="repetitions; medians are shown (default: 5)")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        parser.error(f"name must be one of {', '.join(NAMES)}, got {', '.join(sorted(unknown))}")
    if chosen.runs < 1 or (chosen.buyers is not None and chosen.buyers < 1):
        parser.error("--buyers and --runs must be at least 1")
    for name in chosen.names or NAMES:
        benchmark = importlib.import_module(f"benchmarks.{name}")
        if name == "randomness":
            benchmark.main()
            print()
        else:
            benchmark.main(chosen.buyers, chosen.runs)


if __name__ == "__main__":
    main()
