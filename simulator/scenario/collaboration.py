"""How functions work together: the keys that mechanisms own, each neutral by default."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Access:
    """Who answers a buyer that asks for a person before a rep owns the account, by stage group."""

    education: str = parameter(
        "marketer", "loosening the status quo, committing to change", choices=("nobody", "marketer", "sdr")
    )
    solution: str = parameter(
        "sdr", "exploring solutions, committing to a solution", choices=("nobody", "marketer", "sdr")
    )
    selection: str = parameter(
        "sdr", "justifying the decision, making the selection", choices=("nobody", "marketer", "sdr")
    )


@dataclass
class Handoff:
    """What happens when the baton passes."""

    routing_hours: float = parameter(
        0.0, "working time until a passed lead is on sales' list", unit="hours", low=0, high=2000
    )
    pickup_hours: float = parameter(
        0.0, "mean working time it lies there before anyone takes it up; exponential", unit="hours", low=0, high=2000
    )
    sla_hours: float = parameter(
        2000.0, "service level: longest working time it may lie there", unit="hours", low=0, high=2000
    )
    context_kept: float = parameter(
        1.0, "share of a buyer's history that survives a change of role or owner", low=0, high=1
    )


@dataclass
class Consistency:
    """How consistent the voices are."""

    contradiction_chance: float = parameter(
        0.0, "chance that a touch contradicts what another function said before", low=0, high=1
    )


@dataclass
class Definition:
    """A shared definition of a good lead."""

    agreement: float = parameter(1.0, "correlation of both functions' errors about a lead's fit", low=0, high=1)


@dataclass
class Recycling:
    """What becomes of refused and quiet leads."""

    share: float = parameter(1.0, "share of leads refused or gone quiet that are nurtured again", low=0, high=1)


@dataclass
class Support:
    """Marketing's part after acceptance."""

    share: float = parameter(0.0, "share of follow-ups to owned accounts that a marketer takes", low=0, high=1)


@dataclass
class Coordination:
    """What working together costs."""

    hours_per_teammate_week: float = parameter(
        0.0, "meeting hours per teammate a week, taken from everybody's work", unit="hours/week", low=0, high=40
    )


@dataclass
class Findability:
    """Whether reps find what marketing makes."""

    hit_chance: float = parameter(
        1.0, "share of assets that a rep who searches can find, drawn anew at each review", low=0, high=1
    )
    search_minutes: float = parameter(
        0.0,
        "looking for a piece before a meeting",
        unit="minutes",
        low=0,
        high=10_000,
        source="34% of employees look for content 2-5 hours a week, 28% longer: surveys of employees",
    )


@dataclass
class Objections:
    """How much of what people hear from buyers steers what is made next."""

    brief_bits: float = parameter(
        10.0,
        "information in the brief of a new asset: each bit halves the candidates, first for the topic, then for the "
        "segment, then for the format; 10 names them all, 0 is a guess",
        unit="bits",
        low=0,
        high=10,
    )


@dataclass
class Budget:
    """What steers channel spend at a review. Total spend stays the same."""

    shift: float = parameter(
        0.0, "share of the spend that moves at a review to where the signal points; 0 keeps it", low=0, high=1
    )
    leads_weight: float = parameter(1.0, "weight of inquiries in the signal", low=0, high=100)
    pipeline_weight: float = parameter(0.0, "weight of the value of opportunities", low=0, high=100)
    revenue_weight: float = parameter(0.0, "weight of revenue", low=0, high=100)
    memory: float = parameter(0.8, "share of the signal that is kept from one review to the next", low=0, high=1)


@dataclass
class QuarterEnd:
    """What happens near the end of a quarter."""

    window_days: float = parameter(
        0.0, "days before the end in which reps chase what closes; 0 for never", unit="days", low=0, high=91
    )
    intensity: float = parameter(
        1.0,
        "how many times as often reps follow up accounts of the last two stages there",
        low=1,
        high=20,
        source="three times the wins on the last day of a period: Harvard Business Review",
    )
    drop_share: float = parameter(
        0.0, "share of follow-ups to earlier accounts that are put off to the next quarter", low=0, high=1
    )
    discount: float = parameter(
        0.0,
        "price cut offered there to accounts of the last two stages",
        low=0,
        high=0.9,
        source="mispricing of 6-8% of revenue: Larkin 2014",
    )
    discount_pull: float = parameter(
        0.4, "share of the worry about price and terms that the offer takes away", low=0, high=1
    )
    discount_doubt: float = parameter(
        0.05, "share of trust that the offer costs: what was it worth before?", low=0, high=1
    )


@dataclass
class Training:
    """Learning the other side's work by training and shadowing."""

    days: float = parameter(0.0, "working days each person spends on it, each time", unit="days", low=0, high=10)
    every_days: float = parameter(365.0, "time from one training to the next", unit="days", low=30, high=36_500)
    half_life_days: float = parameter(
        180.0, "time in which half of what was learned is forgotten", unit="days", low=1, high=36_500
    )
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
        low=-0.9,
        high=0.9,
    )
    hours_use: float = parameter(
        0.5, "what such an hour is worth to the favoured function, in its own hours", low=0, high=1
    )
    budget: float = parameter(
        0.0, "share of channel spend that is spent on sales instead, to no effect here", low=0, high=1
    )


@dataclass
class Reorganisation:
    """A change to another organisation of the scenario, with the same people."""

    to: str = parameter("", "name of the organisation whose policies hold afterwards; empty for no change")
    day: float = parameter(
        0.0, "the change comes at the first review from this day on", unit="days", low=0, high=36_500
    )
    dip: float = parameter(0.15, "productivity lost at first; falls to 0 in a straight line", low=0, high=0.9)
    dip_days: float = parameter(90.0, "time until the dip is over", unit="days", low=0, high=3650)
