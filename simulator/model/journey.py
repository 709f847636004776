"""A buyer's own steps: how it researches, asks, reads, hears, learns, advances and chooses. They read no shared state.

``t`` is the engine's side (``port``); ``b``, ``h`` and ``g`` are the buyer's records (``records``), modified in place.
"""

from simulator.model import attention as noticing
from simulator.model import buyer as buying
from simulator.model import group as grouping
from simulator.model import word_of_mouth as talking
from simulator.model.birth import NEVER_WISHES, set_wish
from simulator.model.compiling import compiled
from simulator.model.content import cell_of
from simulator.model.lead import become_known, consider_passing, heat_up, pass_on
from simulator.model.numerics import NEVER
from simulator.model.port import count, enters, happens, note
from simulator.model.randomness import fixed, luck, of_member
from simulator.model.records import ENDED_AT, TOUCH_MAIL, TOUCH_OURS, TOUCH_PERSON, TOUCH_RIVAL, TOUCH_THIRD_PARTY
from simulator.model.tally import DISAPPOINTED, PLEASED, READS, REVENUE_CENTS
from simulator.model.words import (
    FIRST_TOPIC_ABOUT_US,
    NO_TOPIC,
    NOBODY,
    TOPICS,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Source,
    Stage,
    Topic,
)


@compiled
def research(t, b, h, g, rules, key, now):
    """One step: give up, ask a person, or read; then perhaps move on."""
    if now >= b["give_up_at"] or is_worn_out(b):
        conclude(t, b, h, rules, key, now, Outcome.NO_DECISION)
        return
    stage = b["stage"]
    n = b["step_no"]
    b["step_no"] = n + 1
    if luck(b, key, Decision.DISTRACTION, stage, n) < rules.distraction_chance:
        conclude(t, b, h, rules, key, now, Outcome.NO_DECISION)
        return
    if rules.rivals > 0 and luck(b, key, Decision.RIVAL_ENTERS, stage, n) < rules.rival_entry_chance:
        meet_new_rival(b, rules, key, stage, n)
    if not asks_person(t, b, h, rules, key, now, stage, n):
        read(t, b, h, g, rules, key, now, stage, n)
        advance(t, b, h, g, rules, key, now)
        if b["outcome"] == Outcome.OPEN:
            consider_passing(t, b, rules, key, now)
    if b["outcome"] == Outcome.OPEN:
        gap = buying.step_gap_us(luck(b, key, Decision.STEP_GAP, stage, n), rules.step_days)
        b["step_at"] = max(now, min(now + gap, b["give_up_at"]))


@compiled
def leaves_line(b):
    """Whether a buyer who waits in a line goes: its journey ended, or it was passed on."""
    return b["attention"] == Attention.QUEUED and (b["outcome"] != Outcome.OPEN or b["duty"] != Duty.NONE)


@compiled
def is_worn_out(b):
    """Whether the buyer has decided something as often as a buyer can."""
    return buying.is_worn_out(b["step_no"], b["task_no"], b["mail_no"], b["heat_no"], b["pass_no"])


@compiled
def meet_new_rival(b, rules, key, stage, n):
    """A new rival enters; the best one competes, and it has not been found out."""
    strength = buying.rival_strength(
        luck(b, key, Decision.NEW_RIVAL, stage, n), rules.rival_strength_low, rules.rival_strength_high, 1
    )
    if strength > b["rival_strength"]:
        b["rival_strength"] = strength
        b["rival_found_out"] = 0


