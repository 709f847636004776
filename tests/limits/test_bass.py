"""Bass: word of mouth in a finite market. Error bound: what chance exceeds once in 10,000 (over
replications, by Student's t), and a stated share of the theory's value."""

import dataclasses
import math

import numpy as np
import pytest

from simulator.engines.lowering import draw_arrivals
from simulator.questions.limits.bass import AROUND, PEAK, adoption, all_at_once, looks, rates
from simulator.questions.limits.theory import bass_peak, bass_share, bass_share_as_counted
from simulator.scenario.checked import check
from simulator.scenario.schema import ScenarioError
from tests.limits.points import assert_agrees, found, rejects, shipped


def reading(every_days, p, q):
    """Gaps between readings, and p and q a year."""
    return (
        f"market.journey.step_days={every_days}", f"market.word_of_mouth.base_chance={p * every_days / 365}",
        f"market.word_of_mouth.imitation={q * every_days / 365}",
    )  # fmt: skip


SHORTER = (
    *reading(36.5, 0.03, 0.38), "market.word_of_mouth.customers_needed=5000", "run.replications=12",
    "organisations.unaided.review_days=2",
)  # fmt: skip
#: Five times the rates in a fifth of the time, for what chance need not be small in.
SHORTEST = (
    *reading(7.3, 0.15, 1.9), "market.word_of_mouth.customers_needed=1000", "run.replications=5",
    "run.cohort_days=730", "organisations.unaided.review_days=1",
)  # fmt: skip


def test_the_curve_and_its_peak():
    finding = found("bass", *SHORTER)
    assert_agrees(finding, 0.06, [row.quantity for row in finding.rows])
    assert [row.quantity for row in finding.rows][::5] == ["adopted by year 2", PEAK] and len(finding.rows) == 7
    last = finding.rows[4]
    assert last.simulated > 0.8 and finding.row("unaided", AROUND).simulated > 0.1


def test_the_shipped_rates_are_those_of_textbooks():
    p, q, at_start = rates(check(shipped("bass")))
    assert (p, q) == (pytest.approx(0.03), pytest.approx(0.38)) and at_start == 0.0012
    assert bass_peak(p, q, at_start) == pytest.approx(math.log(q / p) / (p + q), abs=1.1 * 14.6 / 365)


@pytest.mark.long
def test_time_only_scales():
    """Twice the rates in half of the time; the reading at the start is as likely."""
    twice = (*reading(18.25, 0.06, 0.76), "run.cohort_days=1825", "organisations.unaided.review_days=1")
    slow, fast = found("bass", *SHORTER), found("bass", *SHORTER, *twice)
    assert_agrees(fast, 0.08, [row.quantity for row in fast.rows])
    assert fast.row("unaided", PEAK).theory == pytest.approx(slow.row("unaided", PEAK).theory / 2)
    assert [row.theory for row in fast.rows[:5]] == pytest.approx([row.theory for row in slow.rows[:5]])


@pytest.mark.long
@pytest.mark.parametrize(("p", "q"), [(0.2, 0.0), (0.1, 0.1), (0.01, 1.0)])
def test_other_rates(p, q):
    finding = found("bass", *SHORTER, *reading(36.5, p, q))
    assert all(row.agrees for row in finding.rows)
    assert any("no peak" in note for note in finding.notes) == (q <= p)


@pytest.mark.parametrize(("p", "q"), [(1.2, 1.0), (1.0, 1.12), (0.85, 0.95)])
def test_other_rates_are_rejected(p, q):
    finding = found("bass", *SHORTER)
    true_p, true_q, at_start = rates(check(finding.scenario))
    end = looks(check(finding.scenario))[2]
    assert rejects(finding.rows[2], bass_share(end, p * true_p, q * true_q, at_start))
    assert rejects(finding.row("unaided", PEAK), bass_peak(p * true_p, q * true_q, at_start))


def test_a_market_without_imitation_is_rejected():
    finding = found("bass", *SHORTER)
    p, _, at_start = rates(check(finding.scenario))
    assert all(
        rejects(row, bass_share(t, p, 0, at_start))
        for t, row in zip(looks(check(finding.scenario)), finding.rows, strict=False)
    )


