"""The compiled engine against the reference engine."""

import statistics

from benchmarks.cases import USUAL, WHOLE, setup, warm_up
from benchmarks.figure import Measured
from benchmarks.measuring import interleaved, pinned, ratio
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.reference import Engine

#: The reference engine needs minutes for a hundred thousand buyers.
_ONCE_FROM = 50_000


def measure(sizes: Sizes, runs: int) -> Measured:
    """Events per second of one against the other on the same run, arrivals drawn before: as both have the same events,
    that is the ratio of their times."""
    buyers = sizes.of(USUAL)
    warm_up()
    Engine(setup(WHOLE, 100)).run_to_end()
    one = setup(WHOLE, buyers)
    slow_runs = 1 if buyers >= _ONCE_FROM else runs
    events: list[int] = []
    with pinned():
        taken = interleaved(
            {
                "compiled": (lambda: events.append(run_compiled(one).events), runs),
                "reference": (lambda: events.append(Engine(one).run_to_end().events), slow_runs),
            }
        )
    if len(set(events)) > 1:
        raise RuntimeError(f"the engines disagree on the number of events: {sorted(set(events))}")
    fast, slow = (statistics.median(taken[name]) / events[0] for name in ("compiled", "reference"))
    return Measured(
        *ratio(taken["reference"], taken["compiled"]),
        runs=f"{runs}, reference {slow_runs}",
        beside=f"{1e9 * fast:,.0f} ns an event against {1e9 * slow:,.0f}; {events[0]:,} events of {buyers:,} buyers",
    )
