"""The page of an answer: what a study tells and draws, put together with what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.questions.frame.assumptions import differences, shared
from simulator.questions.frame.blocks import Block, Passage
from simulator.questions.frame.manifest import REPORT
from simulator.questions.frame.numbers import words
from simulator.questions.frame.report.grids import set_blocks
from simulator.questions.frame.report.words import NEXT, basis, hangs_on, made, method, metrics_of
from simulator.questions.frame.terminal import as_typed
from simulator.questions.frame.typed_settings import about_study, command, overrides
from simulator.results.folder import Folder
from simulator.scenario.checked import Checked
from simulator.scenario.help import question_of
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    from simulator.questions.frame.report.pictures import Drawn

#: What answers the scenario's question itself.
SCENARIOS_OWN = ("compare", "limit")

#: What stands at the end of the list of files.
_LAST = ("conclusion.txt", "config.yaml", "manifest.json")


@dataclass(frozen=True)
class Answer:
    """What a study has to say, for a page.

    Attributes
    ----------
    scenario : as it was asked for.
    study : its name, as in ``study=``; ``limit`` for theory beside simulation.
    said : the answer in sentences.
    told : the tables, with what a reader must know to read them.
    drawn : the figures.
    about : the manifest.
    config : what ``config.yaml`` says.
    arms : organisations that are compared, the baseline first; none if nothing is compared.
    lived : the scenario that has the arms, if it is another one.
    metrics : keys of what is measured.
    headline : a small table to stand beside the answer.
    sure : what the study itself says of how sure it is.
    alike : what is known of payroll and spend of the arms, in place of what the scenario says.
    observed : what the numbers rest on, where nothing is simulated.
    lives : whether the page shows buyers of the arms side by side.
    question : in place of the study's or the scenario's.
    repeat : the command that makes the same again, in place of ``--repeat``.
    """

    scenario: Checked
    study: str
    said: Sequence[str]
    told: Sequence[Block]
    drawn: "Sequence[Drawn]"
    about: Mapping[str, Any]
    config: str
    arms: Sequence[str] = ()
    lived: Checked | None = None
    metrics: Sequence[str] = ()
    headline: Sequence[Block] = ()
    sure: Sequence[str] = ()
    alike: str = ""
    observed: str = ""
    lives: bool = False
    question: str = ""
    repeat: str = ""


def leave_report(answer: Answer, results: Folder) -> None:
    """Write the page."""
    from simulator.questions.frame.report.page import Page, fitted  # brings jinja2: the runs need not wait for it
    from simulator.questions.frame.report.pictures import pictures

    scenario, arms = answer.scenario, list(answer.arms)
    lived = answer.lived or scenario
    found, left_out = pictures(answer.drawn)
    asked = scenario.question or scenario.name
    differ = differences(lived, arms) if len(arms) > 1 else []
    alike = shared(lived, arms) if len(arms) > 1 else []
    typed = overrides(scenario)
    show, why_not = _players(lived, arms) if answer.lives and len(arms) > 1 else ([], "")
    page = Page(
        kicker=f"{words(scenario.name)} · {words(answer.study)}",
        question=answer.question or _question(answer, asked),
        basis=answer.observed or basis(scenario, answer.study, int(answer.about["replications"])),
        asked_of="" if answer.observed or answer.study in SCENARIOS_OWN else asked,
        answer=answer.said,
        headline=list(set_blocks(answer.headline)),
        numbers=list(set_blocks(block for block in answer.told if not _says_again(block, answer.said))),
        pictures=found,
        no_player=why_not,
        organisations=[words(name) for name in arms],
        assumptions=differ,
        shared=[answer.alike, *alike[1:]] if answer.alike and alike else alike,
        hangs_on=list(answer.sure)
        if answer.observed
        else hangs_on(scenario, answer.study, answer.sure, differ, int(answer.about["replications"])),
        next_commands=[
            (command(about_study(typed, study)), what)
            for study, what in NEXT.items()
            if typed is not None and len(arms) > 1 and study != answer.study
        ],
        method=made(answer.about) if answer.observed else method(scenario, answer.about, answer.about.get("runs")),
        metrics=metrics_of(answer.metrics),
        repeat_command=answer.repeat or command(["--repeat", str(as_typed(results.path))]),
        typed="" if answer.repeat or typed is None else command(typed),
        config=answer.config,
        files=_ordered(results.names),
        left_out=left_out,
    )
    results.text(REPORT, fitted(page, show))


def _question(answer: Answer, asked: str) -> str:
    """What is asked; of a study's comment the question alone, as it goes on to say how it is answered."""
    if answer.study in SCENARIOS_OWN:
        return asked
    question, mark, _ = question_of("study", answer.study).partition("?")
    return question + mark


def _players(scenario: Scenario, arms: Sequence[str]) -> tuple[list[tuple[str, str]], str]:
    from simulator.questions.frame.report.player import players  # brings the engine

    return players(scenario, arms)


def _ordered(names: Sequence[str]) -> list[str]:
    """Files as the page lists them: what every answer leaves comes last, and is there when the page is."""
    there = {*names, "config.yaml", "manifest.json"}
    return [*(name for name in names if name not in _LAST), *(name for name in _LAST if name in there)]


def _says_again(block: Block, said: Sequence[str]) -> bool:
    """Whether a passage only says what stands at the top."""
    return isinstance(block, Passage) and block.text.strip() in (" ".join(said), *said)
