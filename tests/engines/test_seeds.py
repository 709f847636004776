"""What a run depends on: the scenario, the organisation, the seed and the replication, and nothing else."""

import random
import subprocess
import sys
import threading
from functools import cache

import pandas as pd
import pytest

import simulator as sim
from simulator.scenario.config_sources import ROOT
from simulator.scenario.scenario import Scenario
from tests.engines.digests import digest

OVERRIDES = [
    "run.warm_up_days=20", "run.cohort_days=60", "run.follow_up_days=30", "run.replications=5",
    "market.inquiries_per_year=1200", "market.journey.step_days=1",
]  # fmt: skip
ORGANISATIONS = ("relay_race", "aligned", "integrated")
#: What a buyer is, fixed before any organisation meets it.
FIXED = ["channel", "segment", "complexity", "fit", "deal_value_usd", "arrived_at", "in_cohort"]


@cache
def scenario() -> Scenario:
    return sim.load_scenario("baseline", OVERRIDES)


def run(organisation: str = "integrated", seed: int = 3, replication: int = 0, **how: str) -> sim.Result:
    return sim.simulate(scenario(), organisation, seed=seed, replication=replication, **how)


def test_twice_is_the_same() -> None:
    first, second = run(record="touches"), run(record="touches")
    assert digest(first.report) == digest(second.report)
    pd.testing.assert_frame_equal(first.journeys, second.journeys)
    pd.testing.assert_frame_equal(first.touches, second.touches)


@pytest.mark.parametrize("engine", ["compiled", pytest.param("reference", marks=pytest.mark.long)])
def test_what_ran_before_in_the_process_does_not_matter(engine: str) -> None:
    alone = digest(run(engine=engine).report)
    for organisation in ORGANISATIONS:
        run(organisation, seed=99, replication=7, engine=engine)
    random.seed(0)
    assert digest(run(engine=engine).report) == alone


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_recording_changes_nothing_else(engine: str) -> None:
    silent, recorded = run(engine=engine, record="journeys"), run(engine=engine, record="touches")
    assert silent.touches is None and len(recorded.touches) > 1000
    recorded.report.log = None
    assert digest(silent.report) == digest(recorded.report)


def test_jobs_in_any_order() -> None:
    jobs = [(name, replication) for name in ORGANISATIONS for replication in range(4)]
    in_turn = {job: digest(run(job[0], replication=job[1]).report) for job in jobs}
    random.Random(1).shuffle(jobs)
    assert {job: digest(run(job[0], replication=job[1]).report) for job in jobs} == in_turn
    assert len(set(in_turn.values())) == len(jobs)  # and all differ


def test_runs_at_the_same_time_in_one_process() -> None:
    jobs = [(name, replication) for name in ORGANISATIONS for replication in range(4)]
    alone = {job: digest(run(job[0], replication=job[1]).report) for job in jobs}
    together: dict[tuple[str, int], str] = {}

    def work(mine: list[tuple[str, int]]) -> None:
        for name, replication in mine:
            together[name, replication] = digest(run(name, replication=replication).report)

    threads = [threading.Thread(target=work, args=(jobs[part::3],)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


@pytest.mark.parametrize(
    "engine, threads, replications",
    [("compiled", (1, 2, 3), 4), pytest.param("reference", (1, 3), 1, marks=pytest.mark.long)],
)
def test_a_comparison_on_any_number_of_threads(engine: str, threads: tuple[int, ...], replications: int) -> None:
    tables = []
    for number in threads:
        at_work = sim.load_scenario("baseline", [*OVERRIDES, f"run.threads={number}", f"run.engine={engine}",
                                                 f"run.replications={replications}"])  # fmt: skip
        kept: list[str] = []
        found = sim.compare(at_work, keep=lambda result, kept=kept: kept.append(digest(result.report)))
        assert len(kept) == len(ORGANISATIONS) * replications
        tables.append((kept, found.metrics.to_csv(), found.differences.to_csv()))
    assert all(table == tables[0] for table in tables)


def test_a_comparison_is_made_of_single_runs_whatever_else_is_compared() -> None:
    kept: dict[tuple[str, int], str] = {}
    sim.compare(
        scenario(), seed=8, replications=2, organisations=["integrated", "relay_race"],
        keep=lambda r: kept.update({(r.organisation, r.replication): digest(r.report)}),
    )  # fmt: skip
    assert len(kept) == 4
    for (name, replication), found in kept.items():
        assert digest(run(name, seed=8, replication=replication).report) == found


_PROGRAM = """
import simulator as sim
from tests.engines.digests import digest
from tests.engines.test_seeds import run
for name, replication in [("integrated", 1), ("relay_race", 0)]:
    print(digest(run(name, replication=replication, record="touches").report))
"""


def test_another_process_finds_the_same() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT)
    here = [digest(run(*job, record="touches").report) for job in (("integrated", 3, 1), ("relay_race", 3, 0))]
    assert done.stdout.split() == here


def test_seeds_and_replications_differ() -> None:
    found = {digest(run(seed=seed, replication=replication).report) for seed in range(4) for replication in range(4)}
    assert len(found) == 16  # none is another one's: replication r + 1 of a seed is not replication r of the next
    arrivals = {tuple(run(seed=seed).setup.arrivals.at_us[:5]) for seed in (0, 1, 2**63 - 1)}
    assert len(arrivals) == 3


def test_the_scenarios_seed_is_the_default() -> None:
    assert digest(sim.simulate(scenario(), "aligned").report) == digest(run("aligned", seed=scenario().run.seed).report)


@pytest.mark.parametrize("replication", [0, 1, 5])
def test_a_replication_brings_the_same_buyers_to_every_organisation(replication: int) -> None:
    """Budgets differ, and so who comes; whoever comes to two organisations is the same buyer in both."""
    first, *others = [run(name, replication=replication).journeys.set_index("buyer") for name in ORGANISATIONS]
    for other in others:
        both = first.index.intersection(other.index)
        assert len(both) > 0.8 * len(first)
        pd.testing.assert_frame_equal(first.loc[both, FIXED], other.loc[both, FIXED])
        assert not first.loc[both, "cleared_total"].equals(other.loc[both, "cleared_total"])  # but their lives differ


def test_without_budgets_the_same_buyers_come_to_every_organisation() -> None:
    still = sim.load_scenario("baseline", [*OVERRIDES, "mechanisms.budget=false"])
    first, *others = [sim.simulate(still, name, seed=3).journeys for name in ORGANISATIONS]
    for other in others:
        pd.testing.assert_frame_equal(first[["buyer", *FIXED]], other[["buyer", *FIXED]])


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    """Follow-up adds days; whatever happened before the shorter run's end stays as it was."""
    longer = sim.load_scenario("baseline", [*OVERRIDES, "run.follow_up_days=60"])
    short = run(record="touches")
    long = sim.simulate(longer, "integrated", seed=3, record="touches")
    end = short.setup.rules.horizon_us
    for name in short.report.log.dtype.names:
        assert (long.report.log[long.report.log["at"] < end][name] == short.report.log[name]).all(), name
