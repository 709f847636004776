"""The rules an engine plays by: every number of market and organisation, and the slow state that reviews change.

One numpy record per run. A buyer's step reads nothing else beside the buyer, so it stays private between reviews. What
the schema declares is in it by itself; what has to be worked out of several parameters stands here.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np

from simulator.model.attention import noticed_share
from simulator.model.content import CELLS
from simulator.model.numerics import DAY_US, HOUR_US, NEVER, exp, microseconds
from simulator.model.randomness import channel_tag
from simulator.model.sizes import MAX_CHANNELS, MAX_SEGMENTS, MAX_TEAMS
from simulator.model.words import NOBODY, ROLES, STAGES, TOPICS, Role, Topic
from simulator.scenario.market import Channel, Market
from simulator.scenario.organisation import Organisation
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError, described

ENTER_AS = {"": 0, "inquiry": 1, "mql": 2}

#: What there can be several of, and the most of each: what is declared of one of them is a table of the record.
_SEVERAL = {"channels": MAX_CHANNELS, "segments": MAX_SEGMENTS, "roles": ROLES}

#: From the unit of a parameter to the one that its name in the record ends in.
_CONVERSIONS: dict[tuple[str, str], Callable[[Any], float]] = {
    ("hours", "minutes"): lambda hours: 60.0 * hours,
    ("hours", "us"): lambda hours: round(hours * HOUR_US),
    ("days", "us"): microseconds,
}
_UNITS = ("us", "minutes", "hours", "days")


@dataclass(frozen=True)
class Entry:
    """A parameter as engines read it.

    Attributes
    ----------
    name : in the record.
    kind : "f8" for a number; "i8" for a whole number, for true or false, and for a word: its place among the choices.
    read : gives the value in the unit that the name ends in, from the market or organisation, or from one of several.
    """

    name: str
    kind: str
    read: Callable[[Any], float]


def declared(owner: type) -> dict[str, list[Entry]]:
    """What engines read of the parameters below a class as they are: "" those there is one of, then each of several.

    Raises
    ------
    TypeError
        If two parameters have one name in the record, or one is not fit for it.
    """
    entries: dict[str, list[Entry]] = {"": [], **{several: [] for several in _SEVERAL}}
    paths: dict[str, str] = {}
    for path, field in described(owner):
        parts = path.split(".", 2)
        several = parts[0] if parts[0] in _SEVERAL and len(parts) == 3 else ""
        below = parts[2] if several else path
        about, plain = field.metadata, field.type in (float, int, bool) or bool(field.metadata["choices"])
        name = about["rule"] if about["rule"] is not None else field.name if plain else ""
        place = f"{several}.<name>.{below}" if several else path
        if not name or paths.get(name) == place:
            continue
        if name in paths:
            raise TypeError(f"{place} must have a rule of its own, got {name!r}, which is that of {paths[name]}")
        if not plain or "<name>" in below:
            raise TypeError(f"{place} must be a single number, switch or word to be a rule, got {name!r}")
        paths[name] = place
        kind = "f8" if field.type is float and not name.endswith("_us") else "i8"
        entries[several].append(Entry(name, kind, _reader(place, below, name, about)))
    return entries


def _reader(place: str, below: str, name: str, about: Any) -> Callable[[Any], float]:
    read, unit = attrgetter(below), name.rpartition("_")[2]
    convert: Callable[[Any], float] | None = None
    if about["choices"]:
        convert = about["choices"].index
    elif about["unit"] in _UNITS and unit in _UNITS and about["unit"] != unit:
        if (about["unit"], unit) not in _CONVERSIONS:
            raise TypeError(f"{place} must have a rule in a unit that {about['unit']} turn into, got {name!r}")
        convert = _CONVERSIONS[about["unit"], unit]
    return read if convert is None else lambda node: convert(read(node))


def market_rules(scenario: Scenario) -> dict[str, float | int]:
    """What is worked out of several parameters of market and run."""
    market, run, leads = scenario.market, scenario.run, scenario.market.leads
    rivals, attention, any_rival = market.rivals, market.attention, market.rivals.count > 0
    entries = 1.0 - exp(-rivals.entries_per_year * market.journey.step_days / 365.0) if any_rival else 0.0
    return {
        "rival_content_share": rivals.content_share if any_rival else 0.0,
        "rival_entry_chance": entries,
        "noticed_share": noticed_share(attention.messages_per_day, attention.half_noticed),
        "enter_as": ENTER_AS[leads.enter_as if leads.path else ""],
        "segments": len(market.segments),
        "warm_up_us": run.warm_up_days * DAY_US,
        "cohort_end_us": (run.warm_up_days + run.cohort_days) * DAY_US,
        "horizon_us": scenario.horizon_days() * DAY_US,
        "channels": len(market.channels),
    }


def organisation_rules(organisation: Organisation) -> dict[str, float | int]:
    """What is worked out of several parameters of an organisation."""
    calendar, tilt, rep_own = organisation.calendar, organisation.tilt, organisation.roles.rep.own_work_share
    favours_sales, favours_marketing = max(0.0, tilt.hours), max(0.0, -tilt.hours)
    given = favours_marketing * (1.0 - rep_own)
    return {
        "marketers_for_marketing": 1.0 - favours_sales,
        "reps_for_marketing": tilt.hours_use * given / (rep_own + given) if given > 0.0 else 0.0,
        "dip": 0.0,
        "days": calendar.days_a_week(),
        "teams": max(1, len(organisation.teams)),
        "workday_us": round(calendar.hours_a_day() * HOUR_US),
        "training_us": round(organisation.training.days * calendar.hours_a_day() * HOUR_US),
        "dip_us": 0,
        "reorganise_at_us": NEVER,
    }


def _fields(
    entries: dict[str, list[Entry]], worked_out: dict[str, float | int], tables: dict[str, tuple[str, int]]
) -> list[tuple[str, str, tuple[int, ...]]]:
    """(name, kind, shape) of all that a market or an organisation brings."""
    return [
        *((entry.name, entry.kind, (_SEVERAL[several],) if several else ()) for several in entries
          for entry in entries[several]),
        *((name, "f8" if isinstance(value, float) else "i8", ()) for name, value in worked_out.items()),
        *((name, kind, (size,)) for name, (kind, size) in tables.items()),
    ]  # fmt: skip


_POOLS = MAX_TEAMS * ROLES
_MARKET, _ORGANISATION = declared(Market), declared(Organisation)
_MARKET_FIELDS = _fields(
    _MARKET, market_rules(Scenario()),
    {"segment_cumulative": ("f8", MAX_SEGMENTS), "fit_spread": ("f8", MAX_CHANNELS), "spend": ("f8", MAX_CHANNELS),
     "channel_tag": ("i8", MAX_CHANNELS), "useful_share": ("f8", STAGES), "distraction_factor": ("f8", STAGES),
     "is_known": ("i8", TOPICS)},
)  # fmt: skip
_ORGANISATION_FIELDS = _fields(
    _ORGANISATION, organisation_rules(Organisation()),
    {"team_of_segment": ("i8", MAX_SEGMENTS), "day_starts": ("i8", MAX_TEAMS), "meeting_us": ("i8", MAX_TEAMS),
     "first_person": ("i8", _POOLS), "last_person": ("i8", _POOLS), "own_share": ("f8", _POOLS),
     "access": ("i8", STAGES)},
)  # fmt: skip
#: Slow state: what reviews change, with what it starts from.
_SLOW = {"pickup_minutes": 0.0, "agreement": 0.0, "brief_bits": 0.0, "knowledge": 0.0, "effort_factor": 1.0,
         "review_chance": 0.0, "review_good": 0.0}  # fmt: skip
#: Working time of a team or a pool, in force until the next review: it shrinks while people are trained.
_WORKING_DAY = {"day_opens": ("i8", MAX_TEAMS), "day_window": ("i8", MAX_TEAMS), "opens": ("i8", _POOLS),
                "window": ("i8", _POOLS)}  # fmt: skip
_SLOW_TABLES = {
    **dict.fromkeys(("match_all", "match_found"), ("f8", CELLS)),
    **dict.fromkeys(("best_asset", "found_asset"), ("i8", CELLS)),
    **dict.fromkeys(("multiple", "admitted", "admitted_growth", "credits"), ("f8", MAX_CHANNELS)),
    **dict.fromkeys(("signal_leads", "signal_pipeline", "signal_revenue"), ("f8", MAX_CHANNELS)),
}

#: Numbers first, then whole numbers, then tables as they stand.
RULES_DTYPE = np.dtype(
    sorted([*_MARKET_FIELDS, *_ORGANISATION_FIELDS, *_fields({}, _SLOW, _WORKING_DAY | _SLOW_TABLES)],
           key=lambda field: "tables" if field[2] else field[1]),
    align=True,
)  # fmt: skip

#: What a reorganisation replaces: all that an organisation chooses, but for the rhythm of reviews, which it shares.
CHOSEN = tuple(name for name, *_ in _ORGANISATION_FIELDS if name != "review_us")


def _batches(entries: dict[str, list[Entry]]) -> list[tuple[str, np.ndarray, list[Callable[[Any], float]]]]:
    """(kind, words of the record, what is read into them) of what is written at once, as each arm is lowered."""
    words = {name: offset // 8 for name, (_, offset, *_) in (RULES_DTYPE.fields or {}).items()}
    by_kind = [(kind, [entry for entry in entries[""] if entry.kind == kind]) for kind in ("f8", "i8")]
    return [(kind, np.array([words[one.name] for one in own]), [one.read for one in own]) for kind, own in by_kind]


_MARKET_BATCHES, _ORGANISATION_BATCHES = _batches(_MARKET), _batches(_ORGANISATION)


def _fill_numbers(rules: np.ndarray, batches: Any, node: Any, worked_out: dict[str, float | int]) -> None:
    for kind, words, readers in batches:
        rules.view(kind)[words] = [read(node) for read in readers]
    for name, number in worked_out.items():
        rules[name] = number


def _fill_tables(rules: np.ndarray, entries: list[Entry], nodes: Collection[Any]) -> None:
    for entry in entries:
        rules[entry.name] = 0
        rules[entry.name][0, : len(nodes)] = [entry.read(node) for node in nodes]


def fill_market(rules: np.ndarray, scenario: Scenario) -> None:
    """The market's part of the rules, but for its channels, which a stream of buyers brings with it."""
    market = scenario.market
    _fill_numbers(rules, _MARKET_BATCHES, market, market_rules(scenario) | _SLOW)
    _fill_tables(rules, _MARKET["segments"], market.segments.values())
    journey = market.journey
    rules["useful_share"], rules["distraction_factor"] = journey.useful_share_by_stage, journey.distraction_by_stage
    rules["is_known"] = [topic.name.lower() in journey.known_topics for topic in Topic]
    shares = np.array([segment.share for segment in market.segments.values()])
    rules["segment_cumulative"] = 1.0
    rules["segment_cumulative"][0, : len(shares) - 1] = (np.cumsum(shares) / shares.sum())[:-1]


