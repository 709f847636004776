"""A buyer's own steps, compiled: private handlers that read no shared state. Same names as in the reference engine.

``b`` is the buyer's record of ``STATE_DTYPE``, ``h`` its record of ``HISTORY_DTYPE``; both are modified in place.
"""

from simulator.behaviour import buyer as buying
from simulator.behaviour import people as working
from simulator.behaviour.calendar import after_work
from simulator.behaviour.numerics import NEVER, logistic, microseconds_of_minutes, normal
from simulator.compiling import compiled
from simulator.domain.words import (
    FIRST_TOPIC_ABOUT_US, NOBODY, STAGES, TOPICS, Activity, Attention, Decision, Duty, LeadStatus, Outcome, Role,
    Source, Stage,
)  # fmt: skip
from simulator.engines.compiled.tables import LOG_ROWS
from simulator.engines.report import TOUCH_MAIL, TOUCH_OURS, TOUCH_RIVAL, TOUCH_THIRD_PARTY
from simulator.randomness import uniform

_NO_TOPIC = -1


@compiled
def note(b, now, log, tally, activity, person, topic):
    """A row of the event log."""
    if log.shape[0] > 0:
        row = tally[LOG_ROWS]
        log[row]["at"] = now
        log[row]["buyer"] = b["row"]
        log[row]["person"] = person
        log[row]["activity"] = activity
        log[row]["stage"] = b["stage"]
        log[row]["topic"] = topic
        tally[LOG_ROWS] = row + 1


@compiled
def fixed(b, key, decision):
    """The uniform number of something fixed at arrival."""
    return uniform(key, b["actor"], 0, decision, 0)


@compiled
def luck(b, key, decision, stage, occurrence):
    """The uniform number of a decision."""
    return uniform(key, b["actor"], stage, decision, occurrence)


@compiled
def born(b, h, rules, key, row, at, actor, channel):
    """A buyer begins its research: everything that is fixed at arrival, and the rest at its start."""
    b["born"] = 1
    b["row"] = row
    b["actor"] = actor
    b["channel"] = channel
    segment = buying.segment_of(fixed(b, key, Decision.SEGMENT), rules.segment_cumulative)
    b["segment"] = segment
    b["team"] = rules.team_of_segment[segment]
    complexity = buying.between(
        fixed(b, key, Decision.COMPLEXITY), rules.complexity_low[segment], rules.complexity_high[segment]
    )
    b["complexity"] = complexity
    h["value_cents"] = buying.deal_value_cents(
        fixed(b, key, Decision.DEAL_VALUE), rules.deal_value_median_usd[segment], rules.deal_value_sigma[segment]
    )
    b["fit"] = buying.true_fit(
        fixed(b, key, Decision.FIT), rules.fit_mean_logit, rules.fit_shift[channel], rules.fit_spread
    )
    b["patience_us"] = buying.patience_us(
        fixed(b, key, Decision.PATIENCE), rules.patience_median_days[segment], rules.patience_sigma[segment]
    )
    b["verification"] = buying.between(
        fixed(b, key, Decision.VERIFICATION), rules.verification_low, rules.verification_high
    )
    b["preference"] = rules.preference_spread * normal(fixed(b, key, Decision.PREFERENCE))
    b["rep_free"] = buying.is_rep_free(
        fixed(b, key, Decision.REP_FREE), rules.rep_free_share[segment], complexity
    )
    b["anonymous_left"] = buying.anonymous_touches(
        fixed(b, key, Decision.ANONYMITY), rules.anonymous_touches_mean
    )
    for topic in range(TOPICS):
        b["uncertainty"][topic] = buying.initial_uncertainty(
            luck(b, key, Decision.KNOWLEDGE, 0, topic), rules.prior_knowledge
        )
    b["rival_strength"] = buying.rival_strength(
        fixed(b, key, Decision.RIVAL_STRENGTH), rules.rival_strength_low, rules.rival_strength_high, rules.rivals
    )
    b["trust"] = rules.initial_trust
    b["last_role"] = NOBODY
    b["owner"] = NOBODY
    b["duty_at"] = b["step_at"] = b["route_at"] = b["cold_at"] = NEVER
    b["give_up_at"] = at + b["patience_us"]
    h["arrived_at"] = at
    h["inquiry_at"] = h["mql_at"] = h["sal_at"] = h["sql_at"] = h["owned_at"] = h["released_at"] = -1
    h["opportunity_at"] = h["first_contact_at"] = h["first_rep_at"] = h["ended_at"] = -1
    h["queued_at"] = h["taken_at"] = -1
    h["stage_at"][0] = at
    for stage in range(1, STAGES):
        h["stage_at"][stage] = -1


