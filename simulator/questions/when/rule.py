"""A rule in plain words for where something rare happens: a box in the space of assumptions.

PRIM (Friedman and Fisher 1999), as scenario discovery uses it (Bryant and Lempert 2010; ema-workbench, Kwakkel 2017):
from the whole space, thin slices are peeled off so that what remains holds ever more of what is looked for.
"""

import importlib.util
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.questions.frame.gaps import Space, Values
from simulator.questions.frame.shares import Share, share

if TYPE_CHECKING:
    import pandas as pd

#: A restriction that luck would explain this often is dropped (Bryant and Lempert 2010).
MOST_QUASI_P = 0.05
#: Fewer cases than this make no rule.
FEWEST_CASES = 10

#: The share of points in the box that a slice takes, and the least share of all points that the box keeps.
_PEEL, _LEAST_MASS = 0.1, 0.05


@dataclass(frozen=True)
class Restriction:
    """The part of one parameter's range that belongs to the box.

    Attributes
    ----------
    low, high : ends; None where the range is not cut.
    quasi_p_low, quasi_p_high : how likely luck alone would make the box as dense as this end does; NaN where not cut.
    """

    name: str
    low: float | None
    high: float | None
    quasi_p_low: float
    quasi_p_high: float

    def holds(self, value: float) -> bool:
        """Whether a value belongs to it."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class Rule:
    """A box, and how well it tells the cases.

    Attributes
    ----------
    restrictions : those that are not luck; none if no box is denser than the whole space.
    density : share of the points in the box that are cases, on the points it was found from and on fresh ones.
    coverage : share of the cases that are in the box, on both.
    base : share of all points that are cases, on both.
    support : share of all points that are in the box, on both.
    """

    restrictions: tuple[Restriction, ...]
    density: tuple[Share, Share]
    coverage: tuple[Share, Share]
    base: tuple[Share, Share]
    support: tuple[Share, Share]

    def holds(self, values: Values) -> bool:
        """Whether a point lies in the box."""
        return _inside(self.restrictions, values)


def is_installed() -> bool:
    """Whether there is an ema-workbench."""
    return importlib.util.find_spec("ema_workbench") is not None


def find_rule(
    space: Space,
    found_from: tuple[Sequence[Values], NDArray[np.bool_]],
    fresh: tuple[Sequence[Values], NDArray[np.bool_]],
    density: float,
) -> Rule:
    """The box that holds cases, found from some points and checked on fresh ones; each with bool[points], the cases.

    Of the boxes on PRIM's way whose density reaches ``density``, the one that covers most is taken, else the densest.
    Ends of ranges whose quasi-p-value is above 0.05 are let go, the weakest first.
    """
    points, cases = found_from
    restrictions = tuple(_restrictions(space, points, cases, density))
    inside = [
        np.array([_inside(restrictions, at) for at in points_of_part], dtype=bool)
        for points_of_part, _ in (found_from, fresh)
    ]
    hits = (cases, fresh[1])
    return Rule(
        restrictions,
        density=(share(hits[0][inside[0]]), share(hits[1][inside[1]])),
        coverage=(share(inside[0][hits[0]]), share(inside[1][hits[1]])),
        base=(share(hits[0]), share(hits[1])),
        support=(share(inside[0]), share(inside[1])),
    )


def _inside(restrictions: Sequence[Restriction], values: Values) -> bool:
    return all(restriction.holds(values[restriction.name]) for restriction in restrictions)


def _restrictions(
    space: Space, points: Sequence[Values], cases: NDArray[np.bool_], density: float
) -> list[Restriction]:
    import pandas as pd

    # Whole numbers too as floats: ends of a box lie between two of them.
    table = pd.DataFrame({parameter.name: np.array([values[parameter.name] for values in points], float)
                          for parameter in space.parameters})  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what ema-workbench could draw with other libraries
        box = _peeled(table, cases)
        taken = _without_luck(box, _best(box, density))
        limits, whole, quasi_p = box.box_lims[taken], box.box_lims[0], box.qp[taken]
    restrictions = []
    for parameter in space.parameters:
        (low, high), (least, most) = limits[parameter.name], whole[parameter.name]
        if parameter.whole:
            low, high = math.ceil(low), math.floor(high)
        if low > least or high < most:
            p_low, p_high = quasi_p[parameter.name]
            restrictions.append(
                Restriction(
                    parameter.name,
                    float(low) if low > least else None,
                    float(high) if high < most else None,
                    float(p_low) if low > least else float("nan"),
                    float(p_high) if high < most else float("nan"),
                )
            )
    return restrictions


def _peeled(table: "pd.DataFrame", cases: NDArray[np.bool_]) -> Any:
    """PRIM's way from the whole space to the densest box."""
    from ema_workbench.analysis import prim

    any_case = 0.5  # what counts as a case among 0 and 1; a box is wanted whatever its density
    search = prim.Prim(table, cases.astype(float), threshold=any_case, peel_alpha=_PEEL, mass_min=_LEAST_MASS)
    search.threshold = np.nextafter(0, 1)
    return search.find_box()


def _best(box: Any, density: float) -> int:
    """The place on the way of the box that is taken."""
    way = box.peeling_trajectory
    enough = way[way["density"] >= density]
    if len(enough):
        return int(enough.sort_values(["coverage", "res_dim"], ascending=[False, True], kind="stable").index[0])
    return int(way.sort_values(["density", "coverage"], ascending=False, kind="stable").index[0])


def _without_luck(box: Any, taken: int) -> int:
    """The place of the same box without the ends that luck would explain."""
    table = box.prim.x
    while weak := [(p, name, end) for name, both in box.qp[taken].items() for end, p in enumerate(both)
                   if p > MOST_QUASI_P]:  # fmt: skip
        _, name, end = max(weak)
        limits = box.box_lims[taken].copy()
        limits.loc[end, name] = box.box_lims[0].loc[end, name]
        inside = ((table >= limits.loc[0]) & (table <= limits.loc[1])).all(axis=1)
        box.update(limits, box.yi_initial[inside.to_numpy()])
        taken = len(box.box_lims) - 1
    return taken
