"""The reference engine: Mesa agents on a SimPy clock, with SimPy resources for people's queues.

Read this first. Each handler says what happens; each number and choice comes from ``behaviour``. The compiled
engine has the same handlers in the same order and must agree with this one event by event, bit for bit.

Events at one instant come in one order: reviews, then (kind, actor). SimPy's priority carries it. What SimPy
schedules for its own resources has priority 1 and so comes first, which is when a kernel would do it inline.
"""

import heapq
import types
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import simpy

from simulator.behaviour import buyer as buying
from simulator.behaviour import people as working
from simulator.behaviour.calendar import after_work, next_working, work_before
from simulator.behaviour.numerics import DAY_US, NEVER, logistic, microseconds, microseconds_of_minutes, normal
from simulator.domain.words import (
    FIRST_TOPIC_ABOUT_US, NOBODY, ROLES, STAGES, TOPICS, Activity, Attention, Decision, Duty, EventKind, LeadStatus,
    Outcome, Role, Source, Stage, Task, TaskResult,
)  # fmt: skip
from simulator.engines.report import (
    HISTORY_DTYPE, LOG_DTYPE, MOMENTS, TOUCH_MAIL, TOUCH_OURS, TOUCH_PERSON, TOUCH_RIVAL, TOUCH_THIRD_PARTY, TOUCHES,
    EngineReport, empty_people, empty_queues, sorted_log,
)  # fmt: skip
from simulator.lowering import Setup
from simulator.randomness import MAX_OCCURRENCE, uniform

_ACTORS = 1 << 40


class Engine(mesa.Model):
    """A run of one organisation: the clock, the accounts, the people and their queues. ``step`` is one day."""

    def __init__(self, setup: Setup, record: bool = False) -> None:
        super().__init__(seed=None)
        self.setup = setup
        self.rules = _plain(setup.rules)
        self.key = setup.key
        self.horizon = self.rules.horizon_us
        self.clock = simpy.Environment(initial_time=0)
        self.accounts: list[Account] = []
        self.log: list[tuple[int, int, int, int, int, int]] | None = [] if record else None
        self.events = 0
        self.reviews: list[list[int]] = []
        self.people = [
            Person(self, number, int(role), int(team))
            for number, (role, team) in enumerate(zip(setup.person_role, setup.person_team, strict=True))
        ]
        pools = self.rules.teams * ROLES
        self.desks = [Desk(self, self.pool_members(pool)) for pool in range(pools)]
        for team in range(self.rules.teams):
            self.desks[team * ROLES + Role.REP] = Slots(self, self.pool_members(team * ROLES + Role.REP))
        self.desks += [Desk(self, [person]) for person in self.people]
        self.schedule_arrival(0)
        self.schedule_review(1)

    # --- the clock ---

    def at(self, instant: int, kind: EventKind, actor: int, handler: Callable[[], None]) -> simpy.Event:
        """Let ``handler`` run at ``instant``; among events at one instant (kind, actor) is the order."""
        event = simpy.Event(self.clock)
        event._ok, event._value = True, None
        event.callbacks.append(lambda _: handler())
        self.clock.schedule(event, priority=2 + int(kind) * _ACTORS + actor, delay=instant - self.clock.now)
        return event

    def step(self) -> None:
        """Run one day."""
        until = self.clock.now - self.clock.now % DAY_US + DAY_US
        self.clock.run(until=min(until, self.horizon) if self.clock.now < self.horizon else until)

    def run_to_end(self) -> EngineReport:
        """Run to the end of follow-up and report."""
        if self.clock.now < self.horizon:
            self.clock.run(until=self.horizon)
        return self.report()

    # --- handlers of the model ---

    def schedule_arrival(self, row: int) -> None:
        """The next buyer of the stream."""
        if row < len(self.setup.arrivals.at_us):
            self.at(int(self.setup.arrivals.at_us[row]), EventKind.STEP, row, lambda: self.on_arrival(row))

    def on_arrival(self, row: int) -> None:
        """A buyer begins its research."""
        account = Account(self, row)
        self.accounts.append(account)
        account.on_arrival()
        self.schedule_arrival(row + 1)

    def schedule_review(self, number: int) -> None:
        """Reviews stand at whole multiples of the review cadence."""
        self.at(number * self.rules.review_us, EventKind.REVIEW, 0, lambda: self.on_review(number))

    def on_review(self, number: int) -> None:
        """The organisation looks at itself: a snapshot of shared state; slow loops change here."""
        self.events += 1
        pools = self.rules.teams * ROLES
        waiting = [int(desk.tally["length"]) for desk in self.desks]
        self.reviews.append([
            self.clock.now, *waiting[:pools], sum(waiting[pools:]),
            sum(person.serving is not None for person in self.people), sum(person.open_deals for person in self.people),
        ])  # fmt: skip
        self.schedule_review(number + 1)

    # --- small things ---

    def pool_members(self, pool: int) -> list["Person"]:
        """The people of a team's role."""
        return self.people[self.rules.first_person[pool] : self.rules.last_person[pool]]

    def note(self, account: "Account", activity: Activity, person: int = NOBODY, topic: int = -1) -> None:
        """A row of the event log."""
        if self.log is not None:
            self.log.append((self.clock.now, account.row, person, int(activity), account.stage, topic))

    def report(self) -> EngineReport:
        """What this run leaves; people at work at the end are paid for what they did."""
        history = np.zeros(len(self.accounts), HISTORY_DTYPE)
        for account in self.accounts:
            for name in HISTORY_DTYPE.names or ():
                history[account.row][name] = getattr(account, name)
        queues = empty_queues(len(self.desks))
        for row, desk in enumerate(self.desks):
            desk.count(0)
            queues[row] = tuple(desk.tally[name] for name in queues.dtype.names or ())
        people = empty_people(len(self.people))
        for person in self.people:
            person.count_deals(0)
            for name in ("deal_area_ms", "deals_changed_ms", "started_at", "finish_at", "task_us", "open_deals"):
                people[person.number][name] = getattr(person, name)
            people[person.number]["serving"] = NOBODY if person.serving is None else person.serving.row
            people[person.number]["worked_us"] = person.worked_us + person.work_in_progress()
        log = None if self.log is None else sorted_log(np.array(self.log, LOG_DTYPE_ROWS).astype(LOG_DTYPE))
        reviews = np.array(self.reviews, np.int64).reshape(len(self.reviews), self.rules.teams * ROLES + 4)
        return EngineReport(history, people, queues, reviews, log, self.events)


