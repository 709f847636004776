"""Erlang A: cooling leads. Error bound: what chance exceeds once in 10,000 (over
replications, by Student's t), and a stated share of the theory's value."""

import pytest

from simulator.questions.limits.queues import ABOVE, lines
from simulator.questions.limits.theory import erlang_a
from tests.limits.points import assert_agrees, found, rejects

NEVER, WAIT = "never served", "mean wait of those served"
SHORTER = ("run.cohort_days=30", "run.follow_up_days=7", "run.warm_up_days=7")


def theory(scenario, name, **changed):
    line = lines(scenario, name)[0]
    values = {"arrival_rate": line.arrival_rate, "service_rate": line.service_rate, "servers": line.servers}
    values = {**values, "leaving_rate": line.cooling_rate}
    return erlang_a(**{what: values[what] * changed.get(what, 1) for what in values})


def test_the_share_never_served_tends_to_1_minus_1_over_the_load():
    finding = found("erlang_a", *SHORTER)
    assert_agrees(finding, 0.01, [])
    for name, within in (("tight", 0.03), ("short", 0.015), ("scarce", 0.01)):
        row = finding.row(name, NEVER)
        assert abs(row.simulated - row.theory) <= within * row.theory
        load = lines(finding.scenario, name)[0].load
        assert finding.row(name, ABOVE).theory == pytest.approx(row.theory - (1 - 1 / load), abs=1e-12)
    above = [finding.row(name, ABOVE) for name in ("tight", "short", "scarce")]
    assert above[0].theory > above[1].theory >= above[2].theory and abs(above[2].simulated) < 0.005
    for name, share in (("short", 0.5), ("scarce", 0.8)):
        assert finding.row(name, NEVER).simulated == pytest.approx(share, rel=0.015)


def test_other_rates_are_rejected():
    finding = found("erlang_a", *SHORTER)
    for name in ("spare", "tight", "short", "scarce"):
        never, wait = finding.row(name, NEVER), finding.row(name, WAIT)
        assert theory(finding.scenario, name).never_served == pytest.approx(never.theory)
        faster = theory(finding.scenario, name, service_rate=1.1)
        assert rejects(never, faster.never_served), name
        if name != "spare":  # where hardly anyone waits, hardly anyone cools
            assert rejects(wait, theory(finding.scenario, name, leaving_rate=1.5).served_wait), name
    assert rejects(finding.row("spare", NEVER), theory(finding.scenario, "spare", leaving_rate=1.5).never_served)


@pytest.mark.long
@pytest.mark.parametrize(
    ("servers", "arrivals", "half_life_days"), [(1, 0.8, 0.05), (2, 3.0, 1.0), (5, 5.0, 0.02), (1, 5.0, 0.5)]
)
def test_over_loads_and_half_lives(servers, arrivals, half_life_days):
    finding = found(
        "erlang_a", "compare.organisations=[scarce]", f"organisations.scarce.roles.sdr.headcount={servers}",
        f"market.inquiries_per_year={arrivals * 8760}", f"market.reach.half_life_days={half_life_days}",
        f"run.cohort_days={int(600 / arrivals)}",
    )  # fmt: skip
    assert_agrees(finding, 0.05, [NEVER, WAIT])
    assert rejects(finding.row("scarce", NEVER), finding.row("scarce", NEVER).theory * 1.06)


@pytest.mark.long
def test_in_full():
    finding = found("erlang_a", "run.replications=60", "run.cohort_days=365")
    assert_agrees(finding, 0.015, [NEVER, WAIT])


@pytest.mark.long  # docking holds both engines together in every run of the suite
def test_on_the_reference_engine():
    finding = found(
        "erlang_a", "compare.organisations=[scarce]", "market.inquiries_per_year=26280", "run.engine=reference",
        "run.warm_up_days=3", "run.cohort_days=5", "run.follow_up_days=2",
    )  # fmt: skip
    assert_agrees(finding, 0.2, [NEVER, WAIT])
    assert rejects(finding.row("scarce", NEVER), 0.5)


def test_calls_that_take_time_unanswered_are_said_and_seen():
    finding = found(
        "erlang_a", *SHORTER, "compare.organisations=[short]", "organisations.short.effort.unanswered_minutes=30"
    )
    assert not finding.agrees and any("unanswered_minutes is 30.0" in note for note in finding.notes)
