"""``core_journey`` in plain SimPy: a process per buyer, a process per request, and a ``Resource`` for the pool of reps.

Continuous time in days. While a request is in line or served its buyer reads on; a buyer has one request open at
most, and leaves the line if its journey ends there. A talk goes on to its end even if the journey does not.
"""

import random
from collections.abc import Generator
from typing import Any

import simpy

from benchmarks.peers.buyer import PlainBuyer
from benchmarks.peers.core import (
    CoreJourney,
    Outcomes,
    mean,
)

MINUTES_A_DAY = 24 * 60


class Market:
    """The clock, the pool of reps, and what is counted."""

    def __init__(self, numbers: CoreJourney, seed: int) -> None:
        self.numbers = numbers
        self.random = random.Random(seed)
        self.clock = simpy.Environment()
        self.reps = simpy.Resource(self.clock, capacity=numbers.reps)
        self.buyers = self.steps = self.served = 0
        self.ends = {"won": 0, "lost": 0, "no_decision": 0}
        self.touches = {"ours": 0, "third_party": 0, "rival": 0, "person": 0}
        self.days_to_win = self.days_waited = self.days_worked = 0.0
        self.clock.process(self.arrivals())

    def arrivals(self) -> Generator[simpy.Event, Any, None]:
        """Buyers arrive in a Poisson stream."""
        rate = self.numbers.arrivals_per_day
        while rate > 0.0:
            yield self.clock.timeout(self.random.expovariate(rate))
            self.buyers += 1
            self.clock.process(Buyer(self).journey())

    def outcomes(self) -> Outcomes:
        """What became of everybody."""
        return Outcomes(
            **self.ends,
            open=self.buyers - sum(self.ends.values()),
            **{kind: mean(count, self.buyers) for kind, count in self.touches.items()},
            days_to_win=mean(self.days_to_win, self.ends["won"]),
            wait_hours=24.0 * mean(self.days_waited, self.served),
            utilisation=self.days_worked / (self.numbers.reps * self.numbers.days),
            steps=self.steps,
        )


class Buyer(PlainBuyer):
    """A buyer: who it is, what it still wonders about, and its journey."""

    def __init__(self, market: Market) -> None:
        self.market, self.numbers, self.luck, self.touches = market, market.numbers, market.random, market.touches
        self.arrive(market.clock.now)
        self.asking: simpy.Process | None = None
        self.is_waiting = False

    def now(self) -> float:
        return float(self.market.clock.now)

    def journey(self) -> Generator[simpy.Event, Any, None]:
        """Steps of research until the journey ends, here or in a talk."""
        numbers, luck, clock = self.numbers, self.luck, self.market.clock
        while self.is_open:
            self.market.steps += 1
            if clock.now >= self.give_up_at or luck.random() < numbers.distraction_chance:
                self.end("no_decision")
            elif self.asking is None and luck.random() < self.chance_to_ask():
                self.asking = clock.process(self.request())
            else:
                self.read()
                self.advance()
            if self.is_open:
                gap = luck.expovariate(1.0 / numbers.step_days)
                yield clock.timeout(max(0.0, min(gap, self.give_up_at - clock.now)))

    def request(self) -> Generator[simpy.Event, Any, None]:
        """Wait in line for a rep, be served, talk."""
        market, numbers = self.market, self.numbers
        clock, joined_at = market.clock, market.clock.now
        market.steps += 1
        with market.reps.request() as turn:
            self.is_waiting = True
            try:
                yield turn
            except simpy.Interrupt:
                return
            self.is_waiting = False
            market.served += 1
            market.days_waited += clock.now - joined_at
            minutes = numbers.answer_minutes * (
                1.0 - numbers.answer_spread + numbers.answer_spread * self.luck.expovariate(1.0)
            )
            market.days_worked += min(minutes / MINUTES_A_DAY, numbers.days - clock.now)
            yield clock.timeout(minutes / MINUTES_A_DAY)
        market.steps += 1
        self.asking = None
        if self.is_open:
            self.talk()
            self.advance()

    def end(self, how: str) -> None:
        """The journey is over; a line is left at once."""
        self.is_open = False
        self.market.ends[how] += 1
        if how == "won":
            self.market.days_to_win += self.market.clock.now - self.arrived_at
        if self.asking is not None and self.is_waiting:
            self.asking.interrupt()


def run(numbers: CoreJourney, seed: int) -> Outcomes:
    """One run to the end of follow-up."""
    market = Market(numbers, seed)
    market.clock.run(until=numbers.days)
    return market.outcomes()
