"""The compiled engine: take the next event, let its handler run, plan the next. One page.

A buyer's own steps read no shared state between reviews. A buyer that nobody has to do with is therefore run
ahead, step after step, to its next duty that does (or to the next review), before another event is taken:
the results are the same, and most events never see the queue.
"""

from collections.abc import Callable

import numpy as np

from simulator.engines.compiled.free_people import become_free
from simulator.engines.compiled.identity import Drawn, identity_of
from simulator.engines.compiled.load import note_load
from simulator.engines.compiled.log_windows import LOG_ROWS_AT_ONCE, ROWS_PER_EVENT, LogWindows
from simulator.engines.compiled.memory import (
    arrival_at_of,
    arrival_who_of,
    assets_of,
    done_of,
    hours_of,
    life_of,
    log_of,
    nodes_of,
    people_of,
    person_role_of,
    person_team_of,
    queues_of,
    reviews_of,
    rows_of,
    spend_of,
    state_of,
    tally_of,
    unborn_of,
    unlived_of,
    world_of,
)
from simulator.engines.compiled.queues import count, count_deals, leave, plan
from simulator.engines.compiled.service import offer_room, on_duty, on_finish
from simulator.engines.compiled.slots import (
    NOT_HERE_YET,
    free_slot,
    group_of,
    node_of,
    retire_everybody,
    retire_if_over,
    take_slot,
)
from simulator.engines.compiled.tables import ACTOR_BITS, NODE_OF_PEOPLE, REVIEW_NODE, Tables, allocate
from simulator.engines.compiled.wheel import insert, open_next_bucket, pop, remove
from simulator.engines.history import Journeys
from simulator.engines.lowering import Setup, reorganise
from simulator.engines.report import EngineReport, sorted_log
from simulator.engines.review import (
    account_hours,
    begin,
    between,
    comes,
    credit_assets,
    is_of_growth,
    look_ahead,
    look_back,
)
from simulator.model.birth import born
from simulator.model.calendar import after_work, next_working
from simulator.model.compiling import compiled, kernel
from simulator.model.journey import leaves_line, research
from simulator.model.lead import enter_stream
from simulator.model.randomness import INDEX_BITS, base_of_account
from simulator.model.tally import (
    ARRIVED,
    ASSETS,
    BUCKET,
    CAME,
    DONE,
    EVENTS,
    HEAP_SIZE,
    LOG_ROWS,
    OWN_PIECES,
    REORGANISE,
    REORGANISED_AT,
    REVIEWED_AT,
    REVIEWS,
    SEARCH_US,
    SHIFT,
    WINDOW_END,
    WINDOW_OVER,
)
from simulator.model.words import ROLES, Attention, Duty, EventKind, Role


def run(setup: Setup, record: bool = False, sink: Callable[[np.ndarray], None] | None = None) -> EngineReport:
    """Run one organisation in one replication to the end of follow-up.

    Parameters
    ----------
    setup : what to run.
    record : whether to record touches.
    sink : gets the rows of the log, part by part, as arrays that it may keep: no row of a part belongs before one of
        an earlier part, and `sorted_log` puts each part in order. The report then has no log.
    """
    tables, rules = allocate(setup, LOG_ROWS_AT_ONCE if record else 0), setup.fresh_rules()
    tally, t = tables.tally, world_of(tables)
    kept: list[np.ndarray] = []
    journeys = Journeys(len(setup.arrivals.at_us), tables.times)
    log = LogWindows(tables, sink or (lambda rows: kept.append(sorted_log(rows))))
    start(t, rules, setup.key)
    while not advance_to_end(t, rules, setup.key):
        log.make_room()
        if tally[DONE] == len(tables.done):
            hand_on(tables, journeys)
        if tally[REORGANISE]:
            reorganise(rules, setup.after)
            look_ahead(rules, tables.assets, tally, setup.key, tally[REVIEWED_AT])
            take_up_again(t, rules, tally[REVIEWED_AT])
            while not offer_all_room(t, rules, tally[REVIEWED_AT]):
                log.make_room()
            tally[REORGANISE] = 0
    settle(t, rules)
    while not retire_everybody(t):
        hand_on(tables, journeys)
    hand_on(tables, journeys)
    rows = tables.rows[: tally[CAME]]
    log.close()
    return EngineReport(
        rows=rows,
        history=journeys.history(setup.arrivals.at_us, rows, Drawn(setup)),
        people=tables.people,
        queues=tables.queues,
        reviews=tables.reviews[: tally[REVIEWS]],
        load=tables.load[: tally[REVIEWS] + 1],
        spend=tables.spend[: tally[REVIEWS] + 1],
        assets=tables.assets[: tally[ASSETS]],
        hours=tables.hours,
        own_pieces=int(tally[OWN_PIECES]),
        search_us=int(tally[SEARCH_US]),
        log=np.concatenate(kept) if record and sink is None else None,
        events=int(tally[EVENTS]),
    )


