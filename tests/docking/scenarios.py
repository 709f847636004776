"""Random scenarios for docking: every parameter at its default, at an end of its range, or in between."""

import copy
import dataclasses
import math
from typing import Any

from hypothesis import strategies as st

from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.organisation import Organisation, Team
from simulator.scenario.scenario import Scenario

#: Ranges narrower than the schema's: an example has to end in a second, also in the reference engine.
NARROW = {
    "step_days": (0.3, 8.0),
    "Reach.half_life_days": (0.05, 60.0),
    "desk_half_life_hours": (0.05, 5.0),
    "OfficeHours.hours": (0.5, 10.0),
    "starts_per_year": (0.2, 20.0),
    "pauses_per_year": (0.0, 20.0),
    "pause_days": (0.1, 60.0),
    "memory_days": (1.0, 200.0),
    "distraction_days": (0.0, 400.0),
    "project_factor": (0.0, 3.0),
    "patience_days": (0.0, 10.0),
    "refusal_cost": (0.0, 3.0),
    "repeat_cost": (0.0, 3.0),
    "rival_hours": (0.1, 50.0),
    "request_hours": (0.0, 30.0),
    "gain_per_hour": (0.0, 4.0),
    "offer_days": (0.0, 20.0),
    "sign_days": (0.0, 10.0),
    "simple_max_value_usd": (1.0, 1e5),
    "self_serve_max_value_usd": (0.0, 1e5),
    "vote_again_days": (0.0, 30.0),
    "most_votes": (1, 5),
    "contradictions_for_most": (0.1, 5.0),
    "passed_on": (0.0, 3.0),
    "Content.half_life_days": (1.0, 2000.0),
    "Training.half_life_days": (1.0, 400.0),
    "Nurture.every_days": (1.0, 40.0),
    "Training.every_days": (30.0, 90.0),
    "days_to_learn": (0.1, 20.0),
    "assets_at_start": (0, 40),
    "hours_per_asset": (4.0, 100.0),
    "messages_per_day": (0.0, 3000.0),
    "half_noticed": (1.0, 3000.0),
    "recovery_days": (0.1, 60.0),
    "customers_needed": (1.0, 300.0),
    "customers_at_start": (0.0, 100.0),
    "pleased_fit": (0.0, 1.0),
    "pleased_noise": (0.0, 0.5),
    "channel_growth": (1.0, 4.0),
    "cost_per_inquiry_usd": (0.0, 1000.0),
    "dip_days": (0.0, 90.0),
    "Reorganisation.day": (0.0, 100.0),
    "follow_up_days": (0.5, 20.0),
    "retry_days": (0.0, 5.0),
    "review_days": (3.0, 60.0),
    "anonymous_touches_mean": (0.0, 5.0),
    "patience_median_days": (0.0, 120.0),
    "patience_sigma": (0.0, 1.0),
    "deal_value_median_usd": (1.0, 1e6),
    "distraction_chance": (0.0, 0.05),
    "count": (0, 6),
    "entries_per_year": (0.0, 20.0),
    "choice_sharpness": (0.0, 20.0),
    "attempts": (1, 4),
    "max_open_deals": (1, 12),
    "silent_follow_ups": (1, 6),
    "headcount": (1, 4),
    "threshold": (-1.0, 1.0),
    "accept_threshold": (-1.0, 1.0),
    "qualify_threshold": (-1.0, 1.0),
    "hand_raise_bonus": (0.0, 0.5),
    "engagement_weight": (0.0, 0.2),
    "judgement_noise": (0.0, 0.5),
    "talk_noise": (0.0, 0.5),
    "receptive_bonus": (-3.0, 5.0),
    "base": (-5.0, 3.0),
    "by_complexity": (-2.0, 4.0),
    "by_stage": (-2.0, 4.0),
    "spread": (0.0, 1.0),
    "routing_hours": (0.0, 30.0),
    "pickup_hours": (0.0, 30.0),
    "sla_hours": (0.0, 100.0),
    "hours_per_teammate_week": (0.0, 0.5),
    "Tilt.hours": (-0.75, 0.9),  # with most own work, more would leave reps too little of the day
    "fit_mean_logit": (-2.0, 2.0),
    "fit_shift": (-2.0, 2.0),
    "fit_spread": (0.0, 3.0),
}
MINUTES = (0.0, 600.0)
FIXED = {"pay_usd_per_year", "inquiries_per_year", "opens_hour", "closes_hour", "Channel.share", "Segment.share",
         "complexity_low", "verification_low", "strength_low", "doubt_low", "quality_low"}  # fmt: skip


