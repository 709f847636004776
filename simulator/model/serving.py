"""What our people do for a buyer: which line it joins, each task, what it takes and what it does.

``t`` is the engine's side (``port``); ``b``, ``h`` and ``g`` are the buyer's records (``records``), modified in place;
``p`` is the person's number and ``role`` its role. Lines are numbered as in the report: pools by (team, role), then
each person's own.
"""

import math

from simulator.model import group as grouping
from simulator.model import people as working
from simulator.model import quarter
from simulator.model.birth import NEVER_WISHES, wish_for_person
from simulator.model.choosing import (
    closes_at_once,
    closing_us,
    conclude,
    on_deadline,
    plan_closing,
)
from simulator.model.compiling import compiled
from simulator.model.journey import bothered, cleared, hear, is_worn_out, mail, touched
from simulator.model.lead import (
    becomes_sql,
    consider_passing,
    give_up_lead,
    in_vain,
    nurture,
    qualifies,
    rival_may_answer,
    sales_accepts,
)
from simulator.model.numerics import NEVER, logistic
from simulator.model.port import count, happens, note
from simulator.model.randomness import fixed, luck, luck_of_member
from simulator.model.records import (
    ANSWERED_AT,
    FIRST_REP_AT,
    MQL_AT,
    OPPORTUNITY_AT,
    QUEUED_AT,
    SAL_AT,
    TAKEN_AT,
    TOUCH_PERSON,
)
from simulator.model.talking import bring_piece, hand_over, talk
from simulator.model.tally import PIPELINE_CENTS
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
    own_line = rules.teams * ROLES + b["owner"]
    if duty == Duty.NURTURE:
        mail(t, b, h, g, rules, key, now)
    elif duty == Duty.ROUTE:
        return joins(t, b, pool + Role.SDR, Task.QUALIFY, False, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.OWNED:
        return joins(t, b, own_line, Task.MEET, True, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.MQL:
        return joins(t, b, pool + Role.SDR, Task.QUALIFY, True, now)
    elif duty == Duty.REQUEST:
        if rules.access[b["stage"]] == NOBODY:  # in a stage that the buyer has reached while it waited
            return joins(t, b, pool + Role.SDR, Task.ANSWER, True, now)
        return joins(t, b, pool + rules.access[b["stage"]], Task.ANSWER, True, now)
    elif duty == Duty.SUPPORT:
        return joins(t, b, pool + Role.MARKETER, Task.SUPPORT, False, now)
    elif duty == Duty.FOLLOW_UP:
        return joins(t, b, own_line, Task.MEET, False, now)
    elif duty == Duty.SIGN:
        conclude(t, b, h, rules, key, now, Outcome.WON)
    elif duty == Duty.DEADLINE:
        on_deadline(t, b, h, g, rules, key, now)
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
def taken_up(t, b, h, rules, key, role, now):
    """A person turns to this buyer: what will become of it, and how many microseconds of work it takes."""
    task = b["task"]
    b["task_stage"] = b["stage"]
    n = b["task_no"]
    b["task_no"] = n + 1
    minutes = 0.0
    if b["asked"]:
        answer(t, b, rules, now)
    if task == Task.SUPPORT:
        b["task_result"] = TaskResult.SENT
        minutes += rules.support_minutes
    elif task == Task.MEET:
        if b["asked"] or not b["has_met_owner"] or is_receptive(b, rules, key, n, now):
            b["task_result"] = TaskResult.TALKED
            b["minutes"] = rules.meeting_minutes
            minutes += rules.meeting_minutes + rules.preparation_minutes + offer_minutes(t, b, h, rules, now)
        else:
            b["task_result"] = TaskResult.DECLINED
            minutes += rules.mail_minutes
    else:
        first = b["attempts"] == 0
        if task == Task.QUALIFY:
            happens(t, b, TAKEN_AT, now)
        if first and task == Task.QUALIFY:
            minutes += rules.review_minutes
        if first and task == Task.QUALIFY and not sales_accepts(b, rules, key):
            b["task_result"] = TaskResult.REFUSED
        else:
            h["calls"] += 1
            h["worked"] += first
            b["task_result"] = TaskResult.TALKED if is_reached(b, rules, key, now) else TaskResult.UNANSWERED
            b["attempts"] += 1
            b["minutes"] = rules.qualify_minutes if task == Task.QUALIFY else rules.answer_minutes
            minutes += b["minutes"] if b["task_result"] == TaskResult.TALKED else rules.unanswered_minutes
    if b["task_result"] == TaskResult.TALKED:
        h["talk_minutes"] += b["minutes"]
        hand_over(b, h, rules, role)
        minutes += bring_piece(t, b, h, rules, role, now)
    luck_of_time = luck(b, key, Decision.SERVICE_TIME, b["task_stage"], n)
    return working.service_us(luck_of_time, minutes * rules.effort_factor, rules.effort_spread)


@compiled
def answer(t, b, rules, now):
    """Someone turns to the request, perhaps after a rival; it is open no more, whether the buyer is reached or not.

    Reported is when the buyer's first request was answered.
    """
    if b["request_no"] == 1:
        happens(t, b, ANSWERED_AT, now)
    b["request"] = 0
    rival_may_answer(b, rules, now - b["asked_at"])


@compiled
def is_reached(b, rules, key, now):
    """Whether a call finds the buyer."""
    chance = working.reach_chance(
        now - b["touched_at"], rules.desk_chance, rules.desk_half_life_hours,
        rules.request_chance if b["hand_raised"] else rules.lead_chance, rules.half_life_days,
    )  # fmt: skip
    return luck(b, key, Decision.REACHED, b["task_stage"], b["task_no"] - 1) < chance


@compiled
def offer_minutes(t, b, h, rules, now):
    """Work on the offer, once, from the stage on in which the decision is justified."""
    if h["offered"] or b["stage"] < Stage.JUSTIFYING_DECISION:
        return 0.0
    h["offered"] = 1
    note(t, b, now, Activity.OFFER, b["owner"], NO_TOPIC)
    return rules.offer_minutes


@compiled
def is_receptive(b, rules, key, n, now):
    """Whether the buyer agrees to meet the rep who proposes it."""
    if b["wish"] == NEVER_WISHES or b["project"] == 0:
        return False
    chance = logistic(wish_for_person(b, rules) + rules.receptive_bonus) * bothered(b, rules, now)
    return luck(b, key, Decision.RECEPTIVE, b["task_stage"], n) < chance


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
        if b["hand_raised"]:
            in_vain(b, rules)
    elif result == TaskResult.UNANSWERED:
        note(t, b, now, Activity.CALL_UNANSWERED, p, NO_TOPIC)
        if is_called_again(b, rules, key):
            b["duty"] = Duty.ROUTE
            b["duty_at"] = now + rules.retry_us
            return NOTHING
    give_up_lead(t, b, h, rules, key, now)
    return NOTHING


@compiled
def is_called_again(b, rules, key):
    """Whether a lead who was not reached gets another call."""
    if b["attempts"] >= rules.attempts:
        return False
    return luck(b, key, Decision.CALLED_AGAIN, b["task_stage"], b["task_no"] - 1) < rules.retry_chance


@compiled
def answered(t, b, h, g, rules, key, p, role, now):
    """Somebody answered before the handoff: who finds a project and fit hands the buyer over to a rep, warm.

    Else an SDR lets it go, and a marketer leaves the lead where it stood.
    """
    talked = b["task_result"] == TaskResult.TALKED
    if talked:
        talk(t, b, h, g, rules, key, p, role, now, Activity.ANSWER)
        if b["outcome"] != Outcome.OPEN:
            return NOTHING
        if qualifies(b, rules, key):
            happens(t, b, MQL_AT, now)
            happens(t, b, SAL_AT, now)
            becomes_sql(t, b, now)
            return SEEK_OWNER
    else:
        note(t, b, now, Activity.CALL_UNANSWERED, p, NO_TOPIC)
    if role == Role.MARKETER:
        nurture(b, rules, now)
        consider_passing(t, b, rules, key, now)
    elif not talked and is_called_again(b, rules, key):
        b["status"] = LeadStatus.MQL
        happens(t, b, MQL_AT, now)
        b["duty"] = Duty.ROUTE
        b["duty_at"] = now + rules.retry_us
    else:
        if talked:
            in_vain(b, rules)
        give_up_lead(t, b, h, rules, key, now)
    return NOTHING


@compiled
def supported(t, b, h, g, rules, key, p, now):
    """A marketer made a piece for the rest of the group; the rep's next touch comes when it would have come anyway."""
    stage, n = b["task_stage"], b["task_no"] - 1
    touched(b, h, TOUCH_PERSON + Role.MARKETER)
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, key, Role.MARKETER, checks, Decision.TALK_CONTRADICTS, stage, n)
    if h["members"] > 1:
        for m in range(1, h["members"]):
            g["doubt"][m] = grouping.doubt_after(g["doubt"][m], rules.support_effect)
    note(t, b, now, Activity.SUPPORT, p, NO_TOPIC)
    if not b["chosen"]:
        plan_closing(b, rules, now, max(now, b["follow_up_at"]))
    return NOTHING


@compiled
def met(t, b, h, g, rules, key, p, role, now):
    """The owner met the buyer, at first by arrangement, or proposed to; after too many tries in vain it gives up."""
    supports = False
    if b["task_result"] == TaskResult.TALKED:
        b["silent"] = 0
        b["has_met_owner"] = 1
        happens(t, b, FIRST_REP_AT, now)
        if happens(t, b, OPPORTUNITY_AT, now):
            count(t, PIPELINE_CENTS + int(b["channel"]), h["value_cents"])
            note(t, b, now, Activity.OPPORTUNITY, p, NO_TOPIC)
        if b["offer_at"] == NEVER:
            b["offer_at"] = now + time_to_offer(b, h, rules, key)
        offer_discount(t, b, h, rules, p, now)
        attended(b, h, g, rules, key)
        talk(t, b, h, g, rules, key, p, role, now, Activity.MEETING)
        supports = luck(b, key, Decision.SUPPORTS, b["task_stage"], b["task_no"] - 1) < rules.support_share
    else:
        b["silent"] += 1
        note(t, b, now, Activity.MEETING_DECLINED, p, NO_TOPIC)
    if b["outcome"] != Outcome.OPEN or b["chosen"]:
        return NOTHING
    if b["silent"] >= rules.silent_follow_ups:
        give_up_lead(t, b, h, rules, key, now)
        return RELEASE_OWNER
    b["follow_up_at"] = next_follow_up(b, rules, key, now)
    if supports:
        b["duty"] = Duty.SUPPORT
        b["duty_at"] = now
    else:
        plan_closing(b, rules, now, b["follow_up_at"])
    return NOTHING


@compiled
def time_to_offer(b, h, rules, key):
    """From the first meeting to an offer that the buyer can accept; a simple purchase is offered there and then."""
    if closes_at_once(b, h, rules):
        return 0
    return closing_us(b, h, rules, fixed(b, key, Decision.OFFER_TIME), rules.offer_days, rules.offer_sigma)


@compiled
def attended(b, h, g, rules, key):
    """Members of the group who attend a rep's meeting doubt less after it."""
    if h["members"] > 1:
        n = b["task_no"] - 1
        for m in range(1, h["members"]):
            if luck_of_member(b, key, m, Decision.ATTENDS, b["task_stage"], n) < rules.attend_chance:
                g["doubt"][m] = grouping.doubt_after(g["doubt"][m], rules.meeting_effect)


@compiled
def next_follow_up(b, rules, key, now):
    """When the rep turns to the account again: sooner to who moves fast, by the root of its pace.

    Near a quarter's end sooner to those that may close, later to others.
    """
    wait = int(math.floor(rules.follow_up_us * math.sqrt(b["pace"]) + 0.5))
    at = now + wait
    if rules.quarter_window_us == 0:
        return at
    if b["stage"] >= Stage.JUSTIFYING_DECISION:
        return quarter.hurried(now, wait, rules.quarter_window_us, rules.quarter_intensity)
    if quarter.is_near_end(at, rules.quarter_window_us):
        if luck(b, key, Decision.PUT_OFF, b["stage"], b["task_no"]) < rules.quarter_drop_share:
            return quarter.next_quarter(at)
    return at


@compiled
def offer_discount(t, b, h, rules, p, now):
    """Near a quarter's end a price cut for accounts that may close: it calms worries, and makes the buyer wonder."""
    if rules.discount <= 0.0 or h["discounted"] or b["chosen"] or b["stage"] < Stage.JUSTIFYING_DECISION:
        return
    if not quarter.is_near_end(now, rules.quarter_window_us):
        return
    h["discounted"] = 1
    h["paid_cents"] = quarter.discounted(h["value_cents"], rules.discount)
    b["trust"] *= 1.0 - rules.discount_doubt
    for topic in (Topic.PRICE, Topic.TERMS):
        cleared(b, h, topic, b["uncertainty"][topic] * (1.0 - rules.discount_pull))
    note(t, b, now, Activity.DISCOUNT_OFFERED, p, NO_TOPIC)
