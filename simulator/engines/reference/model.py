"""The reference engine: Mesa agents on a SimPy clock, with SimPy resources for people's queues.

Read this first. What a buyer does comes from ``simulator.model``, which runs here as plain Python; the clock, the
order of events, queues, people and memory are this engine's own, and must agree with the compiled engine's event by
event, bit for bit.

Events at one instant come in one order: reviews, then (kind, actor). SimPy's priority carries it. What SimPy
schedules for its own resources has priority 1 and so comes first, which is when a kernel would do it inline.
"""

import types
from collections.abc import Callable
from typing import Any

import mesa
import numpy as np
import simpy

from simulator.engines.history import HISTORY_DTYPE, History
from simulator.engines.lowering import Setup, reorganise
from simulator.engines.reference.account import Account
from simulator.engines.reference.people import Desk, Person, Slots
from simulator.engines.report import (
    ASSET_DTYPE,
    LOAD_DTYPE,
    LOG_DTYPE,
    EngineReport,
    empty_people,
    empty_queues,
    sorted_log,
)
from simulator.engines.review import (
    TIMES,
    account_hours,
    begin,
    comes,
    credit_assets,
    is_of_growth,
    look_ahead,
    look_back,
)
from simulator.model.numerics import DAY_US
from simulator.model.randomness import base_of_account
from simulator.model.tally import ASSETS, OWN_PIECES, REORGANISED_AT, SEARCH_US, TALLY
from simulator.model.words import NOBODY, ROLES, EventKind, Role

_ACTORS = 1 << 40
_LOG_COLUMNS = ("at", "buyer", "person", "activity", "stage", "topic")