@st.composite
def scenarios(draw: Any) -> Scenario:
    """A small scenario with everything drawn, often congested."""
    scenario = copy.deepcopy(_base())
    scenario.market.inquiries_per_year = draw(st.sampled_from([100.0, 400.0, 1000.0]))
    scenario.run.warm_up_days = 0
    scenario.run.cohort_days = draw(st.sampled_from([20, 90, 120]))
    scenario.run.follow_up_days = draw(st.sampled_from([0, 60, 90]))
    _vary(draw, scenario.market)
    if draw(st.booleans()):  # buyers who come to a decision within the run
        scenario.market.journey.prior_knowledge = draw(st.floats(0.7, 1.0))
        scenario.market.journey.step_days = draw(st.floats(0.3, 1.0))
        scenario.market.journey.distraction_chance = 0.01
        scenario.market.rivals.count = 3
        scenario.market.rivals.gain = draw(st.floats(0.1, 1.0))
        scenario.market.rivals.content_share = 0.5
    rivals = scenario.market.rivals
    rivals.strength_high = max(rivals.strength_low, rivals.strength_high)
    for segment in scenario.market.segments.values():
        segment.complexity_high = max(segment.complexity_low, segment.complexity_high)
    trust = scenario.market.trust
    trust.verification_high = max(trust.verification_low, trust.verification_high)
    scenario.market.journey.our_content_share = max(0.05, scenario.market.journey.our_content_share)
    scenario.market.leads.path = draw(st.sampled_from(["", "", "given"]))
    scenario.market.leads.enter_as = draw(st.sampled_from(["inquiry", "mql"]))
    group = scenario.market.group
    group.doubt_high = max(group.doubt_low, group.doubt_high)
    drawn = _organisation(draw, scenario)
    after = _organisation(draw, scenario)
    for part in ("roles", "teams", "calendar", "review_days"):
        setattr(after, part, copy.deepcopy(getattr(drawn, part)))
    scenario.organisations = {"drawn": drawn, "after": after}
    drawn.reorganisation.to = draw(st.sampled_from(["", "", "after"]))
    every = draw(st.booleans())  # half of the scenarios have every mechanism on
    for switch in dataclasses.fields(scenario.mechanisms):
        setattr(scenario.mechanisms, switch.name, every or draw(st.booleans()))
    if draw(st.booleans()):
        _deals(draw, scenario)
    scenario.compare.organisations = []
    return check(scenario)


