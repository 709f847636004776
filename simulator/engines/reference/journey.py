"""A buyer's own steps: private, they read no shared state."""

from simulator.engines.reference.lead import Lead
from simulator.engines.report import TOUCH_MAIL, TOUCH_OURS, TOUCH_RIVAL, TOUCH_THIRD_PARTY
from simulator.engines.tally import DISAPPOINTED, PLEASED, READS, REVENUE_CENTS
from simulator.model import attention as noticing
from simulator.model import buyer as buying
from simulator.model import group as grouping
from simulator.model import word_of_mouth as talking
from simulator.model.content import cell_of
from simulator.model.numerics import NEVER, logistic
from simulator.model.words import (
    FIRST_TOPIC_ABOUT_US,
    NOBODY,
    TOPICS,
    Activity,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Source,
    Stage,
    Topic,
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
        if now >= self.give_up_at or self.is_worn_out():
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

    def is_worn_out(self) -> bool:
        """Whether the buyer has decided something as often as a buyer can."""
        return buying.is_worn_out(self.step_no, self.task_no, self.mail_no, self.heat_no, self.pass_no)

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
        elif self.status == LeadStatus.DROPPED:
            self.status = LeadStatus.INQUIRY  # a request opens a dropped lead again
        self.hand_raised = True
        self.engagement += 1
        self.heat_up()
        self.model.note(self, Activity.HAND_RAISE)
        if self.status == LeadStatus.OWNED or rules.access[stage] != NOBODY:
            self.duty, self.duty_at = Duty.REQUEST, self.model.now
            return True
        if self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE):
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
            self.touched(TOUCH_OURS)
            self.engagement += 1
            self.hear(Role.MARKETER, checks, self.luck(Decision.CONTRADICTS, stage, n))
            cell = cell_of(topic, self.segment, self.form)
            self.model.tally[READS + cell] += 1
            self.learn_from_content(topic, use, rules.relevance * rules.match_all[cell], self.trust)
            self.model.note(self, Activity.READ_OURS, topic=topic)
            if self.status == LeadStatus.ANONYMOUS:
                self.anonymous_left -= 1
                if self.anonymous_left < 0:
                    self.become_known()
        elif source == Source.THIRD_PARTY:
            self.touched(TOUCH_THIRD_PARTY)
            if checks:
                self.rival_found_out = True
            if rules.review_chance > 0.0 and self.luck(Decision.MEETS_REVIEW, stage, n) < rules.review_chance:
                self.read_review(self.luck(Decision.REVIEW_IS_GOOD, stage, n) < rules.review_good)
                self.model.note(self, Activity.READ_REVIEW, topic=topic)
            else:
                self.learn_from_content(topic, use, rules.others_relevance, rules.third_party_trust)
                self.model.note(self, Activity.READ_THIRD_PARTY, topic=topic)
        else:
            self.touched(TOUCH_RIVAL)
            self.rival_progress += buying.rival_advance(use, rules.rival_gain)
            if topic < FIRST_TOPIC_ABOUT_US:
                self.learn_from_content(topic, use, rules.others_relevance, rules.rival_trust)
            self.model.note(self, Activity.READ_RIVAL, topic=topic)

    def read_review(self, good: bool) -> None:
        """A customer's review: a good one speaks of the whole purchase, a bad one costs trust."""
        rules = self.model.rules
        self.reviews += 1
        self.trust = talking.trust_after_review(self.trust, good, rules.trust_pull)
        if good:
            for topic in range(TOPICS):
                self.learn(topic, rules.review_gain, 0.5, 1.0, rules.third_party_trust)

    def mail(self) -> None:
        """A nurture mail: read or not, it comes again while nobody serves the lead."""
        rules, now, n = self.model.rules, self.model.now, self.mail_no
        stage = self.stage
        self.mail_no += 1
        if self.luck(Decision.MAIL_OPENED, 0, n) < rules.open_rate * rules.noticed_share * self.bothered():
            topic = buying.worst_topic(self.uncertainty, stage)
            self.touched(TOUCH_MAIL)
            self.engagement += 1
            self.heat_up()
            checks = self.luck(Decision.MAIL_CHECKS, 0, n) < self.verification
            self.hear(Role.MARKETER, checks, self.luck(Decision.MAIL_CONTRADICTS, 0, n))
            use, match = (
                self.luck(Decision.MAIL_USEFULNESS, 0, n),
                rules.match_all[cell_of(topic, self.segment, self.form)],
            )
            self.learn_from_content(topic, use, rules.mail_relevance * match, self.trust)
            self.model.note(self, Activity.MAIL_OPENED, topic=topic)
            self.advance()
            if self.outcome == Outcome.OPEN:
                self.consider_passing()
        else:
            self.model.note(self, Activity.MAIL_UNOPENED)
        if self.outcome == Outcome.OPEN and self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE):
            self.duty, self.duty_at = Duty.NURTURE, now + rules.mail_every_us

    def bothered(self) -> float:
        """How welcome one more message of ours is after those before; from now on it is remembered too."""
        rules, now = self.model.rules, self.model.now
        fatigue = noticing.fatigue_after(self.fatigue, now - self.fatigue_at, rules.recovery_days)
        self.fatigue, self.fatigue_at = fatigue + 1.0, now
        return noticing.welcome(fatigue, rules.fatigue_per_message)

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

    def learn(
        self, topic: int, power: float, use_luck: float, relevance: float, believed: float, by_person: bool = False
    ) -> None:
        """Uncertainty about a topic falls, and with it the doubts of the group."""
        rules = self.model.rules
        before = self.uncertainty[topic]
        effect = buying.effect(
            power,
            buying.usefulness(use_luck, relevance, rules.usefulness_spread),
            believed,
            buying.fit_of_claims(topic, self.fit, rules.fit_drag),
        )
        after = before * (1.0 - effect)
        self.uncertainty[topic] = after
        self.cleared_total += before - after
        for m, doubt in enumerate(self.doubt):
            likes = self.likes_person[m]
            self.doubt[m] = grouping.doubt_after(
                doubt, effect, topic, self.worry[m], rules.spillover, by_person, likes, rules.other_form
            )

    def tailored(self, topic: int) -> None:
        """A piece made for one member's question speaks past the others."""
        for m, doubt in enumerate(self.doubt):
            self.doubt[m] = grouping.doubt_after_tailoring(doubt, topic, self.worry[m], self.model.rules.split)

    def advance(self) -> None:
        """Move on while the stage's topics are clear; at the last stage, choose."""
        rules, now = self.model.rules, self.model.now
        while self.outcome == Outcome.OPEN and buying.is_clear(self.uncertainty, self.stage, rules.clear_level):
            if self.stage == Stage.MAKING_SELECTION:
                if not buying.must_meet_rep(
                    self.stage, self.complexity, rules.self_serve_max_complexity, self.has_met_rep
                ):
                    self.decide()
                break
            self.stage += 1
            self.step_no = 0
            self.stage_at[self.stage] = now
            self.give_up_at = now + self.patience_us
            self.model.note(self, Activity.STAGE_ENTERED)
        if self.outcome == Outcome.OPEN and buying.rival_wins_early(self.rival_progress, self.stage):
            self.conclude(Outcome.LOST)

    def decide(self) -> None:
        """The group agrees and chooses, or falls back on terms."""
        rules = self.model.rules
        if self.members == 1 or self.group_agrees():
            self.choose()
        else:
            terms = grouping.fallen_back(self.uncertainty[Topic.TERMS], rules.clear_level, rules.setback)
            self.uncertainty[Topic.TERMS] = terms
            self.model.note(self, Activity.GROUP_DISAGREED, topic=Topic.TERMS)

    def group_agrees(self) -> bool:
        """Each member votes by its own luck, the same at every vote: doubts have to fall before it changes its mind."""
        self.votes += 1
        votes = [
            grouping.votes_yes(self.of_member(member, Decision.VOTE), doubt) for member, doubt in enumerate(self.doubt)
        ]
        return grouping.agrees(self.model.rules.group_rule, sum(votes), self.members, votes[0], votes[-1])

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
        if outcome == Outcome.WON:
            self.self_served = int(self.status != LeadStatus.OWNED)
            self.become_customer()
        self.duty, self.duty_at = (Duty.RELEASE, now) if self.status == LeadStatus.OWNED else (Duty.NONE, NEVER)
        if self.attention == Attention.QUEUED:
            self.desk.leave(self)

    def become_customer(self) -> None:
        """A customer pays, its channel gets the credit, and it tells others how it was."""
        rules, tally = self.model.rules, self.model.tally
        tally[REVENUE_CENTS + self.channel] += self.paid_cents
        luck = self.fixed(Decision.IS_PLEASED)
        pleased = talking.is_pleased(luck, self.fit, rules.pleased_fit, rules.pleased_noise)
        tally[PLEASED if pleased else DISAPPOINTED] += 1
