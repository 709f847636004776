"""The rules an engine plays by: every number of market and organisation, and the slow state that reviews change.

One numpy record per run. A buyer's step reads nothing else beside the buyer, so it stays private between reviews.
"""

import math
from typing import Any

import numpy as np

from simulator.model.attention import noticed_share
from simulator.model.content import CELLS
from simulator.model.numerics import DAY_US, HOUR_US, NEVER, microseconds
from simulator.model.sizes import MAX_CHANNELS, MAX_SEGMENTS, MAX_TEAMS
from simulator.model.words import NOBODY, ROLES, STAGES, GroupRule, Role
from simulator.scenario.market import Channel, Market
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import Scenario

ENTER_AS = {"": 0, "inquiry": 1, "mql": 2}

_SEGMENT_FIELDS = (
    "complexity_low", "complexity_high", "deal_value_median_usd", "deal_value_sigma",
    "patience_median_days", "patience_sigma", "rep_free_share",
)  # fmt: skip


def market_numbers(market: Market) -> dict[str, float]:
    """Every plain number of the market that engines read, by its name there."""
    journey, preference, trust, rivals = market.journey, market.preference, market.trust, market.rivals
    attention, word, group = market.attention, market.word_of_mouth, market.group
    entries = -math.expm1(-rivals.entries_per_year * journey.step_days / 365.0) if rivals.count else 0.0
    return {
        "fit_mean_logit": market.fit_mean_logit,
        "step_days": journey.step_days,
        "prior_knowledge": journey.prior_knowledge,
        "ready_share": journey.ready_share,
        "ready_knowledge": journey.ready_knowledge,
        "clear_level": journey.clear_level,
        "content_gain": journey.content_gain,
        "person_gain": journey.person_gain,
        "complexity_drag": journey.complexity_drag,
        "fit_drag": journey.fit_drag,
        "usefulness_spread": journey.usefulness_spread,
        "distraction_chance": journey.distraction_chance,
        "anonymous_touches_mean": journey.anonymous_touches_mean,
        "self_serve_max_complexity": journey.self_serve_max_complexity,
        "patience_per_repeat_days": journey.patience_per_repeat_days,
        "our_content_share": journey.our_content_share,
        "third_party_share": journey.third_party_share,
        "others_relevance": journey.others_relevance,
        "preference_base": preference.base,
        "preference_by_complexity": preference.by_complexity,
        "preference_by_stage": preference.by_stage,
        "preference_spread": preference.spread,
        "initial_trust": trust.initial,
        "third_party_trust": trust.third_party,
        "rival_trust": trust.rival,
        "verification_low": trust.verification_low,
        "verification_high": trust.verification_high,
        "trust_gain": trust.gain_when_confirmed,
        "trust_loss": trust.loss_when_contradicted,
        "half_life_days": market.heat.half_life_days,
        "rival_content_share": rivals.content_share if rivals.count else 0.0,
        "rival_gain": rivals.gain,
        "rival_strength_low": rivals.strength_low,
        "rival_strength_high": rivals.strength_high,
        "rival_inflation": rivals.inflation,
        "rival_entry_chance": entries,
        "choice_sharpness": rivals.choice_sharpness,
        "trust_weight": rivals.trust_weight,
        "noticed_share": noticed_share(attention.messages_per_day, attention.half_noticed),
        "fatigue_per_message": attention.fatigue_per_message,
        "recovery_days": attention.recovery_days,
        "customers_needed": word.customers_needed,
        "customers_at_start": word.customers_at_start,
        "good_at_start": word.good_at_start,
        "review_base_chance": word.base_chance,
        "imitation": word.imitation,
        "review_gain": word.review_gain,
        "trust_pull": word.trust_pull,
        "pleased_fit": word.pleased_fit,
        "pleased_noise": word.pleased_noise,
        "doubt_low": group.doubt_low,
        "doubt_high": group.doubt_high,
        "spillover": group.spillover,
        "person_share": group.person_share,
        "other_form": group.other_form,
        "split": group.split,
        "setback": group.setback,
        "channel_growth": market.channel_growth,
    }


