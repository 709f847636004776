"""Exports that the simulator made of known parameters, in files as a CRM would leave them."""

import copy
import datetime
import functools
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from simulator.engines.lowering.arrivals import arrivals_of
from simulator.fit.prior import prior_of
from simulator.leads.replay import lead_table
from simulator.results.crm_export import crm_tables
from simulator.run import prepare
from simulator.scenario.checked import check
from simulator.scenario.composing import load_scenario
from simulator.scenario.market import Channel
from simulator.scenario.paths import value_at
from simulator.scenario.study import Free
from tests.editing import set_at

#: What moves; rivals are off, so that their gain can change nothing: unidentifiable by construction. Everybody has a
#: project, so that few leads have many wins.
FREE = {
    "ready_share": Free("market.journey.ready_share", 0, 0.8),
    "step_days": Free("market.journey.step_days", 0.5, 8, True),
    "accept_threshold": Free("organisations.*.sales.accept_threshold", 0.1, 1.1),
    "pickup": Free("organisations.fitted.handoff.pickup_hours", 0.5, 80, True),
    "rivals_gain": Free("market.rivals.gain", 0.01, 0.15, True),
}
UNTOLD_BY_CONSTRUCTION = "rivals_gain"
CHANNELS = {"search": 0.5, "social": 0.3, "mail": 0.2}
LEADS, DAYS, KNOWN_FOR_DAYS = 900, 150, 300
FIRST_DAY = datetime.date(2024, 1, 1)
QUICK = ("study.fit.rounds=0", "study.fit.trials=6", "study.fit.replications=2", "study.fit.draws=10")
#: Luck of the exports, which no fit has.
_SEED = 999


@functools.cache
def stream():
    """The leads: who comes when, through which channel."""
    rng = np.random.default_rng(5)
    days = np.sort(rng.integers(0, DAYS, LEADS))
    channels = rng.choice(list(CHANNELS), LEADS, p=list(CHANNELS.values()))
    dates = np.datetime64(FIRST_DAY, "us") + days.astype("timedelta64[D]")
    only_days = np.zeros(LEADS, bool)
    return arrivals_of(lead_table([f"L{number}" for number in range(LEADS)], dates, only_days, list(channels)))


@functools.cache
def _composed():
    return load_scenario(
        "replay",
        ["study=calibrate", "crm=simulator", "mechanisms.rivals=false", "mechanisms.projects=false",
         "market.journey.ready_knowledge=0.65", "compare.organisations=[relay_race]", "study.fit.weeks=0",
         "study.fit.channel_leads=100"],
    )  # fmt: skip


def scenario(*overrides):
    """A small team that works the leads; ``overrides`` set keys of ``crm`` and ``study.fit`` without composing anew."""
    made = copy.deepcopy(_composed())
    for key, _, value in (one.partition("=") for one in overrides):
        kept = type(value_at(made, key))
        set_at(made, key, kept(value))
    made.study.fit.free = copy.deepcopy(FREE)
    made.market.channels = {name: Channel() for name in CHANNELS}
    for organisation in made.organisations.values():
        for role, heads in (("marketer", 1), ("sdr", 2), ("rep", 2)):
            getattr(organisation.roles, role).headcount = heads
    return made


def truth(number):
    """A point of the unit cube, and the scenario with its values."""
    given = scenario("crm.leads=leads.csv", "crm.deals=deals.csv")
    prior = prior_of(check(given), SimpleNamespace(arrivals=stream(), days=lambda: KNOWN_FOR_DAYS))
    point = np.random.default_rng(100 + number).random(len(prior))
    return point, prior.at(prior.values(point))


def export(number, folder: Path):
    """The overrides that name the files of an export that a known point made, and the point."""
    point, made_of = truth(number)
    tables = crm_tables(prepare(made_of, "relay_race").run(number, _SEED, arrivals=stream()))
    mine = folder / str(number)
    mine.mkdir()
    tables.leads.to_csv(mine / "leads.csv", index=False)
    tables.deals.to_csv(mine / "deals.csv", index=False)
    last = FIRST_DAY + datetime.timedelta(days=KNOWN_FOR_DAYS - 1)
    return (f"crm.leads={mine}/leads.csv", f"crm.deals={mine}/deals.csv", f"crm.exported_at={last}"), point