LOG_DTYPE_ROWS = np.dtype(
    [(name, LOG_DTYPE.fields[name][0]) for name in ("at", "buyer", "person", "activity", "stage", "topic")]
)


class Account(mesa.Agent):
    """A buyer and what we know of it. Attributes have the names of the compiled engine's columns."""

    def __init__(self, model: Engine, row: int) -> None:
        super().__init__(model)
        rules, arrivals = model.rules, model.setup.arrivals
        self.row = row
        self.actor = int(arrivals.actor[row])
        self.arrived_at = int(arrivals.at_us[row])
        self.segment = buying.segment_of(self.fixed(Decision.SEGMENT), rules.segment_cumulative)
        kind, shift = self.segment, rules.fit_shift[int(arrivals.channel[row])]
        self.team = rules.team_of_segment[kind]
        self.complexity = buying.between(
            self.fixed(Decision.COMPLEXITY), rules.complexity_low[kind], rules.complexity_high[kind]
        )
        self.value_cents = buying.deal_value_cents(
            self.fixed(Decision.DEAL_VALUE), rules.deal_value_median_usd[kind], rules.deal_value_sigma[kind]
        )
        self.fit = buying.true_fit(self.fixed(Decision.FIT), rules.fit_mean_logit, shift, rules.fit_spread)
        self.patience_us = buying.patience_us(
            self.fixed(Decision.PATIENCE), rules.patience_median_days[kind], rules.patience_sigma[kind]
        )
        self.verification = buying.between(
            self.fixed(Decision.VERIFICATION), rules.verification_low, rules.verification_high
        )
        self.preference = rules.preference_spread * normal(self.fixed(Decision.PREFERENCE))
        self.rep_free = buying.is_rep_free(self.fixed(Decision.REP_FREE), rules.rep_free_share[kind], self.complexity)
        self.anonymous_left = buying.anonymous_touches(self.fixed(Decision.ANONYMITY), rules.anonymous_touches_mean)
        self.uncertainty = np.array(
            [
                buying.initial_uncertainty(self.fixed(Decision.KNOWLEDGE, topic), rules.prior_knowledge)
                for topic in range(TOPICS)
            ]
        )
        self.rival_strength = buying.rival_strength(
            self.fixed(Decision.RIVAL_STRENGTH), rules.rival_strength_low, rules.rival_strength_high, rules.rivals
        )
        self.rival_progress = 0.0
        self.rival_found_out = False
        self.trust = rules.initial_trust
        self.known = self.told = 0.0
        self.stage, self.status, self.outcome = 0, LeadStatus.ANONYMOUS, Outcome.OPEN
        self.heard, self.last_role, self.owner = 0, NOBODY, NOBODY
        self.attention, self.task, self.task_result, self.task_stage = Attention.FREE, 0, 0, 0
        self.asked = self.hand_raised = self.has_met_rep = False
        self.step_no = self.task_no = self.pass_no = self.heat_no = self.mail_no = 0
        self.engagement = self.attempts = self.silent = 0
        self.duty, self.duty_at, self.step_at, self.route_at = Duty.NONE, NEVER, NEVER, NEVER
        self.cold_at = NEVER
        self.give_up_at = self.arrived_at + self.patience_us
        self.pending: simpy.Event | None = None
        self.pending_key = (NEVER, 0)
        self.desk: Desk | None = None
        for moment in MOMENTS:
            setattr(self, moment, -1)
        self.stage_at = [self.arrived_at] + [-1] * (STAGES - 1)
        self.work_us, self.touches = [0] * ROLES, [0] * len(TOUCHES)
        self.cleared_before_person = self.cleared_total = self.asked_again = 0.0
        self.handoffs = self.contradictions = self.recycled = self.calls = self.self_served = 0

    # --- handlers ---

    def on_arrival(self) -> None:
        """The first step; a replayed lead is known from the start."""
        rules = self.model.rules
        if rules.enter_as > 0:
            self.become_known()
        if rules.enter_as > 1:
            self.pass_on()
        self.research()
        self.finish_event()

    def on_step(self) -> None:
        """The buyer's own clock."""
        self.research()
        self.finish_event()

    def on_duty(self) -> None:
        """Our clock towards the buyer."""
        duty, self.duty, self.duty_at = self.duty, Duty.NONE, NEVER
        pool = self.team * ROLES
        if duty == Duty.NURTURE:
            self.mail()
        elif duty == Duty.ROUTE:
            self.join(self.model.desks[pool + Role.SDR], Task.QUALIFY, asked=False)
        elif duty == Duty.REQUEST and self.status == LeadStatus.OWNED:
            self.join(self.model.desks[self.model.rules.teams * ROLES + self.owner], Task.MEET, asked=True)
        elif duty == Duty.REQUEST:
            self.join(self.model.desks[pool + self.model.rules.access[self.stage]], Task.ANSWER, asked=True)
        elif duty == Duty.FOLLOW_UP:
            self.follow_up()
        elif duty == Duty.RELEASE:
            self.release_owner()
        self.finish_event()

    def finish_event(self) -> None:
        """Count the event, refuse overflowing streams, and plan the next one."""
        self.model.events += 1
        if max(self.step_no, self.task_no, self.mail_no, self.heat_no, self.pass_no) >= MAX_OCCURRENCE:
            raise OverflowError(f"a buyer decided more than {MAX_OCCURRENCE} times in one stage")
        self.plan()

    def plan(self) -> None:
        """One pending event: our duty or the buyer's step, whichever comes first; the duty at a tie."""
        kind = EventKind.DUTY if self.duty_at <= self.step_at else EventKind.STEP
        instant = min(self.duty_at, self.step_at)
        if (instant, kind) == self.pending_key and self.pending is not None:
            return
        self.pending_key = (instant, kind)
        self.pending = None
        if instant < self.model.horizon:
            handler = self.on_duty if kind == EventKind.DUTY else self.on_step
            self.pending = event = self.model.at(instant, kind, self.row, lambda: self.wake(event, handler))

    def wake(self, event: simpy.Event, handler: Callable[[], None]) -> None:
        """Run the handler unless the plan changed since."""
        if self.pending is event:
            self.pending = None
            handler()

    # --- the buyer's own steps: private, they read no shared state ---

    def research(self) -> None:
        """One step: give up, ask a person, or read; then perhaps move on."""
        rules, now = self.model.rules, self.model.clock.now
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
            self.duty, self.duty_at = Duty.REQUEST, self.model.clock.now
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
            self.complexity, self.stage, self.preference,
            rules.preference_base, rules.preference_by_complexity, rules.preference_by_stage,
        )  # fmt: skip

    def read(self, stage: int, n: int) -> None:
        """Read about the topic that worries most, ours or others'."""
        rules = self.model.rules
        topic = buying.worst_topic(self.uncertainty, stage)
        source = buying.source_of(
            self.luck(Decision.SOURCE, stage, n),
            self.trust, rules.our_content_share, rules.third_party_share, rules.rival_content_share,
        )  # fmt: skip
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
        rules, now, n = self.model.rules, self.model.clock.now, self.mail_no
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
            before, power, buying.usefulness(use_luck, relevance, rules.usefulness_spread),
            believed, buying.fit_of_claims(topic, self.fit, rules.fit_drag),
        )  # fmt: skip
        self.uncertainty[topic] = after
        self.cleared_total += before - after

    def advance(self) -> None:
        """Move on while the stage's topics are clear; at the last stage, choose."""
        rules, now = self.model.rules, self.model.clock.now
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
            self.fit, self.trust, rules.trust_weight, self.rival_strength, self.rival_progress,
            0.0 if self.rival_found_out else rules.rival_inflation, rules.choice_sharpness,
        )  # fmt: skip
        won = rules.rivals == 0 or self.fixed(Decision.SELECTION) < chance
        self.conclude(Outcome.WON if won else Outcome.LOST)

    def conclude(self, outcome: Outcome) -> None:
        """The journey ends; an owned deal is released as an event of its own, a queue is left at once."""
        now = self.model.clock.now
        self.outcome, self.ended_at, self.step_at = outcome, now, NEVER
        self.model.note(self, _ENDINGS[outcome])
        if outcome == Outcome.WON and self.status != LeadStatus.OWNED:
            self.self_served = 1
        self.duty, self.duty_at = (Duty.RELEASE, now) if self.status == LeadStatus.OWNED else (Duty.NONE, NEVER)
        if self.attention == Attention.QUEUED:
            self.desk.leave(self)

    # --- what the vendor knows and does with a lead ---

    def become_known(self) -> None:
        """The inquiry: we know of the buyer, and nurture it."""
        now = self.model.clock.now
        self.status, self.inquiry_at = LeadStatus.INQUIRY, now
        self.heat_up()
        self.duty, self.duty_at = Duty.NURTURE, now + self.model.rules.mail_every_us
        self.model.note(self, Activity.INQUIRY)

    def heat_up(self) -> None:
        """A sign of interest: from now on an unserved lead cools; an account that met its owner does not."""
        if self.status != LeadStatus.OWNED or self.cold_at != NEVER:
            luck = self.luck(Decision.COOLING, 0, self.heat_no)
            self.heat_no += 1
            self.cold_at = self.model.clock.now + buying.cooling_us(luck, self.model.rules.half_life_days)

    def consider_passing(self) -> None:
        """Marketing passes an inquiry whose score reaches the threshold."""
        rules = self.model.rules
        waits = self.attention != Attention.FREE or self.duty == Duty.REQUEST
        if self.status in (LeadStatus.INQUIRY, LeadStatus.NURTURE) and not waits:
            view = working.judged_fit(self.fit, self.marketing_error(), rules.judgement_noise)
            bonus = rules.hand_raise_bonus if self.hand_raised else 0.0
            if working.lead_score(view, self.engagement, rules.engagement_weight, bonus) >= rules.score_threshold:
                self.pass_on()

    def marketing_error(self) -> float:
        """Marketing's error about this lead, drawn anew each time it is passed."""
        return normal(self.luck(Decision.MARKETING_VIEW, 0, self.pass_no))

    def pass_on(self) -> None:
        """The lead becomes an MQL and travels to sales: routing, then a list, at most as long as the SLA."""
        rules, now = self.model.rules, self.model.clock.now
        self.status = LeadStatus.MQL
        if self.mql_at < 0:
            self.mql_at = now
        self.attempts = 0
        minutes = working.waiting_minutes(
            self.luck(Decision.PICKUP, 0, self.pass_no), rules.routing_minutes, rules.pickup_minutes, rules.sla_minutes
        )
        self.route_at = after_work(now, microseconds_of_minutes(minutes), *self.calendar())
        self.duty, self.duty_at = Duty.ROUTE, self.route_at
        self.model.note(self, Activity.MQL)

    def give_up_lead(self) -> None:
        """A refused or quiet lead is recycled or dropped."""
        rules, now = self.model.rules, self.model.clock.now
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

    def seek_owner(self) -> None:
        """Sales qualified: wait for a rep with room for one more deal."""
        now = self.model.clock.now
        self.status = LeadStatus.SQL
        self.duty, self.duty_at = Duty.NONE, NEVER
        if self.sql_at < 0:
            self.sql_at = now
        self.model.note(self, Activity.SQL)
        self.model.desks[self.team * ROLES + Role.REP].join(self)

    def assign_owner(self, rep: "Person") -> None:
        """A named rep owns the account from now on, and meets it as soon as there is time."""
        now = self.model.clock.now
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
            self.released_at = self.model.clock.now
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

    def join(self, desk: "Desk", task: Task, asked: bool) -> None:
        """Wait for a person; who asked comes before whom we call on."""
        self.task, self.asked = task, asked
        if task == Task.QUALIFY and self.queued_at < 0:
            self.queued_at = self.model.clock.now
        desk.join(self, priority=0 if asked else 1)

    # --- being served ---

    def taken_up(self, person: "Person") -> int:
        """A person turns to this buyer: what will become of it, and how many microseconds of work it takes."""
        rules, now, task = self.model.rules, self.model.clock.now, self.task
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
                self.first_contact_at = next_working(now, *self.calendar())
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
        rules, now, result = self.model.rules, self.model.clock.now, self.task_result
        if self.task == Task.QUALIFY:
            if result == TaskResult.TALKED:
                self.talk(person, Activity.CONVERSATION)
            if self.outcome != Outcome.OPEN:
                return
            if result == TaskResult.UNANSWERED:
                self.model.note(self, Activity.CALL_UNANSWERED, person.number)
                if self.attempts < rules.attempts:
                    self.route_at = now + rules.retry_us
                    self.duty, self.duty_at = Duty.ROUTE, self.route_at
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
        now = self.model.clock.now
        if self.task_result == TaskResult.TALKED:
            self.talk(person, Activity.ANSWER)
        else:
            self.model.note(self, Activity.CALL_UNANSWERED, person.number)
        if self.outcome != Outcome.OPEN:
            return
        if self.status == LeadStatus.MQL:
            self.duty, self.duty_at = Duty.ROUTE, max(now, self.route_at)
        elif self.stage == Stage.MAKING_SELECTION and self.status != LeadStatus.SQL:
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
            self.duty, self.duty_at = Duty.FOLLOW_UP, self.model.clock.now + rules.follow_up_us

    def met(self, person: "Person") -> None:
        """The owner met the buyer, or tried to; too many tries in a row and the account is given up."""
        rules, now = self.model.rules, self.model.clock.now
        if self.task_result == TaskResult.TALKED:
            self.silent = 0
            self.cold_at = NEVER
            if self.first_rep_at < 0:
                self.first_rep_at = now
            if self.opportunity_at < 0:
                self.opportunity_at = now
                self.model.note(self, Activity.OPPORTUNITY, person.number)
            if self.stage == Stage.MAKING_SELECTION:
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

    # --- small things ---

    def fixed(self, decision: Decision, occurrence: int = 0) -> float:
        """The uniform number of something fixed at arrival."""
        return uniform(self.model.key, self.actor, 0, int(decision), occurrence)

    def luck(self, decision: Decision, stage: int, occurrence: int) -> float:
        """The uniform number of a decision."""
        return uniform(self.model.key, self.actor, int(stage), int(decision), occurrence)

    def calendar(self) -> tuple[int, int, int]:
        """The calendar of the team that serves this buyer."""
        rules = self.model.rules
        return rules.opens[self.team], rules.window[self.team], rules.days


