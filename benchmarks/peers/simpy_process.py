"""``core_journey`` in plain SimPy: a process per buyer, a process per request, and a ``Resource`` for the pool of reps.

Continuous time in days. While a request is in line or served its buyer reads on; a buyer has one request open at
most, and leaves the line if its journey ends there. A talk goes on to its end even if the journey does not.
"""

import math
import random
from collections.abc import Generator
from typing import Any

import simpy

from benchmarks.peers.core import (
    FIRST_STAGE_ABOUT_US,
    FIRST_STAGE_OF_CHOICE,
    LAST_STAGE,
    TOPICS_OF_STAGE,
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


class Buyer:
    """A buyer: who it is, what it still wonders about, and its journey."""

    def __init__(self, market: Market) -> None:
        numbers, luck = market.numbers, market.random
        self.market, self.numbers, self.luck = market, numbers, luck
        complexity = luck.uniform(numbers.complexity_low, numbers.complexity_high)
        self.wish = (
            numbers.preference_base
            + numbers.preference_by_complexity * complexity
            + luck.gauss(0.0, numbers.preference_spread)
        )
        self.content_power = numbers.content_gain * (1.0 - numbers.complexity_drag * complexity)
        self.fit = 1.0 / (1.0 + math.exp(-luck.gauss(numbers.fit_mean_logit, numbers.fit_spread)))
        self.patience = numbers.patience_median_days * math.exp(luck.gauss(0.0, numbers.patience_sigma))
        self.verification = luck.uniform(numbers.verification_low, numbers.verification_high)
        self.rival_strength = luck.uniform(numbers.rival_strength_low, numbers.rival_strength_high)
        self.rival_progress = 0.0
        self.trust = numbers.initial_trust
        self.uncertainty = [
            [1.0 - numbers.prior_knowledge * luck.random() for _ in range(topics)] for topics in TOPICS_OF_STAGE
        ]
        self.stage = 0
        self.arrived_at = market.clock.now
        self.give_up_at = self.arrived_at + self.patience
        self.is_open = True
        self.asking: simpy.Process | None = None
        self.is_waiting = False

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

    def chance_to_ask(self) -> float:
        """Logistic in complexity, stage and the buyer's own liking."""
        return 1.0 / (1.0 + math.exp(-self.wish - self.numbers.preference_by_stage * self.stage / LAST_STAGE))

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

    def read(self) -> None:
        """Read about the topic that worries most: ours, a third party's or the rival's, as trust draws it."""
        numbers, luck, touches = self.numbers, self.luck, self.market.touches
        ours = numbers.our_share * (0.5 + self.trust)
        looks = luck.random() * (ours + numbers.third_party_share + numbers.rival_share)
        use = luck.random()
        if looks < ours:
            touches["ours"] += 1
            self.check_claim()
            self.learn(self.content_power, use, numbers.our_relevance, self.trust)
        elif looks < ours + numbers.third_party_share:
            touches["third_party"] += 1
            self.learn(self.content_power, use, numbers.others_relevance, numbers.third_party_trust)
        else:
            touches["rival"] += 1
            self.rival_progress += 2.0 * numbers.rival_gain * use
            if self.stage < FIRST_STAGE_ABOUT_US:
                self.learn(self.content_power, use, numbers.others_relevance, numbers.rival_trust)

    def talk(self) -> None:
        """A rep speaks about the topic that worries most."""
        self.market.touches["person"] += 1
        self.check_claim()
        self.learn(self.numbers.talk_power, self.luck.random(), 1.0, self.trust)

    def check_claim(self) -> None:
        """What we say holds; who checks it trusts us more."""
        if self.luck.random() < self.verification:
            self.trust += self.numbers.trust_gain * (1.0 - self.trust)

    def learn(self, power: float, use: float, relevance: float, believed: float) -> None:
        """The worst topic of the stage gets clearer, as far as the touch is useful, believed and convincing."""
        numbers = self.numbers
        useful = min(1.0, relevance * (1.0 + numbers.usefulness_spread * (2.0 * use - 1.0)))
        convincing = 1.0 if self.stage < FIRST_STAGE_ABOUT_US else 1.0 - numbers.fit_drag * (1.0 - self.fit)
        topics = self.uncertainty[self.stage]
        worst = topics.index(max(topics))
        topics[worst] *= 1.0 - min(1.0, power * useful * believed * convincing)

    def advance(self) -> None:
        """Move on while the stage is clear; after the last one choose. A rival that has come far enough wins first."""
        while max(self.uncertainty[self.stage]) <= self.numbers.clear_level:
            if self.stage == LAST_STAGE:
                self.choose()
                return
            self.stage += 1
            self.give_up_at = self.market.clock.now + self.patience
        if self.rival_progress >= 1.0 and self.stage >= FIRST_STAGE_OF_CHOICE:
            self.end("lost")

    def choose(self) -> None:
        """Us or the rival, by the logit of the difference of both offers."""
        numbers = self.numbers
        ours = (1.0 - numbers.trust_weight) * self.fit + numbers.trust_weight * self.trust
        theirs = self.rival_strength * min(1.0, self.rival_progress)
        chance = 1.0 / (1.0 + math.exp(-numbers.choice_sharpness * (ours - theirs)))
        self.end("won" if self.luck.random() < chance else "lost")

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
