"""The slow loops: what the organisation and its market make, at a review, of what was counted since the last one.

Compiled, and called by both engines, on their own copy of the rules, their assets and their tally. Nothing else
changes the rules, so between two reviews a buyer's steps read what is constant.
"""

import math

from simulator.engines.lowering.people import set_working_days
from simulator.model import channels as spending
from simulator.model import content as library
from simulator.model.calendar import work_before
from simulator.model.compiling import compiled, kernel
from simulator.model.learning import effort_factor, knowledge_after
from simulator.model.numerics import DAY_US
from simulator.model.randomness import INDEX_BITS, base_of_asset, uniform
from simulator.model.sizes import MAX_SEGMENTS
from simulator.model.tally import (
    ASSETS,
    DISAPPOINTED,
    HEARD,
    LEADS,
    MAKING_US,
    PIPELINE_CENTS,
    PLEASED,
    READS,
    REORGANISED_AT,
    REVENUE_CENTS,
    REVIEWED_AT,
    TRAINING_DUE_US,
    TRAINING_US,
    USES,
    WORKED_US,
)
from simulator.model.word_of_mouth import good_share, review_chance
from simulator.model.words import FORMATS, ROLES, TOPICS, Aspect, Decision, Role

#: Kinds of paid time in ``hours``.
COORDINATION, TRAINING, OWN_WORK, FOR_BUYERS = range(4)
TIMES = 4

#: Most of a working day, after meetings, that training may take.
_MOST_TRAINING = 0.8


@kernel
def begin(rules, assets, tally, key):
    """At instant 0: the library as it stands, every channel at its first spend, and the first training."""
    for _ in range(rules.assets_at_start):
        age_us = uniform(key, base_of_asset(key, tally[ASSETS]), 0, Decision.ASSET_AGE, 0) * rules.asset_half_life_days
        add_asset(rules, assets, tally, key, -int(age_us * DAY_US), 0)
    for channel in range(rules.channels):
        rules.multiple[channel] = 1.0
    look_ahead(rules, assets, tally, key, 0)


@kernel
def look_back(rules, assets, hours, tally, key, now, marketers_us):
    """A review's first half: what came of the time since the last one.

    ``marketers_us`` is the time that all marketers spent on buyers since the start.
    """
    elapsed_us = now - tally[REVIEWED_AT]
    make_assets(rules, assets, tally, key, now, marketers_us)
    credit_assets(rules, assets, tally)
    account_hours(rules, hours, tally, now)
    trained = trained_us(rules, tally[REVIEWED_AT], now, tally[TRAINING_US])
    tally[TRAINING_DUE_US] = max(0, tally[TRAINING_DUE_US] - trained)
    trained_days = trained / rules.workday_us
    rules.knowledge = knowledge_after(
        rules.knowledge, elapsed_us / DAY_US, rules.knowledge_half_life_days, trained_days, rules.days_to_learn
    )
    steer_budget(rules, tally)
    tally[REVIEWED_AT] = now


@kernel
def look_ahead(rules, assets, tally, key, now):
    """A review's second half: what holds until the next one, for an organisation that may just have changed."""
    rules.effort_factor = 1.0
    if tally[REORGANISED_AT] > 0:
        rules.effort_factor = effort_factor(now - tally[REORGANISED_AT], rules.dip, rules.dip_us)
    plan_training(rules, tally, now)
    rules.brief_bits = rules.untrained_brief_bits + rules.brief_gain_bits * rules.knowledge
    rules.agreement = rules.untrained_agreement + rules.agreement_gain * rules.knowledge * (
        1.0 - rules.untrained_agreement
    )
    rules.pickup_minutes = rules.untrained_pickup_minutes * (1.0 - rules.response_gain * rules.knowledge)
    good = rules.customers_at_start * rules.good_at_start + tally[PLEASED]
    bad = rules.customers_at_start * (1.0 - rules.good_at_start) + tally[DISAPPOINTED]
    rules.review_chance = review_chance(rules.review_base_chance, rules.imitation, good + bad, rules.customers_needed)
    rules.review_good = good_share(good, bad, rules.good_at_start)
    admit(rules)
    catalogue(rules, assets, tally[ASSETS], key, now)


# --- content ----------------------------------------------------------------------------------------------------------


@compiled
def make_assets(rules, assets, tally, key, now, marketers_us):
    """Marketers' time that went into content becomes assets, for the questions that people heard lately."""
    since = tally[REVIEWED_AT]
    making, worked = 0.0, marketers_us - tally[WORKED_US]
    tally[WORKED_US] = marketers_us
    idle = -float(worked)
    for team in range(rules.teams):
        pool = team * ROLES + Role.MARKETER
        people = rules.last_person[pool] - rules.first_person[pool]
        idle += people * for_buyers_us(rules, pool, since, now)
        making += rules.making_share * rules.marketers_for_marketing * people * own_us(rules, team, pool, since, now)
        reps = team * ROLES + Role.REP
        people = rules.last_person[reps] - rules.first_person[reps]
        making += rules.reps_for_marketing * people * own_us(rules, team, reps, since, now)
    making += rules.making_share * max(0.0, idle)
    tally[MAKING_US] += int(math.floor(making + 0.5))
    heard = 0
    for cell in range(library.CELLS):
        heard += tally[HEARD + cell]
    while tally[MAKING_US] >= rules.asset_us and tally[ASSETS] < assets.shape[0]:
        tally[MAKING_US] -= rules.asset_us
        add_asset(rules, assets, tally, key, now, heard)
    for cell in range(library.CELLS):
        tally[HEARD + cell] //= 2  # half of what was heard is remembered for the next review


