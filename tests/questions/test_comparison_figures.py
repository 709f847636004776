"""Figures of a comparison beside the tables they show, and whatever organisations there are."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from simulator.model.words import Outcome
from simulator.questions.compare.outcomes_figure import SHOWN, outcomes
from simulator.questions.compare.tell import QUESTION
from simulator.questions.compare.work import compare
from simulator.questions.frame.style import blank, fitted, styled, within
from simulator.results.channels import channels_table
from simulator.results.load import load_table, period_load
from simulator.results.metrics import BY_KEY
from simulator.results.replications import replications_table
from tests.questions import telling
from tests.questions.layout import faults, said
from tests.results.fake_journeys import changed, fake_scenario, fake_simulate

THREE = ("relay_race", "aligned", "integrated")
LONG = (
    "relay_race_of_the_northern_region", "two_functions_with_one_definition_of_a_lead",
    "one_integrated_revenue_team_for_everything", "pods", "a_very_long_name_that_nobody_would_take_but_may",
)  # fmt: skip
NEW = ("outcomes", "paired_differences", "load", "channels")


def nobody_won(scenario, organisation, **how):
    result = fake_simulate(scenario, organisation, **how)
    outcome = result.report.history["outcome"]
    return changed(result, outcome=np.where(outcome == Outcome.WON, Outcome.LOST, outcome), first_contact_at=-1)


@cache
def compared(names=THREE, replications=6, simulate=fake_simulate):
    loads = {}
    comparison = compare(
        fake_scenario(*names, replications=replications), simulate=simulate,
        keep=lambda result: loads.setdefault(result.organisation, []).append(period_load(result)),
    )  # fmt: skip
    return replace(comparison, loads=loads)


@cache
def drawn(names=THREE, replications=6, simulate=fake_simulate):
    return telling.drawn(QUESTION, compared(names, replications, simulate))


@pytest.mark.parametrize(
    ("names", "replications", "simulate"),
    [(("only",), 1, fake_simulate), (THREE, 6, fake_simulate), (THREE, 1, fake_simulate), (LONG, 4, fake_simulate),
     (THREE[::2], 3, nobody_won)],
    ids=["one", "three", "one replication", "five with long names", "two, and nobody won"],
)  # fmt: skip
def test_whatever_is_compared_nothing_is_cut_off_and_nothing_overlaps(names, replications, simulate):
    found = drawn(names, replications, simulate)
    assert {name: faults(figure) for name, figure in found.items() if faults(figure)} == {}
    assert ("paired_differences" in found) == (len(names) > 1)


def test_a_fault_would_be_found():
    with styled():
        figure, axes = blank("Why?", "of what", "n = 1", 4, "x")
    axes.set_yticks([])
    assert faults(figure) == []
    for text in ("here", "too"):
        axes.text(0.5, 0.5, text)
    figure.text(0.99, 0.5, "far outside")
    assert faults(figure) == ["cut off: 'far outside'", "overlap: 'here' and 'too'"]


@pytest.mark.parametrize("name", NEW)
@pytest.mark.parametrize("replications", [1, 6])
def test_new_figures_say_what_they_show(name, replications):
    figure = drawn(THREE, replications)[name]
    title, _, note = (text.get_text() for text in figure.texts)
    assert title.endswith("?") and f"n = {replications} replication" in note
    assert ("95% intervals" in note) == (replications > 1)
    text = said(figure)
    for organisation in THREE[1:] if name == "paired_differences" else THREE:
        assert organisation.replace("_", " ") in text
    assert re.search(r"%|usd|days|points", text)


def test_outcomes_are_the_values_of_single_replications():
    found = compared()
    single = replications_table("fake", found.summaries).set_index(["metric", "organisation"])["value"].sort_index()
    figure = drawn()["outcomes"]
    for axes, key in zip(figure.axes, SHOWN, strict=True):
        texts = [text.get_text() for text in axes.texts]
        assert any(text.startswith(BY_KEY[key].label) for text in texts) and f"{BY_KEY[key].better} is better" in texts
        rains = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata()) > 1]
        assert len(rains) == len(THREE) == len(axes.collections)  # and a cloud for each
        for name, rain in zip(THREE, rains, strict=True):
            own = single[key, name].to_numpy()
            factor = rain.get_xdata()[0] / own[0]
            assert any(factor == pytest.approx(one) for one in (1, 100, 1e-3, 1e-6))
            assert np.allclose(rain.get_xdata(), own * factor), (key, name)


def test_values_that_are_missing_are_counted():
    found = compared(THREE[::2], 3, nobody_won)
    single = replications_table("fake", found.summaries)
    with styled():
        figure = outcomes(single, found.metrics, "n = 3 replications", ["cost_per_won", "wins"])
    assert said(figure).count("3 of 3\nwithout a value") == 2  # of both organisations, for one metric of the two


def test_paired_differences_are_those_of_the_same_replication():
    found = compared()
    single = replications_table("fake", found.summaries).pivot_table(
        index=["metric", "replication"], columns="organisation", values="value"
    )
    for axes, key in zip(drawn()["paired_differences"].axes, SHOWN, strict=True):
        better = BY_KEY[key].better
        assert f"{'right' if better == 'higher' else 'left'} of 0 is better" in [t.get_text() for t in axes.texts]
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        for place, name in enumerate(THREE[1:]):
            apart = (single.loc[key, name] - single.loc[key, THREE[0]]).to_numpy()
            points, estimate = dots[2 * place : 2 * place + 2]
            factor = points.get_xdata()[0] / apart[0]
            assert factor == pytest.approx(1) or factor == pytest.approx(100) or factor < 1
            assert np.allclose(points.get_xdata(), apart * factor)
            row = found.differences.set_index(["organisation", "metric"]).loc[(name, key)]
            assert estimate.get_xdata()[0] == pytest.approx(row["difference"] * factor)
            (whisker,) = (line for line in axes.lines if list(line.get_ydata()) == [place, place])
            assert list(whisker.get_xdata()) == pytest.approx([row["ci_low"] * factor, row["ci_high"] * factor])
            won = (apart > 0).sum() if better == "higher" else (apart < 0).sum()
            assert f"better in {won} of 6" in said(drawn()["paired_differences"])


def test_the_load_steps_through_the_table():
    loads = load_table("fake", compared().loads)
    figure = drawn()["load"]
    assert len(figure.axes) == 6
    for axes, (role, measure) in zip(
        figure.axes, [(role, of) for role in ("marketer", "sdr", "rep") for of in ("waiting", "occupancy")], strict=True
    ):
        own = loads[(loads["role"] == role) & (loads["measure"] == measure)]
        factor = 100 if measure == "occupancy" else 1
        lines = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
        for name, line in zip(THREE, lines, strict=True):
            rows = own[own["organisation"] == name]
            assert line.get_ydata()[:-1] == pytest.approx(factor * rows["estimate"].to_numpy())
            assert list(line.get_xdata()) == [*rows["start_day"], 850]
        assert len(axes.collections) == len(THREE)  # bands
        assert sorted(line.get_xdata()[0] for line in axes.lines if line.get_drawstyle() == "default") == [120, 485]


def test_channels_show_shares_of_leads_of_revenue_and_of_spend():
    found = compared()
    table = channels_table("fake", found.summaries).set_index(["organisation", "channel", "measure"])["estimate"]
    for axes, name in zip(drawn()["channels"].axes, THREE, strict=True):
        marks = [line for line in axes.lines if line.get_marker() in ("o", "|")]
        ordered = sorted(("search", "referral"), key=lambda one: -table[THREE[0], one, "share_of_inquiries"])
        for y, channel in enumerate(ordered):
            spend, revenue, leads = marks[3 * y : 3 * y + 3]
            for mark, measure in ((spend, "spend"), (revenue, "revenue"), (leads, "inquiries")):
                assert mark.get_xdata()[0] == pytest.approx(100 * table[name, channel, f"share_of_{measure}"])
    assert said(drawn()["channels"]).count("k usd") == 2 * len(THREE)


def test_labels_stay_inside_where_there_is_room():
    assert within([0.99, 0.98, 0.5], 0.2) == pytest.approx([0.9, 0.7, 0.5])
    assert within([0.0, 0.01], 0.2) == pytest.approx([0.1, 0.3])
    assert within([0.4], 0.2) == [0.4] and within([], 0.2) == []


def test_names_are_cut_where_there_is_no_room():
    assert fitted("relay race") == "relay race" and fitted("organic search") == "organic search"
    assert fitted("one integrated revenue team for everything") == "one integrated\nrevenue team\nfor everything"
    assert fitted("one integrated revenue team", 1) == "one integrate…"
    assert fitted("a" * 30, 2, 10) == f"{'a' * 10}\n{'a' * 9}…"
