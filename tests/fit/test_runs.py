"""Runs that are kept: going on gives what one go gives, and what does not belong to the question is not taken."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simulator.fit import runs as module
from simulator.fit.runs import Runs, RunStore, cube
from simulator.scenario.schema import ScenarioError

POINTS = np.array([[0.1, 0.7], [0.5, 0.2], [0.3, 0.3], [0.9, 0.4], [0.6, 0.6]])
WIDTH = 3


class Model:
    """Stands for the simulator: a run is its values and its luck; some values contradict each other."""

    def __init__(self, threads: int = 1, contradicting: float = -1.0, breaks_at: int | None = None) -> None:
        self.ran: list[tuple[float, int, str, int]] = []
        self.contradicting, self.breaks_at, self._lock = contradicting, breaks_at, threading.Lock()
        run = SimpleNamespace(threads=threads, engine="compiled")
        question = SimpleNamespace(run=run, study=SimpleNamespace(fit=SimpleNamespace(seed=77)))
        self.prior: Any = SimpleNamespace(scenario=question, organisation="ours", values=self._values, at=self._at)
        self.stream: Any = SimpleNamespace(arrivals="the leads")

    def _values(self, point: np.ndarray) -> dict[str, float]:
        return {"a": float(point[0]), "b": float(point[1])}

    def _at(self, values: dict[str, float]) -> Any:
        return SimpleNamespace(values=values, run=self.prior.scenario.run)

    def simulate(self, scenario: Any, name: str, **how: Any) -> Any:
        assert how["arrivals"] == "the leads" and how["record"] == "journeys" and how["engine"] == "compiled"
        values, replication = scenario.values, how["replication"]
        with self._lock:
            self.ran.append((values["a"], replication, name, how["seed"]))
            if self.breaks_at is not None and len(self.ran) > self.breaks_at:
                raise KeyboardInterrupt
        if values["a"] == self.contradicting:
            raise ScenarioError("market.trust.low must not be above high")
        luck = np.random.default_rng([how["seed"], replication]).random()
        return values["a"], values["b"], luck

    def runs(self, folder: Path | None, key: Any = "the question", tell: Any = None, deadline: Any = None) -> Runs:
        kept = RunStore(folder, {"settings": key})
        return Runs(self.prior, self.stream, kept, tell or (lambda _: None), self.simulate, deadline)


def look(result: Any) -> np.ndarray:
    a, b, luck = result
    return np.array([a + 10 * b, luck, 1 / 3 + luck])


def expected(points: np.ndarray, first: int, replications: int) -> np.ndarray:
    rows = []
    for place, (a, b) in enumerate(points):
        for run in range(replications):
            luck = np.random.default_rng([77, first + place * replications + run]).random()
            rows.append([a + 10 * b, luck, 1 / 3 + luck])
    return np.array(rows)


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_stand_in_the_order_of_points_and_of_their_replications(threads: int, tmp_path: Path) -> None:
    for folder in (None, tmp_path / "kept"):
        model = Model(threads)
        found = model.runs(folder).rows("draws", POINTS, WIDTH, look, first=1000, replications=3)
        assert np.array_equal(found, expected(POINTS, 1000, 3))
        assert sorted(run[1] for run in model.ran) == list(range(1000, 1015))
        assert {run[2:] for run in model.ran} == {("ours", 77)}
    assert {run[2] for run in others(Model())} == {"theirs"}


def others(model: Model) -> list[tuple[float, int, str, int]]:
    model.runs(None).rows("lived", POINTS, WIDTH, look, organisation="theirs")
    return model.ran


@pytest.mark.parametrize("torn", [0, 1, 13, 8 * (WIDTH + 2) - 1])
def test_going_on_gives_the_same_bits_as_one_go_and_runs_nothing_twice(torn: int, tmp_path: Path) -> None:
    """Also where the last row was not written to its end."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    everything = Model().runs(whole).rows("prior", POINTS, WIDTH, look, replications=2)
    with pytest.raises(KeyboardInterrupt):
        Model(breaks_at=5).runs(broken).rows("prior", POINTS, WIDTH, look, replications=2)
    (file,) = broken.glob("*.rows")
    size = file.stat().st_size
    assert 0 < size < (whole / file.name).stat().st_size
    with file.open("r+b") as stream:
        stream.truncate(size - torn)
    told: list[int] = []
    model = Model()
    again = model.runs(broken, tell=told.append).rows("prior", POINTS, WIDTH, look, replications=2)
    assert again.tobytes() == everything.tobytes()
    kept = 5 - (torn > 0)
    assert [run[1] for run in model.ran] == list(range(kept, 10)), "only what was not there"
    assert sum(told) == len(POINTS)
    assert file.read_bytes() == (whole / file.name).read_bytes()
    idle = Model()
    third = idle.runs(broken).rows("prior", POINTS, WIDTH, look, replications=2)
    assert third.tobytes() == everything.tobytes() and not idle.ran


