"""The parts of a report: figures inlined, tables taken from print, assumptions that differ, and all that must fit."""

import io
import re
import sys
import types
import xml.etree.ElementTree as ElementTree

import numpy as np
import yaml
from matplotlib.figure import Figure
from rich.console import Console

from simulator.questions.frame.assumptions import differences, shared
from simulator.questions.frame.blocks import Cell, Column, Passage, Piece, Table, caption, heading
from simulator.questions.frame.report import player
from simulator.questions.frame.report.grids import Grid, set_blocks
from simulator.questions.frame.report.inline_svg import inline
from simulator.questions.frame.report.page import LARGEST_BYTES, Page, fitted, html
from simulator.questions.frame.report.pictures import Drawn, Picture, pictures
from simulator.questions.frame.style import blank, save, styled
from simulator.questions.frame.terminal import show
from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.config_sources import CONF
from simulator.scenario.mechanisms import ORGANISATION_NEUTRAL
from simulator.scenario.organisation import Team
from tests.questions.report_pages import read, rows

NAMES = ["relay_race", "aligned", "integrated"]


def drawn(folder, name, points=50):
    """A figure with a clipped line, in its two files."""
    with styled():
        figure, axes = blank(f"Is {name} <b>drawn</b> & read?", "what is shown", "n = 1", 4.0, "y")
        axes.plot(np.arange(points), np.random.default_rng(1).uniform(size=points))
        axes.set_xlim(0, points / 2)
    save(figure, folder / f"{name}.svg", folder / f"{name}.png")
    return Drawn(name, folder / f"{name}.svg", folder / f"{name}.png", tuple(text.get_text() for text in figure.texts))


def page(**parts):
    given = {"kicker": "a", "question": "b?", "answer": ["c."], "numbers": [], "pictures": [], "hangs_on": ["d"],
             "method": [("Seed", "1")], "repeat_command": "e"}  # fmt: skip
    return Page(**(given | parts))


# --- figures ----------------------------------------------------------------------------------------------------------


def test_two_drawings_in_a_page_do_not_meet(tmp_path):
    made, left_out = pictures([drawn(tmp_path, "one"), drawn(tmp_path, "two")])
    assert left_out == [] and all(one.is_drawing for one in made)
    found = read("".join(one.markup for one in made))
    ids = [one.attributes["id"] for one in found.all() if "id" in one.attributes]
    assert len(ids) == len(set(ids)) > 20
    called = re.findall(r"url\(#([^)]*)\)", made[1].markup)
    assert called and all(one.startswith("figure-two-") and one in ids for one in called)
    assert found.all("title")[0].words() == "Is one <b>drawn</b> & read?" and not found.all("b", "style", "metadata")


