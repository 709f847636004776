"""People as Mesa agents, and the SimPy resources in front of them."""

import heapq
from typing import Any

import mesa
import simpy

from simulator.engines.reference.account import Account
from simulator.model import people as working
from simulator.model.calendar import after_work, next_working, work_before
from simulator.model.numerics import MILLISECOND_US
from simulator.model.words import ROLES, Attention, EventKind, Outcome, Role


class Person(mesa.Agent):
    """A marketer, an SDR or a rep. ``model`` is the ``Engine``, here and below."""

    def __init__(self, model: Any, number: int, role: int, team: int) -> None:
        super().__init__(model)
        self.number, self.role, self.team = number, role, team
        self.serving: Account | None = None
        self.desk: Any = None
        self.worked_us = self.task_us = self.deal_area_ms = self.deals_changed_ms = self.open_deals = 0
        self.started_at = self.finish_at = self.left_us = self.plan_no = 0

    def take_up(self, account: Account, desk: "Desk") -> None:
        """Turn to a buyer; the end of the task is an event of this person's own."""
        now = self.model.now
        self.serving, self.desk = account, desk
        account.b["attention"] = Attention.SERVED
        self.task_us = account.taken_up(self.role)
        self.started_at = now
        self.finish_at = after_work(now, self.task_us, *self.calendar())
        opening = next_working(now, *self.calendar())
        account.b["began_at"] = min(opening, self.finish_at)  # what takes no time is done at once
        self.plan_finish()

    def plan_finish(self) -> None:
        """The end of the task is an event of this person's own; a changed plan leaves the old one without effect."""
        self.plan_no += 1
        number = self.plan_no
        self.model.at(self.finish_at, EventKind.FINISH, self.number, lambda: self.on_finish(number))

    def put_down(self) -> None:
        """What is left of the task at hand, in the working day that ends with this instant."""
        if self.serving is not None:
            self.left_us = self.left_of_task()

    def take_up_again(self) -> None:
        """The task at hand ends when what is left of it is done in the working day that holds from now on."""
        if self.serving is None:
            return
        now = self.model.now
        finish = after_work(now, self.left_us, *self.calendar())
        if self.serving.b["began_at"] > now:
            self.serving.b["began_at"] = next_working(now, *self.calendar())
        if finish != self.finish_at:
            self.finish_at = finish
            self.plan_finish()

    def on_finish(self, number: int) -> None:
        """The task is done; on to the next in the queue."""
        if number != self.plan_no:
            return
        self.model.events += 1
        account, self.serving = self.serving, None
        assert account is not None
        self.worked_us += self.task_us
        account.work_us[self.role] += self.task_us
        account.b["attention"] = Attention.FREE
        if account.b["outcome"] == Outcome.OPEN:
            account.served(self.number, self.role)
        account.plan()
        self.desk.release(self.number)

    def count_deals(self, change: int) -> None:
        """Keep the integral of open deals over time, in deal milliseconds."""
        now_ms = self.model.now // MILLISECOND_US
        self.deal_area_ms += self.open_deals * (now_ms - self.deals_changed_ms)
        self.deals_changed_ms = now_ms
        self.open_deals += change

    def worked_so_far(self) -> int:
        """Time spent on buyers up to now, in the task at hand too."""
        return self.worked_us + (0 if self.serving is None else self.task_us - self.left_of_task())

    def left_of_task(self) -> int:
        """Working microseconds of an unfinished task from now on."""
        calendar = self.calendar()
        return work_before(self.finish_at, *calendar) - work_before(self.model.now, *calendar)

    def calendar(self) -> tuple[int, int, int]:
        """This person's time for buyers: what meetings and its own work leave of the day."""
        rules, pool = self.model.rules, self.team * ROLES + self.role
        return rules.opens[pool], rules.window[pool], rules.days


