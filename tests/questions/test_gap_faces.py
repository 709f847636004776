"""What a reader sees of a sensitivity analysis and of a map: tables, sentences, figures."""

import dataclasses
import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from simulator.questions.frame import arms
from simulator.questions.frame.assumption_words import label, range_in_words, value_in_words
from simulator.questions.frame.style import PALETTE
from simulator.questions.sensitivity.tell import QUESTION as SENSITIVITY
from simulator.questions.sensitivity.tell import moved_most, way
from simulator.questions.sensitivity.work import examine
from simulator.questions.when.tell import QUESTION as WHEN
from simulator.questions.when.tell import UNSURE, map_in_words
from simulator.questions.when.work import chart
from simulator.results.metrics import BY_KEY
from simulator.scenario.study import Free
from tests.questions.known_gaps import CLASHES, DOUBT, HEAT, TRUST, asking, known, unit_ranges
from tests.questions.telling import drawn, printed

FREE = unit_ranges(trust=TRUST, doubt=DOUBT, clashes_of_challenger=CLASHES)


def gap(scenario, replication):
    clashes = scenario.organisations["integrated"].consistency.contradiction_chance
    return 20_000 * (scenario.market.trust.initial - clashes) + 180 * replication - 90


@pytest.fixture(scope="module", autouse=True)
def _ready():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arms, "summarise", lambda result, *_: result)
        yield


@pytest.fixture(scope="module")
def examined():
    scenario = asking("sensitivity", FREE)
    scenario.study.sensitivity = dataclasses.replace(
        scenario.study.sensitivity, method="both", trajectories=6, sobol_points=8, resamples=100
    )
    return examine(scenario, simulate=known(gap))


@pytest.fixture(scope="module")
def charted():
    scenario = asking("when", FREE)
    scenario.study.when = dataclasses.replace(
        scenario.study.when, x=Free(TRUST, 0, 1), y=Free(CLASHES, 0, 1), points=4, hypercube=80, held_out=30,
        rule_replications=2,
    )  # fmt: skip
    return chart(scenario, simulate=known(gap))


def flat(text):
    return " ".join(text.split())


def nothing_is_cut_off(figure):
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    texts = list(figure.texts)
    for axes in figure.axes:
        texts += [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels(), axes.xaxis.label, axes.yaxis.label]
    for text in texts:
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            assert box.x0 >= 0 and box.x1 <= figure.bbox.width, text.get_text()
            assert box.y0 >= 0 and box.y1 <= figure.bbox.height, text.get_text()


def test_assumptions_are_named_for_a_reader(examined):
    space = examined.space
    assert [label(space, name) for name in space.names] == ["trust", "doubt", "clashes of integrated"]
    assert range_in_words(space, space.parameters[0]) == "0 to 1 (now 0.5)"
    heat = dataclasses.replace(space.parameters[0], targets=(HEAT,))
    assert value_in_words(space, heat, 12.5) == "12.5 days"
    assert value_in_words(space, dataclasses.replace(heat, factor=True), 0.254) == "0.25 times today’s"


def test_tables_and_sentences_of_a_sensitivity(examined):
    text = printed(SENSITIVITY, examined)
    assert "trust" in text and "clashes of integrated" in text and "luck" in text and "…" not in text
    [line] = [line for line in text.splitlines() if line.startswith("trust") and "helps" in line]
    assert "20.0 [20.0, 20.0]" in line
    first, second = SENSITIVITY.conclusion(examined)
    assert "of its variance over the ranges, alone, " in first and "hangs on these assumptions." in second
    morris, sobol = examined.examined
    assert moved_most(examined, morris).startswith("what moves it most, across its range, is ")
    assert moved_most(examined, sobol).startswith("of its variance")


def test_raising_what_costs_is_no_help(examined):
    metric, morris = BY_KEY["net"], examined.examined[0].indices
    assert [way(metric, morris, i) for i in range(3)] == ["helps", "nothing", "hurts"]
    assert way(BY_KEY["cost_per_won"], morris, 0) == "hurts"
    unsure = dataclasses.replace(morris, mu_half=np.full(3, 1e9))
    assert way(metric, unsure, 0) == "either way"


def test_figures_of_a_sensitivity(examined):
    figures = drawn(SENSITIVITY, examined)
    assert list(figures) == ["morris_net", "sobol_net"]
    bars = figures["morris_net"].axes[0].patches
    assert [bar.get_width() for bar in bars] == pytest.approx([20, 20, 0], abs=0.01), "k usd, the largest first"
    assert {to_hex(bar.get_facecolor()).upper() for bar in bars[:2]} == set(PALETTE[1:3]), "one helps, one hurts"
    for figure in figures.values():
        title, subtitle, note = (text.get_text() for text in figure.texts)
        assert title.endswith("?") and "integrated - relay race" in subtitle and "95% bootstrap" in note
        nothing_is_cut_off(figure)


def test_a_map_in_a_table_and_in_words(charted):
    text = printed(WHEN, charted)
    rows = [line for line in text.splitlines() if re.match(r"[01][.\d]*   ", line)]
    assert len(rows) == 5 and rows[0].startswith("1 ") and rows[-1].startswith("0 "), "highest on top"
    assert sum(line.count(UNSURE) for line in rows) == 5, "the diagonal may be chance"
    said = map_in_words(charted, BY_KEY["net"])
    assert "wins for sure at 10 of 25 places and loses for sure at 10" in said
    assert "with clashes of integrated as today it breaks even where trust is 0.5 [" in said


def test_figures_of_a_map(charted):
    figures = drawn(WHEN, charted)
    assert list(figures) == ["map_net", "rule"]
    texts = [text.get_text() for text in figures["map_net"].axes[0].texts]
    assert {"as things stand", "integrated wins", "relay race wins"} <= set(texts)
    for figure in figures.values():
        nothing_is_cut_off(figure)


def test_a_map_without_a_gap_and_one_that_cannot_be_estimated():
    scenario = asking("when", FREE)
    scenario.study.when = dataclasses.replace(
        scenario.study.when, x=Free(TRUST, 0, 1), y=Free(CLASHES, 0, 1), points=2, hypercube=0,
        metrics=["net", "win_rate_inquiries"],
    )  # fmt: skip

    def nobody(scenario, organisation, **how):
        summary = known(lambda *_: 0.0)(scenario, organisation, **how)
        return dataclasses.replace(summary, sums={**summary.sums, "won_inquiries": 0, "inquiries": 0})

    found = chart(scenario, simulate=nobody)
    for figure, said in zip(drawn(WHEN, found).values(), ("no gap anywhere", "cannot be estimated"), strict=True):
        assert f"{'' if said[0] == 'n' else 'the gap '}{said}" in [text.get_text() for text in figure.axes[0].texts]
    text = flat(printed(WHEN, found))
    assert "it keeps its sign whatever the trust" in text and "where it breaks even cannot be told" in text
