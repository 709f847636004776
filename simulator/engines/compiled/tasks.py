"""What people do for a buyer, compiled: each task, what it takes and what it does. Names as in the reference engine.

``t`` is the ``Tables``; ``b`` and ``h`` are the records of buyer ``i``; ``p`` is the person.
"""

from simulator.engines.compiled.journey import advance, bothered, hear, learn, learn_from_content, tailored
from simulator.engines.compiled.lead import consider_passing, give_up_lead, heat_up, marketing_error, pass_on
from simulator.engines.compiled.memory import life_of, person_role_of, state_of, tally_of
from simulator.engines.compiled.ownership import release_owner, seek_owner
from simulator.engines.compiled.slots import group_of
from simulator.engines.compiled.state import NEVER_WISHES, luck, note, touched, wish_for_person
from simulator.engines.compiled.times import (
    FIRST_CONTACT_AT,
    FIRST_REP_AT,
    MQL_AT,
    OPPORTUNITY_AT,
    SAL_AT,
    TAKEN_AT,
    happens,
    moment_of,
)
from simulator.engines.report import TOUCH_PERSON
from simulator.engines.tally import HEARD, OWN_PIECES, PIPELINE_CENTS, SEARCH_US, USES
from simulator.model import buyer as buying
from simulator.model import content as library
from simulator.model import people as working
from simulator.model import quarter
from simulator.model.compiling import compiled
from simulator.model.numerics import NEVER, logistic, microseconds, microseconds_of_minutes, normal
from simulator.model.words import (
    NOBODY,
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
def taken_up(t, rules, key, i, p, now):
    """A person turns to this buyer: what will become of it, and how many microseconds of work it takes."""
    b, h = state_of(t)[i], life_of(t)[i]
    task = b["task"]
    b["task_stage"] = b["stage"]
    n = b["task_no"]
    b["task_no"] = n + 1
    cold = now >= b["cold_at"]
    minutes = 0.0
    if task == Task.QUALIFY:
        happens(t, b, h, TAKEN_AT, now)
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
    elif b["lane"] == 0 or is_receptive(b, rules, key, n, now):
        b["task_result"] = TaskResult.TALKED
        minutes += rules.meeting_minutes
    else:
        b["task_result"] = TaskResult.DECLINED
        minutes += rules.mail_minutes
    if b["task_result"] == TaskResult.TALKED:
        minutes += hand_over(b, h, rules, person_role_of(t)[p])
        minutes += bring_piece(t, b, h, rules, person_role_of(t)[p])
    luck_of_time = luck(b, key, Decision.SERVICE_TIME, b["task_stage"], n)
    return working.service_us(luck_of_time, minutes * rules.effort_factor, rules.effort_spread)


@compiled
def sales_accepts(b, rules, key):
    """Sales judges the lead's fit for itself, with an error that agrees more or less with marketing's."""
    own_error = normal(luck(b, key, Decision.SALES_VIEW, 0, b["pass_no"]))
    error = working.shared_error(marketing_error(b, key), own_error, rules.agreement)
    bonus = rules.hand_raise_bonus if b["hand_raised"] else 0.0
    return working.judged_fit(b["fit"], error, rules.judgement_noise) + bonus >= rules.accept_threshold


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
        tally_of(t)[USES + cell] += 1
        b["piece"] = rules.match_found[cell]
    else:
        b["piece"] = rules.generic_match
    if role == Role.SDR:
        return 0.0
    tally_of(t)[SEARCH_US] += microseconds_of_minutes(rules.search_minutes)
    if useful:
        return rules.search_minutes
    tally_of(t)[OWN_PIECES] += 1
    h["own_pieces"] += 1
    b["piece_is_own"] = 1
    b["piece"] = rules.own_piece_match
    return rules.search_minutes + rules.own_piece_minutes


@compiled
def served(t, rules, key, i, p, now):
    """The task is done: what it did to a buyer who is still there, and what we owe it next."""
    b, h = state_of(t)[i], life_of(t)[i]
    result = b["task_result"]
    if b["task"] == Task.QUALIFY:
        if result == TaskResult.REFUSED:
            note(t, b, now, Activity.REFUSED, p, -1)
        elif happens(t, b, h, SAL_AT, now):
            note(t, b, now, Activity.SAL, p, -1)
        if result == TaskResult.TALKED:
            talk(t, rules, key, i, p, now, Activity.CONVERSATION)
        if b["outcome"] != Outcome.OPEN:
            return
        if result == TaskResult.UNANSWERED:
            note(t, b, now, Activity.CALL_UNANSWERED, p, -1)
            if b["attempts"] < rules.attempts:
                b["duty"] = Duty.ROUTE
                b["duty_at"] = now + rules.retry_us
            else:
                give_up_lead(t, b, h, rules, key, now)
        elif result == TaskResult.TALKED and qualifies(b, rules, key):
            seek_owner(t, rules, i, now)
        else:
            give_up_lead(t, b, h, rules, key, now)
    elif b["task"] == Task.ANSWER:
        answered(t, rules, key, i, p, now)
    elif b["task"] == Task.SUPPORT:
        supported(t, rules, key, i, p, now)
    else:
        met(t, rules, key, i, p, now)


@compiled
def answered(t, rules, key, i, p, now):
    """Somebody answered before the handoff: an SDR qualifies as it talks, a marketer leaves the lead where it stood."""
    b, h = state_of(t)[i], life_of(t)[i]
    if b["task_result"] == TaskResult.TALKED:
        talk(t, rules, key, i, p, now, Activity.ANSWER)
    else:
        note(t, b, now, Activity.CALL_UNANSWERED, p, -1)
    if b["outcome"] != Outcome.OPEN:
        return
    if b["task_result"] == TaskResult.TALKED and person_role_of(t)[p] == Role.SDR:
        if qualifies(b, rules, key):
            happens(t, b, h, MQL_AT, now)
            happens(t, b, h, SAL_AT, now)
            seek_owner(t, rules, i, now)
        else:
            give_up_lead(t, b, h, rules, key, now)
    elif b["stage"] == Stage.MAKING_SELECTION:
        pass_on(t, b, h, rules, key, now)
    else:
        if b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE:
            b["duty"] = Duty.NURTURE
            b["duty_at"] = now + rules.mail_every_us
        consider_passing(t, b, h, rules, key, now)


@compiled
def supported(t, rules, key, i, p, now):
    """A marketer sends a tailored piece to an owned account."""
    b, h, g = state_of(t)[i], life_of(t)[i], group_of(t, i)
    stage, n = b["task_stage"], b["task_no"] - 1
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    touched(b, h, TOUCH_PERSON + Role.MARKETER)
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, Role.MARKETER, checks, luck(b, key, Decision.TALK_CONTRADICTS, stage, n))
    use = luck(b, key, Decision.TALK_USEFULNESS, stage, n)
    learn_from_content(b, h, g, rules, topic, use, rules.tailored_relevance, b["trust"])
    tailored(h, g, rules, topic)
    note(t, b, now, Activity.SUPPORT, p, topic)
    advance(t, b, h, g, rules, key, now)
    if b["outcome"] == Outcome.OPEN:
        b["duty"] = Duty.FOLLOW_UP
        b["duty_at"] = next_follow_up(b, rules, key, now)


