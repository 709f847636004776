"""A buyer as a Mesa agent: its two clocks and the handlers of its events."""

from collections.abc import Callable

from simulator.engines.reference.service import Service
from simulator.model.numerics import NEVER
from simulator.model.words import ROLES, Duty, EventKind, LeadStatus, Outcome, Role, Task


class Account(Service):
    """A buyer: one pending event, our duty or its own step."""

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
        if self.outcome == Outcome.OPEN and self.is_worn_out():
            self.conclude(Outcome.NO_DECISION)
            self.finish_event()
            return
        duty, self.duty, self.duty_at = self.duty, Duty.NONE, NEVER
        pool = self.team * ROLES
        if duty == Duty.NURTURE:
            self.mail()
        elif duty == Duty.ROUTE:
            self.join(self.model.desks[pool + Role.SDR], Task.QUALIFY, asked=False)
        elif duty == Duty.REQUEST and self.status == LeadStatus.OWNED:
            self.join(self.model.desks[self.model.rules.teams * ROLES + self.owner], Task.MEET, asked=True)
        elif duty == Duty.REQUEST and self.status == LeadStatus.MQL:
            self.join(self.model.desks[pool + Role.SDR], Task.QUALIFY, asked=True)
        elif duty == Duty.REQUEST:
            self.join(self.model.desks[pool + self.model.rules.access[self.stage]], Task.ANSWER, asked=True)
        elif duty == Duty.FOLLOW_UP:
            self.follow_up()
        elif duty == Duty.RELEASE:
            self.release_owner()
        self.finish_event()

    def finish_event(self) -> None:
        """Count the event, and plan the next one."""
        self.model.events += 1
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
            self.plan_no += 1
            number = self.plan_no
            self.pending = self.model.at(instant, kind, self.row, lambda: self.wake(number, handler))

    def wake(self, number: int, handler: Callable[[], None]) -> None:
        """Run the handler unless the plan changed since; SimPy cannot take an event back."""
        if self.pending is not None and number == self.plan_no:
            self.pending = None
            handler()