def organisation_numbers(organisation: Organisation) -> dict[str, float]:
    """Every plain number of the organisation that engines read, by its name there."""
    scoring, sales, effort = organisation.scoring, organisation.sales, organisation.effort
    handoff, content, budget = organisation.handoff, organisation.content, organisation.budget
    quarter, training, tilt = organisation.quarter_end, organisation.training, organisation.tilt
    favours_sales, favours_marketing = max(0.0, tilt.hours), max(0.0, -tilt.hours)
    rep_own = organisation.roles.rep.own_work_share
    given = favours_marketing * (1.0 - rep_own)
    return {
        "score_threshold": scoring.threshold,
        "engagement_weight": scoring.engagement_weight,
        "judgement_noise": scoring.judgement_noise,
        "accept_threshold": sales.accept_threshold,
        "hand_raise_bonus": sales.hand_raise_bonus,
        "qualify_threshold": sales.qualify_threshold,
        "talk_noise": sales.talk_noise,
        "receptive_bonus": sales.receptive_bonus,
        "routing_minutes": 60.0 * handoff.routing_hours,
        "untrained_pickup_minutes": 60.0 * handoff.pickup_hours,
        "sla_minutes": 60.0 * handoff.sla_hours,
        "context_kept": handoff.context_kept,
        "review_minutes": effort.review_minutes,
        "unanswered_minutes": effort.unanswered_minutes,
        "qualify_minutes": effort.qualify_minutes,
        "discovery_minutes": effort.discovery_minutes,
        "answer_minutes": effort.answer_minutes,
        "meeting_minutes": effort.meeting_minutes,
        "mail_minutes": effort.mail_minutes,
        "support_minutes": effort.support_minutes,
        "effort_spread": effort.spread,
        "relevance": content.relevance,
        "tailored_relevance": content.tailored_relevance,
        "mail_relevance": content.mail_relevance,
        "generic_match": content.generic_match,
        "segment_mismatch": content.segment_mismatch,
        "format_mismatch": content.format_mismatch,
        "making_share": content.making_share,
        "early_lean": content.early_lean,
        "quality_low": content.quality_low,
        "quality_high": content.quality_high,
        "asset_half_life_days": content.half_life_days,
        "piece_share": content.piece_share,
        "useful_match": content.useful_match,
        "own_piece_minutes": content.own_piece_minutes,
        "own_piece_match": content.own_piece_match,
        "hit_chance": organisation.findability.hit_chance,
        "search_minutes": organisation.findability.search_minutes,
        "untrained_brief_bits": organisation.objections.brief_bits,
        "open_rate": organisation.nurture.open_rate,
        "contradiction_chance": organisation.consistency.contradiction_chance,
        "untrained_agreement": organisation.definition.agreement,
        "recycling_share": organisation.recycling.share,
        "support_share": organisation.support.share,
        "budget_shift": budget.shift,
        "leads_weight": budget.leads_weight,
        "pipeline_weight": budget.pipeline_weight,
        "revenue_weight": budget.revenue_weight,
        "budget_memory": budget.memory,
        "budget_tilt": tilt.budget,
        "marketers_for_marketing": 1.0 - favours_sales,
        "reps_for_marketing": tilt.hours_use * given / (rep_own + given) if given > 0.0 else 0.0,
        "quarter_intensity": quarter.intensity,
        "quarter_drop_share": quarter.drop_share,
        "discount": quarter.discount,
        "discount_pull": quarter.discount_pull,
        "discount_doubt": quarter.discount_doubt,
        "knowledge_half_life_days": training.half_life_days,
        "days_to_learn": training.days_to_learn,
        "brief_gain_bits": training.brief_gain_bits,
        "agreement_gain": training.agreement_gain,
        "response_gain": training.response_gain,
        "dip": 0.0,
    }


def market_integers(scenario: Scenario) -> dict[str, int]:
    """Every whole number of market and run."""
    market, run, leads = scenario.market, scenario.run, scenario.market.leads
    return {
        "enter_as": ENTER_AS[leads.enter_as if leads.path else ""],
        "rivals": market.rivals.count,
        "segments": len(market.segments),
        "group_rule": int(GroupRule[market.group.rule.upper()]),
        "group_simple": market.group.size_simple,
        "group_complex": market.group.size_complex,
        "warm_up_us": run.warm_up_days * DAY_US,
        "cohort_end_us": (run.warm_up_days + run.cohort_days) * DAY_US,
        "horizon_us": scenario.horizon_days() * DAY_US,
    }


def organisation_integers(organisation: Organisation) -> dict[str, int]:
    """Every whole number of the organisation."""
    sales, calendar, training = organisation.sales, organisation.calendar, organisation.training
    days = 7 if calendar.always_on else 5
    hours = 24.0 if calendar.always_on else calendar.closes_hour - calendar.opens_hour
    return {
        "attempts": sales.attempts,
        "max_open_deals": sales.max_open_deals,
        "silent_follow_ups": sales.silent_follow_ups,
        "retry_us": microseconds(sales.retry_days),
        "follow_up_us": microseconds(sales.follow_up_days),
        "offer_us": microseconds(sales.offer_days),
        "mail_every_us": microseconds(organisation.nurture.every_days),
        "review_us": microseconds(organisation.review_days),
        "days": days,
        "teams": max(1, len(organisation.teams)),
        "asset_us": round(organisation.content.hours_per_asset * HOUR_US),
        "assets_at_start": organisation.content.assets_at_start,
        "steers_budget": int(organisation.budget.shift > 0.0),
        "quarter_window_us": microseconds(organisation.quarter_end.window_days),
        "workday_us": round(hours * HOUR_US),
        "training_us": round(training.days * hours * HOUR_US),
        "training_every_us": microseconds(training.every_days),
        "dip_us": 0,
        "reorganise_at_us": NEVER,
    }


#: Slow state: what reviews change, with what it starts from.
_SLOW = {"pickup_minutes": 0.0, "agreement": 0.0, "brief_bits": 0.0, "knowledge": 0.0, "effort_factor": 1.0,
         "review_chance": 0.0, "review_good": 0.0}  # fmt: skip