@compiled
def add_asset(rules, assets, tally, key, made_at, heard):
    """One more asset: as far as the brief goes, for a question that was heard; else by guess."""
    serial = tally[ASSETS]
    base = base_of_asset(key, serial)
    topic = library.guessed_topic(uniform(key, base, 0, Decision.ASSET_GUESS, Aspect.TOPIC), rules.early_lean)
    segment = library.one_of(uniform(key, base, 0, Decision.ASSET_GUESS, Aspect.SEGMENT), rules.segments)
    form = library.one_of(uniform(key, base, 0, Decision.ASSET_GUESS, Aspect.FORMAT), FORMATS)
    if heard > 0:
        cell = library.drawn_cell(uniform(key, base, 0, Decision.ASSET_TARGET, 0), tally[HEARD:READS], heard)
        bits = rules.brief_bits
        if is_as_briefed(key, base, Aspect.TOPIC, bits, TOPICS):
            topic = cell // (MAX_SEGMENTS * FORMATS)
        bits = max(0.0, bits - library.bits_for(TOPICS))
        if is_as_briefed(key, base, Aspect.SEGMENT, bits, rules.segments):
            segment = cell // FORMATS % MAX_SEGMENTS
        bits = max(0.0, bits - library.bits_for(rules.segments))
        if is_as_briefed(key, base, Aspect.FORMAT, bits, FORMATS):
            form = cell % FORMATS
    asset = assets[serial]
    asset["topic"] = topic
    asset["segment"] = segment
    asset["form"] = form
    asset["made_at"] = made_at
    quality = uniform(key, base, 0, Decision.ASSET_QUALITY, 0)
    asset["quality"] = rules.quality_low + (rules.quality_high - rules.quality_low) * quality
    tally[ASSETS] = serial + 1


@compiled
def is_as_briefed(key, base, aspect, bits, options):
    """Whether this aspect of an asset is made as the brief says."""
    return uniform(key, base, 0, Decision.ASSET_HIT, aspect) < library.hit_chance(bits, options)


@kernel
def credit_assets(rules, assets, tally):
    """What was read and used since the last review goes to the assets that answered each question then."""
    for cell in range(library.CELLS):
        if rules.best_asset[cell] >= 0:
            assets[rules.best_asset[cell]]["reads"] += tally[READS + cell]
        if rules.found_asset[cell] >= 0:
            assets[rules.found_asset[cell]]["uses"] += tally[USES + cell]
        tally[READS + cell] = 0
        tally[USES + cell] = 0


@compiled
def catalogue(rules, assets, count, key, now):
    """The best match for every question: of all assets for buyers, of those that reps can find now for reps."""
    review = now // rules.review_us
    for cell in range(library.CELLS):
        rules.match_all[cell] = rules.generic_match
        rules.best_asset[cell] = -1
        rules.match_found[cell] = 0.0
        rules.found_asset[cell] = -1
    for number in range(count):
        asset = assets[number]
        value = asset["quality"] * library.freshness(now - asset["made_at"], rules.asset_half_life_days)
        found_luck = uniform(key, base_of_asset(key, number), 0, Decision.ASSET_FOUND, review)
        asset["findable"] = found_luck < rules.hit_chance
        for segment in range(rules.segments):
            for form in range(FORMATS):
                cell = library.cell_of(asset["topic"], segment, form)
                match = library.match(
                    value, segment == asset["segment"], form == asset["form"],
                    rules.segment_mismatch, rules.format_mismatch,
                )  # fmt: skip
                if match > rules.match_all[cell]:
                    rules.match_all[cell] = match
                    rules.best_asset[cell] = number
                if asset["findable"] and match > rules.match_found[cell]:
                    rules.match_found[cell] = match
                    rules.found_asset[cell] = number


# --- channels ---------------------------------------------------------------------------------------------------------