_ENDINGS = {
    Outcome.WON: Activity.WON,
    Outcome.LOST: Activity.LOST,
    Outcome.NO_DECISION: Activity.NO_DECISION,
}


class Person(mesa.Agent):
    """A marketer, an SDR or a rep."""

    def __init__(self, model: Engine, number: int, role: int, team: int) -> None:
        super().__init__(model)
        self.number, self.role, self.team = number, role, team
        self.serving: Account | None = None
        self.desk: Desk | None = None
        self.worked_us = self.task_us = self.deal_area_ms = self.deals_changed_ms = self.open_deals = 0
        self.started_at = self.finish_at = 0

    def take_up(self, account: Account, desk: "Desk") -> None:
        """Turn to a buyer; the end of the task is an event of this person's own."""
        rules, now = self.model.rules, self.model.clock.now
        self.serving, self.desk = account, desk
        account.attention = Attention.SERVED
        self.task_us = account.taken_up(self)
        self.started_at = now
        self.finish_at = after_work(now, self.task_us, rules.opens[self.team], rules.window[self.team], rules.days)
        self.model.at(self.finish_at, EventKind.FINISH, self.number, self.on_finish)

    def on_finish(self) -> None:
        """The task is done; on to the next in the queue."""
        self.model.events += 1
        account, self.serving = self.serving, None
        self.worked_us += self.task_us
        account.work_us[self.role] += self.task_us
        account.attention = Attention.FREE
        if account.outcome == Outcome.OPEN:
            account.served(self)
        account.plan()
        self.desk.release(self.number)

    def count_deals(self, change: int) -> None:
        """Keep the integral of open deals over time, in deal milliseconds."""
        now_ms = self.model.clock.now // 1000
        self.deal_area_ms += self.open_deals * (now_ms - self.deals_changed_ms)
        self.deals_changed_ms = now_ms
        self.open_deals += change

    def work_in_progress(self) -> int:
        """Working microseconds of an unfinished task up to now."""
        if self.serving is None:
            return 0
        calendar = self.model.rules.opens[self.team], self.model.rules.window[self.team], self.model.rules.days
        return work_before(self.model.clock.now, *calendar) - work_before(self.started_at, *calendar)


