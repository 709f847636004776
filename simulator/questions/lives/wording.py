"""How what happens to a buyer is said: one table for activities, small ones for what their sentences name.

A sentence is in the past tense and says who acts; *it* is the buyer. Whatever the model has and a table lacks is said
by its name, so that nothing that happened stays untold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any

from simulator.model.words import Activity, Outcome, Role, Stage, Topic
from simulator.questions.frame.numbers import began, words


class Kind(Enum):
    """What an event is to somebody who looks at a life from afar; its value is how a figure explains it."""

    READS_OURS = "reads our content"
    READS_OTHERS = "reads others' content"
    MAIL = "a mail goes out"
    ASKS = "asks for a person"
    TALK = "a person talks with it"
    TRY = "we try in vain to talk"
    SENDS = "a piece made for it"
    REFUSED = "we refuse or drop it"
    DEAL = "a deal opens, a discount"
    STEP = "moves on"
    END = "ends"
    OTHER = "something else"


@dataclass(frozen=True)
class Words:
    """How an activity is told.

    Attributes
    ----------
    one : a sentence without its full stop. ``{who}`` is the person, ``{about}`` the topic (" about the price"),
        ``{stage}`` what the buyer does in its stage, ``{began}`` whether its project began or went on, ``{paid}`` what
        a customer paid (" for 9,000 usd").
    many : of several, ``{n}`` or ``{times}`` of them; by itself the first sentence with the number behind it.
    kind : how a figure marks it.
    alone : how many of a life have a line of their own; further ones are told together with others.
    by_person : whether these are counted for each person.
    pieces : of content, whose it is; all pieces are told in one sentence.
    since : how the time is said that has passed since an earlier event, the first in order that still waits.
    settles : whether nothing waits any longer.
    """

    one: str
    many: str = ""
    kind: Kind = Kind.STEP
    alone: int = 2
    by_person: bool = False
    pieces: str = ""
    since: Mapping[Activity, str] = field(default_factory=dict)
    settles: bool = False


#: A life has fewer events than this: each is told alone.
_ALWAYS = 1 << 30

_ANSWERING = {
    Activity.HAND_RAISE: "after it had asked",
    Activity.MQL: "after marketing had passed it on",
    Activity.INQUIRY: "after it had made itself known",
}
_LOOKING = {Activity.MQL: "after marketing had passed it on", Activity.HAND_RAISE: "after it had asked"}


def _read(one: str, pieces: str, kind: Kind) -> Words:
    return Words(f"It read {one}{{about}}", kind=kind, alone=0, pieces=pieces)


def _talk(one: str, many: str) -> Words:
    return Words(one, many, Kind.TALK, alone=1, by_person=True, since=_ANSWERING, settles=True)


#: Every activity in words; a test misses none.
TOLD: Mapping[Activity, Words] = {
    Activity.READ_OURS: _read("a piece of ours", "of ours", Kind.READS_OURS),
    Activity.READ_THIRD_PARTY: _read("a third party's piece", "of third parties", Kind.READS_OTHERS),
    Activity.READ_RIVAL: _read("a rival's piece", "of rivals", Kind.READS_OTHERS),
    Activity.READ_REVIEW: _read("a customer's review", "by customers of ours", Kind.READS_OTHERS),
    Activity.MAIL_OPENED: Words("It opened a mail of ours", "It opened {n} mails of ours", Kind.MAIL, 0),
    Activity.MAIL_UNOPENED: Words(
        "It left a mail of ours unopened", "It left {n} mails of ours unopened", Kind.MAIL, 0
    ),
    Activity.INQUIRY: Words("It made itself known to us", kind=Kind.STEP),
    Activity.HAND_RAISE: Words("It asked for a person", "It asked for a person {times}", Kind.ASKS),
    Activity.MQL: Words("Marketing passed it to sales (MQL)", "Marketing passed it to sales {times}"),
    Activity.SAL: Words("{who} accepted it (SAL)"),
    Activity.REFUSED: Words("{who} refused it", "{who} refused it {times}", Kind.REFUSED, since=_LOOKING, settles=True),
    Activity.CALL_UNANSWERED: Words(
        "{who} tried to reach it in vain", "{who} tried to reach it in vain {times}", Kind.TRY, 1, since=_ANSWERING
    ),
    Activity.CONVERSATION: _talk("{who} called it and talked{about}", "{who} called it and talked {times}"),
    Activity.SQL: Words("Sales found it worth a rep's time (SQL)"),
    Activity.RECYCLED: Words(
        "Sales gave it back to marketing's mails", "Sales gave it back to marketing's mails {times}", Kind.REFUSED
    ),
    Activity.DROPPED: Words("Sales dropped it", "Sales dropped it {times}", Kind.REFUSED),
    Activity.OWNER_ASSIGNED: Words("{who} took it over"),
    Activity.MEETING: _talk("{who} met it and talked{about}", "{who} met it {times}"),
    Activity.OPPORTUNITY: Words("{who} opened a deal (opportunity)", kind=Kind.DEAL, alone=_ALWAYS),
    Activity.MEETING_DECLINED: Words(
        "It declined a meeting with {who}", "It declined a meeting with {who} {times}", Kind.TRY, 1
    ),
    Activity.ANSWER: _talk("{who} answered it and talked{about}", "{who} answered it {times}"),
    Activity.SUPPORT: Words(
        "{who} sent it a piece made for it{about}",
        "{who} sent it {n} pieces made for it",
        Kind.SENDS,
        1,
        by_person=True,
    ),
    Activity.STAGE_ENTERED: Words("It began to {stage}", alone=_ALWAYS),
    Activity.WON: Words("It bought from us{paid}", kind=Kind.END, alone=_ALWAYS),
    Activity.LOST: Words("It bought from a rival", kind=Kind.END, alone=_ALWAYS),
    Activity.NO_DECISION: Words("It gave up and bought nothing", kind=Kind.END, alone=_ALWAYS),
    Activity.GROUP_DISAGREED: Words(
        "Its buying group voted and did not agree", "Its buying group voted {times} and did not agree"
    ),
    Activity.DISCOUNT_OFFERED: Words("{who} offered it a discount", kind=Kind.DEAL, alone=_ALWAYS),
    Activity.PROJECT_BEGAN: Words("Its project {began}, and it thought of us", kind=Kind.STEP, alone=_ALWAYS),
    Activity.PROJECT_PAUSED: Words("Its project was put on hold", kind=Kind.STEP, alone=_ALWAYS),
    Activity.ELSEWHERE: Words("Its project {began}, and it did not think of us", kind=Kind.END, alone=_ALWAYS),
    Activity.WISH_GIVEN_UP: Words(
        "It gave up waiting for our answer",
        "It gave up waiting for our answer {times}",
        Kind.TRY,
        since={Activity.HAND_RAISE: "after it had asked"},
        settles=True,
    ),
    Activity.OFFER: Words("{who} worked on an offer", kind=Kind.DEAL, alone=_ALWAYS),
    Activity.CHOSE_US: Words("It chose us; papers went to legal and procurement", kind=Kind.DEAL, alone=_ALWAYS),
    Activity.DEADLINE: Words("Our offer got a deadline: the end of the quarter", kind=Kind.DEAL, alone=_ALWAYS),
    Activity.OWN_PIECE: Words(
        "{who} made a piece for it{about}", "{who} made {n} pieces for it", Kind.SENDS, 1, by_person=True
    ),
}

_PLACES: Mapping[int, int] = {int(activity): place for place, activity in enumerate(TOLD)}

#: What a buyer does in a stage.
STAGES: Mapping[Stage, str] = {
    Stage.LOOSENING_STATUS_QUO: "doubt its present way",
    Stage.COMMITTING_TO_CHANGE: "ask why it should change now",
    Stage.EXPLORING_SOLUTIONS: "explore solutions",
    Stage.COMMITTING_TO_SOLUTION: "settle on a solution",
    Stage.JUSTIFYING_DECISION: "weigh price and risk",
    Stage.MAKING_SELECTION: "settle terms and choose a vendor",
}

#: What a talk or a piece is about.
TOPICS: Mapping[Topic, str] = {
    Topic.WHY_CHANGE: "why to change",
    Topic.WHY_NOW: "why now",
    Topic.APPROACH: "the right approach",
    Topic.INTEGRATION: "integration",
    Topic.WHY_US: "why us",
    Topic.PRICE: "the price",
    Topic.RISK: "the risk",
    Topic.TERMS: "the terms",
}

ROLES: Mapping[Role, str] = {Role.MARKETER: "marketer", Role.SDR: "SDR", Role.REP: "rep"}

#: How a life stood at the end, as the end of a sentence that begins with the buyer.
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.OPEN: "still undecided",
    Outcome.WON: "bought from us",
    Outcome.LOST: "bought from a rival",
    Outcome.NO_DECISION: "bought nothing",
    Outcome.ELSEWHERE: "went elsewhere",
}

#: Below a third, below two thirds, above.
COMPLEXITIES = ("A simple purchase", "A fairly complex purchase", "A very complex purchase")
FITS = ("our offer fits it badly", "our offer fits it partly", "our offer fits it well")


def of(activity: int) -> Words:
    """How an activity is told; one that the table lacks by its name."""
    numbers: Mapping[Any, Words] = TOLD  # an IntEnum is its number
    return numbers.get(activity) or Words(f"This happened: {name(Activity, activity)}", kind=Kind.OTHER, alone=1)


def place(activity: int) -> int:
    """Where an activity stands in what is told together: as the table has it, others last."""
    return _PLACES.get(activity, len(_PLACES))


def said(table: Mapping[Any, str], kind: type[IntEnum], number: int) -> str:
    """What a table says of a number; its name if the table lacks it."""
    return table.get(number) or name(kind, number)


def name(kind: type[IntEnum], number: int) -> str:
    """The name of a number of an enumeration; the number itself if it has none."""
    try:
        return words(kind(number).name.lower())
    except ValueError:
        return f"number {number}"


def third(share: float, of_three: tuple[str, str, str]) -> str:
    """The word for a share of 1: for the lowest, the middle or the highest third."""
    return of_three[min(2, max(0, int(3 * share)))]


def often(n: int, *, more: bool = False) -> str:
    """How often something happened; ``more`` if it had happened before."""
    times = {1: "once", 2: "twice"}.get(n, f"{n:,} times")
    if not more:
        return times
    return f"{times} more" if n < 3 else f"{n:,} more times"


def sentence(clause: str) -> str:
    """A clause as a sentence."""
    return f"{began(clause)}."