_SLOW_TABLES = [
    *[(name, "f8", (CELLS,)) for name in ("match_all", "match_found")],
    *[(name, "i8", (CELLS,)) for name in ("best_asset", "found_asset")],
    *[(name, "f8", (MAX_CHANNELS,)) for name in ("multiple", "admitted", "admitted_growth", "credits")],
    *[(f"signal_{name}", "f8", (MAX_CHANNELS,)) for name in ("leads", "pipeline", "revenue")],
]  # fmt: skip
_POOLS = MAX_TEAMS * ROLES
#: Working time of a team or a pool, in force until the next review: it shrinks while people are trained.
_WORKING_DAY = [("day_opens", "i8", (MAX_TEAMS,)), ("day_window", "i8", (MAX_TEAMS,)), ("opens", "i8", (_POOLS,)),
                ("window", "i8", (_POOLS,))]  # fmt: skip
_CHANNEL_TABLES = ("fit_shift", "fit_spread", "spend", "elasticity")
_MARKET_TABLES = [
    ("segment_cumulative", "f8", (MAX_SEGMENTS,)),
    *[(name, "f8", (MAX_SEGMENTS,)) for name in _SEGMENT_FIELDS],
    *[(name, "f8", (MAX_CHANNELS,)) for name in _CHANNEL_TABLES],
]
_ORGANISATION_TABLES = [
    ("team_of_segment", "i8", (MAX_SEGMENTS,)),
    ("day_starts", "i8", (MAX_TEAMS,)),
    ("meeting_us", "i8", (MAX_TEAMS,)),
    ("first_person", "i8", (_POOLS,)),
    ("last_person", "i8", (_POOLS,)),
    ("own_share", "f8", (_POOLS,)),
    ("access", "i8", (STAGES,)),
    ("skill", "f8", (ROLES,)),
]


def _dtype() -> np.dtype[Any]:
    scenario, organisation = Scenario(), Organisation()
    numbers = [*market_numbers(Market()), *organisation_numbers(organisation), *_SLOW]
    integers = [*market_integers(scenario), "channels", *organisation_integers(organisation)]
    tables = [*_MARKET_TABLES, *_ORGANISATION_TABLES, *_WORKING_DAY, *_SLOW_TABLES]
    return np.dtype([(n, "f8") for n in numbers] + [(n, "i8") for n in integers] + tables, align=True)


RULES_DTYPE = _dtype()

#: What a reorganisation replaces: all that an organisation chooses.
CHOSEN = (
    *organisation_numbers(Organisation()),
    *(name for name in organisation_integers(Organisation()) if name != "review_us"),
    *(name for name, *_ in _ORGANISATION_TABLES),
)


def fill_market(rules: np.ndarray, scenario: Scenario) -> None:
    """The market's part of the rules, but for its channels, which a stream of buyers brings with it."""
    market = scenario.market
    for name, number in {**market_numbers(market), **market_integers(scenario), **_SLOW}.items():
        rules[name] = number
    shares = np.array([segment.share for segment in market.segments.values()])
    rules["segment_cumulative"] = 1.0
    rules["segment_cumulative"][0, : len(shares) - 1] = (np.cumsum(shares) / shares.sum())[:-1]
    for name in _SEGMENT_FIELDS:
        for position, segment in enumerate(market.segments.values()):
            rules[name][0, position] = getattr(segment, name)


def fill_channels(rules: np.ndarray, market: Market, channels: list[str]) -> None:
    """What the market says of the channels of a stream of buyers, in place of any before."""
    rules["channels"] = len(channels)
    for name in _CHANNEL_TABLES:
        rules[name] = 0.0
    for position, name in enumerate(channels):
        channel = market.channels.get(name, Channel())
        rules["fit_shift"][0, position] = channel.fit_shift
        rules["fit_spread"][0, position] = channel.fit_spread * market.fit_spread
        rules["elasticity"][0, position] = channel.elasticity
    if not market.leads.path:
        rules["spend"][0, : len(channels)] = list(spend_usd_per_year(market).values())


def spend_usd_per_year(market: Market) -> dict[str, float]:
    """What is spent on each channel of a drawn stream at the start: for the buyers it then brings."""
    total = sum(channel.share for channel in market.channels.values())
    return {
        name: 0.0
        if channel.closed
        else market.inquiries_per_year * channel.share / total * channel.cost_per_inquiry_usd
        for name, channel in market.channels.items()
    }


def fill_organisation(rules: np.ndarray, organisation: Organisation) -> None:
    """The organisation's numbers and policies; its people follow in ``people.fill_people``."""
    for name, number in {**organisation_numbers(organisation), **organisation_integers(organisation)}.items():
        rules[name] = number
    serving = {"nobody": NOBODY, "marketer": int(Role.MARKETER), "sdr": int(Role.SDR)}
    access = organisation.access
    rules["access"][0] = np.repeat([serving[access.education], serving[access.solution], serving[access.selection]], 2)
    roles = organisation.roles
    rules["skill"][0] = [roles.marketer.skill, roles.sdr.skill, roles.rep.skill]