class Engine(mesa.Model):
    """A run of one organisation: the clock, the accounts, the people and their queues. ``step`` is one day."""

    def __init__(self, setup: Setup, record: bool = False) -> None:
        super().__init__(seed=None)
        self.setup = setup
        self.rules_in_force = setup.fresh_rules()
        self.tally = np.zeros(TALLY, np.int64)
        self.assets = np.zeros(setup.most_assets, ASSET_DTYPE)
        self.hours = np.zeros((int(setup.rules.teams) * ROLES, TIMES), np.int64)
        begin(self.rules_in_force, self.assets, self.tally, setup.key)
        self.rules = _plain(self.rules_in_force)
        self.spend = [self.rules.multiple[: self.rules.channels]]
        self.key = setup.key
        self.horizon = self.rules.horizon_us
        self.clock = simpy.Environment(initial_time=0)
        self.accounts: list[Account] = []
        self.log: list[tuple[int, int, int, int, int, int]] | None = [] if record else None
        self.events = 0
        self.reviews: list[list[int]] = []
        self.load: list[np.ndarray] = []
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

    @property
    def now(self) -> int:
        """Microseconds since the start of the run."""
        return int(self.clock.now)

    def at(self, instant: int, kind: EventKind, actor: int, handler: Callable[[], None]) -> simpy.Event:
        """Let ``handler`` run at ``instant``; among events at one instant (kind, actor) is the order."""
        event = simpy.Event(self.clock)
        event._ok, event._value = True, None
        event.callbacks.append(lambda _: handler())
        priority: Any = 2 + int(kind) * _ACTORS + actor  # SimPy compares priorities, and any integer compares
        self.clock.schedule(event, priority=priority, delay=instant - self.now)
        return event

    def step(self) -> None:
        """Run one day; at the end of follow-up the model stops running, and further steps do nothing."""
        self.run_until(self.now - self.now % DAY_US + DAY_US)

    def run_to_end(self) -> EngineReport:
        """Run to the end of follow-up and report."""
        self.run_until(self.horizon)
        return self.report()

    def run_until(self, instant: int) -> None:
        """Run to an instant, or to the end of follow-up if that comes first."""
        if self.now < self.horizon:
            self.clock.run(until=min(instant, self.horizon))
        if self.now >= self.horizon:
            self.running = False
            mesa.Agent._ids.pop(self, None)  # Mesa 3.3 keeps a counter per model for ever, and through it the model

    # --- handlers of the model ---

    def schedule_arrival(self, row: int) -> None:
        """The next buyer of the stream."""
        if row < len(self.setup.arrivals.at_us):
            self.at(int(self.setup.arrivals.at_us[row]), EventKind.STEP, row, lambda: self.on_arrival(row))

    def on_arrival(self, row: int) -> None:
        """A buyer begins its research, if what is spent on its channel reaches it."""
        arrivals = self.setup.arrivals
        base = base_of_account(self.key, arrivals.identity(row))
        if comes(self.rules_in_force, self.key, base, int(arrivals.channel[row]), is_of_growth(int(arrivals.who[row]))):
            account = Account(self, row)
            self.accounts.append(account)
            account.on_arrival()
        self.schedule_arrival(row + 1)

    def schedule_review(self, number: int) -> None:
        """Reviews stand at whole multiples of the review cadence."""
        self.at(number * self.rules.review_us, EventKind.REVIEW, 0, lambda: self.on_review(number))

    def on_review(self, number: int) -> None:
        """The organisation looks at itself: a snapshot of shared state, and the slow loops."""
        self.events += 1
        pools = self.rules.teams * ROLES
        waiting = [int(desk.tally["length"]) for desk in self.desks]
        self.reviews.append(
            [
                self.now,
                *waiting[:pools],
                sum(waiting[pools:]),
                sum(person.serving is not None for person in self.people),
                sum(person.open_deals for person in self.people),
            ]
        )
        self.schedule_review(number + 1)
        worked = sum(person.worked_us for person in self.people if person.role == Role.MARKETER)
        rules, tally = self.rules_in_force, self.tally
        look_back(rules, self.assets, self.hours, tally, self.key, self.now, worked)
        self.load.append(self.load_so_far(self.hours))
        for person in self.people:
            person.put_down()
        changes = self.now >= rules.reorganise_at_us
        if changes:
            tally[REORGANISED_AT] = self.now
            reorganise(rules, self.setup.after)
        look_ahead(rules, self.assets, tally, self.key, self.now)
        self.rules = _plain(rules)
        for person in self.people:
            person.take_up_again()
        for desk in self.desks:
            if changes and isinstance(desk, Slots):
                desk.offer()  # the limit of open deals may be another one
        self.spend.append(self.rules.multiple[: self.rules.channels])

    # --- small things ---

    def pool_members(self, pool: int) -> list[Person]:
        """The people of a team's role."""
        return self.people[self.rules.first_person[pool] : self.rules.last_person[pool]]

    def load_so_far(self, hours: np.ndarray) -> np.ndarray:
        """What every pool has had to do up to now: its lines over time, its people's work and their paid time."""
        pools = self.rules.teams * ROLES
        load = np.zeros(pools, LOAD_DTYPE)
        load["line_ms"] = [desk.area_ms() for desk in self.desks[:pools]]
        for person, desk in zip(self.people, self.desks[pools:]):
            pool = person.team * ROLES + person.role
            load["named_ms"][pool] += desk.area_ms()
            load["worked_us"][pool] += person.worked_so_far()
        load["hours_us"] = hours
        return load

    def report(self) -> EngineReport:
        """What this run leaves; people at work at the end are paid for what they did."""
        history = np.zeros(len(self.accounts), HISTORY_DTYPE)
        for position, account in enumerate(self.accounts):
            reported = account.reported()
            for name in HISTORY_DTYPE.names or ():
                history[position][name] = reported[name]
        hours, assets = self.hours.copy(), self.assets.copy()
        account_hours(self.rules_in_force, hours, self.tally, self.now)
        credit_assets(self.rules_in_force, assets, self.tally.copy())
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
            left = person.left_us if person.serving is None else person.left_of_task()
            people[person.number]["left_us"] = left
            people[person.number]["worked_us"] = person.worked_so_far()
        log = (
            None
            if self.log is None
            else sorted_log(np.array(self.log, LOG_DTYPE[list(_LOG_COLUMNS)]).astype(LOG_DTYPE))
        )
        reviews = np.array(self.reviews, np.int64).reshape(len(self.reviews), self.rules.teams * ROLES + 4)
        return EngineReport(
            rows=np.array([account.row for account in self.accounts], np.int32),
            history=History.of(history),
            people=people,
            queues=queues,
            reviews=reviews,
            load=np.stack([*self.load, self.load_so_far(hours)]),
            spend=np.array(self.spend),
            assets=assets[: self.tally[ASSETS]],
            hours=hours,
            own_pieces=int(self.tally[OWN_PIECES]),
            search_us=int(self.tally[SEARCH_US]),
            log=log,
            events=self.events,
        )


def _plain(rules: Any) -> types.SimpleNamespace:
    """The rules as Python numbers, and lists of them."""
    return types.SimpleNamespace(**{name: rules[name].tolist() for name in rules.dtype.names})
