"""Little's law on a whole organisation: L = lambda W for every line and for the stock of open deals.

L comes from the integrals that the scenario's engine keeps. Lambda and W come from single waits, which nothing in an
engine adds up that way: the reference engine's desks are watched as buyers come and go, and a deal lasts from the
row of the event log that assigns an owner to the row that ends it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engines.lowering import lower
from simulator.engines.reference import Engine
from simulator.model.numerics import DAY_US, MILLISECOND_US
from simulator.model.words import Activity
from simulator.questions.limits.finding import Finding, Row, exact, verdict
from simulator.questions.limits.runs import Progress, each_run
from simulator.questions.limits.theory import little
from simulator.run import Result, simulate
from simulator.scenario.checked import Checked

#: Rows of the event log that end the ownership of a deal.
RELEASES = (Activity.WON, Activity.LOST, Activity.NO_DECISION, Activity.ELSEWHERE, Activity.RECYCLED,
            Activity.DROPPED)  # fmt: skip

OPEN_DEALS = "open deals"


@dataclass
class Stays:
    """Single stays in a line or in a stock, as they were seen: microseconds."""

    began: list[int]
    ended: list[int]
    still: set[int]

    @property
    def count(self) -> int:
        """Stays in all."""
        return len(self.began)

    def mean_length(self, horizon: int) -> float:
        """Lambda W: those who came in a unit of time, times their mean stay up to the horizon."""
        if not self.began:
            return 0.0
        inside = sum(self.ended) + horizon * len(self.still) - sum(self.began)
        return little(self.count / horizon, inside / self.count)


def watched_waits(engine: Engine) -> list[Stays]:
    """Watch the desks of an engine that has not started: the lists fill as it runs, one per line."""
    return [_watch(engine, desk) for desk in engine.desks]


def _watch(engine: Engine, desk: Any) -> Stays:
    stays = Stays([], [], set())

    def before(method: Callable[..., Any], note: Callable[[int], None]) -> Callable[..., Any]:
        def noted(account: Any, *rest: Any, **more: Any) -> Any:
            note(account.row)
            return method(account, *rest, **more)

        return noted

    def came(row: int) -> None:
        stays.began.append(int(engine.now))
        stays.still.add(row)

    def went(row: int) -> None:
        stays.ended.append(int(engine.now))
        stays.still.remove(row)

    desk.join, desk.hold, desk.leave = before(desk.join, came), before(desk.hold, went), before(desk.leave, went)
    return stays


def deals(result: Result) -> Stays:
    """The ownerships of deals, from the event log of a run that recorded touches."""
    log = result.report.log
    assert log is not None
    owned: dict[int, int] = {}
    stays = Stays([], [], set())
    order = np.isin(log["activity"], [Activity.OWNER_ASSIGNED, *RELEASES])
    for at, buyer, activity in zip(log["at"][order], log["buyer"][order], log["activity"][order], strict=True):
        if activity == Activity.OWNER_ASSIGNED:
            owned[int(buyer)] = int(at)
            stays.began.append(int(at))
        elif int(buyer) in owned:
            del owned[int(buyer)]
            stays.ended.append(int(at))
    stays.still.update(owned)
    return stays


def lengths(scenario: Checked, organisation: str, replication: int) -> dict[str, tuple[float, float, int, float]]:
    """Of each line and of the open deals: lambda W, L, who joined, and the distance that rounding leaves."""
    engine = Engine(lower(scenario, organisation, scenario.run.seed, replication))
    waits = watched_waits(engine)
    engine.run_to_end()
    result = simulate(scenario, organisation, replication=replication, record="touches")
    report, horizon = result.report, scenario.horizon_days() * DAY_US
    stocks = dict(zip(result.queues["queue"], waits, strict=True))
    areas = dict(zip(result.queues["queue"], report.queues["area_ms"].tolist(), strict=True))
    stocks[OPEN_DEALS], areas[OPEN_DEALS] = deals(result), int(report.people["deal_area_ms"].sum())
    return {
        name: (
            stays.mean_length(horizon),
            areas[name] * MILLISECOND_US / horizon,
            stays.count,
            (stays.count + 1) * MILLISECOND_US / horizon,
        )
        for name, stays in stocks.items()
    }


def little_limit(scenario: Checked, progress: Progress | None = None) -> Finding:
    """L beside lambda W for everything in which buyers wait or stay."""
    runs_by_name = each_run(scenario, lengths, progress)
    rows: list[Row] = []
    stays = 0
    for name, runs in runs_by_name.items():
        for stock in runs[0]:
            theory, simulated, joined, bounds = zip(*(run[stock] for run in runs), strict=True)
            stays += sum(joined)
            if sum(joined):
                quantity = stock if stock == OPEN_DEALS else f"waiting, {stock}"
                rows.append(exact(name, quantity, "buyers", _mean(theory), _mean(simulated), _mean(bounds)))
    sentence = f"L = lambda W for {len(rows)} lines and stocks, over {stays:,} single stays: {verdict(rows)}."
    return Finding(scenario, tuple(rows), sentence)


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)
