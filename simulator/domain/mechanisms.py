"""The mechanisms: a switch each, the keys each owns, and the neutral value every key takes when it is off."""

from dataclasses import dataclass

from simulator.domain.schema import parameter


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
}

#: mechanism -> {path below the market: neutral value}.
MARKET_NEUTRAL: dict[str, dict[str, object]] = {
    "rivals": {"rivals.count": 0, "rivals.content_share": 0.0, "rivals.entries_per_year": 0.0},
}

#: Paths below an organisation that may differ between the shipped organisations.
OWNED_PATHS = frozenset(path for keys in ORGANISATION_NEUTRAL.values() for path in keys)
