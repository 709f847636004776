"""What the tests of limits share: a scenario as shipped, made shorter, and the check of a finding."""

from collections.abc import Sequence
from functools import cache

from simulator.questions.limits.finding import Finding, Row
from simulator.questions.limits.registry import limit
from simulator.scenario.scenario import Scenario
from simulator.sweeps.points import Points


@cache
def _points(name: str) -> Points:
    return Points([f"scenario=limits/{name}"], "")


@cache
def shipped(name: str, *overrides: str) -> Scenario:
    """The shipped scenario of a limit, with overrides as on the command line; not to be changed.

    Made as a sweep makes its points, which is what composing makes (`tests/sweeps/test_points.py`), only sooner.
    """
    return _points(name).scenario(overrides)


@cache
def found(name: str, *overrides: str) -> Finding:
    """Theory beside simulation for a shipped scenario."""
    return limit(shipped(name, *overrides))


def assert_agrees(finding: Finding, within: float, quantities: Sequence[str] = ()) -> None:
    """Every row within what chance allows, those of ``quantities`` also within a share of the theory's value."""
    assert finding.rows and not finding.notes, finding.notes
    for row in finding.rows:
        assert row.agrees is True, row
        if row.quantity in quantities:
            assert abs(row.simulated - row.theory) <= within * row.theory, row


def rejects(row: Row, other_theory: float) -> bool:
    """Whether the simulation tells the theory of the row from another one."""
    return abs(row.simulated - other_theory) > row.bound
