"""Group: independent votes under three rules. Error bound: what chance exceeds once in 10,000 (over replications,
by Student's t), and a stated share of the theory's value."""

import pytest

from simulator.model.sizes import MAX_GROUP
from simulator.model.words import GroupRule
from simulator.questions.limits.group import LATER, RULES, quantity
from simulator.questions.limits.theory import agreement
from simulator.run import simulate
from tests.limits.points import assert_agrees, found, rejects, shipped

SHORTER = ("run.cohort_days=7", "run.replications=12")


def test_every_rule_and_size():
    finding = found("group", *SHORTER)
    assert_agrees(finding, 0.1, [quantity(rule, n) for rule in RULES for n in range(1, 6)])
    assert len(finding.rows) == 25 and finding.row("anybody", LATER).simulated == 0
    assert [finding.row("anybody", quantity(rule, 1)).simulated for rule in RULES] == [1, 1, 1]


def test_the_rules_are_those_of_the_engines():
    assert [rule.upper() for rule in RULES] == [rule.name for rule in GroupRule]


@pytest.mark.long
@pytest.mark.parametrize("doubt", [0.0, 0.1, 0.5, 1.0])
def test_other_doubts(doubt):
    finding = found("group", *SHORTER, f"market.group.doubt_low={doubt}", f"market.group.doubt_high={doubt}")
    assert_agrees(finding, 0.05, [quantity(rule, 3) for rule in RULES])


@pytest.mark.long
def test_as_many_members_as_there_can_be():
    finding = found(
        "group", *SHORTER, f"market.group.size_simple={MAX_GROUP - 3}", f"market.group.size_complex={MAX_GROUP}"
    )
    assert_agrees(finding, 0.03, [quantity("majority", MAX_GROUP), quantity("champion", MAX_GROUP)])
    assert len(finding.rows) == 13


def test_other_votes_are_rejected():
    finding = found("group", *SHORTER, "run.replications=24")
    for n in range(2, 9):
        rows = {rule: finding.row("anybody", quantity(rule, n)) for rule in RULES}
        for rule in RULES:
            assert rejects(rows[rule], agreement(rule, n, 0.73)), (rule, n)
        assert rejects(rows["champion"], 0.7)  # no veto
        assert rejects(rows["unanimous"], agreement("unanimous", n - 1, 0.7))
        if n % 2 == 0:  # half of them is not more than half
            assert rejects(rows["majority"], 1 - agreement("majority", n, 0.3)), n


def test_votes_that_go_together_are_rejected():
    """If all members had one luck, every rule would agree with chance s."""
    finding = found("group", *SHORTER)
    assert all(rejects(finding.row("anybody", quantity(rule, n)), 0.7) for rule in RULES for n in (2, 3, 4, 5, 6, 7, 8))


def test_groups_vote_again_and_again_and_the_same():
    history = simulate(shipped("group", *SHORTER), "anybody").report.history
    won, many = history["outcome"] == 1, history["members"] > 1
    assert (history["votes"][won & many] == 1).all() and (history["ended_at"][won] == history["arrived_at"][won]).all()
    assert history["votes"][~won].mean() > 3


@pytest.mark.long  # docking holds both engines together in every run of the suite
def test_on_the_reference_engine():
    finding = found(
        "group", "run.engine=reference", "run.cohort_days=10", "run.replications=4", "market.group.size_complex=3",
        "market.inquiries_per_year=12000",
    )  # fmt: skip
    assert all(row.agrees for row in finding.rows) and not finding.notes
    assert rejects(finding.row("anybody", "majority of 3"), 0.49)


def test_what_leaves_the_limit_is_said_and_seen():
    few = "run.replications=5"
    finding = found("group", *SHORTER, "market.journey.content_gain=0.9", "run.follow_up_days=0", few)
    assert not finding.agrees and not finding.row("anybody", LATER).agrees
    assert "market.journey.content_gain is 0.9" in finding.notes[0] and "are open at the end" in finding.notes[1]
    apart = found("group", *SHORTER, few, "market.group.doubt_high=0.6")
    assert not apart.agrees and "market.group.doubt_high is 0.6, where the formula assumes 0.3" in apart.notes[0]
    alone = found("group", *SHORTER, few, "mechanisms.group=false")
    assert "mechanisms.group is False" in alone.notes[0] and "no group of 2, 3, 4" in alone.notes[1]


def test_nobody_to_vote_is_no_agreement():
    finding = found("group", "market.inquiries_per_year=0", "run.replications=2")
    assert not finding.rows and "there is nothing to compare" in finding.sentence
