"""The gallery shows every kind of figure, names what draws it, and has all its pictures."""

import importlib
import inspect
import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from PIL import Image

from simulator.documents import gallery
from simulator.documents.gallery import COMMANDS, PICTURES, Picture, draw, needed, page, typed
from simulator.scenario.composing import load_scenario

DOCS = Path(__file__).parents[2] / "docs"
PACKAGE = Path(gallery.__file__).parents[1]
ALL = [one for pictures in PICTURES.values() for one in pictures]


def test_the_page_is_up_to_date() -> None:
    assert (DOCS / "gallery.md").read_text(encoding="utf-8") == page(), "run `make gallery`"


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.figure)
def test_every_picture_is_there_and_what_draws_it_exists(one: Picture) -> None:
    picture = DOCS / "gallery" / f"{one.figure}.png"
    assert picture.stat().st_size < 120_000
    with Image.open(picture) as image:
        assert image.width == 1080
    module, _, function = one.function.partition(":")
    drawing = getattr(importlib.import_module(f"simulator.{module}"), function)
    assert "Figure" in str(inspect.signature(drawing).return_annotation) and inspect.getdoc(drawing)
    assert one.run in COMMANDS and one.question.endswith("?")
    assert len(re.findall(r"[.:;](?:\s|$)", one.reading)) <= 4  # two sentences, more or less


def test_nothing_is_there_that_the_page_does_not_show() -> None:
    assert {path.stem for path in (DOCS / "gallery").iterdir()} == {one.figure for one in ALL}


def test_every_module_of_figures_is_shown() -> None:
    shown = {one.function.partition(":")[0] for one in ALL}
    elsewhere = {"workshop.guesses_figure"}  # docs/workshop.md
    drawing = [path for end in ("figure", "*_figure") for path in PACKAGE.rglob(f"{end}.py")]
    modules = {".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in drawing}
    assert modules == shown | elsewhere


@pytest.mark.parametrize("command", sorted({command for run in COMMANDS for command in typed(run)}))
def test_commands_are_understood(command: str) -> None:
    overrides = [word for word in command.split() if word != "--multirun" and not word.startswith("hydra.")]
    assert load_scenario("baseline", [re.sub(r"(?<!\[)=([^\[,]*),.*", r"=\1", word) for word in overrides]).name


def test_a_run_that_is_made_from_an_export_has_one_before() -> None:
    assert needed(["calibration", "read"]) == ["export", "read", "calibration"] and needed(["audit"]) == ["audit"]
    exported, reading = typed("read")
    folder = exported.rpartition("hydra.run.dir=")[2]
    assert "run.export=crm" in exported and f"crm.leads={folder}/crm/relay_race/leads.csv" in reading.split()
    assert typed("audit") == [COMMANDS["audit"]] and "{" not in page()
    with pytest.raises(SystemExit, match="got 'nothing'"):
        draw(Path("nowhere"), ["nothing"])


def test_pictures_are_made_small(tmp_path: Path) -> None:
    figure = Figure(figsize=(9, 5))
    figure.add_axes((0.1, 0.1, 0.8, 0.8)).plot(range(100))
    figure.savefig(tmp_path / "large.png", dpi=150)
    gallery._small(tmp_path / "large.png", tmp_path / "small.png")
    with Image.open(tmp_path / "small.png") as image:
        assert image.size == (1080, 600) and image.mode == "P"
    assert (tmp_path / "small.png").stat().st_size < (tmp_path / "large.png").stat().st_size
