"""What the public Python interface gives: every shipped scenario lived through once, a comparison, both engines."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import simulator
from tests.goldens.tables import column_digest, frame_text

_SCENARIOS = Path(__file__).parents[2] / "scenarios"
_SMALL = (
    "run.seed=7", "run.warm_up_days=20", "run.cohort_days=40", "run.follow_up_days=120",
    "market.inquiries_per_year=1200", "run.threads=1",
)  # fmt: skip
_FEW = "market.inquiries_per_year=200"


def texts_in_python() -> dict[str, str]:
    """File name -> text."""
    names = sorted(file.stem for file in _SCENARIOS.glob("*.yaml"))
    found = {f"{name}.txt": "".join(_journeys(name)) for name in names}
    scenario = simulator.load_scenario("baseline", [*_SMALL, "run.replications=2"])
    comparison = simulator.compare(scenario)
    found["metrics.txt"] = frame_text(comparison.metrics)
    found["differences.txt"] = frame_text(comparison.differences)
    few = simulator.load_scenario("baseline", [*_SMALL, _FEW])
    lives = simulator.simulate(few, organisation="integrated", engine="reference", record="touches")
    found["reference_engine_touches.txt"] = frame_text(lives.touches)
    return found


def _journeys(name: str) -> Iterator[str]:
    """A line a column of the journeys, with a digest for each organisation."""
    scenario = simulator.load_scenario(name, list(_SMALL))
    tables = {
        organisation: simulator.simulate(scenario, organisation=organisation).journeys
        for organisation in scenario.organisations
    }
    yield _row("", list(tables))
    yield _row("rows", [str(len(table)) for table in tables.values()])
    yield _row("won", [str(int((table["outcome"] == "won").sum())) for table in tables.values()])
    for column in next(iter(tables.values())):
        yield _row(str(column), [_digest(table, str(column)) for table in tables.values()])


def _digest(table: pd.DataFrame, column: str) -> str:
    return column_digest(table[column]) if column in table else "missing"


def _row(name: str, cells: list[str]) -> str:
    return f"{name:28}{''.join(f'{cell:>12}' for cell in cells)}\n"
