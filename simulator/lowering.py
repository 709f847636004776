"""From a checked scenario to what engines read: rules (numbers), arrivals (the stream of buyers) and people.

The only bridge between the words of the domain and arrays. Both engines get the same ``Setup``.
"""

import datetime
import functools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulator.behaviour.numerics import DAY_US, HOUR_US, exponential, microseconds
from simulator.compiling import compiled
from simulator.domain.market import MAX_CHANNELS, MAX_SEGMENTS, Channel, Market
from simulator.domain.organisation import MAX_TEAMS, Organisation
from simulator.domain.scenario import Scenario, team_sizes, with_switches
from simulator.domain.schema import ScenarioError
from simulator.domain.words import NOBODY, ROLES, STAGES, Decision, Role
from simulator.randomness import INDEX_BITS, MEMBER_BITS, account_actor, stream_key, uniform

#: The Monday at which a drawn stream begins; a replayed one begins on the Monday of its first lead.
FIRST_DAY = datetime.date(2024, 1, 1)

_ARRIVAL_GAP = int(Decision.ARRIVAL_GAP)

ENTER_AS = {"": 0, "inquiry": 1, "mql": 2}

_SEGMENT_FIELDS = (
    "complexity_low", "complexity_high", "deal_value_median_usd", "deal_value_sigma",
    "patience_median_days", "patience_sigma", "rep_free_share",
)  # fmt: skip
_INTEGERS = (
    "enter_as", "rivals", "attempts", "max_open_deals", "silent_follow_ups", "retry_us", "follow_up_us",
    "mail_every_us", "review_us", "days", "teams", "warm_up_us", "cohort_end_us", "horizon_us",
)  # fmt: skip


def _rules_dtype() -> np.dtype[Any]:
    numbers = [(name, "f8") for name in _numbers(Market(), Organisation())]
    integers = [(name, "i8") for name in _INTEGERS]
    tables = [
        ("segment_cumulative", "f8", (MAX_SEGMENTS,)),
        *[(name, "f8", (MAX_SEGMENTS,)) for name in _SEGMENT_FIELDS],
        ("fit_shift", "f8", (MAX_CHANNELS,)),
        ("team_of_segment", "i8", (MAX_SEGMENTS,)),
        ("day_opens", "i8", (MAX_TEAMS,)),
        ("day_window", "i8", (MAX_TEAMS,)),
        ("opens", "i8", (MAX_TEAMS * ROLES,)),
        ("window", "i8", (MAX_TEAMS * ROLES,)),
        ("first_person", "i8", (MAX_TEAMS * ROLES,)),
        ("last_person", "i8", (MAX_TEAMS * ROLES,)),
        ("access", "i8", (STAGES,)),
        ("skill", "f8", (ROLES,)),
    ]
    return np.dtype(numbers + integers + tables, align=True)


def _numbers(market: Market, organisation: Organisation) -> dict[str, float]:
    """Every plain number the engines read, by its name there."""
    journey, preference, trust, rivals = market.journey, market.preference, market.trust, market.rivals
    scoring, sales, effort = organisation.scoring, organisation.sales, organisation.effort
    handoff, content = organisation.handoff, organisation.content
    return {
        "fit_mean_logit": market.fit_mean_logit,
        "fit_spread": market.fit_spread,
        "step_days": journey.step_days,
        "prior_knowledge": journey.prior_knowledge,
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
        "rival_entry_chance": -math.expm1(-rivals.entries_per_year * journey.step_days / 365.0)
        if rivals.count
        else 0.0,
        "choice_sharpness": rivals.choice_sharpness,
        "trust_weight": rivals.trust_weight,
        "score_threshold": scoring.threshold,
        "engagement_weight": scoring.engagement_weight,
        "judgement_noise": scoring.judgement_noise,
        "accept_threshold": sales.accept_threshold,
        "hand_raise_bonus": sales.hand_raise_bonus,
        "qualify_threshold": sales.qualify_threshold,
        "talk_noise": sales.talk_noise,
        "receptive_bonus": sales.receptive_bonus,
        "routing_minutes": 60.0 * handoff.routing_hours,
        "pickup_minutes": 60.0 * handoff.pickup_hours,
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
        "open_rate": organisation.nurture.open_rate,
        "contradiction_chance": organisation.consistency.contradiction_chance,
        "agreement": organisation.definition.agreement,
        "recycling_share": organisation.recycling.share,
        "support_share": organisation.support.share,
    }


