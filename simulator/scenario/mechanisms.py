"""The mechanisms: a switch each, the keys each owns, and the neutral value every key takes when it is off."""

from dataclasses import dataclass

from simulator.scenario.schema import parameter


@dataclass
class Mechanisms:
    """Switches: true leaves each organisation its own values, false puts every organisation at the neutral value."""

    access: bool = parameter(True, "may a person serve a buyer who asks for one before the handoff")
    context: bool = parameter(True, "history kept at a handoff; re-asking burns time and patience")
    consistency: bool = parameter(True, "a touch may contradict what another function said")
    definition: bool = parameter(True, "how far both functions err alike about a lead's fit")
    speed: bool = parameter(True, "routing delay, pick-up and service level")
    recycling: bool = parameter(True, "a refused or quiet lead is nurtured again rather than dropped")
    support: bool = parameter(True, "marketing's share of touches after acceptance")
    coordination: bool = parameter(True, "meeting hours taken from work")
    rivals: bool = parameter(True, "rivals inform, advance, enter and are compared with us")
    findability: bool = parameter(True, "reps search for a piece, and make their own when they find none")
    objections: bool = parameter(True, "how much of what people hear steers what content is made next")
    budget: bool = parameter(True, "channel spend follows leads, pipeline or revenue at reviews")
    quarter_end: bool = parameter(True, "near a quarter's end reps chase what closes, and offer discounts")
    training: bool = parameter(True, "days spent learning the other side's work; what is learned decays")
    tilt: bool = parameter(True, "one leader favours one function's hours or budget")
    attention: bool = parameter(True, "others' messages bury ours, and many of ours tire a buyer")
    word_of_mouth: bool = parameter(True, "customers' reviews reach later buyers, good and bad")
    group: bool = parameter(True, "a group of people has to agree, and tailoring to one can split it")


#: mechanism -> {path below an organisation: neutral value}. Neutral is frictionless and the same for all.
ORGANISATION_NEUTRAL: dict[str, dict[str, object]] = {
    "access": {"access.education": "marketer", "access.solution": "sdr", "access.selection": "sdr"},
    "context": {"handoff.context_kept": 1.0},
    "consistency": {"consistency.contradiction_chance": 0.0},
    "definition": {"definition.agreement": 1.0},
    "speed": {"handoff.routing_hours": 0.0, "handoff.pickup_hours": 0.0, "handoff.sla_hours": 2000.0},
    "recycling": {"recycling.share": 1.0},
    "support": {"support.share": 0.0},
    "coordination": {"coordination.hours_per_teammate_week": 0.0},
    "findability": {"findability.hit_chance": 1.0, "findability.search_minutes": 0.0},
    "objections": {"objections.brief_bits": 10.0},
    "budget": {
        "budget.shift": 0.0,
        "budget.leads_weight": 1.0,
        "budget.pipeline_weight": 0.0,
        "budget.revenue_weight": 0.0,
    },
    "quarter_end": {
        "quarter_end.window_days": 0.0,
        "quarter_end.intensity": 1.0,
        "quarter_end.drop_share": 0.0,
        "quarter_end.discount": 0.0,
    },
    "training": {"training.days": 0.0},
    "tilt": {"tilt.hours": 0.0, "tilt.budget": 0.0},
}

#: mechanism -> {path below the market: neutral value}.
MARKET_NEUTRAL: dict[str, dict[str, object]] = {
    "rivals": {"rivals.count": 0, "rivals.content_share": 0.0, "rivals.entries_per_year": 0.0},
    "attention": {"attention.messages_per_day": 0.0, "attention.fatigue_per_message": 0.0},
    "word_of_mouth": {"word_of_mouth.base_chance": 0.0, "word_of_mouth.imitation": 0.0},
    "group": {"group.size_simple": 1, "group.size_complex": 1},
}

#: Paths below an organisation that may differ between the shipped organisations.
OWNED_PATHS = frozenset(path for keys in ORGANISATION_NEUTRAL.values() for path in keys)