def test_rows_of_other_points_are_not_taken_for_these(tmp_path: Path) -> None:
    """More sets of the prior leave other likely sets; what was run of the old ones is of no use."""
    folder = tmp_path / "kept"
    Model().runs(folder).rows("draws", POINTS, WIDTH, look, replications=2)
    changed = POINTS.copy()
    changed[2] = [0.11, 0.22]
    model = Model()
    found = model.runs(folder).rows("draws", changed, WIDTH, look, replications=2)
    assert np.array_equal(found, expected(changed, 0, 2))
    assert [run[1] for run in model.ran] == [4, 5, 6, 7, 8, 9], "the ones before are the same"
    idle = Model()
    assert np.array_equal(idle.runs(folder).rows("draws", changed, WIDTH, look, replications=2), found)
    assert not idle.ran


def test_rows_of_several_searches_of_one_kind_lie_one_after_the_other(tmp_path: Path) -> None:
    """As the trials of the search do: each asks for its own point, and knows how many rows are before it."""

    def trials(model: Model, count: int) -> list[np.ndarray]:
        mine = model.runs(tmp_path / "kept")
        return [
            mine.rows("best", POINTS[[place]], WIDTH, look, first=50, replications=2, before=2 * place)
            for place in range(count)
        ]

    first = trials(Model(), 3)
    model = Model()
    again = trials(model, 5)
    assert all(np.array_equal(one, expected(POINTS[[place]], 50, 2)) for place, one in enumerate(again))
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=False))
    assert [run[0] for run in model.ran] == [0.9, 0.9, 0.6, 0.6]


def test_other_settings_are_refused_in_one_line_and_leave_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "unfinished"
    Model().runs(folder).rows("prior", POINTS, WIDTH, look)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(ScenarioError) as refused:
        Model().runs(folder, key="another question")
    said = str(refused.value)
    assert said.startswith(f"{folder.parent} was begun with other settings, another export or another version")
    assert "\n" not in said
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    Model().runs(folder)


def test_a_deadline_stops_only_what_may_stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(module, "_AT_LEAST", 0)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    model = Model()
    runs = model.runs(tmp_path / "kept", deadline=2.5)
    found = runs.rows("prior", POINTS, WIDTH, look, may_stop=True)
    assert np.array_equal(found, expected(POINTS[:3], 0, 1)), "0, 1 and 2 are in time"
    assert np.array_equal(runs.rows("draws", POINTS, WIDTH, look), expected(POINTS, 0, 1))
    assert len(runs.rows("box", POINTS, WIDTH, look, may_stop=True)) == 0
    # later there is time for the others
    more = Model().runs(tmp_path / "kept").rows("prior", POINTS, WIDTH, look, may_stop=True)
    assert np.array_equal(more, expected(POINTS, 0, 1))


def test_time_that_is_over_still_lets_some_runs_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So that going on again and again comes to an end."""
    monkeypatch.setattr(module, "_AT_LEAST", 2)
    done = [len(Model().runs(tmp_path / "kept", deadline=0.0).rows("prior", POINTS, WIDTH, look, may_stop=True))
            for _ in range(3)]  # fmt: skip
    assert done == [2, 4, len(POINTS)] and len(POINTS) == 5


def test_values_that_contradict_each_other_are_a_row_of_nothing(tmp_path: Path) -> None:
    for folder in (None, tmp_path / "kept", tmp_path / "kept"):
        found = Model(contradicting=0.3).runs(folder).rows("prior", POINTS, WIDTH, look)
        assert np.isnan(found[2]).all()
        others = [0, 1, 3, 4]
        assert np.array_equal(found[others], expected(POINTS, 0, 1)[others])


def test_a_design_is_even_in_its_box_and_the_same_for_the_same_seed() -> None:
    low, high = np.array([0.2, 0.0, 0.7]), np.array([0.4, 1.0, 0.75])
    points = cube(64, 3, 5, low, high)
    assert (points > low).all() and (points < high).all()
    units = (points - low) / (high - low)
    for place in range(3):  # one point in each of 64 equal parts, as no even luck would have it
        assert sorted(np.floor(units[:, place] * 64).astype(int)) == list(range(64))
    for one, other in ((0, 1), (0, 2), (1, 2)):  # and one in each cell of some grid of 64, here 8 x 8 within two
        cells = np.bincount((np.floor(units[:, one] * 8) * 8 + np.floor(units[:, other] * 8)).astype(int), minlength=64)
        assert cells.max() <= 2
    assert np.array_equal(points, cube(64, 3, 5, low, high))
    assert not np.array_equal(points, cube(64, 3, 6, low, high))
    assert np.array_equal(cube(50, 3, 5, low, high), points[:50]), "of a design that is not whole the first"
    assert len(cube(1, 3, 5, low, high)) == 1
