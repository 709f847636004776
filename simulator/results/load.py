"""How many buyers wait and how busy people are, from review to review: a tidy table over replications."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.engines.review import FOR_BUYERS, OWN_WORK
from simulator.model.numerics import MILLISECOND_US
from simulator.model.words import ROLES, Role
from simulator.results.estimate import ratios_of_sums
from simulator.results.summary import DAY, ROLE_NAMES, Result

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scenario", "organisation", "start_day", "end_day", "role", "measure", "unit", "estimate", "ci_low",
           "ci_high", "replications")  # fmt: skip

#: Measure -> unit. ``waiting``: buyers who wait for people of this role, on average over the period; for reps those
#: who wait for an owner, and those whose owner serves another. ``waiting_for_owner``: the former alone.
#: ``occupancy``: hours on buyers by the hours that people have for buyers. ``utilisation``: hours on buyers and on own
#: work by paid hours, as in the metrics.
MEASURES = {"waiting": "buyers", "waiting_for_owner": "buyers", "occupancy": "share", "utilisation": "share"}


@dataclass(frozen=True)
class PeriodLoad:
    """What one run's people had to do between its reviews.

    Attributes
    ----------
    edges : int64[periods + 1], microseconds: the start, every review, the end of follow-up.
    tops, bottoms : by (role, measure), float64[periods]: a measure is the one by the other; the lines' in buyer
        milliseconds and milliseconds, people's in microseconds.
    """

    edges: NDArray[np.int64]
    tops: Mapping[tuple[Role, str], NDArray[np.float64]]
    bottoms: Mapping[tuple[Role, str], NDArray[np.float64]]


def period_load(result: Result) -> PeriodLoad:
    """The load of one run, period by period; roles that nobody has are left out."""
    setup, report = result.setup, result.report
    edges = np.concatenate([[0], report.reviews[:, 0], [int(setup.rules.horizon_us)]])
    so_far = report.load
    pools = np.arange(so_far.shape[1])
    size = np.bincount(setup.person_team * ROLES + setup.person_role, minlength=len(pools))
    line_ms, named_ms, worked = (_each_period(so_far[name]) for name in ("line_ms", "named_ms", "worked_us"))
    hours = _each_period(so_far["hours_us"]) * size[:, None]
    length_ms = np.diff(edges // MILLISECOND_US).astype(np.float64)
    tops: dict[tuple[Role, str], NDArray[np.float64]] = {}
    bottoms: dict[tuple[Role, str], NDArray[np.float64]] = {}
    for role in Role:
        own = pools[role::ROLES]
        if not size[own].sum():
            continue
        on_buyers, paid = worked[:, own].sum(axis=1), hours[:, own].sum(axis=1)
        found = {
            "waiting": ((line_ms + named_ms)[:, own].sum(axis=1), length_ms),
            "occupancy": (on_buyers, paid[:, FOR_BUYERS]),
            "utilisation": (on_buyers + paid[:, OWN_WORK], paid.sum(axis=1)),
        }
        if role == Role.REP:
            found["waiting_for_owner"] = (line_ms[:, own].sum(axis=1), length_ms)
        for measure in MEASURES.keys() & found.keys():
            top, bottom = found[measure]
            tops[role, measure], bottoms[role, measure] = top.astype(np.float64), bottom.astype(np.float64)
    return PeriodLoad(edges, tops, bottoms)


def load_table(scenario: str, loads: Mapping[str, Sequence[PeriodLoad]]) -> "pd.DataFrame":
    """Every measure of every role, period and organisation over replications, with 95% intervals.

    ``loads`` holds those of each organisation in the order of replications. Periods run from review to review, in days
    since the start of the run; the last one ends with follow-up and may be shorter.
    """
    import pandas as pd

    rows = []
    for organisation, runs in loads.items():
        days = runs[0].edges / DAY
        for role in Role:
            for measure, unit in MEASURES.items():
                if (role, measure) not in runs[0].tops:
                    continue
                tops, bottoms = (
                    np.array([of[role, measure] for of in ofs]).T
                    for ofs in ([run.tops for run in runs], [run.bottoms for run in runs])
                )
                rows += [
                    (scenario, organisation, start, end, ROLE_NAMES[role], measure, unit, one.value, *one.interval,
                     len(runs))
                    for start, end, one in zip(days[:-1], days[1:], ratios_of_sums(tops, bottoms), strict=True)
                ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _each_period(so_far: NDArray[np.int64]) -> NDArray[np.int64]:
    """What came in each period, from what there was up to the end of each."""
    return np.diff(so_far, axis=0, prepend=np.zeros_like(so_far[:1]))
