"""The mechanisms: a switch each. The keys that a switch puts at their neutral values say so where they are declared."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from simulator.scenario.market import Market
from simulator.scenario.organisation import Organisation
from simulator.scenario.schema import described, parameter


def switch(doc: str, off: str) -> Any:
    """A field that switches a mechanism: what it is, and what holds while it is off, at its neutral values."""
    return dataclasses.field(default=True, metadata={**parameter(True, doc).metadata, "off": off})


@dataclass
class Mechanisms:
    """Switches: true leaves each organisation its own values, false puts every organisation at the neutral value."""

    access: bool = switch(
        "may a person serve a buyer who asks for one before the handoff",
        off="marketers answer in the first two stages and SDRs in the other four, everywhere",
    )
    context: bool = switch(
        "history kept at a handoff; re-asking costs minutes of the talk and the wish to go on",
        off="the next person knows all that the buyer has told",
    )
    consistency: bool = switch("a touch may contradict what another function said", off="nobody contradicts anybody")
    definition: bool = switch(
        "how far both functions err alike about a lead's fit", off="marketing and sales misjudge a lead in the same way"
    )
    speed: bool = switch(
        "routing, pick-up and service level of passed leads; requests that wait or are forgotten",
        off="a lead or a request waits only for people to be free, and none is forgotten",
    )
    recycling: bool = switch(
        "a refused or quiet lead is nurtured again rather than dropped",
        off="every refused or quiet lead is nurtured again",
    )
    support: bool = switch(
        "marketing adds pieces for the rest of the group after a rep's meetings, and replaces none of them",
        off="marketing makes nothing for open deals",
    )
    coordination: bool = switch("meeting hours taken from work", off="nobody meets")
    rivals: bool = switch(
        "rivals inform, advance, enter and are compared with us",
        off="there are no rivals: a buyer that chooses, chooses us",
    )
    findability: bool = switch(
        "reps search for a piece, and make their own when they find none", off="reps find all there is at once"
    )
    objections: bool = switch(
        "how much of what people hear steers what content is made next",
        off="each new asset answers a question that people heard",
    )
    budget: bool = switch(
        "channel spend follows leads, pipeline or revenue at reviews", off="each channel keeps its spend"
    )
    quarter_end: bool = switch(
        "near a quarter's end reps chase what closes, cut prices and set deadlines",
        off="the end of a quarter is a day like any other",
    )
    training: bool = switch("days spent learning the other side's work; what is learned decays", off="nobody trains")
    tilt: bool = switch(
        "one leader favours one function's hours or budget",
        off="no leader favours a side, as in all shipped organisations",
    )
    attention: bool = switch(
        "others' messages bury ours, and many of ours tire a buyer",
        off="nobody else writes, and our messages do not tire",
    )
    word_of_mouth: bool = switch("customers' reviews reach later buyers, good and bad", off="nobody reads reviews")
    pace: bool = switch("each buyer moves at a pace of its own", off="all buyers move at one pace")
    office: bool = switch("buyers act mostly in their office hours", off="buyers act at any hour")
    projects: bool = switch(
        "projects begin, pause, go on and run out; who has none is dormant",
        off="all buyers have a project when they come; it does not pause, and patience begins anew at each stage",
    )
    requests: bool = switch(
        "a request waits, and lets a rival answer first; refusals cost the wish to ask",
        off="a request waits for ever and costs nothing, and at the step at which it asks a buyer does not read",
    )
    reach: bool = switch(
        "a call finds who is still at the desk, or still engaged",
        off="there is no desk to leave, and a call finds every buyer at first",
    )
    talks: bool = switch("a talk goes on from worry to worry", off="a talk is about one worry")
    closing: bool = switch(
        "offers and signatures take time; dear purchases need a rep",
        off="offers and signatures take no time, and no price needs a rep",
    )
    group: bool = switch("a group of people has to agree, and tailoring to one can split it", off="one person decides")


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
