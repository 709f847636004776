"""A life as lines of a story: what matters has a line of its own, and what repeats itself between is told together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.model.numerics import DAY_US, HOUR_US, MINUTE_US
from simulator.model.words import NO_TOPIC, Activity, Outcome, Role, Stage, Topic
from simulator.questions.frame.numbers import listed, words
from simulator.questions.lives import wording
from simulator.questions.lives.wording import Kind, Words
from simulator.questions.lives.work import Life, minutes_of

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Event:
    """One event in words.

    Attributes
    ----------
    place : in its life, from 0 on.
    at : microseconds of the run.
    activity, person : as in the log.
    clause : what happened, without a full stop.
    alone : whether it has a line of its own, or shares one with what happens at the same instant.
    before : how often the same happened before.
    """

    place: int
    at: int
    activity: int
    person: int
    clause: str
    alone: bool
    before: int

    @property
    def words(self) -> Words:
        """How its activity is told."""
        return wording.of(self.activity)


@dataclass(frozen=True)
class Line:
    """One line of a story: when, what, and the places in its life of the events that it tells."""

    when: str
    said: str
    places: tuple[int, ...]


# --- single events ----------------------------------------------------------------------------------------------------


def told(life: Life, people: NDArray[np.int64]) -> list[Event]:
    """Every event of a life in words, in order."""
    counts: Counter[tuple[int, int]] = Counter()
    waiting: dict[int, int] = {}
    events = []
    for place, row in enumerate(life.events):
        at, activity, person = int(row["at"]), int(row["activity"]), int(row["person"])
        how = wording.of(activity)
        since = next((after for after in how.since if after in waiting), None)
        began = "went on" if counts[Activity.PROJECT_PAUSED, 0] else "began"
        clause = _clause(how.one, life, row, people, began)
        if since is not None:
            clause += f", {span(at - waiting[since])} {how.since[since]}"
        if how.settles:
            waiting.clear()
        waiting[activity] = at
        key = (activity, person if how.by_person else 0)
        events.append(Event(place, at, activity, person, clause, counts[key] < how.alone, counts[key]))
        counts[key] += 1
    return events


def _clause(one: str, life: Life, row: Any, people: NDArray[np.int64], began: str) -> str:
    topic = int(row["topic"])
    return one.format(
        who=who(int(row["person"]), people),
        about="" if topic == NO_TOPIC else f" about {wording.said(wording.TOPICS, Topic, topic)}",
        stage=wording.said(wording.STAGES, Stage, int(row["stage"])),
        began=began,
        paid=f" for {life.about['paid_cents'] / 100:,.0f} usd",
    )


def who(person: int, people: NDArray[np.int64]) -> str:
    """One of our people, by the number that the event log has."""
    return "somebody of ours" if person < 0 else f"{wording.said(wording.ROLES, Role, int(people[person]))} {person}"


# --- lines ------------------------------------------------------------------------------------------------------------


def lines(life: Life, people: NDArray[np.int64]) -> list[Line]:
    """A life in lines; every event is told in one of them, and the last one says how it stood at the end."""
    found = []
    for events in _together(told(life, people)):
        when = period(events[0].at, events[-1].at, life)
        if any(event.alone for event in events):
            said = " ".join(wording.sentence(event.clause) for event in events)
        else:
            said = _folded(events, people)
        found.append(Line(when, said, tuple(event.place for event in events)))
    if life.outcome == Outcome.OPEN:
        found.append(Line(moment(life.end_us, life), "We look no further. It has not decided yet.", ()))
    return found


def _together(events: Sequence[Event]) -> Iterator[list[Event]]:
    """Events of each line: those of one instant that stand alone, and all that repeat themselves between.

    What happens at the instant of something that stands alone stands with it; only what is read then does not: it led
    to it if it came before, and is told before.
    """
    others: list[Event] = []
    for _, same in groupby(events, key=lambda event: event.at):
        now = list(same)
        if not any(event.alone for event in now):
            others += now
            continue
        alone = [event for event in now if event.alone or event.words.alone]
        before = [event for event in now if event not in alone and event.place < alone[-1].place]
        if others + before:
            yield others + before
        yield alone
        others = [event for event in now if event not in alone and event.place > alone[-1].place]
    if others:
        yield others


def _folded(events: Sequence[Event], people: NDArray[np.int64]) -> str:
    """What repeated itself, in as few sentences as it takes."""
    pieces = [event for event in events if event.words.pieces]
    clauses = [_pieces(pieces)] if pieces else []
    groups: dict[tuple[int, int], list[Event]] = {}
    for event in sorted(events, key=lambda event: wording.place(event.activity)):
        if not event.words.pieces:
            key = (event.activity, event.person if event.words.by_person else 0)
            groups.setdefault(key, []).append(event)
    clauses += [_group(group, people) for group in groups.values()]
    return " ".join(map(wording.sentence, clauses))


def _pieces(events: Sequence[Event]) -> str:
    """What was read, and whose it was."""
    if len(events) == 1:
        return events[0].clause
    whose = Counter(event.words.pieces for event in sorted(events, key=lambda event: wording.place(event.activity)))
    if len(whose) == 1:
        return f"It read {len(events):,} pieces {events[0].words.pieces}"
    each = [f"{number:,} {whom}" for whom, number in whose.items()]
    return f"It read {len(events):,} pieces, {listed(each)}"


def _group(events: Sequence[Event], people: NDArray[np.int64]) -> str:
    """Events of one activity as a clause."""
    first, how = events[0], events[0].words
    persons = list(dict.fromkeys(event.person for event in events))
    times = wording.often(len(events), more=first.before > 0)
    if len(events) == 1 and "{times}" not in how.many:
        return first.clause
    plain = how.many or f"{how.one} {{times}}"
    return plain.format(who=_those(persons, people), times=times, n=len(events), about="", stage="", began="", paid="")


def _those(persons: Sequence[int], people: NDArray[np.int64]) -> str:
    """One or two of our people by name, more of them by their number."""
    if len(persons) < 3:
        return listed([who(person, people) for person in persons])
    return f"{len(persons)} of us"


# --- times ------------------------------------------------------------------------------------------------------------


def day_of(at_us: int, life: Life) -> int:
    """Days of the calendar since the buyer came."""
    return at_us // DAY_US - life.arrived_us // DAY_US


def moment(at_us: int, life: Life) -> str:
    """day 34, Tuesday 10:40; the day on which it came is day 0."""
    minutes = at_us % DAY_US // MINUTE_US
    return f"day {day_of(at_us, life):,}, {_WEEKDAYS[at_us // DAY_US % 7]} {minutes // 60:02d}:{minutes % 60:02d}"


def period(first_us: int, last_us: int, life: Life) -> str:
    """days 3 to 41, or the moment if there is only one."""
    if first_us == last_us:
        return moment(first_us, life)
    first, last = day_of(first_us, life), day_of(last_us, life)
    if first == last:
        return f"day {first:,}, {_WEEKDAYS[first_us // DAY_US % 7]}"
    return f"days {first:,} to {last:,}"


def span(us: int) -> str:
    """How long something took: minutes, hours or days, as one would say it."""
    for unit, size, least in (("day", DAY_US, 2 * DAY_US), ("hour", HOUR_US, 1.5 * HOUR_US)):
        if us >= least:
            number = us / size
            said = f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:,.0f}"
            return f"{said} {unit}s"
    minutes = us // MINUTE_US
    return "at once" if not minutes else f"{minutes} minute{'s' if minutes > 1 else ''}"


# --- before and after -------------------------------------------------------------------------------------------------


def title(life: Life) -> str:
    """Who it is and what became of it, in one line."""
    return f"segment {words(life.about['segment'])}, through {words(life.about['channel'])}: {ending(life)}"


def ending(life: Life) -> str:
    """bought from us on day 132."""
    return f"{wording.said(wording.OUTCOMES, Outcome, life.outcome)} on day {day_of(life.end_us, life):,}"


def who_it_is(life: Life) -> str:
    """What the buyer wants to buy, how well we fit and who decides."""
    about = life.about
    members = int(about["members"])
    deciding = f"{members} people decide" if members > 1 else "one person decides"
    purchase, fits = (
        wording.third(about["complexity"], wording.COMPLEXITIES),
        wording.third(about["fit"], wording.FITS),
    )
    return (
        f"{purchase} (complexity {about['complexity']:.2f} of 1) worth {about['value_cents'] / 100:,.0f} usd; {fits} "
        f"({about['fit']:.2f} of 1); {deciding}."
    )


def in_sum(life: Life, people: NDArray[np.int64]) -> str:
    """What it came to: reading, requests, talks, and what it cost us."""
    kinds = Counter(wording.of(int(activity)).kind for activity in life.events["activity"])
    ours, others, asked = kinds[Kind.READS_OURS], kinds[Kind.READS_OTHERS], kinds[Kind.ASKS]
    said = [
        _reading(ours, others),
        f"It asked for a person {wording.often(asked)}." if asked else "It never asked for a person.",
        *_talks(life, people),
    ]
    worked = [
        f"{wording.said(wording.ROLES, Role, role)}s {minutes:,.0f}"
        for role, minutes in enumerate(minutes_of(life))
        if minutes >= 0.5
    ]
    if worked:
        said.append(f"Our people spent {sum(minutes_of(life)):,.0f} minutes on it ({', '.join(worked)}).")
    if caught := int(life.about["contradictions"]):
        said.append(f"It caught us contradicting ourselves {wording.often(caught)}.")
    return " ".join(said)


def _reading(ours: int, others: int) -> str:
    """How much it read, and how much of that was ours."""
    if ours + others == 1:
        return f"In all it read one piece, {'ours' if ours else 'none of ours'}."
    return f"In all it read {ours + others:,} pieces, {ours:,} of them ours."


def _talks(life: Life, people: NDArray[np.int64]) -> Iterator[str]:
    """How soon we spoke with it, how often, and how many of us."""
    first = int(life.about["first_contact_at"])
    if first < 0:
        yield "Nobody of ours ever spoke with it."
        return
    if life.known_us >= 0:
        yield f"We first spoke with it {span(max(0, first - life.known_us))} after it made itself known."
    talks = [int(row["person"]) for row in life.events if wording.of(int(row["activity"])).kind == Kind.TALK]
    with_whom = sorted(set(talks))
    if talks:
        persons = f"{len(with_whom)} of us" if len(with_whom) > 2 else listed([who(one, people) for one in with_whom])
        yield wording.sentence(f"{persons} talked with it {wording.often(len(talks))}")