RULES_DTYPE = _rules_dtype()


@dataclass(frozen=True)
class Arrivals:
    """The stream of buyers, sorted by (time, channel, index); the same in every organisation.

    Attributes
    ----------
    at_us : int64[n], microseconds since the start of the run.
    channel : int64[n], position in ``channels``.
    index : int64[n], position in its channel's stream; (channel, index) is who the buyer is.
    actor : int64[n], the actor field of its random streams.
    channels : names.
    ids : the export's own ids of a replayed stream, else empty.
    """

    at_us: np.ndarray
    channel: np.ndarray
    index: np.ndarray
    actor: np.ndarray
    channels: list[str]
    first_day: datetime.date = FIRST_DAY
    ids: list[str] = field(default_factory=list)

    def before(self, end_us: int) -> "Arrivals":
        """Those who arrive before an instant; a replayed export may go on after the end of the run."""
        n = int(np.searchsorted(self.at_us, end_us))
        if n == len(self.at_us):
            return self
        columns = (self.at_us[:n], self.channel[:n], self.index[:n], self.actor[:n])
        return Arrivals(*columns, self.channels, self.first_day, self.ids[:n])


@dataclass(frozen=True)
class Setup:
    """What an engine is given.

    ``rules`` is a numpy record of ``RULES_DTYPE``. A team's working day opens with its meetings
    (``day_opens``, ``day_window``); a role's own work comes next, and what is left (``opens``, ``window`` per pool) is
    for buyers. ``people`` are numbered by (team, role), so that a pool
    ``team * 3 + role`` is the range ``first_person[pool]`` to ``last_person[pool]``.
    """

    rules: Any
    key: np.uint64
    arrivals: Arrivals
    person_role: np.ndarray
    person_team: np.ndarray
    segments: list[str]
    teams: list[str]


def lower(
    scenario: Scenario, organisation: str, seed: int, replication: int, arrivals: Arrivals | None = None
) -> Setup:
    """Rules, arrivals and people of one organisation in one replication of a checked scenario.

    Raises
    ------
    ScenarioError
        If the organisation is unknown, or an export cannot be replayed.
    """
    if organisation not in scenario.organisations:
        raise ScenarioError(f"organisation must be one of {', '.join(scenario.organisations)}, got {organisation!r}")
    scenario = with_switches(scenario)
    market, chosen = scenario.market, scenario.organisations[organisation]
    key = stream_key(seed, replication)
    arrivals = (arrivals or draw_arrivals(scenario, seed, replication)).before(scenario.horizon_days() * DAY_US)
    rules = np.zeros(1, RULES_DTYPE)
    for name, number in _numbers(market, chosen).items():
        rules[name] = number
    for name, integer in _integers(scenario, chosen).items():
        rules[name] = integer
    _fill_segments(rules, market)
    for position, name in enumerate(arrivals.channels):
        rules["fit_shift"][0, position] = market.channels.get(name, Channel()).fit_shift
    teams, person_role, person_team = _fill_people(rules, market, chosen)
    return Setup(
        rules=rules.view(np.recarray)[0],
        key=key,
        arrivals=arrivals,
        person_role=person_role,
        person_team=person_team,
        segments=list(market.segments),
        teams=teams,
    )


