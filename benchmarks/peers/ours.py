"""The compiled engine's run, told in the words of the peers."""

import numpy as np

from benchmarks.peers.core import Outcomes, mean
from simulator.engines.lowering import Setup
from simulator.engines.report import EngineReport
from simulator.model.numerics import DAY_US, HOUR_US, MILLISECOND_US
from simulator.model.records import TOUCH_OURS, TOUCH_PERSON, TOUCH_RIVAL, TOUCH_THIRD_PARTY
from simulator.model.words import ROLES, Outcome, Role


def outcomes_of(setup: Setup, report: EngineReport) -> Outcomes:
    """Outcomes of all buyers who arrived; the SDRs are the pool of reps."""
    history, queue = report.history, report.queues[int(Role.SDR)]
    ends = np.bincount(history["outcome"], minlength=len(Outcome))
    won = history["outcome"] == Outcome.WON
    touches = history["touches"].sum(axis=0)
    pool = report.people[setup.person_role == Role.SDR]
    buyers = len(history)
    return Outcomes(
        won=int(ends[Outcome.WON]),
        lost=int(ends[Outcome.LOST]),
        no_decision=int(ends[Outcome.NO_DECISION]),
        open=int(ends[Outcome.OPEN]),
        ours=mean(int(touches[TOUCH_OURS]), buyers),
        third_party=mean(int(touches[TOUCH_THIRD_PARTY]), buyers),
        rival=mean(int(touches[TOUCH_RIVAL]), buyers),
        person=mean(int(touches[TOUCH_PERSON : TOUCH_PERSON + ROLES].sum()), buyers),
        days_to_win=mean(float((history["ended_at"] - history["arrived_at"])[won].sum()) / DAY_US, int(won.sum())),
        wait_hours=mean(float(queue["wait_ms"]) * MILLISECOND_US / HOUR_US, int(queue["served"])),
        utilisation=float(pool["worked_us"].sum()) / (len(pool) * int(setup.rules.horizon_us)),
        steps=report.events,
    )
