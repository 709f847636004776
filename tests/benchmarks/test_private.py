"""What the benchmark counts as private, against the event log of the other engine."""

import numpy as np

import simulator as sim
from benchmarks.engines import grown
from benchmarks.private import ASKING, MAIL, PRIVATE, kinds
from simulator.engines.compiled.loop import run
from simulator.engines.lowering import lower
from simulator.model.words import Activity, Role
from simulator.scenario.checked import check


def test_events_are_counted_once_each() -> None:
    scenario = check(sim.load_scenario("baseline"))
    setup = lower(grown(scenario, "relay_race", 600), "relay_race", 3, 0)
    found, events = kinds(setup)
    report = run(setup, record=True)
    assert events == report.events
    assert report.log is not None
    logged = [int((report.log["activity"] == activity).sum()) for activity in Activity]
    assert found[ASKING] == logged[Activity.HAND_RAISE] > 20
    # A mail whose reader just gave up is an event without a row.
    mails = logged[Activity.MAIL_OPENED] + logged[Activity.MAIL_UNOPENED]
    assert mails <= found[MAIL] < mails + 5
    # Lines of one's own and of pools, but for the line in which leads wait for an owner; tasks at hand are not done.
    taken = int(np.delete(report.queues["served"], Role.REP).sum())
    assert events - found.total() == len(report.reviews) + taken - int((report.people["serving"] >= 0).sum())
    assert 0.5 * events < sum(found[kind] for kind in PRIVATE) < events
