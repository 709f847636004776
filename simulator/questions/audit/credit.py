"""What each channel is credited with, and what it causes: the wins and the revenue that are lost when it is closed.

Two usual rules of credit beside the counterfactual one:

- by MQLs: the total, shared out by each channel's share of the leads that marketing passes on;
- by last touch: a channel's own buyers. A buyer of this model comes through one channel only, so that first, last and
  any other touch rule over channels are this same rule;
- by closing: the total less the total of the same market without the channel, the same other buyers, its spend saved.

The last one needs an experiment that no company can run. Buyers share people, content, word of mouth and a budget that
moves, so that others take part of a closed channel's place: credits by closing need not add up, and the remainder is
told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.results.estimate import Estimate, of_sums

#: Rules of credit, in the order in which they are shown.
BY_MQLS, LAST_TOUCH, BY_CLOSING = "by_mqls", "last_touch", "by_closing"
RULES = (BY_MQLS, LAST_TOUCH, BY_CLOSING)

#: What is credited, and its unit.
MEASURES = {"wins": "count", "revenue": "usd"}


@dataclass(frozen=True)
class Totals:
    """Of each replication, over the cohort: float64[replications]."""

    wins: NDArray[np.float64]
    revenue: NDArray[np.float64]
    spend: NDArray[np.float64]


@dataclass(frozen=True)
class ChannelTotals:
    """Of each replication and channel, over the cohort: float64[replications, channels]."""

    names: tuple[str, ...]
    mqls: NDArray[np.float64]
    wins: NDArray[np.float64]
    revenue: NDArray[np.float64]
    spend: NDArray[np.float64]


@dataclass(frozen=True)
class Credit:
    """What one rule credits one channel with.

    Attributes
    ----------
    amount : wins or usd of revenue, per replication.
    share : of the total.
    per_usd : per usd of its spend, by closing per usd that closing saves; NaN for a free channel.
    """

    channel: str
    measure: str
    rule: str
    amount: Estimate
    share: Estimate
    per_usd: Estimate


def credits_of(today: Totals, channels: ChannelTotals, closed: dict[str, Totals]) -> list[Credit]:
    """Credit of every channel by every rule; ``closed`` has the totals without each channel."""
    credits = []
    for measure in MEASURES:
        total, own = getattr(today, measure), getattr(channels, measure)
        for position, name in enumerate(channels.names):
            mqls, spend = channels.mqls[:, position], channels.spend[:, position]
            without = closed[name]
            every, saved = channels.mqls.sum(axis=1), today.spend - without.spend
            lost = total - getattr(without, measure)
            ones = np.ones(len(total))
            credits += [
                Credit(name, measure, BY_MQLS, of_sums(lambda t, m, e, n: t * m / e / n, total, mqls, every, ones),
                       of_sums(lambda m, e: m / e, mqls, every),
                       of_sums(lambda t, m, e, s: t * m / e / _above_0(s), total, mqls, every, spend)),
                Credit(name, measure, LAST_TOUCH, *_amounts(own[:, position], total, spend)),
                Credit(name, measure, BY_CLOSING, *_amounts(lost, total, saved)),
            ]  # fmt: skip
    return credits


def remainder(credits: Sequence[Credit], measure: str, rule: str, today: Totals) -> Estimate:
    """What the total is more than all credits of a rule together, per replication."""
    total = getattr(today, measure)
    left = of_sums(lambda t, n: t / n, total, np.ones(len(total)))
    for credit in credits:
        if (credit.measure, credit.rule) == (measure, rule):
            left = left - credit.amount
    return left


def _amounts(
    part: NDArray[np.float64], total: NDArray[np.float64], spend: NDArray[np.float64]
) -> tuple[Estimate, Estimate, Estimate]:
    """A part per replication, as a share of the total, and per usd."""
    return (
        of_sums(lambda p, n: p / n, part, np.ones(len(part))),
        of_sums(lambda p, t: p / _above_0(t), part, total),
        of_sums(lambda p, s: p / _above_0(s), part, spend),
    )


def _above_0(amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amounts to divide by; NaN where there is nothing."""
    return np.where(amount > 0.0, amount, np.nan)
