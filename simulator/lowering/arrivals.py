"""The stream of buyers: replayed from an export, or drawn per channel, thinned by what is spent there."""

import datetime
import functools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulator.behaviour.channels import volume
from simulator.behaviour.numerics import DAY_US, exponential, microseconds
from simulator.compiling import compiled
from simulator.domain.market import Leads
from simulator.domain.scenario import Scenario
from simulator.domain.schema import ScenarioError
from simulator.domain.words import Decision
from simulator.inputs.crm import read_leads
from simulator.randomness import INDEX_BITS, MEMBER_BITS, account_actor, stream_key, uniform

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


def draw_arrivals(scenario: Scenario, seed: int, replication: int, grows: bool = False) -> Arrivals:
    """The stream of buyers: replayed from an export, or a Poisson stream per channel.

    A buyer is (channel, index): its gap to the one before is keyed by itself, so that the same people arrive
    at the same times in every organisation, and one more arrival elsewhere changes nobody. ``grows`` adds those who
    come only when more is spent on their channel than at the start.
    """
    market = scenario.market
    if market.leads.path:
        return _replayed(market.leads.path, tuple(vars(market.leads).items()))
    key = stream_key(seed, replication)
    days = scenario.horizon_days()
    total = sum(channel.share for channel in market.channels.values())
    times, channels, indices = [], [], []
    for position, channel in enumerate(market.channels.values()):
        rate = market.inquiries_per_year * channel.share / total / 365.0
        streams = [(0, rate)]
        if grows and channel.cost_per_inquiry_usd > 0.0:
            streams += [(FIRST_OF_GROWTH, rate * (volume(market.channel_growth, channel.elasticity) - 1.0))]
        for first, mean in streams:
            at = _stream(key, account_actor(position, first), mean, days)
            times.append(at)
            channels.append(np.full(len(at), position, np.int64))
            indices.append(np.arange(first, first + len(at)))
    return _sorted(np.concatenate(times), np.concatenate(channels), np.concatenate(indices), list(market.channels))


def _stream(key: Any, first_actor: int, rate: float, days: int) -> np.ndarray:
    if rate <= 0.0:
        return np.zeros(0, np.int64)
    at = np.zeros(_enough(rate * days), np.int64)
    return at[: _poisson_stream(key, first_actor, 1.0 / rate, days * DAY_US, at)]


def _enough(expected: float) -> int:
    most = int(expected + 12.0 * math.sqrt(expected) + 64.0)
    if most >= FIRST_OF_GROWTH:
        raise ScenarioError(
            f"market.inquiries_per_year must bring fewer than {FIRST_OF_GROWTH:,} buyers a channel, got {most:,}"
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


def _sorted(at_us: np.ndarray, channel: np.ndarray, index: np.ndarray, channels: list[str], **more: Any) -> Arrivals:
    """All by (time, channel, index)."""
    order = np.lexsort((index, channel, at_us))
    actor = np.array(account_actor(0, 0) + ((channel << INDEX_BITS | index) << MEMBER_BITS), np.int64)
    if ids := more.pop("ids", None):
        more["ids"] = [ids[i] for i in order]
    return Arrivals(at_us[order], channel[order], index[order], actor[order], channels, **more)


@functools.lru_cache(maxsize=4)
def _replayed(path: str, leads: tuple[tuple[str, Any], ...]) -> Arrivals:
    table = read_leads(path, Leads(**dict(leads)))
    at_us, channel = table.arrived_us.astype(np.int64), table.channel.astype(np.int64)
    index = np.zeros(len(at_us), np.int64)
    for position in range(len(table.channels)):
        here = channel == position
        index[here] = np.arange(here.sum())
    return _sorted(at_us, channel, index, list(table.channels), first_day=table.first_day, ids=list(table.ids))
