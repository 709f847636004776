"""``core_journey`` in plain Mesa: an agent per buyer, one step a day, and a first-come-first-served line of buyers.

The price of a daily step: a buyer makes a step of research on a day with chance 1 / ``step_days``, so that gaps
between steps are geometric with the same mean instead of exponential, and not below a day; patience is rounded to
whole days; buyers who ask are answered from the reps' minutes of the day, a talk that does not fit into it takes the
rest from the next day; waits are known in whole days only. Journeys that end leave the agent set.
"""

import math
from collections import deque

import mesa

from benchmarks.peers.buyer import PlainBuyer
from benchmarks.peers.core import (
    CoreJourney,
    Outcomes,
    daily_chance,
    mean,
)

MINUTES_A_DAY = 24 * 60


class Market(mesa.Model):
    """A market of buyers and one pool of reps; ``step`` is a day."""

    def __init__(self, numbers: CoreJourney, seed: int) -> None:
        super().__init__(seed=seed)
        self.numbers = numbers
        self.step_chance = daily_chance(numbers)
        self.today = -1
        self.next_arrival = self.arrival_gap()
        self.line: deque[tuple[Buyer, int]] = deque()
        self.overrun_minutes = self.worked_minutes = 0.0
        self.buyers = self.decisions = self.served = self.days_waited = self.days_to_win = 0
        self.ends = {"won": 0, "lost": 0, "no_decision": 0}
        self.touches = {"ours": 0, "third_party": 0, "rival": 0, "person": 0}

    def step(self) -> None:
        """Buyers make their steps, others arrive, and those in line are answered."""
        self.today += 1
        self.agents.do("step")
        while self.next_arrival < self.today + 1:
            self.buyers += 1
            Buyer(self).research()
            self.next_arrival += self.arrival_gap()
        self.answer()

    def arrival_gap(self) -> float:
        """Days to the next arrival of a Poisson stream."""
        rate = self.numbers.arrivals_per_day
        return self.random.expovariate(rate) if rate > 0.0 else math.inf

    def answer(self) -> None:
        """Serve the line until the day's minutes of the reps are spent."""
        numbers = self.numbers
        minutes = numbers.reps * MINUTES_A_DAY - self.overrun_minutes
        while self.line and minutes > 0.0:
            buyer, since = self.line.popleft()
            if not buyer.is_open:
                continue
            spread = numbers.answer_spread
            work = numbers.answer_minutes * (1.0 - spread + spread * self.random.expovariate(1.0))
            minutes -= work
            self.worked_minutes += work
            self.served += 1
            self.decisions += 1
            self.days_waited += self.today - since
            buyer.is_in_line = False
            buyer.talk()
            buyer.advance()
        self.overrun_minutes = max(0.0, -minutes)

    def outcomes(self) -> Outcomes:
        """What became of everybody."""
        done = self.worked_minutes - self.overrun_minutes
        return Outcomes(
            **self.ends,
            open=len(self.agents),
            **{kind: mean(count, self.buyers) for kind, count in self.touches.items()},
            days_to_win=mean(self.days_to_win, self.ends["won"]),
            wait_hours=24.0 * mean(self.days_waited, self.served),
            utilisation=done / (self.numbers.reps * self.numbers.days * MINUTES_A_DAY),
            steps=self.decisions,
        )


class Buyer(PlainBuyer, mesa.Agent):
    """A buyer: who it is, what it still wonders about, and what it does."""

    model: Market

    def __init__(self, model: Market) -> None:
        mesa.Agent.__init__(self, model)
        self.numbers, self.luck, self.touches = model.numbers, model.random, model.touches
        self.arrive(model.today)
        self.patience = round(self.patience)
        self.give_up_at = model.today + self.patience
        self.is_in_line = False

    def now(self) -> float:
        return self.model.today

    def step(self) -> None:
        """A day: perhaps a step of research, surely one when patience has run out."""
        model = self.model
        if model.today >= self.give_up_at or model.random.random() < model.step_chance:
            self.research()

    def research(self) -> None:
        """One step: give up, ask a person, or read; then perhaps move on."""
        model, luck = self.model, self.random
        model.decisions += 1
        if model.today >= self.give_up_at or luck.random() < model.numbers.distraction_chance:
            self.end("no_decision")
        elif not self.is_in_line and luck.random() < self.chance_to_ask():
            model.decisions += 1
            self.is_in_line = True
            model.line.append((self, model.today))
        else:
            self.read()
            self.advance()

    def end(self, how: str) -> None:
        """The journey is over, and the buyer leaves the market; the line passes over it."""
        self.is_open = False
        self.model.ends[how] += 1
        if how == "won":
            self.model.days_to_win += self.model.today - self.arrived_at
        self.remove()


def run(numbers: CoreJourney, seed: int) -> Outcomes:
    """One run to the end of follow-up."""
    market = Market(numbers, seed)
    for _ in range(numbers.days):
        market.step()
    outcomes = market.outcomes()
    mesa.Agent._ids.pop(market, None)  # Mesa 3.3 keeps a counter per model for ever, and through it the model
    return outcomes
