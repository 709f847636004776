"""A small market, whose buyers are drawn and told, each once for all tests."""

from functools import cache

import simulator as sim
from simulator.questions.lives.work import lives
from simulator.scenario.checked import check

SHORT = ["study=lives", "run.replications=1", "run.warm_up_days=20", "run.cohort_days=40", "run.follow_up_days=120",
         "market.inquiries_per_year=1500", "run.threads=1"]  # fmt: skip


@cache
def scenario(*more):
    return check(sim.load_scenario("baseline", [*SHORT, *more]))


@cache
def found(*more):
    return lives(scenario(*more))


def ids(result):
    return [life.buyer for life in result.lives]


@cache
def journeys():
    return sim.simulate(scenario(), "relay_race").journeys.query("in_cohort").set_index("buyer")
