"""A buyer's own steps: how it researches, asks, reads, hears, learns, advances and chooses. They read no shared state.

``t`` is the engine's side (``port``); ``b``, ``h`` and ``g`` are the buyer's records (``records``), modified in place.
"""

from simulator.model import attention as noticing
from simulator.model import buyer as buying
from simulator.model import group as grouping
from simulator.model import word_of_mouth as talking
from simulator.model.birth import NEVER_WISHES, set_pause
from simulator.model.choosing import advance, at_desk, conclude, needs_rep, plan_closing
from simulator.model.compiling import compiled
from simulator.model.content import cell_of
from simulator.model.lead import (
    ask,
    become_known,
    consider_passing,
    give_up_lead,
    in_vain,
    nurture,
    show_interest,
)
from simulator.model.numerics import NEVER, exponential, microseconds
from simulator.model.port import count, happens, note
from simulator.model.randomness import fixed, luck
from simulator.model.records import (
    PROJECT_AT,
    TOUCH_MAIL,
    TOUCH_OURS,
    TOUCH_PERSON,
    TOUCH_RIVAL,
    TOUCH_THIRD_PARTY,
)
from simulator.model.tally import READS
from simulator.model.words import (
    FIRST_TOPIC_ABOUT_US,
    NO_TOPIC,
    NOBODY,
    STAGES,
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
)

#: In place of a stage in the numbers of what belongs to none: when projects begin and go on.
_NO_STAGE = STAGES


@compiled
def research(t, b, h, g, rules, key, now):
    """One step: give up, ask for a person, read; then perhaps move on."""
    if b["project"] == 0:
        without_project(t, b, h, rules, key, now)
        return
    if now >= b["give_up_at"] or is_worn_out(b):
        conclude(t, b, h, rules, key, now, Outcome.NO_DECISION)
        return
    if now >= b["turns_at"]:
        pause(t, b, rules, key, now)
        return
    stage = b["stage"]
    n = b["step_no"]
    b["step_no"] = n + 1
    if rules.distraction_chance > 0.0:
        chance = rules.distraction_chance * rules.distraction_factor[stage]
        if luck(b, key, Decision.DISTRACTION, stage, n) < chance:
            conclude(t, b, h, rules, key, now, Outcome.NO_DECISION)
            return
    if rules.rival_entry_chance > 0.0:
        if luck(b, key, Decision.RIVAL_ENTERS, stage, n) < rules.rival_entry_chance * b["pace"]:
            meet_new_rival(b, rules, key, stage, n)
    asks = False
    if b["request"] and now >= b["request_until"]:
        give_wish_up(t, b, h, rules, key, now)
    else:
        asks = wants_person(b, h, rules, key, stage, n)
    answered = asks and ask(t, b, rules, key, now)
    if rules.reads_on or not answered:
        read(t, b, h, g, rules, key, now, stage, n)
        advance(t, b, h, g, rules, key, now)
        if b["outcome"] == Outcome.OPEN and not asks:
            consider_passing(t, b, rules, key, now)
    if b["outcome"] == Outcome.OPEN and not b["chosen"]:
        plan_step(b, rules, key, now, stage, n)


@compiled
def plan_step(b, rules, key, now, stage, n):
    """The next step: after a gap at the buyer's pace, mostly in its office hours; sooner if something ends before."""
    at = now + buying.step_gap_us(luck(b, key, Decision.STEP_GAP, stage, n), rules.step_days * b["pace"])
    at = min(at, min(b["give_up_at"], b["turns_at"]))
    if b["request"]:
        at = min(at, b["request_until"])
    b["step_at"] = max(now, at_desk(b, rules, key, at, stage, n))


@compiled
def leaves_line(b):
    """Whether a buyer who waits in a line goes: its journey ended, it was passed on, or it gave its request up."""
    gone = b["outcome"] != Outcome.OPEN or b["duty"] != Duty.NONE or (b["asked"] != 0 and b["request"] == 0)
    return b["attention"] == Attention.QUEUED and gone


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


# --- projects ---------------------------------------------------------------------------------------------------------