# --- the buyer's own steps ---


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
        b["complexity"], b["stage"], b["preference"],
        rules.preference_base, rules.preference_by_complexity, rules.preference_by_stage,
    )  # fmt: skip


@compiled
def read(b, h, rules, key, now, log, tally, stage, n):
    """Read about the topic that worries most, ours or others'."""
    topic = buying.worst_topic(b["uncertainty"], stage)
    source = buying.source_of(
        luck(b, key, Decision.SOURCE, stage, n),
        b["trust"], rules.our_content_share, rules.third_party_share, rules.rival_content_share,
    )  # fmt: skip
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
        uncertainty, power, buying.usefulness(use_luck, relevance, rules.usefulness_spread),
        believed, buying.fit_of_claims(topic, b["fit"], rules.fit_drag),
    )  # fmt: skip
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
        b["fit"], b["trust"], rules.trust_weight, b["rival_strength"], b["rival_progress"],
        inflation, rules.choice_sharpness,
    )  # fmt: skip
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


# --- what the vendor knows and does with a lead ---


@compiled
def become_known(b, h, rules, key, now, log, tally):
    """The inquiry: we know of the buyer, and nurture it."""
    b["status"] = LeadStatus.INQUIRY
    h["inquiry_at"] = now
    heat_up(b, rules, key, now)
    b["duty"] = Duty.NURTURE
    b["duty_at"] = now + rules.mail_every_us
    note(b, now, log, tally, Activity.INQUIRY, NOBODY, _NO_TOPIC)


@compiled
def heat_up(b, rules, key, now):
    """A sign of interest: from now on an unserved lead cools; an account that met its owner does not."""
    if b["status"] != LeadStatus.OWNED or b["cold_at"] != NEVER:
        u = luck(b, key, Decision.COOLING, 0, b["heat_no"])
        b["heat_no"] += 1
        b["cold_at"] = now + buying.cooling_us(u, rules.half_life_days)


@compiled
def consider_passing(b, h, rules, key, now, log, tally):
    """Marketing passes an inquiry whose score reaches the threshold."""
    waits = b["attention"] != Attention.FREE or b["duty"] == Duty.REQUEST
    if (b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE) and not waits:
        view = working.judged_fit(b["fit"], marketing_error(b, key), rules.judgement_noise)
        bonus = rules.hand_raise_bonus if b["hand_raised"] else 0.0
        score = working.lead_score(view, b["engagement"], rules.engagement_weight, bonus)
        if score >= rules.score_threshold:
            pass_on(b, h, rules, key, now, log, tally)


@compiled
def marketing_error(b, key):
    """Marketing's error about this lead, drawn anew each time it is passed."""
    return normal(luck(b, key, Decision.MARKETING_VIEW, 0, b["pass_no"]))


@compiled
def pass_on(b, h, rules, key, now, log, tally):
    """The lead becomes an MQL and travels to sales: routing, then a list, at most as long as the SLA."""
    b["status"] = LeadStatus.MQL
    if h["mql_at"] < 0:
        h["mql_at"] = now
    b["attempts"] = 0
    minutes = working.waiting_minutes(
        luck(b, key, Decision.PICKUP, 0, b["pass_no"]), rules.routing_minutes, rules.pickup_minutes, rules.sla_minutes
    )
    team = b["team"]
    b["route_at"] = after_work(
        now, microseconds_of_minutes(minutes), rules.opens[team], rules.window[team], rules.days
    )
    b["duty"] = Duty.ROUTE
    b["duty_at"] = b["route_at"]
    note(b, now, log, tally, Activity.MQL, NOBODY, _NO_TOPIC)


@compiled
def give_up_lead(b, h, rules, key, now, log, tally):
    """A refused or quiet lead is recycled or dropped."""
    if luck(b, key, Decision.RECYCLING, 0, b["pass_no"]) < rules.recycling_share:
        b["status"] = LeadStatus.NURTURE
        h["recycled"] += 1
        b["duty"] = Duty.NURTURE
        b["duty_at"] = now + rules.mail_every_us
        note(b, now, log, tally, Activity.RECYCLED, NOBODY, _NO_TOPIC)
    else:
        b["status"] = LeadStatus.DROPPED
        b["duty"] = Duty.NONE
        b["duty_at"] = NEVER
        note(b, now, log, tally, Activity.DROPPED, NOBODY, _NO_TOPIC)
    b["engagement"] = 0
    b["hand_raised"] = 0
    b["cold_at"] = min(b["cold_at"], now)
    b["pass_no"] += 1
