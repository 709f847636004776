"""What a person and a buyer do when they talk: find out, bring a piece, and go through its worries.

``t`` is the engine's side (``port``); ``b``, ``h`` and ``g`` are the buyer's records (``records``), modified in place.
"""

from simulator.model import buyer as buying
from simulator.model import content as library
from simulator.model import people as working
from simulator.model.choosing import advance
from simulator.model.compiling import compiled
from simulator.model.journey import cleared, hear, learn, tailored, touched
from simulator.model.lead import (
    lose_wish,
    show_interest,
)
from simulator.model.numerics import microseconds_of_minutes
from simulator.model.port import count, happens, note
from simulator.model.randomness import luck
from simulator.model.records import FIRST_CONTACT_AT, TOUCH_PERSON
from simulator.model.tally import HEARD, OWN_PIECES, SEARCH_US, USES
from simulator.model.words import NOBODY, TOPICS, Activity, Decision, Role


@compiled
def hand_over(b, h, rules, role):
    """What the counterpart does not know must be found out: minutes of the talk, and some of the wish to go on."""
    if b["last_role"] != NOBODY and b["last_role"] != role:
        h["handoffs"] += 1
        b["known"] = working.context_after_handoff(b["known"], rules.context_kept, b["last_role"], role)
    again = working.asked_again(b["told"], b["known"])
    h["asked_again"] += again
    lose_wish(b, rules, rules.repeat_cost * again)
    b["minutes"] = buying.useful_minutes(b["minutes"], b["known"], rules.discovery_minutes)
    b["last_role"] = role
    b["told"] = b["known"] = 1.0


@compiled
def bring_piece(t, b, h, rules, role, now):
    """The piece for a talk about what worries the buyer now, and the minutes that it costs to have one.

    Marketers know the library. An SDR takes what can be found at once. A rep looks for an asset, and makes a piece of
    its own if none is useful.
    """
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    cell = library.cell_of(topic, b["segment"], b["form"])
    b["piece_topic"] = topic
    b["piece_is_own"] = 0
    if role == Role.MARKETER:
        b["piece"] = rules.match_all[cell]
        return 0.0
    useful = rules.found_asset[cell] >= 0 and rules.match_found[cell] >= rules.useful_match
    if useful:
        count(t, USES + cell, 1)
        b["piece"] = rules.match_found[cell]
    else:
        b["piece"] = rules.generic_match
    if role == Role.SDR:
        return 0.0
    count(t, SEARCH_US, microseconds_of_minutes(rules.search_minutes))
    if useful:
        return rules.search_minutes
    count(t, OWN_PIECES, 1)
    h["own_pieces"] += 1
    b["piece_is_own"] = 1
    note(t, b, now, Activity.OWN_PIECE, b["owner"], topic)
    b["piece"] = rules.own_piece_match
    return rules.search_minutes + rules.own_piece_minutes


@compiled
def talk(t, b, h, g, rules, key, p, role, now, activity):
    """A person speaks with the buyer, which is a sign of interest too; without a project it has no worries to clear."""
    stage, n = b["task_stage"], b["task_no"] - 1
    if h["touches"][TOUCH_PERSON] + h["touches"][TOUCH_PERSON + 1] + h["touches"][TOUCH_PERSON + 2] == 0:
        h["cleared_before_person"] = h["cleared_total"]
    happens(t, b, FIRST_CONTACT_AT, b["began_at"])
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    touched(b, h, TOUCH_PERSON + role)
    b["engagement"] += 1
    show_interest(b, now)
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, key, role, checks, Decision.TALK_CONTRADICTS, stage, n)
    note(t, b, now, activity, p, topic)
    if b["project"] == 0 or b["chosen"]:
        count(t, HEARD + library.cell_of(topic, b["segment"], b["form"]), 1)
        return
    if rules.talk_gain_per_hour > 0.0:
        work_through(t, b, h, rules, key, role)
    else:
        speak_of(t, b, h, rules, key, role, topic)
    if b["piece_is_own"]:
        tailored(h, g, rules, b["piece_topic"])
    advance(t, b, h, g, rules, key, now)


@compiled
def speak_of(t, b, h, rules, key, role, topic):
    """A talk about one worry."""
    count(t, HEARD + library.cell_of(topic, b["segment"], b["form"]), 1)
    use = luck(b, key, Decision.TALK_USEFULNESS, b["task_stage"], b["task_no"] - 1)
    learn(b, h, rules, topic, rules.person_gain * rules.skill[role], use, relevance_for(b, rules, topic), b["trust"])


@compiled
def work_through(t, b, h, rules, key, role):
    """A talk about one open worry after the other, also of stages to come, while minutes are left and it is of use."""
    left = b["minutes"]
    for topic in range(buying.first_topic(b["stage"]), TOPICS):
        uncertainty = b["uncertainty"][topic]
        if uncertainty <= rules.clear_level:
            continue
        use = buying.talk_use(
            luck(b, key, Decision.TALK_USEFULNESS, topic, b["task_no"] - 1),
            rules.skill[role],
            relevance_for(b, rules, topic),
            b["trust"],
            buying.fit_of_claims(topic, b["fit"], rules.fit_drag),
            rules.talk_use_spread,
            rules.talk_trust_floor,
        )
        if left <= 0.0 or use < rules.talk_least_use:
            return
        count(t, HEARD + library.cell_of(topic, b["segment"], b["form"]), 1)
        needed = buying.minutes_to_clear(uncertainty, rules.clear_level, use, rules.talk_gain_per_hour)
        if needed <= left:
            cleared(b, h, topic, rules.clear_level)
        else:
            cleared(b, h, topic, buying.uncertainty_after_talk(uncertainty, left, use, rules.talk_gain_per_hour))
        left -= needed


@compiled
def relevance_for(b, rules, topic):
    """Use of a talk for a worry, with the piece that was brought, or with general ones."""
    match = b["piece"] if topic == b["piece_topic"] else rules.generic_match
    return library.talk_relevance(rules.piece_share, match)
