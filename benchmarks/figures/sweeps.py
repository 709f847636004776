"""What a sweep costs around its simulations, in time and in memory."""

import statistics
import tempfile
from pathlib import Path

from benchmarks.cases import WHOLE, warm_up
from benchmarks.child import in_child
from benchmarks.engines import SEED
from benchmarks.figure import Measured
from benchmarks.measuring import interleaved, pinned
from benchmarks.sizes import Sizes
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import lower
from simulator.sweeps.plan import Plan
from simulator.sweeps.points import Points
from simulator.sweeps.work import run_jobs

#: What a study of 10,000 design points is made of: so many buyers and replications, in two organisations.
BUYERS, REPLICATIONS = 1_000, 20
ARMS = ("relay_race", "integrated")
#: Inquiries a year of the whole model, for each buyer who comes over warm-up, cohort and follow-up.
_INQUIRIES_PER_BUYER = 0.367
#: Design points in one timing, and in the small and the large sweep whose memory is compared.
_POINTS, _FEW, _MANY = 6, 200, 2_000
_MB = 1e6


def plan(points: int, buyers: int, replications: int) -> Plan:
    """A sweep over one key."""
    values = [f"{1 + 0.01 * number:.2f}" for number in range(points)]
    fixed = [
        f"scenario={WHOLE}", f"run.replications={replications}", f"run.seed={SEED}", "run.threads=1",
        f"compare.organisations=[{','.join(ARMS)}]", f"market.inquiries_per_year={buyers * _INQUIRIES_PER_BUYER:g}",
    ]  # fmt: skip
    return Plan({"market.reach.half_life_days": values}, fixed, "", "")


def overhead(sizes: Sizes, runs: int) -> Measured:
    """CPU time of each further job of a sweep, journal included, beyond that of the kernel alone on the same runs.

    What a sweep does once, composing settings above all, is in both sweeps that are subtracted.
    """
    buyers = sizes.of(BUYERS)
    replications = 2 if sizes.quick else REPLICATIONS
    warm_up()
    asked = plan(_POINTS + 1, buyers, replications)
    points = Points(asked.fixed, "")
    setups = [
        lower(points.scenario(asked.point(job)), name, SEED, replication)
        for job in range(1, _POINTS + 1)
        for name in ARMS
        for replication in range(replications)
    ]

    def sweep(jobs: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            run_jobs(asked, range(jobs), Path(folder), 1)

    def kernel() -> None:
        for one in setups:
            run_compiled(one)

    sweep(1)
    with pinned():
        taken = interleaved({
            "all": (lambda: sweep(_POINTS + 1), runs), "one": (lambda: sweep(1), runs), "kernel": (kernel, runs),
        })  # fmt: skip
    further = [whole - one for whole, one in zip(taken["all"], taken["one"], strict=True)]
    each = [100 * (one / other - 1) for one, other in zip(further, taken["kernel"], strict=True)]
    point = statistics.median(further) / _POINTS
    return Measured(
        statistics.median(each), min(each), max(each), str(runs),
        beside=f"a design point of {len(ARMS)} organisations, {replications} replications and {buyers:,} buyers takes "
        f"{1000 * point:.0f} ms of one core; 10,000 of them {10_000 * point / 3600:.1f} core hours",
    )  # fmt: skip


def memory(sizes: Sizes, runs: int) -> Measured:
    """What ten times the design points add to the peak of a sweep; a fresh process each, so one run is enough."""
    few, many = (20, 60) if sizes.quick else (_FEW, _MANY)
    peaks = {points: in_child("sweep", WHOLE, points)["peak_bytes"] / _MB for points in (few, many)}
    added = peaks[many] - peaks[few]
    return Measured(
        added, added, added, runs="1",
        beside=f"the peak is {peaks[few]:,.0f} MB above what a small sweep holds at {few:,} design points, and "
        f"{peaks[many]:,.0f} MB at {many:,}; the table is gathered in it too",
    )  # fmt: skip
