"""How a study is asked and answered: check, run with progress, write tables, figures and what repeats it, print."""

import contextlib
import functools
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.console import Console
from rich.text import Text

from simulator.questions.frame.manifest import STUDY_FILES, repeating
from simulator.questions.frame.progress import Tell, progress
from simulator.questions.frame.report.leaving import Answer, leave
from simulator.questions.frame.runs import Simulate, check_leads, resolved
from simulator.questions.frame.terminal import console, say_conclusion, say_if_compiling, say_where
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

Found = TypeVar("Found")


@dataclass(frozen=True)
class Question(Generic[Found]):
    """What is particular to a study; `ask` does the rest, the same for all.

    Attributes
    ----------
    study : its name, as in ``study=``.
    files : the tables and texts it leaves, by which a used folder is refused before the work is done.
    find : runs it, told a checked copy of the scenario, whom to tell how far it is, and what simulates.
    tables : tidy tables by file name, CSV or Parquet.
    figures : figures by file name without suffix; imports matplotlib only when called.
    show : prints the tables, with what a reader must know to read them.
    conclusion : two plain sentences with intervals.
    about : what the manifest says besides.
    texts : other files to read or to run, by name.
    arms : the organisations that are compared, the baseline first, behind the scenario that has them; None if none are.
    metrics : keys of what is measured.
    units : what progress counts.
    observed : of a study that simulates nothing, what its numbers rest on.
    sure : what the study itself says of how sure it is.
    resume : as ``find``, told a folder besides, in which it keeps what is done, so that it can be gone on with.
    """

    study: str
    files: tuple[str, ...]
    find: "Callable[[Checked, Tell, Simulate | None], Found]"
    tables: "Callable[[Found], Mapping[str, pd.DataFrame]]"
    figures: "Callable[[Found], Mapping[str, Figure]]"
    show: Callable[[Found, Console], None]
    conclusion: Callable[[Found], Sequence[str]]
    about: Callable[[Found], Mapping[str, Any]] = lambda found: {}
    units: str = "runs"
    texts: Callable[[Found], Mapping[str, str]] = lambda found: {}
    arms: Callable[[Found], tuple[Checked, Sequence[str]]] | None = None
    metrics: Callable[[Found], Sequence[str]] = lambda found: ()
    observed: Callable[[Found], str] | None = None
    sure: Callable[[Found], Sequence[str]] = lambda found: ()
    resume: "Callable[[Checked, Tell, Simulate | None, Path], Found] | None" = None


def ask(question: Question[Found], scenario: Scenario, folder: Path, simulate: Simulate | None = None) -> Found:
    """Answer a question: write everything to ``folder``, print the answer, return what was found.

    Raises
    ------
    ScenarioError
        One line, before anything runs, when the scenario, its leads or the study are refused, or when the folder
        cannot be written.
    """
    scenario = resolved(scenario)
    check_leads(scenario)
    started, clock = datetime.now(UTC), time.monotonic()
    with contextlib.ExitStack() as held:
        results = held.enter_context(Folder(folder))
        results.refuse_existing((*question.files, *STUDY_FILES))
        work = held.enter_context(kept(scenario, folder)) if question.resume else None
        if simulate is None and question.observed is None:
            say_if_compiling(scenario)
        with progress(console(sys.stderr), f"{scenario.name}, {question.study}", question.units) as tell:
            if question.resume is not None and work is not None:
                found = question.resume(scenario, tell, simulate, work)
            else:
                found = question.find(scenario, tell, simulate)
        for name, table in question.tables(found).items():
            if name.endswith(".parquet"):
                results.table(name).append(table)
            else:
                results.csv(name, table)
        for name, text in question.texts(found).items():
            results.text(name, text)
        drawn = draw(question.figures(found), results)
        said = list(question.conclusion(found))
        conclude(results, said)
        about = repeating(scenario, started, time.monotonic() - clock)
        about |= {"study": question.study, "conclusion": said, **question.about(found)}
        lived, arms = question.arms(found) if question.arms else (scenario, ())
        show = functools.partial(question.show, found)
        leave(Answer(scenario, question.study, said, show, drawn, about, dump_yaml(scenario), arms, lived,
                     question.metrics(found), sure=question.sure(found), lives=simulate is None,
                     observed=question.observed(found) if question.observed else ""), results)  # fmt: skip
    if question.resume is not None:
        forget(folder)
    out = console(sys.stdout)
    asked = question_of("study", question.study) if question.observed else scenario.question
    out.print(Text(f"{scenario.name}: {asked}".removesuffix(": "), style="bold"))
    question.show(found, out)
    say_conclusion(said)
    say_where(folder)
    return found


def draw(figures: "Mapping[str, Figure]", results: Folder) -> "list[Drawn]":
    """Every figure as SVG and PNG; where they are until the folder is complete, and what they say."""
    from simulator.questions.frame.report.pictures import Drawn
    from simulator.questions.frame.style import save  # brings matplotlib, which the runs need not wait for

    drawn = []
    for name, figure in figures.items():
        with results.writing(f"figures/{name}.svg") as svg, results.writing(f"figures/{name}.png") as png:
            save(figure, svg, png)
        drawn.append(Drawn(name, svg, png, tuple(text.get_text() for text in figure.texts)))
    return drawn


def conclude(results: Folder, sentences: Sequence[str]) -> None:
    """The conclusion as a text of its own."""
    results.text("conclusion.txt", "".join(f"{sentence}\n" for sentence in sentences))
