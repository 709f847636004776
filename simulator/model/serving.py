"""What our people do for a buyer: which line it joins, each task, what it takes and what it does.

``t`` is the engine's side (``port``); ``b``, ``h`` and ``g`` are the buyer's records (``records``), modified in place;
``p`` is the person's number and ``role`` its role. Lines are numbered as in the report: pools by (team, role), then
each person's own.
"""

from simulator.model import buyer as buying
from simulator.model import content as library
from simulator.model import people as working
from simulator.model import quarter
from simulator.model.birth import NEVER_WISHES, wish_for_person
from simulator.model.compiling import compiled
from simulator.model.journey import (
    advance,
    bothered,
    conclude,
    hear,
    is_worn_out,
    learn,
    learn_from_content,
    mail,
    tailored,
    touched,
)
from simulator.model.lead import (
    becomes_sql,
    consider_passing,
    give_up_lead,
    heat_up,
    pass_on,
    qualifies,
    sales_accepts,
)
from simulator.model.numerics import NEVER, logistic, microseconds, microseconds_of_minutes
from simulator.model.port import count, happens, has_been, moment_of, note
from simulator.model.randomness import luck
from simulator.model.records import (
    FIRST_CONTACT_AT,
    FIRST_REP_AT,
    MQL_AT,
    OPPORTUNITY_AT,
    QUEUED_AT,
    SAL_AT,
    TAKEN_AT,
    TOUCH_PERSON,
)
from simulator.model.tally import HEARD, OWN_PIECES, PIPELINE_CENTS, SEARCH_US, USES
from simulator.model.words import (
    NO_TOPIC,
    NOBODY,
    NOTHING,
    RELEASE_OWNER,
    ROLES,
    SEEK_OWNER,
    Activity,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Stage,
    Task,
    TaskResult,
    Topic,
)


