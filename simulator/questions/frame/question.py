"""How a study is asked, and what its folder holds.

A question is a folder: ``settings`` (what a user may set, and what of it is refused), ``work`` (runs it, and leaves a
frozen result), ``tell`` (tables, blocks and sentences, each said once) and ``figure`` (draws; brings matplotlib). The
registry finds it by the folder's name, and `ask` does for each what is the same for all: check, run with progress,
write, print, draw, and put the page together. A further file stands beside these only where there is a second idea.

``tell`` holds ``QUESTION``, an instance of a subclass of `Question`. What is told is a list of blocks (`frame.blocks`):
texts and tables, which the terminal and the page show alike. `frame.numbers` says numbers, units and intervals,
`frame.blocks` makes cells and columns, `frame.tidy` names columns of CSV files: a question makes no table by hand and
rounds nothing by itself. ``figure`` has a function ``figures(result)``, which says how each figure is drawn, by name.

What was computed is written first and stays, whatever happens then: tables, settings and the manifest. A sentence, a
figure or a page that fails is named in the manifest and in one line on the terminal, and leaves everything else; the
exit code is then 1.
"""

import contextlib
import functools
import importlib
import importlib.util
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from simulator.questions.frame.blocks import Block, Passage
from simulator.questions.frame.manifest import MISSING, STUDY_FILES, Incomplete, repeating
from simulator.questions.frame.progress import Tell, progress
from simulator.questions.frame.report.answer import SCENARIOS_OWN, Answer, leave_report
from simulator.questions.frame.runs import Simulate, check_leads, resolved
from simulator.questions.frame.terminal import as_typed, console, say_conclusion, say_if_compiling, say_where, show
from simulator.questions.frame.unfinished import forget, kept
from simulator.results.folder import Folder
from simulator.scenario.checked import Checked
from simulator.scenario.composing import dump_yaml
from simulator.scenario.help import question_of
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.questions.frame.report.pictures import Drawn

Result = TypeVar("Result")
Made = TypeVar("Made")

#: Figures by file name without suffix, each to be drawn by itself.
Drawings = Mapping[str, "Callable[[], Figure]"]

_SENTENCES, _TABLES, _FIGURES, _PAGE = "conclusion", "printed tables", "figures", "report"

#: Where in the code parts of an answer failed.
FAULTS = "faults.txt"


@dataclass(frozen=True)
class Asked:
    """What a question is told.

    Attributes
    ----------
    scenario : a checked copy.
    tell : is told how far the work is.
    simulate : in place of `simulator.run.simulate`.
    results : the folder, for what is written while runs go on.
    unfinished : keeps what is done of work that can be gone on with.
    """

    scenario: Checked
    tell: Tell
    simulate: Simulate | None
    results: Folder
    unfinished: Path


class Question(Generic[Result]):
    """What is particular to a study.

    Attributes
    ----------
    study : its name, as in ``study=``.
    files : the tables and texts it leaves, by which a used folder is refused before the work is done.
    units : what progress counts.
    observed : whether its numbers rest on an export: no scenario's question is answered.
    resumes : whether work that is broken off is kept, so that it can be gone on with.
    first_figure : the one that stands first on the page, if it is not the first that is drawn.
    tells_conclusion : whether its blocks hold the conclusion, which is then not printed below them.
    """

    study: ClassVar[str]
    files: ClassVar[tuple[str, ...]]
    units: ClassVar[str] = "runs"
    observed: ClassVar[bool] = False
    resumes: ClassVar[bool] = False
    first_figure: ClassVar[str] = ""
    tells_conclusion: ClassVar[bool] = False

    # --- what every question says -------------------------------------------------------------------------------------

    def work(self, asked: Asked) -> Result:
        """Run it."""
        raise NotImplementedError

    def tables(self, result: Result) -> "Mapping[str, pd.DataFrame]":
        """Tidy tables by file name, CSV or Parquet."""
        raise NotImplementedError

    def told(self, result: Result) -> Sequence[Block]:
        """Tables in print, with what a reader must know to read them."""
        raise NotImplementedError

    def conclusion(self, result: Result) -> Sequence[str]:
        """Two plain sentences with intervals."""
        raise NotImplementedError

    # --- what some say besides ----------------------------------------------------------------------------------------

    def figures(self, result: Result) -> Drawings:
        """What ``figures(result)`` of the folder's ``figure`` draws; nothing without such a module."""
        module = f"{type(self).__module__.rpartition('.')[0]}.figure"
        if importlib.util.find_spec(module) is None:
            return {}
        drawings: Drawings = importlib.import_module(module).figures(result)
        return drawings

    def texts(self, result: Result) -> Mapping[str, str]:
        """Other files to read or to run, by name."""
        return {}

    def facts(self, result: Result) -> Mapping[str, Any]:
        """What the manifest says besides."""
        return {}

    def title(self, result: Result, scenario: Scenario) -> str:
        """The first line in print; "" for none."""
        asked = question_of("study", self.study) if self.observed else scenario.question
        return f"{scenario.name}: {asked}".removesuffix(": ")

    def arms(self, result: Result) -> tuple[Checked | None, Sequence[str]]:
        """Organisations that are compared, the baseline first, behind the scenario that has them."""
        return None, ()

    def metrics(self, result: Result) -> Sequence[str]:
        """Keys of what is measured."""
        return ()

    def headline(self, result: Result) -> Sequence[Block]:
        """A small table to stand beside the answer on the page."""
        return ()

    def rests_on(self, result: Result) -> str:
        """What the numbers rest on, if that is an export."""
        return ""

    def sure(self, result: Result) -> Sequence[str]:
        """What the study itself says of how sure it is."""
        return ()

    def alike(self, result: Result) -> str:
        """What is known of payroll and spend of the arms, in place of what the scenario says."""
        return ""


