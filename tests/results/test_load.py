"""Load over time beside single waits and single tasks, as they were seen one by one."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

import simulator as sim
from simulator.engines.compiled.loop import run as run_compiled
from simulator.engines.lowering import lower
from simulator.engines.reference import Engine
from simulator.engines.report import differences
from simulator.engines.review import FOR_BUYERS
from simulator.model.numerics import DAY_US, MILLISECOND_US
from simulator.model.words import ROLES, Role
from simulator.questions.limits.little import watched_waits
from simulator.results.load import MEASURES, load_table, period_load
from simulator.results.summary import summarise
from tests.results.naive import jackknife

OVERRIDES = ["run.warm_up_days=10", "run.cohort_days=70", "run.follow_up_days=25", "run.replications=3",
             "market.inquiries_per_year=3000", "market.journey.step_days=1", "market.journey.prior_knowledge=0.8",
             "organisations.integrated.roles.sdr.headcount=3", "organisations.integrated.sales.max_open_deals=4",
             "compare.equal_payroll=false"]  # fmt: skip


@pytest.fixture(scope="module")
def runs() -> list[sim.Result]:
    scenario = sim.load_scenario("baseline", OVERRIDES)
    return [sim.simulate(scenario, "integrated", replication=replication) for replication in range(3)]


def edges(report: Any, horizon_us: int) -> np.ndarray:
    return np.array([0, *report.reviews[:, 0], horizon_us])


def overlap(began: int, ended: int, start: int, end: int) -> int:
    return max(0, min(ended, end) - max(began, start))


def test_lines_and_work_are_what_was_seen_one_by_one() -> None:
    """Each wait from when a buyer came to when it left; each task by the hours of its days that lie in its time."""
    scenario = sim.load_scenario("baseline", [*OVERRIDES, "mechanisms.training=false"])
    setup = lower(scenario, "integrated", 3, 0)
    engine = Engine(setup)
    waits = watched_waits(engine)
    tasks: list[tuple[int, int, int]] = []
    for person in engine.people:
        pool = person.team * ROLES + person.role

        def noted(
            account: Any, desk: Any, person: Any = person, pool: int = pool, take_up: Any = person.take_up
        ) -> None:
            take_up(account, desk)
            tasks.append((pool, person.started_at, person.finish_at))

        person.take_up = noted
    report = engine.run_to_end()
    assert differences(report, run_compiled(setup)) == []
    rules, horizon = setup.rules, int(setup.rules.horizon_us)
    bounds, pools = edges(report, horizon), len(setup.teams) * ROLES
    home = [
        *range(pools),
        *(team * ROLES + role for team, role in zip(setup.person_team, setup.person_role, strict=True)),
    ]
    assert len(bounds) == 5 and sum(stays.count for stays in waits) > 300 and len(tasks) > 300
    for period, (start, end) in enumerate(itertools.pairwise(bounds)):
        seen = {name: np.zeros(pools) for name in ("line_ms", "named_ms", "worked_us")}
        joined = np.zeros(pools)
        for line, stays in enumerate(waits):
            stay_ms = (sum(overlap(0, ended, start, end) for ended in stays.ended)
                       + len(stays.still) * (end - start)
                       - sum(overlap(0, began, start, end) for began in stays.began)) / MILLISECOND_US  # fmt: skip
            seen["line_ms" if line < pools else "named_ms"][home[line]] += stay_ms
            joined[home[line]] += stays.count
        for pool, started, finish in tasks:
            for day in range(started // DAY_US, finish // DAY_US + 1):
                if day % 7 < rules.days:
                    opens = day * DAY_US + rules.opens[pool]
                    hours = overlap(max(started, opens), min(finish, opens + rules.window[pool]), start, end)
                    seen["worked_us"][pool] += hours
        found = report.load[period].copy()
        for name in seen:
            own = found[name] - (report.load[period - 1][name] if period else 0)
            assert own == pytest.approx(seen[name], abs=0 if name == "worked_us" else 2 * joined.max()), (period, name)
    assert report.load[-1]["named_ms"][Role.REP] > 0 and report.load[-1]["line_ms"][Role.REP] > 0


def test_the_last_row_is_the_totals_of_the_run(runs: list[sim.Result]) -> None:
    for result in runs:
        report, setup = result.report, result.setup
        last, pools = report.load[-1], len(setup.teams) * ROLES
        home = setup.person_team * ROLES + setup.person_role
        assert (last["line_ms"] == report.queues["area_ms"][:pools]).all()
        assert (last["hours_us"] == report.hours).all()
        for pool in range(pools):
            assert last["named_ms"][pool] == report.queues["area_ms"][pools:][home == pool].sum()
            assert last["worked_us"][pool] == report.people["worked_us"][home == pool].sum()
        assert len(report.load) == len(report.reviews) + 1
        for name in ("line_ms", "named_ms", "worked_us", "hours_us"):
            assert (np.diff(report.load[name], axis=0) >= 0).all()
        worked, paid = (
            np.diff(report.load["worked_us"], axis=0),
            np.diff(report.load["hours_us"], axis=0)[..., FOR_BUYERS],
        )
        assert (worked <= paid * np.bincount(home, minlength=pools)).all()  # nobody works more than there is time for


def test_periods_add_up_to_the_tables_of_the_whole_run(runs: list[sim.Result]) -> None:
    for result in runs:
        table = load_table("x", {"integrated": [period_load(result)]})
        days = table["end_day"] - table["start_day"]
        mean = (table["estimate"] * days).groupby(
            [table["role"], table["measure"]]
        ).sum() / result.scenario.horizon_days()
        lines = result.queues.set_index("queue")["mean_length"]
        assert mean["sdr", "waiting"] == pytest.approx(lines["everybody sdrs"])
        assert mean["rep", "waiting_for_owner"] == pytest.approx(lines["everybody owner"])
        assert mean["rep", "waiting"] == pytest.approx(lines["everybody owner"] + lines.filter(like="rep ").sum())
        load, sums = period_load(result), summarise(result, result.scenario, "integrated", 0).sums
        for role in Role:
            name = role.name.lower()
            whole = load.tops[role, "utilisation"].sum() / load.bottoms[role, "utilisation"].sum()
            assert whole == pytest.approx(sums[f"worked_{name}"] / sums[f"paid_{name}"])


def test_a_table_of_replications_is_a_ratio_of_sums_with_its_interval(runs: list[sim.Result]) -> None:
    loads = [period_load(result) for result in runs]
    table = load_table("baseline", {"integrated": loads})
    assert list(table["replications"].unique()) == [3] and set(table["measure"]) == set(MEASURES)
    assert sorted(set(table["start_day"])) == [0, 30, 60, 90] and table["end_day"].max() == 105
    row = table[(table["role"] == "sdr") & (table["measure"] == "occupancy") & (table["start_day"] == 60)].iloc[0]

    def occupancy(some: list[sim.Result]) -> float:
        worked, hours = (
            sum(one.report.load[2][name][Role.SDR] - one.report.load[1][name][Role.SDR] for one in some)
            for name in ("worked_us", "hours_us")
        )
        return float(worked / (3 * hours[FOR_BUYERS]))

    assert (row["estimate"], row["ci_low"], row["ci_high"]) == pytest.approx(jackknife(runs, occupancy))


def test_a_role_that_nobody_has_is_left_out() -> None:
    scenario = sim.load_scenario("limits/erlang_c", ["run.cohort_days=30"])
    name = scenario.compared()[0]
    load = period_load(sim.simulate(scenario, name))
    people = scenario.organisations[name].roles
    assert (
        {role for role, _ in load.tops}
        == {role for role in Role if getattr(people, role.name.lower()).headcount > 0}
        != set(Role)
    )
    table = load_table("x", {name: [load]})
    assert pd.isna(table["ci_low"]).all() and np.isfinite(table["estimate"]).all()
