"""What we choose: people, policies and the quality of their working together. No code asks which one it is."""

from dataclasses import dataclass, field

from simulator.scenario.collaboration import (
    Access,
    Budget,
    Consistency,
    Coordination,
    Definition,
    Findability,
    Handoff,
    Objections,
    QuarterEnd,
    Recycling,
    Reorganisation,
    Support,
    Tilt,
    Training,
)
from simulator.scenario.content import Content, Nurture
from simulator.scenario.schema import parameter


@dataclass
class RoleSpec:
    """One function's people."""

    headcount: int = parameter(1, "people in this role", unit="people", low=0, high=5000, rule="")
    pay_usd_per_year: float = parameter(
        100_000.0, "cost of one person a year", unit="usd/year", low=0, high=1e7, rule=""
    )
    skill: float = parameter(1.0, "selling skill: factor on what a talk achieves", low=0, high=3)
    own_work_share: float = parameter(
        0.0,
        "share of working time, after meetings, that other duties take: campaigns, content, research, administration",
        low=0, high=0.95,
        source="a rep spends 34-41% of its time selling: surveys of sales people; other roles: assumption", rule="",
    )  # fmt: skip


def _marketer() -> RoleSpec:
    return RoleSpec(headcount=3, pay_usd_per_year=95_000.0, skill=0.6, own_work_share=0.75)


def _sdr() -> RoleSpec:
    return RoleSpec(headcount=2, pay_usd_per_year=82_000.0, skill=0.7)


def _rep() -> RoleSpec:
    return RoleSpec(headcount=4, pay_usd_per_year=190_000.0, skill=1.0, own_work_share=0.6)


@dataclass
class Roles:
    """Headcount, pay and skill. Pay: SDR 77-87, AE 180-250 thousand USD (compensation surveys)."""

    marketer: RoleSpec = field(default_factory=_marketer)
    sdr: RoleSpec = field(default_factory=_sdr)
    rep: RoleSpec = field(default_factory=_rep)


@dataclass
class Team:
    """A part of the organisation that serves some segments with its own people (a pod)."""

    segments: list[str] = parameter(list, "segments it serves")
    marketers: int = parameter(0, "its marketers", unit="people", low=0, rule="")
    sdrs: int = parameter(0, "its SDRs", unit="people", low=0, rule="")
    reps: int = parameter(0, "its reps", unit="people", low=0, rule="")


@dataclass
class Calendar:
    """When people work. Day 0 of a run is a Monday; the clock has no holidays and no time zones."""

    always_on: bool = parameter(False, "work day and night, every day of the week", rule="")
    opens_hour: float = parameter(9.0, "start of the working day", unit="hours", low=0, high=24, rule="")
    closes_hour: float = parameter(17.0, "end of the working day", unit="hours", low=0, high=24, rule="")

    def days_a_week(self) -> int:
        """Working days of a week."""
        return 7 if self.always_on else 5

    def hours_a_day(self) -> float:
        """Length of a working day, meetings included."""
        return 24.0 if self.always_on else self.closes_hour - self.opens_hour


@dataclass
class Scoring:
    """When marketing passes an inquiry on."""

    threshold: float = parameter(
        0.85, "score from which an inquiry is passed on as MQL", low=-100, high=100,
        source="most inquiries are passed on early, as 61-64% of firms do: marketing surveys", rule="score_threshold",
    )  # fmt: skip
    engagement_weight: float = parameter(0.03, "score per touch with us", low=0, high=100)
    judgement_noise: float = parameter(0.2, "standard deviation of either function's view of fit", low=0, high=10)


