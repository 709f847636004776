"""The stream of buyers: replayed from an export, or drawn per channel, thinned by what is spent there."""

import datetime
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulator.leads.replay import LeadTable, read_leads
from simulator.model.calendar import in_office, own_opening
from simulator.model.channels import volume
from simulator.model.compiling import kernel
from simulator.model.numerics import DAY_US, HOUR_US, exponential, microseconds
from simulator.model.randomness import (
    CHANNEL_BITS,
    INDEX_BITS,
    at_arrival,
    base_of_account,
    channel_tag,
    drawn_identity,
    lead_identity,
    stream_key,
    uniform,
)
from simulator.model.words import Decision
from simulator.scenario.scenario import Scenario
from simulator.scenario.schema import ScenarioError

#: The Monday at which a drawn stream begins; a replayed one begins on the Monday of its first lead.
FIRST_DAY = datetime.date(2024, 1, 1)

#: Buyers of a channel from this index on come only when more is spent than at the start.
FIRST_OF_GROWTH = 1 << (INDEX_BITS - 1)

_ARRIVAL_GAP = int(Decision.ARRIVAL_GAP)


@dataclass(frozen=True)
class Arrivals:
    """The stream of buyers, sorted by (time, channel, index); the same in every organisation.

    A channel whose spend may grow has a second, further stream. Which of its buyers come at all depends on the
    spend when they would: ``THINNING`` decides at that instant, by the buyer's own luck.

    Attributes
    ----------
    at_us : int64[n], microseconds since the start of the run.
    who : uint32[n], the buyer: its channel (position in ``channels``), and its position in the channel's stream.
    channels : names.
    ids : the export's own ids of a replayed stream, else empty.
    leads : int64[n] of a replayed stream, the identities of its leads; else empty, as those of drawn buyers follow from
        who they are.
    """

    at_us: np.ndarray
    who: np.ndarray
    channels: list[str]
    first_day: datetime.date = FIRST_DAY
    ids: list[str] = field(default_factory=list)
    leads: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        if len(self.leads) not in (0, len(self.who)):  # a kernel would read beyond them
            raise ValueError(f"leads must be of all {len(self.who)} buyers or of none, got {len(self.leads)}")

    @property
    def channel(self) -> np.ndarray:
        """int64[n], position in ``channels``."""
        return self.who.astype(np.int64) >> INDEX_BITS

    @property
    def index(self) -> np.ndarray:
        """int64[n], position in its channel's stream."""
        return self.who.astype(np.int64) & ((1 << INDEX_BITS) - 1)

    def identity(self, row: int) -> int:
        """Whose luck the buyer at a row has (``randomness``)."""
        if len(self.leads):
            return int(self.leads[row])
        return int(drawn_identity(channel_tag(self.channels[int(self.channel[row])]), int(self.who[row])))

    def before(self, end_us: int) -> "Arrivals":
        """Those who arrive before an instant; a replayed export may go on after the end of the run."""
        n = int(np.searchsorted(self.at_us, end_us))
        if n == len(self.at_us):
            return self
        return Arrivals(self.at_us[:n], self.who[:n], self.channels, self.first_day, self.ids[:n], self.leads[:n])

    def without(self, channels: Sequence[str]) -> "Arrivals":
        """Those who come through other channels than these, which keep their positions."""
        left_out = [position for position, name in enumerate(self.channels) if name in channels]
        if not left_out:
            return self
        kept = ~np.isin(self.channel, left_out)
        ids = [one for one, keeps in zip(self.ids, kept, strict=True) if keeps] if self.ids else []
        leads = self.leads[kept] if len(self.leads) else self.leads
        return Arrivals(self.at_us[kept], self.who[kept], self.channels, self.first_day, ids, leads)


