"""Being served, compiled: joining a line, being taken up, our duties, the end of a task. Names as in the reference.

``t`` is the ``Tables``; ``b`` and ``h`` are the records of buyer ``i``.
"""

from simulator.engines.compiled.free_people import become_busy, become_free, first_free
from simulator.engines.compiled.journey import conclude, is_worn_out, mail
from simulator.engines.compiled.memory import (
    life_of,
    people_of,
    person_line_of,
    person_role_of,
    person_team_of,
    state_of,
)
from simulator.engines.compiled.ownership import release_owner
from simulator.engines.compiled.queues import head_of, hold, line_up, plan
from simulator.engines.compiled.slots import group_of, retire_if_over
from simulator.engines.compiled.state import luck
from simulator.engines.compiled.tables import NODE_OF_PEOPLE
from simulator.engines.compiled.tasks import served, taken_up
from simulator.engines.compiled.times import OPPORTUNITY_AT, QUEUED_AT, happens, has_been, is_served
from simulator.engines.compiled.wheel import insert
from simulator.model.calendar import after_work, next_working
from simulator.model.compiling import compiled
from simulator.model.numerics import NEVER
from simulator.model.words import ROLES, Attention, Decision, Duty, EventKind, LeadStatus, Outcome, Role, Task


@compiled
def join(t, rules, key, i, q, task, asked, now):
    """Wait for a person, or be taken up at once; who asked comes before whom we call on."""
    b = state_of(t)[i]
    b["task"] = task
    if task == Task.QUALIFY:
        happens(t, b, life_of(t)[i], QUEUED_AT, now)
    line_up(t, i, q, 1 - asked, now)
    person = free_person(t, rules, q)
    if person >= 0:
        take_up(t, rules, key, person, i, q, now)


@compiled
def free_person(t, rules, q):
    """The first of those who serve line ``q`` and serve nobody now; -1 if all are busy."""
    desks = rules.teams * ROLES
    if q >= desks:
        return q - desks if people_of(t)[q - desks]["serving"] < 0 else -1
    return first_free(t, rules.first_person[q], rules.last_person[q])


@compiled
def take_up(t, rules, key, p, i, q, now):
    """Turn to a buyer; the end of the task is an event of this person's own."""
    hold(t, i, now)
    person, pool = people_of(t)[p], person_team_of(t)[p] * ROLES + person_role_of(t)[p]
    person_line_of(t)[p] = q
    person["serving"] = i
    become_busy(t, p)
    state_of(t)[i]["attention"] = Attention.SERVED
    person["task_us"] = taken_up(t, rules, key, i, p, now)
    person["started_at"] = now
    person["finish_at"] = after_work(now, person["task_us"], rules.opens[pool], rules.window[pool], rules.days)
    opening = next_working(now, rules.opens[pool], rules.window[pool], rules.days)
    state_of(t)[i]["began_at"] = min(opening, person["finish_at"])  # what takes no time is done at once
    if person["finish_at"] < rules.horizon_us:
        insert(t, NODE_OF_PEOPLE + p, person["finish_at"], EventKind.FINISH)


@compiled
def on_duty(t, rules, key, i, now):
    """Our clock towards the buyer."""
    b, h = state_of(t)[i], life_of(t)[i]
    if b["outcome"] == Outcome.OPEN and is_worn_out(b):
        conclude(t, b, h, rules, key, now, Outcome.NO_DECISION)
        return
    duty = b["duty"]
    b["duty"] = Duty.NONE
    b["duty_at"] = NEVER
    pool = b["team"] * ROLES
    desks = rules.teams * ROLES
    if duty == Duty.NURTURE:
        mail(t, b, h, group_of(t, i), rules, key, now)
    elif duty == Duty.ROUTE:
        join(t, rules, key, i, pool + Role.SDR, Task.QUALIFY, 0, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.OWNED:
        join(t, rules, key, i, desks + b["owner"], Task.MEET, 1, now)
    elif duty == Duty.REQUEST and b["status"] == LeadStatus.MQL:
        join(t, rules, key, i, pool + Role.SDR, Task.QUALIFY, 1, now)
    elif duty == Duty.REQUEST:
        join(t, rules, key, i, pool + rules.access[b["stage"]], Task.ANSWER, 1, now)
    elif duty == Duty.FOLLOW_UP:
        supported = (
            has_been(h, OPPORTUNITY_AT)
            and luck(b, key, Decision.SUPPORTS, b["stage"], b["task_no"]) < rules.support_share
        )
        if supported:
            join(t, rules, key, i, pool + Role.MARKETER, Task.SUPPORT, 0, now)
        else:
            join(t, rules, key, i, desks + b["owner"], Task.MEET, 0, now)
    elif duty == Duty.RELEASE:
        release_owner(t, rules, i, now)


@compiled
def on_finish(t, rules, key, p, now):
    """The task is done; on to the next in the queue."""
    person = people_of(t)[p]
    i = person["serving"]
    b = state_of(t)[i]
    person["serving"] = -1
    become_free(t, p)
    person["worked_us"] += person["task_us"]
    is_served(t, b, person_role_of(t)[p], person["task_us"])
    b["attention"] = Attention.FREE
    if b["outcome"] == Outcome.OPEN:
        served(t, rules, key, i, p, now)
    plan(t, rules, i)
    retire_if_over(t, i)
    q = person_line_of(t)[p]
    following = head_of(t, q)
    if following >= 0:
        take_up(t, rules, key, p, following, q, now)
