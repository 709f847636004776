"""What the vendor knows of a buyer and does with the lead, from the inquiry to a rep's account.

``t`` is the engine's side (``port``); ``b`` and ``h`` are the buyer's records (``records``), modified in place.
"""

import math

from simulator.model import buyer as buying
from simulator.model import people as working
from simulator.model.birth import set_wish
from simulator.model.calendar import after_work
from simulator.model.compiling import compiled
from simulator.model.numerics import NEVER, microseconds_of_minutes, normal
from simulator.model.port import count, happens, note
from simulator.model.randomness import luck
from simulator.model.records import INQUIRY_AT, MQL_AT, OWNED_AT, RELEASED_AT, REQUESTED_AT, SQL_AT
from simulator.model.tally import LEADS
from simulator.model.words import NO_TOPIC, NOBODY, Activity, Attention, Decision, Duty, LeadStatus


@compiled
def enter_stream(t, b, rules, key, now):
    """A buyer's first instant: a replayed lead is known from the start, or passed on already."""
    if rules.enter_as > 0:
        become_known(t, b, rules, key, now)
    if rules.enter_as > 1:
        pass_on(t, b, rules, key, now)


@compiled
def become_known(t, b, rules, key, now):
    """The inquiry: we know of the buyer, and nurture it."""
    b["status"] = LeadStatus.INQUIRY
    happens(t, b, INQUIRY_AT, now)
    show_interest(b, now)
    nurture(b, rules, now)
    count(t, LEADS + int(b["channel"]), 1)
    note(t, b, now, Activity.INQUIRY, NOBODY, NO_TOPIC)


@compiled
def nurture(b, rules, now):
    """The next mail to a known lead that nobody serves."""
    if b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE:
        b["duty"] = Duty.NURTURE
        b["duty_at"] = now + rules.mail_every_us


@compiled
def show_interest(b, now):
    """A sign of interest: from now on the buyer can be reached less and less, and thinks of us less and less."""
    b["heat_no"] += 1
    b["touched_at"] = now


@compiled
def ask(t, b, rules, key, now):
    """The buyer asks us for a person; false if it is told that nobody will answer, and else it waits.

    The owner of an account gets the request at once. Else it takes a time until someone turns to it, if anybody does;
    where nobody may answer before the handoff, the SDRs do. A lead on its way to them gets there no later for it.
    """
    if b["status"] == LeadStatus.ANONYMOUS:
        become_known(t, b, rules, key, now)
    elif b["status"] == LeadStatus.DROPPED:
        b["status"] = LeadStatus.INQUIRY  # a request opens a dropped lead again
    n = b["request_no"]
    b["request_no"] = n + 1
    b["request"] = 1
    b["hand_raised"] = 1
    b["asked_at"] = now
    b["engagement"] += 1
    b["attempts"] = 0
    show_interest(b, now)
    happens(t, b, REQUESTED_AT, now)
    note(t, b, now, Activity.HAND_RAISE, NOBODY, NO_TOPIC)
    b["request_until"] = NEVER
    if rules.request_patience_days > 0.0:
        u = luck(b, key, Decision.REQUEST_PATIENCE, 0, n)
        b["request_until"] = now + buying.patience_us(u, rules.request_patience_days, rules.request_patience_sigma, 1.0)
    if b["status"] == LeadStatus.OWNED:
        b["duty"] = Duty.REQUEST
        b["duty_at"] = now
        return True
    taken = rules.requests_taken >= 1.0 or luck(b, key, Decision.REQUEST_TAKEN, 0, n) < rules.requests_taken
    if not taken and b["request_until"] == NEVER:  # who would wait for ever is told so
        b["request"] = 0
        if b["duty"] == Duty.NONE:
            nurture(b, rules, now)
        return False
    if rules.access[b["stage"]] == NOBODY and b["status"] != LeadStatus.MQL:
        b["status"] = LeadStatus.MQL
        happens(t, b, MQL_AT, now)
        note(t, b, now, Activity.MQL, NOBODY, NO_TOPIC)
    b["duty_at"] = b["duty_at"] if b["duty"] == Duty.ROUTE else NEVER
    b["duty"] = Duty.REQUEST
    if taken:
        u = luck(b, key, Decision.REQUEST_DELAY, 0, n)
        minutes = working.request_minutes(u, 60.0 * rules.request_hours, rules.request_sigma, rules.sla_minutes)
        b["duty_at"] = min(b["duty_at"], in_working_time(b, rules, now, minutes))
    return True


@compiled
def in_working_time(b, rules, now, minutes):
    """The instant at which so many minutes of the buyer's team have passed."""
    team = b["team"]
    return after_work(now, microseconds_of_minutes(minutes), rules.day_opens[team], rules.day_window[team], rules.days)


@compiled
def rival_may_answer(b, rules, waited_us):
    """A rival may answer first while a request waits; all requests together bring it at most ``rival_answers``."""
    if rules.rival_answers > 0.0:
        before = b["rival_answered"]
        b["rival_answered"] = buying.rival_answered(before, waited_us, rules.rival_answer_hours)
        b["rival_progress"] += rules.rival_answers * (b["rival_answered"] - before)


