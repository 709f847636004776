"""The compiled engine against what a user would write instead, on ``core_journey``.

Seconds for the same number of buyers are compared, as steps differ: a daily step is not an event. Ours include lowering
the scenario and drawing the arrivals, which the peers do inside. ``tests/benchmarks/test_peers.py`` says how far the
outcomes agree. Mesa and SimPy make an object of every buyer: they run once from 50,000 buyers on.
"""

import statistics

from benchmarks.cases import CORE, LARGE, SMALL, USUAL, ready, sized, warm_up
from benchmarks.engines import SEED
from benchmarks.figure import Measured
from benchmarks.measuring import interleaved, pinned, ratio
from benchmarks.peers import PEERS, core_journey
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled

#: Peers that make an object of every buyer, and the size from which on one run of them is enough.
_OBJECTS, _ONCE_FROM = ("mesa", "simpy"), 50_000
#: The size at which they run as often as we do: published beside.
_ALSO = SMALL


def mesa(sizes: Sizes, runs: int) -> Measured:
    """Plain Mesa with a daily step."""
    return _at_two_sizes("mesa", sizes, runs)


def simpy(sizes: Sizes, runs: int) -> Measured:
    """Plain SimPy with a process per buyer."""
    return _at_two_sizes("simpy", sizes, runs)


def numpy_small(sizes: Sizes, runs: int) -> Measured:
    """Vectorised NumPy with a daily step, few buyers."""
    return _against("numpy", sizes.of(SMALL), runs)


def numpy_large(sizes: Sizes, runs: int) -> Measured:
    """Vectorised NumPy with a daily step, many buyers."""
    return _against("numpy", sizes.of(LARGE), runs)


def _at_two_sizes(peer: str, sizes: Sizes, runs: int) -> Measured:
    found = _against(peer, sizes.of(USUAL), runs)
    if sizes.buyers or sizes.quick:
        return found
    also = _against(peer, _ALSO, runs)
    beside = f"{found.beside}; {also.value:.0f} times ({also.low:.0f} to {also.high:.0f}) at {_ALSO:,} buyers"
    return Measured(found.value, found.low, found.high, found.runs, beside)


def _against(peer: str, buyers: int, runs: int) -> Measured:
    warm_up()
    scenario, few = sized(CORE, buyers), core_journey(sized(CORE, 300))
    numbers, theirs = core_journey(scenario), PEERS[peer]
    theirs(few, SEED)
    peer_runs = 1 if peer in _OBJECTS and buyers >= _ONCE_FROM else runs
    with pinned():
        taken = interleaved(
            {
                "compiled": (lambda: run_compiled(ready(scenario)), runs),
                peer: (lambda: theirs(numbers, SEED), peer_runs),
            }
        )
    fast, slow = (statistics.median(taken[name]) / buyers for name in ("compiled", peer))
    return Measured(
        *ratio(taken[peer], taken["compiled"]),
        runs=str(runs) if peer_runs == runs else f"{runs}, {peer} {peer_runs}",
        beside=f"{1e6 * fast:.2g} us a buyer against {1e6 * slow:,.3g}, at {buyers:,} buyers",
    )
