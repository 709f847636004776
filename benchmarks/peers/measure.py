"""CPU seconds of the compiled engine and of the peers on one core, for the same scenario at several sizes.

    python -m benchmarks.peers.measure [--buyers N ...] [--runs 5]

Only the simulation is timed: not imports, compiling, or composing the scenario. Our engine's arrivals are drawn before
it starts, the peers draw theirs as they go; ours keeps a history of every buyer, the peers keep sums. Runs of all are
interleaved, so that a busy spell of the machine meets them alike. Mesa and SimPy are not run at more than 100,000
buyers, and only once there.
"""

import argparse
import time
from collections.abc import Callable

import simulator as sim
from benchmarks.engines import grown
from benchmarks.measuring import on_one_core, show, spread
from benchmarks.peers import PEERS, Outcomes, core_journey
from benchmarks.peers.ours import outcomes_of
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import Setup, lower

SIZES = (10_000, 100_000, 1_000_000)
SEED = 1
#: Peers that make an object of every buyer: the largest size, and the size from which on one run is enough.
OBJECTS, LARGEST, ONCE_FROM = ("mesa", "simpy"), 100_000, 50_000


def ours(setup: Setup) -> Outcomes:
    return outcomes_of(setup, run_compiled(setup))


def rows_at(size: int, runs: int) -> list[dict[str, str | int | float]]:
    """One row per contestant."""
    scenario = grown(sim.load_scenario("core_journey"), "one_pool", size)
    numbers, setup = core_journey(scenario), lower(scenario, "one_pool", SEED, 0)
    jobs: dict[str, Callable[[int], Outcomes]] = {"ours, compiled": lambda _: ours(setup)}
    for name, peer in PEERS.items():
        if name not in OBJECTS or size <= LARGEST:
            jobs[name] = lambda seed, peer=peer: peer(numbers, seed)  # type: ignore[misc]
    times: dict[str, list[float]] = {name: [] for name in jobs}
    steps: dict[str, int] = {}
    for turn in range(runs):
        for name, job in jobs.items():
            if turn == 0 or name not in OBJECTS or size < ONCE_FROM:
                start = time.process_time()
                steps[name] = job(SEED + turn).steps
                times[name].append(time.process_time() - start)
    rows: list[dict[str, str | int | float]] = []
    for name, taken in times.items():
        found = spread(taken)
        row = {"run": name, "buyers": size, "reps": numbers.reps, "runs": len(taken), **found, "steps": steps[name]}
        mine = float(rows[0]["median_s"]) if rows else found["median_s"]
        rows.append({**row, "steps_per_s": steps[name] / found["median_s"], "times_ours": found["median_s"] / mine})
    return rows


def main(buyers: int | list[int] | None = None, runs: int = 5) -> None:
    if isinstance(buyers, int):
        buyers = [buyers]
    on_one_core()
    rows_at(1000, 1)  # compiles, and warms all up
    rows = [row for size in buyers or SIZES for row in rows_at(size, runs)]
    note = "CPU seconds, medians; times_ours above 1 is slower than the compiled engine. Mesa and NumPy go by days."
    show("peers", "core_journey on one core", rows, [note])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.measure", description=__doc__)
    parser.add_argument("--buyers", type=int, nargs="*", help=f"sizes (default: {', '.join(map(str, SIZES))})")
    parser.add_argument("--runs", type=int, default=5, help="repetitions; medians are shown (default: 5)")
    chosen = parser.parse_args()
    main(chosen.buyers, chosen.runs)
