"""One mechanism of buyers alone, on the plain organisation: runs, and what became of each buyer."""

from typing import Any

import numpy as np

import simulator as sim
from simulator.model.randomness import base_of_account, uniform
from simulator.model.words import Activity, Decision, Outcome
from tests.engines.arms import lived
from tests.engines.storms import of_segments, rows

READS = (Activity.READ_OURS, Activity.READ_THIRD_PARTY, Activity.READ_RIVAL)
ERRORS = 5.0


def on(*mechanisms: str, seed: int = 7, **values: Any) -> sim.Result:
    """The plain organisation with these mechanisms, and values by path with ``__`` for a dot."""
    switches = {f"mechanisms.{name}": True for name in mechanisms}
    return lived({**switches, **{path.replace("__", "."): value for path, value in values.items()}}, seed=seed)


def history(result: sim.Result) -> Any:
    return result.report.history


def count(result: sim.Result, outcome: Outcome) -> int:
    return int(np.sum(history(result)["outcome"] == outcome))


def lucks(result: sim.Result, decision: Decision) -> np.ndarray:
    """Of each buyer: its number for something that is fixed at arrival."""
    setup = result.setup
    bases = [base_of_account(setup.key, setup.arrivals.identity(int(row))) for row in result.report.rows]
    return np.array([uniform(setup.key, base, 0, int(decision), 0) for base in bases])


def by_buyer(result: sim.Result, *activities: Activity) -> list[np.ndarray]:
    """When each buyer had such rows of the log."""
    table = rows(result, *activities)
    table = table[np.argsort(table["buyer"], kind="stable")]
    return np.split(table["at"], np.searchsorted(table["buyer"], np.arange(1, len(history(result)))))


def within(found: float, n: int, chance: float) -> bool:
    return bool(abs(found - n * chance) <= ERRORS * np.sqrt(n * chance * (1 - chance)))


def patient(days: float) -> dict[str, float]:
    return {path.replace(".", "__"): value for path, value in of_segments(patience_median_days=days).items()}
