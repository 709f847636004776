"""Events of a buyer's life in plain words."""

from simulator.model.words import Activity, Role
from simulator.questions.frame.coalitions import REST
from simulator.questions.frame.divergence import ARRIVED, EACH_NEEDED, NEVER_COMES, NO_SINGLE, NOTHING
from simulator.questions.frame.numbers import words
from simulator.scenario.mechanisms import Mechanisms

#: What a buyer does, or what is done with it, by the names of the event log; it is the subject.
EVENTS = {
    "read_ours": "reads our content",
    "read_third_party": "reads a third party",
    "read_rival": "reads a rival",
    "read_review": "reads a customer's review",
    "mail_opened": "opens our mail",
    "mail_unopened": "leaves our mail unopened",
    "inquiry": "inquires",
    "hand_raise": "asks for a person",
    "mql": "is passed to sales (MQL)",
    "sal": "is accepted by sales (SAL)",
    "refused": "is refused by sales",
    "call_unanswered": "does not answer our call",
    "conversation": "talks with sales",
    "sql": "qualifies (SQL)",
    "recycled": "goes back to nurture mails",
    "dropped": "is dropped as a lead",
    "owner_assigned": "gets a rep of its own",
    "meeting": "meets its rep",
    "opportunity": "becomes an opportunity",
    "meeting_declined": "declines a meeting",
    "answer": "gets an answer from a person",
    "support": "gets a tailored piece from marketing",
    "stage_entered": "moves on a stage",
    "won": "buys from us",
    "lost": "buys from a rival",
    "no_decision": "gives up: no decision",
    "group_disagreed": "fails to agree in its group",
    "discount_offered": "is offered a discount",
    "project_began": "has a project from now on",
    "project_paused": "lets its project rest",
    "elsewhere": "begins its project elsewhere, without a thought of us",
    "wish_given_up": "gives up waiting for an answer",
    "offer": "has an offer worked on",
    "chose_us": "chooses us, and has the papers checked",
    "deadline": "has until tonight to take our offer",
    "own_piece": "gets a piece that its rep made",
    NOTHING: "nothing happens at this moment",
    NEVER_COMES: "never comes",
    ARRIVED: "arrives",
}

#: Events of which it is told whose they are: the words do not say it.
BY_WHOM = frozenset(
    {Activity.CONVERSATION, Activity.ANSWER, Activity.CALL_UNANSWERED, Activity.SUPPORT, Activity.MEETING_DECLINED}
)

#: One of our people.
PEOPLE = {Role.MARKETER: "a marketer", Role.SDR: "an SDR", Role.REP: "a rep"}

#: What is at work where no single part is.
AT_WORK = {
    EACH_NEEDED: "several, each needed",
    NO_SINGLE: "no single one",
    REST: "everything else",
}


def event(name: str) -> str:
    """An event, with the buyer as subject."""
    return EVENTS[name]


def happens(name: str) -> str:
    """An event as a clause of its own, the buyer being it."""
    return event(name) if name == NOTHING else f"it {event(name)}"


def at_work(name: str) -> str:
    """A mechanism, or what stands for several."""
    return AT_WORK.get(name, words(name))


def meaning(name: str) -> str:
    """What a mechanism is, or what stands for several."""
    fields = Mechanisms.__dataclass_fields__
    if name in fields:
        return str(fields[name].metadata["doc"])
    return {
        EACH_NEEDED: "taking back any one of them alone lets the lives agree there",
        NO_SINGLE: "taking back one of them alone is not enough",
        REST: "what no mechanism owns: people, thresholds, effort",
    }[name]


def value(given: object) -> str:
    """A key's value; an empty one is none."""
    return str(given) if given not in ("", []) else "none"