@compiled
def without_project(t, b, h, rules, key, now):
    """An event of a dormant buyer: it comes, gives a request up, or its project begins or goes on."""
    if b["step_at"] == NEVER:
        comes_without_project(t, b, h, rules, key, now)
        days = exponential(fixed(b, key, Decision.PROJECT_BEGINS), 365.0 / rules.projects_per_year)
        b["turns_at"] = at_desk(b, rules, key, now + max(1, microseconds(days)), _NO_STAGE, 0)
        rest(b, now)
        return
    if now < b["turns_at"]:
        if b["request"] and now >= b["request_until"]:
            give_wish_up(t, b, h, rules, key, now)
        rest(b, now)
        return
    n = b["pause_no"]
    since = now - b["touched_at"]
    b["project"] = 1
    b["give_up_at"] += now  # the patience that was left
    if h["came_dormant"]:
        happens(t, b, PROJECT_AT, now)
    comes_back = buying.remembers(luck(b, key, Decision.REMEMBERS_US, 0, n), since, rules.memory_days)
    if not comes_back and luck(b, key, Decision.LOOKS_US_UP, 0, n) >= rules.found_chance:
        conclude(t, b, h, rules, key, now, Outcome.ELSEWHERE)
        return
    note(t, b, now, Activity.PROJECT_BEGAN, NOBODY, NO_TOPIC)
    set_pause(b, rules, key, now)
    show_interest(b, now)
    b["engagement"] += 1
    if b["status"] == LeadStatus.DROPPED:
        b["status"] = LeadStatus.INQUIRY
        nurture(b, rules, now)
    consider_passing(t, b, rules, key, now)
    plan_step(b, rules, key, now, b["stage"], b["step_no"])
    b["step_no"] += 1


@compiled
def comes_without_project(t, b, h, rules, key, now):
    """Who has no project reads a little of ours and leaves its name; perhaps it asks for a person."""
    if b["status"] == LeadStatus.ANONYMOUS:
        become_known(t, b, rules, key, now)
    topic = buying.first_topic(b["stage"])
    pieces = 1 + buying.geometric(fixed(b, key, Decision.READS_WITHOUT_PROJECT), rules.pieces_mean)
    for _ in range(pieces):
        touched(b, h, TOUCH_OURS)
        note(t, b, now, Activity.READ_OURS, NOBODY, topic)
    b["engagement"] += pieces
    b["heard"] |= 1 << Role.MARKETER
    show_interest(b, now)
    count(t, READS + cell_of(topic, b["segment"], b["form"]), pieces)
    if b["wish"] != NEVER_WISHES and fixed(b, key, Decision.ASKS_WITHOUT_PROJECT) < rules.asks_chance:
        ask(t, b, rules, key, now)
    else:
        consider_passing(t, b, rules, key, now)


@compiled
def pause(t, b, rules, key, now):
    """The project pauses; what is left of the buyer's patience is kept for when it goes on."""
    b["project"] = 0
    b["give_up_at"] -= now
    days = exponential(luck(b, key, Decision.PROJECT_RESUMES, 0, b["pause_no"]), rules.pause_days)
    b["pause_no"] += 1
    at = now + max(1, buying.scaled_us(days, b["pace"]))
    b["turns_at"] = at_desk(b, rules, key, at, _NO_STAGE, b["pause_no"])
    rest(b, now)
    note(t, b, now, Activity.PROJECT_PAUSED, NOBODY, NO_TOPIC)


@compiled
def rest(b, now):
    """Nothing happens to a buyer without a project by itself until it has one, or gives a request up."""
    b["step_at"] = b["turns_at"]
    if b["request"]:
        b["step_at"] = max(now, min(b["turns_at"], b["request_until"]))


# --- asking -----------------------------------------------------------------------------------------------------------


@compiled
def wants_person(b, h, rules, key, stage, n):
    """Whether the buyer asks for a person at this step: one request at a time, and none while somebody is with it."""
    if b["attention"] != Attention.FREE or b["request"]:
        return False
    if (
        stage == Stage.MAKING_SELECTION
        and b["offer_at"] == NEVER
        and needs_rep(b, h, rules)
        and buying.is_clear(b["uncertainty"], stage, rules.clear_level)
    ):
        chance = max(b["wish"], buying.asks_when_stuck(rules.stuck_chance, b["wish_lost"]))
        return luck(b, key, Decision.WANTS_PERSON, stage, n) < chance
    return b["wish"] != NEVER_WISHES and luck(b, key, Decision.WANTS_PERSON, stage, n) < b["wish"]


