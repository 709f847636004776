"""The page: its parts, and the one file that is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.questions.frame.assumptions import Group
from simulator.questions.frame.blocks import Passage
from simulator.questions.frame.report.grids import Grid
from simulator.questions.frame.report.pictures import Picture
from simulator.questions.frame.report.words import computed
from simulator.results.metric import Metric

#: A report stays below this, so that it can be mailed.
LARGEST_BYTES = 2_000_000

#: A first table of this many rows may stand at the top, beside the answer.
_SHORT = 8

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Page:
    """What a report is made of; everything but ``player`` is plain and is escaped.

    Attributes
    ----------
    kicker : scenario and study, above the question.
    question : what is asked; ``asked_of`` is the scenario's own question if that is another one.
    answer : sentences with intervals.
    basis : n, seed, and what the intervals are.
    headline : a small table to stand beside the answer; without one a short first table of ``numbers`` that
        has intervals does, if a figure comes between the two.
    numbers : tables and sentences as the terminal has them.
    pictures : the first stands at the top.
    player : HTML that shows lives; ``no_player`` says why there is none, "" if none belongs here.
    organisations : those compared, as columns of ``assumptions``.
    assumptions : in what they differ, and ``shared``, what is the same.
    hangs_on : what the reader must not forget; ``next_commands`` ask further (command, what it tells).
    method, metrics : how it was found.
    repeat_command : makes the same numbers again; ``typed`` is the same without this folder, "" if it takes a file.
    config : all settings; ``files`` lie beside the page (name, what it is).
    left_out : what was too large.
    """

    kicker: str
    question: str
    answer: Sequence[str]
    numbers: Sequence[Passage | Grid]
    pictures: Sequence[Picture]
    hangs_on: Sequence[str]
    method: Sequence[tuple[str, str]]
    repeat_command: str
    basis: str = ""
    asked_of: str = ""
    headline: Sequence[Passage | Grid] = ()
    player: str = ""
    no_player: str = ""
    organisations: Sequence[str] = ()
    assumptions: Sequence[Group] = ()
    shared: Sequence[str] = ()
    next_commands: Sequence[tuple[str, str]] = ()
    metrics: Sequence[Metric] = ()
    typed: str = ""
    config: str = ""
    files: Sequence[str] = ()
    left_out: Sequence[str] = field(default=())


def html(page: Page) -> str:
    """The page as one text that refers to nothing outside of it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # a run need not wait for it
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    headline = page.headline
    first = next((block for block in page.numbers if isinstance(block, Grid)), None)
    short = first is not None and len(first) <= _SHORT and first.has_intervals
    if not headline and page.pictures and first is not None and short:
        headline = [first]
    headline = [_ungrouped(block) if isinstance(block, Grid) else block for block in headline]
    return made.get_template("page.html").render(
        page=page,
        headline=headline,
        numbers=page.numbers,
        style=Markup((_HERE / "page.css").read_text(encoding="utf-8")),
        player=Markup(page.player),
        drawn=[Markup(picture.markup) for picture in page.pictures],
        is_grid=lambda block: isinstance(block, Grid),
        computed=computed,
    )


def _ungrouped(grid: Grid) -> Grid:
    """A small table without headings between its rows."""
    return replace(grid, groups=(("", tuple(line for _, lines in grid.groups for line in lines)),))


def fitted(page: Page, players: Sequence[tuple[str, str]], largest: int = LARGEST_BYTES) -> str:
    """The page with as much in it as may be.

    Parameters
    ----------
    players : from the richest to the plainest (HTML, what it leaves out).
    largest : bytes.
    """
    for player, without in [*players, ("", "The player: the page would be larger than 2 MB.")]:
        left_out = [*page.left_out, *([without] if without and players else [])]
        tried = html(replace(page, player=player, left_out=left_out))
        if len(tried.encode()) <= largest:
            return tried
    tables = replace(
        page, pictures=[], numbers=[], left_out=[*page.left_out, "Figures and tables: they lie beside this file."]
    )
    return html(tables)
