"""A buyer's own steps, compiled: private handlers that read no shared state. Names as in the reference engine.

``b`` is the buyer's record of ``STATE_DTYPE``, ``h`` its record of ``HISTORY_DTYPE``; both are modified in place.
"""

from simulator.behaviour import buyer as buying
from simulator.behaviour.numerics import NEVER, logistic
from simulator.compiling import compiled
from simulator.domain.words import (
    FIRST_TOPIC_ABOUT_US,
    NOBODY,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Source,
    Stage,
)
from simulator.engines.compiled.lead import become_known, consider_passing, heat_up, pass_on
from simulator.engines.compiled.state import fixed, luck, note
from simulator.engines.report import TOUCH_MAIL, TOUCH_OURS, TOUCH_RIVAL, TOUCH_THIRD_PARTY

_NO_TOPIC = -1


@compiled
def research(b, h, rules, key, now, log, tally):
    """One step: give up, ask a person, or read; then perhaps move on."""
    if now >= b["give_up_at"]:
        conclude(b, h, now, log, tally, Outcome.NO_DECISION)
        return
    stage = b["stage"]
    n = b["step_no"]
    b["step_no"] = n + 1
    if luck(b, key, Decision.DISTRACTION, stage, n) < rules.distraction_chance:
        conclude(b, h, now, log, tally, Outcome.NO_DECISION)
        return
    if rules.rivals > 0 and luck(b, key, Decision.RIVAL_ENTERS, stage, n) < rules.rival_entry_chance:
        meet_new_rival(b, rules, key, stage, n)
    if not asks_person(b, h, rules, key, now, log, tally, stage, n):
        read(b, h, rules, key, now, log, tally, stage, n)
        advance(b, h, rules, key, now, log, tally)
        if b["outcome"] == Outcome.OPEN:
            consider_passing(b, h, rules, key, now, log, tally)
    if b["outcome"] == Outcome.OPEN:
        gap = buying.step_gap_us(luck(b, key, Decision.STEP_GAP, stage, n), rules.step_days)
        b["step_at"] = max(now, min(now + gap, b["give_up_at"]))


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
def asks_person(b, h, rules, key, now, log, tally, stage, n):
    """Ask us for a person, if it wants one; true if somebody will answer and the step is thereby spent."""
    if b["attention"] != Attention.FREE:
        return False
    must = buying.must_meet_rep(
        stage, b["complexity"], rules.self_serve_max_complexity, b["has_met_rep"] != 0
    ) and buying.is_clear(b["uncertainty"], stage, rules.clear_level)
    if not must:
        if b["rep_free"] or luck(b, key, Decision.WANTS_PERSON, stage, n) >= logistic(wish_for_person(b, rules)):
            return False
    if b["status"] == LeadStatus.ANONYMOUS:
        become_known(b, h, rules, key, now, log, tally)
    b["hand_raised"] = 1
    b["engagement"] += 1
    heat_up(b, rules, key, now)
    note(b, now, log, tally, Activity.HAND_RAISE, NOBODY, _NO_TOPIC)
    if b["status"] == LeadStatus.OWNED or rules.access[stage] != NOBODY:
        b["duty"] = Duty.REQUEST
        b["duty_at"] = now
        return True
    if b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE:
        pass_on(b, h, rules, key, now, log, tally)
    elif b["status"] == LeadStatus.DROPPED and must:
        b["pass_no"] += 1
        pass_on(b, h, rules, key, now, log, tally)
    return False


@compiled
def wish_for_person(b, rules):
    """Logit of preferring a person."""
    return buying.preference_for_person(
        b["complexity"],
        b["stage"],
        b["preference"],
        rules.preference_base,
        rules.preference_by_complexity,
        rules.preference_by_stage,
    )


@compiled
def read(b, h, rules, key, now, log, tally, stage, n):
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
    checks = luck(b, key, Decision.CHECKS, stage, n) < b["verification"]
    if source == Source.US:
        h["touches"][TOUCH_OURS] += 1
        b["engagement"] += 1
        hear(b, h, rules, Role.MARKETER, checks, luck(b, key, Decision.CONTRADICTS, stage, n))
        learn_from_content(b, h, rules, topic, use, rules.relevance, b["trust"])
        note(b, now, log, tally, Activity.READ_OURS, NOBODY, topic)
        if b["status"] == LeadStatus.ANONYMOUS:
            b["anonymous_left"] -= 1
            if b["anonymous_left"] < 0:
                become_known(b, h, rules, key, now, log, tally)
    elif source == Source.THIRD_PARTY:
        h["touches"][TOUCH_THIRD_PARTY] += 1
        if checks:
            b["rival_found_out"] = 1
        learn_from_content(b, h, rules, topic, use, rules.relevance, rules.third_party_trust)
        note(b, now, log, tally, Activity.READ_THIRD_PARTY, NOBODY, topic)
    else:
        h["touches"][TOUCH_RIVAL] += 1
        b["rival_progress"] += buying.rival_advance(use, rules.rival_gain)
        if topic < FIRST_TOPIC_ABOUT_US:
            learn_from_content(b, h, rules, topic, use, rules.relevance, rules.rival_trust)
        note(b, now, log, tally, Activity.READ_RIVAL, NOBODY, topic)


