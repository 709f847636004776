"""Buyers told as stories: both lives side by side, as a text and as a table of events."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.model.words import Activity, Role, Stage, Topic
from simulator.questions.frame.divergence import EACH_NEEDED, NEVER_COMES, NO_SINGLE
from simulator.questions.frame.event_words import BY_WHOM, PEOPLE, at_work, event, happens, meaning, value
from simulator.questions.frame.numbers import began, words
from simulator.questions.twins.typical_buyers import OTHER_GAIN, TYPICAL_GAIN, TYPICAL_LOSS, Story
from simulator.questions.twins.work import Twins
from simulator.results.summary import DAY

if TYPE_CHECKING:
    import pandas as pd

#: What a buyer takes in by itself, by its plural: told together while nothing else happens.
_READING = {
    Activity.READ_OURS: ("piece of ours", "pieces of ours"),
    Activity.READ_THIRD_PARTY: ("third-party piece", "third-party pieces"),
    Activity.READ_RIVAL: ("rival's piece", "rivals' pieces"),
    Activity.READ_REVIEW: ("customer's review", "customers' reviews"),
    Activity.MAIL_OPENED: ("mail of ours", "mails of ours"),
}

_PASSIVE = {*_READING, Activity.MAIL_UNOPENED}

#: How a story of each kind begins.
_KINDS = {
    TYPICAL_GAIN: "Gained through the commonest mechanism: {other} wins it, {base} does not",
    TYPICAL_LOSS: "Lost: {base} wins it, {other} does not",
    OTHER_GAIN: "Gained through something else: {other} wins it, {base} does not",
}

_COLUMNS = ("story", "kind", "replication", "buyer", "organisation", "event", "days_since_arrival", "activity", "stage",
            "topic", "role", "shared")  # fmt: skip


def kind(twins: Twins, story: Story) -> str:
    """What a story is about."""
    return _KINDS[story.kind].format(base=words(twins.baseline), other=words(twins.challenger))


def stories_text(twins: Twins) -> str:
    """All stories as Markdown; dates are days since the buyer's arrival."""
    lines = [
        f"# Single buyers in {words(twins.baseline)} and in {words(twins.challenger)}",
        "",
        f"Scenario {twins.scenario.name}, seed {twins.scenario.run.seed}. The same buyer with the same luck in both. "
        "Days count from its arrival, which is its first research. Each is typical of its kind: among the flips whose "
        "lives part the same way, the one with a middling number of events.",
    ]
    for number, story in enumerate(twins.stories, start=1):
        lines += ["", f"## {number}. {kind(twins, story)}", "", *_told(twins, story)]
    return "\n".join(lines) + "\n"


