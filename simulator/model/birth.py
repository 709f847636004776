"""Who a buyer is: everything that is fixed at its arrival, and its wish for a person, which is new in each stage.

``b``, ``h`` and ``g`` are its records (``records``), modified in place.
"""

import math

from simulator.model import buyer as buying
from simulator.model import content as library
from simulator.model import group as grouping
from simulator.model.calendar import own_opening
from simulator.model.compiling import compiled
from simulator.model.numerics import NEVER, exponential, logistic, normal
from simulator.model.randomness import at_arrival, fixed, luck, of_member
from simulator.model.words import FORMATS, NOBODY, TOPICS, Decision

#: The wish of who would rather meet no rep at all.
NEVER_WISHES = -1.0


@compiled
def segment_of(rules, key, base):
    """Position of the buyer's segment."""
    return buying.segment_of(at_arrival(key, base, Decision.SEGMENT), rules.segment_cumulative)


@compiled
def complexity_of(rules, key, base, segment):
    """From 0 to 1."""
    u = at_arrival(key, base, Decision.COMPLEXITY)
    return buying.between(u, rules.complexity_low[segment], rules.complexity_high[segment])


@compiled
def fit_of(rules, key, base, channel):
    """From 0 to 1."""
    u = at_arrival(key, base, Decision.FIT)
    return buying.true_fit(u, rules.fit_mean_logit, rules.fit_shift[channel], rules.fit_spread[channel])


@compiled
def born(b, h, g, rules, key, at, base, channel):
    """A buyer begins its research; the records are blank but for what an engine keeps in them."""
    b["base"] = base
    b["channel"] = channel
    segment = segment_of(rules, key, base)
    b["segment"] = segment
    b["team"] = rules.team_of_segment[segment]
    complexity = complexity_of(rules, key, base, segment)
    b["complexity"] = complexity
    h["value_cents"] = buying.deal_value_cents(
        fixed(b, key, Decision.DEAL_VALUE), rules.deal_value_median_usd[segment], rules.deal_value_sigma[segment]
    )
    b["fit"] = fit_of(rules, key, base, channel)
    b["pace"] = buying.pace(fixed(b, key, Decision.PACE), rules.pace_spread)
    b["patience_us"] = patience_of(b, rules, key, segment)
    if rules.office_share > 0.0:
        u = fixed(b, key, Decision.OFFICE_OPENS)
        b["office_opens_us"] = own_opening(u, rules.office_opens_us, rules.office_spread_us)
    b["verification"] = buying.between(
        fixed(b, key, Decision.VERIFICATION), rules.verification_low, rules.verification_high
    )
    b["preference"] = rules.preference_spread * normal(fixed(b, key, Decision.PREFERENCE))
    if buying.is_rep_free(fixed(b, key, Decision.REP_FREE), rules.rep_free_share[segment], complexity):
        b["wish"] = NEVER_WISHES
    set_wish(b, rules)
    b["anonymous_left"] = buying.geometric(fixed(b, key, Decision.ANONYMITY), rules.anonymous_touches_mean)
    ready = buying.comes_ready(fixed(b, key, Decision.READY), rules.ready_share)
    for topic in range(TOPICS):
        b["uncertainty"][topic] = buying.initial_uncertainty(
            luck(b, key, Decision.KNOWLEDGE, 0, topic), ready, rules.prior_knowledge, rules.ready_knowledge
        )
        if rules.is_known[topic]:
            b["uncertainty"][topic] = 0.0
    b["rival_strength"] = buying.rival_strength(
        fixed(b, key, Decision.RIVAL_STRENGTH), rules.rival_strength_low, rules.rival_strength_high, rules.rivals
    )
    b["form"] = library.one_of(fixed(b, key, Decision.FORMAT), FORMATS)
    join_group(b, h, g, rules, key)
    b["trust"] = rules.initial_trust
    b["last_role"] = NOBODY
    b["owner"] = NOBODY
    b["view_error"] = math.nan
    b["duty_at"] = b["step_at"] = b["offer_at"] = b["signs_at"] = NEVER
    h["paid_cents"] = h["value_cents"]
    chance = rules.project_share * rules.project_factor[channel]
    b["touched_at"] = at
    if rules.project_share >= 1.0 or fixed(b, key, Decision.HAS_PROJECT) < chance:
        b["project"] = 1
        b["give_up_at"] = at + b["patience_us"]
        set_pause(b, rules, key, at)
    else:
        h["came_dormant"] = 1
        b["turns_at"] = NEVER
        b["give_up_at"] = b["patience_us"]


@compiled
def patience_of(b, rules, key, segment):
    """How long the buyer's project can last, or a stage of it, in microseconds."""
    patience = buying.patience_us(
        fixed(b, key, Decision.PATIENCE), rules.patience_median_days[segment], rules.patience_sigma[segment], b["pace"]
    )
    if rules.distraction_days <= 0.0:
        return patience
    days = exponential(fixed(b, key, Decision.DISTRACTED_AFTER), rules.distraction_days)
    return buying.project_us(patience, buying.scaled_us(days, b["pace"]))


@compiled
def set_pause(b, rules, key, now):
    """A project begins or goes on: it pauses after an exponential time, at the buyer's pace, or never."""
    b["turns_at"] = NEVER
    if rules.pauses_per_year > 0.0:
        days = exponential(luck(b, key, Decision.PROJECT_PAUSES, 0, b["pause_no"]), 365.0 / rules.pauses_per_year)
        b["turns_at"] = now + max(1, buying.scaled_us(days, b["pace"]))


@compiled
def set_wish(b, rules):
    """A stage begins, and with it another chance to want a person at a step; who wants no rep never wants one."""
    if b["wish"] != NEVER_WISHES:
        b["wish"] = logistic(wish_for_person(b, rules))


@compiled
def wish_for_person(b, rules):
    """Logit of preferring a person, less what refusals and having to tell it all again have cost."""
    preferred = buying.preference_for_person(
        b["complexity"],
        b["stage"],
        b["preference"],
        rules.preference_base,
        rules.preference_by_complexity,
        rules.preference_by_stage,
    )
    return preferred - b["wish_lost"]


@compiled
def join_group(b, h, g, rules, key):
    """The members of the buying group, each with its own worry and doubt; one member needs no consensus."""
    h["members"] = grouping.group_size(b["complexity"], rules.group_simple, rules.group_complex)
    if h["members"] == 1:
        return
    for m in range(h["members"]):
        g["worry"][m] = grouping.worry_of(of_member(b, key, m, Decision.MEMBER_WORRY))
        g["doubt"][m] = buying.between(of_member(b, key, m, Decision.MEMBER_DOUBT), rules.doubt_low, rules.doubt_high)