@compiled
def met(t, rules, key, i, p, now):
    """The owner met the buyer, or tried to; too many tries in a row and the account is given up."""
    b, h = state_of(t)[i], life_of(t)[i]
    if b["task_result"] == TaskResult.TALKED:
        b["silent"] = 0
        b["cold_at"] = NEVER
        happens(t, b, h, FIRST_REP_AT, now)
        if happens(t, b, h, OPPORTUNITY_AT, now):
            tally_of(t)[PIPELINE_CENTS + int(b["channel"])] += h["value_cents"]
            note(t, b, now, Activity.OPPORTUNITY, p, -1)
        elif b["stage"] == Stage.MAKING_SELECTION and now >= moment_of(t, b, OPPORTUNITY_AT) + rules.offer_us:
            b["has_met_rep"] = 1
        offer_discount(t, rules, i, p, now)
        talk(t, rules, key, i, p, now, Activity.MEETING)
    else:
        b["silent"] += 1
        if b["task_result"] == TaskResult.DECLINED:
            note(t, b, now, Activity.MEETING_DECLINED, p, -1)
        else:
            note(t, b, now, Activity.CALL_UNANSWERED, p, -1)
    if b["outcome"] != Outcome.OPEN:
        return
    if b["silent"] >= rules.silent_follow_ups:
        release_owner(t, rules, i, now)
        give_up_lead(t, b, h, rules, key, now)
    else:
        b["duty"] = Duty.FOLLOW_UP
        b["duty_at"] = next_follow_up(b, rules, key, now)


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
def offer_discount(t, rules, i, p, now):
    """Near a quarter's end a price cut for accounts that may close: it calms worries, and makes the buyer wonder."""
    b, h = state_of(t)[i], life_of(t)[i]
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
    note(t, b, now, Activity.DISCOUNT_OFFERED, p, -1)


@compiled
def talk(t, rules, key, i, p, now, activity):
    """A person speaks with the buyer about what worries it most; a talk also keeps the lead warm."""
    b, h, g = state_of(t)[i], life_of(t)[i], group_of(t, i)
    role = person_role_of(t)[p]
    stage, n = b["task_stage"], b["task_no"] - 1
    if h["touches"][TOUCH_PERSON] + h["touches"][TOUCH_PERSON + 1] + h["touches"][TOUCH_PERSON + 2] == 0:
        h["cleared_before_person"] = h["cleared_total"]
    happens(t, b, h, FIRST_CONTACT_AT, b["began_at"])
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    tally_of(t)[HEARD + library.cell_of(topic, b["segment"], b["form"])] += 1
    touched(b, h, TOUCH_PERSON + role)
    b["engagement"] += 1
    heat_up(b, rules, key, now)
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, role, checks, luck(b, key, Decision.TALK_CONTRADICTS, stage, n))
    power = rules.person_gain * rules.skill[role]
    match = b["piece"] if topic == b["piece_topic"] else rules.generic_match
    relevance = library.talk_relevance(rules.piece_share, match)
    use = luck(b, key, Decision.TALK_USEFULNESS, stage, n)
    learn(b, h, g, rules, topic, power, use, relevance, b["trust"], True)
    if b["piece_is_own"] and topic == b["piece_topic"]:
        tailored(h, g, rules, topic)
    note(t, b, now, activity, p, topic)
    advance(t, b, h, g, rules, key, now)


@compiled
def qualifies(b, rules, key):
    """After a talk, sales sees fit more clearly."""
    error = normal(luck(b, key, Decision.QUALIFICATION, 0, b["pass_no"]))
    return working.judged_fit(b["fit"], error, rules.talk_noise) >= rules.qualify_threshold
