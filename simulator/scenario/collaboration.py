"""How functions work together: the keys that mechanisms own, each neutral by default."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter

_ANSWERING = ("nobody", "marketer", "sdr")


@dataclass
class Access:
    """Who answers a buyer that asks for a person before a rep owns the account, by stage group."""

    education: str = parameter(
        "marketer", "loosening the status quo, committing to change", choices=_ANSWERING, rule="", mechanism="access"
    )
    solution: str = parameter(
        "sdr", "exploring solutions, committing to a solution", choices=_ANSWERING, rule="", mechanism="access"
    )
    selection: str = parameter(
        "sdr", "justifying the decision, making the selection", choices=_ANSWERING, rule="", mechanism="access"
    )


@dataclass
class Handoff:
    """What happens when the baton passes."""

    routing_hours: float = parameter(
        0.0, "working time until a passed lead is on sales' list", unit="hours", low=0, high=2000,
        rule="routing_minutes", mechanism="speed",
    )  # fmt: skip
    pickup_hours: float = parameter(
        0.0, "mean working time it lies there before anyone takes it up; exponential", unit="hours", low=0, high=2000,
        rule="untrained_pickup_minutes", mechanism="speed",
    )  # fmt: skip
    sla_hours: float = parameter(
        2000.0, "service level: longest working time that a passed lead or a request may wait", unit="hours",
        low=0, high=2000, rule="sla_minutes", mechanism="speed",
    )  # fmt: skip
    request_hours: float = parameter(
        0.0, "median working time until someone turns to a buyer who asked for a person; log-normal", unit="hours",
        low=0, high=2000, mechanism="speed",
    )  # fmt: skip
    request_sigma: float = parameter(
        3.5, "standard deviation of the logarithm of that time", low=0, high=6,
        source="assumption; firms spread from minutes to never: Oldroyd, McElheran and Elkington 2011",
    )  # fmt: skip
    requests_taken: float = parameter(
        1.0, "share of requests that someone turns to at all", low=0, high=1,
        source="23% of firms never answer: Oldroyd, McElheran and Elkington 2011", mechanism="speed",
    )  # fmt: skip
    context_kept: float = parameter(
        1.0, "share of a buyer's history that survives a change of role", low=0, high=1, mechanism="context"
    )


@dataclass
class Consistency:
    """How consistent the voices are."""

    contradiction_chance: float = parameter(
        0.0, "chance that a touch contradicts what another function said before", low=0, high=1, mechanism="consistency"
    )


@dataclass
class Definition:
    """A shared definition of a good lead."""

    agreement: float = parameter(
        1.0, "correlation of both functions' errors about a lead's fit", low=0, high=1,
        rule="untrained_agreement", mechanism="definition",
    )  # fmt: skip


@dataclass
class Recycling:
    """What becomes of refused and quiet leads."""

    share: float = parameter(
        1.0, "share of leads refused or gone quiet that are nurtured again", low=0, high=1,
        rule="recycling_share", mechanism="recycling",
    )  # fmt: skip


@dataclass
class Support:
    """What marketing adds after acceptance; it replaces none of a rep's meetings."""

    share: float = parameter(
        0.0, "share of a rep's meetings after which a marketer makes a piece for the rest of the group", low=0, high=1,
        rule="support_share", mechanism="support",
    )  # fmt: skip


@dataclass
class Coordination:
    """What working together costs."""

    hours_per_teammate_week: float = parameter(
        0.0, "meeting hours per teammate a week, taken from everybody's work", unit="hours/week", low=0, high=40,
        rule="", mechanism="coordination",
    )  # fmt: skip


@dataclass
class Findability:
    """Whether reps find what marketing makes."""

    hit_chance: float = parameter(
        1.0, "share of assets that a rep who searches can find, drawn anew at each review", low=0, high=1,
        mechanism="findability",
    )  # fmt: skip
    search_minutes: float = parameter(
        0.0, "looking for a piece before a meeting", unit="minutes", low=0, high=10_000,
        source="34% of employees look for content 2-5 hours a week, 28% longer: surveys of employees",
        mechanism="findability",
    )  # fmt: skip


@dataclass
class Objections:
    """How much of what people hear from buyers steers what is made next."""

    brief_bits: float = parameter(
        10.0,
        "information in the brief of a new asset: each bit halves the candidates, first for the topic, then for the "
        "segment, then for the format; 10 names them all, 0 is a guess",
        unit="bits", low=0, high=10, rule="untrained_brief_bits", mechanism="objections",
    )  # fmt: skip