def _integers(scenario: Scenario, organisation: Organisation) -> dict[str, int]:
    run, sales, leads = scenario.run, organisation.sales, scenario.market.leads
    return {
        "enter_as": ENTER_AS[leads.enter_as if leads.path else ""],
        "rivals": scenario.market.rivals.count,
        "attempts": sales.attempts,
        "max_open_deals": sales.max_open_deals,
        "silent_follow_ups": sales.silent_follow_ups,
        "retry_us": microseconds(sales.retry_days),
        "follow_up_us": microseconds(sales.follow_up_days),
        "mail_every_us": microseconds(organisation.nurture.every_days),
        "review_us": microseconds(organisation.review_days),
        "days": 7 if organisation.calendar.always_on else 5,
        "teams": max(1, len(organisation.teams)),
        "warm_up_us": run.warm_up_days * DAY_US,
        "cohort_end_us": (run.warm_up_days + run.cohort_days) * DAY_US,
        "horizon_us": scenario.horizon_days() * DAY_US,
    }


def _fill_segments(rules: np.ndarray, market: Market) -> None:
    shares = np.array([segment.share for segment in market.segments.values()])
    cumulative = np.ones(MAX_SEGMENTS)
    cumulative[: len(shares) - 1] = (np.cumsum(shares) / shares.sum())[:-1]
    rules["segment_cumulative"][0] = cumulative
    for name in _SEGMENT_FIELDS:
        for position, segment in enumerate(market.segments.values()):
            rules[name][0, position] = getattr(segment, name)


def _fill_people(
    rules: np.ndarray, market: Market, organisation: Organisation
) -> tuple[list[str], np.ndarray, np.ndarray]:
    roles = (organisation.roles.marketer, organisation.roles.sdr, organisation.roles.rep)
    headcounts = [tuple(role.headcount for role in roles)]
    if organisation.teams:
        headcounts = [(team.marketers, team.sdrs, team.reps) for team in organisation.teams.values()]
        for number, team in enumerate(organisation.teams.values()):
            for segment in team.segments:
                rules["team_of_segment"][0, list(market.segments).index(segment)] = number
    calendar = organisation.calendar
    opens = 0.0 if calendar.always_on else calendar.opens_hour
    hours = 24.0 if calendar.always_on else calendar.closes_hour - calendar.opens_hour
    person_role: list[int] = []
    person_team: list[int] = []
    names = []
    for number, (size, name) in enumerate(team_sizes(organisation)):
        meeting_us = coordination_us_per_day(organisation, size)
        names.append(name)
        day_us = round(hours * HOUR_US) - meeting_us
        rules["day_opens"][0, number] = round(opens * HOUR_US) + meeting_us
        rules["day_window"][0, number] = day_us
        for role in range(ROLES):
            own_us = round(day_us * roles[role].own_work_share)
            rules["opens"][0, number * ROLES + role] = rules["day_opens"][0, number] + own_us
            rules["window"][0, number * ROLES + role] = day_us - own_us
            rules["first_person"][0, number * ROLES + role] = len(person_role)
            person_role += [role] * headcounts[number][role]
            person_team += [number] * headcounts[number][role]
            rules["last_person"][0, number * ROLES + role] = len(person_role)
    serving = {"nobody": NOBODY, "marketer": int(Role.MARKETER), "sdr": int(Role.SDR)}
    access = organisation.access
    rules["access"][0] = np.repeat([serving[access.education], serving[access.solution], serving[access.selection]], 2)
    rules["skill"][0] = [role.skill for role in roles]
    return names, np.array(person_role, np.int64), np.array(person_team, np.int64)


def coordination_us_per_day(organisation: Organisation, team_size: int) -> int:
    """Meeting time that opens each working day of a team: hours per teammate and week, over the week's days."""
    days = 7 if organisation.calendar.always_on else 5
    hours = organisation.coordination.hours_per_teammate_week * max(0, team_size - 1) / days
    return round(hours * HOUR_US)


