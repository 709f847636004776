"""Being served, compiled: handlers that touch shared state (queues, people, open deals). Names as in the reference.

``t`` is the ``Tables``; ``b`` and ``h`` are the records of buyer ``i``.
"""

from simulator.behaviour import buyer as buying
from simulator.behaviour import people as working
from simulator.behaviour.calendar import after_work, next_working
from simulator.behaviour.numerics import NEVER, logistic, microseconds, normal
from simulator.compiling import compiled
from simulator.domain.words import (
    NOBODY,
    ROLES,
    Activity,
    Attention,
    Decision,
    Duty,
    EventKind,
    LeadStatus,
    Outcome,
    Role,
    Stage,
    Task,
    TaskResult,
)
from simulator.engines.compiled.journey import advance, hear, learn, learn_from_content, mail, wish_for_person
from simulator.engines.compiled.lead import consider_passing, give_up_lead, heat_up, marketing_error, pass_on
from simulator.engines.compiled.queues import count_deals, head_of, hold, line_up, plan
from simulator.engines.compiled.state import luck, note
from simulator.engines.compiled.wheel import insert
from simulator.engines.report import TOUCH_PERSON


@compiled
def join(t, rules, key, i, q, task, asked, now):
    """Wait for a person, or be taken up at once; who asked comes before whom we call on."""
    b = t.state[i]
    b["task"] = task
    b["asked"] = asked
    if task == Task.QUALIFY and t.history[i]["queued_at"] < 0:
        t.history[i]["queued_at"] = now
    line_up(t, i, q, 1 - asked, now)
    person = idle_person(t, rules, q)
    if person >= 0:
        take_up(t, rules, key, person, i, q, now)


@compiled
def idle_person(t, rules, q):
    """The first of those who serve line ``q`` and serve nobody now; -1 if all are busy."""
    desks = rules.teams * ROLES
    if q >= desks:
        return q - desks if t.idle[q - desks] else -1
    for person in range(rules.first_person[q], rules.last_person[q]):
        if t.idle[person]:
            return person
    return -1


@compiled
def seek_owner(t, rules, i, now):
    """Sales qualified: wait for a rep with room for one more deal."""
    b, h = t.state[i], t.history[i]
    b["status"] = LeadStatus.SQL
    b["duty"] = Duty.NONE
    b["duty_at"] = NEVER
    if h["sql_at"] < 0:
        h["sql_at"] = now
    note(b, now, t.log, t.tally, Activity.SQL, NOBODY, -1)
    q = b["team"] * ROLES + Role.REP
    line_up(t, i, q, 0, now)
    offer_room(t, rules, q, now)


@compiled
def offer_room(t, rules, q, now):
    """If somebody waits for an owner and a rep has room, bring them together."""
    i = head_of(t, q)
    if i < 0:
        return
    rep = working.least_loaded(t.open_deals, t.idle, rules.first_person[q], rules.last_person[q], rules.max_open_deals)
    if rep < 0:
        return
    hold(t, i, now)
    assign_owner(t, rules, i, rep, now)


@compiled
def assign_owner(t, rules, i, rep, now):
    """A named rep owns the account from now on, and meets it as soon as there is time."""
    b, h = t.state[i], t.history[i]
    b["status"] = LeadStatus.OWNED
    b["owner"] = rep
    b["silent"] = 0
    count_deals(t, rep, 1, now)
    if h["owned_at"] < 0:
        h["owned_at"] = now
    b["duty"] = Duty.FOLLOW_UP
    b["duty_at"] = now
    note(b, now, t.log, t.tally, Activity.OWNER_ASSIGNED, rep, -1)
    plan(t, rules, i)


@compiled
def release_owner(t, rules, i, now):
    """The rep has room for another deal."""
    b, h = t.state[i], t.history[i]
    if h["released_at"] < 0:
        h["released_at"] = now
    count_deals(t, b["owner"], -1, now)
    b["owner"] = NOBODY
    offer_room(t, rules, b["team"] * ROLES + Role.REP, now)


@compiled
def take_up(t, rules, key, p, i, q, now):
    """Turn to a buyer; the end of the task is an event of this person's own."""
    hold(t, i, now)
    person, pool = t.people[p], t.person_team[p] * ROLES + t.person_role[p]
    t.idle[p] = 0
    t.person_line[p] = q
    person["serving"] = i
    t.state[i]["attention"] = Attention.SERVED
    person["task_us"] = taken_up(t, rules, key, i, p, now)
    person["started_at"] = now
    person["finish_at"] = after_work(now, person["task_us"], rules.opens[pool], rules.window[pool], rules.days)
    if person["finish_at"] < rules.horizon_us:
        insert(t.nodes, t.buckets, t.heap, t.tally, t.state.shape[0] + p, person["finish_at"], EventKind.FINISH)


