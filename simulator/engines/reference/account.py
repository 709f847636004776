"""A buyer as a Mesa agent: its records, its own memory of what happened, and its two clocks.

What it does is stated in ``simulator.model``, which runs here as plain Python; this engine says when, and in what line.
"""

from collections.abc import Callable
from typing import Any

import mesa

from simulator.model import journey, serving
from simulator.model.birth import born
from simulator.model.lead import enter_stream, gets_owner, loses_owner
from simulator.model.numerics import NEVER
from simulator.model.randomness import base_of_account
from simulator.model.records import BUYER, GROUP, LIFE, MOMENTS, in_python
from simulator.model.words import RELEASE_OWNER, ROLES, SEEK_OWNER, STAGES, EventKind, Role


class Account(mesa.Agent):
    """A buyer: one pending event, our duty or its own step.

    ``b``, ``h`` and ``g`` are its records (``simulator.model.records``), whose fields read as attributes too:
    ``account.outcome``. ``model`` is the ``Engine``.
    """

    def __init__(self, model: Any, row: int) -> None:
        super().__init__(model)
        arrivals = model.setup.arrivals
        self.b, self.h, self.g = in_python(BUYER), in_python(LIFE), in_python(GROUP)
        self.row, self.arrived_at = row, int(arrivals.at_us[row])
        self.moments = dict.fromkeys(range(len(MOMENTS)), -1)
        self.stage_at, self.work_us = [self.arrived_at] + [-1] * (STAGES - 1), [0] * ROLES
        self.desk: Any = None
        self.pending: Any = None
        self.pending_key = (NEVER, 0)
        self.plan_no = 0
        base = base_of_account(model.key, arrivals.identity(row))
        born(self.b, self.h, self.g, model.rules, model.key, self.arrived_at, base, int(arrivals.channel[row]))

    def __getattr__(self, name: str) -> Any:
        for record in ("b", "h"):
            if name in vars(self).get(record, ()):
                return vars(self)[record][name]
        raise AttributeError(f"an account has no {name}")

    # --- its events ---

    def on_arrival(self) -> None:
        """The first step."""
        enter_stream(self, self.b, self.model.rules, self.model.key, self.model.now)
        self.on_step()

    def on_step(self) -> None:
        """The buyer's own clock."""
        journey.research(self, self.b, self.h, self.g, self.model.rules, self.model.key, self.model.now)
        if journey.leaves_line(self.b):
            self.desk.leave(self)
        self.finish_event()

    def on_duty(self) -> None:
        """Our clock towards the buyer."""
        self.follow(serving.on_duty(self, self.b, self.h, self.g, self.model.rules, self.model.key, self.model.now))
        self.finish_event()

    def taken_up(self, role: int) -> int:
        """A person of this role turns to the buyer: microseconds of work."""
        return serving.taken_up(self, self.b, self.h, self.model.rules, self.model.key, role, self.model.now)

    def served(self, person: int, role: int) -> None:
        """A person is done with its task for the buyer."""
        self.follow(
            serving.served(self, self.b, self.h, self.g, self.model.rules, self.model.key, person, role, self.model.now)
        )

    def follow(self, what: int) -> None:
        """What a handler says is to be done next: a line to join, an owner to seek or to release, or nothing."""
        room = self.model.desks[self.b["team"] * ROLES + Role.REP]
        if what >= 0:
            self.model.desks[what].join(self, priority=0 if self.b["asked"] else 1)
        elif what == SEEK_OWNER:
            room.join(self)
        elif what == RELEASE_OWNER:
            self.model.people[self.b["owner"]].count_deals(-1)
            loses_owner(self, self.b, self.model.now)
            room.release(self.row)

    def assign_owner(self, rep: int) -> None:
        """A rep with room for the account is found."""
        self.model.people[rep].count_deals(+1)
        gets_owner(self, self.b, rep, self.model.now)
        self.plan()

    # --- its clock ---

    def finish_event(self) -> None:
        """Count the event, and plan the next one."""
        self.model.events += 1
        self.plan()

    def plan(self) -> None:
        """One pending event: our duty or the buyer's step, whichever comes first; the duty at a tie."""
        kind = EventKind.DUTY if self.b["duty_at"] <= self.b["step_at"] else EventKind.STEP
        instant = min(self.b["duty_at"], self.b["step_at"])
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

    # --- the model's ports (``simulator.model.port``) ---

    def note(self, b: Any, now: int, activity: int, person: int, topic: int) -> None:
        """A row of the event log."""
        if self.model.log is not None:
            self.model.log.append((now, self.row, person, int(activity), b["stage"], int(topic)))

    def count(self, place: int, number: int) -> None:
        """Add a whole number to the tally."""
        self.model.tally[place] += number

    def happens(self, b: Any, moment: int, now: int) -> bool:
        """This moment is now, unless it was before; true the first time."""
        if self.moments[moment] >= 0:
            return False
        self.moments[moment] = now
        return True

    def enters(self, b: Any, stage: int, now: int) -> None:
        """A stage after the first begins."""
        self.stage_at[stage] = now

    def reported(self) -> dict[str, Any]:
        """The buyer's row of the history, by the names of ``HISTORY_DTYPE``."""
        moments = {name: self.moments[moment] for moment, name in enumerate(MOMENTS)}
        return {**self.b, **self.h, **moments, "stage_at": self.stage_at, "work_us": self.work_us}