def pay_usd_per_hour(organisation: Organisation) -> list[float]:
    """Pay of one paid hour of a marketer, an SDR and a rep, usd."""
    calendar, roles = organisation.calendar, organisation.roles
    hours_a_day = 24.0 if calendar.always_on else calendar.closes_hour - calendar.opens_hour
    hours_a_year = 365.0 / 7.0 * (7 if calendar.always_on else 5) * hours_a_day
    return [role.pay_usd_per_year / hours_a_year for role in (roles.marketer, roles.sdr, roles.rep)]


def draw_arrivals(scenario: Scenario, seed: int, replication: int) -> Arrivals:
    """The stream of buyers: replayed from an export, or a Poisson stream per channel.

    A buyer is (channel, index): its gap to the one before is keyed by itself, so that the same people arrive
    at the same times in every organisation, and one more arrival elsewhere changes nobody.
    """
    market = scenario.market
    if market.leads.path:
        return _replayed(market.leads.path, _frozen(market.leads))
    key = stream_key(seed, replication)
    horizon = scenario.horizon_days() * DAY_US
    total = sum(channel.share for channel in market.channels.values())
    times, channels = [], []
    for position, channel in enumerate(market.channels.values()):
        rate = market.inquiries_per_year * channel.share / total / 365.0
        at = np.zeros(_enough(rate * scenario.horizon_days()), np.int64)
        if rate > 0.0:
            at = at[: _poisson_stream(key, account_actor(position, 0), 1.0 / rate, horizon, at)]
        else:
            at = at[:0]
        times.append(at)
        channels.append(np.full(len(at), position, np.int64))
    return _sorted_arrivals(np.concatenate(times), np.concatenate(channels), list(market.channels))


def _enough(expected: float) -> int:
    most = int(expected + 12.0 * math.sqrt(expected) + 64.0)
    if most >= 1 << INDEX_BITS:
        raise ScenarioError(
            f"market.inquiries_per_year must bring fewer than {1 << INDEX_BITS:,} buyers a channel, got {most:,}"
        )
    return most


@compiled
def _poisson_stream(key: Any, first_actor: int, mean_gap_days: float, horizon: int, at: np.ndarray) -> int:
    """Fill ``at`` with arrival times before the horizon; return how many."""
    now = 0
    for index in range(at.shape[0]):
        gap = exponential(uniform(key, first_actor + (index << MEMBER_BITS), 0, _ARRIVAL_GAP, 0), mean_gap_days)
        now += max(1, microseconds(gap))
        if now >= horizon:
            return index
        at[index] = now
    return at.shape[0]


def _sorted_arrivals(at_us: np.ndarray, channel: np.ndarray, channels: list[str], **more: Any) -> Arrivals:
    """Number the buyers of each channel in the order given, and sort all by (time, channel, index)."""
    index = np.zeros(len(at_us), np.int64)
    for position in range(len(channels)):
        here = channel == position
        index[here] = np.arange(here.sum())
    order = np.lexsort((index, channel, at_us))
    actor = np.array(account_actor(0, 0) + ((channel << INDEX_BITS | index) << MEMBER_BITS), np.int64)
    if ids := more.pop("ids", None):
        more["ids"] = [ids[i] for i in order]
    return Arrivals(at_us[order], channel[order], index[order], actor[order], channels, **more)


def _frozen(leads: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(vars(leads).items())


@functools.lru_cache(maxsize=4)
def _replayed(path: str, leads: tuple[tuple[str, Any], ...]) -> Arrivals:
    from simulator.domain.market import Leads
    from simulator.inputs.crm import read_leads

    table = read_leads(path, Leads(**dict(leads)))
    if len(table.channels) > MAX_CHANNELS:
        raise ScenarioError(
            f"market.leads.path must hold at most {MAX_CHANNELS} channels, got {len(table.channels)} in {path}"
        )
    return _sorted_arrivals(
        table.arrived_us.astype(np.int64), table.channel.astype(np.int64), list(table.channels),
        first_day=table.first_day, ids=list(table.ids),
    )  # fmt: skip