def fill_channels(rules: np.ndarray, market: Market, channels: list[str]) -> None:
    """What the market says of the channels of a stream of buyers, in place of any before."""
    rules["channels"] = len(channels)
    named = [market.channels.get(name, Channel()) for name in channels]
    _fill_tables(rules, _MARKET["channels"], named)
    rules["fit_spread"], rules["spend"], rules["channel_tag"] = 0.0, 0.0, 0
    rules["channel_tag"][0, : len(channels)] = _tags(channels)
    rules["fit_spread"][0, : len(channels)] = [channel.fit_spread * market.fit_spread for channel in named]
    if not market.leads.path:
        rules["spend"][0, : len(channels)] = list(spend_usd_per_year(market).values())


def _tags(channels: list[str]) -> list[int]:
    """What each channel's name adds to its buyers' identities; refuses two names of one digest."""
    tags = {name: channel_tag(name) for name in channels}
    by_tag = {tag: name for name, tag in tags.items()}
    for name, tag in tags.items():
        if by_tag[tag] != name:
            raise ScenarioError(
                f"market.channels must have names that differ in their digests too, got {name!r} and {by_tag[tag]!r}"
            )
    return list(tags.values())


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
    _fill_numbers(rules, _ORGANISATION_BATCHES, organisation, organisation_rules(organisation))
    _fill_tables(rules, _ORGANISATION["roles"], vars(organisation.roles).values())
    serving = {"nobody": NOBODY, "marketer": int(Role.MARKETER), "sdr": int(Role.SDR)}
    access = organisation.access
    rules["access"][0] = np.repeat([serving[access.education], serving[access.solution], serving[access.selection]], 2)