@compiled
def asks_person(t, b, h, rules, key, now, stage, n):
    """Ask us for a person, if it wants one; true if somebody will answer and the step is thereby spent."""
    if b["attention"] != Attention.FREE:
        return False
    must = buying.must_meet_rep(
        stage, b["complexity"], rules.self_serve_max_complexity, b["has_met_rep"] != 0
    ) and buying.is_clear(b["uncertainty"], stage, rules.clear_level)
    if not must:
        if b["wish"] == NEVER_WISHES or luck(b, key, Decision.WANTS_PERSON, stage, n) >= b["wish"]:
            return False
    if b["status"] == LeadStatus.ANONYMOUS:
        become_known(t, b, rules, key, now)
    elif b["status"] == LeadStatus.DROPPED:
        b["status"] = LeadStatus.INQUIRY  # a request opens a dropped lead again
    b["hand_raised"] = 1
    b["engagement"] += 1
    heat_up(b, rules, key, now)
    note(t, b, now, Activity.HAND_RAISE, NOBODY, NO_TOPIC)
    if b["status"] == LeadStatus.OWNED or rules.access[stage] != NOBODY:
        b["duty"] = Duty.REQUEST
        b["duty_at"] = now
        return True
    if b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE:
        pass_on(t, b, rules, key, now)
    return False


@compiled
def read(t, b, h, g, rules, key, now, stage, n):
    """Read about the topic that worries most, ours or others'."""
    topic = buying.worst_topic(b["uncertainty"], stage)
    source = buying.source_of(
        luck(b, key, Decision.SOURCE, stage, n),
        b["trust"],
        rules.our_content_share,
        rules.third_party_share,
        rules.rival_content_share,
    )
    use = luck(b, key, Decision.USEFULNESS, stage, n)
    if source == Source.US:
        touched(b, h, TOUCH_OURS)
        b["engagement"] += 1
        checks = luck(b, key, Decision.CHECKS, stage, n) < b["verification"]
        hear(b, h, rules, key, Role.MARKETER, checks, Decision.CONTRADICTS, stage, n)
        cell = cell_of(topic, b["segment"], b["form"])
        count(t, READS + cell, 1)
        learn_from_content(b, h, g, rules, topic, use, rules.relevance * rules.match_all[cell], b["trust"])
        note(t, b, now, Activity.READ_OURS, NOBODY, topic)
        if b["status"] == LeadStatus.ANONYMOUS:
            b["anonymous_left"] -= 1
            if b["anonymous_left"] < 0:
                become_known(t, b, rules, key, now)
    elif source == Source.THIRD_PARTY:
        touched(b, h, TOUCH_THIRD_PARTY)
        if luck(b, key, Decision.CHECKS, stage, n) < b["verification"]:
            b["rival_found_out"] = 1
        if rules.review_chance > 0.0 and luck(b, key, Decision.MEETS_REVIEW, stage, n) < rules.review_chance:
            read_review(b, h, g, rules, luck(b, key, Decision.REVIEW_IS_GOOD, stage, n) < rules.review_good)
            note(t, b, now, Activity.READ_REVIEW, NOBODY, topic)
        else:
            learn_from_content(b, h, g, rules, topic, use, rules.others_relevance, rules.third_party_trust)
            note(t, b, now, Activity.READ_THIRD_PARTY, NOBODY, topic)
    else:
        touched(b, h, TOUCH_RIVAL)
        b["rival_progress"] += buying.rival_advance(use, rules.rival_gain)
        if topic < FIRST_TOPIC_ABOUT_US:
            learn_from_content(b, h, g, rules, topic, use, rules.others_relevance, rules.rival_trust)
        note(t, b, now, Activity.READ_RIVAL, NOBODY, topic)


@compiled
def touched(b, h, kind):
    """Count a touch of this kind in the buyer's present stage."""
    group = b["stage"] >> 1
    h["touches"][kind] += 1
    h["touches_in"][group] += 1
    if kind >= TOUCH_PERSON:
        h["person_touches_in"][group] += 1


@compiled
def read_review(b, h, g, rules, good):
    """A customer's review: a good one speaks of the whole purchase, a bad one costs trust."""
    h["reviews"] += 1
    b["trust"] = talking.trust_after_review(b["trust"], good, rules.trust_pull)
    if good:
        for topic in range(TOPICS):
            learn(b, h, g, rules, topic, rules.review_gain, 0.5, 1.0, rules.third_party_trust, False)


