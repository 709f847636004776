"""Being served: queues, people's tasks, and what they do to a buyer."""

from typing import TYPE_CHECKING

from simulator.behaviour import buyer as buying
from simulator.behaviour import people as working
from simulator.behaviour.calendar import next_working
from simulator.behaviour.numerics import NEVER, logistic, microseconds, normal
from simulator.domain.words import (
    NOBODY,
    ROLES,
    Activity,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    Role,
    Stage,
    Task,
    TaskResult,
)
from simulator.engines.reference.journey import Journey
from simulator.engines.report import (
    TOUCH_PERSON,
)

if TYPE_CHECKING:
    from simulator.engines.reference.people import Desk, Person


class Service(Journey):
    """What our people do for a buyer."""

    def join(self, desk: "Desk", task: Task, asked: bool) -> None:
        """Wait for a person; who asked comes before whom we call on."""
        self.task, self.asked = task, asked
        if task == Task.QUALIFY and self.queued_at < 0:
            self.queued_at = self.model.now
        desk.join(self, priority=0 if asked else 1)

    def seek_owner(self) -> None:
        """Sales qualified: wait for a rep with room for one more deal."""
        now = self.model.now
        self.status = LeadStatus.SQL
        self.duty, self.duty_at = Duty.NONE, NEVER
        if self.sql_at < 0:
            self.sql_at = now
        self.model.note(self, Activity.SQL)
        self.model.desks[self.team * ROLES + Role.REP].join(self)

    def assign_owner(self, rep: "Person") -> None:
        """A named rep owns the account from now on, and meets it as soon as there is time."""
        now = self.model.now
        self.status, self.owner, self.silent = LeadStatus.OWNED, rep.number, 0
        rep.count_deals(+1)
        if self.owned_at < 0:
            self.owned_at = now
        self.duty, self.duty_at = Duty.FOLLOW_UP, now
        self.model.note(self, Activity.OWNER_ASSIGNED, rep.number)
        self.plan()

    def release_owner(self) -> None:
        """The rep has room for another deal."""
        if self.released_at < 0:
            self.released_at = self.model.now
        self.model.people[self.owner].count_deals(-1)
        self.owner = NOBODY
        self.model.desks[self.team * ROLES + Role.REP].release(self.row)

    def follow_up(self) -> None:
        """The next touch with an owned account: the rep's, or marketing's share of it once the deal is open."""
        rules = self.model.rules
        supported = (
            self.opportunity_at >= 0 and self.luck(Decision.SUPPORTS, self.stage, self.task_no) < rules.support_share
        )
        if supported:
            self.join(self.model.desks[self.team * ROLES + Role.MARKETER], Task.SUPPORT, asked=False)
        else:
            self.join(self.model.desks[rules.teams * ROLES + self.owner], Task.MEET, asked=False)

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
                self.model.note(self, Activity.REFUSED, person.number)
            else:
                self.attempts += 1
                self.calls += 1
                if self.sal_at < 0:
                    self.sal_at = now
                    self.model.note(self, Activity.SAL, person.number)
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
            if self.first_contact_at < 0:
                self.first_contact_at = next_working(now, *person.calendar())
        return working.service_us(self.luck(Decision.SERVICE_TIME, self.task_stage, n), minutes, rules.effort_spread)

    def sales_accepts(self) -> bool:
        """Sales judges the lead's fit for itself, with an error that agrees more or less with marketing's."""
        rules = self.model.rules
        own_error = normal(self.luck(Decision.SALES_VIEW, 0, self.pass_no))
        error = working.shared_error(self.marketing_error(), own_error, rules.agreement)
        bonus = rules.hand_raise_bonus if self.hand_raised else 0.0
        return working.judged_fit(self.fit, error, rules.judgement_noise) + bonus >= rules.accept_threshold

    def is_receptive(self, n: int) -> bool:
        """Whether the buyer agrees to meet the rep who proposes it."""
        wish = self.wish_for_person() + self.model.rules.receptive_bonus
        return not self.rep_free and self.luck(Decision.RECEPTIVE, self.task_stage, n) < logistic(wish)

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

    def served(self, person: "Person") -> None:
        """The task is done: what it did to a buyer who is still there, and what we owe it next."""
        rules, now, result = self.model.rules, self.model.now, self.task_result
        if self.task == Task.QUALIFY:
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
        """Somebody answered before the handoff; the lead goes on where it stood."""
        now = self.model.now
        if self.task_result == TaskResult.TALKED:
            self.talk(person, Activity.ANSWER)
        else:
            self.model.note(self, Activity.CALL_UNANSWERED, person.number)
        if self.outcome != Outcome.OPEN:
            return
        if self.stage == Stage.MAKING_SELECTION:
            if self.status == LeadStatus.DROPPED:
                self.pass_no += 1
            self.pass_on()
        else:
            if self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE):
                self.duty, self.duty_at = Duty.NURTURE, now + self.model.rules.mail_every_us
            self.consider_passing()

    def supported(self, person: "Person") -> None:
        """A marketer sends a tailored piece to an owned account."""
        rules, stage, n = self.model.rules, self.task_stage, self.task_no - 1
        topic = buying.worst_topic(self.uncertainty, self.stage)
        self.touches[TOUCH_PERSON + Role.MARKETER] += 1
        checks = self.luck(Decision.TALK_CHECKS, stage, n) < self.verification
        self.hear(Role.MARKETER, checks, self.luck(Decision.TALK_CONTRADICTS, stage, n))
        use = self.luck(Decision.TALK_USEFULNESS, stage, n)
        self.learn_from_content(topic, use, rules.tailored_relevance, self.trust)
        self.model.note(self, Activity.SUPPORT, person.number, topic)
        self.advance()
        if self.outcome == Outcome.OPEN:
            self.duty, self.duty_at = Duty.FOLLOW_UP, self.model.now + rules.follow_up_us

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
                self.model.note(self, Activity.OPPORTUNITY, person.number)
            elif self.stage == Stage.MAKING_SELECTION:
                self.has_met_rep = True
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
            self.duty, self.duty_at = Duty.FOLLOW_UP, now + rules.follow_up_us

    def talk(self, person: "Person", activity: Activity) -> None:
        """A person speaks with the buyer about what worries it most; a talk also keeps the lead warm."""
        rules, stage, n = self.model.rules, self.task_stage, self.task_no - 1
        if self.touches[4] + self.touches[5] + self.touches[6] == 0:
            self.cleared_before_person = self.cleared_total
        topic = buying.worst_topic(self.uncertainty, self.stage)
        self.touches[TOUCH_PERSON + person.role] += 1
        self.engagement += 1
        self.heat_up()
        checks = self.luck(Decision.TALK_CHECKS, stage, n) < self.verification
        self.hear(person.role, checks, self.luck(Decision.TALK_CONTRADICTS, stage, n))
        power = rules.person_gain * rules.skill[person.role]
        use = self.luck(Decision.TALK_USEFULNESS, stage, n)
        self.learn(topic, power, use, 1.0, self.trust)
        self.model.note(self, activity, person.number, topic)
        self.advance()

    def qualifies(self) -> bool:
        """After a talk, sales sees fit more clearly."""
        rules = self.model.rules
        error = normal(self.luck(Decision.QUALIFICATION, 0, self.pass_no))
        return working.judged_fit(self.fit, error, rules.talk_noise) >= rules.qualify_threshold