@compiled
def on_duty(t, b, h, g, rules, key, now):
    """Our clock towards the buyer: the line that it joins now, RELEASE_OWNER, or NOTHING."""
    if b["outcome"] == Outcome.OPEN and is_worn_out(b):
        conclude(t, b, h, rules, key, now, Outcome.NO_DECISION)
        return NOTHING
    duty = b["duty"]
    b["duty"] = Duty.NONE
    b["duty_at"] = NEVER
    pool = b["team"] * ROLES
    if duty == Duty.NURTURE:
        mail(t, b, h, g, rules, key, now)
    elif duty == Duty.ROUTE:
        return joins(t, b, pool + Role.SDR, Task.QUALIFY, False, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.OWNED:
        return joins(t, b, rules.teams * ROLES + b["owner"], Task.MEET, True, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.MQL:
        return joins(t, b, pool + Role.SDR, Task.QUALIFY, True, now)
    elif duty == Duty.REQUEST:
        return joins(t, b, pool + rules.access[b["stage"]], Task.ANSWER, True, now)
    elif duty == Duty.FOLLOW_UP:
        if is_supported(t, b, rules, key):
            return joins(t, b, pool + Role.MARKETER, Task.SUPPORT, False, now)
        return joins(t, b, rules.teams * ROLES + b["owner"], Task.MEET, False, now)
    elif duty == Duty.RELEASE:
        return RELEASE_OWNER
    return NOTHING


@compiled
def joins(t, b, line, task, asked, now):
    """What the buyer waits for in this line; who asked comes before whom we call on."""
    b["task"] = task
    b["asked"] = asked
    if task == Task.QUALIFY:
        happens(t, b, QUEUED_AT, now)
    return line


@compiled
def is_supported(t, b, rules, key):
    """Whether the next touch with an owned account is marketing's share of it, once the deal is open."""
    return (
        has_been(t, b, OPPORTUNITY_AT)
        and luck(b, key, Decision.SUPPORTS, b["stage"], b["task_no"]) < rules.support_share
    )


@compiled
def taken_up(t, b, h, rules, key, role, now):
    """A person turns to this buyer: what will become of it, and how many microseconds of work it takes."""
    task = b["task"]
    b["task_stage"] = b["stage"]
    n = b["task_no"]
    b["task_no"] = n + 1
    cold = now >= b["cold_at"]
    minutes = 0.0
    if task == Task.QUALIFY:
        happens(t, b, TAKEN_AT, now)
        if b["attempts"] == 0:
            minutes += rules.review_minutes
        if b["attempts"] == 0 and not sales_accepts(b, rules, key):
            b["task_result"] = TaskResult.REFUSED
        else:
            b["attempts"] += 1
            h["calls"] += 1
            b["task_result"] = TaskResult.UNANSWERED if cold else TaskResult.TALKED
            minutes += rules.unanswered_minutes if cold else rules.qualify_minutes
    elif task == Task.ANSWER:
        b["task_result"] = TaskResult.UNANSWERED if cold else TaskResult.TALKED
        minutes += rules.unanswered_minutes if cold else rules.answer_minutes
    elif task == Task.SUPPORT:
        b["task_result"] = TaskResult.SENT
        minutes += rules.support_minutes
    elif cold:
        b["task_result"] = TaskResult.UNANSWERED
        minutes += rules.unanswered_minutes
    elif b["asked"] or is_receptive(b, rules, key, n, now):
        b["task_result"] = TaskResult.TALKED
        minutes += rules.meeting_minutes
    else:
        b["task_result"] = TaskResult.DECLINED
        minutes += rules.mail_minutes
    if b["task_result"] == TaskResult.TALKED:
        minutes += hand_over(b, h, rules, role)
        minutes += bring_piece(t, b, h, rules, role)
    luck_of_time = luck(b, key, Decision.SERVICE_TIME, b["task_stage"], n)
    return working.service_us(luck_of_time, minutes * rules.effort_factor, rules.effort_spread)


@compiled
def is_receptive(b, rules, key, n, now):
    """Whether the buyer agrees to meet the rep who proposes it."""
    if b["wish"] == NEVER_WISHES:
        return False
    chance = logistic(wish_for_person(b, rules) + rules.receptive_bonus) * bothered(b, rules, now)
    return luck(b, key, Decision.RECEPTIVE, b["task_stage"], n) < chance


@compiled
def hand_over(b, h, rules, role):
    """What the counterpart does not know must be found out: minutes of discovery, and the buyer's patience."""
    if b["last_role"] != NOBODY and b["last_role"] != role:
        h["handoffs"] += 1
        b["known"] = working.context_after_handoff(b["known"], rules.context_kept, b["last_role"], role)
    again = working.asked_again(b["told"], b["known"])
    h["asked_again"] += again
    b["give_up_at"] -= microseconds(rules.patience_per_repeat_days * again)
    minutes = rules.discovery_minutes * (1.0 - b["known"])
    b["last_role"] = role
    b["told"] = b["known"] = 1.0
    return minutes


@compiled
def bring_piece(t, b, h, rules, role):
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
    b["piece"] = rules.own_piece_match
    return rules.search_minutes + rules.own_piece_minutes


@compiled
def served(t, b, h, g, rules, key, p, role, now):
    """The task is done: what it did to a buyer who is still there, and what we owe it next.

    Returns what an engine has to do next: SEEK_OWNER, RELEASE_OWNER, or NOTHING.
    """
    if b["task"] == Task.QUALIFY:
        return called(t, b, h, g, rules, key, p, role, now)
    if b["task"] == Task.ANSWER:
        return answered(t, b, h, g, rules, key, p, role, now)
    if b["task"] == Task.SUPPORT:
        return supported(t, b, h, g, rules, key, p, now)
    return met(t, b, h, g, rules, key, p, role, now)


@compiled
def called(t, b, h, g, rules, key, p, role, now):
    """Sales looked at a lead, and called it if it was accepted."""
    result = b["task_result"]
    if result == TaskResult.REFUSED:
        note(t, b, now, Activity.REFUSED, p, NO_TOPIC)
    elif happens(t, b, SAL_AT, now):
        note(t, b, now, Activity.SAL, p, NO_TOPIC)
    if result == TaskResult.TALKED:
        talk(t, b, h, g, rules, key, p, role, now, Activity.CONVERSATION)
        if b["outcome"] != Outcome.OPEN:
            return NOTHING
        if qualifies(b, rules, key):
            becomes_sql(t, b, now)
            return SEEK_OWNER
    elif result == TaskResult.UNANSWERED:
        note(t, b, now, Activity.CALL_UNANSWERED, p, NO_TOPIC)
        if b["attempts"] < rules.attempts:
            b["duty"] = Duty.ROUTE
            b["duty_at"] = now + rules.retry_us
            return NOTHING
    give_up_lead(t, b, h, rules, key, now)
    return NOTHING


@compiled
def answered(t, b, h, g, rules, key, p, role, now):
    """Somebody answered before the handoff: an SDR qualifies as it talks, a marketer leaves the lead where it stood."""
    talked = b["task_result"] == TaskResult.TALKED
    if talked:
        talk(t, b, h, g, rules, key, p, role, now, Activity.ANSWER)
    else:
        note(t, b, now, Activity.CALL_UNANSWERED, p, NO_TOPIC)
    if b["outcome"] != Outcome.OPEN:
        return NOTHING
    if talked and role == Role.SDR:
        if qualifies(b, rules, key):
            happens(t, b, MQL_AT, now)
            happens(t, b, SAL_AT, now)
            becomes_sql(t, b, now)
            return SEEK_OWNER
        give_up_lead(t, b, h, rules, key, now)
    elif b["stage"] == Stage.MAKING_SELECTION:
        pass_on(t, b, rules, key, now)
    else:
        if b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE:
            b["duty"] = Duty.NURTURE
            b["duty_at"] = now + rules.mail_every_us
        consider_passing(t, b, rules, key, now)
    return NOTHING


@compiled
def supported(t, b, h, g, rules, key, p, now):
    """A marketer sends a tailored piece to an owned account."""
    stage, n = b["task_stage"], b["task_no"] - 1
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    touched(b, h, TOUCH_PERSON + Role.MARKETER)
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, key, Role.MARKETER, checks, Decision.TALK_CONTRADICTS, stage, n)
    use = luck(b, key, Decision.TALK_USEFULNESS, stage, n)
    learn_from_content(b, h, g, rules, topic, use, rules.tailored_relevance, b["trust"])
    tailored(h, g, rules, topic)
    note(t, b, now, Activity.SUPPORT, p, topic)
    advance(t, b, h, g, rules, key, now)
    if b["outcome"] == Outcome.OPEN:
        b["duty"] = Duty.FOLLOW_UP
        b["duty_at"] = next_follow_up(b, rules, key, now)
    return NOTHING


@compiled
def met(t, b, h, g, rules, key, p, role, now):
    """The owner met the buyer, or tried to; too many tries in a row and the account is given up."""
    if b["task_result"] == TaskResult.TALKED:
        b["silent"] = 0
        b["cold_at"] = NEVER
        happens(t, b, FIRST_REP_AT, now)
        if happens(t, b, OPPORTUNITY_AT, now):  # the meeting that opens a deal does not close it: an offer is written
            count(t, PIPELINE_CENTS + int(b["channel"]), h["value_cents"])
            note(t, b, now, Activity.OPPORTUNITY, p, NO_TOPIC)
        elif b["stage"] == Stage.MAKING_SELECTION and now >= moment_of(t, b, OPPORTUNITY_AT) + rules.offer_us:
            b["has_met_rep"] = 1
        offer_discount(t, b, h, rules, p, now)
        talk(t, b, h, g, rules, key, p, role, now, Activity.MEETING)
    else:
        b["silent"] += 1
        if b["task_result"] == TaskResult.DECLINED:
            note(t, b, now, Activity.MEETING_DECLINED, p, NO_TOPIC)
        else:
            note(t, b, now, Activity.CALL_UNANSWERED, p, NO_TOPIC)
    if b["outcome"] != Outcome.OPEN:
        return NOTHING
    if b["silent"] >= rules.silent_follow_ups:
        give_up_lead(t, b, h, rules, key, now)
        return RELEASE_OWNER
    b["duty"] = Duty.FOLLOW_UP
    b["duty_at"] = next_follow_up(b, rules, key, now)
    return NOTHING


@compiled
def next_follow_up(b, rules, key, now):
    """When the rep turns to the account again: near a quarter's end sooner to those that may close, later to others."""
    at = now + rules.follow_up_us
    if rules.quarter_window_us == 0:
        return at
    if b["stage"] >= Stage.JUSTIFYING_DECISION:
        return quarter.hurried(now, rules.follow_up_us, rules.quarter_window_us, rules.quarter_intensity)
    if quarter.is_near_end(at, rules.quarter_window_us):
        if luck(b, key, Decision.PUT_OFF, b["stage"], b["task_no"]) < rules.quarter_drop_share:
            return quarter.next_quarter(at)
    return at


@compiled
def offer_discount(t, b, h, rules, p, now):
    """Near a quarter's end a price cut for accounts that may close: it calms worries, and makes the buyer wonder."""
    if rules.discount <= 0.0 or h["discounted"] or b["stage"] < Stage.JUSTIFYING_DECISION:
        return
    if not quarter.is_near_end(now, rules.quarter_window_us):
        return
    h["discounted"] = 1
    h["paid_cents"] = quarter.discounted(h["value_cents"], rules.discount)
    b["trust"] *= 1.0 - rules.discount_doubt
    for topic in (Topic.PRICE, Topic.TERMS):
        uncertainty = b["uncertainty"][topic]
        b["uncertainty"][topic] = uncertainty * (1.0 - rules.discount_pull)
        h["cleared_total"] += uncertainty - b["uncertainty"][topic]
    note(t, b, now, Activity.DISCOUNT_OFFERED, p, NO_TOPIC)


@compiled
def talk(t, b, h, g, rules, key, p, role, now, activity):
    """A person speaks with the buyer about what worries it most; a talk also keeps the lead warm."""
    stage, n = b["task_stage"], b["task_no"] - 1
    if h["touches"][TOUCH_PERSON] + h["touches"][TOUCH_PERSON + 1] + h["touches"][TOUCH_PERSON + 2] == 0:
        h["cleared_before_person"] = h["cleared_total"]
    happens(t, b, FIRST_CONTACT_AT, b["began_at"])
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    count(t, HEARD + library.cell_of(topic, b["segment"], b["form"]), 1)
    touched(b, h, TOUCH_PERSON + role)
    b["engagement"] += 1
    heat_up(b, rules, key, now)
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, key, role, checks, Decision.TALK_CONTRADICTS, stage, n)
    power = rules.person_gain * rules.skill[role]
    match = b["piece"] if topic == b["piece_topic"] else rules.generic_match
    relevance = library.talk_relevance(rules.piece_share, match)
    use = luck(b, key, Decision.TALK_USEFULNESS, stage, n)
    learn(b, h, g, rules, topic, power, use, relevance, b["trust"], True)
    if b["piece_is_own"] and topic == b["piece_topic"]:
        tailored(h, g, rules, topic)
    note(t, b, now, activity, p, topic)
    advance(t, b, h, g, rules, key, now)