@compiled
def mail(t, b, h, g, rules, key, now):
    """A nurture mail: read or not, it comes again while nobody serves the lead."""
    n = b["mail_no"]
    stage = b["stage"]
    b["mail_no"] = n + 1
    if luck(b, key, Decision.MAIL_OPENED, 0, n) < rules.open_rate * rules.noticed_share * bothered(b, rules, now):
        topic = buying.worst_topic(b["uncertainty"], stage)
        touched(b, h, TOUCH_MAIL)
        b["engagement"] += 1
        heat_up(b, rules, key, now)
        checks = luck(b, key, Decision.MAIL_CHECKS, 0, n) < b["verification"]
        hear(b, h, rules, key, Role.MARKETER, checks, Decision.MAIL_CONTRADICTS, 0, n)
        use = luck(b, key, Decision.MAIL_USEFULNESS, 0, n)
        match = rules.match_all[cell_of(topic, b["segment"], b["form"])]
        learn_from_content(b, h, g, rules, topic, use, rules.mail_relevance * match, b["trust"])
        note(t, b, now, Activity.MAIL_OPENED, NOBODY, topic)
        advance(t, b, h, g, rules, key, now)
        if b["outcome"] == Outcome.OPEN:
            consider_passing(t, b, rules, key, now)
    else:
        note(t, b, now, Activity.MAIL_UNOPENED, NOBODY, NO_TOPIC)
    if b["outcome"] == Outcome.OPEN and (b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE):
        b["duty"] = Duty.NURTURE
        b["duty_at"] = now + rules.mail_every_us


@compiled
def bothered(b, rules, now):
    """How welcome one more message of ours is after those before; from now on it is remembered too."""
    fatigue = noticing.fatigue_after(b["fatigue"], now - b["fatigue_at"], rules.recovery_days)
    b["fatigue"] = fatigue + 1.0
    b["fatigue_at"] = now
    return noticing.welcome(fatigue, rules.fatigue_per_message)


@compiled
def hear(b, h, rules, key, role, checks, decision, stage, n):
    """One of our voices speaks; a buyer who checks what it says may find it contradicted by the others.

    ``decision`` is the luck of that, for the ``n``-th time in ``stage``.
    """
    if checks:
        contradicted = (
            buying.has_heard_others(b["heard"], role) and luck(b, key, decision, stage, n) < rules.contradiction_chance
        )
        b["trust"] = buying.trust_after_check(b["trust"], contradicted, rules.trust_gain, rules.trust_loss)
        if contradicted:
            h["contradictions"] += 1
    b["heard"] |= 1 << role


@compiled
def learn_from_content(b, h, g, rules, topic, use_luck, relevance, believed):
    """Content clears a topic; the less, the more complex the purchase."""
    power = buying.content_power(rules.content_gain, rules.complexity_drag, b["complexity"])
    learn(b, h, g, rules, topic, power, use_luck, relevance, believed, False)


@compiled
def learn(b, h, g, rules, topic, power, use_luck, relevance, believed, by_person):
    """Uncertainty about a topic falls, and with it the doubts of the group."""
    uncertainty = b["uncertainty"][topic]
    effect = buying.effect(
        power,
        buying.usefulness(use_luck, relevance, rules.usefulness_spread),
        believed,
        buying.fit_of_claims(topic, b["fit"], rules.fit_drag),
    )
    after = uncertainty * (1.0 - effect)
    b["uncertainty"][topic] = after
    h["cleared_total"] += uncertainty - after
    if h["members"] > 1:
        for m in range(h["members"]):
            g["doubt"][m] = grouping.doubt_after(
                g["doubt"][m], effect, topic, g["worry"][m], rules.spillover,
                by_person, g["likes_person"][m] != 0, rules.other_form,
            )  # fmt: skip


@compiled
def tailored(h, g, rules, topic):
    """A piece made for one member's question speaks past the others."""
    if h["members"] > 1:
        for m in range(h["members"]):
            g["doubt"][m] = grouping.doubt_after_tailoring(g["doubt"][m], topic, g["worry"][m], rules.split)


