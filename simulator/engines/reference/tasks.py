"""What our people do for a buyer: each task, what it takes and what it does."""

from typing import TYPE_CHECKING

from simulator.engines.reference.journey import Journey
from simulator.engines.report import TOUCH_PERSON
from simulator.engines.tally import HEARD, OWN_PIECES, PIPELINE_CENTS, SEARCH_US, USES
from simulator.model import buyer as buying
from simulator.model import content as library
from simulator.model import people as working
from simulator.model import quarter
from simulator.model.numerics import NEVER, logistic, microseconds, microseconds_of_minutes, normal
from simulator.model.words import (
    NOBODY,
    Activity,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Stage,
    Task,
    TaskResult,
    Topic,
)

if TYPE_CHECKING:
    from simulator.engines.reference.people import Person


class Tasks(Journey):
    """A buyer with whom one of our people has to do. ``seek_owner`` and ``release_owner`` are in ``Service``."""

    def taken_up(self, person: "Person") -> int:
        """A person turns to this buyer: what will become of it, and how many microseconds of work it takes."""
        rules, now, task = self.model.rules, self.model.now, self.task
        self.task_stage, n = self.stage, self.task_no
        self.task_no += 1
        cold = now >= self.cold_at
        minutes = 0.0
        if task == Task.QUALIFY:
            if self.taken_at < 0:
                self.taken_at = now
            if self.attempts == 0:
                minutes += rules.review_minutes
            if self.attempts == 0 and not self.sales_accepts():
                self.task_result = TaskResult.REFUSED
            else:
                self.attempts += 1
                self.calls += 1
                self.task_result = TaskResult.UNANSWERED if cold else TaskResult.TALKED
                minutes += rules.unanswered_minutes if cold else rules.qualify_minutes
        elif task == Task.ANSWER:
            self.task_result = TaskResult.UNANSWERED if cold else TaskResult.TALKED
            minutes += rules.unanswered_minutes if cold else rules.answer_minutes
        elif task == Task.SUPPORT:
            self.task_result = TaskResult.SENT
            minutes += rules.support_minutes
        elif cold:
            self.task_result = TaskResult.UNANSWERED
            minutes += rules.unanswered_minutes
        elif self.asked or self.is_receptive(n):
            self.task_result = TaskResult.TALKED
            minutes += rules.meeting_minutes
        else:
            self.task_result = TaskResult.DECLINED
            minutes += rules.mail_minutes
        if self.task_result == TaskResult.TALKED:
            minutes += self.hand_over(person.role)
            minutes += self.bring_piece(person.role)
        luck = self.luck(Decision.SERVICE_TIME, self.task_stage, n)
        return working.service_us(luck, minutes * rules.effort_factor, rules.effort_spread)

    def sales_accepts(self) -> bool:
        """Sales judges the lead's fit for itself, with an error that agrees more or less with marketing's."""
        rules = self.model.rules
        own_error = normal(self.luck(Decision.SALES_VIEW, 0, self.pass_no))
        error = working.shared_error(self.marketing_error(), own_error, rules.agreement)
        bonus = rules.hand_raise_bonus if self.hand_raised else 0.0
        return working.judged_fit(self.fit, error, rules.judgement_noise) + bonus >= rules.accept_threshold

    def is_receptive(self, n: int) -> bool:
        """Whether the buyer agrees to meet the rep who proposes it."""
        if self.rep_free:
            return False
        chance = logistic(self.wish_for_person() + self.model.rules.receptive_bonus) * self.bothered()
        return self.luck(Decision.RECEPTIVE, self.task_stage, n) < chance

    def hand_over(self, role: int) -> float:
        """What the counterpart does not know must be found out: minutes of discovery, and the buyer's patience."""
        rules = self.model.rules
        if self.last_role not in (NOBODY, role):
            self.handoffs += 1
            self.known = working.context_after_handoff(self.known, rules.context_kept, self.last_role, role)
        again = working.asked_again(self.told, self.known)
        self.asked_again += again
        self.give_up_at -= microseconds(rules.patience_per_repeat_days * again)
        minutes = rules.discovery_minutes * (1.0 - self.known)
        self.last_role = role
        self.told = self.known = 1.0
        return minutes

    def bring_piece(self, role: int) -> float:
        """The piece for a talk about what worries the buyer now, and the minutes that it costs to have one.

        Marketers know the library. An SDR takes what can be found at once. A rep looks for an asset, and makes a piece
        of its own if none is useful.
        """
        rules, tally = self.model.rules, self.model.tally
        topic = buying.worst_topic(self.uncertainty, self.stage)
        cell = library.cell_of(topic, self.segment, self.form)
        self.piece_topic, self.piece_is_own = topic, False
        if role == Role.MARKETER:
            self.piece = rules.match_all[cell]
            return 0.0
        useful = rules.found_asset[cell] >= 0 and rules.match_found[cell] >= rules.useful_match
        if useful:
            tally[USES + cell] += 1
        self.piece = rules.match_found[cell] if useful else rules.generic_match
        if role == Role.SDR:
            return 0.0
        tally[SEARCH_US] += microseconds_of_minutes(rules.search_minutes)
        if useful:
            return rules.search_minutes
        tally[OWN_PIECES] += 1
        self.own_pieces += 1
        self.piece, self.piece_is_own = rules.own_piece_match, True
        return rules.search_minutes + rules.own_piece_minutes

    def served(self, person: "Person") -> None:
        """The task is done: what it did to a buyer who is still there, and what we owe it next."""
        rules, now, result = self.model.rules, self.model.now, self.task_result
        if self.task == Task.QUALIFY:
            if result == TaskResult.REFUSED:
                self.model.note(self, Activity.REFUSED, person.number)
            elif self.sal_at < 0:
                self.sal_at = now
                self.model.note(self, Activity.SAL, person.number)
            if result == TaskResult.TALKED:
                self.talk(person, Activity.CONVERSATION)
            if self.outcome != Outcome.OPEN:
                return
            if result == TaskResult.UNANSWERED:
                self.model.note(self, Activity.CALL_UNANSWERED, person.number)
                if self.attempts < rules.attempts:
                    self.duty, self.duty_at = Duty.ROUTE, now + rules.retry_us
                else:
                    self.give_up_lead()
            elif result == TaskResult.TALKED and self.qualifies():
                self.seek_owner()
            else:
                self.give_up_lead()
        elif self.task == Task.ANSWER:
            self.answered(person)
        elif self.task == Task.SUPPORT:
            self.supported(person)
        else:
            self.met(person)

    def answered(self, person: "Person") -> None:
        """Somebody answered before the handoff: an SDR qualifies, a marketer leaves the lead where it stood."""
        now = self.model.now
        if self.task_result == TaskResult.TALKED:
            self.talk(person, Activity.ANSWER)
        else:
            self.model.note(self, Activity.CALL_UNANSWERED, person.number)
        if self.outcome != Outcome.OPEN:
            return
        if self.task_result == TaskResult.TALKED and person.role == Role.SDR:
            if self.qualifies():
                self.mql_at = now if self.mql_at < 0 else self.mql_at
                self.sal_at = now if self.sal_at < 0 else self.sal_at
                self.seek_owner()
            else:
                self.give_up_lead()
        elif self.stage == Stage.MAKING_SELECTION:
            self.pass_on()
        else:
            if self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE):
                self.duty, self.duty_at = Duty.NURTURE, now + self.model.rules.mail_every_us
            self.consider_passing()

    def supported(self, person: "Person") -> None:
        """A marketer sends a tailored piece to an owned account."""
        rules, stage, n = self.model.rules, self.task_stage, self.task_no - 1
        topic = buying.worst_topic(self.uncertainty, self.stage)
        self.touched(TOUCH_PERSON + Role.MARKETER)
        checks = self.luck(Decision.TALK_CHECKS, stage, n) < self.verification
        self.hear(Role.MARKETER, checks, self.luck(Decision.TALK_CONTRADICTS, stage, n))
        use = self.luck(Decision.TALK_USEFULNESS, stage, n)
        self.learn_from_content(topic, use, rules.tailored_relevance, self.trust)
        self.tailored(topic)
        self.model.note(self, Activity.SUPPORT, person.number, topic)
        self.advance()
        if self.outcome == Outcome.OPEN:
            self.duty, self.duty_at = Duty.FOLLOW_UP, self.next_follow_up()

    def met(self, person: "Person") -> None:
        """The owner met the buyer, or tried to; too many tries in a row and the account is given up."""
        rules, now = self.model.rules, self.model.now
        if self.task_result == TaskResult.TALKED:
            self.silent = 0
            self.cold_at = NEVER
            if self.first_rep_at < 0:
                self.first_rep_at = now
            if self.opportunity_at < 0:  # the meeting that opens a deal does not close it: an offer has to be written
                self.opportunity_at = now
                self.model.tally[PIPELINE_CENTS + self.channel] += self.value_cents
                self.model.note(self, Activity.OPPORTUNITY, person.number)
            elif self.stage == Stage.MAKING_SELECTION and now >= self.opportunity_at + rules.offer_us:
                self.has_met_rep = True
            self.offer_discount(person)
            self.talk(person, Activity.MEETING)
        else:
            self.silent += 1
            declined = self.task_result == TaskResult.DECLINED
            self.model.note(self, Activity.MEETING_DECLINED if declined else Activity.CALL_UNANSWERED, person.number)
        if self.outcome != Outcome.OPEN:
            return
        if self.silent >= rules.silent_follow_ups:
            self.release_owner()
            self.give_up_lead()
        else:
            self.duty, self.duty_at = Duty.FOLLOW_UP, self.next_follow_up()

    def next_follow_up(self) -> int:
        """When the rep turns to the account again: near a quarter's end sooner if it may close, later if not."""
        rules, now = self.model.rules, self.model.now
        at = now + rules.follow_up_us
        if rules.quarter_window_us == 0:
            return at
        if self.stage >= Stage.JUSTIFYING_DECISION:
            return quarter.hurried(now, rules.follow_up_us, rules.quarter_window_us, rules.quarter_intensity)
        if quarter.is_near_end(at, rules.quarter_window_us):
            if self.luck(Decision.PUT_OFF, self.stage, self.task_no) < rules.quarter_drop_share:
                return quarter.next_quarter(at)
        return at

    def offer_discount(self, person: "Person") -> None:
        """Near a quarter's end a price cut if it may close: it calms worries, and makes the buyer wonder."""
        rules, now = self.model.rules, self.model.now
        if rules.discount <= 0.0 or self.discounted or self.stage < Stage.JUSTIFYING_DECISION:
            return
        if not quarter.is_near_end(now, rules.quarter_window_us):
            return
        self.discounted = 1
        self.paid_cents = quarter.discounted(self.value_cents, rules.discount)
        self.trust *= 1.0 - rules.discount_doubt
        for topic in (Topic.PRICE, Topic.TERMS):
            before = self.uncertainty[topic]
            self.uncertainty[topic] = before * (1.0 - rules.discount_pull)
            self.cleared_total += before - self.uncertainty[topic]
        self.model.note(self, Activity.DISCOUNT_OFFERED, person.number)

    def talk(self, person: "Person", activity: Activity) -> None:
        """A person speaks with the buyer about what worries it most; a talk also keeps the lead warm."""
        rules, stage, n = self.model.rules, self.task_stage, self.task_no - 1
        if self.touches[4] + self.touches[5] + self.touches[6] == 0:
            self.cleared_before_person = self.cleared_total
        if self.first_contact_at < 0:
            self.first_contact_at = self.began_at
        topic = buying.worst_topic(self.uncertainty, self.stage)
        self.model.tally[HEARD + library.cell_of(topic, self.segment, self.form)] += 1
        self.touched(TOUCH_PERSON + person.role)
        self.engagement += 1
        self.heat_up()
        checks = self.luck(Decision.TALK_CHECKS, stage, n) < self.verification
        self.hear(person.role, checks, self.luck(Decision.TALK_CONTRADICTS, stage, n))
        power = rules.person_gain * rules.skill[person.role]
        use = self.luck(Decision.TALK_USEFULNESS, stage, n)
        match = self.piece if topic == self.piece_topic else rules.generic_match
        self.learn(topic, power, use, library.talk_relevance(rules.piece_share, match), self.trust, by_person=True)
        if self.piece_is_own and topic == self.piece_topic:
            self.tailored(topic)
        self.model.note(self, activity, person.number, topic)
        self.advance()

    def qualifies(self) -> bool:
        """After a talk, sales sees fit more clearly."""
        rules = self.model.rules
        error = normal(self.luck(Decision.QUALIFICATION, 0, self.pass_no))
        return working.judged_fit(self.fit, error, rules.talk_noise) >= rules.qualify_threshold
