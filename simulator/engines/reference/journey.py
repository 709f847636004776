"""A buyer's own steps: private, they read no shared state."""

from simulator.behaviour import buyer as buying
from simulator.behaviour.numerics import NEVER, logistic
from simulator.domain.words import (
    FIRST_TOPIC_ABOUT_US,
    NOBODY,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Source,
    Stage,
)
from simulator.engines.reference.lead import Lead
from simulator.engines.report import (
    TOUCH_MAIL,
    TOUCH_OURS,
    TOUCH_RIVAL,
    TOUCH_THIRD_PARTY,
)

_ENDINGS = {
    Outcome.WON: Activity.WON,
    Outcome.LOST: Activity.LOST,
    Outcome.NO_DECISION: Activity.NO_DECISION,
}


class Journey(Lead):
    """How a buyer researches, asks, advances and chooses."""

    def research(self) -> None:
        """One step: give up, ask a person, or read; then perhaps move on."""
        rules, now = self.model.rules, self.model.now
        if now >= self.give_up_at:
            self.conclude(Outcome.NO_DECISION)
            return
        stage, n = self.stage, self.step_no
        self.step_no += 1
        if self.luck(Decision.DISTRACTION, stage, n) < rules.distraction_chance:
            self.conclude(Outcome.NO_DECISION)
            return
        if rules.rivals > 0 and self.luck(Decision.RIVAL_ENTERS, stage, n) < rules.rival_entry_chance:
            self.meet_new_rival(stage, n)
        if not self.asks_person(stage, n):
            self.read(stage, n)
            self.advance()
            if self.outcome == Outcome.OPEN:
                self.consider_passing()
        if self.outcome == Outcome.OPEN:
            gap = buying.step_gap_us(self.luck(Decision.STEP_GAP, stage, n), rules.step_days)
            self.step_at = max(now, min(now + gap, self.give_up_at))

    def meet_new_rival(self, stage: int, n: int) -> None:
        """A new rival enters; the best one competes, and it has not been found out."""
        rules = self.model.rules
        strength = buying.rival_strength(
            self.luck(Decision.NEW_RIVAL, stage, n), rules.rival_strength_low, rules.rival_strength_high, 1
        )
        if strength > self.rival_strength:
            self.rival_strength, self.rival_found_out = strength, False

    def asks_person(self, stage: int, n: int) -> bool:
        """Ask us for a person, if it wants one; true if somebody will answer and the step is thereby spent."""
        rules = self.model.rules
        if self.attention != Attention.FREE:
            return False
        must = buying.must_meet_rep(
            stage, self.complexity, rules.self_serve_max_complexity, self.has_met_rep
        ) and buying.is_clear(self.uncertainty, stage, rules.clear_level)
        if not must:
            if self.rep_free or self.luck(Decision.WANTS_PERSON, stage, n) >= logistic(self.wish_for_person()):
                return False
        if self.status == LeadStatus.ANONYMOUS:
            self.become_known()
        self.hand_raised = True
        self.engagement += 1
        self.heat_up()
        self.model.note(self, Activity.HAND_RAISE)
        if self.status == LeadStatus.OWNED or rules.access[stage] != NOBODY:
            self.duty, self.duty_at = Duty.REQUEST, self.model.now
            return True
        if self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE):
            self.pass_on()
        elif self.status == LeadStatus.DROPPED and must:
            self.pass_no += 1
            self.pass_on()
        return False

    def wish_for_person(self) -> float:
        """Logit of preferring a person."""
        rules = self.model.rules
        return buying.preference_for_person(
            self.complexity,
            self.stage,
            self.preference,
            rules.preference_base,
            rules.preference_by_complexity,
            rules.preference_by_stage,
        )

    def read(self, stage: int, n: int) -> None:
        """Read about the topic that worries most, ours or others'."""
        rules = self.model.rules
        topic = buying.worst_topic(self.uncertainty, stage)
        source = buying.source_of(
            self.luck(Decision.SOURCE, stage, n),
            self.trust,
            rules.our_content_share,
            rules.third_party_share,
            rules.rival_content_share,
        )
        use = self.luck(Decision.USEFULNESS, stage, n)
        checks = self.luck(Decision.CHECKS, stage, n) < self.verification
        if source == Source.US:
            self.touches[TOUCH_OURS] += 1
            self.engagement += 1
            self.hear(Role.MARKETER, checks, self.luck(Decision.CONTRADICTS, stage, n))
            self.learn_from_content(topic, use, rules.relevance, self.trust)
            self.model.note(self, Activity.READ_OURS, topic=topic)
            if self.status == LeadStatus.ANONYMOUS:
                self.anonymous_left -= 1
                if self.anonymous_left < 0:
                    self.become_known()
        elif source == Source.THIRD_PARTY:
            self.touches[TOUCH_THIRD_PARTY] += 1
            if checks:
                self.rival_found_out = True
            self.learn_from_content(topic, use, rules.relevance, rules.third_party_trust)
            self.model.note(self, Activity.READ_THIRD_PARTY, topic=topic)
        else:
            self.touches[TOUCH_RIVAL] += 1
            self.rival_progress += buying.rival_advance(use, rules.rival_gain)
            if topic < FIRST_TOPIC_ABOUT_US:
                self.learn_from_content(topic, use, rules.relevance, rules.rival_trust)
            self.model.note(self, Activity.READ_RIVAL, topic=topic)

    def mail(self) -> None:
        """A nurture mail: read or not, it comes again while nobody serves the lead."""
        rules, now, n = self.model.rules, self.model.now, self.mail_no
        stage = self.stage
        self.mail_no += 1
        if self.luck(Decision.MAIL_OPENED, 0, n) < rules.open_rate:
            topic = buying.worst_topic(self.uncertainty, stage)
            self.touches[TOUCH_MAIL] += 1
            self.engagement += 1
            self.heat_up()
            checks = self.luck(Decision.MAIL_CHECKS, 0, n) < self.verification
            self.hear(Role.MARKETER, checks, self.luck(Decision.MAIL_CONTRADICTS, 0, n))
            self.learn_from_content(topic, self.luck(Decision.MAIL_USEFULNESS, 0, n), rules.mail_relevance, self.trust)
            self.model.note(self, Activity.MAIL_OPENED, topic=topic)
            self.advance()
            if self.outcome == Outcome.OPEN:
                self.consider_passing()
        else:
            self.model.note(self, Activity.MAIL_UNOPENED)
        if self.outcome == Outcome.OPEN and self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE):
            self.duty, self.duty_at = Duty.NURTURE, now + rules.mail_every_us

    def hear(self, role: int, checks: bool, contradiction_luck: float) -> None:
        """One of our voices speaks; the buyer may check what it says against the others."""
        rules = self.model.rules
        contradicted = buying.has_heard_others(self.heard, role) and contradiction_luck < rules.contradiction_chance
        if checks:
            self.trust = buying.trust_after_check(self.trust, contradicted, rules.trust_gain, rules.trust_loss)
            if contradicted:
                self.contradictions += 1
        self.heard |= 1 << role

    def learn_from_content(self, topic: int, use_luck: float, relevance: float, believed: float) -> None:
        """Content clears a topic; the less, the more complex the purchase."""
        rules = self.model.rules
        power = buying.content_power(rules.content_gain, rules.complexity_drag, self.complexity)
        self.learn(topic, power, use_luck, relevance, believed)

    def learn(self, topic: int, power: float, use_luck: float, relevance: float, believed: float) -> None:
        """Uncertainty about a topic falls."""
        rules = self.model.rules
        before = self.uncertainty[topic]
        after = buying.learned(
            before,
            power,
            buying.usefulness(use_luck, relevance, rules.usefulness_spread),
            believed,
            buying.fit_of_claims(topic, self.fit, rules.fit_drag),
        )
        self.uncertainty[topic] = after
        self.cleared_total += before - after

    def advance(self) -> None:
        """Move on while the stage's topics are clear; at the last stage, choose."""
        rules, now = self.model.rules, self.model.now
        while self.outcome == Outcome.OPEN and buying.is_clear(self.uncertainty, self.stage, rules.clear_level):
            if self.stage == Stage.MAKING_SELECTION:
                if not buying.must_meet_rep(
                    self.stage, self.complexity, rules.self_serve_max_complexity, self.has_met_rep
                ):
                    self.choose()
                break
            self.stage += 1
            self.step_no = 0
            self.stage_at[self.stage] = now
            self.give_up_at = now + self.patience_us
            self.model.note(self, Activity.STAGE_ENTERED)
        if self.outcome == Outcome.OPEN and buying.rival_wins_early(self.rival_progress, self.stage):
            self.conclude(Outcome.LOST)

    def choose(self) -> None:
        """Us or the rival."""
        rules = self.model.rules
        chance = buying.win_probability(
            self.fit,
            self.trust,
            rules.trust_weight,
            self.rival_strength,
            self.rival_progress,
            0.0 if self.rival_found_out else rules.rival_inflation,
            rules.choice_sharpness,
        )
        won = rules.rivals == 0 or self.fixed(Decision.SELECTION) < chance
        self.conclude(Outcome.WON if won else Outcome.LOST)

    def conclude(self, outcome: Outcome) -> None:
        """The journey ends; an owned deal is released as an event of its own, a queue is left at once."""
        now = self.model.now
        self.outcome, self.ended_at, self.step_at = outcome, now, NEVER
        self.model.note(self, _ENDINGS[outcome])
        if outcome == Outcome.WON and self.status != LeadStatus.OWNED:
            self.self_served = 1
        self.duty, self.duty_at = (Duty.RELEASE, now) if self.status == LeadStatus.OWNED else (Duty.NONE, NEVER)
        if self.attention == Attention.QUEUED:
            self.desk.leave(self)
