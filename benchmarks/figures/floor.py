"""The compiled engine against its own floor."""

import statistics

from benchmarks.cases import CORE, USUAL, setup, warm_up
from benchmarks.figure import Measured
from benchmarks.floor import floor_seconds
from benchmarks.measuring import pinned, ratio, timed
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled


def measure(sizes: Sizes, runs: int) -> Measured:
    """Time per event of the engine against that of a loop per buyer with the same decisions and draws."""
    buyers = sizes.of(USUAL)
    warm_up()
    one = setup(CORE, buyers)
    floor_seconds(setup(CORE, 100))  # compiles
    events: list[int] = []
    ours, floors = [], []
    with pinned():
        for _ in range(runs):
            seconds = timed(lambda: events.append(run_compiled(one).events))
            ours.append(seconds / events[-1])
            seconds, steps = floor_seconds(one)
            floors.append(seconds / steps)
    engine, floor = statistics.median(ours), statistics.median(floors)
    return Measured(
        *ratio(ours, floors),
        runs=str(runs),
        beside=f"floor {1e9 * floor:,.0f} ns a step, engine {1e9 * engine:,.0f} ns an event, at {buyers:,} buyers",
    )
