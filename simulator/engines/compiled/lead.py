"""What the vendor knows of a buyer and does with the lead, compiled; private. Names as in the reference engine.

``b`` is the buyer's record of ``STATE_DTYPE``, ``h`` its record of ``LIFE_DTYPE``; both are modified in place.
"""

import math

from simulator.engines.compiled.memory import tally_of
from simulator.engines.compiled.state import luck, note
from simulator.engines.compiled.times import INQUIRY_AT, MQL_AT, happens
from simulator.engines.tally import LEADS
from simulator.model import buyer as buying
from simulator.model import people as working
from simulator.model.calendar import after_work
from simulator.model.compiling import compiled
from simulator.model.numerics import NEVER, microseconds_of_minutes, normal
from simulator.model.words import NOBODY, Activity, Attention, Decision, Duty, LeadStatus

_NO_TOPIC = -1


@compiled
def become_known(t, b, h, rules, key, now):
    """The inquiry: we know of the buyer, and nurture it."""
    b["status"] = LeadStatus.INQUIRY
    happens(t, b, h, INQUIRY_AT, now)
    heat_up(b, rules, key, now)
    b["duty"] = Duty.NURTURE
    b["duty_at"] = now + rules.mail_every_us
    tally_of(t)[LEADS + int(b["channel"])] += 1
    note(t, b, now, Activity.INQUIRY, NOBODY, _NO_TOPIC)


@compiled
def heat_up(b, rules, key, now):
    """A sign of interest: from now on an unserved lead cools; an account that met its owner does not."""
    if b["status"] != LeadStatus.OWNED or b["cold_at"] != NEVER:
        u = luck(b, key, Decision.COOLING, 0, b["heat_no"])
        b["heat_no"] += 1
        b["cold_at"] = now + buying.cooling_us(u, rules.half_life_days)


@compiled
def consider_passing(t, b, h, rules, key, now):
    """Marketing passes an inquiry whose score reaches the threshold; the loop takes it out of its line."""
    in_hand = b["attention"] == Attention.SERVED or b["duty"] == Duty.REQUEST
    if (b["status"] == LeadStatus.INQUIRY or b["status"] == LeadStatus.NURTURE) and not in_hand:
        view = working.judged_fit(b["fit"], marketing_error(b, key), rules.judgement_noise)
        bonus = rules.hand_raise_bonus if b["hand_raised"] else 0.0
        score = working.lead_score(view, b["engagement"], rules.engagement_weight, bonus)
        if score >= rules.score_threshold:
            pass_on(t, b, h, rules, key, now)


@compiled
def marketing_error(b, key):
    """Marketing's error about this lead, drawn anew each time it is passed, and kept until then."""
    if math.isnan(b["view_error"]):
        b["view_error"] = normal(luck(b, key, Decision.MARKETING_VIEW, 0, b["pass_no"]))
    return b["view_error"]


@compiled
def pass_on(t, b, h, rules, key, now):
    """The lead becomes an MQL and travels to sales: routing, then a list, at most as long as the SLA."""
    b["status"] = LeadStatus.MQL
    happens(t, b, h, MQL_AT, now)
    b["attempts"] = 0
    minutes = working.waiting_minutes(
        luck(b, key, Decision.PICKUP, 0, b["pass_no"]), rules.routing_minutes, rules.pickup_minutes, rules.sla_minutes
    )
    team = b["team"]
    b["duty_at"] = after_work(
        now, microseconds_of_minutes(minutes), rules.day_opens[team], rules.day_window[team], rules.days
    )
    b["duty"] = Duty.ROUTE
    note(t, b, now, Activity.MQL, NOBODY, _NO_TOPIC)


@compiled
def give_up_lead(t, b, h, rules, key, now):
    """A refused or quiet lead is recycled or dropped."""
    if luck(b, key, Decision.RECYCLING, 0, b["pass_no"]) < rules.recycling_share:
        b["status"] = LeadStatus.NURTURE
        h["recycled"] += 1
        b["duty"] = Duty.NURTURE
        b["duty_at"] = now + rules.mail_every_us
        note(t, b, now, Activity.RECYCLED, NOBODY, _NO_TOPIC)
    else:
        b["status"] = LeadStatus.DROPPED
        b["duty"] = Duty.NONE
        b["duty_at"] = NEVER
        note(t, b, now, Activity.DROPPED, NOBODY, _NO_TOPIC)
    b["engagement"] = 0
    b["hand_raised"] = 0
    b["cold_at"] = min(b["cold_at"], now)
    b["pass_no"] += 1
    b["view_error"] = math.nan