@compiled
def mail(b, h, rules, key, now, log, tally):
    """A nurture mail: read or not, it comes again while nobody serves the lead."""
    n = b["mail_no"]
    stage = b["stage"]
    b["mail_no"] = n + 1
    if luck(b, key, Decision.MAIL_OPENED, 0, n) < rules.open_rate:
        topic = buying.worst_topic(b["uncertainty"], stage)
        h["touches"][TOUCH_MAIL] += 1
        b["engagement"] += 1
        heat_up(b, rules, key, now)
        checks = luck(b, key, Decision.MAIL_CHECKS, 0, n) < b["verification"]
        hear(b, h, rules, Role.MARKETER, checks, luck(b, key, Decision.MAIL_CONTRADICTS, 0, n))
        use = luck(b, key, Decision.MAIL_USEFULNESS, 0, n)
        learn_from_content(b, h, rules, topic, use, rules.mail_relevance, b["trust"])
        note(b, now, log, tally, Activity.MAIL_OPENED, NOBODY, topic)
        advance(b, h, rules, key, now, log, tally)
        if b["outcome"] == Outcome.OPEN:
            consider_passing(b, h, rules, key, now, log, tally)
    else:
        note(b, now, log, tally, Activity.MAIL_UNOPENED, NOBODY, _NO_TOPIC)
    if b["outcome"] == Outcome.OPEN and (b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE):
        b["duty"] = Duty.NURTURE
        b["duty_at"] = now + rules.mail_every_us


@compiled
def hear(b, h, rules, role, checks, contradiction_luck):
    """One of our voices speaks; the buyer may check what it says against the others."""
    contradicted = buying.has_heard_others(b["heard"], role) and contradiction_luck < rules.contradiction_chance
    if checks:
        b["trust"] = buying.trust_after_check(b["trust"], contradicted, rules.trust_gain, rules.trust_loss)
        if contradicted:
            h["contradictions"] += 1
    b["heard"] |= 1 << role


@compiled
def learn_from_content(b, h, rules, topic, use_luck, relevance, believed):
    """Content clears a topic; the less, the more complex the purchase."""
    power = buying.content_power(rules.content_gain, rules.complexity_drag, b["complexity"])
    learn(b, h, rules, topic, power, use_luck, relevance, believed)


@compiled
def learn(b, h, rules, topic, power, use_luck, relevance, believed):
    """Uncertainty about a topic falls."""
    uncertainty = b["uncertainty"][topic]
    after = buying.learned(
        uncertainty,
        power,
        buying.usefulness(use_luck, relevance, rules.usefulness_spread),
        believed,
        buying.fit_of_claims(topic, b["fit"], rules.fit_drag),
    )
    b["uncertainty"][topic] = after
    h["cleared_total"] += uncertainty - after


@compiled
def advance(b, h, rules, key, now, log, tally):
    """Move on while the stage's topics are clear; at the last stage, choose."""
    while b["outcome"] == Outcome.OPEN and buying.is_clear(b["uncertainty"], b["stage"], rules.clear_level):
        if b["stage"] == Stage.MAKING_SELECTION:
            if not buying.must_meet_rep(
                b["stage"], b["complexity"], rules.self_serve_max_complexity, b["has_met_rep"] != 0
            ):
                choose(b, h, rules, key, now, log, tally)
            break
        b["stage"] += 1
        b["step_no"] = 0
        h["stage_at"][b["stage"]] = now
        b["give_up_at"] = now + b["patience_us"]
        note(b, now, log, tally, Activity.STAGE_ENTERED, NOBODY, _NO_TOPIC)
    if b["outcome"] == Outcome.OPEN and buying.rival_wins_early(b["rival_progress"], b["stage"]):
        conclude(b, h, now, log, tally, Outcome.LOST)


@compiled
def choose(b, h, rules, key, now, log, tally):
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
    conclude(b, h, now, log, tally, Outcome.WON if won else Outcome.LOST)


@compiled
def conclude(b, h, now, log, tally, outcome):
    """The journey ends; an owned deal is released as an event of its own, a queue is left by the loop."""
    b["outcome"] = outcome
    h["ended_at"] = now
    b["step_at"] = NEVER
    if outcome == Outcome.WON:
        note(b, now, log, tally, Activity.WON, NOBODY, _NO_TOPIC)
        h["self_served"] = b["status"] != LeadStatus.OWNED
    elif outcome == Outcome.LOST:
        note(b, now, log, tally, Activity.LOST, NOBODY, _NO_TOPIC)
    else:
        note(b, now, log, tally, Activity.NO_DECISION, NOBODY, _NO_TOPIC)
    if b["status"] == LeadStatus.OWNED:
        b["duty"] = Duty.RELEASE
        b["duty_at"] = now
    else:
        b["duty"] = Duty.NONE
        b["duty_at"] = NEVER
