"""``core_journey`` as a competent user would write it with other libraries: what our engines are measured against.

Each peer is one module with a function ``run(numbers, seed)``. They read the numbers of the scenario (``core.py``) and
nothing else of ours: their own random numbers, plain floats, the style of their library. ``ours.py`` tells the compiled
engine's run in the same words. ``tests/benchmarks/test_peers.py`` says how far they agree.

    import simulator as sim
    from benchmarks.peers import PEERS, core_journey

    PEERS["simpy"](core_journey(sim.load_scenario("core_journey")), 1)
"""

from collections.abc import Callable

from benchmarks.peers import mesa_daily, numpy_daily, simpy_process
from benchmarks.peers.core import CoreJourney, Outcomes, core_journey

#: Name -> one run from the numbers and a seed to what became of everybody.
PEERS: dict[str, Callable[[CoreJourney, int], Outcomes]] = {
    "mesa": mesa_daily.run,
    "simpy": simpy_process.run,
    "numpy": numpy_daily.run,
}

__all__ = ["PEERS", "CoreJourney", "Outcomes", "core_journey"]
