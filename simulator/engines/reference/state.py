"""A buyer and what we know of it. Attributes have the names of the compiled engine's columns."""

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
import simpy

from simulator.engines.report import TOUCH_PERSON, TOUCHES
from simulator.model import buyer as buying
from simulator.model import content as library
from simulator.model import group as grouping
from simulator.model.numerics import NEVER, normal
from simulator.model.randomness import uniform
from simulator.model.words import (
    FORMATS,
    NOBODY,
    ROLES,
    STAGES,
    TOPICS,
    Attention,
    Decision,
    Duty,
    LeadStatus,
    Outcome,
    StageGroup,
)

if TYPE_CHECKING:
    from simulator.engines.reference.model import Engine


class AccountState(mesa.Agent):
    """A buyer's state, its luck and its calendar."""

    def __init__(self, model: "Engine", row: int) -> None:
        super().__init__(model)
        rules, arrivals = model.rules, model.setup.arrivals
        self.row = row
        self.actor = int(arrivals.actor[row])
        self.arrived_at = int(arrivals.at_us[row])
        self.segment = buying.segment_of(self.fixed(Decision.SEGMENT), rules.segment_cumulative)
        self.channel = int(arrivals.channel[row])
        kind, shift, spread = self.segment, rules.fit_shift[self.channel], rules.fit_spread[self.channel]
        self.team = rules.team_of_segment[kind]
        self.complexity = buying.between(
            self.fixed(Decision.COMPLEXITY), rules.complexity_low[kind], rules.complexity_high[kind]
        )
        self.value_cents = buying.deal_value_cents(
            self.fixed(Decision.DEAL_VALUE), rules.deal_value_median_usd[kind], rules.deal_value_sigma[kind]
        )
        self.fit = buying.true_fit(self.fixed(Decision.FIT), rules.fit_mean_logit, shift, spread)
        self.patience_us = buying.patience_us(
            self.fixed(Decision.PATIENCE), rules.patience_median_days[kind], rules.patience_sigma[kind]
        )
        self.verification = buying.between(
            self.fixed(Decision.VERIFICATION), rules.verification_low, rules.verification_high
        )
        self.preference = rules.preference_spread * normal(self.fixed(Decision.PREFERENCE))
        self.rep_free = buying.is_rep_free(self.fixed(Decision.REP_FREE), rules.rep_free_share[kind], self.complexity)
        self.anonymous_left = buying.anonymous_touches(self.fixed(Decision.ANONYMITY), rules.anonymous_touches_mean)
        ready = buying.comes_ready(self.fixed(Decision.READY), rules.ready_share)
        self.uncertainty = np.array(
            [
                buying.initial_uncertainty(
                    self.fixed(Decision.KNOWLEDGE, topic), ready, rules.prior_knowledge, rules.ready_knowledge
                )
                for topic in range(TOPICS)
            ]
        )
        self.rival_strength = buying.rival_strength(
            self.fixed(Decision.RIVAL_STRENGTH), rules.rival_strength_low, rules.rival_strength_high, rules.rivals
        )
        self.form = library.one_of(self.fixed(Decision.FORMAT), FORMATS)
        self.join_group()
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
        self.fatigue, self.fatigue_at = 0.0, 0
        self.piece, self.piece_topic, self.piece_is_own = 0.0, 0, False
        self.began_at = 0
        self.duty, self.duty_at, self.step_at = Duty.NONE, NEVER, NEVER
        self.cold_at = NEVER
        self.give_up_at = self.arrived_at + self.patience_us
        self.pending: simpy.Event | None = None
        self.pending_key = (NEVER, 0)
        self.plan_no = 0
        self.desk: Any = None
        self.inquiry_at = self.mql_at = self.sal_at = self.sql_at = self.owned_at = self.released_at = -1
        self.opportunity_at = self.first_contact_at = self.first_rep_at = self.ended_at = -1
        self.queued_at = self.taken_at = -1
        self.stage_at = [self.arrived_at] + [-1] * (STAGES - 1)
        self.work_us, self.touches = [0] * ROLES, [0] * len(TOUCHES)
        self.touches_in, self.person_touches_in = [0] * len(StageGroup), [0] * len(StageGroup)
        self.cleared_before_person = self.cleared_total = self.asked_again = 0.0
        self.handoffs = self.contradictions = self.recycled = self.calls = self.self_served = 0
        self.reviews = self.votes = self.own_pieces = self.discounted = 0
        self.paid_cents = self.value_cents

    def join_group(self) -> None:
        """The members of the buying group, each with its own worry, doubt and liking; one member needs no consensus."""
        rules = self.model.rules
        self.members = grouping.group_size(self.complexity, rules.group_simple, rules.group_complex)
        self.worry, self.doubt, self.likes_person = [], [], []
        for member in range(self.members if self.members > 1 else 0):
            self.worry.append(grouping.worry_of(self.of_member(member, Decision.MEMBER_WORRY)))
            doubt = self.of_member(member, Decision.MEMBER_DOUBT)
            self.doubt.append(buying.between(doubt, rules.doubt_low, rules.doubt_high))
            self.likes_person.append(self.of_member(member, Decision.MEMBER_FORM) < rules.person_share)

    def of_member(self, member: int, decision: Decision) -> float:
        """The uniform number of something fixed of a member of the group."""
        return uniform(self.model.key, self.actor + member, 0, int(decision), 0)

    def touched(self, kind: int) -> None:
        """Count a touch of this kind in the buyer's present stage."""
        group = self.stage // 2
        self.touches[kind] += 1
        self.touches_in[group] += 1
        if kind >= TOUCH_PERSON:
            self.person_touches_in[group] += 1

    def fixed(self, decision: Decision, occurrence: int = 0) -> float:
        """The uniform number of something fixed at arrival."""
        return uniform(self.model.key, self.actor, 0, int(decision), occurrence)

    def luck(self, decision: Decision, stage: int, occurrence: int) -> float:
        """The uniform number of a decision."""
        return uniform(self.model.key, self.actor, int(stage), int(decision), occurrence)

    def calendar(self) -> tuple[int, int, int]:
        """The working day of the team that serves this buyer."""
        rules = self.model.rules
        return rules.day_opens[self.team], rules.day_window[self.team], rules.days
