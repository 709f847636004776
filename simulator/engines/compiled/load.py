"""What every pool has had to do so far, written down at each review and at the end; compiled."""

from simulator.engines.compiled.memory import hours_of, load_of, people_of, person_role_of, person_team_of, queues_of
from simulator.engines.review import TIMES
from simulator.model.compiling import compiled
from simulator.model.numerics import MILLISECOND_US
from simulator.model.words import ROLES


@compiled
def note_load(t, rules, row, now):
    """Row ``row`` of the load. Lines' integrals are brought up to this instant here only: they stay as they are.

    What is left of every task at hand must be known for this instant.
    """
    pools, now_ms = rules.teams * ROLES, now // MILLISECOND_US
    for q in range(queues_of(t).shape[0]):
        queue = queues_of(t)[q]
        area_ms = queue["area_ms"] + queue["length"] * (now_ms - queue["changed_ms"])
        if q < pools:
            load_of(t)[row, q]["line_ms"] = area_ms
        else:
            pool = person_team_of(t)[q - pools] * ROLES + person_role_of(t)[q - pools]
            load_of(t)[row, pool]["named_ms"] += area_ms
    for p in range(people_of(t).shape[0]):
        person, pool = people_of(t)[p], person_team_of(t)[p] * ROLES + person_role_of(t)[p]
        load_of(t)[row, pool]["worked_us"] += person["worked_us"]
        if person["serving"] >= 0:
            load_of(t)[row, pool]["worked_us"] += person["task_us"] - person["left_us"]
    for pool in range(pools):
        for kind in range(TIMES):
            load_of(t)[row, pool]["hours_us"][kind] = hours_of(t)[pool, kind]
