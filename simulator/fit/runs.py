"""Runs of parameter sets: each replays the export's leads, and leaves a row of numbers.

Rows are kept as they come, in the order of their jobs, so that a fit that was stopped goes on where it stopped: a file
for each kind of rows, to which whole rows of numbers are appended, each behind its point. A row that was not written to
its end is none. Nor is one of another point: where there is time for more sets of the prior, other sets are likely.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.engines.lowering import Arrivals
from simulator.fit.lead_stream import LeadStream
from simulator.fit.prior import Prior
from simulator.questions.frame.runs import Simulate, threads_of
from simulator.questions.frame.workers import in_order
from simulator.results.folder import writing
from simulator.scenario.checked import Checked
from simulator.scenario.schema import ScenarioError

Rows = NDArray[np.float64]
#: Called with the parameter sets that were run since the last call.
Tell = Callable[[int], None]

#: Runs that are made even if time is over, so that going on again and again comes to an end.
_AT_LEAST = 16
_KEY, _ENDING = "fit.json", ".rows"


class RunStore:
    """Rows of numbers in a folder, by the name of their kind; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, key: Mapping[str, Any]) -> None:
        self._folder = folder
        if folder is None:
            return
        file, text = folder / _KEY, json.dumps(dict(key), sort_keys=True, indent=1)
        if file.is_file() and file.read_text(encoding="utf-8") != text:
            raise ScenarioError(
                f"{folder.parent} was begun with other settings, another export or another version of the model: begin "
                "anew in a new folder"
            )
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            os.replace(part, file)

    def rows(self, kind: str, width: int) -> Rows:
        """float64[rows, width] kept so far."""
        file = self._file(kind)
        if file is None or not file.is_file():
            return np.empty((0, width))
        numbers = np.fromfile(file)
        return numbers[: len(numbers) // width * width].reshape(-1, width)

    @contextlib.contextmanager
    def appending(self, kind: str, width: int, after: int) -> Any:
        """What appends a row after the first rows of the file; others go."""
        file = self._file(kind)
        if file is None:
            yield lambda row: None
            return
        with writing(file), file.open("ab", buffering=0) as stream:
            stream.truncate(after * 8 * width)
            stream.seek(0, os.SEEK_END)
            yield lambda row: stream.write(np.asarray(row, np.float64).tobytes())

    def _file(self, kind: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{kind}{_ENDING}"


@dataclass
class Runs:
    """Runs parameter sets on the leads of a stream.

    Attributes
    ----------
    deadline : the clock's time after which no further set of those that may be left out is begun; None: none is.
    """

    prior: Prior
    stream: LeadStream
    kept: RunStore
    tell: Tell
    simulate: Simulate | None = None
    deadline: float | None = None

    def rows(
        self,
        kind: str,
        points: NDArray[np.float64],
        width: int,
        look: Callable[[Any], NDArray[np.float64]],
        *,
        organisation: str = "",
        first: int = 0,
        replications: int = 1,
        before: int = 0,
        may_stop: bool = False,
    ) -> Rows:
        """float64[points * replications, width]: what ``look`` makes of the runs of each point, one after the other.

        Run k of point i has the luck of replication ``first + i * replications + k``. A row is NaN if the point's
        values contradict each other; there are fewer points if time is over. ``before`` rows of this kind belong to
        others.
        """
        jobs, size = range(len(points) * replications), points.shape[1]
        kept = self.kept.rows(kind, size + width)[before : before + len(jobs)]
        theirs = (kept[:, :size] != np.repeat(points, replications, axis=0)[: len(kept)]).any(axis=1)
        numbers = [*kept[: np.argmax(theirs) if theirs.any() else len(kept), size:]]
        begun = len(numbers)
        self.tell(begun // replications)

        def job(number: int) -> NDArray[np.float64] | None:
            over = self.deadline is not None and time.monotonic() > self.deadline
            if may_stop and over and number >= begun + _AT_LEAST:
                return None
            values = self.prior.values(points[number // replications])
            try:
                return look(self.run(values, first + number, organisation))
            except ScenarioError:  # values that contradict each other
                return np.full(width, np.nan)

        todo = jobs[len(numbers) :]
        if not todo:
            return np.array(numbers).reshape(-1, width)
        run = self.prior.scenario.run
        with (
            self.kept.appending(kind, size + width, before + len(numbers)) as keep,
            contextlib.closing(in_order(job, todo, threads_of(run))) as outcomes,
        ):
            for number, row in enumerate(outcomes, start=len(numbers)):
                if row is None:
                    break
                keep(np.concatenate([points[number // replications], row]))
                numbers.append(row)
                if (number + 1) % replications == 0:
                    self.tell(1)
        return np.array(numbers).reshape(-1, width)

    def run(self, values: Mapping[str, float], replication: int, organisation: str = "") -> Any:
        """One run of a parameter set."""
        return self.once(self.prior.at(values), self.stream.arrivals, replication, organisation)

    def once(self, scenario: Checked, arrivals: Arrivals | None, replication: int = 0, organisation: str = "") -> Any:
        """One run of a scenario; without ``arrivals`` its buyers are drawn."""
        name = organisation or self.prior.organisation
        how: dict[str, Any] = {
            "seed": self.prior.scenario.study.fit.seed, "replication": replication, "engine": scenario.run.engine,
            "record": "journeys", "arrivals": arrivals,
        }  # fmt: skip
        if self.simulate is not None:
            return self.simulate(scenario, name, **how)
        from simulator.run import prepare  # compiles: only when it is needed

        return prepare(scenario, name).run(**how)


def cube(points: int, dimensions: int, seed: int, low: Sequence[float] | Rows, high: Sequence[float] | Rows) -> Rows:
    """float64[points, dimensions]: a scrambled Sobol design (Owen 1998) in a box of the unit cube."""
    from scipy.stats import qmc

    whole = 1 << max(0, points - 1).bit_length()
    drawn = qmc.Sobol(dimensions, rng=seed).random(whole)[:points]
    return np.asarray(low) + np.clip(drawn, 1e-9, 1 - 1e-9) * (np.asarray(high) - np.asarray(low))