@compiled
def taken_up(t, rules, key, i, p, now):
    """A person turns to this buyer: what will become of it, and how many microseconds of work it takes."""
    b, h = t.state[i], t.history[i]
    task = b["task"]
    b["task_stage"] = b["stage"]
    n = b["task_no"]
    b["task_no"] = n + 1
    cold = now >= b["cold_at"]
    minutes = 0.0
    if task == Task.QUALIFY:
        if h["taken_at"] < 0:
            h["taken_at"] = now
        if b["attempts"] == 0:
            minutes += rules.review_minutes
        if b["attempts"] == 0 and not sales_accepts(b, rules, key):
            b["task_result"] = TaskResult.REFUSED
            note(b, now, t.log, t.tally, Activity.REFUSED, p, -1)
        else:
            b["attempts"] += 1
            h["calls"] += 1
            if h["sal_at"] < 0:
                h["sal_at"] = now
                note(b, now, t.log, t.tally, Activity.SAL, p, -1)
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
    elif b["asked"] or is_receptive(b, rules, key, n):
        b["task_result"] = TaskResult.TALKED
        minutes += rules.meeting_minutes
    else:
        b["task_result"] = TaskResult.DECLINED
        minutes += rules.mail_minutes
    if b["task_result"] == TaskResult.TALKED:
        minutes += hand_over(b, h, rules, t.person_role[p])
        if h["first_contact_at"] < 0:
            pool = t.person_team[p] * ROLES + t.person_role[p]
            h["first_contact_at"] = next_working(now, rules.opens[pool], rules.window[pool], rules.days)
    return working.service_us(luck(b, key, Decision.SERVICE_TIME, b["task_stage"], n), minutes, rules.effort_spread)


@compiled
def sales_accepts(b, rules, key):
    """Sales judges the lead's fit for itself, with an error that agrees more or less with marketing's."""
    own_error = normal(luck(b, key, Decision.SALES_VIEW, 0, b["pass_no"]))
    error = working.shared_error(marketing_error(b, key), own_error, rules.agreement)
    bonus = rules.hand_raise_bonus if b["hand_raised"] else 0.0
    return working.judged_fit(b["fit"], error, rules.judgement_noise) + bonus >= rules.accept_threshold


@compiled
def is_receptive(b, rules, key, n):
    """Whether the buyer agrees to meet the rep who proposes it."""
    if b["rep_free"]:
        return False
    wish = wish_for_person(b, rules) + rules.receptive_bonus
    return luck(b, key, Decision.RECEPTIVE, b["task_stage"], n) < logistic(wish)


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
def served(t, rules, key, i, p, now):
    """The task is done: what it did to a buyer who is still there, and what we owe it next."""
    b, h = t.state[i], t.history[i]
    result = b["task_result"]
    if b["task"] == Task.QUALIFY:
        if result == TaskResult.TALKED:
            talk(t, rules, key, i, p, now, Activity.CONVERSATION)
        if b["outcome"] != Outcome.OPEN:
            return
        if result == TaskResult.UNANSWERED:
            note(b, now, t.log, t.tally, Activity.CALL_UNANSWERED, p, -1)
            if b["attempts"] < rules.attempts:
                b["duty"] = Duty.ROUTE
                b["duty_at"] = now + rules.retry_us
            else:
                give_up_lead(b, h, rules, key, now, t.log, t.tally)
        elif result == TaskResult.TALKED and qualifies(b, rules, key):
            seek_owner(t, rules, i, now)
        else:
            give_up_lead(b, h, rules, key, now, t.log, t.tally)
    elif b["task"] == Task.ANSWER:
        answered(t, rules, key, i, p, now)
    elif b["task"] == Task.SUPPORT:
        supported(t, rules, key, i, p, now)
    else:
        met(t, rules, key, i, p, now)


@compiled
def answered(t, rules, key, i, p, now):
    """Somebody answered before the handoff; the lead goes on where it stood."""
    b, h = t.state[i], t.history[i]
    if b["task_result"] == TaskResult.TALKED:
        talk(t, rules, key, i, p, now, Activity.ANSWER)
    else:
        note(b, now, t.log, t.tally, Activity.CALL_UNANSWERED, p, -1)
    if b["outcome"] != Outcome.OPEN:
        return
    if b["stage"] == Stage.MAKING_SELECTION:
        if b["status"] == LeadStatus.DROPPED:
            b["pass_no"] += 1
        pass_on(b, h, rules, key, now, t.log, t.tally)
    else:
        if b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE:
            b["duty"] = Duty.NURTURE
            b["duty_at"] = now + rules.mail_every_us
        consider_passing(b, h, rules, key, now, t.log, t.tally)


@compiled
def supported(t, rules, key, i, p, now):
    """A marketer sends a tailored piece to an owned account."""
    b, h = t.state[i], t.history[i]
    stage, n = b["task_stage"], b["task_no"] - 1
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    h["touches"][TOUCH_PERSON + Role.MARKETER] += 1
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, Role.MARKETER, checks, luck(b, key, Decision.TALK_CONTRADICTS, stage, n))
    use = luck(b, key, Decision.TALK_USEFULNESS, stage, n)
    learn_from_content(b, h, rules, topic, use, rules.tailored_relevance, b["trust"])
    note(b, now, t.log, t.tally, Activity.SUPPORT, p, topic)
    advance(b, h, rules, key, now, t.log, t.tally)
    if b["outcome"] == Outcome.OPEN:
        b["duty"] = Duty.FOLLOW_UP
        b["duty_at"] = now + rules.follow_up_us


