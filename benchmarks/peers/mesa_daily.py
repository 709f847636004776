"""``core_journey`` in plain Mesa: an agent per buyer, one step a day, and a first-come-first-served line of buyers.

The price of a daily step: a buyer makes a step of research on a day with chance 1 / ``step_days``, so that gaps
between steps are geometric with the same mean instead of exponential, and not below a day; patience is rounded to
whole days; buyers who ask are answered from the reps' minutes of the day, a talk that does not fit into it takes the
rest from the next day; waits are known in whole days only. Journeys that end leave the agent set.
"""

import math
from collections import deque

import mesa

from benchmarks.peers.core import (
    FIRST_STAGE_ABOUT_US,
    FIRST_STAGE_OF_CHOICE,
    LAST_STAGE,
    TOPICS_OF_STAGE,
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
            buyer.talk()
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


class Buyer(mesa.Agent):
    """A buyer: who it is, what it still wonders about, and what it does."""

    model: Market

    def __init__(self, model: Market) -> None:
        super().__init__(model)
        numbers, luck = model.numbers, model.random
        complexity = luck.uniform(numbers.complexity_low, numbers.complexity_high)
        self.wish = (
            numbers.preference_base
            + numbers.preference_by_complexity * complexity
            + luck.gauss(0.0, numbers.preference_spread)
        )
        self.content_power = numbers.content_gain * (1.0 - numbers.complexity_drag * complexity)
        self.fit = 1.0 / (1.0 + math.exp(-luck.gauss(numbers.fit_mean_logit, numbers.fit_spread)))
        self.patience = round(numbers.patience_median_days * math.exp(luck.gauss(0.0, numbers.patience_sigma)))
        self.verification = luck.uniform(numbers.verification_low, numbers.verification_high)
        self.rival_strength = luck.uniform(numbers.rival_strength_low, numbers.rival_strength_high)
        self.rival_progress = 0.0
        self.trust = numbers.initial_trust
        self.uncertainty = [
            [1.0 - numbers.prior_knowledge * luck.random() for _ in range(topics)] for topics in TOPICS_OF_STAGE
        ]
        self.stage = 0
        self.arrived_on = model.today
        self.give_up_on = model.today + self.patience
        self.is_open = True
        self.is_in_line = False

    def step(self) -> None:
        """A day: perhaps a step of research, surely one when patience has run out."""
        model = self.model
        if model.today >= self.give_up_on or model.random.random() < model.step_chance:
            self.research()

    def research(self) -> None:
        """One step: give up, ask a person, or read; then perhaps move on."""
        model, luck = self.model, self.random
        model.decisions += 1
        if model.today >= self.give_up_on or luck.random() < model.numbers.distraction_chance:
            self.end("no_decision")
        elif not self.is_in_line and luck.random() < self.chance_to_ask():
            model.decisions += 1
            self.is_in_line = True
            model.line.append((self, model.today))
        else:
            self.read()
            self.advance()

    def chance_to_ask(self) -> float:
        """Logistic in complexity, stage and the buyer's own liking."""
        by_stage = self.model.numbers.preference_by_stage
        return 1.0 / (1.0 + math.exp(-self.wish - by_stage * self.stage / LAST_STAGE))

    def read(self) -> None:
        """Read about the topic that worries most: ours, a third party's or the rival's, as trust draws it."""
        numbers, luck, touches = self.model.numbers, self.random, self.model.touches
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
        self.is_in_line = False
        self.model.touches["person"] += 1
        self.check_claim()
        self.learn(self.model.numbers.talk_power, self.random.random(), 1.0, self.trust)
        self.advance()

    def check_claim(self) -> None:
        """What we say holds; who checks it trusts us more."""
        if self.random.random() < self.verification:
            self.trust += self.model.numbers.trust_gain * (1.0 - self.trust)

    def learn(self, power: float, use: float, relevance: float, believed: float) -> None:
        """The worst topic of the stage gets clearer, as far as the touch is useful, believed and convincing."""
        numbers = self.model.numbers
        useful = min(1.0, relevance * (1.0 + numbers.usefulness_spread * (2.0 * use - 1.0)))
        convincing = 1.0 if self.stage < FIRST_STAGE_ABOUT_US else 1.0 - numbers.fit_drag * (1.0 - self.fit)
        topics = self.uncertainty[self.stage]
        worst = topics.index(max(topics))
        topics[worst] *= 1.0 - min(1.0, power * useful * believed * convincing)

    def advance(self) -> None:
        """Move on while the stage is clear; after the last one choose. A rival that has come far enough wins first."""
        while max(self.uncertainty[self.stage]) <= self.model.numbers.clear_level:
            if self.stage == LAST_STAGE:
                self.choose()
                return
            self.stage += 1
            self.give_up_on = self.model.today + self.patience
        if self.rival_progress >= 1.0 and self.stage >= FIRST_STAGE_OF_CHOICE:
            self.end("lost")

    def choose(self) -> None:
        """Us or the rival, by the logit of the difference of both offers."""
        numbers = self.model.numbers
        ours = (1.0 - numbers.trust_weight) * self.fit + numbers.trust_weight * self.trust
        theirs = self.rival_strength * min(1.0, self.rival_progress)
        chance = 1.0 / (1.0 + math.exp(-numbers.choice_sharpness * (ours - theirs)))
        self.end("won" if self.random.random() < chance else "lost")

    def end(self, how: str) -> None:
        """The journey is over, and the buyer leaves the market; the line passes over it."""
        self.is_open = False
        self.model.ends[how] += 1
        if how == "won":
            self.model.days_to_win += self.model.today - self.arrived_on
        self.remove()


def run(numbers: CoreJourney, seed: int) -> Outcomes:
    """One run to the end of follow-up."""
    market = Market(numbers, seed)
    for _ in range(numbers.days):
        market.step()
    outcomes = market.outcomes()
    mesa.Agent._ids.pop(market, None)  # Mesa 3.3 keeps a counter per model for ever, and through it the model
    return outcomes