@compiled
def in_vain(b, rules):
    """The buyer asked in vain: a rival has answered by now, and it wants a person less, for good."""
    rival_may_answer(b, rules, NEVER)
    lose_wish(b, rules, rules.refusal_cost)


@compiled
def lose_wish(b, rules, cost):
    """The buyer wants a person less from now on, for good."""
    if cost > 0.0:
        b["wish_lost"] += cost
        set_wish(b, rules)


@compiled
def consider_passing(t, b, rules, key, now):
    """Marketing passes an inquiry whose score reaches the threshold; the engine takes it out of its line."""
    in_hand = b["attention"] == Attention.SERVED or b["request"] != 0
    known = b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE
    if known and not in_hand and b["engagement"] > 0:
        view = working.judged_fit(b["fit"], marketing_error(b, key), rules.judgement_noise)
        bonus = rules.hand_raise_bonus if b["hand_raised"] else 0.0
        score = working.lead_score(view, b["engagement"], rules.engagement_weight, bonus)
        if score >= rules.score_threshold:
            pass_on(t, b, rules, key, now)


@compiled
def marketing_error(b, key):
    """Marketing's error about this lead, drawn anew each time it is passed, and kept until then."""
    if math.isnan(b["view_error"]):
        b["view_error"] = normal(luck(b, key, Decision.MARKETING_VIEW, 0, b["pass_no"]))
    return b["view_error"]


@compiled
def pass_on(t, b, rules, key, now):
    """The lead becomes an MQL and travels to sales: routing, then a list, at most as long as the SLA."""
    b["status"] = LeadStatus.MQL
    happens(t, b, MQL_AT, now)
    b["attempts"] = 0
    minutes = working.waiting_minutes(
        luck(b, key, Decision.PICKUP, 0, b["pass_no"]), rules.routing_minutes, rules.pickup_minutes, rules.sla_minutes
    )
    b["duty_at"] = in_working_time(b, rules, now, minutes)
    b["duty"] = Duty.ROUTE
    note(t, b, now, Activity.MQL, NOBODY, NO_TOPIC)


@compiled
def sales_accepts(b, rules, key):
    """Sales judges the lead's fit for itself, with an error that agrees more or less with marketing's.

    Who asked for a person is called, and judged after the talk.
    """
    if b["hand_raised"]:
        return True
    own_error = normal(luck(b, key, Decision.SALES_VIEW, 0, b["pass_no"]))
    error = working.shared_error(marketing_error(b, key), own_error, rules.agreement)
    return working.judged_fit(b["fit"], error, rules.judgement_noise) >= rules.accept_threshold


@compiled
def qualifies(b, rules, key):
    """After a talk, sales sees fit more clearly, and whether there is a project."""
    if b["project"] == 0:
        return False
    error = normal(luck(b, key, Decision.QUALIFICATION, 0, b["pass_no"]))
    return working.judged_fit(b["fit"], error, rules.talk_noise) >= rules.qualify_threshold


@compiled
def becomes_sql(t, b, now):
    """Sales qualified: it waits for a rep with room for one more deal."""
    b["status"] = LeadStatus.SQL
    b["asked"] = 0
    b["duty"] = Duty.NONE
    b["duty_at"] = NEVER
    happens(t, b, SQL_AT, now)
    note(t, b, now, Activity.SQL, NOBODY, NO_TOPIC)


@compiled
def gets_owner(t, b, rep, now):
    """A named rep owns the account from now on, and meets it as soon as there is time."""
    b["status"] = LeadStatus.OWNED
    b["owner"] = rep
    b["silent"] = 0
    b["has_met_owner"] = 0
    happens(t, b, OWNED_AT, now)
    b["duty"] = Duty.FOLLOW_UP
    b["duty_at"] = now
    note(t, b, now, Activity.OWNER_ASSIGNED, rep, NO_TOPIC)


@compiled
def loses_owner(t, b, now):
    """The rep has room for another deal."""
    happens(t, b, RELEASED_AT, now)
    b["owner"] = NOBODY


@compiled
def give_up_lead(t, b, h, rules, key, now):
    """A refused or quiet lead is recycled or dropped."""
    b["duty"] = Duty.NONE
    b["duty_at"] = NEVER
    if luck(b, key, Decision.RECYCLING, 0, b["pass_no"]) < rules.recycling_share:
        b["status"] = LeadStatus.NURTURE
        h["recycled"] += 1
        nurture(b, rules, now)
        note(t, b, now, Activity.RECYCLED, NOBODY, NO_TOPIC)
    else:
        b["status"] = LeadStatus.DROPPED
        note(t, b, now, Activity.DROPPED, NOBODY, NO_TOPIC)
    b["request"] = 0
    b["engagement"] = 0
    b["hand_raised"] = 0
    b["has_met_owner"] = 0
    b["offer_at"] = NEVER
    h["offered"] = 0
    b["pass_no"] += 1
    b["view_error"] = math.nan