def _deals(draw: Any, scenario: Scenario) -> None:
    """Most buyers fit, have a project and the time to come to an offer, and a quarter ends within the run."""
    market, run = scenario.market, scenario.run
    run.cohort_days, run.follow_up_days = 90, draw(st.sampled_from([30, 90]))
    market.inquiries_per_year = 400.0
    market.fit_mean_logit, market.fit_spread = 2.0, 0.5
    market.projects.share = draw(st.floats(0.6, 1.0))
    market.projects.starts_per_year = draw(st.floats(2.0, 20.0))
    market.pace.spread = draw(st.floats(0.0, 0.5))
    market.preference.base = draw(st.floats(-2.5, 0.0))
    market.journey.distraction_chance, market.journey.distraction_days = 0.0, 0.0
    market.journey.step_days = draw(st.floats(0.5, 3.0))
    market.journey.prior_knowledge = draw(st.floats(0.3, 0.9))
    market.journey.our_content_share = draw(st.floats(0.3, 1.0))
    market.rivals.gain = draw(st.floats(0.0, 0.03))
    market.closing.offer_days = draw(st.floats(0.0, 8.0))
    market.group.doubt_low, market.group.doubt_high = 0.1, draw(st.floats(0.2, 0.9))
    for segment in market.segments.values():
        segment.patience_median_days, segment.rep_free_share = draw(st.floats(60.0, 400.0)), 0.1
    for channel in market.channels.values():
        channel.project_factor, channel.fit_shift = 1.0, 0.0
    for organisation in scenario.organisations.values():
        organisation.scoring.threshold, organisation.scoring.judgement_noise = 0.5, 0.1
        organisation.sales.accept_threshold, organisation.sales.qualify_threshold = 0.3, 0.3
        organisation.sales.silent_follow_ups, organisation.sales.max_open_deals = 6, 12
        organisation.handoff.routing_hours, organisation.handoff.request_hours = 1.0, 2.0
        ends = organisation.quarter_end
        ends.window_days, ends.discount = draw(st.floats(0.0, 40.0)), draw(st.floats(0.0, 0.3))
        ends.deadline_share, ends.signing_pull = draw(st.floats(0.3, 1.0)), draw(st.floats(0.0, 1.0))
        for minutes in ("preparation_minutes", "offer_minutes", "meeting_minutes", "qualify_minutes"):
            setattr(organisation.effort, minutes, draw(st.floats(5.0, 60.0)))


def _organisation(draw: Any, scenario: Scenario) -> Organisation:
    organisation = copy.deepcopy(next(iter(scenario.organisations.values())))
    _vary(draw, organisation)
    content, budget = organisation.content, organisation.budget
    content.quality_high = max(content.quality_low, content.quality_high)
    budget.leads_weight = max(budget.leads_weight, 0.1)
    organisation.calendar.always_on = draw(st.booleans())
    if draw(st.booleans()):
        _split_into_pods(scenario, organisation)
    return organisation


def _vary(draw: Any, node: Any) -> None:
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if dataclasses.is_dataclass(value):
            _vary(draw, value)
        elif isinstance(value, dict):
            for item in value.values():
                _vary(draw, item)
        elif isinstance(value, list) and field.metadata.get("choices"):
            setattr(node, field.name, draw(st.lists(st.sampled_from(field.metadata["choices"]), max_size=2)))
        elif isinstance(value, list) and field.metadata["low"] is not None:
            setattr(node, field.name, [draw(st.sampled_from([0.3, 1.0])) for _ in value])
        elif field.metadata.get("choices"):
            setattr(node, field.name, draw(st.sampled_from(field.metadata["choices"])))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            name = f"{type(node).__name__}.{field.name}"
            if not {name, field.name} & FIXED:
                setattr(node, field.name, _drawn(draw, name, field, value))


def _drawn(draw: Any, name: str, field: Any, value: float) -> float:
    low, high = NARROW.get(name, NARROW.get(field.name, (field.metadata["low"], field.metadata["high"])))
    if field.metadata["unit"] == "minutes":
        low, high = MINUTES
    assert low is not None and high is not None and math.isfinite(low) and math.isfinite(high), field.name
    ends = [value, low, high] if low <= value <= high else [low, high]
    between = st.integers(int(low), int(high)) if isinstance(value, int) else st.floats(low, high)
    return draw(st.one_of(st.sampled_from(ends), between, between))


def _split_into_pods(scenario: Scenario, organisation: Organisation) -> None:
    names = list(scenario.market.segments)
    roles = organisation.roles
    for role in (roles.marketer, roles.sdr, roles.rep):
        role.headcount = 2 * max(1, role.headcount // 2)
    organisation.teams = {
        "first": Team([names[0]], roles.marketer.headcount // 2, roles.sdr.headcount // 2, roles.rep.headcount // 2),
        "second": Team(names[1:], roles.marketer.headcount // 2, roles.sdr.headcount // 2, roles.rep.headcount // 2),
    }


def _base() -> Scenario:
    global _BASE
    if _BASE is None:
        _BASE = load_scenario("baseline")
    return _BASE


_BASE: Scenario | None = None
