"""What a reader sees of an ablation: tables, sentences, figures."""

import re

import numpy as np
import pytest

from simulator.questions.ablation.tell import QUESTION, conclusions
from simulator.questions.frame.blocks import verdict
from simulator.questions.frame.style import PALETTE
from simulator.results.estimate import Estimate
from simulator.results.metrics import BY_KEY
from tests.questions.made_up_ablation import attribution, sure
from tests.questions.telling import drawn, printed

#: Consistency carries a gap of 2, access works against it, nobody knows about speed.
PARTS = {"access": sure(-1.0), "consistency": sure(3.0), "speed": sure(0.1, spread=0.4)}
UNKNOWN = Estimate(float("nan"), np.full(4, np.nan))


@pytest.mark.parametrize("width", [60, 80, 140])
@pytest.mark.parametrize("challengers", [("integrated",), ("aligned", "integrated")])
def test_it_fits_and_loses_nothing(width, challengers):
    text = printed(QUESTION, attribution(PARTS, challengers=challengers), width)
    assert max(map(len, text.splitlines())) <= width and "…" not in text and "\x1b" not in text
    for name in challengers:
        assert f"{name} - relay race" in text
    for label in ("win rate of inquiries, %", "cost per win, usd", "alone", "left out", *PARTS, "gap, all on"):
        assert label in text


def test_numbers_and_marks_are_those_of_the_effects():
    found = attribution(PARTS, metrics=["wins"], challengers=["integrated"])
    for name in PARTS:
        [line] = [line for line in printed(QUESTION, found, 140).splitlines() if line.startswith(f"{name} ")]
        expected, marks = [], 0
        for how in ("alone", "left_out"):
            one = found.effect(how, "integrated", "wins", name).contribution
            expected += [one.value, *one.interval]
            marks += one.interval[0] > 0 or one.interval[1] < 0
        assert [float(x) for x in re.findall(r"[-+]?\d+\.?\d*", line)] == pytest.approx(expected, abs=0.0501)
        assert line.count("*") == marks == (2 if name != "speed" else 0)


def test_a_contribution_is_coloured_by_what_is_better():
    found = attribution({"access": sure(1.0)}, metrics=["wins", "cost_per_won"], challengers=["integrated"])
    text = printed(QUESTION, found, 140, force_terminal=True, color_system="standard")
    [line] = [line for line in text.splitlines() if line.startswith("access ")]
    assert re.findall(r"\x1b\[(3[12])m[-+]", line) == ["31", "32", "32", "31"]
    assert [verdict(BY_KEY["journey_before_rep"], *ends) for ends in ((1, 2), (-1, 2))] == ["apart", ""]


def test_the_conclusion_says_what_carries_the_gap_and_what_works_against_it():
    wins, interact = conclusions(attribution(PARTS, metrics=["wins"]), "integrated")
    assert wins == ("Wins: the gap of +10.5 is carried by consistency (+15.0); pulling the other way: access (-5.0).")
    assert interact == (
        "Mechanisms interact, so that contributions need not add up to the gap: those to the wins sum to -5.2 alone "
        "and +10.5 left out, the gap is +10.5."
    )
    days, *_ = conclusions(attribution({**PARTS, "context": sure(2.0)}, metrics=["cycle_time_median"]), "integrated")
    assert "+41.0 days is carried by consistency (+30.0 days) and context (+20.0 days); pulling" in days


@pytest.mark.parametrize(
    ("parts", "whole", "said"),
    [
        (PARTS, sure(0.1, 9.0), "may be chance; pushed up by consistency (+15), down by access (-5)."),
        ({"speed": sure(0.1, 9.0)}, sure(0.1, 9.0), "may be chance; no mechanism moves it for sure."),
        ({"speed": sure(0.1, 9.0)}, sure(3.0), "no single mechanism for sure; nothing pulls the other way for sure."),
        (PARTS, UNKNOWN, "Wins: there is no gap to take apart, as it cannot be estimated."),
        ({"access": UNKNOWN, "speed": sure(1.0)}, sure(3.0), "is carried by speed (+5.00);"),
    ],
)
def test_the_conclusion_claims_no_more_than_is_known(parts, whole, said):
    found = attribution(parts, metrics=["wins"], whole=whole)
    assert said in next(iter(conclusions(found, "integrated")))
    assert printed(QUESTION, found, 80)


def test_sums_are_of_all_mechanisms_or_not_told():
    found = attribution(PARTS, metrics=["wins"])
    found.scenario.mechanisms.recycling = True
    assert list(conclusions(found, "integrated"))[-1].endswith("need not add up to the gap.")


def test_what_remains_with_all_off_is_said():
    assert QUESTION.conclusion(attribution(PARTS))[-1].startswith("With every mechanism off, every gap is exactly 0")
    found = attribution(PARTS, remaining={"aligned": ("roles.rep.headcount (4 and 3)",), "integrated": ()})
    assert QUESTION.conclusion(found)[-1] == (
        "With every mechanism off, NOT every gap is 0. aligned - relay race keeps a gap: they also differ in "
        "roles.rep.headcount (4 and 3); integrated - relay race keeps a gap: though no key of theirs differs: a fault "
        "of ours."
    )


# --- figures ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("challengers", [("integrated",), ("aligned", "integrated", "pods")])
def test_every_figure_says_what_it_shows_and_nothing_is_cut_off(challengers):
    found = attribution(dict.fromkeys(("rivals", *PARTS), sure(1.0)), challengers=challengers)
    figures = drawn(QUESTION, found)
    assert list(figures) == ["ablation_win_rate_inquiries", "ablation_cost_per_won"]
    for figure in figures.values():
        title, subtitle, note = (text.get_text() for text in figure.texts)
        assert title.endswith("?") and "is better" in subtitle and "95% intervals" in note
        assert [axes.get_title(loc="left") for axes in figure.axes] == [f"{name} - relay race" for name in challengers]
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        for axes in figure.axes:
            for text in [*figure.texts, *axes.texts, *axes.get_xticklabels(), axes.xaxis.label, axes.title]:
                if text.get_text():
                    box = text.get_window_extent(renderer)
                    assert box.x0 >= 0 and box.x1 <= figure.bbox.width, text.get_text()
                    assert box.y0 >= 0 and box.y1 <= figure.bbox.height, text.get_text()


def test_bars_are_the_contributions_sorted_and_coloured():
    figure = drawn(QUESTION, attribution(PARTS, metrics=["cost_per_won"], challengers=["integrated"]))
    axes = figure["ablation_cost_per_won"].axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([2.1 * 2000, -2000, 0.1 * 2000, 3 * 2000]), "the whole gap, then what saves most"
    colours = [bar.get_facecolor()[:3] for bar in axes.patches[1:]]
    blue, orange = (tuple(int(tint[i : i + 2], 16) / 255 for i in (1, 3, 5)) for tint in PALETTE[1:3])
    assert colours[0] == pytest.approx(blue) and colours[2] == pytest.approx(orange)
    assert len({*colours}) == 3


def test_what_cannot_be_estimated_is_drawn_last():
    figure = drawn(QUESTION, attribution({"access": UNKNOWN, "speed": sure(1.0)}, metrics=["wins"], whole=UNKNOWN))
    axes = figure["ablation_wins"].axes[0]
    names = [text.get_text() for text in axes.texts if text.get_text() in ("access", "speed")]
    assert names == ["speed", "access"]
    figure["ablation_wins"].canvas.draw()