@compiled
def met(t, rules, key, i, p, now):
    """The owner met the buyer, or tried to; too many tries in a row and the account is given up."""
    b, h = t.state[i], t.history[i]
    if b["task_result"] == TaskResult.TALKED:
        b["silent"] = 0
        b["cold_at"] = NEVER
        if h["first_rep_at"] < 0:
            h["first_rep_at"] = now
        if h["opportunity_at"] < 0:
            h["opportunity_at"] = now
            note(b, now, t.log, t.tally, Activity.OPPORTUNITY, p, -1)
        elif b["stage"] == Stage.MAKING_SELECTION:
            b["has_met_rep"] = 1
        talk(t, rules, key, i, p, now, Activity.MEETING)
    else:
        b["silent"] += 1
        if b["task_result"] == TaskResult.DECLINED:
            note(b, now, t.log, t.tally, Activity.MEETING_DECLINED, p, -1)
        else:
            note(b, now, t.log, t.tally, Activity.CALL_UNANSWERED, p, -1)
    if b["outcome"] != Outcome.OPEN:
        return
    if b["silent"] >= rules.silent_follow_ups:
        release_owner(t, rules, i, now)
        give_up_lead(b, h, rules, key, now, t.log, t.tally)
    else:
        b["duty"] = Duty.FOLLOW_UP
        b["duty_at"] = now + rules.follow_up_us


@compiled
def talk(t, rules, key, i, p, now, activity):
    """A person speaks with the buyer about what worries it most; a talk also keeps the lead warm."""
    b, h = t.state[i], t.history[i]
    role = t.person_role[p]
    stage, n = b["task_stage"], b["task_no"] - 1
    if h["touches"][TOUCH_PERSON] + h["touches"][TOUCH_PERSON + 1] + h["touches"][TOUCH_PERSON + 2] == 0:
        h["cleared_before_person"] = h["cleared_total"]
    topic = buying.worst_topic(b["uncertainty"], b["stage"])
    h["touches"][TOUCH_PERSON + role] += 1
    b["engagement"] += 1
    heat_up(b, rules, key, now)
    checks = luck(b, key, Decision.TALK_CHECKS, stage, n) < b["verification"]
    hear(b, h, rules, role, checks, luck(b, key, Decision.TALK_CONTRADICTS, stage, n))
    power = rules.person_gain * rules.skill[role]
    learn(b, h, rules, topic, power, luck(b, key, Decision.TALK_USEFULNESS, stage, n), 1.0, b["trust"])
    note(b, now, t.log, t.tally, activity, p, topic)
    advance(b, h, rules, key, now, t.log, t.tally)


@compiled
def qualifies(b, rules, key):
    """After a talk, sales sees fit more clearly."""
    error = normal(luck(b, key, Decision.QUALIFICATION, 0, b["pass_no"]))
    return working.judged_fit(b["fit"], error, rules.talk_noise) >= rules.qualify_threshold


@compiled
def on_duty(t, rules, key, i, now):
    """Our clock towards the buyer."""
    b, h = t.state[i], t.history[i]
    duty = b["duty"]
    b["duty"] = Duty.NONE
    b["duty_at"] = NEVER
    pool = b["team"] * ROLES
    desks = rules.teams * ROLES
    if duty == Duty.NURTURE:
        mail(b, h, rules, key, now, t.log, t.tally)
    elif duty == Duty.ROUTE:
        join(t, rules, key, i, pool + Role.SDR, Task.QUALIFY, 0, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.OWNED:
        join(t, rules, key, i, desks + b["owner"], Task.MEET, 1, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.MQL:
        join(t, rules, key, i, pool + Role.SDR, Task.QUALIFY, 1, now)
    elif duty == Duty.REQUEST:
        join(t, rules, key, i, pool + rules.access[b["stage"]], Task.ANSWER, 1, now)
    elif duty == Duty.FOLLOW_UP:
        supported = (
            h["opportunity_at"] >= 0 and luck(b, key, Decision.SUPPORTS, b["stage"], b["task_no"]) < rules.support_share
        )
        if supported:
            join(t, rules, key, i, pool + Role.MARKETER, Task.SUPPORT, 0, now)
        else:
            join(t, rules, key, i, desks + b["owner"], Task.MEET, 0, now)
    elif duty == Duty.RELEASE:
        release_owner(t, rules, i, now)


@compiled
def on_finish(t, rules, key, p, now):
    """The task is done; on to the next in the queue."""
    person = t.people[p]
    i = person["serving"]
    b, h = t.state[i], t.history[i]
    person["serving"] = -1
    t.idle[p] = 1
    person["worked_us"] += person["task_us"]
    h["work_us"][t.person_role[p]] += person["task_us"]
    b["attention"] = Attention.FREE
    if b["outcome"] == Outcome.OPEN:
        served(t, rules, key, i, p, now)
    plan(t, rules, i)
    q = t.person_line[p]
    following = head_of(t, q)
    if following >= 0:
        take_up(t, rules, key, p, following, q, now)