def hand_on(t: Tables, journeys: Journeys) -> None:
    """Gather the journeys that are over, to make room for more."""
    done = t.tally[DONE]
    journeys.add(t.done_number[:done], t.done[:done], t.last[:done])
    t.tally[DONE] = 0


@kernel
def start(t, rules, key):
    """Before the first bucket: what there is at the start, and the first review."""
    tally_of(t)[BUCKET] = -1
    for p in range(people_of(t).shape[0]):
        become_free(t, p)
    begin(rules, assets_of(t), tally_of(t), key)
    if rules.review_us < rules.horizon_us:
        insert(t, REVIEW_NODE, rules.review_us, EventKind.REVIEW)
    else:
        nodes_of(t)[REVIEW_NODE]["at"] = rules.horizon_us


@kernel
def advance_to_end(t, rules, key):
    """Run to the horizon: true when there is nothing left to do, false when Python has to make room or reorganise."""
    first_buyer = node_of(t, 0)
    while True:
        admit_arrivals(t)
        if log_is_full(t) or tally_of(t)[DONE] == done_of(t).shape[0]:
            return False
        if tally_of(t)[HEAP_SIZE] == 0:
            if window_is_over(t):
                tally_of(t)[WINDOW_OVER] = 1
                return False
            if not open_next_bucket(t):
                return True
            continue
        node = pop(t)
        now = nodes_of(t)[node]["at"]
        kind = nodes_of(t)[node]["order"] >> ACTOR_BITS
        tally_of(t)[EVENTS] += 1
        if kind == EventKind.REVIEW:
            on_review(t, rules, key, now)
            if tally_of(t)[REORGANISE]:
                return False
        elif kind == EventKind.FINISH:
            on_finish(t, rules, key, node - NODE_OF_PEOPLE, now)
        else:
            live(t, rules, key, node - first_buyer, now, kind == EventKind.DUTY)


@compiled
def admit_arrivals(t):
    """Put the arrivals of the current bucket on its heap."""
    i = tally_of(t)[ARRIVED]
    while i < arrival_at_of(t).shape[0] and arrival_at_of(t)[i] >> tally_of(t)[SHIFT] <= tally_of(t)[BUCKET]:
        slot = take_slot(t, i)
        insert(t, node_of(t, slot), arrival_at_of(t)[i], EventKind.STEP)
        i += 1
    tally_of(t)[ARRIVED] = i


@compiled
def window_is_over(t):
    """Whether all is done that happens before the log is handed on."""
    tally = tally_of(t)
    return (tally[BUCKET] + 1) << tally[SHIFT] >= tally[WINDOW_END]


@compiled
def log_is_full(t):
    """Whether one more event could overflow the log."""
    return log_of(t).shape[0] > 0 and tally_of(t)[LOG_ROWS] + ROWS_PER_EVENT > log_of(t).shape[0]


@compiled
def live(t, rules, key, i, now, is_duty):
    """An event of the buyer in slot ``i``, and its further private steps as far as nothing shared can come between."""
    b, h, g = state_of(t)[i], life_of(t)[i], group_of(t, i)
    if b["outcome"] == NOT_HERE_YET and not on_arrival(t, rules, key, i, now):
        tally_of(t)[EVENTS] -= 1
        free_slot(t, i)
        return
    limit = min(min(rules.horizon_us, tally_of(t)[WINDOW_END]), nodes_of(t)[REVIEW_NODE]["at"])
    while True:
        if is_duty:
            on_duty(t, rules, key, i, now)
        else:
            research(t, b, h, g, rules, key, now)
            if leaves_line(b):
                leave(t, i, now)
        if b["attention"] != Attention.FREE or log_is_full(t):
            break
        is_duty = b["duty_at"] <= b["step_at"]
        if is_duty and b["duty"] != Duty.NURTURE:
            break
        now = min(b["duty_at"], b["step_at"])
        if now >= limit:
            break
        tally_of(t)[EVENTS] += 1
    plan(t, rules, i)
    retire_if_over(t, i)