def test_a_drawing_keeps_its_texts_and_its_points(tmp_path):
    one = drawn(tmp_path, "one", points=30)
    before = ElementTree.parse(one.svg).getroot()
    after = ElementTree.fromstring(inline(one.svg.read_text(), "x", "title", "about"))
    texts = ["{http://www.w3.org/2000/svg}text", "text"]
    said = [["".join(found.itertext()) for found in root.iter(tag)]
            for root, tag in zip((before, after), texts, strict=True)]  # fmt: skip
    assert said[0] == said[1] and "what is shown" in said[0]
    assert after.attrib["viewBox"] == before.attrib["viewBox"] and "width" not in after.attrib
    numbers = [
        [float(x) for path in root.iter(tag) for x in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", path.attrib["d"])]
        for root, tag in ((before, "{http://www.w3.org/2000/svg}path"), (after, "path"))
    ]
    np.testing.assert_allclose(numbers[1], numbers[0], atol=0.0051)


def test_a_drawing_that_is_too_large_becomes_an_image_and_says_so(tmp_path):
    large, small = drawn(tmp_path, "large", points=60_000), drawn(tmp_path, "small")
    large.svg.write_text(large.svg.read_text().replace("</svg>", "<g>" + '<path d="M 1 1"/>' * 60_000 + "</g></svg>"))
    made, left_out = pictures([large, small])
    assert [one.is_drawing for one in made] == [False, True] and len(left_out) == 1 and "large.svg" in left_out[0]
    [image] = read(made[0].markup).all("img")
    assert image.attributes["alt"].startswith("Is large <b>drawn</b> & read?")
    assert len("".join(one.markup for one in made)) < LARGEST_BYTES


def test_images_that_take_too_much_are_left_out_and_named(tmp_path):
    noise = Figure(figsize=(9, 9))
    noise.figimage(np.random.default_rng(1).uniform(size=(900, 900)))
    noise.savefig(tmp_path / "noise.png", dpi=100)
    noise.savefig(tmp_path / "noise.svg")
    many = [Drawn("noise", tmp_path / "noise.svg", tmp_path / "noise.png", ("Noise?",)) for _ in range(4)]
    made, left_out = pictures(many)
    assert len(made) < 4 and "figures/noise.png" in left_out[-1]
    assert len(fitted(page(pictures=made, left_out=left_out), []).encode()) < LARGEST_BYTES


# --- tables -----------------------------------------------------------------------------------------------------------


BLOCKS = [
    heading("A heading"),
    Table(
        [
            Column("name", ["[a] <i>", "b"]),
            Column("value,\nusd", [Cell((Piece("1.50 "), Piece("[", "dim"), Piece("+1", "dim", 1), Piece(", ", "dim"),
                                          Piece("+2", "dim", 2), Piece("]", "dim"), Piece(" *", "better"))),
                                   Cell((Piece("-10", slot=1),))], right=True),
        ],
        styles=["", "strong"],
        groups={0: "Part one", 1: "Part two"},
        spaced=True,
    ),
    caption("How to read it"),
]  # fmt: skip


def test_blocks_become_a_table_of_the_same_cells():
    first, grid, last = set_blocks(BLOCKS)
    assert (first, last) == (heading("A heading"), Passage("How to read it", "caption"))
    assert isinstance(grid, Grid) and grid.heads == ("name", "value,\nusd") and grid.right == (False, True)
    assert [name for name, _ in grid.groups] == ["Part one", "Part two"] and len(grid) == 2 and grid.has_intervals
    line = grid.groups[0][1][0]
    assert line.cells[1] == (("1.50 ", ""), ("[\u2007+1, +2]", "dim"), (" *", "better"))
    assert grid.groups[1][1][0].classes == "strong" and grid.groups[1][1][0].cells[1] == (("-10", ""),)
    numbers = [first, grid, last]
    assert len(read(html(page(numbers=numbers))).all("table")) == 1
    figure = [Picture("one", "One?", "<svg></svg>", True)]
    top, full = read(html(page(numbers=numbers, pictures=figure))).all("table")
    assert rows(top) == [["name", "value, usd"], ["[a] <i>", "1.50 [ +1, +2] *"], ["b", "-10"]]
    assert rows(full)[1:3] == [["Part one"], ["[a] <i>", "1.50 [ +1, +2] *"]]
    assert full.all("caption")[0].words() == "A heading"


def test_a_terminal_shows_the_same_blocks():
    out = io.StringIO()
    show(BLOCKS, Console(file=out, width=80))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines == [
        "", "A heading", "                    value,", "name                   usd", "Part one",
        "[a] <i>   1.50 [ +1, +2] *", "Part two", "b                      -10", "", "How to read it",
    ]  # fmt: skip


# --- assumptions ------------------------------------------------------------------------------------------------------


def flat(node, path=""):
    for key, value in node.items():
        where = f"{path}.{key}".lstrip(".")
        yield from flat(value, where) if isinstance(value, dict) else [(where, value)]


def test_every_key_in_which_the_files_differ_is_listed_with_its_values():
    files = {name: dict(flat(yaml.safe_load((CONF / "organisation" / f"{name}.yaml").read_text()))) for name in NAMES}
    expected = {
        key: tuple(files[name][key] for name in NAMES)
        for key in files[NAMES[0]]
        if key != "description" and len({str(files[name][key]) for name in NAMES}) > 1
    }
    groups = differences(check(load_scenario()), NAMES)
    listed = {one.key: one.values for group in groups for one in group.assumptions}
    assert set(listed) == set(expected) and len(listed) > 15
    for key, values in listed.items():
        for shown, value in zip(values, expected[key], strict=True):
            assert shown == value if isinstance(value, str) else float(shown.replace(",", "")) == value
    for group in groups:
        owned = ORGANISATION_NEUTRAL[group.name.lower().replace(" ", "_")]
        assert {one.key for one in group.assumptions} <= set(owned)
    assert next(one for group in groups for one in group.assumptions if one.key == "handoff.sla_hours").unit == "hours"


def test_a_mechanism_that_is_off_differs_in_nothing_and_is_named():
    scenario = load_scenario(overrides=["mechanisms.speed=false", "mechanisms.rivals=false"])
    assert "Speed" not in [group.name for group in differences(check(scenario), NAMES)]
    said = shared(check(scenario), NAMES)
    assert said[0] == "Equal payroll: 1.21 M usd a year each." and said[-1].endswith("everywhere: speed and rivals.")
    assert shared(check(load_scenario()), NAMES)[-1] == "No mechanism is switched off."


def test_what_no_mechanism_owns_comes_last():
    scenario = load_scenario()
    roles = scenario.organisations["aligned"].roles
    heads = (roles.marketer.headcount, roles.sdr.headcount, roles.rep.headcount)
    scenario.organisations["aligned"].teams["pod"] = Team(list(scenario.market.segments), *heads)
    last = differences(check(scenario), NAMES)[-1]
    assert last.name == "Everything else"
    found = {one.key: (one.values, one.unit) for one in last.assumptions}
    assert found["teams.pod.reps"] == (("none", f"{heads[2]}", "none"), "people")


# --- all that must fit ------------------------------------------------------------------------------------------------


def test_lives_go_first_then_the_player_and_the_page_says_so():
    rich, plain = ("<p id='lives'>" + "x" * 1_900_000 + "</p>", ""), ("<p id='dots'></p>", "Single lives.")
    kept = fitted(page(), [rich, plain])
    assert "id='lives'" in kept and len(kept.encode()) < LARGEST_BYTES and "Single lives" not in kept
    full = page(config="y" * 150_000)
    assert "id='dots'" in fitted(full, [rich, plain]) and "Single lives." in fitted(full, [rich, plain])
    none = fitted(full, [rich, (rich[0], "Single lives.")])
    assert "lives'" not in none and "larger than 2 MB" in none and len(none.encode()) < LARGEST_BYTES
    assert "Left out" not in fitted(page(), [])


def test_what_is_too_large_by_itself_is_left_to_the_files_beside_it():
    made = fitted(page(numbers=[Passage("x" * 2_100_000, "")]), [])
    assert len(made.encode()) < LARGEST_BYTES and "they lie beside this file" in made


# --- the player -------------------------------------------------------------------------------------------------------


def test_the_player_shows_the_arms_with_and_without_lives(monkeypatch):
    asked = []

    def recorded(scenario, organisations=None, *, replication=0, most=1000, simulate=None):
        asked.append((organisations, replication, most))
        return "a show"

    fake = {
        "simulator.questions.frame.player.playback": types.SimpleNamespace(recorded=recorded),
        "simulator.questions.frame.player": types.SimpleNamespace(
            fragment=lambda show, *, lives=True: f"{show}, lives={lives}", __spec__=object()
        ),
    }
    for name, module in fake.items():
        monkeypatch.setitem(sys.modules, name, module)
    scenario = load_scenario()
    found, why_not = player.players(scenario, NAMES)
    assert [text for text, _ in found] == ["a show, lives=True", "a show, lives=False"] and why_not == ""
    assert asked == [(NAMES, 0, 600)] and found[0][1] == "" and found[1][1]
    scenario.market.inquiries_per_year = 40_000.0
    found, why_not = player.players(scenario, NAMES)
    assert found == [] and "50,000" in why_not and "133,151" in why_not and len(asked) == 1
