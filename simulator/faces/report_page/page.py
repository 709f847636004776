"""The page: its parts, and the one file that is made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.faces.assumptions import Group
from simulator.faces.report_page.pictures import Picture
from simulator.faces.report_page.printed import Block, Grid
from simulator.faces.report_page.words import computed
from simulator.results.metrics import Metric

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
    headline : a small table to stand beside the answer; without one a short first table of ``numbers`` does.
    numbers : tables and sentences as the terminal has them.
    pictures : the first stands at the top.
    player : HTML that shows lives; ``no_player`` says why there is none, "" if none belongs here.
    organisations : those compared, as columns of ``assumptions``.
    assumptions : in what they differ, and ``shared``, what is the same.
    hangs_on : what the reader must not forget; ``next_commands`` ask further (command, what it tells).
    method, metrics : how it was found.
    repeat_command : makes the same numbers again; ``changed`` are the settings that differ from the shipped scenario.
    config : all settings; ``files`` lie beside the page (name, what it is).
    left_out : what was too large.
    """

    kicker: str
    question: str
    answer: Sequence[str]
    numbers: Sequence[Block]
    pictures: Sequence[Picture]
    hangs_on: Sequence[str]
    method: Sequence[tuple[str, str]]
    repeat_command: str
    asked_of: str = ""
    headline: Sequence[Block] = ()
    player: str = ""
    no_player: str = ""
    organisations: Sequence[str] = ()
    assumptions: Sequence[Group] = ()
    shared: Sequence[str] = ()
    next_commands: Sequence[tuple[str, str]] = ()
    metrics: Sequence[Metric] = ()
    changed: Sequence[str] = ()
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
    headline, numbers = page.headline, list(page.numbers)
    first = next((block for block in numbers if isinstance(block, Grid)), None)
    if not headline and first is not None and len(first) <= _SHORT:
        headline = [first]
        numbers.remove(first)
    return made.get_template("page.html").render(
        page=page,
        headline=headline,
        numbers=numbers,
        style=Markup((_HERE / "page.css").read_text(encoding="utf-8")),
        player=Markup(page.player),
        drawn=[Markup(picture.markup) for picture in page.pictures],
        is_grid=lambda block: isinstance(block, Grid),
        computed=computed,
    )


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
