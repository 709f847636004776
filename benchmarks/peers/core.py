"""What the peers share: the numbers of the scenario ``core_journey``, and the outcomes that each of them reports."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from simulator.model.words import FIRST_TOPIC, FIRST_TOPIC_ABOUT_US, STAGE_OF_TOPIC, STAGES, Stage
from simulator.scenario.checked import check
from simulator.scenario.market import Market
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

LAST_STAGE = STAGES - 1
#: Number of topics of each stage; a stage is cleared when all of them are.
TOPICS_OF_STAGE = tuple(last - first for first, last in pairwise(FIRST_TOPIC))
#: From this stage on every topic is about us, before it none ...
FIRST_STAGE_ABOUT_US = STAGE_OF_TOPIC[FIRST_TOPIC_ABOUT_US]
#: ... and from this one on (committing to a solution) a rival whose progress is 1 wins at once.
FIRST_STAGE_OF_CHOICE = int(Stage.COMMITTING_TO_SOLUTION)


@dataclass(frozen=True)
class CoreJourney:
    """The numbers of a scenario in which buyers only read, ask one pool of reps, and choose.

    Shares, chances and states lie in [0, 1]; meanings and sources stand at the keys of the scenario that
    ``core_journey`` reads them from.
    """

    days: int
    arrivals_per_day: float
    # who a buyer is
    complexity_low: float
    complexity_high: float
    fit_mean_logit: float
    fit_spread: float
    patience_median_days: float
    patience_sigma: float
    verification_low: float
    verification_high: float
    prior_knowledge: float
    rival_strength_low: float
    rival_strength_high: float
    # a step of research
    step_days: float
    distraction_chance: float
    preference_base: float
    preference_by_complexity: float
    preference_by_stage: float
    preference_spread: float
    our_share: float
    third_party_share: float
    rival_share: float
    # learning and trust
    clear_level: float
    content_gain: float
    complexity_drag: float
    fit_drag: float
    our_relevance: float
    others_relevance: float
    usefulness_spread: float
    initial_trust: float
    third_party_trust: float
    rival_trust: float
    trust_gain: float
    # the pool of reps: ``talk_power`` is the uncertainty that one fully useful talk removes, gain times skill
    reps: int
    talk_power: float
    answer_minutes: float
    answer_spread: float
    # the rival and the choice
    rival_gain: float
    choice_sharpness: float
    trust_weight: float


@dataclass(frozen=True)
class Outcomes:
    """What became of all buyers who arrived in a run, warm-up and follow-up included.

    Attributes
    ----------
    won, lost, no_decision, open : buyers; ``open`` are still on their way at the end.
    ours, third_party, rival, person : touches of each kind per buyer who arrived.
    days_to_win : mean time from the arrival to the choice of those who chose us; 0 if nobody did.
    wait_hours : mean time in line of those who were served; 0 if nobody was.
    utilisation : share of the reps' time spent with buyers.
    steps : decision steps as our engines count them: steps of buyers, requests put in line, and talks done.
    """

    won: int
    lost: int
    no_decision: int
    open: int
    ours: float
    third_party: float
    rival: float
    person: float
    days_to_win: float
    wait_hours: float
    utilisation: float
    steps: int

    @property
    def buyers(self) -> int:
        """Buyers who arrived."""
        return self.won + self.lost + self.no_decision + self.open

    def shares(self) -> dict[str, float]:
        """Share of the buyers with each end."""
        ends = {"won": self.won, "lost": self.lost, "no_decision": self.no_decision, "open": self.open}
        return {name: count / max(1, self.buyers) for name, count in ends.items()}


def mean(total: float, count: int) -> float:
    """A mean, 0 of nothing."""
    return total / count if count else 0.0


def daily_chance(numbers: CoreJourney) -> float:
    """Chance of a step of research on a day, for peers whose clock goes by days.

    Raises
    ------
    ScenarioError
        If buyers make more than a step a day.
    """
    if numbers.step_days < 1.0:
        raise ScenarioError(f"market.journey.step_days must be at least 1 for a daily step, got {numbers.step_days:g}")
    return 1.0 / numbers.step_days


def core_journey(scenario: Scenario) -> CoreJourney:
    """The numbers of a checked scenario that compares one organisation.

    Raises
    ------
    ScenarioError
        One line, if the scenario uses anything that the peers do not have.
    """
    if len(scenario.compared()) != 1:
        raise _refused("compare.organisations", "name one organisation", ", ".join(scenario.compared()))
    name = scenario.compared()[0]
    for mechanism, is_on in vars(scenario.mechanisms).items():
        if is_on and mechanism not in ("access", "rivals"):
            raise _refused(f"mechanisms.{mechanism}", "be false", "true")
    scenario = check(scenario).lived
    market, organisation = scenario.market, scenario.organisations[name]
    for kind, named in (("channels", market.channels), ("segments", market.segments)):
        if len(named) != 1:
            raise _refused(f"market.{kind}", "name one", ", ".join(named) or "none")
    (segment_name, segment), (channel,) = next(iter(market.segments.items())), market.channels.values()
    days = scenario.horizon_days()
    for key, value, compare, bound in _needs(market, segment_name, f"organisations.{name}", organisation, days):
        if not compare(value, bound):
            word = {operator.eq: "be", operator.ge: "be at least", operator.gt: "be above"}[compare]
            raise _refused(key, f"{word} {_spelt(bound)}", _spelt(value))
    journey, preference, trust, rivals = market.journey, market.preference, market.trust, market.rivals
    return CoreJourney(
        days=days,
        arrivals_per_day=market.inquiries_per_year / 365.0,
        complexity_low=segment.complexity_low,
        complexity_high=segment.complexity_high,
        fit_mean_logit=market.fit_mean_logit + channel.fit_shift,
        fit_spread=market.fit_spread * channel.fit_spread,
        patience_median_days=segment.patience_median_days,
        patience_sigma=segment.patience_sigma,
        verification_low=trust.verification_low,
        verification_high=trust.verification_high,
        prior_knowledge=journey.prior_knowledge,
        rival_strength_low=rivals.strength_low,
        rival_strength_high=rivals.strength_high,
        step_days=journey.step_days,
        distraction_chance=journey.distraction_chance,
        preference_base=preference.base,
        preference_by_complexity=preference.by_complexity,
        preference_by_stage=preference.by_stage,
        preference_spread=preference.spread,
        our_share=journey.our_content_share,
        third_party_share=journey.third_party_share,
        rival_share=rivals.content_share,
        clear_level=journey.clear_level,
        content_gain=journey.content_gain,
        complexity_drag=journey.complexity_drag,
        fit_drag=journey.fit_drag,
        our_relevance=organisation.content.relevance * organisation.content.generic_match,
        others_relevance=journey.others_relevance,
        usefulness_spread=journey.usefulness_spread,
        initial_trust=trust.initial,
        third_party_trust=trust.third_party,
        rival_trust=trust.rival,
        trust_gain=trust.gain_when_confirmed,
        reps=organisation.roles.sdr.headcount,
        talk_power=journey.person_gain * organisation.roles.sdr.skill,
        answer_minutes=organisation.effort.answer_minutes,
        answer_spread=organisation.effort.spread,
        rival_gain=rivals.gain,
        choice_sharpness=rivals.choice_sharpness,
        trust_weight=rivals.trust_weight,
    )


def _needs(
    market: Market, segment: str, where: str, organisation: Organisation, days: int
) -> list[tuple[str, Any, Callable[[Any, Any], bool], Any]]:
    """(key, value, comparison, bound) of everything that must be so for the peers to be the same model."""
    buyers, rivals, journey = market.segments[segment], market.rivals, market.journey
    access, content, sales = organisation.access, organisation.content, organisation.sales
    equal, least, above = operator.eq, operator.ge, operator.gt
    hardest = buyers.complexity_high
    own_work = organisation.roles.sdr.own_work_share
    return [
        ("market.leads.path", market.leads.path, equal, ""),
        (f"market.segments.{segment}.rep_free_share", buyers.rep_free_share, equal, 0.0),
        ("market.journey.self_serve_max_complexity", journey.self_serve_max_complexity, least, hardest),
        ("market.journey.ready_share", journey.ready_share, equal, 0.0),
        ("market.reach.half_life_days", market.reach.half_life_days, least, 36_500.0),  # who asks stays to be answered
        ("market.rivals.count", rivals.count, equal, 1),
        ("market.rivals.inflation", rivals.inflation, equal, 0.0),
        ("market.rivals.entries_per_year", rivals.entries_per_year, equal, 0.0),
        (f"{where}.teams", organisation.teams, equal, {}),
        (f"{where}.reorganisation.to", organisation.reorganisation.to, equal, ""),
        (f"{where}.calendar.always_on", organisation.calendar.always_on, equal, True),
        (f"{where}.access.education", access.education, equal, "sdr"),
        (f"{where}.access.solution", access.solution, equal, "sdr"),
        (f"{where}.access.selection", access.selection, equal, "sdr"),
        (f"{where}.roles.sdr.own_work_share", own_work, equal, 0.0),
        (f"{where}.scoring.threshold", organisation.scoring.threshold, least, 100.0),  # none is passed on unasked
        (f"{where}.sales.qualify_threshold", sales.qualify_threshold, least, 100.0),  # nobody is handed on
        (f"{where}.effort.discovery_minutes", organisation.effort.discovery_minutes, equal, 0.0),
        (f"{where}.content.assets_at_start", content.assets_at_start, equal, 0),
        (f"{where}.content.making_share", content.making_share, equal, 0.0),
        (f"{where}.content.piece_share", content.piece_share, equal, 0.0),
        (f"{where}.nurture.every_days", organisation.nurture.every_days, above, days),
    ]


def _spelt(value: Any) -> str:
    """A value as YAML spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value) if value not in ("", {}) else "empty"


def _refused(path: str, rule: str, value: str) -> ScenarioError:
    return ScenarioError(f"{path} must {rule} for the peers of the benchmarks, got {value}")
