"""What the vendor knows of a buyer and does with the lead: the waterfall up to sales' queue."""

from simulator.engines.reference.state import AccountState
from simulator.engines.tally import LEADS
from simulator.model import buyer as buying
from simulator.model import people as working
from simulator.model.calendar import after_work
from simulator.model.numerics import NEVER, microseconds_of_minutes, normal
from simulator.model.words import Activity, Attention, Decision, Duty, LeadStatus


class Lead(AccountState):
    """The vendor's side of a buyer nobody serves at the moment."""

    def become_known(self) -> None:
        """The inquiry: we know of the buyer, and nurture it."""
        now = self.model.now
        self.status, self.inquiry_at = LeadStatus.INQUIRY, now
        self.heat_up()
        self.duty, self.duty_at = Duty.NURTURE, now + self.model.rules.mail_every_us
        self.model.tally[LEADS + self.channel] += 1
        self.model.note(self, Activity.INQUIRY)

    def heat_up(self) -> None:
        """A sign of interest: from now on an unserved lead cools; an account that met its owner does not."""
        if self.status != LeadStatus.OWNED or self.cold_at != NEVER:
            luck = self.luck(Decision.COOLING, 0, self.heat_no)
            self.heat_no += 1
            self.cold_at = self.model.now + buying.cooling_us(luck, self.model.rules.half_life_days)

    def consider_passing(self) -> None:
        """Marketing passes an inquiry whose score reaches the threshold; it need not wait for an answer any more."""
        rules = self.model.rules
        in_hand = self.attention == Attention.SERVED or self.duty == Duty.REQUEST
        if self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE) and not in_hand:
            view = working.judged_fit(self.fit, self.marketing_error(), rules.judgement_noise)
            bonus = rules.hand_raise_bonus if self.hand_raised else 0.0
            if working.lead_score(view, self.engagement, rules.engagement_weight, bonus) >= rules.score_threshold:
                if self.attention == Attention.QUEUED:
                    self.desk.leave(self)
                self.pass_on()

    def marketing_error(self) -> float:
        """Marketing's error about this lead, drawn anew each time it is passed."""
        return normal(self.luck(Decision.MARKETING_VIEW, 0, self.pass_no))

    def pass_on(self) -> None:
        """The lead becomes an MQL and travels to sales: routing, then a list, at most as long as the SLA."""
        rules, now = self.model.rules, self.model.now
        self.status = LeadStatus.MQL
        if self.mql_at < 0:
            self.mql_at = now
        self.attempts = 0
        minutes = working.waiting_minutes(
            self.luck(Decision.PICKUP, 0, self.pass_no), rules.routing_minutes, rules.pickup_minutes, rules.sla_minutes
        )
        self.duty, self.duty_at = Duty.ROUTE, after_work(now, microseconds_of_minutes(minutes), *self.calendar())
        self.model.note(self, Activity.MQL)

    def give_up_lead(self) -> None:
        """A refused or quiet lead is recycled or dropped."""
        rules, now = self.model.rules, self.model.now
        if self.luck(Decision.RECYCLING, 0, self.pass_no) < rules.recycling_share:
            self.status = LeadStatus.NURTURE
            self.recycled += 1
            self.duty, self.duty_at = Duty.NURTURE, now + rules.mail_every_us
            self.model.note(self, Activity.RECYCLED)
        else:
            self.status = LeadStatus.DROPPED
            self.duty, self.duty_at = Duty.NONE, NEVER
            self.model.note(self, Activity.DROPPED)
        self.engagement = 0
        self.hand_raised = False
        self.cold_at = min(self.cold_at, now)
        self.pass_no += 1