@compiled
def steer_budget(rules, tally):
    """Channel spend follows the organisation's signal."""
    weights = 0.0
    for channel in range(rules.channels):
        memory = rules.budget_memory
        new = float(tally[LEADS + channel])
        rules.signal_leads[channel] = spending.remembered(rules.signal_leads[channel], memory, new)
        new = float(tally[PIPELINE_CENTS + channel])
        rules.signal_pipeline[channel] = spending.remembered(rules.signal_pipeline[channel], memory, new)
        new = float(tally[REVENUE_CENTS + channel])
        rules.signal_revenue[channel] = spending.remembered(rules.signal_revenue[channel], memory, new)
        tally[LEADS + channel] = 0
        tally[PIPELINE_CENTS + channel] = 0
        tally[REVENUE_CENTS + channel] = 0
        rules.credits[channel] = 0.0
    n = rules.channels
    weights += spending.credit(rules.credits, rules.signal_leads, rules.spend, rules.leads_weight, n)
    weights += spending.credit(rules.credits, rules.signal_pipeline, rules.spend, rules.pipeline_weight, n)
    weights += spending.credit(rules.credits, rules.signal_revenue, rules.spend, rules.revenue_weight, n)
    if weights > 0.0 and rules.budget_shift > 0.0:
        spending.steer(rules.multiple, rules.spend, rules.credits, weights, rules.budget_shift, rules.channel_growth, n)


@compiled
def admit(rules):
    """Which share of each channel's streams the present spend brings; a replayed stream comes as it is."""
    for channel in range(rules.channels):
        multiple = rules.multiple[channel] * (1.0 - rules.budget_tilt)
        rules.admitted[channel] = 1.0
        if rules.enter_as == 0 and rules.spend[channel] > 0.0:
            rules.admitted[channel] = spending.admitted_share(multiple, rules.elasticity[channel])
        rules.admitted_growth[channel] = spending.admitted_share_of_growth(
            multiple, rules.elasticity[channel], rules.channel_growth
        )


@kernel
def comes(rules, key, base, channel, grows):
    """THINNING: whether a possible buyer of this channel begins its research under the present spend."""
    chance = rules.admitted_growth[channel] if grows else rules.admitted[channel]
    return chance >= 1.0 or uniform(key, base, 0, Decision.THINNING, 0) < chance


@compiled
def is_of_growth(who):
    """Whether a possible buyer belongs to its channel's further stream, by the highest bit of its index."""
    return who >> (INDEX_BITS - 1) & 1 == 1


# --- people's time ----------------------------------------------------------------------------------------------------


@compiled
def plan_training(rules, tally, now):
    """What training is due, also when the organisation has just changed, is spread over the time to the next review.

    What does not fit there goes on after it; what has not been given when people train again is dropped.
    """
    every, before = rules.training_every_us, now - rules.review_us
    if now // every > before // every or (tally[REORGANISED_AT] > 0 and tally[REORGANISED_AT] == now):
        tally[TRAINING_DUE_US] = rules.training_us
    least, most = 0, rules.workday_us
    for team in range(rules.teams):
        most = min(most, int(_MOST_TRAINING * (rules.workday_us - rules.meeting_us[team])))
    while least < most:  # the least time a day that is enough, or all there is: days and parts of days need no counting
        per_day = (least + most) // 2
        if trained_us(rules, now, now + rules.review_us, per_day) < tally[TRAINING_DUE_US]:
            least = per_day + 1
        else:
            most = per_day
    tally[TRAINING_US] = least
    set_working_days(rules, least)


@compiled
def trained_us(rules, since, now, per_day):
    """Paid training from one instant to another at so much a working day, per person: the mean of all people.

    Teams differ only if a review falls into a working day, as their meetings before it do.
    """
    total, people = 0, 0
    for team in range(rules.teams):
        size = rules.last_person[team * ROLES + ROLES - 1] - rules.first_person[team * ROLES]
        people += size
        total += size * training_time_us(rules, team, since, now, per_day)
    return total // people


@compiled
def training_time_us(rules, team, since, now, per_day):
    """Time for training, per person of a team; it follows the meetings."""
    return between(since, now, rules.day_starts[team] + rules.meeting_us[team], per_day, rules.days)


@kernel
def account_hours(rules, hours, tally, now):
    """Add each pool's paid time since the last review, by kind, per person."""
    since, training = tally[REVIEWED_AT], tally[TRAINING_US]
    for team in range(rules.teams):
        starts, meeting = rules.day_starts[team], rules.meeting_us[team]
        for pool in range(team * ROLES, team * ROLES + ROLES):
            hours[pool, COORDINATION] += between(since, now, starts, meeting, rules.days)
            hours[pool, TRAINING] += training_time_us(rules, team, since, now, training)
            hours[pool, OWN_WORK] += own_us(rules, team, pool, since, now)
            hours[pool, FOR_BUYERS] += for_buyers_us(rules, pool, since, now)


@compiled
def own_us(rules, team, pool, since, now):
    """Time for a pool's own work, per person."""
    window = rules.day_window[team] - rules.window[pool]
    return between(since, now, rules.day_opens[team], window, rules.days)


@compiled
def for_buyers_us(rules, pool, since, now):
    """Time for buyers, per person of a pool."""
    return between(since, now, rules.opens[pool], rules.window[pool], rules.days)


@compiled
def between(since, now, opens, window, days):
    """Working microseconds from one instant to another."""
    return work_before(now, opens, window, days) - work_before(since, opens, window, days)