def ask(question: Question[Result], scenario: Scenario, folder: Path, simulate: Simulate | None = None) -> Result:
    """Answer a question: write everything to ``folder``, print the answer, return what was found.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario, its leads or the study are refused, or when the folder
        cannot be written.
    Incomplete
        At the end, when a part of the answer could not be made.
    """
    scenario = resolved(scenario)
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with Folder(folder) as results:
        results.refuse_existing((*question.files, *STUDY_FILES))
        with kept(scenario, folder) if question.resumes else contextlib.nullcontext(folder) as work:
            if simulate is None and not question.observed:
                say_if_compiling(scenario)
            of = "" if question.study in SCENARIOS_OWN else f", {question.study}"
            with progress(console(sys.stderr), f"{scenario.name}{of}", question.units) as tell:
                result = question.work(Asked(scenario, tell, simulate, results, work))
            about = repeating(scenario, started, time.monotonic() - clock)
            about |= {"study": question.study, "conclusion": [], **question.facts(result)}
            _write(question, result, scenario, about, results)
        if question.resumes:
            forget(folder)
        try:
            failed = _tell(question, result, scenario, about, results, lives=simulate is None)
        except BaseException as ended:
            ended.add_note(f"its tables are in {as_typed(folder)}; manifest.json names what is missing")
            raise
    say_where(folder)
    if failed:
        raise Incomplete(as_typed(folder), result, failed)
    return result


def _write(
    question: Question[Result], result: Result, scenario: Checked, about: Mapping[str, Any], results: Folder
) -> None:
    """What was computed and what repeats it; from here on it stays."""
    for name, table in question.tables(result).items():
        if name.endswith(".parquet"):
            results.table(name).append(table)
        else:
            results.csv(name, table)
    for name, text in question.texts(result).items():
        results.text(name, text)
    results.text("config.yaml", dump_yaml(scenario))
    results.text(
        "manifest.json", _manifest({**about, MISSING: dict.fromkeys((_SENTENCES, _FIGURES, _PAGE), "not made")})
    )
    results.keep()


def _tell(
    question: Question[Result],
    result: Result,
    scenario: Checked,
    about: dict[str, Any],
    results: Folder,
    *,
    lives: bool,
) -> Mapping[str, str]:
    """Sentences, tables in print, figures and the page; why parts of them failed, by their names."""
    parts = Parts()
    said = list(parts.make(_SENTENCES, lambda: question.conclusion(result)) or ())
    if said:
        results.text("conclusion.txt", "".join(f"{sentence}\n" for sentence in said))
    told = list(parts.make(_TABLES, lambda: question.told(result)) or ())
    drawn = draw(parts.make(_FIGURES, lambda: question.figures(result)) or {}, results, parts)
    drawn.sort(key=lambda figure: figure.name != question.first_figure)
    about["conclusion"] = said

    def page() -> None:
        lived, arms = question.arms(result)
        leave_report(Answer(
            scenario, question.study, said, told, drawn, about, dump_yaml(scenario), arms, lived,
            question.metrics(result), question.headline(result), question.sure(result), question.alike(result),
            question.rests_on(result), lives,
        ), results)  # fmt: skip

    parts.make(_PAGE, page)
    if parts.failed:
        about[MISSING] = parts.failed
        results.text(FAULTS, "\n".join(parts.faults))
    results.again("manifest.json", _manifest(about))
    results.keep()
    title = question.title(result, scenario)
    show([*([Passage(title, "strong")] if title else []), *told], console(sys.stdout))
    if said and not question.tells_conclusion:
        say_conclusion(said)
    return parts.failed


class Parts:
    """Makes the parts of an answer, each by itself: one that fails leaves the others.

    Attributes
    ----------
    failed : why, in one line, by the name of the part.
    faults : the same with where in the code it was.
    """

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}
        self.faults: list[str] = []

    def make(self, name: str, make: Callable[[], Made]) -> Made | None:
        """What ``make`` makes; None if it fails."""
        try:
            return make()
        except Exception as fault:
            self.failed[name] = " ".join(f"{type(fault).__name__}: {fault}".split())
            self.faults.append(f"{name}\n{traceback.format_exc()}")
            return None


def draw(drawings: Drawings, results: Folder, parts: Parts) -> "list[Drawn]":
    """Every figure as SVG and PNG; where they are until the folder is complete, and what they say."""
    if not drawings:
        return []
    from simulator.questions.frame.report.pictures import Drawn
    from simulator.questions.frame.style import save, styled  # brings matplotlib, which the runs need not wait for

    def drawn(name: str, drawing: "Callable[[], Figure]") -> Drawn:
        with styled():
            figure = drawing()
        with results.writing(f"figures/{name}.svg") as svg, results.writing(f"figures/{name}.png") as png:
            save(figure, svg, png)
        return Drawn(name, svg, png, tuple(text.get_text() for text in figure.texts))

    made = (parts.make(f"figure {name}", functools.partial(drawn, name, each)) for name, each in drawings.items())
    return [figure for figure in made if figure]


def _manifest(about: Mapping[str, Any]) -> str:
    return json.dumps(about, indent=2) + "\n"