@compiled
def on_arrival(t, rules, key, i, now):
    """A buyer begins its research; a replayed lead is known from the start. False if the spend does not bring it."""
    b, h = state_of(t)[i], life_of(t)[i]
    row = int(b["row"])
    who = int(arrival_who_of(t)[row])
    channel = who >> INDEX_BITS
    base = base_of_account(key, identity_of(t, rules, row))
    if not comes(rules, key, base, channel, is_of_growth(who)):
        return False
    state_of(t)[i] = unborn_of(t)[0]
    life_of(t)[i] = unlived_of(t)[0]
    b["row"] = row
    rows_of(t)[tally_of(t)[CAME]] = row
    tally_of(t)[CAME] += 1
    b["number"] = tally_of(t)[CAME]
    born(b, h, group_of(t, i), rules, key, now, base, channel)
    enter_stream(t, b, rules, key, now)
    return True


@compiled
def on_review(t, rules, key, now):
    """The organisation looks at itself: a snapshot of shared state, and the slow loops."""
    row = reviews_of(t)[tally_of(t)[REVIEWS]]
    tally_of(t)[REVIEWS] += 1
    pools = rules.teams * ROLES
    row[0] = now
    row[1 : pools + 4] = 0
    for q in range(queues_of(t).shape[0]):
        row[1 + min(q, pools)] += queues_of(t)[q]["length"]
    for p in range(people_of(t).shape[0]):
        row[pools + 2] += people_of(t)[p]["serving"] >= 0
        row[pools + 3] += people_of(t)[p]["open_deals"]
    if now + rules.review_us < rules.horizon_us:
        insert(t, REVIEW_NODE, now + rules.review_us, EventKind.REVIEW)
    else:
        nodes_of(t)[REVIEW_NODE]["at"] = rules.horizon_us
    look_back(rules, assets_of(t), hours_of(t), tally_of(t), key, now, marketers_us(t))
    put_down(t, rules, now)
    note_load(t, rules, tally_of(t)[REVIEWS] - 1, now)
    if now >= rules.reorganise_at_us:
        tally_of(t)[REORGANISE] = 1
        tally_of(t)[REORGANISED_AT] = now
    else:
        look_ahead(rules, assets_of(t), tally_of(t), key, now)
        take_up_again(t, rules, now)
    for channel in range(rules.channels):
        spend_of(t)[tally_of(t)[REVIEWS], channel] = rules.multiple[channel]


@compiled
def put_down(t, rules, now):
    """What is left of every task at hand, in the working day that ends with this instant."""
    for p in range(people_of(t).shape[0]):
        person, pool = people_of(t)[p], person_team_of(t)[p] * ROLES + person_role_of(t)[p]
        if person["serving"] >= 0:
            person["left_us"] = between(
                now, person["finish_at"], rules.opens[pool], rules.window[pool], rules.days
            )  # fmt: skip


@kernel
def take_up_again(t, rules, now):
    """Every task at hand ends when what is left of it is done in the working day that holds from now on."""
    for p in range(people_of(t).shape[0]):
        person, pool = people_of(t)[p], person_team_of(t)[p] * ROLES + person_role_of(t)[p]
        if person["serving"] >= 0:
            calendar = rules.opens[pool], rules.window[pool], rules.days
            finish = after_work(now, person["left_us"], calendar[0], calendar[1], calendar[2])
            b = state_of(t)[person["serving"]]
            if b["began_at"] > now:
                b["began_at"] = next_working(now, calendar[0], calendar[1], calendar[2])
            if finish != person["finish_at"]:
                node = NODE_OF_PEOPLE + p
                remove(t, node)
                person["finish_at"] = finish
                if finish < rules.horizon_us:
                    insert(t, node, finish, EventKind.FINISH)


@kernel
def offer_all_room(t, rules, now):
    """The limit of open deals may have changed: whom there is room for gets an owner; false when the log is full."""
    for team in range(rules.teams):
        while offer_room(t, rules, team * ROLES + Role.REP, now):
            if log_is_full(t):
                return False
    return True


@compiled
def marketers_us(t):
    """Time that marketers have spent on buyers, in tasks that are done."""
    total = 0
    for p in range(people_of(t).shape[0]):
        if person_role_of(t)[p] == Role.MARKETER:
            total += people_of(t)[p]["worked_us"]
    return total


@kernel
def settle(t, rules):
    """At the end: complete the integrals, and pay people for unfinished work."""
    horizon = rules.horizon_us
    account_hours(rules, hours_of(t), tally_of(t), horizon)
    credit_assets(rules, assets_of(t), tally_of(t))
    put_down(t, rules, horizon)
    note_load(t, rules, tally_of(t)[REVIEWS], horizon)
    for q in range(queues_of(t).shape[0]):
        count(queues_of(t)[q], 0, horizon)
    for p in range(people_of(t).shape[0]):
        count_deals(t, p, 0, horizon)
        person = people_of(t)[p]
        if person["serving"] >= 0:
            person["worked_us"] += person["task_us"] - person["left_us"]
            person["serving"] = state_of(t)[person["serving"]]["row"]
