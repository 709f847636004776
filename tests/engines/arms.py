"""One organisation with one thing changed, met by the same buyers each time."""

import copy
from functools import cache
from typing import Any

import numpy as np

import simulator as sim
from simulator.engines.lowering import Arrivals, lower
from simulator.engines.report import differences
from simulator.model.tally import TALLY
from simulator.scenario.scenario import Scenario

#: Mechanisms with tests of their own (`test_more_mechanisms`): off unless a test turns one on.
LATER = (
    "findability",
    "objections",
    "budget",
    "quarter_end",
    "training",
    "tilt",
    "attention",
    "word_of_mouth",
    "group",
)
#: The same of what buyers do with their time (`test_new_buyers`).
BUYERS_OWN = ("pace", "office", "projects", "requests", "reach", "talks", "closing")

#: Nobody answers before the handoff, nobody is late by intention, nothing is lost, and people have time for nothing
#: but buyers. What calibration may move is pinned.
PLAIN = [
    "organisation=[relay_race]", "run.warm_up_days=0", "run.cohort_days=120", "run.follow_up_days=120",
    "organisations.relay_race.handoff={routing_hours:0,pickup_hours:0,request_hours:0,requests_taken:1,context_kept:1}",
    "organisations.relay_race.consistency.contradiction_chance=0",
    "organisations.relay_race.definition.agreement=1",
    "organisations.relay_race.recycling.share=0",
    "organisations.relay_race.coordination.hours_per_teammate_week=0",
    "organisations.relay_race.roles={marketer:{headcount:12,own_work_share:0},sdr:{headcount:8,own_work_share:0},"
    "rep:{headcount:16,own_work_share:0}}",
    "organisations.relay_race.scoring={threshold:0.4,engagement_weight:0.03,judgement_noise:0.2}",
    "organisations.relay_race.sales={accept_threshold:0.55,hand_raise_bonus:0.2,qualify_threshold:0.45,talk_noise:0.1,"
    "receptive_bonus:2,attempts:2,retry_chance:1,retry_days:2,follow_up_days:7}",
    "organisations.relay_race.effort={discovery_minutes:30,meeting_minutes:75,preparation_minutes:0,offer_minutes:0}",
    *(f"mechanisms.{name}=false" for name in (*LATER, *BUYERS_OWN)),
    "organisations.relay_race.content={generic_match:1,piece_share:0,own_piece_minutes:0,assets_at_start:0,making_share:0}",
    "market.journey={step_days:3,prior_knowledge:0.025,content_gain:0.865,fit_drag:0.365,distraction_chance:0.028,"
    "anonymous_touches_mean:7.6,self_serve_max_complexity:0.25}",
    "market.preference={base:-3.35,by_complexity:2,by_stage:2.05}", "market.reach.half_life_days=5",
    "market.rivals={count:3,gain:0.1,head_start:0,choice_sharpness:1.6}",
    "market.group={rule:majority,doubt_high:0.89}",
]  # fmt: skip
NAME = "relay_race"


@cache
def _plain() -> Scenario:
    return sim.load_scenario("baseline", PLAIN)


def arm(changes: dict[str, Any] | None = None) -> Scenario:
    """The plain scenario with values at dotted paths: below its organisation, or from ``market.`` or ``run.`` on."""
    scenario = copy.deepcopy(_plain())
    for path, value in (changes or {}).items():
        rooted = path.split(".")[0] in ("market", "run", "mechanisms")
        node: Any = scenario if rooted else scenario.organisations[NAME]
        *parents, leaf = path.split(".")
        for parent in parents:
            node = node[parent] if isinstance(node, dict) else getattr(node, parent)
        assert hasattr(node, leaf), path
        setattr(node, leaf, value)
    return scenario


def rules_of(changes: dict[str, Any] | None = None, **numbers: float) -> Any:
    """Rules for one run of the changed organisation, with numbers put in by name."""
    rules = lower(arm(changes), NAME, 7, 0).fresh_rules()
    for name, number in numbers.items():
        rules[name] = number
    return rules


def nothing_counted() -> np.ndarray:
    """A tally at the start of a run."""
    return np.zeros(TALLY, np.int64)


def lived(changes: dict[str, Any] | None = None, seed: int = 7) -> sim.Result:
    """The same buyers in the changed organisation, on the compiled engine, every event recorded."""
    return sim.simulate(arm(changes), NAME, seed=seed, record="touches")


def both(changes: dict[str, Any], seed: int = 7, arrivals: Arrivals | None = None) -> sim.Result:
    """The same on both engines, which must agree on every event."""
    scenario = arm(changes)
    compiled, reference = (
        sim.simulate(scenario, NAME, seed=seed, engine=engine, record="touches", arrivals=arrivals)
        for engine in ("compiled", "reference")
    )
    assert differences(reference.report, compiled.report) == []
    return compiled
