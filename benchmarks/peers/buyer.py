"""What a buyer of ``core_journey`` is and does, in plain Python: what the peers in Mesa and in SimPy have in common.

Libraries differ in when a buyer acts and how it waits; what it reads, learns and chooses is the same.
"""

import math
from random import Random

from benchmarks.peers.core import (
    FIRST_STAGE_ABOUT_US,
    FIRST_STAGE_OF_CHOICE,
    LAST_STAGE,
    TOPICS_OF_STAGE,
    CoreJourney,
)


class PlainBuyer:
    """A buyer: who it is, what it still wonders about, and what it does; times are days."""

    numbers: CoreJourney
    luck: Random
    touches: dict[str, int]

    def arrive(self, now: float) -> None:
        """Draw who the buyer is; ``numbers``, ``luck`` and ``touches``, where touches are counted, are set before."""
        numbers, luck = self.numbers, self.luck
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
        self.arrived_at = now
        self.give_up_at = now + self.patience
        self.is_open = True

    def now(self) -> float:
        """Days since the start."""
        raise NotImplementedError

    def end(self, how: str) -> None:
        """The journey is over: won, lost or no decision."""
        raise NotImplementedError

    def chance_to_ask(self) -> float:
        """Logistic in complexity, stage and the buyer's own liking."""
        return 1.0 / (1.0 + math.exp(-self.wish - self.numbers.preference_by_stage * self.stage / LAST_STAGE))

    def read(self) -> None:
        """Read about the topic that worries most: ours, a third party's or the rival's, as trust draws it."""
        numbers, luck, touches = self.numbers, self.luck, self.touches
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
        self.touches["person"] += 1
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
            self.give_up_at = self.now() + self.patience
        if self.rival_progress >= 1.0 and self.stage >= FIRST_STAGE_OF_CHOICE:
            self.end("lost")

    def choose(self) -> None:
        """Us or the rival, by the logit of the difference of both offers."""
        numbers = self.numbers
        ours = (1.0 - numbers.trust_weight) * self.fit + numbers.trust_weight * self.trust
        theirs = self.rival_strength * min(1.0, self.rival_progress)
        chance = 1.0 / (1.0 + math.exp(-numbers.choice_sharpness * (ours - theirs)))
        self.end("won" if self.luck.random() < chance else "lost")
