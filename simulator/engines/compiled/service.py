"""Lines, people and owners, compiled: joining a line, being taken up, the end of a task, who gets a named rep.

``i`` is a buyer's slot, ``p`` a person, ``q`` a line.
"""

from simulator.engines.compiled.free_people import become_busy, become_free, first_free
from simulator.engines.compiled.memory import (
    life_of,
    people_of,
    person_line_of,
    person_role_of,
    person_team_of,
    ranks_of,
    state_of,
)
from simulator.engines.compiled.ports import is_served
from simulator.engines.compiled.queues import count_deals, head_of, hold, line_up, plan
from simulator.engines.compiled.slots import group_of, retire_if_over
from simulator.engines.compiled.tables import NODE_OF_PEOPLE
from simulator.engines.compiled.wheel import insert
from simulator.model import people as working
from simulator.model import serving
from simulator.model.calendar import after_work, next_working
from simulator.model.compiling import compiled
from simulator.model.lead import gets_owner, loses_owner
from simulator.model.words import RELEASE_OWNER, ROLES, SEEK_OWNER, Attention, EventKind, Outcome, Role


@compiled
def on_duty(t, rules, key, i, now):
    """Our clock towards the buyer."""
    follow(t, rules, key, i, serving.on_duty(t, state_of(t)[i], life_of(t)[i], group_of(t, i), rules, key, now), now)


@compiled
def follow(t, rules, key, i, what, now):
    """What a handler says is to be done next: a line to join, an owner to seek or to release, or nothing."""
    if what >= 0:
        join(t, rules, key, i, what, now)
    elif what == SEEK_OWNER:
        q = state_of(t)[i]["team"] * ROLES + Role.REP
        line_up(t, i, q, 0, now)
        offer_room(t, rules, q, now)
    elif what == RELEASE_OWNER:
        release_owner(t, rules, i, now)


@compiled
def join(t, rules, key, i, q, now):
    """Wait for a person, or be taken up at once; who asked comes before whom we call on."""
    line_up(t, i, q, 1 - state_of(t)[i]["asked"], now)
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
    person["task_us"] = serving.taken_up(t, state_of(t)[i], life_of(t)[i], rules, key, person_role_of(t)[p], now)
    person["started_at"] = now
    person["finish_at"] = after_work(now, person["task_us"], rules.opens[pool], rules.window[pool], rules.days)
    opening = next_working(now, rules.opens[pool], rules.window[pool], rules.days)
    state_of(t)[i]["began_at"] = min(opening, person["finish_at"])  # what takes no time is done at once
    if person["finish_at"] < rules.horizon_us:
        insert(t, NODE_OF_PEOPLE + p, person["finish_at"], EventKind.FINISH)


@compiled
def on_finish(t, rules, key, p, now):
    """The task is done; on to the next in the queue."""
    person, role = people_of(t)[p], person_role_of(t)[p]
    i = person["serving"]
    b = state_of(t)[i]
    person["serving"] = -1
    become_free(t, p)
    person["worked_us"] += person["task_us"]
    is_served(t, b, role, person["task_us"])
    b["attention"] = Attention.FREE
    if b["outcome"] == Outcome.OPEN:
        what = serving.served(t, b, life_of(t)[i], group_of(t, i), rules, key, p, role, now)
        follow(t, rules, key, i, what, now)
    plan(t, rules, i)
    retire_if_over(t, i)
    q = person_line_of(t)[p]
    following = head_of(t, q)
    if following >= 0:
        take_up(t, rules, key, p, following, q, now)


@compiled
def offer_room(t, rules, q, now):
    """If somebody waits for an owner and a rep has room, bring them together; false if not."""
    i = head_of(t, q)
    if i < 0:
        return False
    rep = working.least_loaded(ranks_of(t), rules.first_person[q], rules.last_person[q], rules.max_open_deals)
    if rep < 0:
        return False
    hold(t, i, now)
    count_deals(t, rep, 1, now)
    gets_owner(t, state_of(t)[i], rep, now)
    plan(t, rules, i)
    return True


@compiled
def release_owner(t, rules, i, now):
    """The rep has room for another deal."""
    b = state_of(t)[i]
    count_deals(t, b["owner"], -1, now)
    loses_owner(t, b, now)
    offer_room(t, rules, b["team"] * ROLES + Role.REP, now)
