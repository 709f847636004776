"""The words of the model as enumerations: stages, topics, outcomes, roles, duties, activities.

Every enumeration is an ``IntEnum`` so that both engines, the tables and the reader share one spelling.
Values are stored in arrays and used as keys of random streams: append, never renumber.
"""

from enum import IntEnum


class Stage(IntEnum):
    """Stages of the buyer (SiriusDecisions): education, solution and selection, two each."""

    LOOSENING_STATUS_QUO = 0
    COMMITTING_TO_CHANGE = 1
    EXPLORING_SOLUTIONS = 2
    COMMITTING_TO_SOLUTION = 3
    JUSTIFYING_DECISION = 4
    MAKING_SELECTION = 5


STAGES = 6


class StageGroup(IntEnum):
    """Pairs of stages that a touch policy speaks of."""

    EDUCATION = 0
    SOLUTION = 1
    SELECTION = 2


class Topic(IntEnum):
    """What a buyer can be uncertain about."""

    WHY_CHANGE = 0
    WHY_NOW = 1
    APPROACH = 2
    INTEGRATION = 3
    WHY_US = 4
    PRICE = 5
    RISK = 6
    TERMS = 7


TOPICS = 8

#: First topic of each stage, and one past the last: a stage is cleared when its topics are clear.
STAGE_TOPICS = (
    (Topic.WHY_CHANGE,),
    (Topic.WHY_NOW,),
    (Topic.APPROACH,),
    (Topic.INTEGRATION, Topic.WHY_US),
    (Topic.PRICE, Topic.RISK),
    (Topic.TERMS,),
)
FIRST_TOPIC = tuple(int(topics[0]) for topics in STAGE_TOPICS) + (TOPICS,)
#: The same in one number, four bits a stage: kernels read it faster than a tuple.
FIRST_TOPIC_NIBBLES = sum(topic << 4 * stage for stage, topic in enumerate(FIRST_TOPIC))

#: From this topic on a topic is about us, not about the buyer's problem or the category.
FIRST_TOPIC_ABOUT_US = int(Topic.INTEGRATION)


#: Stage of each topic.
STAGE_OF_TOPIC = tuple(stage for stage, topics in enumerate(STAGE_TOPICS) for _ in topics)


class Format(IntEnum):
    """Forms of a piece of content; each buyer likes one best."""

    ARTICLE = 0
    CASE_STUDY = 1
    CALCULATOR = 2
    VIDEO = 3


FORMATS = 4


class Aspect(IntEnum):
    """What a brief can name, in the order in which its bits are spent."""

    TOPIC = 0
    SEGMENT = 1
    FORMAT = 2


class GroupRule(IntEnum):
    """Who has to agree in a buying group."""

    UNANIMOUS = 0
    MAJORITY = 1
    CHAMPION = 2


class Outcome(IntEnum):
    """How a journey ends; ``OPEN`` at the end of follow-up is censored, ``ELSEWHERE`` a project we never hear of."""

    OPEN = 0
    WON = 1
    LOST = 2
    NO_DECISION = 3
    ELSEWHERE = 4


class LeadStatus(IntEnum):
    """Where the vendor's waterfall stands with a buyer."""

    ANONYMOUS = 0
    INQUIRY = 1
    MQL = 2
    SQL = 3
    OWNED = 4
    NURTURE = 5
    DROPPED = 6


class Role(IntEnum):
    """The vendor's people; also the function that speaks (content speaks with marketing's voice)."""

    MARKETER = 0
    SDR = 1
    REP = 2


ROLES = 3
NOBODY = -1
NO_TOPIC = -1


class Source(IntEnum):
    """Whose content a buyer reads."""

    US = 0
    THIRD_PARTY = 1
    RIVAL = 2


class EventKind(IntEnum):
    """Kinds of events in their order at one instant: reviews first, then (kind, actor id)."""

    REVIEW = 0
    FINISH = 1
    DUTY = 2
    STEP = 3


class Duty(IntEnum):
    """What we owe a buyer next."""

    NONE = 0
    ROUTE = 1
    REQUEST = 2
    FOLLOW_UP = 3
    NURTURE = 4
    RELEASE = 5
    SUPPORT = 6
    SIGN = 7
    DEADLINE = 8


class Attention(IntEnum):
    """Whether one of our people has to do with a buyer at this moment."""

    FREE = 0
    QUEUED = 1
    SERVED = 2


#: What an engine has to do next for a buyer, which a handler returns in place of a line that the buyer shall join.
NOTHING, SEEK_OWNER, RELEASE_OWNER = -1, -2, -3