def stories_table(twins: Twins) -> "pd.DataFrame":
    """Events of the told buyers, one row each; ``shared`` ones come before their lives part."""
    import pandas as pd

    rows = []
    for number, story in enumerate(twins.stories, start=1):
        if story.about is None:
            continue
        about = story.about
        for name, life in ((twins.baseline, story.baseline), (twins.challenger, story.challenger)):
            for place, happening in enumerate(life):
                rows.append((
                    number, story.kind, about["replication"], about["buyer"], name, place,
                    (int(happening["at"]) - story.arrived_us) / DAY, Activity(happening["activity"]).name.lower(),
                    Stage(happening["stage"]).name.lower(),
                    "" if happening["topic"] < 0 else Topic(happening["topic"]).name.lower(),
                    "" if happening["role"] < 0 else Role(happening["role"]).name.lower(), place < about["place"],
                ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _told(twins: Twins, story: Story) -> Iterator[str]:
    about = story.about
    if about is None:
        yield "There is no such buyer in the detailed replications."
        return
    base, other = words(twins.baseline), words(twins.challenger)
    yield who(story)
    yield ""
    yield f"**Where its lives part.** {where(twins, about)}"
    yield ""
    yield f"**Why.** {why(twins, about)}"
    yield ""
    yield f"| day | {base} | {other} |"
    yield "| --- | --- | --- |"
    shared = int(about["place"])
    for day, text in _items(story.baseline[:shared], story.arrived_us):
        yield f"| {day:,.1f} | {text} | the same |"
    yield f"| {about['parted_day']:,.1f} | **lives part** | **lives part** |"
    cells: dict[str, tuple[list[str], list[str]]] = {}
    items = [(day, side, text) for side, life in enumerate((story.baseline, story.challenger))
             for day, text in _items(life[shared:], story.arrived_us)]  # fmt: skip
    items += [(0.0, side, "never comes: no spend of this organisation brings it") for side, arm in
              enumerate(("baseline", "challenger")) if about[f"event_{arm}"] == NEVER_COMES]  # fmt: skip
    for day, side, text in sorted(items, key=lambda item: item[0]):
        cells.setdefault(f"{day:,.1f}", ([], []))[side].append(text)
    for said, (left, right) in cells.items():
        yield f"| {said} | {'; '.join(left)} | {'; '.join(right)} |"
    yield ""
    yield f"**In the end.** {ends(twins, about)}"


def who(story: Story) -> str:
    """Who a told buyer is."""
    about = story.about
    assert about is not None
    return (
        f"Buyer {about['buyer']} of replication {about['replication']}, one of {story.of:,} to choose from: segment "
        f"{words(about['segment'])}, through {words(about['channel'])}; complexity {about['complexity']:.2f} of 1, "
        f"a group of {about['group_size']:.0f}, a deal of {about['deal_value_usd']:,.0f} usd."
    )


def where(twins: Twins, about: Mapping[str, Any]) -> str:
    """Where the lives of a buyer part, a row of ``Twins.divergences``, in two sentences."""
    last = "it arrives" if not about["place"] else f"it {event(about['after'])}"
    sides = []
    for name, arm in ((twins.baseline, "baseline"), (twins.challenger, "challenger")):
        who = f" ({PEOPLE[Role[about[f'role_{arm}'].upper()]]})" if about[f"role_{arm}"] else ""
        sides.append(f"in {words(name)} {happens(str(about[f'event_{arm}']))}{who}")
    return (
        f"On day {about['parted_day']:,.1f}, {words(about['stage'])}; the last thing that both lives share: {last}. "
        f"Then {'; '.join(sides)}."
    )


def why(twins: Twins, about: Mapping[str, Any]) -> str:
    """The mechanism at work where lives part, with its values in both organisations."""
    name = str(about["mechanism"])
    parts = {part.name: part for part in twins.parts}
    through = list(filter(None, about["at_work"].split("+")))
    said = f"{began(at_work(name))}: {meaning(name)}."
    if through:
        pairs = [pair for part in through for pair in parts[part].values.items()]
        keys = [f"{key} is {value(base)} and {value(other)}" for key, (base, other) in pairs]
        said += f" In {words(twins.baseline)} and {words(twins.challenger)}, {', '.join(keys)}."
    if name == EACH_NEEDED:
        said += f" They are {', '.join(map(at_work, through))}."
    if name == NO_SINGLE:
        said += " Several differ in such a way that each opens the gap without the others."
    if about["waiting"]:
        said += " If nobody had to wait for a person who is busy with others, they would not part there."
    return said


def _items(life: np.ndarray, arrived_us: int) -> Iterator[tuple[float, str]]:
    """(day, what happens): what happens at one instant together, reading told as one while nothing else happens."""
    for passive, some in groupby(life, key=lambda happening: (happening["activity"] in _PASSIVE, happening["stage"])):
        events = list(some)
        if passive[0]:
            if text := _reading(events):
                yield (int(events[0]["at"]) - arrived_us) / DAY, text
            continue
        for at, same in groupby(events, key=lambda happening: int(happening["at"])):
            yield (at - arrived_us) / DAY, "; ".join(_event(happening) for happening in same)


def _reading(events: list[np.void]) -> str:
    counts = [
        (names, sum(int(happening["activity"]) == kind for happening in events)) for kind, names in _READING.items()
    ]
    read = [f"{count} {names[count > 1]}" for names, count in counts if count]
    unopened = sum(int(happening["activity"]) == Activity.MAIL_UNOPENED for happening in events)
    topics = dict.fromkeys(
        words(Topic(happening["topic"]).name.lower()) for happening in events if happening["topic"] >= 0
    )
    text = f"reads {', '.join(read)}, about {' and '.join(topics)}" if read else ""
    left = f"leaves {unopened} mail{'s' if unopened > 1 else ''} unopened" if unopened else ""
    return "; ".join(filter(None, (text, left)))


def _event(happening: np.void) -> str:
    text = event(Activity(happening["activity"]).name.lower())
    if happening["activity"] == Activity.STAGE_ENTERED:
        return f"moves on to *{words(Stage(happening['stage']).name.lower())}*"
    if happening["activity"] in BY_WHOM:
        text += f" ({PEOPLE[Role(happening['role'])]})"
    return f"{text}, about {words(Topic(happening['topic']).name.lower())}" if happening["topic"] >= 0 else text


def ends(twins: Twins, about: Mapping[str, Any]) -> str:
    """What became of a buyer in both lives."""
    return " ".join(
        _end(words(name), about, arm) for name, arm in ((twins.baseline, "baseline"), (twins.challenger, "challenger"))
    )


def _end(name: str, about: Mapping[str, Any], arm: str) -> str:
    said = words(str(about[f"outcome_{arm}"]))
    if said == "never came":
        return f"{began(name)}: it never came."
    again, handoffs, caught = (about[f"{what}_{arm}"] for what in ("asked_again", "handoffs", "contradictions"))
    paid = f" for {about[f'value_usd_{arm}']:,.0f} usd" if about[f"won_{arm}"] else ""
    return (
        f"{began(name)}: {said}{paid}; it was {_times(handoffs, 'handed on')}, had to tell again "
        f"{again:.0%} of its history, and {_times(caught, 'caught us contradicting ourselves')}."
    )


def _times(count: float, done: str) -> str:
    often = {0: "", 1: " once", 2: " twice"}.get(round(count), f" {count:,.0f} times")
    return f"{done}{often}" if often else f"never {done}"