@dataclass
class Sales:
    """How leads are worked."""

    accept_threshold: float = parameter(0.6, "judged fit from which sales accepts an MQL", low=-100, high=100)
    hand_raise_bonus: float = parameter(
        0.2, "added to marketing's score of a buyer who asks for a person", low=0, high=100
    )
    qualify_threshold: float = parameter(
        0.41, "judged fit, after a talk, from which a lead is an SQL", low=-100, high=100
    )
    talk_noise: float = parameter(0.1, "standard deviation of the view of fit after a talk", low=0, high=10)
    attempts: int = parameter(3, "most calls before an unanswered lead is given up", low=1, high=100)
    retry_chance: float = parameter(
        0.4, "chance that a lead who was not reached is called again at all", low=0, high=1,
        source="assumption; 1.3 calls on average: vendor study",
    )  # fmt: skip
    retry_days: float = parameter(2.0, "time between calls", unit="days", low=0, high=365, rule="retry_us")
    follow_up_days: float = parameter(
        9.7, "time between a rep's touches with an owned account", unit="days", low=0.01, high=365, rule="follow_up_us"
    )
    receptive_bonus: float = parameter(
        2.0, "added to the logit of preferring a person when a rep proposes a meeting", low=-20, high=20
    )
    max_open_deals: int = parameter(
        20, "accounts one rep can own at a time", low=1, high=100_000, source="10-21 open deals per AE: benchmarks"
    )
    silent_follow_ups: int = parameter(
        4, "unanswered touches in a row after which a rep gives an account up", low=1, high=1000
    )


@dataclass
class Effort:
    """Minutes of people's time. Means; the spread is one number."""

    review_minutes: float = parameter(
        10.0, "looking at a lead before a call or a refusal", unit="minutes", low=0, high=10_000
    )
    unanswered_minutes: float = parameter(10.0, "a call that nobody answers", unit="minutes", low=0, high=10_000)
    qualify_minutes: float = parameter(
        30.0, "a qualifying conversation with its notes", unit="minutes", low=0, high=10_000
    )
    discovery_minutes: float = parameter(
        20.0,
        "finding out a buyer's history from nothing: so much less of a talk, half of it at most, is of use",
        unit="minutes",
        low=0,
        high=10_000,
    )
    answer_minutes: float = parameter(
        30.0, "answering a buyer who asked before the handoff", unit="minutes", low=0, high=10_000
    )
    meeting_minutes: float = parameter(42.0, "a rep's meeting", unit="minutes", low=0, high=10_000)
    preparation_minutes: float = parameter(110.0, "preparing it", unit="minutes", low=0, high=10_000)
    offer_minutes: float = parameter(180.0, "an offer: proposal, terms, approval", unit="minutes", low=0, high=10_000)
    mail_minutes: float = parameter(
        10.0, "a rep's mail to a buyer who declines to meet", unit="minutes", low=0, high=10_000
    )
    support_minutes: float = parameter(
        30.0, "a marketer's piece for the rest of a buying group", unit="minutes", low=0, high=10_000
    )
    spread: float = parameter(
        0.3, "coefficient of variation: 0 fixed, 1 exponential", low=0, high=1, rule="effort_spread"
    )


@dataclass
class Organisation:
    """What we choose."""

    description: str = parameter("", "one line for tables and reports")
    roles: Roles = field(default_factory=Roles)
    teams: dict[str, Team] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    scoring: Scoring = field(default_factory=Scoring)
    handoff: Handoff = field(default_factory=Handoff)
    access: Access = field(default_factory=Access)
    sales: Sales = field(default_factory=Sales)
    effort: Effort = field(default_factory=Effort)
    content: Content = field(default_factory=Content)
    nurture: Nurture = field(default_factory=Nurture)
    consistency: Consistency = field(default_factory=Consistency)
    definition: Definition = field(default_factory=Definition)
    recycling: Recycling = field(default_factory=Recycling)
    support: Support = field(default_factory=Support)
    coordination: Coordination = field(default_factory=Coordination)
    findability: Findability = field(default_factory=Findability)
    objections: Objections = field(default_factory=Objections)
    budget: Budget = field(default_factory=Budget)
    quarter_end: QuarterEnd = field(default_factory=QuarterEnd)
    training: Training = field(default_factory=Training)
    tilt: Tilt = field(default_factory=Tilt)
    reorganisation: Reorganisation = field(default_factory=Reorganisation)
    review_days: float = parameter(
        30.0, "time between reviews, at which slow state changes", unit="days", low=1, high=3650, rule="review_us"
    )
