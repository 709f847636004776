import re
from functools import cache
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest

from simulator.model.words import Outcome
from simulator.questions.compare import figure as figure_module
from simulator.questions.compare.tell import QUESTION
from simulator.questions.compare.work import compare
from simulator.questions.frame.style import PALETTE, apart, colour, save
from simulator.results.curves import cycle_curve, response_curve
from simulator.scenario.composing import load_scenario
from tests.questions.telling import drawn
from tests.results.fake_journeys import changed, fake_scenario, fake_simulate

NAMES = ("funnel", "cycle_time", "cost_per_won", "first_response")


@cache
def comparison(*names, replications=4, **run):
    return compare(fake_scenario(*names, replications=replications, **run), simulate=fake_simulate)


@cache
def drawn_figures(*names, replications=4):
    return drawn(QUESTION, comparison(*names, replications=replications))


def texts(figure):
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel()]
        found += [text.get_text() for text in [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]]
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("organisations", [("relay_race",), ("relay_race", "aligned", "integrated")])
@pytest.mark.parametrize("replications", [1, 4])
def test_every_figure_says_what_it_shows(name, organisations, replications):
    figure = drawn_figures(*organisations, replications=replications)[name]
    said = texts(figure)
    title, subtitle, note = (text.get_text() for text in figure.texts)
    assert title.endswith("?") and re.search(r"%|usd", subtitle)
    assert f"n = {replications} replication" in note and "buyers" in note
    assert ("95% intervals" in note) == (replications > 1)
    assert re.search(r"%|usd|days|time", figure.axes[0].get_xlabel())
    for organisation in organisations:
        assert any(organisation.replace("_", " ") in text for text in said)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off(name):
    figure = drawn_figures("relay_race", "aligned", "integrated")[name]
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    width, height = figure.bbox.width, figure.bbox.height
    axes = figure.axes[0]
    for text in [*figure.texts, *axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label]:
        if text.get_text():
            box = text.get_window_extent(renderer)
            assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, text.get_text()


def test_the_funnel_shows_the_table():
    found = comparison("relay_race", "integrated")
    axes = figure_module.funnel(found.metrics, "").axes[0]
    widths = [bar.get_width() for bar in axes.patches]
    assert len(widths) == 12 and widths[0] == widths[6] == 100
    table = found.metrics.set_index(["organisation", "metric"])["estimate"]
    assert widths[5] == pytest.approx(100 * table["relay_race", "win_rate_inquiries"])
    assert widths[8] == pytest.approx(100 * table["integrated", "inquiry_to_sal"])


def test_the_cycle_curve_ends_at_the_share_won_and_shows_censoring():
    found = comparison("relay_race", "integrated", follow_up_days=30)
    curve = cycle_curve(found.summaries)
    for name, own in curve.groupby("organisation"):
        assert (np.diff(own["share"]) >= 0).all() and own["days"].iloc[0] == 0
        assert own["share"].iloc[-1] >= found.total(name, "won") / found.total(name, "cohort")
        assert own["censored"].sum() > 0
        assert (own["ci_low"] <= own["share"]).all() and (own["share"] <= own["ci_high"]).all()
    figure = figure_module.cycle_time(curve, found.metrics, "")
    assert strokes(figure) == 2 and "Strokes" in figure.texts[2].get_text()
    assert len(figure.axes[0].collections) == 2  # bands


def strokes(figure):
    return sum(line.get_marker() == "|" and len(line.get_xdata()) > 0 for line in figure.axes[0].lines)


def test_strokes_are_explained_only_where_there_are_some():
    found = comparison("relay_race", "integrated", follow_up_days=30)
    curve = cycle_curve(found.summaries).assign(censored=0)
    figure = figure_module.cycle_time(curve, found.metrics, "")
    assert strokes(figure) == 0 and "Strokes" not in figure.texts[2].get_text()


@pytest.mark.parametrize("name", NAMES)
def test_the_footnote_keeps_clear_of_the_axis_and_names_its_marks(name):
    figure = drawn_figures("relay_race", "aligned", "integrated")[name]
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    note, axes = figure.texts[2], figure.axes[0]
    assert note.get_window_extent(renderer).y1 < axes.xaxis.label.get_window_extent(renderer).y0
    marks = "shaded bands" if axes.collections else "thin black lines" if axes.patches else "lines"
    assert f"; {marks}: 95% intervals over replications" in note.get_text()


@pytest.mark.parametrize("longest_hours", [30, 800, 9_000, 20_000])
def test_times_on_the_axis_keep_apart(longest_hours):
    found = comparison("relay_race", "integrated")
    curve = response_curve(found.summaries)
    hours = np.geomspace(1 / 60, longest_hours, len(curve) // 2)
    figure = figure_module.first_response(curve.assign(hours=np.tile(hours, 2)), found.metrics, "")
    figure.canvas.draw()
    boxes = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert len(boxes) >= 4 and all(one.x1 + 6 < other.x0 for one, other in pairwise(boxes))


def test_the_response_curve_ends_at_the_share_contacted():
    found = comparison("relay_race", "integrated")
    curve = response_curve(found.summaries)
    for name, own in curve.groupby("organisation"):
        expected = found.total(name, "contacted") / found.total(name, "inquiries")
        assert own["share"].iloc[-1] == pytest.approx(expected)
        within_a_day = own.loc[own["hours"] <= 24, "share"].iloc[-1]
        assert within_a_day <= found.total(name, "within_24_hours") / found.total(name, "inquiries") + 1e-12
    axes = figure_module.first_response(curve, found.metrics, "").axes[0]
    assert axes.get_xscale() == "log" and axes.get_ylim() == (0, 100)


def test_a_file_is_the_same_each_time_and_keeps_text_as_text(tmp_path):
    figure = drawn(QUESTION, comparison("relay_race", "integrated"))["cycle_time"]
    for turn in ("a", "b"):
        save(figure, tmp_path / f"{turn}.svg", tmp_path / f"{turn}.png")
    for kind in ("svg", "png"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "How long until buyers have bought from us?</text>" in svg and "<dc:date>" not in svg


def test_a_figure_leaves_no_settings_behind():
    before = dict(mpl.rcParams)
    drawn(QUESTION, comparison("relay_race", "integrated"))
    assert dict(mpl.rcParams) == before


def test_colours_belong_to_positions():
    assert colour(0) == PALETTE[0] == colour(len(PALETTE)) and len(set(PALETTE)) == len(PALETTE)


def test_labels_keep_apart():
    placed = apart([0.5, 0.1, 0.5, 0.52], 0.1)
    assert min(np.diff(sorted(placed))) >= 0.1 - 1e-12
    assert apart([0.1, 0.9], 0.1) == [0.1, 0.9]


def test_nobody_won_and_nobody_reached():
    def nothing(scenario, organisation, **how):
        result = fake_simulate(scenario, organisation, **how)
        outcome = result.report.history["outcome"]
        lost = np.where(outcome == Outcome.WON, Outcome.LOST, outcome)
        return changed(result, outcome=lost, first_contact_at=-1)

    found = drawn(QUESTION, compare(fake_scenario(), replications=2, simulate=nothing))
    assert "nobody bought" in " ".join(texts(found["cycle_time"]))
    assert "nobody reached" in " ".join(texts(found["first_response"]))
    for figure in found.values():
        figure.canvas.draw()


def test_nobody_inquired():
    scenario = load_scenario("baseline", ["market.inquiries_per_year=0", "run.cohort_days=5", "run.follow_up_days=5"])
    for figure in drawn(QUESTION, compare(scenario, replications=2)).values():
        figure.canvas.draw()
