"""Runs in which it is known what a team and its policies come to."""

import math

import numpy as np

from simulator.model.words import Outcome
from simulator.scenario.study import Free
from tests.results.fake_journeys import DAY, changed, fake_scenario, fake_simulate

#: Where the chance to win is greatest, among teams of about 1.21 M usd; and the best threshold.
BEST, THRESHOLD = (5, 2, 3), 0.6


def chance_to_win(organisation):
    """Of everybody alike: falls with the distance from the best team and the best threshold."""
    heads = [role.headcount for role in (organisation.roles.marketer, organisation.roles.sdr, organisation.roles.rep)]
    away = sum(abs(one - best) for one, best in zip(heads, BEST, strict=True))
    return 0.5 - 0.05 * away - 0.3 * abs(organisation.scoring.threshold - THRESHOLD)


class MadeUp:
    """Like `simulator.run.simulate`; the same buyers have the same luck in every team, unless teams are all equal.

    Attributes
    ----------
    seen : (scenario, seed, replication) of every run.
    """

    def __init__(self, equal=False, interrupt_at=None, slower=0.0):
        self.equal, self.interrupt_at, self.slower = equal, interrupt_at, slower
        self.seen = []
        self._results = {}

    def __call__(self, scenario, organisation, *, seed, replication, **how):
        self.seen.append((scenario, seed, replication))
        if len(self.seen) == self.interrupt_at:
            raise KeyboardInterrupt
        if (seed, replication) not in self._results:
            self._results[seed, replication] = fake_simulate(scenario, organisation, seed=seed, replication=replication)
        result = self._results[seed, replication]
        own = scenario.organisations[organisation]
        heads = [own.roles.marketer.headcount, own.roles.sdr.headcount, own.roles.rep.headcount]
        history = result.report.history
        luck = np.random.default_rng([seed, replication, *(heads if self.equal else [])]).random(len(history))
        won = luck < (0.3 if self.equal else chance_to_win(own))
        days = 20 + 40 * luck + self.slower * own.roles.marketer.headcount
        return changed(
            result,
            outcome=np.where(won, Outcome.WON, Outcome.LOST),
            ended_at=history["stage_at"][:, 0] + np.rint(days * DAY).astype(np.int64),
            paid_cents=np.where(won, history["value_cents"], 0),
        )


def asked(*objectives, free=True, **settings):
    """A quick search for the only organisation's team."""
    scenario = fake_scenario("only", warm_up_days=10, follow_up_days=80, threads=1)
    scenario.market.inquiries_per_year = 400
    scenario.study.name = "mix"
    mix = scenario.study.mix
    mix.objectives = list(objectives or ("win_rate_inquiries",))
    mix.free = {"threshold": Free("scoring.threshold", 0.3, 1.0)} if free else {}
    values = {"trials": 40, "replications": 2, "finalists": 4, "check_replications": 5, **settings}
    for name, value in values.items():
        setattr(mix, name, value)
    return scenario


def payroll(scenario):
    """Of the only organisation, usd a year."""
    return math.fsum(
        role.headcount * role.pay_usd_per_year
        for role in (getattr(scenario.organisations["only"].roles, name) for name in ("marketer", "sdr", "rep"))
    )