def draw_arrivals(scenario: Scenario, seed: int, replication: int, grows: bool = False) -> Arrivals:
    """The stream of buyers: replayed from an export, or a Poisson stream per channel.

    A buyer is (channel, index): its gap to the one before is keyed by itself, so that the same people arrive
    at the same times in every organisation, and one more arrival elsewhere changes nobody. ``grows`` adds those who
    come only when more is spent on their channel than at the start.
    """
    market = scenario.market
    if market.leads.path:
        every = _replayed(read_leads(market.leads.path, market.leads))
        return every.without([name for name, channel in market.channels.items() if channel.closed])
    key, days = stream_key(seed, replication), scenario.horizon_days()
    total = sum(channel.share for channel in market.channels.values())
    streams = []
    for position, channel in enumerate(market.channels.values()):
        rate = 0.0 if channel.closed else market.inquiries_per_year * channel.share / total / 365.0
        streams.append((position, 0, rate))
        if grows and channel.cost_per_inquiry_usd > 0.0:
            more = rate * (volume(market.channel_growth, channel.elasticity) - 1.0)
            streams.append((position, FIRST_OF_GROWTH, more))
    streams, names = [stream for stream in streams if stream[2] > 0.0], list(market.channels)
    first = np.array([position << INDEX_BITS | index for position, index, _ in streams], np.int64)
    tags = np.array([channel_tag(names[position]) for position, *_ in streams], np.int64)
    gap_days = np.array([1.0 / rate for *_, rate in streams], np.float64)
    most = np.array([_enough(rate * days) for *_, rate in streams], np.int64)
    at_us, buyers = np.zeros(int(most.sum()), np.int64), np.zeros(int(most.sum()), np.uint32)
    office = market.office_hours
    hours = [round(hours * HOUR_US) for hours in (office.opens_hour, office.hours, office.spread_hours)]
    n = _poisson_streams(key, first, tags, gap_days, most, days * DAY_US, office.share, *hours, at_us, buyers)
    at_us, buyers = at_us[:n], buyers[:n]
    if len(streams) > 1 or office.share > 0.0:
        order = np.lexsort((buyers, at_us))
        at_us, buyers = at_us[order], buyers[order]
    return Arrivals(at_us, buyers, list(market.channels))


def _enough(expected: float) -> int:
    most = int(expected + 12.0 * math.sqrt(expected) + 64.0)
    if most >= FIRST_OF_GROWTH:
        raise ScenarioError(
            f"market.inquiries_per_year must bring fewer than {FIRST_OF_GROWTH:,} buyers a channel, got {most:,}"
        )
    return most


@kernel
def _poisson_streams(
    key: Any,
    first: np.ndarray,
    tags: np.ndarray,
    gap_days: np.ndarray,
    most: np.ndarray,
    horizon: int,
    office_share: float,
    opens_us: int,
    window_us: int,
    spread_us: int,
    at: np.ndarray,
    buyers: np.ndarray,
) -> int:
    """Streams one after the other, each up to the horizon: who comes and when; return how many do in all.

    Who would come outside of its office hours mostly comes in the next, as it takes any other step.
    """
    n = 0
    for stream in range(first.shape[0]):
        now = 0
        for index in range(most[stream]):
            buyer = first[stream] + index
            base = base_of_account(key, drawn_identity(tags[stream], buyer))
            now += max(1, microseconds(exponential(uniform(key, base, 0, _ARRIVAL_GAP, 0), gap_days[stream])))
            if now >= horizon:
                break
            at[n], buyers[n] = now, buyer
            if office_share > 0.0:
                opens = own_opening(at_arrival(key, base, Decision.OFFICE_OPENS), opens_us, spread_us)
                at[n] = in_office(
                    now, at_arrival(key, base, Decision.ARRIVES_IN_OFFICE), office_share, opens, window_us
                )
                if at[n] >= horizon:
                    continue
            n += 1
    return n


def who(channel: Any, index: Any) -> np.ndarray:
    """The buyers who are ``index``-th in the stream of their channel.

    Raises
    ------
    OverflowError
        If either does not fit its bits.
    """
    for name, value, bits in (("channel", channel, CHANNEL_BITS), ("a buyer's index", index, INDEX_BITS)):
        if np.size(value) and not (np.min(value) >= 0 and np.max(value) < 1 << bits):
            raise OverflowError(f"{name} must fit {bits} bits, got {np.min(value)} to {np.max(value)}")
    return np.asarray(channel, np.uint32) << np.uint32(INDEX_BITS) | np.asarray(index, np.uint32)


def arrivals_of(table: LeadTable) -> Arrivals:
    """The stream of an export's leads.

    Raises
    ------
    ScenarioError
        If two leads have one identity.
    """
    at_us, channel = table.arrived_us.astype(np.int64), table.channel.astype(np.int64)
    index = np.zeros(len(at_us), np.int64)
    for position in range(len(table.channels)):
        here = channel == position
        index[here] = np.arange(here.sum())
    everybody = who(channel, index)
    order = np.lexsort((everybody, at_us))
    ids = [table.ids[row] for row in order] if table.ids else []
    leads = _identities(table)[order]
    return Arrivals(at_us[order], everybody[order], list(table.channels), table.first_day, ids, leads)


def _identities(table: LeadTable) -> np.ndarray:
    """int64[n], of the leads of a table; refuses two of one identity by name."""
    identities = np.array([lead_identity(name) for name in table.names], np.int64)
    found, count = np.unique(identities, return_counts=True)
    if (count > 1).any():
        twice = int(found[count > 1][0])
        one, other = [table.names[row] for row in np.flatnonzero(identities == twice)[:2]]
        raise ScenarioError(
            f"market.leads.id_column must tell leads apart, also by the digest that their luck hangs on, "
            f"got {one!r} and {other!r}"
        )
    return identities


#: The same table is the same version of a file.
_replayed = functools.lru_cache(maxsize=4)(arrivals_of)
