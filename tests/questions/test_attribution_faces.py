"""The waterfall and the sentences of an attribution, on a made-up one whose parts are known."""

import numpy as np
import pytest

from simulator.questions.attribution.tell import QUESTION, conclusion
from simulator.questions.attribution.work import Attribution, Part
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.numbers import words
from simulator.results.estimate import Estimate
from simulator.results.metrics import BY_KEY
from tests.questions.telling import drawn, printed
from tests.results.fake_journeys import fake_scenario

#: Percentage points, and half of the interval.
PARTS = {"access": (0.6, 0.2), "consistency": (1.1, 0.2), "coordination": (-0.9, 0.3), REST: (0.1, 0.2)}


def estimate(value, half=0.001):
    return Estimate(value, value + half * np.array([-0.1, 0.1, -0.1, 0.1]))


def made_up(parts=PARTS, gap=0.009, exact=True, metric="win_rate_inquiries"):
    scenario = fake_scenario("relay_race", "integrated")
    scenario.study.attribution.metrics = [metric]
    found = [
        Part(name, BY_KEY[metric], value / 100, (value - half) / 100, (value + half) / 100)
        for name, (value, half) in parts.items()
    ]
    whole = {metric: (estimate(0.048), estimate(0.048 + gap))}
    keys = {name: (f"{name}.key",) for name in parts if name != REST} | {REST: ("training.days", "budget.shift")}
    return Attribution(scenario, "relay_race", "integrated", tuple(parts), tuple(found), whole, exact, 16, keys)


def test_the_table_has_a_row_per_player_sorted_and_the_gap_below():
    lines = printed(QUESTION, made_up()).splitlines()
    rows = [line for line in lines if "[" in line and "95%" not in line]
    assert [row.split("  ")[0] for row in rows] == [
        "consistency",
        "access",
        "coordination",
        words(REST),
        "the whole gap",
    ]
    assert "+1.10 [+0.90, +1.30] *" in rows[0] and "-0.90 [-1.20, -0.60] *" in rows[2]
    assert rows[3].rstrip().endswith("]") and "+0.90" in rows[4]


def test_the_sentences_name_what_raises_what_lowers_and_what_is_in_doubt():
    first, second = conclusion(made_up())
    assert first.startswith("The win rate of inquiries of integrated differs from that of relay race by +0.90 points [")
    assert "raised by consistency (+1.10 points [+0.90, +1.30]) and access (+0.60 points [+0.40, +0.80])" in first
    assert first.endswith("; lowered by coordination (-0.90 points [-1.20, -0.60]) for sure.")
    assert second == "Everything else adds +0.10 points [-0.10, +0.30]; all parts add up to the gap."


def test_what_is_in_doubt_is_said_to_be():
    first, second = conclusion(made_up({"access": (0.1, 0.2), "speed": (0.05, 0.3)}, gap=0.0015))
    assert "no mechanism raises it, none lowers it for sure" in first
    assert second == "Access and speed may add nothing; all parts add up to the gap."


def test_nothing_to_estimate_is_said():
    found = made_up(gap=float("nan"))
    assert conclusion(found) == ["Win rate of inquiries: there is no gap to take apart, as it cannot be estimated."]


def test_the_caption_says_how_it_was_done():
    assert "all 16 organisations between the two" in printed(QUESTION, made_up())
    assert "Everything else: training, budget." in printed(QUESTION, made_up())
    assert "drawn orders" in printed(QUESTION, made_up(exact=False))


@pytest.mark.parametrize("metric", ["win_rate_inquiries", "cycle_time_median"])
def test_the_waterfall_leads_from_one_organisation_to_the_other(metric):
    figure = drawn(QUESTION, made_up(metric=metric))[f"attribution_{metric}"]
    [axes] = figure.axes
    bars = axes.patches
    factor = 100 if metric == "win_rate_inquiries" else 1
    assert len(bars) == len(PARTS)
    reached = 0.048 * factor
    for bar, name in zip(bars, ["consistency", "access", "coordination", REST], strict=True):
        assert bar.get_x() == pytest.approx(reached)
        assert bar.get_width() == pytest.approx(PARTS[name][0] / 100 * factor)
        reached += bar.get_width()
    texts = [text.get_text() for text in [*axes.texts, *figure.texts]]
    assert {"relay race", "integrated", "consistency", words(REST)} <= set(texts)
    assert any("n = 4 replications" in text and "95% intervals" in text for text in texts)
    assert axes.get_xlabel().startswith(BY_KEY[metric].label)
