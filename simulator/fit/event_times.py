"""What became of an export's leads, of the real ones and of the simulated ones in the same form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.model.words import Outcome
from simulator.results.crm_export import NEVER, closings

if TYPE_CHECKING:
    from simulator.engines.lowering import Arrivals
    from simulator.leads.funnel import Funnel

Times = NDArray[np.int64]

#: Stages of the waterfall whose dates an export may hold, after the inquiry.
STAGES = ("mql", "sal", "sql", "opportunity")


@dataclass(frozen=True)
class EventTimes:
    """Moments by lead, in the order of the stream: int64[leads], microseconds since its first Monday, `NEVER` if none.

    Attributes
    ----------
    won, lost : when the lead was won, when its deal was lost or given up.
    contact : when a person first reached it.
    entered : when it entered each of ``STAGES``.
    """

    won: Times
    lost: Times
    contact: Times
    entered: Mapping[str, Times] = field(default_factory=dict)


def event_times_of_funnel(funnel: "Funnel", arrivals: "Arrivals") -> EventTimes:
    """Of the leads of an export, as it shows them."""
    row = {name: place for place, name in enumerate(arrivals.ids)}
    monday = np.datetime64(arrivals.first_day, "us")

    def placed(names: Any, moments: Any) -> Times:
        times = np.full(len(row), NEVER)
        at = np.asarray(moments, "datetime64[us]")
        known = ~np.isnat(at)
        rows = np.array([row[name] for name in np.asarray(names)[known]], np.int64)
        times[rows] = (at[known] - monday).astype(np.int64)
        return times

    leads, stages = funnel.leads, funnel.stages
    outcome = leads["outcome"].to_numpy()
    won, lost = (leads["ended"].where(outcome == word) for word in ("won", "lost"))
    ids = leads["lead_id"].to_numpy()
    entered = {}
    for name in STAGES:
        mine = stages[stages["stage"] == name].drop_duplicates("lead_id")  # by `entered`: the first time
        if len(mine):
            entered[name] = placed(mine["lead_id"], mine["entered"])
    return EventTimes(placed(ids, won), placed(ids, lost), placed(ids, leads["first_contact"]), entered)


def event_times_of_run(result: Any, until_us: int) -> EventTimes:
    """Of a run's buyers as the organisation's CRM would show them at an instant.

    Rows of the run are the leads of its stream, all of whom must have come before the instant.
    """
    history, rows = result.report.history, result.report.rows

    def moment(name: str) -> Times:
        at = history[name]
        return np.where((at >= 0) & (at < until_us), at, NEVER)

    opportunity = moment("opportunity_at")
    closed, outcome, lost = closings(history, opportunity, moment("released_at"), moment("ended_at"))
    won = np.where(outcome == Outcome.WON, closed, NEVER)
    lost = np.where(won < NEVER, NEVER, np.where(opportunity < NEVER, lost, NEVER))
    entered = {name: opportunity if name == "opportunity" else moment(f"{name}_at") for name in STAGES}

    def of_leads(at: Times) -> Times:
        times = np.full(len(result.setup.arrivals.at_us), NEVER)
        times[rows] = at
        return times

    return EventTimes(
        of_leads(won), of_leads(lost), of_leads(moment("first_contact_at")),
        {name: of_leads(at) for name, at in entered.items()},
    )  # fmt: skip