def test_the_reading_at_the_start_counts():
    """A year between readings: at 0.2 a year a fifth of the market begins at once, and theory says so."""
    finding = found("bass", *SHORTER, *reading(365, 0.2, 0.4))
    assert all(row.agrees for row in finding.rows) and abs(finding.rows[0].simulated - finding.rows[0].theory) < 0.02
    p, q, _ = rates(check(finding.scenario))
    assert rejects(finding.rows[0], bass_share(looks(check(finding.scenario))[0], p, q))


@pytest.mark.long
def test_the_error_of_the_cadence_shrinks_with_it():
    """Customers counted every 180, 60 and 2 days: each run is the curve with that cadence, and the last is Bass."""
    gaps = []
    for days in (180, 60, 2):
        finding = found("bass", *SHORTER, f"organisations.unaided.review_days={days}")
        p, q, at_start = rates(check(finding.scenario))
        for t, row in zip(looks(check(finding.scenario)), finding.rows, strict=False):
            assert not rejects(row, bass_share_as_counted(t, p, q, at_start, days / 365)), (days, row)
        gaps.append(finding.rows[3].theory - finding.rows[3].simulated)
        assert any("review_days" in note for note in finding.notes) == (days > 2)
        assert days < 180 or not finding.agrees
    assert gaps[0] > 2 * gaps[1] > 3 * abs(gaps[2])


def test_everybody_comes_at_once_and_is_who_the_stream_would_have_brought():
    scenario = shipped("bass", "market.inquiries_per_year=100")
    stream, all_ = draw_arrivals(check(scenario).lived, 1, 0), all_at_once(50, ["everywhere"])
    assert (stream.who[:50] == all_.who).all() and not all_.at_us.any()
    told = adoption(shipped("bass", *SHORTER), "unaided", 0)
    shares = [told[f"{t:g}"] for t in looks(check(scenario))]
    assert np.all(np.diff([0.0, *shares, 1.0]) > 0)


@pytest.mark.long  # docking holds both engines together in every run of the suite
def test_on_the_reference_engine():
    finding = found(
        "bass", *reading(18.25, 0.4, 2.0), "run.engine=reference", "run.cohort_days=1095", "run.replications=5",
        "market.word_of_mouth.customers_needed=250", "organisations.unaided.review_days=3",
    )  # fmt: skip
    assert all(row.agrees for row in finding.rows)
    p, _, at_start = rates(check(finding.scenario))
    assert rejects(finding.rows[2], bass_share(1.8, p, 0.0, at_start))


def test_both_engines_adopt_alike():
    overrides = (*SHORTEST, "market.word_of_mouth.customers_needed=60")
    slow = dataclasses.replace(
        shipped("bass", *overrides), run=dataclasses.replace(shipped("bass", *overrides).run, engine="reference")
    )
    assert adoption(slow, "unaided", 0) == pytest.approx(
        adoption(shipped("bass", *overrides), "unaided", 0), nan_ok=True
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("mechanisms.word_of_mouth=false", "mechanisms.word_of_mouth is False"),
        ("market.trust.third_party=0.5", "market.trust.third_party is 0.5"),
        ("market.journey.our_content_share=0.5", "market.journey.our_content_share is 0.5"),
        ("market.segments.all.patience_median_days=200", "patience_median_days is 200.0"),
        ("market.word_of_mouth.pleased_fit=0.7", "market.word_of_mouth.pleased_fit is 0.7"),
    ],
)
def test_what_leaves_the_limit_is_said_and_seen(change, said):
    finding = found("bass", *SHORTEST, change)
    assert not finding.agrees and any(said in note for note in finding.notes), finding.notes


def test_a_market_has_a_size_that_a_channel_can_bring():
    with pytest.raises(ScenarioError, match=r"customers_needed must be below 67,108,864 .* got 1,000,000,000"):
        found("bass", "market.word_of_mouth.customers_needed=1e9")


def test_a_small_market_is_said_to_be_one():
    finding = found("bass", *SHORTEST, "market.word_of_mouth.customers_needed=40", "run.replications=120")
    assert any("a market of 40 is so small" in note for note in finding.notes)
    assert finding.rows[4].simulated < finding.rows[4].theory