class Task(IntEnum):
    """What a person does for a buyer."""

    QUALIFY = 0
    ANSWER = 1
    MEET = 2
    SUPPORT = 3


class TaskResult(IntEnum):
    """What a task turned out to be when a person took it up."""

    REFUSED = 0
    UNANSWERED = 1
    TALKED = 2
    DECLINED = 3
    SENT = 4


class Activity(IntEnum):
    """Rows of the event log."""

    READ_OURS = 0
    READ_THIRD_PARTY = 1
    READ_RIVAL = 2
    MAIL_OPENED = 3
    MAIL_UNOPENED = 4
    INQUIRY = 5
    HAND_RAISE = 6
    MQL = 7
    SAL = 8
    REFUSED = 9
    CALL_UNANSWERED = 10
    CONVERSATION = 11
    SQL = 12
    RECYCLED = 13
    DROPPED = 14
    OWNER_ASSIGNED = 15
    MEETING = 16
    OPPORTUNITY = 17
    MEETING_DECLINED = 18
    ANSWER = 19
    SUPPORT = 20
    STAGE_ENTERED = 21
    WON = 22
    LOST = 23
    NO_DECISION = 24
    READ_REVIEW = 25
    GROUP_DISAGREED = 26
    DISCOUNT_OFFERED = 27
    OWN_PIECE = 28
    PROJECT_BEGAN = 29
    PROJECT_PAUSED = 30
    ELSEWHERE = 31
    WISH_GIVEN_UP = 32
    OFFER = 33
    CHOSE_US = 34
    DEADLINE = 35


class Decision(IntEnum):
    """Meanings of random numbers: the ``decision`` field of a stream's counter (8 bits)."""

    ARRIVAL_GAP = 0
    SEGMENT = 1
    COMPLEXITY = 2
    DEAL_VALUE = 3
    FIT = 4
    PATIENCE = 5
    VERIFICATION = 6
    PREFERENCE = 7
    REP_FREE = 8
    ANONYMITY = 9
    KNOWLEDGE = 10
    RIVAL_STRENGTH = 11
    STEP_GAP = 12
    DISTRACTION = 13
    WANTS_PERSON = 14
    SOURCE = 15
    USEFULNESS = 16
    CHECKS = 17
    CONTRADICTS = 18
    RIVAL_ENTERS = 19
    NEW_RIVAL = 20
    SELECTION = 21
    COOLING = 22
    MARKETING_VIEW = 23
    SALES_VIEW = 24
    PICKUP = 25
    QUALIFICATION = 26
    RECYCLING = 27
    NURTURE_GAP = 28
    MAIL_OPENED = 29
    MAIL_USEFULNESS = 30
    MAIL_CHECKS = 31
    MAIL_CONTRADICTS = 32
    SERVICE_TIME = 33
    RECEPTIVE = 34
    TALK_USEFULNESS = 35
    TALK_CHECKS = 36
    TALK_CONTRADICTS = 37
    SUPPORTS = 38
    RIVAL_FOUND_OUT = 39
    FORMAT = 40
    THINNING = 41
    MEETS_REVIEW = 42
    REVIEW_IS_GOOD = 43
    IS_PLEASED = 44
    MEMBER_DOUBT = 45
    MEMBER_WORRY = 46
    MEMBER_FORM = 47
    VOTE = 48
    PUT_OFF = 49
    ASSET_TARGET = 50
    ASSET_HIT = 51
    ASSET_GUESS = 52
    ASSET_QUALITY = 53
    ASSET_FOUND = 54
    ASSET_AGE = 55
    READY = 56
    PACE = 57
    OFFICE_OPENS = 58
    OFFICE_HOURS = 59
    HAS_PROJECT = 60
    PROJECT_BEGINS = 61
    PROJECT_PAUSES = 62
    PROJECT_RESUMES = 63
    REMEMBERS_US = 64
    LOOKS_US_UP = 65
    ASKS_WITHOUT_PROJECT = 66
    READS_WITHOUT_PROJECT = 67
    DISTRACTED_AFTER = 68
    REQUEST_PATIENCE = 69
    REQUEST_TAKEN = 70
    REQUEST_DELAY = 71
    REACHED = 72
    CALLED_AGAIN = 73
    OFFER_TIME = 74
    SIGNING_TIME = 75
    ATTENDS = 76
    DEADLINE_SET = 77
    DEADLINE_LOSES = 78
    ARRIVES_IN_OFFICE = 79