class Desk:
    """A queue in front of people: a SimPy resource, whose free people are taken lowest number first."""

    def __init__(self, model: Engine, members: list[Person]) -> None:
        self.model = model
        self.free = [person.number for person in members]
        self.resource = simpy.PriorityResource(model.clock, capacity=self.capacity(members)) if members else None
        self.requests: dict[int, tuple[Any, int]] = {}
        self.held: dict[int, Any] = {}
        self.tally = dict.fromkeys(("joined", "served", "left", "wait_us", "area_ms", "changed_ms", "length"), 0)

    def capacity(self, members: list[Person]) -> int:
        """How many can be served at a time."""
        return len(members)

    def join(self, account: Account, priority: int = 0) -> None:
        """Wait in line, by priority, then first come, first served."""
        account.attention, account.desk = Attention.QUEUED, self
        self.tally["joined"] += 1
        self.count(+1)
        if self.resource is not None:
            request = self.resource.request(priority=priority)
            self.requests[account.row] = (request, self.model.clock.now)
            request.callbacks.append(lambda _: self.granted(account))

    def granted(self, account: Account) -> None:
        """It is this buyer's turn."""
        person = self.model.people[heapq.heappop(self.free)]
        self.hold(account, person.number)
        person.take_up(account, self)

    def hold(self, account: Account, holder: int) -> None:
        """The wait ended well; ``holder`` keeps the resource until it is released."""
        request, since = self.requests.pop(account.row)
        self.held[holder] = request
        self.tally["served"] += 1
        self.tally["wait_us"] += self.model.clock.now - since
        self.count(-1)

    def leave(self, account: Account) -> None:
        """Leave the line."""
        account.attention = Attention.FREE
        self.tally["left"] += 1
        self.count(-1)
        if account.row in self.requests:
            self.requests.pop(account.row)[0].cancel()

    def release(self, holder: int) -> None:
        """A person is free again."""
        heapq.heappush(self.free, holder)
        self.resource.release(self.held.pop(holder))

    def count(self, change: int) -> None:
        """Keep the integral of the queue's length over time, in buyer milliseconds."""
        now_ms = self.model.clock.now // 1000
        self.tally["area_ms"] += self.tally["length"] * (now_ms - self.tally["changed_ms"])
        self.tally["changed_ms"] = now_ms
        self.tally["length"] += change


class Slots(Desk):
    """Room for open deals: accounts wait here for an owner, and get the least loaded rep with room."""

    def capacity(self, members: list[Person]) -> int:
        """All deals that the team's reps can own together."""
        return len(members) * self.model.rules.max_open_deals

    def granted(self, account: Account) -> None:
        """A rep has room."""
        self.hold(account, account.row)
        account.attention = Attention.FREE
        rules, pool = self.model.rules, account.team * ROLES + Role.REP
        deals = [person.open_deals for person in self.model.people]
        rep = working.least_loaded(
            np.array(deals, np.int64), rules.first_person[pool], rules.last_person[pool], rules.max_open_deals
        )
        account.assign_owner(self.model.people[rep])

    def release(self, holder: int) -> None:
        """A deal is over."""
        self.resource.release(self.held.pop(holder))


def _plain(rules: Any) -> types.SimpleNamespace:
    """The rules as Python numbers, with arrays where a behaviour takes one."""
    plain = types.SimpleNamespace(**{name: rules[name].tolist() for name in rules.dtype.names})
    plain.segment_cumulative = np.array(plain.segment_cumulative)
    return plain