class Desk:
    """A queue in front of people: a SimPy resource, whose free people are taken lowest number first."""

    def __init__(self, model: Any, members: list[Person]) -> None:
        self.model = model
        self.free = [person.number for person in members]
        self.resource: Any = self.resource_for(members) if members else None
        self.requests: dict[int, tuple[Any, int]] = {}
        self.held: dict[int, Any] = {}
        self.tally = dict.fromkeys(("joined", "served", "left", "wait_ms", "area_ms", "changed_ms", "length"), 0)

    def resource_for(self, members: list[Person]) -> simpy.PriorityResource:
        """As many can be served at a time as there are people."""
        return simpy.PriorityResource(self.model.clock, capacity=len(members))

    def join(self, account: Account, priority: int = 0) -> None:
        """Wait in line, by priority, then first come, first served."""
        account.b["attention"], account.desk = Attention.QUEUED, self
        self.tally["joined"] += 1
        self.count(+1)
        if self.resource is not None:
            request = self.resource.request(priority=priority)
            self.requests[account.row] = (request, self.model.now)
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
        self.tally["wait_ms"] += self.model.now // MILLISECOND_US - since // MILLISECOND_US
        self.count(-1)

    def leave(self, account: Account) -> None:
        """Leave the line."""
        account.b["attention"] = Attention.FREE
        self.tally["left"] += 1
        self.count(-1)
        if account.row in self.requests:
            self.requests.pop(account.row)[0].cancel()

    def release(self, holder: int) -> None:
        """A person is free again."""
        heapq.heappush(self.free, holder)
        self.resource.release(self.held.pop(holder))

    def area_ms(self) -> int:
        """The integral of the queue's length up to now, in buyer milliseconds."""
        since_ms = self.model.now // MILLISECOND_US - self.tally["changed_ms"]
        return self.tally["area_ms"] + self.tally["length"] * since_ms

    def count(self, change: int) -> None:
        """Keep the integral of the queue's length over time."""
        self.tally["area_ms"], self.tally["changed_ms"] = self.area_ms(), self.model.now // MILLISECOND_US
        self.tally["length"] += change


class Room(simpy.PriorityResource):
    """A SimPy resource whose capacity is the room that its reps have for deals now: a reorganisation may change it."""

    def __init__(self, model: Any, members: list[Person]) -> None:
        super().__init__(model.clock, capacity=len(members))
        self.model, self.members = model, members

    def _do_put(self, event: Any) -> None:
        most = self.model.rules.max_open_deals
        owned = sum(person.open_deals for person in self.members)
        room = sum(max(0, most - person.open_deals) for person in self.members)
        if len(self.users) - owned < room:  # some are granted at this instant and not yet owned
            self.users.append(event)
            event.usage_since = self.model.now
            event.succeed()

    def offer(self) -> None:
        """Let in whom there is room for; SimPy grants one request at a time."""
        for _ in range(len(self.put_queue)):
            self._trigger_put(None)


class Slots(Desk):
    """Room for open deals: accounts wait here for an owner, and get the least loaded rep with room."""

    def resource_for(self, members: list[Person]) -> simpy.PriorityResource:
        """All deals that the team's reps can own together."""
        return Room(self.model, members)

    def offer(self) -> None:
        """The limit may have changed: whom there is room for gets an owner."""
        if self.resource is not None:
            self.resource.offer()

    def granted(self, account: Account) -> None:
        """A rep has room."""
        self.hold(account, account.row)
        account.b["attention"] = Attention.FREE
        rules, pool = self.model.rules, account.b["team"] * ROLES + Role.REP
        ranks = [working.rank(p.open_deals, int(p.serving is not None), p.number) for p in self.model.people]
        first, last = rules.first_person[pool], rules.last_person[pool]
        account.assign_owner(working.least_loaded(ranks, first, last, rules.max_open_deals))

    def release(self, holder: int) -> None:
        """A deal is over."""
        self.resource.release(self.held.pop(holder))
