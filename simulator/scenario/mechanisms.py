"""The mechanisms: a switch each. The keys that a switch puts at their neutral values say so where they are declared."""

import dataclasses
from dataclasses import dataclass

from simulator.scenario.market import Market
from simulator.scenario.organisation import Organisation
from simulator.scenario.schema import described, parameter


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
    pace: bool = parameter(True, "each buyer moves at a pace of its own")
    office: bool = parameter(True, "buyers act mostly in their office hours")
    projects: bool = parameter(True, "projects begin, pause, go on and run out; who has none is dormant")
    requests: bool = parameter(True, "a request waits, and lets a rival answer first; refusals cost the wish to ask")
    reach: bool = parameter(True, "a call finds who is still at the desk, or still engaged")
    talks: bool = parameter(True, "a talk goes on from worry to worry")
    closing: bool = parameter(True, "offers and signatures take time; dear purchases need a rep")
    group: bool = parameter(True, "a group of people has to agree, and tailoring to one can split it")


def neutral_values(owner: type, switches: type = Mechanisms) -> dict[str, dict[str, object]]:
    """mechanism -> {path below ``owner``: neutral value}, as the parameters there declare it, in the switches' order.

    Raises
    ------
    TypeError
        If a parameter names a mechanism without a switch, or stands where one switch cannot reach it.
    """
    names = [switch.name for switch in dataclasses.fields(switches)]
    owned: dict[str, dict[str, object]] = {name: {} for name in names}
    for path, field in described(owner):
        if mechanism := field.metadata["mechanism"]:
            if mechanism not in names:
                raise TypeError(f"{path} must name a mechanism that has a switch, got {mechanism!r}")
            if "<name>" in path:
                raise TypeError(f"{path} must stand outside of mappings to belong to a mechanism, got {mechanism!r}")
            owned[mechanism][path] = field.metadata["neutral"]
    return {name: values for name, values in owned.items() if values}


#: mechanism -> {path below an organisation: neutral value}. Neutral is frictionless and the same for all.
ORGANISATION_NEUTRAL = neutral_values(Organisation)

#: mechanism -> {path below the market: neutral value}.
MARKET_NEUTRAL = neutral_values(Market)

#: Paths below an organisation that may differ between the shipped organisations.
OWNED_PATHS = frozenset(path for keys in ORGANISATION_NEUTRAL.values() for path in keys)