@dataclass
class Budget:
    """What steers channel spend at a review. Total spend stays the same."""

    shift: float = parameter(
        0.0, "share of the spend that moves at a review to where the signal points; 0 keeps it", low=0, high=1,
        rule="budget_shift", mechanism="budget",
    )  # fmt: skip
    leads_weight: float = parameter(1.0, "weight of inquiries in the signal", low=0, high=100, mechanism="budget")
    pipeline_weight: float = parameter(0.0, "weight of the value of opportunities", low=0, high=100, mechanism="budget")
    revenue_weight: float = parameter(0.0, "weight of revenue", low=0, high=100, mechanism="budget")
    memory: float = parameter(
        0.8, "share of the signal that is kept from one review to the next", low=0, high=1, rule="budget_memory"
    )


@dataclass
class QuarterEnd:
    """What happens near the end of a quarter."""

    window_days: float = parameter(
        0.0, "days before the end in which reps chase what closes; 0 for never", unit="days", low=0, high=91,
        rule="quarter_window_us", mechanism="quarter_end",
    )  # fmt: skip
    intensity: float = parameter(
        1.0, "how many times as often reps follow up accounts of the last two stages there", low=1, high=20,
        source="three times the wins on the last day of a period: Harvard Business Review",
        rule="quarter_intensity", mechanism="quarter_end",
    )  # fmt: skip
    drop_share: float = parameter(
        0.0, "share of follow-ups to earlier accounts that are put off to the next quarter", low=0, high=1,
        rule="quarter_drop_share", mechanism="quarter_end",
    )  # fmt: skip
    discount: float = parameter(
        0.0, "price cut offered there to accounts of the last two stages", low=0, high=0.9,
        source="mispricing of 6-8% of revenue: Larkin 2014", mechanism="quarter_end",
    )  # fmt: skip
    deadline_share: float = parameter(
        0.0, "share of open offers of the last two stages that get a deadline, the last weekday of a quarter",
        low=0, high=1, mechanism="quarter_end",
    )  # fmt: skip
    deadline_loss: float = parameter(
        0.0, "share of those that are lost there if the buyer is not ready", low=0, high=1, mechanism="quarter_end"
    )
    signing_pull: float = parameter(
        0.0, "share of chosen deals whose signature is brought forward to that day", low=0, high=1,
        mechanism="quarter_end",
    )  # fmt: skip
    discount_pull: float = parameter(
        0.4, "share of the worry about price and terms that the offer takes away", low=0, high=1
    )
    discount_doubt: float = parameter(
        0.05, "share of trust that the offer costs: what was it worth before?", low=0, high=1
    )


@dataclass
class Training:
    """Learning the other side's work by training and shadowing."""

    days: float = parameter(
        0.0, "working days each person spends on it, each time", unit="days", low=0, high=10,
        rule="", mechanism="training",
    )  # fmt: skip
    every_days: float = parameter(
        365.0, "time from one training to the next", unit="days", low=30, high=36_500, rule="training_every_us"
    )
    half_life_days: float = parameter(
        180.0, "time in which half of what was learned is forgotten", unit="days", low=1, high=36_500,
        rule="knowledge_half_life_days",
    )  # fmt: skip
    days_to_learn: float = parameter(
        5.0, "days of training after which 63% of the other side's work is known", unit="days", low=0.1, high=100
    )
    brief_gain_bits: float = parameter(1.0, "bits that full knowledge adds to a brief", unit="bits", low=0, high=10)
    agreement_gain: float = parameter(
        0.3, "share of the missing agreement about leads that full knowledge adds", low=0, high=1
    )
    response_gain: float = parameter(
        0.3, "share of the wait on sales' list that full knowledge takes away", low=0, high=1
    )


@dataclass
class Tilt:
    """One leader favours one function."""

    hours: float = parameter(
        0.0,
        "share of the other function's time that works for the favoured one: above 0 marketers' own work for reps, "
        "below 0 reps' time for marketing",
        low=-0.9, high=0.9, rule="", mechanism="tilt",
    )  # fmt: skip
    hours_use: float = parameter(
        0.5, "what such an hour is worth to the favoured function, in its own hours", low=0, high=1, rule=""
    )
    budget: float = parameter(
        0.0, "share of channel spend that is spent on sales instead, to no effect here", low=0, high=1,
        rule="budget_tilt", mechanism="tilt",
    )  # fmt: skip


@dataclass
class Reorganisation:
    """A change to another organisation of the scenario, with the same people."""

    to: str = parameter("", "name of the organisation whose policies hold afterwards; empty for no change")
    day: float = parameter(
        0.0, "the change comes at the first review from this day on", unit="days", low=0, high=36_500, rule=""
    )
    dip: float = parameter(0.15, "productivity lost at first; falls to 0 in a straight line", low=0, high=0.9, rule="")
    dip_days: float = parameter(90.0, "time until the dip is over", unit="days", low=0, high=3650, rule="")
