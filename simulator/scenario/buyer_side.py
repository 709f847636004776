"""How buyers live: their pace and hours, projects, requests and talks, and what it takes to close."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Pace:
    """How fast a buyer moves: a factor on the time between its steps, on its patience and until it is distracted."""

    spread: float = parameter(
        1.3, "standard deviation of the logarithm of a buyer's pace, whose median is 1", low=0, high=3,
        source="assumption; log-normal shapes of sales cycles", rule="pace_spread", mechanism="pace", neutral=0.0,
    )  # fmt: skip


@dataclass
class OfficeHours:
    """When a buyer acts: mostly in office hours of its own, Monday to Friday."""

    share: float = parameter(
        0.8, "share of a buyer's steps that wait for its next office hours if they would fall outside", low=0, high=1,
        rule="office_share", mechanism="office", neutral=0.0,
    )  # fmt: skip
    opens_hour: float = parameter(
        9.0, "start of its working day, in our time", unit="hours", low=0, high=20, rule="office_opens_us"
    )
    hours: float = parameter(8.0, "length of its working day", unit="hours", low=0.1, high=20, rule="office_window_us")
    spread_hours: float = parameter(
        2.0, "its day opens up to so much earlier or later: time zones, habits; uniform", unit="hours", low=0, high=4,
        rule="office_spread_us",
    )  # fmt: skip


@dataclass
class Projects:
    """A project is a need with a date. Who has none is dormant: it reads little, and remembers us less and less."""

    share: float = parameter(
        0.22, "chance that a buyer has a project when it comes, times its channel's factor", low=0, high=1,
        source="80-90% of leads have no immediate need: trade press; 95% of buyers are out of the market at a time: "
        "Dawes 2021", rule="project_share", mechanism="projects", neutral=1.0,
    )  # fmt: skip
    starts_per_year: float = parameter(
        0.67, "rate at which who has no project gets one", unit="1/year", low=0.001, high=100,
        source="most buyers without a need now buy the category later: trade press", rule="projects_per_year",
    )  # fmt: skip
    pauses_per_year: float = parameter(
        0.7, "rate at which a project pauses, at a pace of 1", unit="1/year", low=0, high=100,
        source="assumption; 86% of complex purchases stall at least once: Forrester 2024", mechanism="projects",
        neutral=0.0,
    )  # fmt: skip
    pause_days: float = parameter(
        60.0, "mean time until it goes on, at a pace of 1; exponential", unit="days", low=0.01, high=3650
    )
    memory_days: float = parameter(
        120.0,
        "time after the last touch at which 63% of buyers no longer think of us when a project begins or goes on",
        unit="days", low=0.1, high=36_500,
    )  # fmt: skip
    found_chance: float = parameter(
        0.14, "chance that such a buyer looks us up after all; else its project ends elsewhere", low=0, high=1
    )
    asks_chance: float = parameter(
        0.14, "chance that a buyer without a project asks for a person when it comes", low=0, high=1
    )
    pieces_mean: float = parameter(
        1.2, "mean pieces of ours beyond the first that such a buyer reads when it comes", unit="pieces", low=0, high=4
    )


@dataclass
class Requests:
    """A buyer's request for a person: one at a time, it waits, and is given up."""

    patience_days: float = parameter(
        4.0, "median time for which a request waits before the buyer gives the wish up; log-normal, 0 for ever",
        unit="days", low=0, high=3650, rule="request_patience_days", mechanism="requests", neutral=0.0,
    )  # fmt: skip
    patience_sigma: float = parameter(
        1.0, "standard deviation of the logarithm of a request's patience", low=0, high=3, rule="request_patience_sigma"
    )
    refusal_cost: float = parameter(
        0.5, "taken off the logit of asking, for good, by a refusal or no answer", low=0, high=20, mechanism="requests",
        neutral=0.0,
    )  # fmt: skip
    repeat_cost: float = parameter(
        0.2,
        "taken off the logit of asking, for good, by having to tell a whole history again",
        low=0,
        high=20,
        mechanism="requests",
        neutral=0.0,
    )
    rival_progress: float = parameter(
        0.15, "progress of a rival who answers while requests wait or are refused: the most by all of them together",
        low=0, high=1, rule="rival_answers", mechanism="requests", neutral=0.0,
    )  # fmt: skip
    rival_hours: float = parameter(
        8.0,
        "wait after which 63% of `rival_progress` is made",
        unit="hours",
        low=0.01,
        high=10_000,
        rule="rival_answer_hours",
    )
    reads_on: bool = parameter(
        True, "whether a buyer reads at a step at which it asks", mechanism="requests", neutral=False
    )
    stuck_chance: float = parameter(
        0.5, "chance to ask at a step of who cannot finish without a rep", low=0, high=1, mechanism="requests",
        neutral=1.0,
    )  # fmt: skip


