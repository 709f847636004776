"""What is told of single buyers: who each is, what happened day by day, what became of it."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.model.numerics import DAY_US
from simulator.model.words import NO_TOPIC, Activity, Outcome, Stage, Topic
from simulator.questions.frame.blocks import Block, Column, Passage, Table, caption, heading, note
from simulator.questions.frame.numbers import began, count, listed, words
from simulator.questions.frame.question import Asked, Question
from simulator.questions.lives import wording
from simulator.questions.lives.settings import EVERYBODY, INQUIRIES, OPPORTUNITIES
from simulator.questions.lives.story import in_sum, lines, moment, title, told, who, who_it_is
from simulator.questions.lives.work import Life, Lives, lives
from simulator.scenario.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

#: Characters of a line of lives.txt, and of its column of times.
_CHARACTERS, _TIMES = 110, 28

_COLUMNS = ("life", "buyer", "line", "day", "at", "when", "activity", "stage", "topic", "person", "words")

_HOW = (
    "Day 0 is the day of a buyer's first research; times are those of the run's calendar.",
    "What repeats itself shares a line; lives.csv has every event.",
)


class LivesQuestion(Question[Lives]):
    """What happened to ten buyers, drawn at random?"""

    study = "lives"
    files = ("lives.csv", "lives.txt")

    def work(self, asked: Asked) -> Lives:
        return lives(asked.scenario, asked.tell, simulate=asked.simulate)

    def tables(self, lives: Lives) -> "Mapping[str, pd.DataFrame]":
        return {"lives.csv": lives_table(lives)}

    def texts(self, lives: Lives) -> Mapping[str, str]:
        return {"lives.txt": lives_text(lives)}

    def told(self, lives: Lives) -> Sequence[Block]:
        blocks: list[Block] = []
        for number, life in enumerate(lives.lives, start=1):
            story = lines(life, lives.people)
            blocks += [
                heading(_headed(number, life)),
                Passage(_about(life)),
                Table(
                    [
                        Column("when", [line.when for line in story]),
                        Column("what happened", [line.said for line in story], wraps=True),
                    ],
                    headed=False,
                ),
                Passage(in_sum(life, lives.people)),
            ]
        if not blocks:
            blocks = [Table([Column("buyers", ["none"])])]
        return [*blocks, *([note(lives.note)] if lives.note else []), caption(*_drawn(lives), *_HOW, apart=True)]

    def conclusion(self, lives: Lives) -> Sequence[str]:
        """What became of them, and what they can show."""
        if not lives.lives:
            return [f"There is nobody to draw from: {_of_whom(lives)}."]
        ends = Counter(life.outcome for life in lives.lives)
        each = [f"{count(ends[end])} {_became(end, ends[end])}" for end in sorted(ends)]
        return [
            f"Of {_buyers(len(lives.lives))} drawn at random from {_of_whom(lives)}, {listed(each)}.",
            "They show what a single life is like in this model; how often such lives occur is for study=compare to "
            "say.",
        ]

    def title(self, lives: Lives, scenario: Scenario) -> str:
        return f"{scenario.name}: {_buyers(len(lives.lives))} of {words(lives.organisation)}, drawn at random"

    def facts(self, lives: Lives) -> Mapping[str, Any]:
        return {
            "organisation": lives.organisation,
            "drawn_from": lives.scenario.study.lives.drawn_from,
            "population": lives.population,
            "buyers": [life.buyer for life in lives.lives],
            "replications": 1,
        }


QUESTION = LivesQuestion()


# --- in words ---------------------------------------------------------------------------------------------------------


def _buyers(number: int) -> str:
    return "one buyer" if number == 1 else f"{count(number)} buyers"


def _of_whom(lives: Lives) -> str:
    """whom they are drawn from: 6,461 inquiries in relay race."""
    drawn_from = lives.scenario.study.lives.drawn_from
    kinds = {INQUIRIES: "inquiries", EVERYBODY: "buyers", OPPORTUNITIES: "opportunities"}
    whom = kinds.get(drawn_from) or f"buyers whose outcome is {words(drawn_from)}"
    return f"{count(lives.population)} {whom} of the cohort in {words(lives.organisation)}"


def _became(end: int, buyers: int) -> str:
    said = wording.said(wording.OUTCOMES, Outcome, end)
    return said if buyers == 1 else said.replace(" its ", " their ")


def _drawn(lives: Lives) -> Iterator[str]:
    run = lives.scenario.run
    yield (
        f"Drawn by the seed ({run.seed}) from {_of_whom(lives)}{lives.whatever}; a cohort of {count(run.cohort_days)} "
        "days, one replication."
    )


def _headed(number: int, life: Life) -> str:
    return f"{number}. {began(title(life))}"


def _about(life: Life) -> str:
    lead = f"Lead {life.about['lead_id']}. " if life.about["lead_id"] else ""
    return f"{lead}{who_it_is(life)}"


# --- files ------------------------------------------------------------------------------------------------------------


def lives_text(lives: Lives) -> str:
    """All lives to read, in lines that fit a page."""
    parts = [f"{began(words(lives.scenario.name))}, {words(lives.organisation)}", *_drawn(lives), *_HOW]
    if lives.note:
        parts.append(f"Note: {lives.note}.")
    said = [part for text in parts for part in textwrap.wrap(text, _CHARACTERS)]
    for number, life in enumerate(lives.lives, start=1):
        said += ["", _headed(number, life), *textwrap.wrap(_about(life), _CHARACTERS)]
        for line in lines(life, lives.people):
            first, *rest = textwrap.wrap(line.said, _CHARACTERS - _TIMES)
            said += [f"{line.when:{_TIMES}}{first}", *(f"{'':{_TIMES}}{part}" for part in rest)]
        said += textwrap.wrap(in_sum(life, lives.people), _CHARACTERS)
    return "\n".join(said) + "\n"


def lives_table(lives: Lives) -> "pd.DataFrame":
    """Every event of the buyers, one row each: in which line of its life it is told, and in which words by itself."""
    import pandas as pd

    start = np.datetime64(lives.first_day, "us")
    rows = []
    for number, life in enumerate(lives.lives, start=1):
        story = lines(life, lives.people)
        line_of = {place: line for line, one in enumerate(story, start=1) for place in one.places}
        for row, event in zip(life.events, told(life, lives.people), strict=True):
            rows.append((
                number, life.buyer, line_of[event.place], (event.at - life.arrived_us) / DAY_US,
                start + np.timedelta64(event.at, "us"), moment(event.at, life),
                _named(Activity, event.activity), _named(Stage, int(row["stage"])),
                "" if row["topic"] == NO_TOPIC else _named(Topic, int(row["topic"])),
                "" if event.person < 0 else who(event.person, lives.people), wording.sentence(event.clause),
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _named(kind: Any, number: int) -> str:
    return wording.name(kind, number).replace(" ", "_")
