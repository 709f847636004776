"""Events per second of both engines on one core, and how the time per event grows with the number of buyers.

    python -m benchmarks engines [--buyers N] [--runs 5]

To compare two commits, let each say its ns per event with ``--runs 9`` on the same machine.

The baseline scenario, made larger: inquiries and headcounts grow in proportion, so that people are as busy as before.
Meetings grow with the square of a team, so hours per teammate shrink and everybody meets as long as before. Only the
engine is timed, not the drawing of arrivals before it or the tables after it.
"""

import copy

import simulator as sim
from benchmarks.measuring import on_one_core, show, spread, timed
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import Setup, lower
from simulator.engines.reference import Engine
from simulator.engines.report import differences
from simulator.scenario.checked import check
from simulator.scenario.scenario import Scenario

SIZES = (10_000, 100_000)
#: The reference engine needs minutes for a hundred thousand buyers, so it is timed at fewer.
REFERENCE_BUYERS, REFERENCE_RUNS = 5_000, 3
SEED = 1


def grown(base: Scenario, organisation: str, buyers: int) -> Scenario:
    """The scenario with about so many buyers over its whole run, met by as many more people."""
    scenario = copy.deepcopy(base)
    factor = buyers / (base.market.inquiries_per_year * base.horizon_days() / 365.0)
    scenario.market.inquiries_per_year *= factor
    chosen = scenario.organisations[organisation]
    roles = (chosen.roles.marketer, chosen.roles.sdr, chosen.roles.rep)
    before = sum(role.headcount for role in roles)
    for role in roles:
        role.headcount = max(1, round(role.headcount * factor))
    chosen.coordination.hours_per_teammate_week *= (before - 1) / max(1, sum(role.headcount for role in roles) - 1)
    scenario.organisations = {organisation: chosen}
    scenario.compare.organisations = []
    check(scenario)
    return scenario


def measured(engine: str, setup: Setup, runs: int) -> dict[str, str | int | float]:
    """One row: CPU seconds of repeated runs."""
    events = 0

    def once() -> None:
        nonlocal events
        events = (run_compiled(setup) if engine == "compiled" else Engine(setup).run_to_end()).events

    times = [timed(once) for _ in range(runs)]
    found = spread(times)
    return {
        "engine": engine,
        "buyers": len(setup.arrivals.at_us),
        "people": len(setup.person_role),
        "events": events,
        "runs": runs,
        **found,
        "events_per_s": events / found["median_s"],
        "ns_per_event": found["median_s"] / events * 1e9,
    }


def main(buyers: int | None = None, runs: int = 5, scenario: str = "baseline") -> None:
    base = sim.load_scenario(scenario)
    organisation = base.compared()[0]
    on_one_core()
    small = lower(grown(base, organisation, REFERENCE_BUYERS), organisation, SEED, 0)
    assert differences(run_compiled(small), Engine(small).run_to_end()) == []  # also compiles, and warms both up
    rows = [measured("reference", small, min(runs, REFERENCE_RUNS)), measured("compiled", small, runs)]
    for size in (buyers,) if buyers else SIZES:
        rows.append(measured("compiled", lower(grown(base, organisation, size), organisation, SEED, 0), runs))
    reference = float(rows[0]["ns_per_event"])
    for row in rows:
        row["faster_than_reference"] = reference / float(row["ns_per_event"])
    show(
        "engines",
        f"Engines on one core: {scenario}, {organisation}, seed {SEED}, {base.horizon_days()} days",
        rows,
        ["CPU seconds, medians; at the smallest size both engines gave the same journeys to the last bit."],
    )