@dataclass
class Reach:
    """Whether a call finds the buyer, by the time since its last sign of interest."""

    desk_chance: float = parameter(
        0.75, "chance to find it at once, at the desk where it just read or asked", low=0, high=1, mechanism="reach",
        neutral=0.0,
    )  # fmt: skip
    desk_half_life_hours: float = parameter(
        0.25, "time in which half of them have left the desk", unit="hours", low=0.001, high=1000,
        source="the odds to reach a lead fall about tenfold within the first hour: Oldroyd 2007",
    )  # fmt: skip
    lead_chance: float = parameter(
        0.1, "chance to find a scored lead that has left its desk, at first", low=0, high=1, mechanism="reach",
        neutral=1.0,
    )  # fmt: skip
    request_chance: float = parameter(
        0.5,
        "chance to find who asked for a person and has left the desk, at first",
        low=0,
        high=1,
        mechanism="reach",
        neutral=1.0,
    )
    half_life_days: float = parameter(
        8.0, "time in which half of unserved buyers are no longer engaged", unit="days", low=1e-4, high=36_500
    )


@dataclass
class Talks:
    """What an hour with a person does: one worry after the other, as long as minutes and usefulness last."""

    gain_per_hour: float = parameter(
        1.8, "rate at which a fully useful talk takes a worry away; 0: a talk is about one worry (`person_gain`)",
        unit="1/hour", low=0, high=20, rule="talk_gain_per_hour", mechanism="talks", neutral=0.0,
    )  # fmt: skip
    least_use: float = parameter(
        0.2, "use below which a talk goes on to nothing more", low=0, high=1, rule="talk_least_use"
    )
    use_spread: float = parameter(
        0.4, "spread of a talk's use from worry to worry: uniform within this share of its mean", low=0, high=1,
        rule="talk_use_spread",
    )  # fmt: skip
    trust_floor: float = parameter(
        0.4, "share of a talk's use that needs no trust in us", low=0, high=1, rule="talk_trust_floor"
    )


@dataclass
class Closing:
    """What it takes to make an offer and to sign, and who can buy without a rep."""

    offer_days: float = parameter(
        15.0, "median time from the first meeting to an offer, at a factor of 1; log-normal: proposal, terms, approval",
        unit="days", low=0, high=365, rule="offer_days", mechanism="closing", neutral=0.0,
    )  # fmt: skip
    offer_sigma: float = parameter(0.7, "standard deviation of its logarithm", low=0, high=3)
    sign_days: float = parameter(
        2.6, "median time from the choice to the signature, at a factor of 1; log-normal: legal, procurement",
        unit="days", low=0, high=365, mechanism="closing", neutral=0.0,
    )  # fmt: skip
    sign_sigma: float = parameter(0.8, "standard deviation of its logarithm", low=0, high=3)
    simple_factor: float = parameter(0.35, "factor on both times at complexity 0", low=0, high=10)
    complex_factor: float = parameter(1.65, "factor on both times at complexity 1", low=0, high=10)
    by_value: float = parameter(
        0.15, "both times grow with the deal's value, over `simple_max_value_usd`, to this power", low=0, high=1
    )
    simple_max_complexity: float = parameter(
        0.3, "purchases up to this complexity can be offered and signed in the first talk", low=0, high=1
    )
    simple_max_value_usd: float = parameter(
        15_000.0, "if their value is not above this either", unit="usd", low=1, high=1e9, rule="simple_max_value_usd"
    )
    self_serve_max_value_usd: float = parameter(
        6000.0, "greatest value of a purchase that can be finished without a rep; 1e9 for no limit",
        unit="usd", low=0, high=1e9, source="5 thousand dollars is a usual border of self-service: trade press",
        mechanism="closing", neutral=1e9,
    )  # fmt: skip
