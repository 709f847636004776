"""Random scenarios for docking: every parameter at its default, at an end of its range, or in between."""

import copy
import dataclasses
import math
from typing import Any

from hypothesis import strategies as st

from simulator.composing import load_scenario
from simulator.domain.organisation import Team
from simulator.domain.scenario import Scenario, check

#: Ranges narrower than the schema's: an example has to end in a second, also in the reference engine.
NARROW = {
    "step_days": (0.3, 8.0),
    "half_life_days": (0.05, 60.0),
    "every_days": (1.0, 40.0),
    "follow_up_days": (0.5, 20.0),
    "retry_days": (0.0, 5.0),
    "review_days": (3.0, 60.0),
    "anonymous_touches_mean": (0.0, 5.0),
    "patience_median_days": (0.0, 120.0),
    "patience_sigma": (0.0, 1.0),
    "patience_per_repeat_days": (0.0, 30.0),
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
    "fit_mean_logit": (-2.0, 2.0),
    "fit_shift": (-2.0, 2.0),
    "fit_spread": (0.0, 3.0),
}
MINUTES = (0.0, 600.0)
FIXED = {"pay_usd_per_year", "cost_per_inquiry_usd", "inquiries_per_year", "opens_hour", "closes_hour", "share",
         "complexity_low", "verification_low", "strength_low"}  # fmt: skip


@st.composite
def scenarios(draw: Any) -> Scenario:
    """A small scenario with everything drawn, often congested."""
    scenario = copy.deepcopy(_base())
    scenario.market.inquiries_per_year = draw(st.sampled_from([100.0, 400.0, 1000.0]))
    scenario.run.warm_up_days = 0
    scenario.run.cohort_days = draw(st.sampled_from([20, 60, 120]))
    scenario.run.follow_up_days = draw(st.sampled_from([0, 30]))
    _vary(draw, scenario.market)
    rivals = scenario.market.rivals
    rivals.strength_high = max(rivals.strength_low, rivals.strength_high)
    for segment in scenario.market.segments.values():
        segment.complexity_high = max(segment.complexity_low, segment.complexity_high)
    trust = scenario.market.trust
    trust.verification_high = max(trust.verification_low, trust.verification_high)
    scenario.market.journey.our_content_share = max(0.05, scenario.market.journey.our_content_share)
    scenario.market.leads.path = draw(st.sampled_from(["", "", "given"]))
    scenario.market.leads.enter_as = draw(st.sampled_from(["inquiry", "mql"]))
    organisation = next(iter(scenario.organisations.values()))
    _vary(draw, organisation)
    organisation.calendar.always_on = draw(st.booleans())
    if draw(st.booleans()):
        _split_into_pods(scenario)
    scenario.organisations = {"drawn": organisation}
    for switch in dataclasses.fields(scenario.mechanisms):
        setattr(scenario.mechanisms, switch.name, draw(st.sampled_from([True, True, True, False])))
    scenario.compare.organisations = []
    return check(scenario)


def _vary(draw: Any, node: Any) -> None:
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if dataclasses.is_dataclass(value):
            _vary(draw, value)
        elif isinstance(value, dict):
            for item in value.values():
                _vary(draw, item)
        elif field.metadata.get("choices"):
            setattr(node, field.name, draw(st.sampled_from(field.metadata["choices"])))
        elif isinstance(value, int | float) and not isinstance(value, bool) and field.name not in FIXED:
            setattr(node, field.name, _drawn(draw, field, value))


def _drawn(draw: Any, field: Any, value: float) -> float:
    low, high = NARROW.get(field.name, (field.metadata["low"], field.metadata["high"]))
    if field.metadata["unit"] == "minutes":
        low, high = MINUTES
    assert low is not None and high is not None and math.isfinite(low) and math.isfinite(high), field.name
    if isinstance(value, int):
        return draw(st.sampled_from([value, low, high])) if low <= value <= high else draw(st.sampled_from([low, high]))
    return draw(st.one_of(st.just(value), st.sampled_from([low, high]), st.floats(low, high)))


def _split_into_pods(scenario: Scenario) -> None:
    organisation = next(iter(scenario.organisations.values()))
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
