"""Which events are private: how many a run could take in any order, several buyers at a time.

    python -m benchmarks private [--buyers N]

An event is private and free when nobody has to do with the buyer and nothing shared is read or written: its own step,
or a mail that comes by itself. The reference engine counts, event by event. A private step may still ask for a person
at its end; such steps are shown too, as what a buyer does next is shared then.
"""

from collections import Counter
from typing import Any
from unittest import mock

import simulator as sim
from benchmarks.engines import SEED, grown
from benchmarks.measuring import show
from simulator.engines.lowering import Setup, lower
from simulator.engines.reference import Engine
from simulator.engines.reference.account import Account
from simulator.model.words import Attention, Duty
from simulator.scenario.checked import check

SCENARIOS = ("core_journey", "baseline", "transactional", "enterprise")
BUYERS = 5_000

STEP, ASKING, MAIL = "step", "asks", "mail"
IN_LINE, DUTY, PEOPLE = "step in line", "duty", "people"
#: What is private and free, in the order shown.
PRIVATE = (STEP, ASKING, MAIL)


def kinds(setup: Setup) -> tuple[Counter[str], int]:
    """How often each kind of event of a buyer happens in a run, and all events, those of people and reviews too."""
    found: Counter[str] = Counter()
    step, duty = Account.on_step, Account.on_duty

    def on_step(account: Any) -> None:
        free, asked = account.b["attention"] == Attention.FREE, account.b["request_no"]
        step(account)
        found[(ASKING if account.b["request_no"] > asked else STEP) if free else IN_LINE] += 1

    def on_duty(account: Any) -> None:
        found[MAIL if account.b["duty"] == Duty.NURTURE else DUTY] += 1
        duty(account)

    with mock.patch.multiple(Account, on_step=on_step, on_duty=on_duty):
        events = Engine(setup).run_to_end().events
    return found, events


def main(buyers: int | None = None, runs: int = 1) -> None:
    """``runs`` is not used: a count is the same each time."""
    rows = []
    for name in SCENARIOS:
        scenario = check(sim.load_scenario(name))
        organisation = scenario.compared()[0]
        setup = lower(grown(scenario, organisation, buyers or BUYERS), organisation, SEED, 0)
        found, events = kinds(setup)
        rows.append(
            {
                "scenario": name,
                "events": events,
                **{kind: 100.0 * found[kind] / events for kind in (*PRIVATE, IN_LINE, DUTY)},
                PEOPLE: 100.0 * (events - found.total()) / events,
                "private": 100.0 * sum(found[kind] for kind in PRIVATE) / events,
            }
        )
    show(
        "private",
        f"Private events, % of all: the first organisation of each scenario, seed {SEED}",
        rows,
        [
            "private: step, asks (a step at which the buyer asks for a person) and mail, while nobody serves it.",
            "Not private: steps while it waits in a line or is served, our duties, people's tasks and reviews.",
        ],
    )
