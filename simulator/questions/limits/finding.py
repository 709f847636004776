"""What a limit found: rows of theory beside simulation, and how far apart chance alone may bring them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from simulator.scenario.checked import Checked

#: A simulated value agrees with theory unless chance alone would part them further only this often: by Student's t,
#: 3.9 standard errors with many replications, 4.9 with 20, 6.0 with 12.
BY_CHANCE = 1e-4
_CONFIDENCE = 0.95

COLUMNS = (
    "limit", "organisation", "quantity", "unit", "theory", "simulated", "ci_low", "ci_high", "bound", "agrees",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One quantity: what theory says and what came out.

    Attributes
    ----------
    bound : largest distance that counts as agreement; NaN if one replication leaves none to state.
    """

    organisation: str
    quantity: str
    unit: str
    theory: float
    simulated: float
    ci_low: float
    ci_high: float
    bound: float

    @property
    def agrees(self) -> bool | None:
        """Whether both lie within the bound; None if there is no bound."""
        if math.isnan(self.bound):
            return None
        return bool(abs(self.simulated - self.theory) <= self.bound)

    @property
    def is_estimate(self) -> bool:
        """Whether chance is in it, so that the interval counts; else it is exact up to its bound."""
        return not math.isnan(self.ci_low)


@dataclass(frozen=True)
class Finding:
    """A limit's rows, one sentence that says what they show, and what the reader must know besides."""

    scenario: Checked
    rows: tuple[Row, ...]
    sentence: str
    notes: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether no row contradicts the theory."""
        return all(row.agrees is not False for row in self.rows)

    def row(self, organisation: str, quantity: str) -> Row:
        """One row by its organisation and quantity."""
        return next(row for row in self.rows if (row.organisation, row.quantity) == (organisation, quantity))

    def table(self) -> pd.DataFrame:
        """One line a row, as ``limit.csv`` has it."""
        lines = [{**vars(row), "limit": self.scenario.limit, "agrees": row.agrees} for row in self.rows]
        return pd.DataFrame(lines, columns=list(COLUMNS))


def estimated(
    organisation: str, quantity: str, unit: str, theory: float, values: Sequence[float] | np.ndarray,
    resolution: float = 0.0,
) -> Row:  # fmt: skip
    """A row whose simulated value is a mean over replications, with its t interval.

    ``resolution`` is a distance that counts as agreement even if all replications say the same.
    """
    sample = np.asarray(values, float)
    mean, count = float(sample.mean()), len(sample)
    if count < 2:
        return Row(organisation, quantity, unit, theory, mean, math.nan, math.nan, math.nan)
    error = float(sample.std(ddof=1)) / math.sqrt(count)
    half, bound = (float(stats.t.ppf(1 - p / 2, count - 1)) * error for p in (1 - _CONFIDENCE, BY_CHANCE))
    return Row(organisation, quantity, unit, theory, mean, mean - half, mean + half, max(bound, resolution))


def estimated_share(
    organisation: str, quantity: str, theory: float, values: Sequence[float] | np.ndarray, counted: float | np.ndarray
) -> Row:
    """The same of a share of all that were counted, n in all replications.

    3 / n counts as agreement: what happens less often is missed by all of them in one of twenty experiments.
    """
    return estimated(organisation, quantity, "share", theory, values, 3.0 / max(1.0, float(np.sum(counted))))


def exact(organisation: str, quantity: str, unit: str, theory: float, simulated: float, bound: float = 0.0) -> Row:
    """A row in which there is no chance: both sides must be equal, up to the bound that rounding leaves."""
    return Row(organisation, quantity, unit, theory, simulated, math.nan, math.nan, bound)


def verdict(rows: Sequence[Row]) -> str:
    """How many rows agree, in words."""
    if not rows:
        return "there is nothing to compare"
    wrong = [row for row in rows if row.agrees is False]
    if wrong:
        return f"{len(wrong)} of {len(rows)} rows DISAGREE with the theory"
    if any(row.agrees is None for row in rows):
        return "one replication cannot say how far chance reaches: set run.replications to 2 or more"
    return f"all {len(rows)} rows agree with the theory" if len(rows) > 1 else "theory and simulation agree"
