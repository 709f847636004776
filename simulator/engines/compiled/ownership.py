"""Named owners, compiled: who waits for a rep with room, and who gets one. Names as in the reference engine."""

from simulator.engines.compiled.memory import life_of, ranks_of, state_of
from simulator.engines.compiled.queues import count_deals, head_of, hold, line_up, plan
from simulator.engines.compiled.state import note
from simulator.engines.compiled.times import OWNED_AT, RELEASED_AT, SQL_AT, happens
from simulator.model import people as working
from simulator.model.compiling import compiled
from simulator.model.numerics import NEVER
from simulator.model.words import NOBODY, ROLES, Activity, Duty, LeadStatus, Role


@compiled
def seek_owner(t, rules, i, now):
    """Sales qualified: wait for a rep with room for one more deal."""
    b, h = state_of(t)[i], life_of(t)[i]
    b["status"] = LeadStatus.SQL
    b["duty"] = Duty.NONE
    b["duty_at"] = NEVER
    happens(t, b, h, SQL_AT, now)
    note(t, b, now, Activity.SQL, NOBODY, -1)
    q = b["team"] * ROLES + Role.REP
    line_up(t, i, q, 0, now)
    offer_room(t, rules, q, now)


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
    assign_owner(t, rules, i, rep, now)
    return True


@compiled
def assign_owner(t, rules, i, rep, now):
    """A named rep owns the account from now on, and meets it as soon as there is time."""
    b, h = state_of(t)[i], life_of(t)[i]
    b["status"] = LeadStatus.OWNED
    b["owner"] = rep
    b["silent"] = 0
    count_deals(t, rep, 1, now)
    happens(t, b, h, OWNED_AT, now)
    b["duty"] = Duty.FOLLOW_UP
    b["duty_at"] = now
    note(t, b, now, Activity.OWNER_ASSIGNED, rep, -1)
    plan(t, rules, i)


@compiled
def release_owner(t, rules, i, now):
    """The rep has room for another deal."""
    b, h = state_of(t)[i], life_of(t)[i]
    happens(t, b, h, RELEASED_AT, now)
    count_deals(t, b["owner"], -1, now)
    b["owner"] = NOBODY
    offer_room(t, rules, b["team"] * ROLES + Role.REP, now)
