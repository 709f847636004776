"""How the time per event grows with the number of buyers."""

import statistics
from collections.abc import Callable

from benchmarks.cases import CORE, LARGE, SMALL, WHOLE, setup, warm_up
from benchmarks.figure import Measured
from benchmarks.measuring import interleaved, pinned, ratio
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import Setup

#: A small run is over in a tenth of a second: so many in a row are one measurement.
_SMALL_ONES = 5


def whole(sizes: Sizes, runs: int) -> Measured:
    """On the whole model."""
    return _growth(WHOLE, sizes, runs)


def core(sizes: Sizes, runs: int) -> Measured:
    """On the core journey."""
    return _growth(CORE, sizes, runs)


def _growth(scenario: str, sizes: Sizes, runs: int) -> Measured:
    """Time per event of a large run against a small one; a hundredth of the buyers where the size is given."""
    large = sizes.of(LARGE)
    small = max(100, large // (LARGE // SMALL))
    warm_up()
    many, few = setup(scenario, large), setup(scenario, small)
    events: dict[str, int] = {}

    def work(name: str, one: Setup, times: int) -> Callable[[], None]:
        def job() -> None:
            events[name] = sum(run_compiled(one).events for _ in range(times))

        return job

    with pinned():
        taken = interleaved({"many": (work("many", many, 1), runs), "few": (work("few", few, _SMALL_ONES), runs)})
    each = {name: [seconds / events[name] for seconds in times] for name, times in taken.items()}
    return Measured(
        *ratio(each["many"], each["few"]),
        runs=str(runs),
        beside=f"{1e9 * statistics.median(each['many']):,.0f} ns an event at {large:,} buyers "
        f"({statistics.median(taken['many']):.1f} s a run), {1e9 * statistics.median(each['few']):,.0f} at {small:,}",
    )