@compiled
def advance(t, b, h, g, rules, key, now):
    """Move on while the stage's topics are clear; at the last stage, choose."""
    while b["outcome"] == Outcome.OPEN and buying.is_clear(b["uncertainty"], b["stage"], rules.clear_level):
        if b["stage"] == Stage.MAKING_SELECTION:
            if not buying.must_meet_rep(
                b["stage"], b["complexity"], rules.self_serve_max_complexity, b["has_met_rep"] != 0
            ):
                decide(t, b, h, g, rules, key, now)
            break
        b["stage"] += 1
        b["step_no"] = 0
        set_wish(b, rules)
        enters(t, b, b["stage"], now)
        b["give_up_at"] = now + b["patience_us"]
        note(t, b, now, Activity.STAGE_ENTERED, NOBODY, NO_TOPIC)
    if b["outcome"] == Outcome.OPEN and buying.rival_wins_early(b["rival_progress"], b["stage"]):
        conclude(t, b, h, rules, key, now, Outcome.LOST)


@compiled
def decide(t, b, h, g, rules, key, now):
    """The group agrees and chooses, or falls back on terms."""
    if h["members"] == 1 or group_agrees(b, h, g, rules, key):
        choose(t, b, h, rules, key, now)
    else:
        b["uncertainty"][Topic.TERMS] = grouping.fallen_back(
            b["uncertainty"][Topic.TERMS], rules.clear_level, rules.setback
        )
        note(t, b, now, Activity.GROUP_DISAGREED, NOBODY, Topic.TERMS)


@compiled
def group_agrees(b, h, g, rules, key):
    """Each member votes by its own luck, the same at every vote: doubts have to fall before it changes its mind."""
    h["votes"] += 1
    yes, champion, vote = 0, False, False
    for m in range(h["members"]):
        vote = grouping.votes_yes(of_member(b, key, m, Decision.VOTE), g["doubt"][m])
        if vote:
            yes += 1
        if m == 0:
            champion = vote
    return grouping.agrees(rules.group_rule, yes, h["members"], champion, vote)


@compiled
def choose(t, b, h, rules, key, now):
    """Us or the rival."""
    inflation = 0.0 if b["rival_found_out"] else rules.rival_inflation
    chance = buying.win_probability(
        b["fit"],
        b["trust"],
        rules.trust_weight,
        b["rival_strength"],
        b["rival_progress"],
        inflation,
        rules.choice_sharpness,
    )
    won = rules.rivals == 0 or fixed(b, key, Decision.SELECTION) < chance
    conclude(t, b, h, rules, key, now, Outcome.WON if won else Outcome.LOST)


@compiled
def conclude(t, b, h, rules, key, now, outcome):
    """The journey ends; an owned deal is released as an event of its own, a queue is left by the loop."""
    b["outcome"] = outcome
    happens(t, b, ENDED_AT, now)
    b["step_at"] = NEVER
    if outcome == Outcome.WON:
        note(t, b, now, Activity.WON, NOBODY, NO_TOPIC)
        h["self_served"] = b["status"] != LeadStatus.OWNED
        become_customer(t, b, h, rules, key)
    elif outcome == Outcome.LOST:
        note(t, b, now, Activity.LOST, NOBODY, NO_TOPIC)
    else:
        note(t, b, now, Activity.NO_DECISION, NOBODY, NO_TOPIC)
    if b["status"] == LeadStatus.OWNED:
        b["duty"] = Duty.RELEASE
        b["duty_at"] = now
    else:
        b["duty"] = Duty.NONE
        b["duty_at"] = NEVER


@compiled
def become_customer(t, b, h, rules, key):
    """A customer pays, its channel gets the credit, and it tells others how it was."""
    count(t, REVENUE_CENTS + int(b["channel"]), h["paid_cents"])
    if talking.is_pleased(fixed(b, key, Decision.IS_PLEASED), b["fit"], rules.pleased_fit, rules.pleased_noise):
        count(t, PLEASED, 1)
    else:
        count(t, DISAPPOINTED, 1)