@compiled
def give_wish_up(t, b, h, rules, key, now):
    """Nobody turned to the request in time."""
    note(t, b, now, Activity.WISH_GIVEN_UP, NOBODY, NO_TOPIC)
    b["request"] = 0
    in_vain(b, rules)
    if b["status"] == LeadStatus.OWNED:
        b["follow_up_at"] = now + rules.follow_up_us
        plan_closing(b, rules, now, b["follow_up_at"])
    elif b["status"] == LeadStatus.MQL:
        give_up_lead(t, b, h, rules, key, now)
    else:
        b["duty"] = Duty.NONE
        b["duty_at"] = NEVER
        nurture(b, rules, now)


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
    rival_use, useful = use, 1.0
    share = rules.useful_share[stage]
    if share < 1.0:
        useful = 1.0 if use < share else 0.0
        use = use / share if use < share else use
    if source == Source.US:
        touched(b, h, TOUCH_OURS)
        b["engagement"] += 1
        show_interest(b, now)
        checks = luck(b, key, Decision.CHECKS, stage, n) < b["verification"]
        hear(b, h, rules, key, Role.MARKETER, checks, Decision.CONTRADICTS, stage, n)
        cell = cell_of(topic, b["segment"], b["form"])
        count(t, READS + cell, 1)
        learn_from_content(b, h, rules, topic, use, useful * rules.relevance * rules.match_all[cell], b["trust"])
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
            read_review(b, h, rules, luck(b, key, Decision.REVIEW_IS_GOOD, stage, n) < rules.review_good)
            note(t, b, now, Activity.READ_REVIEW, NOBODY, topic)
        else:
            learn_from_content(b, h, rules, topic, use, useful * rules.others_relevance, rules.third_party_trust)
            note(t, b, now, Activity.READ_THIRD_PARTY, NOBODY, topic)
    else:
        touched(b, h, TOUCH_RIVAL)
        b["rival_progress"] += buying.rival_advance(rival_use, rules.rival_gain)
        if topic < FIRST_TOPIC_ABOUT_US:
            learn_from_content(b, h, rules, topic, use, useful * rules.others_relevance, rules.rival_trust)
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
def read_review(b, h, rules, good):
    """A customer's review: a good one speaks of the whole purchase, a bad one costs trust."""
    h["reviews"] += 1
    b["trust"] = talking.trust_after_review(b["trust"], good, rules.trust_pull)
    if good:
        for topic in range(TOPICS):
            learn(b, h, rules, topic, rules.review_gain, 0.5, 1.0, rules.third_party_trust)


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
        show_interest(b, now)
        checks = luck(b, key, Decision.MAIL_CHECKS, 0, n) < b["verification"]
        hear(b, h, rules, key, Role.MARKETER, checks, Decision.MAIL_CONTRADICTS, 0, n)
        use = luck(b, key, Decision.MAIL_USEFULNESS, 0, n)
        match = rules.match_all[cell_of(topic, b["segment"], b["form"])]
        if b["project"]:
            learn_from_content(b, h, rules, topic, use, rules.mail_relevance * match, b["trust"])
        note(t, b, now, Activity.MAIL_OPENED, NOBODY, topic)
        if b["project"]:
            advance(t, b, h, g, rules, key, now)
        if b["outcome"] == Outcome.OPEN:
            consider_passing(t, b, rules, key, now)
    else:
        note(t, b, now, Activity.MAIL_UNOPENED, NOBODY, NO_TOPIC)
    if b["outcome"] == Outcome.OPEN and b["duty"] == Duty.NONE:
        nurture(b, rules, now)


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
        may_contradict = rules.contradiction_chance > 0.0 and buying.has_heard_others(b["heard"], role)
        if may_contradict and luck(b, key, decision, stage, n) < rules.contradiction_chance:
            b["trust"] = buying.trust_after_contradiction(
                b["trust"], h["contradictions"], rules.contradiction_cost, rules.contradictions_for_most
            )
            h["contradictions"] += 1
        else:
            b["trust"] = buying.trust_after_confirmation(b["trust"], rules.trust_gain)
    b["heard"] |= 1 << role


@compiled
def learn_from_content(b, h, rules, topic, use_luck, relevance, believed):
    """Content clears a topic; the less, the more complex the purchase."""
    power = buying.content_power(rules.content_gain, rules.complexity_drag, b["complexity"])
    learn(b, h, rules, topic, power, use_luck, relevance, believed)


@compiled
def learn(b, h, rules, topic, power, use_luck, relevance, believed):
    """Uncertainty about a topic falls."""
    effect = buying.effect(
        power,
        buying.usefulness(use_luck, relevance, rules.usefulness_spread),
        believed,
        buying.fit_of_claims(topic, b["fit"], rules.fit_drag),
    )
    cleared(b, h, topic, b["uncertainty"][topic] * (1.0 - effect))


@compiled
def cleared(b, h, topic, after):
    """So much uncertainty about a topic is left."""
    h["cleared_total"] += b["uncertainty"][topic] - after
    b["uncertainty"][topic] = after


@compiled
def tailored(h, g, rules, topic):
    """A piece made for one member's question speaks past the others."""
    if h["members"] > 1:
        for m in range(h["members"]):
            g["doubt"][m] = grouping.doubt_after_tailoring(g["doubt"][m], topic, g["worry"][m], rules.split)
